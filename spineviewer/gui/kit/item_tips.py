"""Tooltips that show the whole text of truncated entries in lists and tables."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

_Index = QModelIndex | QPersistentModelIndex


class TipDelegate(QStyledItemDelegate):
    """Shows the whole text of a truncated entry above its own tooltip.

    Thread ownership: GUI thread.
    """

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: _Index,
    ) -> bool:
        if event.type() is QEvent.Type.ToolTip and (text := self.tip(view, option, index)):
            QToolTip.showText(event.globalPos(), text, view)
            return True
        return super().helpEvent(event, view, option, index)

    def tip(self, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index) -> str:
        """Return an entry's whole text and its own tooltip; empty if the whole text is visible."""
        text, own = str(index.data() or ""), str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
        needed, room = self.sizeHint(option, index), view.visualRect(index)
        is_cut = needed.width() > room.width() or needed.height() > room.height()
        if not text or not is_cut or text in own:
            return ""
        return "\n".join(filter(None, (text, own)))


class WholeCellDelegate(TipDelegate):
    """Shows only an ellipsis in cells cut off at the table's edge, never part of a number."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        cell = cast(Any, option)  # PySide does not declare the fields of style options
        if cell.widget is None:
            return
        is_cut_at_left = cell.rect.left() < 0
        if is_cut_at_left or cell.rect.right() > cell.widget.viewport().width():
            side = Qt.AlignmentFlag.AlignRight if is_cut_at_left else Qt.AlignmentFlag.AlignLeft
            cell.text, cell.displayAlignment = "…", side | Qt.AlignmentFlag.AlignVCenter


def add_tips_to_truncated_texts(root: QWidget) -> None:
    """Let lists and tables below `root` show the whole text of truncated entries in tooltips."""
    for view in root.findChildren(QAbstractItemView):
        if type(view.itemDelegate()) is QStyledItemDelegate and not isinstance(
            view.parentWidget(), QComboBox
        ):
            view.setItemDelegate(TipDelegate(view))
