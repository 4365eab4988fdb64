"""The command: a dry run says what the import does, and writes nothing."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from services.generator.__main__ import main
from services.generator.importing.ingestion import TooManyRejected
from services.generator.importing.reading.questions import OpenQuestions
from shared.database.engine import connect
from tests.generator.importing.catalogue.describing import items_of, users_of, write

URL = "sqlite:///test.sqlite"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # no .env
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("ARTIFACT_DIR", "artifacts")
    return tmp_path


def test_a_dry_run_writes_nothing_and_says_what_the_import_says(
    folder: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    path = write(folder / "shop.csv", ["id,title,price", "a,One,5", "b,Two,6", "a,,7"])

    main(["import-items", str(path), "--dry-run"])
    said = capsys.readouterr().out
    assert not (folder / "test.sqlite").exists()
    assert "This would happen in SQLite's test.sqlite; nothing was written." in said

    main(["import-items", str(path)])
    summary = "shop.csv: 3 rows read, 2 new items, 0 changed, 0 unchanged, 1 further rows of an id"
    assert summary in said
    assert summary in caplog.text
    assert "'price': price, as attribute 'price' (usual name; numbers with a decimal point)" in said
    assert "no column holds categories: they stay as they are (--categories COLUMN)" in said


def test_the_dry_run_after_it_knows_what_is_there(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(folder / "shop.csv", ["id,title", "a,One", "b,Two"])
    main(["import-items", str(path)])
    write(path, ["id,title", "a,One", "b,Zwei", "c,Three"])
    main(["import-items", str(path), "--dry-run"])

    assert "3 rows read, 1 new items, 1 changed, 1 unchanged" in capsys.readouterr().out
    engine = connect(make_url(URL))
    assert items_of(engine)["b"].title == "Two"
    engine.dispose()


def test_every_option_is_heard(folder: Path) -> None:
    lines = ["nr;name;art;da;preis;farbe;gross;geheim", "1;Hut;a/b;x;1.234;rot;042;s"]
    path = write(folder / "shop.csv", lines)
    main(
        [
            *("import-items", str(path), "--id", "nr", "--categories", "art"),
            *("--categories-separator", "/", "--active", "da", "--inactive", "x"),
            *("--decimal", "comma", "--attribute", "colour=farbe", "--ignore", "geheim"),
            *("--type", "gross=number", "--encoding", "utf-8", "--keep-empty"),
        ]
    )
    engine = connect(make_url(URL))
    item = items_of(engine)["1"]
    engine.dispose()
    assert (item.title, item.categories, item.is_active) == ("Hut", ["a", "b"], False)
    assert item.attributes == {"price": 1234, "colour": "rot", "gross": 42}


def test_users_and_their_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write(folder / "users.csv", ["user,email,age", "u1,a@example.com,5"])
    main(["import-users", str(path)])

    engine = connect(make_url(URL))
    assert users_of(engine) == {"u1": {"age": 5}}
    engine.dispose()
    assert "WARNING: NOT STORED, as they tell who somebody is: 'email'" in caplog.text


def test_a_dry_run_ends_with_the_errors_of_the_import(folder: Path) -> None:
    path = write(folder / "shop.csv", ["id,title", "a,One", ",Two"])
    with pytest.raises(TooManyRejected):
        main(["import-items", str(path), "--dry-run"])
    main(["import-items", str(path), "--dry-run", "--allow-rejects"])

    nameless = write(folder / "nameless.csv", ["what,colour", "a,red"])
    with pytest.raises(OpenQuestions):
        main(["import-items", str(nameless), "--dry-run"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--attribute", "colour"], "'colour' is not NAME=COLUMN"),
        (["--type", "size=big"], "'size=big' is not COLUMN=TYPE with one of number, boolean"),
        (["--time-zone", "Nowhere"], "'Nowhere' is no time zone"),
    ],
)
def test_arguments_that_say_nothing_are_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["import-items", "shop.csv", *arguments])
    assert message in capsys.readouterr().err
