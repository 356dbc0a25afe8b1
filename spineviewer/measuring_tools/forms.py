"""How a measurement is drawn on a picture, and its form in a DICOM structured report.

No Qt, no DICOM library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

#: A place on the screen: right, down.
Place = tuple[float, float]


@dataclass(frozen=True)
class Drawing:
    """Shapes on the screen.

    Attributes
    ----------
    lines, polygons
        Sequences of places; polygons are closed.
    ellipse
        Two corners of the box around it.
    arrow
        Tip and end.
    handles
        Places of the dots.
    about
        Places beside which the text is written.
    """

    lines: tuple[Sequence[Place], ...] = ()
    polygons: tuple[Sequence[Place], ...] = ()
    ellipse: tuple[Place, Place] | None = None
    arrow: tuple[Place, Place] | None = None
    handles: Sequence[Place] = ()
    about: Sequence[Place] = ()


class RegionShape(StrEnum):
    """DICOM's closed shapes in 3-D."""

    ELLIPSE = "ELLIPSE"
    POLYGON = "POLYGON"


@dataclass(frozen=True, eq=False)
class DicomForm:
    """A measurement in a structured report (TID 1500): lines, or a region, or a comment at a point.

    Attributes
    ----------
    lines_lps_mm
        Polylines, each of shape (points, 3).
    region
        A shape and its points, shape (points, 3): both ends of the longer and of the shorter axis
        of an ellipse, or the corners of a polygon with the first repeated at the end.
    comment_lps_mm
        Shape (1, 3): the place to which the text refers.
    """

    lines_lps_mm: tuple[NDArray[np.float64], ...] = ()
    region: tuple[RegionShape, NDArray[np.float64]] | None = None
    comment_lps_mm: NDArray[np.float64] | None = None
