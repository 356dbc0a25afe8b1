"""What our own readers of NRRD and MetaImage give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
        False when the header names no directions in the patient.
    """

    values: NDArray[Any]
    affine_lps: NDArray[np.float64]
    is_orientation_known: bool
