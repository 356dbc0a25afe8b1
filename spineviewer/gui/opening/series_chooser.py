"""The dialog for choosing one of several series in a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.scan_titles import patients_and_dates
from spineviewer.app.services import SeriesLine, SeriesToChoose
from spineviewer.gui.kit.icons import icon
from spineviewer.gui.kit.language import tr, translated
from spineviewer.gui.kit.styled import label_as
from spineviewer.gui.kit.theme import GAP_L, GAP_S, GAP_XL
from spineviewer.gui.kit.thumbnail import grey_pixmap
from spineviewer.wording import mark

_UID = Qt.ItemDataRole.UserRole
_PICTURE, _SERIES, _TYPE, _SLICES, _SIZE, _KERNEL, _REMARKS = range(7)
_HEADERS = (
    "",
    mark("Series"),
    mark("Type"),
    mark("Slices"),
    mark("Size and spacing"),
    mark("Kernel"),
    mark("Remarks"),
)
#: Edge of a thumbnail in device-independent pixels.
_EDGE = 72
_MARK = 16
#: Column widths in pixels; longer names and kernels are wrapped to leave room for remarks.
_NAME_WIDTH, _WIDEST_KERNEL = 210, 90
_MAY_BREAK = "\u200b"


class SeriesChooser(QDialog):
    """Lists series with their differences; the most likely spine series is preselected."""

    def __init__(
        self, found: SeriesToChoose, parent: QWidget | None = None, *, is_patient_shown: bool = True
    ) -> None:
        super().__init__(parent)
        self._whose = patients_and_dates(
            [series.identity for series in found.series], is_patient_shown=is_patient_shown
        )
        self.setWindowTitle(tr("Choose a series"))
        self.setMinimumSize(780, 420)
        heading = label_as(
            "heading",
            tr("{file} contains {count} series", file=found.path.name, count=len(found.series)),
            is_wrapped=True,
        )
        hint = label_as(
            "quiet",
            tr("Choose the series to open. The series that most likely shows the spine is marked."),
        )
        self.tree = self._filled(found)
        self.remarks = self._remarks_in_full()
        self.remarks.setVisible(any(series.problems for series in found.series))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel
        )
        self.open_button = buttons.button(QDialogButtonBox.StandardButton.Open)
        self.open_button.setProperty("kind", "primary")
        self.open_button.setText(tr("Open series"))
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
        layout.addWidget(self.remarks)
        if found.others:
            others = label_as(
                "faint",
                tr(
                    "Other files that are not images: {others}.",
                    others=", ".join(translated(other) for other in found.others),
                ),
                is_wrapped=True,
            )
            layout.addWidget(others)
        layout.addWidget(buttons)
        self.resize(1180, 620)
        self.tree.setFocus()

    @property
    def series_uid(self) -> str:
        """UID of the chosen series."""
        item = self.tree.currentItem()
        return str(item.data(_SERIES, _UID)) if item is not None else ""

    def show_pictures(self, pictures: Mapping[str, NDArray[np.uint8]]) -> None:
        """Show the thumbnails, which become available after the list.

        The keys are series UIDs; each picture is uint8, shape (rows, columns).
        """
        for row in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(row)
            picture = pictures.get(str(item.data(_SERIES, _UID))) if item is not None else None
            if item is not None and picture is not None:
                item.setIcon(
                    _PICTURE, _untinted(grey_pixmap(picture, _EDGE, self.devicePixelRatioF()))
                )

    def _remarks_in_full(self) -> QLabel:
        """Return a label for all remarks about the selected series, whose row may be too narrow."""
        remarks = label_as("quiet", is_wrapped=True)
        # so that the height of the list does not depend on the selected row
        remarks.setMinimumHeight(2 * remarks.fontMetrics().lineSpacing())

        def show(item: QTreeWidgetItem | None) -> None:
            remarks.setText(item.toolTip(_REMARKS) if item is not None else "")

        self.tree.currentItemChanged.connect(show)
        show(self.tree.currentItem())
        return remarks

    def _filled(self, found: SeriesToChoose) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderLabels([tr(header) for header in _HEADERS])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setWordWrap(True)
        tree.setIconSize(QSize(_EDGE, _EDGE))
        tree.setAllColumnsShowFocus(True)
        tree.setAccessibleName(tr("Series in this folder"))
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        empty = QPixmap(_EDGE, _EDGE)
        empty.fill(QColor(0, 0, 0))
        for series, whose in zip(found.series, self._whose, strict=True):
            item = _row(series, tr(whose))
            item.setIcon(_PICTURE, _untinted(empty))
            tree.addTopLevelItem(item)
            if series.is_best:
                item.setData(
                    _SERIES,
                    Qt.ItemDataRole.DecorationRole,
                    icon("segment", "accent").pixmap(_MARK, _MARK),
                )
                tree.setCurrentItem(item)
        first = tree.topLevelItem(0)
        if first is not None and not tree.selectedItems():
            tree.setCurrentItem(first)
        header = tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_SERIES, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(_REMARKS, QHeaderView.ResizeMode.Stretch)
        tree.setColumnWidth(_SERIES, _NAME_WIDTH)
        header.setSectionResizeMode(_KERNEL, QHeaderView.ResizeMode.Interactive)
        tree.setColumnWidth(_KERNEL, min(tree.sizeHintForColumn(_KERNEL), _WIDEST_KERNEL))
        if not any(series.kernel for series in found.series):
            tree.setColumnHidden(_KERNEL, True)
        return tree


def _untinted(picture: QPixmap) -> QIcon:
    """Return an icon that is not tinted in a selected row."""
    shown = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        shown.addPixmap(picture, mode)
    return shown


def _row(series: SeriesLine, whose: str) -> QTreeWidgetItem:
    title, problems, details = (
        translated(series.title),
        [tr(problem) for problem in series.problems],
        tr(series.details),
    )
    name, kernel = (re.sub(r"(?<=[_/])", _MAY_BREAK, text) for text in (title, series.kernel))
    item = QTreeWidgetItem(
        [
            "",
            f"{name}\n{whose}" if whose else name,
            series.modality,
            str(series.slices),
            details.replace(", ", "\n"),
            kernel,
            "; ".join(problems),
        ]
    )
    item.setData(_SERIES, _UID, series.uid)
    item.setToolTip(_SERIES, f"{title}\n{whose}" if whose else title)
    item.setToolTip(_SIZE, details)
    item.setToolTip(_KERNEL, series.kernel)
    item.setToolTip(_REMARKS, "\n".join(problems))
    item.setSizeHint(_PICTURE, QSize(_EDGE + 2 * GAP_S, _EDGE + 2 * GAP_S))
    if problems:
        item.setData(
            _REMARKS, Qt.ItemDataRole.DecorationRole, icon("warn", "warn").pixmap(_MARK, _MARK)
        )
    return item
