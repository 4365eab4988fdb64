"""POST /users and /items: what is given replaces, what is not given stays."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.engine import URL, Engine

from services.api.schemas.catalogue import (
    DEPTH,
    DescribedItem,
    DescribedResponse,
    DescribedUser,
    ItemsRequest,
    UsersRequest,
)
from services.api.schemas.interactions import (
    InteractionsRequest,
    InteractionsResponse,
    NewInteraction,
)
from shared.database.description_rules import ATTRIBUTES_LENGTH
from shared.database.engine import connect, migrate
from shared.database.tables import items, revisions, users
from shared.database.tombstones import bury
from tests.api.serving import Serve, serving, settings
from tests.api.test_problems import problem
from tests.api.wire import closed_port


@pytest.fixture
def database(database_url: URL) -> Iterator[Engine]:
    """Once on SQLite and once on MySQL."""
    database = connect(database_url)
    migrate(database)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One API for all tests that look at answers alone: a start and its files take .2 s."""
    folder = tmp_path_factory.mktemp("sink")
    with serving(settings(folder)) as api:
        yield api


@pytest.fixture
def writable(serve: Serve, database: Engine, version: str) -> Iterator[httpx.Client]:
    """The API over `database`."""
    url = database.url.render_as_string(hide_password=False)
    with serve(database_url=url) as api:
        yield api


def send(api: httpx.Client, kind: str, *rows: Any) -> Any:
    answer = api.post(f"/{kind}", json={kind: rows})
    assert answer.status_code == 200, answer.text
    return answer.json()


def item(engine: Engine, item_id: str) -> dict[str, Any]:
    columns = items.c.title, items.c.categories, items.c.attributes, items.c.is_active
    with engine.connect() as connection:
        query = sa.select(*columns).where(items.c.item_id == item_id)
        return dict(connection.execute(query).mappings().one())


def revision_of(engine: Engine) -> tuple[int, dict[str, int]]:
    """The catalogue's revision, and each item's."""
    with engine.connect() as connection:
        value = connection.scalar(sa.select(revisions.c.value)) or 0
        rows = connection.execute(sa.select(items.c.item_id, items.c.revision))
        return value, {row.item_id: row.revision for row in rows}


DEFAULTS = {"title": "", "categories": [], "attributes": {}, "is_active": True}
FULL = {
    "title": "ワイン 🍷",
    "categories": ["c"],
    "attributes": {"a": [1.5, None]},
    "is_active": False,
}


def test_a_new_item_gets_what_is_given_and_defaults(
    writable: httpx.Client, database: Engine
) -> None:
    rows = [{"item_id": "bare"}, {"item_id": "full", **FULL}]
    assert send(writable, "items", *rows) == {"created": 2, "updated": 0, "rejected": []}
    assert item(database, "bare") == DEFAULTS
    assert item(database, "full") == FULL


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"title": "new"},
        {"categories": ["new", "b"]},
        {"attributes": {}},
        {"attributes": {"b": 1}},
        {"is_active": True},
        {"title": "", "categories": []},
    ],
)
def test_what_is_not_given_stays(
    writable: httpx.Client, database: Engine, given: dict[str, Any]
) -> None:
    send(writable, "items", {"item_id": "i", **FULL})
    answer = send(writable, "items", {"item_id": "i", **given})
    assert answer == {"created": 0, "updated": 1, "rejected": []}
    assert item(database, "i") == FULL | given


def test_rows_with_different_fields_in_one_request(
    writable: httpx.Client, database: Engine
) -> None:
    send(writable, "items", {"item_id": "a", **FULL}, {"item_id": "b", **FULL})
    rows = [{"item_id": "a", "title": "A"}, {"item_id": "b", "is_active": True}, {"item_id": "c"}]
    assert send(writable, "items", *rows) == {"created": 1, "updated": 2, "rejected": []}
    assert item(database, "a") == FULL | {"title": "A"}
    assert item(database, "b") == FULL | {"is_active": True}


def test_of_one_id_twice_the_later_wins(writable: httpx.Client, database: Engine) -> None:
    rows = [{"item_id": "i", "title": "1", "categories": ["c"]}, {"item_id": "i", "title": "2"}]
    assert send(writable, "items", *rows) == {"created": 1, "updated": 1, "rejected": []}
    assert item(database, "i") == DEFAULTS | {"title": "2", "categories": ["c"]}


def test_each_request_counts_one_revision_for_all_its_items(
    writable: httpx.Client, database: Engine
) -> None:
    send(writable, "items", {"item_id": "a"}, {"item_id": "b", "title": "B"})
    assert revision_of(database) == (1, {"a": 1, "b": 1})
    send(writable, "items", {"item_id": "b"})  # said again: whoever reads may look again
    assert revision_of(database) == (2, {"a": 1, "b": 2})
    send(writable, "items", {"item_id": ""})
    assert revision_of(database)[0] == 2


def test_users_keep_what_is_not_given(writable: httpx.Client, database: Engine) -> None:
    rows = [{"user_id": "a", "attributes": {"名": 1}}, {"user_id": "b"}]
    assert send(writable, "users", *rows) == {"created": 2, "updated": 0, "rejected": []}
    rows = [{"user_id": "a"}, {"user_id": "b", "attributes": {"x": 2}}, {"user_id": "c"}]
    assert send(writable, "users", *rows) == {"created": 1, "updated": 2, "rejected": []}
    with database.connect() as connection:
        found = connection.execute(sa.select(users.c.user_id, users.c.attributes))
        assert {row.user_id: row.attributes for row in found} == {
            "a": {"名": 1},
            "b": {"x": 2},
            "c": {},
        }


def test_an_erased_user_stays_out(writable: httpx.Client, database: Engine) -> None:
    with database.begin() as connection:
        bury(connection, "gone", dt.datetime.now(dt.UTC))
    answer = send(writable, "users", {"user_id": ""}, {"user_id": "gone"}, {"user_id": "here"})
    assert (answer["created"], answer["updated"]) == (1, 0)
    assert [row["index"] for row in answer["rejected"]] == [0, 1]
    assert "user 'gone' was erased" in answer["rejected"][1]["reason"]
    with database.connect() as connection:
        assert list(connection.scalars(sa.select(users.c.user_id))) == ["here"]


def test_an_inactive_item_leaves_the_next_list(api: httpx.Client) -> None:
    body = {"user_id": "U10001", "top_n": 1}
    [best] = api.post("/recommend", json=body).json()["recommendations"]
    send(api, "items", {"item_id": best["item_id"], "is_active": False})
    [next_best] = api.post("/recommend", json=body).json()["recommendations"]
    assert next_best["item_id"] != best["item_id"]


def _nested(depth: int) -> dict[str, Any]:
    return {"a": _nested(depth - 1)} if depth > 1 else {}


@pytest.mark.parametrize(
    "attributes",
    [
        {"a": "x" * (ATTRIBUTES_LENGTH - len('{"a": ""}'))},
        _nested(DEPTH),
        {"a": 2**63 - 1, "b": -(2**63 - 1), "c": 1e308},
        {"": "", "\x00": "\x00"},
    ],
)
def test_large_attributes_come_back_as_they_were(
    writable: httpx.Client, database: Engine, attributes: dict[str, Any]
) -> None:
    assert send(writable, "items", {"item_id": "i", "attributes": attributes})["created"] == 1
    assert item(database, "i")["attributes"] == attributes


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"item_id": ""}, "item_id"),
        ({"item_id": "x" * 65}, "item_id"),
        ({"title": "no id"}, "item_id"),
        ({"item_id": "i", "title": "x" * 501}, "title"),
        ({"item_id": "i", "title": None}, "title"),
        ({"item_id": "i", "categories": ["x" * 201]}, "categories.0"),
        ({"item_id": "i", "categories": ["a|b"]}, "categories.0"),
        ({"item_id": "i", "categories": "a"}, "categories"),
        ({"item_id": "i", "is_active": 1}, "is_active"),
        ({"item_id": "i", "attributes": []}, "attributes"),
        ({"item_id": "i", "attributes": "{}"}, "attributes"),
        ({"item_id": "i", "attributes": {"a": "x" * ATTRIBUTES_LENGTH}}, "attributes"),
        ({"item_id": "i", "attributes": {"a": 2**63}}, "attributes"),
        ({"item_id": "i", "attributes": _nested(DEPTH + 1)}, "attributes"),
        ({"item_id": "i", "price": 3}, "price"),
        (7, "row"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_is_written(
    sink: httpx.Client, row: Any, field: str
) -> None:
    answer = send(sink, "items", {"item_id": "a"}, row, {"item_id": "b"})
    assert answer["created"] + answer["updated"] == 2
    [rejected] = answer["rejected"]
    assert rejected["index"] == 1
    assert rejected["reason"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    "attributes",
    ['{"a": NaN}', '{"a": [1e999]}', '{"a": "\\ud800"}', '{"\\ud800": 1}'],
)
def test_attributes_are_json_in_utf8(sink: httpx.Client, attributes: str) -> None:
    body = f'{{"users": [{{"user_id": "U1", "attributes": {attributes}}}]}}'
    headers = {"Content-Type": "application/json"}
    answer = sink.post("/users", content=body, headers=headers).raise_for_status().json()
    assert answer["rejected"][0]["reason"].startswith("attributes: ")


@pytest.mark.parametrize("kind", ["users", "items"])
def test_a_body_that_is_no_such_list(sink: httpx.Client, kind: str) -> None:
    bodies: list[Any] = [{}, {kind: []}, {kind: {}}, {kind: [{}] * 1001}, [], {"rows": []}]
    for body in bodies:
        problem(sink.post(f"/{kind}", json=body), 422)


def test_it_refuses_while_mysql_is_away(serve: Serve) -> None:
    with closed_port() as port:
        url = f"mysql+pymysql://user:secret@127.0.0.1:{port}/sommelier"
        with serve(database_url=url, write_timeout_seconds=1.5) as api:
            answer = api.post("/items", json={"items": [{"item_id": "i"}]}, timeout=2)
    assert problem(answer, 503)["title"] == "Database away"
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize(
    ("request_model", "row_model"),
    [
        (InteractionsRequest, NewInteraction),
        (UsersRequest, DescribedUser),
        (ItemsRequest, DescribedItem),
    ],
)
def test_examples_of_requests_hold_row_by_row(
    standing_api: httpx.Client, request_model: type[BaseModel], row_model: type[BaseModel]
) -> None:
    schemas = standing_api.get("/openapi.json").json()["components"]["schemas"]
    for example in schemas[request_model.__name__]["examples"]:
        [rows] = example.values()
        for row in rows:
            row_model.model_validate(row)
    [array] = schemas[request_model.__name__]["properties"].values()
    documented, anything_else = array["items"]["anyOf"]
    assert documented == {"$ref": f"#/components/schemas/{row_model.__name__}"}
    assert schemas[row_model.__name__]["properties"].keys() == row_model.model_fields.keys()
    assert anything_else == {}  # it is answered under `rejected`


@pytest.mark.parametrize("model", [InteractionsResponse, DescribedResponse])
def test_examples_of_answers_hold(standing_api: httpx.Client, model: type[BaseModel]) -> None:
    schemas = standing_api.get("/openapi.json").json()["components"]["schemas"]
    [example] = schemas[model.__name__]["examples"]
    assert model.model_validate(example).model_dump(mode="json") == example
