"""The result of our own readers of NRRD and MetaImage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError
from spineviewer.wording import worded

#: Warning for a header without voxel sizes.
SIZE_NOT_STATED = worded(
    "The file states no voxel size; 1 mm is assumed. Lengths and volumes are not reliable."
)

# Raised by numbers in a header that are malformed or missing.
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


def damaged_header(path: Path, kind: str, error: Exception) -> ImageReadError:
    """Return the error for a header of some kind that raised one of `HEADER_ERRORS`."""
    reason = f"{type(error).__name__}: {' '.join(str(error).split())[:MAX_REASON_LENGTH]}"
    return ImageReadError(
        "{file} has a damaged {kind} header ({reason}).",
        file=path.name,
        kind=kind,
        reason=reason,
    )
