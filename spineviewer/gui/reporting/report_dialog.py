"""What the report is called, in which formats it is written, and where."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from spineviewer.app.exporting import results_stem
from spineviewer.app.report import ReportFormat
from spineviewer.app.state import ScanState
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_L
from spineviewer.gui.reporting.writing_dialog import WritingDialog
from spineviewer.wording import mark

_NAMES = {
    ReportFormat.PDF: ("PDF", mark("one page to print or archive")),
    ReportFormat.HTML: ("HTML", mark("the same page for a browser, pictures included")),
    ReportFormat.CSV: ("CSV", mark("the numbers as a table")),
    ReportFormat.JSON: ("JSON", mark("the numbers for other programs")),
}


class ReportDialog(WritingDialog):
    """Asks; it writes nothing itself."""

    def __init__(self, reading: ScanState, parent: QWidget | None = None) -> None:
        folder = reading.scan.source.path.absolute().parent
        choice = tr("Folder for the report")
        super().__init__(
            tr("Report"), folder=folder, choice=choice, verb=tr("Write report"), parent=parent
        )
        self.setMinimumWidth(540)
        self.title = QLineEdit(tr("Spine in CT"))
        self.title.setAccessibleName(tr("Title"))
        self.names_file = QCheckBox(tr("Show the scan's file name in the report"))
        self.names_file.setToolTip(
            tr("Off by default, because file names often contain patient names")
        )
        self.name = QLineEdit(f"{results_stem(reading.scan.source)}_report")
        self.name.setAccessibleName(tr("File name without extension"))
        self.name.textChanged.connect(self._check)
        self.checks: dict[ReportFormat, QCheckBox] = {}
        formats = QHBoxLayout()
        formats.setSpacing(GAP_L)
        for kind, (name, tip) in _NAMES.items():
            check = QCheckBox(name)
            check.setToolTip(f"{name}: {tr(tip)}")
            check.setChecked(kind in (ReportFormat.PDF, ReportFormat.HTML))
            check.toggled.connect(self._check)
            formats.addWidget(check)
            self.checks[kind] = check
        formats.addStretch(1)
        self._lay_out(
            tr("One page about this scan"),
            tr(
                "Pictures of the three planes through the crosshair, volume, measurements, "
                "settings and processing details."
            ),
            [
                (QLabel(tr("Title")), self.title),
                (QLabel(tr("Formats")), formats),
                (QLabel(tr("Name")), self.name),
            ],
            self.names_file,
        )

    def targets(self) -> dict[ReportFormat, Path]:
        """Return the files to write."""
        name = self.name.text().strip()
        return {
            kind: self._folder / f"{name}{kind.value}"
            for kind, check in self.checks.items()
            if check.isChecked()
        }

    def _problem(self) -> str:
        if not self.targets():
            return tr("Choose at least one format.")
        return "" if self.name.text().strip() else tr("The report needs a name.")
