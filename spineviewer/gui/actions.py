"""Every command of the window in one table: menus, tool bar, shortcuts and the shortcuts sheet are made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from spineviewer.gui.icons import icon
from spineviewer.gui.language import tr
from spineviewer.wording import mark


@dataclass(frozen=True)
class Command:
    """One thing that the reader can do. Its texts are English and marked; who shows them says them by `tr`.

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

    @property
    def title(self) -> str:
        """Its text where it stands alone, in the reader's language."""
        return tr(self.text).rstrip(" …")

    @property
    def words(self) -> str:
        """Everything that is searched when a command is looked for, in the reader's language."""
        return f"{tr(self.text)} {tr(self.group)} {tr(self.tip)}"


COMMANDS = (
    Command(
        "open",
        mark("Open scan …"),
        "File",
        ("Ctrl+O",),
        "file",
        mark("Open a NIfTI, NRRD, MetaImage or DICOM file"),
        needs_scan=False,
    ),
    Command(
        "open_folder",
        mark("Open DICOM folder …"),
        "File",
        ("Ctrl+Shift+O",),
        "open",
        mark("Open a folder of DICOM slices"),
        needs_scan=False,
    ),
    Command(
        "browse",
        mark("Scans in a folder …"),
        "File",
        ("Ctrl+Shift+F",),
        "",
        mark("All scans in it and below it"),
        needs_scan=False,
    ),
    Command(
        "open_sample",
        mark("Open the sample scan"),
        "File",
        (),
        "",
        mark("A computed phantom that ships with the program"),
        needs_scan=False,
    ),
    Command(
        "remember",
        mark("Remember recent scans"),
        "File",
        (),
        "",
        mark("Off: no scan or folder that you open is remembered, and those that are known are forgotten"),
        is_checkable=True,
        needs_scan=False,
    ),
    Command(
        "save_session",
        mark("Save session …"),
        "File",
        ("Ctrl+S",),
        "",
        mark("Everything that is set on this scan, to go on later"),
    ),
    Command(
        "export",
        mark("Export …"),
        "File",
        ("Ctrl+E",),
        "export",
        mark("Export mask, heatmap or probability on the scan's own grid"),
    ),
    Command("report", mark("Report …"), "File", ("Ctrl+R",), "report", mark("One page about this scan: PDF, HTML, CSV, JSON")),
    Command(
        "picture",
        mark("Save picture …"),
        "File",
        ("Ctrl+Shift+S",),
        "",
        mark("Save what the views show as PNG, without the scan's name"),
    ),
    Command(
        "batch",
        mark("Segment many scans …"),
        "File",
        ("Ctrl+Shift+B",),
        "layers",
        mark("A list of scans in the background"),
        needs_scan=False,
    ),
    Command("next_scan", mark("Next open scan"), "File", ("Ctrl+Tab",)),
    Command(
        "beside", mark("Another scan beside"), "File", ("Ctrl+B",), "", mark("The next open scan, scrolled with this one"), True
    ),
    Command("close_scan", mark("Close scan"), "File", ("Ctrl+W",)),
    Command("quit", mark("Quit"), "File", ("Ctrl+Q",), needs_scan=False),
    Command(
        "segment", mark("Segment the spine"), "Spine", ("Ctrl+Return", "S"), "segment", mark("Run both networks on this scan")
    ),
    Command(
        "compute_rest",
        mark("Compute the rest of the scan"),
        "Spine",
        ("Ctrl+Shift+Return",),
        "",
        mark("What no mask has needed so far"),
    ),
    Command("cancel", mark("Cancel"), "Spine", ("Escape",), "", mark("Stop what is running"), needs_scan=False),
    Command(
        "defaults",
        mark("Restore default thresholds"),
        "Spine",
        ("Ctrl+D",),
        "reset",
        mark("The values that were tuned for the networks"),
    ),
    Command("threshold_down", mark("Attention threshold lower"), "Spine", (",",)),
    Command("threshold_up", mark("Attention threshold higher"), "Spine", (".",)),
    Command("sigma_down", mark("Sigma smaller"), "Spine", (";",)),
    Command("sigma_up", mark("Sigma larger"), "Spine", ("'",)),
    Command(
        "before",
        mark("Thresholds of before"),
        "Spine",
        ("Ctrl+T",),
        "",
        mark("Before and after a change; the same key goes back"),
    ),
    Command(
        "next_doubt",
        mark("Next doubtful place"),
        "Spine",
        ("F3",),
        "warn",
        mark("Islands, doubtful surface, cut or foreign bodies"),
    ),
    Command("previous_doubt", mark("Previous doubtful place"), "Spine", ("Shift+F3",)),
    Command(
        "compare",
        mark("Compare with a mask …"),
        "Spine",
        (),
        "compare",
        mark("A reference or an earlier export on the same grid"),
    ),
    Command("worst", mark("Where the masks differ most"), "Spine", ("Y",)),
    Command(
        "heat",
        mark("Attention heatmap"),
        "Overlays",
        ("H",),
        "heat",
        mark("Show where the attention network sees the spine"),
        True,
    ),
    Command(
        "aggregate",
        mark("Heatmap over all slices"),
        "Overlays",
        ("J",),
        "layers",
        mark("Aggregate the attention in the direction of view"),
        True,
    ),
    Command("map_next", mark("Next map: attention, bone, disagreement, doubt"), "Overlays", ("Shift+J",)),
    Command("mask", mark("Mask"), "Overlays", ("M",), "mask", mark("Show the segmented spine"), True),
    Command(
        "tint",
        mark("Mask as tint"),
        "Overlays",
        ("T",),
        "tint",
        mark("Fill the mask with colour instead of drawing its outline"),
        True,
    ),
    Command(
        "crosshair_lines", mark("Crosshair lines"), "Overlays", ("X",), "crosshair", mark("Show where the other planes cut"), True
    ),
    Command(
        "tool_window", mark("Window/level"), "Tools", ("W",), "window", mark("Drag: right is wider, down is a higher level"), True
    ),
    Command(
        "tool_crosshair", mark("Crosshair"), "Tools", ("C",), "crosshair", mark("Drag the point in which the planes meet"), True
    ),
    Command("tool_pan", mark("Pan"), "Tools", ("P",), "pan", mark("Drag the picture (always on the middle button)"), True),
    Command("tool_zoom", mark("Zoom"), "Tools", ("Z",), "zoom", mark("Drag up to enlarge (always on the right button)"), True),
    Command(
        "tool_turn",
        mark("Turn planes"),
        "Tools",
        ("R",),
        "turn",
        mark("Drag round the crosshair: the other planes turn with it"),
        True,
    ),
    Command("turn_left", mark("Turn anticlockwise"), "Tools", ("Alt+Left",), "", mark("The other two planes, by one degree")),
    Command("turn_right", mark("Turn clockwise"), "Tools", ("Alt+Right",), "", mark("The other two planes, by one degree")),
    Command("straighten", mark("Straighten planes"), "Tools", ("Shift+R",), "", mark("All planes back as the scan was stored")),
    Command("tool_distance", mark("Distance"), "Measure", ("D",), "distance", mark("Drag from end to end"), True),
    Command("tool_angle", mark("Angle"), "Measure", ("G",), "angle", mark("Drag an arm to the corner, then click"), True),
    Command("tool_cobb", mark("Cobb angle"), "Measure", ("K",), "cobb", mark("Drag a line along each of two endplates"), True),
    Command(
        "tool_region",
        mark("Region"),
        "Measure",
        ("O",),
        "roi",
        mark("Drag an ellipse: mean, spread and extremes of HU, area"),
        True,
    ),
    Command(
        "tool_polygon",
        mark("Polygon"),
        "Measure",
        ("Shift+O",),
        "polygon",
        mark("Click its corners; the first again closes it"),
        True,
    ),
    Command(
        "tool_note", mark("Note"), "Measure", ("N",), "note", mark("Drag from what is meant to where the words shall stand"), True
    ),
    Command("name_measurement", mark("Name measurement"), "Measure", ("F2",)),
    Command("delete_measurement", mark("Delete measurement"), "Measure", ("Del", "Backspace"), "trash"),
    Command("save_sr", mark("Save measurements as DICOM report …"), "Measure", (), "", mark("A structured report (TID 1500)")),
    Command("save_table", mark("Save measurements …"), "Measure", (), "table", mark("As a table (CSV)")),
    Command("tool_brush", mark("Brush"), "Correct", ("A",), "brush", mark("Add to the mask by hand"), True),
    Command("tool_eraser", mark("Eraser"), "Correct", ("E",), "eraser", mark("Take from the mask by hand"), True),
    Command(
        "tool_outline", mark("Outline"), "Correct", ("Q",), "lasso", mark("Draw a line round what to add in this slice"), True
    ),
    Command(
        "tool_cut_out", mark("Cut out"), "Correct", ("Shift+Q",), "", mark("Draw a line round what to take in this slice"), True
    ),
    Command("tool_keep_piece", mark("Keep only a piece"), "Correct", (), "", mark("Click the piece that is the spine"), True),
    Command(
        "tool_remove_piece",
        mark("Remove a piece"),
        "Correct",
        ("Shift+E",),
        "piece",
        mark("Click a piece that is no spine"),
        True,
    ),
    Command("brush_smaller", mark("Smaller brush"), "Correct", ("[",)),
    Command("brush_larger", mark("Larger brush"), "Correct", ("]",)),
    Command("grow", mark("Grow"), "Correct", ("Shift+G",), "", mark("Add a layer, within the range of HU")),
    Command("shrink", mark("Shrink"), "Correct", ("Shift+H",), "", mark("Take a layer")),
    Command("smooth", mark("Smooth"), "Correct", (), "", mark("Round off corners and drop specks")),
    Command(
        "fill_holes", mark("Fill holes"), "Correct", (), "", mark("Close cavities and small holes; the spinal canal stays open")
    ),
    Command(
        "fill_between", mark("Fill between slices"), "Correct", ("U",), "", mark("Between the last two slices that were drawn in")
    ),
    Command("undo", mark("Undo"), "Correct", ("Ctrl+Z",), "undo", mark("Take the last stroke back")),
    Command("redo", mark("Redo"), "Correct", ("Ctrl+Y", "Ctrl+Shift+Z"), "redo", mark("Do the undone stroke again")),
    Command(
        "discard", mark("Discard all corrections"), "Correct", (), "", mark("Back to the mask as it was fused; can be undone")
    ),
    Command(
        "window_control", mark("Histogram and window …"), "Window", ("Shift+W",), "", mark("Set width and level on the histogram")
    ),
    Command("preset_1", mark("Bone 1800/400"), "Window", ("1",)),
    Command("preset_2", mark("Bone wide 2500/480"), "Window", ("2",)),
    Command("preset_3", mark("Soft tissue 400/40"), "Window", ("3",)),
    Command("preset_4", mark("Lung 1500/-600"), "Window", ("4",)),
    Command("preset_5", mark("Default: the file's own"), "Window", ("5",)),
    Command("slice_up", mark("Next slice"), "View", ("Up", "Right")),
    Command("slice_down", mark("Previous slice"), "View", ("Down", "Left")),
    Command("slices_up", mark("Ten slices on"), "View", ("PgUp",)),
    Command("slices_down", mark("Ten slices back"), "View", ("PgDown",)),
    Command("slice_first", mark("First slice"), "View", ("Home",)),
    Command("slice_last", mark("Last slice"), "View", ("End",)),
    Command(
        "cine",
        mark("Cine: run through the slices"),
        "View",
        ("L",),
        "cine",
        mark("Runs through the active view; again stops"),
        True,
    ),
    Command("cine_faster", mark("Cine faster"), "View", ("Ctrl+Up",)),
    Command("cine_slower", mark("Cine slower"), "View", ("Ctrl+Down",)),
    Command("zoom_in", mark("Enlarge"), "View", ("+", "=")),
    Command("zoom_out", mark("Reduce"), "View", ("-",)),
    Command("reset", mark("Reset all views"), "View", ("Space",), "reset", mark("Fit every plane and return to the bone window")),
    Command("slab", mark("Slab: single slice, MIP, mean"), "View", ("I",), "slab", mark("Neighbouring slices in one picture")),
    Command("slab_thinner", mark("Thinner slab"), "View", ("9",)),
    Command("slab_thicker", mark("Thicker slab"), "View", ("0",)),
    Command("next_view", mark("Next view"), "View", ("V",)),
    Command(
        "maximise",
        mark("Maximise the active view"),
        "View",
        ("Return", "F"),
        "maximise",
        mark("Also by double-click; the same key goes back"),
    ),
    Command(
        "layout_sagittal",
        mark("Large sagittal"),
        "View",
        ("Ctrl+1",),
        "layout-sagittal",
        mark("One large sagittal view, two beside it"),
        True,
    ),
    Command(
        "layout_column",
        mark("Large sagittal, column"),
        "View",
        ("Ctrl+2",),
        "layout-column",
        mark("One large view with a column"),
        True,
    ),
    Command("layout_row", mark("Three in a row"), "View", ("Ctrl+3",), "layout-row", mark("Three views of equal size"), True),
    Command(
        "layout_grid",
        mark("Two by two"),
        "View",
        ("Ctrl+4",),
        "layout-grid",
        mark("Three planes and the surface, of equal size"),
        True,
    ),
    Command(
        "layout_three",
        mark("One and three"),
        "View",
        ("Ctrl+5",),
        "layout-three",
        mark("Large sagittal, the rest beside it"),
        True,
    ),
    Command(
        "layout_spine",
        mark("Along the spine"),
        "View",
        ("Ctrl+6",),
        "curve",
        mark("The spine laid straight, however it is bent"),
        True,
    ),
    Command(
        "light",
        mark("Light theme"),
        "View",
        (),
        "",
        mark("Controls in light colours; the pictures stay dark"),
        True,
        needs_scan=False,
    ),
    Command(
        "language_system",
        mark("Language of the system"),
        "View",
        (),
        "",
        mark("The window follows the language of the system"),
        True,
        needs_scan=False,
    ),
    Command("language_en", "English", "View", (), "", "The window in English", True, needs_scan=False),
    Command("language_de", "Deutsch", "View", (), "", "Das Fenster auf Deutsch", True, needs_scan=False),
    Command(
        "size_automatic",
        mark("Interface size by the screen"),
        "View",
        (),
        "",
        mark("As the system says; larger on a fine screen that the system does not scale. From the next start on"),
        True,
        needs_scan=False,
    ),
    Command(
        "size_100",
        mark("Interface at 100 %"),
        "View",
        (),
        "",
        mark("Letters, buttons and lines in this size, from the next start on"),
        True,
        needs_scan=False,
    ),
    Command(
        "size_125",
        mark("Interface at 125 %"),
        "View",
        (),
        "",
        mark("Letters, buttons and lines in this size, from the next start on"),
        True,
        needs_scan=False,
    ),
    Command(
        "size_150",
        mark("Interface at 150 %"),
        "View",
        (),
        "",
        mark("Letters, buttons and lines in this size, from the next start on"),
        True,
        needs_scan=False,
    ),
    Command(
        "size_175",
        mark("Interface at 175 %"),
        "View",
        (),
        "",
        mark("Letters, buttons and lines in this size, from the next start on"),
        True,
        needs_scan=False,
    ),
    Command(
        "size_200",
        mark("Interface at 200 %"),
        "View",
        (),
        "",
        mark("Letters, buttons and lines in this size, from the next start on"),
        True,
        needs_scan=False,
    ),
    Command("panel", mark("Side panel"), "View", ("F9",), "", mark("Show or hide the panel"), True, needs_scan=False),
    Command(
        "fullscreen", mark("Full screen"), "View", ("F11",), "", mark("The whole screen for reading"), True, needs_scan=False
    ),
    Command("help", mark("Help"), "Help", ("Shift+F1",), "", mark("What to do, step by step"), needs_scan=False),
    Command("tour", mark("Tour of the window"), "Help", (), "", mark("A walk through the window; skip it at any step")),
    Command(
        "palette",
        mark("Find a command …"),
        "Help",
        ("Ctrl+Shift+P",),
        "",
        mark("Every command by a few letters"),
        needs_scan=False,
    ),
    Command("edit_keys", mark("Edit keys …"), "Help", (), "", mark("Give commands other keys"), needs_scan=False),
    Command(
        "shortcuts",
        mark("Keys and mouse"),
        "Help",
        ("F1", "?"),
        "keys",
        mark("Everything that keys and mouse do"),
        needs_scan=False,
    ),
    Command("about", mark("About Spineviewer"), "Help", (), "info", needs_scan=False),
)

#: What the mouse does, for the sheet.
MOUSE = (
    (mark("Wheel"), mark("Scroll slices")),
    (mark("Click"), mark("Move the crosshair here")),
    (mark("Drag left"), mark("The chosen tool; window/level at first")),
    (mark("Drag middle"), mark("Pan")),
    (mark("Drag right"), mark("Zoom")),
    (mark("Ctrl + wheel"), mark("Zoom at the pointer")),
    (mark("Shift + move"), mark("Crosshair follows the pointer")),
    (mark("Double-click"), mark("Maximise a view, and back")),
    (mark("Hold B"), mark("Hide all overlays while held")),
)


#: What stands on the keys that have a name of their own.
_KEYS = {
    "Return": "Enter",
    "Escape": "Esc",
    "PgUp": mark("Page up"),
    "PgDown": mark("Page down"),
    "Home": mark("Home"),
    "End": mark("End"),
    "Del": mark("Del"),
    "Backspace": mark("Backspace"),
    "Space": mark("Space"),
    "Tab": mark("Tab"),
    "Ctrl": mark("Ctrl"),
    "Shift": mark("Shift"),
    "Up": "↑",
    "Down": "↓",
    "Left": "←",
    "Right": "→",
}


def make_actions(parent: QObject, slots: Mapping[str, Callable[..., object]]) -> dict[str, QAction]:
    """A QAction for every command, bound to the slot of its name; slots of checkable ones are told whether it is on.

    Raises
    ------
    KeyError
        When a command has no slot, so that none is forgotten.
    """
    actions = {}
    for command in COMMANDS:
        action = QAction(tr(command.text), parent)
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
    action.setToolTip(f"{tr(command.tip or command.text)}{shown}")


def shown_key(key: str) -> str:
    """A key as it stands on a keyboard."""
    return "+".join(tr(_KEYS.get(part, part)) for part in key.split("+")) if key != "+" else "+"
