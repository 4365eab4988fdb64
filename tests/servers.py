"""Real servers in containers, for tests and benchmarks: gone when their block ends.

Every container carries the process id of whoever started it, so that the next to start one can
remove what a killed process left behind without touching what belongs to a process beside it.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from docker import DockerClient
from sqlalchemy.engine import URL
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import ExecWaitStrategy

OWNER_LABEL = "sommelier.tests.pid"


def remove_leftovers(client: DockerClient) -> None:
    """Remove the containers of processes that are gone."""
    for container in client.containers.list(all=True, filters={"label": OWNER_LABEL}):
        if not _is_running(int(container.labels[OWNER_LABEL])):
            container.remove(force=True, v=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs, under another user
        return True
    return True


@contextmanager
def mysql_server(*, on_disk: bool = False) -> Iterator[URL]:
    """A real MySQL: the URL of its root account with the empty database `sommelier`.

    Its data is in memory, or where commits are measured `on_disk`, set up as in Compose.
    """
    password = secrets.token_urlsafe(12)
    # Over TCP: the server that initialises the data folder answers on the socket alone.
    ready = ("mysqladmin", "--no-defaults", "--host=127.0.0.1", "ping")
    container = (
        _container("mysql:9.7", *ready)
        .with_envs(MYSQL_ROOT_PASSWORD=password, MYSQL_DATABASE="sommelier")
        .with_exposed_ports(3306)
    )
    if on_disk:
        container.with_command("--skip-log-bin")
    else:
        container.with_tmpfs_mount("/var/lib/mysql")  # a disk's fsync is half the suite's time
    with container:
        yield URL.create(
            "mysql+pymysql",
            username="root",
            password=password,
            host=container.get_container_host_ip(),
            port=container.get_exposed_port(3306),
            database="sommelier",
        )


@contextmanager
def redis_server() -> Iterator[str]:
    """A real Redis: its URL."""
    container = _container("redis:8", "redis-cli", "ping").with_exposed_ports(6379)
    with container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(6379)
        yield f"redis://{host}:{port}/0"


def _container(image: str, *ready: str) -> DockerContainer:
    """A container that counts as started once the command `ready` succeeds in it."""
    testcontainers_config.ryuk_disabled = True  # its work is done by `remove_leftovers`
    return (
        DockerContainer(image)
        .with_kwargs(labels={OWNER_LABEL: str(os.getpid())})
        .waiting_for(
            ExecWaitStrategy(list(ready)).with_startup_timeout(120).with_poll_interval(0.2)
        )
    )
