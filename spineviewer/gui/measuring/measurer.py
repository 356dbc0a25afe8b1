"""Drawing, naming, selecting, deleting and saving measurements."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from spineviewer.app.exporting import results_stem
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.file_dialogs import FileDialogs
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.scan_names import dialog_title
from spineviewer.gui.measuring.measurement_table import MeasurementTable
from spineviewer.gui.measuring.name_field import NameField
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.measuring_tools.measurement import Measurement


class Measurer:
    """Connects the views and the panel to the measurements of the active scan.

    Thread ownership: GUI thread.
    """

    def __init__(
        self, workspace: Workspace, area: ViewArea, table: MeasurementTable, files: FileDialogs
    ) -> None:
        self._workspace, self._area, self._table, self._files = workspace, area, table, files
        self.field: NameField | None = None
        table.go_requested.connect(self._go_to)
        table.name_requested.connect(self._name)

    def name_selected(self) -> None:
        """Let the user name the selected measurement, or the last one."""
        if self._measurements:
            self._name(self._selected)

    def delete_selected(self) -> None:
        """Delete the selected measurement, or the last one."""
        if self._measurements:
            self._scan.measurements.delete(self._selected)

    def save_structured_report(self) -> None:
        """Ask where to save the structured report, and save it."""
        scan = self._workspace.front
        if scan and (
            path := self._ask_for_file(scan, "dcm", tr("DICOM structured report (*.dcm)"))
        ):
            scan.exports.save_measurement_report(path)

    def save_table(self) -> None:
        """Ask where to save the table of measurements, and save it."""
        scan = self._workspace.front
        if scan and (path := self._ask_for_file(scan, "csv", tr("Table (*.csv)"))):
            scan.exports.save_table(path)

    @property
    def _measurements(self) -> tuple[Measurement, ...]:
        front = self._workspace.front
        return front.state.measurements if front is not None else ()

    @property
    def _scan(self) -> OpenScan:
        assert self._workspace.front is not None, "measuring needs a scan"
        return self._workspace.front

    @property
    def _selected(self) -> int:
        """Number of the selected measurement, or of the last one if none is selected."""
        chosen = self._table.chosen
        return chosen if chosen >= 0 else len(self._measurements) - 1

    def add(self, measurement: Measurement) -> None:
        """Add a drawn measurement; let the user type the text of a note."""
        self._scan.measurements.add(measurement)
        if self._measurements and measurement.tool.is_text:  # `_rename` deletes a note without text
            self._ask_for_name(len(self._measurements) - 1)

    def drag(self, number: int, measurement: Measurement) -> None:
        """Show a measurement while it is dragged."""
        self._scan.measurements.drag(number, measurement)

    def drop(self) -> None:
        """End a drag."""
        if self._workspace.front is not None:
            self._scan.measurements.drop()

    def abandon(self) -> None:
        """End a drag, and restore the measurement."""
        if self._workspace.front is not None:
            self._scan.measurements.abandon()

    def choose(self, number: int) -> None:
        """Select the measurement that was clicked or dragged in a picture."""
        if self._workspace.front is not None:
            self._scan.measurements.choose(number)

    def end_naming(self) -> bool:
        """Close the name field without a change; return whether one was open."""
        if self.field is None:
            return False
        self.field.finish(is_accepted=False)
        return True

    def _ask_for_name(self, number: int) -> None:
        """Let the user edit the name of a measurement or the text of a note in the picture."""
        measurement = self._measurements[number]
        view = self._area.views[measurement.plane]
        if view.cut is None:
            return
        self.end_naming()
        name = tr("Text of the note") if measurement.tool.is_text else tr("Name of the measurement")
        field = NameField(
            measurement.text,
            name,
            view.widget_position(measurement.points_zyx[-1]),
            view.viewport(),
        )
        field.entered.connect(partial(self._rename, number))
        field.destroyed.connect(partial(self._on_field_destroyed, field))
        self.field = field

    def _on_field_destroyed(self, field: NameField) -> None:
        if self.field is field:
            self.field = None

    def _go_to(self, number: int) -> None:
        if number < len(self._measurements):
            self._area.show_plane(self._measurements[number].plane)
            self._scan.measurements.go_to(number)

    def _name(self, number: int) -> None:
        if number < len(self._measurements):
            self._go_to(number)
            self._ask_for_name(number)

    def _rename(self, number: int, text: str) -> None:
        if number >= len(self._measurements):
            return
        measurement = self._measurements[number]
        if measurement.tool.is_text and not text.strip():
            self._scan.measurements.delete(number)
        elif text.strip() != measurement.text:
            self._scan.measurements.change(number, measurement.with_text(text))
        self._area.members[self._area.active].setFocus()

    def _ask_for_file(self, scan: OpenScan, extension: str, kinds: str) -> Path | None:
        name = f"{results_stem(scan.volume.source)}_measurements.{extension}"
        proposed = str(scan.exports.folder / name)
        title = dialog_title(tr("Save measurements"), self._workspace, scan)
        chosen = self._files.ask_for_target(title, proposed, kinds)
        if not chosen:
            return None
        scan.exports.remember_folder(Path(chosen).parent)
        return Path(chosen)
