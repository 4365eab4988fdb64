from pathlib import Path

import numpy as np
import pytest

from services.trainer.dataset import Dataset
from services.trainer.hyperparameters import complete, found_before
from services.trainer.settings import TrainerSettings
from shared.current import activate
from shared.versions import Found
from tests.shared.published import NOW, publish_at
from tests.trainer.datasets import dataset_of

FOUND = Found(settings={"als_rank": 5, "als_regularization": 2.5}, rows=100)


def views() -> Dataset:
    return dataset_of(np.array([0, 1]), np.array([0, 1]))


def test_what_was_set_stays_and_what_was_found_fills_the_rest() -> None:
    settings = TrainerSettings(als_rank=8)
    completed = complete(settings, FOUND, views())
    assert (completed.als_rank, completed.als_regularization) == (8, 2.5)
    assert complete(settings, None, views()).als_regularization == settings.als_regularization


def test_what_a_search_found_is_kept_by_the_current_version(tmp_path: Path) -> None:
    assert found_before(tmp_path, rows=100) is None
    version = publish_at(tmp_path, found=FOUND)
    activate(tmp_path, version, reason="test", now=NOW)
    assert found_before(tmp_path, rows=100) == FOUND


@pytest.mark.parametrize(("rows", "kept"), [(49, False), (50, True), (200, True), (201, False)])
def test_other_data_outgrows_what_was_found(tmp_path: Path, rows: int, kept: bool) -> None:
    activate(tmp_path, publish_at(tmp_path, found=FOUND), reason="test", now=NOW)
    assert (found_before(tmp_path, rows) is not None) == kept


def test_a_damaged_version_holds_nothing_that_was_found(tmp_path: Path) -> None:
    version = publish_at(tmp_path, found=FOUND)
    activate(tmp_path, version, reason="test", now=NOW)
    (tmp_path / "models" / version / "manifest.json").write_text("{")
    assert found_before(tmp_path, rows=100) is None
