"""The dialog for saving anonymised copies of the open series."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QWidget

from spineviewer.app.exporting import results_stem
from spineviewer.gui.kit.language import tr
from spineviewer.gui.reporting.writing_dialog import WritingDialog
from spineviewer.io.dicom.deidentification import Dates, Profile
from spineviewer.volume.volume import ScanSource
from spineviewer.wording import mark

_DATES = {
    Dates.REMOVED: mark("Remove"),
    Dates.SHIFTED: mark("Shift all by the same number of days"),
    Dates.KEPT: mark("Keep (the birth date is removed)"),
}


class AnonymiseDialog(WritingDialog):
    """Asks for the options and the folder; other code writes the copies.

    Parameters
    ----------
    key
        Secret from which new UIDs and numbers are derived; the same for all copies made on this
        computer.
    """

    def __init__(
        self, source: ScanSource, key: str, *, folder: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            tr("Anonymise"),
            folder=folder,
            choice=tr("Folder for the copies"),
            verb=tr("Write copies"),
            parent=parent,
        )
        self.setMinimumWidth(560)
        self._key = key
        self.name = QLineEdit(f"{results_stem(source)}_anonymised")
        self.name.setAccessibleName(tr("Name of the new folder"))
        self.name.textChanged.connect(self._check)
        self.patient = QLineEdit()
        self.patient.setAccessibleName(tr("New patient name"))
        self.patient.setPlaceholderText(tr("If empty: a number that does not identify the patient"))
        self.dates = QComboBox()
        self.dates.setAccessibleName(tr("Dates"))
        for dates, text in _DATES.items():
            self.dates.addItem(tr(text), dates)
        self.characteristics = QCheckBox(tr("Keep age (capped at 90), sex, height and weight"))
        self.results = QCheckBox(tr("Include mask and measurements as DICOM"))
        self.results.setChecked(True)
        self.overwrite.hide()
        self._lay_out(
            tr("Copies without patient data"),
            tr(
                "Copies of this series, anonymised according to the DICOM standard (PS3.15). "
                "Pixels are not changed: burned-in text remains, and a face may be recognisable."
            ),
            [
                (QLabel(tr("New patient name")), self.patient),
                (QLabel(tr("Dates")), self.dates),
            ],
            self.characteristics,
            self.results,
            files=[(QLabel(tr("New folder")), self.name)],
        )

    @property
    def target(self) -> Path:
        """The folder for the copies."""
        return self.chosen_folder / self.name.text().strip()

    @property
    def profile(self) -> Profile:
        """The chosen options."""
        return Profile(
            key=self._key,
            dates=Dates(self.dates.currentData()),
            patient=self.patient.text().strip(),
            keeps_characteristics=self.characteristics.isChecked(),
        )

    def targets(self) -> Mapping[Any, Path]:
        """Return an empty mapping, because a whole folder is written."""
        return {}

    def _problem(self) -> str:
        if not self.name.text().strip():
            return tr("Enter a name for the new folder.")
        target = self.target
        if target.is_file() or (target.is_dir() and any(target.iterdir())):
            return tr(
                "{folder} already exists and is not an empty folder. Choose another name.",
                folder=target.name,
            )
        return ""
