import json
import shlex
from pathlib import Path

import httpx
import pytest

from services.api.programs.client import wait_until_ready
from services.api.programs.first_list import KeySettings, greet, welcome
from tests.api import small_version
from tests.api.keys import ADMIN, KEYS, WRITE
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
        assert "first training is still to come" in greet(url_of(api), None)
        small_version.publish_current(artifact_dir)
        assert greet(url_of(api), None, 10).startswith("What U10001 will like next")


def test_an_empty_stack_says_what_to_do_next(serve: Serve) -> None:
    with serve(train_after=1000) as api:
        lines = greet(url_of(api), None).splitlines()
        assert "0 of 1,000 interactions" in lines[0]
        assert "  make import FROM=PATH" in lines
        commands = [shlex.split(line) for line in lines if " -d " in line]
        for _curl, url, _header, header, _data, body in commands:
            name, value = header.split(": ")
            answer = httpx.post(url, content=body, headers={name: value}, verify=False)
            assert answer.status_code == 200, answer.text
        assert len(commands) == 2
        ask = {"user_id": "somebody new"}
        assert json.loads(body) == ask  # the list that is asked for holds what was sent
        eventually(
            lambda: (
                [
                    item["item_id"]
                    for item in api.post("/recommend", json=ask).json()["recommendations"]
                ]
                == ["something"]
            )
        )


def send_an_event(api: httpx.Client) -> None:
    event = {"user_id": "somebody", "item_id": "something", "event_type": "view"}
    api.post("/interactions", json={"interactions": [event]}).raise_for_status()


@pytest.mark.usefixtures("version")
def test_it_asks_with_a_key_that_it_does_not_show(serve: Serve) -> None:
    with serve(**KEYS) as api:
        text = greet(url_of(api), WRITE)
    assert "What U10001 will like next" in text
    assert WRITE not in text
    commands = [line for line in text.splitlines() if "curl " in line]
    assert len(commands) == 4
    assert all('-H "X-API-Key: $API_KEY"' in command for command in commands)


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize("key", [None, "of another time", "ключ"])
def test_it_says_how_to_ask_where_it_has_no_key(serve: Serve, key: str | None) -> None:
    with serve(**KEYS) as api:
        wait_until_ready(url_of(api), 10)
        text = greet(url_of(api), key)
    assert "can serve" in text
    assert '-H "X-API-Key: $API_KEY"' in text


@pytest.mark.parametrize(
    ("keys", "plain"),
    [
        ({}, None),
        ({"api_key": "sha256:0f"}, None),
        ({"api_key": f"sha256:0f, {WRITE}"}, WRITE),
        ({"api_key": "sha256:0f", "admin_api_key": ADMIN}, ADMIN),
    ],
)
def test_it_takes_a_key_that_is_no_hash(keys: dict[str, str], plain: str | None) -> None:
    assert KeySettings.load(**keys).plain_key() == plain
