"""What stands in metrics.json, and what a program reads of it."""

import pytest
from pydantic import ValidationError

from shared.artifacts.metrics import ListAccuracy, Metrics, ModelLists, RatingErrors

AT_TEN = {"ndcg@10": 0.2, "recall@10": 0.3, "precision@10": 0.1, "hit_rate@10": 0.5, "mrr@10": 0.4}


def test_lists_have_a_name_for_each_metric_and_place_in_the_file() -> None:
    figures = {"users": 7, **AT_TEN, "interval": [0.1, 0.3]}
    lists = ModelLists.model_validate(figures)
    assert lists.at[10].ndcg == 0.2
    assert list(lists.as_json().items()) == list(figures.items())


def test_what_could_not_be_measured_is_absent() -> None:
    assert RatingErrors(ratings=0).as_json() == {"ratings": 0}
    assert ListAccuracy(users=0).as_json() == {"users": 0}
    assert ListAccuracy.model_validate({"users": 0}).at == {}


def test_a_figure_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValidationError):
        RatingErrors.model_validate({"ratings": 1, "rsme": 1.0})


def test_versions_of_older_releases_say_nothing_of_the_choice() -> None:
    split = {
        "protocol": "last 10% of each user's interactions",
        "train_interactions": 9,
        "test_interactions": 1,
        "ratings": {"models": {}, "noise_floor": None},
        "lists": {"models": {}, "planted": None},
    }
    metrics = Metrics.model_validate({"last_of_each_user": split})
    assert metrics.choice is None
    assert metrics.last_of_each_user.as_json() == split
