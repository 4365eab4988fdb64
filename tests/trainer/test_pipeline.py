"""From rows to a current version, on ordinary and on degenerate data."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.trainer.__main__ import main
from services.trainer.data.dataset import NothingToLearnError
from services.trainer.models import MODELS, main_role
from services.trainer.pipeline import train_and_publish
from services.trainer.report import as_text
from services.trainer.settings import TrainerSettings
from shared.arrays.types import Float32
from shared.artifacts.current import read_current
from shared.artifacts.metrics import Metrics
from shared.artifacts.versions import Version, read_version
from shared.database.engine import open_database
from shared.database.storage import Row
from shared.errors import SommelierError
from shared.scorers import Scorer
from shared.settings import ConfigurationError, Settings
from tests.trainer.events import add, event
from tests.trainer.quick import QUICK

pytestmark = pytest.mark.programs


@pytest.fixture
def settings(tmp_path: Path) -> TrainerSettings:
    return TrainerSettings(artifact_dir=tmp_path / "artifacts", **QUICK)


def train(engine: Engine, settings: TrainerSettings) -> Version:
    manifest = train_and_publish(engine, settings)
    version = current_version(settings)
    assert version.name == manifest.version
    return version


def current_version(settings: TrainerSettings) -> Version:
    current = read_current(settings.artifact_dir)
    assert current is not None
    return read_version(settings.artifact_dir, current.version)


def scores_of(scorer: Scorer, user_index: int) -> Float32:
    scores: Float32 = scorer.score(scorer.vectors(np.array([user_index])))[0]
    return scores


def ordinary_events() -> list[Row]:
    rng = np.random.default_rng(6)
    users, items = np.nonzero(rng.random((60, 40)) < 0.5)
    likes = np.where((users + items) % 2 == 0, 5.0, 2.0)
    minutes = rng.permutation(len(users))
    return [
        event(f"u{u}", f"i{i}", float(r), int(m))
        for u, i, r, m in zip(users, items, likes, minutes, strict=True)
    ]


def test_a_version_knows_its_data_and_serves_without_the_database(
    engine: Engine, settings: TrainerSettings
) -> None:
    events = ordinary_events()
    add(engine, *events)
    version = train(engine, settings)
    manifest, content = version.manifest, version.content
    assert manifest.data.rows == len(events)
    assert manifest.data.last_id == len(events)
    assert manifest.data.rating_scale == (2, 5)
    assert manifest.rating_model in ("als", "bayesian")
    assert main_role(manifest.ranker) == "ranker"
    assert manifest.weighting.event_weights == settings.event_weights
    assert manifest.weighting.is_timed
    assert content.segments is not None
    assert manifest.segments == content.segments.description
    assert manifest.settings["als_rank"] == settings.als_rank
    assert "database_url" not in manifest.settings
    user = content.users.find("u4")
    seen = {content.items[index] for index in content.histories[user].item_indices.tolist()}
    assert seen == {row["item_id"] for row in events if row["user_id"] == "u4"}
    even = [content.items.find(f"i{n}") for n in range(0, 40, 2)]
    odd = [content.items.find(f"i{n}") for n in range(1, 40, 2)]
    assert version.rater is not None
    ratings = scores_of(version.rater, user)
    assert ratings[even].min() > ratings[odd].max()


def test_models_are_measured_on_what_was_held_out(
    engine: Engine, settings: TrainerSettings
) -> None:
    events = ordinary_events()
    add(engine, *events)
    manifest = train(engine, settings).manifest
    split = manifest.metrics["last_of_each_user"]
    assert split["protocol"] == "last 10% of each user's interactions"
    assert split["train_interactions"] + split["test_interactions"] == len(events)
    ratings, lists = split["ratings"]["models"], split["lists"]["models"]
    assert ratings["als"]["mse"] < 0.5 < 1.5 < ratings["bias"]["mse"]
    assert ratings["als"]["rmse"] == pytest.approx(ratings["als"]["mse"] ** 0.5)
    low, high = ratings["als"]["interval"]
    assert low < ratings["als"]["rmse"] < high
    assert split["ratings"]["noise_floor"] is None
    assert manifest.rating_model == min(ratings, key=lambda name: ratings[name]["rmse"])
    rankers = {name: lists[name]["ndcg@10"] for name in MODELS if main_role(name) == "ranker"}
    assert manifest.ranker == max(rankers, key=rankers.__getitem__)


@pytest.mark.parametrize(
    ("model", "rating_model", "ranker"),
    [("als", "als", "als"), ("bias", "bias", "bias"), ("popularity", "bayesian", "popularity")],
)
def test_a_model_that_is_named_takes_the_roles_it_has(
    engine: Engine, settings: TrainerSettings, model: str, rating_model: str, ranker: str
) -> None:
    add(engine, *ordinary_events())
    manifest = train(engine, settings.model_copy(update={"model": model})).manifest
    assert manifest.ranker == ranker
    assert manifest.rating_model == rating_model


def test_a_named_rating_model_needs_ratings(engine: Engine, settings: TrainerSettings) -> None:
    add(engine, event("u", "a", None, 1, "view"))
    with pytest.raises(SommelierError, match="'MODEL' has value 'als', which learns from ratings"):
        train_and_publish(engine, settings.model_copy(update={"model": "als"}))


def test_equal_data_settings_and_seed_give_equal_arrays(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(engine, *ordinary_events())
    first, second = train(engine, settings), train(engine, settings)
    assert first.name != second.name
    assert first.manifest.arrays == second.manifest.arrays
    assert first.manifest.metrics == second.manifest.metrics


def test_rows_that_came_in_another_order_give_equal_arrays(
    engine: Engine, settings: TrainerSettings, tmp_path: Path
) -> None:
    """Files that are imported one by one, in any order, are as good as one."""
    untimed = [{**row, "event_id": f"{row['event_id']} again"} for row in ordinary_events()[::3]]
    rows = [*ordinary_events(), *({**row, "occurred_at": None} for row in untimed)]
    add(engine, *rows)
    other = open_database(sa.make_url(f"sqlite:///{tmp_path / 'other.sqlite'}"))
    add(other, *rows[::-1])
    first = train(engine, settings)
    second = train(other, settings.model_copy(update={"artifact_dir": tmp_path / "other"}))
    assert first.manifest.arrays == second.manifest.arrays
    assert first.manifest.metrics == second.manifest.metrics
    assert "random 10% of the 25% without a time" in str(first.manifest.metrics)


def test_files_without_times_are_split_at_random(engine: Engine, settings: TrainerSettings) -> None:
    add(engine, *({**row, "occurred_at": row["created_at"]} for row in ordinary_events()))
    metrics = train(engine, settings).manifest.metrics
    assert metrics["last_of_each_user"]["protocol"].startswith("random 10%")


def test_an_empty_database_publishes_nothing(engine: Engine, settings: TrainerSettings) -> None:
    with pytest.raises(SommelierError, match="no interactions"):
        train_and_publish(engine, settings)
    assert read_current(settings.artifact_dir) is None


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([event("u", "i", 4, 0)], id="one row"),
        pytest.param([event("u", f"i{n}", 1 + n % 5, n) for n in range(30)], id="one user"),
        pytest.param([event(f"u{n}", "i", 1 + n % 5, n) for n in range(30)], id="one item"),
        pytest.param(
            [event(f"u{n % 5}", f"i{n}", 3, n) for n in range(30)], id="all ratings equal"
        ),
        pytest.param(
            [*(event("u", f"i{n}", n % 5, n) for n in range(20)), event("v", "i0", 2, 99)],
            id="a user with one row",
        ),
    ],
)
def test_degenerate_data_has_a_clear_outcome(
    engine: Engine, settings: TrainerSettings, events: list[Row]
) -> None:
    add(engine, *events)
    version = train(engine, settings)
    assert version.rater is not None
    ratings = [float(row["rating"]) for row in events]
    predicted = version.rater.rate(version.rater.vectors(np.array([0, -1])), np.array([0, -1]))
    assert np.isfinite(predicted).all()
    assert min(ratings) - 1 <= predicted.min() <= predicted.max() <= max(ratings) + 1


def test_what_comes_to_no_finite_numbers_is_not_published(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(engine, *ordinary_events())
    good = train(engine, settings).name
    broken = settings.model_copy(update={"model": "als", "als_regularization": 1e39})
    with pytest.raises(SommelierError, match="came to finite numbers"):
        train_and_publish(engine, broken)
    current = read_current(settings.artifact_dir)
    assert current is not None
    assert current.version == good


def test_data_without_ratings_has_lists_and_no_ratings(
    engine: Engine, settings: TrainerSettings
) -> None:
    views = ({**row, "rating": None, "event_type": "view"} for row in ordinary_events())
    add(engine, *views)
    version = train(engine, settings)
    assert version.rater is None
    assert version.manifest.data.rating_scale is None
    split = version.manifest.metrics["last_of_each_user"]
    assert split["ratings"]["models"] == {}
    assert set(split["lists"]["models"]) == {n for n in MODELS if main_role(n) == "ranker"}


def test_a_half_life_that_is_left_to_auto_is_kept_as_it_was_chosen(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(engine, *ordinary_events())  # too few newcomers to choose one
    auto = {"model": "popularity", "popularity_half_life_days": "auto"}
    version = train(engine, settings.model_copy(update=auto))
    assert version.manifest.settings["popularity_half_life_days"] == "off"
    assert version.manifest.popularity_half_life_days is None
    given = settings.model_copy(update={"model": "popularity", "popularity_half_life_days": 30.0})
    assert train(engine, given).manifest.popularity_half_life_days == 30


def test_too_little_to_measure_is_ordered_by_popularity(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(
        engine,
        event("u", "a", None, 1, "view"),
        event("v", "a", None, 2, "purchase"),
        event("v", "b", None, 3, "view"),
    )
    version = train(engine, settings)
    assert version.manifest.ranker == "popularity"
    assert scores_of(version.ranker, 0) == pytest.approx([2, 1], abs=1e-3)


def test_the_report_stands_beside_the_version(engine: Engine, settings: TrainerSettings) -> None:
    add(engine, *ordinary_events())
    version = train(engine, settings)
    folder = settings.artifact_dir / "models" / version.name
    written = json.loads((folder / "metrics.json").read_text())
    assert written == version.manifest.metrics
    page = (folder / "report.html").read_text()
    assert f"{written['last_of_each_user']['ratings']['models']['als']['rmse']:.4f}" in page
    assert version.manifest.data.content_hash in page


def test_the_report_says_why_these_models(engine: Engine, settings: TrainerSettings) -> None:
    add(engine, *ordinary_events())
    small = settings.model_copy(update={"ease_max_items": 39})
    version = train(engine, small)
    metrics = Metrics.model_validate(version.manifest.metrics)
    choice, split = metrics.choice, metrics.last_of_each_user
    assert choice is not None
    assert choice.rating is not None
    assert choice.rating.model == version.manifest.rating_model
    assert choice.ranker.model == version.manifest.ranker
    rmse = {name: model.rmse for name, model in split.ratings.models.items()}
    first, second = sorted(rmse.items(), key=lambda pair: pair[1] or 0)[:2]
    assert (choice.rating.model, choice.rating.runner_up) == (first[0], second[0])
    assert choice.rating.difference == pytest.approx((second[1] or 0) - (first[1] or 0))
    assert {"ease", "blend"} <= choice.left_out.keys()
    text, page = (
        as_text(version.manifest),
        (settings.artifact_dir / "models" / version.name / "report.html").read_text(),
    )
    for sentence in (
        f"Ratings by {first[0]}: the best RMSE, {first[1]:.4f}, ",
        f" better than {second[0]}.",
        "Left out: ease: 40 items are more than EASE_MAX_ITEMS, 39.",
    ):
        assert sentence in text
        assert sentence in page


def test_the_log_names_the_variants(
    engine: Engine,
    settings: TrainerSettings,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    add(engine, *ordinary_events())
    auto = {"model": "ials", "ials_shrinkage": "auto", "recency": "auto"}
    version = train(engine, settings.model_copy(update=auto))
    bars = capsys.readouterr().err
    for shrinkage in ("0.3", "0.45", "0.6"):
        assert f"fit ials, shrinkage {shrinkage}:" in bars
    chosen = version.manifest.settings
    assert "ials, best of 12 variants: " in caplog.text
    assert f"ials_shrinkage {chosen['ials_shrinkage']:g}" in caplog.text
    assert "ials is fitted once more, to all interactions" in caplog.text


def test_what_shaped_the_arrays_is_recorded_and_nothing_else(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(engine, event("u", "i", 4, 0))
    recorded = train(engine, settings).manifest.settings
    left = TrainerSettings.model_fields.keys() - recorded.keys()
    of_this_machine = {"device", "threads", "keep_versions"}
    assert left == of_this_machine | set(Settings.model_fields)


def test_a_report_says_where_there_was_too_little_to_measure(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(engine, event("u", "i", 4, 0))
    text = as_text(train(engine, settings).manifest)
    assert "too few to measure" in text
    assert "RMSE" not in text


def test_old_versions_are_removed(engine: Engine, settings: TrainerSettings) -> None:
    add(engine, event("u", "i", 4, 0))
    kept = settings.model_copy(update={"keep_versions": 2})
    names = [train(engine, kept).name for _run in range(5)]
    left = {path.name for path in (settings.artifact_dir / "models").iterdir()}
    assert left == set(names[-4:])  # two besides the current and the previous one


def test_cuda_that_is_not_there_is_an_error_in_words(
    engine: Engine, settings: TrainerSettings
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    with pytest.raises(SommelierError, match="'DEVICE' has value 'cuda'"):
        train_and_publish(engine, settings.model_copy(update={"device": "cuda"}))


def environment_of(tmp_path: Path) -> dict[str, str]:
    quick = {name.upper(): str(value) for name, value in QUICK.items()}
    database = f"sqlite:///{tmp_path / 'test.sqlite'}"
    return quick | {"DATABASE_URL": database, "ARTIFACT_DIR": str(tmp_path / "artifacts")}


def run_trainer(tmp_path: Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "services.trainer"],
        env=os.environ | environment_of(tmp_path) | environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr


@pytest.fixture
def in_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program can be called in this process: another one takes seconds to import torch."""
    for name, value in environment_of(tmp_path).items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("in_environment")
def test_the_program_trains_always_or_if_none(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    add(engine, *ordinary_events())
    main(["--if-none"])
    first = read_current(tmp_path / "artifacts")
    assert first is not None
    assert f"Version {first.version} is current" in caplog.text

    main(["--if-none"])
    assert read_current(tmp_path / "artifacts") == first
    assert "nothing to train" in caplog.text

    main([])
    second = read_current(tmp_path / "artifacts")
    assert second is not None
    assert second.previous == first.version


@pytest.mark.usefixtures("in_environment")
def test_if_none_trains_where_the_current_version_is_damaged(
    engine: Engine, settings: TrainerSettings, caplog: pytest.LogCaptureFixture
) -> None:
    add(engine, *ordinary_events())
    damaged = train(engine, settings).name
    (settings.artifact_dir / "models" / damaged / "popularity.npy").write_bytes(b"")
    main(["--if-none"])
    current = read_current(settings.artifact_dir)
    assert current is not None
    assert current.version != damaged
    assert "checksum" in caplog.text


@pytest.mark.usefixtures("in_environment")
def test_what_a_search_finds_stays_with_the_versions_after_it(
    engine: Engine, settings: TrainerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALS_SWEEPS")
    add(engine, *ordinary_events())
    main(["--search", "0.01"])
    searched = current_version(settings).manifest
    assert searched.found is not None
    assert {"als_regularization", "ease_regularization"} <= set(searched.found.settings)
    main([])
    later = current_version(settings).manifest
    assert later.found == searched.found
    assert later.settings["als_regularization"] == searched.found.settings["als_regularization"]
    assert later.settings["ials_rank"] == settings.ials_rank  # what was set stays


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "inf", "nan"])
def test_a_budget_is_a_number_of_seconds(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--search", seconds])
    assert f"invalid positive_seconds value: '{seconds}'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"ALS_RANK": "0"}, "Config 'ALS_RANK' has value '0'. Input should be greater than 0."),
        ({"ALS_REGULARIZATION": "inf"}, "Config 'ALS_REGULARIZATION' has value 'inf'."),
        ({"SEED": "9" * 23}, "Config 'SEED' has value"),
        (
            {"MODEL": "oracle"},
            "Config 'MODEL' has value 'oracle'. Input should be 'auto', 'popularity', 'bias', ",
        ),
        ({"DATABASE_URL": "nonsense"}, "Config 'DATABASE_URL' is not valid"),
    ],
)
@pytest.mark.usefixtures("in_environment")
def test_every_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], line: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as error:
        main([])
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)


def test_settings_are_read_without_torch() -> None:
    """It takes seconds, and a wrong setting or a version that is current need none of it."""
    program = "import sys, services.trainer.__main__; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_a_wrong_setting_ends_the_program_in_one_line(tmp_path: Path) -> None:
    status, log = run_trainer(tmp_path, MODEL="oracle")
    assert status == 1
    assert log.startswith("Config 'MODEL' has value 'oracle'.")
    assert log.count("\n") == 1


@pytest.mark.usefixtures("in_environment")
def test_an_empty_database_says_what_to_do() -> None:
    with pytest.raises(NothingToLearnError, match="make generate"):
        main([])
