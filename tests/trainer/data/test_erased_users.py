"""A training leaves erased users out, whenever they are erased."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.trainer.data.dataset import NothingToLearnError
from services.trainer.data.reading import read_dataset
from services.trainer.pipeline import train_and_publish
from services.trainer.settings import TrainerSettings
from shared.artifacts.current import read_current
from shared.artifacts.versions import read_version, version_names
from shared.database.engine import open_database
from shared.database.tombstones import bury
from shared.errors import SommelierError
from shared.scorers.histories import Weighting
from tests.trainer.events import START, add, event
from tests.trainer.quick import QUICK

pytestmark = pytest.mark.programs

USERS = ("ada-stone", "ben-okafor", "cleo-marsh", "dan-ito")
EVENTS = [
    event(user, f"i{(n + place) % 5}", 1.0 + (n + place) % 5, minute=10 * place + n)
    for place, user in enumerate(USERS)
    for n in range(4)
]


@pytest.fixture
def settings(tmp_path: Path) -> TrainerSettings:
    return TrainerSettings(artifact_dir=tmp_path / "artifacts", model="als", **QUICK)


def erase(engine: Engine, *users: str) -> None:
    """Set the tombstones, and leave all else: as an erasure that broke off."""
    with engine.begin() as connection:
        for user in users:
            bury(connection, user, START)


def users_of(settings: TrainerSettings, version: str) -> set[str]:
    users = read_version(settings.artifact_dir, version).content.users
    return {users[index] for index in users.page(0, len(users)).tolist()}


def test_rows_that_an_erasure_left_are_not_read(engine: Engine) -> None:
    add(engine, *EVENTS, event("ben-okafor", "his alone", 5.0, 99))
    erase(engine, "ben-okafor", "someone else")
    dataset = read_dataset(engine, Weighting())
    assert list(dataset.users) == ["ada-stone", "cleo-marsh", "dan-ito"]
    assert "his alone" not in dataset.items
    assert dataset.summary.rows == 12


def test_with_rows_of_erased_users_alone_there_is_nothing_to_learn(engine: Engine) -> None:
    add(engine, *EVENTS)
    erase(engine, *USERS)
    with pytest.raises(NothingToLearnError):
        read_dataset(engine, Weighting())


def after_reading(engine: Engine, act: Callable[[], None]) -> None:
    """Do something when the training gives its connection back: once it has read its rows, and
    once it has looked at the tombstones after publishing."""
    sa.event.listen(engine, "checkin", lambda *_connection: act())


def test_who_is_erased_during_a_training_is_not_in_what_it_publishes(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(engine, *EVENTS)
    beside = open_database(engine.url)
    after_reading(engine, lambda: erase(beside, "cleo-marsh"))
    version = train_and_publish(engine, settings).version
    assert users_of(settings, version) == {"ada-stone", "ben-okafor", "dan-ito"}
    current = read_current(settings.artifact_dir)
    assert current is not None
    assert current.version == version
    files = [path for path in settings.artifact_dir.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert not [path for path in files if b"cleo-marsh" in path.read_bytes()]


def test_a_version_with_an_erased_user_that_came_back_is_cleaned_by_the_next_training(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(engine, *EVENTS)
    earlier = train_and_publish(engine, settings).version
    erase(engine, "dan-ito")
    train_and_publish(engine, settings)
    assert users_of(settings, earlier) == {"ada-stone", "ben-okafor", "cleo-marsh"}


def test_what_cannot_be_cleaned_never_becomes_current(
    engine: Engine, settings: TrainerSettings
) -> None:
    add(engine, *EVENTS)
    beside = open_database(engine.url)

    def block() -> None:
        for name in version_names(settings.artifact_dir):
            (settings.artifact_dir / "models" / name / ".manifest.json.writing").mkdir()

    after_reading(engine, lambda: erase(beside, "cleo-marsh"))
    after_reading(engine, block)  # there is no version yet the first time
    with pytest.raises(SommelierError, match=r"manifest\.json"):
        train_and_publish(engine, settings)
    assert read_current(settings.artifact_dir) is None
