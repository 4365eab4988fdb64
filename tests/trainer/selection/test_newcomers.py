"""Newcomers: every user comes on a day of their own and wants three items."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from services.trainer.data.dataset import Dataset
from services.trainer.data.positives import Positives
from services.trainer.models import popularity
from services.trainer.models.solver import Workers
from services.trainer.selection.newcomers import (
    FEWEST,
    HALF_LIVES,
    LATEST,
    best_half_life,
    suited_to_newcomers,
)
from services.trainer.settings import TrainerSettings
from tests.trainer.datasets import dataset_of

DAY = 86_400_000
ITEMS = 60
ENOUGH = round(FEWEST / LATEST) + 50


def fashions(users: int = ENOUGH, *, season: int = 50) -> Dataset:
    """For a season of so many days everybody wants the same three items, then the next three."""
    came = np.arange(users).repeat(3)
    which = np.tile(np.arange(3), users)
    items = (came // season * 3 + which) % ITEMS
    return dataset_of(came, items, occurred_at=came * DAY + which, shape=(users, ITEMS))


def test_where_fashions_pass_popularity_fades() -> None:
    """The season before the last rows' own has just ended: what is wanted now is days old."""
    half_life = best_half_life(fashions(season=40))
    assert half_life is not None
    assert half_life <= 30


def test_where_nothing_changes_popularity_stays() -> None:
    assert best_half_life(fashions(season=10_000)) is None


def test_where_old_items_come_back_popularity_stays() -> None:
    """Just before the newcomers many seasons of a day pass, then all is again as it was."""
    dataset = fashions(season=10_000)
    came = dataset.interactions.occurred_at // DAY
    begin = ENOUGH - round(LATEST * ENOUGH)
    passing = (came >= begin - 15) & (came < begin)
    items = np.where(passing, 3 * (begin - came), 0) + np.tile(np.arange(3), ENOUGH)
    changed = replace(dataset.interactions, item_indices=items.astype(np.int32))
    assert best_half_life(replace(dataset, interactions=changed)) is None


@pytest.mark.parametrize("users", [2, round(FEWEST / LATEST) - 30])
def test_too_few_newcomers_tell_nothing(users: int) -> None:
    assert best_half_life(fashions(users, season=max(users // 6, 1))) is None


def test_without_times_nothing_fades() -> None:
    timed = fashions(season=40)
    still = replace(timed, weighting=timed.weighting.model_copy(update={"is_timed": False}))
    assert best_half_life(still) is None


def test_without_new_users_nothing_is_told() -> None:
    dataset = fashions(season=40)
    nobody_new = replace(
        dataset.interactions, user_indices=dataset.interactions.user_indices % (ENOUGH // 3)
    )
    assert best_half_life(replace(dataset, interactions=nobody_new)) is None


def test_measured_is_what_does_not_fade_and_published_what_suits_newcomers() -> None:
    dataset = fashions(season=40)
    plain = Positives.of(dataset).popularity(None)
    workers = Workers(torch.device("cpu"), 1)
    assert popularity.fit(dataset, TrainerSettings(), workers).popularity.tolist() == plain.tolist()
    suited = suited_to_newcomers(dataset, TrainerSettings()).popularity_half_life_days
    assert suited in HALF_LIVES
    assert suited == best_half_life(dataset)
    kept = TrainerSettings(popularity_half_life_days=3)
    assert suited_to_newcomers(dataset, kept) == kept
