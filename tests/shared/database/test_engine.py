import socket
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import URL, make_url

from shared.database import tables
from shared.database.engine import DatabaseError, connect, describe, migrate, open_database


def test_the_migrations_build_exactly_the_tables_that_the_code_uses(database_url: URL) -> None:
    engine = connect(database_url)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(database_url: URL) -> None:
    engine = connect(database_url)
    migrate(engine)
    before = set(sa.inspect(engine).get_table_names())
    migrate(engine)
    assert set(sa.inspect(engine).get_table_names()) == before
    assert before == {*tables.metadata.tables, "alembic_version"}
    engine.dispose()


def test_a_job_on_sqlite_needs_no_migration_before_it(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "new" / "folder" / "test.sqlite"))
    engine = open_database(url)
    assert sa.inspect(engine).has_table("interactions")
    engine.dispose()


@pytest.mark.containers
def test_a_job_on_mysql_without_tables_says_what_to_run_first(mysql_database: URL) -> None:
    with pytest.raises(DatabaseError, match=r"has no tables .* `python -m shared\.database`"):
        open_database(mysql_database)


@pytest.mark.containers
def test_mysql_connections_are_encrypted_and_speak_all_of_unicode(mysql_database: URL) -> None:
    engine = connect(mysql_database)
    with engine.connect() as connection:
        [cipher] = connection.execute(sa.text("SHOW STATUS LIKE 'Ssl_cipher'"))
        assert cipher[1] != ""
        assert connection.scalar(sa.text("SELECT @@character_set_client")) == "utf8mb4"
    engine.dispose()


@pytest.mark.containers
def test_a_wrong_password_is_told_without_showing_it(mysql_database: URL) -> None:
    with pytest.raises(DatabaseError, match="Access denied for user 'root'") as error:
        open_database(mysql_database.set(password="not-this-secret"))
    assert "not-this-secret" not in str(error.value)


@pytest.fixture
def closed_port() -> int:
    """A port of this machine where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_no_server_is_told_with_its_address_and_without_the_password(closed_port: int) -> None:
    url = make_url(f"mysql+pymysql://sommelier:s3cr3t@127.0.0.1:{closed_port}/sommelier")
    with pytest.raises(
        DatabaseError, match=f"MySQL at 127.0.0.1:{closed_port}, database sommelier does not answer"
    ) as error:
        open_database(url)
    assert "s3cr3t" not in str(error.value)


def test_an_engine_is_made_without_a_server(closed_port: int) -> None:
    connect(make_url(f"mysql+pymysql://sommelier@127.0.0.1:{closed_port}/sommelier")).dispose()


def test_a_driver_that_is_not_installed_is_told_with_those_that_would_do() -> None:
    with pytest.raises(DatabaseError, match=r"use mysql\+pymysql or sqlite"):
        connect(make_url("mysql+aiomysql://sommelier@127.0.0.1/sommelier"))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("mysql+pymysql://u:s3cr3t@db/shop", "MySQL at db:3306, database shop"),
        ("mysql+pymysql://u:s3cr3t@db:3307/shop", "MySQL at db:3307, database shop"),
        ("sqlite:///data/sommelier.sqlite", "SQLite's data/sommelier.sqlite"),
    ],
)
def test_a_database_has_a_name_for_people(url: str, name: str) -> None:
    assert describe(make_url(url)) == name


def migrate_as_job(root: Path, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shared.database"],
        cwd=root,
        env={"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.programs
def test_the_job_migrates_database_url(pytestconfig: pytest.Config, database_url: URL) -> None:
    url = database_url.render_as_string(hide_password=False)
    done = migrate_as_job(pytestconfig.rootpath, url)
    assert (done.returncode, done.stderr) == (0, f"{describe(database_url)} is migrated\n")
    engine = connect(database_url)
    assert sa.inspect(engine).has_table("interactions")
    engine.dispose()


@pytest.mark.programs
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://u:s3cr3t@db/shop", "'postgresql' is not supported"),
        ("s3cr3t", "it is no SQLAlchemy URL"),
        ("mysql+pymysql://u:s3cr3t@127.0.0.1:1/shop", "does not answer"),
    ],
)
def test_the_job_ends_with_one_line_that_holds_no_secret(
    pytestconfig: pytest.Config, url: str, reason: str
) -> None:
    done = migrate_as_job(pytestconfig.rootpath, url)
    assert done.returncode == 1
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert "s3cr3t" not in done.stderr
