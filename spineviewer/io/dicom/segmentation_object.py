"""Masks in DICOM segmentation objects, read on the grid of a scan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError, ImageReadError
from spineviewer.io.dicom.series_search import LIBRARY_ERRORS
from spineviewer.volume.geometry import Geometry

#: Choice: voxel centres that differ by at most this fraction of a voxel count as the same.
_SAME_WITHIN_VOXELS = 0.05
#: Choice: largest relative difference at which voxel volumes count as the same.
_SAME_VOLUME = 0.01


def read_dicom_seg(path: Path, grid: Geometry) -> NDArray[np.bool_]:
    """Read the union of all segments of a DICOM SEG: bool, shape (z, y, x) of `grid`.

    Empty slices may be missing from the file.

    Raises
    ------
    ImageReadError
        When it is not a segmentation object that can be read.
    GeometryError
        When its voxels are not those of the grid.
    """
    from highdicom.seg import segread

    try:
        volume = segread(path).get_volume(combine_segments=True, skip_overlap_checks=True)
        affine = np.asarray(volume.affine, float)
        marked = np.argwhere(np.asarray(volume.array) > 0)
    except LIBRARY_ERRORS as error:
        raise ImageReadError(
            "{file} is not a DICOM segmentation that Spineviewer can read ({kind}). Choose another "
            "file.",
            file=path.name,
            kind=type(error).__name__,
        ) from error
    points_mm = marked @ affine[:3, :3].T + affine[:3, 3]
    indices = grid.index_zyx(points_mm)
    nearest = np.rint(indices).astype(int)
    ratio = abs(np.linalg.det(affine[:3, :3])) / np.prod(grid.spacing_zyx_mm)
    is_inside = bool((nearest >= 0).all() and (nearest < grid.shape_zyx).all())
    is_close = bool((np.abs(indices - nearest) <= _SAME_WITHIN_VOXELS).all())
    if not (is_inside and is_close and abs(ratio - 1) <= _SAME_VOLUME):
        raise GeometryError(
            "{file} belongs to another scan: its voxels are in different positions. Choose a "
            "mask that belongs to this scan.",
            file=path.name,
        )
    voxels = np.zeros(grid.shape_zyx, bool)
    voxels[tuple(nearest.T)] = True
    return voxels
