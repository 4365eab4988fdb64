"""What a model leaves behind to serve with: numpy arrays, and a score for every item.

A scorer turns a history into a vector, and vectors into scores. It keeps the vectors of the users
it was trained on, or their histories where those are the shorter way; folding in a history gives
the same vector. What users and items are is known to others: here they are indices, and -1 stands
for one that the version does not know.
"""

from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from shared.histories import Floats, History, Indices


class Scorer(Protocol):
    """A trained model."""

    roles: ClassVar[frozenset[str]]
    """Among "rating" and "ranker": what the scores may be used for."""

    def vectors(self, user_indices: Indices) -> Floats:
        """The vectors of users, float32[n, k]; for -1 that of an empty history."""
        ...

    def fold_in(self, history: History) -> Floats:
        """The vector of a history, float32[k], whoever's it is."""
        ...

    def score(self, vectors: Floats) -> Floats:
        """The raw score of every item for each vector, float32[n, items]."""
        ...

    def knows(self, history: History) -> bool:
        """Whether anything of the history goes into the scores."""
        ...

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What makes this scorer again, together with the histories it was trained on."""
        ...


@runtime_checkable
class Rater(Scorer, Protocol):
    """A scorer whose scores are ratings on the data's scale, before they are clipped to it."""

    def rate(self, vectors: Floats, item_indices: Indices) -> Floats:
        """The raw rating of each vector for its item, float32[n], `vectors` [n, k] (or [1, k] for
        all); for item -1 what is known of the user alone."""
        ...


@runtime_checkable
class Uncertain(Protocol):
    """A rating model that knows how far its ratings may be off."""

    def uncertainty(self, history: History, item_indices: Indices) -> Floats:
        """The standard deviation of the rating that the user would give each item, float32[n], in
        the ratings' unit; nan for item -1."""
        ...
