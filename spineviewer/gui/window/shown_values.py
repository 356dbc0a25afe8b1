"""The values of the active scan that each part of the window shows."""

from __future__ import annotations

from functools import partial

from spineviewer.app.mask_shapes import SpineSurface
from spineviewer.app.settings_store import SettingsStore
from spineviewer.app.state import PRESETS, Overlays, SegmentationStage
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.language import tr
from spineviewer.gui.vertebrae.spine_measurer import SpineMeasurer
from spineviewer.gui.viewing.legend import legend_entries
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.gui.window.banners import BannerStack
from spineviewer.gui.window.binding import Bindings
from spineviewer.gui.window.spine_panel import SpinePanel
from spineviewer.gui.window.toolbar import Toolbar
from spineviewer.tuning import Tuning
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.volume import CtVolume


def front_bindings(
    area: ViewArea,
    banners: BannerStack,
    panel: SpinePanel,
    measurer: SpineMeasurer,
    toolbar: Toolbar,
    workspace: Workspace,
) -> Bindings:
    """Return the bindings of the window's parts to values of the active scan."""
    bindings = Bindings()
    _bind_views(bindings, area, banners)
    _bind_segmentation(bindings, panel)
    _bind_results(bindings, panel)
    _bind_sheet(bindings, measurer)
    _bind_toolbar(bindings, toolbar, area, workspace.settings)
    return bindings


def _bind_views(bindings: Bindings, area: ViewArea, banners: BannerStack) -> None:
    """Bind what the views show in addition to the scene, and the legend above them."""
    bindings.add(area.use_copy, lambda scan: (scan.parts.sagittal_hu,), (None,))
    bindings.add(
        partial(_show_line, area),
        lambda scan: (scan.parts.line, scan.parts.line_note),
        (None, ""),
    )
    bindings.add(area.surface.show_vertebrae, lambda scan: (scan.parts.vertebrae,), (None,))
    bindings.add(
        partial(_show_surface, area),
        lambda scan: (scan.parts.surface, scan.parts.surface_note),
        (None, ""),
    )
    bindings.add(
        partial(_leave_correcting_tool, area),
        lambda scan: (scan.parts.is_correctable, scan.volume),
        (False, None),
    )
    bindings.add(
        banners.show_legend, lambda scan: (legend_entries(Scene.from_parts(scan.parts)),), ((),)
    )


def _bind_segmentation(bindings: Bindings, panel: SpinePanel) -> None:
    """Bind the panel's sections about the segmentation and its settings."""
    bindings.add(
        panel.run_box.show_stage,
        lambda scan: (scan.state.stage, scan.state.computed_fraction, scan.state.run_record),
        (None, 0.0, {}),
    )
    bindings.add(
        panel.tuning_box.show_tuning,
        lambda scan: (scan.state.tuning, scan.parts.defaults),
        (Tuning(), Tuning()),
    )
    bindings.add(
        panel.overlay_box.show_overlays, lambda scan: (scan.state.overlays,), (Overlays(),)
    )
    bindings.add(
        panel.update_enabled,
        lambda scan: (
            True,
            scan.state.stage is not SegmentationStage.NONE,
            scan.parts.is_mask_possible,
        ),
        (False, False, False),
    )
    bindings.add(
        panel.show_volume,
        lambda scan: (scan.parts.facts, scan.state.is_mask_current, scan.parts.vertebrae),
        (None, False, None),
    )
    bindings.add(
        panel.run_box.show_progress,
        lambda scan: (scan.parts.progress, scan.parts.is_stopping),
        (None, False),
    )


def _bind_results(bindings: Bindings, panel: SpinePanel) -> None:
    """Bind the panel's lists of results, and the corrections."""
    bindings.add(
        panel.show_measurements,
        lambda scan: (scan.state.measurements, scan.volume, scan.parts.chosen_measurement),
        ((), None, -1),
    )
    bindings.add(panel.update_sr_button, lambda scan: (scan.volume,), (None,))
    bindings.add(
        panel.show_comparison, lambda scan: (scan.parts.comparison, scan.volume), (None, None)
    )
    bindings.add(
        panel.show_checklist, lambda scan: (scan.parts.checklist, scan.parts.facts), (None, None)
    )
    bindings.add(
        panel.vertebra_box.show_vertebrae,
        lambda scan: (
            scan.parts.vertebrae,
            scan.parts.is_naming,
            scan.names.at_crosshair,
            not (scan.state.is_mask_awaited or scan.names.are_pending),
            scan.names.by_hand,
        ),
        (None, False, None, True, frozenset()),
    )
    bindings.add(panel.correct_box.show_unit, lambda scan: (scan.volume,), (None,))
    bindings.add(
        panel.correct_box.set_interpolation_enabled,
        lambda scan: (scan.edits.can_interpolate,),
        (False,),
    )


def _bind_sheet(bindings: Bindings, measurer: SpineMeasurer) -> None:
    """Bind the sheet of vertebral measurements."""
    bindings.add(
        lambda *_: measurer.show(),
        lambda scan: (
            scan.parts.spine_measurements,
            scan.parts.is_measuring or scan.are_results_pending,
            scan.parts.chosen_source,
            scan.parts.earlier,
        ),
        (None, False, None, None),
    )


def _bind_toolbar(
    bindings: Bindings, toolbar: Toolbar, area: ViewArea, settings: SettingsStore
) -> None:
    """Bind the grey-scale window of the active view, and its presets."""
    bindings.add(
        toolbar.show_window,
        lambda scan: (area.active_window(scan.state), scan.volume, settings.own_windows),
        (None, None, ()),
    )
    bindings.add(
        toolbar.window_control.show_scan,
        lambda scan: (scan.volume, area.active_window(scan.state)),
        (None, PRESETS[0].window),
    )


def _show_line(area: ViewArea, line: CentreLine | None, note: str) -> None:
    area.show_line(line, tr(note))


def _show_surface(area: ViewArea, surface: SpineSurface | None, note: str) -> None:
    area.show_surface(surface, tr(note))


def _leave_correcting_tool(area: ViewArea, is_correctable: bool, _: CtVolume | None) -> None:
    """If there is no mask to correct, use the default tool instead of a correcting one."""
    if not is_correctable and area.tool.is_correcting:
        area.use_tool(area.default_tool)
