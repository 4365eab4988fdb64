"""Makes the small files under examples/data/, as the programs export them; nobody in them exists.

python3 examples/make_data.py
"""

import csv
import datetime as dt
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

DATA = Path(__file__).parent / "data"
START = dt.datetime(2024, 5, 1, 8, 0, tzinfo=dt.UTC)
PRODUCTS = [
    ("MUG-1", "Enamel Mug", "Kitchen", "14.90"),
    ("MUG-2", "Enamel Mug, large", "Kitchen", "17.90"),
    ("TEE-S", "Logo Shirt, S", "Clothing", "24.00"),
    ("TEE-M", "Logo Shirt, M", "Clothing", "24.00"),
    ("CAP-1", "Wool Cap", "Clothing", "19.00"),
    ("PEN-1", "Brass Pen", "Office", "32.50"),
]
NAMES = ("ada", "ben", "cleo", "dara", "emil", "fay", "gus", "hana")
SHOPIFY = (
    *("Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at"),
    *("Accepts Marketing", "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code"),
    *("Discount Amount", "Shipping Method", "Created at", "Lineitem quantity", "Lineitem name"),
    *("Lineitem price", "Lineitem compare at price", "Lineitem sku"),
    *("Lineitem requires shipping", "Lineitem taxable", "Lineitem fulfillment status"),
    *("Billing Name", "Billing Street", "Billing City", "Billing Zip", "Billing Country", "Notes"),
    *("Cancelled at", "Payment Method", "Refunded Amount", "Vendor", "Id", "Tags", "Source"),
)
WOOCOMMERCE = (
    *("Order Number", "Order Status", "Order Date", "Customer Note", "First Name (Billing)"),
    *("Last Name (Billing)", "City (Billing)", "Country Code (Billing)", "Email (Billing)"),
    *("Phone (Billing)", "Payment Method Title", "Order Subtotal Amount", "Order Refund Amount"),
    *("Order Total Amount", "SKU", "Item #", "Item Name", "Quantity (- Refund)", "Item Cost"),
    *("Coupon Code", "Discount Amount"),
)
SHOPIFY_PRODUCTS = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published"),
    *("Option1 Name", "Option1 Value", "Variant SKU", "Variant Inventory Qty", "Variant Price"),
    *("Image Src", "Image Position", "Status"),
)
WOOCOMMERCE_PRODUCTS = (
    *("ID", "Type", "SKU", "Name", "Published", "Is featured?", "Visibility in catalog"),
    *("Short description", "In stock?", "Stock", "Weight (kg)", "Regular price", "Categories"),
    *("Tags", "Images"),
)


def write(name: str, header: Sequence[str], rows: Iterable[dict[str, object]]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def shopify_orders(rng: random.Random) -> Iterable[dict[str, object]]:
    """What concerns the order stands on its first line alone."""
    for number in range(1001, 1031):
        name = rng.choice(NAMES)
        at = START + dt.timedelta(minutes=rng.randrange(60 * 24 * 60))
        written = f"{at:%Y-%m-%d %H:%M:%S} +0000"
        status = rng.choice(("paid",) * 6 + ("refunded", "partially_refunded", "pending", "voided"))
        cancelled = written if rng.random() < 0.1 else ""
        for place, (sku, title, _category, price) in enumerate(
            rng.sample(PRODUCTS, rng.randrange(1, 4))
        ):
            line: dict[str, object] = {
                "Name": f"#{number}",
                "Email": f"{name}@example.com",
                "Created at": written,
                "Lineitem quantity": rng.randrange(1, 4),
                "Lineitem name": title,
                "Lineitem price": price,
                "Lineitem sku": "" if rng.random() < 0.05 else sku,
                "Vendor": "Workshop",
            }
            if place == 0:
                line |= {"Financial Status": status, "Currency": "EUR", "Cancelled at": cancelled}
                line |= {"Billing Name": name.title(), "Id": number * 7919, "Source": "web"}
            yield line


def woocommerce_orders(rng: random.Random) -> Iterable[dict[str, object]]:
    statuses = ("Completed",) * 6 + ("Processing", "On hold", "Cancelled", "Refunded", "Failed")
    for number in range(501, 531):
        name = rng.choice(NAMES)
        at = START + dt.timedelta(minutes=rng.randrange(60 * 24 * 60))
        status = rng.choice(statuses)
        for place, (sku, title, _category, price) in enumerate(
            rng.sample(PRODUCTS, rng.randrange(1, 4)), start=1
        ):
            yield {
                "Order Number": number,
                "Order Status": status,
                "Order Date": f"{at:%Y-%m-%d %H:%M}",
                "First Name (Billing)": name.title(),
                "Email (Billing)": f"{name}@Example.com" if place % 2 else f"{name}@example.com",
                "SKU": sku,
                "Item #": place,
                "Item Name": title,
                "Quantity (- Refund)": rng.choice((1, 1, 1, 2, 0)),
                "Item Cost": price,
            }


def shopify_products() -> Iterable[dict[str, object]]:
    """What concerns the product stands on its first line alone; a line may add an image only."""
    handles = {"MUG": ("enamel-mug", "Enamel Mug"), "TEE": ("logo-shirt", "Logo Shirt")}
    before = ""
    for sku, title, category, price in PRODUCTS:
        handle, name = handles.get(sku[:3], (title.lower().replace(" ", "-"), title))
        line: dict[str, object] = {"Handle": handle, "Variant SKU": sku, "Variant Price": price}
        if handle != before:
            line |= {"Title": name, "Vendor": "Workshop", "Type": category, "Published": "true"}
            line |= {
                "Tags": "gift" if sku[0] == "T" else "gift, new",
                "Image Src": f"https://cdn.example/{handle}.jpg",
            }
            line |= {"Status": "draft" if sku == "PEN-1" else "active"}
        yield line
        if sku == "MUG-2":
            yield {"Handle": handle, "Image Src": "https://cdn.example/mugs.jpg"}
        before = handle


def woocommerce_products() -> Iterable[dict[str, object]]:
    for number, (sku, title, category, price) in enumerate(PRODUCTS, start=11):
        yield {
            "ID": number,
            "Type": "simple",
            "SKU": sku,
            "Name": title,
            "Published": -1 if sku == "PEN-1" else 1,
            "Is featured?": 0,
            "Visibility in catalog": "visible",
            "In stock?": 0 if sku == "CAP-1" else 1,
            "Weight (kg)": "0.35",
            "Regular price": price,
            "Categories": f"Shop > {category}, Shop > Gifts"
            if number % 2
            else f"Shop > {category}",
            "Images": f"https://shop.example/{sku}.jpg, https://shop.example/{sku}-2.jpg",
        }


def jellyfin(rng: random.Random) -> str:
    """The backup of the plugin Playback Reporting: tabs, no header; times of seven digits."""
    films = [(f"{rng.getrandbits(128):032x}", f"Film {letter}") for letter in "ABCDE"]
    people = [f"{rng.getrandbits(128):032x}" for _ in range(6)]
    lines = []
    for _ in range(60):
        at = START + dt.timedelta(seconds=rng.randrange(60 * 24 * 3600))
        item_id, title = rng.choice(films)
        seconds = rng.choice((0, 12, 900, 5400, 7200))
        cells = (
            *(f"{at:%Y-%m-%d %H:%M:%S}.1234567", rng.choice(people), item_id, "Movie", title),
            *("DirectPlay", "Jellyfin Web", "Firefox", str(seconds)),
        )
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def movielens(rng: random.Random) -> None:
    films = [
        (1, "Toy Story (1995)", "Adventure|Animation|Children"),
        (2, "Heat (1995)", "Action|Crime"),
        (3, "Alien (1979)", "Horror|Sci-Fi"),
        (4, "Untold (2001)", "(no genres listed)"),
    ]
    header = ("movieId", "title", "genres")
    write("movielens/movies.csv", header, (dict(zip(header, f, strict=True)) for f in films))
    rated = sorted((user, film) for user in range(1, 9) for film in rng.sample(range(1, 5), 3))
    rows: list[dict[str, object]] = [
        {
            "userId": user,
            "movieId": film,
            "rating": rng.randrange(1, 11) / 2,
            "timestamp": 964_982_703 + rng.randrange(10_000_000),
        }
        for user, film in rated
    ]
    write("movielens/ratings.csv", ("userId", "movieId", "rating", "timestamp"), rows)


def ga4(rng: random.Random) -> list[dict[str, object]]:
    names = ("page_view", "session_start", "view_item", "view_item", "add_to_cart", "purchase")
    exported: list[dict[str, object]] = []
    for _ in range(80):
        at = START + dt.timedelta(seconds=rng.randrange(30 * 24 * 3600))
        name = rng.choice(names)
        several = 3 if name == "purchase" else 1
        chosen = rng.sample(PRODUCTS, several) if name.count("_item") or several > 1 else []
        if name == "add_to_cart":
            chosen = [rng.choice(PRODUCTS)] if rng.random() < 0.9 else []
        signed_in = rng.random() < 0.3
        exported.append(
            {
                "event_date": f"{at:%Y%m%d}",
                "event_timestamp": str(int(at.timestamp() * 1_000_000)),
                "event_name": name,
                "event_params": [
                    {"key": "ga_session_id", "value": {"int_value": str(rng.randrange(10**9))}},
                    {"key": "page_location", "value": {"string_value": "https://shop.example/"}},
                ],
                "user_id": f"customer-{rng.randrange(1, 5)}" if signed_in else None,
                "user_pseudo_id": f"{rng.randrange(1, 7)}00.{rng.randrange(1, 3)}",
                "items": [
                    {
                        "item_id": "(not set)" if rng.random() < 0.04 else sku,
                        "item_name": title,
                        "item_category": category,
                        "price": float(price),
                        "quantity": str(rng.randrange(1, 3)),
                    }
                    for sku, title, category, price in chosen
                ],
            }
        )
    return exported


def flattened(exported: Iterable[dict[str, object]]) -> Iterable[dict[str, object]]:
    """What `SELECT … FROM events, UNNEST(items)` gives."""
    for event in exported:
        items = event["items"]
        assert isinstance(items, list)
        for item in items:
            yield {
                "event_timestamp": event["event_timestamp"],
                "event_name": event["event_name"],
                "user_pseudo_id": event["user_pseudo_id"],
                "item_id": item["item_id"],
                "quantity": item["quantity"],
            }


def main() -> None:
    rng = random.Random(2024)
    write("shopify-orders.csv", SHOPIFY, shopify_orders(rng))
    write("woocommerce-orders.csv", WOOCOMMERCE, woocommerce_orders(rng))
    write("shopify-products.csv", SHOPIFY_PRODUCTS, shopify_products())
    write("woocommerce-products.csv", WOOCOMMERCE_PRODUCTS, woocommerce_products())
    (DATA / "jellyfin-playback.tsv").write_text(jellyfin(rng), encoding="utf-8")
    movielens(rng)
    exported = ga4(rng)
    lines = "".join(f"{json.dumps(event)}\n" for event in exported)
    (DATA / "ga4-events.jsonl").write_text(lines, encoding="utf-8")
    header = ("event_timestamp", "event_name", "user_pseudo_id", "item_id", "quantity")
    write("ga4-flat.csv", header, flattened(exported))


if __name__ == "__main__":
    main()
