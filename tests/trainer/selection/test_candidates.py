import numpy as np
import pytest
import torch

from services.trainer.data.dataset import Dataset, NothingToLearnError
from services.trainer.models.contract import DivergedError
from services.trainer.models.solver import Workers
from services.trainer.selection.candidates import Candidates, candidates
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.fitting import Evaluated, fit_and_evaluate
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import last_of_each_user
from tests.trainer.datasets import dataset_of

pytestmark = pytest.mark.programs

SETTINGS = TrainerSettings(model="auto")
USERS, ITEMS = np.divmod(np.arange(200), 10)


def views() -> Dataset:
    return dataset_of(USERS, ITEMS)


def ratings() -> Dataset:
    return dataset_of(USERS, ITEMS, 1.0 + (USERS + ITEMS) % 5)


def trials_of(dataset: Dataset, settings: TrainerSettings = SETTINGS) -> Evaluated:
    evaluation = Evaluation(last_of_each_user(dataset, 0.2, np.random.default_rng(1)))
    workers = Workers(torch.device("cpu"), 1)
    return fit_and_evaluate(evaluation, candidates(dataset, settings).names, settings, workers)


def test_ratings_have_rating_models_and_views_alone_have_none() -> None:
    assert {"bias", "als"} <= set(candidates(ratings(), SETTINGS).rating)
    assert candidates(views(), SETTINGS).rating == ()
    assert set(candidates(views(), SETTINGS).ranker) >= {"popularity", "ials", "ease"}
    assert "bias" not in candidates(views(), SETTINGS).names


def test_a_large_catalogue_has_no_item_item_model() -> None:
    settings = TrainerSettings(model="auto", ease_max_items=9)
    assert "ease" not in candidates(views(), settings).ranker


def test_baselines_are_measured_beside_a_named_model_but_not_chosen() -> None:
    settings = TrainerSettings(model="ials")
    chosen = candidates(ratings(), settings)
    assert chosen.ranker == ("ials",)
    assert {"popularity", "bias"} <= set(chosen.names)
    assert chosen.choose(trials_of(ratings(), settings))[1] == "ials"


def test_a_named_rating_model_needs_ratings() -> None:
    with pytest.raises(NothingToLearnError, match="learns from ratings"):
        candidates(views(), TrainerSettings(model="als"))


def test_a_model_that_diverges_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    settings = TrainerSettings(model="auto", ease_regularization=1e39)
    trials = trials_of(views(), settings)
    assert "ease" not in trials
    assert "training of ease came to no finite numbers" in caplog.text
    assert candidates(views(), settings).choose(trials)[1] in ("popularity", "ials")


def test_where_all_diverge_nothing_is_chosen() -> None:
    with pytest.raises(DivergedError, match="came to finite numbers"):
        Candidates(rating=(), ranker=("ease",)).choose({})


@pytest.mark.parametrize("names", [("ials", "ease", "blend"), ("blend", "ease", "ials")])
def test_a_blend_is_made_of_its_parts_in_whatever_order_models_are_named(
    names: tuple[str, ...],
) -> None:
    evaluation = Evaluation(last_of_each_user(views(), 0.2, np.random.default_rng(1)))
    workers = Workers(torch.device("cpu"), 1)
    evaluated = fit_and_evaluate(evaluation, names, SETTINGS, workers)
    assert tuple(evaluated) == names
    ials, blend = evaluated["ials"].fitted, evaluated["blend"].fitted
    assert blend.settings == ials.settings
    factors = blend.scorer.arrays()["factors.item_factors"]
    assert factors is ials.scorer.arrays()["item_factors"]  # it was not fitted once more


def test_what_the_data_rules_out_is_named_with_the_reason() -> None:
    settings = TrainerSettings(model="auto", ease_max_items=9)
    unsuited = candidates(views(), settings).unsuited
    assert unsuited["ease"] == unsuited["blend"] == "10 items are more than EASE_MAX_ITEMS, 9"
    assert unsuited["als"] == "the data has no ratings"
    assert unsuited.keys().isdisjoint(candidates(views(), settings).names)
