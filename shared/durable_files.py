"""Files that are there whole or not at all, and still there after a crash."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

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


@contextmanager
def synced(path: Path, mode: Literal["wb", "xb"] = "wb") -> Iterator[BinaryIO]:
    """A file to write that is on the disk afterwards; its name may not be (`sync_folder`)."""
    with path.open(mode) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    """Write and sync a small file."""
    with synced(path) as file:
        file.write(text.encode())


@contextmanager
def replaced(path: Path, mark: str = "") -> Iterator[BinaryIO]:
    """A file to write that takes the place of another in one step, once it is on the disk: a reader
    sees the one or the other. Whatever goes wrong, the other stays.

    Meanwhile it is `.<name><mark>.writing`: writers that may be many at once need different marks;
    without one, what a crash left goes.
    """
    temporary = path.with_name(f".{path.name}{mark}.writing")
    temporary.unlink(missing_ok=True)
    try:
        with synced(temporary, "xb") as file:
            yield file
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def replace_text(path: Path, text: str) -> None:
    """Put a small file in the place of another (`replaced`)."""
    with replaced(path) as file:
        file.write(text.encode())


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
def exclusive(
    folder: Path, name: str = ".lock", when_held: Callable[[], object] | None = None
) -> Iterator[None]:
    """Hold the folder's lock, made where it is missing: one writer at a time, in any process.

    `when_held` is called where another holds it, before waiting for its turn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as file:
        if when_held is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                when_held()
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
