import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from services.trainer.data.feature_fitting import fit_encoder
from shared.errors import SommelierError
from shared.scorers.features import FeatureEncoder


def column(name: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    return [{name: value} for value in values]


def fitted(values: Sequence[Any]) -> FeatureEncoder:
    return fit_encoder(column("it", values), ["it"])


def test_a_balanced_category_becomes_plus_and_minus_one() -> None:
    encoder = fitted(["F", "M"] * 10)
    assert encoder.names == ["it=F", "it=M"]
    assert encoder.encode({"it": "F"}).tolist() == [1, -1]
    assert encoder.encode({"it": "M"}).tolist() == [-1, 1]
    assert encoder.encode({}).tolist() == [0, 0]


def test_columns_have_mean_0_and_on_average_variance_1() -> None:
    rng = np.random.default_rng(0)
    rows = [
        {
            "age": int(rng.integers(15, 80)),
            "gender": rng.choice(["F", "M", ""], p=[0.2, 0.7, 0.1]),
            "genres": rng.choice(["Drama", "Comedy", "Western"], rng.integers(0, 3)).tolist(),
        }
        for _ in range(500)
    ]
    encoder = fit_encoder(rows, ["age", "gender", "genres"])
    encoded = encoder.encode_all(rows).astype(np.float64)
    assert encoded.shape == (500, 8 + 2 + 3)
    np.testing.assert_allclose(encoded.mean(axis=0), 0, atol=1e-6)
    assert encoded.var(axis=0).mean() == pytest.approx(1)


def test_a_rare_value_keeps_a_smaller_variance_than_a_frequent_one() -> None:
    encoder = fitted(["A"] * 50 + ["B"] * 45 + ["C"] * 5)
    variances = encoder.encode_all(column("it", ["A"] * 50 + ["B"] * 45 + ["C"] * 5)).var(axis=0)
    assert variances[0] > variances[1] > 4 * variances[2]


def test_numbers_fall_into_eight_buckets_of_as_many_rows() -> None:
    encoder = fitted(range(80))
    assert encoder.attributes[0].edges == [10, 20, 30, 40, 50, 60, 70]
    assert (encoder.encode_all(column("it", range(80))) > 0).sum(axis=0).tolist() == [10] * 8
    assert encoder.names[1] == "it 10–19"


def test_equal_numbers_share_a_bucket() -> None:
    encoder = fitted([0] * 990 + list(range(1, 11)))
    assert encoder.attributes[0].edges == [1]


def test_numbers_with_up_to_eight_values_stay_categories() -> None:
    encoder = fitted([1, 18, 25.0, 35, 45, 50, 56, 25] * 3)
    assert encoder.names[0] == "it=25"
    assert set(encoder.names[1:]) == {f"it={age}" for age in (1, 18, 35, 45, 50, 56)}


def test_numbers_as_texts_stay_categories() -> None:
    encoder = fitted([str(number % 20) for number in range(100)])
    assert encoder.size == 20
    assert encoder.attributes[0].kind == "category"


def test_booleans_are_categories() -> None:
    assert fitted([True, True, False, False, True, False]).names == ["it=false", "it=true"]


def test_a_value_of_fewer_than_three_rows_gets_no_column() -> None:
    encoder = fitted(["A"] * 3 + ["B"] * 3 + ["C"] * 2)
    assert encoder.names == ["it=A", "it=B"]
    assert not encoder.encode({"it": "C"}).any()


def test_a_value_of_less_than_a_five_hundredth_gets_no_column() -> None:
    values = ["A"] * 1000 + ["B"] * 990 + ["C"] * 6 + ["D"] * 4
    assert fitted(values).names == ["it=A", "it=B", "it=C", "it=D"]
    assert fitted([*values, "A"]).names == ["it=A", "it=B", "it=C"]


def test_the_sixty_most_frequent_values_get_columns() -> None:
    encoder = fitted([f"v{value:02}" for value in range(70) for _ in range(3 + value)])
    assert encoder.names == [f"it=v{value:02}" for value in range(69, 9, -1)]


def test_rare_values_that_are_cut_are_said_with_numbers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    frequent = [f"author {n}" for n in range(12) for _ in range(5)]
    rare = [f"rare {n}" for n in range(140)]
    fit_encoder(column("author", [*frequent, *rare, "", None]), ["author"])
    assert caplog.messages == [
        "author: 12 of 152 values are frequent enough (3 rows or 0.2 %) and cover 30 % of the rows "
        "that declare it; the others count as unknown."
    ]


def test_frequent_values_that_are_too_many_are_said_with_numbers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    fit_encoder(column("tag", [f"v{n}" for n in range(80) for _ in range(5)] + ["x"]), ["tag"])
    assert caplog.messages == [
        "tag: 60 of 81 values get a column, the most frequent of 80 that are frequent enough, and "
        "cover 74.8 % of the rows that declare it; the others count as unknown."
    ]


def test_rows_of_which_nothing_can_be_read_are_said_with_numbers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    fit_encoder(column("title", [*TITLES, "Unknown", "", None]), ["title"])
    fit_encoder(column("genre", [*["A", "B"] * 5, {"nested": "A"}]), ["genre"])
    assert caplog.messages == [
        "title: 1 of the 81 rows that declare it hold no year that can be read: they count as "
        "unknown.",
        "genre: 1 of the 11 rows that declare it hold no value that can be read: they count as "
        "unknown.",
    ]


def test_where_every_value_counts_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fit_encoder(column("gender", [*["F", "M"] * 5, "", None, []]), ["gender"])
    fit_encoder(column("age", [*range(20), None]), ["age"])
    assert not caplog.messages


def test_what_no_row_lacks_still_lets_the_others_tell_rows_apart() -> None:
    encoder = fitted(["film", "film|old"] * 10)
    assert encoder.encode({"it": "film|old"}).tolist() == pytest.approx([0, np.sqrt(2)])
    assert encoder.encode({"it": "film"}).tolist() == pytest.approx([0, -np.sqrt(2)])


TITLES = [f"Film {number} ({1990 + number % 10})" for number in range(80)]


def test_many_texts_with_a_year_each_become_buckets_of_years() -> None:
    encoder = fitted([*TITLES, "Unknown", None])
    assert encoder.attributes[0].kind == "year"
    assert encoder.names[0] == "it under 1991"
    assert not encoder.encode({"it": "Unknown"}).any()
    assert encoder.encode({"it": "Another (1990)"})[0] > 0


def test_few_texts_with_years_stay_categories() -> None:
    assert fitted(TITLES[:10] * 8).attributes[0].kind == "category"


def test_many_texts_mostly_without_years_stay_categories() -> None:
    texts = [*TITLES[:70], *(f"Film {number}" for number in range(71))] * 3
    assert fitted(texts).attributes[0].kind == "category"


@pytest.mark.parametrize(
    "values",
    [
        ["same"] * 10,
        [f"other each time {number}" for number in range(10)],
        [None] * 10,
        [{"nested": "A"}, {"nested": "B"}] * 5,
        [7] * 10,
        ["A"] * 2 + ["B"] * 2 + [None] * 6,
        [*range(9), *[None] * 5000],
    ],
)
def test_what_tells_no_rows_apart_is_left_out(values: list[Any]) -> None:
    rows: list[dict[str, Any]] = [
        {"it": value, "gender": "FM"[row % 2]} for row, value in enumerate(values)
    ]
    assert fit_encoder(rows, ["it", "gender"]).names == ["gender=F", "gender=M"]
    assert fit_encoder(rows, ["it"]) == FeatureEncoder()


def test_columns_come_in_the_order_of_the_names_each_once() -> None:
    rows = [{"a": "x", "b": "u"}, {"a": "y", "b": "v"}] * 5
    encoder = fit_encoder(rows, ["b", "a", "b"])
    assert encoder.names == ["b=u", "b=v", "a=x", "a=y"]


def test_the_order_of_rows_makes_no_difference() -> None:
    values: list[Any] = ["A", "B|C", ["C", "D"], "E"]
    rows = column("it", values * 5)
    assert fit_encoder(rows, ["it"]) == fit_encoder(rows[::-1], ["it"])


def test_a_name_that_no_row_has_is_refused_with_those_there_are() -> None:
    rows: list[dict[str, Any]] = [{"age": 3, "user_type": "tech"}, {"gender": "F"}]
    with pytest.raises(SommelierError, match=r"'agee'.*There are: age, gender\.$"):
        fit_encoder(rows, ["age", "agee"])
    with pytest.raises(SommelierError, match="'age'"):
        fit_encoder([], ["age"])


def test_only_some_of_very_many_names_are_told() -> None:
    rows = [{f"n{number:03}": 1 for number in range(500)}]
    with pytest.raises(SommelierError, match=r"n019, …\.$"):
        fit_encoder(rows, ["age"])


def test_the_planted_group_is_never_used() -> None:
    rows = column("user_type", ["tech", "sport"] * 10)
    with pytest.raises(SommelierError, match="'user_type'"):
        fit_encoder(rows, ["user_type"])


def test_no_names_are_no_columns() -> None:
    assert fit_encoder(column("it", ["A", "B"] * 5), []) == FeatureEncoder()
