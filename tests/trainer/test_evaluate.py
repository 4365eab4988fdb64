"""`python -m services.trainer.evaluate`, on data in a database."""

import json
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.engine import Engine

from services.trainer.comparison.evaluate_models import (
    EvaluationError,
    EvaluationRequest,
    evaluate_models,
)
from services.trainer.comparison.figures import Comparison
from services.trainer.data.dataset import Dataset
from services.trainer.data.reading import read_dataset
from services.trainer.evaluate import main
from services.trainer.settings import TrainerSettings
from shared.errors import SommelierError
from tests.trainer.datasets import dataset_of
from tests.trainer.events import add, event
from tests.trainer.quick import QUICK

pytestmark = pytest.mark.programs


@pytest.fixture
def settings(tmp_path: Path) -> TrainerSettings:
    return TrainerSettings(artifact_dir=tmp_path / "artifacts", **QUICK)


def board() -> Dataset:
    """Even users have even items and odd users odd ones."""
    users, items = np.divmod(np.arange(40 * 30), 30)
    own = (users + items) % 2 == 0
    kept = np.random.default_rng(1).random(len(users)) < np.where(own, 0.7, 0.1)
    users, items, own = users[kept], items[kept], own[kept]
    return dataset_of(users, items, np.where(own, 5.0, 2.0), occurred_at=_shuffled(len(users)))


def _shuffled(rows: int) -> np.ndarray:
    return np.random.default_rng(2).permutation(rows) * 1000


def test_all_candidates_are_measured_with_the_baselines(settings: TrainerSettings) -> None:
    metrics = evaluate_models(board(), EvaluationRequest(ks=[5, 20]), settings).as_json()
    assert metrics["protocol"] == "last 10% of each user's interactions"
    assert metrics["ks"] == [5, 10, 20]
    assert {"bias", "als"} <= metrics["ratings"]["models"].keys()
    lists = metrics["lists"]["models"]
    assert {"popularity", "ials", "ease"} <= lists.keys()
    assert metrics["seconds"].keys() >= lists.keys()
    assert metrics["lists"]["best"] != "popularity"
    assert lists["popularity"]["to_best"][2] < 0
    assert lists["ease"]["ndcg@5"] > 1.2 * lists["popularity"]["ndcg@5"]


def test_models_are_measured_in_the_split_that_was_asked_for(settings: TrainerSettings) -> None:
    timed = evaluate_models(
        board(), EvaluationRequest(["popularity"], split="time"), settings
    ).as_json()
    random = evaluate_models(
        board(), EvaluationRequest(["popularity"], split="random"), settings
    ).as_json()
    assert timed["protocol"] == "last 10% of all interactions"
    assert random["protocol"] == "random 10% of all interactions"
    assert timed["ratings"] == {"best": None, "models": {}}
    assert list(timed["lists"]["models"]) == ["popularity"]


def test_several_files_are_folds(settings: TrainerSettings, tmp_path: Path) -> None:
    dataset = board()
    paths = [tmp_path / "first.csv", tmp_path / "second.csv"]
    events = dataset.interactions
    for path, rows in zip(paths, (range(0, 60, 3), range(1, 30, 3)), strict=True):
        pairs = ((events.user_indices[row], events.item_indices[row]) for row in rows)
        text = "".join(f"{dataset.users[u]},{dataset.items[i]}\n" for u, i in pairs)
        path.write_text(text, encoding="utf-8")
    together = evaluate_models(dataset, EvaluationRequest(["bias"], tests=paths), settings)
    alone = [
        evaluate_models(dataset, EvaluationRequest(["bias"], tests=[path]), settings)
        for path in paths
    ]
    assert together.protocol == "the pairs of first.csv; the pairs of second.csv"
    assert together.test_interactions == [20, 10]
    assert _rmse(together) == pytest.approx(np.mean([_rmse(fold) for fold in alone]))


def _rmse(comparison: Comparison) -> float:
    rmse = comparison.ratings.models["bias"].rmse
    assert rmse is not None
    return rmse


def test_what_cannot_be_measured_is_said(settings: TrainerSettings) -> None:
    with pytest.raises(EvaluationError, match=r"'svd' is no model; these are: popularity, "):
        evaluate_models(board(), EvaluationRequest(["svd"]), settings)
    timeless = dataset_of(np.array([0, 0, 1]), np.array([0, 1, 1]), occurred_at=np.zeros(3))
    with pytest.raises(EvaluationError, match="no times"):
        evaluate_models(timeless, EvaluationRequest(["popularity"], split="time"), settings)
    with pytest.raises(EvaluationError, match="nothing to measure on"):
        evaluate_models(timeless, EvaluationRequest(["popularity"]), settings)


@pytest.fixture
def in_environment(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program can be called in this process: another one takes seconds to import torch."""
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("ARTIFACT_DIR", str(tmp_path / "artifacts"))
    for name, value in QUICK.items():
        monkeypatch.setenv(name.upper(), str(value))


@pytest.mark.usefixtures("in_environment")
def test_the_command_prints_tables_and_writes_the_figures(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for user in range(20):
        add(engine, *(event(f"u{user}", f"i{item}", 3.0, item + user) for item in range(10)))
    path = tmp_path / "figures.json"
    main(["--models", "popularity,bias", "--json", str(path)])
    printed = capsys.readouterr().out
    assert printed.startswith("Held out: last 10% of each user's interactions\n")
    assert "Ratings: 20 ratings, best bias" in printed
    figures = json.loads(path.read_text(encoding="utf-8"))
    assert figures["lists"]["models"]["popularity"]["users"] == 20
    assert len(read_dataset(engine, TrainerSettings().weighting).interactions) == 200
    assert not (tmp_path / "artifacts" / "current.json").exists()


@pytest.mark.usefixtures("in_environment")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fraction", "2"], "Config 'HOLDOUT_FRACTION' has value '2.0'."),
        ([], "The database holds no interactions to learn from"),
    ],
)
def test_what_a_person_can_act_on_is_one_line(arguments: list[str], message: str) -> None:
    with pytest.raises(SommelierError) as error:
        main(arguments)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
