"""Computed lists as they are cached: the answer, and what it takes to go on after it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from services.api.recommend.lists import list_json
from services.api.recommend.ranking.list_request import ListRequest
from services.api.recommend.ranking.stages import rank


@dataclass(frozen=True)
class Page:
    """`shown` are the item ids of this page and of those before it."""

    user_id: str
    shown: Sequence[str]
    answer: bytes

    def to_bytes(self) -> bytes:
        head = json.dumps([self.user_id, self.shown])  # ASCII, and no line end
        return head.encode() + b"\n" + self.answer

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Page":
        head, _line_end, answer = stored.partition(b"\n")
        user_id, shown = json.loads(head)
        return cls(user_id, shown, answer)


def make_page(list_request: ListRequest, user_id: str, shown_before: Sequence[str]) -> Page:
    """A page of a user's list, with the cursor to the next one where items are left."""
    ranking, left = rank(list_request)
    answer = list_json(list_request, ranking, list_request.list_id if left else None)
    listed = map(list_request.catalogue.item_id, ranking.items.tolist())
    return Page(user_id, [*shown_before, *listed], answer)
