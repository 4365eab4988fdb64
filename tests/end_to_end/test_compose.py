"""From a clone to recommendations in Docker Compose, and what holds while parts of it fail."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest
from docker import DockerClient

from tests.end_to_end.stack import Stack, wait_until

pytestmark = pytest.mark.end_to_end

JOBS = ("passwords", "migrate", "generator")
SERVERS = ("mysql", "redis", "api")
WAITING = "trainer"  # it rests once it has trained the first version
NO_CAPABILITIES = "CapEff:\t0000000000000000\n"


@pytest.fixture(scope="module")
def stack(docker: DockerClient, pytestconfig: pytest.Config) -> Iterator[Stack]:
    """The stack, started by the one command of the README."""
    stack = Stack(pytestconfig.rootpath)
    stack.remove()
    try:
        stack.up()
        yield stack
    finally:
        stack.remove()
        stack.client.close()


def test_make_up_ends_with_a_first_recommendation_and_where_to_ask_next(stack: Stack) -> None:
    first = stack.recommend("U10001")["recommendations"][0]
    assert "What U10001 will like next" in stack.printed
    assert first["item_id"] in stack.printed
    assert f"{stack.client.base_url}/docs" in stack.printed


def test_a_known_user_gets_a_personal_list_on_the_rating_scale(stack: Stack) -> None:
    answer = stack.recommend("U10001", top_n=10, exclude_rated=True)
    listed = answer["recommendations"]
    assert (answer["user_id"], answer["total_count"]) == ("U10001", 10)
    assert [item["rank"] for item in listed] == list(range(1, 11))
    assert len({item["item_id"] for item in listed}) == 10
    assert all(1 <= item["predicted_rating"] <= 5 for item in listed)
    assert {item["source"] for item in listed} == {"personal"}


def test_users_get_different_lists_and_a_stranger_the_popular_one(stack: Stack) -> None:
    users = [user["user_id"] for user in stack.client.get("/users?limit=20").json()["users"]]
    lists = [
        tuple(item["item_id"] for item in stack.recommend(user_id)["recommendations"])
        for user_id in users
    ]
    assert len(set(lists)) > 15
    stranger = stack.recommend("nobody has seen me")["recommendations"]
    assert {item["source"] for item in stranger} == {"popular"}


def test_every_part_is_healthy(stack: Stack) -> None:
    wait_until(lambda: stack.health()["status"] == "healthy", "a healthy stack")
    assert stack.health()["num_users"] == 1000
    containers = stack.containers()
    wait_until(
        lambda: all(
            stack.containers()[name]["State"]["Health"]["Status"] == "healthy" for name in SERVERS
        ),
        "healthy servers",
    )
    assert {name: containers[name]["State"]["ExitCode"] for name in JOBS} == dict.fromkeys(JOBS, 0)
    assert containers[WAITING]["State"]["Running"]


def test_only_the_api_is_published_and_on_this_machine_alone(stack: Stack) -> None:
    published = {
        (name, binding["HostIp"], binding["HostPort"])
        for name, container in stack.containers().items()
        for bindings in container["HostConfig"]["PortBindings"].values()
        for binding in bindings
    }
    assert published == {("api", "127.0.0.1", str(stack.client.base_url.port))}


@pytest.mark.parametrize("service", [*JOBS, *SERVERS, WAITING])
def test_every_container_is_confined(stack: Stack, service: str) -> None:
    container = stack.containers()[service]
    host = container["HostConfig"]
    assert container["Config"]["User"] not in ("", "0", "root")
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("service", [*SERVERS, WAITING])
def test_a_server_runs_without_capabilities_and_cannot_change_its_image(
    stack: Stack, service: str
) -> None:
    status = stack.compose("exec", "--no-TTY", service, "cat", "/proc/1/status")
    assert NO_CAPABILITIES in status
    refused = stack.compose(
        "exec", "--no-TTY", service, "sh", "-c", "touch /usr/x 2>&1 || echo refused"
    )
    assert "Read-only file system" in refused
    assert refused.endswith("refused\n")


def test_the_api_image_holds_no_torch(stack: Stack) -> None:
    installed = stack.compose("exec", "--no-TTY", "api", "find", "/opt/venv", "-name", "torch*")
    assert installed == ""


def test_imported_rows_count_at_once_without_a_training(stack: Stack, tmp_path: Path) -> None:
    item_id = stack.recommend("U10001")["recommendations"][0]["item_id"]
    events = tmp_path / "events.csv"
    events.write_text(f"who,what\nU10001,{item_id}\n", encoding="utf-8")
    stack.run("make", "import", f"FROM={events}", "ARGS=--user who --item what")
    listed = stack.recommend("U10001", top_n=100)["recommendations"]
    assert item_id not in {item["item_id"] for item in listed}


def send(stack: Stack, *events: Mapping[str, object], seconds: float = 10) -> httpx.Response:
    return stack.client.post("/interactions", json={"interactions": events}, timeout=seconds)


def test_an_event_counts_for_the_next_list_and_each_item_says_why(stack: Stack) -> None:
    first, second = stack.recommend("somebody new")["recommendations"][:2]
    liked = {"user_id": "somebody new", "event_type": "like"}
    events = [
        {**liked, "event_id": f"first-{number}", "item_id": item["item_id"]}
        for number, item in enumerate((first, second))
    ]
    assert send(stack, *events).json() == {"accepted": 2, "duplicates": 0, "rejected": []}
    listed = stack.recommend("somebody new", explain=True)["recommendations"]
    assert {item["source"] for item in listed} == {"personal"}
    assert not {first["item_id"], second["item_id"]} & {item["item_id"] for item in listed}
    assert first["title"] in {b["title"] for item in listed for b in item["reason"]["because"]}


def test_what_was_not_acknowledged_is_sent_again_and_kept_once(stack: Stack) -> None:
    event = {"event_id": "away", "user_id": "U10001", "item_id": "a", "event_type": "view"}
    stack.compose("pause", "mysql")
    try:
        refused = send(stack, event, seconds=3)
    finally:
        stack.compose("unpause", "mysql")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    wait_until(lambda: stack.health()["status"] == "healthy", "a healthy stack")
    stored = [send(stack, event).json() for _again in range(2)]
    assert sum(answer["accepted"] for answer in stored) <= 1
    assert stored[1] == {"accepted": 0, "duplicates": 1, "rejected": []}


def test_the_lists_of_all_users_go_to_a_file(stack: Stack, tmp_path: Path) -> None:
    printed = stack.run("make", "batch", "ARGS=--top-n 5")
    assert "docker compose cp api:/artifacts/batch ." in printed
    stack.compose("cp", "api:/artifacts/batch", str(tmp_path))
    lists = tmp_path / "batch" / f"{stack.health()['model_version']}-top5.parquet"
    assert pq.read_metadata(lists).num_rows == 5 * stack.health()["num_users"]


def test_a_user_is_erased_from_rows_and_versions(stack: Stack) -> None:
    user_id = stack.client.get("/users?limit=1&offset=900").json()["users"][0]["user_id"]
    version, users = stack.health()["model_version"], stack.health()["num_users"]
    receipt = stack.client.delete(f"/users/{user_id}").raise_for_status().json()
    assert receipt["removed"]["interactions"] > 0
    assert version in receipt["removed"]["versions"]
    sources = {item["source"] for item in stack.recommend(user_id)["recommendations"]}
    assert sources <= {"popular", "new"}
    assert stack.health()["num_users"] == users - 1
    event = {"user_id": user_id, "item_id": "a", "event_type": "view"}
    assert len(send(stack, event).json()["rejected"]) == 1


@contextmanager
def asking_all_the_time(stack: Stack) -> Iterator[list[str | None]]:
    """Ask without pause meanwhile; the version of each answer, None for a request that failed."""
    answers: list[str | None] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            user_id = f"U{10001 + len(answers) % 200}"
            try:
                answers.append(stack.recommend(user_id)["model_version"])
            except httpx.HTTPError:
                answers.append(None)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        done.set()
        thread.join()


def test_the_api_follows_a_retraining_and_a_rollback_without_a_failed_request(
    stack: Stack,
) -> None:
    before = stack.health()["model_version"]
    with asking_all_the_time(stack) as answers:
        wait_until(lambda: len(answers) > 0, "a first answer")
        printed = stack.run("make", "retrain")
        after = stack.health()["model_version"]
        stack.run("make", "rollback")
        assert stack.health()["model_version"] == before
    assert after != before
    assert f"The API serves version {after}." in printed
    assert set(answers) == {before, after}


def rows_and_versions(stack: Stack) -> str:
    """How many rows the database holds and which versions there are."""
    count = (
        "import pathlib; from shared import settings;"
        "from shared.database import engine, storage, tables;"
        "s = settings.Settings.load(); c = engine.connect(s.database()).connect();"
        "print([storage.count(c, t) for t in tables.metadata.tables.values()],"
        " sorted(p.name for p in pathlib.Path('/artifacts/models').iterdir()))"
    )
    return stack.compose("exec", "--no-TTY", "api", "python", "-c", count)


@pytest.mark.parametrize("first", [(), ("down",)], ids=["running", "after down"])
def test_a_second_up_neither_generates_nor_trains(stack: Stack, first: tuple[str, ...]) -> None:
    before, version = rows_and_versions(stack), stack.health()["model_version"]
    for verb in first:
        stack.run("make", verb)
    stack.up()
    assert rows_and_versions(stack) == before
    assert stack.health()["model_version"] == version


@pytest.mark.parametrize(
    ("away", "back"),
    [
        (("kill", "redis"), ("start", "redis")),
        (("pause", "redis"), ("unpause", "redis")),
        (("kill", "mysql"), ("start", "mysql")),
        (("pause", "mysql"), ("unpause", "mysql")),
    ],
    ids=" ".join,
)
def test_recommendations_go_on_while_a_neighbour_is_away(
    stack: Stack, away: tuple[str, str], back: tuple[str, str]
) -> None:
    wait_until(lambda: stack.health()["status"] == "healthy", "a healthy stack")
    with asking_all_the_time(stack) as answers:
        stack.compose(*away)
        wait_until(lambda: stack.health()["status"] == "degraded", f"noticing: {away}")
        answered = len(answers)
        wait_until(lambda: len(answers) >= answered + 20, "answers without it")
        stack.compose(*back)
        wait_until(lambda: stack.health()["status"] == "healthy", f"noticing: {back}")
    assert None not in answers
