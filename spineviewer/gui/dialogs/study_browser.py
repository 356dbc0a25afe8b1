"""The scans that lie in a folder and below it, to open one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.batch import Entry
from spineviewer.gui.language import tr
from spineviewer.gui.theme import GAP_L, GAP_XL

_PATH = Qt.ItemDataRole.UserRole


class StudyBrowser(QDialog):
    """Stays open while scans are opened from it."""

    open_asked = Signal(object)

    def __init__(self, folder: Path, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Scans in a folder"))
        self.resize(720, 460)
        heading = QLabel(tr("%n scan(s) in {folder}", "", len(entries), folder=folder.name))
        heading.setProperty("role", "heading")
        heading.setToolTip(str(folder))
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search a name"))
        self.search.setAccessibleName(tr("Search a name"))
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels([tr("Scan"), tr("Kind"), tr("Where")])
        self.tree.setRootIsDecorated(False)
        self.tree.setAccessibleName(tr("Scans in this folder"))
        for entry in entries:
            where = entry.path.parent.relative_to(folder.resolve()) if entry.path.is_relative_to(folder.resolve()) else entry.path
            item = QTreeWidgetItem([entry.path.name, tr("DICOM folder") if entry.path.is_dir() else tr("File"), str(where)])
            item.setData(0, _PATH, str(entry.path))
            item.setToolTip(0, str(entry.path))
            self.tree.addTopLevelItem(item)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Close)
        self.open_button = buttons.button(QDialogButtonBox.StandardButton.Open)
        self.open_button.setProperty("kind", "primary")
        buttons.accepted.connect(self._open)
        buttons.rejected.connect(self.reject)
        self.tree.itemActivated.connect(self._open)
        self.search.textChanged.connect(self._filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addWidget(heading)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addWidget(buttons)
        if entries:
            self.tree.setCurrentIndex(self.tree.model().index(0, 0))

    def _open(self) -> None:
        item = self.tree.currentItem()
        if item is not None and not item.isHidden():
            self.open_asked.emit(Path(str(item.data(0, _PATH))))

    def _filter(self, text: str) -> None:
        for number in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(number)
            if item is not None:
                item.setHidden(text.lower() not in str(item.data(0, _PATH)).lower())
