from shared.cache_keys import recommendation_id, recommendation_key

VERSION = "20250301T123015Z-abcdef"


def test_equal_questions_have_one_id_and_each_part_makes_another() -> None:
    first = recommendation_id(VERSION, "u1", "7", 10, True, "relevance")
    assert first == recommendation_id(VERSION, "u1", "7", 10, True, "relevance")
    others = {
        recommendation_id(VERSION, "U1", "7", 10, True, "relevance"),
        recommendation_id(VERSION, "u1 ", "7", 10, True, "relevance"),
        recommendation_id(VERSION, "u1", "8", 10, True, "relevance"),
        recommendation_id(VERSION, "u1", "7", 11, True, "relevance"),
        recommendation_id(VERSION, "u1", "7", 10, False, "relevance"),
        recommendation_id(VERSION, "u1", "7", 10, True, "rating"),
        recommendation_id("20250301T123015Z-abcdee", "u1", "7", 10, True, "relevance"),
    }
    assert len(others | {first}) == 8


def test_the_key_carries_the_version() -> None:
    assert VERSION in recommendation_key(recommendation_id(VERSION, "🍷", "", 1))
