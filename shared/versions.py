"""Published versions: written whole or not at all, checked when read, and which one is current.

models/<version>/manifest.json   what it was trained on and how, and a checksum for each array
models/<version>/*.npy           an item side and a user side, so that it serves without a database
models/<version>/metrics.json, report.html
current.json                     {"version", "previous", "activated_at", "reason"}
"""

import datetime as dt
import fcntl
import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from shared.array_folder import (
    ArrayDescription,
    ArrayFolderError,
    Arrays,
    read_arrays,
    replace_folder,
    sync_folder,
    typed,
    write_arrays,
    write_text,
)
from shared.errors import SommelierError
from shared.scorers import POPULARITY, SCORERS, Popularity, Rater, Scorer
from shared.texts import IdMap, Texts


class VersionError(SommelierError):
    """A version that cannot be served, or none where one is needed."""


class DataSummary(BaseModel):
    """The rows that a version was trained on."""

    rows: int
    last_id: int
    """The highest interactions.id that was read: what is above it came later."""
    content_hash: str
    rating_scale: tuple[float, float] | None
    """Smallest and largest rating; null where no row has a rating."""


class Manifest(BaseModel):
    """manifest.json."""

    format: Literal[1] = 1
    version: str
    created_at: dt.datetime
    data: DataSummary
    rating_model: str | None
    """The model behind `predicted_rating`; null where the data has no ratings."""
    ranker: str
    """The model behind `score`, the order of a list."""
    settings: dict[str, Any]
    metrics: dict[str, Any]
    arrays: dict[str, ArrayDescription]


class Current(BaseModel):
    """current.json."""

    version: str
    previous: str | None
    activated_at: dt.datetime
    reason: str


@dataclass(frozen=True)
class Content:
    """What a version serves with: who and what it knows, and its models by name (popularity,
    which every version has, is not among them).

    `seen_offsets` int64[users + 1] and `seen_items` int32[seen] list the item indices of each
    user's history; `popularity` float32[items]; `is_active` bool[items]. ValueError where the
    parts do not fit together.
    """

    users: IdMap
    items: IdMap
    titles: Texts
    categories: Texts
    is_active: NDArray[np.bool_]
    popularity: NDArray[np.float32]
    seen_offsets: NDArray[np.int64]
    seen_items: NDArray[np.int32]
    models: Mapping[str, Scorer]

    def __post_init__(self) -> None:
        users, items = len(self.users), len(self.items)
        per_item = (len(self.titles), len(self.categories), len(self.is_active))
        if {*per_item, len(self.popularity)} != {items} or len(self.seen_offsets) != users + 1:
            raise ValueError("the user side or the item side of the version does not fit together")
        if self.seen_offsets[0] != 0 or self.seen_offsets[-1] != len(self.seen_items):
            raise ValueError("the histories of the version do not fit together")
        if np.any(np.diff(self.seen_offsets) < 0) or not _all_below(items, self.seen_items):
            raise ValueError("a history of the version holds items that are not there")
        for name, model in self.models.items():
            if len(model.score(-1)) != items:
                raise ValueError(f"model {name} scores another number of items than there are")
            try:
                model.score(users - 1)
            except IndexError as error:
                raise ValueError(f"model {name} knows fewer users than there are") from error

    @property
    def strangers(self) -> Scorer:
        """The scorer for people of whom nothing is known."""
        return Popularity(self.popularity)

    def seen(self, user_index: int) -> NDArray[np.int32]:
        """The item indices in a user's history, int32[n]."""
        return self.seen_items[self.seen_offsets[user_index] : self.seen_offsets[user_index + 1]]

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        arrays: dict[str, NDArray[np.generic]] = {
            **self.users.arrays("users"),
            **self.items.arrays("items"),
            **self.titles.arrays("titles"),
            **self.categories.arrays("categories"),
            "is_active": self.is_active,
            "popularity": self.popularity,
            "seen.offsets": self.seen_offsets,
            "seen.items": self.seen_items,
        }
        for name, model in self.models.items():
            arrays |= {f"{name}.{array}": values for array, values in model.arrays().items()}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Arrays, models: Iterable[str]) -> "Content":
        return cls(
            users=IdMap.from_arrays(arrays, "users"),
            items=IdMap.from_arrays(arrays, "items"),
            titles=Texts.from_arrays(arrays, "titles"),
            categories=Texts.from_arrays(arrays, "categories"),
            is_active=typed(arrays, "is_active", np.bool_),
            popularity=typed(arrays, "popularity", np.float32),
            seen_offsets=typed(arrays, "seen.offsets", np.int64),
            seen_items=typed(arrays, "seen.items", np.int32),
            models={name: SCORERS[name].from_arrays(_part(arrays, name)) for name in models},
        )


def _all_below(limit: int, indices: NDArray[np.int32]) -> bool:
    return len(indices) == 0 or bool(indices.min() >= 0 and indices.max() < limit)


def _part(arrays: Arrays, model: str) -> Arrays:
    prefix = f"{model}."
    return {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}


@dataclass(frozen=True)
class Version:
    """A version that was read and checked: everything that serving needs."""

    manifest: Manifest
    content: Content

    @property
    def name(self) -> str:
        return self.manifest.version

    @property
    def ranker(self) -> Scorer:
        if self.manifest.ranker == POPULARITY:
            return self.content.strangers
        return self.content.models[self.manifest.ranker]

    @property
    def rater(self) -> Rater | None:
        """The rating model; None where the data had no ratings."""
        if self.manifest.rating_model is None:
            return None
        model = self.content.models[self.manifest.rating_model]
        assert hasattr(model, "rate")
        return model  # type: ignore[return-value]


def new_version_name(now: dt.datetime) -> str:
    """`YYYYMMDDTHHMMSSZ-<6 hex>`, new for each run."""
    return f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def publish(
    artifact_dir: Path,
    content: Content,
    *,
    data: DataSummary,
    rating_model: str | None,
    ranker: str,
    settings: dict[str, Any],
    metrics: dict[str, Any],
    report: Callable[[Manifest], str],
    now: dt.datetime,
) -> Manifest:
    """Write a version and rename it to its place; a crash leaves only a folder no reader looks at.

    It is not current until `activate`. `report` makes the HTML of report.html.
    """
    models = artifact_dir / "models"
    models.mkdir(parents=True, exist_ok=True)
    version = new_version_name(now)
    temporary = models / f".writing-{version}"
    temporary.mkdir()
    manifest = Manifest(
        version=version,
        created_at=now,
        data=data,
        rating_model=rating_model,
        ranker=ranker,
        settings=settings,
        metrics=metrics,
        arrays=write_arrays(temporary, content.arrays()),
    )
    write_text(temporary / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    write_text(temporary / "report.html", report(manifest))
    write_text(temporary / "manifest.json", manifest.model_dump_json(indent=2) + "\n")
    replace_folder(temporary, models / version)
    return manifest


def read_version(artifact_dir: Path, version: str) -> Version:
    """Read and check one version; VersionError says what about it does not hold."""
    folder = artifact_dir / "models" / version
    try:
        manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
        if manifest.version != version:
            raise VersionError(f"{folder} holds the manifest of version {manifest.version}")
        models = {name for name in (manifest.rating_model, manifest.ranker) if name} - {POPULARITY}
        _check_roles(manifest)
        content = Content.from_arrays(read_arrays(folder, manifest.arrays), models)
    except OSError as error:
        raise VersionError(f"Version {version} cannot be read: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise VersionError(
            f"Version {version} has a manifest that does not hold: {where}: {problem['msg']}"
        ) from error
    except KeyError as error:
        raise VersionError(f"Version {version} lacks the array {error}") from error
    except (ValueError, ArrayFolderError) as error:
        raise VersionError(f"Version {version} does not hold: {error}") from error
    return Version(manifest, content)


def _check_roles(manifest: Manifest) -> None:
    for role, name in (("rating", manifest.rating_model), ("ranker", manifest.ranker)):
        if name is not None and (name not in SCORERS or role not in SCORERS[name].roles):
            raise ValueError(f"this release has no {role} model '{name}'")


def read_current(artifact_dir: Path) -> Current | None:
    """What current.json says; None where nothing was published, VersionError if damaged."""
    path = artifact_dir / "current.json"
    try:
        return Current.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise VersionError(f"{path} cannot be read: {error}") from error


def activate(artifact_dir: Path, version: str, *, reason: str, now: dt.datetime) -> Current:
    """Make a version current, under a lock: the one function that writes current.json."""
    with _lock(artifact_dir):
        return _activate(artifact_dir, version, reason, now)


def rollback(artifact_dir: Path, *, reason: str, now: dt.datetime) -> Current:
    """Make the version that was served before the current one current again."""
    with _lock(artifact_dir):
        current = read_current(artifact_dir)
        if current is None or current.previous is None:
            raise VersionError("There is no version before the current one to go back to.")
        return _activate(artifact_dir, current.previous, reason, now)


def _activate(artifact_dir: Path, version: str, reason: str, now: dt.datetime) -> Current:
    read_version(artifact_dir, version)  # what does not hold never becomes current
    before = read_current(artifact_dir)
    previous = before and (before.version if before.version != version else before.previous)
    current = Current(version=version, previous=previous, activated_at=now, reason=reason)
    temporary = artifact_dir / ".current.json.writing"
    write_text(temporary, current.model_dump_json(indent=2) + "\n")
    temporary.rename(artifact_dir / "current.json")
    sync_folder(artifact_dir)
    return current


def prune(artifact_dir: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` versions, the current and the previous one; what went.

    Folders that a crashed run was writing go too. A reader keeps what it has mapped.
    """
    with _lock(artifact_dir):
        current = read_current(artifact_dir)
        kept = {current.version, current.previous} if current else set()
        names = sorted(path.name for path in (artifact_dir / "models").iterdir() if path.is_dir())
        written = [name for name in names if not name.startswith(".")]
        kept |= set(written[-keep:])
        removed = [name for name in written if name not in kept]
        newest = written[-1] if written else ""
        abandoned = [n for n in names if n.startswith(".") and n.removeprefix(".writing-") < newest]
        for name in removed + abandoned:
            shutil.rmtree(artifact_dir / "models" / name)
        return removed


@contextmanager
def _lock(artifact_dir: Path) -> Iterator[None]:
    artifact_dir.mkdir(parents=True, exist_ok=True)
    with (artifact_dir / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
