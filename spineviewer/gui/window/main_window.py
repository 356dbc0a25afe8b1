"""The window: start page, views, panel and commands, connected to the workspace."""

from __future__ import annotations

import base64
import importlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.mask_shapes import SpineSurface
from spineviewer.app.notices import Level, Notice
from spineviewer.app.open_scan import Change, OpenScan
from spineviewer.app.state import Overlays, SegmentationStage
from spineviewer.app.whose import patient_words, tab_titles
from spineviewer.app.workspace import Workspace
from spineviewer.editing.brush import Brush
from spineviewer.gui.archive.door import ArchiveDoor
from spineviewer.gui.batch.batch_page import BatchPage
from spineviewer.gui.correcting.correcting_tools import correcting_tools
from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.deleted_notice import offer_to_restore
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.file_dialogs import FileAsker
from spineviewer.gui.kit.focus import keep_fields_from_wheel
from spineviewer.gui.kit.front_scan import FrontScan
from spineviewer.gui.kit.icons import redraw_icons
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import distinct_names, placed_name, shortened
from spineviewer.gui.kit.pages import BackButton, Pages
from spineviewer.gui.kit.screen_room import room_for
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.gui.kit.theme import use_theme
from spineviewer.gui.measuring.drawing_tool import measuring_tools
from spineviewer.gui.measuring.marks import MeasurementMarks
from spineviewer.gui.measuring.measurer import Measurer
from spineviewer.gui.opening.busy_card import BusyCard
from spineviewer.gui.opening.closer import Closer
from spineviewer.gui.opening.drop_frame import DropFrame
from spineviewer.gui.opening.opener import SEVERAL_TOPIC, Opener
from spineviewer.gui.opening.start_page import StartPage
from spineviewer.gui.vertebrae.commands import actions_for, name_vertebra
from spineviewer.gui.vertebrae.landmark_marks import LandmarkMarks
from spineviewer.gui.vertebrae.measurement_sheet import MeasurementSheet
from spineviewer.gui.vertebrae.spine_measurer import SpineMeasurer
from spineviewer.gui.vertebrae.vertebra_tools import vertebra_tools
from spineviewer.gui.viewing.beside import Beside
from spineviewer.gui.viewing.cine import Cine
from spineviewer.gui.viewing.legend import Entry, legend_of
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.view_area import Layout, ViewArea
from spineviewer.gui.viewing.viewing_tools import viewing_tools
from spineviewer.gui.window.all_commands import COMMANDS
from spineviewer.gui.window.banners import BannerStack
from spineviewer.gui.window.bars import ScanTabs, StatusBar
from spineviewer.gui.window.binding import Bindings, Scan
from spineviewer.gui.window.interface_size import unscaled_lines
from spineviewer.gui.window.menus import RECENT, fill_context_menu, fill_menu_bar
from spineviewer.gui.window.preferences import Preferences
from spineviewer.gui.window.spine_panel import PANEL_WIDTH, SpinePanel
from spineviewer.gui.window.tool_bar import ToolBar
from spineviewer.gui.window.tour import TourGuide
from spineviewer.labelling.vertebrae import Vertebra
from spineviewer.tuning import Tuning
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.volume import CtVolume

if TYPE_CHECKING:
    from spineviewer.gui.archive.archive_page import ArchivePage

#: Minimum size of the window, unless the screen is smaller.
_SMALLEST = QSize(960, 600)
#: Maximum time for closing the window, even if work is still running.
LONGEST_END_MS = 1800
#: Modules that are imported after the start page is shown, so that the first dialog opens at once.
_DIALOGS = (
    "spineviewer.io.formats",
    "spineviewer.gui.reporting.export_dialog",
    "spineviewer.gui.reporting.report_dialog",
)
#: The width of the panel is stored once it has not changed for this time.
_DRAGGED_MS = 400


class MainWindow(QMainWindow):
    """The only window.

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
        self._is_repaint_owed = False
        self._level: Vertebra | None = None
        self._panel_dragged = QTimer(self)
        self._panel_dragged.setSingleShot(True)
        self._panel_dragged.setInterval(_DRAGGED_MS)
        self._panel_dragged.timeout.connect(
            lambda: self.workspace.settings.update(panel_width=self.panel.width())
        )
        self.setWindowTitle("Spineviewer")
        self.setAcceptDrops(True)
        self.setMinimumSize(_SMALLEST.boundedTo(room_for(self)))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._make_parts(sample)
        self._build_centre()
        self._make_bars()
        keep_fields_from_wheel(self)
        self._bindings = self._bound()
        self._bind_workspace()
        self._bind_views()
        self._bind_panel()
        self._bind_pages()
        self._use_own_keys()
        self._use_theme()
        self._restore_place()
        self._on_settings_changed()
        self._on_scans_changed()
        self._show_brush()
        self._show_pictures()
        self._bindings.show(workspace.front)
        self._show_notices()

    def _make_parts(self, sample: Callable[[], Path | None]) -> None:
        self.dialogs, self.files = Dialogs(self), FileAsker(self)
        self.preferences = Preferences(self.workspace, self)
        self.opener = Opener(self.workspace, self.dialogs, self.files, sample, self._subscriptions)
        self.closer = Closer(self.workspace, self.dialogs, self.files)
        self.start_page = StartPage()
        self.area = ViewArea()
        self.patient_line = ElidedLabel()
        self.patient_line.setProperty("role", "patient")
        self.front_name = ElidedLabel()
        self.front_name.setProperty("role", "side")
        self.front_name.hide()
        self.beside = Beside(self.area.budget)
        self.cine = Cine(self.area, self)
        self.banners = BannerStack()
        self.panel = SpinePanel()
        self.batch_page = BatchPage(
            self.workspace.batch, self.workspace.settings, self._subscriptions
        )
        self.pages = Pages()
        self.archive = ArchiveDoor(
            self.workspace, self.pages, self._subscriptions, self._bind_archive
        )
        self.measurer = Measurer(self.workspace, self.area, self.panel.measurements, self.files)
        tools = (
            *viewing_tools(self.front),
            *correcting_tools(self.front),
            *vertebra_tools(self.front),
            *measuring_tools(self.measurer),
        )
        self.spine_measurer = SpineMeasurer(self.workspace, self.area, MeasurementSheet())
        marks = (LandmarkMarks(self.workspace), MeasurementMarks(self.measurer))
        self.area.offer_tools(tools, marks=marks)
        self.beside.show_marks((MeasurementMarks(),))
        self.beside.use_tool(self.area.tool)
        self.beside.follow_views(self.area.views)

    def _build_centre(self) -> None:
        self._scan_page = QWidget()
        row = QHBoxLayout(self._scan_page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        self.front_header = QWidget()
        header = QVBoxLayout(self.front_header)
        header.setContentsMargins(0, 0, 0, 0)
        header.setSpacing(0)
        header.addWidget(self.front_name)
        header.addWidget(self.patient_line)
        left.addWidget(self.front_header)
        left.addWidget(self.area, 1)
        views = QWidget()
        side_by_side = QHBoxLayout(views)
        side_by_side.setContentsMargins(0, 0, 0, 0)
        side_by_side.setSpacing(0)
        side_by_side.addLayout(left, 1)
        side_by_side.addWidget(self.beside, 1)
        above = QSplitter(Qt.Orientation.Vertical)
        above.addWidget(views)
        above.addWidget(self.spine_measurer.sheet)
        above.setStretchFactor(0, 1)
        above.setChildrenCollapsible(False)
        self.splitter = QSplitter()
        self.splitter.setHandleWidth(4)
        self.splitter.addWidget(above)
        self.splitter.addWidget(self.panel)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 1)
        row.addWidget(self.splitter)
        for page in (self.start_page, self._scan_page, self.batch_page):
            self.pages.addWidget(page)
        self.pages.scan_page = self._scan_page
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
        self.drop_frame = DropFrame(centre)

    def _bind_archive(self, page: ArchivePage) -> None:
        keep_fields_from_wheel(page)
        page.back_requested.connect(self._show_page)
        page.back_button.show_way(is_scan_open=self.workspace.front is not None)
        page.settings_requested.connect(self.actions_by_name["archive_settings"].trigger)

    def _make_bars(self) -> None:
        panel = self.panel
        context = Context(
            self.workspace,
            self.dialogs,
            self.files,
            self.preferences,
            self.opener,
            self.measurer,
            self.pages,
            self.archive,
        )
        context.add(self.area, self.beside, self.cine, self.closer)
        context.add(self.spine_measurer)
        context.add(panel, panel.run_box, panel.tuning_box, panel.correct_box, panel.vertebra_box)
        self.context = context
        self.actions_by_name = Actions(COMMANDS, context, self, (self.area, self.beside))
        self.tool_bar = ToolBar(self.actions_by_name, self)
        self.guide = TourGuide(
            self.workspace,
            self,
            self.pages,
            lambda: self.area.members[self.area.active],
            self.tool_bar,
            panel,
        )
        context.add(self.actions_by_name, self.tool_bar, self.guide)
        self.recent_menu = fill_menu_bar(self.menuBar(), self.actions_by_name)[RECENT]
        self.recent_menu.aboutToShow.connect(self._fill_recent_menu)
        self.addToolBar(self.tool_bar)
        self.status = StatusBar(self)
        self.setStatusBar(self.status)

    def _bind_workspace(self) -> None:
        """Connect to the workspace until the window is retired."""
        workspace, hear = self.workspace, self._subscriptions.add
        workspace.read_views = lambda: self.area.state
        hear(workspace.changed, self._on_changed)
        hear(workspace.scans_changed, self._on_scans_changed)
        hear(workspace.notices_changed, self._show_notices)
        hear(workspace.settings.changed, self._on_settings_changed)
        hear(workspace.brush.changed, self._show_brush)
        hear(workspace.opening.changed, self._show_opening)
        hear(workspace.opening.progressed, self.busy.report)
        hear(workspace.batch.row_changed, self._show_batch)
        hear(workspace.batch.changed, self._show_batch)
        hear(workspace.runner.changed, self.actions_by_name.refresh)

    def _bind_views(self) -> None:
        area, doing = self.area, self.front.doing
        area.shapes_wanted.connect(
            lambda line, surface: self.workspace.want_shapes(line=line, surface=surface)
        )
        area.surface.picked.connect(doing(lambda scan: scan.display.move_to))
        area.budget.begun.connect(self._repaint_if_owed)
        area.active_changed.connect(self._show_beside)
        area.active_changed.connect(lambda _: self.actions_by_name.refresh())
        area.layout_changed.connect(self.actions_by_name.refresh)
        area.tool_changed.connect(self._tool_changed)
        area.menu_requested.connect(self._show_context_menu)
        for cut in area.cuts:
            cut.picked.connect(doing(lambda scan: scan.display.move_to))
            cut.hovered.connect(self.status.show_pointer)
        for plane, view in area.views.items():
            view.scrolled.connect(partial(doing(lambda scan: scan.display.scroll), plane))
        for twin, second in area.twins.items():
            second.scrolled.connect(partial(doing(lambda scan: scan.display.scroll), twin.plane))
        self.beside.wanted_changed.connect(self._show_beside)
        self.beside.header.chosen.connect(self._choose_beside)
        for other in self.beside.views.values():
            other.activated.connect(self._explain_beside)
            other.hovered.connect(self.status.show_pointer)
        self.beside.focus_changed.connect(self._show_where_keys_go)
        self.beside.moved.connect(doing(lambda scan: scan.display.move_to))
        self.cine.changed.connect(self.actions_by_name.refresh)

    def _bind_panel(self) -> None:
        panel, doing = self.panel, self.front.doing
        panel.run_box.segment_requested.connect(doing(lambda scan: scan.segmentation.segment))
        panel.run_box.cancel_requested.connect(self.actions_by_name["cancel"].trigger)
        panel.export_requested.connect(self.actions_by_name["export"].trigger)
        panel.table_requested.connect(self.measurer.ask_for_table)
        panel.sr_requested.connect(self.measurer.ask_for_sr)
        panel.section_folded.connect(
            lambda: self.workspace.settings.update(folded=panel.folded_sections)
        )
        self.splitter.splitterMoved.connect(lambda: self._panel_dragged.start())
        panel.tuning_box.defaults_requested.connect(
            doing(lambda scan: scan.segmentation.restore_defaults)
        )
        panel.tuning_box.changed.connect(doing(lambda scan: scan.segmentation.set_tuning))
        panel.tuning_box.kept.connect(self._keep_tuning)
        panel.tuning_box.named.connect(self._use_tuning)
        panel.tuning_box.dropped.connect(self._drop_tuning)
        panel.overlay_box.changed.connect(doing(lambda scan: scan.display.set_overlays))
        self._bind_findings()
        self._bind_vertebrae()

    def _bind_findings(self) -> None:
        panel, doing = self.panel, self.front.doing
        panel.correct_box.brush_changed.connect(self._set_brush)
        panel.correct_box.edit_requested.connect(doing(lambda scan: scan.edits.edit_region))
        panel.measurements.choice_changed.connect(doing(lambda scan: scan.measurements.choose))
        panel.uncertain_region_box.chosen.connect(doing(lambda scan: scan.uncertain_regions.go_to))
        panel.uncertain_region_box.ticked.connect(doing(lambda scan: scan.uncertain_regions.tick))
        panel.uncertain_region_box.end_requested.connect(
            doing(lambda scan: scan.uncertain_regions.end)
        )
        panel.comparison_box.worst_requested.connect(
            doing(lambda scan: scan.comparison.go_to_worst)
        )
        panel.comparison_box.end_requested.connect(doing(lambda scan: scan.comparison.end))

    def _bind_vertebrae(self) -> None:
        box, doing = self.panel.vertebra_box, self.front.doing
        box.go_requested.connect(doing(lambda scan: scan.navigation.go_to))
        box.level_requested.connect(doing(lambda scan: scan.navigation.go_to_level))
        box.name_requested.connect(lambda vertebra: name_vertebra(self.context, vertebra))
        box.finished.connect(lambda: self.area.set_active(self.area.active))

    def _bind_pages(self) -> None:
        self.pages.currentChanged.connect(self._page_changed)
        self.batch_page.back_requested.connect(self._show_page)
        self.batch_page.open_requested.connect(self.opener.open_path)
        self.tabs.currentChanged.connect(self._switch_to)
        self.tabs.tabBarClicked.connect(self._show_page)  # also the tab of the scan in front
        self.tabs.close_requested.connect(self._ask_to_close)
        self.banners.dismissed.connect(self.workspace.end_topic)
        self.busy.cancel_requested.connect(self.actions_by_name["cancel"].trigger)
        self.preferences.theme_changed.connect(self._use_theme)
        self.preferences.keys_changed.connect(self._use_own_keys)
        cast(QGuiApplication, QGuiApplication.instance()).screenRemoved.connect(
            self._screen_removed
        )
        self._bind_window_control()
        self._bind_start_page()

    def _bind_window_control(self) -> None:
        control, doing = self.tool_bar.window_control, self.front.doing
        control.window_changed.connect(doing(lambda scan: scan.display.set_window))
        control.preset_requested.connect(doing(lambda scan: scan.display.use_preset))
        control.keep_requested.connect(self.actions_by_name["keep_window"].trigger)
        control.dropped.connect(self._drop_window)

    def _bind_start_page(self) -> None:
        page, opener, guide = self.start_page, self.opener, self.guide
        for signal, name in (
            (page.open_requested, "open"),
            (page.folder_requested, "open_folder"),
            (page.sample_requested, "open_sample"),
            (page.batch_requested, "batch"),
        ):
            signal.connect(self.actions_by_name[name].trigger)
        page.tour_requested.connect(self.actions_by_name["tour"].trigger)
        page.tour_skipped.connect(guide.skip)
        guide.known.connect(lambda: page.offer_tour(False))
        page.offer_tour(guide.is_new)
        page.recent_requested.connect(opener.open_recent)
        page.recents_cleared.connect(opener.clear_recents)
        page.unfinished.restore_requested.connect(opener.restore_work)
        page.unfinished.dismissed.connect(opener.dismiss_work)

    # showing

    def _bound(self) -> Bindings:
        """Return the bindings of each part of the window to the scan in front."""
        panel, bound = self.panel, Bindings()
        bound.add(
            self.area.show_slices_of, lambda scan: (scan.parts.sagittal_hu if scan else None,)
        )
        bound.add(
            self._show_line,
            lambda scan: (scan.parts.line, scan.parts.line_note) if scan else (None, ""),
        )
        bound.add(self.area.surface.show_vertebrae, lambda scan: (scan and scan.parts.vertebrae,))
        bound.add(
            self._show_surface,
            lambda scan: (scan.parts.surface, scan.parts.surface_note) if scan else (None, ""),
        )
        bound.add(
            panel.run_box.show_stage,
            lambda scan: (
                (scan.state.stage, scan.state.computed_share, scan.state.report)
                if scan
                else (None, 0.0, {})
            ),
        )
        bound.add(
            panel.tuning_box.show_tuning,
            lambda scan: (scan.state.tuning, scan.parts.defaults) if scan else (Tuning(), Tuning()),
        )
        bound.add(
            panel.overlay_box.show_overlays,
            lambda scan: (scan.state.overlays if scan else Overlays(),),
        )
        bound.add(panel.show_usable, _usable)
        bound.add(
            panel.show_volume,
            lambda scan: (scan.parts.facts, scan.state.is_mask_current) if scan else (None, False),
        )
        bound.add(
            panel.run_box.show_progress,
            lambda scan: (scan.parts.progress, scan.parts.is_stopping) if scan else (None, False),
        )
        bound.add(
            panel.show_measurements,
            lambda scan: (
                (scan.state.measurements, scan.volume, scan.parts.chosen_measurement)
                if scan
                else ((), None, -1)
            ),
        )
        bound.add(
            panel.comparison_box.show_comparison, lambda scan: (scan and scan.parts.comparison,)
        )
        bound.add(panel.show_checklist, lambda scan: (scan and scan.parts.checklist,))
        bound.add(panel.vertebra_box.show_vertebrae, _vertebra_values)
        bound.add(lambda *_: self.spine_measurer.show(), _spine_values)
        bound.add(
            panel.correct_box.show_possible,
            lambda scan: (scan is not None and scan.edits.is_between_possible,),
        )
        bound.add(
            self._check_tool,
            lambda scan: (
                scan is not None and scan.parts.is_correctable,
                scan.volume if scan else None,
            ),
        )
        bound.add(
            self.tool_bar.show_window_of,
            lambda scan: (
                (scan.state.window, scan.volume, self.workspace.settings.own_windows)
                if scan
                else (None, None, ())
            ),
        )
        bound.add(
            self.tool_bar.window_control.show_state, lambda scan: (scan.state if scan else None,)
        )
        bound.add(self.banners.legend.show_entries, _legend_values)
        return bound

    def _on_changed(self, change: Change) -> None:
        is_other = (
            change.old is None
            or change.new is None
            or change.old.state.scan is not change.new.state.scan
        )
        if is_other:
            self.cine.stop()
        self._show_pictures()
        if not change.is_move or self._is_at_other_level():
            self._bindings.show(self.workspace.front)
            self.actions_by_name.refresh()
        if is_other and change.new is not None and change.new.views.layout:
            self.area.show_state(change.new.views)

    def _show_pictures(self) -> None:
        """Update everything that depends on the crosshair.

        This is separate because the crosshair moves most often.
        """
        front = self.workspace.front
        self.area.show_scene(
            None
            if front is None
            else Scene(
                front.state,
                front.fusion,
                front.correction,
                front.parts.comparison,
                front.parts.vertebrae,
            )
        )
        self._show_beside()

    def _is_at_other_level(self) -> bool:
        """Return whether the crosshair has moved to another vertebra since the last call."""
        front = self.workspace.front
        level = None if front is None else front.names.at_crosshair
        is_other, self._level = level is not self._level, level
        return is_other

    def _show_line(self, line: CentreLine | None, note: str) -> None:
        self.area.show_line(line, tr(note))

    def _show_surface(self, surface: SpineSurface | None, note: str) -> None:
        self.area.show_surface(surface, tr(note))

    def _show_brush(self) -> None:
        brush = self.workspace.brush
        self.panel.correct_box.show_brush(brush.brush, brush.is_flat)

    def _show_notices(self) -> None:
        workspace, is_hidden = self.workspace, self.pages.is_scan_hidden
        self.banners.show_notices(workspace.program_notices if is_hidden else workspace.notices)

    def _explain_beside(self) -> None:
        """Explain why a tool does nothing in the view of the other scan."""
        if self.area.tool.name not in Beside.TOOLS:
            text = tr(
                "Tools work in the scan on the left. To use them here, click this scan's tab."
            )
            self.workspace.tell(Notice(Level.INFO, text, "beside"))

    def _show_where_keys_go(self, is_beside: bool) -> None:
        self.area.members[self.area.active].set_active(not is_beside)

    def _check_tool(self, is_correctable: bool, _: CtVolume | None) -> None:
        if not is_correctable and self.area.tool.is_correcting:
            self.area.use_tool(self.area.default_tool)

    def _on_settings_changed(self) -> None:
        settings = self.workspace.settings.current
        self.panel.tuning_box.show_tunings(settings.tunings)
        self.tool_bar.window_control.show_own(self.workspace.settings.own_windows)
        if (front := self.workspace.front) is not None:
            own = self.workspace.settings.own_windows
            self.tool_bar.show_window_of(front.state.window, front.volume, own)
        self._show_recent()
        self._show_whose()
        self.actions_by_name.refresh()

    def _show_whose(self) -> None:
        """Show patient and study of the scan in front, and tab titles that distinguish scans."""
        is_shown, front = self.workspace.settings.current.is_patient_shown, self.workspace.front
        words = patient_words(front.volume.source) if is_shown and front is not None else ""
        self.patient_line.show_text(tr(words))
        self.patient_line.setVisible(bool(words))
        self.beside.header.show_patient(is_shown)
        self.tabs.show_scans(
            [scan.volume.source for scan in self.workspace.scans],
            self.workspace.front_number,
            is_patient_shown=is_shown,
        )

    def _show_recent(self) -> None:
        recent = self.workspace.settings.current.recent
        kept = self.workspace.journalling.has_work
        with_work = {scan.fingerprint for scan in recent if kept(scan.fingerprint)}
        self.start_page.show_recent(recent, with_work)

    def _on_scans_changed(self) -> None:
        """Update tabs and page after scans have been opened or closed."""
        front = self.workspace.front
        scan = front.volume if front is not None else None
        self._show_page()
        if scan is None:
            self._show_recent()
            self.start_page.unfinished.show_work(self.workspace.journalling.unfinished())
        self.panel.show_sr_obstacle(_sr_obstacle(scan))
        self._show_whose()
        self.spine_measurer.show()
        sources = [one.volume.source for one in self.workspace.scans]
        titles = tab_titles(sources, is_patient_shown=False)
        name = "" if scan is None else tr(titles[self.workspace.front_number])
        self.status.show_scan(scan, name)
        self.front_name.show_text(tr("Left: {name}", name=name))
        others, scans = self.workspace.others, self.workspace.scans
        their_titles = [tr(titles[scans.index(other)]) for other in others]
        self.beside.header.offer(others, their_titles, self.workspace.beside)
        self.setWindowTitle("Spineviewer" if scan is None else f"{name} – Spineviewer")
        if scan is not None:
            self.area.set_active(self.area.active)
        self._show_beside()

    def _show_opening(self) -> None:
        path = self.workspace.opening.path
        if path is None:
            self.busy.end()
        else:
            self.workspace.end_topic("open")
            self.workspace.end_topic(SEVERAL_TOPIC)
            file, number, count = (
                shortened(placed_name(path), 44),
                self.opener.number,
                self.opener.count,
            )
            several = tr(
                "Opening {file} ({number} of {count})", file=file, number=number, count=count
            )
            self.busy.begin(several if count > 1 else tr("Opening {file}", file=file))

    def _switch_to(self, number: int) -> None:
        if self.workspace.opening.path is None:
            self.workspace.switch_to(number)
        else:
            self.tabs.setCurrentIndex(self.workspace.front_number)

    def _show_context_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(tr("Commands for this picture"))
        vertebra = self._vertebra_at(at)
        if vertebra is not None:
            menu.addActions(actions_for(self.context, vertebra, menu))
            menu.addSeparator()
        fill_context_menu(menu, self.actions_by_name)
        menu.popup(at)

    def _vertebra_at(self, at: QPoint) -> Vertebra | None:
        """Return the vertebra at a point of the screen."""
        front, index = self.workspace.front, self.area.index_at(at)
        if front is None or index is None or front.parts.vertebrae is None:
            return None
        x, y, z = front.volume.geometry.point_lps_mm(index).tolist()
        return front.parts.vertebrae.level_at((x, y, z))

    def _ask_to_close(self, number: int) -> None:
        if self.workspace.opening.path is None:
            self.closer.close(self.workspace.scans[number])

    def _use_tuning(self, name: str) -> None:
        front = self.workspace.front
        tuning = None if front is None else self.workspace.settings.tuning(name, front.state.tuning)
        if tuning is not None and front is not None:
            front.segmentation.set_tuning(tuning)

    def _choose_beside(self, scan: OpenScan) -> None:
        self.workspace.choose_beside(scan)
        self._show_beside()

    def _show_beside(self) -> None:
        front, other = self.workspace.front, self.workspace.beside
        plane = self.area.plane
        is_wanted = self.beside.is_wanted and front is not None
        self.beside.show_beside(
            other if is_wanted else None,
            front.state if front is not None else None,
            plane,
            front.parts.vertebrae if front is not None else None,
        )
        is_beside = is_wanted and other is not None
        self.front_name.setVisible(is_beside)
        # Both pictures begin at the same height.
        height = self.beside.header.sizeHint().height() if is_beside else 0
        self.front_header.setMinimumHeight(height)

    def _tool_changed(self) -> None:
        self.panel.correct_box.setVisible(self.area.tool.is_correcting)
        self.beside.use_tool(self.area.tool)
        self.status.show_instruction(tr(self.area.tool.instruction))
        self.actions_by_name.refresh()

    def _set_brush(self, brush: Brush, is_flat: bool) -> None:
        self.workspace.brush.choose(brush, is_flat=is_flat)
        self.area.repaint_tool()

    def _keep_tuning(self) -> None:
        name = self.dialogs.ask_for_text(tr("Save preset"), tr("Name"))
        front = self.workspace.front
        if name is not None and front is not None:
            self.workspace.settings.keep_tuning(name, front.state.tuning)

    def _drop_tuning(self, name: str) -> None:
        """Delete a preset of thresholds; a notice offers to restore it."""
        settings = self.workspace.settings
        tuning = settings.current.tunings.get(name)
        settings.drop_tuning(name)
        if tuning is not None:
            self._offer_preset(name, partial(settings.keep_tuning, name, tuning))

    def _drop_window(self, name: str) -> None:
        """Delete a grey-scale preset; a notice offers to restore it."""
        settings = self.workspace.settings
        preset = next((own for own in settings.own_windows if own.name == name), None)
        settings.drop_window(name)
        if preset is not None:
            self._offer_preset(name, partial(settings.keep_window, name, preset.window))

    def _offer_preset(self, name: str, restore: Callable[[], None]) -> None:
        text = tr("The preset {name} was deleted.", name=name)
        offer_to_restore(self.workspace, text, restore)

    def _use_theme(self) -> None:
        use_theme(self.workspace.settings.current.theme)
        self.actions_by_name.draw_icons()
        redraw_icons(self)
        self._show_recent()

    def _use_own_keys(self) -> None:
        self.actions_by_name.use_keys(self.workspace.settings.current.keys)

    def _show_batch(self) -> None:
        batch, is_running = self.workspace.batch.batch, self.workspace.batch.is_running
        self.status.show_batch(
            tr("Batch {done_count} of {count}", done_count=batch.done_count, count=len(batch.rows))
            if batch is not None and is_running
            else ""
        )

    def _show_page(self) -> None:
        """Show the open scan, or the start page if there is none."""
        page = self.start_page if self.workspace.front is None else self._scan_page
        for button in self.pages.findChildren(BackButton):
            button.show_way(is_scan_open=self.workspace.front is not None)
        if page is self.pages.currentWidget():
            self._page_changed()
        else:
            self.pages.setCurrentWidget(page)

    def _page_changed(self) -> None:
        is_scan_shown = not self.pages.is_scan_hidden
        self.tool_bar.setVisible(is_scan_shown)
        self.banners.keep_room(is_scan_shown)
        self._show_notices()
        self.actions_by_name.refresh()

    def _fill_recent_menu(self) -> None:
        self.recent_menu.clear()
        recent = self.workspace.settings.current.recent
        names = distinct_names(
            [Path(scan.path) for scan in recent], [scan.summary for scan in recent]
        )
        for scan, name in zip(recent, names, strict=True):
            action = QAction(name.replace("&", "&&"), self.recent_menu)
            action.setToolTip(scan.path)
            action.triggered.connect(partial(self.opener.open_recent, scan))
            self.recent_menu.addAction(action)
        if not self.workspace.settings.current.recent:
            self.recent_menu.addAction(tr("No recent scans")).setEnabled(False)

    def make_ready(self) -> None:
        """Create and load what is needed after the start page, over several iterations."""
        steps: list[Callable[[], object]] = [
            partial(self.files.make_ready, self.workspace.settings.current.last_folder)
        ]
        if self.workspace.front is None and self.workspace.opening.path is None:
            steps += [self.workspace.opening.make_ready, self._lay_out_scan_page]
            steps += [partial(importlib.import_module, name) for name in _DIALOGS]
        settings = self.workspace.settings.current
        if settings.archives or settings.receiver:
            steps.append(lambda: self.workspace.archives.kept.tidy())
        for step in steps:
            QTimer.singleShot(0, self, step)

    def _lay_out_scan_page(self) -> None:
        """Lay out and style the scan page and its tool bar, without showing them."""
        if self.workspace.front is None:
            self._scan_page.resize(self.pages.size())
            for part in (self._scan_page, self.tool_bar):
                part.grab()

    def open_path(self, path: Path) -> None:
        """Open a file, a folder or a session."""
        self.opener.open_path(path)

    # events of the window

    def event(self, event: QEvent) -> bool:
        """Repaint in steps.

        Also pass the keyboard focus to a dialog and back, because it does not move by itself
        without a window manager.
        """
        if event.type() is QEvent.Type.UpdateRequest:
            turns = self.area.budget
            if turns.is_closed:
                self._is_repaint_owed = True
                return True
            with (
                turns.repainting(),
                self.area.composing(is_computer_free=self.workspace.runner.is_idle),
            ):
                return super().event(event)
        if event.type() is QEvent.Type.ScreenChangeInternal:
            self._keep_on_screen()
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            return self._use_place_of(event) or super().event(event)
        if event.type() in (QEvent.Type.WindowBlocked, QEvent.Type.WindowUnblocked):
            QTimer.singleShot(0, self, self._activate_foremost)
        return super().event(event)

    def _use_place_of(self, event: QKeyEvent) -> bool:
        """Run the command for a key's position on the keyboard, unless a field uses the key."""
        action = self.actions_by_name.by_place(event)
        if action is None:
            return False
        is_for_views = action.shortcutContext() is Qt.ShortcutContext.WidgetWithChildrenShortcut
        focus = self.focusWidget()
        is_view = self.area.isAncestorOf(focus) or self.beside.isAncestorOf(focus)
        if not is_for_views or is_view:
            action.trigger()
        event.accept()  # so that the shortcut of the printed character is not triggered too
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
        """Hide all overlays while a key is held down."""
        front = self.workspace.front
        if front is not None:
            front.display.set_overlays(replace(front.state.overlays, is_all_hidden=is_hidden))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self.drop_frame.show_over()

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
            self.busy.place()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide the window at once, end background work, and never wait in the event loop."""
        event.ignore()
        if self._is_ending:
            return
        if event.spontaneous():  # closed by the user; the program itself has already asked
            self.closer.quit(self.close)
            return
        self._is_ending = True
        if self.isVisible():
            geometry = base64.b64encode(self.saveGeometry().data()).decode()
            lines = unscaled_lines(self.screen())
            self.workspace.settings.update(window_geometry=geometry, unscaled_lines=lines)
        self.hide()
        self._subscriptions.add(self.workspace.runner.idle, self._end)
        QTimer.singleShot(LONGEST_END_MS, self, self._end)
        self.workspace.shut_down()

    def continue_from(self, old: MainWindow) -> None:
        """Show what an older window on the same workspace shows, down to its tool and page."""
        self.panel.setVisible(not old.panel.isHidden())
        self.area.show_state(old.area.state)
        self.area.use_tool(old.area.tool.name)
        if not old.spine_measurer.sheet.isHidden():
            self.spine_measurer.toggle_sheet()
        self.beside.continue_from(old.beside)
        if old.pages.currentWidget() is old.batch_page:
            self.pages.bring(BatchPage)
        elif old.archive.is_in_front:
            self.archive.bring()
        for name in old.dialogs.open_beside:
            self.actions_by_name[name].trigger()

    def retire(self) -> None:
        """Prepare for another window on the same workspace.

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
            self.finished.emit()

    def _restore_place(self) -> None:
        settings = self.workspace.settings.current
        kinds = {kind.value: kind for kind in Layout}
        kind = kinds.get(settings.layout, Layout.SAGITTAL)
        self.area.set_layout_kind(kind)
        is_offscreen = (
            QGuiApplication.platformName() == "offscreen"
        )  # its screen is simulated: 800 x 800
        self.resize(QSize(1600, 900) if is_offscreen else room_for(self))
        self.panel.fold_sections(settings.folded)
        self.panel.preferred_width = settings.panel_width or PANEL_WIDTH
        if settings.window_geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(settings.window_geometry)))
            self._keep_on_screen()
        elif not is_offscreen:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def _keep_on_screen(self) -> None:
        """Move the window to an existing screen, because its screen may have been removed.

        It can become as small as its screen.
        """
        self.setMinimumSize(_SMALLEST.boundedTo(room_for(self)))
        if not any(
            screen.availableGeometry().intersects(self.frameGeometry())
            for screen in QGuiApplication.screens()
        ):
            room = QGuiApplication.primaryScreen().availableGeometry()
            self.resize(self.size().boundedTo(room.size()))
            self.move(room.topLeft())

    def _screen_removed(self) -> None:
        QTimer.singleShot(0, self, self._keep_on_screen)  # the system may move the window itself


def _legend_values(scan: Scan) -> tuple[tuple[Entry, ...]]:
    if scan is None:
        return ((),)
    parts = scan.parts
    entries = legend_of(
        parts.state,
        is_computed=parts.fusion is not None,
        is_compared=parts.comparison is not None,
        are_named=parts.vertebrae is not None,
    )
    return (entries,)


def _usable(scan: Scan) -> tuple[bool, bool, bool]:
    """Return whether the scan exists, whether it is segmented, and whether it has a mask."""
    if scan is None:
        return False, False, False
    return True, scan.state.stage is not SegmentationStage.NONE, scan.parts.is_mask_possible


def _vertebra_values(scan: Scan) -> tuple[object, ...]:
    if scan is None:
        return None, False, None
    parts = scan.parts
    return parts.vertebrae, parts.is_naming, scan.names.at_crosshair


def _spine_values(scan: Scan) -> tuple[object, ...]:
    if scan is None:
        return None, False, None, None
    parts = scan.parts
    return parts.spine_measurements, parts.is_measuring, parts.chosen_source, parts.earlier


def _sr_obstacle(scan: CtVolume | None) -> str:
    """Return why a scan cannot have a DICOM report of measurements; empty if it can."""
    if scan is None or scan.source.slices is None:
        return tr(
            "A DICOM report can only be written for DICOM slices. This scan came from another "
            "format or a zip file, or was resampled. Save a table instead."
        )
    return ""
