"""What every interaction has to keep to, whoever brings it in; each side says it in its words."""

from enum import Enum, auto

from shared.database.rating_scale import RatingScale
from shared.database.tables import ID_LENGTH
from shared.database.timestamps import EARLIEST_MS


class RowRule(Enum):
    """What a field can break."""

    PRESENT = auto()
    KNOWN = auto()
    SHORT = auto()
    UTF8 = auto()
    ON_SCALE = auto()
    READABLE = auto()
    NOT_TOO_EARLY = auto()
    NOT_IN_THE_FUTURE = auto()


class RuleViolation(Exception):
    """A field of a row, by its column's name, and the first rule that it breaks."""

    def __init__(self, field: str, rule: RowRule) -> None:
        super().__init__(f"{field} is not {rule.name.lower()}")
        self.field = field
        self.rule = rule


def checked_id(field: str, text: str | None) -> str:
    """The id as it is stored."""
    if not text:
        raise RuleViolation(field, RowRule.PRESENT)
    if len(text) > ID_LENGTH:
        raise RuleViolation(field, RowRule.SHORT)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        raise RuleViolation(field, RowRule.UTF8) from None
    return text


def checked_rating(
    rating: float | None, event_type: str, scale: RatingScale | None
) -> float | None:
    """The rating as it is stored: a "rating" has one, and it is on the scale where one is known."""
    if rating is None:
        if event_type == "rating":
            raise RuleViolation("rating", RowRule.PRESENT)
        return None
    if scale is not None and not scale.holds(rating):
        raise RuleViolation("rating", RowRule.ON_SCALE)
    return rating + 0.0  # -0.0 and 0.0 are one rating


def checked_time(milliseconds: int | None, latest: int) -> int:
    """The time as it is stored, in epoch milliseconds; None is a text that tells none, `latest` the
    last moment that is not in the future."""
    if milliseconds is None:
        raise RuleViolation("occurred_at", RowRule.READABLE)
    if milliseconds < EARLIEST_MS:
        raise RuleViolation("occurred_at", RowRule.NOT_TOO_EARLY)
    if milliseconds > latest:
        raise RuleViolation("occurred_at", RowRule.NOT_IN_THE_FUTURE)
    return milliseconds
