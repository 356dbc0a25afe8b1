"""Shortcuts as text: the keys of a command and their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spineviewer.gui.kit.command import Command
from spineviewer.gui.kit.language import tr
from spineviewer.wording import mark

#: Labels of keys with special names.
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


def keys_of(command: Command, own: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the user's own shortcuts of a command, or its default ones."""
    return tuple(own.get(command.name, command.keys))


def shown_key(key: str) -> str:
    """Return a shortcut with the labels of its keys, in the user's language."""
    return "+".join(tr(_KEYS.get(part, part)) for part in key.split("+")) if key != "+" else "+"
