"""Events of Google Analytics 4, as BigQuery exports them (JSON lines), become events for
`make import`: one for each item of an event.

python3 examples/ga4_events.py events.jsonl >events.csv

Names of events that say nothing of an item are left out and counted on standard error.
"""

import csv
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

TYPES = {
    "view_item": "view",
    "select_item": "click",
    "add_to_cart": "cart",
    "add_to_wishlist": "like",
    "purchase": "purchase",
}
"""An event's name in GA4 → its type here; others are left out."""

NO_ITEM = ("", "(not set)")


class Event(NamedTuple):
    """A row of what `make import` reads; its names are the columns."""

    user_id: str
    item_id: str
    event_type: str
    occurred_at: int
    value: str


def events(lines: Iterable[str], left_out: Counter[str]) -> Iterator[Event]:
    """The events of all items; what is none is counted in `left_out` by reason."""
    for line in lines:
        try:
            exported = json.loads(line)
        except ValueError:
            left_out["not a JSON object"] += bool(line.strip())
            continue
        name = exported.get("event_name", "")
        if name not in TYPES:
            left_out[f"event {name}"] += 1
            continue
        items = exported.get("items") or []
        if not items:
            left_out[f"{name} without an item"] += 1
        for item in items:
            event = _event(exported, TYPES[name], item)
            if event is None:
                left_out[f"{name} without a user or an item's id"] += 1
            else:
                yield event


def _event(exported: dict[str, Any], event_type: str, item: dict[str, Any]) -> Event | None:
    user_id = exported.get("user_id") or exported.get("user_pseudo_id")
    item_id = str(item.get("item_id") or "")
    if not user_id or item_id in NO_ITEM:
        return None
    quantity = str(item.get("quantity") or "") if event_type in ("cart", "purchase") else ""
    return Event(user_id, item_id, event_type, int(exported["event_timestamp"]), quantity)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    path, left_out, written = sys.argv[1], Counter[str](), 0
    opened = gzip.open if path.endswith(".gz") else open
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(Event._fields)
    with opened(path, "rt", encoding="utf-8") as lines:
        for event in events(lines, left_out):
            writer.writerow(event)
            written += 1
    sys.stderr.write(f"{written:,} events of items\n")
    for reason, count in left_out.most_common():
        sys.stderr.write(f"  left out {count:,}: {reason}\n")


if __name__ == "__main__":
    main()
