import pytest

from services.generator.importing.events.names import guess, lines_to_write
from shared.database.event_types import EVENT_TYPES, EVENT_WEIGHTS


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("addtocart", "cart"),
        ("add_to_cart", "cart"),
        ("Page View", "view"),
        ("transaction", "purchase"),
        ("thumbs-up", "like"),
        ("reviewed", "rating"),
        ("remove_from_cart", None),
        ("sneeze", None),
    ],
)
def test_names_that_are_usual_are_guessed(name: str, type_: str | None) -> None:
    assert guess(name) == type_


def test_a_guess_is_a_type_that_there_is() -> None:
    names = ("pageview", "tap", "basket", "buy", "fav", "downvote", "rate")

    assert {guess(name) for name in names} == set(EVENT_TYPES)


def test_the_lines_to_write_take_in_every_unknown_name() -> None:
    assert lines_to_write(["buy", "add to cart", "share"], EVENT_WEIGHTS) == [
        "--map 'add to cart=cart,buy=purchase'",
        "EVENT_WEIGHTS=share:1 in .env (types of your own with their weights, beside those that "
        "there are)",
    ]


def test_a_name_that_can_be_no_type_is_mapped_to_one() -> None:
    weights, mapped = lines_to_write(["Größer!", "7 days"], EVENT_WEIGHTS)

    assert weights.startswith("EVENT_WEIGHTS=event_7_days:1,gr_er:1 ")
    assert mapped == "with --map '7 days=event_7_days,Größer!=gr_er'"
