import numpy as np

from benchmarks.quality.fold_in import KNOWN, STRANGERS, _by_user, _left_out, folded
from shared.scorers.choice import is_known
from tests.shared.histories import rated_histories
from tests.shared.popular import alike
from tests.trainer.datasets import dataset_of


def test_strangers_keep_half_of_their_rows_and_train_nobody() -> None:
    users = np.repeat(np.arange(50), 8)
    everything = dataset_of(users, np.tile(np.arange(8), 50), np.full(400, 3.0))
    one, without = _left_out(everything, np.random.default_rng(0))
    strangers = np.unique(one.test.user_indices)
    assert len(strangers) == STRANGERS * 50
    assert len(one.test) == KNOWN * 8 * len(strangers)
    assert len(one.train.interactions) + len(one.test) == 400
    assert not set(without.interactions.user_indices) & set(strangers)
    assert len(without.interactions) == 400 - 8 * len(strangers)


def test_values_of_one_user_are_summed() -> None:
    owners = [np.array([3, 5]), np.array([5, 9])]
    assert _by_user(owners, [np.array([1.0, 2.0]), np.array([4.0, 8.0])]).tolist() == [1, 6, 8]


def test_a_folded_scorer_is_asked_with_histories() -> None:
    scorer = alike(np.array([1, 2], dtype=np.float32))
    histories = rated_histories([(0, 1.0)], [(1, 2.0)])
    asked = folded(scorer, histories)
    assert asked.vectors(np.array([0, 1])).shape[0] == 2
    assert is_known(asked, histories[0]) is False
    assert asked.score(asked.vectors(np.array([1]))).tolist() == [[1, 2]]
