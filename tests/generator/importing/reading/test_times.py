import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generator.importing.reading.times import (
    TimeFormat,
    TimeReader,
    TimeSurvey,
    Undecided,
    are_times,
)
from tests.properties import checked

NOON = dt.datetime(2024, 1, 31, 12, tzinfo=dt.UTC)


def decided(*cells: str) -> TimeFormat | Undecided:
    survey = TimeSurvey()
    survey.add(cells)
    return survey.decided()


def read(text: str, format_: TimeFormat, zone: str = "UTC") -> dt.datetime | None:
    milliseconds = TimeReader(format_, ZoneInfo(zone)).read(text)
    return None if milliseconds is None else dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-31T12:00:00Z",
        "2024-01-31 12:00",
        "2024-01-31T13:00:00+01:00",
        "2024-01-31T13:00:00+0100",
        "2024-01-31 12:00:00.000 UTC",
        " 2024-01-31 12:00:00 ",
        "2024-01-31T12:00:00.000000000Z",
        "2024/01/31 12:00",
        "2024/1/31 12:00:00 PM",
        "20240131T120000",
        "20240131120000",
        "202401311200",
    ],
)
def test_what_begins_with_its_year_is_iso_8601(text: str) -> None:
    assert decided(text) is TimeFormat.ISO
    assert read(text, TimeFormat.ISO) == NOON


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("31.01.2024 12:00", TimeFormat.DMY),
        ("31.1.24, 12:00", TimeFormat.DMY),
        ("31/01/2024 12:00:00", TimeFormat.DMY),
        ("31-01-2024T12:00:00Z", TimeFormat.DMY),
        ("31/01/2024 12:00 PM", TimeFormat.DMY),
        ("31/01/2024 13:00 +01:00", TimeFormat.DMY),
        ("01/31/2024 12:00 p.m.", TimeFormat.MDY),
        ("1/31/24 12:00", TimeFormat.MDY),
        ("Wed, 31 Jan 2024 12:00:00 GMT", TimeFormat.NAMED),
        ("31-Jan-2024 12:00", TimeFormat.NAMED),
        ("31 January 2024, 12:00", TimeFormat.NAMED),
        ("Jan 31, 2024 12:00 PM", TimeFormat.NAMED),
        ("1706702400", TimeFormat.SECONDS),
        ("1706702400.0", TimeFormat.SECONDS),
        ("1.7067024e9", TimeFormat.SECONDS),
        ("1706702400000", TimeFormat.MILLISECONDS),
        ("1706702400000000", TimeFormat.MICROSECONDS),
        ("1706702400000000000", TimeFormat.NANOSECONDS),
        ("45322.5", TimeFormat.EXCEL),
        ("45322,5", TimeFormat.EXCEL),
    ],
)
def test_other_formats_are_told_by_what_they_can_be(text: str, format_: TimeFormat) -> None:
    assert decided(text) is format_
    assert read(text, format_) == NOON


def test_one_day_beyond_twelve_decides_for_all() -> None:
    assert decided("03/04/2024", "13/04/2024") is TimeFormat.DMY
    assert decided("03/04/2024", "04/13/2024") is TimeFormat.MDY


@pytest.mark.parametrize("cells", [("03/04/2024", "05/06/2024"), ("13/04/2024", "04/13/2024")])
def test_where_both_orders_could_be_somebody_has_to_say(cells: tuple[str, ...]) -> None:
    undecided = decided(*cells, "03/04/2024")

    assert isinstance(undecided, Undecided)
    assert "'03/04/2024' is --time-format dmy for 3 April 2024 or" in undecided.why
    assert "or --time-format mdy for 4 March 2024" in undecided.why


def test_days_with_dots_begin_with_the_day() -> None:
    assert decided("03.04.2024", "05.06.2024") is TimeFormat.DMY
    assert decided("03.04.2024", "05.13.2024") is TimeFormat.MDY


def test_a_year_of_two_digits_in_front_is_possible() -> None:
    assert decided("99-12-31") is TimeFormat.YMD
    assert read("99-12-31", TimeFormat.YMD) == dt.datetime(1999, 12, 31, tzinfo=dt.UTC)
    assert isinstance(decided("10-11-12"), Undecided)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([str(number) for number in range(1, 12)], "numbers from 1 to 11, which are no times"),
        (["2019", "2020", "2021"], "numbers from 2019 to 2021, which are no times"),
        (["0", "999999"], "no times"),
        (["soon", "later"], "are not written as times that can be told, such as 'soon', 'later'"),
        (["32.13.2024", "45.99.2024"], "not written as times"),
    ],
)
def test_what_is_no_time_is_told(cells: list[str], reason: str) -> None:
    undecided = decided(*cells)

    assert isinstance(undecided, Undecided)
    assert reason in undecided.why


def test_a_few_others_among_times_do_not_decide() -> None:
    assert decided(*["2024-05-01"] * 9, "yesterday", "1714567890") is TimeFormat.ISO
    assert decided(*(f"{17145678}{n:02}" for n in range(60)), "0") is TimeFormat.SECONDS


def test_empty_cells_say_nothing() -> None:
    assert decided("", " ") is TimeFormat.ISO


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("1", TimeFormat.SECONDS),
        ("1706702400", TimeFormat.MILLISECONDS),
        ("2024-01-31", TimeFormat.DMY),
        ("31.01.2024", TimeFormat.ISO),
        ("31.01.2024", TimeFormat.MDY),
        ("31.01.2024 25:00", TimeFormat.DMY),
        ("31.01.2024 13:00 PM", TimeFormat.DMY),
        ("30.02.2024", TimeFormat.DMY),
        ("31 Jaunuary 2024", TimeFormat.NAMED),
        ("31 Foo 2024", TimeFormat.NAMED),
        ("30 Feb 2024", TimeFormat.NAMED),
        ("31.01/2024", TimeFormat.DMY),
        ("2019", TimeFormat.EXCEL),
        ("nan", TimeFormat.SECONDS),
        ("", TimeFormat.ISO),
    ],
)
def test_what_is_not_in_the_column_s_format_is_no_time(text: str, format_: TimeFormat) -> None:
    assert read(text, format_) is None


def test_local_times_are_those_of_the_time_zone() -> None:
    summer, winter = "2024-07-01 12:00", "2024-01-31 13:00"

    assert read(winter, TimeFormat.ISO, "Europe/Berlin") == NOON
    assert read("45322.541666667", TimeFormat.EXCEL, "Europe/Berlin") == NOON
    assert read(summer, TimeFormat.ISO, "Europe/Berlin") == dt.datetime(
        2024, 7, 1, 10, tzinfo=dt.UTC
    )
    assert read("2024-01-31T12:00Z", TimeFormat.ISO, "Europe/Berlin") == NOON
    assert read("1706702400", TimeFormat.SECONDS, "Europe/Berlin") == NOON


def test_half_days_have_twelve_hours() -> None:
    texts = {"12:00 AM": 0, "1:00 am": 1, "12:30 PM": 12, "11:59 pm": 23}
    hours = {text: read(f"31/01/2024 {text}", TimeFormat.DMY) for text in texts}

    assert {text: moment and moment.hour for text, moment in hours.items()} == texts


@checked
@given(
    moment=st.datetimes(dt.datetime(1974, 1, 1), dt.datetime(2069, 12, 31)),  # noqa: DTZ001
    shape=st.sampled_from(
        [
            ("%d.%m.%Y %H:%M:%S", TimeFormat.DMY),
            ("%m/%d/%y %I:%M:%S %p", TimeFormat.MDY),
            ("%Y-%m-%d %H:%M:%S", TimeFormat.ISO),
            ("%Y%m%d%H%M%S", TimeFormat.ISO),
        ]
    ),
)
def test_a_time_that_was_written_is_read_back(
    moment: dt.datetime, shape: tuple[str, TimeFormat]
) -> None:
    pattern, format_ = shape

    assert read(moment.strftime(pattern), format_) == moment.replace(microsecond=0, tzinfo=dt.UTC)


@checked
@given(seconds=st.integers(1_000_000_000, 2_000_000_000))
def test_every_epoch_is_told_by_its_size(seconds: int) -> None:
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    days = (moment - dt.datetime(1899, 12, 30, tzinfo=dt.UTC)) / dt.timedelta(days=1)
    texts = [f"{seconds}{'0' * zeros}" for zeros in (0, 3, 6, 9)]

    for text in [*texts, f"{days:.8f}"]:
        format_ = decided(text)
        assert isinstance(format_, TimeFormat)
        assert read(text, format_) == moment


def test_a_column_of_times_is_known_from_others() -> None:
    assert are_times(["2024-05-01", "2024-05-02"])
    assert are_times(["1714567890123"])
    assert not are_times(["20240501", "20240502"])
    assert not are_times(["2024", "5"])
    assert not are_times(["2024-05-01", "word"])
