"""Every command by a few letters of its name."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from spineviewer.gui.actions import COMMANDS, shown_key
from spineviewer.gui.language import tr
from spineviewer.gui.theme import GAP_M

_NAME = Qt.ItemDataRole.UserRole
_WIDTH, _MOST_ROWS = 520, 12


class Palette(QDialog):
    """A field and the commands that match it; Enter does the first. What cannot be done now is not listed."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self._actions = actions
        self.setWindowTitle(tr("Commands"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("What do you want to do?"))
        self.field.setAccessibleName(tr("Search a command"))
        self.field.setMinimumHeight(32)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # long ones end in an ellipsis
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
            middle, top = parent.mapToGlobal(parent.rect().center()), parent.mapToGlobal(parent.rect().topLeft())
            self.move(middle.x() - _WIDTH // 2, top.y() + 90)

    @property
    def chosen(self) -> str:
        """Name of the chosen command; empty when none matches."""
        item = self.list.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    def _filter(self, text: str) -> None:
        self.list.clear()
        scored = []
        for number, command in enumerate(COMMANDS):
            action = self._actions[command.name]
            rank = match_rank(text, command.words)
            if action.isEnabled() and command.name != "palette" and rank is not None:
                scored.append((rank, number, command))
        for _, _, command in sorted(scored, key=lambda entry: entry[:2]):
            keys = self._actions[command.name].shortcuts()
            key = f"   {shown_key(keys[0].toString())}" if keys else ""
            item = QListWidgetItem(f"{tr(command.group)}:  {command.title}{key}")
            item.setData(_NAME, command.name)
            item.setToolTip(tr(command.tip))
            self.list.addItem(item)
        self._show_chosen_and_size()

    def _show_chosen_and_size(self) -> None:
        """The list is as high as what it holds."""
        if not self.list.count():
            nothing = QListWidgetItem(tr("No command has this in its name."))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nothing)
        else:
            self.list.setCurrentRow(0)
        rows = min(self.list.count(), _MOST_ROWS)
        self.list.setFixedHeight(rows * self.list.sizeHintForRow(0) + 2 * self.list.frameWidth() + GAP_M)
        self.adjustSize()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)


def match_rank(wanted: str, text: str) -> tuple[int, int] | None:
    """How well a text answers what was typed, lower is better; None when it does not.

    Every word typed must begin a word of the text, or stand in it; the text that has them earliest comes first.
    """
    low = text.lower()
    rank, place = 0, 0
    for word in wanted.lower().split():
        at = 0 if low.startswith(word) else low.find(f" {word}")
        if at < 0:
            at = low.find(word)
            rank += 1
        if at < 0:
            return None
        place += at
    return rank, place
