"""The categories of an item: a list of names, or one text with `|` between them."""

from collections.abc import Iterable

from shared.database.tables import CATEGORY_SEPARATOR


def category_names(text: str) -> list[str]:
    """The names in a text such as `Action|Comedy`, in their order, none twice."""
    parts = (part.strip() for part in text.split(CATEGORY_SEPARATOR))
    return list(dict.fromkeys(filter(None, parts)))


def category_text(names: Iterable[str]) -> str:
    """One text of the names, which hold no separator."""
    return CATEGORY_SEPARATOR.join(names)
