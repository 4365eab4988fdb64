"""The Compose stack under a project name and a port of its own."""

import hashlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

# What reaches Compose from outside: nothing of it configures Sommelier, which has to start on a
# machine where nothing was set.
PASSED_ON = ("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONTEXT", "PIP_EXTRA_INDEX_URL")


class Stack:
    """One stack; `client` asks its API over the published port.

    `printed` is what the last `make up` wrote to standard output.
    """

    def __init__(self, root: Path, **settings: str) -> None:
        """`settings` are those of a user's `.env`."""
        self.root = root
        # The checkout's own name: leftovers of an earlier run are found, another's are let be.
        self.project = f"sommelier-test-{hashlib.sha256(bytes(root)).hexdigest()[:8]}"
        port = free_port()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)
        self.printed = ""
        self._environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_ENV_FILES": os.devnull,  # not a developer's .env
            "API_PORT": str(port),
            **settings,
        }

    def run(self, *command: str) -> str:
        """Run a command in the project's root against this stack; its standard output."""
        done = self.attempt(*command)
        done.check_returncode()
        return done.stdout

    def attempt(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The same for a command that may fail, with more variables in its environment."""
        return subprocess.run(
            command,
            cwd=self.root,
            env=self._environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )

    def compose(self, *arguments: str) -> str:
        return self.run("docker", "compose", *arguments)

    def up(self) -> None:
        self.printed = self.run("make", "up")

    def remove(self) -> None:
        """Remove its containers, networks and volumes; the images stay, as a cache."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")

    def containers(self) -> dict[str, dict[str, Any]]:
        """What the engine says of each container, by service."""
        ids = self.compose("ps", "--all", "--quiet").split()
        inspected = json.loads(self.run("docker", "inspect", *ids))
        return {
            container["Config"]["Labels"]["com.docker.compose.service"]: container
            for container in inspected
        }

    def recommend(self, user_id: str, **fields: object) -> dict[str, Any]:
        """The answer of POST /recommend; httpx.HTTPError where there is none or an error."""
        answer = self.client.post("/recommend", json={"user_id": user_id} | fields)
        content: dict[str, Any] = answer.raise_for_status().json()
        return content

    def health(self) -> dict[str, Any]:
        content: dict[str, Any] = self.client.get("/health").raise_for_status().json()
        return content


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Poll until `condition` holds; AssertionError saying `what` did not after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
