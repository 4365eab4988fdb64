from dataclasses import replace

import numpy as np
import torch

from services.trainer.models.solver import Workers
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.validation import fit_and_validate, validate_and_evaluate
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import Split, last_of_each_user
from tests.trainer.datasets import dataset_of

WORKERS = Workers(torch.device("cpu"), 1)
SETTINGS = TrainerSettings(ials_rank=4, ials_shrinkage=0.4, threads=1)


def moving() -> Split:
    """Users who had 15 items of one half of the catalogue and have turned to the other."""
    rng = np.random.default_rng(4)
    rows = [_turning(rng, old=20 * (user % 2), new=20 * (1 - user % 2)) for user in range(60)]
    dataset = dataset_of(np.repeat(np.arange(60), 23), np.concatenate(rows))
    return last_of_each_user(dataset, 0.1, np.random.default_rng(0))


def _turning(rng: np.random.Generator, old: int, new: int) -> np.ndarray:
    return np.concatenate([old + rng.permutation(20)[:15], new + rng.permutation(20)[:8]])


def test_what_is_left_to_auto_is_chosen_in_the_training_part() -> None:
    split = moving()
    chosen = fit_and_validate(split, ["ease"], SETTINGS, WORKERS)["ease"]
    trial = validate_and_evaluate(Evaluation(split), ["ease"], SETTINGS, WORKERS)["ease"]
    assert chosen.settings.recency != "off"  # the newest rows say what comes next
    assert trial.settings == chosen.settings
    assert trial.lists is not None
    assert len(trial.lists.lists) == 60


def test_what_is_held_out_does_not_choose() -> None:
    """The same training part beside other test rows leads to the same settings."""
    split = moving()
    other_items = np.random.default_rng(8).permutation(40).astype(np.int32)[split.test.item_indices]
    other_split = replace(split, test=replace(split.test, item_indices=other_items))
    found = [
        validate_and_evaluate(Evaluation(parts), ["ials"], SETTINGS, WORKERS)
        for parts in (split, other_split)
    ]
    assert found[0]["ials"].settings == found[1]["ials"].settings


def test_rating_models_are_measured_as_they_are_set() -> None:
    rng = np.random.default_rng(1)
    users, items = np.nonzero(rng.random((30, 20)) < 0.5)
    dataset = dataset_of(users, items, rng.integers(1, 6, len(users)).astype(np.float64))
    split = last_of_each_user(dataset, 0.2, rng)
    trials = validate_and_evaluate(Evaluation(split), ["bias", "popularity"], SETTINGS, WORKERS)
    assert list(trials) == ["bias", "popularity"]
    assert trials["bias"].ratings is not None
