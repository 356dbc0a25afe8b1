"""Remarks on the series in a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtWidgets import QStyleOptionViewItem, QTreeView, QTreeWidgetItem

from spineviewer.gui.kit.icons import icon, untinted
from spineviewer.gui.kit.item_tips import TipDelegate

_ICON_PX = 16
#: Horizontal space around the icon and the text of a remark.
_PADDING_PX = 28
_Index = QModelIndex | QPersistentModelIndex


class RemarksDelegate(TipDelegate):
    """Makes rows tall enough for wrapped remarks; Qt ignores the icon and the padding."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        size, tree = super().sizeHint(option, index), cast(Any, option).widget
        if not isinstance(tree, QTreeView) or not index.data():
            return size
        width = tree.columnWidth(index.column()) - _ICON_PX - _PADDING_PX
        wrap = Qt.TextFlag.TextWordWrap
        needed = tree.fontMetrics().boundingRect(QRect(0, 0, width, 0), wrap, str(index.data()))
        return QSize(size.width(), max(size.height(), needed.height() + _PADDING_PX // 2))


def show_remarks(item: QTreeWidgetItem, column: int, remarks: Sequence[str]) -> None:
    """Show translated remarks in a column, one below the other, with an icon if there are any."""
    text = "\n".join(remarks)
    item.setText(column, text)
    item.setToolTip(column, text)
    if remarks:
        item.setIcon(column, untinted(icon("warn", "warn").pixmap(_ICON_PX, _ICON_PX)))
