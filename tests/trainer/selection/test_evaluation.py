"""What is asked of models, and what they are given for their answers."""

from dataclasses import replace
from math import log2

import numpy as np
import pytest
import torch

from services.trainer.data.dataset import Dataset
from services.trainer.models import MODELS
from services.trainer.models.solver import Workers
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.fitting import best, fit_and_evaluate
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import Split, last_in_time, split
from shared.artifacts.id_map import IdMap
from shared.artifacts.truth import Response, Truth
from shared.scorers import MatrixFactorization, Popularity
from shared.scorers.histories import Weighting
from tests.trainer.datasets import dataset_of
from tests.trainer.sets import mask, rows_of

WORKERS = Workers(torch.device("cpu"), 1)
SETTINGS = TrainerSettings(ials_rank=2, ease_regularization=5, threads=1)


def cut(dataset: Dataset, *held_out: int) -> Split:
    """The rows at these places are held out."""
    rows = np.zeros(len(dataset.interactions), dtype=np.bool_)
    rows[list(held_out)] = True
    return split(dataset, rows, "these")


def popularity(dataset: Dataset) -> Popularity:
    scorer = MODELS["popularity"].fit(dataset, SETTINGS, WORKERS)
    assert isinstance(scorer, Popularity)
    return scorer


def flat(dataset: Dataset, rating: float) -> MatrixFactorization:
    """A model that rates everything alike."""
    users, items = dataset.shape
    return MatrixFactorization(
        mean=np.array([rating], dtype=np.float32),
        user_bias=np.zeros(users, dtype=np.float32),
        item_bias=np.zeros(items, dtype=np.float32),
        user_factors=np.zeros((users, 0), dtype=np.float32),
        item_factors=np.zeros((items, 0), dtype=np.float32),
        penalty=np.ones(1, dtype=np.float32),
        penalty_per_rating=np.zeros(1, dtype=np.float32),
    )


def test_only_what_is_new_wanted_and_active_is_to_be_found() -> None:
    users, items = np.array([0, 0, 0, 0, 0, 1]), np.array([0, 0, 1, 2, 3, 3])
    kinds = ["view", "view", "dislike", "view", "view", "view"]
    dataset = dataset_of(users, items, event_types=kinds, shape=(2, 5))
    dataset.is_active[2] = False
    evaluation = Evaluation(cut(dataset, 1, 2, 3, 4))
    assert rows_of(evaluation.relevant) == [[3], []]
    assert evaluation.listed_users.tolist() == [0]
    assert rows_of(evaluation.seen) == [[0], [3]]


def test_an_event_without_weight_is_nothing_to_find() -> None:
    weighting = Weighting(event_weights={**Weighting().event_weights, "view": 0})
    dataset = dataset_of(np.array([0, 0, 0]), np.array([0, 1, 2]), weighting=weighting)
    assert rows_of(Evaluation(cut(dataset, 2)).relevant) == [[]]


def test_errors_are_of_clipped_predictions_by_user() -> None:
    ratings = np.array([3.0, 5.0, 1.0, 4.0])
    dataset = dataset_of(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), ratings)
    quality = Evaluation(cut(dataset, 1, 2, 3)).evaluate_ratings(flat(dataset, 9.0))
    assert quality.counts.tolist() == [1, 2]
    assert quality.squared.tolist() == [0, 16 + 1]
    assert quality.absolute.tolist() == [0, 4 + 1]
    errors = quality.errors()
    assert errors.mse == pytest.approx(17 / 3)
    assert errors.mae == pytest.approx(5 / 3)
    assert errors.rmse == pytest.approx((17 / 3) ** 0.5)
    alone, nobody = (quality.errors(mask(*users)).as_json() for users in ((1, 0), (0, 0)))
    assert alone == {"ratings": 1, "rmse": 0, "mse": 0, "mae": 0}
    assert nobody == {"ratings": 0}


def test_the_newest_rating_of_a_pair_is_the_one_to_predict() -> None:
    ratings = np.array([1.0, 2.0, 5.0])
    dataset = dataset_of(np.array([0, 0, 0]), np.array([0, 1, 1]), ratings)
    assert Evaluation(cut(dataset, 1, 2)).rated_pairs[2].tolist() == [5]


def test_lists_leave_out_what_was_seen_and_what_is_inactive() -> None:
    users, items = np.array([0, 1, 1, 1, 2, 2, 0]), np.array([0, 0, 1, 2, 1, 2, 3])
    dataset = dataset_of(users, items, shape=(3, 5))
    dataset.is_active[1] = False
    evaluation = Evaluation(cut(dataset, 6), ks=[3])
    quality = evaluation.evaluate_lists(popularity(evaluation.train), popularity(evaluation.train))
    assert quality.lists.tolist() == [[2, 3, 4]]
    assert quality.measured.values["ndcg@3"] == pytest.approx([1 / log2(3)])


@pytest.mark.parametrize("name", ["als", "ials", "ease"])
def test_a_user_who_is_cold_in_a_split_by_time_gets_the_popular_list(name: str) -> None:
    """User 9 comes last and has nothing in training; everyone else has items 0 to 4."""
    users = np.array([*np.repeat(np.arange(9), 5), 9, 9])
    items = np.array([*np.tile(np.arange(5), 9), 0, 1])
    ratings = np.where(items == 4, 5.0, 3.0)
    dataset = dataset_of(users, items, ratings, shape=(10, 6))
    evaluation = Evaluation(last_in_time(dataset, 2 / 47, np.random.default_rng(0)))
    assert evaluation.listed_users.tolist() == [9]
    trials = fit_and_evaluate(evaluation, ["popularity", name], SETTINGS, WORKERS)
    lists = [trials[model].lists for model in ("popularity", name)]
    assert lists[0] is not None
    assert lists[1] is not None
    assert lists[0].lists.tolist() == lists[1].lists.tolist()
    assert set(lists[0].lists[0, :5].tolist()) == {0, 1, 2, 3, 4}


def test_a_user_of_whom_only_attributes_are_known_gets_the_list_for_these() -> None:
    dataset = dataset_of(np.array([0, 1, 1]), np.array([0, 0, 1]), np.full(3, 3.0), shape=(2, 3))
    attributes = np.array([[0], [1]], dtype=np.float32)
    fallback = Popularity(
        popularity=np.array([3, 2, 1], dtype=np.float32),
        lifts=np.log(np.array([[1, 1, 9]], dtype=np.float32)),
        histories=replace(dataset.histories, attributes=attributes),
    )
    quality = Evaluation(cut(dataset, 0, 1, 2), ks=(3,)).evaluate_lists(flat(dataset, 3), fallback)
    assert quality.lists.tolist() == [[0, 1, 2], [2, 0, 1]]


def test_users_in_many_blocks_are_each_measured_once() -> None:
    users = np.repeat(np.arange(1100), 2)
    items = np.tile(np.array([0, 1]), 1100)
    dataset = dataset_of(users, items, np.where(items == 1, 4.0, 2.0), shape=(1100, 3))
    evaluation = Evaluation(cut(dataset, *range(1, 2200, 2)))
    assert evaluation.evaluate_ratings(flat(dataset, 3.0)).squared.tolist() == [1] * 1100
    lists = evaluation.evaluate_lists(popularity(dataset), popularity(dataset)).lists
    assert lists[:, 0].tolist() == [1] * 1100


def planted(dataset: Dataset, choice_strength: float) -> Truth:
    """User u wants item u most of all, and would rate everything 3 without noise to speak of."""
    users, items = dataset.shape
    identity = np.eye(users, items, dtype=np.float32)
    return Truth(
        users=IdMap.of(dataset.users),
        items=IdMap.of(dataset.items),
        user_bias=np.full(users, 3, dtype=np.float32),
        item_bias=np.zeros(items, dtype=np.float32),
        affinities=np.zeros((users, 1), dtype=np.float32),
        user_factors=np.concatenate([identity, np.zeros((users, 1))], axis=1).astype(np.float32),
        item_factors=np.concatenate(
            [np.eye(items, dtype=np.float32), np.zeros((items, 1), dtype=np.float32)], axis=1
        ),
        log_popularity=np.zeros(items, dtype=np.float32),
        category_shares=np.ones((users, 1), dtype=np.float32),
        item_categories=np.zeros(items, dtype=np.uint8),
        choice_strength=choice_strength,
        response=Response(minimum=1, maximum=5, step=1, noise=0.1),
        content_hash="",
    )


def test_who_knows_what_was_planted_finds_it() -> None:
    """Held out is, of each user, the one item that the truth says they want most."""
    users, items = np.repeat(np.arange(6), 2), np.stack([np.arange(6), (np.arange(6) + 1) % 6]).T
    held_out = np.arange(0, 12, 2)
    ratings = np.where(np.arange(12) % 2 == 0, 4.0, 3.0)
    dataset = dataset_of(users, items.ravel(), ratings)
    evaluation = Evaluation(cut(dataset, *held_out.tolist()))
    errors, lists = evaluation.planted(planted(dataset, choice_strength=5))
    assert lists.measured.summary()["ndcg@10"] == 1
    assert lists.lists[:, 0].tolist() == [0, 1, 2, 3, 4, 5]
    # user u's own item is worth 1 more than the bias of 3: the rating that is held out
    assert errors.errors().rmse == pytest.approx(0, abs=1e-3)


def test_the_best_model_of_a_role_is_the_one_that_was_measured_best() -> None:
    rng = np.random.default_rng(2)
    users, items = np.nonzero(rng.random((30, 20)) < 0.6)
    own = (users + items) % 2 == 0
    dataset = dataset_of(users, items, np.where(own, 5.0, 1.0))
    held_out = np.flatnonzero(rng.random(len(users)) < 0.2)
    evaluation = Evaluation(cut(dataset, *held_out.tolist()))
    trials = fit_and_evaluate(evaluation, ["bias", "als", "popularity"], SETTINGS, WORKERS)
    assert best(trials, "rating") == "als"
    assert best({}, "rating") is None
    assert best({"popularity": trials["popularity"]}, "ranker") == "popularity"


def test_nothing_held_out_is_nothing_measured() -> None:
    dataset = dataset_of(np.array([0, 1]), np.array([0, 1]), np.array([3.0, 4.0]))
    trials = fit_and_evaluate(Evaluation(cut(dataset)), ["bias"], SETTINGS, WORKERS)
    assert trials["bias"].ratings is None
    assert trials["bias"].lists is None
