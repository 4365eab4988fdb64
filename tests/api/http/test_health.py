from pathlib import Path

import httpx

from services.api.schemas.health import HealthResponse
from tests.api import small_version
from tests.api.serving import Serve, eventually
from tests.api.wire import closed_port


def test_the_founding_contract(api: httpx.Client, version: str) -> None:
    answer = api.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "healthy",
        "model_loaded": True,
        "model_version": version,
        "num_users": 18,
        "num_items": 40,
        "components": {
            "database": {"status": "healthy", "detail": "answers"},
            "cache": {"status": "healthy", "detail": "answers"},
            "model": {"status": "healthy", "detail": f"serves {version}"},
        },
    }
    assert api.get("/health/live").json() == {"status": "alive"}
    assert api.get("/health/ready").json() == {"status": "ready", "model_version": version}


def test_the_root_says_what_it_is_and_where_to_go(standing_api: httpx.Client) -> None:
    answer = standing_api.get("/").json()
    assert answer["name"] == "Sommelier"
    assert answer["links"]["docs"] == "/docs"
    assert standing_api.get("/docs").status_code == 200


def test_without_a_model_it_lives_says_what_to_do_and_waits(
    serve: Serve, artifact_dir: Path
) -> None:
    with serve() as api:
        assert api.get("/health/live").status_code == 200
        unhealthy = api.get("/health")
        assert (unhealthy.status_code, unhealthy.json()["status"]) == (503, "unhealthy")
        assert unhealthy.json()["model_loaded"] is False
        for refused in (
            api.get("/health/ready"),
            api.post("/recommend", json={"user_id": "U10001"}),
            api.post("/predict", json={"user_id": "U10001", "item_ids": ["TECH1001"]}),
            api.get("/users"),
        ):
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
            assert "python -m services.trainer" in refused.json()["detail"]

        version = small_version.publish_current(artifact_dir)
        eventually(lambda: api.get("/health/ready").status_code == 200)
        answer = api.post("/recommend", json={"user_id": "U10001"}).json()
        assert answer["model_version"] == version


def test_the_documented_example_is_what_a_cache_that_is_away_looks_like(
    serve: Serve, version: str
) -> None:
    with closed_port() as port, serve(redis_url=f"redis://127.0.0.1:{port}/0") as api:
        answer = api.get("/health").json()
        document = api.get("/openapi.json").json()
    [example] = document["components"]["schemas"][HealthResponse.__name__]["examples"]
    assert (answer["status"], answer["model_version"]) == (example["status"], version)
    assert answer["components"]["cache"] == example["components"]["cache"]
    assert answer["components"]["database"] == example["components"]["database"]
