"""A folder of `.npy` files, one array a file: durable, memory-mapped, checked, no pickle.

Its manifest.json names the file of each array, and so decides which files count: arrays are
replaced by writing new files beside the old ones and then, in one rename, another manifest.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from shared.arrays.named import Arrays
from shared.durable_files import sha256, synced
from shared.errors import SommelierError


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
    with synced(path) as file:
        np.save(file, array, allow_pickle=False)
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
