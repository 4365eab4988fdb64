"""GET /users/{user_id}/export: all that is held of a user."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.api.live.reader import DatabaseReader
from services.api.privacy.export import PAGE_ROWS, Exporter
from services.api.problems import DatabaseAway
from shared.artifacts.versions import read_version
from shared.database import tables
from shared.database.storage import insert_missing
from tests.api import small_version
from tests.api.interactions import NOW, record
from tests.api.keys import ADMIN, KEYS, READ, WRITE, with_key
from tests.api.serving import Serve
from tests.api.small_version import CERTAINTY, FASHION_FANS, TECH_FANS
from tests.api.wire import closed_port


@pytest.fixture
def api(serve: Serve, version: str) -> Iterator[httpx.Client]:
    """With time for a busy machine: nothing here is answered without the database."""
    with serve(database_timeout_seconds=10, write_timeout_seconds=10) as client:
        yield client


def path_of(user_id: str) -> str:
    return "/users/" + "".join(f"%{byte:02X}" for byte in user_id.encode()) + "/export"


def export(api: httpx.Client, user_id: str) -> dict[str, Any]:
    answer = api.get(path_of(user_id))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    exported: dict[str, Any] = answer.json()
    assert exported["user_id"] == user_id
    return exported


def test_the_user_every_interaction_and_every_version(
    api: httpx.Client, engine: Engine, artifact_dir: Path, version: str
) -> None:
    second = small_version.publish(artifact_dir, rating_model="bayesian")
    small_version.publish(artifact_dir, users=("someone else",))
    with engine.begin() as connection:
        user = {"user_id": "U10001", "attributes": {"age": 30}, "created_at": NOW}
        insert_missing(connection, tables.users, [user])
    record(engine, "U10001", "later", occurred_at=NOW + dt.timedelta(days=1), event_type="view")
    record(engine, "U10001", "TECH1001")
    record(engine, "U1", "TECH1001")

    exported = export(api, "U10001")

    assert exported["user"] == {"attributes": {"age": 30}, "created_at": "2025-03-01T12:00:00Z"}
    first, last = exported["interactions"]
    assert len(first.pop("event_id")) == 16
    assert first == {
        "item_id": "TECH1001",
        "event_type": "rating",
        "rating": 4.5,
        "value": None,
        "occurred_at": "2025-03-01T12:00:00Z",
        "recommendation_id": None,
        "created_at": "2025-03-01T12:00:00Z",
    }
    assert (last["item_id"], last["rating"]) == ("later", None)
    assert [held["model_version"] for held in exported["versions"]] == sorted([version, second])
    by_name = {held["model_version"]: held for held in exported["versions"]}
    held = by_name[version]
    assert [row["item_id"] for row in held["history"]] == ["TECH1001", "TECH1002", "TECH1003"]
    content = read_version(artifact_dir, version).content
    trained = content.histories[content.users.find("U10001")]
    assert [row["rating"] for row in held["history"]] == trained.ratings.tolist()
    assert [row["confidence"] for row in held["history"]] == trained.confidences.tolist()
    assert {row["preference"] for row in held["history"]} == {True}
    assert held["numbers"] == {"als": {"user_bias": 0, "user_factors": [1, 0]}}
    assert (held["segment"]["name"], held["segment"]["certainty"]) == ("tech", CERTAINTY)
    assert by_name[second]["numbers"]["bayesian"] == {}  # its users are their histories


def test_more_interactions_than_are_read_at_once(api: httpx.Client, engine: Engine) -> None:
    items = [f"item {n:05}" for n in range(2 * PAGE_ROWS)]
    for begin in range(0, len(items), 1000):  # all of one moment: in the order of their ids
        record(engine, "U1", *items[begin : begin + 1000])
    record(engine, "U1", "first", occurred_at=NOW - dt.timedelta(days=1))
    item_ids = [row["item_id"] for row in export(api, "U1")["interactions"]]
    assert item_ids == ["first", *items]


def test_exactly_as_many_interactions_as_are_read_at_once(
    api: httpx.Client, engine: Engine
) -> None:
    record(engine, "U1", *(f"item {n}" for n in range(PAGE_ROWS)))
    assert len(export(api, "U1")["interactions"]) == PAGE_ROWS


@pytest.mark.parametrize("user_id", TECH_FANS + FASHION_FANS)
def test_any_id_in_a_path(standing_api: httpx.Client, user_id: str) -> None:
    exported = export(standing_api, user_id)
    assert len(exported["versions"]) == 1
    assert exported["interactions"] == []


def test_a_user_of_whom_nothing_is_held(api: httpx.Client) -> None:
    answer = api.get("/users/nobody/export")
    assert (answer.status_code, answer.json()["title"]) == (404, "Unknown user")


def test_a_user_whom_only_the_database_knows(api: httpx.Client, engine: Engine) -> None:
    record(engine, "new one", "TECH1001")
    exported = export(api, "new one")
    assert (exported["user"], exported["versions"]) == (None, [])
    assert len(exported["interactions"]) == 1


def test_a_user_who_was_erased(api: httpx.Client, engine: Engine) -> None:
    record(engine, "U1", "TECH1001")
    assert api.delete("/users/U1").status_code == 200
    assert api.get("/users/U1/export").status_code == 404


def test_versions_that_cannot_be_read_and_files_are_named(
    api: httpx.Client, artifact_dir: Path, version: str
) -> None:
    damaged = small_version.publish(artifact_dir)
    (artifact_dir / "models" / damaged / "is_active.npy").unlink()
    (artifact_dir / "rejects").mkdir()
    (artifact_dir / "rejects" / "views.csv").write_text("U1")
    exported = export(api, "U1")
    assert [held["model_version"] for held in exported["versions"]] == [version]
    assert [sentence for sentence in exported["not_included"] if damaged in sentence]
    assert [sentence for sentence in exported["not_included"] if "rejects/" in sentence]


@pytest.mark.usefixtures("version")
def test_without_the_database_there_is_no_export(serve: Serve) -> None:
    with closed_port() as port:
        url = f"mysql+pymysql://user:secret@127.0.0.1:{port}/sommelier"
        with serve(database_url=url) as api:
            answer = api.get("/users/U1/export")
            assert (answer.status_code, answer.json()["title"]) == (503, "Database away")


@pytest.mark.anyio
async def test_an_export_breaks_off_where_the_database_does(
    engine: Engine, artifact_dir: Path
) -> None:
    record(engine, "U1", *(f"item {n}" for n in range(PAGE_ROWS)))
    database = DatabaseReader(engine.url, timeout=5)
    pieces = await Exporter(database, artifact_dir).export("U1")
    assert (await anext(pieces)).startswith(b'{"user_id":"U1"')
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE interactions RENAME TO hidden"))
    with pytest.raises(DatabaseAway, match="breaks off"):
        await anext(pieces)
    database.close()


@pytest.mark.usefixtures("version")
def test_only_the_administrator_exports(serve: Serve) -> None:
    with serve(**KEYS) as api:
        for key, status in ((None, 401), (READ, 403), (WRITE, 403), (ADMIN, 200)):
            answer = api.get("/users/U1/export", headers=with_key(key))
            assert answer.status_code == status
