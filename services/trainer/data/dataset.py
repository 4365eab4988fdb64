"""Everything that a model is fitted to, as arrays."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.declared_features import DeclaredFeatures
from services.trainer.data.ratings import Ratings
from services.trainer.data.weighting import weighted_by_rows
from shared.arrays.types import Mask
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn
from shared.artifacts.versions import DataSummary
from shared.errors import SommelierError
from shared.scorers.histories import Histories, Interactions, Weighting


class NothingToLearnError(SommelierError):
    """A database without interactions."""


@dataclass(frozen=True)
class Dataset:
    """Interactions with their users and items, those that have interactions, in id order.

    `titles`, `categories` and `attributes` are texts as Content has them, `is_active` bool[items],
    `created_at` int64[items]. `weighting` says how the interactions become histories, `of_users`
    and `of_items` what models learn of what is declared.
    """

    users: IdMap
    items: IdMap
    titles: TextColumn
    categories: TextColumn
    attributes: TextColumn
    is_active: Mask
    created_at: NDArray[np.int64]
    interactions: Interactions
    summary: DataSummary
    weighting: Weighting
    of_users: DeclaredFeatures
    of_items: DeclaredFeatures

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of users and of items."""
        return len(self.users), len(self.items)

    @cached_property
    def histories(self) -> Histories:
        n_users = len(self.users)
        return self.weighting.histories(self.interactions, n_users, self.of_users.values)

    @cached_property
    def ratings(self) -> Ratings | None:
        """The newest rating of each pair; None where there is no rating at all."""
        histories = self.histories
        rated = ~np.isnan(histories.ratings)
        if self.summary.rating_scale is None or not rated.any():
            return None
        return Ratings(
            user_indices=histories.user_indices()[rated],
            item_indices=histories.item_indices[rated],
            values=histories.ratings[rated],
            shape=self.shape,
            scale=self.summary.rating_scale,
        )

    def rated(self) -> Ratings:
        """The ratings; NothingToLearnError where there is none."""
        if self.ratings is None:
            raise NothingToLearnError("A rating model needs ratings, and the data has none.")
        return self.ratings

    @property
    def is_timed(self) -> bool:
        """Whether the interactions have an order in time."""
        return self.weighting.is_timed

    def subset(self, mask: Mask) -> "Dataset":
        """The interactions where `mask` bool[n] holds, over the same users and items.

        What ratings and values are worth follows from the subset; whether there are times, from the
        whole.
        """
        kept = self.interactions.subset(mask)
        weighting = weighted_by_rows(self.weighting, kept, self.summary.rating_scale)
        return replace(self, interactions=kept, weighting=weighting)
