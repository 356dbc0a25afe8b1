"""A mouse over a view: the events that Qt sends for wheel turns, movements and drags."""

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


def drag(view, start, stop, button=Qt.MouseButton.LeftButton):
    QTest.mousePress(view.viewport(), button, NO_KEY, start)
    for k in range(1, 6):
        place = start + (stop - start) * (k / 5)
        where = QPointF(view.viewport().mapToGlobal(place))
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(place), where, Qt.MouseButton.NoButton, button, NO_KEY
        )
        QApplication.sendEvent(view.viewport(), event)
    QTest.mouseRelease(view.viewport(), button, NO_KEY, stop)
