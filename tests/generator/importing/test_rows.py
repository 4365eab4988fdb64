import datetime as dt

import pytest
from services.generator.importing.raw_rows import Cells
from services.generator.importing.rows import BadRow, RowParser

from shared.database.event_ids import event_id
from shared.database.rating_scale import RatingScale

NOW = dt.datetime(2025, 6, 1, 12, tzinfo=dt.UTC)
PARSER = RowParser(RatingScale(1, 5), NOW)


def cells(
    user: str = "u1",
    item: str = "i1",
    rating: str | None = None,
    time: str | None = None,
    event: str | None = None,
) -> Cells:
    return Cells(user, item, rating, time, event)


@pytest.mark.parametrize(
    "text", ["u1", "U1", "u1 ", " ", "🎧" * 64, "用户", "a/b", "..", "%2F", "0"]
)
def test_ids_stay_as_they_are(text: str) -> None:
    interaction = PARSER.parse(cells(user=text, item=text))

    assert (interaction.user_id, interaction.item_id) == (text, text)


@pytest.mark.parametrize(
    ("row", "event_type", "rating"),
    [
        (cells(), "view", None),
        (cells(rating="4.5"), "rating", 4.5),
        (cells(rating=" 3 "), "rating", 3.0),
        (cells(rating="", event="purchase"), "purchase", None),
        (cells(rating="2", event="Like"), "like", 2.0),
        (cells(event="cart"), "cart", None),
    ],
)
def test_the_event_type_follows_the_columns(
    row: Cells, event_type: str, rating: float | None
) -> None:
    interaction = PARSER.parse(row)

    assert (interaction.event_type, interaction.rating) == (event_type, rating)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1260759144", 1_260_759_144_000),
        ("1260759144123", 1_260_759_144_123),
        ("1260759144.5", 1_260_759_144_500),
        ("1.260759144e9", 1_260_759_144_000),
        ("0", 0),
        ("-86400", -86_400_000),
        ("1970-01-02", 86_400_000),
        ("1970-01-01T00:00:01.5Z", 1_500),
        ("1970-01-01 02:00:00+02:00", 0),
        (" 1970-01-01 00:00:00 ", 0),
        ("20240131", 1_706_659_200_000),  # a day, no second of 1970
        ("2025-06-01T12:04:59", 1_748_779_499_000),  # clocks differ
    ],
)
def test_times_are_epochs_or_iso_8601(text: str, milliseconds: int) -> None:
    assert PARSER.parse(cells(time=text)).occurred_ms == milliseconds


def test_without_a_time_column_there_is_no_time() -> None:
    assert PARSER.parse(cells()).occurred_ms is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (cells(user=""), "user id is missing"),
        (cells(item=""), "item id is missing"),
        (cells(item="x" * 65), "item id has 65 characters, at most 64"),
        (cells(user="caf\udce9"), "user id is not UTF-8"),
        (cells(rating=""), "rating is missing"),
        (cells(rating=" "), "rating is missing"),
        (cells(event="rating"), "rating is missing"),
        (cells(rating="4,5"), "rating '4,5' is not a number"),
        (cells(rating="1_0"), "rating '1_0' is not a number"),
        (cells(rating="nan"), "rating 'nan' is not a number"),
        (cells(rating="inf"), "rating 'inf' is not a number"),
        (cells(rating="0.5"), "rating '0.5' is off the scale 1:5"),
        (cells(rating="6"), "rating '6' is off the scale 1:5"),
        (cells(event="sneeze"), "event type 'sneeze' is none of rating, view"),
        (cells(event=""), "event type '' is none of"),
        (cells(time=""), "time is missing"),
        (cells(time="yesterday"), "time 'yesterday' is neither"),
        (cells(time="nan"), "time 'nan' is neither"),
        (cells(time="0999-12-31"), "time '0999-12-31' is neither"),
        (cells(time="2025-06-01T12:05:01"), "is in the future"),
        (cells(time="1e300"), "is in the future"),
    ],
)
def test_bad_rows_say_why(row: Cells, reason: str) -> None:
    with pytest.raises(BadRow, match=reason):
        PARSER.parse(row)


def test_without_a_scale_every_finite_rating_is_good() -> None:
    assert RowParser(None, NOW).parse(cells(rating="-250")).rating == -250


def test_keys_tell_every_difference_apart() -> None:
    rows = [
        cells("ab", "c"),
        cells("a", "bc"),
        cells("ab", "c", rating="3"),
        cells("ab", "c", rating="4"),
        cells("ab", "c", event="like"),
        cells("ab", "c", time="1"),
        cells("ab", "c", time="2"),
        cells("AB", "c"),
    ]

    assert len({PARSER.parse(row).key() for row in rows}) == len(rows)


def test_one_value_written_in_two_ways_is_one_key() -> None:
    rows = [cells(rating="4", time="1970-01-01"), cells(rating="4.0", time="0")]

    assert len({PARSER.parse(row).key() for row in rows}) == 1


def test_event_ids_differ_by_occurrence_alone_and_stay_the_same() -> None:
    key = PARSER.parse(cells()).key()

    # As long as this holds, data imported by an earlier release is not imported twice.
    assert event_id(key, 0) == "0ec162ded2fd31d16743fb9bc2a0bf3b"
    assert event_id(key, 1) != event_id(key, 0)
