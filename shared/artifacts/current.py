"""Which version is served: current.json, its one writing function, and what is kept beside it.

current.json   {"version", "previous", "activated_at", "reason"}
"""

import datetime as dt
import logging
import shutil
from pathlib import Path

from pydantic import BaseModel, ValidationError

from shared.artifacts.versions import (
    VERSION_NAME,
    WRITING,
    VersionError,
    read_version,
    remove_leftovers,
    version_names,
)
from shared.durable_files import exclusive, replace_text

logger = logging.getLogger(__name__)


class Current(BaseModel):
    """current.json."""

    version: str
    previous: str | None
    activated_at: dt.datetime
    reason: str


def read_current(artifact_dir: Path) -> Current | None:
    """What current.json says; None where nothing was published, VersionError if damaged."""
    path = artifact_dir / "current.json"
    try:
        return Current.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise VersionError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"]
        raise VersionError(f"{path} does not hold: {reason}") from error


def require_current(artifact_dir: Path) -> Current:
    """What current.json says; VersionError where nothing was published or it is damaged."""
    current = read_current(artifact_dir)
    if current is None:
        raise VersionError("There is no current version: train one first.")
    return current


def current_version(artifact_dir: Path) -> str | None:
    """The name of the current version where there is one that can be served; says why not."""
    try:
        current = read_current(artifact_dir)
        return read_version(artifact_dir, current.version).name if current else None
    except VersionError as error:
        logger.warning("%s", error)
        return None


def activate(artifact_dir: Path, version: str, *, reason: str, now: dt.datetime) -> Current:
    """Make a version current, under a lock: the one function that writes current.json."""
    with exclusive(artifact_dir):
        return _activate(artifact_dir, version, reason, now)


def rollback(artifact_dir: Path, *, reason: str, now: dt.datetime) -> Current:
    """Make the version that was served before the current one current again."""
    with exclusive(artifact_dir):
        current = read_current(artifact_dir)
        if current is None or current.previous is None:
            raise VersionError("There is no version before the current one to go back to.")
        return _activate(artifact_dir, current.previous, reason, now)


def _activate(artifact_dir: Path, version: str, reason: str, now: dt.datetime) -> Current:
    read_version(artifact_dir, version)  # what does not hold never becomes current
    previous = _served_before(artifact_dir, version)
    current = Current(version=version, previous=previous, activated_at=now, reason=reason)
    replace_text(artifact_dir / "current.json", current.model_dump_json(indent=2) + "\n")
    return current


def _served_before(artifact_dir: Path, version: str) -> str | None:
    """The version to go back to from `version`: the one served last that holds."""
    try:
        before = read_current(artifact_dir)
    except VersionError as error:
        logger.warning("%s; it is replaced", error)  # or no training could ever repair it
        return None
    names = (before.version, before.previous) if before else ()
    return next((n for n in names if n and n != version and _holds(artifact_dir, n)), None)


def _holds(artifact_dir: Path, version: str) -> bool:
    try:
        read_version(artifact_dir, version)
    except VersionError as error:
        logger.warning("%s; a rollback passes it over", error)
        return False
    return True


def prune(artifact_dir: Path, keep: int) -> list[str]:
    """Remove all but the current, the previous and the newest `keep` other versions; what went.

    What a crashed run was writing goes too: a live one holds the lock. A reader keeps what it has
    mapped. So do arrays that a crashed erasure had written or replaced.
    """
    with exclusive(artifact_dir):
        current = read_current(artifact_dir)
        kept = {current.version, current.previous} if current else set()
        folders = [path for path in (artifact_dir / "models").iterdir() if path.is_dir()]
        names = [path.name for path in sorted(folders, key=_age) if _is_ours(path.name)]
        other_names = [name for name in names if VERSION_NAME.fullmatch(name) and name not in kept]
        kept |= set(other_names[-keep:])
        removed = [name for name in names if name not in kept]
        for name in removed:
            shutil.rmtree(artifact_dir / "models" / name)
        for name in version_names(artifact_dir):
            remove_leftovers(artifact_dir, name)
        return removed


def _is_ours(name: str) -> bool:
    return bool(VERSION_NAME.fullmatch(name.removeprefix(WRITING)))


def _age(folder: Path) -> tuple[str, int]:
    """Sorts versions oldest first, those of one second by when they were written."""
    return folder.name.partition("-")[0], folder.stat().st_mtime_ns
