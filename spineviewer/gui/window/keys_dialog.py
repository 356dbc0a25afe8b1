"""The dialog for editing keyboard shortcuts."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spineviewer.gui.kit.command import Command, CommandTable
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.shortcuts import shortcut_label, shortcuts_for
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_XL

_NAME = Qt.ItemDataRole.UserRole


class KeysDialog(QDialog):
    """Lists every command with its keys, and lets the user change them.

    A key that another command uses is not assigned; the dialog says which command uses it.

    Attributes
    ----------
    own_keys
        The user's own shortcuts, by the names of the commands.
    """

    def __init__(
        self,
        commands: CommandTable,
        own_keys: Mapping[str, list[str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._commands = commands
        self.setWindowTitle(tr("Edit shortcuts"))
        self.own_keys = {name: list(keys) for name, keys in own_keys.items()}
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search commands"))
        self.search.setAccessibleName(tr("Search commands"))
        self.tree = _command_tree(commands)
        self.editor = QKeySequenceEdit()
        self.editor.setAccessibleName(tr("New shortcut"))
        self.editor.setMaximumSequenceLength(1)
        self.editor.setMinimumWidth(110)
        self.set_button = QPushButton(tr("Set"))
        self.clear_button = QPushButton(tr("No shortcut"))
        self.default_button = QPushButton(tr("Restore default"))
        self.all_button = QPushButton(tr("Restore all"))
        self.message = styled_label("warn", is_wrapped=True)
        self.message.setMinimumHeight(18)
        row = QHBoxLayout()
        row.setSpacing(GAP_M)
        row.addWidget(QLabel(tr("New shortcut")))
        row.addWidget(self.editor, 1)
        for button in (self.set_button, self.clear_button, self.default_button, self.all_button):
            button.setAutoDefault(False)
            row.addWidget(button)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addLayout(row)
        layout.addWidget(self.message)
        layout.addWidget(buttons)
        self.resize(640, 560)
        self.search.textChanged.connect(self._filter)
        self.set_button.clicked.connect(lambda: self.set_key(self.editor.keySequence().toString()))
        self.clear_button.clicked.connect(lambda: self._assign([]))
        self.default_button.clicked.connect(self._use_default)
        self.all_button.clicked.connect(self._use_all_defaults)
        self.select(next(iter(commands)))
        self._show_keys()

    @property
    def command(self) -> Command:
        """The selected command."""
        item = self.tree.currentItem()
        return self._commands[
            item.data(0, _NAME) if item is not None else next(iter(self._commands))
        ]

    def select(self, name: str) -> None:
        """Select a command by its name."""
        for number, command in enumerate(self._commands.values()):
            if command.name == name:
                self.tree.setCurrentIndex(self.tree.model().index(number, 0))

    def set_key(self, key: str) -> None:
        """Assign a key to the selected command, unless another command uses it."""
        if not key:
            self.message.setText(tr("Press the new shortcut first."))
            return
        conflicts = [
            command
            for command in self._commands.values()
            if command.name != self.command.name
            and _is_among(key, shortcuts_for(command, self.own_keys))
        ]
        if conflicts:
            self.message.setText(
                tr(
                    "{key} is used by '{command}'. Choose another shortcut, or remove {key} from "
                    "that command first.",
                    key=shortcut_label(key),
                    command=conflicts[0].title,
                )
            )
            return
        self._assign([key])

    def _assign(self, keys: list[str]) -> None:
        self.own_keys[self.command.name] = keys
        self.message.setText("")
        self.editor.clear()
        self._show_keys()

    def _use_default(self) -> None:
        command = self.command
        used_keys = {
            key
            for other in self._commands.values()
            if other.name != command.name
            for key in shortcuts_for(other, self.own_keys)
        }
        if any(key in used_keys for key in command.keys):
            self.message.setText(
                tr(
                    "The default shortcut is used by another command. Remove it from that "
                    "command first."
                )
            )
            return
        self.own_keys.pop(command.name, None)
        self._show_keys()

    def _use_all_defaults(self) -> None:
        self.own_keys.clear()
        self.message.setText("")
        self._show_keys()

    def _show_keys(self) -> None:
        for number, command in enumerate(self._commands.values()):
            item = self.tree.topLevelItem(number)
            assert item is not None
            item.setText(
                2, ",  ".join(shortcut_label(key) for key in shortcuts_for(command, self.own_keys))
            )
            font = item.font(2)
            font.setBold(command.name in self.own_keys)
            item.setFont(2, font)

    def _filter(self, text: str) -> None:
        for number, command in enumerate(self._commands.values()):
            item = self.tree.topLevelItem(number)
            assert item is not None
            item.setHidden(text.lower() not in command.searchable_text.lower())


def _is_among(key: str, keys: tuple[str, ...]) -> bool:
    return any(QKeySequence(key) == QKeySequence(other) for other in keys)


def _command_tree(commands: CommandTable) -> QTreeWidget:
    """Return a list of all commands, without their keys."""
    tree = QTreeWidget()
    tree.setHeaderLabels([tr("Command"), tr("Menu"), tr("Keys")])
    tree.setRootIsDecorated(False)
    tree.setAccessibleName(tr("Commands and their shortcuts"))
    for command in commands.values():
        item = QTreeWidgetItem([command.title, tr(command.menu), ""])
        item.setData(0, _NAME, command.name)
        item.setToolTip(0, tr(command.tip))
        tree.addTopLevelItem(item)
    tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return tree
