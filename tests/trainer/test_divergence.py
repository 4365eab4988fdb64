"""What comes to no finite numbers is passed over while another candidate holds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sqlalchemy.engine import Engine

from services.trainer.data.dataset import Dataset
from services.trainer.models import MODELS
from services.trainer.models.contract import DivergedError, Model, Variant, single_variant
from services.trainer.models.solver import Workers
from services.trainer.pipeline import train_and_publish
from services.trainer.report import as_text
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.fitting import fit_and_evaluate
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import last_of_each_user
from shared.artifacts.current import read_current
from shared.artifacts.metrics import Choice, Metrics
from shared.artifacts.versions import Manifest
from shared.database.storage import Row
from shared.scorers import Scorer
from shared.scorers.finite import NotFiniteError
from tests.trainer.datasets import dataset_of
from tests.trainer.events import add, event
from tests.trainer.quick import QUICK

pytestmark = pytest.mark.programs

NAN, INFINITE = float("nan"), float("inf")


def spoilt(scorer: Scorer, method: str, value: float) -> Scorer:
    """The same scorer, finite in its arrays, and one of its answers `value` throughout."""
    own = type(scorer)

    def answer(*arguments: Any) -> np.ndarray:
        return np.full_like(getattr(own, method)(*arguments), value)

    arrays = {field.name: getattr(scorer, field.name) for field in fields(scorer)}  # type: ignore[arg-type]
    again: Scorer = type(f"Spoilt{own.__name__}", (own,), {method: answer})(**arrays)
    return again


@dataclass(frozen=True)
class Spoilt:
    """A model whose scorer is spoilt where `when` says so of the data it is fitted to."""

    model: Model
    method: str
    value: float
    when: Callable[[Dataset], bool] = lambda _dataset: True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def fit(self, dataset: Dataset, settings: TrainerSettings, workers: Workers) -> Scorer:
        scorer = self.model.fit(dataset, settings, workers)
        return spoilt(scorer, self.method, self.value) if self.when(dataset) else scorer

    def variants(
        self, dataset: Dataset, settings: TrainerSettings, workers: Workers
    ) -> Iterator[Variant[TrainerSettings]]:
        return single_variant(self.fit, dataset, settings, workers)


@pytest.fixture
def events(engine: Engine) -> list[Row]:
    """Even users mostly have even items and rate them well, odd users odd ones."""
    rng = np.random.default_rng(6)
    own = (np.arange(60)[:, None] + np.arange(40)) % 2 == 0
    users, items = np.nonzero(rng.random((60, 40)) < np.where(own, 0.7, 0.1))
    ratings = np.where(own[users, items], 5.0, 2.0)
    minutes = rng.permutation(len(users)).tolist()
    rows = zip(users.tolist(), items.tolist(), ratings.tolist(), minutes, strict=True)
    stored = [event(f"u{u}", f"i{i}", rating, minute) for u, i, rating, minute in rows]
    add(engine, *stored)
    return stored


@pytest.fixture
def settings(tmp_path: Path) -> TrainerSettings:
    return TrainerSettings(artifact_dir=tmp_path / "artifacts", **QUICK)


def choice_of(manifest: Manifest) -> Choice:
    choice = Metrics.model_validate(manifest.metrics).choice
    assert choice is not None
    return choice


@pytest.mark.usefixtures("events")
@pytest.mark.parametrize(
    ("name", "method", "value", "what"),
    [
        ("als", "rate", NAN, "predicted ratings"),
        ("bayesian", "rate", INFINITE, "predicted ratings"),
        ("als", "score", NAN, "scores"),
        ("ease", "score", -INFINITE, "scores"),
    ],
)
def test_a_candidate_whose_predictions_are_not_finite_is_left_out(
    engine: Engine,
    settings: TrainerSettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    method: str,
    value: float,
    what: str,
) -> None:
    monkeypatch.setitem(MODELS, name, Spoilt(MODELS[name], method, value))
    manifest = train_and_publish(engine, settings)
    split = manifest.metrics["last_of_each_user"]
    assert name not in split["ratings"]["models"].keys() | split["lists"]["models"].keys()
    assert "bias" in split["ratings"]["models"]
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    [line] = [warning for warning in warnings if name in warning]
    assert line.startswith(f"{name} is left out. The {what} of {name} came to no finite numbers")
    assert "no finite numbers" in choice_of(manifest).left_out[name]
    assert f"Left out: {name}: " in as_text(manifest)


@pytest.mark.parametrize("role", ["rating", "ranker"])
@pytest.mark.parametrize("diverges_in", ["fit", "score"])
def test_the_next_best_is_taken_where_the_best_diverges_on_all_interactions(
    engine: Engine,
    settings: TrainerSettings,
    events: list[Row],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    role: str,
    diverges_in: str,
) -> None:
    before = getattr(choice_of(train_and_publish(engine, settings)), role)

    def on_all(dataset: Dataset) -> bool:
        if len(dataset.interactions) == len(events) and diverges_in == "fit":
            raise NotFiniteError("no number")
        return len(dataset.interactions) == len(events)

    monkeypatch.setitem(
        MODELS, before.model, Spoilt(MODELS[before.model], "score", NAN, when=on_all)
    )
    manifest = train_and_publish(engine, settings)
    taken = getattr(choice_of(manifest), role)
    assert taken.model == before.runner_up
    assert {"rating": manifest.rating_model, "ranker": manifest.ranker}[role] == before.runner_up
    assert f"{before.model} is left out on all interactions" in caplog.text
    assert "refitted" in choice_of(manifest).left_out[before.model]


@pytest.mark.parametrize("rows", ["a part", "all"])
def test_where_none_is_left_nothing_is_published(
    engine: Engine,
    settings: TrainerSettings,
    events: list[Row],
    monkeypatch: pytest.MonkeyPatch,
    rows: str,
) -> None:
    def when(dataset: Dataset) -> bool:
        return rows == "a part" or len(dataset.interactions) == len(events)

    monkeypatch.setitem(MODELS, "als", Spoilt(MODELS["als"], "score", NAN, when=when))
    with pytest.raises(DivergedError, match=r"No model came to finite numbers \(als\)"):
        train_and_publish(engine, settings.model_copy(update={"model": "als"}))
    assert read_current(settings.artifact_dir) is None


def test_a_variant_that_diverges_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ease = MODELS["ease"]

    @dataclass(frozen=True)
    class FirstSpoilt:
        def __getattr__(self, name: str) -> Any:
            return getattr(ease, name)

        def variants(
            self, dataset: Dataset, settings: TrainerSettings, workers: Workers
        ) -> Iterator[Variant[TrainerSettings]]:
            first, *intact_variants = ease.variants(dataset, settings, workers)
            yield Variant(first.settings, lambda: spoilt(first.fit(), "score", NAN))
            yield from intact_variants

    monkeypatch.setitem(MODELS, "ease", FirstSpoilt())
    users, items = np.divmod(np.arange(200), 10)
    dataset = dataset_of(users, items, shape=(20, 12))
    evaluation = Evaluation(last_of_each_user(dataset, 0.2, np.random.default_rng(1)))
    workers = Workers(torch.device("cpu"), 1)
    evaluated = fit_and_evaluate(evaluation, ["ease"], TrainerSettings(), workers)
    assert evaluated["ease"].settings.recency != "off"  # the first variant's
    assert "1 of 4 variants of ease are left out. The scores of ease" in caplog.text
