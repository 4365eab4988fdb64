"""Which version is served: follows current.json and refuses what does not hold."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import anyio

from services.api.problems import NotReady
from shared.current import read_current
from shared.versions import Version, VersionError, read_version

logger = logging.getLogger(__name__)

RETRY_SECONDS = 30  # a refused version may have met a passing fault of the disk

NO_VERSION = (
    "There is no trained model yet. Train one with `make train` or `python -m services.trainer`; "
    "it is served as soon as it is there."
)


class ServedVersion:
    """One reference to a version that was read and checked, replaced whole.

    A request takes it once and keeps it, so that a swap never mixes two versions in an answer.
    `problem` says why what current.json names is not what is served; None where it is.
    """

    def __init__(self, artifact_dir: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.version: Version | None = None
        self.problem: str | None = None
        self._artifact_dir = artifact_dir
        self._clock = clock
        self._signature: tuple[int, ...] | None = None
        self._retry_at = 0.0

    def require(self) -> Version:
        """The version; NotReady, with the reason, where there is none."""
        if self.version is None:
            raise NotReady(self.problem or NO_VERSION)
        return self.version

    async def follow(self) -> None:
        """`look`, in a worker thread."""
        await anyio.to_thread.run_sync(self.look)

    def look(self) -> None:
        """Look at current.json once, and serve what it names if that is new and holds."""
        signature = self._read_signature()
        due = self.problem is not None and self._clock() >= self._retry_at
        if signature == self._signature and not due:
            return
        try:
            self._serve(self._read())
        except VersionError as error:
            self._refuse(str(error))
            if self.version is None:
                self._serve_previous()
        self._signature = signature  # not after a defect: the next look tries again

    def _read_signature(self) -> tuple[int, ...] | None:
        try:
            status = (self._artifact_dir / "current.json").stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _read(self) -> Version:
        current = read_current(self._artifact_dir)
        if current is None:
            raise VersionError(f"{self._artifact_dir / 'current.json'} is gone")
        if self.version is not None and self.version.name == current.version:
            return self.version
        return read_version(self._artifact_dir, current.version)

    def _serve(self, version: Version) -> None:
        if version is not self.version:
            logger.info("serving version %s", version.name)
        self.version, self.problem = version, None

    def _serve_previous(self) -> None:
        """After a restart there is no version to keep: take the one that was served before."""
        try:
            current = read_current(self._artifact_dir)
            if current is None or current.previous is None:
                return
            self.version = read_version(self._artifact_dir, current.previous)
            logger.warning("serving version %s, the one before, instead", self.version.name)
        except VersionError as error:
            logger.error("%s", error)

    def _refuse(self, problem: str) -> None:
        if problem != self.problem:
            kept = f"version {self.version.name} stays" if self.version else "there is none to keep"
            logger.error("%s; %s", problem, kept)
        self.problem = problem
        self._retry_at = self._clock() + RETRY_SECONDS
