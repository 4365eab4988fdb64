"""A fitted model on interactions that it has not seen, beside what was planted in generated data.

Everything is predicted through the numpy scorers that serve, lists over the whole catalogue.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.dataset import Dataset
from services.trainer.data.item_sets import ItemSets
from services.trainer.metrics.ranking import evaluate_lists
from services.trainer.metrics.top_items import top_items
from services.trainer.selection.quality import ListQuality, RatingQuality
from services.trainer.splits.protocols import Split
from shared.arrays.types import Float32, Float64
from shared.artifacts.metrics import PLACES
from shared.artifacts.truth import Truth
from shared.scorers import Popularity, Rater, Scorer
from shared.scorers.choice import ServedScores
from shared.scorers.finite import require_finite
from shared.scorers.histories import pair_keys

BLOCK_USERS = 512  # score rows at a time: 40 MB at 20,000 items


class Evaluation:
    """The ratings to predict and the items to find in a split, prepared once for all models.

    Only items that are active can be found, and only ones that are new to the user.
    """

    def __init__(self, split: Split, ks: Iterable[int] = (PLACES,)) -> None:
        self.split = split
        self.ks = tuple(ks)
        self._test = split.train.weighting.histories(split.test, split.train.shape[0])

    @property
    def train(self) -> Dataset:
        return self.split.train

    @cached_property
    def rated_pairs(self) -> tuple[NDArray[np.int32], NDArray[np.int32], Float32]:
        """Users, items and ratings of the test part, by user."""
        rated = ~np.isnan(self._test.ratings)
        users, items = self._test.user_indices(), self._test.item_indices
        return users[rated], items[rated], self._test.ratings[rated]

    @cached_property
    def relevant(self) -> ItemSets:
        """The positives of each user of the dataset that are new to them and active."""
        n_users, n_items = self.train.shape
        histories = self.train.histories
        seen = pair_keys(histories.user_indices(), histories.item_indices, n_items)
        owners, items = self._test.user_indices(), self._test.item_indices
        new = ~np.isin(pair_keys(owners, items, n_items), seen)
        relevant = new & self._test.preferences & (self._test.confidences > 0)
        relevant &= self.train.is_active[items]
        return ItemSets.from_pairs(owners[relevant], items[relevant], n_users)

    @cached_property
    def seen(self) -> ItemSets:
        histories = self.train.histories
        return ItemSets(histories.offsets, histories.item_indices)

    @cached_property
    def listed_users(self) -> NDArray[np.int64]:
        """Who has something to find, int64[n]."""
        return np.flatnonzero(self.relevant.sizes())

    def evaluate_ratings(self, rater: Rater) -> RatingQuality:
        """How far a model's clipped predictions are off; NotFiniteError where it diverged."""
        predicted = np.concatenate([np.empty(0, dtype=np.float32), *self._ratings_by(rater)])
        require_finite({"ratings": predicted}, "a prediction")
        return self.errors(predicted)

    def _ratings_by(self, rater: Rater) -> Iterator[Float32]:
        users, items, _ratings = self.rated_pairs
        begins = np.searchsorted(
            users, np.arange(0, self.train.shape[0] + BLOCK_USERS, BLOCK_USERS)
        )
        for begin, end in pairwise(begins.tolist()):
            if begin < end:
                distinct, which = np.unique(users[begin:end], return_inverse=True)
                yield rater.rate(rater.vectors(distinct)[which], items[begin:end])

    def errors(self, predicted: NDArray[np.floating]) -> RatingQuality:
        """The errors of predictions for `rated_pairs`, clipped to the scale."""
        users, _items, ratings = self.rated_pairs
        error = self.train.summary.on_scale(predicted).astype(np.float64) - ratings
        n_users = self.train.shape[0]
        return RatingQuality(
            squared=_sums(users, error**2, n_users),
            absolute=_sums(users, np.abs(error), n_users),
            counts=np.bincount(users, minlength=n_users),
        )

    def evaluate_lists(self, scorer: Scorer, fallback: Popularity) -> ListQuality:
        """What the lists of a model are worth; `fallback` serves whom it does not know.

        NotFiniteError where the model diverged: it has no order.
        """
        served = ServedScores(scorer, fallback, self.train.histories)
        return self._lists_by(_finite(served.of(users)) for users in self._blocks())

    def _blocks(self) -> Iterator[NDArray[np.int64]]:
        for begin in range(0, len(self.listed_users), BLOCK_USERS):
            yield self.listed_users[begin : begin + BLOCK_USERS]

    def _lists_by(self, blocks: Iterable[NDArray[np.floating]]) -> ListQuality:
        """What lists by these scores [n, items] of each block of `listed_users` are worth."""
        deepest = max(self.ks)
        lists = [
            top_items(scores, deepest, self.seen.of(users), self.train.is_active)
            for scores, users in zip(blocks, self._blocks(), strict=True)
        ]
        all_lists = np.concatenate([np.empty((0, deepest), dtype=np.int64), *lists])
        relevant = self.relevant.of(self.listed_users)
        return ListQuality(all_lists, evaluate_lists(all_lists, relevant, self.ks))

    def planted(self, truth: Truth) -> tuple[RatingQuality, ListQuality]:
        """How good whoever knows the generated data's truth can be: its expected ratings, and
        lists by the planted propensity."""
        users = truth.users.find_all(self.train.users)
        items = truth.items.find_all(self.train.items)
        rated_users, rated_items, _ratings = self.rated_pairs
        expected = truth.expected_rating(users[rated_users], items[rated_items])
        propensities = (truth.propensity(users[block])[:, items] for block in self._blocks())
        return self.errors(expected), self._lists_by(propensities)

    def planted_noise(self, truth: Truth) -> float:
        """The MSE that the floor would have with many ratings: their mean planted variance."""
        users = truth.users.find_all(self.train.users)[self.rated_pairs[0]]
        items = truth.items.find_all(self.train.items)[self.rated_pairs[1]]
        return float(truth.noise_variance(users, items).mean())


def _sums(users: NDArray[np.int32], values: Float64, n_users: int) -> Float64:
    return np.bincount(users, weights=values, minlength=n_users).astype(np.float64)


def _finite(scores: Float32) -> Float32:
    require_finite({"scores": scores}, "a list")
    return scores
