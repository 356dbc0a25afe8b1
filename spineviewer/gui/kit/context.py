"""What a command works on: the desk, and the parts of the window, found by their class."""

from __future__ import annotations

from typing import TypeVar, cast

from spineviewer.gui.desk import ReadingDesk

Part = TypeVar("Part")


class Context:
    """The desk and the parts of one window.

    A command names the class of the part that it needs: ``context[ViewArea].next_view()``. So the
    folders of `gui` need not know the window, and a test gives only the parts that it looks at.

    Thread ownership: GUI thread.

    Attributes
    ----------
    desk
        The open scans, their features and the settings.
    """

    def __init__(self, desk: ReadingDesk, *parts: object) -> None:
        self.desk = desk
        self._parts: dict[type, object] = {}
        self.add(*parts)

    def add(self, *parts: object) -> None:
        """Offer more parts, each under its class."""
        self._parts.update({type(part): part for part in parts})

    def __getitem__(self, kind: type[Part]) -> Part:
        """Return the window's part of a class; raises KeyError where the window has none."""
        return cast(Part, self._parts[kind])
