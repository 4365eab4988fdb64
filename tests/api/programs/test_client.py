from pathlib import Path

import httpx
import pytest

from services.api.live.untrained import UNTRAINED
from services.api.programs.client import NotServing, call, wait_until_ready
from tests.api import small_version
from tests.api.serving import Serve
from tests.api.wire import closed_port


def url_of(api: httpx.Client) -> str:
    return str(api.base_url).rstrip("/")


def test_it_gives_up_with_the_reason(serve: Serve) -> None:
    with serve() as api, pytest.raises(NotServing, match="untrained"):
        wait_until_ready(url_of(api), 0, accepts=is_trained)
    with closed_port() as port, pytest.raises(NotServing, match="does not answer"):
        wait_until_ready(f"http://127.0.0.1:{port}", 0)


def is_trained(version: str) -> bool:
    return version != UNTRAINED


def test_it_waits_for_the_model(serve: Serve, artifact_dir: Path) -> None:
    with serve() as api:
        rounds: list[float] = []

        def train_meanwhile(seconds: float) -> None:
            if not rounds:
                small_version.publish_current(artifact_dir)
            rounds.append(seconds)

        wait_until_ready(url_of(api), 10, accepts=is_trained, sleep=train_meanwhile)
    assert rounds


def test_what_answers_untrained_is_ready(serve: Serve) -> None:
    with serve() as api:
        wait_until_ready(url_of(api), 0)


def test_the_apis_own_words_are_handed_on(standing_api: httpx.Client) -> None:
    with pytest.raises(NotServing, match="GET /nothing: Not Found"):
        call(f"{url_of(standing_api)}/nothing")
