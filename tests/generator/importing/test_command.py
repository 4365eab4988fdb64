import argparse
import datetime as dt
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine import Engine

from services.generator.importing.command import add_arguments, run
from services.generator.importing.ingestion import NothingImported, TooManyRejected
from services.generator.importing.reading.questions import OpenQuestions
from services.generator.importing.reading.roles import ColumnError
from services.generator.importing.reading.table import TableError
from services.generator.settings import GeneratorSettings
from shared.database import tables
from shared.database.storage import count


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(arguments)


@pytest.fixture
def settings(sqlite_engine: Engine, tmp_path: Path) -> GeneratorSettings:
    return GeneratorSettings(
        database_url=SecretStr(str(sqlite_engine.url)), artifact_dir=tmp_path / "artifacts"
    )


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.csv"
    path.write_text("i1,u1,5,1000000000\ni2,u1,7,1000000000\n", encoding="utf-8")
    return path


@pytest.fixture
def generated(sqlite_engine: Engine) -> None:
    """What a generation leaves behind, as far as an import can tell."""
    load = {"kind": "generate", "settings": {}, "rows_added": 0, "started_at": now()}
    user = {"user_id": "U10001", "attributes": {}, "created_at": now()}
    with sqlite_engine.begin() as connection:
        connection.execute(sa.insert(tables.loads).values(load))
        connection.execute(sa.insert(tables.users).values(user))


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def users(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(tables.users.c.user_id)))


def test_a_file_is_imported_as_the_arguments_say(
    sqlite_engine: Engine, settings: GeneratorSettings, ratings: Path
) -> None:
    options = ["--user", "1", "--item", "0", "--rating", "2", "--time", "3", "--scale", "1:5"]
    options.append("--allow-rejects")

    run(parse(str(ratings), *options), settings)

    with sqlite_engine.connect() as connection:
        columns = [tables.interactions.c[name] for name in ("user_id", "item_id", "rating")]
        assert [tuple(row) for row in connection.execute(sa.select(*columns))] == [
            ("u1", "i1", 5.0)
        ]
    (file,) = (settings.artifact_dir / "rejects").iterdir()
    assert "rating '7' is off the scale 1:5" in file.read_text(encoding="utf-8")


@pytest.mark.usefixtures("generated")
def test_generated_data_in_the_database_is_told(
    settings: GeneratorSettings, ratings: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run(parse(str(ratings), "--user", "1", "--item", "0"), settings)

    assert "import-undo takes it out again" in caplog.text


@pytest.mark.usefixtures("generated")
def test_reset_empties_the_database_first(
    sqlite_engine: Engine,
    settings: GeneratorSettings,
    ratings: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)

    run(parse(str(ratings), "--user", "1", "--item", "0", "--reset"), settings)

    assert users(sqlite_engine) == ["u1"]
    assert "generated" not in caplog.text


@pytest.mark.usefixtures("generated")
def test_reset_keeps_the_database_where_there_is_nothing_to_import(
    sqlite_engine: Engine, settings: GeneratorSettings, tmp_path: Path
) -> None:
    with pytest.raises(TableError):
        run(parse(str(tmp_path / "nothing.csv"), "--reset"), settings)

    assert users(sqlite_engine) == ["U10001"]


@pytest.mark.usefixtures("generated")
def test_reset_keeps_the_database_where_every_row_is_bad(
    sqlite_engine: Engine, settings: GeneratorSettings, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("user,item,rating\nu1,i1,bad\n", encoding="utf-8")

    with pytest.raises(NothingImported):
        run(parse(str(path), "--reset"), settings)

    assert users(sqlite_engine) == ["U10001"]


def test_a_wrong_column_writes_nothing(
    sqlite_engine: Engine, settings: GeneratorSettings, ratings: Path
) -> None:
    with pytest.raises(ColumnError, match=r"no column '9' \(--user\).*'0', '1', '2', '3'"):
        run(parse(str(ratings), "--user", "9", "--item", "0"), settings)

    with sqlite_engine.connect() as connection:
        assert count(connection, tables.loads) == 0


@pytest.mark.parametrize(
    ("text", "scale"),
    [("1:5", (1, 5)), (".5:5", (0.5, 5)), ("-10:10", (-10, 10))],
)
def test_a_scale_is_two_numbers(text: str, scale: tuple[float, float]) -> None:
    assert parse("data.csv", f"--scale={text}").scale == scale


@pytest.mark.parametrize("text", ["5", "1-5", "5:1", "3:3", "nan:5", "1:inf", "a:b"])
def test_a_scale_that_does_not_rise_is_refused(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse("data.csv", f"--scale={text}")

    assert f"'{text}'" in capsys.readouterr().err


def test_bad_rows_beyond_the_share_need_to_be_allowed(
    sqlite_engine: Engine, settings: GeneratorSettings, ratings: Path
) -> None:
    options = ["--user", "1", "--item", "0", "--rating", "2", "--scale", "1:5"]

    with pytest.raises(TooManyRejected, match="--allow-rejects"):
        run(parse(str(ratings), *options), settings)

    run(parse(str(ratings), *options, "--allow-rejects"), settings)
    assert users(sqlite_engine) == ["u1"]


def test_a_dry_run_says_everything_and_writes_nothing(
    sqlite_engine: Engine,
    settings: GeneratorSettings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "log.csv"
    rows = ["user_id;sku;created_at;event;note", "u1;i1;2024-05-01;buy;x", "u2;i1;;view;"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")

    run(parse(str(path), "--dry-run", "--map", "Buy=purchase", "--time", "created_at"), settings)

    said = capsys.readouterr().out
    for line in (
        "log.csv: CSV with semicolons, UTF-8",
        "'user_id': user (usual name); 'u1', 'u2'",
        "'created_at': time (named on the command line; times: ISO 8601",
        "'event': event (usual name; names of events); 'buy', 'view'",
        "'note': ignored (not recognised); 'x'",
        "nothing was written",
        "log.csv: 2 rows read, 2 added, 0 already there, 0 rejected",
        "events: purchase 1, view 1",
        "times: 2024-05-01 00:00:00 to 2024-05-01 00:00:00 UTC; 1 rows without a time",
        "users: 2, 2 of them new; items: 1, 1 of them new",
        "seconds and 0.0 MB in the database (20,000 rows a second",
    ):
        assert line in said
    with sqlite_engine.connect() as connection:
        assert [count(connection, table) for table in (tables.loads, tables.users)] == [0, 0]


def test_a_dry_run_warns_of_columns_that_look_as_if_they_were_needed(
    settings: GeneratorSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("user,item,created_at\nu1,i1,2024-05-01\n", encoding="utf-8")

    run(parse(str(path), "--dry-run"), settings)

    said = capsys.readouterr().out
    assert "WARNING: column 'created_at' looks like the time and is not read: --time" in said
    assert "no row has a time" in said


def test_a_dry_run_needs_no_database_and_makes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "views.csv"
    path.write_text("user,item\nu1,i1\n", encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'new' / 'none.sqlite'}"
    settings = GeneratorSettings(database_url=SecretStr(url), artifact_dir=tmp_path / "artifacts")

    run(parse(str(path), "--dry-run"), settings)

    assert "1 rows read, 1 added" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [path]


def test_a_dry_run_ends_as_badly_as_the_import_would(
    settings: GeneratorSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "views.csv"
    path.write_text("user,item,time\nu1,i1,03/04/2024\nu1,,04/05/2024\n", encoding="utf-8")

    with pytest.raises(OpenQuestions, match="--time-format dmy"):
        run(parse(str(path), "--dry-run"), settings)
    assert "'time': time (usual name)" in capsys.readouterr().out
    with pytest.raises(TooManyRejected, match="1 of the 2 rows"):
        run(parse(str(path), "--dry-run", "--time-format", "dmy"), settings)
    path.write_text("user,item\n", encoding="utf-8")
    with pytest.raises(NothingImported, match="a header and no rows"):
        run(parse(str(path), "--dry-run"), settings)


def test_the_cost_is_that_of_the_last_large_import_where_there_is_one(
    sqlite_engine: Engine,
    settings: GeneratorSettings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    load = {"kind": "import", "settings": {}, "rows_added": 50_000}
    load |= {"started_at": now(), "finished_at": now() + dt.timedelta(seconds=10)}
    with sqlite_engine.begin() as connection:
        connection.execute(sa.insert(tables.loads).values(load))
    path = tmp_path / "views.csv"
    path.write_text("user,item\nu1,i1\n", encoding="utf-8")

    run(parse(str(path), "--dry-run"), settings)

    assert "5,000 rows a second: the last large import here" in capsys.readouterr().out


def test_a_dry_run_with_reset_counts_as_in_an_empty_database(
    settings: GeneratorSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "views.csv"
    path.write_text("user,item\nu1,i1\n", encoding="utf-8")
    run(parse(str(path)), settings)

    run(parse(str(path), "--dry-run"), settings)
    run(parse(str(path), "--dry-run", "--reset"), settings)

    said = capsys.readouterr().out
    assert "1 rows read, 0 added, 1 already there" in said
    assert "emptied first; nothing was written.\nviews.csv: 1 rows read, 1 added" in said


def test_own_types_of_events_are_those_with_a_weight(sqlite_engine: Engine, tmp_path: Path) -> None:
    settings = GeneratorSettings(
        database_url=SecretStr(str(sqlite_engine.url)),
        artifact_dir=tmp_path / "artifacts",
        event_weights={"wishlist": 2.0},
    )
    path = tmp_path / "wishes.csv"
    path.write_text("user,item\nu1,i1\n", encoding="utf-8")

    run(parse(str(path), "--event-type", "wishlist"), settings)

    with sqlite_engine.connect() as connection:
        assert list(connection.scalars(sa.select(tables.interactions.c.event_type))) == ["wishlist"]


@pytest.mark.parametrize(
    ("option", "text"),
    [("--map", "buy"), ("--map", "=purchase"), ("--map", "buy="), ("--time-zone", "Mars/Olympus")],
)
def test_options_that_cannot_be_read_are_refused(
    option: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse("data.csv", option, text)

    assert f"'{text}'" in capsys.readouterr().err
