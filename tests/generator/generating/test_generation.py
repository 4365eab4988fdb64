import dataclasses
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from services.generator.generating.generation import generate
from services.generator.generating.size import Size
from services.generator.loads.record import LoadError
from shared.artifacts.data_hash import ContentHash, id_hashes
from shared.artifacts.truth import read_truth
from shared.database import storage, tables
from shared.database.blank_rows import blank_item
from shared.database.engine import open_database
from shared.database.event_types import EVENT_TYPES

SIZE = Size(users=60, items=45, interactions=800)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(make_url(f"sqlite:///{tmp_path}/test.sqlite"))
    yield engine
    engine.dispose()


def stored(engine: Engine) -> list[tuple[object, ...]]:
    """Every interaction, but for its number and the time of writing."""
    columns = tables.interactions.c
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(
                columns.event_id,
                columns.user_id,
                columns.item_id,
                columns.event_type,
                columns.rating,
                tables.epoch_ms(columns.occurred_at),
            ).order_by(columns.id)
        )
        return [tuple(row) for row in rows]


def content_hash(engine: Engine) -> str:
    _, users, items, events, ratings, times = zip(*stored(engine), strict=True)
    content = ContentHash()
    content.update(
        id_hashes(map(str, users)),
        id_hashes(map(str, items)),
        np.array([EVENT_TYPES.index(str(event)) for event in events], dtype=np.uint64),
        np.array(ratings, dtype=np.float64),
        np.array(times, dtype=np.int64),
    )
    return content.hexdigest()


def test_it_fills_the_database(engine: Engine, tmp_path: Path) -> None:
    generate(engine, tmp_path, SIZE, 1, reset=False)
    with engine.connect() as connection:
        users = connection.execute(sa.select(tables.users)).all()
        items = connection.execute(sa.select(tables.items)).all()
        assert storage.count(connection, tables.interactions) == 800
    types = [user.attributes["user_type"] for user in users]
    assert [types.count(name) for name in ("tech", "fashion", "sport")] == [18, 18, 24]
    assert {(item.item_id[:4], *item.categories) for item in items} == {
        ("TECH", "tech"),
        ("FASH", "fashion"),
        ("SPRT", "sport"),
    }
    assert all(item.is_active and item.title for item in items)
    rows = stored(engine)
    assert {event for _, _, _, event, *_ in rows} == {"rating"}
    assert {user for _, user, *_ in rows} == {user.user_id for user in users}
    assert {item for _, _, item, *_ in rows} == {item.item_id for item in items}


def test_the_load_is_on_record(engine: Engine, tmp_path: Path) -> None:
    generate(engine, tmp_path, SIZE, 1, reset=False)
    with engine.connect() as connection:
        load = connection.execute(sa.select(tables.loads)).one()
    assert load.kind == "generate"
    assert load.settings == {"users": 60, "items": 45, "interactions": 800, "seed": 1}
    assert (load.rating_min, load.rating_max, load.rows_added) == (1, 5, 800)
    assert load.finished_at >= load.started_at


def test_the_truth_is_that_of_the_stored_rows(engine: Engine, tmp_path: Path) -> None:
    generate(engine, tmp_path, SIZE, 1, reset=False)
    truth = read_truth(tmp_path, content_hash(engine))
    assert truth is not None
    _, users, items, _, ratings, _ = zip(*stored(engine), strict=True)
    pairs = truth.users.find_all(map(str, users)), truth.items.find_all(map(str, items))
    error = np.array(ratings, dtype=np.float64) - truth.expected_rating(*pairs)
    assert np.mean(error**2) == pytest.approx(truth.noise_variance(*pairs).mean(), rel=0.3)


def test_a_second_run_changes_nothing_and_says_so(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    generate(engine, tmp_path, SIZE, 1, reset=False)
    before = stored(engine)
    with caplog.at_level(logging.INFO):
        generate(engine, tmp_path, dataclasses.replace(SIZE, users=70), 2, reset=False)
    assert stored(engine) == before
    assert "already holds 60 users, 45 items and 800 interactions; nothing" in caplog.text
    assert read_truth(tmp_path, content_hash(engine)) is not None


def test_interactions_from_elsewhere_are_left_alone(engine: Engine, tmp_path: Path) -> None:
    moment = tables.from_epoch_ms(0)
    row = {"event_id": "e", "user_id": "u", "item_id": "i", "event_type": "view"}
    with engine.begin() as connection:
        rows = [{**row, "occurred_at": moment, "created_at": moment}]
        storage.insert_missing(connection, tables.interactions, rows)
    generate(engine, tmp_path, SIZE, 1, reset=False)
    assert len(stored(engine)) == 1


def test_nothing_is_generated_beside_items_of_ones_own(engine: Engine, tmp_path: Path) -> None:
    moment = tables.from_epoch_ms(0)
    with engine.begin() as connection:
        storage.insert_missing(connection, tables.items, [blank_item("mine", moment)])
    generate(engine, tmp_path, SIZE, 1, reset=False)
    assert stored(engine) == []


def test_reset_empties_it_first(engine: Engine, tmp_path: Path) -> None:
    generate(engine, tmp_path, SIZE, 1, reset=False)
    before = stored(engine)
    generate(engine, tmp_path, SIZE, 2, reset=True)
    assert len(stored(engine)) == 800
    assert not {event for event, *_ in before} & {event for event, *_ in stored(engine)}
    assert read_truth(tmp_path, content_hash(engine)) is not None


def test_same_seed_same_rows_whatever_the_database(engine: Engine, tmp_path: Path) -> None:
    generate(engine, tmp_path, SIZE, 1, reset=False)
    before = stored(engine)
    generate(engine, tmp_path, SIZE, 1, reset=True)
    assert stored(engine) == before


def test_an_interrupted_run_of_another_size_is_not_mixed_with(
    engine: Engine, tmp_path: Path
) -> None:
    generate(engine, tmp_path, SIZE, 1, reset=False)
    with engine.begin() as connection:
        connection.execute(sa.update(tables.loads).values(finished_at=None))
    with pytest.raises(LoadError, match="--interactions 800 --seed 1 was interrupted") as failure:
        generate(engine, tmp_path, SIZE, 2, reset=False)
    assert "--reset" in str(failure.value)
    generate(engine, tmp_path, SIZE, 2, reset=True)
    assert read_truth(tmp_path, content_hash(engine)) is not None
