"""The volume of a mask that is far from the spine: in shoulders, hips, arms or jaw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spineviewer.fusion import find_islands
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import SpineMask

#: No part of a vertebra is farther than this from the spine's centre line.
FAR_MM = 60.0


def far_ml(
    mask: NDArray[np.bool_],
    reference: NDArray[np.bool_],
    grid: Geometry,
    ignored: NDArray[np.bool_] | None = None,
) -> float:
    """Return the volume of the mask more than `FAR_MM` from the reference's centre line, in ml.

    The line is extrapolated beyond the ends of the reference. Distances behind the line are scaled
    by `fusion.islands.BEHIND`.

    Parameters
    ----------
    mask, reference, ignored
        bool, shape (z, y, x) of `grid`. Voxels marked in the reference are never far; ignored
        voxels do not count. If the reference is empty, the whole mask is far.
    """
    wrong = mask & ~reference
    if ignored is not None:
        wrong &= ~ignored
    line = find_islands(SpineMask(reference, grid)).line
    voxels = np.argwhere(wrong)
    if line is not None:
        voxels = voxels[line.distance_mm((voxels + 0.5) * np.array(grid.spacing_zyx_mm)) > FAR_MM]
    return len(voxels) * grid.voxel_volume_ml
