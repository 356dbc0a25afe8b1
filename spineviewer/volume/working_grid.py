"""The 1 mm working grid that the networks see.

::

    scan edge                                      scan edge
    |<------------------ extent mm ------------------>|
    |   o       o       o       o       o       o     |  scan voxels, centres at (j + 0.5) * spacing
    | x   x   x   x   x   x   x   x   x   x   x   x   x  working voxels, centres at i + 0.5
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.geometry import Geometry, IndexTriple, index_triple, triple

WORKING_SPACING_MM = 1.0


def working_geometry(scan: Geometry) -> Geometry:
    """Return the 1 mm isotropic grid that covers a scan to its voxel edges, along the scan's axes.

    Paper: §3. Choice: ceil(extent) voxels, with the first centre 0.5 mm inside the first edge.
    """
    shape = [max(1, ceil(round(extent, 6))) for extent in scan.extent_zyx_mm]
    first = [index_from_working(0.0, spacing) for spacing in scan.spacing_zyx_mm]
    return Geometry(
        shape_zyx=index_triple(shape),
        spacing_zyx_mm=(WORKING_SPACING_MM,) * 3,
        origin_lps_mm=triple(scan.point_lps_mm(first)),
        axes_lps=scan.axes_lps,
    )


def index_from_working(working_index: float, spacing_mm: float) -> float:
    """Return the fractional scan index of a working-grid index along one axis."""
    return (working_index + 0.5) / spacing_mm - 0.5


def nearest_scan_index(working_zyx: Iterable[float], scan: Geometry) -> IndexTriple:
    """Return the voxel of a scan at a fractional index of its working grid."""
    return index_triple(
        min(max(round(index_from_working(float(index), spacing)), 0), count - 1)
        for index, spacing, count in zip(
            working_zyx, scan.spacing_zyx_mm, scan.shape_zyx, strict=True
        )
    )


def working_from_index(
    index: NDArray[np.float64] | float, spacing_mm: float
) -> NDArray[np.float64] | float:
    """Return the fractional working-grid index of a scan index along one axis.

    The inverse of `index_from_working`. Both are floats or float64 arrays of any shape.
    """
    return (index + 0.5) * spacing_mm - 0.5
