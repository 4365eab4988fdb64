"""Files of users: attributes with their types, and nothing that tells who somebody is."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from services.generator.importing.catalogue.roles import Subject, is_personal
from shared.database.merges import make_alias
from shared.database.tombstones import bury
from tests.generator.importing.catalogue.describing import (
    NOW,
    plan_of,
    previewed,
    take_in,
    users_of,
    write,
)

CUSTOMERS = [
    "customer_id,Email,First Name,Billing Phone,kontakt,age,newsletter,since,city",
    "c1,ada@example.com,Ada,+49 30 1,ada@example.com,41,yes,31.01.2024,Bern",
    "c2,ben@example.com,Ben,+49 30 2,ben@example.com,,no,29.02.2024,Köln",
]


def test_attributes_have_types_and_what_is_personal_is_not_stored(
    engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "customers.csv", CUSTOMERS)
    tally = take_in(engine, path, Subject.USERS)

    assert (tally.new, tally.rejected) == (2, 0)
    assert users_of(engine) == {
        "c1": {"age": 41, "newsletter": True, "since": "2024-01-31", "city": "Bern"},
        "c2": {"newsletter": False, "since": "2024-02-29", "city": "Köln"},
    }
    [warning] = plan_of(path, Subject.USERS).warnings
    assert "NOT STORED" in warning
    assert "'Email', 'First Name', 'Billing Phone', 'kontakt'" in warning
    lines = previewed(path, Subject.USERS)
    assert any("'Email': left out (tells who somebody is)" in line for line in lines)


def test_a_personal_column_is_stored_where_it_is_named(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "customers.csv", CUSTOMERS)
    take_in(sqlite_engine, path, Subject.USERS, attributes={"mail": "Email"})

    assert users_of(sqlite_engine)["c1"]["mail"] == "ada@example.com"
    assert "kontakt" not in users_of(sqlite_engine)["c1"]


def test_ids_that_are_addresses_are_said_loudly(tmp_path: Path) -> None:
    path = write(tmp_path / "users.csv", ["user,age", "ada@example.com,41"])

    [warning] = plan_of(path, Subject.USERS).warnings
    assert "the ids in column 'user' are e-mail addresses" in warning


def test_who_was_erased_stays_out(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        bury(connection, "c1", NOW - dt.timedelta(days=1))
    path = write(tmp_path / "customers.csv", CUSTOMERS)
    tally = take_in(engine, path, Subject.USERS, allow_rejects=False)

    assert list(users_of(engine)) == ["c2"]
    assert (tally.new, tally.rejected) == (1, 1)
    [file] = (tmp_path / "rejects").iterdir()
    assert "customers.csv,2,its user was erased,\n" in file.read_text(encoding="utf-8").replace(
        "\r\n", "\n"
    )


def test_a_second_file_changes_what_it_gives_alone(engine: Engine, tmp_path: Path) -> None:
    take_in(engine, write(tmp_path / "a.csv", ["user,age,city", "u1,41,Bern"]), Subject.USERS)
    second = write(tmp_path / "b.csv", ["user,age", "u1,42", "u2,7"])
    tally = take_in(engine, second, Subject.USERS)

    assert users_of(engine) == {"u1": {"age": 42, "city": "Bern"}, "u2": {"age": 7}}
    assert (tally.new, tally.changed) == (1, 1)


@pytest.mark.parametrize(
    "column",
    [
        *("email", "E-Mail", "customerEmail", "Billing Phone", "last_name", "Default Address1"),
        *("shipping.street", "Geburtsdatum", "date_of_birth", "IP Address", "Full Name", "name"),
    ],
)
def test_names_of_personal_columns(column: str) -> None:
    assert is_personal(column)


@pytest.mark.parametrize(
    "column",
    ["age", "gender", "city", "zip", "country", "membership", "plan", "plan_name", "last_login"],
)
def test_names_of_columns_that_tell_nobody(column: str) -> None:
    assert not is_personal(column)


def test_what_is_said_of_an_alias_is_said_of_its_user(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        make_alias(connection, "visitor", "c1", NOW)
    lines = ["customer_id,age,city", "visitor,41,Bern", "c2,7,Köln"]
    tally = take_in(engine, write(tmp_path / "customers.csv", lines), Subject.USERS)
    assert tally.rejected == 0
    assert users_of(engine) == {"c1": {"age": 41, "city": "Bern"}, "c2": {"age": 7, "city": "Köln"}}
