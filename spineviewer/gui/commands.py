"""What the commands do that need more than one verb of the desk: dialogs, several widgets, the window itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QInputDialog, QWidget

from spineviewer.app.exporting import results_stem
from spineviewer.app.jobs import JobKind
from spineviewer.app.journal import Unfinished
from spineviewer.app.measuring import MeasureKind, Measurement
from spineviewer.app.session import SESSION_ENDING
from spineviewer.app.settings import RecentScan
from spineviewer.app.state import MapKind, MaskStyle, SegmentationStage
from spineviewer.app.studies import FolderContents
from spineviewer.app.work import SeriesToChoose
from spineviewer.editing.brush import Brush
from spineviewer.gui.bars import LANGUAGE_COMMANDS, LAYOUTS, SIZE_COMMANDS, TOOLS
from spineviewer.gui.desk import Level, Notice, ReadingDesk
from spineviewer.gui.desk.editing import RegionKind
from spineviewer.gui.dialogs.export_dialog import ExportDialog
from spineviewer.gui.dialogs.files import FileAsker
from spineviewer.gui.dialogs.help_sheet import HelpSheet
from spineviewer.gui.dialogs.keys_dialog import KeysDialog
from spineviewer.gui.dialogs.report_dialog import ReportDialog
from spineviewer.gui.dialogs.series_chooser import SeriesChooser
from spineviewer.gui.dialogs.sheets import AboutSheet, ShortcutsSheet
from spineviewer.gui.dialogs.study_browser import StudyBrowser
from spineviewer.gui.language import tr
from spineviewer.gui.panels.spine_panel import SpinePanel
from spineviewer.gui.small_files import save_picture, save_table
from spineviewer.gui.views.cine import Cine
from spineviewer.gui.views.tools import CORRECTING, OUTLINING, PAINTING, Tool
from spineviewer.gui.views.view_area import Along, Layout, ViewArea
from spineviewer.volume.planes import Plane
from spineviewer.wording import mark

_FILTER = mark("Scans (*.nii *.nii.gz *.nrrd *.nhdr *.mha *.mhd *.hdr *.dcm *.zip *.spineview);;All files (*)")


class Commands(QObject):
    """The window's verbs.

    Thread ownership: GUI thread.
    """

    batch_asked = Signal()
    palette_asked = Signal()
    tour_asked = Signal()
    beside_asked = Signal(bool)
    keys_changed = Signal()
    theme_changed = Signal()
    language_changed = Signal()

    window_control_asked = Signal()

    def __init__(
        self, window: QWidget, desk: ReadingDesk, area: ViewArea, panel: SpinePanel, sample: Callable[[], Path | None]
    ) -> None:
        super().__init__(window)
        self._window = window
        self.desk = desk
        self.area = area
        self.panel = panel
        self._sample = sample
        self.cine = Cine(area, self)
        self.files = FileAsker(window)

    def slots(self) -> dict[str, Callable[..., None]]:
        """What each command does, by its name."""
        slots: dict[str, Callable[..., None]] = {
            "open": self.open,
            "open_folder": self.open_folder,
            "browse": self._browse,
            "open_sample": self.open_sample,
            "export": self.export,
            "save_session": self._save_session,
            "remember": self._remember,
            "report": self.report,
            "picture": self._save_picture,
            "batch": self.batch_asked.emit,
            "next_scan": self.desk.next_scan,
            "beside": self.beside_asked.emit,
            "close_scan": self._close_scan,
            "quit": self._quit,
            "segment": self._segment,
            "compute_rest": self.desk.compute_rest,
            "cancel": self.cancel,
            "defaults": self._restore_defaults,
            "threshold_down": partial(self._nudge, "threshold", -1),
            "threshold_up": partial(self._nudge, "threshold", 1),
            "sigma_down": partial(self._nudge, "sigma", -1),
            "sigma_up": partial(self._nudge, "sigma", 1),
            "heat": partial(self._set_overlay, "is_heat_shown"),
            "aggregate": partial(self._set_overlay, "is_heat_aggregated"),
            "mask": partial(self._set_overlay, "is_mask_shown"),
            "tint": self._set_tint,
            "crosshair_lines": partial(self._set_overlay, "is_crosshair_shown"),
            "slice_up": partial(self._scroll, 1),
            "slice_down": partial(self._scroll, -1),
            "slices_up": partial(self._scroll, 10),
            "slices_down": partial(self._scroll, -10),
            "slice_first": partial(self._scroll, -1_000_000),
            "slice_last": partial(self._scroll, 1_000_000),
            "zoom_in": partial(self._zoom, 1.25),
            "zoom_out": partial(self._zoom, 0.8),
            "reset": self._reset,
            "next_view": self._next_view,
            "turn_left": partial(self._turn, -1.0),
            "turn_right": partial(self._turn, 1.0),
            "straighten": self.desk.straighten,
            "brush_smaller": partial(self._nudge, "brush", -1),
            "brush_larger": partial(self._nudge, "brush", 1),
            "before": self.desk.swap_tuning,
            "next_doubt": partial(self.desk.next_doubt, 1),
            "previous_doubt": partial(self.desk.next_doubt, -1),
            "map_next": self._next_map,
            "compare": self._compare,
            "worst": self.desk.go_to_worst,
            "slab": self._next_slab,
            "slab_thinner": partial(self._thicken_slab, -2.0),
            "slab_thicker": partial(self._thicken_slab, 2.0),
            "delete_measurement": self._delete_measurement,
            "save_table": self.ask_for_table,
            "name_measurement": self._name_chosen,
            "save_sr": self.ask_for_sr,
            "window_control": self.window_control_asked.emit,
            "cine": lambda _: self.cine.toggle(),
            "cine_faster": partial(self.cine.change_rate, 1),
            "cine_slower": partial(self.cine.change_rate, -1),
            "grow": partial(self.desk.edit_region, RegionKind.GROW),
            "shrink": partial(self.desk.edit_region, RegionKind.SHRINK),
            "smooth": partial(self.desk.edit_region, RegionKind.SMOOTH),
            "fill_holes": partial(self.desk.edit_region, RegionKind.FILL),
            "fill_between": partial(self.desk.edit_region, RegionKind.BETWEEN),
            "undo": self.desk.undo,
            "redo": self.desk.redo,
            "discard": self.desk.discard_corrections,
            "maximise": self._maximise,
            "light": self._use_light,
            "panel": self._toggle_panel,
            "fullscreen": self._toggle_fullscreen,
            "help": self._show_help,
            "tour": self.tour_asked.emit,
            "palette": self.palette_asked.emit,
            "edit_keys": self._edit_keys,
            "shortcuts": self._show_shortcuts,
            "about": self._show_about,
        }
        for name, tool in TOOLS.items():
            slots[name] = partial(self._use_tool, tool)
        for name, kind in LAYOUTS.items():
            slots[name] = partial(self._use_layout, kind)
        for name, code in LANGUAGE_COMMANDS.items():
            slots[name] = partial(self._use_language, code)
        for name, percent in SIZE_COMMANDS.items():
            slots[name] = partial(self._use_size, percent)
        for number in range(1, 6):
            slots[f"preset_{number}"] = partial(self._use_preset, number)
        return slots

    def open(self) -> None:
        """Ask for a file."""
        chosen = self.files.file_to_open(tr("Open scan"), self.desk.settings.last_folder, tr(_FILTER))
        if chosen:
            self.open_path(Path(chosen))

    def open_folder(self) -> None:
        """Ask for a folder."""
        chosen = self.files.folder_to_open(tr("Open DICOM folder"), self.desk.settings.last_folder)
        if chosen:
            self.open_path(Path(chosen))

    def _browse(self) -> None:
        chosen = self.files.folder_to_open(tr("Scans in a folder"), self.desk.settings.last_folder)
        if chosen:
            self.desk.browse(Path(chosen))

    def show_browser(self, contents: FolderContents) -> None:
        """List what a folder holds, in the browser that is open already where there is one for it."""
        browser = next((b for b in self._window.findChildren(StudyBrowser) if b.isVisible()), None)
        if browser is None:
            browser = StudyBrowser(contents, is_named=self.desk.settings.is_patient_named, parent=self._window)
            browser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            browser.open_asked.connect(lambda path, uid: self.open_path(path, uid or None))
            browser.names_asked.connect(partial(self._name_patients, contents.folder))
            browser.finished.connect(lambda: self.desk.runner.withdraw(JobKind.PICTURES))
            browser.show()
        else:
            browser.show_contents(contents)
        self.desk.picture_folder(contents, browser.show_pictures)

    def _name_patients(self, folder: Path, is_named: bool) -> None:
        self.desk.name_patients(is_named)
        self.desk.browse(folder)

    def open_sample(self) -> None:
        """The scan that ships with the program."""
        sample = self._sample()
        if sample is not None:
            self.open_path(sample)

    def open_path(self, path: Path, series_uid: str | None = None) -> None:
        """Open a file, a folder or a saved session."""
        if self.desk.settings.is_recent_kept:
            self.desk.settings = replace(self.desk.settings, last_folder=str(path.parent))
        if path.name.lower().endswith(SESSION_ENDING):
            self.desk.open_session(path)
        else:
            self.desk.open(path, series_uid)

    def open_recent(self, scan: RecentScan) -> None:
        """A scan that was opened before."""
        self.open_path(Path(scan.path), scan.series_uid or None)

    def clear_recents(self) -> None:
        """Forget which scans were opened."""
        self.desk.settings = replace(self.desk.settings, recent=())
        self.desk.save_settings()
        self.desk.scan_changed.emit()

    def _remember(self, is_on: bool) -> None:
        self.desk.settings = self.desk.settings.remembering(is_on)
        self.desk.save_settings()
        self.desk.scan_changed.emit()

    def _save_session(self) -> None:
        reading = self.desk.reading
        if reading is None:
            return
        source = reading.scan.source.path.absolute()
        proposed = str(source.parent / f"{results_stem(reading.scan.source)}{SESSION_ENDING}")
        chosen = self.files.file_to_save(tr("Save session"), proposed, f"{tr('Session')} (*{SESSION_ENDING})")
        if chosen:
            self.desk.save_session(Path(chosen if chosen.endswith(SESSION_ENDING) else f"{chosen}{SESSION_ENDING}"))

    def restore_work(self, work: Unfinished) -> None:
        """Open what a crash interrupted; it is offered until it is open."""

        def settle() -> None:
            if self.desk.keeper.is_of_open_scan(work.session):
                self.desk.keeper.journal.settle(work.marker)

        self.desk.scan_shown.connect(settle, Qt.ConnectionType.SingleShotConnection)
        self.desk.resume(work.session, work.scan_path, work.series_uid)

    def dismiss_work(self, work: Unfinished) -> None:
        """Do not offer it again."""
        self.desk.keeper.journal.settle(work.marker)
        self.desk.scan_changed.emit()

    def choose_series(self, found: SeriesToChoose) -> None:
        """Ask which of several series."""
        chooser = SeriesChooser(found, self._window)
        chooser.accepted.connect(lambda: self.open_path(found.path, chooser.series_uid))
        chooser.finished.connect(lambda: self.desk.runner.withdraw(JobKind.PICTURES))
        self.desk.picture_series(found, chooser.show_pictures)
        self._show_dialog(chooser)

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

    def _close_scan(self) -> None:
        self.desk.close_scan()

    def _quit(self) -> None:
        self._window.close()

    def _segment(self) -> None:
        self.desk.segment()

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

    def _restore_defaults(self) -> None:
        self.desk.restore_defaults()

    def _nudge(self, which: str, steps: int) -> None:
        rows = {
            "threshold": self.panel.tuning_box.threshold,
            "sigma": self.panel.tuning_box.sigma,
            "brush": self.panel.correct_box.radius,
        }
        rows[which].nudge(steps)

    def _set_overlay(self, name: str, is_on: bool) -> None:
        reading = self.desk.reading
        if reading is not None:
            changes: dict[str, bool] = {name: is_on}
            if name == "is_heat_aggregated" and is_on:
                changes["is_heat_shown"] = True
            self.desk.set_overlays(replace(reading.overlays, **changes))  # type: ignore[arg-type]  # all named fields are bool

    def _set_tint(self, is_on: bool) -> None:
        reading = self.desk.reading
        if reading is not None:
            style = MaskStyle.TINT if is_on else MaskStyle.CONTOUR
            self.desk.set_overlays(replace(reading.overlays, mask_style=style, is_mask_shown=True))

    def _use_preset(self, number: int) -> None:
        self.desk.use_preset(number)

    def _use_tool(self, tool: Tool, _: bool) -> None:
        self.area.set_tool(tool)
        self.panel.brush_box.setVisible(tool in CORRECTING)

    def _use_layout(self, kind: Layout, _: bool) -> None:
        self.area.set_layout_kind(kind)
        self.desk.settings = replace(self.desk.settings, layout=kind.value)

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

    def ask_for_sr(self) -> None:
        """Ask where the structured report goes."""
        reading = self.desk.reading
        if reading is None:
            return
        name = f"{results_stem(reading.scan.source)}_measurements.dcm"
        proposed = str(reading.scan.source.path.absolute().parent / name)
        chosen = self.files.file_to_save(tr("Save measurements"), proposed, tr("DICOM report (*.dcm)"))
        if chosen:
            self.desk.save_report(Path(chosen))

    def ask_for_table(self) -> None:
        """Ask where the measurements go."""
        reading = self.desk.reading
        if reading is None:
            return
        name = f"{results_stem(reading.scan.source)}_measurements.csv"
        proposed = str(reading.scan.source.path.absolute().parent / name)
        chosen = self.files.file_to_save(tr("Save measurements"), proposed, tr("Table (*.csv)"))
        if chosen:
            self.save_table(Path(chosen))

    def save_table(self, path: Path) -> None:
        """Write all measurements as CSV."""
        save_table(self.desk, path)

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

    def _scroll(self, steps: int) -> None:
        self.area.scroll_active(steps)

    def _zoom(self, factor: float) -> None:
        self.area.zoom_active(factor)

    def _turn(self, degrees: float) -> None:
        if self.area.active is Along.SURFACE:
            self.area.surface.turn_by(0.0, 3.0 * degrees)
        else:
            self.desk.turn(self.area.plane, degrees)

    def _reset(self) -> None:
        self.desk.straighten()
        self.area.fit()
        self.desk.use_preset(1)

    def _compare(self) -> None:
        chosen = self.files.file_to_open(tr("Compare with a mask"), self.desk.settings.last_folder, tr(_FILTER))
        if chosen:
            self.desk.compare_with(Path(chosen))

    def _next_map(self) -> None:
        reading = self.desk.reading
        if reading is not None:
            kinds = list(MapKind)
            kind = kinds[(kinds.index(reading.overlays.map_kind) + 1) % len(kinds)]
            self.desk.set_overlays(replace(reading.overlays, map_kind=kind, is_heat_shown=True))

    def keep_tuning(self) -> None:
        """Ask for a name for the panel's numbers."""
        name, is_ok = QInputDialog.getText(self._window, tr("Keep these thresholds"), tr("Name"))
        if is_ok:
            self.desk.keep_tuning(name)

    def _next_slab(self) -> None:
        reading = self.desk.reading
        if reading is not None:
            self.desk.set_slab(reading.slab.next_kind())

    def _thicken_slab(self, step_mm: float) -> None:
        reading = self.desk.reading
        if reading is not None:
            self.desk.set_slab(reading.slab.thicker_by(step_mm))

    def _next_view(self) -> None:
        self.area.next_view()

    def _maximise(self) -> None:
        self.area.toggle_maximised(self.area.active)

    def _use_light(self, is_on: bool) -> None:
        self.desk.settings = replace(self.desk.settings, theme="light" if is_on else "dark")
        self.desk.save_settings()
        self.theme_changed.emit()

    def _use_language(self, code: str, _: bool) -> None:
        if code != self.desk.settings.language:
            self.desk.settings = replace(self.desk.settings, language=code)
            self.desk.save_settings()
            self.language_changed.emit()

    def _use_size(self, percent: int, _: bool) -> None:
        if percent != self.desk.settings.interface_percent:
            self.desk.settings = replace(self.desk.settings, interface_percent=percent)
            self.desk.save_settings()
            text = tr("The new interface size is used from the next start of Spineviewer on.")
            self.desk.noticed.emit(Notice(Level.INFO, text, "size"))

    def _toggle_panel(self, is_on: bool) -> None:
        self.panel.setVisible(is_on)

    def _toggle_fullscreen(self, is_on: bool) -> None:
        if is_on:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def _show_help(self) -> None:
        self._show_dialog(HelpSheet(self._window))

    def _edit_keys(self) -> None:
        dialog = KeysDialog(self.desk.settings.keys, self._window)
        dialog.accepted.connect(lambda: self._use_keys(dialog.own))
        self._show_dialog(dialog)

    def _use_keys(self, own: dict[str, list[str]]) -> None:
        self.desk.settings = replace(self.desk.settings, keys=own)
        self.desk.save_settings()
        self.keys_changed.emit()

    def _show_shortcuts(self) -> None:
        self._show_dialog(ShortcutsSheet(self.desk.settings.keys, self._window))

    def _show_about(self) -> None:
        self._show_dialog(AboutSheet(self._window))

    def _show_dialog(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def hide_all(self, is_hidden: bool) -> None:
        """Show the bare scan while a key is held."""
        reading = self.desk.reading
        if reading is not None:
            self.desk.set_overlays(replace(reading.overlays, is_all_hidden=is_hidden))
