"""Makes the files of this folder but mess.csv, which is written by hand.

python tests/data/shops/make_files.py
"""

import csv
import datetime as dt
import gzip
import io
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
START = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
USERS = [f"C{number:03}" for number in range(1, 41)]
ITEMS = [f"SKU-{number:03}" for number in range(1, 31)]
COLOURS = ("Grün", "Weiß", "Blau")


class Event(NamedTuple):
    user: str
    item: str
    at: dt.datetime


def some(rng: random.Random, count: int) -> list[Event]:
    """Events of three months, each at another second."""
    seconds = sorted(rng.sample(range(92 * 86_400), count))
    return [
        Event(rng.choice(USERS), rng.choice(ITEMS), START + dt.timedelta(seconds=second))
        for second in seconds
    ]


def table(delimiter: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def write(name: str, content: bytes) -> None:
    (FOLDER / name).write_bytes(content)


def views(rng: random.Random) -> str:
    """CSV, ISO 8601 with an offset."""
    zone = dt.timezone(dt.timedelta(hours=1))
    rows = [(e.user, e.item, e.at.astimezone(zone).isoformat()) for e in some(rng, 240)]
    return table(",", ("user_id", "item_id", "event_time"), rows)


def carts(rng: random.Random) -> str:
    """TSV, milliseconds since 1970, a column that is a second time."""
    rows = [
        (int(e.at.timestamp() * 1000), e.user, e.item, rng.randrange(1, 4), f"{e.at:%Y-%m-%d}")
        for e in some(rng, 120)
    ]
    return table("\t", ("timestamp", "customer", "sku", "qty", "exported_on"), rows)


def orders(rng: random.Random) -> str:
    """Semicolons, German days and numbers, several lines an order, one of them twice word for word;
    Windows-1252."""
    rows: list[tuple[object, ...]] = []
    for number, event in enumerate(some(rng, 45), start=1001):
        for item in sorted(rng.sample(ITEMS, rng.randrange(1, 5))):
            amount = f"{rng.randrange(199, 250_000) / 100:,.2f}"
            german = amount.replace(",", " ").replace(".", ",").replace(" ", ".")
            day = f"{event.at:%d.%m.%Y %H:%M}"
            rows.append((number, event.user, item, rng.choice(COLOURS), german, day))
    rows.append(rows[-1])
    header = ("Bestellnummer", "Kunde", "Artikelnummer", "Farbe", "Betrag", "Bestelldatum")
    return table(";", header, rows)


def log(rng: random.Random) -> str:
    """JSON lines: names of events, nested ids; a `share` that nobody knows."""
    names = ("page_view", "page_view", "page_view", "add_to_cart", "transaction", "share")
    lines = []
    for event in some(rng, 160):
        entry: dict[str, object] = {
            "event": rng.choice(names),
            "user": {"id": event.user, "plan": rng.choice(("free", None))},
            "product": {"id": event.item, "tags": ["new", "sale"][: rng.randrange(3)]},
            "ts": event.at.isoformat().replace("+00:00", "Z"),
        }
        lines.append(json.dumps(entry))
    return "\n".join(lines) + "\n"


def excel(rng: random.Random) -> str:
    """What a German Excel saves: semicolons, decimal commas, days since 30 December 1899."""
    rows = []
    for event in some(rng, 90):
        day = (event.at - dt.datetime(1899, 12, 30, tzinfo=dt.UTC)) / dt.timedelta(days=1)
        stars = f"{rng.randrange(2, 11) / 2:g}".replace(".", ",")
        rows.append((event.user, event.item, stars, f"{day:.6f}".replace(".", ",")))
    return table(";", ("User ID", "Item ID", "Rating", "Date"), rows)


def items(rng: random.Random) -> str:
    """A catalogue: several categories, prices, addresses; one row without an id, one id twice."""
    rows: list[tuple[object, ...]] = []
    for number, item in enumerate(ITEMS):
        categories = "|".join(rng.sample(("Shoes", "Sale", "Men", "Women", "Kids"), 1 + number % 3))
        price = f"{rng.randrange(500, 20_000) / 100:.2f}"
        address = f"https://shop.example/{item}"
        colour = rng.choice(COLOURS)
        rows.append((item, f"Schuh {number + 1}, {colour}", categories, price, address, "true"))
    rows.append(("", "Without an id", "Sale", "1.00", "", "true"))
    rows.append((ITEMS[0], "The first again", "Sale|Kids", "2.00", "", "false"))
    return table(",", ("item_id", "title", "categories", "price", "url", "active"), rows)


def users(rng: random.Random) -> str:
    """People with attributes; one row without an id, one id twice, one cell missing."""
    rows: list[tuple[object, ...]] = [
        (user, rng.randrange(16, 80), rng.choice("fmd"), rng.choice(("Köln", "Bern", "")))
        for user in USERS
    ]
    rows.append(("", 30, "f", "Bern"))
    rows.append((USERS[0], 31, "m", "Köln"))
    return table(",", ("user_id", "age", "gender", "city"), rows) + "C999,40,f\n"


def main() -> None:
    rng = random.Random(14)
    write("views.csv", views(rng).encode())
    write("carts.tsv.gz", gzip.compress(carts(rng).encode(), mtime=0))
    write("orders.csv", orders(rng).encode("cp1252"))
    write("log.jsonl", log(rng).encode())
    write("excel.csv", excel(rng).encode("cp1252"))
    write("items.csv", items(rng).encode())
    write("users.csv", users(rng).encode())


if __name__ == "__main__":
    main()
