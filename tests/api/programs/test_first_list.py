import shlex
from pathlib import Path

import httpx

from services.api.programs.client import wait_until_ready
from services.api.programs.first_list import greeting, welcome
from tests.api import small_version
from tests.api.serving import Serve, eventually


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


def test_it_waits_for_a_first_training_that_is_due(serve: Serve, artifact_dir: Path) -> None:
    with serve(train_after=1) as api:
        send_an_event(api)
        eventually(lambda: api.get("/health").json()["first_training"]["interactions"] == 1)
        assert "first training is still to come" in greeting(url_of(api), 0)
        small_version.publish_current(artifact_dir)
        assert greeting(url_of(api), 10).startswith("What U10001 will like next")


def test_an_empty_stack_says_what_to_do_next(serve: Serve) -> None:
    with serve(train_after=1000) as api:
        lines = greeting(url_of(api), 0).splitlines()
        assert "0 of 1,000 interactions" in lines[0]
        assert "  make import FROM=PATH" in lines
        commands = [shlex.split(line) for line in lines if " -d " in line]
        for _curl, url, _header, header, _data, body in commands:
            name, value = header.split(": ")
            answer = httpx.post(url, content=body, headers={name: value}, verify=False)
            assert answer.status_code == 200, answer.text
        assert len(commands) == 2


def send_an_event(api: httpx.Client) -> None:
    event = {"user_id": "somebody", "item_id": "something", "event_type": "view"}
    api.post("/interactions", json={"interactions": [event]}).raise_for_status()
