from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.quality.bench import Bench
from benchmarks.quality.strangers import _alike, _compared, _folds, _shuffled
from services.trainer.data.dataset import Dataset
from services.trainer.data.declared_features import DeclaredFeatures
from tests.trainer.datasets import dataset_of


def two_kinds() -> Dataset:
    """Young and old people, who want items of their own."""
    old = np.arange(400) % 2 == 0
    odds = np.where((np.arange(30) % 2 == 0) == old[:, None], 0.6, 0.1)
    users, items = np.nonzero(np.random.default_rng(3).random((400, 30)) < odds)
    declared = DeclaredFeatures.of(
        [{"age": "old" if is_old else "young"} for is_old in old], ("age",)
    )
    return replace(dataset_of(users, items, shape=(400, 30)), of_users=declared)


def test_everyone_is_a_stranger_once() -> None:
    everything, strangers = two_kinds(), []
    for parts in _folds(everything, np.random.default_rng(0)):
        unseen = set(parts.test.user_indices)
        assert not unseen & set(parts.train.interactions.user_indices)
        assert len(parts.test) + len(parts.train.interactions) == len(everything.interactions)
        strangers += [*unseen]
    assert sorted(strangers) == list(range(400))


def test_attributes_help_those_whose_they_are(tmp_path: Path) -> None:
    bench = Bench(tmp_path, seeds=1, threads=1)
    plain, lifted = _compared(bench, two_kinds())
    assert lifted.mean() > plain.mean() + 0.1
    plain, lifted = _compared(bench, _shuffled(two_kinds()))
    assert abs(lifted.mean() - plain.mean()) < 0.02


def test_without_lifts_all_get_one_list(tmp_path: Path) -> None:
    scorer = _alike(Bench(tmp_path, seeds=1, threads=1).popularity(two_kinds()))
    scores = scorer.score(scorer.vectors(np.array([0, 1])))
    np.testing.assert_array_equal(scores[0], scores[1])
