"""What is written to files of the reader's choice."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt

from spineviewer.app.exporting import results_stem
from spineviewer.app.session import SESSION_ENDING
from spineviewer.gui.commands.core import CommandsCore, Slots
from spineviewer.gui.dialogs.export_dialog import ExportDialog
from spineviewer.gui.dialogs.report_dialog import ReportDialog
from spineviewer.gui.language import tr
from spineviewer.gui.small_files import save_picture, save_table


class WritingCommands(CommandsCore):
    """Sessions, exports, reports, pictures and tables; each asks where it goes."""

    def slots(self) -> Slots:
        return {
            **super().slots(),
            "export": self.export,
            "save_session": self._save_session,
            "report": self.report,
            "picture": self._save_picture,
            "save_table": self.ask_for_table,
            "save_sr": self.ask_for_sr,
        }

    def _save_session(self) -> None:
        reading = self.desk.reading
        if reading is None:
            return
        source = reading.scan.source.path.absolute()
        proposed = str(source.parent / f"{results_stem(reading.scan.source)}{SESSION_ENDING}")
        chosen = self.files.file_to_save(tr("Save session"), proposed, f"{tr('Session')} (*{SESSION_ENDING})")
        if chosen:
            self.desk.save_session(Path(chosen if chosen.endswith(SESSION_ENDING) else f"{chosen}{SESSION_ENDING}"))

    def export(self) -> None:
        """Ask what to write where."""
        reading = self.desk.reading
        if reading is None or not self.desk.is_mask_possible:
            return
        dialog = ExportDialog(reading, self.desk.settings.export_format, parent=self._window)
        dialog.accepted.connect(partial(self._export_accepted, dialog))
        self._show_dialog(dialog)

    def _export_accepted(self, dialog: ExportDialog) -> None:
        self.desk.settings = replace(self.desk.settings, export_format=dialog.ending)
        self.desk.export(dialog.targets(), may_overwrite=dialog.overwrite.isChecked())

    def report(self) -> None:
        """Ask for the report's formats and place."""
        reading = self.desk.reading
        if reading is not None:
            dialog = ReportDialog(reading, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.accepted.connect(partial(self._report_accepted, dialog))
            dialog.open()

    def _report_accepted(self, dialog: ReportDialog) -> None:
        self.desk.report(
            dialog.targets(),
            title=dialog.title.text().strip(),
            names_file=dialog.names_file.isChecked(),
            may_overwrite=dialog.overwrite.isChecked(),
        )

    def _save_picture(self) -> None:
        picture = self.area.grab().toImage()  # now, before a dialog lies over it
        chosen = self.files.file_to_save(tr("Save picture"), "spineviewer.png", "PNG (*.png)")
        if chosen:
            path = Path(chosen if chosen.lower().endswith(".png") else f"{chosen}.png")
            save_picture(self.desk, picture, path, may_overwrite=str(path) == chosen)  # which the dialog has asked about

    def ask_for_sr(self) -> None:
        """Ask where the structured report goes."""
        if path := self._file_of_measurements("dcm", tr("DICOM report (*.dcm)")):
            self.desk.save_report(path)

    def ask_for_table(self) -> None:
        """Ask where the measurements go."""
        if path := self._file_of_measurements("csv", tr("Table (*.csv)")):
            self.save_table(path)

    def _file_of_measurements(self, ending: str, kinds: str) -> Path | None:
        reading = self.desk.reading
        if reading is None:
            return None
        source = reading.scan.source
        proposed = str(source.path.absolute().parent / f"{results_stem(source)}_measurements.{ending}")
        chosen = self.files.file_to_save(tr("Save measurements"), proposed, kinds)
        return Path(chosen) if chosen else None

    def save_table(self, path: Path) -> None:
        """Write all measurements as CSV."""
        save_table(self.desk, path)
