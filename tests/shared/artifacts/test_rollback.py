import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.programs


def test_without_a_version_to_go_back_to_it_says_so_in_one_line(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "shared.artifacts.rollback"],
        cwd=pytestconfig.rootpath,
        env={"ARTIFACT_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "There is no version before the current one to go back to.\n"
