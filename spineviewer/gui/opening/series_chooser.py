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
from spineviewer.gui.kit.icons import icon, untinted
from spineviewer.gui.kit.language import tr, translated
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.kit.theme import GAP_L, GAP_S, GAP_XL
from spineviewer.gui.kit.thumbnail import grey_pixmap
from spineviewer.gui.opening.remarks import RemarksDelegate, show_remarks
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
#: Side lengths in logical pixels.
_THUMBNAIL_PX, _ICON_PX = 72, 16
#: Column widths in pixels; longer names and kernels are wrapped to leave room for remarks.
_NAME_WIDTH, _MAX_KERNEL_WIDTH = 210, 90
_ZERO_WIDTH_SPACE = "\u200b"


class SeriesChooser(QDialog):
    """Lists series with their differences; the most likely spine series is preselected."""

    def __init__(
        self,
        choice: SeriesToChoose,
        parent: QWidget | None = None,
        *,
        is_patient_shown: bool = True,
    ) -> None:
        super().__init__(parent)
        self._patients = patients_and_dates(
            [series.identity for series in choice.series], is_patient_shown=is_patient_shown
        )
        self.setWindowTitle(tr("Choose a series"))
        self.setMinimumSize(780, 420)
        heading = styled_label(
            "heading",
            tr("{file} contains {count} series", file=choice.path.name, count=len(choice.series)),
            is_wrapped=True,
        )
        hint = styled_label(
            "quiet",
            tr("Choose the series to open. The series that most likely shows the spine is marked."),
        )
        self.tree = self._make_tree(choice)
        self.remarks = self._make_remarks()
        self.remarks.setVisible(any(series.problems for series in choice.series))
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
        if choice.others:
            others = styled_label(
                "faint",
                tr(
                    "Other files that are not images: {others}.",
                    others=", ".join(translated(other) for other in choice.others),
                ),
                is_wrapped=True,
            )
            layout.addWidget(others)
        layout.addWidget(buttons)
        self.resize(1180, 620)
        self.tree.setFocus()

    @property
    def series_uid(self) -> str:
        """UID of the chosen series; empty if none is chosen."""
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
                    _PICTURE,
                    untinted(grey_pixmap(picture, _THUMBNAIL_PX, self.devicePixelRatioF())),
                )

    def _make_remarks(self) -> QLabel:
        """Return a label for the selected series' full remarks, which its row may truncate."""
        remarks = styled_label("quiet", is_wrapped=True)
        # the height of the list must not depend on the selected row
        remarks.setMinimumHeight(2 * remarks.fontMetrics().lineSpacing())

        def show(item: QTreeWidgetItem | None) -> None:
            remarks.setText(item.toolTip(_REMARKS) if item is not None else "")

        self.tree.currentItemChanged.connect(show)
        show(self.tree.currentItem())
        return remarks

    def _make_tree(self, choice: SeriesToChoose) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderLabels([tr(header) for header in _HEADERS])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setWordWrap(True)
        tree.setIconSize(QSize(_THUMBNAIL_PX, _THUMBNAIL_PX))
        tree.setAllColumnsShowFocus(True)
        tree.setAccessibleName(tr("Series in this folder"))
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        empty = QPixmap(_THUMBNAIL_PX, _THUMBNAIL_PX)
        empty.fill(QColor(0, 0, 0))
        for series, patient in zip(choice.series, self._patients, strict=True):
            item = _row(series, tr(patient))
            item.setIcon(_PICTURE, untinted(empty))
            tree.addTopLevelItem(item)
            if series.is_best:
                item.setData(
                    _SERIES,
                    Qt.ItemDataRole.DecorationRole,
                    untinted(icon("segment", "accent").pixmap(_ICON_PX, _ICON_PX)),
                )
                tree.setCurrentItem(item)
        first = tree.topLevelItem(0)
        if first is not None and not tree.selectedItems():
            tree.setCurrentItem(first)
        header = tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_SERIES, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(_REMARKS, QHeaderView.ResizeMode.Stretch)
        tree.setItemDelegateForColumn(_REMARKS, RemarksDelegate(tree))
        header.sectionResized.connect(tree.scheduleDelayedItemsLayout)
        tree.setColumnWidth(_SERIES, _NAME_WIDTH)
        header.setSectionResizeMode(_KERNEL, QHeaderView.ResizeMode.Interactive)
        tree.setColumnWidth(_KERNEL, min(tree.sizeHintForColumn(_KERNEL), _MAX_KERNEL_WIDTH))
        if not any(series.kernel for series in choice.series):
            tree.setColumnHidden(_KERNEL, True)
        return tree


def _row(series: SeriesLine, patient: str) -> QTreeWidgetItem:
    title, problems, details = (
        translated(series.title),
        [tr(problem) for problem in series.problems],
        tr(series.details),
    )
    name, kernel = (
        re.sub(r"(?<=[_/])", _ZERO_WIDTH_SPACE, text) for text in (title, series.kernel)
    )
    item = QTreeWidgetItem(
        [
            "",
            f"{name}\n{patient}" if patient else name,
            series.modality,
            str(series.slices),
            details.replace(", ", "\n"),
            kernel,
        ]
    )
    item.setData(_SERIES, _UID, series.uid)
    item.setToolTip(_SERIES, f"{title}\n{patient}" if patient else title)
    item.setToolTip(_SIZE, details)
    item.setToolTip(_KERNEL, series.kernel)
    show_remarks(item, _REMARKS, problems)
    item.setSizeHint(_PICTURE, QSize(_THUMBNAIL_PX + 2 * GAP_S, _THUMBNAIL_PX + 2 * GAP_S))
    return item
