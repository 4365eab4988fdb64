import numpy as np

from shared.histories import History
from shared.scorers import Popularity
from tests.shared.histories import rated_histories

HISTORIES = rated_histories([(0, 5.0)])


def test_popularity_is_the_same_for_everyone() -> None:
    popularity = Popularity(np.array([1, 5], dtype=np.float32))
    assert popularity.score(popularity.vectors(np.array([-1, 7]))).tolist() == [[1, 5], [1, 5]]
    assert popularity.score(popularity.fold_in(HISTORIES[0])[None]).tolist() == [[1, 5]]
    assert not popularity.knows(HISTORIES[0])
    assert not popularity.knows(History.empty())


def test_arrays_make_it_again() -> None:
    popularity = Popularity(np.array([1, 5], dtype=np.float32))
    again = Popularity.from_arrays(popularity.arrays(), HISTORIES)
    assert again.popularity.tolist() == [1, 5]
