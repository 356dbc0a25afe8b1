"""Commands that change the display of a scan, but not its results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from spineviewer.app.overlay import MapKind
from spineviewer.app.state import MaskStyle, Overlays, Preset, SlabKind, window_presets
from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.conditions import SEVERAL_SCANS
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.presets import Presets
from spineviewer.gui.viewing.cine import Cine
from spineviewer.gui.viewing.layouts import Layout, SpineView
from spineviewer.gui.viewing.other_scan_view import OtherScanView
from spineviewer.gui.viewing.tool_command import tool_command
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.volume.volume import WindowLevel
from spineviewer.wording import mark

ROTATED = Condition(
    lambda context: context.parts is not None and not context.parts.state.rotation.is_straight,
    mark("the planes are not rotated"),
)
OWN_WINDOW = Condition(
    lambda context: (
        context.parts is not None and context.parts.state.scan.source.window is not None
    ),
    mark("the file specifies no window settings"),
)
#: More steps than any scan has slices.
_TO_THE_END = 1_000_000


def _overlays(context: Context) -> Overlays:
    state = context.parts.state if context.parts is not None else None
    return state.overlays if state is not None else Overlays()


def _toggle_map(context: Context) -> None:
    overlays = _overlays(context)
    context.scan.display.set_overlays(replace(overlays, is_map_shown=not overlays.is_map_shown))


def _toggle_projection(context: Context) -> None:
    overlays = _overlays(context)
    is_on = not overlays.is_attention_projected
    is_shown = is_on or overlays.is_map_shown
    context.scan.display.set_overlays(
        replace(overlays, is_attention_projected=is_on, is_map_shown=is_shown)
    )


def _next_map(context: Context) -> None:
    overlays, kinds = _overlays(context), list(MapKind)
    kind = kinds[(kinds.index(overlays.map_kind) + 1) % len(kinds)]
    context.scan.display.set_overlays(replace(overlays, map_kind=kind, is_map_shown=True))


def _toggle_mask(context: Context) -> None:
    overlays = _overlays(context)
    context.scan.display.set_overlays(replace(overlays, is_mask_shown=not overlays.is_mask_shown))


def _is_tint(context: Context) -> bool:
    return _overlays(context).mask_style is MaskStyle.TINT


def _toggle_tint(context: Context) -> None:
    style = MaskStyle.CONTOUR if _is_tint(context) else MaskStyle.TINT
    context.scan.display.set_overlays(
        replace(_overlays(context), mask_style=style, is_mask_shown=True)
    )


def _toggle_crosshair(context: Context) -> None:
    overlays = _overlays(context)
    context.scan.display.set_overlays(
        replace(overlays, is_crosshair_shown=not overlays.is_crosshair_shown)
    )


def _rotate(degrees: float, context: Context) -> None:
    area = context[ViewArea]
    if area.active is SpineView.SURFACE:
        area.surface.rotate_by(0.0, 3.0 * degrees)
    else:
        context.scan.display.rotate(area.plane, degrees)


def _reset(context: Context) -> None:
    context.scan.display.straighten()
    context[ViewArea].fit()
    context[OtherScanView].fit()
    context.scan.display.use_preset(1)


def _next_slab(context: Context) -> None:
    if context.parts is not None:
        context.scan.display.set_slab(context.parts.state.slab.next_kind())


def _is_slab(context: Context) -> bool:
    return context.parts is not None and context.parts.state.slab.kind is not SlabKind.SLICE


def _is_slab_restricted(context: Context) -> bool:
    plane = context.parts.state.slab.plane if context.parts is not None else None
    return plane is context[ViewArea].plane


def _restrict_slab(context: Context) -> None:
    """Show the slab only in the active view, or in all views again; turn it on if necessary."""
    if context.parts is None:
        return
    slab = context.parts.state.slab
    if _is_slab_restricted(context):
        slab = replace(slab, plane=None)
    else:
        is_off = slab.kind is SlabKind.SLICE
        slab = replace(slab.next_kind() if is_off else slab, plane=context[ViewArea].plane)
    context.scan.display.set_slab(slab)


def _thicken_slab(step_mm: float, context: Context) -> None:
    if context.parts is not None:
        context.scan.display.set_slab(context.parts.state.slab.thicker_by(step_mm))


def _use_layout(kind: Layout, context: Context) -> None:
    context[ViewArea].set_layout_kind(kind)
    if context[ViewArea].has_twins and context.parts is not None:
        context.scan.display.separate_windows()
    context.workspace.settings.update(layout=kind.value)


def _is_layout(kind: Layout, context: Context) -> bool:
    return context[ViewArea].layout_kind is kind


def _is_window(context: Context, preset: Preset | None) -> bool:
    return preset is not None and _window(context) == preset.window


def _window(context: Context) -> WindowLevel | None:
    """Return the grey-scale window of the active view; None if no scan is open."""
    if context.parts is None:
        return None
    return context[ViewArea].active_window(context.parts.state)


def _preset(number: int, context: Context) -> Preset | None:
    presets = window_presets(context.parts.state.scan) if context.parts is not None else ()
    return presets[number - 1] if number <= len(presets) else None


def _own_preset(number: int, context: Context) -> Preset | None:
    presets = context.workspace.settings.own_windows
    return presets[number - 1] if number <= len(presets) else None


def _use_own_preset(number: int, context: Context) -> None:
    preset = _own_preset(number, context)
    if preset is not None:
        is_second = context[ViewArea].is_second_active
        context.scan.display.set_window(preset.window, is_second=is_second)


def _save_window(context: Context) -> None:
    if (window := _window(context)) is not None:
        context[Presets].save_window(window)


def _preset_command(number: int, text: str, needs: tuple[Condition, ...] = (OPEN_SCAN,)) -> Command:
    return Command(
        name=f"preset_{number}",
        text=text,
        menu="Window",
        keys=(str(number),),
        run=lambda context: context.scan.display.use_preset(
            number, is_second=context[ViewArea].is_second_active
        ),
        is_checked=lambda context: _is_window(context, _preset(number, context)),
        needs=needs,
    )


def _own_preset_command(number: int, text: str, key: str) -> Command:
    saved = Condition(
        lambda context: _own_preset(number, context) is not None,
        mark("save a window preset first"),
    )
    return Command(
        name=f"own_window_{number}",
        text=text,
        menu="Window",
        keys=(key,),
        run=partial(_use_own_preset, number),
        is_checked=lambda context: _is_window(context, _own_preset(number, context)),
        needs=(OPEN_SCAN, saved),
    )


def _views_with_keys(context: Context) -> ViewArea | OtherScanView:
    """Return the views that receive keys: those of the active scan or of the other scan."""
    other_view = context[OtherScanView]
    return other_view if other_view.is_focused else context[ViewArea]


def _scroll_command(name: str, text: str, keys: tuple[str, ...], steps: int) -> Command:
    return _view_command(name, text, keys, lambda view: view.scroll_active(steps))


def _maximise(context: Context) -> None:
    area = context[ViewArea]
    area.toggle_maximised(area.active)


def _view_command(
    name: str, text: str, keys: tuple[str, ...], run: Callable[[ViewArea | OtherScanView], object]
) -> Command:
    return Command(
        name=name,
        text=text,
        menu="View",
        keys=keys,
        run=lambda context: run(_views_with_keys(context)),
        is_for_views=True,
    )


def _layout_command(
    name: str, text: str, number: int, icon: str, tip: str, kind: Layout
) -> Command:
    return Command(
        name=name,
        text=text,
        menu="View",
        keys=(f"Ctrl+{number}",),
        icon=icon,
        tip=tip,
        run=partial(_use_layout, kind),
        is_checked=partial(_is_layout, kind),
    )


OVERLAYS = (
    Command(
        name="attention_map",
        text=mark("Map"),
        menu="Overlays",
        keys=("H",),
        icon="attention",
        tip=mark("Show the selected map over the scan"),
        run=_toggle_map,
        is_checked=lambda context: _overlays(context).is_map_shown,
    ),
    Command(
        name="attention_projection",
        text=mark("Attention projection"),
        menu="Overlays",
        keys=("J",),
        icon="layers",
        tip=mark("Project the attention map through all slices, along the viewing direction"),
        run=_toggle_projection,
        is_checked=lambda context: _overlays(context).is_attention_projected,
    ),
    Command(
        name="map_next",
        text=mark("Next map: attention, bone probability, disagreement, uncertainty"),
        menu="Overlays",
        keys=("Shift+J",),
        run=_next_map,
    ),
    Command(
        name="mask",
        text=mark("Mask"),
        menu="Overlays",
        keys=("M",),
        icon="mask",
        tip=mark("Show the segmented spine"),
        run=_toggle_mask,
        is_checked=lambda context: _overlays(context).is_mask_shown,
    ),
    Command(
        name="tint",
        text=mark("Filled mask"),
        menu="Overlays",
        keys=("T",),
        icon="tint",
        tip=mark("Fill the mask with colour instead of drawing its outline"),
        run=_toggle_tint,
        is_checked=_is_tint,
    ),
    Command(
        name="crosshair_lines",
        text=mark("Crosshair lines"),
        menu="Overlays",
        keys=("X",),
        icon="crosshair",
        tip=mark("Show where the other planes intersect this one"),
        run=_toggle_crosshair,
        is_checked=lambda context: _overlays(context).is_crosshair_shown,
    ),
)

_tool = partial(tool_command, menu="Tools")

TOOLS = (
    _tool(
        "window",
        mark("Window/level"),
        "W",
        "window",
        mark("Drag right for a wider window, down for a higher level"),
    ),
    _tool(
        "crosshair",
        mark("Crosshair"),
        "C",
        "crosshair",
        mark("Drag the point where the planes intersect"),
    ),
    _tool(
        "pan",
        mark("Pan"),
        "P",
        "pan",
        mark("Drag the image (the middle button always does this)"),
    ),
    _tool(
        "zoom",
        mark("Zoom"),
        "Z",
        "zoom",
        mark("Drag up to zoom in (the right button always does this)"),
    ),
    _tool(
        "rotate",
        mark("Rotate planes"),
        "R",
        "rotate",
        mark("Drag around the crosshair to rotate the other two planes"),
    ),
    Command(
        name="rotate_anticlockwise",
        text=mark("Rotate anticlockwise"),
        menu="Tools",
        keys=("Alt+Left",),
        tip=mark("Rotate the other two planes by one degree"),
        run=partial(_rotate, -1.0),
        is_for_views=True,
    ),
    Command(
        name="rotate_clockwise",
        text=mark("Rotate clockwise"),
        menu="Tools",
        keys=("Alt+Right",),
        tip=mark("Rotate the other two planes by one degree"),
        run=partial(_rotate, 1.0),
        is_for_views=True,
    ),
    Command(
        name="straighten",
        text=mark("Reset plane rotation"),
        menu="Tools",
        keys=("Shift+R",),
        tip=mark("Return all planes to the scan's own axes"),
        run=lambda context: context.scan.display.straighten(),
        needs=(OPEN_SCAN, ROTATED),
    ),
)

WINDOWS = (
    _preset_command(1, mark("Bone 1800/400")),
    _preset_command(2, mark("Bone (wide) 2500/480")),
    _preset_command(3, mark("Soft tissue 400/40")),
    _preset_command(4, mark("Lung 1500/-600")),
    _preset_command(5, mark("Default window from the file"), (OPEN_SCAN, OWN_WINDOW)),
    _own_preset_command(1, mark("First custom window preset"), "6"),
    _own_preset_command(2, mark("Second custom window preset"), "7"),
    _own_preset_command(3, mark("Third custom window preset"), "8"),
    Command(
        name="save_window",
        text=mark("Save window preset…"),
        menu="Window",
        tip=mark("Save the current width and level under a name"),
        run=_save_window,
    ),
)

VIEWS = (
    _scroll_command("slice_up", mark("Next slice"), ("Up", "Right"), 1),
    _scroll_command("slice_down", mark("Previous slice"), ("Down", "Left"), -1),
    _scroll_command("slices_up", mark("Forward ten slices"), ("PgUp",), 10),
    _scroll_command("slices_down", mark("Back ten slices"), ("PgDown",), -10),
    _scroll_command("slice_first", mark("First slice"), ("Home",), -_TO_THE_END),
    _scroll_command("slice_last", mark("Last slice"), ("End",), _TO_THE_END),
    Command(
        name="cine",
        text=mark("Cine: run through the slices"),
        menu="View",
        keys=("L",),
        icon="cine",
        tip=mark("Play the slices of the active view; press again to stop"),
        run=lambda context: context[Cine].toggle(),
        is_checked=lambda context: context[Cine].is_running,
    ),
    Command(
        name="cine_faster",
        text=mark("Speed up cine"),
        menu="View",
        keys=("Ctrl+Up",),
        run=lambda context: context[Cine].change_rate(1),
    ),
    Command(
        name="cine_slower",
        text=mark("Slow down cine"),
        menu="View",
        keys=("Ctrl+Down",),
        run=lambda context: context[Cine].change_rate(-1),
    ),
    _view_command("zoom_in", mark("Zoom in"), ("+", "="), lambda view: view.zoom_active(1.25)),
    _view_command("zoom_out", mark("Zoom out"), ("-",), lambda view: view.zoom_active(0.8)),
    Command(
        name="reset",
        text=mark("Reset all views"),
        menu="View",
        keys=("Space",),
        icon="reset",
        tip=mark("Fit all planes, reset their rotation and return to the bone window"),
        run=_reset,
        is_for_views=True,
    ),
    Command(
        name="slab",
        text=mark("Slab: single slice, MIP, mean"),
        menu="View",
        keys=("I",),
        icon="slab",
        tip=mark("Combine neighbouring slices into one image"),
        run=_next_slab,
        is_checked=_is_slab,
    ),
    Command(
        name="slab_here",
        text=mark("Slab in the active view only"),
        menu="View",
        tip=mark("Show single slices in all other views"),
        run=_restrict_slab,
        is_checked=_is_slab_restricted,
    ),
    Command(
        name="slab_thinner",
        text=mark("Thinner slab"),
        menu="View",
        keys=("9",),
        run=partial(_thicken_slab, -2.0),
    ),
    Command(
        name="slab_thicker",
        text=mark("Thicker slab"),
        menu="View",
        keys=("0",),
        run=partial(_thicken_slab, 2.0),
    ),
    Command(
        name="next_view",
        text=mark("Next view"),
        menu="View",
        keys=("V",),
        run=lambda context: context[ViewArea].next_view(),
    ),
    Command(
        name="maximise",
        text=mark("Maximise the active view"),
        menu="View",
        keys=("Return", "F"),
        icon="maximise",
        tip=mark("Double-click does the same; press the key again to return"),
        run=_maximise,
        is_for_views=True,
    ),
    Command(
        name="side_by_side",
        text=mark("Two scans side by side"),
        menu="File",
        keys=("Ctrl+B",),
        tip=mark("Show the next open scan beside this one; scans of one patient scroll together"),
        run=lambda context: context[OtherScanView].toggle(),
        is_checked=lambda context: context[OtherScanView].is_on,
        needs=(OPEN_SCAN, SEVERAL_SCANS),
    ),
)

LAYOUTS = (
    _layout_command(
        "layout_sagittal",
        mark("One and two"),
        1,
        "layout-sagittal",
        mark("One large view with two beside it"),
        Layout.SAGITTAL,
    ),
    _layout_command(
        "layout_column",
        mark("One and a column"),
        2,
        "layout-column",
        mark("One large view beside a column of small ones"),
        Layout.COLUMN,
    ),
    _layout_command(
        "layout_row",
        mark("Three in a row"),
        3,
        "layout-row",
        mark("Three views of equal size"),
        Layout.ROW,
    ),
    _layout_command(
        "layout_grid",
        mark("Two by two"),
        4,
        "layout-grid",
        mark("Three planes and the surface, of equal size"),
        Layout.GRID,
    ),
    _layout_command(
        "layout_three",
        mark("One and three"),
        5,
        "layout-three",
        mark("One large view with the other views beside it"),
        Layout.THREE,
    ),
    _layout_command(
        "layout_spine",
        mark("Along the spine"),
        6,
        "curve",
        mark("The spine straightened along its centre line"),
        Layout.SPINE,
    ),
    _layout_command(
        "layout_windows",
        mark("Bone and soft tissue"),
        7,
        "layout-windows",
        mark("Two planes, each in two grey-scale windows"),
        Layout.WINDOWS,
    ),
)

COMMANDS = (*OVERLAYS, *TOOLS, *WINDOWS, *VIEWS, *LAYOUTS)
