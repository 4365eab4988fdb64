import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generator.importing.reading.numbers import DECIMALS, Decimal, NumberSurvey, number_in
from tests.properties import checked


def decided(*cells: str, point_decimals: bool = False) -> Decimal | None:
    survey = NumberSurvey()
    survey.add(cells)
    return survey.decided(point_decimals=point_decimals)


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("4", 4, 4),
        (" 4.5 ", 4.5, None),
        ("4,5", None, 4.5),
        ("1.234", 1.234, 1234),
        ("1,234", 1234, 1.234),
        ("1.234,50", None, 1234.5),
        ("1,234.50", 1234.5, None),
        ("1.234.567", None, 1234567),
        ("0.125", 0.125, None),
        ("12,99 €", None, 12.99),
        ("$5.00", 5, None),
        ("1 234,50", None, 1234.5),
        ("1'234.50", 1234.5, None),
        ("-3", -3, -3),
        ("1e3", 1000, 1000),
        (".5", 0.5, None),
        ("1_0", None, None),
        ("nan", None, None),
        ("inf", None, None),
        ("1e999", None, None),
        ("", None, None),
        ("-", None, None),
        (".", None, None),
        ("٣", None, None),
        ("1.2.3", None, None),
    ],
)
def test_a_number_depends_on_the_decimal_sign(
    text: str, point: float | None, comma: float | None
) -> None:
    assert [number_in(text, decimal) for decimal in DECIMALS] == [point, comma]


@checked
@given(number=st.floats(-1e12, 1e12).map(lambda number: round(number, 2)))
def test_a_number_written_with_thousands_is_read_back(number: float) -> None:
    english = f"{number:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))

    assert number_in(english, "point") == number
    assert number_in(german, "comma") == number


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (("4", "5"), "point"),
        (("4.5", "5"), "point"),
        (("4,5", "5"), "comma"),
        (("1.234", "4,5"), "comma"),
        (("1.234", "4.5"), "point"),
        (("1.234", "5"), None),
        (("1,234", "5"), None),
        (("4,5", "4.5"), None),
        (("4,5", "words", ""), "comma"),
        ((), "point"),
    ],
)
def test_the_whole_column_decides(cells: tuple[str, ...], decimal: Decimal | None) -> None:
    assert decided(*cells) == decimal


def test_a_few_texts_of_the_other_kind_are_mistakes() -> None:
    assert decided(*["4,5"] * 100, "4.5") == "comma"
    assert decided(*["4,5"] * 99, "4.5") is None


def test_where_numbers_are_written_with_points_only_a_comma_is_asked_for() -> None:
    assert decided("1.234", point_decimals=True) == "point"
    assert decided("1,234", point_decimals=True) is None


def test_the_range_is_that_of_the_numbers_as_they_are_read() -> None:
    survey = NumberSurvey()
    survey.add(["1.234", "2,55", "-1", "x"])
    survey.add(["2,55", ""])

    comma = survey.ranges["comma"]
    assert (comma.lowest, comma.highest, comma.numbers) == (-1, 1234, 4)
    assert (comma.fine, comma.not_positive, survey.filled) == (2, 1, 5)
