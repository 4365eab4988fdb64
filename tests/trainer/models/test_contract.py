"""What every model promises, and what each role does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
import torch

from services.trainer.data.dataset import Dataset, NothingToLearnError
from services.trainer.data.declared_features import DeclaredFeatures
from services.trainer.models import MODELS, main_role
from services.trainer.models.contract import Composed
from services.trainer.models.solver import Workers
from services.trainer.settings import TrainerSettings
from shared.arrays.types import Float32
from shared.scorers import Linear, Rater, Scorer
from shared.scorers.choice import is_known
from shared.scorers.histories import History, Weighting
from tests.trainer.datasets import dataset_of

WORKERS = Workers(torch.device("cpu"), 2)
SETTINGS = TrainerSettings(
    ials_rank=2, ease_regularization=5, bayesian_rank=4, bayesian_samples=16, bayesian_spacing=2
)


@dataclass(frozen=True)
class Promises:
    """What holds of a model beyond what holds of every model of its role.

    `knows_users`: a history changes its scores; `tells_items_apart`: it knows which are alike;
    `is_linear`: scores are a sum over a history; `is_surer`: of whom more is known, its scores
    deviate less; `sees_tastes`: it finds the checkerboard that biases cannot; `starts_somewhere`:
    another seed leads elsewhere; `of_items`: its arrays that recency leaves as they are.
    """

    knows_users: bool = True
    tells_items_apart: bool = True
    is_linear: bool = False
    is_surer: bool = False
    sees_tastes: bool = False
    starts_somewhere: bool = False
    of_items: tuple[str, ...] = ()


PROMISES = {
    "popularity": Promises(knows_users=False, tells_items_apart=False),
    "bias": Promises(tells_items_apart=False, is_linear=True, is_surer=True),
    "als": Promises(is_linear=True, is_surer=True, sees_tastes=True, starts_somewhere=True),
    "bayesian": Promises(is_surer=True, sees_tastes=True),
    "ials": Promises(
        is_linear=True, is_surer=True, starts_somewhere=True, of_items=("item_factors",)
    ),
    "ease": Promises(is_linear=True, of_items=("weights",)),
    "blend": Promises(of_items=("factors.item_factors", "items.weights")),
    "item_neighbors": Promises(is_linear=True, of_items=("weights",)),
}


def those(promised: Callable[[Promises], object]) -> pytest.MarkDecorator:
    """Each model of which this was promised."""
    return pytest.mark.parametrize("name", [n for n, p in PROMISES.items() if promised(p)])


each_model = pytest.mark.parametrize("name", MODELS)
each_rater = pytest.mark.parametrize("name", [n for n in MODELS if main_role(n) == "rating"])
each_ranker = pytest.mark.parametrize(
    "name", [n for n in MODELS if main_role(n) == "ranker" and n != "popularity"]
)


def fit(name: str, dataset: Dataset, settings: TrainerSettings = SETTINGS) -> Scorer:
    return MODELS[name].fit(dataset, settings, WORKERS)


def fit_rater(name: str, dataset: Dataset, settings: TrainerSettings = SETTINGS) -> Rater:
    rater = fit(name, dataset, settings)
    assert isinstance(rater, Rater)
    return rater


def rate(rater: Rater, users: Iterable[int], items: Iterable[int]) -> Float32:
    return rater.rate(rater.vectors(np.array(users)), np.array(items))


def scores_of(scorer: Scorer, user: int) -> Float32:
    scores: Float32 = scorer.score(scorer.vectors(np.array([user])))[0]
    return scores


def board() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    users, items = np.divmod(np.arange(40 * 60), 60)
    return users, items, (users + items) % 2 == 0


@cache
def checkerboard(density: float = 0.5) -> tuple[Dataset, Dataset]:
    """Even users rate even items 5 and odd ones 1, odd users the other way round: known and hidden
    cells of the board."""
    users, items, own = board()
    known = np.random.default_rng(3).random(len(users)) < density
    everything = dataset_of(users, items, np.where(own, 5.0, 1.0))
    return everything.subset(known), everything.subset(~known)


@cache
def wanted_board() -> tuple[Dataset, Dataset]:
    """Even users view even items, odd users odd ones; half of it is known."""
    users, items, own = board()
    known = np.random.default_rng(3).random(len(users)) < 0.5
    everything = dataset_of(users, items)
    return everything.subset(own & known), everything.subset(own & ~known)


@cache
def on_checkerboard(name: str) -> Scorer:
    """Fitted once for all tests that only read it, as below."""
    return fit(name, checkerboard()[0])


@cache
def on_wanted_board(name: str) -> Scorer:
    return fit(name, wanted_board()[0])


def rater_on_checkerboard(name: str) -> Rater:
    rater = on_checkerboard(name)
    assert isinstance(rater, Rater)
    return rater


def rmse(rater: Rater, test: Dataset) -> float:
    ratings = test.rated()
    predicted = rate(rater, ratings.user_indices, ratings.item_indices)
    return float(np.sqrt(np.mean((ratings.clip(predicted) - ratings.values) ** 2)))


def test_the_table_is_of_all_models() -> None:
    assert PROMISES.keys() == MODELS.keys()


@each_model
def test_a_module_says_what_the_model_is(name: str) -> None:
    model = MODELS[name]
    assert issubclass(TrainerSettings, model.Settings)
    assert model.SPACE.keys() <= model.Settings.model_fields.keys()
    assert type(on_checkerboard(name)) is model.SCORER
    if isinstance(model, Composed):
        assert set(model.PARTS) < MODELS.keys()


@each_model
def test_equal_data_settings_and_seed_give_equal_arrays(name: str) -> None:
    known, _hidden = checkerboard()
    first, second = fit(name, known), fit(name, known)
    for array, values in first.arrays().items():
        np.testing.assert_array_equal(values, second.arrays()[array])


@each_model
def test_arrays_and_histories_make_the_same_scorer_again(name: str) -> None:
    known, _hidden = checkerboard()
    scorer = on_checkerboard(name)
    again = MODELS[name].SCORER.from_arrays(scorer.arrays(), known.histories)
    np.testing.assert_array_equal(scores_of(scorer, 7), scores_of(again, 7))


@each_model
def test_folding_in_the_history_of_training_gives_the_trained_vector(name: str) -> None:
    known, _hidden = checkerboard()
    scorer = on_checkerboard(name)
    trained = scorer.vectors(np.arange(40))
    folded = np.stack([scorer.fold_in(history) for history in known.histories])
    np.testing.assert_allclose(folded, trained, atol=1e-4)


@each_model
def test_a_stranger_is_an_empty_history_and_not_known(name: str) -> None:
    scorer = on_checkerboard(name)
    stranger = scorer.vectors(np.array([-1]))[0]
    np.testing.assert_allclose(scorer.fold_in(History.empty()), stranger, atol=1e-6)
    assert not is_known(scorer, History.empty())
    assert scores_of(scorer, -1).shape == (60,)


@each_model
def test_nobody_has_no_vectors_and_no_scores(name: str) -> None:
    scorer = on_checkerboard(name)
    vectors = scorer.vectors(np.empty(0, dtype=np.int64))
    assert vectors.shape == (0, scorer.vectors(np.array([0])).shape[1])
    assert scorer.score(vectors).shape == (0, 60)


@each_model
def test_only_models_with_a_user_side_know_users(name: str) -> None:
    known, _hidden = checkerboard()
    assert is_known(on_checkerboard(name), known.histories[0]) == PROMISES[name].knows_users


@each_model
def test_a_single_rating_is_enough(name: str) -> None:
    scorer = fit(name, dataset_of(np.array([0]), np.array([0]), np.array([4.0])))
    assert np.isfinite(scores_of(scorer, 0)).all()
    assert np.isfinite(scores_of(scorer, -1)).all()


@each_model
def test_users_and_items_without_rows_are_scored(name: str) -> None:
    users, items, own = board()
    wider = dataset_of(users, items, np.where(own, 5.0, 1.0), shape=(41, 61))
    scorer = fit(name, wider)
    np.testing.assert_allclose(scores_of(scorer, 40), scores_of(scorer, -1), atol=1e-4)
    assert np.isfinite(scores_of(scorer, 3)).all()


@each_model
def test_some_items_score_as_among_all(name: str) -> None:
    scorer = on_checkerboard(name)
    items, vectors = np.array([50, 3, 3]), scorer.vectors(np.array([7, -1]))
    expected = scorer.score(vectors)[:, items]
    np.testing.assert_allclose(scorer.score(vectors, items), expected, atol=1e-5)
    np.testing.assert_allclose(scorer.score(vectors[:1], items), expected[:1], atol=1e-5)
    assert scorer.score(vectors, items[:0]).shape == (2, 0)


def item_vectors(name: str, *items: int) -> Float32:
    scorer = on_wanted_board(name) if main_role(name) == "ranker" else on_checkerboard(name)
    vectors = scorer.item_vectors(np.array(items))
    assert vectors.dtype == np.float32
    return vectors


@those(lambda promises: not promises.tells_items_apart)
def test_a_model_without_items_of_its_own_knows_no_likeness(name: str) -> None:
    assert item_vectors(name, 10, 20, 11).shape == (3, 0)


@those(lambda promises: promises.tells_items_apart)
def test_items_for_the_same_people_are_alike(name: str) -> None:
    """Even ones are like even ones."""
    vectors = item_vectors(name, 10, 20, 11)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert unit[0] @ unit[1] > unit[0] @ unit[2] + 0.1


@each_model
def test_deviation_is_known_of_every_item(name: str) -> None:
    known, _hidden = checkerboard()
    scorer = on_checkerboard(name)
    for history in (known.histories[7], History.empty()):
        deviation = scorer.score_std(history)
        assert deviation.shape == (60,)
        assert deviation.dtype == np.float32
        assert np.isfinite(deviation).all()
        assert deviation.min() >= 0
    assert scorer.score_std(known.histories[7]).min() > 0


@those(lambda promises: promises.is_surer)
def test_the_more_is_known_the_less_scores_deviate(name: str) -> None:
    users, items, own = board()
    noise = np.random.default_rng(5).normal(0, 0.5, len(users))
    known = dataset_of(users, items, np.where(own, 4.5, 1.5) + noise, scale=(0, 6))
    scorer = fit(name, known)
    few = known.subset(known.interactions.item_indices < 6).histories[7]
    assert scorer.score_std(known.histories[7]).mean() < scorer.score_std(few).mean() / 1.1


@those(lambda promises: not promises.is_linear)
def test_what_is_not_linear_says_so(name: str) -> None:
    assert not isinstance(on_checkerboard(name), Linear)


@those(lambda promises: promises.is_linear)
def test_what_rows_of_a_history_add_comes_to_the_scores(name: str) -> None:
    known, _hidden = checkerboard()
    scorer, history = on_checkerboard(name), known.histories[7]
    assert isinstance(scorer, Linear)
    items = np.array([3, 50, 4])
    contributions = scorer.contributions(history, items)
    assert contributions.dtype == np.float32
    assert contributions.shape == (len(history), 3)
    scores, without = (
        scorer.score(scorer.fold_in(own)[None], items)[0] for own in (history, History.empty())
    )
    np.testing.assert_allclose(contributions.sum(axis=0) + without, scores, atol=1e-4)
    assert scorer.contributions(History.empty(), items).shape == (0, 3)


@each_model
def test_without_users_nothing_of_them_is_left_and_all_of_others(name: str) -> None:
    known, _hidden = checkerboard()
    scorer, users = on_checkerboard(name), np.array([3, 8])
    without = scorer.without_users(users)
    other_users = np.setdiff1d(np.arange(40), users)
    np.testing.assert_array_equal(without.vectors(other_users), scorer.vectors(other_users))
    arrays = scorer.arrays()
    for array, values in without.arrays().items():
        is_users = len(values) == 40
        assert (values is not arrays[array]) == is_users, array
        if is_users:
            assert not values[users].any()
            assert arrays[array][users].any() or not values.size
            np.testing.assert_array_equal(values[other_users], arrays[array][other_users])
    again = MODELS[name].SCORER.from_arrays(without.arrays(), known.histories.without_users(users))
    stranger = again.vectors(np.array([-1]))[0]
    np.testing.assert_allclose(again.vectors(users), [stranger, stranger], atol=1e-6)


@each_rater
def test_rate_agrees_with_score(name: str) -> None:
    rater = rater_on_checkerboard(name)
    scores = rater.score(rater.vectors(np.array([7, 8])))
    assert rate(rater, [7, 8], [3, 50]) == pytest.approx([scores[0, 3], scores[1, 50]], abs=1e-4)


@each_rater
def test_all_equal_ratings_predict_that_rating(name: str) -> None:
    users, items, _own = board()
    rater = fit_rater(name, dataset_of(users, items, np.full(len(users), 3.0)))
    np.testing.assert_allclose(rate(rater, users[::7], items[::7]), 3.0, atol=1e-2)


@each_rater
def test_unknown_users_and_items_are_average(name: str) -> None:
    users, items, own = board()
    wider = dataset_of(users, items, np.where(own, 5.0, 1.0), shape=(41, 61))
    unrated, unknown = rate(fit_rater(name, wider), [40, -1], [60, -1])
    assert unrated == pytest.approx(3, abs=0.2)
    assert unknown == pytest.approx(3, abs=0.2)


@each_rater
def test_the_unit_of_the_ratings_does_not_matter(name: str) -> None:
    users, items, own = board()
    known = np.random.default_rng(3).random(len(users)) < 0.5
    small = dataset_of(users, items, np.where(own, 5.0, 1.0)).subset(known)
    large = dataset_of(users, items, np.where(own, 100.0, 20.0), scale=(20, 100)).subset(known)
    expected = rate(fit_rater(name, small), users, items)
    np.testing.assert_allclose(rate(fit_rater(name, large), users, items) / 20, expected, atol=1e-2)


@each_rater
def test_biases_are_found(name: str) -> None:
    rng = np.random.default_rng(4)
    users, items = np.nonzero(rng.random((200, 150)) < 0.3)
    truth = 3 + rng.normal(0, 0.5, 200)[users] + rng.normal(0, 0.5, 150)[items]
    everything = dataset_of(users, items, truth + rng.normal(0, 0.2, len(users)), shape=(200, 150))
    train = rng.random(len(users)) < 0.8
    error = rmse(fit_rater(name, everything.subset(train)), everything.subset(~train))
    assert error < 0.27  # the noise is .2, the ratings' standard deviation .73


@each_rater
def test_a_rating_model_refuses_data_without_ratings(name: str) -> None:
    with pytest.raises(NothingToLearnError, match="has none"):
        fit(name, wanted_board()[0])


@those(lambda promises: promises.sees_tastes)
def test_factors_see_the_checkerboard_that_biases_cannot(name: str) -> None:
    known, hidden = checkerboard()
    assert rmse(fit_rater("bias", known), hidden) > 1.9
    ratings = hidden.rated()
    predicted = rate(rater_on_checkerboard(name), ratings.user_indices, ratings.item_indices)
    np.testing.assert_array_equal(predicted > 3, ratings.values > 3)


@each_ranker
def test_what_a_user_would_want_next_comes_first(name: str) -> None:
    known, hidden = wanted_board()
    scorer = on_wanted_board(name)
    for user in range(40):
        scores = scores_of(scorer, user).copy()
        scores[known.histories[user].item_indices] = -np.inf
        positives = hidden.histories[user].item_indices
        best = np.argsort(-scores)[: len(positives)]
        assert set(best.tolist()) == set(positives.tolist())


@each_ranker
def test_a_dislike_says_the_opposite_of_a_like(name: str) -> None:
    """Two groups of users; a stranger who dislikes the one group's item gets no more of it."""
    scorer = on_wanted_board(name)

    def after(kind: str) -> Float32:
        row = dataset_of(np.array([0]), np.array([0]), shape=(1, 60), event_types=[kind])
        scores: Float32 = scorer.score(scorer.fold_in(row.histories[0])[None])[0]
        return scores

    liked, disliked = after("like"), after("dislike")
    assert liked[2:60:2].mean() > disliked[2:60:2].mean() + 0.01
    assert liked[2:60:2].mean() > liked[1:60:2].mean() + 0.01
    assert disliked[2:60:2].mean() <= disliked[1:60:2].mean() + 1e-6


@each_ranker
def test_event_weights_count_in_training_and_fold_in(name: str) -> None:
    """Where views count nothing, only purchases are learned from."""
    users, items, own = board()
    kinds = ["purchase" if is_own else "view" for is_own in own]
    weighting = Weighting(event_weights={**Weighting().event_weights, "view": 0})
    dataset = dataset_of(users, items, event_types=kinds, weighting=weighting)
    scores = scores_of(fit(name, dataset), 0)
    assert scores[0::2].min() > scores[1::2].max()


def test_popularity_counts_users_once_and_no_dislikes() -> None:
    dataset = dataset_of(
        np.array([0, 0, 1, 2, 3]),
        np.array([0, 0, 1, 1, 0]),
        event_types=["view", "view", "view", "purchase", "dislike"],
        occurred_at=np.zeros(5, dtype=np.int64),
    )
    assert scores_of(fit("popularity", dataset), -1).tolist() == [1, 2]


def test_popularity_fades_with_its_half_life() -> None:
    day = 86_400_000
    dataset = dataset_of(
        np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2]), occurred_at=np.array([0, 10, 20, 30]) * day
    )
    settings = TrainerSettings(popularity_half_life_days=10)
    popularity = scores_of(fit("popularity", dataset, settings), -1)
    assert popularity == pytest.approx([0.125, 0.25 + 0.5, 1])


def test_strangers_who_declare_something_get_what_is_popular_with_people_like_them() -> None:
    rng = np.random.default_rng(3)
    old = np.arange(400) % 2 == 0
    odds = np.where((np.arange(20) % 2 == 0) == old[:, None], 0.6, 0.1)
    users, items = np.nonzero(rng.random((400, 20)) < odds)
    plain = dataset_of(users, items, shape=(400, 20))
    declared = DeclaredFeatures.of(
        [{"age": "old" if is_old else "young"} for is_old in old], ("age",)
    )
    scorer = fit("popularity", replace(plain, of_users=declared))
    for age, own in (("old", slice(0, None, 2)), ("young", slice(1, None, 2))):
        attributes = declared.encoder.encode({"age": age})
        history = replace(History.empty(), attributes=attributes)
        scores = scorer.score(scorer.fold_in(history)[None])[0]
        assert scores[own].min() > np.delete(scores, own).max()
    np.testing.assert_array_equal(scores_of(scorer, -1), scores_of(fit("popularity", plain), -1))


@those(lambda promises: promises.of_items)
def test_recency_counts_in_the_users_alone(name: str) -> None:
    known, _hidden = wanted_board()
    recent = SETTINGS.model_copy(update={"recency": 3.0})
    plain, fading = on_wanted_board(name), fit(name, known, recent)
    for items in PROMISES[name].of_items:
        np.testing.assert_array_equal(fading.arrays()[items], plain.arrays()[items])
    folded = np.stack([fading.fold_in(history) for history in known.histories])
    np.testing.assert_allclose(folded, fading.vectors(np.arange(40)), atol=1e-4)
    assert not np.allclose(scores_of(plain, 3), scores_of(fading, 3), atol=1e-3)


@those(lambda promises: promises.starts_somewhere)
def test_another_seed_starts_elsewhere(name: str) -> None:
    known, _hidden = checkerboard()
    few = {"als_sweeps": 1, "ials_sweeps": 1}
    first = fit(name, known, SETTINGS.model_copy(update={"seed": 1, **few}))
    second = fit(name, known, SETTINGS.model_copy(update={"seed": 2, **few}))
    assert not np.array_equal(scores_of(first, 0), scores_of(second, 0))


@each_model
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_cuda_gives_the_model_of_the_cpu(name: str) -> None:
    known, _hidden = checkerboard()
    on_gpu = MODELS[name].fit(known, SETTINGS, Workers(torch.device("cuda"), 1))
    expected = scores_of(on_checkerboard(name), 3)
    np.testing.assert_allclose(scores_of(on_gpu, 3), expected, atol=1e-2)
