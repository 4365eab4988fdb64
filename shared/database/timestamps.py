"""When something happened: whole milliseconds since 1970 in UTC, and which of them can be true."""

import datetime as dt

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)
_AHEAD = dt.timedelta(minutes=5)  # clocks differ; more than this is a wrong unit or a wrong year

EARLIEST_MS = (dt.datetime(1000, 1, 1, tzinfo=dt.UTC) - _EPOCH) // _MILLISECOND  # MySQL's DATETIME


def present() -> dt.datetime:
    """Now, in UTC and whole milliseconds, as the database keeps it."""
    now = dt.datetime.now(dt.UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def epoch_ms_of(moment: dt.datetime) -> int:
    """Whole milliseconds since 1970 of an aware time, before 1970 too."""
    return (moment - _EPOCH) // _MILLISECOND


def latest_ms(now: dt.datetime) -> int:
    """What comes after it lies in the future."""
    return epoch_ms_of(now + _AHEAD)


def iso_ms(text: str) -> int | None:
    """A moment in ISO 8601, UTC where it has no offset; None for other texts."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return (moment - _EPOCH) // _MILLISECOND
