"""An import of items taken back: what it said goes, what was said since stays."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.generator.importing.catalogue.roles import Subject
from services.generator.loads.record import LoadError
from services.generator.undo.choice import undo_of
from services.generator.undo.undo import Extent
from shared.database.storage import CATALOGUE_REVISION, catalogue_epoch, empty
from shared.database.tables import interactions, items, loads
from tests.generator.importing.catalogue.describing import NOW, items_of, take_in, users_of, write

BEFORE = [
    "id,title,categories,price,active,created",
    "a,One,X|Y,5,yes,2024-01-31",
    "b,Two,X,6,yes,",
]
JUNK = [
    "id,title,categories,price,active,junk",
    "a,Eins,Z,5,no,1",
    "b,Two,X,6,yes,2",
    "c,Three,X,7,yes,3",
]


def said(engine: Engine) -> dict[str, tuple[Any, ...]]:
    return {
        item_id: (row.title, row.categories, row.attributes, row.is_active, row.created_at)
        for item_id, row in items_of(engine).items()
    }


def last_load(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.max(loads.c.id))) or 0


def revision(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(CATALOGUE_REVISION) or 0


@pytest.fixture
def load_id(engine: Engine, tmp_path: Path) -> int:
    """An import that changes two items and brings a third."""
    take_in(engine, write(tmp_path / "before.csv", BEFORE))
    take_in(engine, write(tmp_path / "junk.csv", JUNK), now=NOW + dt.timedelta(hours=1))
    return last_load(engine)


def test_items_say_again_what_they_said_and_new_ones_go(
    engine: Engine, tmp_path: Path, load_id: int
) -> None:
    take_in(engine, tmp_path / "before.csv")
    take_in(engine, tmp_path / "junk.csv")
    first = undo_of(engine, tmp_path, last_load(engine))
    assert first.extent() == first.carry_out() == Extent(restored=1)

    undo = undo_of(engine, tmp_path, load_id)
    before = revision(engine)
    assert undo.extent() == Extent(items=1, restored=2)
    assert undo.carry_out() == Extent(items=1, restored=2)

    assert said(engine) == {
        "a": ("One", ["X", "Y"], {"price": 5}, True, dt.datetime(2024, 1, 31, tzinfo=dt.UTC)),
        "b": ("Two", ["X"], {"price": 6}, True, NOW),
    }
    assert catalogue_epoch(revision(engine)) == catalogue_epoch(before) + 1
    assert not list((tmp_path / "replaced").glob(f"load-{load_id}-*"))


def test_what_was_said_since_stays(engine: Engine, tmp_path: Path, load_id: int) -> None:
    since = write(tmp_path / "since.csv", ["id,price,title", "a,9,One again", "c,8,Three"])
    take_in(engine, since, now=NOW + dt.timedelta(hours=2))

    assert undo_of(engine, tmp_path, load_id).carry_out() == Extent(restored=3)

    found = said(engine)
    assert found["a"][:4] == ("One again", ["X", "Y"], {"price": 9}, True)
    assert found["b"][2] == {"price": 6}
    assert found["c"][:4] == ("", [], {"price": 8}, True)


def test_a_new_item_that_somebody_used_stays_without_a_description(
    engine: Engine, tmp_path: Path, load_id: int
) -> None:
    event = {"event_id": "e", "user_id": "u", "item_id": "c", "event_type": "view"}
    with engine.begin() as connection:
        connection.execute(sa.insert(interactions).values({**event, "created_at": NOW}))

    undo = undo_of(engine, tmp_path, load_id)
    assert undo.extent() == undo.carry_out() == Extent(restored=3)
    assert said(engine)["c"][:4] == ("", [], {}, True)


def test_interrupted_it_goes_on_and_a_second_time_changes_nothing(
    engine: Engine, tmp_path: Path, load_id: int
) -> None:
    def die(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE"):
            raise KeyboardInterrupt

    sa.event.listen(engine, "before_cursor_execute", die)
    with pytest.raises(KeyboardInterrupt):
        undo_of(engine, tmp_path, load_id).carry_out()
    sa.event.remove(engine, "before_cursor_execute", die)

    assert undo_of(engine, tmp_path, load_id).carry_out() == Extent(items=1)
    assert set(said(engine)) == {"a", "b"}
    with pytest.raises(LoadError, match=f"There is no load {load_id}"):
        undo_of(engine, tmp_path, load_id)


def test_files_that_were_kept_and_are_gone_are_missed(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    take_in(sqlite_engine, write(tmp_path / "before.csv", BEFORE))
    [folder] = (tmp_path / "replaced").iterdir()
    folder.rename(tmp_path / "elsewhere")

    with pytest.raises(LoadError, match=r"What load 1 \(before.csv\) replaced is not in"):
        undo_of(sqlite_engine, tmp_path, 1)


def test_a_later_import_that_found_the_items_there_is_named(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "before.csv", BEFORE)
    for hour in range(2):
        take_in(sqlite_engine, path, now=NOW + dt.timedelta(hours=hour))

    assert [load.load_id for load in undo_of(sqlite_engine, tmp_path, 1).loads_to_repeat()] == [2]


def test_an_import_that_changed_nothing_is_undone_to_no_effect(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "before.csv", BEFORE)
    take_in(sqlite_engine, path)
    before = said(sqlite_engine)
    take_in(sqlite_engine, path)

    assert undo_of(sqlite_engine, tmp_path, 2).carry_out() == Extent()
    assert said(sqlite_engine) == before


def test_files_of_loads_that_are_no_more_are_removed(sqlite_engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "before.csv", BEFORE)
    take_in(sqlite_engine, path)
    empty(sqlite_engine)
    take_in(sqlite_engine, path, now=NOW + dt.timedelta(hours=1))

    [folder] = (tmp_path / "replaced").iterdir()
    assert folder.name == "load-1-20250601T130000.123Z"
    assert undo_of(sqlite_engine, tmp_path, 1).carry_out() == Extent(items=2)
    assert not items_of(sqlite_engine)


def test_what_is_said_of_users_is_kept_nowhere_else(sqlite_engine: Engine, tmp_path: Path) -> None:
    take_in(sqlite_engine, write(tmp_path / "u.csv", ["user,city", "u1,Bern"]), Subject.USERS)

    assert users_of(sqlite_engine) == {"u1": {"city": "Bern"}}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files if path.parent.name != "database"} == {"u.csv"}


@pytest.mark.programs  # a second or more
def test_the_table_of_items_is_restored_row_by_row(sqlite_engine: Engine, tmp_path: Path) -> None:
    """In more than one transaction, the same item in none of them twice."""
    lines = [f"i{number},Title {number}" for number in range(4_500)]
    take_in(sqlite_engine, write(tmp_path / "many.csv", ["id,title", *lines]))
    before = said(sqlite_engine)
    others = [f"i{number},Other {number}" for number in range(4_500)]
    take_in(sqlite_engine, write(tmp_path / "others.csv", ["id,title", *others]))
    assert len(list((tmp_path / "replaced").glob("load-2-*/*"))) == 3

    assert undo_of(sqlite_engine, tmp_path, 2).carry_out() == Extent(restored=4_500)
    assert said(sqlite_engine) == before
    with sqlite_engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(items)) == 4_500
