"""Which column of a file of items or users is read for what: every one has its use and a reason."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.generator.importing.catalogue.options import CatalogueOptions
from services.generator.importing.catalogue.roles import (
    CATEGORIES,
    ID,
    KEPT_AS_ATTRIBUTES,
    Subject,
    are_emails,
    is_personal,
)
from services.generator.importing.reading.roles import (
    IGNORED,
    NAMED,
    USUAL,
    ColumnError,
    ColumnUse,
    Recognition,
    Role,
    alike_role,
    option,
    plain,
    recognise,
)
from services.generator.importing.reading.table import listed

PERSONAL = "tells who somebody is"
NAMELESS = "has no name"
OTHER = "every other column"
UNREADABLE = "usual name, but its words tell nothing of it"

_NUMBERED = re.compile(r"(?:category|categories|genres?|kategorie)\d{1,2}(?:name|title)?")


@dataclass(frozen=True)
class CatalogueColumns:
    """`recognition` has the columns with a role, `attributes` each attribute's column by the
    attribute's name, `reasons` why a column is an attribute or none."""

    recognition: Recognition
    attributes: Mapping[str, str]
    reasons: Mapping[str, str]

    def of(self, role: str) -> list[str]:
        """The columns that are read for a role."""
        return [u.name for u in self.recognition.uses if u.role is not None and u.role.name == role]

    @property
    def personal(self) -> list[str]:
        """The columns that are left out as they tell who somebody is."""
        return [column for column, reason in self.reasons.items() if reason == PERSONAL]

    @property
    def read(self) -> list[str]:
        """All columns that are read for anything."""
        roles = [use.name for use in self.recognition.uses if use.role is not None]
        return list(dict.fromkeys([*roles, *self.attributes.values()]))

    def without_role(self, role: str) -> "CatalogueColumns":
        """The same with the role's columns as attributes."""
        columns = self.of(role)
        uses = tuple(
            replace(use, role=None) if use.name in columns else use for use in self.recognition.uses
        )
        return CatalogueColumns(
            replace(self.recognition, uses=uses),
            {**self.attributes, **{column: column for column in columns}},
            {**self.reasons, **dict.fromkeys(columns, UNREADABLE)},
        )


def find_columns(
    names: Sequence[str],
    cells: Mapping[str, Sequence[str]],
    subject: Subject,
    options: CatalogueOptions,
    file: str,
    *,
    has_header: bool,
) -> CatalogueColumns:
    """The use of each of the columns `names`; `cells` are the first of each. Raises ColumnError
    where an option names a column that is not there, or two say different things of one."""
    _require_there(names, options, file)
    first = {role: columns[0] for role, columns in options.columns.items() if columns}
    taken = set(options.attributes.values())
    hidden = {*options.ignored, *taken}
    free = [name for name in names if name not in hidden]
    found = recognise(free, subject.roles, first, (), file)
    by_name = {role.name: role for role in subject.roles}
    uses = {use.name: use for use in found.uses}
    for role, columns in options.columns.items():
        uses |= {column: ColumnUse(column, by_name[role], NAMED) for column in columns}
    if not options.columns.get(CATEGORIES) and CATEGORIES in by_name:
        uses |= {
            name: ColumnUse(name, by_name[CATEGORIES], USUAL)
            for name in free
            if uses[name].role is None and _NUMBERED.fullmatch(plain(name))
        }
    attributes = dict(options.attributes)
    reasons = dict.fromkeys(taken, NAMED) | dict.fromkeys(options.ignored, IGNORED)
    for name in free:
        if uses[name].role is not None:
            continue
        reasons[name] = _why_not(name, cells.get(name, ()), has_header, subject)
        if not reasons[name]:
            reasons[name] = OTHER
            attributes[_attribute_name(name, uses, attributes)] = name
    _require_no_contradiction(options, uses, attributes)
    ordered = tuple(uses.get(name, ColumnUse(name, None, reasons.get(name, ""))) for name in names)
    return CatalogueColumns(replace(found, uses=ordered), attributes, reasons)


def alike_warnings(columns: CatalogueColumns, roles: Sequence[Role]) -> list[str]:
    """A line for each attribute that could be meant for a role."""
    warnings = []
    for attribute, column in columns.attributes.items():
        role = alike_role(column, roles, columns.recognition)
        if role is None or columns.reasons[column] != OTHER:
            continue
        instead = columns.of(role.name)
        if instead and role.name != ID:  # one title is enough; but which id do events name?
            continue
        read = f" ('{instead[0]}' is read for it)" if instead else ""
        warnings.append(
            f"column '{column}' looks like the {role.name}{read} and is kept as attribute "
            f"'{attribute}': {option(role.name, column)} reads it, "
            f"{option('ignore', column)} leaves it out"
        )
    return warnings


def _why_not(name: str, cells: Sequence[str], has_header: bool, subject: Subject) -> str:
    """Why a column without a role is no attribute; empty where it is one."""
    if not has_header:
        return NAMELESS
    if subject is Subject.USERS and (is_personal(name) or are_emails(cells)):
        return PERSONAL
    return ""


def _attribute_name(
    column: str, uses: Mapping[str, ColumnUse], attributes: Mapping[str, str]
) -> str:
    """The column's own name, unless a role's column or another attribute has it already."""
    roles = {use.role.name: use.name for use in uses.values() if use.role is not None}
    kept = {role: name for role, name in roles.items() if role in KEPT_AS_ATTRIBUTES}
    if other := kept.get(column) or attributes.get(column):
        raise _would_both_be(column, other, column)
    return column


def _would_both_be(attribute: str, column: str, other: str) -> ColumnError:
    return ColumnError(
        f"Columns '{column}' and '{other}' would both be the attribute '{attribute}': give one "
        f"another name with {option('attribute', f'NAME={other}')}, or leave one out with --ignore."
    )


def _require_no_contradiction(
    options: CatalogueOptions, uses: Mapping[str, ColumnUse], attributes: Mapping[str, str]
) -> None:
    """ColumnError where an option would have no effect, or two columns one name."""
    for use in uses.values():
        if use.role is None:
            continue
        if use.role.name in KEPT_AS_ATTRIBUTES and use.role.name in options.attributes:
            raise _would_both_be(use.role.name, use.name, options.attributes[use.role.name])
        if use.name in options.types:
            raise ColumnError(
                f"--type says what an attribute's column holds, and column '{use.name}' is read "
                f"for the {use.role.name}: leave it out, or make it an attribute with "
                f"{option('attribute', f'NAME={use.name}')}."
            )
    if unused := options.types.keys() - attributes.values():
        raise ColumnError(f"--type names '{min(unused)}', which is not read: leave it out.")


def _require_there(names: Sequence[str], options: CatalogueOptions, file: str) -> None:
    asked = options.asked()
    for name, columns in asked.items():
        for column in columns:
            if column not in names:
                raise ColumnError(
                    f"{file} has no column '{column}' ({name}); its columns are {listed(names)}."
                )
    exclusive = {name: columns for name, columns in asked.items() if name != "--type"}
    said: dict[str, str] = {}
    for name, columns in exclusive.items():
        for column in columns:
            if column in said and (name, said[column]) != ("--attribute", "--attribute"):
                raise ColumnError(
                    f"Column '{column}' is asked for by {said[column]} and by {name}: leave one "
                    "out."
                )
            said[column] = name
    if ID in options.columns and len(options.columns[ID]) > 1:
        raise ColumnError("--id names more than one column: an id is one.")
