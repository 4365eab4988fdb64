"""From a clone to one's own data in Docker Compose: nothing is generated, or trained by hand."""

from collections.abc import Iterator

import pytest
from docker import DockerClient

from tests.end_to_end.stack import Stack, wait_until

pytestmark = pytest.mark.end_to_end

TRAIN_AFTER = 200


@pytest.fixture(scope="module")
def stack(docker: DockerClient, pytestconfig: pytest.Config) -> Iterator[Stack]:
    stack = Stack(
        pytestconfig.rootpath, DEMO_DATA="off", TRAIN_AFTER=str(TRAIN_AFTER), MODEL="popularity"
    )
    stack.remove()
    try:
        stack.up()
        yield stack
    finally:
        stack.remove()
        stack.client.close()


def send(stack: Stack, first_user: int, users: int) -> None:
    """Half of the users buy what is red, half what is blue, ten things each."""
    events = [
        {"user_id": f"u{user}", "item_id": f"{colour}-{number}", "event_type": "purchase"}
        for user in range(first_user, first_user + users)
        for colour in (("red", "blue")[user % 2],)
        for number in range(user % 5, user % 5 + 10)
    ]
    answer = stack.client.post("/interactions", json={"interactions": events})
    assert answer.raise_for_status().json()["accepted"] == len(events)


def first(stack: Stack) -> tuple[str, float] | None:
    """The source and the score of a stranger's first item, if there is one."""
    listed = stack.recommend("stranger")["recommendations"]
    return (listed[0]["source"], listed[0]["score"]) if listed else None


def test_make_up_ends_with_what_to_do_next(stack: Stack) -> None:
    assert "DEMO_DATA is off: nothing is generated." in stack.printed
    assert f"0 of {TRAIN_AFTER} interactions" in stack.printed
    assert "make import FROM=PATH" in stack.printed
    assert f"curl {stack.client.base_url}/interactions" in stack.printed
    assert stack.recommend("anybody")["recommendations"] == []


def test_compose_finds_it_up_before_and_after_the_first_training(stack: Stack) -> None:
    stack.compose("up", "--detach", "--wait")
    health = stack.health()
    assert (health["status"], health["model_version"]) == ("healthy", "untrained")
    send(stack, 0, 10)
    wait_until(lambda: first(stack) == ("popular", 5), "popular lists")
    send(stack, 10, 10)
    wait_until(lambda: stack.health()["model_loaded"], "the first training", 120)
    wait_until(lambda: stack.health()["first_training"] is None, "the end of waiting")
    stack.compose("up", "--detach", "--wait")
    stack.up()
    assert f"will like next (model {stack.health()['model_version']})" in stack.printed


def test_another_clone_is_kept_from_its_volumes(stack: Stack) -> None:
    job = ("docker", "compose", "run", "--rm", "--no-deps", "passwords")
    assert stack.attempt(*job, PWD=str(stack.root)).returncode == 0
    assert stack.attempt(*job, PWD="/elsewhere").returncode == 1
