"""Orders of a shop, as WooCommerce and Shopify export them, become events for `make import`.

SHOP_KEY=… python3 examples/orders.py EXPORT.csv >purchases.csv

Each line of an order becomes a purchase. Orders that were cancelled, refunded or never paid are
left out and counted on standard error, with whatever else is left out. Customers without a number
get a hash of their e-mail address, keyed by SHOP_KEY: without the key nobody can try addresses.
"""

import argparse
import csv
import datetime as dt
import hashlib
import hmac
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

PAID = ("completed", "processing", "paid", "partially_paid", "partially_refunded")
"""Of WooCommerce and Shopify; every other status is left out."""

TIMES = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%z")


class LeftOut(Exception):
    """Why a line is no purchase."""


class Purchase(NamedTuple):
    """A row of what `make import` reads; its names are the columns."""

    user_id: str
    item_id: str
    event_type: str
    occurred_at: str
    value: str


@dataclass(frozen=True)
class Export:
    """The names of an export's columns; "" where it has none."""

    order: str
    status: str
    at: str
    email: str
    customer: str
    item: str
    quantity: str
    cancelled_at: str = ""


EXPORTS = {
    "Shopify, Orders → Export": Export(
        order="Name",
        status="Financial Status",
        at="Created at",
        email="Email",
        customer="",
        item="Lineitem sku",
        quantity="Lineitem quantity",
        cancelled_at="Cancelled at",
    ),
    "WooCommerce, Advanced Order Export": Export(
        order="Order Number",
        status="Order Status",
        at="Order Date",
        email="Email (Billing)",
        customer="",
        item="SKU",
        quantity="Quantity (- Refund)",
    ),
    "WooCommerce, Customer/Order/Coupon Export, one row per line item": Export(
        order="order_number",
        status="status",
        at="order_date",
        email="billing_email",
        customer="customer_id",
        item="item_sku",
        quantity="item_quantity",
    ),
}


def recognise(names: Iterable[str]) -> tuple[str, Export]:
    """The export that has these columns, with its name; SystemExit for another one."""
    present = set(names)
    for name, export in EXPORTS.items():
        if {export.order, export.status, export.at, export.email, export.item} <= present:
            return name, export
    known = "; ".join(EXPORTS)
    sys.exit(f"These columns are of none of the exports that are known ({known}).")


class Orders:
    """Reads the lines of one export in their order: Shopify says of an order only once how it
    stands."""

    def __init__(self, export: Export, key: bytes) -> None:
        self._export = export
        self._key = key
        self._order = ""
        self._status = self._cancelled_at = self._at = ""

    def purchase(self, line: Mapping[str, str]) -> Purchase:
        """The purchase that a line is; LeftOut where it is none."""
        self._follow(line)
        if self._cancelled_at:
            raise LeftOut("order was cancelled")
        if self._status not in PAID:
            raise LeftOut(f"order is {self._status or 'without a status'}")
        quantity = _number(line.get(self._export.quantity) or "1")
        if quantity <= 0:
            raise LeftOut("all of it was refunded")
        item_id = line[self._export.item].strip()
        if not item_id:
            raise LeftOut(f"no {self._export.item} (--item names another column)")
        return Purchase(self._user(line), item_id, "purchase", self._at, f"{quantity:g}")

    def _follow(self, line: Mapping[str, str]) -> None:
        export = self._export
        is_new = line[export.order] != self._order
        self._order = line[export.order]
        if is_new or line[export.status]:
            self._status = line[export.status].strip().lower().removeprefix("wc-").replace(" ", "_")
            self._cancelled_at = line.get(export.cancelled_at, "").strip()
        if is_new or line[export.at]:
            self._at = iso(line[export.at].strip())

    def _user(self, line: Mapping[str, str]) -> str:
        customer = line.get(self._export.customer, "").strip()
        if customer not in ("", "0"):  # 0 is a guest
            return customer
        email = line[self._export.email].strip().lower()
        if not email:
            raise LeftOut("neither customer nor e-mail address")
        return hmac.new(self._key, email.encode(), hashlib.sha256).hexdigest()[:32]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise LeftOut(f"quantity {text!r} is not a number") from None


def iso(text: str) -> str:
    """A time of the export in ISO 8601; LeftOut where it is none."""
    for written in TIMES:
        try:
            return dt.datetime.strptime(text, written).isoformat()  # noqa: DTZ007 (as it is written)
        except ValueError:
            continue
    raise LeftOut(f"time {text!r} is not written as {TIMES[0]}")


def purchases(
    lines: Iterable[Mapping[str, str]], orders: Orders, left_out: Counter[str]
) -> Iterator[Purchase]:
    """The purchases among the lines; what is none is counted in `left_out` by reason."""
    for line in lines:
        try:
            yield orders.purchase(line)
        except LeftOut as reason:
            left_out[str(reason)] += 1


def convert(path: Path, item: str | None, key: bytes, out: TextIO) -> Iterator[str]:
    """Write the purchases of an export to `out`; what to say of it, line by line."""
    left_out: Counter[str] = Counter()
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        name, export = recognise(reader.fieldnames or ())
        if item is not None:
            export = Export(**{**vars(export), "item": item})
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(Purchase._fields)
        written = 0
        for purchase in purchases(reader, Orders(export, key), left_out):
            writer.writerow(purchase)
            written += 1
    yield f"{path.name} ({name}): {written + left_out.total():,} lines, {written:,} purchases"
    yield from (f"  left out {count:,}: {reason}" for reason, count in left_out.most_common())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export", type=Path, help="the CSV file that the shop exported")
    parser.add_argument("--item", metavar="COLUMN", help="the column of item ids, if not the SKU")
    arguments = parser.parse_args()
    key = os.environ.get("SHOP_KEY", "")
    if not key:
        sys.exit("Set SHOP_KEY to a long random text, and keep it: it makes the ids of guests.")
    for line in convert(arguments.export, arguments.item, key.encode(), sys.stdout):
        sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
