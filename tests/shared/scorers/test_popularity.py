from dataclasses import replace

import numpy as np
import pytest

from shared.scorers import Popularity
from shared.scorers.choice import is_known
from shared.scorers.histories import Histories, History
from tests.shared.histories import rated_histories
from tests.shared.popular import alike

COUNTS = np.array([4, 1, 9], dtype=np.float32)
LIFTS = np.log(np.array([[2, 1, 1], [1, 3, 0.5]], dtype=np.float32))
ATTRIBUTES = np.array([[1, 0], [0, 1]], dtype=np.float32)


def described() -> Histories:
    """Two users: of the first the one attribute holds, of the second the other."""
    return replace(rated_histories([(0, 5.0)], []), attributes=ATTRIBUTES)


def lifted() -> Popularity:
    return Popularity(COUNTS, LIFTS, described())


def test_popularity_is_the_same_for_everyone() -> None:
    popularity = alike(np.array([1, 5], dtype=np.float32))
    assert popularity.score(popularity.vectors(np.array([-1, 7]))).tolist() == [[1, 5], [1, 5]]
    history = described()[0]
    assert popularity.score(popularity.fold_in(History.empty())[None]).tolist() == [[1, 5]]
    assert not is_known(popularity, history)
    assert not is_known(popularity, History.empty())


def test_an_attribute_multiplies_what_is_popular() -> None:
    scores = lifted().score(lifted().vectors(np.array([0, 1, -1])))
    expected = np.array([[8, 1, 9], [4, 3, 4.5], [4, 1, 9]])
    np.testing.assert_allclose(scores, expected, rtol=1e-6)


def test_a_stranger_counts_by_what_is_declared() -> None:
    declared = replace(History.empty(), attributes=np.array([1, 1], dtype=np.float32))
    scores = lifted().score(lifted().fold_in(declared)[None])
    np.testing.assert_allclose(scores, [[8, 3, 4.5]], rtol=1e-6)
    assert not is_known(lifted(), declared)


def test_the_more_people_the_less_is_left_to_chance() -> None:
    np.testing.assert_allclose(lifted().score_std(History.empty()), [2, 1, 3])
    np.testing.assert_allclose(lifted().score_std(described()[0]), [4, 1, 3], rtol=1e-6)


def test_arrays_make_it_again() -> None:
    again = Popularity.from_arrays(lifted().arrays(), described())
    for name, values in lifted().arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], values)
    np.testing.assert_array_equal(again.vectors(np.array([1])), ATTRIBUTES[1:])


@pytest.mark.parametrize("lifts", [LIFTS[:1], LIFTS[:, :2], LIFTS[0]])
def test_lifts_that_do_not_fit_are_refused(lifts: np.ndarray) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        replace(lifted(), lifts=lifts)


@pytest.mark.parametrize("name", ["popularity", "lifts"])
def test_numbers_that_are_not_finite_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"no finite number, in {name}"):
        replace(lifted(), **{name: np.full_like(getattr(lifted(), name), np.nan)})
