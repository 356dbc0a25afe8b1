"""How a measurement is drawn on a picture, and how a structured report encodes it.

Uses neither Qt nor a DICOM library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

#: A point on the screen: right, down.
ScreenPoint = tuple[float, float]


@dataclass(frozen=True)
class Drawing:
    """Shapes on the screen.

    Attributes
    ----------
    lines, polygons
        Sequences of points; polygons are closed.
    ellipse
        Two corners of its bounding box.
    arrow
        Its tip and its other end.
    handles
        Points that are drawn as dots and can be dragged.
    label_near
        Points near which the text is written.
    """

    lines: tuple[Sequence[ScreenPoint], ...] = ()
    polygons: tuple[Sequence[ScreenPoint], ...] = ()
    ellipse: tuple[ScreenPoint, ScreenPoint] | None = None
    arrow: tuple[ScreenPoint, ScreenPoint] | None = None
    handles: Sequence[ScreenPoint] = ()
    label_near: Sequence[ScreenPoint] = ()


class RegionShape(StrEnum):
    """Closed shapes in 3-D, as DICOM names them."""

    ELLIPSE = "ELLIPSE"
    POLYGON = "POLYGON"


@dataclass(frozen=True, eq=False)
class DicomEncoding:
    """A measurement in a structured report (TID 1500): lines, a region, or a comment at a point.

    Attributes
    ----------
    lines_lps_mm
        Polylines, each of shape (points, 3).
    region
        A shape and its points, shape (points, 3): the ends of the longer axis and then of the
        shorter axis of an ellipse, or the corners of a polygon with the first repeated at the end.
    comment_lps_mm
        Shape (1, 3): the point to which the text refers.
    """

    lines_lps_mm: tuple[NDArray[np.float64], ...] = ()
    region: tuple[RegionShape, NDArray[np.float64]] | None = None
    comment_lps_mm: NDArray[np.float64] | None = None
