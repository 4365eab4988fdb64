"""Random passwords, made once into a folder: `python -m shared.database.passwords FOLDER NAME…`.

Compose's first job, which refuses the volumes of another clone (CLONE names one's own). A password
that exists is never changed: its database would not follow.
"""

import os
import secrets
import sys
from pathlib import Path

from shared.database.clones import require_same_clone
from shared.durable_files import replaced
from shared.jobs import run_job


def make_passwords(folder: Path, names: list[str]) -> list[str]:
    """Write a password to each file that is not there yet; the names of those that were made.

    Mode 0444: MySQL's image and ours read them under different users, and only their containers
    mount the volume.
    """
    return [name for name in names if _make_password(folder / name)]


def _make_password(path: Path) -> bool:
    if path.exists():
        return False
    with replaced(path) as file:
        file.write(secrets.token_urlsafe(24).encode())
        os.fchmod(file.fileno(), 0o444)
    return True


def main() -> None:
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    require_same_clone(folder, os.environ.get("CLONE", ""))
    made = make_passwords(folder, names)
    sys.stdout.write(f"passwords made: {', '.join(made) or 'none, all exist'}\n")


if __name__ == "__main__":
    run_job(main)
