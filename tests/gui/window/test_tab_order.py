"""Tab stops: each is visible, shows that it has the focus, and follows the reading order."""

from itertools import pairwise

import pytest
from conftest import let_qt_work
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from whole_window import every_part

from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.surface_view import SurfaceView

TAB_FOCUS = Qt.FocusReason.TabFocusReason
#: More stops than any part of the window has.
MANY = 150
#: Maximum difference in height between controls on one line.
LINE_PX = 16


def stops_in(root):
    """Yield each widget that the Tab key reaches."""
    for _ in range(100):  # until the window is active, Tab goes to another one
        root.activateWindow()
        let_qt_work()
        if QApplication.activeWindow() is root:
            break
    seen = []
    for _ in range(MANY):
        QTest.keyClick(QApplication.focusWidget() or root, Qt.Key.Key_Tab)
        let_qt_work()
        stop = QApplication.focusWidget()
        if stop is None or stop in seen or stop.window() is not root:
            return
        seen.append(stop)
        yield stop


def is_in_sight(stop, root):
    """Return whether no parent, such as a page that scrolls, cuts off a widget completely."""
    shown, parent = QRect(stop.mapTo(root, QPoint()), stop.size()), stop.parentWidget()
    while parent is not None and stop is not root:
        shown &= QRect(parent.mapTo(root, QPoint()), parent.size())
        parent = None if parent is root else parent.parentWidget()
    return stop.isVisible() and not shown.isEmpty()


def has_ring(stop, root):
    """Return whether a widget looks different when it has the focus."""
    around = QRect(stop.mapTo(root, QPoint()), stop.size())
    with_focus = root.grab(around).toImage()
    stop.clearFocus()
    without = root.grab(around).toImage()
    stop.setFocus(TAB_FOCUS)
    return with_focus != without


def place(stop, root):
    return stop.mapTo(root, stop.rect().center())


@pytest.mark.timeout(600)
def test_tab_stops_are_visible_and_show_the_focus(qtbot, make_window, tmp_path):
    unseen, counts = [], {}
    for name, part in every_part(qtbot, make_window, tmp_path, size=(1366, 738)):
        root = part.window()
        if name.startswith("tour") or (not isinstance(part, QDialog) and part is not root):
            continue
        counts[name] = 0
        for stop in stops_in(root):
            counts[name] += 1
            label = f"{name}: {stop.accessibleName() or type(stop).__name__}"
            if not is_in_sight(stop, root):
                unseen.append(f"{label} is out of sight")
            elif not isinstance(stop, (CutView, SurfaceView)) and not has_ring(stop, root):
                unseen.append(f"{label} shows no focus")
    assert unseen == [], "\n".join(unseen)
    assert counts["segmented, measured, checked, corrected"] > 30
    assert counts["study browser"] >= 4


def test_tab_goes_through_views_and_panel_in_reading_order(qtbot, make_window, tmp_path):
    parts = dict(every_part_until_segmented(qtbot, make_window, tmp_path))
    window = parts["window"]
    window.area.views[window.area.active].setFocus()
    body = window.panel.volume_label.window()
    in_panel = [place(stop, body) for stop in stops_in(window) if window.panel.isAncestorOf(stop)]
    backwards = [
        (one, other)
        for one, other in pairwise(in_panel)
        if other.y() < one.y() - LINE_PX
        or (abs(other.y() - one.y()) <= LINE_PX and other.x() < one.x())
    ]
    assert backwards == []


def every_part_until_segmented(qtbot, make_window, tmp_path):
    for name, part in every_part(qtbot, make_window, tmp_path, size=(1366, 2000)):
        if name.startswith("segmented"):
            yield "window", part
            return
