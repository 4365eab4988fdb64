"""What a load of items replaced, kept in files beside the database so that it can come back.

`<artifact folder>/replaced/load-<number>-<when it began>/<n>.json.gz`: for each item of a
transaction what was said of it before (null: it was not there) and after. Users have no such files:
what is said of people is kept in one place, where erasing reaches it.
"""

import datetime as dt
import gzip
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.database.tables import loads
from shared.durable_files import replaced

FIELDS = ("title", "categories", "attributes", "is_active", "created_at")
"""What is said of an item."""


class Replacement(NamedTuple):
    """What was said of an item before it was written, and after."""

    item_id: str
    before: dict[str, Any] | None
    after: dict[str, Any]


class ReplacedItems:
    """The files of one load."""

    def __init__(self, artifact_dir: Path, load_id: int, started_at: dt.datetime) -> None:
        milliseconds = started_at.microsecond // 1000  # as the database keeps it
        began = f"{started_at:%Y%m%dT%H%M%S}.{milliseconds:03}Z"
        self.folder = artifact_dir / "replaced" / f"load-{load_id}-{began}"

    @property
    def exist(self) -> bool:
        """Whether anything was kept."""
        return self.folder.is_dir()

    def keep(self, replacements: Sequence[Replacement]) -> None:
        """Write a file, on the disk before the database says the new. What is written here and not
        there, as the database went away, is undone to no effect."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = sum(1 for _path in self.folder.glob("*.json.gz"))
        text = json.dumps(replacements, default=dt.datetime.isoformat)
        with replaced(self.folder / f"{number:08}.json.gz") as file:
            file.write(gzip.compress(text.encode()))

    def read(self) -> Iterator[list[Replacement]]:
        """All that was kept, transaction by transaction, the last first."""
        for path in sorted(self.folder.glob("*.json.gz"), reverse=True):
            kept = json.loads(gzip.decompress(path.read_bytes()))
            yield [
                Replacement(item_id, before and _with_time(before), _with_time(after))
                for item_id, before, after in kept
            ]

    def forget(self) -> None:
        """Remove the files."""
        shutil.rmtree(self.folder, ignore_errors=True)


def forget_what_no_load_needs(connection: Connection, artifact_dir: Path) -> None:
    """Remove the files of loads that are no more, as after `--reset`."""
    rows = connection.execute(sa.select(loads.c.id, loads.c.started_at))
    needed = {ReplacedItems(artifact_dir, *row).folder for row in rows}
    for folder in (artifact_dir / "replaced").glob("load-*"):
        if folder not in needed:
            shutil.rmtree(folder)


def _with_time(said: dict[str, Any]) -> dict[str, Any]:
    return said | {"created_at": dt.datetime.fromisoformat(said["created_at"])}
