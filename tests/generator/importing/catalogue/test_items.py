"""Files of items: what each column becomes, and what a second file changes."""

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.generator.importing.catalogue.attribute_types import AttributeType
from services.generator.importing.catalogue.roles import Subject
from services.generator.importing.ingestion import NothingImported, TooManyRejected
from services.generator.importing.reading.questions import OpenQuestions
from services.generator.importing.reading.roles import ColumnError
from services.generator.importing.reading.table import TableError
from shared.database import tables
from shared.database.storage import CATALOGUE_REVISION
from tests.generator.importing.catalogue.describing import (
    NOW,
    attributes_of,
    items_of,
    plan_of,
    previewed,
    take_in,
    write,
)

LATER = NOW + dt.timedelta(days=1)


def revision(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(CATALOGUE_REVISION) or 0


def loads(engine: Engine) -> list[Any]:
    columns = ("kind", "rows_added", "rows_present", "rows_rejected")
    with engine.connect() as connection:
        query = sa.select(*(tables.loads.c[name] for name in columns)).order_by(tables.loads.c.id)
        return [tuple(row) for row in connection.execute(query)]


def test_every_column_becomes_something(engine: Engine, tmp_path: Path) -> None:
    header = "SKU;Name;Kategorie;Preis;Link;Bild;Aktiv;created_at;Gewicht;Neu;EAN;Saison;Farben"
    rows = [
        "1;Mütze;Kopf;1.299,90 €;https://s/1;https://s/1.jpg;ja;2024-01-31;0,5;yes;0123;2024;rot|blau",
        "2;Schal;Hals;5,00 €;https://s/2;https://s/2.jpg;nein;2024-02-01;1,25;no;4567;2023;rot",
    ]
    tally = take_in(engine, write(tmp_path / "shop.csv", [header, *rows]))

    assert (tally.read, tally.new, tally.rejected) == (2, 2, 0)
    cap, scarf = items_of(engine)["1"], items_of(engine)["2"]
    assert (cap.title, cap.categories, cap.is_active) == ("Mütze", ["Kopf"], True)
    assert (scarf.title, scarf.categories, scarf.is_active) == ("Schal", ["Hals"], False)
    assert cap.created_at == dt.datetime(2024, 1, 31, tzinfo=dt.UTC)
    assert cap.attributes == {
        "price": 1299.9,
        "url": "https://s/1",
        "image": "https://s/1.jpg",
        "Gewicht": 0.5,
        "Neu": True,
        "EAN": "0123",
        "Saison": 2024,
        "Farben": ["rot", "blau"],
    }
    assert loads(engine) == [("items", 2, 0, 0)]


def test_what_is_given_replaces_and_what_is_not_given_stays(engine: Engine, tmp_path: Path) -> None:
    first = ["id,title,categories,price,brand", "a,One,X|Y,5,Acme", "b,Two,X,6,Acme"]
    take_in(engine, write(tmp_path / "all.csv", first))
    tally = take_in(engine, write(tmp_path / "prices.csv", ["id,price", "a,5", "b,7", "c,8"]))

    assert (tally.new, tally.changed, tally.unchanged) == (1, 1, 1)
    b, c = items_of(engine)["b"], items_of(engine)["c"]
    assert (b.title, b.categories, b.attributes) == ("Two", ["X"], {"price": 7, "brand": "Acme"})
    assert (c.title, c.categories, c.attributes, c.is_active) == ("", [], {"price": 8}, True)


def test_an_empty_cell_takes_away_unless_it_is_to_be_kept(engine: Engine, tmp_path: Path) -> None:
    full = ["id,title,categories,active,created,price,size", "a,One,X,no,2024-01-31,5,XL"]
    take_in(engine, write(tmp_path / "full.csv", full))
    before = items_of(engine)["a"]
    empty = write(tmp_path / "empty.csv", [full[0], "a,,,,,,", "b,Two,X,yes,2024-01-31,1,M"])

    take_in(engine, empty, keep_empty=True)
    assert items_of(engine)["a"] == before

    take_in(engine, empty)
    after = items_of(engine)["a"]
    assert (after.title, after.categories, after.attributes) == ("", [], {})
    assert (after.is_active, after.created_at) == (False, before.created_at)


def test_rows_that_say_nothing_new_are_not_written(engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "shop.csv", ["id,title,price,day", "a,One,5,2024-01-31", "b,Two,6.5,"])
    take_in(engine, path)
    before, rows = revision(engine), items_of(engine)

    tally = take_in(engine, path, now=LATER)

    assert (tally.new, tally.changed, tally.unchanged) == (0, 0, 2)
    assert revision(engine) == before
    assert items_of(engine) == rows
    assert loads(engine) == [("items", 2, 0, 0), ("items", 0, 2, 0)]


def test_what_changes_gets_the_next_revision_and_the_rest_none(
    engine: Engine, tmp_path: Path
) -> None:
    take_in(engine, write(tmp_path / "a.csv", ["id,title", "a,One", "b,Two"]))
    before = items_of(engine)
    take_in(engine, write(tmp_path / "b.csv", ["id,title", "a,One", "b,Zwei"]))

    after = items_of(engine)
    assert after["a"].revision == before["a"].revision
    assert after["b"].revision == revision(engine) > before["b"].revision


def test_a_changed_type_is_a_change(sqlite_engine: Engine, tmp_path: Path) -> None:
    take_in(sqlite_engine, write(tmp_path / "a.csv", ["id,flag", "a,1"]))
    assert attributes_of(sqlite_engine)["a"] == {"flag": 1}
    tally = take_in(sqlite_engine, write(tmp_path / "b.csv", ["id,flag", "a,true"]))

    assert tally.changed == 1
    assert attributes_of(sqlite_engine)["a"]["flag"] is True


@pytest.mark.programs  # a second or more
def test_several_rows_of_an_id_are_one_item(sqlite_engine: Engine, tmp_path: Path) -> None:
    # As Shopify writes variants; the others stand far apart, in other batches.
    others = [f"x{number},Filler,F,1" for number in range(5_000)]
    lines = ["Handle,Title,Type,Price", "cap,Cap,Hats,5", "cap,,,6", *others, "cap,,,7"]
    path = write(tmp_path / "shop.csv", lines)

    tally = take_in(sqlite_engine, path)
    again = take_in(sqlite_engine, path, now=LATER)

    cap = items_of(sqlite_engine)["cap"]
    assert (cap.title, cap.attributes) == ("Cap", {"price": 7, "Type": "Hats"})
    assert (tally.read, tally.new, tally.repeated) == (5_003, 5_001, 2)
    assert (again.unchanged, again.repeated, again.changed) == (5_001, 2, 0)


def test_bad_rows_are_written_down_with_reasons_and_the_rest_goes_in(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "shop.csv"
    path.write_bytes(
        "id,title,price,categories\na,Öne,5,X\n".encode()
        + b",No id,5,X\nb,Two,on request,X\nc,Th\xffree,6,X\nd,Four,7\n"
        + f"e,Five,8,{'x' * 201}\n{'i' * 65},Six,9,X\n".encode()
    )

    tally = take_in(sqlite_engine, path)

    assert list(items_of(sqlite_engine)) == ["a"]
    assert tally.rejected == 6
    [file] = (tmp_path / "rejects").iterdir()
    with file.open(encoding="utf-8", errors="surrogateescape", newline="") as text:
        _header, *rejected = list(csv.reader(text))
    assert [(line, reason) for _file, line, reason, _text in rejected] == [
        ("3", "item id is missing"),
        ("4", "price 'on request' is not a number"),
        ("5", "holds text that is not UTF-8"),
        ("6", "3 columns instead of 4"),
        ("7", f"category {'x' * 40 + '…'!r} has more than 200 characters"),
        ("8", "item id has more than 64 characters"),
    ]


def test_too_many_bad_rows_end_in_an_error_after_the_good_ones_are_in(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "shop.csv", ["id,title", "a,One", ",Two"])
    with pytest.raises(TooManyRejected, match=r"1 of the 2 rows of shop.csv are rejected"):
        take_in(sqlite_engine, path, allow_rejects=False)
    assert list(items_of(sqlite_engine)) == ["a"]

    nothing = write(tmp_path / "nothing.csv", ["id,title", ",One"])
    with pytest.raises(NothingImported, match=r"None of the 1 rows of nothing\.csv"):
        take_in(sqlite_engine, nothing)
    assert loads(sqlite_engine) == [("items", 1, 0, 1)]


def test_a_long_title_is_cut_and_said(sqlite_engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "shop.csv", ["id,title", f"a,{'x' * 501}", "b,short"])

    tally = take_in(sqlite_engine, path)

    assert items_of(sqlite_engine)["a"].title == "x" * 500
    assert tally.cuts.titles == [2]


def test_too_long_attributes_are_rejected_with_the_column_to_ignore(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "shop.csv", ["id,text,size", f"a,{'x' * 10_000},XL", "b,short,M"])

    tally = take_in(sqlite_engine, path)

    assert dict(tally.reasons) == {"attributes have more than 10,000 characters as JSON": 1}
    [file] = (tmp_path / "rejects").iterdir()
    assert "the most of them in 'text' (--ignore leaves it out)" in file.read_text()
    assert take_in(sqlite_engine, path, ignored=("text",)).new == 1


def test_a_google_feed_keeps_price_currency_and_availability(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    lines = [
        "id\ttitle\tprice\tavailability\tproduct_type\timage_link\tlink",
        "1\tCap\t15.00 EUR\tin_stock\tHome > Clothing > Caps\thttps://s/1.jpg\thttps://s/1",
        "2\tMug\t1,200.50 USD\tout of stock\tHome > Kitchen\thttps://s/2.jpg\thttps://s/2",
    ]
    take_in(sqlite_engine, write(tmp_path / "feed.tsv", lines))

    cap, mug = items_of(sqlite_engine)["1"], items_of(sqlite_engine)["2"]
    assert (cap.attributes["price"], cap.attributes["currency"]) == (15, "EUR")
    assert (mug.attributes["price"], mug.attributes["currency"]) == (1200.5, "USD")
    assert (cap.is_active, mug.is_active) == (True, False)
    assert (cap.categories, mug.categories) == (["Clothing", "Caps"], ["Kitchen"])


def test_several_columns_of_categories_and_of_activity(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    lines = [
        "ID,Name,Category 1,Category 2,Published,In stock?",
        "1,Cap,Hats,Sale,1,1",
        "2,Mug,Kitchen,,1,0",
        "3,Pen,Office,Sale,-1,5",
    ]
    path = write(tmp_path / "shop.csv", lines)
    take_in(sqlite_engine, path, columns={"active": ("Published", "In stock?")})

    assert {item_id: row.categories for item_id, row in items_of(sqlite_engine).items()} == {
        "1": ["Hats", "Sale"],
        "2": ["Kitchen"],
        "3": ["Office", "Sale"],
    }
    assert {item_id: row.is_active for item_id, row in items_of(sqlite_engine).items()} == {
        "1": True,
        "2": False,
        "3": False,
    }


def test_words_that_tell_nothing_are_asked_for_or_kept_as_attribute(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "shop.csv", ["id,status", "a,spring", "b,sold", "c,autumn"])

    [warning] = plan_of(path, Subject.ITEMS).warnings
    assert (
        "holds 'autumn', 'spring': it is kept as an attribute, and all items are active" in warning
    )
    with pytest.raises(OpenQuestions, match="say which words count as false with --inactive"):
        take_in(sqlite_engine, path, columns={"active": ("status",)})

    take_in(sqlite_engine, path, columns={"active": ("status",)}, inactive=("Autumn",))
    assert {item_id: row.is_active for item_id, row in items_of(sqlite_engine).items()} == {
        "a": True,
        "b": False,
        "c": False,
    }


def test_columns_are_ignored_renamed_and_typed_as_asked(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "shop.csv", ["id,Colour,Size,Secret", "a,red,42,x", "b,blue,43,y"])
    options: dict[str, Any] = {
        "ignored": ("Secret",),
        "attributes": {"colour": "Colour"},
        "types": {"Size": AttributeType.TEXT},
    }
    take_in(sqlite_engine, path, **options)

    assert attributes_of(sqlite_engine)["a"] == {"colour": "red", "Size": "42"}
    lines = "\n".join(previewed(path, **options))
    assert "'Colour': attribute 'colour' (named on the command line; text)" in lines
    assert "'Secret': left out (left out by --ignore)" in lines
    assert "'Size': attribute 'Size' (every other column; text, as --type says)" in lines


def test_a_file_without_a_header_is_read_by_numbers(sqlite_engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "shop.csv", ["a,One,x,5", "b,Two,y,6"])
    options: dict[str, Any] = {"columns": {"id": ("0",), "title": ("1",)}, "attributes": {"n": "3"}}
    take_in(sqlite_engine, path, **options)

    b = items_of(sqlite_engine)["b"]
    assert (b.title, b.attributes) == ("Two", {"n": 6})
    assert any("'2': left out (has no name)" in line for line in previewed(path, **options))


def test_json_lines_and_parquet_say_the_same_as_csv(sqlite_engine: Engine, tmp_path: Path) -> None:
    rows = [
        {"id": "a", "title": "One", "categories": ["X", "Y"], "price": 5.5, "new": True},
        {"id": "b", "title": "Two", "categories": ["X"], "price": 6.0, "new": False},
    ]
    jsonl = write(tmp_path / "shop.jsonl.gz", [json.dumps(row) for row in rows])
    parquet = tmp_path / "shop.parquet"
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    text = write(
        tmp_path / "shop.csv",
        ["id,title,categories,price,new", "a,One,X|Y,5.5,true", "b,Two,X,6.0,false"],
    )

    assert take_in(sqlite_engine, jsonl).new == 2
    assert attributes_of(sqlite_engine)["a"] == {"price": 5.5, "new": True}
    assert items_of(sqlite_engine)["a"].categories == ["X", "Y"]
    assert take_in(sqlite_engine, parquet).unchanged == 2
    assert take_in(sqlite_engine, text).unchanged == 2


def test_a_column_that_could_be_meant_for_a_role_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "shop.csv", ["id,sku,title,Tags", "1,x1,One,a", "2,x2,Two,b"])

    assert plan_of(path, Subject.ITEMS).warnings == [
        "column 'sku' looks like the id ('id' is read for it) and is kept as attribute 'sku': "
        "--id sku reads it, --ignore sku leaves it out",
        "column 'Tags' looks like the categories and is kept as attribute 'Tags': "
        "--categories Tags reads it, --ignore Tags leaves it out",
    ]


def test_without_an_id_it_asks(sqlite_engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "shop.csv", ["what,colour", "a,red"])
    with pytest.raises(OpenQuestions, match="no column with a usual name for the item's id"):
        take_in(sqlite_engine, path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ignored": ("nothing",)}, r"has no column 'nothing' \(--ignore\); its columns are"),
        ({"attributes": {"a": "nothing"}}, r"has no column 'nothing' \(--attribute\)"),
        (
            {"ignored": ("title",), "columns": {"title": ("title",)}},
            "Column 'title' is asked for by --title and by --ignore: leave one out",
        ),
        ({"columns": {"price": ("Price",)}}, "Columns 'Price' and 'price' would both be the attr"),
        (
            {"columns": {"price": ("Price",)}, "attributes": {"price": "price"}},
            "Columns 'Price' and 'price' would both be the attribute 'price'",
        ),
        (
            {"ignored": ("Price",), "types": {"title": AttributeType.TEXT}},
            "column 'title' is read for the title: leave it out",
        ),
        (
            {"ignored": ("price",), "types": {"price": AttributeType.TEXT}},
            "--type names 'price', which is not read",
        ),
    ],
)
def test_contradictions_are_said_with_the_columns_that_there_are(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    path = write(tmp_path / "shop.csv", ["id,title,Price,price", "a,One,1,2"])
    with pytest.raises(ColumnError, match=message):
        plan_of(path, Subject.ITEMS, **options)


def test_options_for_a_column_that_there_is_not_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "shop.csv", ["id,title", "a,One"])
    for options in ({"inactive": ("sold",)}, {"separator": ","}):
        with pytest.raises(TableError, match="no column"):
            plan_of(path, Subject.ITEMS, **options)


def test_undecided_decimals_are_asked_for(sqlite_engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "shop.csv", ["id;price", "a;1.234", "b;2.345"])
    with pytest.raises(OpenQuestions, match="--decimal point or --decimal comma"):
        take_in(sqlite_engine, path)
    take_in(sqlite_engine, path, decimal="comma")
    assert attributes_of(sqlite_engine)["a"] == {"price": 1234}


def test_of_several_images_the_first_is_kept_and_said(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = write(tmp_path / "shop.csv", ["id,Images", 'a,"https://s/1.jpg, https://s/2.jpg"'])
    tally = take_in(sqlite_engine, path)

    assert attributes_of(sqlite_engine)["a"] == {"image": "https://s/1.jpg"}
    assert tally.cuts.images == 1
