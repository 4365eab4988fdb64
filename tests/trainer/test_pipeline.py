"""From rows to a current version, on ordinary and on degenerate data."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.engine import Engine

from services.trainer.pipeline import train_and_publish
from services.trainer.report import as_text
from services.trainer.settings import TrainerSettings
from shared.current import read_current
from shared.errors import SommelierError
from shared.storage import Row
from shared.versions import Version, read_version
from tests.trainer.events import add, event


@pytest.fixture
def settings(tmp_path: Path) -> TrainerSettings:
    return TrainerSettings(artifact_dir=tmp_path / "artifacts", threads=1)


def train(engine: Engine, settings: TrainerSettings) -> Version:
    manifest = train_and_publish(engine, settings)
    current = read_current(settings.artifact_dir)
    assert current is not None
    assert current.version == manifest.version
    return read_version(settings.artifact_dir, manifest.version)


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
    assert (manifest.rating_model, manifest.ranker) == ("als", "als")
    assert manifest.settings["als_rank"] == settings.als_rank
    assert "database_url" not in manifest.settings
    user = content.users.find("u4")
    seen = {content.items[index] for index in content.seen(user).tolist()}
    assert seen == {row["item_id"] for row in events if row["user_id"] == "u4"}
    even = [content.items.find(f"i{n}") for n in range(0, 40, 2)]
    odd = [content.items.find(f"i{n}") for n in range(1, 40, 2)]
    scores = version.ranker.score(user)
    assert scores[even].min() > scores[odd].max()


def test_held_out_ratings_are_measured_beside_the_baselines(
    engine: Engine, settings: TrainerSettings
) -> None:
    events = ordinary_events()
    add(engine, *events)
    metrics = train(engine, settings).manifest.metrics
    per_user = metrics["last_of_each_user"]
    assert per_user["protocol"] == "last 10% of each user's ratings"
    assert per_user["train_ratings"] + per_user["test_ratings"] == len(events)
    models = per_user["models"]
    assert models["als"]["mse"] < 0.5 < 1.5 < models["bias"]["mse"]
    assert models["als"]["rmse"] == pytest.approx(models["als"]["mse"] ** 0.5)
    assert models["global_mean"]["mse"] == pytest.approx(2.25, abs=0.1)
    assert per_user["noise_floor"] is None
    in_time = metrics["last_in_time"]
    assert in_time["warm_users"]["test_ratings"] > 0
    assert in_time["cold_users"] == {"test_ratings": 0, "models": None}


def test_new_users_are_measured_apart(engine: Engine, settings: TrainerSettings) -> None:
    add(engine, *ordinary_events(), *(event("late", f"i{n}", 3, 9000 + n) for n in range(20)))
    in_time = train(engine, settings).manifest.metrics["last_in_time"]
    assert in_time["cold_users"]["test_ratings"] == 20


def test_equal_data_settings_and_seed_give_equal_arrays(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(engine, *ordinary_events())
    first, second = train(engine, settings), train(engine, settings)
    assert first.name != second.name
    assert first.manifest.arrays == second.manifest.arrays
    assert first.manifest.metrics == second.manifest.metrics


def test_files_without_times_are_split_at_random(engine: Engine, settings: TrainerSettings) -> None:
    add(engine, *({**row, "occurred_at": row["created_at"]} for row in ordinary_events()))
    metrics = train(engine, settings).manifest.metrics
    assert metrics["last_of_each_user"]["protocol"].startswith("random 10%")
    assert metrics["last_in_time"] is None


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
    predicted = version.rater.rate(np.array([0, -1]), np.array([0, -1]))
    assert np.isfinite(predicted).all()
    assert min(ratings) - 1 <= predicted.min() <= predicted.max() <= max(ratings) + 1


def test_what_comes_to_no_finite_numbers_is_not_published(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(engine, *ordinary_events())
    good = train(engine, settings).name
    with pytest.raises(SommelierError, match="no finite numbers"):
        train_and_publish(engine, settings.model_copy(update={"als_regularization": 1e39}))
    current = read_current(settings.artifact_dir)
    assert current is not None
    assert current.version == good


def test_data_without_ratings_is_ordered_by_popularity(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(
        engine,
        event("u", "a", None, 1, "view"),
        event("v", "a", None, 2, "purchase"),
        event("v", "b", None, 3, "view"),
    )
    version = train(engine, settings)
    assert version.rater is None
    assert version.ranker.score(0).tolist() == [2, 1]
    assert version.manifest.data.rating_scale is None
    assert version.manifest.metrics == {}


def test_the_report_stands_beside_the_version(engine: Engine, settings: TrainerSettings) -> None:
    add(engine, *ordinary_events())
    version = train(engine, settings)
    folder = settings.artifact_dir / "models" / version.name
    told = json.loads((folder / "metrics.json").read_text())
    assert told == version.manifest.metrics
    page = (folder / "report.html").read_text()
    assert f"{told['last_of_each_user']['models']['als']['rmse']:.4f}" in page
    assert version.manifest.data.content_hash in page


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


def run_trainer(tmp_path: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "services.trainer", *arguments],
        env=os.environ
        | {"DATABASE_URL": f"sqlite:///{tmp_path / 'test.sqlite'}"}
        | {"ARTIFACT_DIR": str(tmp_path / "artifacts")}
        | environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr


def test_the_program_trains_always_or_if_none(engine: Engine, tmp_path: Path) -> None:
    add(engine, *ordinary_events())
    status, log = run_trainer(tmp_path, "--if-none")
    first = read_current(tmp_path / "artifacts")
    assert first is not None
    assert status == 0
    assert f"Version {first.version} is current" in log

    status, log = run_trainer(tmp_path, "--if-none")
    assert (status, read_current(tmp_path / "artifacts")) == (0, first)
    assert "nothing to train" in log

    assert run_trainer(tmp_path)[0] == 0
    second = read_current(tmp_path / "artifacts")
    assert second is not None
    assert second.previous == first.version


def test_if_none_trains_where_the_current_version_is_damaged(
    engine: Engine, tmp_path: Path
) -> None:
    add(engine, *ordinary_events())
    settings = TrainerSettings(artifact_dir=tmp_path / "artifacts", threads=1)
    damaged = train(engine, settings).name
    (settings.artifact_dir / "models" / damaged / "popularity.npy").write_bytes(b"")
    status, log = run_trainer(tmp_path, "--if-none")
    current = read_current(settings.artifact_dir)
    assert status == 0
    assert current is not None
    assert current.version != damaged
    assert "checksum" in log


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"ALS_RANK": "0"}, "Config 'ALS_RANK' has value '0'. Input should be greater than 0."),
        ({"ALS_REGULARIZATION": "inf"}, "Config 'ALS_REGULARIZATION' has value 'inf'."),
        ({"SEED": "9" * 23}, "Config 'SEED' has value"),
        ({"MODEL": "oracle"}, "Config 'MODEL' has value 'oracle'."),
        ({"DATABASE_URL": "nonsense"}, "Config 'DATABASE_URL' is not valid"),
    ],
)
def test_a_wrong_setting_ends_the_program_in_one_line(
    tmp_path: Path, environment: dict[str, str], line: str
) -> None:
    status, log = run_trainer(tmp_path, **environment)
    assert status == 1
    assert log.startswith(line)
    assert log.count("\n") == 1


def test_an_empty_database_ends_the_program_in_one_line(tmp_path: Path) -> None:
    status, log = run_trainer(tmp_path)
    assert status == 1
    assert "Traceback" not in log
    assert "make generate" in log.splitlines()[-1]
