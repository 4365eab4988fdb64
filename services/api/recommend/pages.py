"""Computed lists as they are cached: the answer, and what it takes to go on after it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from services.api.schemas.recommendations import RecommendResponse


@dataclass(frozen=True)
class Page:
    """`shown` are the item ids of this page and of those before it."""

    user_id: str
    shown: Sequence[str]
    answer: bytes

    @classmethod
    def of(cls, user_id: str, before: Sequence[str], made: RecommendResponse) -> "Page":
        shown = [*before, *(one.item_id for one in made.recommendations)]
        return cls(user_id, shown, made.model_dump_json().encode())

    def to_bytes(self) -> bytes:
        head = json.dumps([self.user_id, self.shown])  # ASCII, and no line end
        return head.encode() + b"\n" + self.answer

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Page":
        head, _line_end, answer = stored.partition(b"\n")
        user_id, shown = json.loads(head)
        return cls(user_id, shown, answer)
