"""The shortcuts of commands, and their labels for the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spineviewer.gui.kit.command import Command
from spineviewer.gui.kit.language import tr
from spineviewer.wording import mark

#: Labels of keys that Qt names differently, or whose names are translated.
_KEY_LABELS = {
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


def shortcuts_for(command: Command, own: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the user's own shortcuts for a command, or its defaults."""
    return tuple(own.get(command.name, command.keys))


def shortcut_label(key: str) -> str:
    """Return a shortcut as the user sees it, with the labels of its keys."""
    if key == "+":
        return "+"
    return "+".join(tr(_KEY_LABELS.get(part, part)) for part in key.split("+"))
