"""The window: puts start page, views, panel and commands together and binds them to the desk."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from spineviewer.app.jobs import JobKind, Report
from spineviewer.editing.brush import Brush
from spineviewer.gui.bars import ScanTabs, StatusBar, ToolBar
from spineviewer.gui.busy_card import BusyCard
from spineviewer.gui.correcting.tools import correcting_tools
from spineviewer.gui.desk import Level, Notice, ReadingDesk
from spineviewer.gui.dialogs.files import FileAsker
from spineviewer.gui.icons import draw_anew
from spineviewer.gui.interface_size import unscaled_lines
from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.gui.kit.pages import Pages
from spineviewer.gui.language import tr
from spineviewer.gui.measuring.marks import MeasurementMarks
from spineviewer.gui.measuring.measurer import Measurer
from spineviewer.gui.measuring.tools import measuring_tools
from spineviewer.gui.names import shortened
from spineviewer.gui.opening.opener import SEVERAL_TOPIC, Opener
from spineviewer.gui.panels.banners import BannerStack
from spineviewer.gui.panels.batch_page import BatchPage
from spineviewer.gui.panels.spine_panel import SpinePanel
from spineviewer.gui.start_page import StartPage
from spineviewer.gui.theme import use_theme
from spineviewer.gui.tour import TourGuide
from spineviewer.gui.views.beside import Beside
from spineviewer.gui.views.cine import Cine
from spineviewer.gui.views.scene import scene_of
from spineviewer.gui.views.view_area import Layout, ViewArea
from spineviewer.gui.views.viewing_tools import viewing_tools
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.menus import RECENT, fill_menu_bar
from spineviewer.gui.window.preferences import Preferences
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
        self._known_scan: CtVolume | None = None
        self.setWindowTitle("Spineviewer")
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._make_parts(sample)
        self._build_centre()
        self._make_bars()
        self._bind_desk()
        self._bind_views()
        self._bind_panel()
        self._bind_pages()
        self._use_own_keys()
        self._use_theme()
        self._restore_place()
        self._scan_changed()
        if damaged := desk.settings.damaged_file:
            text = tr(
                "The settings file was damaged. It was set aside as {damaged}, and the settings start anew.", damaged=damaged
            )
            self.banners.show_notice(Notice(Level.WARN, text, "settings"))
        self._show()
        self._show_shapes()

    def _make_parts(self, sample: Callable[[], Path | None]) -> None:
        self.dialogs, self.files = Dialogs(self), FileAsker(self)
        self.preferences = Preferences(self.desk, self)
        self.opener = Opener(self.desk, self.dialogs, self.files, sample)
        self.start_page = StartPage()
        self.area = ViewArea()
        self.beside = Beside(self.area.budget)
        self.cine = Cine(self.area, self)
        self.banners = BannerStack()
        self.panel = SpinePanel()
        self.batch_page = BatchPage(self.desk)
        self.pages = Pages()
        self.measurer = Measurer(self.desk, self.area, self.panel.measurements, self.files)
        tools = (*viewing_tools(self.desk), *correcting_tools(self.desk), *measuring_tools(self.measurer))
        self.area.offer_tools(tools, marks=(MeasurementMarks(self.measurer),))
        self.beside.show_marks((MeasurementMarks(),))

    def _build_centre(self) -> None:
        self._reading_page = reading = QWidget()
        row = QHBoxLayout(reading)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.area, 1)
        row.addWidget(self.beside, 1)
        row.addWidget(self.panel)
        for page in (self.start_page, reading, self.batch_page):
            self.pages.addWidget(page)
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

    def _make_bars(self) -> None:
        panel = self.panel
        context = Context(self.desk, self.dialogs, self.files, self.preferences, self.opener, self.measurer, self.pages)
        context.add(self.area, self.beside, self.cine)
        context.add(panel, panel.run_box, panel.tuning_box, panel.correct_box)
        self.context = context
        self.actions_by_name = Actions(COMMANDS, context, self, self.area)
        self.tool_bar = ToolBar(self.actions_by_name, self)
        self.guide = TourGuide(self.desk, self, self.area.views[Plane.SAGITTAL], self.tool_bar, panel)
        context.add(self.actions_by_name, self.tool_bar, self.guide)
        self.recent_menu = fill_menu_bar(self.menuBar(), self.actions_by_name)[RECENT]
        self.recent_menu.aboutToShow.connect(self._fill_recent_menu)
        self.addToolBar(self.tool_bar)
        self.status = StatusBar(self)
        self.setStatusBar(self.status)

    def _bind_desk(self) -> None:
        desk = self.desk
        desk.changed.connect(self._show)
        desk.moved.connect(self._show_pictures)
        desk.scan_changed.connect(self._scan_changed)
        desk.noticed.connect(self.banners.show_notice)
        desk.topic_ended.connect(self.banners.remove)
        desk.opening.connect(self._opening)
        desk.reported.connect(self._reported)
        desk.views = lambda: self.area.state
        desk.views_wanted.connect(self.area.show_state)
        desk.turned.connect(self.area.show_slices_of)
        desk.shapes_changed.connect(self._show_shapes)
        desk.batch_row.connect(self._show_batch)
        desk.batch_changed.connect(self._show_batch)
        desk.scan_leaves.connect(self.cine.stop)
        desk.runner.changed.connect(self._refresh_actions)

    def _bind_views(self) -> None:
        desk, area = self.desk, self.area
        area.shapes_wanted.connect(lambda line, surface: desk.want_shapes(line=line, surface=surface))
        area.surface.picked.connect(desk.move_to)
        area.budget.begun.connect(self._repaint_if_owed)
        area.active_changed.connect(self._show_beside)
        area.layout_changed.connect(self.actions_by_name.refresh)
        area.tool_changed.connect(self._tool_changed)
        for cut in area.cuts:
            cut.picked.connect(desk.move_to)
            cut.hovered.connect(self._hovered)
        for plane, view in area.views.items():
            view.scrolled.connect(partial(desk.scroll, plane))
        self.beside.wanted_changed.connect(self._show_beside)
        self.cine.changed.connect(self.actions_by_name.refresh)

    def _bind_panel(self) -> None:
        desk, panel = self.desk, self.panel
        panel.run_box.segment_asked.connect(desk.segment)
        panel.run_box.cancel_asked.connect(self.actions_by_name["cancel"].trigger)
        panel.export_asked.connect(self.actions_by_name["export"].trigger)
        panel.table_asked.connect(self.measurer.ask_for_table)
        panel.sr_asked.connect(self.measurer.ask_for_sr)
        panel.tuning_box.defaults_asked.connect(desk.restore_defaults)
        panel.tuning_box.changed.connect(desk.set_tuning)
        panel.tuning_box.kept.connect(self._keep_tuning)
        panel.tuning_box.named.connect(desk.use_tuning)
        panel.tuning_box.dropped.connect(desk.drop_tuning)
        panel.overlay_box.changed.connect(desk.set_overlays)
        panel.correct_box.brush_changed.connect(self._set_brush)
        panel.correct_box.edit_asked.connect(desk.edit_region)
        panel.doubt_box.chosen.connect(desk.go_to_doubt)
        panel.doubt_box.end_asked.connect(desk.end_doubts)
        panel.comparison_box.worst_asked.connect(desk.go_to_worst)
        panel.comparison_box.end_asked.connect(desk.end_comparison)

    def _bind_pages(self) -> None:
        page, opener, guide = self.start_page, self.opener, self.guide
        self.pages.currentChanged.connect(self._page_changed)
        self.batch_page.back_asked.connect(self._show_page)
        self.tabs.currentChanged.connect(self.desk.switch_to)
        self.busy.cancel_asked.connect(self.actions_by_name["cancel"].trigger)
        self.tool_bar.window_control.window_changed.connect(self.desk.set_window)
        self.tool_bar.window_control.preset_asked.connect(self.desk.use_preset)
        self.preferences.theme_changed.connect(self._use_theme)
        self.preferences.keys_changed.connect(self._use_own_keys)
        cast(QGuiApplication, QGuiApplication.instance()).screenRemoved.connect(self._screen_removed)
        for signal, name in (
            (page.open_asked, "open"),
            (page.folder_asked, "open_folder"),
            (page.sample_asked, "open_sample"),
            (page.batch_asked, "batch"),
        ):
            signal.connect(self.actions_by_name[name].trigger)
        page.tour_asked.connect(self._tour_from_start)
        page.tour_skipped.connect(guide.skip)
        guide.known.connect(lambda: page.offer_tour(False))
        page.offer_tour(guide.is_new)
        page.recent_asked.connect(opener.open_recent)
        page.recents_cleared.connect(opener.clear_recents)
        page.unfinished.restore_asked.connect(opener.restore_work)
        page.unfinished.dismissed.connect(opener.dismiss_work)

    # showing

    def _show(self) -> None:
        desk = self.desk
        reading = desk.reading
        self._show_pictures()
        self.panel.show_reading(reading, desk.defaults, is_mask_possible=desk.is_mask_possible, facts=desk.mask_facts())
        self.panel.comparison_box.show_comparison(desk.comparison)
        self.panel.doubt_box.show_doubts(desk.doubts, desk.doubt_number)
        self.panel.tuning_box.show_tunings(desk.settings.tunings)
        self.panel.correct_box.show_brush(desk.brush, desk.is_brush_flat)
        self.panel.correct_box.show_possible(is_between_possible=desk.is_between_possible)
        if not desk.is_correctable and self.area.tool.is_correcting:
            self.area.use_tool(self.area.default_tool)
        self.actions_by_name.refresh()
        if reading is not None:
            self.tool_bar.show_window_of(reading)
        self.tool_bar.window_control.show_reading(reading)

    def _show_pictures(self) -> None:
        """All that depends on where the crosshair lies; it moves more often than anything else changes."""
        self.area.show_scene(scene_of(self.desk))
        self._show_beside()

    def _show_shapes(self) -> None:
        self.area.show_line(self.desk.line, self.desk.line_note)
        self.area.show_surface(self.desk.surface, self.desk.surface_note)

    def _scan_changed(self) -> None:
        reading = self.desk.reading
        scan = reading.scan if reading is not None else None
        if scan is not self._known_scan or scan is None:
            self._known_scan = scan
            self.banners.clear()
        self._show_page()
        if scan is None:
            self.start_page.show_recent(self.desk.settings.recent)
            self.start_page.unfinished.show_work(self.desk.keeper.unfinished())
        self.actions_by_name.refresh()
        self.panel.show_sr_obstacle(_sr_obstacle(scan))
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
            self.banners.remove(SEVERAL_TOPIC)
            file, number, count = shortened(path.name, 44), self.opener.number, self.opener.count
            several = tr("Opening {file} ({number} of {count})", file=file, number=number, count=count)
            self.busy.begin(several if count > 1 else tr("Opening {file}", file=file))

    def _reported(self, kind: JobKind, report: Report) -> None:
        if kind is JobKind.SEGMENT:
            self.panel.run_box.show_report(report)
        elif kind is JobKind.OPEN:
            self.busy.report(report)

    def _hovered(self, index: tuple[int, int, int] | None) -> None:
        self.status.show_pointer(self.desk.reading, index)

    def _show_beside(self) -> None:
        is_shown = self.beside.is_wanted and len(self.desk.open_scans) > 1
        plane = self.area.active if isinstance(self.area.active, Plane) else Plane.SAGITTAL
        self.beside.show_beside(self.desk.beside if is_shown else None, self.desk.reading, plane)

    def _refresh_actions(self) -> None:
        self.actions_by_name.refresh()

    def _tool_changed(self) -> None:
        self.panel.brush_box.setVisible(self.area.tool.is_correcting)
        self.actions_by_name.refresh()

    def _set_brush(self, brush: Brush, is_flat: bool) -> None:
        self.desk.set_brush(brush, is_flat=is_flat)
        self.area.repaint_tool()

    def _keep_tuning(self) -> None:
        name = self.dialogs.ask_for_text(tr("Keep these thresholds"), tr("Name"))
        if name is not None:
            self.desk.keep_tuning(name)

    def _tour_from_start(self) -> None:
        self.guide.begin_with_next_scan()
        self.opener.open_sample()

    def _use_theme(self) -> None:
        use_theme(self.desk.settings.theme)
        self.actions_by_name.draw_icons()
        draw_anew(self)
        self.start_page.show_recent(self.desk.settings.recent)

    def _use_own_keys(self) -> None:
        self.actions_by_name.use_keys(self.desk.settings.keys)

    def _show_tabs(self) -> None:
        self.tabs.show_scans(self.desk.open_scans, self.desk.front_number)

    def _show_batch(self) -> None:
        batch, is_running = self.desk.batch, self.desk.is_batch_running
        self.status.show_batch(
            tr("Batch {done_count} of {count}", done_count=batch.done_count, count=len(batch.rows))
            if batch is not None and is_running
            else ""
        )

    def _show_page(self) -> None:
        """Show the open scan, or the start page if there is none."""
        self.pages.setCurrentWidget(self.start_page if self.desk.reading is None else self._reading_page)
        self._page_changed()

    def _page_changed(self) -> None:
        self.tool_bar.setVisible(self.pages.currentWidget() is self._reading_page)

    def _fill_recent_menu(self) -> None:
        self.recent_menu.clear()
        for scan in self.desk.settings.recent:
            action = QAction(Path(scan.path).name, self.recent_menu)
            action.setToolTip(scan.path)
            action.triggered.connect(partial(self.opener.open_recent, scan))
            self.recent_menu.addAction(action)
        if not self.desk.settings.recent:
            self.recent_menu.addAction(tr("No recent scans")).setEnabled(False)

    def make_ready(self) -> None:
        """Make and load what comes after the start page, in turns of the event loop, while the reader looks at it."""
        steps: list[Callable[[], None]] = [partial(self.files.make_ready, self.desk.settings.last_folder)]
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

    def open_path(self, path: Path) -> None:
        """Open a file, a folder or a session."""
        self.opener.open_path(path)

    # events of the window

    def event(self, event: QEvent) -> bool:
        """Repaint in turns, and hand the keyboard to a dialog and back: without a window manager nobody else does."""
        if event.type() is QEvent.Type.UpdateRequest:
            turns = self.area.budget
            if turns.is_closed:
                self._is_repaint_owed = True
                return True
            with turns.repainting(), self.area.composing(is_computer_free=self.desk.runner.is_idle):
                return super().event(event)
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            return self._use_place_of(event) or super().event(event)
        if event.type() in (QEvent.Type.WindowBlocked, QEvent.Type.WindowUnblocked):
            QTimer.singleShot(0, self, self._activate_foremost)
        return super().event(event)

    def _use_place_of(self, event: QKeyEvent) -> bool:
        """Run the command that a key means by its place, if no field wants the key for itself."""
        action = self.actions_by_name.by_place(event)
        if action is None:
            return False
        is_for_views = action.shortcutContext() is Qt.ShortcutContext.WidgetWithChildrenShortcut
        focus = self.focusWidget()
        if not is_for_views or (focus is not None and self.area.isAncestorOf(focus)):
            action.trigger()
        event.accept()  # so that it does not mean what is printed as well
        return True

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
            self._hide_overlays(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_B and not event.isAutoRepeat():
            self._hide_overlays(False)
        else:
            super().keyReleaseEvent(event)

    def _hide_overlays(self, is_hidden: bool) -> None:
        """Show the bare scan while a key is held."""
        reading = self.desk.reading
        if reading is not None:
            self.desk.set_overlays(replace(reading.overlays, is_all_hidden=is_hidden))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.opener.open_paths(paths)

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
        self.guide.end()
        self.hide()
        self.deleteLater()

    def _end(self) -> None:
        if not self.has_ended:
            self.has_ended = True
            self.finished.emit()

    def _restore_place(self) -> None:
        settings = self.desk.settings
        kinds = {kind.value: kind for kind in Layout}
        kind = kinds.get(settings.layout, Layout.SAGITTAL)
        self.area.set_layout_kind(kind)
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
