import re
from fnmatch import fnmatchcase

from services.api.live.cache_keys import keys_of_user, recommendation_id, recommendation_key

VERSION = "20250301T123015Z-abcdef"


def test_equal_questions_have_one_id_and_each_part_makes_another() -> None:
    first = recommendation_id(VERSION, "u1", "7", 10, True, "relevance")
    assert first == recommendation_id(VERSION, "u1", "7", 10, True, "relevance")
    other_ids = {
        recommendation_id(VERSION, "U1", "7", 10, True, "relevance"),
        recommendation_id(VERSION, "u1 ", "7", 10, True, "relevance"),
        recommendation_id(VERSION, "u1", "8", 10, True, "relevance"),
        recommendation_id(VERSION, "u1", "7", 11, True, "relevance"),
        recommendation_id(VERSION, "u1", "7", 10, False, "relevance"),
        recommendation_id(VERSION, "u1", "7", 10, True, "rating"),
        recommendation_id("20250301T123015Z-abcdee", "u1", "7", 10, True, "relevance"),
    }
    assert len(other_ids | {first}) == 8


def test_the_key_carries_the_version() -> None:
    assert VERSION in recommendation_key(recommendation_id(VERSION, "🍷", "", 1))


def test_the_lists_of_a_user_and_of_no_other_match_a_pattern() -> None:
    pattern = keys_of_user("u1")
    for token, version in (("7", VERSION), ("8", VERSION), ("7", "20250301T123015Z-abcdee")):
        assert fnmatchcase(recommendation_key(recommendation_id(version, "u1", token, 1)), pattern)
    for other in ("u2", "U1", "u1 ", "", "\udc80"):
        key = recommendation_key(recommendation_id(VERSION, other, "7", 1))
        assert not fnmatchcase(key, pattern)


def test_the_id_is_a_version_and_16_hex_digits() -> None:
    assert re.fullmatch(rf"{VERSION}\.[0-9a-f]{{16}}", recommendation_id(VERSION, "🍷", "", 1))
