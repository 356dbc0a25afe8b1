"""The pages of a window; one is shown at a time."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from spineviewer.gui.kit.language import tr

Page = TypeVar("Page", bound=QWidget)


class Pages(QStackedWidget):
    """Pages that are looked up by class.

    Thread ownership: GUI thread.

    Attributes
    ----------
    scan_page
        The page that shows the active scan; None until there is one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scan_page: QWidget | None = None

    @property
    def is_scan_hidden(self) -> bool:
        """Whether another page covers the active scan."""
        return self.scan_page is not None and self.currentWidget() is not self.scan_page

    def minimumSizeHint(self) -> QSize:
        """Return the minimum size of the page that is shown, not of the largest page."""
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()

    def page(self, kind: type[Page]) -> Page:
        """Return the page of a class.

        Raises
        ------
        KeyError
            When the window has no such page.
        """
        for number in range(self.count()):
            page = self.widget(number)
            if type(page) is kind:
                return page
        raise KeyError(kind.__name__)

    def show_page(self, kind: type[QWidget]) -> None:
        """Show the page of a class, and give it the keyboard focus."""
        page = self.page(kind)
        self.setCurrentWidget(page)
        page.setFocus()


class BackButton(QPushButton):
    """A button that leads to the active scan, or to the start page if no scan is open."""

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.setToolTip(tip)
        self.show_destination(is_scan_open=False)

    def show_destination(self, *, is_scan_open: bool) -> None:
        """Name the page that the button opens."""
        self.setText(tr("Back to the scan") if is_scan_open else tr("Back to the start page"))
