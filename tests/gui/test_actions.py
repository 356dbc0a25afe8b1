from collections import Counter

from PySide6.QtGui import QKeySequence

from spineviewer.gui.actions import COMMANDS
from spineviewer.gui.bars import LAYOUTS, TOOLS
from spineviewer.gui.icons import icon_names


def test_no_key_does_two_things():
    keys = Counter(QKeySequence(key).toString() for command in COMMANDS for key in command.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_no_two_commands_share_a_name_or_a_text():
    for what in ("name", "text"):
        counts = Counter(getattr(command, what) for command in COMMANDS)
        assert [value for value, count in counts.items() if count > 1] == []


def test_every_key_is_one_that_qt_knows():
    assert [key for command in COMMANDS for key in command.keys if not QKeySequence(key).toString()] == []


def test_every_icon_exists_and_every_tool_and_layout_is_a_command():
    assert {command.icon for command in COMMANDS if command.icon} <= set(icon_names())
    assert {*TOOLS, *LAYOUTS} <= {command.name for command in COMMANDS}
