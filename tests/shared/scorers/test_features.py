import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from shared.scorers.features import Attribute, FeatureEncoder, number_in, texts_in, year_in

GENDER = Attribute(name="gender", kind="category", values=["F", "M"], centre=[0.25, 0.75])
GENRES = Attribute(name="genres", kind="category", values=["Action", "Sci-Fi"], centre=[0.5, 0.5])
AGE = Attribute(name="age", kind="number", edges=[25, 35], centre=[0.5, 0.25, 0.25])
YEAR = Attribute(name="title", kind="year", edges=[1990], centre=[0.5, 0.5])
ENCODER = FeatureEncoder(attributes=[GENDER, GENRES, AGE, YEAR], scale=2)

# What is no value of any attribute above, whatever JSON holds.
STRANGE = [None, [], {}, "", "|", "no such", {"F": 1}, [{"F": 1}], [["F"]], [None], math.nan]
HUGE = [math.inf, -math.inf, 10**400]


def test_a_value_is_one_less_the_centre_and_the_others_are_zero_less_theirs() -> None:
    encoded = ENCODER.encode({"gender": "F"})
    assert encoded.dtype == np.float32
    assert encoded.tolist() == [1.5, -1.5, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("genres", ["Action|Sci-Fi", ["Sci-Fi", "Action"], [" Action | Sci-Fi"]])
def test_several_values_hold_at_once(genres: Any) -> None:
    assert ENCODER.encode({"genres": genres})[2:4].tolist() == [1, 1]


def test_a_value_counts_once_and_beside_one_that_was_never_seen() -> None:
    assert ENCODER.encode({"genres": ["Action", "Action|Western"]})[2:4].tolist() == [1, -1]


@pytest.mark.parametrize(
    ("age", "encoded"),
    [
        (24.9, [1, -0.5, -0.5]),
        (25, [-1, 1.5, -0.5]),
        (34, [-1, 1.5, -0.5]),
        (35, [-1, -0.5, 1.5]),
        (-1000, [1, -0.5, -0.5]),
        (1e300, [-1, -0.5, 1.5]),
    ],
)
def test_a_number_is_in_the_bucket_that_began_last(age: float, encoded: list[float]) -> None:
    assert ENCODER.encode({"age": age})[4:7].tolist() == encoded


@pytest.mark.parametrize("title", ["Toy Story (1995)", "01-Jan-1995", "1995-01-01", 1995])
def test_a_date_is_encoded_by_its_year(title: Any) -> None:
    assert ENCODER.encode({"title": title})[7:].tolist() == [-1, 1]


@pytest.mark.parametrize("value", [*STRANGE, True])
def test_what_is_unknown_is_zero_everywhere(value: Any) -> None:
    everywhere = dict.fromkeys(["gender", "genres", "age", "title"], value)
    assert ENCODER.encode(everywhere).tolist() == [0] * 9


@pytest.mark.parametrize("value", HUGE)
def test_a_number_beyond_all_floats_is_unknown(value: Any) -> None:
    assert not ENCODER.encode({"age": value, "gender": value, "title": value}).any()


def test_a_text_is_no_number() -> None:
    assert not ENCODER.encode({"age": "25"}).any()


def test_many_are_encoded_as_one_is() -> None:
    rows: list[dict[str, Any]] = [
        {"gender": "F", "age": 30},
        {},
        {"genres": ["Action"], "title": "Alien (1979)", "unheard of": 1},
        *({"gender": value, "age": value} for value in STRANGE),
    ]
    encoded = ENCODER.encode_all(rows)
    assert encoded.dtype == np.float32
    assert encoded.tolist() == [ENCODER.encode(row).tolist() for row in rows]


def test_columns_have_names_that_a_person_can_read() -> None:
    buckets = Attribute(name="age", kind="number", edges=[18, 25, 26, 56], centre=[0] * 5)
    prices = Attribute(name="price", kind="number", edges=[1.5, 10 / 3], centre=[0] * 3)
    encoder = FeatureEncoder(attributes=[GENDER, buckets, prices])
    assert encoder.names == [
        *("gender=F", "gender=M"),
        *("age under 18", "age 18–24", "age 25", "age 26–55", "age 56 and more"),
        *("price under 1.5", "price 1.5 to under 3.33333", "price 3.33333 and more"),
    ]
    assert encoder.size == 10


def test_without_attributes_nothing_is_encoded() -> None:
    encoder = FeatureEncoder()
    assert encoder.size == 0
    assert encoder.encode({"gender": "F"}).shape == (0,)
    assert encoder.encode_all([{}, {"gender": "F"}]).shape == (2, 0)
    assert ENCODER.encode_all([]).shape == (0, 9)


def test_json_makes_the_same_encoder_again() -> None:
    again = FeatureEncoder.model_validate_json(ENCODER.model_dump_json())
    row = {"gender": "M", "genres": "Sci-Fi", "age": 30, "title": "Brazil (1985)"}
    assert again.encode(row).tolist() == ENCODER.encode(row).tolist()
    assert again == ENCODER


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "category", "values": ["F", "M"], "centre": [0.5]},
        {"kind": "category", "values": ["F", "F"], "centre": [0.5, 0.5]},
        {"kind": "number", "edges": [1], "centre": [0.5]},
        {"kind": "number", "edges": [2, 1], "centre": [0.3, 0.3, 0.4]},
        {"kind": "year", "edges": [math.nan], "centre": [0.5, 0.5]},
        {"kind": "category", "values": ["F"], "centre": [math.inf]},
        {"kind": "colour", "values": ["F"], "centre": [0.5]},
    ],
)
def test_parts_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Attribute(name="gender", **wrong)


@pytest.mark.parametrize("scale", [0, -1, math.inf, math.nan])
def test_a_scale_is_a_positive_number(scale: float) -> None:
    with pytest.raises(ValidationError):
        FeatureEncoder(attributes=[GENDER], scale=scale)


def test_texts_are_found_in_any_json() -> None:
    value = ["a", " b |c||", True, False, 1, 1.0, 2.5, None, math.nan, {"d": "e"}, ["f"]]
    assert list(texts_in(value)) == ["a", "b", "c", "true", "false", "1", "1", "2.5"]


def test_numbers_are_ints_and_floats_alone() -> None:
    assert [number_in(value) for value in (3, 2.5, -0.0)] == [3, 2.5, 0]
    assert all(number_in(value) is None for value in (True, "3", [3], *STRANGE, *HUGE))


@pytest.mark.parametrize(
    ("value", "year"),
    [
        ("2001: A Space Odyssey (1968)", 1968),
        ("1995-12-31T23:59:59.123456Z", 1995),
        ("12.05.2100", 2100),
        ("1799", None),
        ("2101", None),
        ("19950101", None),
        (1984, 1984),
        (1984.5, 1984.5),
        (85, None),
        (True, None),
        (None, None),
    ],
)
def test_a_year_is_the_last_of_a_text(value: Any, year: float | None) -> None:
    assert year_in(value) == year
