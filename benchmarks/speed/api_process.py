"""The API as a process of its own, as the image runs it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from services.api.programs.client import wait_until_ready
from tests.end_to_end.stack import free_port


@contextmanager
def api_process(
    database: URL, artifact_dir: Path, module: str = "services.api", **settings: str
) -> Iterator[int]:
    """Serves until left; its port. `settings` are environment variables."""
    port = free_port()
    environment = (
        os.environ
        | settings
        | {
            "DATABASE_URL": database.render_as_string(hide_password=False),
            "ARTIFACT_DIR": str(artifact_dir),
        }
    )
    process = subprocess.Popen([sys.executable, "-m", module, "--port", str(port)], env=environment)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", seconds=60)
        yield port
    finally:
        process.terminate()
        process.wait()
