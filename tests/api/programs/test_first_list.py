import shlex
from pathlib import Path

import httpx

from services.api.programs.client import wait_until_ready
from services.api.programs.first_list import welcome
from tests.api import small_version
from tests.api.serving import Serve


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
