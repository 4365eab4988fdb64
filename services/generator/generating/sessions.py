"""When it happens: half a year of visits, in the evening rather than at night."""

import datetime as dt

import numpy as np
from numpy.typing import NDArray

# Fixed and not counted back from today: same seed, same data.
FIRST_DAY = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
DAYS = 181

EVENTS_A_SESSION = 4  # on average
EVENING = 20.0  # o'clock
EVENING_SPREAD = 2.5  # hours
BY_DAY = 0.3  # share of sessions that begin at any time of the day instead
TYPICAL_GAP = 45.0  # seconds between the events of a session: median of a lognormal
GAP_SPREAD = 1.0  # of the log: a twentieth takes 4 minutes or more
SHORTEST_GAP = 1_000  # ms

_HOUR = 3_600_000  # ms
_DAY = 24 * _HOUR


def session_times(events: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """When each user's events happen, in epoch milliseconds, int64[events.sum()].

    `events` int64[n] says how many each user has; each user's times strictly rise.
    """
    user = np.repeat(np.arange(len(events)), events)
    first = np.cumsum(events) - events
    place = np.arange(len(user)) - np.repeat(first, events)
    begins = (place == 0) | (rng.random(len(user)) < 1 / EVENTS_A_SESSION)
    starts = _session_starts(user[begins], rng)
    gaps = np.where(begins, 0, _gaps(len(user), rng))
    session = np.cumsum(begins) - 1
    elapsed = np.cumsum(gaps)
    times = starts[session] + elapsed - elapsed[begins][session]
    return int(FIRST_DAY.timestamp() * 1000) + _in_order(times, user, place)


def _session_starts(user: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """A start for each session in ms since the first day, rising for each user."""
    hours = np.where(
        rng.random(len(user)) < BY_DAY,
        rng.uniform(0, 24, len(user)),
        rng.normal(EVENING, EVENING_SPREAD, len(user)) % 24,
    )
    starts = rng.integers(DAYS, size=len(user)) * _DAY + (hours * _HOUR).astype(np.int64)
    return starts[np.lexsort((starts, user))]


def _gaps(how_many: int, rng: np.random.Generator) -> NDArray[np.int64]:
    seconds = TYPICAL_GAP * np.exp(GAP_SPREAD * rng.standard_normal(how_many))
    return np.maximum(1000 * seconds, SHORTEST_GAP).astype(np.int64)


def _in_order(
    times: NDArray[np.int64], user: NDArray[np.int64], place: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Where a session runs into the next one, the next one waits for it."""
    apart = user * (2 * DAYS * _DAY) - place * SHORTEST_GAP
    latest: NDArray[np.int64] = np.maximum.accumulate(times + apart)
    return latest - apart
