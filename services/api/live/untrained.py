"""What is served before the first training: a version that knows nobody and nothing.

Every item of the database is then one that no training has seen, nobody's history says anything,
and popularity is what LiveTrend counts, from the first interaction on.
"""

import datetime as dt

import numpy as np

from shared.artifacts.content import Content
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn
from shared.artifacts.versions import DataSummary, Manifest, Version
from shared.scorers import POPULARITY
from shared.scorers.features import FeatureEncoder
from shared.scorers.histories import Histories, History, Weighting

UNTRAINED = "untrained"
"""The `model_version` of answers before the first training; no trained version is called so."""


def is_trained(version: Version) -> bool:
    """Whether a training made the version."""
    return version.name != UNTRAINED


def untrained_version() -> Version:
    """A version without users, items or models, for which all interactions are still to come."""
    manifest = Manifest(
        version=UNTRAINED,
        created_at=dt.datetime.fromtimestamp(0, dt.UTC),
        data=DataSummary(rows=0, last_id=0, content_hash="", rating_scale=None),
        weighting=Weighting(),
        user_features=FeatureEncoder(),
        item_features=FeatureEncoder(),
        rating_model=None,
        ranker=POPULARITY,
        scorers={},
        popularity_half_life_days=None,
        segments=None,
        settings={},
        found=None,
        metrics={},
        arrays={},
    )
    return Version(manifest, _no_content())


def _no_content() -> Content:
    no_rows = np.empty((0, 0), dtype=np.float32)
    histories = {
        **vars(History.empty()),
        "offsets": np.zeros(2, dtype=np.int64),
        "attributes": np.empty((1, 0), dtype=np.float32),
    }
    return Content(
        users=IdMap.of(["nobody"]).without([0]),  # one row that is nobody's: scorers ask for one
        items=IdMap.of([]),
        titles=TextColumn.of([]),
        categories=TextColumn.of([]),
        is_active=np.empty(0, dtype=np.bool_),
        item_features=no_rows,
        popularity=np.empty(0, dtype=np.float32),
        lifts=no_rows,
        histories=Histories(**histories),
        models={},
    )
