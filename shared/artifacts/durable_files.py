"""Files that are there whole or not at all, and still there after a crash."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Signature = tuple[int, ...]


def sha256(path: Path) -> str:
    """The hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_signature(path: Path) -> Signature | None:
    """Changes whenever another file is put in its place; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


def write_text(path: Path, text: str) -> None:
    """Write and sync a small file."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def replace_text(path: Path, text: str) -> None:
    """Put a small file in the place of another in one step: a reader sees the one or the other."""
    temporary = path.with_name(f".{path.name}.writing")
    write_text(temporary, text)
    temporary.rename(path)
    sync_folder(path.parent)


def replace_folder(temporary: Path, final: Path) -> None:
    """Rename a written folder to its place and make the names durable."""
    sync_folder(temporary)
    temporary.rename(final)
    sync_folder(final.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, made where it is missing: one writer at a time, in any process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
