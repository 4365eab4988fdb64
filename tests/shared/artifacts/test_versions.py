"""Publishing and reading: a reader never sees half a version."""

import json
import mmap
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shared.artifacts.versions import Manifest, Version, VersionError, read_manifest, read_version
from shared.scorers import (
    SCORERS,
    BayesianFactorization,
    Blend,
    ImplicitFactorization,
    ItemWeights,
    MatrixFactorization,
    Popularity,
)
from tests.shared.published import content, publish_at

FACTORIZATIONS = {"als": "matrix_factorization", "bias": "matrix_factorization"}


def change_manifest(folder: Path, name: str, fields: dict[str, object]) -> None:
    path = folder / "models" / name / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def scores_of(version: Version, user_index: int) -> list[float]:
    ranker = version.ranker
    [scores] = ranker.score(ranker.vectors(np.array([user_index]))).tolist()
    return list(scores)


def test_what_was_published_is_read_back(tmp_path: Path) -> None:
    name = publish_at(tmp_path)
    version = read_version(tmp_path, name)
    assert re.fullmatch(r"20250301T123015Z-[0-9a-f]{6}", name)
    assert version.name == name
    assert list(version.content.items) == ["i0", "i1", "i2"]
    assert version.content.histories[1].item_indices.tolist() == [0]
    assert scores_of(version, 0) == [5, 6, 7]
    assert version.rater is version.ranker
    folder = tmp_path / "models" / name
    assert json.loads((folder / "metrics.json").read_text()) == {"rmse": 1.0}
    assert name in (folder / "report.html").read_text()
    assert not list((tmp_path / "models").glob(".*"))


def test_arrays_are_mapped_not_loaded(tmp_path: Path) -> None:
    version = read_version(tmp_path, publish_at(tmp_path))
    model = version.content.models["als"]
    assert isinstance(model, MatrixFactorization)
    base: object = model.item_factors
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base, mmap.mmap)


def test_a_manifest_is_read_without_its_arrays(tmp_path: Path) -> None:
    name = publish_at(tmp_path)
    (tmp_path / "models" / name / "als.item_factors.npy").unlink()
    assert read_manifest(tmp_path, name).data.rows == 2
    with pytest.raises(VersionError, match=name):
        read_version(tmp_path, name)
    change_manifest(tmp_path, name, {"version": "20200101T000000Z-ffffff"})
    with pytest.raises(VersionError, match="manifest of version 20200101T000000Z-ffffff"):
        read_manifest(tmp_path, name)


def test_a_model_is_read_by_the_kind_of_its_scorer(tmp_path: Path) -> None:
    """Nobody but the trainer knows the models' names."""
    known = content()
    renamed = replace(known, models={"unheard-of": known.models["als"]})
    version = read_version(tmp_path, publish_at(tmp_path, what=renamed))
    assert version.manifest.scorers == {"unheard-of": "matrix_factorization"}
    assert isinstance(version.rater, MatrixFactorization)


FORMAT_3 = """{
  "format": 3,
  "version": "20261124T192213Z-d999fb",
  "created_at": "2026-11-24T19:22:13.171062Z",
  "data": {
    "rows": 6000,
    "last_id": 6000,
    "content_hash": "f385ba0a0a64c473143421cdaa5024b3",
    "rating_scale": [1.0, 5.0]
  },
  "weighting": {
    "event_weights": {
      "rating": 1.0, "view": 1.0, "click": 1.0, "cart": 2.0, "purchase": 3.0, "like": 2.0,
      "dislike": 2.0
    },
    "half_life_days": null,
    "is_timed": true,
    "rating_intercept": 0.0,
    "rating_slope": 0.24920048178759815
  },
  "user_features": {"attributes": [], "scale": 1.0},
  "item_features": {"attributes": [], "scale": 1.0},
  "rating_model": "bayesian",
  "ranker": "ials",
  "segments": null,
  "settings": {"model": "auto", "recency": 20.0, "popularity_half_life_days": 90.0, "seed": 0},
  "found": null,
  "metrics": {},
  "arrays": {
    "users.offsets": {
      "dtype": "int64",
      "shape": [201],
      "sha256": "25aa312da7f44d871c21d7cb4a08708b0e0d436dac0688dc40029cbd55392992",
      "file": "users.offsets.npy"
    }
  }
}
"""
"""As the last release that wrote this format did, but for most settings and arrays."""


def test_a_manifest_of_format_3_says_what_one_of_today_does() -> None:
    manifest = Manifest.model_validate_json(FORMAT_3)
    assert manifest.format == 4
    assert manifest.scorers == {
        "bayesian": "bayesian_factorization",
        "ials": "implicit_factorization",
    }
    assert manifest.popularity_half_life_days == 90
    assert manifest.settings["popularity_half_life_days"] == 90
    assert Manifest.model_validate_json(manifest.as_json()) == manifest


@pytest.mark.parametrize(
    ("rating_model", "ranker", "kinds"),
    [
        ("bias", "popularity", {"bias": MatrixFactorization, "popularity": Popularity}),
        ("als", "ials", {"als": MatrixFactorization, "ials": ImplicitFactorization}),
        ("bayesian", "ease", {"bayesian": BayesianFactorization, "ease": ItemWeights}),
        (None, "blend", {"blend": Blend}),
    ],
)
def test_every_model_of_format_3_has_the_scorer_that_it_had(
    rating_model: str | None, ranker: str, kinds: dict[str, type]
) -> None:
    fields = json.loads(FORMAT_3) | {"rating_model": rating_model, "ranker": ranker}
    scorers = Manifest.model_validate(fields).scorers
    assert {name: SCORERS[kind] for name, kind in scorers.items()} == kinds


def as_format_3(folder: Path, name: str, settings: dict[str, object]) -> None:
    """The manifest as releases that knew no other format wrote it."""
    path = folder / "models" / name / "manifest.json"
    fields = json.loads(path.read_text())
    del fields["scorers"], fields["popularity_half_life_days"]
    path.write_text(json.dumps(fields | {"format": 3, "settings": settings}, indent=2) + "\n")


@pytest.mark.parametrize(
    ("settings", "half_life"),
    [
        ({"popularity_half_life_days": 30.0}, 30),
        ({"popularity_half_life_days": "off"}, None),
        ({}, None),
    ],
)
def test_a_manifest_of_format_3_is_read_as_one_of_today(
    tmp_path: Path, settings: dict[str, object], half_life: float | None
) -> None:
    name = publish_at(tmp_path)
    as_format_3(tmp_path, name, settings)
    version = read_version(tmp_path, name)
    assert version.manifest.format == 4
    assert version.manifest.scorers == {"als": "matrix_factorization"}
    assert version.manifest.popularity_half_life_days == half_life
    assert scores_of(version, 0) == [5, 6, 7]
    assert version.rater is version.ranker


def test_a_model_that_format_3_did_not_know_is_refused(tmp_path: Path) -> None:
    name = publish_at(tmp_path)
    as_format_3(tmp_path, name, {})
    change_manifest(tmp_path, name, {"ranker": "oracle"})
    with pytest.raises(VersionError, match="no ranker model 'oracle'"):
        read_version(tmp_path, name)


def test_a_damaged_manifest_of_format_3_is_refused_in_words(tmp_path: Path) -> None:
    name = publish_at(tmp_path)
    as_format_3(tmp_path, name, {})
    change_manifest(tmp_path, name, {"ranker": ["als"], "settings": "none"})
    with pytest.raises(VersionError, match="ranker: Input should be a valid string"):
        read_version(tmp_path, name)


def test_a_version_without_ratings_orders_by_popularity(tmp_path: Path) -> None:
    version = read_version(tmp_path, publish_at(tmp_path, what=content(with_model=False)))
    assert version.rater is None
    assert scores_of(version, 0) == [0, 1, 2]


def test_each_run_has_a_name_of_its_own(tmp_path: Path) -> None:
    assert publish_at(tmp_path) != publish_at(tmp_path)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"version": "20200101T000000Z-ffffff"}, "manifest of version 20200101T000000Z-ffffff"),
        ({"format": 1}, "format"),
        ({"ranker": "oracle"}, "no ranker model 'oracle'"),
        ({"rating_model": "popularity"}, "no rating model 'popularity'"),
        ({"ranker": "bias"}, "no ranker model 'bias'"),
        ({"scorers": {"als": "oracle"}}, "no rating model 'als'"),
        ({"scorers": {"als": "item_weights"}}, "no rating model 'als'"),
        ({"ranker": "bias", "scorers": FACTORIZATIONS}, "lacks the array"),
        ({"arrays": {}}, "lacks the array"),
        ({"data": None}, "data"),
    ],
)
def test_a_manifest_that_does_not_match_is_refused(
    tmp_path: Path, fields: dict[str, object], reason: str
) -> None:
    name = publish_at(tmp_path)
    change_manifest(tmp_path, name, fields)
    with pytest.raises(VersionError, match=reason):
        read_version(tmp_path, name)


@pytest.mark.parametrize("name", ["..", "../models", "", ".writing-20250301T123015Z-abcdef"])
def test_a_name_that_is_no_version_is_refused(tmp_path: Path, name: str) -> None:
    publish_at(tmp_path)
    with pytest.raises(VersionError, match="is no version"):
        read_version(tmp_path, name)


def test_half_written_files_are_refused(tmp_path: Path) -> None:
    for damaged in ("als.item_factors.npy", "users.utf8.npy", "manifest.json"):
        name = publish_at(tmp_path)
        path = tmp_path / "models" / name / damaged
        path.write_bytes(path.read_bytes()[:-3])
        with pytest.raises(VersionError, match=name):
            read_version(tmp_path, name)
        path.unlink()
        with pytest.raises(VersionError, match=name):
            read_version(tmp_path, name)


def test_shapes_that_the_manifest_does_not_tell_are_refused(tmp_path: Path) -> None:
    name = publish_at(tmp_path)
    manifest = read_version(tmp_path, name).manifest
    arrays = {k: v.model_dump() for k, v in manifest.arrays.items()}
    arrays["popularity"]["shape"] = [4]
    change_manifest(tmp_path, name, {"arrays": arrays})
    with pytest.raises(VersionError, match="the manifest says"):
        read_version(tmp_path, name)


def test_the_manifest_is_plain_json(tmp_path: Path) -> None:
    name = publish_at(tmp_path)
    fields = json.loads((tmp_path / "models" / name / "manifest.json").read_text())
    assert Manifest.model_validate(fields).version == name
    assert fields["created_at"] == "2025-03-01T12:30:15Z"
    assert fields["arrays"]["popularity"]["dtype"] == "float32"
