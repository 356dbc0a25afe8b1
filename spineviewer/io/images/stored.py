"""Contents of image files, and the grid of their voxels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError
from spineviewer.io.dicom.slices import tilt_banner
from spineviewer.io.images.file_volume import FileVolume
from spineviewer.volume.geometry import RIGHT_ANGLE_COSINE, Geometry, index_triple, triple
from spineviewer.volume.sheared import ShearedGrid, straightened
from spineviewer.volume.volume import AIR_HU, ORIENTATION_UNKNOWN, NiftiOrientation, ScanFormat

#: Three unit vectors whose determinant is smaller than this do not span a grid.
MIN_DETERMINANT = 1e-3
#: Choice: more voxels than any CT has (2048 x 2048 x 4000) are rejected before memory is requested.
MAX_VOXELS = 2**34
#: Deflate cannot expand data by more than this; a header that declares more is wrong.
MAX_DEFLATE_RATIO = 1032


@dataclass(frozen=True)
class ReadOptions:
    """How an image file is read.

    Attributes
    ----------
    is_interpolated
        Whether a sheared image is straightened with interpolation (scans); otherwise by whole
        pixels (labels).
    choice
        'volume-N' for a NIfTI file that contains several volumes.
    on_progress
        Called with the fraction read (NIfTI).
    max_voxels
        Larger images are rejected.
    """

    is_interpolated: bool = True
    choice: str | None = None
    on_progress: Callable[[float], None] = lambda _: None
    max_voxels: int = MAX_VOXELS


@dataclass(frozen=True)
class StoredImage:
    """Contents of an image file.

    Attributes
    ----------
    values
        Scaled values in the file's own order, slowest axis first, on `grid`.
    sheared
        The file's own grid if it was sheared and `values` were straightened; otherwise None.
    """

    values: NDArray[Any]
    grid: Geometry
    format: ScanFormat
    is_orientation_known: bool
    warnings: tuple[str, ...]
    nifti_orientation: NiftiOrientation | None = None
    sheared: ShearedGrid | None = None


@dataclass(frozen=True)
class PlacedVoxels:
    """Values on a rectangular grid, and the file's own grid if it was sheared."""

    values: NDArray[Any]
    grid: Geometry
    sheared: ShearedGrid | None = None
    warnings: tuple[str, ...] = ()


def place_voxels(
    stored: NDArray[Any], affine_lps: NDArray[np.float64], is_interpolated: bool
) -> PlacedVoxels:
    """Return an array indexed [k, j, i] on its grid, straightened if the grid is sheared.

    `stored` is 3-D of any dtype, `affine_lps` is float64, shape (4, 4). Voxel (i, j, k) is at
    ``affine_lps @ (i, j, k, 1)``.

    Raises
    ------
    GeometryError
        When the affine is singular, not finite, or sheared along more than one axis.
    """
    matrix = affine_lps[:, [2, 1, 0, 3]]
    columns = matrix[:3, :3]
    spacing = np.linalg.norm(columns, axis=0)
    if not is_usable(affine_lps):
        raise GeometryError(
            "its header does not contain usable voxel sizes and directions (voxels of {size} mm). "
            "Export the scan again.",
            size=" x ".join(f"{s:.4g}" for s in spacing[::-1]),
        )
    axes = columns / spacing
    shape = index_triple(stored.shape)
    largest_cosine = float(np.abs(axes.T @ axes - np.eye(3)).max())
    if largest_cosine <= RIGHT_ANGLE_COSINE:
        lps_axes = (triple(axes[:, 0]), triple(axes[:, 1]), triple(axes[:, 2]))
        return PlacedVoxels(
            stored, Geometry(shape, triple(spacing), triple(matrix[:3, 3]), lps_axes)
        )
    sheared, grid = straightened(matrix, shape)
    background = AIR_HU if stored.min() < 0 else 0
    straight = sheared.straighten(stored, background, is_interpolated=is_interpolated)
    return PlacedVoxels(
        straight,
        grid,
        sheared,
        (tilt_banner(float(np.degrees(np.arcsin(min(1.0, largest_cosine))))),),
    )


def stored_image(volume: FileVolume, kind: ScanFormat, options: ReadOptions) -> StoredImage:
    """Return the volume of an NRRD or MetaImage file as an image on its grid."""
    placed = place_voxels(volume.values, volume.affine_lps, options.is_interpolated)
    sides = () if volume.is_orientation_known else (ORIENTATION_UNKNOWN,)
    return StoredImage(
        values=placed.values,
        grid=placed.grid,
        format=kind,
        is_orientation_known=volume.is_orientation_known,
        warnings=(*sides, *volume.warnings, *placed.warnings),
        sheared=placed.sheared,
    )


def is_usable(affine: NDArray[np.float64]) -> bool:
    """Return whether an affine (float64, shape (4, 4)) is finite and not singular."""
    columns = affine[:3, :3]
    with np.errstate(all="ignore"):
        edges = np.linalg.norm(columns, axis=0)
        if not np.isfinite(affine).all() or not np.isfinite(edges).all() or edges.min() <= 0:
            return False
        return bool(abs(np.linalg.det(columns / edges)) >= MIN_DETERMINANT)
