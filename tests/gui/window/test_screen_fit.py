"""The window and its dialogs are never larger than the screen."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QAbstractButton, QDialog, QMainWindow, QScrollArea
from whole_window import every_part

#: Available screens in logical pixels: 1366x768 at 100 and 150%, 1600x900 at 150 and 200%, and
#: a portrait screen at 125%.
SCREENS = [(1366, 728), (910, 485), (1066, 573), (800, 423), (864, 1490)]


@pytest.mark.parametrize("size", SCREENS)
def test_every_window_and_its_buttons_fit_on_the_screen(
    qtbot, make_window, tmp_path, monkeypatch, size
):
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: QRect(QPoint(0, 0), QSize(*size)))
    too_large = []
    for name, part in every_part(qtbot, make_window, tmp_path, size):
        needed = part.minimumSize() if part.isWindow() else QSize()
        if isinstance(part, QMainWindow) and size[1] > 450:  # below, views and panel are squeezed
            needed = needed.expandedTo(QSize(0, part.minimumSizeHint().height()))
        if isinstance(part, QDialog):
            needed = needed.expandedTo(part.size())
        if needed.width() > size[0] - 16 or needed.height() > size[1] - 40:
            too_large.append((name, needed.toTuple()))
        if isinstance(part, QDialog):
            too_large += [(name, button.text()) for button in hidden_buttons(part)]
    assert not too_large


def hidden_buttons(dialog):
    """Buttons outside the dialog that cannot be scrolled into view."""
    for button in dialog.findChildren(QAbstractButton):
        place = QRect(button.mapTo(dialog, QPoint()), button.size())
        is_scrolled = any(area.isAncestorOf(button) for area in dialog.findChildren(QScrollArea))
        if button.isVisible() and not is_scrolled and not dialog.rect().contains(place):
            yield button


def test_on_a_screen_with_enough_room_the_report_does_not_scroll(make_window, scan, monkeypatch):
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _: QRect(0, 0, 1366, 740))
    window = make_window(scan=scan)
    window.actions_by_name["report"].trigger()
    dialog = next(d for d in window.findChildren(QDialog) if d.isVisible())
    assert dialog.findChild(QScrollArea).verticalScrollBar().maximum() == 0
    assert not dialog.editor.images.isVisible()  # without images, the text has the room
    assert dialog.editor.findings.height() >= 150
    assert dialog.editor.impression.height() >= 90
