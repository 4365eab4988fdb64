import pytest

from services.generator.importing.events.roles import EVENT_ROLES
from services.generator.importing.reading.roles import (
    IGNORED,
    NAMED,
    UNKNOWN,
    USUAL,
    ColumnError,
    Recognition,
    recognise,
    warnings_of_unused,
)


def recognised(
    names: list[str], chosen: dict[str, str] | None = None, ignored: tuple[str, ...] = ()
) -> Recognition:
    return recognise(names, EVENT_ROLES, chosen or {}, ignored, "f.csv")


def warned(names: list[str], cells: dict[str, list[str]] | None = None, **asked: str) -> list[str]:
    ignored = tuple(filter(None, [asked.pop("ignore", "")]))
    return warnings_of_unused(recognised(names, asked, ignored), EVENT_ROLES, cells or {})


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ["userId", "movieId", "rating", "timestamp"],
            {"user": "userId", "item": "movieId", "rating": "rating", "time": "timestamp"},
        ),
        (["asin", "user_id", "Stars"], {"item": "asin", "user": "user_id", "rating": "Stars"}),
        (
            ["event_type", "product_id", "User ID", "event_time"],
            {
                "event": "event_type",
                "item": "product_id",
                "user": "User ID",
                "time": "event_time",
            },
        ),
        (["user.id", "item.id", "ts"], {"user": "user.id", "item": "item.id", "time": "ts"}),
    ],
)
def test_usual_names_are_recognised(names: list[str], expected: dict[str, str]) -> None:
    assert recognised(names).named() == expected


def test_the_likelier_of_two_usual_names_is_taken() -> None:
    assert recognised(["asin", "item_id", "user"]).column("item") == "item_id"


def test_what_is_named_adds_to_what_is_recognised() -> None:
    found = recognised(["who", "item_id", "sku", "rating"], {"user": "who", "item": "sku"})

    assert found.named() == {"user": "who", "item": "sku", "rating": "rating"}
    assert [use.reason for use in found.uses] == [NAMED, UNKNOWN, NAMED, USUAL]


def test_an_ignored_column_is_read_for_nothing() -> None:
    found = recognised(["user", "item", "rating"], ignored=("rating",))

    assert found.named() == {"user": "user", "item": "item"}
    assert found.uses[2].reason == IGNORED


def test_a_column_named_for_one_role_is_not_recognised_for_another() -> None:
    found = recognised(["user", "item", "rating"], {"value": "rating"})

    assert found.named() == {"user": "user", "item": "item", "value": "rating"}


@pytest.mark.parametrize(
    ("chosen", "ignored", "error"),
    [
        ({"rating": "stars"}, (), r"no column 'stars' \(--rating\).*'user', 'item'"),
        ({}, ("stars",), r"no column 'stars' \(--ignore\)"),
        ({"rating": "x", "value": "x"}, (), r"'x' is asked for by --rating and by --value"),
        ({"rating": "x"}, ("x",), r"'x' is asked for by --rating and by --ignore"),
    ],
)
def test_columns_that_are_not_there_or_asked_for_twice_are_told(
    chosen: dict[str, str], ignored: tuple[str, ...], error: str
) -> None:
    with pytest.raises(ColumnError, match=error):
        recognised(["user", "item", "x"], chosen, ignored)


def test_required_roles_without_a_column_are_missing() -> None:
    assert [role.name for role in recognised(["user", "thing"]).missing] == ["item"]


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("created_at", "--time created_at"),
        ("order_date", "--time order_date"),
        ("Purchased On", "--time 'Purchased On'"),
        ("score", "--rating score"),
        ("quantity", "--value quantity"),
        ("qty", "--value qty"),
        ("hours", "--value hours"),
        ("amount", "--value amount"),
        ("total", "--value total"),
        ("price", "--value price"),
        ("behavior_type", "--event behavior_type"),
        ("meta.created_at", "--time meta.created_at"),
        ("Book-Rating", "--rating Book-Rating"),
        ("bookRating", "--rating bookRating"),
        ("order_total", "--value order_total"),
        ("Zeit", "--time Zeit"),
    ],
)
def test_a_name_that_is_only_like_a_role_is_said_with_its_option(name: str, option: str) -> None:
    (warning,) = warned(["user_id", "item_id", name])

    assert f"column '{name}' looks like" in warning
    assert f"{option} reads it" in warning


def test_what_is_like_an_id_is_said_where_no_column_has_one() -> None:
    (warning,) = warned(["user_id", "title"])

    assert "--item title reads it" in warning
    assert warned(["user_id", "item_id", "title", "sessionId"]) == []


def test_a_second_column_of_a_role_is_said() -> None:
    (warning,) = warned(["user", "item", "timestamp", "time"])

    assert "column 'time' looks like the time and is not read ('timestamp' is)" in warning


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        (["2024-05-01 12:00", "2024-05-02 13:00"], "time"),
        (["1.5.2024", "13.5.2024"], "time"),
        (["1714567890", "1714567891"], "time"),
        (["view", "purchase", "view"], "event"),
        (["page_view", "addToCart"], "event"),
    ],
)
def test_cells_that_look_like_times_or_events_are_said(cells: list[str], role: str) -> None:
    (warning,) = warned(["user", "item", "x"], {"x": cells})

    assert f"column 'x' looks like the {role}" in warning


@pytest.mark.parametrize("cells", [["red", "green"], ["1", "2", "11"], ["1.5", "2.25"], [], [""]])
def test_other_cells_are_not_said(cells: list[str]) -> None:
    assert warned(["user", "item", "x"], {"x": cells}) == []


def test_what_is_ignored_is_not_said() -> None:
    assert warned(["user", "item", "created_at"], ignore="created_at") == []
