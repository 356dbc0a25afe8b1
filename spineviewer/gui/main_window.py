"""The window: puts start page, views, panel and commands together and binds them to the desk."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from spineviewer.app.jobs import JobKind, Report
from spineviewer.app.state import Overlays
from spineviewer.app.view_state import ViewState
from spineviewer.gui.actions import COMMANDS, give_keys, make_actions
from spineviewer.gui.bars import LANGUAGE_COMMANDS, LAYOUTS, SIZE_COMMANDS, ScanTabs, StatusBar, ToolBar, bind_keys, fill_menu_bar
from spineviewer.gui.busy_card import BusyCard
from spineviewer.gui.commands import Commands
from spineviewer.gui.desk import Level, Notice, ReadingDesk
from spineviewer.gui.dialogs.palette import Palette
from spineviewer.gui.icons import draw_anew, icon
from spineviewer.gui.interface_size import unscaled_lines
from spineviewer.gui.language import tr
from spineviewer.gui.names import shortened
from spineviewer.gui.panels.banners import BannerStack
from spineviewer.gui.panels.batch_page import BatchPage
from spineviewer.gui.panels.spine_panel import SpinePanel
from spineviewer.gui.possible import possible_commands, switches
from spineviewer.gui.start_page import StartPage
from spineviewer.gui.theme import use_theme
from spineviewer.gui.tour import Tour, stops_of
from spineviewer.gui.views.beside import Beside
from spineviewer.gui.views.tools import CORRECTING
from spineviewer.gui.views.view_area import Layout, ViewArea
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume

#: Ending the window must not take longer, whatever still runs.
LONGEST_END_MS = 1800


class MainWindow(QMainWindow):
    """The one window.

    Thread ownership: GUI thread.
    """

    finished = Signal()

    def __init__(self, desk: ReadingDesk, sample: Callable[[], Path | None]) -> None:
        super().__init__()
        self.desk = desk
        self._is_ending = False
        self.has_ended = False
        self._is_repaint_owed = False
        self.tour: Tour | None = None
        self._known_scan: CtVolume | None = None
        self._sr_obstacle = ""
        self.setWindowTitle("Spineviewer")
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.start_page = StartPage()
        self.area = ViewArea()
        self.banners = BannerStack()
        self.panel = SpinePanel()
        self.commands = Commands(self, desk, self.area, self.panel, sample)
        self.actions_by_name = make_actions(self, self.commands.slots())
        self._build_centre()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.recent_menu = fill_menu_bar(self.menuBar(), self.actions_by_name)
        self.recent_menu.aboutToShow.connect(self._fill_recent_menu)
        self.tool_bar = ToolBar(self.actions_by_name, self)
        self.addToolBar(self.tool_bar)
        self.status = StatusBar(self)
        self.setStatusBar(self.status)
        bind_keys(self, self.area, self.actions_by_name)
        self._bind()
        self._use_own_keys()
        self._use_theme()
        self._restore_place()
        for name, code in LANGUAGE_COMMANDS.items():
            self.actions_by_name[name].setChecked(code == desk.settings.language)
        for name, percent in SIZE_COMMANDS.items():
            self.actions_by_name[name].setChecked(percent == desk.settings.interface_percent)
        self._scan_changed()
        if damaged := desk.settings.damaged_file:
            text = tr(
                "The settings file was damaged. It was set aside as {damaged}, and the settings start anew.", damaged=damaged
            )
            self.banners.show_notice(Notice(Level.WARN, text, "settings"))
        self._show()
        self._show_shapes()

    def _build_centre(self) -> None:
        self._reading_page = reading = QWidget()
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.area, 1)
        row = QHBoxLayout(reading)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        self.beside = Beside(self.area.turns)
        row.addWidget(self.beside, 1)
        row.addWidget(self.panel)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(reading)
        self.batch_page = BatchPage(self.desk)
        self.pages.addWidget(self.batch_page)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tabs = ScanTabs()
        column.addWidget(self.tabs)
        column.addWidget(self.banners)
        column.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        self.busy = BusyCard(centre)

    def _bind(self) -> None:
        desk, commands = self.desk, self.commands
        desk.changed.connect(self._show)
        desk.moved.connect(self._show_pictures)
        desk.scan_changed.connect(self._scan_changed)
        desk.noticed.connect(self.banners.show_notice)
        desk.topic_ended.connect(self.banners.remove)
        desk.opening.connect(self._opening)
        desk.reported.connect(self._reported)
        desk.views = lambda: self.area.state
        desk.views_wanted.connect(self._show_views)
        desk.turned.connect(self.area.views[Plane.SAGITTAL].show_slices_of)
        desk.series_found.connect(commands.choose_series)
        self.busy.cancel_asked.connect(desk.cancel)
        self.area.shapes_wanted.connect(lambda line, surface: desk.want_shapes(line=line, surface=surface))
        desk.shapes_changed.connect(self._show_shapes)
        self.area.surface.picked.connect(desk.move_to)
        self.area.turns.begun.connect(self._repaint_if_owed)
        for curved in self.area.curved.values():
            curved.picked.connect(desk.move_to)
            curved.window_dragged.connect(desk.drag_window)
            curved.hovered.connect(self._hovered)
        for plane, view in self.area.views.items():
            view.turned.connect(partial(desk.turn, plane))
            view.scrolled.connect(partial(desk.scroll, plane))
            view.picked.connect(desk.move_to)
            view.window_dragged.connect(desk.drag_window)
            view.hovered.connect(self._hovered)
            view.stroke_begun.connect(partial(commands.begin_stroke, plane))
            view.stroke_moved.connect(desk.move_stroke)
            view.stroke_ended.connect(desk.end_stroke)
            view.measured.connect(commands.measured)
            view.text_entered.connect(commands.text_entered)
            view.measurement_moved.connect(desk.move_measurement)
        control = self.tool_bar.window_control
        control.window_changed.connect(desk.set_window)
        control.preset_asked.connect(desk.use_preset)
        commands.window_control_asked.connect(self.tool_bar.open_window_control)
        commands.cine.changed.connect(lambda: self.actions_by_name["cine"].setChecked(commands.cine.is_running))
        desk.scan_leaves.connect(commands.cine.stop)
        self.panel.run_box.segment_asked.connect(desk.segment)
        self.panel.run_box.cancel_asked.connect(commands.cancel)
        self.panel.export_asked.connect(commands.export)
        self.panel.tuning_box.defaults_asked.connect(desk.restore_defaults)
        self.panel.tuning_box.changed.connect(desk.set_tuning)
        self.panel.overlay_box.changed.connect(desk.set_overlays)
        self.panel.correct_box.brush_changed.connect(commands.set_brush)
        self.panel.correct_box.edit_asked.connect(desk.edit_region)
        self.panel.measurement_chosen.connect(commands.go_to_measurement)
        self.panel.measurement_named.connect(commands.name_measurement)
        self.panel.table_asked.connect(commands.ask_for_table)
        self.panel.sr_asked.connect(commands.ask_for_sr)
        self.panel.doubt_box.chosen.connect(desk.go_to_doubt)
        self.panel.doubt_box.end_asked.connect(desk.end_doubts)
        self.panel.tuning_box.kept.connect(commands.keep_tuning)
        self.panel.tuning_box.named.connect(desk.use_tuning)
        self.panel.tuning_box.dropped.connect(desk.drop_tuning)
        self.panel.comparison_box.worst_asked.connect(desk.go_to_worst)
        self.panel.comparison_box.end_asked.connect(desk.end_comparison)
        desk.batch_row.connect(self._show_batch)
        desk.batch_changed.connect(self._show_batch)
        commands.palette_asked.connect(self._show_palette)
        cast(QGuiApplication, QGuiApplication.instance()).screenRemoved.connect(self._screen_removed)
        self.tabs.currentChanged.connect(desk.switch_to)
        commands.beside_asked.connect(self._show_beside)
        self.area.active_changed.connect(self._show_beside)
        desk.folder_browsed.connect(commands.show_browser)
        commands.tour_asked.connect(self.begin_tour)
        commands.theme_changed.connect(self._use_theme)
        commands.keys_changed.connect(self._use_own_keys)
        commands.batch_asked.connect(self._go_to_batch)
        self.batch_page.back_asked.connect(self._leave_batch)
        page = self.start_page
        page.tour_asked.connect(self._tour_from_start)
        page.tour_skipped.connect(self._tour_ended)
        page.offer_tour("tour" not in desk.settings.extra)
        page.batch_asked.connect(self._go_to_batch)
        page.open_asked.connect(commands.open)
        page.folder_asked.connect(commands.open_folder)
        page.sample_asked.connect(commands.open_sample)
        page.recent_asked.connect(commands.open_recent)
        page.recents_cleared.connect(commands.clear_recents)
        page.unfinished.restore_asked.connect(commands.restore_work)
        page.unfinished.dismissed.connect(commands.dismiss_work)

    # showing

    def _show(self) -> None:
        desk = self.desk
        reading = desk.reading
        self._show_pictures()
        self.area.show_second(desk.comparison)
        self.panel.show_reading(reading, desk.defaults, is_mask_possible=desk.is_mask_possible, facts=desk.mask_facts())
        self.panel.comparison_box.show_comparison(desk.comparison)
        self.panel.doubt_box.show_doubts(desk.doubts, desk.doubt_number)
        self.panel.tuning_box.show_tunings(desk.settings.tunings)
        self.panel.correct_box.show_brush(desk.brush, desk.is_brush_flat)
        self.panel.correct_box.show_possible(is_between_possible=desk.is_between_possible)
        for name, is_possible in possible_commands(desk, is_sr_possible=not self._sr_obstacle).items():
            self.actions_by_name[name].setEnabled(is_possible)
        if not desk.is_correctable and self.area.tool in CORRECTING:
            self.actions_by_name["tool_window"].trigger()
        for name, is_on in switches(reading.overlays if reading is not None else Overlays()).items():
            self.actions_by_name[name].setChecked(is_on)
        if reading is not None:
            self.tool_bar.show_window_of(reading)
        self.tool_bar.window_control.show_reading(reading)

    def _show_pictures(self) -> None:
        """All that depends on where the crosshair lies; it moves more often than anything else changes."""
        self.area.show_reading(self.desk.reading, self.desk.fusion, self.desk.correction)
        self._show_beside()

    def _show_views(self, state: ViewState) -> None:
        self.area.show_state(state)
        self._check_layout()

    def _show_shapes(self) -> None:
        self.area.show_line(self.desk.line, self.desk.line_note)
        self.area.show_surface(self.desk.surface, self.desk.surface_note)

    def _scan_changed(self) -> None:
        reading = self.desk.reading
        scan = reading.scan if reading is not None else None
        if scan is not self._known_scan or scan is None:
            self._known_scan = scan
            self.banners.clear()
        self.pages.setCurrentIndex(0 if scan is None else 1)
        self.tool_bar.setVisible(scan is not None)
        self.actions_by_name["remember"].setChecked(self.desk.settings.is_recent_kept)
        if scan is None:
            self.start_page.show_recent(self.desk.settings.recent)
            self.start_page.unfinished.show_work(self.desk.keeper.unfinished())
        for command in COMMANDS:
            if command.needs_scan:
                self.actions_by_name[command.name].setEnabled(scan is not None)
        self.tool_bar.preset_button.setVisible(scan is not None)
        self.tool_bar.preset_button.setEnabled(scan is not None)
        self.actions_by_name["preset_5"].setEnabled(scan is not None and scan.source.window is not None)
        self._sr_obstacle = _sr_obstacle(scan)
        self.actions_by_name["save_sr"].setToolTip(
            tr(self._sr_obstacle) or tr("A structured report (TID 1500) in the patient's study")
        )
        self.panel.show_sr_obstacle(self._sr_obstacle)
        self._show_tabs()
        self.status.show_scan(scan)
        if scan is None:
            self.setWindowTitle("Spineviewer")
            self.tool_bar.preset_button.setText("")
            return
        self.setWindowTitle(f"{scan.source.path.name} – Spineviewer")
        self.area.set_active(self.area.active)

    def _opening(self, path: Path | None) -> None:
        if path is None:
            self.busy.end()
        else:
            self.banners.remove("open")
            self.busy.begin(tr("Opening {file}", file=shortened(path.name, 44)))

    def _reported(self, kind: JobKind, report: Report) -> None:
        if kind is JobKind.SEGMENT:
            self.panel.run_box.show_report(report)
        elif kind is JobKind.OPEN:
            self.busy.report(report)

    def _hovered(self, index: tuple[int, int, int] | None) -> None:
        self.status.show_pointer(self.desk.reading, index)

    def _show_palette(self) -> None:
        palette = Palette(self.actions_by_name, self)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.accepted.connect(lambda: self._do(palette.chosen))
        palette.open()

    def _do(self, name: str) -> None:
        if name:
            self.actions_by_name[name].trigger()

    def _show_beside(self) -> None:
        is_wanted = self.actions_by_name["beside"].isChecked() and len(self.desk.open_scans) > 1
        plane = self.area.active if isinstance(self.area.active, Plane) else Plane.SAGITTAL
        self.beside.show_beside(self.desk.beside if is_wanted else None, self.desk.reading, plane)
        self.actions_by_name["beside"].setEnabled(len(self.desk.open_scans) > 1)

    def begin_tour(self) -> None:
        """Walk through the window; on a scan, as there is little to see without one."""
        if self.tour is not None or self.desk.reading is None:
            return
        self.actions_by_name["panel"].setChecked(True)
        self.panel.show()
        stops = stops_of(self.area.views[Plane.SAGITTAL], self.tool_bar, self.panel)
        self.tour = Tour(stops, self)
        self.tour.ended.connect(self._tour_ended)

    def _tour_ended(self) -> None:
        self.tour = None
        self.desk.settings = replace(self.desk.settings, extra={**self.desk.settings.extra, "tour": "seen"})
        self.desk.save_settings()
        self.start_page.offer_tour(False)

    def _tour_from_start(self) -> None:
        self.desk.scan_shown.connect(self.begin_tour, Qt.ConnectionType.SingleShotConnection)
        self.commands.open_sample()

    def _use_theme(self) -> None:
        use_theme(self.desk.settings.theme)
        self.actions_by_name["light"].setChecked(self.desk.settings.theme == "light")
        for command in COMMANDS:
            if command.icon:
                self.actions_by_name[command.name].setIcon(icon(command.icon))
        draw_anew(self)
        self.start_page.show_recent(self.desk.settings.recent)

    def _use_own_keys(self) -> None:
        for command in COMMANDS:
            give_keys(self.actions_by_name[command.name], command, self.desk.settings.keys)

    def _show_tabs(self) -> None:
        self.tabs.show_scans(self.desk.open_scans, self.desk.front_number)
        self.actions_by_name["next_scan"].setEnabled(self.tabs.count() > 1)

    def _show_batch(self) -> None:
        batch, is_running = self.desk.batch, self.desk.is_batch_running
        self.status.show_batch(
            tr("Batch {done_count} of {count}", done_count=batch.done_count, count=len(batch.rows))
            if batch is not None and is_running
            else ""
        )

    def _go_to_batch(self) -> None:
        self.pages.setCurrentWidget(self.batch_page)
        self.tool_bar.hide()
        self.batch_page.start_button.setFocus()

    def _leave_batch(self) -> None:
        is_reading = self.desk.reading is not None
        self.pages.setCurrentIndex(1 if is_reading else 0)
        self.tool_bar.setVisible(is_reading)

    def _fill_recent_menu(self) -> None:
        self.recent_menu.clear()
        for scan in self.desk.settings.recent:
            action = QAction(Path(scan.path).name, self.recent_menu)
            action.setToolTip(scan.path)
            action.triggered.connect(partial(self.commands.open_recent, scan))
            self.recent_menu.addAction(action)
        if not self.desk.settings.recent:
            self.recent_menu.addAction(tr("No recent scans")).setEnabled(False)

    def make_ready(self) -> None:
        """Make and load what comes after the start page, in turns of the event loop, while the reader looks at it."""
        steps: list[Callable[[], None]] = [partial(self.commands.files.make_ready, self.desk.settings.last_folder)]
        if self.desk.reading is None and self.desk.opening_path is None:
            steps += [self.desk.make_ready, self._lay_out_reading]
        for step in steps:
            QTimer.singleShot(0, self, step)

    def _lay_out_reading(self) -> None:
        """Lay out and style, without showing them, the page that a scan is read on and its tool bar."""
        if self.desk.reading is None:
            self._reading_page.resize(self.pages.size())
            for part in (self._reading_page, self.tool_bar):
                part.grab()

    # commands

    def open_path(self, path: Path, series_uid: str | None = None) -> None:
        """Open a file or folder."""
        self.commands.open_path(path, series_uid)

    def save_table(self, path: Path) -> None:
        """Write all measurements as CSV."""
        self.commands.save_table(path)

    # events of the window

    def event(self, event: QEvent) -> bool:
        """Repaint in turns, and hand the keyboard to a dialog and back: without a window manager nobody else does."""
        if event.type() is QEvent.Type.UpdateRequest:
            turns = self.area.turns
            if turns.is_closed:
                self._is_repaint_owed = True
                return True
            with turns.repainting(), self.area.composing(is_computer_free=self.desk.runner.is_idle):
                return super().event(event)
        if event.type() in (QEvent.Type.WindowBlocked, QEvent.Type.WindowUnblocked):
            QTimer.singleShot(0, self, self._activate_foremost)
        return super().event(event)

    def _repaint_if_owed(self) -> None:
        if self._is_repaint_owed:
            self._is_repaint_owed = False
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.UpdateRequest))

    def _activate_foremost(self) -> None:
        foremost = QApplication.activeModalWidget() or self
        if foremost.isVisible() and QApplication.activeWindow() is None:
            foremost.activateWindow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_B and not event.isAutoRepeat():
            self.commands.hide_all(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_B and not event.isAutoRepeat():
            self.commands.hide_all(False)
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
            lines = unscaled_lines(self.screen())
            self.desk.settings = replace(self.desk.settings, window_geometry=geometry, unscaled_lines=lines)
        self.hide()
        self.desk.runner.idle.connect(self._end)
        QTimer.singleShot(LONGEST_END_MS, self, self._end)
        self.desk.shut_down()

    def retire(self) -> None:
        """Give way to another window on the same desk; nothing that is open or runs ends by it."""
        self._is_ending = True
        if self.tour is not None:
            self.tour.end()
        self.hide()
        self.deleteLater()

    def _end(self) -> None:
        if not self.has_ended:
            self.has_ended = True
            self.finished.emit()

    def _check_layout(self) -> None:
        for name, kind in LAYOUTS.items():
            with QSignalBlocker(self.actions_by_name[name]):
                self.actions_by_name[name].setChecked(kind is self.area.layout_kind)

    def _restore_place(self) -> None:
        settings = self.desk.settings
        kinds = {kind.value: kind for kind in Layout}
        kind = kinds.get(settings.layout, Layout.SAGITTAL)
        self.area.set_layout_kind(kind)
        self._check_layout()
        self.actions_by_name["panel"].setChecked(True)
        room = self.screen().availableGeometry()
        is_offscreen = QGuiApplication.platformName() == "offscreen"  # its screen is a fiction of 800 x 800
        self.resize(1600 if is_offscreen else min(1600, room.width()), 900 if is_offscreen else min(900, room.height() - 30))
        if settings.window_geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(settings.window_geometry)))
            self._keep_on_screen()

    def _keep_on_screen(self) -> None:
        """Come to a screen that is there: the one on which the window stood may be gone."""
        if not any(screen.availableGeometry().intersects(self.frameGeometry()) for screen in QGuiApplication.screens()):
            room = QGuiApplication.primaryScreen().availableGeometry()
            self.resize(self.size().boundedTo(room.size()))
            self.move(room.topLeft())

    def _screen_removed(self) -> None:
        QTimer.singleShot(0, self, self._keep_on_screen)  # the system may move the window itself


def _sr_obstacle(scan: CtVolume | None) -> str:
    """Why the measurements of a scan cannot go into a DICOM report; empty where they can."""
    if scan is None or scan.source.slices is None:
        return tr(
            "A DICOM report points at its DICOM slices; this scan came from another format or an archive, or was resampled."
        )
    return ""
