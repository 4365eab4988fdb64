"""Which column of a table is read for what, and why: by what people ask for, or by usual names."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from services.generator.importing.reading.table import listed
from shared.errors import SommelierError

IGNORED = "left out by --ignore"
NAMED = "named on the command line"
USUAL = "usual name"
UNKNOWN = "not recognised"
_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])|\d+")


class ColumnError(SommelierError):
    """Columns that were asked for and are not there, or that contradict each other."""


class Kind(Enum):
    """What the cells of a column are."""

    ID = auto()
    NUMBER = auto()
    TIME = auto()
    NAME = auto()
    TEXT = auto()


@dataclass(frozen=True)
class Role:
    """What a column can be read for.

    `name` is also its option (`--name COLUMN`). `usual` names are recognised, the likeliest first;
    `alike` are names that are only said loudly. Both are compared without case and punctuation:
    `user_id`, `userId` and `User ID` are one name. `looks_like` tells whether cells of a column
    look as if they were meant for it.
    """

    name: str
    kind: Kind
    usual: tuple[str, ...]
    alike: tuple[str, ...] = ()
    required: bool = False
    looks_like: Callable[[Sequence[str]], bool] | None = None


@dataclass(frozen=True)
class ColumnUse:
    """A column with the role that it is read for, None where it is not, and why."""

    name: str
    role: Role | None
    reason: str


@dataclass(frozen=True)
class Recognition:
    """The use of each column, in their order, and the required roles that no column has."""

    uses: tuple[ColumnUse, ...]
    missing: tuple[Role, ...]

    def column(self, role: str) -> str | None:
        """The column that is read for `role`."""
        return self.named().get(role)

    def named(self) -> dict[str, str]:
        """Role → column, of the roles that have one."""
        return {use.role.name: use.name for use in self.uses if use.role is not None}

    def is_named(self, role: str) -> bool:
        """Whether the role's column was named by somebody rather than recognised."""
        return any(
            u.role is not None and u.role.name == role and u.reason == NAMED for u in self.uses
        )

    def __str__(self) -> str:
        return ", ".join(f"{role}={column}" for role, column in self.named().items())


def recognise(
    names: Sequence[str],
    roles: Sequence[Role],
    chosen: Mapping[str, str],
    ignored: Collection[str],
    file: str,
    why: str = NAMED,
) -> Recognition:
    """The use of each of the columns `names`.

    `chosen` (role → column) adds to what is recognised and goes before it, and `why` says who chose
    it; `ignored` columns are read for nothing. Raises ColumnError, with the columns that there are,
    where one is missing or asked for in two ways.
    """
    _require_there(names, chosen, ignored, file)
    taken = {column: role for role, column in chosen.items()}
    free = [name for name in names if name not in taken and name not in ignored]
    found = {
        name: role
        for role in roles
        if role.name not in chosen and (name := _usual_among(free, role)) is not None
    }
    by_name = {role.name: role for role in roles}
    uses = [
        ColumnUse(name, by_name[taken[name]], why)
        if name in taken
        else ColumnUse(name, found.get(name), _reason(name, found, ignored))
        for name in names
    ]
    have = {use.role.name for use in uses if use.role is not None}
    missing = tuple(role for role in roles if role.required and role.name not in have)
    return Recognition(tuple(uses), missing)


def warnings_of_unused(
    recognition: Recognition, roles: Sequence[Role], cells: Mapping[str, Sequence[str]]
) -> list[str]:
    """A line for each column that looks as if it were meant for a role and is read for none, with
    the option that reads it. `cells` are cells of each column."""
    warnings = []
    for use in recognition.uses:
        if use.role is None and use.reason != IGNORED:
            role = alike_role(use.name, roles, recognition) or _like(cells.get(use.name, ()), roles)
            if role is not None:
                warnings.append(_warning(use.name, role, recognition.column(role.name)))
    return warnings


def _require_there(
    names: Sequence[str], chosen: Mapping[str, str], ignored: Collection[str], file: str
) -> None:
    asked = [(f"--{role}", column) for role, column in chosen.items()]
    for option, column in [*asked, *(("--ignore", column) for column in ignored)]:
        if column not in names:
            raise ColumnError(
                f"{file} has no column '{column}' ({option}); its columns are {listed(names)}."
            )
    for role, column in chosen.items():
        others = [other for other, same in chosen.items() if same == column and other != role]
        if column in ignored or others:
            other = f"--{others[0]}" if others else "--ignore"
            raise ColumnError(
                f"Column '{column}' is asked for by --{role} and by {other}: leave one out."
            )


def _usual_among(names: Sequence[str], role: Role) -> str | None:
    """Of several, the likeliest; of one name's spellings the first."""
    by_plain = {plain(name): name for name in reversed(names)}
    return next((by_plain[usual] for usual in role.usual if usual in by_plain), None)


def _reason(name: str, found: Mapping[str, Role], ignored: Collection[str]) -> str:
    if name in ignored:
        return IGNORED
    return USUAL if name in found else UNKNOWN


def alike_role(name: str, roles: Sequence[Role], recognition: Recognition) -> Role | None:
    """The role whose usual name it has (another column was likelier), or that it is like, as a
    whole or by its last word: `Book-Rating`, `order_total`. Where ids have a column already, what
    is only like one (a title) need not be said."""
    spellings = {plain(name), plain(_WORD.findall(name)[-1]) if _WORD.search(name) else ""}
    for role in roles:
        known = role.kind is Kind.ID and recognition.column(role.name) is not None
        if spellings & set(role.usual if known else (*role.usual, *role.alike)):
            return role
    return None


def _like(cells: Sequence[str], roles: Sequence[Role]) -> Role | None:
    filled = [cell for cell in cells if cell and not cell.isspace()]
    for role in roles:
        if role.looks_like is not None and filled and role.looks_like(filled):
            return role
    return None


def _warning(name: str, role: Role, instead: str | None) -> str:
    read = f" ('{instead}' is)" if instead else ""
    return (
        f"column '{name}' looks like the {role.name} and is not read{read}: "
        f"{option(role.name, name)} reads it, {option('ignore', name)} leaves it out without a word"
    )


def option(name: str, value: str) -> str:
    """An option as it has to be written in a shell."""
    quoted = value if re.fullmatch(r"[\w.:=,-]+", value) else f"'{value}'"
    return f"--{name} {quoted}"


def plain(name: str) -> str:
    """A name without case and punctuation."""
    return re.sub(r"[\W_]", "", name).lower()
