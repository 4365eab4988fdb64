import argparse
import datetime as dt
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from services.generator.importing.columns import ColumnError
from services.generator.importing.raw_rows import TableError
from sqlalchemy.engine import Engine

from services.generator.importing.command import add_arguments, run
from services.generator.importing.ingestion import NothingImported
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

    assert "also holds generated data; --reset would replace it" in caplog.text


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
