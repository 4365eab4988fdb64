"""stack.sh: which Compose project and port are this clone's, asked of a real Docker engine."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from docker import DockerClient

from tests.api.wire import silent_port
from tests.servers import OWNER_LABEL

pytestmark = pytest.mark.containers

Clone = Callable[..., Path]


@pytest.fixture
def before() -> str:
    """What the one stack was called before each clone had a name of its own."""
    return f"before-{secrets.token_hex(4)}"


@pytest.fixture
def clone(tmp_path: Path, pytestconfig: pytest.Config) -> Clone:
    """Makes a folder that the script takes for a clone."""

    def make(*parts: str) -> Path:
        folder = tmp_path.joinpath(*parts)
        folder.mkdir(parents=True)
        shutil.copy(pytestconfig.rootpath / "stack.sh", folder)
        return folder

    return make


def run(folder: Path, before: str, **variables: str) -> subprocess.CompletedProcess[str]:
    passed_on = {
        name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST") if name in os.environ
    }
    environment = passed_on | {"NAME_OF_BEFORE": before} | variables
    return subprocess.run(
        ["sh", str(folder / "stack.sh")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def chosen(folder: Path) -> dict[str, str]:
    lines = (folder / ".env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=") for line in lines if line)


@contextmanager
def container_of(docker: DockerClient, project: str, folder: Path) -> Iterator[None]:
    """A container of a project that was started from a folder."""
    labels = {
        OWNER_LABEL: str(os.getpid()),
        "com.docker.compose.project": project,
        "com.docker.compose.project.working_dir": str(folder),
    }
    container = docker.containers.create("redis:8", labels=labels)
    try:
        yield
    finally:
        container.remove(force=True)


@contextmanager
def volume_of(docker: DockerClient, project: str) -> Iterator[None]:
    volume = docker.volumes.create(
        f"{project}_mysql-data", labels={"com.docker.compose.project": project}
    )
    try:
        yield
    finally:
        volume.remove()


def test_a_clone_gets_a_name_and_a_free_port_once(
    docker: DockerClient, clone: Clone, before: str
) -> None:
    folder = clone("My Shop")
    (folder / ".env").write_text("MODEL=als")  # without a line end
    first = run(folder, before)
    assert first.returncode == 0, first.stderr
    settings = chosen(folder)
    name, port = settings["COMPOSE_PROJECT_NAME"], settings["API_PORT"]
    assert settings["MODEL"] == "als"
    assert name.startswith("sommelier-my-shop-")
    assert 8000 <= int(port) < 8100
    assert f"This clone's stack is '{name}', on port {port}" in first.stdout
    again = run(folder, before)
    assert (again.stdout, chosen(folder)) == (first.stdout, settings)


def test_clones_that_are_called_alike_get_names_of_their_own(
    docker: DockerClient, clone: Clone, before: str
) -> None:
    folders = [clone("one", "sommelier"), clone("two", "sommelier")]
    assert [run(folder, before).returncode for folder in folders] == [0, 0]
    names = {chosen(folder)["COMPOSE_PROJECT_NAME"] for folder in folders}
    assert len(names) == 2


def test_what_the_environment_names_is_not_written(
    docker: DockerClient, clone: Clone, before: str
) -> None:
    folder = clone("clone")
    done = run(folder, before, COMPOSE_PROJECT_NAME="given", API_PORT="8000-8003")
    assert "This clone's stack is 'given', on port 8000-8003" in done.stdout
    assert not (folder / ".env").exists()


def test_a_stack_of_before_that_was_started_here_keeps_its_name(
    docker: DockerClient, clone: Clone, before: str
) -> None:
    here, elsewhere = clone("here"), clone("elsewhere")
    with container_of(docker, before, here), volume_of(docker, before):
        assert run(here, before).returncode == 0
        assert run(elsewhere, before).returncode == 0
    assert chosen(here)["COMPOSE_PROJECT_NAME"] == before
    assert chosen(elsewhere)["COMPOSE_PROJECT_NAME"] != before


def test_volumes_that_may_be_of_any_clone_are_asked_about(
    docker: DockerClient, clone: Clone, before: str
) -> None:
    folder = clone("clone")
    with volume_of(docker, before):
        asked = run(folder, before)
    assert asked.returncode == 1
    assert f"echo COMPOSE_PROJECT_NAME={before} >>.env" in asked.stderr
    assert not (folder / ".env").exists()


def test_the_stack_of_another_clone_is_left_alone(
    docker: DockerClient, clone: Clone, before: str
) -> None:
    owner, copy = clone("owner"), clone("copy")
    with container_of(docker, "copied-name", owner):
        refused = run(copy, before, COMPOSE_PROJECT_NAME="copied-name")
        assert refused.returncode == 1
        assert f"belongs to the clone in {owner}" in refused.stderr
        owner.rename(owner.with_name("moved"))
        assert run(copy, before, COMPOSE_PROJECT_NAME="copied-name").returncode == 0


def test_a_clone_is_the_same_by_whatever_way_it_is_reached(
    docker: DockerClient, clone: Clone, before: str
) -> None:
    folder = clone("clone")
    link = folder.with_name("link")
    link.symlink_to(folder)
    with container_of(docker, before, link):
        assert run(folder, before).returncode == 0
    assert chosen(folder)["COMPOSE_PROJECT_NAME"] == before


def test_a_port_that_is_taken_is_said(docker: DockerClient, clone: Clone, before: str) -> None:
    folder = clone("clone")
    with silent_port() as port:
        refused = run(folder, before, COMPOSE_PROJECT_NAME="a-name", API_PORT=str(port))
    assert refused.returncode == 1
    assert f"Port {port} is taken by another program" in refused.stderr
