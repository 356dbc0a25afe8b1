"""The enabled actions, and the cost of updating them."""

from collections import Counter

from PySide6.QtWidgets import QMainWindow, QWidget

from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.command import Command, CommandTable, Condition
from spineviewer.gui.kit.context import Context


def test_a_shared_condition_is_evaluated_once_per_refresh(qtbot):
    requested = []
    first = Condition(lambda _: requested.append("first") or True, "needs the first")
    second = Condition(lambda _: requested.append("second") or False, "needs the second")
    needs = {"a": (first,), "b": (first, second), "c": (second,), "d": (first,)}
    commands = [
        Command(name=name, text=name, menu="File", run=print, needs=conditions)
        for name, conditions in needs.items()
    ]
    window, views = QMainWindow(), QWidget()
    for widget in (window, views):
        qtbot.addWidget(widget)
    actions = Actions(CommandTable(commands), Context(None), window, (views,), {})
    actions.refresh()
    assert Counter(requested) == {"first": 1, "second": 1}
    assert [actions[name].isEnabled() for name in "abcd"] == [True, False, False, True]
    assert [actions.obstacle(name) for name in "abcd"] == [
        "",
        "needs the second",
        "needs the second",
        "",
    ]
