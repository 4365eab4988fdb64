import subprocess
import sys
from pathlib import Path

import pytest

from shared.errors import SommelierError
from shared.jobs import run_job


def test_an_error_for_a_person_ends_the_job_in_one_line() -> None:
    def job() -> None:
        raise SommelierError("The shelf is empty: fill it first.")

    with pytest.raises(SystemExit, match=r"^The shelf is empty: fill it first\.$"):
        run_job(job)


def test_a_file_that_cannot_be_used_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match=r"Not a directory: '.*/file/models'"):
        run_job((tmp_path / "file" / "models").mkdir)


def test_a_defect_keeps_its_traceback() -> None:
    def job() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_job(job)


def test_a_stop_signal_ends_the_job_without_traceback() -> None:
    program = (
        "import os, signal; from shared.jobs import run_job;"
        "run_job(lambda: os.kill(os.getpid(), signal.SIGTERM))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "stopped\n"
