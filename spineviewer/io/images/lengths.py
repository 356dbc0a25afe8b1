"""Conversion of a header's lengths to millimetres, and the check of grid sizes for all readers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError
from spineviewer.volume.geometry import IndexTriple, Triple
from spineviewer.wording import critical, worded

#: The units of length that image headers name, in lower case.
MM_PER_UNIT = {
    name: mm
    for mm, names in (
        (1e-6, "nm nanometer nanometre nanometers nanometres"),
        (1e-3, "um µm μm micron microns micrometer micrometre micrometers micrometres"),
        (1.0, "mm millimeter millimetre millimeters millimetres"),
        (10.0, "cm centimeter centimetre centimeters centimetres"),
        (100.0, "dm decimeter decimetre decimeters decimetres"),
        (1000.0, "m meter metre meters metres"),
        (25.4, "in inch inches"),
    )
    for name in names.split()
}
#: Strings that headers contain instead of a unit; by convention, they mean millimetres.
NO_UNIT = frozenset({"", "?", "???", "none", "unknown", "nan"})
#: The name of an unknown unit is truncated to this length in messages.
MAX_NAME_LENGTH = 20
#: Choice: range of voxel edges in CT, from photon-counting detectors to thick slices with gaps.
PLAUSIBLE_EDGES_MM = (0.05, 15.0)
#: Choice: a file with edges outside this range is rejected, because its lengths must be wrong.
POSSIBLE_EDGES_MM = (0.005, 100.0)
#: Choice: largest credible ratio of a voxel's longest to its shortest edge.
MAX_EDGE_RATIO = 50.0
#: Choice: no scanner has a longer table or a wider bore.
MAX_SCAN_LENGTH_MM, MAX_SCAN_WIDTH_MM = 2500.0, 1000.0
#: Choice: if a scan with many voxels is smaller than a vertebra, its unit of length must be wrong.
MIN_SCAN_MM, MANY_VOXELS = 40.0, 64


def mm_per_unit(names: Sequence[str]) -> tuple[list[float], list[str]]:
    """Return mm per unit for each name (1 if it is unknown), and sentences about unknown names."""
    plain = [name.strip().lower() for name in names]
    unknown = sorted({name for name in plain if name not in MM_PER_UNIT and name not in NO_UNIT})
    remarks: list[str] = [
        worded(
            "The unit of length in the file is unknown ({unit}). Lengths were read as "
            "millimetres. To check, measure a structure of known size.",
            unit=name[:MAX_NAME_LENGTH],
        )
        for name in unknown
    ]
    return [MM_PER_UNIT.get(name, 1.0) for name in plain], remarks


def convert_to_millimetres(
    affine: NDArray[np.float64], mm_per_unit: Sequence[float], shape_ijk: IndexTriple
) -> tuple[NDArray[np.float64], bool, list[str]]:
    """Convert a header's affine to millimetres, unless the unit contradicts the size of a CT scan.

    Parameters
    ----------
    affine
        float64, shape (4, 4), in the header's unit.
    mm_per_unit
        One number for each of the three world axes.
    shape_ijk
        Number of voxels along the affine's three index axes.

    Returns
    -------
    The affine in mm, whether the stated unit was used, and sentences about the conversion.

    Notes
    -----
    Choice: if the numbers describe a CT scan in millimetres but not in the stated unit, they are
    read as millimetres. Headers in which only the unit is wrong are common. Both cases are
    reported.
    """
    scale = np.asarray(mm_per_unit, dtype=float)
    if (scale == 1).all():
        return affine, True, []
    converted = affine.copy()
    converted[:3] *= scale[:, None]
    unit = " x ".join(f"{v:g}" for v in (scale if np.ptp(scale) else scale[:1]))
    edges, edges_converted = _edges(affine), _edges(converted)
    if not _is_plausible(shape_ijk, edges_converted) and _is_plausible(shape_ijk, edges):
        return (
            affine,
            False,
            [
                worded(
                    "According to the file, its unit of length is {unit} mm. Voxels would then be "
                    "{size} mm in size, which is impossible in a CT scan. The numbers were read "
                    "as millimetres. To check, measure a structure of known size.",
                    unit=unit,
                    size=_product_text(edges_converted),
                )
            ],
        )
    return (
        converted,
        True,
        [
            worded(
                "Lengths in the file are in units of {unit} mm. They were converted to "
                "millimetres.",
                unit=unit,
            )
        ],
    )


def size_warnings(shape_zyx: IndexTriple, spacing_zyx_mm: Triple) -> list[str]:
    """Return warnings about a grid whose size is unusual for a CT scan.

    Raises
    ------
    GeometryError
        When the voxels are so large or so small that nothing can be computed from them.
    """
    shape, edges = shape_zyx[::-1], np.array(spacing_zyx_mm[::-1])
    least, most = POSSIBLE_EDGES_MM
    if edges.min() < least or edges.max() > most:
        raise GeometryError(
            "according to the header, voxels are {size} mm in size. CT voxels are neither "
            "smaller than {least:g} mm nor larger than {most:g} mm, so the spacing or the unit "
            "is wrong. Correct the header, or export the scan again.",
            size=_product_text(edges),
            least=least,
            most=most,
        )
    if _is_plausible(shape, edges):
        return []
    return [
        critical(
            worded(
                "According to the header, voxels are {size} mm and the scan is {extent} mm in "
                "size, which is unusual for a CT scan. The spacing or the unit may be wrong. To "
                "check, measure a structure of known size.",
                size=_product_text(edges),
                extent=_product_text(edges * shape),
            )
        )
    ]


def _edges(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lengths of a voxel's edges along i, j, k: float64, shape (3,)."""
    with np.errstate(all="ignore"):
        return np.asarray(np.linalg.norm(affine[:3, :3], axis=0), dtype=float)


def _is_plausible(shape: IndexTriple, edges_mm: NDArray[np.float64]) -> bool:
    least, most = PLAUSIBLE_EDGES_MM
    if not (np.isfinite(edges_mm).all() and least <= edges_mm.min() and edges_mm.max() <= most):
        return False
    extents = np.sort(edges_mm * shape)
    is_tiny = max(shape) >= MANY_VOXELS and extents[-1] < MIN_SCAN_MM
    is_huge = extents[-1] > MAX_SCAN_LENGTH_MM or extents[-2] > MAX_SCAN_WIDTH_MM
    return not is_tiny and not is_huge and bool(edges_mm.max() <= MAX_EDGE_RATIO * edges_mm.min())


def _product_text(lengths_mm: NDArray[np.float64]) -> str:
    return " x ".join(f"{v:.4g}" for v in lengths_mm)
