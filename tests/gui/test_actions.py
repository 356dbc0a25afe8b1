from collections import Counter

from spineviewer.gui.actions import COMMANDS


def test_no_key_does_two_things():
    keys = Counter(key for command in COMMANDS for key in command.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_no_two_commands_share_a_name_or_a_text():
    for what in ("name", "text"):
        counts = Counter(getattr(command, what) for command in COMMANDS)
        assert [value for value, count in counts.items() if count > 1] == []
