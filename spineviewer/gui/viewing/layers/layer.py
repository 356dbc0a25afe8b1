"""The protocol for overlay layers, and the pictures that they return."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spineviewer.gui.kit.colour import Table
from spineviewer.gui.viewing.scene import Scene
from spineviewer.volume.cuts import PlaneCut
from spineviewer.volume.geometry import Box, IndexTriple
from spineviewer.volume.planes import Plane
from spineviewer.volume.ruled import RuledSurface


@dataclass(frozen=True)
class Stroke:
    """Style of a line; its width does not depend on the zoom."""

    colour: str
    width_px: float
    alpha: int = 255


@dataclass(frozen=True, eq=False)
class Outline:
    """Lines in a picture.

    Attributes
    ----------
    segments
        (x0, y0, x1, y1) in picture pixels, shape (segments, 4).
    """

    segments: NDArray[np.float64]
    stroke: Stroke


@dataclass(frozen=True, eq=False)
class Tint:
    """Colours that are blended into the scan.

    Attributes
    ----------
    indices
        Indices (rows, columns) into the table.
    table
        Premultiplied pixels, uint32.
    key
        Changes whenever `indices` or `table` changes.
    step
        Number of pixels that each index covers in each direction.
    """

    indices: NDArray[np.uint8]
    table: Table
    key: Hashable
    step: int = 1


@dataclass(frozen=True)
class Hatching:
    """Hatched columns (first, end) of a picture, with or without a dark background."""

    columns: tuple[tuple[int, int], ...]
    is_faint: bool


@dataclass(frozen=True)
class PlacedName:
    """A name at a position (right, down) in the picture, in picture pixels."""

    text: str
    right_px: float
    down_px: float
    colour: str


@dataclass(frozen=True, eq=False)
class LayerPicture:
    """The contribution of a layer to one picture."""

    tint: Tint | None = None
    outlines: tuple[Outline, ...] = ()
    hatching: Hatching | None = None
    names: tuple[PlacedName, ...] = ()

    def shows_the_same_as(self, other: LayerPicture) -> bool:
        """Return whether both draw the same lines, hatching and names; tints are not compared.

        Lines that have been computed again count as different.
        """
        return (
            len(self.outlines) == len(other.outlines)
            and all(
                line.segments is other_line.segments and line.stroke == other_line.stroke
                for line, other_line in zip(self.outlines, other.outlines, strict=True)
            )
            and self.hatching == other.hatching
            and self.names == other.names
        )


@dataclass(frozen=True, eq=False)
class Sampling:
    """Positions of the pixels of an oblique or curved picture; compared by identity."""

    surface: RuledSurface

    @cached_property
    def nearest_zyx(self) -> NDArray[np.int32]:
        """Index of the voxel nearest to each pixel, shape (rows, columns, 3); may be outside."""
        return self.surface.nearest_zyx()

    def pixels_in(self, step_mm: float) -> int:
        """Return the number of pixels in a distance, rounded, but at least one."""
        return max(1, round(step_mm / self.surface.pixel_mm))


class SampledCut(Hashable, Protocol):
    """A cut sampled on a surface; equal cuts show the same picture."""

    @property
    def pixel_mm(self) -> float:
        """Distance between pixels at the finest resolution, in mm."""

    def surface(self, coarseness: float = 1.0) -> RuledSurface:
        """Return the surface with pixels that are `coarseness` times farther apart."""


class Layer(Protocol):
    """Something drawn over the scan, with a cache for one view.

    Thread ownership: any thread, one at a time.

    Attributes
    ----------
    name
        Identifies the layer in a frame.
    """

    name: str

    def on_plane(self, scene: Scene, cut: PlaneCut) -> LayerPicture | None:
        """Return the contribution to a slice of the scan.

        None if it is hidden or has nothing to show.
        """

    def on_surface(self, scene: Scene, sampling: Sampling) -> LayerPicture | None:
        """Return the contribution to an oblique or curved picture.

        None if it is hidden or has nothing to show.
        """

    def clear(self) -> None:
        """Clear the cache."""


def slice_key(cut: PlaneCut) -> tuple[int, int]:
    """Return the axis and index of a slice, as a key that is fast to hash."""
    return cut.plane.value, cut.slice_index


def on_screen(plane: Plane, picture: NDArray[Any]) -> NDArray[Any]:
    """Return a plane (2-D, any dtype), contiguous and with the patient's head at the top."""
    return np.ascontiguousarray(picture[::-1] if plane.is_row_flipped else picture)


def part_of_picture(plane: Plane, box: Box, shape_zyx: IndexTriple) -> tuple[slice, slice]:
    """Return the rows and columns of a plane's picture that show a box of the scan."""
    rows, columns = box[plane.row_axis], box[plane.column_axis]
    if plane.is_row_flipped:
        height = shape_zyx[plane.row_axis]
        rows = slice(height - rows.stop, height - rows.start)
    return rows, columns
