"""Files as shops export them: every row accounted for, as the csv and json modules count them."""

import csv
import datetime as dt
import gzip
import io
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Engine

from services.generator.importing.events.options import EventOptions
from shared.database import tables
from shared.database.storage import empty
from tests.generator.importing.test_ingestion import rehearsed, select, take_in

SHOPS = Path(__file__).parents[2] / "data" / "shops"
BERLIN = ZoneInfo("Europe/Berlin")
EXCEL_DAY_0 = dt.datetime(1899, 12, 30, tzinfo=dt.UTC)
MAPPED = {"page_view": "view", "add_to_cart": "cart", "transaction": "purchase"}


class Row(NamedTuple):
    """An interaction as it has to be in the database."""

    user: str
    item: str
    event_type: str
    rating: float | None
    value: float | None
    at: dt.datetime | None


class Shop(NamedTuple):
    """A file, how it is imported, and what has to come of it, read in another way."""

    file: str
    options: EventOptions
    rows: Callable[[], list[Row]]
    rejected: dict[str, int]


def lines_of(name: str, encoding: str = "utf-8", delimiter: str = ",") -> Iterator[dict[str, str]]:
    content = (SHOPS / name).read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode(encoding)
    return csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)


def german(text: str) -> float:
    return float(text.replace(".", "").replace(",", "."))


def views() -> list[Row]:
    return [
        Row(
            line["user_id"],
            line["item_id"],
            "view",
            None,
            None,
            dt.datetime.fromisoformat(line["event_time"]),
        )
        for line in lines_of("views.csv")
    ]


def carts() -> list[Row]:
    return [
        Row(
            line["customer"],
            line["sku"],
            "cart",
            None,
            None,
            dt.datetime.fromtimestamp(int(line["timestamp"]) / 1000, dt.UTC),
        )
        for line in lines_of("carts.tsv.gz", delimiter="\t")
    ]


def orders() -> list[Row]:
    return [
        Row(
            line["Kunde"],
            line["Artikelnummer"],
            "purchase",
            None,
            german(line["Betrag"]),
            dt.datetime.strptime(line["Bestelldatum"], "%d.%m.%Y %H:%M").replace(tzinfo=BERLIN),
        )
        for line in lines_of("orders.csv", "cp1252", ";")
    ]


def log() -> list[Row]:
    entries = map(json.loads, (SHOPS / "log.jsonl").read_text("utf-8").splitlines())
    return [
        Row(
            entry["user"]["id"],
            entry["product"]["id"],
            MAPPED[entry["event"]],
            None,
            None,
            dt.datetime.fromisoformat(entry["ts"]),
        )
        for entry in entries
        if entry["event"] != "share"
    ]


def excel() -> list[Row]:
    return [
        Row(
            line["User ID"],
            line["Item ID"],
            "rating",
            german(line["Rating"]),
            None,
            EXCEL_DAY_0 + dt.timedelta(days=german(line["Date"])),
        )
        for line in lines_of("excel.csv", "cp1252", ";")
    ]


def mess() -> list[Row]:
    def at(second: int, hour: int = 10) -> dt.datetime:
        return dt.datetime(2024, 3, 1, hour, 0, second, tzinfo=dt.UTC)

    return [
        *[Row("C001", "SKU-001", "view", None, None, at(0))] * 3,
        Row("C001", "SKU-001", "purchase", None, None, at(0)),
        Row("C002", "SKU-001", "view", None, None, at(1)),
        Row("C003", "SKU-001", "purchase", None, None, at(2, hour=9)),
        Row("C004", "SKU-002", "rating", 4.5, None, at(3)),
        Row("C013", "SKU-003", "view", None, None, at(13)),
        Row("C014", "SKU-003", "view", None, None, None),
        Row("C021", "SKU-003", "view", None, None, at(21)),
        Row("C024", "SKU-004", "view", None, None, at(24)),
        Row("Ж", "用户", "view", None, None, at(25)),
        Row("C025", "SKU-004", "like", 3.0, None, at(26)),
    ]


ORDERS = EventOptions(
    {"user": "Kunde", "item": "Artikelnummer", "value": "Betrag", "time": "Bestelldatum"},
    event_type="purchase",
    zone=BERLIN,
)
FILES = [
    Shop("views.csv", EventOptions(), views, {}),
    Shop("carts.tsv.gz", EventOptions(event_type="cart"), carts, {}),
    Shop("orders.csv", ORDERS, orders, {}),
    Shop("log.jsonl", EventOptions(mapping=MAPPED), log, {"event type 'share' is not known": 25}),
    Shop("excel.csv", EventOptions(), excel, {}),
    Shop(
        "mess.csv",
        EventOptions(),
        mess,
        {
            "time is not written as ISO 8601 (year, month, day)": 3,
            "rating is not a number": 1,
            "event type 'add_to_cart' is not known": 2,
            "rating is missing": 2,
            "user id is missing": 1,
            "item id is missing": 1,
            "event type 'sneeze' is not known": 1,
            "event type is missing": 1,
            "time is in the future": 1,
            "3 columns instead of 6": 1,
            "7 columns instead of 6": 1,
            "2 columns instead of 6": 1,
            "user id is not UTF-8": 1,
            "item id has more than 64 characters": 1,
        },
    ),
]


@pytest.fixture(params=FILES, ids=lambda shop: shop.file)
def shop(request: pytest.FixtureRequest) -> Shop:
    chosen: Shop = request.param
    return chosen


@pytest.fixture
def copied(shop: Shop, tmp_path: Path) -> Path:
    """The file where rejects may be written beside it."""
    path = tmp_path / shop.file
    path.write_bytes((SHOPS / shop.file).read_bytes())
    return path


def stored(engine: Engine) -> Counter[Row]:
    names = ("user_id", "item_id", "event_type", "rating", "value", "occurred_at")
    return Counter(Row(*row) for row in select(engine, tables.interactions, *names))


def expected(rows: list[Row]) -> Counter[Row]:
    """In whole milliseconds of UTC."""
    return Counter(row._replace(at=row.at and _to_ms(row.at)) for row in rows)


def _to_ms(moment: dt.datetime) -> dt.datetime:
    moment = moment.astimezone(dt.UTC) + dt.timedelta(microseconds=500)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_every_row_is_accounted_for(shop: Shop, copied: Path, engine: Engine) -> None:
    rehearsal = rehearsed(engine, copied, shop.options)

    tally = take_in(engine, copied, shop.options)

    assert tally == rehearsal
    assert stored(engine) == expected(shop.rows())
    assert tally.reasons == shop.rejected
    assert (tally.added, tally.there) == (len(shop.rows()), 0)
    assert tally.read == tally.added + sum(shop.rejected.values())


def test_a_second_import_adds_nothing(shop: Shop, copied: Path, sqlite_engine: Engine) -> None:
    first = take_in(sqlite_engine, copied, shop.options)

    rehearsal = rehearsed(sqlite_engine, copied, shop.options)
    second = take_in(sqlite_engine, copied, shop.options)

    assert second == rehearsal
    assert (second.read, second.added, second.there) == (first.read, 0, first.added)
    assert second.reasons == first.reasons
    assert stored(sqlite_engine) == expected(shop.rows())


def test_the_readme_counts_the_rows_of_each_file() -> None:
    rows = [line.split("|") for line in (SHOPS / "README.md").read_text("utf-8").splitlines()]
    counted = {row[1].strip(" `"): (row[3].strip(), row[4].strip()) for row in rows if len(row) > 5}

    for shop in FILES:
        rejected = sum(shop.rejected.values())
        total = len(shop.rows()) + rejected
        assert counted[shop.file] == (f"{total}", f"{len(shop.rows())}"), shop.file


@pytest.fixture
def combined(tmp_path: Path) -> Path:
    """Views, carts and orders in one file."""
    path = tmp_path / "combined.csv"
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("user_id", "item_id", "event_type", "value", "timestamp"))
        for row in (*views(), *carts(), *orders()):
            assert row.at is not None
            cells = (row.user, row.item, row.event_type, row.value, row.at.isoformat())
            writer.writerow(cells)
    return path


def test_files_in_any_order_make_what_one_file_of_all_makes(
    combined: Path, sqlite_engine: Engine
) -> None:
    def everything() -> list[object]:
        names = ("event_id", "user_id", "item_id", "event_type", "value", "occurred_at")
        return sorted(select(sqlite_engine, tables.interactions, *names))

    take_in(sqlite_engine, combined)
    together = everything()
    assert len(together) == len(views()) + len(carts()) + len(orders())

    for order in itertools.permutations(FILES[:3]):
        empty(sqlite_engine)
        for shop in order:
            path = combined.parent / shop.file
            path.write_bytes((SHOPS / shop.file).read_bytes())
            take_in(sqlite_engine, path, shop.options)
        assert everything() == together
