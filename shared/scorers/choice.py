"""Which scorer serves whom: the one that was chosen, or a fallback for people it knows nothing of.

Requests, the lists of all users and evaluation ask here, so that what is measured is what serves.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from shared.arrays.types import Float32, Indices, Mask
from shared.scorers.contract import Scorer
from shared.scorers.histories import Histories, History

RankBy = Literal["relevance", "rating"]
"""What orders a list: the ranker's scores, or predicted ratings."""


def is_known(scorer: Scorer, history: History) -> bool:
    """Whether anything of the history goes into the scores."""
    return bool(scorer.informative(history).any())


def choose_scorer(scorer: Scorer, fallback: Scorer, history: History) -> Scorer:
    """The scorer, or the fallback for whom it knows nothing of."""
    return scorer if is_known(scorer, history) else fallback


@dataclass(frozen=True)
class ServedScores:
    """The same choice for all users of `histories`, and the scores that follow from it."""

    scorer: Scorer
    fallback: Scorer
    histories: Histories

    @cached_property
    def known(self) -> Mask:
        """Of which users the scorer knows something, bool[users]."""
        rows = np.append(0, np.cumsum(self.scorer.informative(self.histories)))
        return np.diff(rows[self.histories.offsets]) > 0

    def of(self, user_indices: Indices) -> Float32:
        """The scores of every item, float32[n, items], in an array of the caller's own."""
        scores = _own_scores(self.scorer, user_indices)
        unknown = ~self.known[user_indices]
        if self.fallback is not self.scorer and unknown.any():
            scores[unknown] = _own_scores(self.fallback, user_indices[unknown])
        return scores


def _own_scores(scorer: Scorer, user_indices: Indices) -> Float32:
    # A scorer may hand out what it keeps, such as a view of its popularity.
    return np.require(scorer.score(scorer.vectors(user_indices)), np.float32, ["C", "W"])
