"""What a model leaves behind to serve with: numpy arrays, and a score for every item.

A scorer turns a history into a vector, and vectors into scores. It keeps the vectors of the users
it was trained on, or their histories where those are the shorter way; folding in a history gives
the same vector. What users and items are is known to others: here they are indices, and -1 stands
for one that the version does not know.
"""

from typing import ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Float32, Indices, Mask
from shared.scorers.histories import History, HistoryRows


class Scorer(Protocol):
    """A trained model."""

    roles: ClassVar[frozenset[str]]
    """Among "rating" and "ranker": what the scores may be used for."""

    def vectors(self, user_indices: Indices) -> Float32:
        """The vectors of users, float32[n, k]; for -1 that of an empty history."""
        ...

    def fold_in(self, history: History) -> Float32:
        """The vector of a history, float32[k], whoever's it is."""
        ...

    def score(self, vectors: Float32, item_indices: Indices | None = None) -> Float32:
        """The raw score of every item for each vector, float32[n, items]; or of these items."""
        ...

    def score_std(self, history: History) -> Float32:
        """How far the score of each item may be off for want of history, float32[items]: a standard
        deviation in the scores' unit, without the noise of what a user does."""
        ...

    def item_vectors(self, item_indices: Indices) -> Float32:
        """What the model knows of items, float32[n, d]: the cosine of two says how alike they are.

        d is 0 where it knows of no likeness.
        """
        ...

    def informative(self, rows: HistoryRows) -> Mask:
        """Which rows of histories go into the scores, bool[rows].

        Whoever has none is a stranger to the model.
        """
        ...

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What makes this scorer again, together with the histories it was trained on."""
        ...

    def without_users(self, user_indices: Indices) -> Self:
        """The same scorer, with zeros where it keeps something of these users.

        Arrays without users stay the same objects, and so do the histories: whoever reads the
        scorer again hands in others.
        """
        ...


@runtime_checkable
class Rater(Scorer, Protocol):
    """A scorer whose scores are ratings on the data's scale, before they are clipped to it."""

    def rate(self, vectors: Float32, item_indices: Indices) -> Float32:
        """The raw rating of each vector for its item, float32[n], `vectors` [n, k] (or [1, k] for
        all); for item -1 what is known of the user alone."""
        ...


@runtime_checkable
class Linear(Protocol):
    """A scorer whose scores are a sum over the rows of a history."""

    def contributions(self, history: History, item_indices: Indices) -> Float32:
        """What each row of the history adds to the scores of items, float32[rows, n].

        With the scores of the empty history they add up to the scores.
        """
        ...


@runtime_checkable
class Uncertain(Protocol):
    """A rating model that knows how far its ratings may be off."""

    def uncertainty(self, history: History, item_indices: Indices) -> Float32:
        """The standard deviation of the rating that the user would give each item, float32[n], in
        the ratings' unit; nan for item -1."""
        ...
