"""What an import brings of users who were erased stays out."""

import logging
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.generator.importing.ingestion import NothingImported
from shared.database import tables
from shared.database.tombstones import bury
from tests.generator.importing.test_ingestion import (
    NOW,
    rehearsed,
    rejected,
    select,
    take_in,
    write,
)

LINES = ["user,item", "u1,i1", "u2,i1", "u1,i2", "u1,i1"]


def erase(engine: Engine, user_id: str) -> None:
    with engine.begin() as connection:
        bury(connection, user_id, NOW)


def test_rows_of_erased_users_are_rejected_without_their_text(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    erase(engine, "u1")
    take_in(engine, write(tmp_path / "views.csv", LINES))
    assert select(engine, tables.interactions, "user_id", "item_id") == [("u2", "i1")]
    assert select(engine, tables.users, "user_id") == [("u2",)]
    assert select(engine, tables.items, "item_id") == [("i1",)]
    assert rejected(tmp_path)[1:] == [
        ["views.csv", line, "its user was erased", ""] for line in ("2", "4", "5")
    ]
    assert "views.csv: 4 rows read, 1 added, 0 already there, 3 rejected" in caplog.text


def test_a_user_who_is_erased_between_two_imports_does_not_come_back(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "views.csv", LINES)
    take_in(sqlite_engine, path)
    erase(sqlite_engine, "u1")
    with sqlite_engine.begin() as connection:
        for table in (tables.users, tables.interactions):
            connection.execute(sa.delete(table).where(table.c.user_id == "u1"))
    take_in(sqlite_engine, path)
    assert select(sqlite_engine, tables.users, "user_id") == [("u2",)]
    assert select(sqlite_engine, tables.interactions, "user_id") == [("u2",)]


def test_a_file_of_erased_users_alone_brings_nothing(sqlite_engine: Engine, tmp_path: Path) -> None:
    erase(sqlite_engine, "u1")
    with pytest.raises(NothingImported, match=r"line 2: its user was erased"):
        take_in(sqlite_engine, write(tmp_path / "views.csv", LINES[:2]))
    assert select(sqlite_engine, tables.users, "user_id") == []


def test_a_catalogue_does_not_describe_erased_users(sqlite_engine: Engine, tmp_path: Path) -> None:
    erase(sqlite_engine, "1")
    folder = tmp_path / "ml"
    folder.mkdir()
    write(folder / "u.data", ["1\t10\t5\t881250949", "2\t10\t5\t881250949"])
    write(folder / "u.user", ["1|24|M|technician|85711", "2|53|F|other|94043"])
    take_in(sqlite_engine, folder)
    assert select(sqlite_engine, tables.users, "user_id") == [("2",)]


def test_a_rehearsal_counts_rows_of_erased_users_as_an_import_does(
    engine: Engine, tmp_path: Path
) -> None:
    erase(engine, "u1")
    path = write(tmp_path / "views.csv", LINES)
    rehearsal = rehearsed(engine, path)

    tally = take_in(engine, path)

    assert tally == rehearsal
    assert (tally.added, tally.rejected, tally.users) == (1, 3, 1)


def test_rows_of_erased_users_are_no_bad_rows(sqlite_engine: Engine, tmp_path: Path) -> None:
    erase(sqlite_engine, "u1")

    tally = take_in(sqlite_engine, write(tmp_path / "v.csv", LINES), allow_rejects=False)

    assert (tally.added, tally.rejected, tally.erased) == (1, 3, 3)
