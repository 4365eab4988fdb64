"""Erasing users from what was published: in every version their rows become those of nobody.

Indices stay: a row is emptied, never taken out. Arrays that change are written under new names, and
one rename of the manifest puts all of them in the place of the old ones: a reader, or a crash, sees
a version before the erasure or after it.
"""

import logging
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.artifacts.array_folder import write_arrays
from shared.artifacts.id_map import IdMap
from shared.artifacts.truth import remove_truth, truth_users
from shared.artifacts.versions import (
    WRITING,
    Version,
    VersionError,
    read_version,
    remove_leftovers,
    version_names,
)
from shared.durable_files import exclusive, replace_text, sync_folder

logger = logging.getLogger(__name__)

Find = Callable[[IdMap], Iterable[int]]
"""The rows of the users to erase among a version's users."""


@dataclass(frozen=True)
class ErasedVersions:
    """The versions that held a user and do no more, and why others could not be looked through."""

    erased: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def these_users(user_ids: Iterable[str]) -> Find:
    """Finds the users whom the version knows."""
    wanted = [*user_ids]

    def find(users: IdMap) -> list[int]:
        return [index for index in map(users.find, wanted) if index >= 0]

    return find


def is_in_a_version(artifact_dir: Path, user_id: str) -> bool:
    """Whether a version on the volume knows the user; one that does not hold cannot tell."""
    for name in version_names(artifact_dir):
        try:
            if user_id in read_version(artifact_dir, name).content.users:
                return True
        except VersionError as error:
            logger.warning("%s", error)
    return False


def erase_from_versions(artifact_dir: Path, find: Find) -> ErasedVersions:
    """Empty the rows of users in every version on the volume, and remove what crashes left.

    Whoever reads the volume sees no more of them; who has a version mapped has to read it again.
    Planted truth that knows them goes as a whole: without their rows the data is other data.
    Raises OSError where the folder cannot be written at all.
    """
    result = ErasedVersions()
    with exclusive(artifact_dir):
        _remove_truth_of(artifact_dir, find)
        for unfinished in (artifact_dir / "models").glob(f"{WRITING}*"):
            shutil.rmtree(unfinished)  # a live writer would hold the lock
        for name in version_names(artifact_dir):
            try:
                if _erase_from_version(artifact_dir, name, find):
                    result.erased.append(name)
            except (VersionError, OSError) as error:
                result.failed[name] = str(error)
    return result


def _erase_from_version(artifact_dir: Path, name: str, find: Find) -> bool:
    """Whether the version held any of the users."""
    folder = artifact_dir / "models" / name
    version = read_version(artifact_dir, name)
    rows = np.array([*find(version.content.users)], dtype=np.int64)
    try:
        if len(rows):
            _empty_rows(folder, version, rows)
    finally:
        remove_leftovers(artifact_dir, name)
    return len(rows) > 0


def _empty_rows(folder: Path, version: Version, rows: NDArray[np.int64]) -> None:
    content, before = version.content.without_users(rows), version.content.arrays()
    changed = {
        name: array for name, array in content.arrays().items() if array is not before.get(name)
    }
    written = write_arrays(folder, changed, mark=f"-{secrets.token_hex(4)}")
    sync_folder(folder)
    manifest = version.manifest.model_copy(
        update={
            "arrays": version.manifest.arrays | written,
            "segments": content.segments and content.segments.description,
        }
    )
    replace_text(folder / "manifest.json", manifest.as_json())


def _remove_truth_of(artifact_dir: Path, find: Find) -> None:
    users = truth_users(artifact_dir)
    if users is not None and [*find(users)]:
        remove_truth(artifact_dir)
