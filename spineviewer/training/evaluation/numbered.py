"""Vertebrae of a numbered reference mask, without the labelling stage.

They are used to measure a reference, which already has names and voxels; only the positions,
directions and sizes of the vertebral bodies have to be computed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from spineviewer.labelling.cut_parts import BodyCylinder, CutParts, cut_parts
from spineviewer.labelling.partition import segment_boxes
from spineviewer.labelling.vertebrae import BodyFrame, Convention, Naming, Vertebra, Vertebrae
from spineviewer.volume.geometry import Box, Geometry, triple
from spineviewer.volume.levels import VERSE_ORDER, level_name

Floats = NDArray[np.float64]

#: Spacing of the grid on which the centre of a body is searched for.
_COARSE_MM = 1.5


def vertebrae_of_numbers(numbers: NDArray[np.uint8], grid: Geometry) -> Vertebrae:
    """Return the vertebrae of a numbered mask.

    Parameters
    ----------
    numbers
        uint8, shape (z, y, x) of `grid`: VerSe numbers.
    """
    boxes = dict(enumerate(segment_boxes(numbers, max(VERSE_ORDER)), start=1))
    parts = {
        n: _Part(numbers[box] == n, box, grid) for n in VERSE_ORDER if (box := boxes[n]) is not None
    }
    present = [*parts]
    centres = np.array([parts[n].body_centre for n in present]).reshape(-1, 3)
    found = []
    for row, number in enumerate(present):
        part = parts[number]
        down = _down(centres, row)
        back = _back(part, down)
        left = np.cross(back, -down)
        frame = BodyFrame(triple(down), triple(left), triple(back))
        body = BodyCylinder(
            triple(part.body_centre), frame.down_lps, frame.back_lps, part.radius_mm
        )
        # Measuring detects bodies that the scan cuts off, but not arches without a body.
        is_remnant = _is_remnant([parts[n] for n in present], row, grid)
        cut = cut_parts(numbers, number, part.box, body, grid)
        found.append(
            Vertebra(
                name=level_name(number),
                label=number,
                probability=1.0,
                cut=cut | CutParts.BODY if is_remnant else cut,
                body_centre_lps_mm=triple(part.body_centre),
                frame=frame,
                upper_disc=None,
                lower_disc=None,
                body_radius_mm=part.radius_mm,
                height_mm=_pitch(centres, row),
                volume_ml=part.volume_ml,
                box=part.box,
            )
        )
    naming = Naming(Convention.SET_BY_HAND, 1.0, 0.0, 0.0)
    return Vertebrae(numbers, grid, tuple(found), naming)


class _Part:
    """Position and size of a vertebra, from the voxels with its number."""

    def __init__(self, voxels: NDArray[np.bool_], box: Box, grid: Geometry) -> None:
        self.box = box
        self.volume_ml = int(voxels.sum()) * grid.voxel_volume_ml
        first = np.array([part.start for part in box])
        self.centroid = grid.point_lps_mm(np.argwhere(voxels).mean(axis=0) + first)
        steps = [max(1, round(_COARSE_MM / mm)) for mm in grid.spacing_zyx_mm]
        coarse = np.pad(voxels[:: steps[0], :: steps[1], :: steps[2]], 1)
        spacing = np.array(steps) * np.array(grid.spacing_zyx_mm)
        depth = np.asarray(distance_transform_edt(coarse, sampling=spacing))
        # The mean of all deep points, because small irregularities decide which one is deepest.
        deep = np.argwhere(depth > 0.8 * depth.max()) - 1
        self.body_centre = (
            grid.point_lps_mm((deep * steps).mean(axis=0) + first) if len(deep) else self.centroid
        )
        self.radius_mm = float(depth.max())


def _is_remnant(parts: Sequence[_Part], row: int, grid: Geometry) -> bool:
    """Return whether the end of the scan leaves less than half of a vertebra.

    The volume of the vertebra is compared with that of its neighbour.
    """
    along = int(np.argmax(np.abs(np.array(grid.axes_lps)[:, 2])))
    box = parts[row].box[along]
    if len(parts) < 2 or (box.start > 0 and box.stop < grid.shape_zyx[along]):
        return False
    other = parts[row + 1 if row == 0 else row - 1]
    return parts[row].volume_ml < 0.5 * other.volume_ml


def _down(centres: Floats, row: int) -> Floats:
    """Return the direction of the spine at one of the centres, towards the feet."""
    if len(centres) < 2:
        return np.array([0.0, 0.0, -1.0])
    direction = centres[min(row + 1, len(centres) - 1)] - centres[max(row - 1, 0)]
    return np.asarray(direction / np.linalg.norm(direction))


def _back(part: _Part, down: Floats) -> Floats:
    """Return the direction from the body to the arch, at right angles to `down`.

    Without an arch, this is the direction of the patient's back.
    """
    for back in (part.centroid - part.body_centre, np.array([0.0, 1.0, 0.0])):
        across = back - (back @ down) * down
        length = float(np.linalg.norm(across))
        if length > 1e-6:
            return np.asarray(across / length)
    return np.array([0.0, 0.0, 1.0])


def _pitch(centres: Floats, row: int) -> float:
    """Return the mean distance to the neighbouring centres; 30 mm where there are none."""
    if len(centres) < 2:
        return 30.0
    steps = np.linalg.norm(np.diff(centres, axis=0), axis=1)
    near = steps[max(row - 1, 0) : row + 1]
    return float(near.mean())
