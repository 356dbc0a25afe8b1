"""Search results of an archive: patients, their studies, and each study's series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from spineviewer.app.scan_titles import format_date
from spineviewer.archive.query import FoundPatient, FoundSeries, FoundStudy, SearchResult
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import tabular_font
from spineviewer.wording import mark

_NAME, _DATE, _MODALITY, _SERIES, _IMAGES, _ACCESSION = range(6)
_HEADERS = (
    mark("Patient, study, series"),
    mark("Date"),
    mark("Modality"),
    mark("Series"),
    mark("Images"),
    mark("Accession number"),
)
_STUDY, _UID, _PATIENT = (Qt.ItemDataRole.UserRole + k for k in range(3))


class ResultTree(QTreeWidget):
    """Lists the studies found; the series of a study are requested when it is expanded.

    Thread ownership: GUI thread.
    """

    #: A study's UID.
    series_requested = Signal(str)
    #: UIDs of a study and of one of its series ('' for the whole study).
    retrieval_requested = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderLabels([tr(header) for header in _HEADERS])
        self.setAllColumnsShowFocus(True)
        self.setUniformRowHeights(True)
        self.setAccessibleName(tr("Studies found"))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column in range(_DATE, len(_HEADERS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.itemExpanded.connect(self._on_expanded)
        self.itemActivated.connect(self._on_activated)

    def show_found(self, found: SearchResult) -> None:
        """List the studies found, and select the first one."""
        self.clear()
        for patient in found.patients:
            item = _patient_item(patient)
            self.addTopLevelItem(item)
            item.setFirstColumnSpanned(True)
            item.setExpanded(True)
        for first in self.studies():
            self.setCurrentItem(first)
            break

    def show_series(self, study_uid: str, series: Sequence[FoundSeries] | None) -> None:
        """List the series of a study; `series` is None if the archive did not answer."""
        for item in self.studies():
            if item.data(_NAME, _STUDY) == study_uid:
                item.takeChildren()
                if series is None:
                    item.addChild(
                        _note(tr("The archive did not list the series. Expand the study again."))
                    )
                    item.setExpanded(False)
                for entry in series or ():
                    item.addChild(_series_item(study_uid, entry))

    def studies(self) -> Iterator[QTreeWidgetItem]:
        """Yield the rows of studies from top to bottom."""
        for number in range(self.topLevelItemCount()):
            patient = self.topLevelItem(number)
            for row in range(patient.childCount() if patient is not None else 0):
                item = patient.child(row) if patient is not None else None
                if item is not None:
                    yield item

    @property
    def chosen(self) -> tuple[str, str]:
        """UIDs of the selected study and series; an empty string for each that is not selected."""
        item = self.currentItem()
        if item is None:
            return "", ""
        return str(item.data(_NAME, _STUDY) or ""), str(item.data(_NAME, _UID) or "")

    @property
    def chosen_patient_id(self) -> str:
        """ID of the patient to whom the selected row belongs; empty if no row is selected."""
        item = self.currentItem()
        while item is not None and item.parent() is not None:
            item = item.parent()
        return "" if item is None else str(item.data(_NAME, _PATIENT) or "")

    def _on_expanded(self, item: QTreeWidgetItem) -> None:
        study_uid = item.data(_NAME, _STUDY)
        first = item.child(0)
        is_listed = first is not None and bool(first.data(_NAME, _UID))
        if study_uid and not is_listed:
            item.takeChildren()
            item.addChild(_note(tr("Listing series…")))
            self.series_requested.emit(str(study_uid))

    def _on_activated(self, item: QTreeWidgetItem) -> None:
        study_uid, series_uid = item.data(_NAME, _STUDY), item.data(_NAME, _UID)
        if study_uid:
            self.retrieval_requested.emit(str(study_uid), str(series_uid or ""))


def study_title(study: FoundStudy) -> str:
    """Return a study's date and description."""
    parts = (_date(study.date), study.description)
    return "  ·  ".join(part for part in parts if part)


def _patient_item(patient: FoundPatient) -> QTreeWidgetItem:
    born = tr("born {date}", date=tr(format_date(patient.birth_date))) if patient.birth_date else ""
    title = "  ·  ".join(
        part for part in (patient.name or tr("No name"), patient.patient_id, born) if part
    )
    item = QTreeWidgetItem([title])
    font = tabular_font(13)
    font.setBold(True)
    item.setFont(_NAME, font)
    item.setToolTip(_NAME, title)
    item.setData(_NAME, _PATIENT, patient.patient_id)
    for study in patient.studies:
        item.addChild(_study_item(study))
    return item


def _study_item(study: FoundStudy) -> QTreeWidgetItem:
    item = QTreeWidgetItem(
        [
            study.description or tr("No description"),
            _date(study.date),
            ", ".join(study.modalities),
            _count(study.series_count),
            _count(study.image_count),
            study.accession,
        ]
    )
    _align(item)
    item.setToolTip(_NAME, f"{study.description}\n{study.uid}".strip())
    item.setData(_NAME, _STUDY, study.uid)
    item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
    return item


def _series_item(study_uid: str, series: FoundSeries) -> QTreeWidgetItem:
    number = "" if series.number is None else f"{series.number}   "
    text = f"{number}{series.description or tr('No description')}"
    item = QTreeWidgetItem([text, "", series.modality, "", _count(series.image_count), ""])
    _align(item)
    item.setToolTip(_NAME, f"{series.description}\n{series.uid}".strip())
    item.setData(_NAME, _STUDY, study_uid)
    item.setData(_NAME, _UID, series.uid)
    return item


def _note(text: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([text])
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    return item


def _align(item: QTreeWidgetItem) -> None:
    for column in (_SERIES, _IMAGES):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def _date(iso: str) -> str:
    """Return a date in the format of the user's language, or "No date"."""
    return tr(format_date(iso)) if iso else tr("No date")


def _count(number: int | None) -> str:
    return "" if number is None else str(number)
