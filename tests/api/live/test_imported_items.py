"""What an import says of items is in the next list of a running API, and so is its undo."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.generator.__main__ import main
from tests.api.serving import DATABASE, Serve

BEST = "TECH1019"


@pytest.fixture
def api(
    serve: Serve, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[httpx.Client]:
    assert version
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / DATABASE}")
    monkeypatch.setenv("ARTIFACT_DIR", str(tmp_path / "artifacts"))
    with serve(model_poll_seconds=3600) as client:
        yield client


def listed(api: httpx.Client) -> list[dict[str, Any]]:
    answer = api.post("/recommend", json={"user_id": "U10001", "top_n": 10})
    assert answer.status_code == 200, answer.text
    recommendations: list[dict[str, Any]] = answer.json()["recommendations"]
    return recommendations


def test_the_next_list_knows(api: httpx.Client, tmp_path: Path) -> None:
    first = listed(api)[0]
    assert first["item_id"] == BEST
    path = tmp_path / "shop.csv"

    path.write_text(f"id,title,active\n{BEST},Renamed,yes\n", encoding="utf-8")
    main(["import-items", str(path)])
    assert listed(api)[0]["title"] == "Renamed"

    path.write_text(f"id,active\n{BEST},no\n", encoding="utf-8")
    main(["import-items", str(path)])
    assert BEST not in [item["item_id"] for item in listed(api)]

    main(["undo", "2", "--yes"])
    assert (listed(api)[0]["item_id"], listed(api)[0]["title"]) == (BEST, "Renamed")
