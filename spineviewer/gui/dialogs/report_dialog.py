"""What the report is called, in which formats it is written, and where."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.exporting import results_stem
from spineviewer.app.report import ReportFormat
from spineviewer.app.state import Reading
from spineviewer.gui.icons import give_icon
from spineviewer.gui.language import tr
from spineviewer.gui.theme import GAP_L, GAP_M, GAP_XL
from spineviewer.wording import mark

_NAMES = {
    ReportFormat.PDF: ("PDF", mark("one page to print or file")),
    ReportFormat.HTML: ("HTML", mark("the same for a browser, pictures inside")),
    ReportFormat.CSV: ("CSV", mark("the numbers as a table")),
    ReportFormat.JSON: ("JSON", mark("the numbers for other programs")),
}


class ReportDialog(QDialog):
    """Asks; it writes nothing itself."""

    def __init__(self, reading: Reading, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Report"))
        self.setMinimumWidth(540)
        source = reading.scan.source.path.absolute()
        heading = QLabel(tr("One page about this scan"))
        heading.setProperty("role", "heading")
        hint = QLabel(
            tr("Pictures of the three planes through the crosshair, volume, measurements, settings and how it was made.")
        )
        hint.setProperty("role", "quiet")
        hint.setWordWrap(True)
        self.title = QLineEdit(tr("Spine in CT"))
        self.title.setAccessibleName(tr("Title"))
        self.names_file = QCheckBox(tr("Name the scan's file on the page"))
        self.names_file.setToolTip(tr("Off: names of files often hold those of patients"))
        self.name = QLineEdit(f"{results_stem(reading.scan.source)}_report")
        self.name.setAccessibleName(tr("File name without ending"))
        self.folder = QLineEdit(str(source.parent))
        self.folder.setAccessibleName(tr("Folder"))
        browse = QPushButton(tr("Choose …"))
        browse.clicked.connect(self._browse)
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
        place = QHBoxLayout()
        place.setSpacing(GAP_M)
        place.addWidget(self.folder, 1)
        place.addWidget(browse)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP_L)
        grid.setVerticalSpacing(GAP_M)
        for row, label in enumerate((tr("Title"), tr("Formats"), tr("Name"), tr("Folder"))):
            grid.addWidget(QLabel(label), row, 0)
        grid.addWidget(self.title, 0, 1)
        grid.addLayout(formats, 1, 1)
        grid.addWidget(self.name, 2, 1)
        grid.addLayout(place, 3, 1)
        self.overwrite = QCheckBox(tr("Replace files that exist"))
        self.message = QLabel()
        self.message.setProperty("role", "warn")
        self.message.setWordWrap(True)
        self.message.setMinimumHeight(34)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.write_button = buttons.addButton(tr("Write report"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.write_button.setProperty("kind", "primary")
        give_icon(self.write_button, "export", "on_accent")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_XL)
        layout.setSpacing(GAP_L)
        layout.addWidget(heading)
        layout.addWidget(hint)
        layout.addLayout(grid)
        layout.addWidget(self.names_file)
        layout.addWidget(self.overwrite)
        layout.addWidget(self.message)
        layout.addWidget(buttons)
        self.overwrite.toggled.connect(self._check)
        for field in (self.name, self.folder):
            field.textChanged.connect(self._check)
        self._check()
        self.write_button.setDefault(True)  # a button becomes the dialog's own only once it lies in it

    def targets(self) -> dict[ReportFormat, Path]:
        """The files to write."""
        folder = Path(self.folder.text()).expanduser()
        return {
            kind: folder / f"{self.name.text().strip()}{kind.value}" for kind, check in self.checks.items() if check.isChecked()
        }

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder for the report"), self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    def _check(self) -> None:
        targets = self.targets()
        existing = [path.name for path in targets.values() if path.exists()]
        problem = ""
        if not targets:
            problem = tr("Choose at least one format.")
        elif not self.name.text().strip():
            problem = tr("The report needs a name.")
        elif not Path(self.folder.text()).expanduser().is_dir():
            problem = tr("This folder does not exist.")
        elif existing and not self.overwrite.isChecked():
            problem = tr("{files} exists already. Tick 'Replace files that exist' or change the name.", files=", ".join(existing))
        self.message.setText(problem)
        self.write_button.setEnabled(not problem)
