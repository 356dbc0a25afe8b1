"""The pages of a window, of which one is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtWidgets import QStackedWidget, QWidget

Page = TypeVar("Page", bound=QWidget)


class Pages(QStackedWidget):
    """Pages that are found by their class.

    Thread ownership: GUI thread.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._makers: dict[type[QWidget], Callable[[], QWidget]] = {}

    def offer(self, kind: type[Page], make: Callable[[], Page]) -> None:
        """Add a page of a class that is made when it is first wanted."""
        self._makers[kind] = make

    def page(self, kind: type[Page]) -> Page:
        """Return the page of a class.

        Raises
        ------
        KeyError
            If there is none and none was offered.
        """
        for number in range(self.count()):
            page = self.widget(number)
            if type(page) is kind:
                return page
        made = self._makers[kind]()
        assert isinstance(made, kind)
        self.addWidget(made)
        return made

    def bring(self, kind: type[QWidget]) -> None:
        """Show the page of a class, and give it the keyboard."""
        page = self.page(kind)
        self.setCurrentWidget(page)
        page.setFocus()
