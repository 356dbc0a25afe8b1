"""Commands as Qt actions, for menus, toolbars and shortcuts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from spineviewer.gui.kit.command import Command, CommandTable, Condition
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.icons import icon
from spineviewer.gui.kit.keyboard import shortcut_at_position
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.shortcuts import shortcut_label, shortcuts_for


class Actions(Mapping[str, QAction]):
    """A QAction for every command, by the command's name.

    Whether an action is enabled or checked depends only on the context: `refresh` queries every
    command, so no action can show an outdated state.

    Thread ownership: GUI thread.
    """

    def __init__(
        self,
        commands: CommandTable,
        context: Context,
        window: QWidget,
        views: Sequence[QWidget],
        own_keys: Mapping[str, Sequence[str]],
    ) -> None:
        self.commands, self.context = commands, context
        self._window, self._views = window, views
        self._keys: dict[str, tuple[str, ...]] = {}
        self._by_needs: dict[tuple[Condition, ...], list[str]] = {}
        self._unmet: dict[tuple[Condition, ...], Condition | None] = {}
        self._by_key: dict[str, str] = {}
        self._own_keys: set[str] = set()
        self._actions = {command.name: QAction(window) for command in commands.values()}
        for name, action in self._actions.items():
            command = commands[name]
            self._by_needs.setdefault(command.needs, []).append(name)
            action.setIconVisibleInMenu(False)
            action.setAutoRepeat(command.is_repeatable)
            action.setCheckable(command.is_checked is not None)
            action.triggered.connect(partial(self._run, command))
            if command.is_for_views:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            for widget in views if command.is_for_views else (window,):
                widget.addAction(action)
        self._switches = [
            (command.is_checked, self._actions[command.name])
            for command in commands.values()
            if command.is_checked is not None
        ]
        self.draw_icons()
        self.use_keys(own_keys)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[self.commands[name].name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def __len__(self) -> int:
        return len(self._actions)

    def refresh(self) -> None:
        """Update whether each action is enabled and checked; tooltips say why one is disabled.

        It can be called many times a second, such as during a drag. Each condition is therefore
        evaluated only once, even if several commands share it.
        """
        context = self.context
        is_met = cache(lambda condition: condition.is_met(context))
        for needs, names in self._by_needs.items():
            unmet = next((condition for condition in needs if not is_met(condition)), None)
            if unmet is not self._unmet.get(needs):
                self._unmet[needs] = unmet
                for name in names:
                    self._actions[name].setEnabled(unmet is None)
                    self._show_tip(name)
        for is_checked, action in self._switches:
            action.setChecked(is_checked(context))

    def obstacle(self, name: str) -> str:
        """Return why a command is unavailable, in the user's language; empty if it is available."""
        unmet = self._unmet.get(self.commands[name].needs)
        return tr(unmet.reason) if unmet is not None else ""

    def use_keys(self, own_keys: Mapping[str, Sequence[str]]) -> None:
        """Assign the user's own shortcuts, and the default shortcuts to all other actions."""
        for name, action in self._actions.items():
            self._keys[name] = shortcuts_for(self.commands[name], own_keys)
            action.setShortcuts([QKeySequence(key) for key in self._keys[name]])
            self._show_text(name)
            self._show_tip(name)

        keys = ((key, name) for name, shortcuts in self._keys.items() for key in shortcuts)
        self._by_key = {QKeySequence(key).toString(): name for key, name in keys}
        self._own_keys = {
            QKeySequence(key).toString() for shortcuts in own_keys.values() for key in shortcuts
        }

    def run_at_position(self, event: QKeyEvent) -> bool:
        """Run the command whose shortcut is at the key's position on a US keyboard.

        A command for views is run only if a view has the focus. Return False if there is no
        command, or if the printed character takes precedence.
        """
        shortcut = shortcut_at_position(event, self._by_key, self._own_keys)
        if not shortcut:
            return False
        name, focus = self._by_key[shortcut], self._window.focusWidget()
        if not self.commands[name].is_for_views or any(
            view.isAncestorOf(focus) for view in self._views
        ):
            self._actions[name].trigger()
        event.accept()  # the shortcut of the printed character must not be triggered too
        return True

    def shortcuts(self, name: str) -> tuple[str, ...]:
        """Return the shortcuts of a command."""
        return self._keys[name]

    def draw_icons(self) -> None:
        """Redraw every icon in the colours of the theme."""
        for name, action in self._actions.items():
            if icon_name := self.commands[name].icon:
                action.setIcon(icon(icon_name))

    def _run(self, command: Command, _: bool = False) -> None:
        command.run(self.context)
        self.refresh()

    def _show_text(self, name: str) -> None:
        """Set an action's text; in menus, its keys have the same labels as everywhere else."""
        title, key = tr(self.commands[name].text), next(iter(self._keys[name]), "")
        label = shortcut_label(key) if key else ""
        is_same_in_qt = label == QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        self._actions[name].setText(title if is_same_in_qt else f"{title}\t{label}")
        self._actions[name].setIconText(title)

    def _show_tip(self, name: str) -> None:
        command, keys, obstacle = self.commands[name], self._keys[name], self.obstacle(name)
        shortcut = f" ({shortcut_label(keys[0])})" if keys else ""
        reason = tr("Not available: {reason}", reason=obstacle) if obstacle else ""
        lines = (f"{command.title}{shortcut}", tr(command.tip), reason)
        self._actions[name].setToolTip("\n".join(line for line in lines if line))
