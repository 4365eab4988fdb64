"""Why an item is in a list: the past interactions that its score comes from, and a sentence.

For models that are linear in a history the shares are exact: a ridge regression is a sum over its
rows (Hu, Koren & Volinsky 2008, section 5). For others they are by how much the score falls without
the interaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.api.live.catalogue import Catalogue, ItemIndices
from services.api.recommend.profile import Profile
from services.api.recommend.scorer_choice import UserScorer
from services.api.schemas.recommendations import Because, ListSource, Reason
from shared.arrays.types import Float32
from shared.scorers import Linear

SHOWN = 5  # interactions told of an item
SAID = 2  # of them in the sentence
LEFT_OUT = 100  # interactions that are left out one by one, the newest; 30 ms for bayesian

VERBS = {
    "rating": "rated",
    "view": "viewed",
    "click": "clicked on",
    "cart": "put into your cart",
    "purchase": "bought",
    "like": "liked",
    "dislike": "disliked",
}
CHOSE = "chose"  # where the database is away nobody knows what it was

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
    catalogue: Catalogue,
    user_scorer: UserScorer,
    profile: Profile,
    items: ItemIndices,
    sources: Sequence[ListSource],
) -> list[Reason]:
    """Why each of `items` int64[n] is in a list, with its source."""
    if not user_scorer.is_personal or not len(items):
        return [Reason(sentence=SENTENCES[s], because=[], approximate=False) for s in sources]
    shares = _shares(catalogue, user_scorer, items)
    return [
        _reason(catalogue, profile, shares, column, source) for column, source in enumerate(sources)
    ]


def _shares(catalogue: Catalogue, user_scorer: UserScorer, items: ItemIndices) -> Shares:
    """Of new items those of the trained ones that stand for them, on average."""
    neighbours = catalogue.neighbours(items)
    every = contributions(user_scorer, neighbours.members)
    return replace(every, contributions=neighbours.means(every.contributions))


def contributions(user_scorer: UserScorer, items: ItemIndices) -> Shares:
    """What the rows of the history add to the scores of trained items."""
    if isinstance(user_scorer.scorer, Linear):
        exact = user_scorer.scorer.contributions(user_scorer.history, items)
        return Shares(np.arange(len(user_scorer.history)), exact, approximate=False)
    return _left_out(user_scorer, items)


def _left_out(user_scorer: UserScorer, items: ItemIndices) -> Shares:
    history = user_scorer.history
    rows = np.argsort(history.recency_ranks, kind="stable")[:LEFT_OUT]
    every = np.arange(len(history))
    vectors = [user_scorer.scorer.fold_in(history.at(every != row)) for row in rows]
    scores = user_scorer.scorer.score(np.stack([user_scorer.vector, *vectors]), items)
    return Shares(rows, scores[:1] - scores[1:], approximate=True)


def _reason(
    catalogue: Catalogue, profile: Profile, shares: Shares, column: int, source: ListSource
) -> Reason:
    moved = shares.contributions[:, column]
    total = float(np.abs(moved).sum()) or 1.0
    most = np.argsort(-np.abs(moved), kind="stable")[:SHOWN]
    because = [
        _because(catalogue, profile, int(shares.rows[row]), float(moved[row]) / total)
        for row in most.tolist()
        if moved[row]
    ]
    return Reason(
        sentence=_sentence(because, source), because=because, approximate=shares.approximate
    )


def _because(catalogue: Catalogue, profile: Profile, row: int, share: float) -> Because:
    item = int(profile.history.item_indices[row])
    return Because(
        item_id=catalogue.item_id(item),
        title=catalogue.title(item),
        event_type=profile.did.get(item),
        share=round(share, 4),
    )


def _sentence(because: Sequence[Because], source: ListSource) -> str:
    """In words, from what spoke for the item."""
    speaking = [one for one in because if one.share > 0][:SAID]
    if source == "pinned" or not speaking:
        return SENTENCES.get(source, "Close to what you like on the whole.")
    verbs = [VERBS.get(one.event_type or "", CHOSE) for one in speaking]
    names = [one.title or one.item_id for one in speaking]
    if len(set(verbs)) == 1:
        told = f"{verbs[0]} {' and '.join(names)}"
    else:
        told = " and ".join(f"{verb} {name}" for verb, name in zip(verbs, names, strict=True))
    opening = "New, and here because" if source == "new" else "Because"
    return f"{opening} you {told}."
