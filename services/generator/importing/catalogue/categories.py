"""How a column writes categories: one name a cell, or several with something between them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from services.generator.importing.reading.cells import BadCell, bad_cell
from services.generator.importing.reading.table import Problem, is_empty, shortened
from shared.database.description_rules import MOST_CATEGORIES
from shared.database.tables import CATEGORY_LENGTH, CATEGORY_SEPARATOR

NO_SEPARATOR = "none"
"""What `--categories-separator` says of cells that are one name each."""

_SEPARATORS = (CATEGORY_SEPARATOR, ";", ",")
_LEVELS = (" > ", ">", " » ", "»")  # of a breadcrumb
_NO_CATEGORY = ("(no genres listed)",)  # as MovieLens writes none
_REMEMBERED = 100_000  # different cells; those of a larger catalogue are alike
_LIKE_A_LIST = 0.5  # of the parts of cells with a separator are parts of several cells


@dataclass
class CategorySurvey:
    """The different cells of columns of categories."""

    cells: Counter[str] = field(default_factory=Counter)

    def add(self, cells: Iterable[str]) -> None:
        """Take in more of them."""
        if len(self.cells) < _REMEMBERED:
            self.cells.update(cell.strip() for cell in cells if not is_empty(cell))

    def decided(self, separator: str | None) -> "CategoryReader":
        """How they are read; `separator` is what somebody says that stands between names."""
        filled = list(self.cells)
        if separator == NO_SEPARATOR:
            return CategoryReader(None, "one name in each cell, as --categories-separator says")
        if separator is not None:
            said = f"names with {separator!r} between them, as --categories-separator says"
            return self._with_root(CategoryReader(separator, said))
        if filled and all(_json_names(cell) is not None for cell in filled):
            return CategoryReader(None, "JSON lists of names", is_json=True)
        for separator in _SEPARATORS:
            if reader := _list_reader(separator, filled):
                return self._with_root(reader)
        return self._with_root(CategoryReader(None, "one name in each cell"))

    def _with_root(self, reader: "CategoryReader") -> "CategoryReader":
        """Left out is the first level of breadcrumbs where every one of them begins with it."""
        paths = [path for cell in self.cells for path in reader.paths(cell)]
        if not any(len(path) > 1 for path in paths):
            return reader
        roots = {path[0] for path in paths}
        words = f"{reader.words}; each level of a breadcrumb is a category"
        if len(roots) > 1:
            return CategoryReader(reader.separator, words)
        root = roots.pop()
        words += f" but {shortened(root)}, with which every breadcrumb begins"
        return CategoryReader(reader.separator, words, root=root)


@dataclass(frozen=True)
class CategoryReader:
    """Reads cells; `words` says how, for people."""

    separator: str | None
    words: str
    is_json: bool = False
    root: str | None = None

    def read(self, text: str) -> list[str]:
        """The names in a cell, none twice; BadCell for what is none."""
        names = [] if is_empty(text) else list(dict.fromkeys(self._names(text.strip())))
        if len(names) > MOST_CATEGORIES:
            many = f"more than {MOST_CATEGORIES} categories"
            raise BadCell(Problem(many, f"{len(names)} categories, at most {MOST_CATEGORIES}"))
        for name in names:
            if len(name) > CATEGORY_LENGTH:
                raise bad_cell(f"category {{}} has more than {CATEGORY_LENGTH} characters", name)
            if CATEGORY_SEPARATOR in name:
                raise bad_cell(f"category {{}} holds {CATEGORY_SEPARATOR}", name)
        return names

    def paths(self, text: str) -> list[list[str]]:
        """The levels of each category in a cell."""
        parts = [text] if self.separator is None else text.split(self.separator)
        levels = [_levels(part) for part in parts if part.strip() not in _NO_CATEGORY]
        return [path for path in levels if path]

    def _names(self, text: str) -> Iterator[str]:
        if self.is_json:
            names = _json_names(text)
            if names is None:
                raise bad_cell("categories {} are no JSON list of names", text)
            yield from names
            return
        for path in self.paths(text):
            yield from path[1:] if path[0] == self.root else path


def _list_reader(separator: str, cells: Sequence[str]) -> CategoryReader | None:
    """The reader of lists with this separator, where the cells look like some."""
    lists = [_parts(cell, separator) for cell in cells if separator in cell]
    if not lists:
        return None
    if separator == CATEGORY_SEPARATOR:  # no name may hold it
        return CategoryReader(separator, f"names with {separator!r} between them")
    # Names recur; what only looks like several names ("Toys, Games & Books") is one that recurs.
    cells_with = Counter(part for cell in cells for part in set(_parts(cell, separator)))
    parts = [part for parts in lists for part in parts]
    recurring = sum(cells_with[part] > 1 for part in parts)
    if recurring < _LIKE_A_LIST * len(parts):
        return None
    return CategoryReader(
        separator,
        f"names with {separator!r} between them, as {recurring:,} of the {len(parts):,} parts of "
        f"such cells are parts of others too; otherwise: --categories-separator {NO_SEPARATOR}",
    )


def _parts(cell: str, separator: str) -> list[str]:
    return [part for part in map(str.strip, cell.split(separator)) if part]


def _levels(text: str) -> list[str]:
    sign = next((sign for sign in _LEVELS if sign in text), None)
    return [text.strip()] if sign is None and text.strip() else _parts(text, sign or ">")


def _json_names(text: str) -> list[str] | None:
    if not text.startswith("["):
        return None
    try:
        names = json.loads(text)
    except ValueError:
        return None
    if not all(isinstance(name, str) for name in names):
        return None
    return [name.strip() for name in names if name.strip()]
