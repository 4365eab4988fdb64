"""Folds that files name: the pairs of a user and an item that are held out, one a line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.dataset import Dataset
from shared.arrays.types import Mask
from shared.artifacts.id_map import IdMap
from shared.errors import SommelierError
from shared.scorers.histories import pair_keys

NamedPair = tuple[str, str]


class FoldError(SommelierError):
    """A file that names no pairs of the data."""


@dataclass(frozen=True)
class Fold:
    """Which interactions bool[n] a file names, and how many of its pairs the data lacks."""

    name: str
    held_out: Mask
    missing: int


def read_fold(path: Path, dataset: Dataset) -> Fold:
    """The fold of a file with a user id and an item id first in every line.

    Lines are cut at tabs, `::` or commas, whichever the first line has; further columns are
    ignored. A first line whose ids the data lacks and which holds no digit in them is a header.
    FoldError where a line is no pair or the data has none of them, OSError for a missing file.
    """
    named = _without_header(list(_pairs(path)), dataset)
    n_items, interactions = len(dataset.items), dataset.interactions
    users = _indices([user for user, _item in named], dataset.users)
    items = _indices([item for _user, item in named], dataset.items)
    listed = np.where((users < 0) | (items < 0), -1, pair_keys(users, items, n_items))
    present = pair_keys(interactions.user_indices, interactions.item_indices, n_items)
    found = np.isin(listed, present)
    if not found.any():
        raise FoldError(
            f"{path}: none of its {len(named):,} pairs is in the database: every line has to begin "
            "with a user id and an item id as they were imported."
        )
    return Fold(path.name, np.isin(present, listed), int(np.count_nonzero(~found)))


def _without_header(pairs: list[NamedPair], dataset: Dataset) -> list[NamedPair]:
    if not pairs or any(map(str.isdigit, "".join(pairs[0]))):
        return pairs
    user, item = pairs[0]
    return pairs if user in dataset.users or item in dataset.items else pairs[1:]


def _indices(ids: Sequence[str], id_map: IdMap) -> NDArray[np.int64]:
    """The index of each id or -1, int64[n]; each distinct id is looked for once."""
    indices = {id_: id_map.find(id_) for id_ in dict.fromkeys(ids)}
    return np.array([indices[id_] for id_ in ids], dtype=np.int64)


def _pairs(path: Path) -> Iterator[NamedPair]:
    for number, cells in _numbered(path):
        if cells and len(cells) < 2:
            raise FoldError(
                f"{path}, line {number}: '{cells[0][:80]}' is no user id and item id, cut by a "
                "tab, a comma or '::'."
            )
        if cells:
            yield cells[0], cells[1]


def _numbered(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from enumerate(_cells(_lines(path)), start=1)
    except csv.Error as error:
        raise FoldError(f"{path} is no table: {error}") from error


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise FoldError(f"{path} is no UTF-8 text: {error}") from error


def _cells(lines: Sequence[str]) -> Iterator[list[str]]:
    first = lines[0] if lines else ""
    if "::" in first and "\t" not in first:
        return (line.split("::") if line else [] for line in lines)
    return csv.reader(lines, delimiter="\t" if "\t" in first else ",")
