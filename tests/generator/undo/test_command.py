"""`loads` and `undo` as people type them."""

import io
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from services.generator.__main__ import main
from shared.database import tables
from shared.database.engine import connect
from shared.database.storage import count
from shared.errors import SommelierError

URL = "sqlite:///test.sqlite"


class Terminal(io.StringIO):
    """Somebody who answers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two imports, the second of which holds the first's rows too."""
    monkeypatch.chdir(tmp_path)  # no .env
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("ARTIFACT_DIR", "artifacts")
    for name, lines in (("may.csv", "u1,i1\nu2,i2\n"), ("june.csv", "u1,i1\nu2,i2\nu3,i2\n")):
        (tmp_path / name).write_text(f"user,item\n{lines}")
        main(["import", name])
    return tmp_path


def left() -> int:
    engine = connect(make_url(URL))
    with engine.connect() as connection:
        interactions = count(connection, tables.interactions)
    engine.dispose()
    return interactions


def test_loads_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    main(["loads"])

    _header, may, june = capsys.readouterr().out.splitlines()
    assert may.split()[:6] == ["1", "import", "may.csv", "2", "0", "0"]
    assert june.split()[:6] == ["2", "import", "june.csv", "1", "2", "0"]


def test_a_dry_run_says_what_would_go_and_what_to_import_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    main(["undo", "1", "--dry-run"])

    assert (
        "with load 1 (import of may.csv): 2 interactions go, 2 users go, 1 items go" in caplog.text
    )
    assert "load 2 (june.csv) found 2 of its rows there already" in caplog.text
    assert left() == 3


def test_it_asks_before_it_does_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    with pytest.raises(SommelierError, match=r"Nothing was changed\."):
        main(["undo", "1"])
    assert left() == 3

    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    main(["undo", "1"])
    assert left() == 1
    assert "Undo it? [y/N]" in capsys.readouterr().err


def test_where_nobody_can_answer_yes_has_to_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(SommelierError, match="--yes undoes it without a question"):
        main(["undo", "1"])
    assert left() == 3

    main(["undo", "1", "--yes"])
    assert left() == 1
    main(["import", "june.csv"])
    assert left() == 3
