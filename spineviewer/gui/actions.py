"""Every command of the window in one table: menus, tool bar, shortcuts and the shortcuts sheet are made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from spineviewer.gui.icons import icon


@dataclass(frozen=True)
class Command:
    """One thing that the reader can do.

    Attributes
    ----------
    name
        Under which the window binds it to a slot.
    text
        In menus and on the sheet.
    keys
        Shortcuts, the first is shown.
    group
        Menu and heading on the sheet.
    """

    name: str
    text: str
    group: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    is_checkable: bool = False
    needs_scan: bool = True


COMMANDS = (
    Command("open", "Open scan …", "File", ("Ctrl+O",), "file", "Open a NIfTI, NRRD, MetaImage or DICOM file", needs_scan=False),
    Command(
        "open_folder", "Open DICOM folder …", "File", ("Ctrl+Shift+O",), "open", "Open a folder of DICOM slices", needs_scan=False
    ),
    Command("browse", "Scans in a folder …", "File", ("Ctrl+Shift+F",), "", "All scans in it and below it", needs_scan=False),
    Command(
        "open_sample", "Open the sample scan", "File", (), "", "A computed phantom that ships with the program", needs_scan=False
    ),
    Command(
        "remember",
        "Remember recent scans",
        "File",
        (),
        "",
        "Off: no scan or folder that you open is remembered, and those that are known are forgotten",
        is_checkable=True,
        needs_scan=False,
    ),
    Command("save_session", "Save session …", "File", ("Ctrl+S",), "", "Everything that is set on this scan, to go on later"),
    Command("export", "Export …", "File", ("Ctrl+E",), "export", "Export mask, heatmap or probability on the scan's own grid"),
    Command("report", "Report …", "File", ("Ctrl+R",), "report", "One page about this scan: PDF, HTML, CSV, JSON"),
    Command(
        "picture",
        "Save picture …",
        "File",
        ("Ctrl+Shift+S",),
        "",
        "Save what the window shows as PNG",
        needs_scan=False,
    ),
    Command(
        "batch",
        "Segment many scans …",
        "File",
        ("Ctrl+Shift+B",),
        "layers",
        "A list of scans in the background",
        needs_scan=False,
    ),
    Command("next_scan", "Next open scan", "File", ("Ctrl+Tab",)),
    Command("beside", "Another scan beside", "File", ("Ctrl+B",), "", "The next open scan, scrolled with this one", True),
    Command("close_scan", "Close scan", "File", ("Ctrl+W",)),
    Command("quit", "Quit", "File", ("Ctrl+Q",), needs_scan=False),
    Command("segment", "Segment the spine", "Spine", ("Ctrl+Return", "S"), "segment", "Run both networks on this scan"),
    Command(
        "compute_rest", "Compute the rest of the scan", "Spine", ("Ctrl+Shift+Return",), "", "What no mask has needed so far"
    ),
    Command("cancel", "Cancel", "Spine", ("Escape",), "", "Stop what is running", needs_scan=False),
    Command(
        "defaults", "Restore default thresholds", "Spine", ("Ctrl+D",), "reset", "The values that were tuned for the networks"
    ),
    Command("threshold_down", "Attention threshold lower", "Spine", (",",)),
    Command("threshold_up", "Attention threshold higher", "Spine", (".",)),
    Command("sigma_down", "Sigma smaller", "Spine", (";",)),
    Command("sigma_up", "Sigma larger", "Spine", ("'",)),
    Command("before", "Thresholds of before", "Spine", ("Ctrl+T",), "", "Before and after a change; the same key goes back"),
    Command("next_doubt", "Next doubtful place", "Spine", ("F3",), "warn", "Islands, doubtful surface, cut or foreign bodies"),
    Command("previous_doubt", "Previous doubtful place", "Spine", ("Shift+F3",)),
    Command("compare", "Compare with a mask …", "Spine", (), "compare", "A reference or an earlier export on the same grid"),
    Command("worst", "Where the masks differ most", "Spine", ("Y",)),
    Command("heat", "Attention heatmap", "Overlays", ("H",), "heat", "Show where the attention network sees the spine", True),
    Command(
        "aggregate",
        "Heatmap over all slices",
        "Overlays",
        ("J",),
        "layers",
        "Aggregate the attention in the direction of view",
        True,
    ),
    Command("map_next", "Next map: attention, bone, disagreement, doubt", "Overlays", ("Shift+J",)),
    Command("mask", "Mask", "Overlays", ("M",), "mask", "Show the segmented spine", True),
    Command("tint", "Mask as tint", "Overlays", ("T",), "tint", "Fill the mask with colour instead of drawing its outline", True),
    Command("crosshair_lines", "Crosshair lines", "Overlays", ("X",), "crosshair", "Show where the other planes cut", True),
    Command("tool_window", "Window/level", "Tools", ("W",), "window", "Drag: right is wider, down is a higher level", True),
    Command("tool_crosshair", "Crosshair", "Tools", ("C",), "crosshair", "Drag the point in which the planes meet", True),
    Command("tool_pan", "Pan", "Tools", ("P",), "pan", "Drag the picture (always on the middle button)", True),
    Command("tool_zoom", "Zoom", "Tools", ("Z",), "zoom", "Drag up to enlarge (always on the right button)", True),
    Command("tool_turn", "Turn planes", "Tools", ("R",), "turn", "Drag round the crosshair: the other planes turn with it", True),
    Command("turn_left", "Turn anticlockwise", "Tools", ("Alt+Left",), "", "The other two planes, by one degree"),
    Command("turn_right", "Turn clockwise", "Tools", ("Alt+Right",), "", "The other two planes, by one degree"),
    Command("straighten", "Straighten planes", "Tools", ("Shift+R",), "", "All planes back as the scan was stored"),
    Command("tool_distance", "Distance", "Measure", ("D",), "distance", "Drag from end to end", True),
    Command("tool_angle", "Angle", "Measure", ("G",), "angle", "Drag an arm to the corner, then click", True),
    Command("tool_cobb", "Cobb angle", "Measure", ("K",), "cobb", "Drag a line along each of two endplates", True),
    Command("tool_region", "Region", "Measure", ("O",), "roi", "Drag an ellipse: mean, spread and extremes of HU, area", True),
    Command("tool_polygon", "Polygon", "Measure", ("Shift+O",), "polygon", "Click its corners; the first again closes it", True),
    Command("tool_note", "Note", "Measure", ("N",), "note", "Drag from what is meant to where the words shall stand", True),
    Command("name_measurement", "Name measurement", "Measure", ("F2",)),
    Command("delete_measurement", "Delete measurement", "Measure", ("Del", "Backspace"), "trash"),
    Command("save_sr", "Save measurements as DICOM report …", "Measure", (), "", "A structured report (TID 1500)"),
    Command("save_table", "Save measurements …", "Measure", (), "table", "As a table (CSV)"),
    Command("tool_brush", "Brush", "Correct", ("A",), "brush", "Add to the mask by hand", True),
    Command("tool_eraser", "Eraser", "Correct", ("E",), "eraser", "Take from the mask by hand", True),
    Command("tool_outline", "Outline", "Correct", ("Q",), "lasso", "Draw a line round what to add in this slice", True),
    Command("tool_cut_out", "Cut out", "Correct", ("Shift+Q",), "", "Draw a line round what to take in this slice", True),
    Command("tool_keep_piece", "Keep only a piece", "Correct", (), "", "Click the piece that is the spine", True),
    Command("tool_remove_piece", "Remove a piece", "Correct", ("Shift+E",), "piece", "Click a piece that is no spine", True),
    Command("brush_smaller", "Smaller brush", "Correct", ("[",)),
    Command("brush_larger", "Larger brush", "Correct", ("]",)),
    Command("grow", "Grow", "Correct", ("Shift+G",), "", "Add a layer, within the range of HU"),
    Command("shrink", "Shrink", "Correct", ("Shift+H",), "", "Take a layer"),
    Command("smooth", "Smooth", "Correct", (), "", "Round off corners and drop specks"),
    Command("fill_holes", "Fill holes", "Correct", (), "", "Close cavities and small holes; the spinal canal stays open"),
    Command("fill_between", "Fill between slices", "Correct", ("U",), "", "Between the last two slices that were drawn in"),
    Command("undo", "Undo", "Correct", ("Ctrl+Z",), "undo", "Take the last stroke back"),
    Command("redo", "Redo", "Correct", ("Ctrl+Y", "Ctrl+Shift+Z"), "redo", "Do the undone stroke again"),
    Command("discard", "Discard all corrections", "Correct", (), "", "Back to the mask as it was fused; can be undone"),
    Command("window_control", "Histogram and window …", "Window", ("Shift+W",), "", "Set width and level on the histogram"),
    Command("preset_1", "Bone 1800/400", "Window", ("1",)),
    Command("preset_2", "Bone wide 2500/480", "Window", ("2",)),
    Command("preset_3", "Soft tissue 400/40", "Window", ("3",)),
    Command("preset_4", "Lung 1500/-600", "Window", ("4",)),
    Command("preset_5", "Default: the file's own", "Window", ("5",)),
    Command("slice_up", "Next slice", "View", ("Up", "Right")),
    Command("slice_down", "Previous slice", "View", ("Down", "Left")),
    Command("slices_up", "Ten slices on", "View", ("PgUp",)),
    Command("slices_down", "Ten slices back", "View", ("PgDown",)),
    Command("slice_first", "First slice", "View", ("Home",)),
    Command("slice_last", "Last slice", "View", ("End",)),
    Command("cine", "Cine: run through the slices", "View", ("L",), "cine", "Runs through the active view; again stops", True),
    Command("cine_faster", "Cine faster", "View", ("Ctrl+Up",)),
    Command("cine_slower", "Cine slower", "View", ("Ctrl+Down",)),
    Command("zoom_in", "Enlarge", "View", ("+", "=")),
    Command("zoom_out", "Reduce", "View", ("-",)),
    Command("reset", "Reset all views", "View", ("Space",), "reset", "Fit every plane and return to the bone window"),
    Command("slab", "Slab: single slice, MIP, mean", "View", ("I",), "slab", "Neighbouring slices in one picture"),
    Command("slab_thinner", "Thinner slab", "View", ("9",)),
    Command("slab_thicker", "Thicker slab", "View", ("0",)),
    Command("next_view", "Next view", "View", ("V",)),
    Command(
        "maximise",
        "Maximise the active view",
        "View",
        ("Return", "F"),
        "maximise",
        "Also by double-click; the same key goes back",
    ),
    Command(
        "layout_sagittal",
        "Large sagittal",
        "View",
        ("Ctrl+1",),
        "layout-sagittal",
        "One large sagittal view, two beside it",
        True,
    ),
    Command(
        "layout_column", "Large sagittal, column", "View", ("Ctrl+2",), "layout-column", "One large view with a column", True
    ),
    Command("layout_row", "Three in a row", "View", ("Ctrl+3",), "layout-row", "Three views of equal size", True),
    Command("layout_grid", "Two by two", "View", ("Ctrl+4",), "layout-grid", "Three planes and the surface, of equal size", True),
    Command("layout_three", "One and three", "View", ("Ctrl+5",), "layout-three", "Large sagittal, the rest beside it", True),
    Command("layout_spine", "Along the spine", "View", ("Ctrl+6",), "curve", "The spine laid straight, however it is bent", True),
    Command("light", "Light theme", "View", (), "", "Controls in light colours; the pictures stay dark", True, needs_scan=False),
    Command("panel", "Side panel", "View", ("F9",), "", "Show or hide the panel", True, needs_scan=False),
    Command("fullscreen", "Full screen", "View", ("F11",), "", "The whole screen for reading", True, needs_scan=False),
    Command("help", "Help", "Help", ("Shift+F1",), "", "What to do, step by step", needs_scan=False),
    Command("tour", "Tour of the window", "Help", (), "", "A walk through the window; skip it at any step"),
    Command("palette", "Find a command …", "Help", ("Ctrl+Shift+P",), "", "Every command by a few letters", needs_scan=False),
    Command("edit_keys", "Edit keys …", "Help", (), "", "Give commands other keys", needs_scan=False),
    Command("shortcuts", "Keys and mouse", "Help", ("F1", "?"), "keys", "Everything that keys and mouse do", needs_scan=False),
    Command("about", "About Spineviewer", "Help", (), "info", needs_scan=False),
)

#: What the mouse does, for the sheet.
MOUSE = (
    ("Wheel", "Scroll slices"),
    ("Click", "Move the crosshair here"),
    ("Drag left", "The chosen tool; window/level at first"),
    ("Drag middle", "Pan"),
    ("Drag right", "Zoom"),
    ("Ctrl + wheel", "Zoom at the pointer"),
    ("Shift + move", "Crosshair follows the pointer"),
    ("Double-click", "Maximise a view, and back"),
    ("Hold B", "Hide all overlays while held"),
)


def make_actions(parent: QObject, slots: dict[str, Callable[..., None]]) -> dict[str, QAction]:
    """A QAction for every command, bound to the slot of its name; slots of checkable ones are told whether it is on.

    Raises
    ------
    KeyError
        When a command has no slot, so that none is forgotten.
    """
    actions = {}
    for command in COMMANDS:
        action = QAction(command.text, parent)
        if command.icon:
            action.setIcon(icon(command.icon))
        action.setCheckable(command.is_checkable)
        action.setIconVisibleInMenu(False)
        give_keys(action, command, {})
        slot = slots[command.name]
        if command.is_checkable:
            action.triggered.connect(lambda is_on, slot=slot: slot(is_on))
        else:
            action.triggered.connect(lambda _, slot=slot: slot())
        actions[command.name] = action
    return actions


def keys_of(command: Command, own: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The reader's own keys of a command, or the usual ones."""
    return tuple(own.get(command.name, command.keys))


def give_keys(action: QAction, command: Command, own: Mapping[str, list[str]]) -> None:
    """Let an action answer to its keys and name the first in its tool tip."""
    keys = keys_of(command, own)
    action.setShortcuts([QKeySequence(key) for key in keys])
    shown = f" ({shown_key(keys[0])})" if keys else ""
    action.setToolTip(f"{command.tip or command.text}{shown}")


def shown_key(key: str) -> str:
    """A key as it stands on a keyboard."""
    names = {
        "Return": "Enter",
        "Escape": "Esc",
        "PgUp": "Page up",
        "PgDown": "Page down",
        "Up": "↑",
        "Down": "↓",
        "Left": "←",
        "Right": "→",
    }
    return "+".join(names.get(part, part) for part in key.split("+")) if key != "+" else "+"
