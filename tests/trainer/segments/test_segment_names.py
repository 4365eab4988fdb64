from services.trainer.segments.item_descriptions import ItemDescriptions
from tests.trainer.segments.behaviours import behaviour, described, item_descriptions, many, pair


def test_names_grow_until_they_differ() -> None:
    seen = behaviour(*many(0, 0, 100), *many(1, 1, 100), *many(2, 2, 100), *many(2, 3, 100))
    titles = ["Alien", "Brazil", "Ulysses", "Emma"]
    items = item_descriptions(["film", "film", "book", "book"], titles)
    names = [segment.name for segment in described([0, 1, 2], seen, items, groups=3)]
    assert names == [
        "film (Alien), rarely book",
        "film (Brazil), rarely book",
        "book (Ulysses and Emma), rarely film",
    ]


def test_without_categories_titles_name_a_segment_and_without_titles_ids() -> None:
    seen = behaviour(*many(0, 0, 90), *many(0, 1, 80), *many(1, 2, 90))
    items = item_descriptions(["", "", ""], ["Star Wars (1977)", "Alien (1979)", ""])
    names = [segment.name for segment in described([0, 1], seen, items)]
    assert names == ["Star Wars (1977) and Alien (1979)", "i0002"]


def test_segments_that_like_the_same_still_have_different_names() -> None:
    seen = behaviour((0, 0), (1, 0))
    assert [segment.name for segment in described([0, 1], seen, pair())] == [
        "mixed taste (S1)",
        "mixed taste (S2)",
    ]


USERS, COMMON = 20, 139
LABELS = [0] * USERS + [1] * USERS


def everybody_likes_the_common_items() -> list[tuple[int, int]]:
    return [(user, item) for user in range(2 * USERS) for item in range(COMMON)]


def with_games(*categories: str) -> ItemDescriptions:
    """The common items, which have no category, and after them one item of each category."""
    return item_descriptions([""] * COMMON + list(categories))


def test_one_item_in_a_hundred_and_forty_names_no_segment() -> None:
    games = [(user, COMMON + user) for user in range(USERS)]  # each user of S1 has one, their own
    seen = behaviour(*everybody_likes_the_common_items(), *games)
    first, second = described(LABELS, seen, with_games(*["RPG"] * USERS))
    assert (first.name, second.name) == ("mixed taste (S1)", "mixed taste (S2)")
    assert not first.distinctive_categories
    assert first.favourite_categories[0].category == "RPG"
    assert first.favourite_categories[0].share == 1 / 140


def test_one_item_in_fifteen_names_a_segment() -> None:
    games = [(user, COMMON + game) for user in range(USERS) for game in range(10)]
    seen = behaviour(*everybody_likes_the_common_items(), *games)
    first, _second = described(LABELS, seen, with_games(*["RPG"] * 10))
    assert first.name == "RPG"
    assert [share.category for share in first.distinctive_categories] == ["RPG"]


def test_what_few_users_do_very_often_names_no_segment() -> None:
    games = [(user, COMMON + game) for user in range(9) for game in range(30)]
    seen = behaviour(*everybody_likes_the_common_items(), *games)
    first, second = described(LABELS, seen, with_games(*["RPG"] * 30))
    assert first.favourite_categories[0].share > 0.05
    assert not first.distinctive_categories
    assert "RPG" not in first.name + second.name


def test_a_title_names_a_segment_where_a_tenth_of_its_users_came_to_it() -> None:
    games = [*many(0, COMMON, 60), *many(0, COMMON + 1, 20), *many(1, COMMON + 1, 20)]
    seen = behaviour(*everybody_likes_the_common_items(), *games)
    first, second = described(LABELS, seen, with_games("", ""))
    assert (first.name, second.name) == (f"Title {COMMON + 1}", "mixed taste")
    assert first.distinctive_items[0].title == f"Title {COMMON}"


def test_only_what_another_segment_does_often_is_done_rarely() -> None:
    films = [(USERS + user, COMMON + film) for user in range(USERS) for film in range(40)]
    games = [(USERS + user, COMMON + 40) for user in range(USERS)]
    seen = behaviour(*everybody_likes_the_common_items(), *films, *games)
    assert "RPG" not in described(LABELS, seen, with_games(*[""] * 40, "RPG"))[0].name
    both = with_games(*["film"] * 40, "RPG")
    assert described(LABELS, seen, both)[0].name == "mixed taste, rarely film"
