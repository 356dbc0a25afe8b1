"""Dialogs that ask for a short text."""

from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from spineviewer.gui.kit.dialogs import TextDialog


def test_a_text_that_cannot_be_used_keeps_the_dialog_open_and_says_why(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = TextDialog(parent, "Name", lambda text: "" if text == "L1" else f"{text} is no level")
    dialog.setTextEchoMode(QLineEdit.EchoMode.Normal)
    dialog.open()
    dialog.setTextValue("X9")
    dialog.accept()
    assert dialog.isVisible()
    assert "X9 is no level" in dialog.labelText()
    dialog.setTextValue("L1")
    dialog.accept()
    assert not dialog.isVisible()
    assert dialog.result() == QDialog.DialogCode.Accepted
