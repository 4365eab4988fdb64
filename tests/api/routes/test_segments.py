from pathlib import Path

import httpx

from tests.api import small_version
from tests.api.serving import eventually
from tests.api.small_version import CERTAINTY


def test_the_groups_that_the_trainer_found(standing_api: httpx.Client) -> None:
    answer = standing_api.get("/segments").json()
    assert [segment["name"] for segment in answer["segments"]] == ["fashion", "tech"]
    first = answer["segments"][0]
    assert first["segment_id"] == "S1"
    assert first["size"] == 9
    assert first["favourite_categories"] == [{"category": "FASH", "share": 1, "lift": 2}]
    assert answer["criterion"]["name"] == "by construction"
    assert answer["total_count"] == 2
    assert answer["model_version"]


def test_the_segment_of_a_user(standing_api: httpx.Client) -> None:
    assert standing_api.get("/users/U10001").json()["segment"] == {
        "segment_id": "S2",
        "name": "tech",
        "certainty": CERTAINTY,
    }
    assert standing_api.get("/users/U10002").json()["segment"]["name"] == "fashion"


def test_a_version_without_segments_has_none(api: httpx.Client, artifact_dir: Path) -> None:
    plain = small_version.publish_current(artifact_dir, with_segments=False)
    eventually(lambda: api.get("/health").json()["model_version"] == plain)
    answer = api.get("/segments").json()
    assert (answer["segments"], answer["criterion"], answer["total_count"]) == ([], None, 0)
    assert api.get("/users/U10001").json()["segment"] is None
