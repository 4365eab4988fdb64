from pathlib import Path

import numpy as np
import pytest

from services.trainer.splits.folds import read_fold
from services.trainer.splits.protocols import (
    PROTOCOLS,
    given,
    last_in_time,
    last_of_each_user,
    random,
    split,
    validation,
)
from shared.scorers.histories import NO_TIME
from tests.trainer.datasets import dataset_of

USERS, ITEMS = np.divmod(np.arange(200), 20)


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_row_is_in_one_of_the_parts_over_the_same_users_and_items(name: str) -> None:
    dataset = dataset_of(USERS, ITEMS)
    parts = PROTOCOLS[name](dataset, 0.1, seeded())
    assert len(parts.test) == 20
    kept = parts.train.interactions.occurred_at.tolist()
    assert sorted(kept + parts.test.occurred_at.tolist()) == list(range(200))
    assert parts.train.shape == dataset.shape


def test_a_protocol_says_what_it_held_out() -> None:
    dataset = dataset_of(USERS, ITEMS)
    assert last_of_each_user(dataset, 0.1, seeded()).protocol == (
        "last 10% of each user's interactions"
    )
    assert last_in_time(dataset, 0.125, seeded()).protocol == "last 12.5% of all interactions"
    assert random(dataset, 0.2, seeded()).protocol == "random 20% of all interactions"


def test_without_times_the_last_part_of_each_user_is_a_random_one_and_says_so() -> None:
    dataset = dataset_of(USERS, ITEMS, occurred_at=np.zeros(200, dtype=np.int64))
    parts = last_of_each_user(dataset, 0.1, seeded())
    assert parts.protocol == "random 10% of each user's interactions (no times)"
    assert np.bincount(parts.test.user_indices).tolist() == [2] * 10
    assert parts.test.item_indices.tolist() != [18, 19] * 10


def test_the_last_part_in_time_is_of_all_users_together() -> None:
    parts = last_in_time(dataset_of(USERS, ITEMS), 0.1, seeded())
    assert set(parts.test.user_indices.tolist()) == {9}


def test_given_folds_hold_out_what_they_name(tmp_path: Path) -> None:
    dataset = dataset_of(USERS, ITEMS)
    (tmp_path / "u1.test").write_text("u000003\ti000004\nu000009\ti000019\n", encoding="utf-8")
    parts = given(dataset, read_fold(tmp_path / "u1.test", dataset))
    assert parts.protocol == "the pairs of u1.test"
    assert parts.test.occurred_at.tolist() == [64, 199]


def test_validation_looks_ahead_where_the_test_does() -> None:
    dataset = dataset_of(USERS, ITEMS)
    ahead = last_of_each_user(dataset, 0.1, seeded())
    assert ahead.looks_ahead()
    within = validation(ahead, 0.1, seeded())
    assert within.protocol == "last 10% of each user's interactions"
    assert within.test.item_indices.tolist() == [16, 17] * 10


@pytest.mark.parametrize("timed", [True, False])
def test_validation_is_random_where_the_test_is(timed: bool) -> None:
    moments = np.arange(200) if timed else np.zeros(200, dtype=np.int64)
    among = random(dataset_of(USERS, ITEMS, occurred_at=moments), 0.2, seeded())
    assert not among.looks_ahead()
    within = validation(among, 0.1, seeded())
    assert within.protocol == "random 10% of all interactions"
    assert len(within.test) == 16


def test_a_split_in_time_looks_ahead_although_its_users_are_new() -> None:
    dataset = dataset_of(USERS, ITEMS)
    parts = last_in_time(dataset, 0.1, seeded())
    assert set(parts.train.interactions.user_indices.tolist()).isdisjoint(
        parts.test.user_indices.tolist()
    )
    assert parts.looks_ahead()


def test_nothing_held_out_looks_nowhere() -> None:
    dataset = dataset_of(USERS, ITEMS)
    nothing = np.zeros(200, dtype=np.bool_)
    assert not split(dataset, nothing, "nothing").looks_ahead()


def test_a_protocol_says_how_many_rows_have_no_time() -> None:
    times = np.where(ITEMS < 5, NO_TIME, np.arange(200))
    dataset = dataset_of(USERS, ITEMS, occurred_at=times)
    last = last_of_each_user(dataset, 0.2, seeded())
    assert last.protocol == (
        "last 20% of each user's interactions; random 20% of the 25% without a time"
    )
    assert np.bincount(last.test.user_indices[last.test.has_time]).tolist() == [3] * 10
    assert np.bincount(last.test.user_indices[~last.test.has_time]).tolist() == [1] * 10
    assert last.looks_ahead()
    in_time = last_in_time(dataset, 0.1, seeded())
    assert in_time.protocol == (
        "last 10% of all interactions that have a time; the 25% without one are trained on"
    )
    assert in_time.test.has_time.all()


def test_without_any_time_nothing_looks_ahead() -> None:
    dataset = dataset_of(USERS, ITEMS, occurred_at=np.full(200, NO_TIME))
    parts = last_of_each_user(dataset, 0.1, seeded())
    assert parts.protocol == "random 10% of each user's interactions (no times)"
    assert not parts.looks_ahead()
