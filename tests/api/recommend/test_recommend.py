from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import Engine

from tests.api import small_version
from tests.api.interactions import record
from tests.api.serving import Serve, eventually
from tests.api.small_version import FASHION_FANS, FASHION_ITEMS, INACTIVE, TECH_FANS, TECH_ITEMS


def ask(api: httpx.Client, user_id: str, **more: Any) -> Any:
    answer = api.post("/recommend", json={"user_id": user_id, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def item_ids(answer: Any) -> list[str]:
    return [item["item_id"] for item in answer["recommendations"]]


def test_the_founding_contract(api: httpx.Client, version: str) -> None:
    answer = ask(api, "U10001", top_n=2, exclude_rated=True)
    list_id = answer["recommendation_id"]
    assert list_id.startswith(f"{version}.")
    assert answer == {
        "user_id": "U10001",
        "recommendations": [
            {
                "rank": 1,
                "item_id": "TECH1019",
                "predicted_rating": 5.0,
                "score": 6.99,
                "source": "personal",
                "title": "Title of TECH1019",
                "categories": ["TECH"],
                "reason": None,
            },
            {
                "rank": 2,
                "item_id": "TECH1018",
                "predicted_rating": 5.0,
                "score": 6.78,
                "source": "personal",
                "title": "Title of TECH1018",
                "categories": ["TECH"],
                "reason": None,
            },
        ],
        "total_count": 2,
        "model_version": version,
        "recommendation_id": list_id,
        "next_cursor": list_id,
    }


def test_ten_by_default_and_without_what_was_seen_at_training(standing_api: httpx.Client) -> None:
    assert len(item_ids(ask(standing_api, "U10001"))) == 10
    everything = item_ids(ask(standing_api, "U10001", top_n=100))
    assert set(everything) == {*TECH_ITEMS[3:], *FASHION_ITEMS} - {INACTIVE}


def test_seen_items_are_listed_where_they_are_asked_for(standing_api: httpx.Client) -> None:
    everything = item_ids(ask(standing_api, "U10001", top_n=100, exclude_rated=False))
    assert set(everything) == {*TECH_ITEMS, *FASHION_ITEMS} - {INACTIVE}


@pytest.mark.parametrize("user_id", TECH_FANS)
def test_tech_fans_get_tech(standing_api: httpx.Client, user_id: str) -> None:
    answer = ask(standing_api, user_id)
    assert answer["user_id"] == user_id
    assert set(item_ids(answer)) <= set(TECH_ITEMS)


@pytest.mark.parametrize("user_id", FASHION_FANS)
def test_fashion_fans_get_fashion(standing_api: httpx.Client, user_id: str) -> None:
    answer = ask(standing_api, user_id)
    assert answer["user_id"] == user_id
    assert set(item_ids(answer)) <= set(FASHION_ITEMS)


@pytest.mark.parametrize("user_id", ["nobody", "U1 ", "u10001", "🍷" * 63, "\x00", "A/B"])
def test_strangers_get_what_is_popular(standing_api: httpx.Client, user_id: str) -> None:
    answer = ask(standing_api, user_id, top_n=4)
    # Equally popular items go by index, and ids' order is that of bytes.
    assert item_ids(answer) == ["FASH1020", "FASH1019", "TECH1019", "FASH1018"]
    assert {item["source"] for item in answer["recommendations"]} == {"popular"}
    ratings = [item["predicted_rating"] for item in answer["recommendations"]]
    assert ratings == [3.2, 3.19, 3.19, 3.18]


def test_strangers_by_rating_get_what_is_rated_best(standing_api: httpx.Client) -> None:
    first = ask(standing_api, "nobody", rank_by="rating")["recommendations"][0]
    assert (first["item_id"], first["source"], first["score"]) == ("FASH1020", "best_rated", 3.2)


def test_by_rating_goes_beyond_the_scale_that_is_shown(standing_api: httpx.Client) -> None:
    listed = ask(standing_api, "U10001", rank_by="rating", top_n=15)["recommendations"]
    scores = [item["score"] for item in listed]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 15
    assert [item["predicted_rating"] for item in listed[:3]] == [5.0, 5.0, 5.0]
    assert [item["rank"] for item in listed] == list(range(1, 16))


def test_the_order_by_relevance_is_the_rankers(serve: Serve, artifact_dir: Path) -> None:
    small_version.publish_current(artifact_dir, ranker="popularity")
    with serve() as api:
        by_relevance = ask(api, "U10001", top_n=1)["recommendations"][0]
        by_rating = ask(api, "U10001", top_n=1, rank_by="rating")["recommendations"][0]
    assert (by_relevance["item_id"], by_relevance["source"]) == ("FASH1020", "popular")
    assert (by_rating["item_id"], by_rating["source"]) == ("TECH1019", "personal")
    assert by_relevance["predicted_rating"] == 3.2


def test_a_version_without_ratings_predicts_none(serve: Serve, artifact_dir: Path) -> None:
    version = small_version.publish_current(artifact_dir, with_ratings=False)
    with serve() as api:
        first = ask(api, "U10001")["recommendations"][0]
        refused = api.post("/recommend", json={"user_id": "U10001", "rank_by": "rating"})
    assert (first["item_id"], first["predicted_rating"]) == ("TECH1019", None)
    assert refused.status_code == 409
    assert version in refused.json()["detail"]


def test_a_new_interaction_counts_at_once_though_the_list_was_cached(
    api: httpx.Client, engine: Engine
) -> None:
    before = ask(api, "U10001")
    assert before == ask(api, "U10001")
    record(engine, "U10001", "TECH1019", event_type="view")
    after = ask(api, "U10001")
    assert item_ids(after)[0] == "TECH1018"
    assert after["recommendation_id"] != before["recommendation_id"]


def test_views_tell_a_rating_model_nothing_but_are_left_out(
    api: httpx.Client, engine: Engine
) -> None:
    record(engine, "newcomer", "FASH1020", event_type="view")
    record(engine, "newcomer", "an item since training")
    answer = ask(api, "newcomer", top_n=1)
    assert item_ids(answer) == ["FASH1019"]
    assert answer["recommendations"][0]["source"] == "popular"


def test_only_the_chosen_events_exclude(serve: Serve, version: str, engine: Engine) -> None:
    record(engine, "U10001", "TECH1019", event_type="view")
    record(engine, "U10001", "TECH1018", event_type="purchase")
    with serve(exclude_events="purchase,cart") as api:
        listed = item_ids(ask(api, "U10001", top_n=100))
    assert "TECH1019" in listed
    assert "TECH1018" not in listed
    assert "TECH1001" in listed  # seen at training, by an event that the version does not tell


def test_no_item_left_is_an_empty_list(api: httpx.Client, engine: Engine) -> None:
    record(engine, "collector", *TECH_ITEMS, *FASHION_ITEMS)
    answer = ask(api, "collector")
    assert (answer["recommendations"], answer["total_count"]) == ([], 0)


def test_ids_that_differ_in_a_byte_have_their_own_history(
    api: httpx.Client, engine: Engine
) -> None:
    record(engine, "U1", "TECH1019")
    assert item_ids(ask(api, "U1"))[0] == "TECH1018"
    assert item_ids(ask(api, "u1 "))[0] == "TECH1019"
    assert item_ids(ask(api, "u1"))[0] == "FASH1020"


def test_a_cached_answer_is_the_computed_one(standing_api: httpx.Client) -> None:
    bodies = [{"user_id": user, "top_n": n} for user in ("U10001", "nobody") for n in (3, 5)]
    computed = [standing_api.post("/recommend", json=body).content for body in bodies]
    cached = [standing_api.post("/recommend", json=body).content for body in bodies]
    assert computed == cached
    assert len(set(computed)) == len(bodies)


def test_whose_history_the_ranker_does_not_read_sees_what_others_want_since(
    serve: Serve, artifact_dir: Path, engine: Engine
) -> None:
    small_version.publish_current(artifact_dir, ranker="popularity", last_id=0)
    record(engine, "U10001", "TECH1001")
    with serve() as api:
        assert item_ids(ask(api, "U10001", top_n=1)) == ["FASH1020"]
        for number in range(20):
            record(engine, f"another {number}", "TECH1010")
        eventually(lambda: item_ids(ask(api, "U10001", top_n=1)) == ["TECH1010"])
