"""Whatever comes in whichever order: rows are whose a few lines of Python say."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from shared.database import tables
from shared.database.engine import connect
from tests.api import serving, small_version
from tests.properties import checked

PEOPLE = st.sampled_from("abcd")
EVENTS = st.sampled_from("123456")

Step = tuple[str, ...]

STEPS = st.one_of(
    st.tuples(st.just("send"), PEOPLE, EVENTS),
    st.tuples(st.just("merge"), PEOPLE, PEOPLE),
    st.tuples(st.just("describe"), PEOPLE, EVENTS),
    st.tuples(st.just("erase"), PEOPLE),
    st.tuples(st.just("remove"), EVENTS),
)


@dataclass
class World:
    """What there should be: whose each event is, what each user declares, whose each id is."""

    events: dict[str, str] = field(default_factory=dict)
    declared: dict[str, dict[str, str]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)

    def owner(self, person: str) -> str:
        return self.owners.get(person, person)

    def send(self, person: str, event: str) -> int:
        if person in self.erased:
            return 0
        self.declared.setdefault(self.owner(person), {})
        is_new = event not in self.events
        self.events.setdefault(event, self.owner(person))
        return int(is_new)

    def describe(self, person: str, value: str) -> int:
        if person in self.erased:
            return 0
        is_new = self.owner(person) not in self.declared
        self.declared[self.owner(person)] = {value: person}
        return int(is_new)

    def merge(self, alias: str, into: str) -> int:
        owner = self.owner(into)
        is_anothers = self.owner(alias) not in (alias, owner)
        if owner == alias or is_anothers or {alias, owner} & self.erased:
            return 409
        self.owners |= {p: owner for p, of in self.owners.items() if of == alias} | {alias: owner}
        self.events = {e: owner if of == alias else of for e, of in self.events.items()}
        own = self.declared.pop(alias, {}) | self.declared.get(owner, {})
        self.declared[owner] = own
        return 200

    def erase(self, person: str) -> int:
        owner = self.owner(person)
        ids = {owner, *(alias for alias, of in self.owners.items() if of == owner)}
        known = {*self.declared, *self.events.values(), *self.owners.values(), *self.erased}
        if not ids & known:
            return 404
        self.erased |= ids
        self.owners = {alias: of for alias, of in self.owners.items() if of != owner}
        self.events = {event: of for event, of in self.events.items() if of != owner}
        self.declared.pop(owner, None)
        return 200

    def remove(self, event: str) -> int:
        return 404 if self.events.pop(event, None) is None else 200


class RealWorld:
    """The same by requests, for ids of its own."""

    def __init__(self, api: httpx.Client, engine: Engine, mark: str) -> None:
        self._api = api
        self._engine = engine
        self._mark = mark

    def _id(self, name: str) -> str:
        return f"{self._mark}-{name}"

    def send(self, person: str, event: str) -> int:
        row = {"item_id": "TECH1001", "event_type": "view"}
        row |= {"user_id": self._id(person), "event_id": self._id(event)}
        answer = self._api.post("/interactions", json={"interactions": [row]})
        return int(answer.raise_for_status().json()["accepted"])

    def describe(self, person: str, value: str) -> int:
        row = {"user_id": self._id(person), "attributes": {value: person}}
        answer = self._api.post("/users", json={"users": [row]})
        return int(answer.raise_for_status().json()["created"])

    def merge(self, alias: str, into: str) -> int:
        body = {"from": self._id(alias), "into": self._id(into)}
        return self._api.post("/users/merge", json=body).status_code

    def erase(self, person: str) -> int:
        return self._api.delete(f"/users/{self._id(person)}").status_code

    def remove(self, event: str) -> int:
        return self._api.delete(f"/interactions/{self._id(event)}").status_code

    def world(self) -> World:
        """What the tables hold; a tombstone tells no id."""
        events, users, merges = tables.interactions.c, tables.users.c, tables.merges.c
        with self._engine.connect() as connection:
            return World(
                events=self._named(connection, events.event_id, events.user_id),
                declared=self._own(connection, users.user_id, users.attributes),
                owners=self._named(connection, merges.user_id, merges.into_user_id),
            )

    def _own(
        self, connection: Connection, key: sa.Column[str], value: sa.Column[Any]
    ) -> dict[str, Any]:
        rows = connection.execute(sa.select(key, value).where(key.startswith(f"{self._mark}-")))
        return {self._name(row[0]): row[1] for row in rows}

    def _named(
        self, connection: Connection, key: sa.Column[str], value: sa.Column[str]
    ) -> dict[str, str]:
        own = self._own(connection, key, value)
        return {name: self._name(id_) for name, id_ in own.items()}

    def _name(self, id_: str) -> str:
        return id_.removeprefix(f"{self._mark}-")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("identity")
    small_version.publish_current(folder / "artifacts", users=("somebody",))
    return folder


@pytest.fixture(scope="module")
def api(folder: Path) -> Iterator[httpx.Client]:
    with serving.serving(serving.settings(folder)) as api:
        yield api


@pytest.fixture(scope="module")
def engine(api: httpx.Client, folder: Path) -> Iterator[Engine]:
    engine = connect(serving.settings(folder).database())
    yield engine
    engine.dispose()


marks = map(str, itertools.count())


@pytest.mark.programs  # a second or more
@settings(checked, max_examples=60)
@given(st.lists(STEPS, min_size=4, max_size=25))
def test_rows_are_whose_they_should_be(
    api: httpx.Client, engine: Engine, steps: list[Step]
) -> None:
    expected, real = World(), RealWorld(api, engine, next(marks))
    for step, *arguments in steps:
        answers = [getattr(world, step)(*arguments) for world in (expected, real)]
        assert answers[0] == answers[1], (step, arguments)
    found = real.world()
    assert found.events == expected.events
    assert found.owners == expected.owners
    assert found.declared == expected.declared
