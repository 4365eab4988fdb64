"""DELETE /users/{user_id}: what goes, what stays, and what the receipt says."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from services.api.privacy.erasure import CHUNK_ROWS
from shared.artifacts.versions import read_version
from shared.database import tables
from shared.database.engine import connect, migrate
from shared.database.storage import count, insert_missing
from shared.database.tombstones import erased_among
from tests.api import small_version
from tests.api.interactions import NOW, record
from tests.api.keys import ADMIN, KEYS, READ, WRITE, with_key
from tests.api.serving import Serve, eventually
from tests.api.small_version import FASHION_FANS, TECH_FANS
from tests.api.wire import closed_port

EVERYONE = sorted(TECH_FANS + FASHION_FANS)


@pytest.fixture
def api(serve: Serve, version: str) -> Iterator[httpx.Client]:
    """With time for a busy machine: nothing here is answered without the database."""
    with serve(database_timeout_seconds=10, write_timeout_seconds=10) as client:
        yield client


def path_of(user_id: str) -> str:
    return "/users/" + "".join(f"%{byte:02X}" for byte in user_id.encode())


def erase(api: httpx.Client, user_id: str) -> dict[str, Any]:
    """The receipt."""
    answer = api.delete(path_of(user_id))
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()
    assert receipt["user_id"] == user_id
    return receipt


def register(engine: Engine, user_id: str) -> None:
    with engine.begin() as connection:
        user = {"user_id": user_id, "attributes": {"age": 30}, "created_at": NOW}
        insert_missing(connection, tables.users, [user])


def list_of(api: httpx.Client, user_id: str) -> list[dict[str, Any]]:
    answer = api.post("/recommend", json={"user_id": user_id, "top_n": 5}).json()
    recommendations: list[dict[str, Any]] = answer["recommendations"]
    return recommendations


def users_with_rows(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        named = sa.union(
            sa.select(tables.users.c.user_id), sa.select(tables.interactions.c.user_id)
        )
        return set(connection.scalars(named))


def is_erased(engine: Engine, user_id: str) -> bool:
    with engine.connect() as connection:
        return bool(erased_among(connection, [user_id]))


def test_rows_lists_and_every_version_are_erased_and_counted(
    api: httpx.Client, engine: Engine, artifact_dir: Path, version: str
) -> None:
    second = small_version.publish(artifact_dir)
    for user in ("U10001", "U1"):
        register(engine, user)
        record(engine, user, "TECH1001", "TECH1002", "elsewhere")
    before = list_of(api, "U1")
    personal = list_of(api, "U10001")
    assert {item["source"] for item in personal} == {"personal"}

    receipt = erase(api, "U10001")

    assert receipt["removed"] == {
        "interactions": 3,
        "user": 1,
        "cached_lists": 1,
        "versions": sorted([version, second]),
    }
    erased_at = dt.datetime.fromisoformat(receipt["erased_at"])
    assert abs(dt.datetime.now(dt.UTC) - erased_at) < dt.timedelta(minutes=1)
    assert users_with_rows(engine) == {"U1"}
    assert is_erased(engine, "U10001")
    for name in (version, second):
        assert "U10001" not in read_version(artifact_dir, name).content.users
    files = [path for path in (artifact_dir / "models").rglob("*") if path.is_file()]
    assert not [path for path in files if b"U10001" in path.read_bytes()]
    assert list_of(api, "U1") == before


def test_an_erased_user_is_a_stranger_at_once(api: httpx.Client) -> None:
    erase(api, "U10001")
    assert {item["source"] for item in list_of(api, "U10001")} == {"popular"}
    assert api.get("/users/U10001").status_code == 404
    listed = api.get("/users?limit=1000").json()
    assert [user["user_id"] for user in listed["users"]] == [u for u in EVERYONE if u != "U10001"]
    assert listed["total_count"] == len(EVERYONE) - 1 == api.get("/health").json()["num_users"]
    segments = api.get("/segments").json()["segments"]
    assert sum(segment["size"] for segment in segments) == len(EVERYONE) - 1


def test_any_id_can_be_erased_and_no_other_is(
    api: httpx.Client, artifact_dir: Path, version: str
) -> None:
    left = EVERYONE.copy()
    for user_id in ("a/b", "..", "line\nend\n", "🍷" * 64, " "):
        assert erase(api, user_id)["removed"]["versions"] == [version]
        left.remove(user_id)
        users = read_version(artifact_dir, version).content.users
        assert [users[index] for index in users.page(0, 100).tolist()] == left


def test_a_second_erasure_finds_nothing_and_keeps_the_moment_of_the_first(
    api: httpx.Client, engine: Engine
) -> None:
    record(engine, "U1", "TECH1001")
    first, second = erase(api, "U1"), erase(api, "U1")
    nothing = {"interactions": 0, "user": 0, "cached_lists": 0, "versions": []}
    assert second == first | {"removed": nothing}


def test_a_user_whom_only_the_database_knows_is_erased(api: httpx.Client, engine: Engine) -> None:
    register(engine, "new one")
    receipt = erase(api, "new one")
    assert receipt["removed"] | {"cached_lists": 0} == {
        "interactions": 0,
        "user": 1,
        "cached_lists": 0,
        "versions": [],
    }
    assert is_erased(engine, "new one")


def test_an_id_that_nobody_has_heard_of_is_refused_and_leaves_no_trace(
    api: httpx.Client, engine: Engine
) -> None:
    answer = api.delete("/users/nobody")
    assert (answer.status_code, answer.json()["title"]) == (404, "Unknown user")
    with engine.connect() as connection:
        assert count(connection, tables.tombstones) == 0


def test_what_is_no_id_is_refused(standing_api: httpx.Client) -> None:
    answer = standing_api.delete("/users/" + "x" * 65)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "user_id")


def test_what_is_left_of_an_erasure_that_broke_off_goes_with_the_next(
    api: httpx.Client, engine: Engine
) -> None:
    first = erase(api, "U1")
    record(engine, "U1", "TECH1001")
    second = erase(api, "U1")
    assert second["removed"]["interactions"] == 1
    assert second["erased_at"] == first["erased_at"]


def test_more_rows_than_one_transaction_takes(api: httpx.Client, engine: Engine) -> None:
    many = [f"item {n}" for n in range(2 * CHUNK_ROWS + 1)]
    for begin in range(0, len(many), 1000):
        record(engine, "U1", *many[begin : begin + 1000])
    record(engine, "u1", "TECH1001")
    assert erase(api, "U1")["removed"]["interactions"] == len(many)
    assert users_with_rows(engine) == {"u1"}


def test_two_erasures_of_a_user_at_once(api: httpx.Client, engine: Engine, version: str) -> None:
    record(engine, "U1", *(f"item {n}" for n in range(50)))
    with ThreadPoolExecutor(2) as threads:
        receipts = list(threads.map(lambda user: erase(api, user), ["U1", "U1"]))
    removed = [receipt["removed"] for receipt in receipts]
    assert sum(parts["interactions"] for parts in removed) == 50
    assert [parts["versions"] for parts in removed if parts["versions"]] == [[version]]
    with engine.connect() as connection:
        assert count(connection, tables.tombstones) == 1


def erase_while_a_writer_holds(api: httpx.Client, engine: Engine) -> dict[str, Any]:
    """The receipt of an erasure that began before a writer, who had looked already, committed."""
    row = {"event_type": "view", "occurred_at": NOW, "created_at": NOW}
    register(engine, "U1")
    with ThreadPoolExecutor(1) as thread, engine.begin() as connection:
        assert not erased_among(connection, ["U1"], hold=True)
        erasure = thread.submit(erase, api, "U1")
        assert not wait([erasure], timeout=0.2).done
        event = row | {"event_id": "late", "user_id": "U1", "item_id": "TECH1001"}
        connection.execute(sa.insert(tables.interactions).values(event))
        connection.commit()
        return erasure.result()


def test_rows_of_a_writer_who_looked_before_the_tombstone_go_too(
    api: httpx.Client, engine: Engine
) -> None:
    assert erase_while_a_writer_holds(api, engine)["removed"]["interactions"] == 1
    assert users_with_rows(engine) == set()


@pytest.mark.containers
@pytest.mark.usefixtures("version")
def test_rows_of_such_a_writer_go_on_mysql_too(serve: Serve, mysql: Engine) -> None:
    with serve(database_url=mysql.url.render_as_string(hide_password=False)) as api:
        assert erase_while_a_writer_holds(api, mysql)["removed"]["interactions"] == 1
    assert users_with_rows(mysql) == set()


def test_a_volume_that_cannot_be_written_is_told_with_each_version(
    api: httpx.Client, engine: Engine, artifact_dir: Path, version: str
) -> None:
    record(engine, "U1", "TECH1001")
    (artifact_dir / ".lock").unlink()
    (artifact_dir / ".lock").mkdir()  # as on a volume that is mounted read-only, also for root
    receipt = erase(api, "U1")
    assert receipt["removed"]["versions"] == []
    assert users_with_rows(engine) == set()
    sentences = " ".join(receipt["not_reached"])
    assert f"Version {version} could not be cleaned" in sentences
    assert "cannot be written" in sentences

    (artifact_dir / ".lock").rmdir()
    assert erase(api, "U1")["removed"]["versions"] == [version]


def test_a_damaged_version_is_told(api: httpx.Client, artifact_dir: Path, version: str) -> None:
    damaged = small_version.publish(artifact_dir)
    (artifact_dir / "models" / damaged / "is_active.npy").unlink()
    receipt = erase(api, "U1")
    assert receipt["removed"]["versions"] == [version]
    [sentence] = [sentence for sentence in receipt["not_reached"] if damaged in sentence]
    assert "is_active" in sentence


def test_rejected_rows_are_named_where_there_are_some(
    api: httpx.Client, artifact_dir: Path
) -> None:
    assert not [sentence for sentence in erase(api, "U1")["not_reached"] if "rejects/" in sentence]
    (artifact_dir / "rejects").mkdir()
    (artifact_dir / "rejects" / "views.csv").write_text("U1")
    assert [sentence for sentence in erase(api, "U1")["not_reached"] if "rejects/" in sentence]


@pytest.mark.usefixtures("version")
def test_without_the_database_nothing_is_erased(serve: Serve, artifact_dir: Path) -> None:
    with closed_port() as port:
        url = f"mysql+pymysql://user:secret@127.0.0.1:{port}/sommelier"
        with serve(database_url=url) as api:
            answer = api.delete("/users/U1")
            assert (answer.status_code, answer.json()["title"]) == (503, "Database away")
            assert "Retry-After" in answer.headers
    [folder] = (artifact_dir / "models").iterdir()
    assert "U1" in read_version(artifact_dir, folder.name).content.users


def test_a_database_that_goes_midway_is_told_and_the_rest_follows(
    api: httpx.Client, engine: Engine, version: str
) -> None:
    register(engine, "U1")
    record(engine, "U1", "TECH1001")
    with engine.begin() as connection:
        connection.execute(sa.text(REFUSE_DELETES))
    answer = api.delete("/users/U1")
    assert (answer.status_code, answer.json()["title"]) == (503, "Database away")
    assert "Repeat the request" in answer.json()["detail"]
    assert is_erased(engine, "U1")
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER refuse"))
    eventually(lambda: api.delete("/users/U1").status_code == 200)
    assert users_with_rows(engine) == set()
    assert api.get("/users/U1").status_code == 404


REFUSE_DELETES = (
    "CREATE TRIGGER refuse BEFORE DELETE ON interactions BEGIN DELETE FROM missing; END"
)


@pytest.mark.usefixtures("version")
def test_only_the_administrator_erases(serve: Serve) -> None:
    with serve(**KEYS) as api:
        for key, status in ((None, 401), (ADMIN.upper(), 401), (READ, 403), (WRITE, 403)):
            assert api.delete("/users/U1", headers=with_key(key)).status_code == status
        assert api.get("/users/U1", headers=with_key(WRITE)).status_code == 200
        assert api.delete("/users/U1", headers=with_key(ADMIN)).status_code == 200


@pytest.fixture
def mysql(mysql_database: URL) -> Iterator[Engine]:
    engine = connect(mysql_database)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.mark.containers
@pytest.mark.usefixtures("version")
def test_with_mysql_and_redis(serve: Serve, mysql: Engine, redis_url: str) -> None:
    many = [f"item {n}" for n in range(CHUNK_ROWS + 1)]
    register(mysql, "U1")
    for user in ("U1", "u1", "u1 "):
        record(mysql, user, *many[:1000])
    record(mysql, "U1", *many[1000:])
    url = mysql.url.render_as_string(hide_password=False)
    with serve(database_url=url, redis_url=redis_url, database_timeout_seconds=5) as api:
        lists = {user: list_of(api, user) for user in ("U1", "u1")}
        receipt = erase(api, "U1")
        assert receipt["removed"]["cached_lists"] == 1
        assert receipt["removed"]["interactions"] == len(many)
        assert receipt["removed"]["user"] == 1
        assert list_of(api, "u1") == lists["u1"]
        assert list_of(api, "U1") != lists["U1"]
    assert users_with_rows(mysql) == {"u1", "u1 "}


@pytest.mark.usefixtures("version")
def test_lists_in_a_cache_that_is_away_are_told(serve: Serve) -> None:
    with closed_port() as port, serve(redis_url=f"redis://127.0.0.1:{port}/0") as api:
        receipt = erase(api, "U1")
    assert receipt["removed"]["cached_lists"] is None
    assert [sentence for sentence in receipt["not_reached"] if "300 seconds" in sentence]


def test_another_replica_forgets_the_user_too(serve: Serve, api: httpx.Client) -> None:
    with serve() as other:
        assert other.get("/users/U1").status_code == 200
        erase(api, "U1")
        eventually(lambda: other.get("/health").json()["num_users"] == len(EVERYONE) - 1)
        assert other.get("/users/U1").status_code == 404
