"""The type of a column is decided by all of its cells."""

import zoneinfo
from collections.abc import Sequence
from typing import Any

import pytest

from services.generator.importing.catalogue.attribute_types import (
    AttributeReading,
    AttributeSurvey,
    AttributeType,
    Writing,
    decide,
)
from services.generator.importing.reading.cells import BadCell
from services.generator.importing.reading.times import TimeFormat


def reading_of(
    cells: Sequence[str], asked: AttributeType | None = None, **writing: Any
) -> AttributeReading:
    survey = AttributeSurvey()
    survey.add(cells)
    return decide("c", survey, Writing(point_decimals=True, **writing), asked)


def read(cells: Sequence[str], asked: AttributeType | None = None, **writing: Any) -> list[Any]:
    reading = reading_of(cells, asked, **writing)
    assert not reading.question
    return [reading.read(cell) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "2.50", ""], [1, 2.5, None]),
        (["1,5", "2", "n/a"], [1.5, 2, None]),
        (["1.234,50 €", "7,00 €"], [1234.5, 7]),
        (["true", "FALSE", ""], [True, False, None]),
        (["yes", "No"], [True, False]),
        (["0", "1"], [0, 1]),
        (["2024-01-31", "2024-02-01"], ["2024-01-31", "2024-02-01"]),
        (["31.01.2024", "-"], ["2024-01-31", None]),
        (["2024-01-31T12:00:00+01:00"], ["2024-01-31T11:00:00Z"]),
        (["2024-01-31 12:00:00.250"], ["2024-01-31T12:00:00.250Z"]),
        (["red|blue", "red"], [["red", "blue"], ["red"]]),
        (['["a", 1]', "[]"], [["a", 1], []]),
        (["Cap | My shop", "Mug | My shop"], ["Cap | My shop", "Mug | My shop"]),
        (["00123", "4567"], ["00123", "4567"]),
        (["4006381333931", "4006381333948"], ["4006381333931", "4006381333948"]),
        (["12", "XL", ""], ["12", "XL", None]),
        (["none", "red", "NULL", "\\N"], ["none", "red", None, None]),
        (["1.2.3", "1.2.4"], ["1.2.3", "1.2.4"]),
        (["", " "], [None, None]),
    ],
)
def test_values(cells: list[str], values: list[Any]) -> None:
    found = read(cells)
    assert found == values
    assert list(map(type, found)) == list(map(type, values))


def test_a_text_among_numbers_is_named() -> None:
    assert reading_of(["12", "13", "XL"]).words == "text, as not all are numbers: 'XL'"
    assert "'007' is a code rather than a number" in reading_of(["007", "8"]).words


def test_what_comes_late_in_a_large_column_counts() -> None:
    survey = AttributeSurvey()
    for start in range(0, 20_000, 1_000):
        survey.add([str(number) for number in range(start, start + 1_000)])
    survey.add(["late"])
    reading = decide("c", survey, Writing(point_decimals=True), None)
    assert reading.type is AttributeType.TEXT

    texts = AttributeSurvey()
    texts.add([f"text {number}" for number in range(2_000)])
    texts.add(["5"] * 2_000)
    assert decide("c", texts, Writing(point_decimals=True), None).type is AttributeType.TEXT


def test_days_of_which_nobody_knows_the_order_stay_text_with_a_warning() -> None:
    cells = ["03/04/2024", "05/06/2024"]
    reading = reading_of(cells)
    assert reading.type is AttributeType.TEXT
    assert "--time-format dmy or --time-format mdy" in reading.warning
    assert read(cells, time_format=TimeFormat.DMY) == ["2024-04-03", "2024-06-05"]


def test_a_day_is_a_day_in_every_zone_and_a_time_is_of_it() -> None:
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    assert read(["2024-01-31"], zone=berlin) == ["2024-01-31"]
    assert read(["2024-01-31 12:00"], zone=berlin) == ["2024-01-31T11:00:00Z"]


def test_numbers_that_can_be_read_in_two_ways_are_asked_for() -> None:
    survey = AttributeSurvey()
    survey.add(["1.234", "2.345"])
    reading = decide("c", survey, Writing(point_decimals=False), None)
    assert "--decimal point or --decimal comma" in reading.question
    assert read(["1.234"], decimal="comma") == [1234]


def test_a_type_that_is_asked_for_is_kept_to() -> None:
    assert read(["42", "43"], AttributeType.TEXT) == ["42", "43"]
    assert read(["1", "0"], AttributeType.BOOLEAN) == [True, False]
    assert read(["00123"], AttributeType.NUMBER) == [123]
    assert read(["red"], AttributeType.LIST) == [["red"]]
    for asked, text in (
        (AttributeType.NUMBER, "XL"),
        (AttributeType.BOOLEAN, "perhaps"),
        (AttributeType.DATE, "soon"),
    ):
        with pytest.raises(BadCell):
            reading_of(["1", text], asked).read(text)
