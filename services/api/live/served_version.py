"""Which version is served: follows current.json and refuses what does not hold.

Its manifest is followed too: erasing a user replaces arrays of every version.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import anyio

from services.api.live.untrained import is_trained, untrained_version
from shared.artifacts.current import read_current
from shared.artifacts.versions import Version, VersionError, manifest_signature, read_version
from shared.durable_files import Signature, file_signature

logger = logging.getLogger(__name__)

RETRY_SECONDS = 30  # a refused version may have met a passing fault of the disk


class ServedVersion:
    """One reference to a version that was read and checked, replaced whole; the untrained one
    until there is another.

    A request takes it once and keeps it, so that a swap never mixes two versions in an answer.
    `problem` says why what current.json names is not what is served; None where it is.
    """

    def __init__(self, artifact_dir: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.version: Version = untrained_version()
        self.problem: str | None = None
        self._artifact_dir = artifact_dir
        self._clock = clock
        self._signatures: tuple[Signature | None, Signature | None] = (None, None)
        self._manifest: Signature | None = None  # of `version` when it was read
        self._retry_at = 0.0
        self._turn = anyio.Lock()

    async def poll(self) -> None:
        """`check`, in a worker thread and one at a time."""
        async with self._turn:
            await anyio.to_thread.run_sync(self.check)

    def check(self) -> None:
        """Look once at current.json and at the manifest of what is served; serve what is new and
        holds."""
        signatures = file_signature(self._artifact_dir / "current.json"), self._manifest_now()
        due = self.problem is not None and self._clock() >= self._retry_at
        if signatures == self._signatures and not due:
            return
        try:
            self._serve(self._read())
        except VersionError as error:
            self._refuse(str(error))
            self._fall_back()
        self._signatures = signatures  # not after a defect: the next look tries again

    def _manifest_now(self) -> Signature | None:
        if not is_trained(self.version):
            return None
        return manifest_signature(self._artifact_dir, self.version.name)

    def _read(self) -> Version:
        current = read_current(self._artifact_dir)
        if current is None and not is_trained(self.version):
            return self.version
        if current is None:
            raise VersionError(f"{self._artifact_dir / 'current.json'} is gone")
        if self.version.name != current.version:
            return self._load(current.version)
        return self._as_it_is_now(self.version)

    def _as_it_is_now(self, version: Version) -> Version:
        """The version that is served, read again where its arrays were replaced."""
        if self._manifest_now() in (self._manifest, None):  # None: pruned, but mapped
            return version
        return self._load(version.name)

    def _load(self, name: str) -> Version:
        manifest = manifest_signature(self._artifact_dir, name)
        version = read_version(self._artifact_dir, name)
        self._manifest = manifest
        return version

    def _serve(self, version: Version) -> None:
        if version is not self.version:
            logger.info("serving version %s", version.name)
        # In this order: letting go of a version unmaps its files, and meanwhile others look.
        self.problem, self.version = None, version

    def _fall_back(self) -> None:
        """Keep what is served; after a restart there is nothing to keep: take the one that was
        served before."""
        try:
            if is_trained(self.version):
                self.version = self._as_it_is_now(self.version)
                return
            current = read_current(self._artifact_dir)
            if current is None or current.previous is None:
                return
            self.version = self._load(current.previous)
            logger.warning("serving version %s, the one before, instead", self.version.name)
        except VersionError as error:
            logger.error("%s", error)

    def _refuse(self, problem: str) -> None:
        if problem != self.problem:
            kept = (
                f"version {self.version.name} stays"
                if is_trained(self.version)
                else "there is none to keep"
            )
            logger.error("%s; %s", problem, kept)
        self.problem = problem
        self._retry_at = self._clock() + RETRY_SECONDS
