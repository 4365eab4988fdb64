import numpy as np
import pytest

from services.trainer.data.positives import Positives
from shared.scorers.histories import NO_TIME
from tests.trainer.datasets import dataset_of

DAY = 86_400_000


def positives() -> Positives:
    """User 0 came back to item 0, user 1 disliked it last of all."""
    return Positives.of(
        dataset_of(
            np.array([0, 1, 0, 1, 1]),
            np.array([0, 1, 0, 2, 0]),
            event_types=["view", "view", "cart", "view", "dislike"],
            occurred_at=np.array([0, 10, 20, 30, 40]) * DAY,
        )
    )


def test_the_newest_event_of_each_pair_counts_and_no_dislike() -> None:
    found = positives()
    rows = zip(found.user_indices, found.item_indices, found.occurred_at // DAY, strict=True)
    assert sorted(rows) == [(0, 0, 20), (1, 1, 10), (1, 2, 30)]
    assert found.item_sets().sizes().tolist() == [1, 2]


def test_popularity_halves_from_the_newest_event_of_all() -> None:
    assert positives().popularity(None).tolist() == [1, 1, 1]
    assert positives().popularity(10) == pytest.approx([1 / 4, 1 / 8, 1 / 2])


def test_dislikes_alone_are_no_positives() -> None:
    found = Positives.of(dataset_of(np.array([0]), np.array([1]), event_types=["dislike"]))
    assert found.popularity(None).tolist() == [0, 0]
    assert found.popularity(7).tolist() == [0, 0]


def test_without_a_time_somebody_counts_as_the_oldest_that_has_one() -> None:
    times = np.array([NO_TIME, 0, 20 * DAY, NO_TIME])
    found = Positives.of(dataset_of(np.arange(4), np.array([0, 1, 2, 2]), occurred_at=times))
    assert found.popularity(10) == pytest.approx([1 / 4, 1 / 4, 1 + 1 / 4])  # 20 days old
    assert found.popularity(None).tolist() == [1, 1, 2]
