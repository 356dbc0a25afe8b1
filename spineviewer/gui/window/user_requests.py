"""Connections that carry out the user's requests in the active scan or in the window."""

from __future__ import annotations

from functools import partial

from spineviewer.app.workspace import Workspace
from spineviewer.editing.brush import Brush
from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.front_scan import FrontScan
from spineviewer.gui.kit.presets import Presets
from spineviewer.gui.measuring.measurer import Measurer
from spineviewer.gui.opening.closer import Closer
from spineviewer.gui.opening.start_page import StartPage
from spineviewer.gui.vertebrae.commands import name_vertebra
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.gui.window.bars import ScanTabs
from spineviewer.gui.window.page_control import PageControl
from spineviewer.gui.window.spine_panel import SpinePanel
from spineviewer.gui.window.toolbar import Toolbar
from spineviewer.gui.window.tour import TourGuide


def connect_panel(panel: SpinePanel, front: FrontScan, context: Context, actions: Actions) -> None:
    """Connect the panel to the active scan, and to the parts and commands of the window."""
    _connect_segmentation(panel, front, context[Presets])
    _connect_results(panel, front)
    _connect_correcting(panel, front, context)
    _connect_vertebrae(panel, front, context)
    measurer, settings = context[Measurer], context.workspace.settings
    panel.run_box.cancel_requested.connect(actions["cancel"].trigger)
    panel.export_requested.connect(actions["export"].trigger)
    panel.table_requested.connect(measurer.save_table)
    panel.sr_requested.connect(measurer.save_structured_report)
    panel.section_folded.connect(
        lambda: settings.update(folded=panel.folded_sections, is_folding_chosen=True)
    )


def connect_toolbar(
    toolbar: Toolbar, front: FrontScan, area: ViewArea, presets: Presets, actions: Actions
) -> None:
    """Connect the grey-scale window in the toolbar to the active scan."""
    control, action = toolbar.window_control, front.action
    control.window_changed.connect(
        action(lambda scan: partial(scan.display.set_window, is_second=area.is_second_active))
    )
    control.preset_requested.connect(
        action(lambda scan: partial(scan.display.use_preset, is_second=area.is_second_active))
    )
    control.save_requested.connect(actions["save_window"].trigger)
    control.delete_requested.connect(presets.delete_window)


def connect_start_page(page: StartPage, guide: TourGuide, actions: Actions) -> None:
    """Connect the start page to commands and to the tour."""
    for signal, name in (
        (page.open_requested, "open"),
        (page.folder_requested, "open_folder"),
        (page.sample_requested, "open_sample"),
        (page.batch_requested, "batch"),
        (page.tour_requested, "tour"),
    ):
        signal.connect(actions[name].trigger)
    page.tour_skipped.connect(guide.skip)
    guide.decided.connect(lambda: page.offer_tour(False))
    page.offer_tour(guide.is_undecided)


def connect_tabs(tabs: ScanTabs, workspace: Workspace, closer: Closer, pages: PageControl) -> None:
    """Connect the tabs to the open scans; none is switched or closed while one is being opened."""

    def switch_to(number: int) -> None:
        if workspace.opening.path is None:
            workspace.switch_to(number)
        else:
            tabs.setCurrentIndex(workspace.front_number)

    def close(number: int) -> None:
        if workspace.opening.path is None:
            closer.close(workspace.scans[number])

    tabs.currentChanged.connect(switch_to)
    tabs.tabBarClicked.connect(pages.show)  # also the tab of the active scan
    tabs.close_requested.connect(close)


def _connect_segmentation(panel: SpinePanel, front: FrontScan, presets: Presets) -> None:
    action, tuning = front.action, panel.tuning_box
    panel.run_box.segment_requested.connect(action(lambda scan: scan.segmentation.segment))
    panel.overlay_box.changed.connect(action(lambda scan: scan.display.set_overlays))
    tuning.defaults_requested.connect(action(lambda scan: scan.tuner.restore_defaults))
    tuning.changed.connect(action(lambda scan: scan.tuner.set))
    tuning.adjusted.connect(action(lambda scan: scan.tuner.adjust))
    tuning.held.connect(action(lambda scan: scan.tuner.hold))
    tuning.save_requested.connect(presets.save_tuning)
    tuning.preset_chosen.connect(presets.use_tuning)
    tuning.delete_requested.connect(presets.delete_tuning)


def _connect_results(panel: SpinePanel, front: FrontScan) -> None:
    action, regions, comparison = front.action, panel.uncertain_region_box, panel.comparison_box
    panel.measurements.choice_changed.connect(action(lambda scan: scan.measurements.choose))
    regions.chosen.connect(action(lambda scan: scan.uncertain_regions.go_to))
    regions.ticked.connect(action(lambda scan: scan.uncertain_regions.tick))
    regions.end_requested.connect(action(lambda scan: scan.uncertain_regions.end))
    comparison.worst_requested.connect(
        action(lambda scan: scan.comparison.go_to_largest_difference)
    )
    comparison.end_requested.connect(action(lambda scan: scan.comparison.end))


def _connect_correcting(panel: SpinePanel, front: FrontScan, context: Context) -> None:
    brush, area = context.workspace.brush, context[ViewArea]

    def use_brush(new_brush: Brush, is_flat: bool) -> None:
        brush.choose(new_brush, is_flat=is_flat)
        area.repaint_tool()

    panel.correct_box.brush_changed.connect(use_brush)
    panel.correct_box.edit_requested.connect(front.action(lambda scan: scan.edits.edit_whole_mask))
    area.tool_changed.connect(lambda: panel.correct_box.setVisible(area.tool.is_correcting))


def _connect_vertebrae(panel: SpinePanel, front: FrontScan, context: Context) -> None:
    box, area = panel.vertebra_box, context[ViewArea]
    box.go_requested.connect(front.action(lambda scan: scan.navigation.go_to))
    box.level_requested.connect(front.action(lambda scan: scan.navigation.go_to_level))
    box.name_requested.connect(lambda vertebra: name_vertebra(context, vertebra))
    box.finished.connect(lambda: area.set_active(area.active))
