"""The window: start page, views, panel and commands, connected to the workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
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
from spineviewer.gui.kit.item_tips import add_tips_to_truncated_texts
from spineviewer.gui.kit.pages import Pages
from spineviewer.gui.kit.presets import Presets
from spineviewer.gui.kit.screen_fit import available_size
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
from spineviewer.gui.window.activity import Activity
from spineviewer.gui.window.after_start import steps_after_start
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.banners import BannerStack
from spineviewer.gui.window.bars import ScanTabs, StatusBar
from spineviewer.gui.window.captions import Captions
from spineviewer.gui.window.front_views import FrontViews
from spineviewer.gui.window.menus import RECENT, fill_menu_bar
from spineviewer.gui.window.page_control import PageControl
from spineviewer.gui.window.preferences import Preferences
from spineviewer.gui.window.repainting import Repainter
from spineviewer.gui.window.scan_page import ScanPage
from spineviewer.gui.window.shown_values import front_bindings
from spineviewer.gui.window.spine_panel import PANEL_WIDTH, SpinePanel, sections_to_fold
from spineviewer.gui.window.toolbar import Toolbar
from spineviewer.gui.window.tour import TourGuide
from spineviewer.gui.window.user_requests import (
    connect_panel,
    connect_start_page,
    connect_tabs,
    connect_toolbar,
)
from spineviewer.gui.window.view_menu import open_view_menu
from spineviewer.gui.window.window_geometry import WindowGeometry

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
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._geometry = WindowGeometry(self, workspace.settings)
        self._make_services(sample)
        self._make_views()
        self._make_pages()
        self._make_bars()
        protect_fields_from_wheel(self)
        add_tips_to_truncated_texts(self)
        self._bindings = front_bindings(
            self.area, self.banners, self.panel, self.spine_measurer, self.toolbar, workspace
        )
        self._bind_workspace()
        self._bind_views()
        self._connect_requests()
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
            self.workspace,
            self.pages,
            self._subscriptions,
            lambda page: self._page_control.add_archive(page),
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
        self.drop_frame.dropped.connect(self.opener.open_paths)

    def _make_bars(self) -> None:
        panel = self.panel
        self.context = Context(
            self.workspace,
            *(self.dialogs, self.files, self.preferences, self.presets, self.opener, self.closer),
            *(self.area, self.other_view, self.cine, self.measurer, self.spine_measurer),
            *(panel, panel.run_box, panel.tuning_box, panel.correct_box, panel.vertebra_box),
            *(self.pages, self.archive),
        )
        keys = self.workspace.settings.current.keys
        views = (self.area, self.other_view)
        self.actions_by_name = Actions(COMMANDS, self.context, self, views, keys)
        self.toolbar = Toolbar(self.actions_by_name, self)
        self.guide = TourGuide(
            self.workspace,
            self,
            self.pages,
            lambda: self.area.members[self.area.active],
            self.toolbar,
            panel,
        )
        self.context.add(self.actions_by_name, self.toolbar, self.guide, self.banners)
        menus = fill_menu_bar(self.menuBar(), self.actions_by_name)
        self.recents = Recents(self.workspace, self.opener, self.start_page, menus[RECENT])
        self.addToolBar(self.toolbar)
        self.status = StatusBar(self)
        self.setStatusBar(self.status)
        self._page_control = PageControl(
            self.workspace, self.pages, self.toolbar, self.banners, self.actions_by_name
        )

    # connections

    def _bind_workspace(self) -> None:
        """Connect to the workspace until the window closes or is replaced."""
        workspace, subscribe = self.workspace, self._subscriptions.add
        workspace.read_views = lambda: self.area.state
        subscribe(workspace.changed, self._on_changed)
        subscribe(workspace.scans_changed, self._on_scans_changed)
        subscribe(workspace.scan_leaving, self._end_drags)
        subscribe(workspace.scan_closed, self.other_view.release)
        subscribe(workspace.scan_closed, self.spine_measurer.release)
        subscribe(workspace.notices_changed, self._page_control.show_notices)
        subscribe(workspace.settings.changed, self._on_settings_changed)
        subscribe(workspace.brush.changed, self._show_brush)
        subscribe(workspace.runner.changed, self.actions_by_name.refresh)

    def _bind_views(self) -> None:
        area, other_view = self.area, self.other_view
        self._views = FrontViews(self.workspace, self.front, area, other_view, self.scan_page)
        self._activity = Activity(
            self.workspace, self.opener, area, self.status, self.busy, self._subscriptions
        )
        other_view.legend_changed.connect(self.banners.show_other_legend)
        self._repainter = Repainter(self, area, lambda: self.workspace.runner.is_idle)
        self._captions = Captions(
            self.workspace, self, self.tabs, self.scan_page, other_view.header, self.status
        )
        for view in (*area.cuts, *other_view.views.values()):
            view.hovered.connect(self.status.show_pointer)
        for pointer in area.findChildren(SharedPointer):
            pointer.watch(
                *(self.menuBar(), self.toolbar, self.tabs, self.banners, self.status),
                *(self.panel, self.spine_measurer.sheet, other_view),
            )
        area.active_changed.connect(self._on_active_changed)
        area.layout_changed.connect(self.actions_by_name.refresh)
        area.tool_changed.connect(self.actions_by_name.refresh)
        area.menu_requested.connect(
            partial(open_view_menu, self.context, self.actions_by_name, self)
        )
        self.cine.changed.connect(self.actions_by_name.refresh)

    def _end_drags(self) -> None:
        """End all drags, so that their steps belong to the scan where they began."""
        for view in self.area.cuts:
            QCoreApplication.sendEvent(view, QEvent(QEvent.Type.UngrabMouse))
        for slider in self.panel.findChildren(QAbstractSlider):
            slider.setSliderDown(False)

    def _on_active_changed(self) -> None:
        self.actions_by_name.refresh()
        self._bindings.show(self.workspace.front)  # the grey-scale window of the active view

    def _connect_requests(self) -> None:
        """Connect the requests that the parts of the window emit."""
        actions, front = self.actions_by_name, self.front
        connect_panel(self.panel, front, self.context, actions)
        connect_toolbar(self.toolbar, front, self.area, self.presets, actions)
        connect_start_page(self.start_page, self.guide, actions)
        connect_tabs(self.tabs, self.workspace, self.closer, self._page_control)
        self.scan_page.panel_dragged.connect(
            lambda width: self.workspace.settings.update(panel_width=width)
        )
        self.batch_page.open_requested.connect(self.opener.open_path)
        self.banners.dismissed.connect(self.workspace.end_topic)
        self.banners.news_changed.connect(self.status.show_news)
        self.busy.cancel_requested.connect(actions["cancel"].trigger)
        self.preferences.theme_changed.connect(self._use_theme)
        self.preferences.keys_changed.connect(self._use_own_keys)

    # display

    def _on_changed(self, change: Change) -> None:
        is_other_scan = (
            change.old is None
            or change.new is None
            or change.old.state.scan is not change.new.state.scan
        )
        if is_other_scan:
            self.cine.stop()
            self.area.leave_tool()
        self._views.show()
        if not change.is_move or self._views.is_at_other_level():
            self._bindings.show(self.workspace.front)
            self.actions_by_name.refresh()
        if is_other_scan and change.new is not None:
            self.area.show_state(change.new.views)

    def _on_scans_changed(self) -> None:
        """Update the page and the captions after scans have been opened or closed."""
        self._page_control.show()
        if self.workspace.front is None:
            self.recents.show()
            self.recents.show_unfinished()
        else:
            self.area.set_active(self.area.active)
        self.spine_measurer.show()
        self._captions.show_scans()
        self._views.show_other_scan()

    def _on_settings_changed(self) -> None:
        settings = self.workspace.settings
        self.panel.tuning_box.show_presets(settings.current.tunings)
        self.toolbar.window_control.show_own_presets(settings.own_windows)
        self._bindings.show(self.workspace.front)
        self.recents.show()
        self._captions.show_patients()
        self.actions_by_name.refresh()

    def _show_brush(self) -> None:
        brush = self.workspace.brush
        self.panel.correct_box.show_brush(brush.brush, brush.is_flat)

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
        self.panel.fold_sections(sections_to_fold(settings, available_size(self).height()))
        self.panel.preferred_width = settings.panel_width or PANEL_WIDTH
        self._geometry.restore()

    def prepare(self) -> None:
        """Create and load what is needed after the start page, in several short steps."""
        for step in steps_after_start(
            self.workspace, self.files, self.pages, self.scan_page, self.toolbar
        ):
            QTimer.singleShot(0, self, step)

    # events of the window

    def event(self, event: QEvent) -> bool:
        """Limit repainting, keep the window on a screen, and handle keys by their position.

        Also move the keyboard focus to a dialog and back, which Qt does not do without a window
        manager.
        """
        if event.type() is QEvent.Type.UpdateRequest:
            return self._repainter.run(partial(super().event, event))
        if event.type() is QEvent.Type.ScreenChangeInternal:
            self._geometry.keep_on_screen()
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            return self.actions_by_name.run_at_position(event) or super().event(event)
        if event.type() in (QEvent.Type.WindowBlocked, QEvent.Type.WindowUnblocked):
            QTimer.singleShot(0, self, self._activate_foremost)
        return super().event(event)

    def _activate_foremost(self) -> None:
        foremost = QApplication.activeModalWidget() or self
        if foremost.isVisible() and QApplication.activeWindow() is None:
            foremost.activateWindow()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Move the focus for Tab, and scroll to it; Qt does so only if it was in the panel."""
        has_moved = super().focusNextPrevChild(is_next)
        self.panel.show_focused()
        return has_moved

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._hide_overlays_while_held(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._hide_overlays_while_held(event):
            super().keyReleaseEvent(event)

    def _hide_overlays_while_held(self, event: QKeyEvent) -> bool:
        """Hide all overlays for as long as B is held down; return whether the event was used."""
        if event.key() != Qt.Key.Key_B or event.isAutoRepeat():
            return False
        front, is_held = self.workspace.front, event.type() is QEvent.Type.KeyPress
        if front is not None:
            front.display.set_overlays(replace(front.state.overlays, is_all_hidden=is_held))
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.drop_frame.enter(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop_frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_frame.drop(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide the window and end running work; if the user closes it, ask first if necessary."""
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
            self._repainter.end_threads()
            self.finished.emit()
