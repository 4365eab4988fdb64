from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.trainer.data.dataset import Dataset
from services.trainer.selection.hyperparameters import complete, conditions, found_before
from services.trainer.settings import TrainerSettings
from shared.artifacts.current import activate
from shared.artifacts.versions import Found
from tests.shared.published import NOW, publish_at
from tests.trainer.datasets import dataset_of

FOUND = Found(
    settings={"als_rank": 5, "als_regularization": 2.5},
    rows=100,
    conditions=conditions(TrainerSettings()),
)


def views() -> Dataset:
    return dataset_of(np.array([0, 1]), np.array([0, 1]))


def test_what_was_set_stays_and_what_was_found_fills_the_rest() -> None:
    settings = TrainerSettings(als_rank=8)
    completed = complete(settings, FOUND, views())
    assert (completed.als_rank, completed.als_regularization) == (8, 2.5)
    assert complete(settings, None, views()).als_regularization == settings.als_regularization


def test_what_a_search_found_is_kept_by_the_current_version(tmp_path: Path) -> None:
    assert found_before(TrainerSettings(artifact_dir=tmp_path), rows=100) is None
    version = publish_at(tmp_path, found=FOUND)
    activate(tmp_path, version, reason="test", now=NOW)
    assert found_before(TrainerSettings(artifact_dir=tmp_path), rows=100) == FOUND


@pytest.mark.parametrize(("rows", "kept"), [(49, False), (50, True), (200, True), (201, False)])
def test_other_data_outgrows_what_was_found(tmp_path: Path, rows: int, kept: bool) -> None:
    activate(tmp_path, publish_at(tmp_path, found=FOUND), reason="test", now=NOW)
    assert (found_before(TrainerSettings(artifact_dir=tmp_path), rows) is not None) == kept


def test_a_damaged_version_holds_nothing_that_was_found(tmp_path: Path) -> None:
    version = publish_at(tmp_path, found=FOUND)
    activate(tmp_path, version, reason="test", now=NOW)
    (tmp_path / "models" / version / "manifest.json").write_text("{")
    assert found_before(TrainerSettings(artifact_dir=tmp_path), rows=100) is None


@pytest.mark.parametrize(
    "change", [{"event_weights": {"view": 0.0}}, {"seed": 1}, {"als_rank": 3}, {"recency": "off"}]
)
def test_what_was_found_under_other_conditions_is_not_used(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    activate(tmp_path, publish_at(tmp_path, found=FOUND), reason="test", now=NOW)
    assert found_before(TrainerSettings(artifact_dir=tmp_path, threads=1), rows=100) == FOUND
    assert found_before(TrainerSettings(artifact_dir=tmp_path, **change), rows=100) is None
