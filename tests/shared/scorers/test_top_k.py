"""The k best of each row are those of a full sort, whatever the scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray

from shared.scorers.top_k import GROUPS_PER_PLACE, top_k
from tests.properties import checked
from tests.shared.full_sort import sorted_items

Floats = NDArray[np.floating]


@pytest.mark.parametrize("k", [1, 7, 40])
@pytest.mark.parametrize("items", [1, 6, 40, 400, 1037])
@pytest.mark.parametrize("levels", [1, 3, 1_000_000])
def test_the_best_items_are_those_of_a_full_sort(k: int, items: int, levels: int) -> None:
    rng = np.random.default_rng(k * items)
    scores = (rng.integers(-levels, levels, (50, items)) / 7).astype(np.float32)
    scores[rng.random(scores.shape) < 0.3] = -np.inf
    scores[::10] = -np.inf
    found, best = top_k(scores, k)
    expected = sorted_items(scores, k)
    assert [row[row >= 0].tolist() for row in found] == expected
    for row, items_of_row, scores_of_row in zip(scores, expected, best, strict=True):
        assert scores_of_row[: len(items_of_row)].tolist() == row[items_of_row].tolist()
        assert np.isnan(scores_of_row[len(items_of_row) :]).all()


def test_the_best_of_one_group_are_all_found() -> None:
    groups = 5 * GROUPS_PER_PLACE
    scores = np.zeros((1, 20 * groups), dtype=np.float32)
    scores[0, 3::groups] = np.arange(1, 21)
    assert top_k(scores, 5)[0].tolist() == [[3 + groups * row for row in (19, 18, 17, 16, 15)]]


def test_zero_and_negative_zero_are_equals() -> None:
    scores = np.array([[-0.0, 0.0, -1.0, -0.0]], dtype=np.float32)
    assert top_k(scores, 4)[0].tolist() == [[0, 1, 3, 2]]


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_without_an_order_are_refused(wrong: float) -> None:
    scores = np.zeros((2, 500), dtype=np.float32)
    scores[1, 499] = wrong
    with pytest.raises(ValueError, match="finite"):
        top_k(scores, 3)


FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)
FEW = st.sampled_from([-np.inf, -1.0, -0.0, 0.0, 1.0, float(np.finfo(np.float32).min)])
SCORES = st.sampled_from([np.float32, np.float64]).flatmap(
    lambda dtype: st_numpy.arrays(
        dtype,
        st_numpy.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=45),
        elements=st.one_of(FEW, FINITE),
        fill=FEW,
    )
)


@checked
@given(scores=SCORES, k=st.integers(1, 50))
def test_any_best_are_those_of_a_full_sort(scores: Floats, k: int) -> None:
    items, best = top_k(scores, k)
    assert items.shape == best.shape == (len(scores), k)
    expected = sorted_items(scores, k)
    assert [row[row >= 0].tolist() for row in items] == expected
    assert ((items >= 0) == ~np.isnan(best)).all()
    for row, listed, scores_of_row in zip(scores, expected, best, strict=True):
        assert scores_of_row[: len(listed)].tolist() == row[listed].tolist()
    assert best.dtype == scores.dtype
