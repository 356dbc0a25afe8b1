"""A folder holds several series: which one?"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from spineviewer.app.work import SeriesToChoose
from spineviewer.gui.icons import icon
from spineviewer.gui.theme import DARK, GAP_L, GAP_XL

_UID = Qt.ItemDataRole.UserRole


class SeriesChooser(QDialog):
    """Lists series with what tells them apart; the likeliest for a spine is chosen already."""

    def __init__(self, found: SeriesToChoose, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Choose a series")
        self.setMinimumSize(780, 420)
        heading = QLabel(f"{found.path.name} holds {len(found.series)} series")
        heading.setProperty("role", "heading")
        hint = QLabel("Choose the one to open. The likeliest for a spine is marked.")
        hint.setProperty("role", "quiet")
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["Series", "Type", "Slices", "Size and spacing", "Remarks"])
        self.tree.setRootIsDecorated(False)
        self.tree.setAccessibleName("Series in this folder")
        for series in found.series:
            remarks = "; ".join(series.problems)
            item = QTreeWidgetItem([series.title, series.modality, str(series.slices), series.details, remarks])
            item.setData(0, _UID, series.uid)
            item.setToolTip(4, "\n".join(series.problems))
            item.setToolTip(3, series.details)
            if series.problems:
                item.setIcon(4, icon("warn", DARK.warn))
            self.tree.addTopLevelItem(item)
            if series.is_best:
                item.setIcon(0, icon("segment", DARK.accent))
                self.tree.setCurrentItem(item)
        first = self.tree.topLevelItem(0)
        if first is not None and not self.tree.selectedItems():
            self.tree.setCurrentItem(first)
        header = self.tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.resize(920, 440)
        header.setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        self.open_button = buttons.button(QDialogButtonBox.StandardButton.Open)
        self.open_button.setProperty("kind", "primary")
        self.open_button.setText("Open series")
        for button in buttons.buttons():
            button.setIcon(QIcon())
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.tree.itemActivated.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_XL)
        layout.setSpacing(GAP_L)
        layout.addWidget(heading)
        layout.addWidget(hint)
        layout.addWidget(self.tree, 1)
        if found.others:
            others = QLabel(f"Also there, but not images to open: {', '.join(found.others)}.")
            others.setProperty("role", "faint")
            others.setWordWrap(True)
            layout.addWidget(others)
        layout.addWidget(buttons)
        self.tree.setFocus()

    @property
    def series_uid(self) -> str:
        """UID of the chosen series."""
        item = self.tree.currentItem()
        return str(item.data(0, _UID)) if item is not None else ""
