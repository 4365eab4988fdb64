"""One load goes, everything else stays: on both databases, killed half way, beside other loads."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.generator.generating.generation import generate
from services.generator.generating.size import Size
from services.generator.loads.record import Kind, Load, LoadError, count_rows, finish_load, new_load
from services.generator.undo import interactions as undone_interactions
from services.generator.undo.choice import undo_of
from services.generator.undo.undo import Extent
from shared.database import tables
from shared.database.blank_rows import blank_item, blank_user
from shared.database.removals import REMOVALS_REVISION
from shared.database.storage import CATALOGUE_REVISION, catalogue_epoch, count, insert_missing
from shared.database.tables import interactions, items, loads, users

NOW = dt.datetime(2025, 6, 1, 12, 0, 0, 123_000, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)

Pair = tuple[str, str]


def begin(
    engine: Engine, kind: Kind = "import", source: str = "a.csv", now: dt.datetime = NOW
) -> Load:
    with engine.begin() as connection:
        return new_load(connection, kind, {"source": source}, None, now)


def bring(engine: Engine, load: Load | None, pairs: Iterable[Pair], now: dt.datetime = NOW) -> None:
    """Interactions with the users and items in them, as an import (None: the API) writes them."""
    pairs = list(pairs)
    rows = [
        {
            "event_id": f"{load and load.load_id}-{user}-{item}",
            "user_id": user,
            "item_id": item,
            "event_type": "view",
            "created_at": now,
            "load_id": load and load.load_id,
        }
        for user, item in pairs
    ]
    with engine.begin() as connection:
        insert_missing(connection, users, [blank_user(user, now) for user, _item in pairs])
        insert_missing(connection, items, [blank_item(item, now) for _user, item in pairs])
        added = insert_missing(connection, interactions, rows)
        if load is not None:
            count_rows(connection, load, len(added))


def imported(engine: Engine, pairs: Iterable[Pair], **load: Any) -> Load:
    began = begin(engine, **load)
    bring(engine, began, pairs, load.get("now", NOW))
    finish_load(engine, began)
    return began


def left(engine: Engine, column: sa.Column[str]) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.scalars(sa.select(column).distinct()))


def load_ids(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(loads.c.id).order_by(loads.c.id)))


def change(engine: Engine, key: sa.Column[str], row_id: str, **values: Any) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(key.table).where(key == row_id).values(values))


def epoch(engine: Engine) -> int:
    with engine.connect() as connection:
        return catalogue_epoch(connection.scalar(CATALOGUE_REVISION) or 0)


def test_a_load_goes_with_what_it_alone_registered(engine: Engine, tmp_path: Path) -> None:
    first = imported(engine, [("u1", "i1"), ("u2", "i1"), ("u3", "i3")])
    imported(engine, [("u2", "i2"), ("u4", "i1")], now=LATER)
    bring(engine, None, [("u3", "i9")])
    before = epoch(engine)

    dry = undo_of(engine, tmp_path, first.load_id).extent()
    assert len(left(engine, interactions.c.event_id)) == 6
    done = undo_of(engine, tmp_path, first.load_id).carry_out()

    assert dry == done == Extent(interactions=3, users=1, items=1)
    assert left(engine, interactions.c.user_id) == ["u2", "u3", "u4"]
    assert left(engine, users.c.user_id) == ["u2", "u3", "u4"]
    assert left(engine, items.c.item_id) == ["i1", "i2", "i9"]
    assert epoch(engine) == before + 1
    assert first.load_id not in load_ids(engine)


def test_who_counts_interactions_and_who_knows_their_users_hear_of_it(
    engine: Engine, tmp_path: Path
) -> None:
    bring(engine, None, [("u1", "i1"), ("u2", "i1")])
    load = imported(engine, [("u1", "i2")])
    with engine.connect() as connection:
        before = connection.scalar(REMOVALS_REVISION)
    undo_of(engine, tmp_path, load.load_id).carry_out()
    with engine.connect() as connection:
        assert connection.scalar(REMOVALS_REVISION) != before
        query = sa.select(users.c.user_id).where(users.c.removed_at.is_not(None))
        assert list(connection.scalars(query)) == ["u1"]


def test_what_somebody_described_stays(engine: Engine, tmp_path: Path) -> None:
    load = imported(engine, [("u1", "i1"), ("u2", "i2"), ("u3", "i3")])
    with engine.begin() as connection:
        connection.execute(
            sa.update(users).where(users.c.user_id == "u1").values(attributes={"a": 1})
        )
        connection.execute(sa.update(items).where(items.c.item_id == "i1").values(title="One"))
        connection.execute(sa.update(items).where(items.c.item_id == "i2").values(is_active=False))
        merged = {"user_id": "other", "into_user_id": "u2", "merged_at": NOW}
        connection.execute(sa.insert(tables.merges).values(merged))

    undo_of(engine, tmp_path, load.load_id).carry_out()

    assert left(engine, users.c.user_id) == ["u1", "u2"]
    assert left(engine, items.c.item_id) == ["i1", "i2"]


def test_blank_rows_of_another_time_are_none_of_the_loads(engine: Engine, tmp_path: Path) -> None:
    bring(engine, None, [("early", "early")], NOW - dt.timedelta(days=1))
    with engine.begin() as connection:
        connection.execute(sa.delete(interactions))
    load = imported(engine, [("u1", "i1")])

    assert undo_of(engine, tmp_path, load.load_id).carry_out() == Extent(1, 1, 1)
    assert left(engine, users.c.user_id) == left(engine, items.c.item_id) == ["early"]


def test_without_items_to_delete_the_catalogue_is_not_read_anew(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    bring(sqlite_engine, None, [("u0", "i1")])
    load = imported(sqlite_engine, [("u1", "i1")])
    before = epoch(sqlite_engine)

    assert undo_of(sqlite_engine, tmp_path, load.load_id).carry_out() == Extent(1, 1, 0)
    assert epoch(sqlite_engine) == before


def test_killed_half_way_it_goes_on_from_there(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undone_interactions, "CHUNK_ROWS", 2)
    load = imported(engine, [(f"u{n}", f"i{n}") for n in range(7)])
    deletions = 0

    def die(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal deletions
        deletions += statement.startswith("DELETE")
        if deletions == 3:
            raise KeyboardInterrupt

    sa.event.listen(engine, "before_cursor_execute", die)
    with pytest.raises(KeyboardInterrupt):
        undo_of(engine, tmp_path, load.load_id).carry_out()
    sa.event.remove(engine, "before_cursor_execute", die)
    assert len(left(engine, interactions.c.event_id)) == 3

    assert undo_of(engine, tmp_path, load.load_id).load.is_being_undone
    assert undo_of(engine, tmp_path, load.load_id).carry_out() == Extent(3, 7, 7)
    assert not left(engine, interactions.c.event_id)
    assert not left(engine, users.c.user_id)


def test_an_import_whose_load_is_undone_adds_nothing_more(engine: Engine, tmp_path: Path) -> None:
    running = begin(engine)
    bring(engine, running, [("u1", "i1")])

    undo_of(engine, tmp_path, running.load_id).carry_out()

    with pytest.raises(LoadError, match=f"Load {running.load_id} was undone while it was running"):
        bring(engine, running, [("u2", "i2")])
    with pytest.raises(LoadError, match="was undone while it was running"):
        finish_load(engine, running)
    assert not left(engine, interactions.c.event_id)
    assert not left(engine, users.c.user_id)


def test_later_imports_that_found_its_rows_are_named(sqlite_engine: Engine, tmp_path: Path) -> None:
    imported(sqlite_engine, [("u0", "i0")], source="earlier.csv")
    load = imported(sqlite_engine, [("u1", "i1")])
    later = imported(sqlite_engine, [("u2", "i2")], source="later.csv")
    imported(sqlite_engine, [("u3", "i3")], source="other.csv")
    with sqlite_engine.begin() as connection:
        for load_id in (load.load_id - 1, later.load_id):
            found = sa.update(loads).where(loads.c.id == load_id).values(rows_present=1)
            connection.execute(found)

    assert [
        other.source for other in undo_of(sqlite_engine, tmp_path, load.load_id).loads_to_repeat()
    ] == ["later.csv"]


def test_a_generation_goes_whole_but_for_what_is_needed(engine: Engine, tmp_path: Path) -> None:
    generate(engine, tmp_path, Size(users=20, items=36, interactions=200), 42, reset=False)
    generated_users, generated_items = left(engine, users.c.user_id), left(engine, items.c.item_id)
    bring(engine, None, [(generated_users[0], generated_items[0])])
    change(engine, users.c.user_id, generated_users[1], attributes={"mine": True})
    [load_id] = load_ids(engine)

    assert undo_of(engine, tmp_path, load_id).extent() == Extent(200, 18, 35)
    assert undo_of(engine, tmp_path, load_id).carry_out() == Extent(200, 18, 35)

    assert left(engine, users.c.user_id) == generated_users[:2]
    assert left(engine, items.c.item_id) == generated_items[:1]
    assert len(left(engine, interactions.c.event_id)) == 1
    assert not (tmp_path / "truth").exists()


def test_an_import_of_users_is_refused_in_words(sqlite_engine: Engine, tmp_path: Path) -> None:
    load = imported(sqlite_engine, [], kind="users", source="customers.csv")

    with pytest.raises(LoadError, match=r"Load 1 \(customers.csv\) described users, and what"):
        undo_of(sqlite_engine, tmp_path, load.load_id)


def test_a_load_that_is_not_there_is_said_with_those_that_are(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    with pytest.raises(LoadError, match="There is no load 7; there are: none"):
        undo_of(sqlite_engine, tmp_path, 7)
    imported(sqlite_engine, [])
    with pytest.raises(LoadError, match=r"There is no load 7; there are: 1 \(make imports\)"):
        undo_of(sqlite_engine, tmp_path, 7)


def sparse(engine: Engine, ids: Sequence[int], load_id: int) -> None:
    rows = [
        {
            "id": number,
            "event_id": str(number),
            "user_id": "u",
            "item_id": "i",
            "event_type": "view",
            "created_at": NOW,
            "load_id": load_id if number % 2 else None,
        }
        for number in ids
    ]
    with engine.begin() as connection:
        connection.execute(sa.insert(interactions), rows)


def test_gaps_between_ids_and_the_edges_of_ranges_lose_nothing(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(undone_interactions, "RANGE_IDS", 10)
    load = begin(sqlite_engine)
    ids = [5, 14, 15, 16, 24, 25, 26, 27, 99, 101, 131]
    sparse(sqlite_engine, ids, load.load_id)

    assert undo_of(sqlite_engine, tmp_path, load.load_id).carry_out().interactions == 7
    with sqlite_engine.connect() as connection:
        assert count(connection, interactions) == 4
