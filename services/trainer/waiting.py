"""The first training, begun as soon as there is enough to learn from: nobody has to ask for it."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from shared.artifacts.current import current_version
from shared.database.engine import DatabaseError, open_database
from shared.database.storage import count
from shared.database.tables import interactions, loads
from shared.database.training_data import missing
from shared.durable_files import Signature, file_signature

logger = logging.getLogger(__name__)

QUIET_SECONDS = 60  # a load that brings nothing for so long was interrupted

Progress = tuple[tuple[int, int], ...]
"""The loads that have not finished, and how many rows each has brought."""


@dataclass
class LoadsUnderWay:
    """Tells loads that go on from those that broke off, which nobody marks as such."""

    clock: Callable[[], float] = time.monotonic
    _progress: Progress = ()
    _since: float = 0.0

    def look(self, connection: Connection) -> bool:
        """Whether a generation or an import goes on, so that half of its rows are still to come."""
        query = sa.select(loads.c.id, loads.c.rows_added).where(loads.c.finished_at.is_(None))
        progress = tuple((row.id, row.rows_added) for row in connection.execute(query))
        if progress != self._progress:
            self._progress, self._since = progress, self.clock()
        return bool(progress) and self.clock() - self._since < QUIET_SECONDS


@dataclass
class FirstTraining:
    """Waits until the database holds `train_after` interactions, and trains then.

    `train` publishes a version or says why it could not; True where it did.
    """

    url: URL
    artifact_dir: Path
    train_after: int
    train: Callable[[], bool]
    under_way: LoadsUnderWay = field(default_factory=LoadsUnderWay)
    _engine: Engine | None = None
    _current: Signature | None = None
    _said: str = ""

    def run(self, pauses: Iterable[object]) -> None:
        """Look again after each of the `pauses`, until a version is current, whoever trained it."""
        enough = self.train_after
        for _pause in pauses:
            if (version := self._version()) is not None:
                logger.info("Version %s is current: nothing to wait for.", version)
                return
            if (rows := self._rows_of_enough(enough)) is not None:
                if self.train():
                    return
                enough = rows + self.train_after
                logger.info("It is tried again with %s interactions.", f"{enough:,}")

    def _version(self) -> str | None:
        """The current version, looked at again only where another became current."""
        signature = file_signature(self.artifact_dir / "current.json")
        if signature == self._current:
            return None
        self._current = signature
        return current_version(self.artifact_dir)

    def _rows_of_enough(self, enough: int) -> int | None:
        """How many interactions there are, where that is enough; None where it is not, or where
        nobody knows."""
        try:
            self._engine = self._engine or open_database(self.url)
            with self._engine.connect() as connection:
                lacking = missing(connection, enough)
                if lacking is None and self.under_way.look(connection):
                    lacking = "an import is under way"
                if lacking is None:
                    return count(connection, interactions)
        except (DatabaseError, DBAPIError) as error:
            reason = getattr(error, "orig", error)
            self._say("away", f"The first training waits for the database: {reason}")
            return None
        self._say(lacking.partition(" of ")[2], f"The first training waits: {lacking}.")
        return None

    def _say(self, what: str, sentence: str) -> None:
        """Each reason once, however often it is looked at."""
        if what != self._said:
            logger.info("%s", sentence)
        self._said = what


def every(seconds: float) -> Iterable[None]:
    """At once, and then after each pause of so many seconds."""
    while True:
        yield
        time.sleep(seconds)
