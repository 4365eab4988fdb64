"""Groups of users that the ranker tells apart, and what they are, in words."""

import numpy as np

from services.trainer.segments.behaviour import Behaviour
from services.trainer.segments.clustering import Clustering, find_groups
from services.trainer.segments.group_count import GroupCountScore
from services.trainer.segments.item_descriptions import ItemDescriptions
from services.trainer.segments.segment_descriptions import describe
from services.trainer.segments.user_embedding import Scores, embed
from shared.artifacts.segments import (
    NO_SEGMENT,
    Criterion,
    GroupsTried,
    Segments,
    SegmentsDescription,
)

CRITERION = "prediction strength and gap over a Gaussian cloud"


def find_segments(
    scores: Scores,
    n_users: int,
    behaviour: Behaviour,
    descriptions: ItemDescriptions,
    rng: np.random.Generator,
) -> Segments:
    """The segments of `n_users` users; who preferred nothing is in none.

    One segment, of everyone, where the users form no groups.
    """
    activity = np.bincount(behaviour.user_indices, minlength=n_users)
    active = np.flatnonzero(activity)
    clustering = find_groups(embed(scores, active, rng), rng, activity=activity[active])
    labels = np.full(n_users, NO_SEGMENT, dtype=np.int16)
    certainty = np.zeros(n_users, dtype=np.float32)
    labels[active], certainty[active] = clustering.labels, clustering.certainty
    segments = describe(labels, certainty, clustering.stability, behaviour, descriptions)
    description = SegmentsDescription(segments=segments, criterion=_criterion(clustering))
    return Segments(labels, certainty, description)


def _criterion(clustering: Clustering) -> Criterion:
    return Criterion(name=CRITERION, tried=[_groups_tried(score) for score in clustering.scores])


def _groups_tried(score: GroupCountScore) -> GroupsTried:
    return GroupsTried(
        groups=score.n_groups,
        prediction_strength=round(score.strength, 3),
        gap=None if score.gap is None else round(score.gap, 3),
    )
