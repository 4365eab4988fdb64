"""Why an item is in a list: the past interactions that its score comes from, and a sentence.

For models that are linear in a history the shares are exact: a ridge regression is a sum over its
rows (Hu, Koren & Volinsky 2008, section 5). For others they are by how much the score falls without
the interaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.live.new_items import ItemIndices
from services.api.recommend.ranking.list_request import ListRequest
from services.api.recommend.scorer_choice import UserScorer
from services.api.schemas.recommendations import Because, ListSource, Reason
from shared.arrays.types import Float32
from shared.scorers import Linear

MAX_BECAUSE = 5  # interactions shown for an item
MAX_NAMED = 2  # of them in the sentence
MAX_LEFT_OUT = 100  # interactions that are left out one by one; 30 ms for bayesian
MAX_FOLDED_ROWS = 20_000  # over all of these: 1 s for 100 of 1,000 rows, .2 s for 20 of them
MIN_LEFT_OUT = 5

VERBS = {
    "rating": "rated",
    "view": "viewed",
    "click": "clicked on",
    "cart": "put into your cart",
    "purchase": "bought",
    "like": "liked",
    "dislike": "disliked",
}
UNKNOWN_VERB = "chose"  # where the database is away nobody knows what it was

SENTENCES: dict[ListSource, str] = {
    "attributes": "Popular with people like you.",
    "popular": "Popular right now.",
    "best_rated": "Among the best rated.",
    "new": "New here.",
    "pinned": "Picked for everyone.",
}


@dataclass(frozen=True)
class Shares:
    """What rows of a history (`rows` int64[r]) add to the scores of items, float32[r, n]."""

    rows: ItemIndices
    contributions: Float32
    approximate: bool


def reasons(
    list_request: ListRequest, items: ItemIndices, sources: Sequence[ListSource]
) -> list[Reason]:
    """Why each of `items` int64[n] is in the list, with its source."""
    if not list_request.user_scorer.is_personal or not len(items):
        return [_reason_of_source(source) for source in sources]
    shares = _shares(list_request.catalogue, list_request.user_scorer, items)
    return [_reason(list_request, shares, column, source) for column, source in enumerate(sources)]


def _reason_of_source(source: ListSource) -> Reason:
    return Reason(sentence=SENTENCES[source], because=[], approximate=False)


def _shares(catalogue: Catalogue, user_scorer: UserScorer, items: ItemIndices) -> Shares:
    """Of new items those of their neighbours, on average."""
    neighbours = catalogue.neighbours(items)
    shares = contributions(user_scorer, neighbours.members)
    return replace(shares, contributions=neighbours.means(shares.contributions))


def contributions(user_scorer: UserScorer, items: ItemIndices) -> Shares:
    """What the rows of the history add to the scores of trained items."""
    if isinstance(user_scorer.scorer, Linear):
        exact = user_scorer.scorer.contributions(user_scorer.history, items)
        return Shares(np.arange(len(user_scorer.history)), exact, approximate=False)
    return _by_leaving_out(user_scorer, items)


def _by_leaving_out(user_scorer: UserScorer, items: ItemIndices) -> Shares:
    history, scorer = user_scorer.history, user_scorer.scorer
    rows = np.argsort(history.recency_ranks, kind="stable")[: left_out_rows(len(history))]
    places = np.arange(len(history))
    vectors = [scorer.fold_in(history.at(places != row)) for row in rows]
    scores = scorer.score(np.stack([user_scorer.vector, *vectors]), items)
    return Shares(rows, scores[:1] - scores[1:], approximate=True)


def left_out_rows(rows: int) -> int:
    """How many interactions of a history of so many rows are left out one by one, the newest."""
    return min(MAX_LEFT_OUT, max(MIN_LEFT_OUT, MAX_FOLDED_ROWS // max(rows, 1)))


def _reason(list_request: ListRequest, shares: Shares, column: int, source: ListSource) -> Reason:
    moved = shares.contributions[:, column]
    total = float(np.abs(moved).sum()) or 1.0
    most = np.argsort(-np.abs(moved), kind="stable")[:MAX_BECAUSE]
    because = [
        _because(list_request, int(shares.rows[row]), float(moved[row]) / total)
        for row in most.tolist()
        if moved[row]
    ]
    return Reason(
        sentence=_sentence(because, source), because=because, approximate=shares.approximate
    )


def _because(list_request: ListRequest, row: int, share: float) -> Because:
    catalogue, profile = list_request.catalogue, list_request.profile
    item = int(profile.history.item_indices[row])
    return Because(
        item_id=catalogue.item_id(item),
        title=catalogue.title(item),
        event_type=profile.event_types.get(item),
        share=round(share, 4),
    )


def _sentence(because: Sequence[Because], source: ListSource) -> str:
    """In words, from what spoke for the item."""
    speaking = [interaction for interaction in because if interaction.share > 0][:MAX_NAMED]
    if source == "pinned" or not speaking:
        return SENTENCES.get(source, "Close to what you like on the whole.")
    verbs = [VERBS.get(deed.event_type or "", UNKNOWN_VERB) for deed in speaking]
    names = [deed.title or deed.item_id for deed in speaking]
    if len(set(verbs)) == 1:
        deeds = f"{verbs[0]} {' and '.join(names)}"
    else:
        deeds = " and ".join(f"{verb} {name}" for verb, name in zip(verbs, names, strict=True))
    opening = "New, and here because" if source == "new" else "Because"
    return f"{opening} you {deeds}."
