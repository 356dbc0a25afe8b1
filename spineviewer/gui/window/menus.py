"""Tables of the commands in menus and toolbar, and functions that create the menus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from PySide6.QtWidgets import QMenu, QMenuBar

from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.command import CommandTable
from spineviewer.gui.kit.language import tr
from spineviewer.gui.viewing.layouts import Layout
from spineviewer.measuring_tools.registry import MEASURING_TOOLS
from spineviewer.wording import mark

#: Commands of the measuring tools.
MEASURING = tuple(f"tool_{tool.name}" for tool in MEASURING_TOOLS)
#: A separator.
LINE = "-"
RECENT = mark("Open recent")

#: A menu: its title and the names of its commands; a tuple among them is a submenu. A name that
#: ends in * means all commands with this prefix. A command that is not listed is appended to
#: the menu that it specifies.
Menu = tuple[str, tuple["str | Menu", ...]]

MENUS: tuple[Menu, ...] = (
    (
        mark("File"),
        (
            "open", "open_folder", "browse", "archive", "open_sample", (RECENT, ()), LINE,
            "remember", LINE,
            "save_session", "export", "anonymise", LINE,
            "report", "key_image", "picture", "copy_picture", "patient_in_pictures", LINE,
            (
                mark("Archive"),
                ("send", "prior_studies", LINE, "receiver", "archive_settings"),
            ),
            LINE,
            "batch", LINE,
            "next_scan", "side_by_side", "close_scan", LINE,
            "quit",
        ),
    ),
    (
        mark("Spine"),
        (
            "segment", "compute_rest", "cancel", LINE,
            "defaults", "threshold_down", "threshold_up", "sigma_down", "sigma_up",
            "previous_thresholds", LINE,
            "next_uncertain_region", "previous_uncertain_region", "compare", "largest_difference",
        ),
    ),
    (
        mark("Vertebrae"),
        (
            "vertebra_down", "vertebra_up", "go_to_level", "align_to_vertebra",
            "align_to_disc", LINE,
            "name_vertebra", "names_up", "names_down", "confirm_names", LINE,
            "tool_split_vertebra", "tool_merge_vertebrae", "tool_move_piece", LINE,
            "measurement_sheet", "next_fracture", "previous_fracture", "restore_value",
            "copy_spine_measurements", "other_scan_same_vertebra",
        ),
    ),
    (
        mark("Overlays"),
        (
            "attention_map", "attention_projection", "map_next", LINE,
            "mask", "vertebrae", "tint", "crosshair_lines",
        ),
    ),
    (
        mark("Tools"),
        (
            "tool_window", "tool_crosshair", "tool_pan", "tool_zoom", "tool_rotate", LINE,
            "rotate_anticlockwise", "rotate_clockwise", "straighten", LINE,
            "step_back",
        ),
    ),
    (
        mark("Measure"),
        (
            *MEASURING,
            LINE,
            "name_measurement", "delete_measurement", LINE,
            "save_sr", "save_table",
        ),
    ),
    (
        mark("Correct"),
        (
            "tool_brush", "tool_eraser", "tool_lasso", "tool_cut_out", "tool_keep_piece",
            "tool_remove_piece", LINE,
            "brush_smaller", "brush_larger", LINE,
            "grow", "shrink", "smooth", "fill_holes", "fill_between", LINE,
            "undo", "redo", "discard",
        ),
    ),
    (mark("Window"), ("window_control", LINE, "preset_*", LINE, "own_window_*", "save_window")),
    (
        mark("View"),
        (
            (
                mark("Slices"),
                ("slice_up", "slice_down", "slices_up", "slices_down", "slice_first", "slice_last"),
            ),
            LINE,
            "cine", "cine_faster", "cine_slower", LINE,
            "zoom_in", "zoom_out", "reset", LINE,
            "slab", "slab_here", "slab_thinner", "slab_thicker", LINE,
            "next_view", "maximise", (mark("Layout"), ("layout_*",)), LINE,
            "light", "patient_shown",
            (mark("Language"), ("language_*",)),
            (mark("Interface size"), ("size_*",)),
            LINE,
            "panel", "fullscreen",
        ),
    ),
    (mark("Help"), ("help", "tour", "palette", "edit_keys", "shortcuts", "about")),
)  # fmt: skip

#: All arrangements of the views: the current one is highlighted in the toolbar.
LAYOUTS = tuple(f"layout_{kind.value}" for kind in Layout)

OVERLAYS = ("attention_map", "attention_projection", "mask", "tint", "crosshair_lines")

#: The buttons above the views: left of the grey-scale window's button, right of it, and at the end.
TOOLBARS: tuple[tuple[str, ...], ...] = (
    ("open", "open_folder", LINE),
    (
        "tool_window", "tool_crosshair", "tool_pan", "tool_zoom", "tool_rotate", LINE,
        *MEASURING, LINE,
        "tool_brush", "tool_eraser", "tool_lasso", "tool_remove_piece", "undo", "redo", LINE,
        *OVERLAYS, LINE,
        *LAYOUTS, "maximise", "slab", "cine", "reset", LINE,
    ),
    ("shortcuts",),
)  # fmt: skip

_MOUSE_TOOLS = ("tool_window", "tool_crosshair", "tool_pan", "tool_zoom", "tool_rotate")
_CORRECTING = ("tool_brush", "tool_eraser", "tool_lasso", "tool_remove_piece")

#: Commands that the toolbar shows with their names.
NAMED_TOOLS = frozenset((*_MOUSE_TOOLS, *MEASURING, *_CORRECTING, *OVERLAYS))


@dataclass(frozen=True)
class FoldedTools:
    """A group of buttons that collapses into one button with a menu if there is little room.

    Attributes
    ----------
    icon
        Icon of the button; empty for that of the active command.
    are_tools
        Whether only one of the commands is active at a time; the button then shows its name.
    """

    title: str
    names: tuple[str, ...]
    icon: str = ""
    are_tools: bool = True


#: Groups in the order in which they collapse.
FOLDED_TOOLS = (
    FoldedTools(mark("Layout"), LAYOUTS, are_tools=False),
    FoldedTools(mark("Overlays"), OVERLAYS, "mask", are_tools=False),
    FoldedTools(mark("Measure"), MEASURING),
    FoldedTools(mark("Correct"), _CORRECTING),
    FoldedTools(mark("Tools"), _MOUSE_TOOLS),
)

#: The context menu of a picture; unavailable commands are left out.
CONTEXT_MENU: tuple[str | Menu, ...] = (
    "maximise", "reset", (mark("Layout"), ("layout_*",)), LINE,
    (mark("Window"), ("window_control", LINE, "preset_*", "own_window_*")),
    "slab", "slab_here", LINE,
    "straighten", LINE,
    (mark("Measure"), MEASURING), "name_measurement", "delete_measurement", LINE,
    "tool_window", "tool_crosshair", "tool_brush", "tool_eraser", "tool_remove_piece", LINE,
    "mask", "attention_map", "vertebrae", "crosshair_lines", LINE,
    "copy_picture",
)  # fmt: skip


def fill_context_menu(menu: QMenu, actions: Actions) -> None:
    """Fill a context menu with the available commands."""
    actions.refresh()
    entries = tuple(_expanded(CONTEXT_MENU, actions.commands))
    _fill_enabled(menu, entries, actions)


def fill_menu_bar(bar: QMenuBar, actions: Actions) -> Mapping[str, QMenu]:
    """Create the menus in `MENUS`, and return them by their English titles.

    Raises
    ------
    UnknownCommandError
        When `MENUS` names a command that does not exist.
    """
    by_title: dict[str, QMenu] = {}
    for title, entries in complete(MENUS, actions.commands):
        _fill(bar.addMenu(tr(title)), title, entries, actions, by_title)
    return by_title


def complete(menus: tuple[Menu, ...], commands: CommandTable) -> tuple[Menu, ...]:
    """Return the menus with every * expanded and all unlisted commands appended."""
    expanded = [(title, tuple(_expanded(entries, commands))) for title, entries in menus]
    listed = set(names_in(tuple(expanded)))
    unlisted: dict[str, list[str]] = {}
    for command in commands.values():
        if command.menu and command.name not in listed:
            unlisted.setdefault(command.menu, []).append(command.name)
    entries_by_title = dict(expanded)
    titles = dict.fromkeys((*entries_by_title, *unlisted))
    return tuple(
        (title, (*entries_by_title.get(title, ()), *unlisted.get(title, ()))) for title in titles
    )


def names_in(menus: tuple[str | Menu, ...]) -> Iterator[str]:
    """Yield the names of all commands in menus and submenus."""
    for entry in menus:
        if isinstance(entry, tuple):
            yield from names_in(entry[1])
        elif entry != LINE:
            yield entry


def _expanded(entries: tuple[str | Menu, ...], commands: CommandTable) -> Iterator[str | Menu]:
    for entry in entries:
        if isinstance(entry, tuple):
            yield entry[0], tuple(_expanded(entry[1], commands))
        elif entry == LINE:
            yield entry
        elif entry.endswith("*"):
            yield from (name for name in commands if fnmatchcase(name, entry))
        else:
            yield commands[entry].name


def _fill(
    menu: QMenu,
    title: str,
    entries: tuple[str | Menu, ...],
    actions: Actions,
    by_title: dict[str, QMenu],
) -> None:
    by_title[title] = menu
    for entry in entries:
        if isinstance(entry, tuple):
            _fill(menu.addMenu(tr(entry[0])), entry[0], entry[1], actions, by_title)
        elif entry == LINE:
            menu.addSeparator()
        else:
            menu.addAction(actions[entry])
    menu.aboutToShow.connect(actions.refresh)


def _fill_enabled(menu: QMenu, entries: tuple[str | Menu, ...], actions: Actions) -> None:
    for entry in entries:
        if isinstance(entry, tuple):
            _fill_enabled(menu.addMenu(tr(entry[0])), entry[1], actions)
        elif entry == LINE:
            menu.addSeparator()
        elif actions[entry].isEnabled():
            menu.addAction(actions[entry])
