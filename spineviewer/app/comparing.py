"""The agreement of a mask with a second one. Without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError
from spineviewer.progress import Progress
from spineviewer.volume.geometry import Geometry, IndexTriple, Triple
from spineviewer.volume.volume import CtVolume, SpineMask
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.agreement import Scores


@dataclass(frozen=True, eq=False)
class Comparison:
    """A second mask on the scan's grid, and how well the scan's own mask agrees with it.

    Attributes
    ----------
    voxels
        The second mask, bool (z, y, x).
    largest_difference_zyx
        Centre of the block with the most differing voxels; None if no voxel differs.
    """

    path: Path
    voxels: NDArray[np.bool_]
    scores: Scores
    largest_difference_zyx: IndexTriple | None


def read_second_mask(path: Path, scan: CtVolume, progress: Progress) -> NDArray[np.bool_]:
    """Read a mask or label map on the scan's grid: bool, shape (z, y, x).

    Non-zero voxels belong to the mask.

    Raises
    ------
    ImageReadError, GeometryError
        When the file cannot be read or has another grid.
    """
    from spineviewer.io.dicom.segmentation_object import read_dicom_seg
    from spineviewer.io.formats import is_dicom_seg
    from spineviewer.io.images.loading import read_labels

    progress.step(worded("Reading"), 0.0)
    if is_dicom_seg(path):
        return read_dicom_seg(path, scan.geometry)
    labels, geometry, _ = read_labels(path)
    _check_same_grid(scan.geometry, geometry, path.name)
    return np.asarray(labels > 0)


def _check_same_grid(scan: Geometry, mask: Geometry, file: str) -> None:
    """Reject a mask that is not on the scan's grid; the message states sizes, not coordinates."""
    if mask.is_close_to(scan):
        return
    if mask.shape_zyx == scan.shape_zyx:
        raise GeometryError(
            "{file} has as many voxels as this scan, but in different positions, so the two cannot "
            "be compared. Choose a mask that belongs to this scan.",
            file=file,
        )
    raise GeometryError(
        "{file} belongs to another scan: it has {size} voxels, this scan has {own_size}. Choose a "
        "mask that belongs to this scan.",
        file=file,
        size=_size(mask),
        own_size=_size(scan),
    )


def _size(grid: Geometry) -> str:
    return " × ".join(map(str, reversed(grid.shape_zyx)))


def compare(
    mask: SpineMask, path: Path, second: NDArray[np.bool_], progress: Progress
) -> Comparison:
    """Return the agreement of a mask with a second one, bool (z, y, x), read from `path`."""
    from spineviewer.agreement import score

    progress.step(worded("Comparing"), 0.2)
    spacing = mask.geometry.spacing_zyx_mm
    scores = score(mask.voxels, second, spacing)
    return Comparison(path, second, scores, largest_difference(mask.voxels, second, spacing))


def largest_difference(
    mask: NDArray[np.bool_], second: NDArray[np.bool_], spacing_zyx_mm: Triple
) -> IndexTriple | None:
    """Return the centre of the block with the most differing voxels; None if no voxel differs.

    `mask` and `second` are bool, shape (z, y, x). Choice: blocks of about 8 mm, half a vertebral
    body.
    """
    counts = mask != second
    if not counts.any():
        return None
    blocks = counts.astype(np.uint32)
    sizes = [max(1, round(8.0 / s)) for s in spacing_zyx_mm]
    for axis, size in enumerate(sizes):
        blocks = np.add.reduceat(blocks, np.arange(0, counts.shape[axis], size), axis=axis)
    block = np.unravel_index(int(np.argmax(blocks)), blocks.shape)
    z, y, x = (
        min(int(b) * s + s // 2, n - 1) for b, s, n in zip(block, sizes, counts.shape, strict=True)
    )
    return z, y, x
