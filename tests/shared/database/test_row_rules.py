import datetime as dt
import math

import pytest

from shared.database.rating_scale import RatingScale
from shared.database.row_rules import (
    RowRule,
    RuleViolation,
    checked_id,
    checked_rating,
    checked_time,
)
from shared.database.timestamps import EARLIEST_MS, latest_ms

LATEST = latest_ms(dt.datetime(2025, 6, 1, tzinfo=dt.UTC))


@pytest.mark.parametrize("text", ["u1", " ", "🎧" * 64, "\0"])
def test_an_id_stays_as_it_is(text: str) -> None:
    assert checked_id("user_id", text) == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (None, RowRule.PRESENT),
        ("", RowRule.PRESENT),
        ("x" * 65, RowRule.SHORT),
        ("\ud800", RowRule.UTF8),
    ],
)
def test_what_is_no_id_breaks_a_rule(text: str | None, rule: RowRule) -> None:
    with pytest.raises(RuleViolation) as violation:
        checked_id("item_id", text)
    assert (violation.value.field, violation.value.rule) == ("item_id", rule)


def test_a_rating_event_alone_needs_a_rating() -> None:
    assert checked_rating(None, "view", None) is None
    with pytest.raises(RuleViolation) as violation:
        checked_rating(None, "rating", None)
    assert (violation.value.field, violation.value.rule) == ("rating", RowRule.PRESENT)


def test_minus_zero_is_zero() -> None:
    rating = checked_rating(-0.0, "rating", RatingScale(-1, 1))
    assert rating is not None
    assert math.copysign(1, rating) == 1


@pytest.mark.parametrize("rating", [0.5, 5.5, math.nan, math.inf])
def test_a_rating_off_the_scale_breaks_a_rule(rating: float) -> None:
    with pytest.raises(RuleViolation) as violation:
        checked_rating(rating, "like", RatingScale(1, 5))
    assert violation.value.rule is RowRule.ON_SCALE


def test_without_a_scale_every_number_is_a_rating() -> None:
    assert checked_rating(-250, "rating", None) == -250


@pytest.mark.parametrize(
    ("milliseconds", "rule"),
    [
        (None, RowRule.READABLE),
        (EARLIEST_MS - 1, RowRule.NOT_TOO_EARLY),
        (LATEST + 1, RowRule.NOT_IN_THE_FUTURE),
    ],
)
def test_a_time_that_cannot_be_true_breaks_a_rule(milliseconds: int | None, rule: RowRule) -> None:
    with pytest.raises(RuleViolation) as violation:
        checked_time(milliseconds, LATEST)
    assert (violation.value.field, violation.value.rule) == ("occurred_at", rule)
    assert checked_time(EARLIEST_MS, LATEST) == EARLIEST_MS
    assert checked_time(LATEST, LATEST) == LATEST
