import shlex
from pathlib import Path

import httpx
import pytest

from services.api.welcome import NotServing, call, wait_until_ready, welcome
from tests.api import small_version
from tests.api.conftest import Serve
from tests.api.wire import closed_port


def url_of(api: httpx.Client) -> str:
    return str(api.base_url).rstrip("/")


def test_it_shows_a_list_and_a_request_that_gives_it(standing_api: httpx.Client) -> None:
    url = url_of(standing_api)
    wait_until_ready(url, 10)
    lines = welcome(url).splitlines()
    assert lines[0].startswith("What U10001 will like next")
    assert lines[3].split() == ["1", "TECH1019", "Title", "of", "TECH1019", "TECH", "5.00"]
    command = shlex.split(next(line for line in lines if line.startswith("curl")))
    answer = httpx.post(
        command[1], content=command[-1], headers=dict([command[3].split(": ")]), verify=False
    )
    assert answer.json()["recommendations"][0]["item_id"] == "TECH1019"


def test_data_of_ones_own_shows_someone_of_it(serve: Serve, artifact_dir: Path) -> None:
    small_version.publish_current(artifact_dir, with_ratings=False, users=("it's me", "you"))
    with serve() as api:
        text = welcome(url_of(api))
    assert "What it's me will like next" in text


def test_it_gives_up_with_the_reason(serve: Serve) -> None:
    with serve() as api, pytest.raises(NotServing, match="no trained model"):
        wait_until_ready(url_of(api), 0)
    with closed_port() as port, pytest.raises(NotServing, match="does not answer"):
        wait_until_ready(f"http://127.0.0.1:{port}", 0)


def test_it_waits_for_the_model(serve: Serve, artifact_dir: Path) -> None:
    with serve() as api:
        rounds: list[float] = []

        def train_meanwhile(seconds: float) -> None:
            if not rounds:
                small_version.publish_current(artifact_dir)
            rounds.append(seconds)

        wait_until_ready(url_of(api), 10, sleep=train_meanwhile)
    assert rounds


def test_the_apis_own_words_are_handed_on(standing_api: httpx.Client) -> None:
    with pytest.raises(NotServing, match="GET /nothing: Not Found"):
        call(f"{url_of(standing_api)}/nothing")
