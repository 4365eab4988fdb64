import subprocess
import sys
from pathlib import Path

import pytest

from shared.database.passwords import make_passwords


def test_each_name_gets_a_long_password_of_its_own(tmp_path: Path) -> None:
    assert make_passwords(tmp_path, ["root", "user"]) == ["root", "user"]
    passwords = {(tmp_path / name).read_text(encoding="utf-8") for name in ("root", "user")}
    assert len(passwords) == 2
    assert min(len(password) for password in passwords) >= 32


def test_an_existing_password_stays_while_a_missing_one_is_made(tmp_path: Path) -> None:
    (tmp_path / "root").write_text("kept", encoding="utf-8")
    assert make_passwords(tmp_path, ["root", "user"]) == ["user"]
    assert (tmp_path / "root").read_text(encoding="utf-8") == "kept"
    assert make_passwords(tmp_path, ["root", "user"]) == []


def test_containers_with_other_users_can_read_a_password_and_nobody_can_change_it(
    tmp_path: Path,
) -> None:
    make_passwords(tmp_path, ["root"])
    assert (tmp_path / "root").stat().st_mode & 0o777 == 0o444


def test_what_an_interrupted_run_left_is_no_password(tmp_path: Path) -> None:
    (tmp_path / ".root.writing").write_text("ha", encoding="utf-8")
    assert make_passwords(tmp_path, ["root"]) == ["root"]
    assert [path.name for path in tmp_path.iterdir()] == ["root"]


def test_the_job_says_what_it_made_and_never_the_password(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    def job() -> str:
        command = [sys.executable, "-m", "shared.database.passwords", str(tmp_path), "root"]
        root = pytestconfig.rootpath
        return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout

    assert job() == "passwords made: root\n"
    assert job() == "passwords made: none, all exist\n"
