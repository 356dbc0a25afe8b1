"""Dialogs over a window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QInputDialog, QLineEdit, QMessageBox, QWidget

from spineviewer.gui.kit.focus import protect_fields_from_wheel
from spineviewer.gui.kit.item_tips import add_tips_to_truncated_texts
from spineviewer.gui.kit.screen_fit import fit_on_screen, place_beside

#: Extra width for the buttons and the larger font of the title bar.
_TITLE_BAR_PX = 200


def confirm(parent: QWidget, title: str, question: str) -> bool:
    """Return whether the user wants to delete or discard something; Enter and Esc mean no."""
    yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
    return QMessageBox.question(parent, title, question, yes | no, no) is yes


class TextDialog(QInputDialog):
    """Asks for text; stays open and says why if the text cannot be used."""

    def __init__(self, parent: QWidget, label: str, get_problem: Callable[[str], str]) -> None:
        super().__init__(parent)
        self._label, self._get_problem = label, get_problem
        self.setLabelText(label)

    def accept(self) -> None:
        problem = self._get_problem(self.textValue())
        if problem:
            self.setLabelText(f"{self._label}\n\n{problem}\n")
            for field in self.findChildren(QLineEdit):
                field.setAccessibleDescription(problem)
                field.selectAll()
                field.setFocus()
        else:
            super().accept()


def ask_for_text(
    parent: QWidget, title: str, label: str, get_problem: Callable[[str], str] = lambda _: ""
) -> str | None:
    """Ask for text and return it, or None if the user cancels.

    The dialog is wide enough for its whole title, followed by the name of the program.

    Parameters
    ----------
    get_problem
        Returns why the text cannot be used, or an empty string if it can.
    """
    dialog = TextDialog(parent, label, get_problem)
    dialog.setWindowTitle(title)
    title_px = dialog.fontMetrics().horizontalAdvance(f"{title} — Spineviewer")
    dialog.setTextEchoMode(QLineEdit.EchoMode.Normal)  # creates the field
    for field in dialog.findChildren(QLineEdit):  # the dialog is as wide as its field
        field.setMinimumWidth(title_px + _TITLE_BAR_PX)
    is_ok = dialog.exec() == QDialog.DialogCode.Accepted
    text = dialog.textValue()
    dialog.deleteLater()
    return text if is_ok else None


class Dialogs:
    """Shows dialogs over a window, and asks for short text.

    Thread ownership: GUI thread.
    """

    def __init__(self, window: QWidget) -> None:
        self.window = window

    def show(self, dialog: QDialog) -> None:
        """Open a dialog that is deleted when it closes."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fit_on_screen(dialog)
        protect_fields_from_wheel(dialog)
        add_tips_to_truncated_texts(dialog)
        dialog.open()

    def show_beside(self, dialog: QDialog, command: str = "", *, takes_keys: bool = True) -> None:
        """Open a dialog at the right edge of the window, which remains usable.

        Parameters
        ----------
        command
            The command that opens it again in another window.
        takes_keys
            Whether the dialog then receives the keys; otherwise, the window keeps them.
        """
        dialog.setProperty("command", command)
        dialog.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, not takes_keys)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fit_on_screen(dialog)
        protect_fields_from_wheel(dialog)
        add_tips_to_truncated_texts(dialog)
        place_beside(dialog, self.window)
        dialog.show()

    @property
    def commands_of_open_dialogs(self) -> list[str]:
        """Names of the commands that opened the visible dialogs beside the window."""
        return [
            name
            for dialog in self.window.findChildren(QDialog)
            if dialog.isVisible() and (name := dialog.property("command"))
        ]

    def ask_for_text(
        self, title: str, label: str, get_problem: Callable[[str], str] = lambda _: ""
    ) -> str | None:
        """Ask for text and return it, or None if the user cancels.

        `get_problem` returns why the text cannot be used, or an empty string if it can.
        """
        return ask_for_text(self.window, title, label, get_problem)
