"""Remarks on the series in a list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QTreeWidgetItem

from spineviewer.gui.kit.icons import icon, untinted

_ICON_PX = 16


def show_remarks(item: QTreeWidgetItem, column: int, remarks: Sequence[str]) -> None:
    """Show translated remarks in a column, one below the other, with an icon if there are any."""
    text = "\n".join(remarks)
    item.setText(column, text)
    item.setToolTip(column, text)
    if remarks:
        item.setIcon(column, untinted(icon("warn", "warn").pixmap(_ICON_PX, _ICON_PX)))
