"""Sources of a view's pictures: one of the three planes, or the spine's centre line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from spineviewer.app.state import ScanState
from spineviewer.gui.viewing.annotations import Annotations
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.screen_picture import CrossLine
from spineviewer.volume.cuts import Cut
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane

if TYPE_CHECKING:
    from spineviewer.gui.viewing.cut_view import CutView


class CutSource(Protocol):
    """Determines the cut and the annotations of a view.

    Attributes
    ----------
    plane
        The plane shown; for curved pictures, the plane that they correspond to.
    name
        Name of the view, marked.
    message
        Reason why there is no picture, marked.
    """

    plane: Plane
    name: str
    message: str

    def cut(self, state: ScanState) -> Cut | None:
        """Return the cut to show; None if there is none."""

    def cross_lines(self, state: ScanState) -> tuple[CrossLine, ...]:
        """Return colours and directions of the lines through the crosshair."""

    def annotations(self, scene: Scene, cut: Cut | None, hint: str) -> Annotations:
        """Return the texts over the picture."""

    def scroll(self, view: CutView, steps: int) -> None:
        """Request the slice that is `steps` further."""

    def pick(self, view: CutView, index: Triple) -> None:
        """Request that the crosshair move to a fractional voxel index."""
