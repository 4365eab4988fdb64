"""The file of lists: one row an item of a list, in Parquet, there whole or not at all."""

import errno
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from services.batch.lists import Lists
from shared.artifacts.content import Content
from shared.artifacts.text_column import TextColumn
from shared.durable_files import replaced

GROUP_ROWS = 1_000_000  # 7 MB of the file; users are in order, so a reader skips to their group

IDS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("user_id", IDS, nullable=False),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("item_id", IDS, nullable=False),
        pa.field("score", pa.float32(), nullable=False),
        pa.field("predicted_rating", pa.float32()),
    ]
)

REPEATED = ["user_id", "item_id", "rank"]  # 35 MB for 5 million rows; with the scores too, 38
SOUGHT = ["user_id"]  # what a reader finds its row groups by; of all columns it takes .2 s more


def write_parquet(
    path: Path,
    lists: Iterable[Lists],
    content: Content,
    metadata: Mapping[str, str],
    group_rows: int = GROUP_ROWS,
) -> int:
    """Write lists of `content`'s users and items; how many rows there are.

    `group_rows`: a row group of the file has so many rows, and no more than a block of users above.
    `path` is replaced once everything is on the disk. OSError where it cannot be written.
    """
    users, items = _column(content.users), _column(content.items)
    schema, rows = SCHEMA.with_metadata(dict(metadata)), 0
    how = {"use_dictionary": REPEATED, "write_statistics": SOUGHT}
    with _replaced(path) as file, pq.ParquetWriter(file, schema, **how) as out:
        for group in _groups(lists, group_rows):
            out.write_table(_table(group, users, items, schema))
            rows += len(group)
    return rows


def _groups(lists: Iterable[Lists], group_rows: int) -> Iterator[Lists]:
    """The same lists, joined to as many rows as a row group of the file has."""
    waiting, rows = list[Lists](), 0
    for block in lists:
        waiting.append(block)
        rows += len(block)
        if rows >= group_rows:
            yield Lists.joined(waiting)
            waiting, rows = [], 0
    if waiting:
        yield Lists.joined(waiting)


def _table(lists: Lists, users: pa.Array, items: pa.Array, schema: pa.Schema) -> pa.Table:
    columns = [
        _ids(users.take(pa.array(lists.user_indices)), lists.owners()),
        lists.ranks(),
        _ids(*_used(items, lists.item_indices)),
        lists.scores,
        pa.array(lists.ratings, from_pandas=True),  # nan becomes null
    ]
    return pa.table(columns, schema=schema)


def _used(ids: pa.Array, indices: NDArray[np.int32]) -> tuple[pa.Array, NDArray[np.int32]]:
    """Those of the ids that are used, and the indices among them: each row group holds its ids,
    and of a million items lists show few."""
    is_used = np.zeros(len(ids), dtype=np.bool_)
    is_used[indices] = True
    places = np.cumsum(is_used, dtype=np.int32) - np.int32(1)
    return ids.take(pa.array(np.flatnonzero(is_used))), places[indices]


def _ids(ids: pa.Array, indices: NDArray[np.int32]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(indices), ids.cast(pa.string()))


def _column(texts: TextColumn) -> pa.Array:
    """The texts as they are mapped, without a copy."""
    arrays = texts.arrays("ids")
    buffers = (pa.py_buffer(arrays[f"ids.{part}"]) for part in ("offsets", "utf8"))
    return pa.LargeStringArray.from_buffers(len(texts), *buffers)


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """A file to write in the place of another, in a folder that is made where it is missing; two
    programs may write the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "It is a folder, not a file", str(path))
    with replaced(path, mark=f".{secrets.token_hex(3)}") as file:
        yield file
