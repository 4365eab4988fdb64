"""Small versions to publish: two users, three items."""

import datetime as dt
from pathlib import Path

import numpy as np

from shared.artifacts.content import Content
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn
from shared.artifacts.versions import DataSummary, Found, Release, publish
from shared.scorers import MatrixFactorization
from shared.scorers.features import FeatureEncoder
from shared.scorers.histories import Weighting
from tests.shared.histories import rated_histories

NOW = dt.datetime(2025, 3, 1, 12, 30, 15, tzinfo=dt.UTC)


def content(users: int = 2, items: int = 3, *, with_model: bool = True) -> Content:
    model = MatrixFactorization(
        mean=np.array([3], dtype=np.float32),
        user_bias=np.zeros(users, dtype=np.float32),
        item_bias=np.arange(items, dtype=np.float32),
        user_factors=np.ones((users, 2), dtype=np.float32),
        item_factors=np.ones((items, 2), dtype=np.float32),
        penalty=np.ones(3, dtype=np.float32),
        penalty_per_rating=np.zeros(3, dtype=np.float32),
    )
    return Content(
        users=IdMap.of(f"u{n}" for n in range(users)),
        items=IdMap.of(f"i{n}" for n in range(items)),
        titles=TextColumn.of([""] * items),
        categories=TextColumn.of(["Ä"] * items),
        is_active=np.ones(items, dtype=np.bool_),
        item_features=np.empty((items, 0), dtype=np.float32),
        popularity=np.arange(items, dtype=np.float32),
        lifts=np.empty((0, items), dtype=np.float32),
        histories=rated_histories(*([(0, 4.0)] for _user in range(users))),
        models={"als": model} if with_model else {},
    )


def publish_at(
    folder: Path, minute: int = 0, what: Content | None = None, found: Found | None = None
) -> str:
    what = what or content()
    model = next(iter(what.models), None)
    release = Release(
        what,
        data=DataSummary(rows=2, last_id=2, content_hash="0" * 32, rating_scale=(1, 5)),
        weighting=Weighting(),
        user_features=FeatureEncoder(),
        item_features=FeatureEncoder(),
        rating_model=model,
        ranker=model or "popularity",
        settings={"seed": 0},
        metrics={"rmse": 1.0},
        found=found,
    )
    now = NOW + dt.timedelta(minutes=minute)
    return publish(folder, release, lambda manifest: f"<h1>{manifest.version}</h1>", now).version
