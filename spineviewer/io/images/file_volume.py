"""The result, checks and errors that our own readers of NRRD and MetaImage share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError
from spineviewer.wording import worded

#: Warning for a header without voxel sizes.
SIZE_NOT_STATED = worded(
    "The file does not state a voxel size; 1 mm is assumed. Lengths and volumes are not reliable."
)

#: Exceptions caused by malformed or missing numbers in a header.
HEADER_ERRORS = (KeyError, ValueError, IndexError, OverflowError)
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
        When it is not one volume of two or three dimensions, or too large.
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


def require_one_file(path: Path, data_name: str) -> None:
    """Reject a header whose voxels are spread over several files."""
    if data_name.startswith("LIST") or "%" in data_name:
        raise ImageReadError(
            "The voxels of {file} are split across several files. Convert the image to a "
            "single file.",
            file=path.name,
        )


def not_numbers(path: Path, value: str) -> ImageReadError:
    """Return the error for a stored type that is not a plain number."""
    return ImageReadError(
        "{file} stores '{value}', not plain numbers. Choose another file.",
        file=path.name,
        value=value[:40],
    )


def cannot_unpack(path: Path) -> ImageReadError:
    """Return the error for damaged compressed data."""
    return ImageReadError(
        "{file} is damaged or truncated and cannot be unpacked. Copy it again from the source.",
        file=path.name,
    )


def damaged_header(path: Path, kind: str, error: Exception) -> ImageReadError:
    """Return the error for a header that caused one of `HEADER_ERRORS`; `kind` is the format."""
    reason = f"{type(error).__name__}: {' '.join(str(error).split())[:MAX_REASON_LENGTH]}"
    return ImageReadError(
        "{file} has a damaged {kind} header ({reason}). Copy it again from the source.",
        file=path.name,
        kind=kind,
        reason=reason,
    )
