"""Publishing, reading, activating: a reader never sees half a version."""

import datetime as dt
import json
import re
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shared.scorers import MatrixFactorization
from shared.texts import IdMap, Texts
from shared.versions import (
    Content,
    DataSummary,
    Manifest,
    VersionError,
    activate,
    prune,
    publish,
    read_current,
    read_version,
    rollback,
)

NOW = dt.datetime(2025, 3, 1, 12, 30, 15, tzinfo=dt.UTC)


def content(users: int = 2, items: int = 3, *, with_model: bool = True) -> Content:
    model = MatrixFactorization(
        mean=np.array([3], dtype=np.float32),
        user_bias=np.zeros(users, dtype=np.float32),
        item_bias=np.arange(items, dtype=np.float32),
        user_factors=np.ones((users, 2), dtype=np.float32),
        item_factors=np.ones((items, 2), dtype=np.float32),
    )
    return Content(
        users=IdMap.of(f"u{n}" for n in range(users)),
        items=IdMap.of(f"i{n}" for n in range(items)),
        titles=Texts.of([""] * items),
        categories=Texts.of(["Ä"] * items),
        is_active=np.ones(items, dtype=np.bool_),
        popularity=np.arange(items, dtype=np.float32),
        seen_offsets=np.arange(users + 1),
        seen_items=np.zeros(users, dtype=np.int32),
        models={"als": model} if with_model else {},
    )


def publish_at(folder: Path, minute: int = 0, what: Content | None = None) -> str:
    what = what or content()
    model = "als" if what.models else None
    return publish(
        folder,
        what,
        data=DataSummary(rows=2, last_id=2, content_hash="0" * 32, rating_scale=(1, 5)),
        rating_model=model,
        ranker=model or "popularity",
        settings={"seed": 0},
        metrics={"rmse": 1.0},
        report=lambda manifest: f"<h1>{manifest.version}</h1>",
        now=NOW + dt.timedelta(minutes=minute),
    ).version


def change_manifest(folder: Path, name: str, fields: dict[str, object]) -> None:
    path = folder / "models" / name / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_what_was_published_is_read_back(tmp_path: Path) -> None:
    name = publish_at(tmp_path)
    version = read_version(tmp_path, name)
    assert re.fullmatch(r"20250301T123015Z-[0-9a-f]{6}", name)
    assert version.name == name
    assert list(version.content.items) == ["i0", "i1", "i2"]
    assert version.content.seen(1).tolist() == [0]
    assert version.ranker.score(0).tolist() == [5, 6, 7]
    assert version.rater is version.ranker
    folder = tmp_path / "models" / name
    assert json.loads((folder / "metrics.json").read_text()) == {"rmse": 1.0}
    assert name in (folder / "report.html").read_text()
    assert not list((tmp_path / "models").glob(".*"))


def test_arrays_are_mapped_not_loaded(tmp_path: Path) -> None:
    version = read_version(tmp_path, publish_at(tmp_path))
    model = version.content.models["als"]
    assert isinstance(model, MatrixFactorization)
    assert isinstance(model.item_factors.base, np.memmap)


def test_a_version_without_ratings_orders_by_popularity(tmp_path: Path) -> None:
    version = read_version(tmp_path, publish_at(tmp_path, what=content(with_model=False)))
    assert version.rater is None
    assert version.ranker.score(0).tolist() == [0, 1, 2]


def test_each_run_has_a_name_of_its_own(tmp_path: Path) -> None:
    assert publish_at(tmp_path) != publish_at(tmp_path)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"version": "20200101T000000Z-ffffff"}, "manifest of version 20200101T000000Z-ffffff"),
        ({"format": 2}, "format"),
        ({"ranker": "oracle"}, "no ranker model 'oracle'"),
        ({"rating_model": "popularity"}, "no rating model 'popularity'"),
        ({"ranker": "bias"}, "lacks the array"),
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


def test_parts_that_do_not_fit_are_refused() -> None:
    two, three = content(items=2), content(items=3)
    for field in ("titles", "popularity", "is_active", "models"):
        with pytest.raises(ValueError, match=r"fit together|another number"):
            Content(**{**vars(three), field: getattr(two, field)})


@pytest.mark.parametrize(
    ("offsets", "seen"), [([0, 1, 2], [0, 3]), ([0, 1, 2], [0, -1]), ([0, 3, 2], [0, 0])]
)
def test_a_history_of_items_that_are_not_there_is_refused(
    offsets: list[int], seen: list[int]
) -> None:
    with pytest.raises(ValueError, match="items that are not there"):
        replace(
            content(users=2, items=3),
            seen_offsets=np.array(offsets),
            seen_items=np.array(seen, dtype=np.int32),
        )


def test_a_model_of_fewer_users_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer users"):
        replace(content(users=2), models=content(users=1).models)


def test_nothing_is_current_before_the_first_activation(tmp_path: Path) -> None:
    publish_at(tmp_path)
    assert read_current(tmp_path) is None
    with pytest.raises(VersionError, match="no version before"):
        rollback(tmp_path, reason="test", now=NOW)


def test_activation_remembers_what_was_served_before(tmp_path: Path) -> None:
    first, second = publish_at(tmp_path), publish_at(tmp_path, 1)
    assert activate(tmp_path, first, reason="trained", now=NOW).previous is None
    assert activate(tmp_path, second, reason="trained", now=NOW).previous == first
    assert activate(tmp_path, second, reason="again", now=NOW).previous == first
    back = rollback(tmp_path, reason="worse", now=NOW)
    assert (back.version, back.previous, back.reason) == (first, second, "worse")
    assert read_current(tmp_path) == back


def test_a_damaged_version_never_becomes_current(tmp_path: Path) -> None:
    good, bad = publish_at(tmp_path), publish_at(tmp_path, 1)
    activate(tmp_path, good, reason="trained", now=NOW)
    (tmp_path / "models" / bad / "popularity.npy").unlink()
    with pytest.raises(VersionError, match="popularity"):
        activate(tmp_path, bad, reason="trained", now=NOW)
    current = read_current(tmp_path)
    assert current is not None
    assert current.version == good


def test_a_damaged_current_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "current.json").write_text('{"version": ')
    with pytest.raises(VersionError, match=r"current\.json"):
        read_current(tmp_path)


def test_concurrent_activations_leave_one_whole_answer(tmp_path: Path) -> None:
    names = [publish_at(tmp_path, minute) for minute in range(4)]
    threads = [
        threading.Thread(target=activate, args=(tmp_path, name), kwargs={"reason": "", "now": NOW})
        for name in names
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    current = read_current(tmp_path)
    assert current is not None
    assert {current.version, current.previous} <= set(names)
    assert current.version != current.previous


def test_pruning_keeps_the_newest_the_current_and_the_previous(tmp_path: Path) -> None:
    names = [publish_at(tmp_path, minute) for minute in range(6)]
    (tmp_path / "models" / ".writing-20200101T000000Z-abcdef").mkdir()
    being_written = tmp_path / "models" / ".writing-20990101T000000Z-abcdef"
    being_written.mkdir()
    activate(tmp_path, names[0], reason="", now=NOW)
    activate(tmp_path, names[1], reason="", now=NOW)
    removed = prune(tmp_path, keep=2)
    assert removed == names[2:4]
    left = {path.name for path in (tmp_path / "models").iterdir()}
    assert left == {*names[:2], *names[4:], being_written.name}


def test_the_manifest_is_plain_json(tmp_path: Path) -> None:
    name = publish_at(tmp_path)
    told = json.loads((tmp_path / "models" / name / "manifest.json").read_text())
    assert Manifest.model_validate(told).version == name
    assert told["created_at"] == "2025-03-01T12:30:15Z"
    assert told["arrays"]["popularity"]["dtype"] == "float32"
