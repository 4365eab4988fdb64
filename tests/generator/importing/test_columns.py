import pytest
from services.generator.importing.columns import ColumnError, Columns


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ["userId", "movieId", "rating", "timestamp"],
            Columns("userId", "movieId", "rating", "timestamp"),
        ),
        (["asin", "user_id", "Score"], Columns("user_id", "asin", "Score")),
        (
            ["event_type", "product_id", "User ID", "event_time"],
            Columns("User ID", "product_id", None, "event_time", "event_type"),
        ),
    ],
)
def test_usual_names_are_recognised(names: list[str], expected: Columns) -> None:
    assert Columns().recognised_in(names) == expected


def test_the_likelier_of_two_usual_names_is_taken() -> None:
    assert Columns().recognised_in(["asin", "item_id", "user"]).item == "item_id"


def test_what_is_given_goes_before_what_is_recognised() -> None:
    columns = Columns(item="sku").recognised_in(["user_id", "item_id", "sku", "rating"])

    assert columns == Columns("user_id", "sku", "rating")


def test_with_user_and_item_given_nothing_else_is_recognised() -> None:
    columns = Columns("user_id", "item_id")

    assert columns.recognised_in(["user_id", "item_id", "rating", "timestamp"]) == columns


def test_positions_follow_the_names() -> None:
    columns = Columns("u", "i", time="t")

    assert columns.positions_in(["t", "i", "x", "u"], "f.csv") == [3, 1, None, 0, None]


def test_a_missing_column_is_told_with_those_that_there_are() -> None:
    with pytest.raises(ColumnError, match=r"no column 'stars' \(--rating\).*'u', 'i'"):
        Columns("u", "i", "stars").positions_in(["u", "i"], "f.csv")


def test_an_unknown_item_is_told_with_the_columns_that_there_are() -> None:
    with pytest.raises(ColumnError, match=r"usual name for the item.*'user', 'thing'"):
        Columns("user").positions_in(["user", "thing"], "f.csv")


def test_numbers_say_that_there_is_no_header() -> None:
    assert Columns("0", "1").numbered()
    assert not Columns("user", "item").numbered()
    assert not Columns().numbered()


def test_names_and_numbers_do_not_mix() -> None:
    with pytest.raises(ColumnError, match=r"user=user, item=1.*all of them as names"):
        Columns("user", "1").numbered()
