"""The command palette, which finds any command by a few letters of its name."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.command import Command
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.shortcuts import shortcut_label
from spineviewer.gui.kit.theme import GAP_M, colours

_NAME = Qt.ItemDataRole.UserRole
_WIDTH, _MAX_ROWS = 520, 12


class Palette(QDialog):
    """A search field and the matching commands; Enter runs the selected one.

    Unavailable commands show the reason.
    """

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self._actions = actions
        self.setWindowTitle(tr("Commands"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("What do you want to do?"))
        self.field.setAccessibleName(tr("Search commands"))
        self.field.setMinimumHeight(32)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # long titles end with an ellipsis instead
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_M, GAP_M, GAP_M, GAP_M)
        layout.setSpacing(GAP_M)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self.setFixedWidth(_WIDTH)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda _: self.accept())
        self.field.returnPressed.connect(self.accept)
        self._filter("")
        if parent is not None:
            centre = parent.mapToGlobal(parent.rect().center())
            top_left = parent.mapToGlobal(parent.rect().topLeft())
            self.move(centre.x() - _WIDTH // 2, top_left.y() + 90)

    @property
    def selected(self) -> str:
        """Name of the selected command; empty if there is none or it is unavailable."""
        item = self.list.currentItem()
        name = str(item.data(_NAME)) if item is not None else ""
        return name if name and not self._actions.obstacle(name) else ""

    def accept(self) -> None:
        if self.selected:
            super().accept()

    def _filter(self, text: str) -> None:
        self.list.clear()
        ranked = []
        for number, command in enumerate(self._actions.commands.values()):
            rank = match_rank(text, command.searchable_text)
            if command.name != "palette" and rank is not None:
                is_disabled = bool(self._actions.obstacle(command.name))
                title_rank = match_rank(text, command.title)
                has_other_title = title_rank is None
                sort_key = (is_disabled, has_other_title, title_rank or rank, number)
                ranked.append((sort_key, command))
        for _, command in sorted(ranked, key=lambda entry: entry[0]):
            self.list.addItem(self._item(command))
        self._select_first_and_fit()

    def _item(self, command: Command) -> QListWidgetItem:
        keys, obstacle = (
            self._actions.shortcuts(command.name),
            self._actions.obstacle(command.name),
        )
        end = f"  –  {obstacle}" if obstacle else f"   {shortcut_label(keys[0])}" if keys else ""
        heading = f"{tr(command.menu)}:  " if command.menu else ""
        item = QListWidgetItem(f"{heading}{command.title}{end}")
        item.setData(_NAME, command.name)
        item.setToolTip(tr(command.tip))
        if obstacle:
            item.setForeground(QColor(colours().faint))
        return item

    def _select_first_and_fit(self) -> None:
        """Select the first entry and fit the list's height to its contents."""
        if not self.list.count():
            no_match = QListWidgetItem(tr("No matching command."))
            no_match.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(no_match)
        else:
            self.list.setCurrentRow(0)
        rows = min(self.list.count(), _MAX_ROWS)
        self.list.setFixedHeight(
            rows * self.list.sizeHintForRow(0) + 2 * self.list.frameWidth() + GAP_M
        )
        self.adjustSize()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)


def match_rank(search: str, text: str) -> tuple[int, int] | None:
    """Return how well a string matches a search (lower is better); None if it does not match.

    Every search word must be in the string. Whole words rank above beginnings of words, which rank
    above matches inside a word. Earlier matches come first.
    """
    lower_text = text.lower()
    rank, position = 0, 0
    for word in search.lower().split():
        for pattern_rank, pattern in enumerate(
            (rf"(?<![\w/]){re.escape(word)}(?![\w/])", rf"\b{re.escape(word)}", re.escape(word))
        ):
            if match := re.search(pattern, lower_text):
                rank += pattern_rank
                position += match.start()
                break
        else:
            return None
    return rank, position
