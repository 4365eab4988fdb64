from pathlib import Path

import pytest

from services.generator.importing.events.options import EventOptions
from services.generator.importing.events.plan import EventPlan, require_types
from services.generator.importing.reading.questions import OpenQuestions
from services.generator.importing.reading.table import TableError
from services.generator.importing.reading.times import TimeFormat
from services.generator.importing.source import open_source
from shared.database.rating_scale import RatingScale


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "f.csv"


def plan_of(path: Path, lines: list[str], **options: object) -> EventPlan:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return open_source(path, EventOptions(**options)).plan  # type: ignore[arg-type]


def rated(path: Path, *cells: str, **options: object) -> EventPlan:
    lines = ["user;item;rating", *(f"u{n};i1;{cell}" for n, cell in enumerate(cells))]
    return plan_of(path, lines, **options)


def timed(path: Path, *cells: str, **options: object) -> EventPlan:
    lines = ["user;item;time", *(f"u{n};i1;{cell}" for n, cell in enumerate(cells))]
    return plan_of(path, lines, **options)


def test_without_questions_nothing_is_asked(path: Path) -> None:
    plan = rated(path, "4,5", "3")

    plan.require_answers()
    assert (plan.decimals, plan.event_type) == ({"rating": "comma"}, "rating")
    assert plan.readings == {"rating": "numbers with a decimal comma, 3 to 4.5"}


def test_a_missing_user_and_a_header_that_is_data_are_asked_for(path: Path) -> None:
    plan = plan_of(path, ["u_1,2009-05-04T23:08:57Z,t1", "u_1,2009-05-04T23:09:57Z,t2"])

    with pytest.raises(OpenQuestions, match=r"no column with a usual name for the user") as caught:
        plan.require_answers()
    assert "give the columns by number, such as --user 0 --item 1" in str(caught.value)
    assert plan.warnings == []


@pytest.mark.parametrize(
    "cells",
    [
        ["0", "12000", "3"],
        ["-50", "3"],
        [f"{n}.{n:02}" for n in range(1, 40)],
    ],
)
def test_numbers_on_no_usual_scale_are_not_taken_for_ratings(path: Path, cells: list[str]) -> None:
    (question,) = rated(path, *cells).questions

    assert "column 'rating' holds" in question
    assert "which is no usual scale" in question
    for answer in ("--value rating", "--rating rating", "--ignore rating"):
        assert answer in question


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "5"],
        ["0.5", "5"],
        ["0", "100"],
        ["-10", "10"],
        ["1", "words"],
        [f"{n / 10}" for n in range(101)],
    ],
)
def test_numbers_on_usual_scales_are(path: Path, cells: list[str]) -> None:
    assert rated(path, *cells).questions == []


def test_who_names_the_ratings_or_their_scale_is_believed(path: Path) -> None:
    cells = ["0", "12000"]

    assert rated(path, *cells, columns={"rating": "rating"}).questions == []
    assert rated(path, *cells, scale=RatingScale(0, 20_000)).questions == []
    assert rated(path, *cells, columns={"value": "rating"}).decimals == {"value": "point"}


def test_a_column_called_value_that_is_not_positive_is_asked_for(path: Path) -> None:
    lines = ["user,item,value", "u1,i1,-3", "u2,i1,0", "u3,i1,x", "u4,i1,5"]

    (question,) = plan_of(path, lines).questions

    assert "3 of 4 values that are not positive" in question
    assert plan_of(path, lines, columns={"value": "value"}).questions == []


def test_decimal_signs_that_nobody_can_tell_are_asked_for(path: Path) -> None:
    (question,) = rated(path, "1.234", "2").questions

    assert "'1.234': say which with --decimal point or --decimal comma" in question
    assert rated(path, "1.234", "2", decimal="point").decimals == {"rating": "point"}


def test_an_order_of_days_that_nobody_can_tell_is_asked_for(path: Path) -> None:
    (question,) = timed(path, "03/04/2024").questions

    assert "values of column 'time' are days of which nobody can tell the order" in question
    assert "--time-format dmy for 3 April 2024" in question
    plan = timed(path, "03/04/2024", time_format=TimeFormat.MDY)
    assert (plan.questions, plan.time_format) == ([], TimeFormat.MDY)


def test_numbers_that_are_no_times_are_asked_for(path: Path) -> None:
    (question,) = timed(path, *map(str, range(1, 12))).questions

    assert "are numbers from 1 to 11, which are no times" in question
    assert "--ignore time" in question
    assert timed(path, "1", "2", ignored=("time",)).questions == []


def test_an_event_type_beside_a_column_of_events_is_asked_for(path: Path) -> None:
    lines = ["user,item,event", "u1,i1,view"]

    (question,) = plan_of(path, lines, event_type="purchase").questions

    assert "--event-type purchase" in question
    assert "--ignore event" in question
    plan = plan_of(path, lines, event_type="purchase", ignored=("event",))
    assert (plan.questions, plan.event_type) == ([], "purchase")


def test_a_mapping_without_a_column_of_events_is_asked_for(path: Path) -> None:
    (question,) = plan_of(path, ["user,item", "u1,i1"], mapping={"buy": "purchase"}).questions

    assert "--map" in question


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("123.0", "end in .0 (as pandas"),
        ("1,23E+12", "are rounded (as Excel"),
        ("u1 ", "begin or end with a blank"),
    ],
)
def test_ids_that_a_program_has_changed_are_said(path: Path, text: str, what: str) -> None:
    (warning,) = plan_of(path, ["user;item", f"{text};i1", "u2;i2"]).warnings

    assert "1 of the first 2 ids in column 'user'" in warning
    assert what in warning
    assert plan_of(path, ["user;item", "123;1.5", "u2;i2.0x"]).warnings == []


def test_types_that_there_are_not_are_told() -> None:
    with pytest.raises(TableError, match=r"names 'wishlist'.*EVENT_WEIGHTS=wishlist:1"):
        require_types(EventOptions(event_type="wishlist"))
    with pytest.raises(TableError, match=r"--map names 'wishlist'"):
        require_types(EventOptions(mapping={"wish": "wishlist"}))
    require_types(EventOptions(event_type="wishlist", known_types={"wishlist": 2.0}))
