import numpy as np
import pytest

from services.trainer.metrics.intervals import (
    Interval,
    interval,
    paired_interval,
    paired_rmse_interval,
    ratio_interval,
    rmse_interval,
)
from shared.arrays.types import Float64


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def half_width(found: Interval) -> float:
    return (found.high - found.low) / 2


def standard_error(values: Float64) -> float:
    return float(values.std() / len(values) ** 0.5)


@pytest.mark.parametrize(("level", "deviations"), [(0.5, 0.674), (0.8, 1.282), (0.95, 1.960)])
def test_an_interval_is_as_wide_as_the_standard_error_says(level: float, deviations: float) -> None:
    values = seeded(1).normal(3, 2, size=1500)
    found = interval(values, seeded(2), draws=4000, level=level)
    assert found.mean == pytest.approx(values.mean(), abs=1e-12)
    assert half_width(found) == pytest.approx(deviations * standard_error(values), rel=0.05)
    assert (found.low + found.high) / 2 == pytest.approx(found.mean, abs=0.01)


def test_nineteen_of_twenty_intervals_hold_the_true_mean() -> None:
    rng = seeded(3)
    held = 0
    for _ in range(250):
        found = interval(rng.exponential(5, size=150), rng, draws=200)
        held += found.low <= 5 <= found.high
    assert 0.92 < held / 250 < 0.97


def test_an_interval_of_skewed_values_leans_to_their_tail() -> None:
    found = interval(seeded(4).exponential(1, size=30) ** 2, seeded(5))
    assert found.high - found.mean > 1.2 * (found.mean - found.low)


def test_equal_values_leave_no_doubt() -> None:
    assert interval(np.full(40, 0.25), seeded()) == Interval(0.25, 0.25, 0.25)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = seeded(6).random(80)
    assert interval(values, seeded(7)) == interval(values, seeded(7))
    assert interval(values, seeded(7)) != interval(values, seeded(8))


def test_a_difference_of_pairs_is_known_better_than_either_side() -> None:
    easy = seeded(9).random(500)
    a, b = easy, easy + 0.02 + seeded(10).normal(0, 0.01, size=500)
    paired = paired_interval(a, b, seeded(11))
    assert paired.mean == pytest.approx(b.mean() - a.mean(), abs=1e-12)
    assert paired.low > 0.017
    assert paired.high < 0.022
    assert half_width(paired) < half_width(interval(b, seeded(11))) / 20


def test_pairs_that_have_nothing_in_common_are_known_worse_than_either_side() -> None:
    a, b = seeded(12).random(500), seeded(13).random(500)
    paired = half_width(paired_interval(a, b, seeded(14)))
    assert paired == pytest.approx(2**0.5 * half_width(interval(a, seeded(15))), rel=0.1)


def test_rmse_is_over_rows_not_over_users() -> None:
    found = rmse_interval(np.array([16.0, 0.0]), np.array([1, 3]), seeded())
    assert found.mean == pytest.approx(2)
    assert (found.low, found.high) == (0, 4)  # the first user or the second alone


def test_rows_of_one_user_are_not_independent() -> None:
    level = seeded(16).uniform(0.5, 1.5, size=1500)  # all 20 errors of a user are equal
    found = rmse_interval(20 * level**2, np.full(1500, 20), seeded(17))
    by_user = standard_error(level**2) / (2 * found.mean)
    assert found.mean == pytest.approx((level**2).mean() ** 0.5)
    assert half_width(found) == pytest.approx(1.96 * by_user, rel=0.05)


def test_users_without_rows_do_not_matter_to_an_rmse() -> None:
    squared, counts = seeded(18).random(50), np.full(50, 2)
    with_idle = np.append(squared, np.zeros(500)), np.append(counts, np.zeros(500, dtype=int))
    assert rmse_interval(*with_idle, seeded(19)) == rmse_interval(squared, counts, seeded(19))


def test_a_difference_of_rmse_is_b_minus_a_on_the_same_users() -> None:
    counts = seeded(20).integers(1, 30, size=400)
    squared = counts * seeded(21).exponential(1, size=400)
    found = paired_rmse_interval(squared, squared * 0.81, counts, seeded(22))
    alone = rmse_interval(squared, counts, seeded(22))
    assert found.mean == pytest.approx(-0.1 * alone.mean)
    assert found.low == pytest.approx(-0.1 * alone.high)  # b is .9 of a in every draw
    assert found.high == pytest.approx(-0.1 * alone.low)


def test_what_cannot_have_an_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one user"):
        interval(np.empty(0), seeded())
    with pytest.raises(ValueError, match="at least one user"):
        rmse_interval(np.zeros(3), np.zeros(3, dtype=int), seeded())
    with pytest.raises(ValueError, match="finite"):
        interval(np.array([1, np.nan]), seeded())
    with pytest.raises(ValueError, match="same users"):
        paired_interval(np.zeros(3), np.zeros(4), seeded())


def test_a_ratio_is_of_the_means_and_as_narrow_as_its_pairs() -> None:
    base = seeded(5).exponential(2, size=400)
    found = ratio_interval(base, 0.9 * base, seeded(6))
    assert (found.mean, found.low, found.high) == pytest.approx((0.9, 0.9, 0.9))
    apart = ratio_interval(base, seeded(7).permutation(base), seeded(6))
    assert apart.mean == pytest.approx(1)
    assert apart.low < 0.95 < 1.05 < apart.high
