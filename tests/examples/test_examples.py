"""The commands of examples/README.md, run as they stand there, into SQLite; what came of them is
counted in another way."""

import csv
import hashlib
import hmac
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from services.generator.__main__ import main
from shared.database import tables
from shared.database.engine import connect

EXAMPLES = Path(__file__).parents[2] / "examples"
KEY = b"a-long-random-text"
BLOCKS = re.compile(r"```sh\n(.*?)```", re.DOTALL)
PAID = ("Completed", "Processing", "paid", "partially_refunded")

Run = Callable[[str], str]
"""Runs the commands under a heading of the README; what scripts said on standard error."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)  # no .env
    monkeypatch.setenv("DATABASE_URL", "sqlite:///test.sqlite")
    monkeypatch.setenv("ARTIFACT_DIR", "artifacts")
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    return lambda heading: "".join(map(_run, commands(heading)))


def commands(heading: str) -> list[str]:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line for block in BLOCKS.findall(section) for line in block.splitlines()]


def _run(command: str) -> str:
    if command.startswith("make "):
        _make, verb, *assignments = shlex.split(command)
        values = dict(assignment.split("=", 1) for assignment in assignments)
        main([verb, values["FROM"], *shlex.split(values.get("ARGS", ""))])
        return ""
    script, _, written = command.partition(" >")
    words = shlex.split(script)
    environment = dict(word.split("=", 1) for word in words if "=" in word.partition("/")[0])
    arguments = [word for word in words if "=" not in word][1:]
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
        text=True,
    )
    Path(written).write_text(done.stdout, encoding="utf-8")
    return done.stderr


def select(*columns: sa.ColumnElement[Any]) -> list[tuple[Any, ...]]:
    engine = connect(make_url("sqlite:///test.sqlite"))
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.select(*columns))]
    engine.dispose()
    return rows


def lines_of(name: str) -> list[dict[str, str]]:
    with (EXAMPLES / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def guest(email: str) -> str:
    return hmac.new(KEY, email.lower().encode(), hashlib.sha256).hexdigest()[:32]


events = tables.interactions.c
items = tables.items.c
PURCHASE = (events.user_id, events.item_id, events.event_type, events.value)


def test_woocommerce(run: Run) -> None:
    said = run("WooCommerce")

    lines = lines_of("woocommerce-orders.csv")
    paid = [line for line in lines if line["Order Status"] in PAID]
    kept = [line for line in paid if line["Quantity (- Refund)"] != "0"]
    expected = Counter(
        (
            guest(line["Email (Billing)"]),
            line["SKU"],
            "purchase",
            float(line["Quantity (- Refund)"]),
        )
        for line in kept
    )
    assert Counter(select(*PURCHASE)) == expected
    assert 0 < len(kept) < len(paid) < len(lines)
    assert f"{len(lines)} lines, {len(kept)} purchases" in said
    assert f"left out {len(paid) - len(kept)}: all of it was refunded" in said
    cancelled = sum(line["Order Status"] == "Cancelled" for line in lines)
    assert f"left out {cancelled}: order is cancelled" in said

    products = lines_of("woocommerce-products.csv")
    found = {row[0]: row[1:] for row in select(items.item_id, items.title, items.is_active)}
    assert found == {
        line["SKU"]: (line["Name"], line["Published"] == line["In stock?"] == "1")
        for line in products
    }
    categories = dict(select(items.item_id, items.categories))
    assert categories["MUG-1"] == ["Kitchen", "Gifts"]
    attributes = dict(select(items.item_id, items.attributes))
    assert attributes["MUG-1"]["price"] == 14.9
    assert attributes["MUG-1"]["image"] == "https://shop.example/MUG-1.jpg"


def test_shopify(run: Run) -> None:
    said = run("Shopify")

    lines = lines_of("shopify-orders.csv")
    orders = {line["Name"]: line for line in lines if line["Financial Status"]}
    kept = [
        line
        for line in lines
        if orders[line["Name"]]["Financial Status"] in PAID
        and not orders[line["Name"]]["Cancelled at"]
        and line["Lineitem sku"]
    ]
    assert 0 < len(kept) < len(lines)
    assert Counter(select(*PURCHASE)) == Counter(
        (guest(line["Email"]), line["Lineitem sku"], "purchase", float(line["Lineitem quantity"]))
        for line in kept
    )
    assert f"{len(lines)} lines, {len(kept)} purchases" in said
    assert "order was cancelled" in said
    assert "order is refunded" in said

    found = {row[0]: row[1:] for row in select(items.item_id, items.title, items.is_active)}
    assert found["TEE-M"] == ("Logo Shirt", True)
    assert found["PEN-1"] == ("Brass Pen", False)
    skus = {line["Variant SKU"] for line in lines_of("shopify-products.csv")} - {""}
    assert found.keys() == skus
    assert dict(select(items.item_id, items.categories))["MUG-2"] == ["Kitchen", "gift", "new"]
    assert dict(select(items.item_id, items.attributes))["MUG-2"]["price"] == 17.9


def test_jellyfin(run: Run) -> None:
    run("Jellyfin")

    text = (EXAMPLES / "data" / "jellyfin-playback.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()]
    watched = [row for row in rows if row[8] != "0"]
    assert 0 < len(watched) < len(rows)
    assert Counter(select(*PURCHASE)) == Counter(
        (row[1], row[2], "view", float(row[8])) for row in watched
    )
    assert dict(select(items.item_id, items.title)) == {row[2]: row[4] for row in rows}
    [first] = select(sa.func.min(events.occurred_at))
    assert f"{first[0]:%Y-%m-%d}" == min(row[0] for row in rows)[:10]


def test_movielens(run: Run) -> None:
    run("MovieLens")

    ratings = lines_of("movielens/ratings.csv")
    assert Counter(select(events.user_id, events.item_id, events.rating)) == Counter(
        (line["userId"], line["movieId"], float(line["rating"])) for line in ratings
    )
    films = dict(select(items.item_id, items.categories))
    assert films["1"] == ["Adventure", "Animation", "Children"]
    assert films["4"] == []


def test_google_analytics(run: Run) -> None:
    lines = (EXAMPLES / "data" / "ga4-events.jsonl").read_text(encoding="utf-8").splitlines()
    exported = [json.loads(line) for line in lines]
    types = {"view_item": "view", "add_to_cart": "cart", "purchase": "purchase"}
    flat = [
        (event, item)
        for event in exported
        for item in event["items"]
        if event["event_name"] in types
    ]
    named = [(event, item) for event, item in flat if item["item_id"] != "(not set)"]
    by_script = Counter(
        (event["user_id"] or event["user_pseudo_id"], item["item_id"], types[event["event_name"]])
        for event, item in named
    )
    by_command = Counter(
        (event["user_pseudo_id"], item["item_id"], types[event["event_name"]])
        for event, item in flat
    )

    said = run("Google Analytics 4")

    found = Counter(select(events.user_id, events.item_id, events.event_type))
    assert 0 < by_script.total() < by_command.total()
    # Both exports are of the same events: what says the same is one event.
    assert found.keys() == by_script.keys() | by_command.keys()
    assert f"{by_script.total()} events of items" in said
    others = sum(event["event_name"] == "page_view" for event in exported)
    assert f"left out {others}: event page_view" in said


def test_the_made_files_are_what_makes_them_makes(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    made = tmp_path / "examples" / "data"
    names = [path.relative_to(made) for path in made.rglob("*") if path.is_file()]
    for name in names:
        (made / name).unlink()

    subprocess.run([sys.executable, tmp_path / "examples" / "make_data.py"], check=True)

    assert len(names) == 9
    for name in names:
        assert (made / name).read_bytes() == (EXAMPLES / "data" / name).read_bytes()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("orders.py", "of none of the exports that are known"),
        ("shopify_products.py", "has no column Handle, Title, Variant SKU"),
    ],
)
def test_another_file_is_told_from_an_export(tmp_path: Path, script: str, message: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, EXAMPLES / script, path],
        env={**os.environ, "SHOP_KEY": "key"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 1
    assert message in done.stderr


def test_without_a_key_no_guest_gets_an_id() -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / "orders.py", EXAMPLES / "data" / "shopify-orders.csv"],
        env={name: value for name, value in os.environ.items() if name != "SHOP_KEY"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 1
    assert "Set SHOP_KEY" in done.stderr
    assert not done.stdout
