"""The dialog that lists the patients, studies and series in a folder and its subfolders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.scan_titles import format_date
from spineviewer.app.studies import FolderContents, Patient, SeriesInFolder, Study
from spineviewer.gui.kit.icons import icon, untinted
from spineviewer.gui.kit.language import tr, translated
from spineviewer.gui.kit.names import STUDY_BROWSER
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_XL, tabular_font
from spineviewer.gui.kit.thumbnail import grey_pixmap
from spineviewer.gui.opening.remarks import RemarksDelegate, show_remarks
from spineviewer.wording import mark

_NAME, _TYPE, _SLICES, _SIZE, _REMARKS = range(5)
_HEADERS = (
    mark("Patient, study, series"),
    mark("Type"),
    mark("Slices"),
    mark("Size and spacing"),
    mark("Remarks"),
)
_PATH, _UID, _SEARCH_TEXT = (
    Qt.ItemDataRole.UserRole,
    Qt.ItemDataRole.UserRole + 1,
    Qt.ItemDataRole.UserRole + 2,
)
#: Edge lengths, in device-independent pixels.
_THUMBNAIL_PX, _ICON_PX = 48, 16
_NAME_PX = 320


class StudyBrowser(QDialog):
    """Lists all scans in a folder, and stays open while scans are opened.

    Patient names are shown only on request.

    Thread ownership: GUI thread.
    """

    #: The user wants to open a scan: its path, and its series UID ('' for a file).
    open_requested = Signal(object, str)
    #: The user wants patient names to be shown (True) or hidden (False).
    names_toggled = Signal(bool)

    def __init__(
        self, contents: FolderContents, *, are_names_shown: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Scans in a folder"))
        self.setObjectName(STUDY_BROWSER)
        self.heading = styled_label("heading")
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search"))
        self.search.setAccessibleName(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.names = QCheckBox(tr("Show patient names"))
        self.names.setToolTip(
            tr("If this is off, patients are numbered and their names are not shown")
        )
        self.names.setChecked(are_names_shown)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels([tr(header) for header in _HEADERS])
        self.tree.setIconSize(QSize(_THUMBNAIL_PX, _THUMBNAIL_PX))
        self.tree.setAllColumnsShowFocus(True)
        self.tree.setWordWrap(True)  # remarks are whole sentences
        self.tree.setItemDelegateForColumn(_REMARKS, RemarksDelegate(self.tree))
        # at another width, the remarks wrap differently and need other row heights
        self.tree.header().sectionResized.connect(self.tree.scheduleDelayedItemsLayout)
        self.tree.setAccessibleName(tr("Scans in this folder"))
        self.no_matches = styled_label("quiet", tr("No matches."))
        self.no_matches.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.no_matches.hide()
        self.unreadable = styled_label("faint")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Close
        )
        self.open_button = buttons.button(QDialogButtonBox.StandardButton.Open)
        self.open_button.setProperty("kind", "primary")
        for button in buttons.buttons():
            button.setIcon(QIcon())
        buttons.accepted.connect(self._open)
        buttons.rejected.connect(self.reject)
        self.tree.itemActivated.connect(self._open)
        self.tree.currentItemChanged.connect(self._update_open_button)
        self.search.textChanged.connect(self._filter)
        self.names.toggled.connect(self.names_toggled)
        self._lay_out(buttons)
        self.show_contents(contents)

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        row = QHBoxLayout()
        row.setSpacing(GAP_L)
        row.addWidget(self.search, 1)
        row.addWidget(self.names)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_L)
        layout.setSpacing(GAP_M)
        layout.addWidget(self.heading)
        layout.addLayout(row)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.no_matches, 1)
        layout.addWidget(self.unreadable)
        layout.addWidget(buttons)
        self.resize(1240, 660)

    # display

    def show_contents(self, contents: FolderContents) -> None:
        """List the contents of a folder."""
        count = contents.series_count + len(contents.files)
        self.heading.setText(tr("%n scan(s) in {folder}", "", count, folder=contents.folder.name))
        self.heading.setToolTip(str(contents.folder))
        self.names.setVisible(bool(contents.patients))
        self.unreadable.setText(tr("%n file(s) could not be read.", "", len(contents.unreadable)))
        self.unreadable.setToolTip("\n".join(tr(reason) for reason in contents.unreadable[:20]))
        self.unreadable.setVisible(bool(contents.unreadable))
        self.tree.clear()
        for number, patient in enumerate(contents.patients):
            self.tree.addTopLevelItem(_patient_item(number, patient))
        if contents.files:
            self.tree.addTopLevelItem(_files_item(contents))
        self.tree.expandAll()
        header = self.tree.header()
        for column in (_TYPE, _SLICES, _SIZE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(_REMARKS, QHeaderView.ResizeMode.Stretch)
        self.tree.setColumnWidth(_NAME, _NAME_PX)
        self._filter(self.search.text())
        for first in self.scans():
            self.tree.setCurrentItem(first)
            break
        self.tree.setFocus()

    def show_pictures(self, pictures: Mapping[str, NDArray[np.uint8]]) -> None:
        """Show the thumbnails, which become available after the list.

        The keys are series UIDs; each picture is uint8, shape (rows, columns).
        """
        for item in self.scans():
            picture = pictures.get(str(item.data(_NAME, _UID)))
            if picture is not None:
                pixmap = grey_pixmap(picture, _THUMBNAIL_PX, self.devicePixelRatioF())
                item.setIcon(_NAME, untinted(pixmap))

    def scans(self) -> Iterator[QTreeWidgetItem]:
        """Yield the rows that can be opened, from top to bottom."""
        pending = [
            self.tree.topLevelItem(k) for k in reversed(range(self.tree.topLevelItemCount()))
        ]
        while pending:
            item = pending.pop()
            if item is None:
                continue
            if item.data(_NAME, _PATH):
                yield item
            pending.extend(item.child(k) for k in reversed(range(item.childCount())))

    # opening and searching

    def _open(self) -> None:
        item = self.tree.currentItem()
        if item is None or item.isHidden() or not item.data(_NAME, _PATH):
            return  # patients and studies can only be expanded and collapsed
        self.open_requested.emit(Path(str(item.data(_NAME, _PATH))), str(item.data(_NAME, _UID)))

    def _update_open_button(self) -> None:
        item = self.tree.currentItem()
        self.open_button.setEnabled(item is not None and bool(item.data(_NAME, _PATH)))

    def _filter(self, text: str) -> None:
        """Show only scans whose text, with that of study and patient, contains all words."""
        words = text.casefold().split()
        has_matches = [
            _show_matching(self.tree.topLevelItem(k), words, "")
            for k in range(self.tree.topLevelItemCount())
        ]
        self.tree.setVisible(any(has_matches))
        self.no_matches.setVisible(not any(has_matches))


def _show_matching(item: QTreeWidgetItem | None, words: list[str], parent_text: str) -> bool:
    """Show or hide an item and its descendants; return whether any scan among them matches."""
    if item is None:
        return False
    text = f"{parent_text} {item.data(_NAME, _SEARCH_TEXT)}"
    children = [_show_matching(item.child(k), words, text) for k in range(item.childCount())]
    is_shown = any(children) or (not children and all(word in text for word in words))
    item.setHidden(not is_shown)
    return is_shown


def _patient_item(number: int, patient: Patient) -> QTreeWidgetItem:
    title = patient.name or tr("Patient {number}", number=number + 1)
    item = _group_item(title, title)
    for study in patient.studies:
        item.addChild(_study_item(study, is_patient_shown=bool(patient.name)))
    return item


def _study_item(study: Study, *, is_patient_shown: bool) -> QTreeWidgetItem:
    date = tr(format_date(study.date)) if study.date else tr("No date")
    title = "  ·  ".join(part for part in (date, study.description) if part)
    item = _group_item(title, f"{title} {study.date}")
    for series in study.series:
        item.addChild(_series_item(series, is_patient_shown=is_patient_shown))
    return item


def _series_item(series: SeriesInFolder, *, is_patient_shown: bool) -> QTreeWidgetItem:
    line = series.line
    title, problems, details = (
        translated(line.title),
        [tr(problem) for problem in line.problems],
        tr(line.details),
    )
    kernel = f"  ({line.kernel})" if line.kernel else ""
    item = QTreeWidgetItem([f"{title}{kernel}", line.modality, str(line.slices), details])
    _make_openable(
        item, series.folder, line.uid, f"{title} {line.kernel} {line.modality} {series.folder.name}"
    )
    folder = f"\n{series.folder}" if is_patient_shown else ""  # may be named after the patient
    item.setToolTip(_NAME, f"{title}{kernel}{folder}")
    item.setToolTip(_SIZE, details)
    show_remarks(item, _REMARKS, problems)
    return item


def _files_item(contents: FolderContents) -> QTreeWidgetItem:
    """Return an item with a child for each image in another format."""
    top = _group_item(tr("Other images"), tr("Other images"))
    root = contents.folder.resolve()
    for path in contents.files:
        name = str(path.relative_to(root) if path.is_relative_to(root) else path)
        item = QTreeWidgetItem([name, tr("File"), "", "", ""])
        _make_openable(item, path, "", name)
        item.setToolTip(_NAME, str(path))
        top.addChild(item)
    return top


def _group_item(title: str, search_text: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([title])
    item.setFirstColumnSpanned(True)
    font = tabular_font(13)
    font.setBold(True)
    item.setFont(_NAME, font)
    item.setToolTip(_NAME, title)
    item.setData(_NAME, _SEARCH_TEXT, search_text.casefold())
    return item


def _make_openable(item: QTreeWidgetItem, path: Path, uid: str, search_text: str) -> None:
    empty = QPixmap(_THUMBNAIL_PX, _THUMBNAIL_PX)
    empty.fill(QColor(0, 0, 0) if uid else QColor(0, 0, 0, 0))
    item.setIcon(_NAME, untinted(empty) if uid else icon("file"))
    item.setData(_NAME, _PATH, str(path))
    item.setData(_NAME, _UID, uid)
    item.setData(_NAME, _SEARCH_TEXT, search_text.casefold())
