"""A folder of `.npy` files, one array a file: durable, memory-mapped, checked, no pickle.

Its manifest.json names the file of each array, and so decides which files count: arrays are
replaced by writing new files beside the old ones and then, in one rename, another manifest.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from shared.errors import SommelierError

T = TypeVar("T", bound=np.generic)
Arrays = Mapping[str, NDArray[np.generic]]
Signature = tuple[int, ...]


class ArrayFolderError(SommelierError):
    """A folder whose files are not the ones that were described."""


class ArrayDescription(BaseModel):
    """What a manifest says of one array."""

    dtype: str
    shape: tuple[int, ...]
    sha256: str
    file: str | None = Field(None, pattern=r"^[\w.-]+\.npy$")  # it becomes a path
    """Null: `<name>.npy`."""

    def path(self, folder: Path, name: str) -> Path:
        """Where the array of that name is."""
        return folder / (self.file or f"{name}.npy")


def write_arrays(folder: Path, arrays: Arrays, mark: str = "") -> dict[str, ArrayDescription]:
    """Write each array to `<name><mark>.npy`, synced to disk; what a manifest says of them."""
    return {name: _write_array(folder / f"{name}{mark}.npy", a) for name, a in arrays.items()}


def _write_array(path: Path, array: NDArray[np.generic]) -> ArrayDescription:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        os.fsync(file.fileno())
    return ArrayDescription(
        dtype=str(array.dtype), shape=array.shape, sha256=sha256(path), file=path.name
    )


def read_arrays(
    folder: Path, described: Mapping[str, ArrayDescription]
) -> dict[str, NDArray[np.generic]]:
    """The described arrays, memory-mapped; ArrayFolderError names the first file that differs."""
    return {name: _read_array(what.path(folder, name), what) for name, what in described.items()}


def remove_undescribed(folder: Path, described: Mapping[str, ArrayDescription]) -> None:
    """Remove the arrays' files that are not the described ones: replaced, or left by a crash."""
    files = {what.path(folder, name) for name, what in described.items()}
    for path in set(folder.glob("*.npy")) - files:
        path.unlink()


def _read_array(path: Path, described: ArrayDescription) -> NDArray[np.generic]:
    try:
        if sha256(path) != described.sha256:
            raise ArrayFolderError(f"{path}: its checksum is not the manifest's")
        mapped = np.load(
            path,
            mmap_mode="r" if np.prod(described.shape) else None,  # an empty one cannot be mapped
            allow_pickle=False,
        )
        array: NDArray[np.generic] = mapped.view(np.ndarray)  # memmap's own class costs 5 µs a use
    except (OSError, ValueError) as error:
        raise ArrayFolderError(f"{path}: {error}") from error
    if array.shape != described.shape or str(array.dtype) != described.dtype:
        raise ArrayFolderError(
            f"{path}: it holds {array.dtype}{list(array.shape)}, "
            f"the manifest says {described.dtype}{list(described.shape)}"
        )
    return array


def typed(arrays: Arrays, name: str, dtype: type[T]) -> NDArray[T]:
    """The array of that name; KeyError where there is none, ValueError for another type."""
    array = arrays[name]
    if array.dtype != dtype:
        raise ValueError(f"array {name} holds {array.dtype}, not {np.dtype(dtype)}")
    return array.view(dtype)


def with_prefix(name: str, arrays: Arrays) -> dict[str, NDArray[np.generic]]:
    """The arrays of a part, by names that begin with its own."""
    return {f"{name}.{array}": values for array, values in arrays.items()}


def part(arrays: Arrays, name: str) -> Arrays:
    """The arrays of the part of that name, by their names within it."""
    prefix = f"{name}."
    return {n.removeprefix(prefix): array for n, array in arrays.items() if n.startswith(prefix)}


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
