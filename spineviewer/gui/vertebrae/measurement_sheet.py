"""The sheet of vertebral measurements below the views: table, list of curves, and plot."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QModelIndex,
    QSignalBlocker,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QColor, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.landmarks import Source
from spineviewer.app.measurement_rows import (
    BY_HAND,
    CurveRow,
    acquisition_texts,
    curve_rows,
    is_set_by_hand,
    tab_separated,
    table_rows,
)
from spineviewer.gui.kit.focus import confine_delete_keys, leave_keys_to_views
from spineviewer.gui.kit.item_tips import WholeCellDelegate
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_button, styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_M, GAP_S, colours
from spineviewer.gui.vertebrae.measurement_model import (
    FLAG,
    SORT_ROLE,
    MeasurementModel,
    cell_text,
)
from spineviewer.gui.vertebrae.spine_plot import SpinePlot
from spineviewer.measurements.results import Measurements
from spineviewer.wording import formatted_number

_ROW_PX, _HEIGHT_PX, _SIDE_PX = 22, 270, 270
#: Maximum number of curves visible without scrolling.
_MAX_CURVES = 3


class MeasurementSheet(QFrame):
    """Shows the measured values; a click on one requests that the views show where it was measured.

    Thread ownership: GUI thread.
    """

    #: The user wants to see the landmarks of a value, by its `Source`.
    source_requested = Signal(object)
    #: The user wants to go to a level, by its name.
    level_requested = Signal(str)
    #: The user wants to compare with another scan, by its number (-1 for none).
    earlier_requested = Signal(int)
    #: The user wants to restore the automatic value.
    restore_requested = Signal()
    close_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setMinimumHeight(150)
        self._measurements: Measurements | None = None
        self._earlier: Measurements | None = None
        self._curves: tuple[CurveRow, ...] = ()
        self._column = 0  # selected last, and selected again when the rows have changed
        self._are_columns_fitted = False
        self.model = MeasurementModel()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model)
        self._sorted.setSortRole(SORT_ROLE)
        self.table = self._make_table()
        self.curves = self._make_curves()
        self.plot = SpinePlot()
        self.plot.level_requested.connect(self.level_requested)
        side = QWidget()
        side.setFixedWidth(_SIDE_PX)
        side_layout = without_margins(QVBoxLayout(side), GAP_S)
        side_layout.addWidget(self.plot, 1)
        side_layout.addWidget(self.curves)
        body = QHBoxLayout()
        body.addWidget(self.table, 1)
        body.addWidget(side)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_M, GAP_S, GAP_M, GAP_S)
        layout.setSpacing(GAP_S)
        layout.addLayout(self._make_heading())
        layout.addWidget(self.hint)
        layout.addLayout(body, 1)
        leave_keys_to_views(self)
        self.hide()

    def _make_heading(self) -> QHBoxLayout:
        self.hint = styled_label("faint", is_wrapped=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        # Two lines always, so that the table does not move when the text changes.
        self.hint.setMinimumHeight(2 * self.hint.fontMetrics().lineSpacing())
        self.earlier = QComboBox()
        self.earlier.setAccessibleName(tr("Compare with another scan"))
        self.earlier.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.earlier.setToolTip(
            tr("Show what has changed compared with another open scan of the patient")
        )
        self.earlier.currentIndexChanged.connect(
            lambda number: self.earlier_requested.emit(number - 1)
        )
        self.restore_button = styled_button(
            "plain",
            tr("Automatic value"),
            tip=tr("Move the landmarks of the selected value back to their automatic positions"),
        )
        self.restore_button.clicked.connect(self.restore_requested)
        self.restore_button.hide()
        self.copy_button = styled_button(
            "plain", tr("Copy"), tip=tr("Copy the table for pasting into a spreadsheet")
        )
        self.copy_button.clicked.connect(self.copy)
        close = styled_button(
            "plain",
            tip=tr("Close the measurements (Ctrl+M)"),
            name=tr("Close the measurements"),
            icon_name="close",
        )
        close.clicked.connect(self.close_requested)
        heading = QHBoxLayout()
        heading.addWidget(styled_label("section", tr("Vertebral measurements")))
        heading.addStretch(1)
        heading.addWidget(self.earlier)
        heading.addWidget(self.restore_button)
        heading.addWidget(self.copy_button)
        heading.addWidget(close)
        return heading

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self._sorted)
        table.setItemDelegate(WholeCellDelegate(table))
        table.setSortingEnabled(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        levels = table.verticalHeader()
        levels.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        levels.setDefaultSectionSize(_ROW_PX)
        levels.setSectionsClickable(True)
        levels.sectionClicked.connect(self._on_level)
        header = table.horizontalHeader()
        header.setSortIndicatorClearable(True)  # the third click restores the order along the spine
        header.setMinimumSectionSize(40)
        table.setStyleSheet(
            "QTableView, QHeaderView { font-size: 12px; }"
            " QHeaderView::section { padding: 2px 4px; }"
        )
        table.setAccessibleName(tr("Vertebral measurements"))
        table.clicked.connect(self._on_cell)
        table.activated.connect(self._on_cell)
        confine_delete_keys(table)
        return table

    def _make_curves(self) -> QTreeWidget:
        curves = QTreeWidget()
        curves.setColumnCount(3)
        curves.setHeaderHidden(True)
        curves.setRootIsDecorated(False)
        curves.setUniformRowHeights(True)
        curves.setStyleSheet("QTreeWidget, QHeaderView { font-size: 12px; }")
        curves.setAccessibleName(tr("Spinal curves"))
        curves.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        curves.itemClicked.connect(self._on_curve)
        curves.itemActivated.connect(self._on_curve)
        confine_delete_keys(curves)
        curves.hide()
        return curves

    # display

    def show_measurements(
        self,
        measurements: Measurements | None,
        is_awaited: bool,
        earlier: Measurements | None,
        note: str = "",
    ) -> None:
        """Show the latest values and their changes since a prior scan.

        While values for the current mask are awaited, the old ones are fainter and cannot be
        copied. `note` says what limits the comparison with the prior scan, or why there is none.
        """
        if measurements is not self._measurements or earlier is not self._earlier:
            flags = [row.is_flagged for row in self.model.rows]
            are_texts_longer = earlier is not self._earlier
            self._measurements, self._earlier = measurements, earlier
            rows = () if measurements is None else table_rows(measurements, earlier)
            have_levels_changed = self.model.show_rows(rows)
            have_flags_changed = flags != [row.is_flagged for row in rows]
            is_cut = any(
                self.table.sizeHintForColumn(column) > self.table.columnWidth(column)
                for column in range(self.model.columnCount())
            )
            if are_texts_longer or have_levels_changed or have_flags_changed or is_cut:
                self._are_columns_fitted = False
                self._fit_columns()
            self._show_curves()
            self._draw()
        self._set_current(not is_awaited)
        self.hint.setText(_hint(measurements, is_awaited, note))

    def _set_current(self, is_current: bool) -> None:
        """Set whether the values belong to the mask that is shown; otherwise, they are fainter."""
        self.model.set_current(is_current)
        self.plot.set_current(is_current)
        brush = QBrush() if is_current else QBrush(QColor(colours().quiet))
        for number in range(self.curves.topLevelItemCount()):
            item = self.curves.topLevelItem(number)
            assert item is not None
            for column in range(self.curves.columnCount()):
                item.setForeground(column, brush)
        self.copy_button.setEnabled(is_current and self._measurements is not None)
        self.copy_button.setToolTip(
            tr("Copy the table for pasting into a spreadsheet")
            if is_current
            else tr("The table can be copied once its values match the current mask")
        )

    def show_others(self, titles: Sequence[str], obstacles: Sequence[str], chosen: int) -> None:
        """Offer the other open scans for comparison; `chosen` is -1 for none.

        `obstacles` contains the reason why each scan cannot be compared; empty if it can.
        """
        with QSignalBlocker(self.earlier):
            self.earlier.clear()
            self.earlier.addItem(tr("No comparison"))
            for title, obstacle in zip(titles, obstacles, strict=True):
                if not obstacle:
                    self.earlier.addItem(tr("Change since {scan}", scan=tr(title)))
                    continue
                self.earlier.addItem(tr("{scan}: no comparison", scan=tr(title)))
                number, tip = self.earlier.count() - 1, Qt.ItemDataRole.ToolTipRole
                self.earlier.setItemData(number, tr(obstacle), tip)
                # a disabled item cannot be chosen, by mouse or by key
                self.earlier.setItemData(number, 0, Qt.ItemDataRole.UserRole - 1)
            self.earlier.setCurrentIndex(chosen + 1)
        self.earlier.setVisible(bool(titles))

    def show_source(self, source: Source | None) -> None:
        """Mark the value whose landmarks are shown in the views."""
        measured = self._measurements
        is_moved = source is not None and measured is not None and is_set_by_hand(measured, source)
        self.restore_button.setVisible(is_moved)
        self._select_curve(source)
        index = self.table.currentIndex()
        current = self._sorted.mapToSource(index)
        is_selected = self.table.selectionModel().isSelected(index)
        if not is_selected or self.model.cell_at(current).source != source:
            self.table.clearSelection()
            for number, row in enumerate(self.model.rows):
                columns = [k for k, cell in enumerate(row.cells) if cell.source == source]
                if columns and source is not None:
                    column = self._column if self._column in columns else columns[0]
                    index = self._sorted.mapFromSource(self.model.index(number, column))
                    self.table.setCurrentIndex(index)
                    return

    def _select_curve(self, source: Source | None) -> None:
        """Select the curve to which the landmarks belong, and no other."""
        self.curves.clearSelection()
        for number, row in enumerate(self._curves):
            item = self.curves.topLevelItem(number)
            if item is not None and source is not None and row.cell.source == source:
                self.curves.setCurrentItem(item)

    def showEvent(self, event: QShowEvent) -> None:
        self._fit_columns()
        self._draw()

    def sizeHint(self) -> QSize:
        return QSize(600, _HEIGHT_PX)

    def copy(self) -> None:
        """Copy the table to the clipboard."""
        if self._measurements is not None:
            text = tab_separated(self._measurements, self._earlier, tr)
            QGuiApplication.clipboard().setText(text)

    def _fit_columns(self) -> None:
        """Fit the column widths to the numbers once, so that a drag does not change them."""
        if self.isVisible() and not self._are_columns_fitted:
            self.table.resizeColumnsToContents()
            self._are_columns_fitted = True

    def _draw(self) -> None:
        if self.isVisible():
            self.plot.show_measurements(self._measurements)

    def _show_curves(self) -> None:
        measured = self._measurements
        self._curves = () if measured is None else curve_rows(measured, self._earlier)
        self.curves.clear()
        for row in self._curves:
            item = QTreeWidgetItem([tr(row.title), row.levels, cell_text(row.cell)])
            item.setToolTip(2, tr(row.cell.tip))
            self.curves.addTopLevelItem(item)
        count = min(len(self._curves), _MAX_CURVES)
        frame_px = 2 * self.curves.frameWidth() + 2
        self.curves.setFixedHeight(count * self.curves.sizeHintForRow(0) + frame_px)
        self.curves.setVisible(count > 0)

    # clicks

    def _on_cell(self, index: QModelIndex) -> None:
        unsorted = self._sorted.mapToSource(index)
        self._column = unsorted.column()
        source = self.model.cell_at(unsorted).source
        if source is not None:
            self.source_requested.emit(source)
        else:
            self.level_requested.emit(self.model.rows[unsorted.row()].level)

    def _on_level(self, number: int) -> None:
        row = self._sorted.mapToSource(self._sorted.index(number, 0)).row()
        self.level_requested.emit(self.model.rows[row].level)

    def _on_curve(self, item: QTreeWidgetItem) -> None:
        self.source_requested.emit(self._curves[self.curves.indexOfTopLevelItem(item)].cell.source)


def _hint(measurements: Measurements | None, is_awaited: bool, note: str) -> str:
    """Return the text below the title: state, bone density, and the meaning of the symbols."""
    if measurements is None:
        return tr("Measuring…") if is_awaited else tr("Segment the spine to measure it.")
    texts = [tr("Outdated: the values belong to an earlier mask.") if is_awaited else "", note]
    texts += [density_text(measurements), *map(tr, acquisition_texts(measurements.density))]
    texts.append(tr("{flag} to check, {hand} set by hand", flag=FLAG, hand=BY_HAND))
    return "   ".join(text for text in texts if text)


def density_text(measurements: Measurements) -> str:
    """Return the bone density and its published cutoffs, or the reason why either is missing."""
    density = measurements.density
    if density.hu is None:
        return tr(density.reason)
    value = tr(
        "{level}: {hu}",
        level=measurements.marked(density.level),
        hu=tr(formatted_number(density.hu.value, ".0f", "HU")),
    )
    if density.scale:
        cutoffs = ", ".join(
            tr("{hu:.0f} HU ({meaning})", hu=cutoff.hu, meaning=tr(cutoff.meaning))
            for cutoff in density.scale
        )
        return tr("{density}. Published cutoffs: {cutoffs}", density=value, cutoffs=cutoffs)
    return f"{value}. {tr(density.reason)}"
