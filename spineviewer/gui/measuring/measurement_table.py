"""The table of measurements: kind, value, name and position; a click goes to the measurement."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from spineviewer.gui.kit.icons import icon
from spineviewer.gui.kit.language import tr
from spineviewer.measuring_tools.measurement import (
    Measurement,
    MeasuringTool,
    details,
    quantities,
    short_value,
)
from spineviewer.measuring_tools.quantities import AREA as AREA_KIND
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import formatted_number, mark

KIND, VALUE, AREA, NOTE, POSITION = range(5)
_NUMBER, _KEY = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_ROW_PX, _MAX_ROWS = 24, 5
#: Abbreviations of the planes, for a narrow column.
_PLANES = {
    Plane.AXIAL: mark("ax."),
    Plane.CORONAL: mark("cor."),
    Plane.SAGITTAL: mark("sag."),
}
#: The same for a scan whose orientation is unknown.
_STORED_PLANES = {
    Plane.AXIAL: mark("slice"),
    Plane.CORONAL: mark("row"),
    Plane.SAGITTAL: mark("column"),
}
#: In a narrow panel, wider text is shortened with an ellipsis; the tooltip shows all of it.
_MAX_COLUMN_PX = 84


class _Row(QTreeWidgetItem):
    """One measurement; columns are sorted by value, not by text."""

    def __init__(self, number: int, tool: MeasuringTool, texts: Sequence[str]) -> None:
        super().__init__(list(texts))
        self._number, self._tool = number, tool
        self.setData(KIND, Qt.ItemDataRole.AccessibleTextRole, self._kind)
        self.show_kind(is_short=False)

    @property
    def _kind(self) -> str:
        return f"{self._number + 1} {tr(self._tool.title)}"

    def show_kind(self, *, is_short: bool) -> None:
        """Show number and kind of the measurement; in short form, the kind is only an icon."""
        self.setText(KIND, f"{self._number + 1}" if is_short else self._kind)
        self.setIcon(KIND, icon(self._tool.icon) if is_short else QIcon())

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        tree = self.treeWidget()
        column = tree.sortColumn() if tree is not None else KIND
        own_key, other_key = self.data(column, _KEY), other.data(column, _KEY)
        return bool((own_key, self.data(KIND, _NUMBER)) < (other_key, other.data(KIND, _NUMBER)))


class MeasurementTable(QTreeWidget):
    """The table of measurements; its signals carry the numbers of measurements, not table rows.

    Thread ownership: GUI thread.
    """

    go_requested = Signal(int)
    choice_changed = Signal(int)
    name_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderLabels([tr("Kind"), tr("Value"), tr("Area"), tr("Name"), tr("Slice")])
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setStyleSheet(
            "QTreeWidget, QHeaderView { font-size: 12px; } QTreeWidget::item, "
            "QHeaderView::section { padding: 4px 1px; }"
        )
        self.setAllColumnsShowFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Measurements"))
        self.setToolTip(
            tr(
                "Click to go there, double-click to rename, press Del to delete; click a "
                "heading to sort"
            )
        )
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(34)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NOTE, QHeaderView.ResizeMode.Stretch)
        self.setSortingEnabled(True)
        self.sortByColumn(KIND, Qt.SortOrder.AscendingOrder)
        self.currentItemChanged.connect(lambda *_: self.choice_changed.emit(self.chosen))
        self.itemActivated.connect(lambda item: self.go_requested.emit(item.data(KIND, _NUMBER)))
        self.itemClicked.connect(lambda item: self.go_requested.emit(item.data(KIND, _NUMBER)))
        self.itemDoubleClicked.connect(
            lambda item: self.name_requested.emit(item.data(KIND, _NUMBER))
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give long names more room in a wide panel."""
        self.header().setMaximumSectionSize(max(_MAX_COLUMN_PX, self.width() // 2))
        super().resizeEvent(event)
        self._fit_columns()

    @property
    def chosen(self) -> int:
        """Number of the selected measurement in the scan; -1 for none."""
        item = self.currentItem()
        return int(item.data(KIND, _NUMBER)) if item is not None else -1

    def show_measurements(
        self,
        measurements: Sequence[Measurement],
        scan: CtVolume,
        chosen: int,
    ) -> None:
        """List measurements, select one (-1 for none), and scroll to a new one.

        No signal is emitted.
        """
        with QSignalBlocker(self):
            self._fill(measurements, scan, chosen)

    def choose(self, number: int) -> None:
        """Select a measurement (-1 for none) without emitting a signal."""
        if number == self.chosen:
            return
        with QSignalBlocker(self):
            self.clearSelection()
            for row in range(self.topLevelItemCount()):
                item = self.topLevelItem(row)
                if item is not None and item.data(KIND, _NUMBER) == number:
                    self.setCurrentItem(item)

    def _fill(
        self,
        measurements: Sequence[Measurement],
        scan: CtVolume,
        chosen: int,
    ) -> None:
        old_count = self.topLevelItemCount()
        self.setSortingEnabled(False)
        self.clear()
        rows = [_row(number, measurement, scan) for number, measurement in enumerate(measurements)]
        self.addTopLevelItems(rows)
        self._fit_columns()
        self.setSortingEnabled(True)
        if rows and chosen >= 0:
            self.setCurrentItem(rows[min(chosen, len(rows) - 1)])
        if len(rows) > old_count:
            self.scrollToItem(rows[-1])
        self.setFixedHeight(
            self.header().sizeHint().height() + min(len(rows), _MAX_ROWS) * _ROW_PX + 6
        )

    def _fit_columns(self) -> None:
        """Hide empty columns; if there is no room for areas, hide the names of kinds, then areas.

        The tooltips contain everything that is hidden.
        """
        rows = self._rows
        header = self.header()
        has_text = {column: any(row.text(column) for row in rows) for column in (AREA, NOTE)}
        name_px = header.minimumSectionSize() if has_text[NOTE] else 0

        def is_room() -> bool:
            widths = (
                max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
                for column in (KIND, VALUE, AREA, POSITION)
            )
            return sum(widths) + name_px <= self.viewport().width()

        self._show_kinds(is_short=False)
        if has_text[AREA] and not is_room():
            self._show_kinds(is_short=True)
        self.setColumnHidden(NOTE, not has_text[NOTE])
        self.setColumnHidden(AREA, not (has_text[AREA] and is_room()))

    def _show_kinds(self, *, is_short: bool) -> None:
        self.headerItem().setText(KIND, "" if is_short else tr("Kind"))
        for row in self._rows:
            row.show_kind(is_short=is_short)

    @property
    def _rows(self) -> list[_Row]:
        rows = (self.topLevelItem(number) for number in range(self.topLevelItemCount()))
        return [row for row in rows if isinstance(row, _Row)]


def _row(number: int, measurement: Measurement, scan: CtVolume) -> _Row:
    kind, position = tr(measurement.tool.title), tr(measurement.place_name(scan))
    values = quantities(measurement, scan)
    area = next((value for value in values if value.kind is AREA_KIND), None)
    text = tr(short_value(measurement, scan))
    row = _Row(
        number,
        measurement.tool,
        [
            kind,
            text,
            "" if area is None else tr(formatted_number(area.value, ".0f", area.unit)),
            measurement.text,
            _short_position(measurement, scan),
        ],
    )
    row.setData(KIND, _NUMBER, number)
    row.setData(KIND, _KEY, number)
    row.setData(VALUE, _KEY, values[0].value if values else float("-inf"))
    row.setData(AREA, _KEY, float("-inf") if area is None else area.value)
    row.setData(NOTE, _KEY, measurement.text.casefold())
    row.setData(POSITION, _KEY, measurement.plane.value * 1_000_000 + measurement.slice_index)
    for column in (KIND, VALUE, AREA, NOTE, POSITION):
        row.setToolTip(column, f"{kind}, {position}\n{tr(details(measurement, scan))}")
    return row


def _short_position(measurement: Measurement, scan: CtVolume) -> str:
    names = _PLANES if scan.source.is_orientation_known else _STORED_PLANES
    plane = tr(names[measurement.plane])
    if measurement.is_oblique:
        return tr("{plane}, obl.", plane=plane)
    return f"{plane} {measurement.slice_index + 1}"
