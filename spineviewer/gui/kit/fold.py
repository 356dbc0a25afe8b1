"""A section of the panel that can be collapsed to its heading."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from spineviewer.gui.kit.controls import rule
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import without_margins
from spineviewer.gui.kit.theme import GAP_M, GAP_S


class Fold(QWidget):
    """A section with a heading that folds or unfolds its body; hidden while the body is hidden.

    Thread ownership: GUI thread.

    Parameters
    ----------
    name
        Identifies the section in the settings; never changes.
    controls
        Widgets at the right end of the heading, hidden while the section is folded.
    """

    #: The user folded or opened the section: its name, and whether it is folded now.
    folded = Signal(str, bool)

    def __init__(self, name: str, title: str, body: QWidget, *controls: QWidget) -> None:
        super().__init__()
        self.name, self._title, self._controls = name, title, controls
        self.heading = QToolButton()
        self.heading.setProperty("kind", "fold")
        self.heading.setAccessibleName(title)
        self.heading.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.heading.setCheckable(True)
        self.heading.clicked.connect(self._on_click)
        head = QHBoxLayout()
        head.setSpacing(GAP_S)
        head.addWidget(self.heading)
        head.addStretch(1)
        for control in controls:
            head.addWidget(control)
        self._holder = QWidget()
        holder = without_margins(QVBoxLayout(self._holder))
        holder.addWidget(body)
        layout = without_margins(QVBoxLayout(self), GAP_M)
        layout.addWidget(rule())
        layout.addLayout(head)
        layout.addWidget(self._holder)
        body.installEventFilter(self)
        self.setVisible(not body.isHidden())
        self.fold(False)

    @property
    def is_folded(self) -> bool:
        """Whether only the heading is shown."""
        return not self.heading.isChecked()

    def fold(self, is_folded: bool) -> None:
        """Hide or show the body."""
        self.heading.setChecked(not is_folded)
        self.heading.setText(f"{'▸' if is_folded else '▾'}  {self._title}")
        self.heading.setToolTip(
            tr("Expand this section") if is_folded else tr("Collapse this section")
        )
        self._holder.setVisible(not is_folded)
        for control in self._controls:
            control.setVisible(not is_folded)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show or hide the section with its body."""
        if event.type() is QEvent.Type.ShowToParent:
            self.setVisible(True)
        elif event.type() is QEvent.Type.HideToParent:
            self.setVisible(False)
        return super().eventFilter(watched, event)

    def _on_click(self, is_open: bool) -> None:
        self.fold(not is_open)
        self.folded.emit(self.name, not is_open)
