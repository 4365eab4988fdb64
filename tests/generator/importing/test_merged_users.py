"""What an import brings of ids that were merged into users is these users'."""

from pathlib import Path

from sqlalchemy.engine import Engine

from shared.database import tables
from shared.database.merges import make_alias
from shared.database.tombstones import bury
from tests.generator.importing.test_ingestion import NOW, rejected, select, take_in, write

LINES = ["user,item", "v1,i1", "u2,i1", "u1,i2", "v1,i1"]


def merge(engine: Engine, alias: str, owner: str) -> None:
    with engine.begin() as connection:
        make_alias(connection, alias, owner, NOW)


def test_rows_under_an_alias_are_its_users(engine: Engine, tmp_path: Path) -> None:
    merge(engine, "v1", "u1")
    take_in(engine, write(tmp_path / "views.csv", LINES))
    rows = select(engine, tables.interactions, "user_id", "item_id")
    assert sorted(rows) == [("u1", "i1"), ("u1", "i1"), ("u1", "i2"), ("u2", "i1")]
    assert sorted(select(engine, tables.users, "user_id")) == [("u1",), ("u2",)]


def test_rows_that_came_before_the_merge_are_there_already(engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "views.csv", LINES)
    take_in(engine, path)
    with engine.begin() as connection:
        table = tables.interactions
        connection.execute(table.update().where(table.c.user_id == "v1").values(user_id="u1"))
    merge(engine, "v1", "u1")
    take_in(engine, path)
    users = [user for (user,) in select(engine, tables.interactions, "user_id")]
    assert sorted(users) == ["u1", "u1", "u1", "u2"]


def test_rows_under_an_alias_of_somebody_who_was_erased_are_rejected(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    merge(sqlite_engine, "v1", "u1")
    with sqlite_engine.begin() as connection:
        bury(connection, "u1", NOW)
    take_in(sqlite_engine, write(tmp_path / "views.csv", LINES))
    assert select(sqlite_engine, tables.interactions, "user_id") == [("u2",)]
    assert [line for _file, line, *_reason in rejected(tmp_path)[1:]] == ["2", "4", "5"]


def test_a_catalogue_describes_the_user_of_an_alias(sqlite_engine: Engine, tmp_path: Path) -> None:
    merge(sqlite_engine, "1", "u1")
    folder = tmp_path / "ml"
    folder.mkdir()
    write(folder / "u.data", ["1\t10\t5\t881250949"])
    write(folder / "u.user", ["1|24|M|technician|85711"])
    take_in(sqlite_engine, folder)
    [(user_id, attributes)] = select(sqlite_engine, tables.users, "user_id", "attributes")
    assert (user_id, attributes["age"]) == ("u1", 24)
