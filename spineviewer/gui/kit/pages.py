"""The pages of a window, of which one is shown."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget


class Pages(QStackedWidget):
    """Pages that are found by their class.

    Thread ownership: GUI thread.
    """

    def bring(self, kind: type[QWidget]) -> None:
        """Show the page of a class, and give it the keyboard."""
        for number in range(self.count()):
            page = self.widget(number)
            if type(page) is kind:
                self.setCurrentWidget(page)
                page.setFocus()
