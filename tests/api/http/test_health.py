import httpx

from services.api.schemas.health import HealthResponse
from tests.api.serving import Serve
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
        "first_training": None,
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


def test_the_documented_example_is_what_a_cache_that_is_away_looks_like(serve: Serve) -> None:
    with closed_port() as port, serve(redis_url=f"redis://127.0.0.1:{port}/0") as api:
        answer = api.get("/health").json()
        document = api.get("/openapi.json").json()
    assert document["components"]["schemas"][HealthResponse.__name__]["examples"] == [answer]
