"""The API as a process of its own, as the image runs it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

from services.api.programs.client import wait_until_ready
from tests.end_to_end.stack import free_port

TICKS = 100  # of /proc, a second


@dataclass(frozen=True)
class ApiProcess:
    """A running API: `pid` for its accounts in /proc, `port` to ask it."""

    pid: int
    port: int

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def megabytes(self) -> float:
        """The largest resident size so far."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024


@contextmanager
def api_process(
    database: URL, artifact_dir: Path, module: str = "services.api", **settings: str
) -> Iterator[ApiProcess]:
    """Serves until left. `settings` are environment variables."""
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
        yield ApiProcess(process.pid, port)
    finally:
        process.terminate()
        process.wait()
