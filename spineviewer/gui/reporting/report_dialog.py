"""The report dialog, which asks for text, key images, formats and folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from spineviewer.app.exporting import results_stem
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.report import ReportFormat, ReportImage
from spineviewer.app.report_draft import KeyImage
from spineviewer.app.scan_core import Change, ScanParts
from spineviewer.app.scan_titles import describe_patient
from spineviewer.app.settings_store import SettingsStore
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_L
from spineviewer.gui.reporting.report_editor import ReportEditor
from spineviewer.gui.reporting.writing_dialog import WritingDialog
from spineviewer.wording import mark

_NAMES = {
    ReportFormat.PDF: ("PDF", mark("a document to print or archive")),
    ReportFormat.HTML: ("HTML", mark("the same content for a browser, images included")),
    ReportFormat.CSV: ("CSV", mark("the values as a table, always in English")),
    ReportFormat.JSON: ("JSON", mark("the values for other programs, always in English")),
}
#: Width of the dialog as a fraction of the window's, so that the views stay usable.
_WIDTH_FRACTION = 0.37
_MIN_WIDTH_PX, _MAX_WIDTH_PX, _HEIGHT_PX = 640, 880, 860


def _are_pictures_stale(old: ScanParts, new: ScanParts) -> bool:
    """Return whether measurements, mask, names, comparison or centre line have changed."""
    old_inputs, new_inputs = (
        (
            parts.state.measurements,
            parts.state.fused,
            parts.state.correction_revision,
            parts.labelling,
            parts.comparison,
            parts.line,
        )
        for parts in (old, new)
    )
    return any(old is not new for old, new in zip(old_inputs, new_inputs, strict=True))


class ReportDialog(WritingDialog):
    """The report dialog, which stays open beside the views while the user writes.

    Thread ownership: GUI thread.
    """

    def __init__(
        self,
        scan: OpenScan,
        settings: SettingsStore,
        draw: Callable[[KeyImage, int], ReportImage],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            tr("Report"),
            folder=scan.exports.folder,
            choice=tr("Folder for the report"),
            verb=tr("Write report"),
            parent=parent,
        )
        self.scan, self._settings = scan, settings
        self.editor = ReportEditor(scan, settings, draw)
        self.title = QLineEdit(tr("CT of the spine"))
        self.title.setAccessibleName(tr("Title"))
        self.name = QLineEdit(f"{results_stem(scan.volume.source)}_report")
        self.name.setAccessibleName(tr("File name without extension"))
        self.name.textChanged.connect(self._check)
        self.checks: dict[ReportFormat, QCheckBox] = {}
        self._lay_out(
            "",  # the title says the same, and a small screen needs the room for text
            "",
            [
                (QLabel(tr("Title")), self.title),
                (QLabel(tr("Show")), self._make_contents()),
                (QLabel(tr("Formats")), self._make_formats()),
            ],
            files=[(QLabel(tr("Name")), self.name)],
            editor=self.editor,
        )
        width = _MAX_WIDTH_PX if parent is None else round(_WIDTH_FRACTION * parent.width())
        self.resize(min(max(width, _MIN_WIDTH_PX), _MAX_WIDTH_PX), _HEIGHT_PX)
        scan.changed.connect(self._on_changed)
        self.finished.connect(self._end)
        self.editor.findings.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_contents(self) -> QGridLayout:
        scan = self.scan
        self.shows_patient = QCheckBox(tr("Patient and study"))
        self.shows_patient.setToolTip(
            tr("Include name, ID, birth date and study date in the report")
        )
        self.shows_patient.setChecked(self._settings.current.is_patient_in_reports)
        if not self.is_patient_known:
            self.shows_patient.hide()
        self.shows_planes = QCheckBox(tr("Planes through the crosshair"))
        self.shows_planes.setToolTip(tr("Show the three planes in addition to the key images"))
        self.shows_planes.setChecked(
            not scan.parts.draft.images and scan.parts.spine_measurements is None
        )
        self.has_measurements = QCheckBox(tr("Vertebral measurements"))
        self.has_measurements.setToolTip(
            tr("Table, curves and bone density, with a sagittal image")
        )
        self.has_measurements.setChecked(scan.parts.spine_measurements is not None)
        self.has_measurements.setEnabled(scan.parts.spine_measurements is not None)
        self.shows_file_name = QCheckBox(tr("File name of the scan"))
        self.shows_file_name.setToolTip(
            tr("Name the scan in the report; file names may contain patient names")
        )
        settings = self._settings.current
        self.shows_file_name.setChecked(
            not self.is_patient_known
            and settings.is_file_named_in_reports
            and settings.is_patient_shown
        )
        for check in (self.shows_patient, self.shows_file_name):
            check.toggled.connect(self._check)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP_L)
        checks = (
            self.has_measurements,
            self.shows_planes,
            self.shows_file_name,
            self.shows_patient,  # last, because it may be hidden
        )
        for number, check in enumerate(checks):
            grid.addWidget(check, number // 2, number % 2)
        grid.setColumnStretch(2, 1)
        return grid

    def _make_formats(self) -> QHBoxLayout:
        formats = QHBoxLayout()
        formats.setSpacing(GAP_L)
        for kind, (name, tip) in _NAMES.items():
            check = QCheckBox(name)
            check.setToolTip(f"{name}: {tr(tip)}")
            check.setChecked(kind.value in self._settings.current.report_formats)
            check.toggled.connect(self._check)
            formats.addWidget(check)
            self.checks[kind] = check
        formats.addStretch(1)
        return formats

    @property
    def is_patient_known(self) -> bool:
        """Whether the scan's files identify the patient; if not, reports can only name the file."""
        return bool(describe_patient(self.scan.volume.source))

    def targets(self) -> dict[ReportFormat, Path]:
        """Return the file for each chosen format."""
        return {
            kind: path for kind, path in self._possible_files() if self.checks[kind].isChecked()
        }

    def _possible_files(self) -> list[tuple[ReportFormat, Path]]:
        """Return all formats, each with the file that a report of this name has or would have."""
        name = self.name.text().strip()
        return [(kind, self.chosen_folder / f"{name}{kind.value}") for kind in self.checks]

    def _hint(self) -> str:
        return " ".join(filter(None, (self._hint_on_subject(), self._hint_on_older_files())))

    def _hint_on_subject(self) -> str:
        if self.shows_patient.isChecked() or self.shows_file_name.isChecked():
            return ""
        return tr("The report will name neither the patient nor the file.")

    def _hint_on_older_files(self) -> str:
        targets = self.targets()
        older = [
            path.name
            for kind, path in self._possible_files()
            if kind not in targets and path.is_file()
        ]
        if not older:
            return ""
        return tr(
            "These files of an earlier report stay as they are: {files}. Tick their formats to "
            "replace them.",
            files=", ".join(older),
        )

    def _problem(self) -> str:
        if not self.targets():
            return tr("Choose at least one format.")
        return "" if self.name.text().strip() else tr("Enter a name for the report.")

    def _on_changed(self, change: Change) -> None:
        old, new = change.old, change.new
        if old is None or new is None:
            return
        if new.draft is not old.draft:
            self.editor.show_draft(new.draft)
        if _are_pictures_stale(old, new):
            self.editor.redraw_soon()
        if (new.spine_measurements is None) != (old.spine_measurements is None):
            is_measured = new.spine_measurements is not None
            self.has_measurements.setEnabled(is_measured)
            self.has_measurements.setChecked(is_measured)

    def _end(self) -> None:
        self.scan.changed.disconnect(self._on_changed, missing_ok=True)
        self.editor.end_writing()
