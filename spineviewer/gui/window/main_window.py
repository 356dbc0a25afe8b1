"""The window: start page, views, panel and commands, connected to the workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractSlider,
    QApplication,
    QDialog,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.scan_core import Change
from spineviewer.app.workspace import Workspace
from spineviewer.gui.archive.loader import ArchiveLoader
from spineviewer.gui.batch.batch_page import BatchPage
from spineviewer.gui.correcting.correcting_tools import correcting_tools
from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.gui.kit.file_dialogs import FileDialogs
from spineviewer.gui.kit.focus import protect_fields_from_wheel
from spineviewer.gui.kit.front_scan import FrontScan
from spineviewer.gui.kit.icons import redraw_icons
from spineviewer.gui.kit.item_tips import add_tips_to_cut_texts
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.pages import BackButton, Pages
from spineviewer.gui.kit.presets import Presets
from spineviewer.gui.kit.styled import without_margins
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.gui.kit.theme import use_theme
from spineviewer.gui.measuring.drawing_tool import measuring_tools
from spineviewer.gui.measuring.marks import MeasurementMarks
from spineviewer.gui.measuring.measurer import Measurer
from spineviewer.gui.opening.busy_card import BusyCard
from spineviewer.gui.opening.closer import Closer
from spineviewer.gui.opening.drop_frame import DropFrame
from spineviewer.gui.opening.opener import Opener
from spineviewer.gui.opening.recents import Recents
from spineviewer.gui.opening.start_page import StartPage
from spineviewer.gui.vertebrae.landmark_marks import LandmarkMarks
from spineviewer.gui.vertebrae.measurement_sheet import MeasurementSheet
from spineviewer.gui.vertebrae.spine_measurer import SpineMeasurer
from spineviewer.gui.vertebrae.vertebra_tools import vertebra_tools
from spineviewer.gui.viewing.cine import Cine
from spineviewer.gui.viewing.layouts import Layout
from spineviewer.gui.viewing.other_scan_view import OtherScanView
from spineviewer.gui.viewing.shared_pointer import SharedPointer
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.gui.viewing.viewing_tools import viewing_tools
from spineviewer.gui.window.after_start import steps_after_start
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.banners import BannerStack
from spineviewer.gui.window.bars import ScanTabs, StatusBar
from spineviewer.gui.window.binding import Bindings
from spineviewer.gui.window.captions import Captions
from spineviewer.gui.window.front_views import FrontViews
from spineviewer.gui.window.menus import RECENT, fill_menu_bar
from spineviewer.gui.window.panel_requests import connect_panel
from spineviewer.gui.window.preferences import Preferences
from spineviewer.gui.window.scan_page import ScanPage
from spineviewer.gui.window.shown_values import bind_panel, bind_sheet, bind_tool_bar, bind_views
from spineviewer.gui.window.spine_panel import PANEL_WIDTH, SpinePanel
from spineviewer.gui.window.tool_bar import ToolBar
from spineviewer.gui.window.tour import TourGuide
from spineviewer.gui.window.view_menu import open_view_menu
from spineviewer.gui.window.window_geometry import WindowGeometry
from spineviewer.labelling.vertebrae import Vertebra

if TYPE_CHECKING:
    from spineviewer.gui.archive.archive_page import ArchivePage

#: Maximum time to wait for running work after the window has been closed.
MAX_CLOSING_MS = 1800


class MainWindow(QMainWindow):
    """The program's only window.

    Thread ownership: GUI thread.
    """

    finished = Signal()

    def __init__(self, workspace: Workspace, sample: Callable[[], Path | None]) -> None:
        super().__init__()
        self.workspace = workspace
        self.front = FrontScan(workspace)
        self._subscriptions = Subscriptions()
        self._is_ending = False
        self.has_ended = False
        self._is_repaint_due = False
        self._level: Vertebra | None = None
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._geometry = WindowGeometry(self, workspace.settings)
        self._make_services(sample)
        self._make_views()
        self._make_pages()
        self._make_bars()
        protect_fields_from_wheel(self)
        add_tips_to_cut_texts(self)
        self._bindings = self._make_bindings()
        self._bind_workspace()
        self._bind_views()
        self._bind_panel()
        self._bind_pages()
        self._bind_start_page()
        self._use_own_keys()
        self._use_theme()
        self._restore_settings()
        self._views.show()
        self._on_settings_changed()
        self._on_scans_changed()
        self._show_brush()

    # parts

    def _make_services(self, sample: Callable[[], Path | None]) -> None:
        self.dialogs, self.files = Dialogs(self), FileDialogs(self)
        self.preferences = Preferences(self.workspace, self)
        self.presets = Presets(self.workspace, self.dialogs)
        self.opener = Opener(self.workspace, self.dialogs, self.files, sample, self._subscriptions)
        self.closer = Closer(self.workspace, self.dialogs, self.files)

    def _make_views(self) -> None:
        self.area = ViewArea()
        self.other_view = OtherScanView(self.area.budget)
        self.cine = Cine(self.area, self)
        self.panel = SpinePanel()
        self.measurer = Measurer(self.workspace, self.area, self.panel.measurements, self.files)
        self.spine_measurer = SpineMeasurer(self.workspace, self.area, MeasurementSheet())
        tools = (
            *viewing_tools(self.front),
            *correcting_tools(self.front),
            *vertebra_tools(self.front),
            *measuring_tools(self.measurer),
        )
        self.area.set_tools(
            tools, marks=(LandmarkMarks(self.workspace), MeasurementMarks(self.measurer))
        )
        self.other_view.show_marks((MeasurementMarks(),))
        self.other_view.use_tool(self.area.tool)

    def _make_pages(self) -> None:
        self.start_page = StartPage()
        self.scan_page = ScanPage(self.area, self.other_view, self.spine_measurer.sheet, self.panel)
        self.batch_page = BatchPage(
            self.workspace.batch, self.workspace.settings, self._subscriptions
        )
        self.pages = Pages()
        for page in (self.start_page, self.scan_page, self.batch_page):
            self.pages.addWidget(page)
        self.pages.scan_page = self.scan_page
        self.archive = ArchiveLoader(
            self.workspace, self.pages, self._subscriptions, self._bind_archive
        )
        self.tabs, self.banners = ScanTabs(), BannerStack()
        centre = QWidget()
        column = without_margins(QVBoxLayout(centre), 0)
        column.addWidget(self.tabs)
        column.addWidget(self.banners)
        column.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        self.busy = BusyCard(centre)
        self.drop_frame = DropFrame(centre)

    def _make_bars(self) -> None:
        panel = self.panel
        self.context = Context(
            self.workspace,
            *(self.dialogs, self.files, self.preferences, self.presets, self.opener, self.closer),
            *(self.area, self.other_view, self.cine, self.measurer, self.spine_measurer),
            *(panel, panel.run_box, panel.tuning_box, panel.correct_box, panel.vertebra_box),
            *(self.pages, self.archive),
        )
        self.actions_by_name = Actions(COMMANDS, self.context, self, (self.area, self.other_view))
        self.tool_bar = ToolBar(self.actions_by_name, self)
        self.guide = TourGuide(
            self.workspace,
            self,
            self.pages,
            lambda: self.area.members[self.area.active],
            self.tool_bar,
            panel,
        )
        self.context.add(self.actions_by_name, self.tool_bar, self.guide)
        menus = fill_menu_bar(self.menuBar(), self.actions_by_name)
        self.recents = Recents(self.workspace, self.opener, self.start_page, menus[RECENT])
        self.addToolBar(self.tool_bar)
        self.status = StatusBar(self)
        self.setStatusBar(self.status)

    # connections

    def _make_bindings(self) -> Bindings:
        """Return the bindings of the window's parts to values of the scan in front."""
        bindings = Bindings()
        bind_views(bindings, self.area, self.banners)
        bind_panel(bindings, self.panel)
        bind_sheet(bindings, self.spine_measurer)
        bind_tool_bar(bindings, self.tool_bar, self.area, self.workspace.settings)
        return bindings

    def _bind_workspace(self) -> None:
        """Connect to the workspace until the window closes or is replaced."""
        workspace, subscribe = self.workspace, self._subscriptions.add
        workspace.read_views = lambda: self.area.state
        subscribe(workspace.changed, self._on_changed)
        subscribe(workspace.scans_changed, self._on_scans_changed)
        subscribe(workspace.scan_leaving, self._end_drags)
        subscribe(workspace.scan_closed, self.other_view.release)
        subscribe(workspace.scan_closed, self.spine_measurer.release)
        subscribe(workspace.notices_changed, self._show_notices)
        subscribe(workspace.settings.changed, self._on_settings_changed)
        subscribe(workspace.brush.changed, self._show_brush)
        subscribe(workspace.opening.changed, self._show_opening)
        subscribe(workspace.opening.progressed, self.busy.show_progress)
        subscribe(workspace.batch.row_changed, self._show_batch)
        subscribe(workspace.batch.changed, self._show_batch)
        subscribe(workspace.runner.changed, self.actions_by_name.refresh)

    def _bind_views(self) -> None:
        area, other_view = self.area, self.other_view
        self._views = FrontViews(self.workspace, self.front, area, other_view, self.scan_page)
        self._captions = Captions(
            self.workspace, self, self.tabs, self.scan_page, other_view.header, self.status
        )
        for view in (*area.cuts, *other_view.views.values()):
            view.hovered.connect(self.status.show_pointer)
        for pointer in area.findChildren(SharedPointer):
            pointer.watch(
                *(self.menuBar(), self.tool_bar, self.tabs, self.banners, self.status),
                *(self.panel, self.spine_measurer.sheet, other_view),
            )
        area.budget.iteration_started.connect(self._repaint_if_due)
        area.active_changed.connect(self._on_active_changed)
        area.layout_changed.connect(self.actions_by_name.refresh)
        area.tool_changed.connect(self._on_tool_changed)
        area.menu_requested.connect(
            partial(open_view_menu, self.context, self.actions_by_name, self)
        )
        self.cine.changed.connect(self.actions_by_name.refresh)

    def _end_drags(self) -> None:
        """End all drags, so that their steps belong to the scan on which they began."""
        for view in self.area.cuts:
            QCoreApplication.sendEvent(view, QEvent(QEvent.Type.UngrabMouse))
        for slider in self.panel.findChildren(QAbstractSlider):
            slider.setSliderDown(False)

    def _on_active_changed(self) -> None:
        self.actions_by_name.refresh()
        self._bindings.show(self.workspace.front)  # the grey-scale window of the active view

    def _bind_panel(self) -> None:
        connect_panel(self.panel, self.front, self.context, self.actions_by_name)
        self.scan_page.panel_dragged.connect(
            lambda width: self.workspace.settings.update(panel_width=width)
        )
        control, action = self.tool_bar.window_control, self.front.action
        area = self.area
        control.window_changed.connect(
            action(lambda scan: partial(scan.display.set_window, is_second=area.is_second_active))
        )
        control.preset_requested.connect(
            action(lambda scan: partial(scan.display.use_preset, is_second=area.is_second_active))
        )
        control.save_requested.connect(self.actions_by_name["save_window"].trigger)
        control.delete_requested.connect(self.presets.delete_window)

    def _bind_pages(self) -> None:
        self.pages.currentChanged.connect(self._on_page_changed)
        self.batch_page.back_requested.connect(self._show_page)
        self.batch_page.open_requested.connect(self.opener.open_path)
        self.tabs.currentChanged.connect(self._switch_to)
        self.tabs.tabBarClicked.connect(self._show_page)  # also the tab of the scan in front
        self.tabs.close_requested.connect(self._ask_to_close)
        self.banners.dismissed.connect(self.workspace.end_topic)
        self.banners.news_changed.connect(self.status.show_news)
        self.busy.cancel_requested.connect(self.actions_by_name["cancel"].trigger)
        self.preferences.theme_changed.connect(self._use_theme)
        self.preferences.keys_changed.connect(self._use_own_keys)

    def _bind_start_page(self) -> None:
        page, guide = self.start_page, self.guide
        for signal, name in (
            (page.open_requested, "open"),
            (page.folder_requested, "open_folder"),
            (page.sample_requested, "open_sample"),
            (page.batch_requested, "batch"),
            (page.tour_requested, "tour"),
        ):
            signal.connect(self.actions_by_name[name].trigger)
        page.tour_skipped.connect(guide.skip)
        guide.decided.connect(lambda: page.offer_tour(False))
        page.offer_tour(guide.is_undecided)

    def _bind_archive(self, page: ArchivePage) -> None:
        protect_fields_from_wheel(page)
        add_tips_to_cut_texts(page)
        page.back_requested.connect(self._show_page)
        page.back_button.show_destination(is_scan_open=self.workspace.front is not None)
        page.settings_requested.connect(self.actions_by_name["archive_settings"].trigger)

    # display

    def _on_changed(self, change: Change) -> None:
        is_other_scan = (
            change.old is None
            or change.new is None
            or change.old.state.scan is not change.new.state.scan
        )
        if is_other_scan:
            self.cine.stop()
            self.area.rest_tool()
        self._views.show()
        if not change.is_move or self._is_at_other_level():
            self._bindings.show(self.workspace.front)
            self.actions_by_name.refresh()
        if is_other_scan and change.new is not None:
            self.area.show_state(change.new.views)

    def _is_at_other_level(self) -> bool:
        """Return whether the crosshair has moved to another vertebra since the last call."""
        old_level, front = self._level, self.workspace.front
        self._level = None if front is None else front.names.at_crosshair
        return self._level is not old_level

    def _on_scans_changed(self) -> None:
        """Update page and captions after scans have been opened or closed."""
        self._show_page()
        if self.workspace.front is None:
            self.recents.show()
            self.recents.show_unfinished()
        else:
            self.area.set_active(self.area.active)
        self.spine_measurer.show()
        self._captions.show_scans()
        self._views.show_beside()

    def _on_settings_changed(self) -> None:
        settings = self.workspace.settings
        self.panel.tuning_box.show_presets(settings.current.tunings)
        self.tool_bar.window_control.show_own_presets(settings.own_windows)
        self._bindings.show(self.workspace.front)
        self.recents.show()
        self._captions.show_patients()
        self.actions_by_name.refresh()

    def _show_brush(self) -> None:
        brush = self.workspace.brush
        self.panel.correct_box.show_brush(brush.brush, brush.is_flat)

    def _show_notices(self) -> None:
        workspace, is_hidden = self.workspace, self.pages.is_scan_hidden
        self.banners.show_notices(workspace.program_notices if is_hidden else workspace.notices)

    def _show_opening(self) -> None:
        path = self.workspace.opening.path
        if path is None:
            self.busy.end()
        else:
            self.busy.begin(self.opener.opening_text(path))

    def _show_batch(self) -> None:
        queue = self.workspace.batch
        self.status.show_batch(queue.batch if queue.is_running else None)

    def _on_tool_changed(self) -> None:
        self.status.show_instruction(tr(self.area.tool.instruction))
        self.actions_by_name.refresh()

    def _switch_to(self, number: int) -> None:
        if self.workspace.opening.path is None:
            self.workspace.switch_to(number)
        else:
            self.tabs.setCurrentIndex(self.workspace.front_number)

    def _ask_to_close(self, number: int) -> None:
        if self.workspace.opening.path is None:
            self.closer.close(self.workspace.scans[number])

    def _use_theme(self) -> None:
        use_theme(self.workspace.settings.current.theme)
        self.actions_by_name.draw_icons()
        redraw_icons(self)
        self.recents.show()

    def _use_own_keys(self) -> None:
        self.actions_by_name.use_keys(self.workspace.settings.current.keys)

    def _restore_settings(self) -> None:
        settings = self.workspace.settings.current
        kinds = {kind.value: kind for kind in Layout}
        self.area.set_layout_kind(kinds.get(settings.layout, Layout.SAGITTAL))
        self.panel.fold_sections(settings.folded)
        self.panel.preferred_width = settings.panel_width or PANEL_WIDTH
        self._geometry.restore()

    def _show_page(self) -> None:
        """Show the page of the scan in front, or the start page if no scan is open."""
        page = self.start_page if self.workspace.front is None else self.scan_page
        for button in self.pages.findChildren(BackButton):
            button.show_destination(is_scan_open=self.workspace.front is not None)
        if page is self.pages.currentWidget():
            self._on_page_changed()
        else:
            self.pages.setCurrentWidget(page)

    def _on_page_changed(self) -> None:
        is_scan_shown = not self.pages.is_scan_hidden
        self.tool_bar.setVisible(is_scan_shown)
        self.banners.legend.set_on(is_scan_shown)
        self.banners.reserve_space(is_scan_shown or self.pages.currentWidget() is self.batch_page)
        self._show_notices()
        self.actions_by_name.refresh()

    def prepare(self) -> None:
        """Create and load what is needed after the start page, in several short steps."""
        for step in steps_after_start(
            self.workspace, self.files, self.pages, self.scan_page, self.tool_bar
        ):
            QTimer.singleShot(0, self, step)

    # events of the window

    def event(self, event: QEvent) -> bool:
        """Limit repainting, keep the window on a screen, and handle keys by their position.

        Also move the keyboard focus to a dialog and back, which does not happen without a window
        manager.
        """
        if event.type() is QEvent.Type.UpdateRequest:
            budget = self.area.budget
            if budget.is_closed:
                self._is_repaint_due = True
                return True
            with (
                budget.repainting(),
                self.area.composing(is_computer_free=self.workspace.runner.is_idle),
            ):
                return super().event(event)
        if event.type() is QEvent.Type.ScreenChangeInternal:
            self._geometry.keep_on_screen()
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            return self._run_at_position(event) or super().event(event)
        if event.type() in (QEvent.Type.WindowBlocked, QEvent.Type.WindowUnblocked):
            QTimer.singleShot(0, self, self._activate_foremost)
        return super().event(event)

    def _run_at_position(self, event: QKeyEvent) -> bool:
        """Run the command for a key's position on the keyboard, unless a field uses the key."""
        action = self.actions_by_name.action_at_position(event)
        if action is None:
            return False
        is_for_views = action.shortcutContext() is Qt.ShortcutContext.WidgetWithChildrenShortcut
        focus = self.focusWidget()
        is_view = self.area.isAncestorOf(focus) or self.other_view.isAncestorOf(focus)
        if not is_for_views or is_view:
            action.trigger()
        event.accept()  # the shortcut of the printed character must not be triggered too
        return True

    def _repaint_if_due(self) -> None:
        if self._is_repaint_due:
            self._is_repaint_due = False
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
        """Hide or show all overlays, for as long as a key is held down."""
        front = self.workspace.front
        if front is not None:
            front.display.set_overlays(replace(front.state.overlays, is_all_hidden=is_hidden))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self.drop_frame.show_over_parent()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop_frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_frame.hide()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.opener.open_paths(paths)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.busy.isVisible():
            self.busy.centre()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide the window at once, and end running work in the background."""
        event.ignore()
        if self._is_ending:
            return
        if event.spontaneous():  # closed by the user; the program itself has already asked
            self.closer.quit(self.close)
            return
        self._is_ending = True
        if self.isVisible():
            self._geometry.store()
        self.hide()
        self._subscriptions.add(self.workspace.runner.idle, self._end)
        QTimer.singleShot(MAX_CLOSING_MS, self, self._end)
        self.workspace.shut_down()

    def continue_from(self, old: MainWindow) -> None:
        """Show what an earlier window on the same workspace shows, with the same tool and page."""
        self.panel.setVisible(not old.panel.isHidden())
        self.area.show_state(old.area.state)
        self.area.use_tool(old.area.tool.name)
        if not old.spine_measurer.sheet.isHidden():
            self.spine_measurer.toggle_sheet()
        self.other_view.continue_from(old.other_view)
        if old.pages.currentWidget() is old.batch_page:
            self.pages.show_page(BatchPage)
        elif old.archive.is_in_front:
            self.archive.show_page()
        for name in old.dialogs.commands_of_open_dialogs:
            self.actions_by_name[name].trigger()

    def retire(self) -> None:
        """Make way for another window on the same workspace.

        Open scans and running work are not affected.
        """
        self._is_ending = True
        self._subscriptions.end()
        self.guide.end()
        for dialog in self.findChildren(QDialog):
            dialog.reject()  # dialogs beside the window listen to the workspace
        self.hide()
        self.deleteLater()

    def _end(self) -> None:
        if not self.has_ended:
            self.has_ended = True
            self._subscriptions.end()
            self.area.end_threads()
            self.finished.emit()
