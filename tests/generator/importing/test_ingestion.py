import csv
import datetime as dt
import gzip
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.generator.importing.events.options import EventOptions
from services.generator.importing.ingestion import (
    NothingImported,
    TooManyRejected,
    ingest,
    rehearse,
)
from services.generator.importing.reading.questions import OpenQuestions
from services.generator.importing.source import open_source
from services.generator.importing.tally import Tally
from shared.database import tables
from shared.database.rating_scale import RatingScale

NOW = dt.datetime(2025, 6, 1, 12, 0, 0, 123_000, tzinfo=dt.UTC)


def take_in(
    engine: Engine,
    path: Path,
    options: EventOptions | None = None,
    now: dt.datetime = NOW,
    *,
    allow_rejects: bool = True,
) -> Tally:
    source = open_source(path, options)
    return ingest(source, engine, path.parent / "rejects", now, allow_rejects=allow_rejects)


def rehearsed(engine: Engine | None, path: Path, options: EventOptions | None = None) -> Tally:
    return rehearse(open_source(path, options), engine, NOW)[0]


def write(path: Path, lines: Iterable[str]) -> Path:
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def select(engine: Engine, table: sa.Table, *columns: str) -> list[Any]:
    chosen = [table.c[name] for name in columns]
    with engine.connect() as connection:
        rows = connection.execute(sa.select(*chosen).order_by(*table.primary_key))
        return [tuple(row) for row in rows]


def rejected(folder: Path) -> list[list[str]]:
    (file,) = (folder / "rejects").iterdir()
    with file.open(encoding="utf-8", errors="surrogateescape", newline="") as text:
        return list(csv.reader(text))


def test_the_same_file_twice_adds_nothing(engine: Engine, tmp_path: Path) -> None:
    lines = ["user,item,rating,time", "u1,i1,5,1000000000", "u1,i2,4,1000000001"]
    path = write(tmp_path / "ratings.csv", lines)
    expected = [
        ("u1", "i1", "rating", 5.0, dt.datetime(2001, 9, 9, 1, 46, 40, tzinfo=dt.UTC)),
        ("u1", "i2", "rating", 4.0, dt.datetime(2001, 9, 9, 1, 46, 41, tzinfo=dt.UTC)),
    ]

    for _ in range(2):
        take_in(engine, path)

        assert expected == select(
            engine, tables.interactions, "user_id", "item_id", "event_type", "rating", "occurred_at"
        )
    assert select(engine, tables.loads, "rows_added", "rows_present", "rows_rejected") == [
        (2, 0, 0),
        (0, 2, 0),
    ]


def test_ids_are_compared_byte_by_byte(engine: Engine, tmp_path: Path) -> None:
    ids = ["u1", "U1", "u1 ", " u1", "ü", "u\u0308", "🎧", "用户", "a/b", "..", "%2F", "x" * 64]
    path = write(tmp_path / "views.csv", ["user,item", *(f"{text},{text}" for text in ids)])

    take_in(engine, path)

    assert [user for (user,) in select(engine, tables.interactions, "user_id")] == ids
    assert sorted(select(engine, tables.users, "user_id")) == sorted((text,) for text in ids)
    assert sorted(select(engine, tables.items, "item_id")) == sorted((text,) for text in ids)


def test_a_catalogue_describes_what_a_plain_table_brought(engine: Engine, tmp_path: Path) -> None:
    plain = write(tmp_path / "views.csv", ["user,item", "1,10", "1,11"])
    folder = tmp_path / "ml"
    folder.mkdir()
    write(folder / "ratings.dat", ["1::10::5::978300760"])
    write(folder / "movies.dat", ["10::Toy Story (1995)::Animation|Comedy", "12::Unseen::War"])
    write(folder / "users.dat", ["1::F::18::20::48067"])

    take_in(engine, plain)
    take_in(engine, folder)

    assert select(engine, tables.items, "item_id", "title", "categories", "is_active") == [
        ("10", "Toy Story (1995)", ["Animation", "Comedy"], True),
        ("11", "", [], True),
        ("12", "Unseen", ["War"], True),
    ]
    attributes = {"age": 18, "gender": "F", "occupation": "writer", "zip": "48067"}
    assert select(engine, tables.users, "user_id", "attributes") == [("1", attributes)]


def test_a_row_that_a_file_repeats_is_kept_as_often(sqlite_engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "views.csv", ["user,item", "u1,i1", "u1,i1", "u2,i1", "u1,i1"])

    take_in(sqlite_engine, path)
    take_in(sqlite_engine, path, now=NOW + dt.timedelta(days=1))

    assert len(select(sqlite_engine, tables.interactions, "event_id")) == 4


def test_rows_without_times_have_none(sqlite_engine: Engine, tmp_path: Path) -> None:
    take_in(sqlite_engine, write(tmp_path / "views.csv", ["user,item", "u1,i1", "u2,i2"]))

    assert select(sqlite_engine, tables.interactions, "event_type", "rating", "occurred_at") == [
        ("view", None, None),
        ("view", None, None),
    ]


def test_bad_rows_are_written_down_and_the_rest_goes_in(
    sqlite_engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = tmp_path / "events.csv"
    lines = (
        b"user,item,rating\n\xc3\xbc,i1,5\nu2,,4\nu\xff,i1,4\nu3,i1,high\nu4,i1,9\nu5,i1\nu6,i2,1\n"
    )
    path.write_bytes(lines)

    take_in(sqlite_engine, path, EventOptions(scale=RatingScale(1, 5)))

    assert select(sqlite_engine, tables.interactions, "user_id") == [("ü",), ("u6",)]
    assert rejected(tmp_path) == [
        ["file", "line", "reason", "text"],
        ["events.csv", "3", "item id is missing", "u2,,4"],
        ["events.csv", "4", "user id is not UTF-8", "u\udcff,i1,4"],
        ["events.csv", "5", "rating 'high' is not a number", "u3,i1,high"],
        ["events.csv", "6", "rating '9' is off the scale 1:5", "u4,i1,9"],
        ["events.csv", "7", "2 columns instead of 3", "u5,i1"],
    ]
    assert "events.csv: 7 rows read, 2 added, 0 already there, 5 rejected" in caplog.text
    assert (
        "rejects/events.csv-20250601T120000.123000Z.csv: events.csv line 3: item id" in caplog.text
    )


def test_without_bad_rows_there_is_no_file_of_them(sqlite_engine: Engine, tmp_path: Path) -> None:
    take_in(sqlite_engine, write(tmp_path / "views.csv", ["user,item", "u1,i1"]))

    assert not (tmp_path / "rejects").exists()


def test_the_load_keeps_scale_columns_and_times(sqlite_engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", ["who,what,stars", "u1,i1,5"])

    columns = {"user": "who", "item": "what"}
    take_in(sqlite_engine, path, EventOptions(columns, scale=RatingScale(0, 10)))

    ((settings, lowest, highest, started, finished),) = select(
        sqlite_engine,
        tables.loads,
        *("settings", "rating_min", "rating_max", "started_at", "finished_at"),
    )
    assert len(settings.pop("beginning")) == 16
    assert settings == {"source": "r.csv", "columns": columns | {"rating": "stars"}}
    assert (lowest, highest, started) == (0, 10, NOW)
    assert finished is not None


def test_where_no_row_is_good_the_import_fails_and_leaves_no_load(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "r.csv", ["user,item,rating", "u1,i1,good", "u2,i1,bad"])

    with pytest.raises(NothingImported, match=r"None of the 2 rows.*line 2: rating 'good'"):
        take_in(sqlite_engine, path)

    assert select(sqlite_engine, tables.loads, "id") == []
    assert select(sqlite_engine, tables.interactions, "id") == []
    assert len(rejected(tmp_path)) == 3


def test_a_header_alone_is_told(sqlite_engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(NothingImported, match=r"r\.csv has a header and no rows"):
        take_in(sqlite_engine, write(tmp_path / "r.csv", ["user,item,rating"]))


def test_a_catalogue_line_that_is_none_is_written_down(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    folder = tmp_path / "ml"
    folder.mkdir()
    write(folder / "u.data", ["1\t10\t5\t881250949"])
    write(folder / "u.user", ["1|24|M|technician|85711", "2|young"])

    take_in(sqlite_engine, folder)

    assert rejected(tmp_path)[1:] == [["u.user", "2", "not a line of u.user", "2|young"]]
    assert select(sqlite_engine, tables.interactions, "user_id") == [("1",)]


class Killed(Exception):
    """Instead of a signal."""


@pytest.fixture
def killed_at_the_third_batch(sqlite_engine: Engine) -> Iterator[None]:
    """The third batch of interactions is not written."""
    batches = 0

    def kill(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal batches
        if statement.startswith("INSERT INTO interactions"):
            batches += 1
            if batches == 3:
                raise Killed

    sa.event.listen(sqlite_engine, "before_cursor_execute", kill)
    yield
    sa.event.remove(sqlite_engine, "before_cursor_execute", kill)


@pytest.mark.usefixtures("killed_at_the_third_batch")
def test_another_file_of_an_interrupted_one_s_name_is_another_import(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "views.csv.gz", ["user,item", *(f"u{n},i" for n in range(12_000))])
    with pytest.raises(Killed):
        take_in(sqlite_engine, path)

    later = NOW + dt.timedelta(hours=1)
    take_in(sqlite_engine, write(path, ["user,item", "someone,else"]), now=later)

    loads = dict(select(sqlite_engine, tables.interactions, "user_id", "load_id"))
    assert loads["someone"] != loads["u0"]


@pytest.mark.usefixtures("killed_at_the_third_batch")
def test_an_interrupted_import_run_again_completes_without_duplicates(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    lines = ["user,item", *(f"u{n % 977},i{n * n % 1009}" for n in range(12_000))]
    path = write(tmp_path / "views.csv.gz", lines)

    with pytest.raises(Killed):
        take_in(sqlite_engine, path)
    kept = len(select(sqlite_engine, tables.interactions, "id"))
    expected = rehearsed(sqlite_engine, path)
    tally = take_in(sqlite_engine, path, now=NOW + dt.timedelta(hours=1))

    assert (kept, tally.added, tally.there) == (10_000, 2_000, 10_000)
    assert tally == expected
    rows = select(sqlite_engine, tables.interactions, "user_id", "item_id", "load_id")
    assert [f"{user},{item}" for user, item, _ in rows] == lines[1:]
    assert len({load for *_, load in rows}) == 1
    assert select(sqlite_engine, tables.loads, "rows_added", "rows_present") == [(12_000, 0)]


def test_an_open_question_leaves_everything_as_it_is(sqlite_engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", ["user,item,rating", "u1,i1,12000", "u2,i1,0"])

    with pytest.raises(OpenQuestions, match="no usual scale"):
        take_in(sqlite_engine, path)

    assert select(sqlite_engine, tables.loads, "id") == []


def test_too_many_bad_rows_end_badly_and_the_good_ones_are_in(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    good = [f"u{number},i1" for number in range(98)]
    path = write(tmp_path / "v.csv", ["user,item", *good, ",i1", "u1,"])

    with pytest.raises(TooManyRejected, match=r"2 of the 100 rows .* more than 1%"):
        take_in(sqlite_engine, path, allow_rejects=False)

    assert len(select(sqlite_engine, tables.interactions, "id")) == 98
    assert take_in(sqlite_engine, path, allow_rejects=True).rejected == 2


def test_a_few_bad_rows_end_well(sqlite_engine: Engine, tmp_path: Path) -> None:
    good = [f"u{number},i1" for number in range(99)]
    path = write(tmp_path / "v.csv", ["user,item", *good, ",i1"])

    assert take_in(sqlite_engine, path, allow_rejects=False).rejected == 1


def test_everything_is_counted_and_said(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    lines = ["user,item,event,time,rating", "u1,i1,view,2024-05-01,", "u1,i1,view,2024-05-01,"]
    lines += ["u2,i1,rating,2024-05-03,4", "u3,i2,rating,,2", "u4,i2,buy,,", ",i2,view,,"]
    path = write(tmp_path / "e.csv", lines)
    rehearsal = rehearsed(engine, path)

    tally = take_in(engine, path)

    assert tally == rehearsal
    assert (tally.read, tally.added, tally.there, tally.rejected) == (6, 4, 0, 2)
    assert tally.types == {"view": 2, "rating": 2}
    assert (tally.repeats, tally.untimed, tally.lowest, tally.highest) == (1, 1, 2, 4)
    assert (tally.users, tally.new_users, tally.items, tally.new_items) == (3, 3, 2, 2)
    for said in (
        "rejected 1: event type 'buy' is not known",
        "--map buy=purchase",
        "rejected 1: user id is missing",
        "ratings: 2 to 4",
        "times: 2024-05-01 00:00:00 to 2024-05-03 00:00:00 UTC; 1 rows without a time",
        "1 rows repeat an earlier row",
        "users: 3, 3 of them new; items: 2, 2 of them new",
    ):
        assert said in caplog.text


def test_a_second_file_is_rehearsed_as_it_is_imported(engine: Engine, tmp_path: Path) -> None:
    take_in(engine, write(tmp_path / "a.csv", ["user,item", "u1,i1", "u2,i1"]))
    path = write(tmp_path / "b.csv", ["user,item", "u2,i1", "u2,i1", "u3,i2"])
    rehearsal = rehearsed(engine, path)

    tally = take_in(engine, path)

    assert tally == rehearsal
    assert (tally.added, tally.there, tally.new_users, tally.new_items) == (2, 1, 1, 1)


def test_a_data_set_with_a_catalogue_is_rehearsed_as_it_is_imported(
    engine: Engine, tmp_path: Path
) -> None:
    take_in(engine, write(tmp_path / "views.csv", ["user,item", "1,10"]))
    folder = tmp_path / "ml"
    folder.mkdir()
    write(folder / "ratings.dat", ["1::10::5::978300760", "3::12::5::978300760"])
    write(folder / "movies.dat", ["10::Toy Story (1995)::Comedy", "11::Unseen::War", "broken"])
    write(folder / "users.dat", ["1::F::18::20::48067", "2::F::18::20::48067"])
    rehearsal = rehearsed(engine, folder)

    tally = take_in(engine, folder)

    assert tally == rehearsal
    assert (tally.users, tally.new_users, tally.items, tally.new_items) == (3, 2, 3, 2)


def test_a_rehearsal_writes_nothing(sqlite_engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["user,item", "u1,i1", ",i1"])

    rehearsed(sqlite_engine, path)

    assert select(sqlite_engine, tables.loads, "id") == []
    assert select(sqlite_engine, tables.users, "user_id") == []
    assert not (tmp_path / "rejects").exists()


def test_values_are_stored_beside_ratings(engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", ["user;item;value;rating", "u1;i1;1.234,50;4", "u2;i2;;3"])

    take_in(engine, path, EventOptions(event_type="purchase"))

    assert select(engine, tables.interactions, "event_type", "value", "rating") == [
        ("purchase", 1234.5, 4.0),
        ("purchase", None, 3.0),
    ]
