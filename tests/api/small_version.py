"""A version whose right answers are plain: people like tech or fashion, items are one or other."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from shared.arrays.types import Float32, Mask
from shared.artifacts import versions
from shared.artifacts.content import Content
from shared.artifacts.current import activate
from shared.artifacts.id_map import IdMap
from shared.artifacts.segments import (
    CategoryShare,
    Criterion,
    Segment,
    Segments,
    SegmentsDescription,
)
from shared.artifacts.text_column import TextColumn
from shared.database.attributes import attributes_text
from shared.scorers import BayesianFactorization, MatrixFactorization, Scorer
from shared.scorers.features import FeatureEncoder
from shared.scorers.histories import Histories, Weighting
from tests.shared.histories import rated_histories
from tests.shared.popular import alike

TECH_FANS = ("U10001", "U1", "u1 ", "a/b", "..", "%2F", "张伟", "line\nend\n", "🍷" * 64)
FASHION_FANS = ("U10002", "u1", "a", "b", "x" * 64, "é", "?q=1#f", "./", " ")
TECH_ITEMS = tuple(f"TECH{number}" for number in range(1001, 1021))
FASHION_ITEMS = tuple(f"FASH{number}" for number in range(1001, 1021))
SEEN = 3  # of the items of one's kind, the first
INACTIVE = "TECH1020"  # would be everyone's first by popularity and the tech fans' by rating
MEAN = 3.0
CERTAINTY = 0.75


def publish_current(artifact_dir: Path, **choices: Any) -> str:
    """Publish a version and make it current; its name. The choices are SmallVersion's."""
    version = publish(artifact_dir, **choices)
    activate(artifact_dir, version, reason="test", now=dt.datetime.now(dt.UTC))
    return version


def publish(artifact_dir: Path, **choices: Any) -> str:
    """Publish a version that is not current yet; its name. The choices are SmallVersion's."""
    small = SmallVersion(**choices)
    release = versions.Release(
        small.content(),
        data=versions.DataSummary(
            rows=SEEN * len(small.users),
            last_id=small.last_id,
            content_hash="0" * 32,
            rating_scale=(1.0, 5.0) if small.with_ratings else None,
        ),
        weighting=Weighting(),
        user_features=FeatureEncoder(),
        item_features=FeatureEncoder(),
        rating_model=small.rating_model if small.with_ratings else None,
        ranker=small.ranker,
        settings={},
        metrics={},
    )
    now = dt.datetime.now(dt.UTC)
    return versions.publish(artifact_dir, release, lambda m: f"<p>{m.version}</p>", now).version


@dataclass(frozen=True)
class SmallVersion:
    """What can be chosen of the version: whom it knows, its models, its mean rating, and what is
    declared of its items (None: it was published before versions kept that)."""

    users: tuple[str, ...] = TECH_FANS + FASHION_FANS
    with_ratings: bool = True
    rating_model: str = "als"
    ranker: str = "als"
    mean: float = MEAN
    with_segments: bool = True
    last_id: int = SEEN * len(TECH_FANS + FASHION_FANS)
    attributes_of: Callable[[str], dict[str, Any]] | None = None

    def content(self) -> Content:
        return Content(
            users=self._users,
            items=self._items,
            titles=TextColumn.of(f"Title of {item}" for item in self._items),
            categories=TextColumn.of(item[:4] for item in self._items),
            is_active=np.array([item != INACTIVE for item in self._items]),
            item_features=np.empty((len(self._items), 0), dtype=np.float32),
            popularity=self._numbers,
            lifts=np.empty((0, len(self._items)), dtype=np.float32),
            histories=self._histories,
            models=self._models(),
            segments=self._segments() if self.with_segments else None,
            attributes=self._attributes(),
        )

    def _attributes(self) -> TextColumn | None:
        if self.attributes_of is None:
            return None
        return TextColumn.of(attributes_text(self.attributes_of(item)) for item in self._items)

    def _segments(self) -> Segments:
        """The fans of fashion and those of tech, as many."""
        is_tech = np.array([user in TECH_FANS for user in self._users])
        sizes = {"fashion": np.count_nonzero(~is_tech), "tech": np.count_nonzero(is_tech)}
        return Segments(
            labels=is_tech.astype(np.int16),
            certainty=np.full(len(self._users), CERTAINTY, dtype=np.float32),
            description=SegmentsDescription(
                segments=[
                    segment(f"S{place}", name, int(size), len(self._users))
                    for place, (name, size) in enumerate(sizes.items(), start=1)
                ],
                criterion=Criterion(name="by construction", tried=[]),
            ),
        )

    @cached_property
    def _histories(self) -> Histories:
        return rated_histories(
            *([(self._items.find(i), self._rating(i)) for i in _own_items(u)] for u in self._users)
        )

    def _rating(self, item: str) -> float:
        """Of somebody who likes the item's kind: so far above what all rate it that the penalty
        takes it back to the user's vector."""
        return self.mean + 0.41 * int(item[6:])

    @cached_property
    def _users(self) -> IdMap:
        return IdMap.of(self.users)

    @cached_property
    def _items(self) -> IdMap:
        return IdMap.of(TECH_ITEMS + FASHION_ITEMS)

    @property
    def _numbers(self) -> Float32:
        """1 to 20 in each category: as popularity it leaves pairs of equals."""
        return np.array([int(item[4:]) - 1000 for item in self._items], dtype=np.float32)

    def _bayesian(self) -> BayesianFactorization:
        """Four samples of items that are all alike, users known beforehand, and noise."""
        items, samples, rank = len(self._items), 4, 1
        return BayesianFactorization(
            item_factors=np.zeros((items, samples, rank), dtype=np.float32),
            item_biases=np.zeros((items, samples), dtype=np.float32),
            user_location=np.zeros((samples, rank + 1), dtype=np.float32),
            user_weights=np.zeros((samples, 2, rank + 1), dtype=np.float32),
            user_precision=np.tile(1e6 * np.eye(rank + 1, dtype=np.float32), (samples, 1, 1)),
            noise_precision=np.full(samples, 4, dtype=np.float32),
            basis=np.zeros((items, 1), dtype=np.float32),
            centre=np.zeros(2, dtype=np.float32),
            unit=np.array([self.mean, 2], dtype=np.float32),
            projection=np.empty((0, 0), dtype=np.float32),
            projected_items=np.empty((0, 0), dtype=np.float32),
            histories=self._histories,
        )

    def _models(self) -> dict[str, Scorer]:
        scorers: dict[str, Scorer] = {
            "popularity": alike(self._numbers),
            "als": self._als(),
            "bayesian": self._bayesian(),
        }
        used = {self.ranker, self.rating_model} if self.with_ratings else {self.ranker}
        return {name: scorers[name] for name in used}

    def _als(self) -> MatrixFactorization:
        """One's own items rate mean + .21 × number, up to 4 above it: beyond the scale's end."""
        item_is_tech = np.array([item in TECH_ITEMS for item in self._items])
        user_is_tech = np.array([user in TECH_FANS for user in self._users])
        return MatrixFactorization(
            mean=np.array([self.mean], dtype=np.float32),
            user_bias=np.zeros(len(self._users), dtype=np.float32),
            item_bias=self._numbers / np.float32(100),
            user_factors=_one_hot(user_is_tech),
            item_factors=_one_hot(item_is_tech) * self._numbers[:, None] / np.float32(5),
            penalty=np.array([0.56, 0.56, 1e9], dtype=np.float32),
            penalty_per_rating=np.zeros(3, dtype=np.float32),
        )


def segment(segment_id: str, name: str, size: int, users: int) -> Segment:
    """Who did nothing but rate items of one category 4."""
    return Segment(
        segment_id=segment_id,
        name=name,
        size=size,
        share=size / users,
        mean_rating=4,
        activity=SEEN,
        favourite_categories=[CategoryShare(category=name[:4].upper(), share=1, lift=2)],
        distinctive_categories=[],
        favourite_items=[],
        distinctive_items=[],
        certainty=CERTAINTY,
        stability=1,
    )


def _own_items(user: str) -> tuple[str, ...]:
    return (TECH_ITEMS if user in TECH_FANS else FASHION_ITEMS)[:SEEN]


def _one_hot(is_tech: Mask) -> Float32:
    return np.stack([is_tech, ~is_tech], axis=1).astype(np.float32)
