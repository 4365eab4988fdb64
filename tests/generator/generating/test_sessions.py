import datetime as dt

import numpy as np
import pytest
from numpy.typing import NDArray

from services.generator.generating.sessions import DAYS, FIRST_DAY, session_times

EVENTS = np.array([50, 1, 5, 600] * 100)


@pytest.fixture(scope="module")
def times() -> NDArray[np.int64]:
    return session_times(EVENTS, np.random.default_rng(0))


@pytest.fixture(scope="module")
def gaps(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Milliseconds between one event and the user's next."""
    return np.concatenate([np.diff(own) for own in np.split(times, np.cumsum(EVENTS)[:-1])])


def test_they_rise_for_each_user(gaps: NDArray[np.int64]) -> None:
    assert gaps.min() >= 1_000


def test_they_lie_in_half_a_year(times: NDArray[np.int64]) -> None:
    first = FIRST_DAY.timestamp() * 1000
    last = (FIRST_DAY + dt.timedelta(days=DAYS + 1)).timestamp() * 1000
    assert first <= times.min()
    assert times.max() < last
    assert times.max() - times.min() > 0.95 * (last - first)


def test_most_events_follow_another_within_minutes(gaps: NDArray[np.int64]) -> None:
    within = gaps < 20 * 60_000
    assert 0.6 < within.mean() < 0.9
    assert 20_000 < np.median(gaps[within]) < 120_000


def test_evenings_are_busier_than_nights(times: NDArray[np.int64]) -> None:
    hours = times // 3_600_000 % 24
    evening, night = np.mean((hours >= 18) & (hours < 22)), np.mean((hours >= 2) & (hours < 6))
    assert evening > 4 * night
    assert night > 0.01


def test_nobody_needs_to_have_events() -> None:
    assert len(session_times(np.array([0, 2, 0]), np.random.default_rng(0))) == 2
