"""The table model of the vertebral measurements."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from spineviewer.app.measurement_rows import BY_HAND, QUANTITIES, Cell, Row
from spineviewer.gui.kit.icons import level_icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import colours

#: Symbol beside a number to check, so that no meaning depends on colour alone.
FLAG = "▲"
#: Item role of the value by which a column is sorted.
SORT_ROLE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class MeasurementModel(QAbstractTableModel):
    """A table with a row for each level and a column for each quantity.

    Thread ownership: GUI thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Row] = ()
        self._is_current = True

    def set_current(self, is_current: bool) -> None:
        """Set whether the values belong to the mask that is shown; otherwise, they are fainter."""
        if is_current == self._is_current:
            return
        self._is_current, last = is_current, len(self.rows) - 1
        if self.rows:
            corners = self.index(0, 0), self.index(last, self.columnCount() - 1)
            self.dataChanged.emit(*corners, [Qt.ItemDataRole.ForegroundRole])
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, last)

    def show_rows(self, rows: Sequence[Row]) -> bool:
        """Replace the rows, and return whether the levels have changed.

        If the levels are the same, selection and scroll position are preserved.
        """
        if [row.title for row in rows] == [row.title for row in self.rows]:
            self.rows = rows
            last = self.index(len(rows) - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            return False
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()
        return True

    def cell_at(self, index: _Index) -> Cell:
        """Return the cell at an index."""
        return self.rows[index.row()].cells[index.column()]

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(QUANTITIES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Vertical:
            if role == Qt.ItemDataRole.ForegroundRole and not self._is_current:
                return QColor(colours().quiet)
            return _level_data(self.rows[section], role)
        quantity = QUANTITIES[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(quantity.title)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{tr(quantity.tip)} ({quantity.unit})" if quantity.unit else tr(quantity.tip)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.ForegroundRole and not self._is_current:
            return QColor(colours().quiet)
        return _cell_data(self.rows[index.row()], self.cell_at(index), role)


def cell_text(cell: Cell) -> str:
    """Return a value with its symbols and its change since the prior scan."""
    text = tr(cell.text)
    if cell.is_flagged:
        text = f"{FLAG} {text}"
    if cell.is_set_by_hand:
        text = f"{text} {BY_HAND}"
    return text if cell.change is None else f"{text}  ({change_text(cell)})"


def change_text(cell: Cell) -> str:
    """Return the signed change since the prior scan, marked if the prior value was set by hand."""
    text = tr(cell.change_text)
    return f"{text} {BY_HAND}" if cell.is_earlier_by_hand else text


def _level_data(row: Row, role: int) -> object:
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return f"{FLAG} {row.title}" if row.is_flagged else row.title
        case Qt.ItemDataRole.DecorationRole:
            return level_icon(row.label)
        case Qt.ItemDataRole.ToolTipRole:
            return "\n".join(tr(note) for note in row.notes)
        case Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    return None


def _cell_data(row: Row, cell: Cell, role: int) -> object:
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return cell_text(cell)
        case Qt.ItemDataRole.AccessibleTextRole:
            texts = [f"{row.title}: {tr(cell.text)}"]
            texts += [tr("to check")] if cell.is_flagged else []
            texts += [tr("set by hand")] if cell.is_set_by_hand else []
            return ", ".join(texts)
        case Qt.ItemDataRole.ToolTipRole:
            return tr(cell.tip)
        case Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        case Qt.ItemDataRole.ForegroundRole:
            if cell.is_flagged:
                return QColor(colours().warn)
            if cell.is_set_by_hand:
                return QColor(colours().accent)
            return QColor(colours().faint) if cell.value is None else None
        case Qt.ItemDataRole.FontRole if cell.is_flagged:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        case _ if role == SORT_ROLE:
            return float("inf") if cell.value is None else cell.value
    return None
