from pathlib import Path

import httpx
import pytest

from tests.api import small_version
from tests.api.serving import Serve


def prediction(item_id: str, rating: float | None, source: str) -> dict[str, object]:
    """By a model that does not tell how certain it is."""
    return {
        "item_id": item_id,
        "predicted_rating": rating,
        "uncertainty": None,
        "source": source,
    }


def test_one_prediction_for_each_asked_in_order_duplicates_too(
    api: httpx.Client, version: str
) -> None:
    item_ids = ["TECH1001", "FASH1010", "TECH1001", "TECH1020", "nothing"]
    answer = api.post("/predict", json={"user_id": "U10001", "item_ids": item_ids})
    assert answer.status_code == 200
    assert answer.json() == {
        "user_id": "U10001",
        "predictions": [
            prediction("TECH1001", 3.21, "model"),
            prediction("FASH1010", 3.1, "model"),
            prediction("TECH1001", 3.21, "model"),
            prediction("TECH1020", 5.0, "model"),
            prediction("nothing", 3.0, "user"),
        ],
        "model_version": version,
    }


def test_a_stranger_is_predicted_from_what_is_known_of_the_items(
    standing_api: httpx.Client,
) -> None:
    answer = standing_api.post(
        "/predict", json={"user_id": "nobody", "item_ids": ["TECH1020", "nothing"]}
    )
    assert answer.json()["predictions"] == [
        prediction("TECH1020", 3.2, "item"),
        prediction("nothing", 3.0, "mean"),
    ]


def test_lists_and_predictions_agree(standing_api: httpx.Client) -> None:
    listed = standing_api.post("/recommend", json={"user_id": "U1", "top_n": 100}).json()[
        "recommendations"
    ]
    item_ids = [item["item_id"] for item in listed]
    answer = standing_api.post("/predict", json={"user_id": "U1", "item_ids": item_ids}).json()[
        "predictions"
    ]
    assert [prediction["predicted_rating"] for prediction in answer] == pytest.approx(
        [item["predicted_rating"] for item in listed], abs=1e-4
    )


def test_no_rating_model_no_rating(serve: Serve, artifact_dir: Path) -> None:
    small_version.publish_current(artifact_dir, with_ratings=False)
    with serve() as api:
        answer = api.post("/predict", json={"user_id": "U10001", "item_ids": ["TECH1001"]})
    assert answer.json()["predictions"] == [prediction("TECH1001", None, "none")]


@pytest.mark.parametrize(("count", "status"), [(0, 422), (1, 200), (1000, 200), (1001, 422)])
def test_how_many_may_be_asked(standing_api: httpx.Client, count: int, status: int) -> None:
    body = {"user_id": "U10001", "item_ids": ["🍷" * 64] * count}
    assert standing_api.post("/predict", json=body).status_code == status


def test_a_model_that_knows_its_uncertainty_tells_it(serve: Serve, artifact_dir: Path) -> None:
    """Samples that agree: what is left is noise, of precision 4 at a standard deviation of 2."""
    small_version.publish_current(artifact_dir, rating_model="bayesian")
    with serve() as api:
        body = {"user_id": "U10001", "item_ids": ["TECH1001", "nothing"]}
        known, unknown = api.post("/predict", json=body).json()["predictions"]
    assert known["predicted_rating"] == pytest.approx(3, abs=0.01)
    assert known["uncertainty"] == pytest.approx(2 * 0.5, abs=0.01)
    assert (unknown["source"], unknown["uncertainty"]) == ("user", None)
