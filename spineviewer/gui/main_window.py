"""The window: puts start page, views, panel and commands together and binds them to the desk."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.jobs import JobKind, Report
from spineviewer.app.measuring import as_csv
from spineviewer.app.settings import RecentScan
from spineviewer.app.state import PRESETS, MaskStyle, Overlays, SegmentationStage, presets_of
from spineviewer.app.work import SeriesToChoose, export_stem
from spineviewer.editing.brush import Brush
from spineviewer.gui.actions import COMMANDS, make_actions
from spineviewer.gui.busy_card import BusyCard
from spineviewer.gui.desk import Level, Notice, ReadingDesk, summary_of
from spineviewer.gui.dialogs.export_dialog import ExportDialog
from spineviewer.gui.dialogs.series_chooser import SeriesChooser
from spineviewer.gui.dialogs.sheets import AboutSheet, ShortcutsSheet
from spineviewer.gui.panels.banners import BannerStack
from spineviewer.gui.panels.spine_panel import SpinePanel
from spineviewer.gui.start_page import StartPage
from spineviewer.gui.theme import tabular
from spineviewer.gui.views.tools import Tool
from spineviewer.gui.views.view_area import Layout, ViewArea
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume

#: Ending the window must not take longer, whatever still runs.
LONGEST_END_MS = 1800
_TOOLS = {
    "tool_window": Tool.WINDOW,
    "tool_crosshair": Tool.CROSSHAIR,
    "tool_pan": Tool.PAN,
    "tool_zoom": Tool.ZOOM,
    "tool_brush": Tool.BRUSH,
    "tool_eraser": Tool.ERASER,
    "tool_distance": Tool.DISTANCE,
    "tool_angle": Tool.ANGLE,
    "tool_cobb": Tool.COBB,
    "tool_region": Tool.REGION,
}
_LAYOUTS = {"layout_sagittal": Layout.SAGITTAL, "layout_column": Layout.COLUMN, "layout_row": Layout.ROW}
#: These keys speak to the views only, so that sliders, fields and buttons keep theirs.
_VIEW_KEYS = {
    "slice_up", "slice_down", "slices_up", "slices_down", "slice_first", "slice_last",
    "zoom_in", "zoom_out", "reset", "maximise",
}  # fmt: skip
#: After these a menu draws a line.
_ENDS_OF_BLOCKS = {"open_sample", "picture", "cancel", "defaults", "aggregate", "slice_last", "maximise", "layout_row"}
_FILTER = "Scans (*.nii *.nii.gz *.nrrd *.nhdr *.mha *.mhd *.hdr *.dcm);;All files (*)"


class MainWindow(QMainWindow):
    """The one window.

    Thread ownership: GUI thread.
    """

    finished = Signal()

    def __init__(self, desk: ReadingDesk, sample: Callable[[], Path | None]) -> None:
        super().__init__()
        self.desk = desk
        self._sample = sample
        self._is_ending = False
        self.has_ended = False
        self._known_scan: CtVolume | None = None
        self.setWindowTitle("Spineviewer")
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.start_page = StartPage()
        self.area = ViewArea()
        self.banners = BannerStack()
        self.panel = SpinePanel()
        self.actions_by_name = make_actions(self, self._slots())
        self._build_centre()
        self._build_menus()
        self._build_tool_bar()
        self._build_status_bar()
        self._bind_keys()
        self._bind()
        self._restore_place()
        self._scan_changed()
        self._show()

    # building

    def _build_centre(self) -> None:
        reading = QWidget()
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.area, 1)
        row = QHBoxLayout(reading)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.panel)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(reading)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banners)
        column.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        self.busy = BusyCard(centre)

    def _build_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        for command in COMMANDS:
            if command.group not in menus:
                menus[command.group] = self.menuBar().addMenu(command.group)
            menus[command.group].addAction(self.actions_by_name[command.name])
            if command.name == "open_sample":
                self.recent_menu = menus["File"].addMenu("Open recent")
            if command.name in {
                "open_sample",
                "picture",
                "cancel",
                "defaults",
                "aggregate",
                "tool_zoom",
                "slice_last",
                "next_view",
                "layout_row",
            }:
                menus[command.group].addSeparator()
        self.recent_menu.aboutToShow.connect(self._fill_recent_menu)

    def _build_tool_bar(self) -> None:
        bar = QToolBar("Tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        for names in (
            ("open", "open_folder"),
            ("tool_window", "tool_crosshair", "tool_pan", "tool_zoom"),
            ("tool_distance", "tool_angle", "tool_cobb", "tool_region"),
            ("tool_brush", "tool_eraser", "undo", "redo"),
            ("heat", "aggregate", "mask", "tint", "crosshair_lines"),
            ("layout_sagittal", "layout_column", "layout_row", "maximise", "slab", "reset"),
        ):
            for name in names:
                bar.addAction(self.actions_by_name[name])
            bar.addSeparator()
        self.preset_button = QToolButton()
        self.preset_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.preset_button.setToolTip("Grey-scale window (keys 1 to 5)")
        self.preset_button.setAccessibleName("Grey-scale window")
        self.preset_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.preset_menu = QMenu(self)
        for number in range(1, 6):
            self.preset_menu.addAction(self.actions_by_name[f"preset_{number}"])
        self.preset_button.setMenu(self.preset_menu)
        bar.addWidget(self.preset_button)
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(room)
        bar.addAction(self.actions_by_name["shortcuts"])
        for action in bar.actions():
            button = bar.widgetForAction(action)
            if isinstance(button, QToolButton):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.setAccessibleName(action.text())
        self.addToolBar(bar)
        self.tool_bar = bar

    def _build_status_bar(self) -> None:
        self.pointer_label = QLabel()
        self.pointer_label.setProperty("role", "status")
        self.pointer_label.setFont(tabular(12))
        self.pointer_label.setAccessibleName("Voxel under the pointer")
        self.scan_label = QLabel()
        self.scan_label.setProperty("role", "status")
        self.scan_label.setFont(tabular(12))
        self.research_label = QLabel("Research use, not a medical device")
        self.research_label.setProperty("role", "status")
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.pointer_label, 1)
        self.statusBar().addPermanentWidget(self.scan_label)
        self.statusBar().addPermanentWidget(self.research_label)

    def _bind_keys(self) -> None:
        for command in COMMANDS:
            action = self.actions_by_name[command.name]
            if command.name in _VIEW_KEYS:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                self.area.addAction(action)
            else:
                self.addAction(action)
        for names in (_TOOLS, _LAYOUTS):
            group = QActionGroup(self)
            for name in names:
                group.addAction(self.actions_by_name[name])
        self.actions_by_name["tool_window"].setChecked(True)

    def _bind(self) -> None:
        desk = self.desk
        desk.changed.connect(self._show)
        desk.scan_changed.connect(self._scan_changed)
        desk.noticed.connect(self._notice)
        desk.topic_ended.connect(self.banners.remove)
        desk.opening.connect(self._opening)
        desk.reported.connect(self._reported)
        desk.turned.connect(self.area.views[Plane.SAGITTAL].show_slices_of)
        desk.series_found.connect(self._choose_series)
        self.busy.cancel_asked.connect(desk.cancel)
        for plane, view in self.area.views.items():
            view.scrolled.connect(partial(desk.scroll, plane))
            view.picked.connect(desk.move_to)
            view.window_dragged.connect(desk.drag_window)
            view.hovered.connect(self._hovered)
            view.stroke_begun.connect(partial(self._begin_stroke, plane))
            view.stroke_moved.connect(desk.move_stroke)
            view.stroke_ended.connect(desk.end_stroke)
            view.measured.connect(desk.add_measurement)
            view.measurement_moved.connect(desk.move_measurement)
        self.panel.segment_asked.connect(desk.segment)
        self.panel.cancel_asked.connect(self._cancel)
        self.panel.export_asked.connect(self._export)
        self.panel.defaults_asked.connect(desk.restore_defaults)
        self.panel.tuning_changed.connect(desk.set_tuning)
        self.panel.overlays_changed.connect(desk.set_overlays)
        self.panel.brush_changed.connect(self._set_brush)
        self.panel.measurement_chosen.connect(self._go_to_measurement)
        self.panel.table_asked.connect(self._save_table)
        self.panel.worst_asked.connect(desk.go_to_worst)
        self.panel.comparison_end_asked.connect(desk.end_comparison)
        page = self.start_page
        page.open_asked.connect(self._open)
        page.folder_asked.connect(self._open_folder)
        page.sample_asked.connect(self._open_sample)
        page.recent_asked.connect(self._open_recent)
        page.recents_cleared.connect(self._clear_recents)

    def _slots(self) -> dict[str, Callable[..., None]]:
        slots: dict[str, Callable[..., None]] = {
            "open": self._open,
            "open_folder": self._open_folder,
            "open_sample": self._open_sample,
            "export": self._export,
            "picture": self._save_picture,
            "close_scan": self._close_scan,
            "quit": self._quit,
            "segment": self._segment,
            "cancel": self._cancel,
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
            "brush_smaller": partial(self._nudge, "brush", -1),
            "brush_larger": partial(self._nudge, "brush", 1),
            "compare": self._compare,
            "worst": self.desk.go_to_worst,
            "slab": self._next_slab,
            "slab_thinner": partial(self._thicken_slab, -2.0),
            "slab_thicker": partial(self._thicken_slab, 2.0),
            "delete_measurement": self._delete_measurement,
            "save_table": self._save_table,
            "undo": self.desk.undo,
            "redo": self.desk.redo,
            "discard": self.desk.discard_corrections,
            "maximise": self._maximise,
            "panel": self._toggle_panel,
            "fullscreen": self._toggle_fullscreen,
            "shortcuts": self._show_shortcuts,
            "about": self._show_about,
        }
        for name, tool in _TOOLS.items():
            slots[name] = partial(self._use_tool, tool)
        for name, kind in _LAYOUTS.items():
            slots[name] = partial(self._use_layout, kind)
        for number in range(1, 6):
            slots[f"preset_{number}"] = partial(self._use_preset, number)
        return slots

    # showing

    def _show(self) -> None:
        desk = self.desk
        reading = desk.reading
        self.area.show_reading(reading, desk.fusion, desk.correction)
        self.panel.show_reading(reading, desk.defaults, is_mask_possible=desk.is_mask_possible, facts=desk.mask_facts())
        self.area.show_second(desk.comparison)
        self.panel.show_comparison(desk.comparison)
        self.actions_by_name["compare"].setEnabled(desk.is_mask_possible)
        self.actions_by_name["worst"].setEnabled(desk.comparison is not None)
        self.panel.show_brush(desk.brush, desk.is_brush_flat)
        for name in ("tool_brush", "tool_eraser", "brush_smaller", "brush_larger"):
            self.actions_by_name[name].setEnabled(desk.is_correctable)
        if not desk.is_correctable and self.area.tool in (Tool.BRUSH, Tool.ERASER):
            self.actions_by_name["tool_window"].trigger()
        has_measured = reading is not None and bool(reading.measurements)
        for name in ("delete_measurement", "save_table"):
            self.actions_by_name[name].setEnabled(has_measured)
        self.actions_by_name["undo"].setEnabled(desk.is_correctable and desk.correction.can_undo)
        self.actions_by_name["redo"].setEnabled(desk.is_correctable and desk.correction.can_redo)
        self.actions_by_name["discard"].setEnabled(desk.is_correctable and not desk.correction.is_empty)
        shown = reading.overlays if reading is not None else Overlays()
        for name, is_on in (
            ("heat", shown.is_heat_shown),
            ("aggregate", shown.is_heat_aggregated),
            ("mask", shown.is_mask_shown),
            ("tint", shown.mask_style is MaskStyle.TINT),
            ("crosshair_lines", shown.is_crosshair_shown),
        ):
            self.actions_by_name[name].setChecked(is_on)
        if reading is not None:
            names = {preset.window: preset.name for preset in (*presets_of(reading.scan), *PRESETS)}
            self.preset_button.setText(f"{names.get(reading.window, 'Own window')}  ▾")
        is_running = reading is not None and reading.stage is SegmentationStage.RUNNING
        self.actions_by_name["segment"].setEnabled(reading is not None and not is_running)
        self.actions_by_name["export"].setEnabled(desk.is_mask_possible)

    def _scan_changed(self) -> None:
        reading = self.desk.reading
        scan = reading.scan if reading is not None else None
        if scan is not self._known_scan or scan is None:
            self._known_scan = scan
            self.banners.clear()
        self.pages.setCurrentIndex(0 if scan is None else 1)
        self.tool_bar.setVisible(scan is not None)
        self.start_page.show_recent(self.desk.settings.recent)
        for command in COMMANDS:
            if command.needs_scan:
                self.actions_by_name[command.name].setEnabled(scan is not None)
        self.preset_button.setVisible(scan is not None)
        self.preset_button.setEnabled(scan is not None)
        self.actions_by_name["preset_5"].setEnabled(scan is not None and scan.source.window is not None)
        self.pointer_label.clear()
        if scan is None:
            self.setWindowTitle("Spineviewer")
            self.scan_label.clear()
            self.preset_button.setText("")
            return
        name = scan.source.path.name
        self.setWindowTitle(f"{name} – Spineviewer")
        self.scan_label.setText(f"{_shortened(name, 42)}   {summary_of(scan)}")
        self.area.set_active(self.area.active)

    def _notice(self, notice: Notice) -> None:
        self.banners.show_notice(notice)

    def _opening(self, path: Path | None) -> None:
        if path is None:
            self.busy.end()
        else:
            self.banners.remove("open")
            self.busy.begin(f"Opening {_shortened(path.name, 44)}")

    def _reported(self, kind: JobKind, report: Report) -> None:
        if kind is JobKind.SEGMENT:
            self.panel.show_report(report)
        elif kind is JobKind.OPEN:
            self.busy.report(report)

    def _hovered(self, index: tuple[int, int, int] | None) -> None:
        reading = self.desk.reading
        if index is None or reading is None:
            self.pointer_label.clear()
            return
        z, y, x = index
        left, posterior, superior = reading.scan.geometry.point_lps_mm(index)
        if reading.scan.source.is_orientation_known:
            letters = zip("RL", "AP", "IS", strict=True)
            negative, positive = letters
            where = "  ".join(
                f"{(positive if value >= 0 else negative)[axis]} {abs(value):.1f}"
                for axis, value in enumerate((left, posterior, superior))
            )
        else:
            where = f"{left:.1f}  {posterior:.1f}  {superior:.1f}"
        self.pointer_label.setText(f"{int(reading.scan.hu[z, y, x])} HU      {where} mm      voxel {x + 1}, {y + 1}, {z + 1}")

    # commands

    def _open(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Open scan", self.desk.settings.last_folder, _FILTER)
        if chosen:
            self.open_path(Path(chosen))

    def _open_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Open DICOM folder", self.desk.settings.last_folder)
        if chosen:
            self.open_path(Path(chosen))

    def _open_sample(self) -> None:
        sample = self._sample()
        if sample is not None:
            self.open_path(sample)

    def open_path(self, path: Path, series_uid: str | None = None) -> None:
        """Open a file or folder."""
        self.desk.settings = replace(self.desk.settings, last_folder=str(path.parent))
        self.desk.open(path, series_uid)

    def _open_recent(self, scan: RecentScan) -> None:
        self.open_path(Path(scan.path), scan.series_uid or None)

    def _fill_recent_menu(self) -> None:
        self.recent_menu.clear()
        for scan in self.desk.settings.recent:
            action = QAction(Path(scan.path).name, self.recent_menu)
            action.setToolTip(scan.path)
            action.triggered.connect(partial(self._open_recent, scan))
            self.recent_menu.addAction(action)
        if not self.desk.settings.recent:
            self.recent_menu.addAction("No recent scans").setEnabled(False)

    def _clear_recents(self) -> None:
        self.desk.settings = replace(self.desk.settings, recent=())
        self.desk.save_settings()
        self.start_page.show_recent(())

    def _choose_series(self, found: SeriesToChoose) -> None:
        chooser = SeriesChooser(found, self)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.accepted.connect(lambda: self.open_path(found.path, chooser.series_uid))
        chooser.open()

    def _export(self) -> None:
        reading = self.desk.reading
        if reading is None or not self.desk.is_mask_possible:
            return
        fusion = self.desk.fusion
        is_whole = fusion is not None and fusion.is_complete
        dialog = ExportDialog(reading, self.desk.settings.export_format, is_probability_whole=is_whole, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(partial(self._export_accepted, dialog))
        dialog.open()

    def _export_accepted(self, dialog: ExportDialog) -> None:
        self.desk.settings = replace(self.desk.settings, export_format=dialog.ending)
        self.desk.export(dialog.targets(), may_overwrite=dialog.overwrite.isChecked())

    def _save_picture(self) -> None:
        picture = self.grab()
        chosen, _ = QFileDialog.getSaveFileName(self, "Save picture", "spineviewer.png", "PNG (*.png)")
        if chosen:
            picture.save(chosen if chosen.lower().endswith(".png") else f"{chosen}.png")

    def _close_scan(self) -> None:
        self.desk.close_scan()

    def _quit(self) -> None:
        self.close()

    def _segment(self) -> None:
        self.desk.segment()

    def _cancel(self) -> None:
        reading = self.desk.reading
        if reading is not None and reading.stage is SegmentationStage.RUNNING:
            self.panel.show_cancelling()
        for view in self.area.views.values():
            view.drop_points()
        self.desk.cancel()

    def _restore_defaults(self) -> None:
        self.desk.restore_defaults()

    def _nudge(self, which: str, steps: int) -> None:
        rows = {"threshold": self.panel.threshold, "sigma": self.panel.sigma, "brush": self.panel.brush_radius}
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

    def _hide_all(self, is_hidden: bool) -> None:
        reading = self.desk.reading
        if reading is not None:
            self.desk.set_overlays(replace(reading.overlays, is_all_hidden=is_hidden))

    def _use_preset(self, number: int) -> None:
        self.desk.use_preset(number)

    def _use_tool(self, tool: Tool, _: bool) -> None:
        self.area.set_tool(tool)
        self.panel.brush_box.setVisible(tool in (Tool.BRUSH, Tool.ERASER))

    def _use_layout(self, kind: Layout, _: bool) -> None:
        self.area.set_layout_kind(kind)
        self.desk.settings = replace(self.desk.settings, layout=kind.value)

    def _go_to_measurement(self, number: int) -> None:
        reading = self.desk.reading
        if reading is not None:
            self.area.set_active(reading.measurements[number].plane)
            self.desk.go_to_measurement(number)

    def _delete_measurement(self) -> None:
        reading = self.desk.reading
        if reading is not None and reading.measurements:
            chosen = self.panel.measurement_list.currentRow()
            self.desk.delete_measurement(chosen if chosen >= 0 else len(reading.measurements) - 1)

    def _save_table(self) -> None:
        reading = self.desk.reading
        if reading is None:
            return
        name = f"{export_stem(reading.scan.source.path)}_measurements.csv"
        proposed = str(reading.scan.source.path.absolute().parent / name)
        chosen, _ = QFileDialog.getSaveFileName(self, "Save measurements", proposed, "Table (*.csv)")
        if chosen:
            self.save_table(Path(chosen))

    def save_table(self, path: Path) -> None:
        """Write all measurements as CSV."""
        reading = self.desk.reading
        if reading is None:
            return
        try:
            path.write_text(as_csv(reading.measurements, reading.scan.geometry, reading.scan.hu), encoding="utf-8")
        except OSError as error:
            text = f"{path} could not be written: {error.strerror}. Choose another folder."
            self._notice(Notice(Level.BAD, text, "table"))
            return
        self._notice(Notice(Level.INFO, f"Saved {path.name} to {path.parent}", "table", paths=(path,)))

    def _begin_stroke(self, plane: Plane, index: tuple[float, float, float] | None) -> None:
        self.desk.begin_stroke(plane, self.area.tool is Tool.BRUSH, index)

    def _set_brush(self, brush: Brush, is_flat: bool) -> None:
        self.area.set_brush(brush.radius_mm)
        self.desk.set_brush(brush, is_flat=is_flat)

    def _scroll(self, steps: int) -> None:
        self.desk.scroll(self.area.active, steps)

    def _zoom(self, factor: float) -> None:
        self.area.views[self.area.active].zoom_by(factor)

    def _reset(self) -> None:
        self.area.fit()
        self.desk.use_preset(1)

    def _compare(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Compare with a mask", self.desk.settings.last_folder, _FILTER)
        if chosen:
            self.desk.compare_with(Path(chosen))

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

    def _toggle_panel(self, is_on: bool) -> None:
        self.panel.setVisible(is_on)

    def _toggle_fullscreen(self, is_on: bool) -> None:
        if is_on:
            self.showFullScreen()
        else:
            self.showNormal()

    def _show_shortcuts(self) -> None:
        self._show_sheet(ShortcutsSheet(self))

    def _show_about(self) -> None:
        self._show_sheet(AboutSheet(self))

    def _show_sheet(self, sheet: QDialog) -> None:
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    # events of the window

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_B and not event.isAutoRepeat():
            self._hide_all(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_B and not event.isAutoRepeat():
            self._hide_all(False)
        else:
            super().keyReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.open_path(files[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.busy.isVisible():
            self.busy.place()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide at once, end the work in the background, and never wait in the event loop."""
        event.ignore()
        if self._is_ending:
            return
        self._is_ending = True
        if self.isVisible():
            geometry = base64.b64encode(self.saveGeometry().data()).decode()
            self.desk.settings = replace(self.desk.settings, window_geometry=geometry)
        self.hide()
        self.desk.runner.idle.connect(self._end)
        QTimer.singleShot(LONGEST_END_MS, self, self._end)
        self.desk.shut_down()

    def _end(self) -> None:
        if not self.has_ended:
            self.has_ended = True
            self.finished.emit()

    def _restore_place(self) -> None:
        settings = self.desk.settings
        kinds = {kind.value: kind for kind in Layout}
        kind = kinds.get(settings.layout, Layout.SAGITTAL)
        self.area.set_layout_kind(kind)
        for name, other in _LAYOUTS.items():
            with QSignalBlocker(self.actions_by_name[name]):
                self.actions_by_name[name].setChecked(other is kind)
        self.actions_by_name["panel"].setChecked(True)
        room = self.screen().availableGeometry()
        is_offscreen = QGuiApplication.platformName() == "offscreen"  # its screen is a fiction of 800 x 800
        self.resize(1600 if is_offscreen else min(1600, room.width()), 900 if is_offscreen else min(900, room.height() - 30))
        if settings.window_geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(settings.window_geometry)))
            if not room.intersects(self.frameGeometry()):  # the screen it stood on is gone
                self.move(room.topLeft())


def _shortened(text: str, longest: int) -> str:
    """Long names lose their middle, where series numbers rarely stand."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"
