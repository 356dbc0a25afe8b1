"""A mouse over a view: the events that Qt sends for wheel turns, movements and drags."""

from itertools import pairwise

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

NO_KEY = Qt.KeyboardModifier.NoModifier


def at(view, index):
    return view.widget_position(index).toPoint()


def wheel(view, steps, keys=NO_KEY, place=None):
    place = QPointF(place or view.viewport().rect().center())
    event = QWheelEvent(
        place, QPointF(view.viewport().mapToGlobal(place.toPoint())), QPoint(), QPoint(0,
        120 * steps),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def move(view, place, keys=NO_KEY):
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(view.viewport().mapToGlobal(place)),
        Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, keys,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def drag(view, *places, button=Qt.MouseButton.LeftButton):
    """Press a button at the first place, move to the others in steps, and release it."""
    places = [QPointF(place) for place in places]
    QTest.mousePress(view.viewport(), button, NO_KEY, places[0].toPoint())
    for start, stop in pairwise(places):
        for fraction in (0.2, 0.4, 0.6, 0.8, 1.0):
            place = start + (stop - start) * fraction
            there = QPointF(view.viewport().mapToGlobal(place.toPoint()))
            event = QMouseEvent(
                QEvent.Type.MouseMove, place, there, Qt.MouseButton.NoButton, button, NO_KEY
            )
            QApplication.sendEvent(view.viewport(), event)
    QTest.mouseRelease(view.viewport(), button, NO_KEY, places[-1].toPoint())


def drag_voxels(view, *indices):
    """Drag with the left button from one voxel to the next."""
    drag(view, *map(view.widget_position, indices))
