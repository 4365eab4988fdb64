"""Published versions: written whole or not at all, and checked when they are read.

models/<version>/manifest.json   what it was trained on and how, and a checksum for each array
models/<version>/*.npy           an item side and a user side, so that it serves without a database
models/<version>/metrics.json, report.html
"""

import datetime as dt
import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError, model_validator

from shared.artifacts.array_folder import (
    ArrayDescription,
    ArrayFolderError,
    read_arrays,
    remove_undescribed,
    write_arrays,
)
from shared.artifacts.content import Content
from shared.artifacts.segments import SegmentsDescription
from shared.database.rating_scale import RatingScale
from shared.durable_files import (
    Signature,
    exclusive,
    file_signature,
    replace_folder,
    write_text,
)
from shared.errors import SommelierError
from shared.scorers import POPULARITY, SCORERS, Rater, Scorer, kind_of
from shared.scorers.choice import RankBy
from shared.scorers.features import FeatureEncoder
from shared.scorers.histories import Weighting

F = TypeVar("F", bound=np.floating)

VERSION_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
WRITING = ".writing-"  # before the name of a folder that is not whole yet


class VersionError(SommelierError):
    """A version that cannot be served, or none where one is needed."""


class DataSummary(BaseModel):
    """The rows that a version was trained on."""

    rows: int
    last_id: int
    """The highest interactions.id read; no watermark, as ids are given out before commit."""
    content_hash: str
    rating_scale: RatingScale | None
    """Smallest and largest rating; null where no row has a rating."""

    def on_scale(self, ratings: NDArray[F]) -> NDArray[F]:
        """Predicted ratings clipped to the scale, where there is one."""
        return ratings if self.rating_scale is None else self.rating_scale.clip(ratings)


class Found(BaseModel):
    """Settings that a search found, how many rows the data then had, and a hash of the settings
    under which they were found."""

    settings: dict[str, Any]
    rows: int
    conditions: str


KINDS_OF_FORMAT_3 = {
    POPULARITY: "popularity",
    "bias": "matrix_factorization",
    "als": "matrix_factorization",
    "bayesian": "bayesian_factorization",
    "ials": "implicit_factorization",
    "ease": "item_weights",
    "blend": "blend",
}
"""The scorers of its models, which a manifest of format 3 does not tell."""


class Manifest(BaseModel):
    """manifest.json; one of format 3 is read as well."""

    format: Literal[4] = 4
    version: str
    created_at: dt.datetime
    data: DataSummary
    weighting: Weighting
    """How interactions became histories: fold-in does the same."""
    user_features: FeatureEncoder
    item_features: FeatureEncoder
    """How what is declared of users and items became what models take."""
    rating_model: str | None
    """The model behind `predicted_rating`; null where the data has no ratings."""
    ranker: str
    """The model behind `score`, the order of a list."""
    scorers: dict[str, str]
    """The kind of each model's scorer (shared.scorers.SCORERS), by the model's name."""
    popularity_half_life_days: float | None
    """After so many days someone counts half in an item's popularity; null: nobody fades."""
    segments: SegmentsDescription | None
    """The groups of users; null where they were not looked for."""
    settings: dict[str, Any]
    """All that shaped the arrays, `found` included."""
    found: Found | None
    """What a search found for this version or for one before it; null without a search."""
    metrics: dict[str, Any]
    arrays: dict[str, ArrayDescription]

    @model_validator(mode="before")
    @classmethod
    def _fill_in_format_3(cls, fields: Any) -> Any:
        """With what format 3 left to be known from elsewhere, where the fields are of that format.

        Fields of a wrong type are left as they are: each field's own check tells of them.
        """
        if not isinstance(fields, dict) or fields.get("format") != 3:
            return fields
        names = [fields.get("rating_model"), fields.get("ranker")]
        settings, half_life = fields.get("settings"), None
        if isinstance(settings, dict):
            half_life = settings.get("popularity_half_life_days")
        return fields | {
            "format": 4,
            "scorers": {name: kind for name, kind in KINDS_OF_FORMAT_3.items() if name in names},
            "popularity_half_life_days": half_life if isinstance(half_life, int | float) else None,
        }

    def as_json(self) -> str:
        """The text of manifest.json."""
        return self.model_dump_json(indent=2) + "\n"


@dataclass(frozen=True)
class Release:
    """What a training publishes: the content, and all that the manifest says of it (see there)."""

    content: Content
    data: DataSummary
    weighting: Weighting
    user_features: FeatureEncoder
    item_features: FeatureEncoder
    rating_model: str | None
    ranker: str
    settings: dict[str, Any]
    metrics: dict[str, Any]
    popularity_half_life_days: float | None = None
    found: Found | None = None

    def manifest(
        self, version: str, now: dt.datetime, arrays: dict[str, ArrayDescription]
    ) -> Manifest:
        """The manifest of this release under a name, with its arrays as they were written."""
        fields = {name: value for name, value in vars(self).items() if name != "content"}
        return Manifest(
            version=version,
            created_at=now,
            scorers={name: kind_of(model) for name, model in self.content.models.items()},
            segments=self.content.segments and self.content.segments.description,
            arrays=arrays,
            **fields,
        )


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
            return self.content.fallback
        return self.content.models[self.manifest.ranker]

    @property
    def rater(self) -> Rater | None:
        """The rating model; None where the data had no ratings."""
        if self.manifest.rating_model is None:
            return None
        model = self.content.models[self.manifest.rating_model]
        assert isinstance(model, Rater)  # its role was checked when it was read
        return model

    def scorers_by(self, rank_by: RankBy) -> tuple[Scorer, Scorer] | None:
        """What orders lists, and what orders those of strangers; None without a rating model.

        A rating model serves strangers too: they get the best rated items.
        """
        if rank_by == "relevance":
            return self.ranker, self.content.fallback
        return None if self.rater is None else (self.rater, self.rater)


def new_version_name(now: dt.datetime) -> str:
    """`YYYYMMDDTHHMMSSZ-<6 hex>`, new for each run."""
    return f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def publish(
    artifact_dir: Path, release: Release, report: Callable[[Manifest], str], now: dt.datetime
) -> Manifest:
    """Write a version and rename it to its place; a crash leaves only a folder no reader looks at.

    It is not current until `activate`. `report` makes the HTML of report.html.
    """
    version = new_version_name(now)
    with exclusive(artifact_dir):
        temporary = artifact_dir / "models" / f"{WRITING}{version}"
        temporary.mkdir(parents=True)
        arrays = write_arrays(temporary, release.content.arrays())
        manifest = release.manifest(version, now, arrays)
        write_text(temporary / "metrics.json", json.dumps(release.metrics, indent=2) + "\n")
        write_text(temporary / "report.html", report(manifest))
        write_text(temporary / "manifest.json", manifest.as_json())
        replace_folder(temporary, temporary.with_name(version))
    return manifest


def read_manifest(artifact_dir: Path, version: str) -> Manifest:
    """What one version says of itself, its arrays unread; VersionError where it does not hold."""
    folder = _folder(artifact_dir, version)
    with _says_what_does_not_hold(version):
        return _manifest(folder)


def read_version(artifact_dir: Path, version: str) -> Version:
    """Read and check one version; VersionError says what about it does not hold."""
    folder = _folder(artifact_dir, version)
    while True:
        signature = manifest_signature(artifact_dir, version)
        try:
            with _says_what_does_not_hold(version):
                return _read(folder)
        except VersionError:
            # An erasure may have put other files in the place of those just looked for.
            if manifest_signature(artifact_dir, version) == signature:
                raise


def version_names(artifact_dir: Path) -> list[str]:
    """Every version on the volume, whether it holds or not, oldest first."""
    models = artifact_dir / "models"
    names = [path.name for path in models.iterdir()] if models.is_dir() else []
    return sorted(name for name in names if VERSION_NAME.fullmatch(name))


def remove_leftovers(artifact_dir: Path, version: str) -> None:
    """Remove what a crash left beside the arrays that the manifest names, where it can be read."""
    try:
        manifest = read_manifest(artifact_dir, version)
    except VersionError:
        return  # nobody knows which files count
    remove_undescribed(_folder(artifact_dir, version), manifest.arrays)


def manifest_signature(artifact_dir: Path, version: str) -> Signature | None:
    """Changes whenever a version's arrays are replaced; None where there is no manifest."""
    return file_signature(artifact_dir / "models" / version / "manifest.json")


def _folder(artifact_dir: Path, version: str) -> Path:
    if not VERSION_NAME.fullmatch(version):  # it becomes a path
        raise VersionError(f"'{version}' is no version: YYYYMMDDTHHMMSSZ-<6 hex>")
    return artifact_dir / "models" / version


def _manifest(folder: Path) -> Manifest:
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    if manifest.version != folder.name:
        raise VersionError(f"{folder} holds the manifest of version {manifest.version}")
    return manifest


def _read(folder: Path) -> Version:
    manifest = _manifest(folder)
    _check_roles(manifest)
    models = {manifest.rating_model, manifest.ranker} - {POPULARITY}
    kinds = {name: kind for name, kind in manifest.scorers.items() if name in models}
    arrays = read_arrays(folder, manifest.arrays)
    return Version(manifest, Content.from_arrays(arrays, kinds, manifest.segments))


@contextmanager
def _says_what_does_not_hold(version: str) -> Iterator[None]:
    try:
        yield
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


def _check_roles(manifest: Manifest) -> None:
    kinds = {**manifest.scorers, POPULARITY: POPULARITY}
    for role, name in (("rating", manifest.rating_model), ("ranker", manifest.ranker)):
        if name is not None and not _has_role(kinds.get(name), role):
            raise ValueError(f"this release has no {role} model '{name}'")


def _has_role(kind: str | None, role: str) -> bool:
    return kind in SCORERS and role in SCORERS[kind].roles
