"""Commands of the window itself: undo, appearance, shortcuts, Help, Cancel and Quit.

All dialogs except the palette are imported only when they are opened, so the window starts sooner.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt

from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.gui.kit.language import languages
from spineviewer.gui.measuring.measurer import Measurer
from spineviewer.gui.opening.closer import Closer
from spineviewer.gui.opening.opener import Opener
from spineviewer.gui.reporting.commands import show_changed_report
from spineviewer.gui.viewing.cine import Cine
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.gui.window import interface_size
from spineviewer.gui.window.banners import BannerStack
from spineviewer.gui.window.interface_size import max_percent
from spineviewer.gui.window.palette import Palette
from spineviewer.gui.window.preferences import Preferences
from spineviewer.gui.window.spine_panel import SpinePanel
from spineviewer.gui.window.toolbar import Toolbar
from spineviewer.gui.window.tour import TourGuide
from spineviewer.wording import mark

UNDOABLE = Condition(
    lambda context: context.parts is not None and context.scan.steps.can_undo,
    mark("nothing to undo"),
)
REDOABLE = Condition(
    lambda context: context.parts is not None and bool(context.parts.history.undone),
    mark("nothing to redo"),
)
SOMETHING_RUNS = Condition(
    lambda context: context.workspace.is_cancellable, mark("nothing is running")
)


def cancel(context: Context) -> None:
    """Stop the running work, and discard the paths waiting to be opened."""
    context[Opener].discard_waiting()
    context.workspace.cancel()


def _undo(context: Context) -> None:
    before = context.scan.parts.draft
    context.scan.steps.undo()
    show_changed_report(context, before)


def _redo(context: Context) -> None:
    before = context.scan.parts.draft
    context.scan.steps.redo()
    show_changed_report(context, before)


def _step_back(context: Context) -> None:
    """End the first of the following that is under way; do nothing if none is.

    The name field, a drag, a drawing, the list of notices, the tour, cine, a tool, the display of
    landmarks, a maximised view, full screen. Work that is running is not cancelled, because one key
    press too many would discard it.
    """
    area, window = context[ViewArea], context[Dialogs].window
    if context[Measurer].end_naming() or any(view.mouse.abandon_press() for view in area.cuts):
        return
    if area.tool.is_drawing:
        area.discard_drawing()
    elif context[BannerStack].is_open:
        context[BannerStack].close_list()
    elif context[TourGuide].tour is not None:
        context[TourGuide].end()
    elif context[Cine].is_running:
        context[Cine].stop()
    elif area.tool.name != area.default_tool:
        area.use_tool(area.default_tool)
    elif _are_landmarks_shown(context):
        context.scan.spine.hide()
    elif area.maximised is not None:
        area.toggle_maximised(area.maximised)
    elif window.isFullScreen():
        _toggle_fullscreen(context)


def _are_landmarks_shown(context: Context) -> bool:
    return context.parts is not None and context.parts.chosen_source is not None


def _toggle_panel(context: Context) -> None:
    panel = context[SpinePanel]
    panel.setVisible(panel.isHidden())


def _toggle_fullscreen(context: Context) -> None:
    window = context[Dialogs].window  # Qt remembers whether it was maximised
    window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)


def _is_light(context: Context) -> bool:
    return context.workspace.settings.current.theme == "light"


def _toggle_light(context: Context) -> None:
    context[Preferences].use_theme("dark" if _is_light(context) else "light")


def _toggle_patient(context: Context) -> None:
    settings = context.workspace.settings
    settings.update(is_patient_shown=not settings.current.is_patient_shown)


def _show_palette(context: Context) -> None:
    palette = Palette(context[Actions], context[Dialogs].window)
    palette.accepted.connect(lambda: context[Actions][palette.selected].trigger())
    context[Dialogs].show(palette)


def _edit_keys(context: Context) -> None:
    from spineviewer.gui.window.keys_dialog import KeysDialog

    commands, own = context[Actions].commands, context.workspace.settings.current.keys
    dialog = KeysDialog(commands, own, context[Dialogs].window)
    dialog.accepted.connect(lambda: context[Preferences].use_keys(dialog.own_keys))
    context[Dialogs].show(dialog)


def _begin_tour(context: Context) -> None:
    if context.workspace.front is None:
        context[TourGuide].begin_with_next_scan()
        context[Opener].open_sample()
    else:
        context[TourGuide].begin()


def _show_shortcuts(context: Context) -> None:
    from spineviewer.gui.window.sheets import ShortcutsSheet

    commands, own = context[Actions].commands, context.workspace.settings.current.keys
    context[Dialogs].show(ShortcutsSheet(commands, own, context[Dialogs].window))


def _show_help(context: Context) -> None:
    from spineviewer.gui.window.help_sheet import HelpSheet

    context[Dialogs].show(HelpSheet(context[Dialogs].window))


def _show_about(context: Context) -> None:
    from spineviewer.gui.window.sheets import AboutSheet

    context[Dialogs].show(AboutSheet(context[Dialogs].window))


def language_command(code: str, text: str, tip: str) -> Command:
    """Return the command that switches to a language; an empty code follows the system."""
    return Command(
        name=f"language_{code or 'system'}",
        text=text,
        menu="View",
        tip=tip,
        run=lambda context: context[Preferences].use_language(code),
        is_checked=lambda context: context.workspace.settings.current.language == code,
        needs=(),
    )


def _use_size(percent: int, context: Context) -> None:
    context[Preferences].use_size(percent)


def _is_size(percent: int, context: Context) -> bool:
    return context.workspace.settings.current.interface_percent == percent


def _size_command(name: str, text: str, tip: str, percent: int) -> Command:
    fits = Condition(
        lambda _: percent <= max_percent(interface_size.screen_lines()),
        mark("this screen is too small"),
    )
    return Command(
        name=name,
        text=text,
        menu="View",
        tip=tip,
        run=partial(_use_size, percent),
        is_checked=partial(_is_size, percent),
        needs=(fits,) if percent > 100 else (),
    )


_SIZE_TIP = mark("Text, buttons and lines at this size; takes effect after a restart")

COMMANDS = (
    Command(
        name="undo",
        text=mark("Undo"),
        menu="Correct",
        keys=("Ctrl+Z",),
        icon="undo",
        tip=mark("Undo the last step"),
        run=_undo,
        needs=(OPEN_SCAN, UNDOABLE),
    ),
    Command(
        name="redo",
        text=mark("Redo"),
        menu="Correct",
        keys=("Ctrl+Y", "Ctrl+Shift+Z"),
        icon="redo",
        tip=mark("Redo the last undone step"),
        run=_redo,
        needs=(OPEN_SCAN, REDOABLE),
    ),
    Command(
        name="quit",
        text=mark("Quit"),
        menu="File",
        keys=("Ctrl+Q",),
        run=lambda context: context[Closer].quit(context[Dialogs].window.close),
        needs=(),
    ),
    Command(
        name="cancel",
        text=mark("Cancel"),
        menu="Spine",
        keys=("Shift+Escape",),
        tip=mark("Cancel the current segmentation or export"),
        run=cancel,
        needs=(SOMETHING_RUNS,),
    ),
    Command(
        name="window_control",
        text=mark("Histogram and window…"),
        menu="Window",
        keys=("Shift+W",),
        tip=mark("Set width and level on the histogram"),
        run=lambda context: context[Toolbar].open_window_control(),
    ),
    Command(
        name="step_back",
        text=mark("Exit the tool or the maximised view"),
        menu="Tools",
        keys=("Escape",),
        tip=mark(
            "Go back one step: undo the current drag or discard the drawing; otherwise exit the "
            "tool, or leave the maximised view or full screen"
        ),
        run=_step_back,
        needs=(),
    ),
    Command(
        name="light",
        text=mark("Light theme"),
        menu="View",
        tip=mark("Use a light background for the controls; the images stay dark"),
        run=_toggle_light,
        is_checked=_is_light,
        needs=(),
    ),
    Command(
        name="patient_shown",
        text=mark("Patient and study"),
        menu="View",
        keys=("Ctrl+Shift+N",),
        tip=mark(
            "Show patient and study above the views, and on tabs if several scans have the same "
            "file name; if this is off, folders that are named after the patient are not shown "
            "either"
        ),
        run=_toggle_patient,
        is_checked=lambda context: context.workspace.settings.current.is_patient_shown,
        needs=(),
    ),
    language_command(
        "",
        mark("System language"),
        mark("Use the system language"),
    ),
    *(language_command(language.code, language.name, language.tip) for language in languages()),
    _size_command(
        "size_automatic",
        mark("Automatic interface size"),
        mark(
            "As set in the system, or larger on high-resolution screens that the system does "
            "not scale; takes effect after a restart"
        ),
        0,
    ),
    _size_command("size_100", mark("Interface at 100%"), _SIZE_TIP, 100),
    _size_command("size_125", mark("Interface at 125%"), _SIZE_TIP, 125),
    _size_command("size_150", mark("Interface at 150%"), _SIZE_TIP, 150),
    _size_command("size_175", mark("Interface at 175%"), _SIZE_TIP, 175),
    _size_command("size_200", mark("Interface at 200%"), _SIZE_TIP, 200),
    Command(
        name="panel",
        text=mark("Side panel"),
        menu="View",
        keys=("F9",),
        tip=mark("Show or hide the side panel"),
        run=_toggle_panel,
        is_checked=lambda context: not context[SpinePanel].isHidden(),
        needs=(),
    ),
    Command(
        name="fullscreen",
        text=mark("Full screen"),
        menu="View",
        keys=("F11",),
        tip=mark("Use the whole screen"),
        run=_toggle_fullscreen,
        is_checked=lambda context: context[Dialogs].window.isFullScreen(),
        needs=(),
    ),
    Command(
        name="help",
        text=mark("Help"),
        menu="Help",
        keys=("Shift+F1",),
        tip=mark("Step-by-step instructions"),
        run=_show_help,
        needs=(),
    ),
    Command(
        name="tour",
        text=mark("Tour of the window"),
        menu="Help",
        tip=mark("Take a short tour of the window, with the sample scan if no scan is open"),
        run=_begin_tour,
        needs=(),
    ),
    Command(
        name="palette",
        text=mark("Find a command…"),
        menu="Help",
        keys=("Ctrl+Shift+P",),
        tip=mark("Find any command by typing a few letters of its name"),
        run=_show_palette,
        needs=(),
    ),
    Command(
        name="edit_keys",
        text=mark("Edit shortcuts…"),
        menu="Help",
        tip=mark("Change keyboard shortcuts"),
        run=_edit_keys,
        needs=(),
    ),
    Command(
        name="shortcuts",
        text=mark("Keyboard and mouse"),
        menu="Help",
        keys=("F1", "?"),
        icon="keys",
        tip=mark("List everything you can do with keyboard and mouse"),
        run=_show_shortcuts,
        needs=(),
    ),
    Command(
        name="about",
        text=mark("About Spineviewer"),
        menu="Help",
        icon="info",
        run=_show_about,
        needs=(),
    ),
)
