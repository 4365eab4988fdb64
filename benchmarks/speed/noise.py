"""A version of what nobody wants, of any size: factors, histories and attributes by chance."""

import datetime as dt
from pathlib import Path

import numpy as np

from shared.arrays.types import Float32
from shared.artifacts import versions
from shared.artifacts.content import Content
from shared.artifacts.current import activate
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn
from shared.database.attributes import attributes_text
from shared.database.event_types import EVENT_TYPES
from shared.scorers import ImplicitFactorization
from shared.scorers.features import FeatureEncoder
from shared.scorers.histories import Histories, Interactions, Weighting

RANK, SEEN, CATEGORIES = 64, 20, 20
LANGUAGES = ("en", "de", "fr", "es")
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def publish_noise(artifact_dir: Path, users: int, items: int) -> None:
    """Publish such a version, `U0`, … and `I0`, …, and make it current."""
    rng = np.random.default_rng(0)
    histories = _histories(rng, users, items)
    release = versions.Release(
        Content(
            users=IdMap.of(f"U{number}" for number in range(users)),
            items=IdMap.of(f"I{number}" for number in range(items)),
            titles=TextColumn.of([""] * items),
            categories=_categories(rng, items),
            is_active=rng.random(items) < 0.95,
            item_features=np.empty((items, 0), dtype=np.float32),
            popularity=rng.random(items, dtype=np.float32),
            lifts=np.empty((0, items), dtype=np.float32),
            histories=histories,
            models={"ials": _factorization(rng, users, items)},
            attributes=_attributes(rng, items),
        ),
        data=versions.DataSummary(
            rows=len(histories.item_indices),
            last_id=len(histories.item_indices),
            content_hash="0" * 32,
            rating_scale=None,
        ),
        weighting=Weighting(),
        user_features=FeatureEncoder(),
        item_features=FeatureEncoder(),
        rating_model=None,
        ranker="ials",
        settings={},
        metrics={},
    )
    manifest = versions.publish(artifact_dir, release, lambda _manifest: "", NOW)
    activate(artifact_dir, manifest.version, reason="benchmark", now=NOW)


def _categories(rng: np.random.Generator, items: int) -> TextColumn:
    """Two of each item."""
    firsts = rng.integers(CATEGORIES, size=items).tolist()
    return TextColumn.of(f"c{first}|c{(first + 7) % CATEGORIES}" for first in firsts)


def _attributes(rng: np.random.Generator, items: int) -> TextColumn:
    """A price of 0 to 100, a language, whether it is in stock, since when, and where."""
    prices, languages = rng.uniform(0, 100, items), rng.integers(len(LANGUAGES), size=items)
    return TextColumn.of(
        attributes_text(
            {
                "price": round(price, 2),
                "language": LANGUAGES[language],
                "in_stock": price > 10,
                "released": f"20{language + 20}-0{language + 1}-01",
                "url": f"https://shop.example/items/{number}",
            }
        )
        for number, (price, language) in enumerate(
            zip(prices.tolist(), languages.tolist(), strict=True)
        )
    )


def _histories(rng: np.random.Generator, users: int, items: int) -> Histories:
    """SEEN views of a user, of one or another item."""
    views = users * SEEN
    interactions = Interactions(
        user_indices=np.repeat(np.arange(users, dtype=np.int32), SEEN),
        item_indices=rng.integers(0, items, views, dtype=np.int32),
        event_codes=np.full(views, EVENT_TYPES.index("view"), dtype=np.uint8),
        ratings=np.full(views, np.nan),
        values=np.full(views, np.nan),
        occurred_at=np.arange(views),
    )
    return Weighting().histories(interactions, users)


def _factorization(rng: np.random.Generator, users: int, items: int) -> ImplicitFactorization:
    def normal(rows: int) -> Float32:
        return rng.standard_normal((rows, RANK), dtype=np.float32)

    return ImplicitFactorization(
        user_factors=normal(users),
        item_factors=normal(items),
        gram=np.eye(RANK, dtype=np.float32),
        penalty=np.ones(2, dtype=np.float32),
        recency=np.array([np.inf], dtype=np.float32),
    )
