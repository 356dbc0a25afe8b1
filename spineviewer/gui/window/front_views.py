"""The connection between the views and the scans that they show."""

from __future__ import annotations

from functools import partial

from spineviewer.app.notices import Notice, Severity
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.front_scan import FrontScan
from spineviewer.gui.kit.language import tr
from spineviewer.gui.viewing.other_scan_view import OtherScanView
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.gui.window.scan_page import ScanPage
from spineviewer.labelling.vertebrae import Vertebra


class FrontViews:
    """Shows the active scan and another one in the views, and passes the user's actions on.

    Thread ownership: GUI thread.
    """

    def __init__(
        self,
        workspace: Workspace,
        front: FrontScan,
        area: ViewArea,
        other_view: OtherScanView,
        page: ScanPage,
    ) -> None:
        self._workspace = workspace
        self._area, self._other_view, self._page = area, other_view, page
        self._level: Vertebra | None = None
        action = front.action
        move = action(lambda scan: scan.display.move_to)
        area.shapes_wanted.connect(
            lambda line, surf: workspace.set_visible_shapes(line=line, surface=surf)
        )
        area.active_changed.connect(self.show_other_scan)
        area.tool_changed.connect(lambda: other_view.use_tool(area.tool))
        for view in area.members.values():
            view.picked.connect(move)
        for plane, cut in area.views.items():
            cut.scrolled.connect(partial(action(lambda scan: scan.display.scroll), plane))
        for twin, cut in area.twins.items():
            cut.scrolled.connect(partial(action(lambda scan: scan.display.scroll), twin.plane))
        other_view.follow_views(area.views)
        other_view.changed.connect(self.show_other_scan)
        other_view.header.chosen.connect(self._choose_other_scan)
        other_view.focus_changed.connect(self._on_focus_changed)
        other_view.moved.connect(move)
        for other in other_view.views.values():
            other.activated.connect(self._explain_other_scan)

    def show(self) -> None:
        """Show the active scan, and another one beside it if the user wants it."""
        front = self._workspace.front
        self._area.show_scene(None if front is None else Scene.from_parts(front.parts))
        self.show_other_scan()

    def is_at_other_level(self) -> bool:
        """Return whether the crosshair has moved to another vertebra since the last call."""
        old_level, front = self._level, self._workspace.front
        self._level = None if front is None else front.names.at_crosshair
        return self._level is not old_level

    def show_other_scan(self) -> None:
        """Show another scan beside the active one if the user wants it."""
        front, other = self._workspace.front, self._workspace.other_scan
        is_on = self._other_view.is_on and front is not None
        self._other_view.show_other_scan(
            other if is_on else None,
            front,
            self._area.plane,
        )
        self._page.show_sides(has_other_scan=is_on and other is not None)

    def _choose_other_scan(self, scan: OpenScan) -> None:
        self._workspace.choose_other_scan(scan)
        self.show_other_scan()

    def _explain_other_scan(self) -> None:
        """Explain why a tool does nothing in the view of the other scan."""
        if self._area.tool.name not in OtherScanView.TOOLS:
            text = tr(
                "Tools work in the scan on the left. To use them here, click this scan's tab."
            )
            self._workspace.tell(Notice(Severity.INFO, text, "side_by_side"))

    def _on_focus_changed(self, is_other_focused: bool) -> None:
        self._area.members[self._area.active].set_active(not is_other_focused)
