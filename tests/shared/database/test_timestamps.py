import datetime as dt

import pytest

from shared.database.timestamps import EARLIEST_MS, iso_ms, latest_ms


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:01.5Z", 1_500),
        ("1970-01-01T00:00:00.0019", 1),  # cut off, never rounded up
        ("1969-12-31T23:59:59.9999", -1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1000-01-01", EARLIEST_MS),
        ("yesterday", None),
        ("", None),
        ("2025-02-30", None),
    ],
)
def test_iso_8601_in_milliseconds(text: str, milliseconds: int | None) -> None:
    assert iso_ms(text) == milliseconds


def test_clocks_may_be_five_minutes_ahead() -> None:
    assert latest_ms(dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) == 300_000
