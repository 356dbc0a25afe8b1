"""A command states whether it is available, and a table suggests the most similar name."""

import pytest

from spineviewer.gui.kit.command import Command, CommandTable, Condition, UnknownCommandError
from spineviewer.gui.kit.context import Context


def command(name, *needs):
    return Command(name=name, text=name.title(), menu="File", run=lambda _: None, needs=needs)


def test_the_first_unmet_condition_is_the_reason():
    met = Condition(lambda _: True, "never shown")
    first, second = (
        Condition(lambda _: False, "needs a scan"),
        Condition(lambda _: False, "no mask"),
    )
    context = Context(workspace=None)
    assert command("a", met).obstacle(context) == ""
    assert command("a", met, first, second).obstacle(context) == "needs a scan"


def test_an_unknown_name_is_reported_with_the_most_similar_one():
    table = CommandTable([command("tool_brush"), command("open"), command("open_folder")])
    with pytest.raises(UnknownCommandError, match=r"'tool_bursh'.*'tool_brush'"):
        table["tool_bursh"]
    assert table.get("no such name") is None
    assert "open" in table


def test_two_commands_with_the_same_name_are_rejected():
    with pytest.raises(ValueError, match="Two commands are named 'open'"):
        CommandTable([command("open"), command("open")])


def test_a_context_finds_a_part_by_its_class():
    class Shelf:
        pass

    shelf = Shelf()
    context = Context(None, shelf, "text")
    assert context[Shelf] is shelf
    assert context[str] == "text"
    with pytest.raises(KeyError):
        context[int]
