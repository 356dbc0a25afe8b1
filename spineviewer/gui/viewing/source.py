"""Two protocols: the source of a view's pictures, and the view as sources, tools and marks use it.

A source provides one of the three planes, or a ribbon along the spine's centre line.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, SignalInstance
from PySide6.QtWidgets import QWidget

from spineviewer.app.state import ScanState
from spineviewer.gui.viewing.annotations import Annotations
from spineviewer.gui.viewing.framing import Framing
from spineviewer.gui.viewing.picture import Picture
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.screen_picture import CrossLine
from spineviewer.volume.cuts import Cut
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane


class Canvas(Protocol):
    """A view of a picture. Positions are in the view's logical pixels.

    Attributes
    ----------
    plane
        The plane shown; for curved pictures, the plane that they correspond to.
    is_second
        Whether the view shows a plane a second time, with the second grey-scale window.
    """

    source: CutSource
    plane: Plane
    is_second: bool
    picture: Picture
    framing: Framing

    @property
    def scene(self) -> Scene | None:
        """The scene that the view shows; None if no scan is open."""

    @property
    def cut(self) -> Cut | None:
        """The cut through the scene; None if there is no picture."""

    @property
    def picked(self) -> SignalInstance:
        """Requests that the crosshair move to a fractional voxel index."""

    @property
    def scrolled(self) -> SignalInstance:
        """Requests the slice a number of steps away."""

    def viewport(self) -> QWidget:
        """Return the widget that everything is painted on."""

    def index_at(self, position: QPointF) -> Triple | None:
        """Return the fractional voxel index at a position; None outside the scan."""

    def widget_position(self, index_zyx: Triple) -> QPointF:
        """Return the position of a voxel's centre."""

    def pick(self, position: QPointF) -> None:
        """Request that the crosshair move to a position."""

    def pan_by(self, right_px: float, down_px: float) -> None:
        """Move the picture."""

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a position (the centre if None)."""


class CutSource(Protocol):
    """Determines the cut and the annotations of a view.

    Attributes
    ----------
    plane
        The plane shown; for curved pictures, the plane that they correspond to.
    name, stored_name
        Name of the view, marked; the second is for scans whose orientation is unknown.
    message
        Reason why there is no picture, marked.
    """

    plane: Plane
    name: str
    stored_name: str
    message: str

    def cut(self, state: ScanState) -> Cut | None:
        """Return the cut to show; None if there is none."""

    def cross_lines(self, state: ScanState) -> tuple[CrossLine, ...]:
        """Return colours and directions of the lines through the crosshair."""

    def annotations(self, scene: Scene, cut: Cut | None, hint: str) -> Annotations:
        """Return the text over the picture."""

    def scroll(self, view: Canvas, steps: int) -> None:
        """Request the slice `steps` away."""

    def pick(self, view: Canvas, index: Triple) -> None:
        """Request that the crosshair move to a fractional voxel index."""
