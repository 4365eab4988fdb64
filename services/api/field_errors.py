"""Wrong fields of requests and rows in words: the field, the reason, and the value that came."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

SHOWN_CHARACTERS = 80  # of a wrong value: enough to recognise it

PydanticError = Mapping[str, Any]
"""One element of `ValidationError.errors()`."""

NOT_JSON = "send JSON, with the header Content-Type: application/json"

REASONS = {  # where pydantic's words do not say what would do
    "extra_forbidden": "There is no such field; /docs shows those that there are",
    "missing": "This field is required",
    "model_type": "Input should be an object",
}


class WrongField(NamedTuple):
    """A field, why it is refused, and its value as JSON, shortened."""

    field: str
    reason: str
    value: str

    @classmethod
    def of(cls, field: str, reason: str, value: object) -> "WrongField":
        """What pydantic does not check."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
        return cls(field, reason, shown)

    @classmethod
    def of_error(cls, error: PydanticError) -> "WrongField":
        """What pydantic found."""
        location: Sequence[object] = error["loc"]
        if error["type"] == "json_invalid":
            reason = f"not JSON: {error['ctx']['error']}"
            return cls("body", reason, f"character {location[-1]}")
        if isinstance(error.get("input"), bytes):
            return cls.of("body", NOT_JSON, error["input"].decode(errors="replace"))
        field = ".".join(str(part) for part in location[1:]) or str(location[0])
        reason = REASONS.get(error["type"]) or str(error["msg"])
        return cls.of(field, reason, error.get("input"))

    def in_words(self) -> str:
        text = f"{self.field}: {self.reason} (it is {self.value})"
        return text.encode(errors="backslashreplace").decode()  # a lone surrogate has no UTF-8


def in_words(errors: Sequence[PydanticError], limit: int) -> str:
    """The first `limit` errors in one line, and how many more there are."""
    sentences = [WrongField.of_error(error).in_words() for error in errors[:limit]]
    if len(errors) > limit:
        sentences.append(f"and {len(errors) - limit:,} more")
    return "; ".join(sentences)


def wrong_field(field: str, reason: str, value: object) -> str:
    """The same for what pydantic does not check."""
    return WrongField.of(field, reason, value).in_words()
