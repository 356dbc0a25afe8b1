"""Remarks on a series, in a list from which the user chooses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem

from spineviewer.gui.kit.icons import icon

_ICON_PX = 16


def show_remarks(item: QTreeWidgetItem, column: int, remarks: Sequence[str]) -> None:
    """Show translated remarks in a column, with an icon if there are any."""
    item.setText(column, "; ".join(remarks))
    item.setToolTip(column, "\n".join(remarks))
    if remarks:
        pixmap = icon("warn", "warn").pixmap(_ICON_PX, _ICON_PX)
        item.setData(column, Qt.ItemDataRole.DecorationRole, pixmap)
