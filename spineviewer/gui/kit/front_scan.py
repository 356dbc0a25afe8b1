"""Access to the active scan for views and panel, which outlive it."""

from __future__ import annotations

from collections.abc import Callable

from spineviewer.app.open_scan import OpenScan
from spineviewer.app.workspace import Workspace
from spineviewer.editing.brush import Brush, Point
from spineviewer.labelling.vertebrae import Vertebra
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane


class FrontScan:
    """Passes actions on to the scan that is active when they occur; does nothing if none is open.

    Thread ownership: GUI thread.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def action(self, method: Callable[[OpenScan], Callable[..., object]]) -> Callable[..., None]:
        """Return a function that calls a method of the scan that is then active.

        Example: `action(lambda scan: scan.segmentation.segment)`.
        """

        def call(*arguments: object) -> None:
            if (scan := self._workspace.front) is not None:
                method(scan)(*arguments)

        return call

    # for the mouse tools

    @property
    def brush(self) -> Brush:
        """Size and HU range of the brush and the eraser."""
        return self._workspace.brush.brush

    def drag_window(self, width_px: float, level_px: float, *, is_second: bool) -> None:
        """Change the width and level of the first or second grey-scale window by a drag."""
        if (scan := self._workspace.front) is not None:
            scan.display.drag_window(width_px, level_px, is_second=is_second)

    def rotate(self, plane: Plane, degrees: float) -> None:
        """Rotate the other planes about the crosshair, clockwise in the picture of `plane`."""
        if (scan := self._workspace.front) is not None:
            scan.display.rotate(plane, degrees)

    def mergeable_at(self, index: Triple | None) -> tuple[Vertebra, Vertebra] | None:
        """Return the two vertebrae that a click would merge; None if it would merge none."""
        scan = self._workspace.front
        return None if scan is None else scan.names.mergeable_at(index)

    def begin_stroke(self, plane: Plane, index: Point | None, *, is_adding: bool) -> None:
        """Begin a stroke of the brush or the eraser."""
        if (scan := self._workspace.front) is not None:
            scan.corrections.begin_stroke(plane, index, is_adding=is_adding)

    def begin_lasso(self, plane: Plane, index: Point | None, *, is_adding: bool) -> None:
        """Begin a lasso around the area to add or erase."""
        if (scan := self._workspace.front) is not None:
            scan.edits.begin_lasso(plane, index, is_adding=is_adding)

    def move_stroke(self, index: Point | None) -> None:
        """Continue the stroke or the lasso."""
        if (scan := self._workspace.front) is not None:
            scan.corrections.move_stroke(index)
            scan.edits.move_lasso(index)

    def end_stroke(self) -> None:
        """End the stroke or close the lasso."""
        if (scan := self._workspace.front) is not None:
            scan.corrections.end_stroke()
            scan.edits.end_lasso()

    def abandon_stroke(self) -> None:
        """Undo the stroke or the lasso in progress."""
        if (scan := self._workspace.front) is not None:
            scan.corrections.abandon_stroke()
            scan.edits.abandon_lasso()

    def edit_piece(self, index: Point | None, *, is_kept: bool) -> None:
        """Keep only the piece of the mask at `index`, or remove it."""
        if (scan := self._workspace.front) is not None:
            scan.edits.edit_piece(index, is_kept=is_kept)
