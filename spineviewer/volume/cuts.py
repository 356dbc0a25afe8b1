"""Flat and curved sections through a scan, with conversions between picture points and voxels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.planes import Plane, letters
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.ruled import RuledSurface

#: Pixels of a sampled picture are never smaller than this.
_MIN_PIXEL_MM = 0.5
_MAX_PIXELS = 900_000
#: Half width of a ribbon along the spine.
CURVED_HALF_WIDTH_MM = 70.0

RightDown = tuple[float, float]


class Cut(Protocol):
    """A section through a scan.

    Positions in its picture are in mm, right and down from the upper left corner.
    """

    @property
    def geometry(self) -> Geometry:
        """The grid of the scan."""

    @property
    def size_mm(self) -> RightDown:
        """Width and height of the picture."""

    @property
    def is_to_scale(self) -> bool:
        """Whether lengths in the picture equal lengths in the patient, in every direction."""

    def on_screen_mm(self, index_zyx: Triple) -> RightDown:
        """Return the position in the picture of a (fractional) voxel, or of its projection."""

    def across_mm(self, index_zyx: Triple) -> float:
        """Return the distance of a voxel from the picture, in mm.

        Positive towards higher slice numbers.
        """

    def index_at(self, right_down_mm: RightDown) -> Triple:
        """Return the fractional voxel index at a point of the picture.

        It may be outside the scan.
        """

    def edge_letters(self) -> tuple[str, str, str, str]:
        """Return the letters of the patient directions at the (left, right, top, bottom) edges."""


@dataclass(frozen=True)
class PlaneCut:
    """A slice perpendicular to one of the scan's axes."""

    plane: Plane
    geometry: Geometry
    slice_index: int

    @property
    def is_to_scale(self) -> bool:
        return True

    @property
    def size_mm(self) -> RightDown:
        height, width = self.plane.rows_columns_mm(self.geometry)
        return width, height

    def on_screen_mm(self, index_zyx: Triple) -> RightDown:
        return self.plane.screen_mm_from_index(self.geometry, index_zyx)

    def across_mm(self, index_zyx: Triple) -> float:
        cut = self.plane.value
        return (index_zyx[cut] - self.slice_index) * self.geometry.spacing_zyx_mm[cut]

    def index_at(self, right_down_mm: RightDown) -> Triple:
        return self.plane.index_from_screen_mm(
            self.geometry, right_down_mm, float(self.slice_index)
        )

    def edge_letters(self) -> tuple[str, str, str, str]:
        return self.plane.edge_letters(self.geometry)


@dataclass(frozen=True)
class RotatedCut:
    """A viewing plane that is rotated relative to the grid.

    Attributes
    ----------
    offset_mm
        Position of the plane along its normal.
    """

    plane: Plane
    geometry: Geometry
    rotation: Rotation
    offset_mm: float

    @cached_property
    def _frame(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        right, down = self.rotation.right_down(self.plane)
        return right, down, self.rotation.normal(self.plane)

    @cached_property
    def _corner(self) -> tuple[NDArray[np.float64], RightDown]:
        """The position (right, down) of the picture's upper left corner, and the picture's size."""
        right, down, _ = self._frame
        ends = [
            (-0.5 * s, (n - 0.5) * s)
            for n, s in zip(self.geometry.shape_zyx, self.geometry.spacing_zyx_mm, strict=True)
        ]
        # Indexed by axis, end and direction. The farthest corner is the sum of the extremes over
        # the axes.
        contributions = np.array(ends)[:, :, None] * np.stack([right, down], axis=1)[:, None, :]
        low, high = contributions.min(axis=1).sum(axis=0), contributions.max(axis=1).sum(axis=0)
        return low, (float(high[0] - low[0]), float(high[1] - low[1]))

    @property
    def is_to_scale(self) -> bool:
        return True

    @property
    def size_mm(self) -> RightDown:
        return self._corner[1]

    def on_screen_mm(self, index_zyx: Triple) -> RightDown:
        place = np.array(index_zyx) * self.geometry.spacing_zyx_mm
        right, down, _ = self._frame
        low, _ = self._corner
        return float(place @ right - low[0]), float(place @ down - low[1])

    def across_mm(self, index_zyx: Triple) -> float:
        return (
            float(np.array(index_zyx) * self.geometry.spacing_zyx_mm @ self._frame[2])
            - self.offset_mm
        )

    def index_at(self, right_down_mm: RightDown) -> Triple:
        right, down, normal = self._frame
        low, _ = self._corner
        place = (
            (right_down_mm[0] + low[0]) * right
            + (right_down_mm[1] + low[1]) * down
            + self.offset_mm * normal
        )
        z, y, x = place / np.array(self.geometry.spacing_zyx_mm)
        return float(z), float(y), float(x)

    def edge_letters(self) -> tuple[str, str, str, str]:
        axes = np.array(self.geometry.axes_lps)
        right, down = (vector @ axes for vector in self._frame[:2])
        return letters(-right), letters(right), letters(-down), letters(down)

    @property
    def pixel_mm(self) -> float:
        """Pixel size: the finest spacing of the scan, but at least 0.5 mm.

        It is larger if the picture would otherwise have too many pixels.
        """
        width, height = self.size_mm
        return max(
            min(self.geometry.spacing_zyx_mm),
            _MIN_PIXEL_MM,
            float(np.sqrt(width * height / _MAX_PIXELS)),
        )

    def surface(
        self,
        coarseness: float = 1.0,
        *,
        first_row: int = 0,
        first_column: int = 0,
        rows: int | None = None,
        columns: int | None = None,
    ) -> RuledSurface:
        """Return where the pixels of the picture, or of a part of it, are in the scan.

        Neighbouring pixels are `coarseness` times `pixel_mm` apart.
        """
        right, down, normal = self._frame
        low, (width, height) = self._corner
        pixel, spacing = coarseness * self.pixel_mm, np.array(self.geometry.spacing_zyx_mm)
        rows = int(np.ceil(height / pixel)) - first_row if rows is None else rows
        columns = int(np.ceil(width / pixel)) - first_column if columns is None else columns
        first = (low[0] + (first_column + 0.5) * pixel) * right + self.offset_mm * normal
        heights = low[1] + (first_row + np.arange(rows)[:, None] + 0.5) * pixel
        origins = (first + heights * down) / spacing
        return RuledSurface(
            origins,
            np.tile(right * pixel / spacing, (rows, 1)),
            np.tile(normal / spacing, (rows, 1)),
            columns,
            pixel,
        )


@dataclass(frozen=True)
class CurvedCut:
    """A flattened ribbon along the spine.

    Its rows are to scale. Along the spine, only the centre line is to scale: away from it, the
    ribbon is stretched or compressed where the spine is curved.

    Attributes
    ----------
    plane
        `CORONAL`: seen from the front, `SAGITTAL`: from the side.
    depth_mm
        Distance of the ribbon behind the line (coronal) or to its left (sagittal).
    """

    line: CentreLine
    plane: Plane
    geometry: Geometry
    depth_mm: float

    @property
    def is_to_scale(self) -> bool:
        return False

    @property
    def size_mm(self) -> RightDown:
        return 2 * CURVED_HALF_WIDTH_MM, self.line.length_mm

    def on_screen_mm(self, index_zyx: Triple) -> RightDown:
        along, left, back = self._along_left_back(index_zyx)
        return (left if self.plane is Plane.CORONAL else back) + CURVED_HALF_WIDTH_MM, along

    def across_mm(self, index_zyx: Triple) -> float:
        _, left, back = self._along_left_back(index_zyx)
        return (back if self.plane is Plane.CORONAL else left) - self.depth_mm

    def index_at(self, right_down_mm: RightDown) -> Triple:
        beside = right_down_mm[0] - CURVED_HALF_WIDTH_MM
        left, back = (
            (beside, self.depth_mm) if self.plane is Plane.CORONAL else (self.depth_mm, beside)
        )
        place = self.line.point_at(right_down_mm[1], left_mm=left, back_mm=back)
        z, y, x = place / np.array(self.geometry.spacing_zyx_mm)
        return float(z), float(y), float(x)

    def edge_letters(self) -> tuple[str, str, str, str]:
        """Return anatomical letters at the edges, for the middle of the spine.

        The direction changes along the curve, so only the dominant letter is shown.
        """
        middle = len(self.line.points_mm) // 2
        axes = np.array(self.geometry.axes_lps)
        right = (self.line.left if self.plane is Plane.CORONAL else self.line.back)[middle] @ axes
        down = self.line.down[middle] @ axes
        return (
            letters(-right, 46.0),
            letters(right, 46.0),
            letters(-down, 46.0),
            letters(down, 46.0),
        )

    @property
    def pixel_mm(self) -> float:
        """Pixel size: the finest spacing of the scan, but at least 0.5 mm."""
        return max(min(self.geometry.spacing_zyx_mm), _MIN_PIXEL_MM)

    def surface(self, coarseness: float = 1.0) -> RuledSurface:
        """Return where the pixels are in the scan; they are `coarseness` times `pixel_mm` apart."""
        pixel = coarseness * self.pixel_mm
        rows, columns = (
            int(np.ceil(self.line.length_mm / pixel)),
            int(np.ceil(2 * CURVED_HALF_WIDTH_MM / pixel)),
        )
        stations = (np.arange(rows) + 0.5) * pixel / self.line.step_mm
        numbers = np.arange(len(self.line.points_mm))

        def along(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.stack([np.interp(stations, numbers, values[:, k]) for k in range(3)], axis=1)

        spacing = np.array(self.geometry.spacing_zyx_mm)
        across, beside = along(self.line.back), along(self.line.left)
        if self.plane is Plane.SAGITTAL:
            across, beside = beside, across
        first = (
            along(self.line.points_mm)
            + self.depth_mm * across
            + (pixel / 2 - CURVED_HALF_WIDTH_MM) * beside
        )
        return RuledSurface(
            first / spacing, beside * pixel / spacing, across / spacing, columns, pixel
        )

    def _along_left_back(self, index_zyx: Triple) -> Triple:
        return self.line.along_left_back_mm(np.array(index_zyx) * self.geometry.spacing_zyx_mm)


def is_inside(geometry: Geometry, index_zyx: Triple) -> bool:
    """Return whether a fractional index is within the scan, measured to the voxel edges."""
    return all(-0.5 <= i <= n - 0.5 for i, n in zip(index_zyx, geometry.shape_zyx, strict=True))
