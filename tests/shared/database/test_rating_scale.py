import datetime as dt
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.engine import URL, Connection

from shared.database.engine import connect, migrate
from shared.database.rating_scale import RatingScale, declared_scale
from shared.database.tables import loads

SCALE = RatingScale(1, 5)


@pytest.mark.parametrize(
    ("rating", "holds"), [(1, True), (5, True), (0.9, False), (5.1, False), (float("nan"), False)]
)
def test_a_scale_holds_its_ends_and_what_is_between(rating: float, holds: bool) -> None:
    assert SCALE.holds(rating) is holds


def test_predictions_come_back_to_the_scale_in_their_own_type() -> None:
    clipped = SCALE.clip(np.array([-3, 2.5, 9], dtype=np.float32))
    assert clipped.tolist() == [1, 2.5, 5]
    assert clipped.dtype == np.float32


def test_a_manifest_has_the_scale_as_two_numbers() -> None:
    class Holder(BaseModel):
        scale: RatingScale

    text = Holder(scale=SCALE).model_dump_json()
    assert text == '{"scale":[1.0,5.0]}'
    assert Holder.model_validate_json(text).scale == SCALE


def declare(connection: Connection, scale: tuple[float, float] | None) -> None:
    lowest, highest = scale or (None, None)
    row: dict[str, Any] = {
        "kind": "import",
        "settings": {},
        "rating_min": lowest,
        "rating_max": highest,
        "rows_added": 0,
        "started_at": dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
    }
    connection.execute(sa.insert(loads).values(row))


def test_the_widest_of_the_declared_scales_counts(database_url: URL) -> None:
    engine = connect(database_url)
    migrate(engine)
    with engine.begin() as connection:
        declare(connection, None)
        assert declared_scale(connection) is None
        declare(connection, (1, 5))
        declare(connection, (0.5, 4))
        assert declared_scale(connection) == (0.5, 5)
    engine.dispose()
