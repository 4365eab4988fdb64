"""Whether an item is active, as columns such as `published`, `in stock` or `status` say it."""

from collections.abc import Collection, Iterable

from services.generator.importing.reading.cells import bad_cell
from services.generator.importing.reading.numbers import number_in
from services.generator.importing.reading.roles import plain
from services.generator.importing.reading.table import is_empty

ACTIVE_WORDS = (
    *("true", "yes", "y", "t", "on", "x", "active", "enabled", "published", "publish", "public"),
    *("visible", "instock", "available", "availableforsale", "onbackorder", "backorder"),
    *("backordered", "preorder", "limitedavailability", "lowstock", "onsale", "forsale", "live"),
    *("ja", "wahr", "aktiv", "lieferbar", "verfügbar", "auflager", "lagernd", "sichtbar"),
)
INACTIVE_WORDS = (
    *("false", "no", "n", "f", "off", "inactive", "disabled", "unpublished", "draft", "private"),
    *("pending", "hidden", "invisible", "outofstock", "soldout", "sold", "unavailable"),
    *("notavailable", "discontinued", "archived", "deleted", "trash", "blocked", "retired"),
    *("nein", "falsch", "inaktiv", "ausverkauft", "nichtlieferbar", "nichtverfügbar"),
)


class ActivityReader:
    """Reads such cells: known words, and numbers, which are true above 0 (a stock, or 1 and 0).

    `inactive` are words that count as false beside the known ones; where some are given, all words
    that are not known count as true.
    """

    def __init__(self, inactive: Collection[str] = ()) -> None:
        self._inactive = {*INACTIVE_WORDS, *map(_plain, inactive)}
        self._active = set(ACTIVE_WORDS) - self._inactive
        self._others_are_active = bool(inactive)

    def knows(self, text: str) -> bool:
        """Whether a cell tells; an empty one says nothing, and that is known too."""
        return self._truth(text) is not None or is_empty(text)

    def unknown(self, cells: Iterable[str]) -> list[str]:
        """The words that tell nothing, sorted."""
        return sorted(text for text in cells if not self.knows(text))

    def inactive(self, cells: Iterable[str]) -> list[str]:
        """Those of the words that count as false, sorted."""
        return sorted(text for text in cells if self._truth(text) is False)

    def read(self, text: str) -> bool | None:
        """True or False, None for an empty cell; BadCell where the cell tells neither."""
        truth = self._truth(text)
        if truth is None and not is_empty(text):
            raise bad_cell("active {} is neither known as true nor as false", text)
        return truth

    def _truth(self, text: str) -> bool | None:
        word = _plain(text)
        if word in self._inactive:
            return False
        if word in self._active:
            return True
        number = number_in(text, "point")
        if number is not None:
            return number > 0
        return True if self._others_are_active and not is_empty(text) else None


def _plain(text: str) -> str:
    return plain(text.rpartition("/")[2])  # https://schema.org/InStock
