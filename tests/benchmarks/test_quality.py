from pathlib import Path

import numpy as np
import pytest

from benchmarks import public_data as readers
from benchmarks.quality.bench import Bench
from benchmarks.quality.generated import adjusted_rand_index
from benchmarks.quality.lines import Goal, Line
from benchmarks.quality.lists import among_negatives
from services.trainer.models import MODELS
from services.trainer.settings import TrainerSettings
from tests.shared.popular import alike
from tests.trainer.datasets import dataset_of


@pytest.mark.parametrize(
    ("figure", "verdict"), [(0.889, "aim"), (0.88, "aim"), (0.895, "must"), (0.8951, "**no**")]
)
def test_what_is_reached_where_less_is_better(figure: float, verdict: str) -> None:
    assert Goal(0.895, 0.889, lower=True).verdict(figure) == verdict


@pytest.mark.parametrize(
    ("figure", "verdict"), [(0.457, "aim"), (0.449, "must"), (0.4489, "**no**"), (-1, "**no**")]
)
def test_what_is_reached_where_more_is_better(figure: float, verdict: str) -> None:
    assert Goal(0.449, 0.457).verdict(figure) == verdict


def test_a_figure_that_is_no_number_reaches_nothing() -> None:
    assert Goal(0.449, 0.457).verdict(float("nan")) == "**no**"
    assert Goal(0.895, 0.889, lower=True).verdict(float("nan")) == "**no**"


def test_a_line_has_a_cell_for_each_heading() -> None:
    line = Line("Q", "als", "RMSE", 0.9, Goal(0.902, 0.897, lower=True), 1.25, "two seeds")
    assert line.markdown() == (
        "| Q | als | RMSE | 0.9000 (two seeds) | ≤ 0.902 | ≤ 0.897 | must | 1.2 |"
    )
    assert Line("Q", "als", "RMSE", 0.9).markdown() == "| Q | als | RMSE | 0.9000 |  |  |  |  |"


def test_groupings_agree_whatever_the_groups_are_called() -> None:
    assert adjusted_rand_index(np.array([0, 0, 1, 2]), np.array(["b", "b", "a", "c"])) == 1
    with pytest.raises(ValueError, match="without any groups"):
        adjusted_rand_index(np.zeros(4), np.zeros(4))


def test_the_adjusted_rand_index_by_hand() -> None:
    """Of 15 pairs 6 are together in the one, 7 in the other and 4 in both."""
    a, b = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 0, 0, 1, 1])
    by_chance = 6 * 7 / 15
    assert adjusted_rand_index(a, b) == pytest.approx((4 - by_chance) / (6.5 - by_chance))


def test_groupings_by_chance_are_worth_nothing() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(3, size=(2, 20_000))
    assert adjusted_rand_index(a, b) == pytest.approx(0, abs=0.002)


def test_the_place_among_negatives_is_that_of_the_scores() -> None:
    """Item 0 is the most popular; user 0 is asked for it, user 1 for the least popular."""
    train = dataset_of(np.array([0, 1, 2, 0, 1, 0]), np.array([0, 0, 0, 1, 1, 2]), shape=(3, 12))
    data = readers.LeaveOneOut(
        train,
        users=np.array([0, 1]),
        positives=np.array([0, 11]),
        negatives=np.tile(np.arange(1, 11), (2, 1)),
    )
    found = among_negatives(alike(np.arange(12, 0, -1, dtype=np.float32)), data)
    assert found == {"hit_rate@10": 0.5, "ndcg@10": 0.5}


@pytest.mark.public_data
def test_ease_ranks_the_data_of_neural_collaborative_filtering_as_published(
    public_data: Path,
) -> None:
    """HR@10 .7192 and NDCG@10 .4494 with l2 = 1320 (Anelli et al. 2021)."""
    bench = Bench(public_data, seeds=1, threads=1)
    data = readers.ncf_ml_1m(public_data / "ncf-ml-1m")
    users_per_item = len(data.train.histories.item_indices) / len(data.train.items)
    settings = TrainerSettings(
        ease_regularization=1320 / users_per_item, ease_activity_exponent=0, recency="off"
    )
    scorer = MODELS["ease"](data.train, settings, bench.workers())
    found = among_negatives(scorer, data)
    assert round(found["hit_rate@10"], 4) == 0.7192
    assert round(found["ndcg@10"], 4) == 0.4494


@pytest.mark.public_data
def test_biases_rate_the_official_folds_of_ml_100k_as_known(public_data: Path) -> None:
    """RMSE .942 of biases alone, mean over u1 to u5."""
    bench = Bench(public_data, seeds=1, threads=1)
    folder = public_data / "ml-100k"
    folds = readers.ml_100k_folds(readers.ml_100k(folder), folder)
    rmse = [bench.rmse(fold, "bias")[0] for fold in folds]
    assert np.mean(rmse) == pytest.approx(0.942, abs=0.001)
