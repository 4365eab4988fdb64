"""A search finds better settings, goes on where it ended, and leaves the test part alone."""

from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import optuna
import pytest
import torch

from services.trainer.data.dataset import Dataset
from services.trainer.models import MODELS
from services.trainer.models.solver import Workers
from services.trainer.selection import search
from services.trainer.selection.search import find_settings
from services.trainer.settings import TrainerSettings
from shared.artifacts.versions import Found
from tests.trainer.datasets import dataset_of

pytestmark = pytest.mark.programs

WORKERS = Workers(torch.device("cpu"), 1)


@pytest.fixture
def settings(tmp_path: Path) -> TrainerSettings:
    return TrainerSettings(artifact_dir=tmp_path, als_sweeps=3)


BAD = Found(settings={"als_regularization": 30.0}, rows=1, conditions="")
"""A penalty that leaves nothing of any taste."""


def tastes() -> Dataset:
    rng = np.random.default_rng(2)
    users, items = np.nonzero(rng.random((60, 40)) < 0.5)
    return dataset_of(users, items, np.where((users + items) % 2 == 0, 5.0, 1.0))


def trials_in(folder: Path) -> list[int]:
    """How many each study has."""
    [journal] = (folder / "search").iterdir()
    backend = optuna.storages.journal.JournalFileBackend(str(journal))
    storage = optuna.storages.JournalStorage(backend)
    return [study.n_trials for study in optuna.get_all_study_summaries(storage)]


def test_better_settings_are_found_and_the_next_search_goes_on(
    settings: TrainerSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock on which each trial takes a second: how many there are is not the machine's."""
    monkeypatch.setattr(search, "time", SimpleNamespace(monotonic=count().__next__))
    found = find_settings(tastes(), ["als"], settings, BAD, WORKERS, 12)
    assert set(found) == set(MODELS["als"].SPACE)
    assert found["als_regularization"] < 30
    [before] = trials_in(tmp_path)
    again = find_settings(tastes(), ["als"], settings, None, WORKERS, 1)
    assert trials_in(tmp_path) == [before + 1]
    assert set(again) == set(found)


def test_the_first_trial_is_what_there_is(settings: TrainerSettings, tmp_path: Path) -> None:
    best = find_settings(tastes(), ["als"], settings, BAD, WORKERS, 1e-6)
    assert best["als_regularization"] == 30
    assert best["als_rank"] == settings.als_rank
    assert trials_in(tmp_path) == [1]


def test_what_was_asked_for_is_not_searched(settings: TrainerSettings) -> None:
    pinned = TrainerSettings(artifact_dir=settings.artifact_dir, als_sweeps=3, als_rank=5)
    best = find_settings(tastes(), ["als"], pinned, None, WORKERS, 1e-6)
    assert set(best) == set(MODELS["als"].SPACE) - {"als_rank"}


def test_losses_under_other_conditions_are_not_compared(
    settings: TrainerSettings, tmp_path: Path
) -> None:
    find_settings(tastes(), ["als"], settings, None, WORKERS, 1e-6)
    other = TrainerSettings(artifact_dir=tmp_path, als_sweeps=3, seed=1)
    find_settings(tastes(), ["als"], other, None, WORKERS, 1e-6)
    assert trials_in(tmp_path) == [1, 1]


def test_settings_that_diverge_are_never_the_best(settings: TrainerSettings) -> None:
    broken = settings.model_copy(update={"bias_regularization": 1e39})
    assert find_settings(tastes(), ["als"], broken, None, WORKERS, 1e-6) == {}


def test_too_little_data_is_not_searched_on(settings: TrainerSettings, tmp_path: Path) -> None:
    tiny = dataset_of(np.array([0, 1]), np.array([0, 0]), np.array([3.0, 4.0]))
    assert find_settings(tiny, ["als"], settings, None, WORKERS, 1) == {}
    assert not (tmp_path / "search").exists()


def test_every_searched_setting_is_one_of_the_trainer() -> None:
    names = {name for model in MODELS.values() for name in model.SPACE}
    assert names <= set(TrainerSettings.model_fields)
