"""The context of commands: the workspace, and the parts of the window by class."""

from __future__ import annotations

from typing import TypeVar, cast

from spineviewer.app.open_scan import OpenScan
from spineviewer.app.scan_core import ScanParts
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.pages import Pages

Part = TypeVar("Part")


class Context:
    """The workspace and the parts of one window.

    A command names the class of the part that it needs: ``context[ViewArea].next_view()``. In this
    way, the folders of `gui` do not depend on the window, and a test provides only the parts that
    it needs.

    Thread ownership: GUI thread.

    Attributes
    ----------
    workspace
        The open scans, their features and the settings.
    """

    def __init__(self, workspace: Workspace, *parts: object) -> None:
        self.workspace = workspace
        self._parts: dict[type, object] = {}
        self.add(*parts)

    def add(self, *parts: object) -> None:
        """Add parts, each under its class."""
        self._parts.update({type(part): part for part in parts})

    @property
    def scan(self) -> OpenScan:
        """The active scan, for commands that need one."""
        assert self.workspace.front is not None, "the command needs a scan"
        return self.workspace.front

    @property
    def parts(self) -> ScanParts | None:
        """Frozen parts of the active scan; None while no scan is open."""
        return None if self.workspace.front is None else self.workspace.front.parts

    @property
    def is_scan_in_view(self) -> bool:
        """Whether the active scan is shown, not the start, batch or archive page."""
        pages = self._parts.get(Pages)
        is_hidden = isinstance(pages, Pages) and pages.is_scan_hidden
        return self.workspace.front is not None and not is_hidden

    def __getitem__(self, kind: type[Part]) -> Part:
        """Return the window's part of a class; raise KeyError if there is none."""
        return cast(Part, self._parts[kind])
