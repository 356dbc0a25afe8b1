"""The array axis that each viewing plane cuts, and the orientation of its picture on the screen.

Radiological convention: the patient's right is on the left of the screen in axial and coronal
views, anterior is on the left in sagittal views, and the head is at the top.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.geometry import Geometry, Triple

Scalar = TypeVar("Scalar", bound=np.generic)


class Plane(Enum):
    """A viewing plane; its value is the canonical array axis that it cuts."""

    AXIAL = 0
    CORONAL = 1
    SAGITTAL = 2

    @property
    def row_axis(self) -> int:
        """Canonical axis that runs up or down on the screen."""
        return 1 if self is Plane.AXIAL else 0

    @property
    def column_axis(self) -> int:
        """Canonical axis that runs to the right on the screen."""
        return 1 if self is Plane.SAGITTAL else 2

    @property
    def is_row_flipped(self) -> bool:
        """Whether rows are reversed on the screen, because the last index is at the head."""
        return self is not Plane.AXIAL

    def slice_of(self, array: NDArray[Scalar], index: int) -> NDArray[Scalar]:
        """Return the picture of slice `index` as a view of `array`.

        Any dtype; shape (z, y, x) becomes (rows down, columns right).
        """
        picture = array[(slice(None),) * self.value + (index,)]
        return picture[::-1] if self.is_row_flipped else picture

    def rows_columns_mm(self, geometry: Geometry) -> tuple[float, float]:
        """Return the height and width of the picture in mm, from voxel edge to voxel edge."""
        extent = geometry.extent_zyx_mm
        return extent[self.row_axis], extent[self.column_axis]

    def screen_mm_from_index(
        self, geometry: Geometry, index_zyx: tuple[float, float, float]
    ) -> tuple[float, float]:
        """Return (right, down) in mm from the picture's upper left corner to a voxel's centre."""
        row, column = index_zyx[self.row_axis], index_zyx[self.column_axis]
        if self.is_row_flipped:
            row = geometry.shape_zyx[self.row_axis] - 1 - row
        spacing = geometry.spacing_zyx_mm
        return (column + 0.5) * spacing[self.column_axis], (row + 0.5) * spacing[self.row_axis]

    def index_from_screen_mm(
        self, geometry: Geometry, right_down_mm: tuple[float, float], slice_index: float
    ) -> tuple[float, float, float]:
        """Return the fractional index at a point; inverse of `screen_mm_from_index`."""
        spacing = geometry.spacing_zyx_mm
        column = right_down_mm[0] / spacing[self.column_axis] - 0.5
        row = right_down_mm[1] / spacing[self.row_axis] - 0.5
        if self.is_row_flipped:
            row = geometry.shape_zyx[self.row_axis] - 1 - row
        index = [0.0, 0.0, 0.0]
        index[self.value], index[self.row_axis], index[self.column_axis] = slice_index, row, column
        return index[0], index[1], index[2]

    def edge_letters(self, geometry: Geometry) -> tuple[str, str, str, str]:
        """Return the letters of the patient directions at the (left, right, top, bottom) edges.

        An edge has more than one letter ('AS') if the plane is more than 5 degrees oblique.
        """
        return _edge_letters(self, geometry.axes_lps)


@lru_cache(16)
def _edge_letters(
    plane: Plane, axes_lps: tuple[Triple, Triple, Triple]
) -> tuple[str, str, str, str]:
    right = np.array(axes_lps[plane.column_axis])
    down = np.array(axes_lps[plane.row_axis]) * (-1 if plane.is_row_flipped else 1)
    return letters(-right), letters(right), letters(-down), letters(down)


def letters(direction_lps: NDArray[np.float64], min_deg: float = 5.0) -> str:
    """Return the anatomical letters of a direction, the strongest first.

    There is no letter for an axis towards which the direction is tilted by less than `min_deg`.
    `direction_lps` is float64, shape (3,).
    """
    names = [("R", "L"), ("A", "P"), ("I", "S")]
    parts = sorted(
        ((abs(v), names[k][int(v > 0)]) for k, v in enumerate(direction_lps)), reverse=True
    )
    return "".join(name for size, name in parts if size > np.sin(np.radians(min_deg)))
