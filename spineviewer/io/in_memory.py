"""Conversion of scans and results to and from numpy arrays, nibabel and SimpleITK images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError
from spineviewer.io.hounsfield import value_warnings, write_hu
from spineviewer.io.write.encoding import RAS_FROM_LPS, source_affine
from spineviewer.io.write.export import source_voxels
from spineviewer.volume.geometry import Geometry, index_triple, triple
from spineviewer.volume.orientation import canonical_order
from spineviewer.volume.volume import ORIENTATION_UNKNOWN, CtVolume, ScanFormat, ScanSource


def volume_from_array(
    values: NDArray[Any], affine: NDArray[Any], *, name: str = "array"
) -> CtVolume:
    """Return a scan made from an array in NIfTI's convention.

    Parameters
    ----------
    values
        HU of any real dtype, shape (i, j, k).
    affine
        float, shape (4, 4): from (i, j, k, 1) to (right, anterior, superior, 1) in mm.
    name
        Name used in messages.

    Raises
    ------
    GeometryError
        When the array does not have three axes or contains no real numbers, or the affine does not
        describe a rectangular grid.
    """
    values, affine = np.asarray(values), _checked_affine(affine)
    world_lps = RAS_FROM_LPS @ affine
    steps = world_lps[:3, [2, 1, 0]].T
    return _volume_from_stored(values.T, steps, world_lps[:3, 3], name)


def _checked_affine(affine: NDArray[Any]) -> NDArray[np.float64]:
    """Return the affine as float64, shape (4, 4); raise GeometryError if it is invalid."""
    try:
        matrix = np.asarray(affine, dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise GeometryError("The affine cannot be used. Use a 4 x 4 matrix of finite numbers.")
    if not np.array_equal(matrix[3], (0, 0, 0, 1)):
        raise GeometryError(
            "The last row of the affine must be 0, 0, 0, 1. Check whether it is transposed."
        )
    return matrix


def volume_from_nibabel(image: Any) -> CtVolume:
    """Return a scan made from a nibabel image; axes of length 1 after the third are dropped.

    Its orientation is unknown if its header says so (`qform_code` and `sform_code` are 0).

    Raises
    ------
    GeometryError
        As in `volume_from_array`, and when the object is not a nibabel image.
    """
    if not hasattr(image, "dataobj"):
        raise GeometryError(
            "{kind} is not a nibabel image. Load the file with nibabel, or use sv.read.",
            kind=type(image).__name__,
        )
    values = np.asanyarray(image.dataobj)
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    volume = volume_from_array(values, image.affine, name="image")
    codes = [image.header.get(name, 1) for name in ("qform_code", "sform_code")]
    if any(int(code) > 0 for code in codes):
        return volume
    warnings = (ORIENTATION_UNKNOWN, *volume.source.warnings)
    source = replace(volume.source, is_orientation_known=False, warnings=warnings)
    return replace(volume, source=source)


def volume_from_sitk(image: Any) -> CtVolume:
    """Return a scan made from a SimpleITK image.

    Raises
    ------
    GeometryError
        As in `volume_from_array`, and when the object is not a SimpleITK image.
    """
    import SimpleITK as sitk

    if not isinstance(image, sitk.Image):
        raise GeometryError(
            "{kind} is not a SimpleITK image. Load the file with SimpleITK, or use sv.read.",
            kind=type(image).__name__,
        )
    values = sitk.GetArrayFromImage(image)
    if image.GetDimension() != 3:
        raise _not_a_scan(values, "image")
    direction = np.array(image.GetDirection()).reshape(3, 3)
    steps = (direction * image.GetSpacing())[:, [2, 1, 0]].T
    return _volume_from_stored(values, steps, np.array(image.GetOrigin()), "image")


def nibabel_image(values: NDArray[Any], source: ScanSource) -> Any:
    """Return an array on the canonical grid as a nibabel image on the grid of the scan's file.

    Parameters
    ----------
    values
        Shape (z, y, x); booleans become uint8.
    """
    import nibabel

    stored = source_voxels(_storable(values), source)
    return nibabel.Nifti1Image(stored.T, source_affine(source), dtype=stored.dtype)


def sitk_image(values: NDArray[Any], source: ScanSource) -> Any:
    """Return an array on the canonical grid as a SimpleITK image on the grid of the scan's file.

    Choice: results of a tilted stack stay on the straightened grid, because the axes of a SimpleITK
    image are at right angles.

    Parameters
    ----------
    values
        Shape (z, y, x); booleans become uint8.
    """
    import SimpleITK as sitk

    stored = np.ascontiguousarray(source.order.to_source(_storable(values)))
    image = sitk.GetImageFromArray(stored)
    grid = source.grid
    image.SetSpacing([float(v) for v in reversed(grid.spacing_zyx_mm)])
    image.SetOrigin([float(v) for v in grid.origin_lps_mm])
    image.SetDirection(np.array(grid.axes_lps)[::-1].T.ravel().tolist())
    return image


def _volume_from_stored(
    stored: NDArray[Any], steps: NDArray[np.float64], origin: NDArray[np.float64], name: str
) -> CtVolume:
    """Return a scan made from an array [k, j, i].

    `steps` is float64, shape (3, 3): for each array axis, the step from voxel to voxel in LPS, mm.
    """
    if stored.ndim != 3 or stored.dtype.kind not in "iuf":
        raise _not_a_scan(stored.T, name)
    spacing = np.linalg.norm(steps, axis=1)
    if not (spacing > 0).all():
        raise GeometryError(
            "{name} specifies a voxel size of zero. Correct the spacing.", name=name
        )
    grid = Geometry(
        shape_zyx=index_triple(stored.shape),
        spacing_zyx_mm=triple(spacing),
        origin_lps_mm=triple(origin),
        axes_lps=(
            triple(steps[0] / spacing[0]),
            triple(steps[1] / spacing[1]),
            triple(steps[2] / spacing[2]),
        ),
    )
    order = canonical_order(grid)
    geometry = order.canonical_geometry(grid)
    canonical = order.to_canonical(stored)
    hu = np.empty(geometry.shape_zyx, np.int16)
    warnings = (*write_hu(canonical, hu), *value_warnings(canonical))
    source = ScanSource(
        Path(name), ScanFormat.MEMORY, grid, order, modality="CT", warnings=warnings
    )
    return CtVolume(hu, geometry, source)


def _not_a_scan(values: NDArray[Any], name: str) -> GeometryError:
    return GeometryError(
        "{name} has the shape {shape} and the type {dtype}. Use an image with three axes and one "
        "real number (HU) per voxel.",
        name=name,
        shape=" x ".join(map(str, values.shape)),
        dtype=str(values.dtype),
    )


def _storable(values: NDArray[Any]) -> NDArray[Any]:
    return values.view(np.uint8) if values.dtype == np.bool_ else values
