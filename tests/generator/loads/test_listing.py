import datetime as dt

from sqlalchemy.engine import Engine

from services.generator.loads.listing import as_table, list_loads
from services.generator.loads.record import count_rows, finish_load, new_load

NOW = dt.datetime(2025, 6, 1, 12, 0, tzinfo=dt.UTC)


def listed(engine: Engine) -> str:
    with engine.connect() as connection:
        return as_table(list_loads(connection))


def test_each_load_is_a_line_with_its_number_file_and_counts(engine: Engine) -> None:
    with engine.begin() as connection:
        size = {"users": 10, "items": 36, "interactions": 100, "seed": 7}
        generation = new_load(connection, "generate", size, None, NOW)
        imported = new_load(connection, "import", {"source": "orders.csv"}, None, NOW)
        count_rows(connection, imported, 12_345)
    finish_load(engine, generation)

    header, first, second = listed(engine).splitlines()

    assert header.split() == [
        *("load", "kind", "file", "written", "already", "there", "rejected", "began", "(UTC)"),
        "state",
    ]
    assert "generate  10 users, 36 items, seed 7  " in first
    assert first.endswith("2025-06-01 12:00  finished")
    assert second.split()[:4] == [str(imported.load_id), "import", "orders.csv", "12,345"]
    assert second.endswith("not finished; run it again, or undo it")


def test_of_no_loads_it_says_so(sqlite_engine: Engine) -> None:
    assert listed(sqlite_engine) == "There are no loads: nothing was generated or imported.\n"
