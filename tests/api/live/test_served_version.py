"""The served version follows current.json; what does not hold is refused."""

import json
import logging
import shutil
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.api.live.served_version import RETRY_SECONDS, ServedVersion
from services.api.live.untrained import UNTRAINED
from shared.artifacts.erasure import erase_from_versions, these_users
from tests.api import small_version
from tests.api.serving import eventually

Damage = Callable[[Path], object]


def point_at(artifact_dir: Path, version: str) -> None:
    """Make a version current as a faulty tool would: unchecked, in place."""
    path = artifact_dir / "current.json"
    changed = path.with_name("current.changed")  # renamed: the API must not see half of it
    changed.write_text(json.dumps(json.loads(path.read_text()) | {"version": version}))
    changed.replace(path)


def flip_a_byte(folder: Path) -> None:
    path = folder / "als.item_factors.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def cut_short(folder: Path) -> None:
    path = folder / "als.item_factors.npy"
    path.write_bytes(path.read_bytes()[:-4])


def change_manifest(folder: Path, change: Callable[[Any], object]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


DAMAGES: dict[str, Damage] = {
    "a wrong checksum": flip_a_byte,
    "an array cut short": cut_short,
    "a missing array": lambda folder: (folder / "items.utf8.npy").unlink(),
    "no manifest yet": lambda folder: (folder / "manifest.json").unlink(),
    "half a manifest": lambda folder: (folder / "manifest.json").write_text('{"format": 2, "ver'),
    "the manifest of another": lambda folder: change_manifest(
        folder, lambda manifest: manifest.update(version="20200101T000000Z-abcdef")
    ),
    "another shape": lambda folder: change_manifest(
        folder, lambda manifest: manifest["arrays"]["is_active"].update(shape=[39])
    ),
    "an array not described": lambda folder: change_manifest(
        folder, lambda manifest: manifest["arrays"].pop("popularity")
    ),
    "an unknown model": lambda folder: change_manifest(
        folder, lambda manifest: manifest.update(ranker="oracle")
    ),
    "a later format": lambda folder: change_manifest(
        folder, lambda manifest: manifest.update(format=99)
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_version_is_refused_named_and_logged_once(
    artifact_dir: Path, version: str, damage: Damage, caplog: pytest.LogCaptureFixture
) -> None:
    served = ServedVersion(artifact_dir)
    served.check()
    damaged = small_version.publish(artifact_dir)
    damage(artifact_dir / "models" / damaged)
    point_at(artifact_dir, damaged)
    for _ in range(3):
        served.check()
    assert served.version.name == version
    assert damaged in (served.problem or "")
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert errors == [f"{served.problem}; version {version} stays"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": "../../etc"}'])
def test_a_damaged_current_json_is_refused(artifact_dir: Path, version: str, content: str) -> None:
    served = ServedVersion(artifact_dir)
    served.check()
    (artifact_dir / "current.json").write_text(content)
    served.check()
    assert served.version.name == version
    assert "current.json" in (served.problem or "")


def test_what_is_served_stays_when_current_json_is_gone(artifact_dir: Path, version: str) -> None:
    served = ServedVersion(artifact_dir)
    served.check()
    (artifact_dir / "current.json").unlink()
    served.check()
    assert served.version.name == version
    assert "is gone" in (served.problem or "")


def test_a_refused_version_is_tried_again_later(artifact_dir: Path, version: str) -> None:
    now = 0.0
    served = ServedVersion(artifact_dir, clock=lambda: now)
    folder = artifact_dir / "models" / version
    folder.rename(folder.with_name("hidden"))
    served.check()
    folder.with_name("hidden").rename(folder)
    served.check()
    assert served.version.name == UNTRAINED
    now = RETRY_SECONDS
    served.check()
    assert (served.version.name, served.problem) == (version, None)


def test_a_damaged_version_shows_in_health_until_a_good_one_comes(
    api: httpx.Client, artifact_dir: Path, version: str
) -> None:
    damaged = small_version.publish(artifact_dir)
    flip_a_byte(artifact_dir / "models" / damaged)
    point_at(artifact_dir, damaged)
    eventually(lambda: api.get("/health").json()["status"] == "degraded")

    health = api.get("/health")
    assert (health.status_code, health.json()["model_version"]) == (200, version)
    assert health.json()["components"]["model"]["status"] == "degraded"
    assert "checksum" in health.json()["components"]["model"]["detail"]
    assert api.post("/recommend", json={"user_id": "U1"}).json()["model_version"] == version

    good = small_version.publish_current(artifact_dir)
    eventually(lambda: api.get("/health").json()["model_version"] == good)
    assert api.get("/health").json()["status"] == "healthy"


def is_answered(answers: list[httpx.Response], version: str) -> bool:
    return bool(answers) and answers[-1].json().get("model_version") == version


@pytest.mark.programs  # a second or more
def test_no_request_fails_or_mixes_versions_while_versions_change(
    api: httpx.Client, artifact_dir: Path, version: str
) -> None:
    means = {version: small_version.MEAN}
    answers: list[httpx.Response] = []
    done = threading.Event()

    def ask(user_id: str) -> None:
        body = {"user_id": user_id, "top_n": 1, "rank_by": "rating"}
        while not done.is_set():
            answers.append(api.post("/recommend", json=body))

    threads = [threading.Thread(target=ask, args=(f"stranger {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    eventually(partial(is_answered, answers, version))
    for step in range(1, 6):
        mean = small_version.MEAN + step / 10
        latest = small_version.publish_current(artifact_dir, mean=mean)
        means[latest] = mean
        eventually(partial(is_answered, answers, latest))
    done.set()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {200}
    bodies = [answer.json() for answer in answers]
    assert {body["model_version"] for body in bodies} == set(means)
    for body in bodies:
        best = body["recommendations"][0]["predicted_rating"]
        assert best == pytest.approx(means[body["model_version"]] + 0.2, abs=1e-3)


def test_after_a_restart_the_version_before_serves_for_a_damaged_one(
    artifact_dir: Path, version: str
) -> None:
    damaged = small_version.publish_current(artifact_dir)
    flip_a_byte(artifact_dir / "models" / damaged)
    served = ServedVersion(artifact_dir)
    served.check()
    assert served.version.name == version
    assert damaged in (served.problem or "")


def erase(artifact_dir: Path, user_id: str) -> None:
    assert not erase_from_versions(artifact_dir, these_users([user_id])).failed


def test_a_version_is_read_again_once_a_user_was_erased_from_it(
    artifact_dir: Path, version: str
) -> None:
    served = ServedVersion(artifact_dir)
    served.check()
    as_it_was = served.version
    erase(artifact_dir, "U1")
    served.check()
    assert (served.version.name, served.problem) == (version, None)
    assert "U1" not in served.version.content.users
    assert "U1" in as_it_was.content.users  # requests that have begun keep what they took
    read_once = served.version
    for _ in range(3):
        served.check()
    assert served.version is read_once


def test_a_version_that_stands_in_for_a_damaged_one_is_read_again_too(
    artifact_dir: Path, version: str
) -> None:
    damaged = small_version.publish(artifact_dir)
    point_at(artifact_dir, damaged)
    flip_a_byte(artifact_dir / "models" / damaged)
    current = json.loads((artifact_dir / "current.json").read_text())
    (artifact_dir / "current.json").write_text(json.dumps(current | {"previous": version}))
    served = ServedVersion(artifact_dir)
    served.check()
    erase_from_versions(artifact_dir, these_users(["U1"]))
    served.check()
    assert served.version.name == version
    assert "U1" not in served.version.content.users
    assert damaged in (served.problem or "")


def test_a_version_that_is_damaged_while_it_is_served_stays_until_it_is_mended(
    artifact_dir: Path, version: str
) -> None:
    now = 0.0
    served = ServedVersion(artifact_dir, clock=lambda: now)
    served.check()
    folder = artifact_dir / "models" / version
    hidden = folder.with_name("hidden")
    shutil.copytree(folder, hidden)
    change_manifest(folder, lambda manifest: manifest["arrays"]["is_active"].update(shape=[39]))
    served.check()
    assert "is_active" in (served.problem or "")
    assert served.version.content.is_active.shape == (40,)
    shutil.rmtree(folder)
    hidden.rename(folder)
    erase(artifact_dir, "U1")
    now = RETRY_SECONDS
    served.check()
    assert served.problem is None
    assert "U1" not in served.version.content.users


def test_a_pruned_version_is_served_on(artifact_dir: Path, version: str) -> None:
    served = ServedVersion(artifact_dir)
    served.check()
    shutil.rmtree(artifact_dir / "models" / version)
    served.check()
    assert (served.version.name, served.problem) == (version, None)
