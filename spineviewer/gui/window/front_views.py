"""The views of the scan in front, and those of the scan beside it."""

from __future__ import annotations

from functools import partial

from spineviewer.app.notices import Level, Notice
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.front_scan import FrontScan
from spineviewer.gui.kit.language import tr
from spineviewer.gui.viewing.other_scan_view import OtherScanView
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.gui.window.scan_page import ScanPage


class FrontViews:
    """Shows the workspace's scans in the views, and passes on to the scans what the user does.

    Thread ownership: GUI thread.
    """

    def __init__(
        self,
        workspace: Workspace,
        front: FrontScan,
        area: ViewArea,
        beside: OtherScanView,
        page: ScanPage,
    ) -> None:
        self._workspace = workspace
        self._area, self._beside, self._page = area, beside, page
        action = front.action
        move = action(lambda scan: scan.display.move_to)
        area.shapes_wanted.connect(
            lambda line, surf: workspace.set_visible_shapes(line=line, surface=surf)
        )
        area.active_changed.connect(self.show_beside)
        area.tool_changed.connect(lambda: beside.use_tool(area.tool))
        for view in area.members.values():
            view.picked.connect(move)
        for plane, cut in area.views.items():
            cut.scrolled.connect(partial(action(lambda scan: scan.display.scroll), plane))
        for twin, cut in area.twins.items():
            cut.scrolled.connect(partial(action(lambda scan: scan.display.scroll), twin.plane))
        beside.follow_views(area.views)
        beside.is_on_changed.connect(self.show_beside)
        beside.header.chosen.connect(self._choose_beside)
        beside.focus_changed.connect(self._show_where_keys_go)
        beside.moved.connect(move)
        for other in beside.views.values():
            other.activated.connect(self._explain_beside)

    def show(self) -> None:
        """Show the scan in front and the one beside it."""
        front = self._workspace.front
        self._area.show_scene(None if front is None else Scene.from_parts(front.parts))
        self.show_beside()

    def show_beside(self) -> None:
        """Show the scan beside the one in front, if the user wants it."""
        front, other = self._workspace.front, self._workspace.beside
        is_wanted = self._beside.is_on and front is not None
        self._beside.show_beside(
            other if is_wanted else None,
            front,
            self._area.plane,
        )
        self._page.show_sides(is_beside=is_wanted and other is not None)

    def _choose_beside(self, scan: OpenScan) -> None:
        self._workspace.choose_beside(scan)
        self.show_beside()

    def _explain_beside(self) -> None:
        """Explain why a tool does nothing in the view of the other scan."""
        if self._area.tool.name not in OtherScanView.TOOLS:
            text = tr(
                "Tools work in the scan on the left. To use them here, click this scan's tab."
            )
            self._workspace.tell(Notice(Level.INFO, text, "beside"))

    def _show_where_keys_go(self, is_beside: bool) -> None:
        self._area.members[self._area.active].set_active(not is_beside)
