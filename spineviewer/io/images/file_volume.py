"""The common part of the readers of NRRD and MetaImage: voxel data, results, checks, errors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError
from spineviewer.io.sandbox.bounded import is_file_there
from spineviewer.wording import worded

#: Warning for a header without voxel sizes.
SIZE_NOT_STATED = worded(
    "The file does not state a voxel size; 1 mm is assumed. Lengths and volumes are not reliable."
)

#: Exceptions caused by malformed or missing numbers in a header.
_HEADER_ERRORS = (KeyError, ValueError, IndexError, OverflowError)
MAX_REASON_LENGTH = 100


@dataclass(frozen=True)
class FileVolume:
    """Voxels and grid as a file states them.

    Attributes
    ----------
    values
        Indexed [k, j, i].
    affine_lps
        4x4 matrix from (i, j, k, 1) to (L, P, S, 1) in mm.
    is_orientation_known
        False if the header does not name directions in the patient.
    warnings
        Sentences for the user about what the header states.
    """

    values: NDArray[Any]
    affine_lps: NDArray[np.float64]
    is_orientation_known: bool
    warnings: tuple[str, ...] = ()


def require_single_volume(
    path: Path, sizes: Sequence[int], spatial_sizes: Sequence[int], max_voxels: int
) -> None:
    """Check the size of an image before memory is requested for it.

    Parameters
    ----------
    sizes, spatial_sizes
        Lengths of all axes, and of those in the patient's space.

    Raises
    ------
    ImageReadError
        When it is not one volume of two or three dimensions, or is too large.
    """
    text = worded("{shape} values", shape=" x ".join(map(str, sizes[:8])))
    if math.prod(sizes) != math.prod(spatial_sizes) or not 2 <= len(spatial_sizes) <= 3:
        raise ImageReadError(
            "{file} contains {text}, but one 3-D volume is needed. Choose another file.",
            file=path.name,
            text=text,
        )
    if math.prod(sizes) > max_voxels:
        raise ImageReadError(
            "According to its header, {file} has {text}, more than any CT scan. Choose another "
            "file.",
            file=path.name,
            text=text,
        )


@dataclass(frozen=True)
class VoxelData:
    """The voxels in an image file, or in the data file that its header names.

    Attributes
    ----------
    header, path
        The file with the header and the one with the voxels; often the same.
    begin
        Offset of the voxels in bytes.
    dtype
        Native type of the voxels.
    count
        Number of voxels.
    """

    header: Path
    path: Path
    begin: int
    dtype: np.dtype[Any]
    count: int

    @classmethod
    def of(
        cls, header: Path, name: str | None, body: int, dtype: np.dtype[Any], count: int
    ) -> VoxelData:
        """Return the data in the file `name`, or after the header itself if `name` is None.

        After a header, the data begins at the offset `body`.

        Raises
        ------
        ImageReadError
            When the file does not exist, or there are several.
        """
        if name is None:
            return cls(header, header, body, dtype, count)
        if name.startswith("LIST") or "%" in name:
            raise ImageReadError(
                "The voxels of {file} are split across several files. Convert the image to a "
                "single file.",
                file=header.name,
            )
        if not is_file_there(header.parent / name):
            raise ImageReadError(
                "{file} stores its voxels in {name!r}, which is missing. Copy {name!r} to the same "
                "folder as {file}.",
                file=header.name,
                name=name,
            )
        return cls(header, header.parent / name, 0, dtype, count)

    @property
    def size(self) -> int:
        """Number of bytes of the voxels."""
        return self.count * self.dtype.itemsize

    @property
    def stored_size(self) -> int:
        """Number of bytes from `begin` to the end of the file."""
        return self.path.stat().st_size - self.begin

    def read(self, size: int = -1, *, line_skip: int = 0) -> bytes:
        """Skip `line_skip` lines; return the next `size` stored bytes, or all if `size` is -1."""
        with self.path.open("rb") as stream:
            stream.seek(self.begin)
            for _ in range(line_skip):
                stream.readline()
            return stream.read(size)

    def values(self, plain: bytes, *, is_big_endian: bool, begin: int = 0) -> NDArray[Any]:
        """Return the voxels that `plain` encodes: any numeric dtype, shape (count,)."""
        if len(plain) - begin < self.size:
            raise self.too_short_error(len(plain) - begin)
        order: Literal["<", ">"] = ">" if is_big_endian else "<"
        values = np.frombuffer(plain, self.dtype.newbyteorder(order), self.count, begin)
        return values.astype(self.dtype.newbyteorder("="), copy=False)

    def values_in_text(self, text: bytes) -> NDArray[Any]:
        """Return the voxels written as text: any numeric dtype, shape (count,)."""
        words = np.array(text.split()[: self.count], dtype=np.float64)
        if len(words) != self.count:
            raise ImageReadError(
                "According to {file}, there should be {declared} voxel values, but {other} "
                "contains only {there}. The image is damaged or truncated. Copy it again from the "
                "source.",
                file=self.header.name,
                declared=self.count,
                other=self.path.name,
                there=len(words),
            )
        return words.astype(self.dtype)

    def too_short_error(self, available: int) -> ImageReadError:
        """Return the error for data with fewer bytes than the header declares."""
        return ImageReadError(
            "According to {file}, there should be {declared} bytes of voxel data, but {other} "
            "contains only {there}. The image is damaged or truncated. Copy it again from the "
            "source.",
            file=self.header.name,
            declared=self.size,
            other=self.path.name,
            there=available,
        )


def not_numbers_error(path: Path, value: str) -> ImageReadError:
    """Return the error for a file whose values are not plain numbers."""
    return ImageReadError(
        "{file} stores '{value}', not plain numbers. Choose another file.",
        file=path.name,
        value=value[:40],
    )


def unpacking_error(path: Path) -> ImageReadError:
    """Return the error for damaged compressed data."""
    return ImageReadError(
        "{file} is damaged or truncated and cannot be unpacked. Copy it again from the source.",
        file=path.name,
    )


@contextmanager
def damage_reported(path: Path, kind: str) -> Iterator[None]:
    """Report errors that a damaged header causes as an `ImageReadError`; `kind` is the format."""
    try:
        yield
    except _HEADER_ERRORS as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:MAX_REASON_LENGTH]}"
        raise ImageReadError(
            "{file} has a damaged {kind} header ({reason}). Copy it again from the source.",
            file=path.name,
            kind=kind,
            reason=reason,
        ) from error
