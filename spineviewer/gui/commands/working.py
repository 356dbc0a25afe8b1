"""Work on the mask, and its measuring."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QInputDialog

from spineviewer.app.measuring import MeasureKind, Measurement
from spineviewer.app.state import SegmentationStage
from spineviewer.editing.brush import Brush
from spineviewer.gui.bars import TOOLS
from spineviewer.gui.commands.core import SCAN_FILES, CommandsCore, Slots
from spineviewer.gui.desk.editing import RegionKind
from spineviewer.gui.language import tr
from spineviewer.gui.views.tools import CORRECTING, OUTLINING, PAINTING, Tool
from spineviewer.volume.planes import Plane


class WorkingCommands(CommandsCore):
    """Segmenting, tuning, correcting, comparing and measuring."""

    def slots(self) -> Slots:
        slots: Slots = {
            **super().slots(),
            "segment": self.desk.segment,
            "compute_rest": self.desk.compute_rest,
            "cancel": self.cancel,
            "defaults": self.desk.restore_defaults,
            "threshold_down": partial(self._nudge, "threshold", -1),
            "threshold_up": partial(self._nudge, "threshold", 1),
            "sigma_down": partial(self._nudge, "sigma", -1),
            "sigma_up": partial(self._nudge, "sigma", 1),
            "before": self.desk.swap_tuning,
            "next_doubt": partial(self.desk.next_doubt, 1),
            "previous_doubt": partial(self.desk.next_doubt, -1),
            "compare": self._compare,
            "worst": self.desk.go_to_worst,
            "brush_smaller": partial(self._nudge, "brush", -1),
            "brush_larger": partial(self._nudge, "brush", 1),
            "grow": partial(self.desk.edit_region, RegionKind.GROW),
            "shrink": partial(self.desk.edit_region, RegionKind.SHRINK),
            "smooth": partial(self.desk.edit_region, RegionKind.SMOOTH),
            "fill_holes": partial(self.desk.edit_region, RegionKind.FILL),
            "fill_between": partial(self.desk.edit_region, RegionKind.BETWEEN),
            "undo": self.desk.undo,
            "redo": self.desk.redo,
            "discard": self.desk.discard_corrections,
            "delete_measurement": self._delete_measurement,
            "name_measurement": self._name_chosen,
        }
        for name, tool in TOOLS.items():
            slots[name] = partial(self._use_tool, tool)
        return slots

    def cancel(self) -> None:
        """Stop what runs, and what is half drawn."""
        reading = self.desk.reading
        if reading is not None and reading.stage is SegmentationStage.RUNNING:
            self.panel.run_box.show_cancelling()
        self.cine.stop()
        for view in self.area.cuts:
            view.drop_points()
            view.end_text()
        self.desk.cancel()

    def _nudge(self, which: str, steps: int) -> None:
        rows = {
            "threshold": self.panel.tuning_box.threshold,
            "sigma": self.panel.tuning_box.sigma,
            "brush": self.panel.correct_box.radius,
        }
        rows[which].nudge(steps)

    def keep_tuning(self) -> None:
        """Ask for a name for the panel's numbers."""
        name, is_ok = QInputDialog.getText(self._window, tr("Keep these thresholds"), tr("Name"))
        if is_ok:
            self.desk.keep_tuning(name)

    def _compare(self) -> None:
        chosen = self.files.file_to_open(tr("Compare with a mask"), self.desk.settings.last_folder, tr(SCAN_FILES))
        if chosen:
            self.desk.compare_with(Path(chosen))

    def _use_tool(self, tool: Tool, _: bool) -> None:
        self.area.set_tool(tool)
        self.panel.brush_box.setVisible(tool in CORRECTING)

    def begin_stroke(self, plane: Plane, index: tuple[float, float, float] | None) -> None:
        """The brush or the eraser touches the mask."""
        tool = self.area.tool
        if tool in OUTLINING:
            self.desk.begin_outline(plane, tool is Tool.OUTLINE, index)
        elif tool in PAINTING:
            self.desk.begin_stroke(plane, tool is Tool.BRUSH, index)
        else:
            self.desk.edit_piece(index, is_kept=tool is Tool.KEEP_PIECE)

    def set_brush(self, brush: Brush, is_flat: bool) -> None:
        """Another size or limit."""
        self.area.set_brush(brush.radius_mm)
        self.desk.set_brush(brush, is_flat=is_flat)

    def go_to_measurement(self, number: int) -> None:
        """Bring its view and slice up."""
        reading = self.desk.reading
        if reading is not None:
            self.area.bring(reading.measurements[number].plane)
            self.desk.go_to_measurement(number)

    def measured(self, measurement: Measurement) -> None:
        """Keep what was drawn; a note is nothing without its words."""
        self.desk.add_measurement(measurement)
        reading = self.desk.reading
        if reading is not None and measurement.kind is MeasureKind.NOTE:
            self.area.views[measurement.plane].ask_for_text(len(reading.measurements) - 1)

    def name_measurement(self, number: int) -> None:
        """Ask for its name, or the words of a note, where it stands."""
        reading = self.desk.reading
        if reading is not None and number < len(reading.measurements):
            self.go_to_measurement(number)
            self.area.views[reading.measurements[number].plane].ask_for_text(number)

    def _name_chosen(self) -> None:
        reading = self.desk.reading
        if reading is not None and reading.measurements:
            chosen = self.panel.measurements.chosen
            self.name_measurement(chosen if chosen >= 0 else len(reading.measurements) - 1)

    def text_entered(self, number: int, text: str) -> None:
        """Another name; a note without words goes."""
        reading = self.desk.reading
        if reading is None or number >= len(reading.measurements):
            return
        measurement = reading.measurements[number]
        if measurement.kind is MeasureKind.NOTE and not text.strip():
            self.desk.delete_measurement(number)
        elif text.strip() != measurement.text:
            self.desk.move_measurement(number, measurement.with_text(text))
        self.area.members[self.area.active].setFocus()

    def _delete_measurement(self) -> None:
        reading = self.desk.reading
        if reading is not None and reading.measurements:
            chosen = self.panel.measurements.chosen
            self.desk.delete_measurement(chosen if chosen >= 0 else len(reading.measurements) - 1)
