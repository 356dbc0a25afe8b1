"""The values under a resting pointer remain correct when the picture below it changes."""

from collections import namedtuple

import numpy as np
import pytest
from fakes import FakeBackend, spine_volume
from pointer import NO_KEY, drag, move, wheel
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spineviewer.gui.viewing.layouts import Layout
from spineviewer.volume.planes import Plane

LEFT = Qt.MouseButton.LeftButton


def is_true(window, view, at):
    """Return whether status bar and corner show the scan's value under a point of a view."""
    state = window.verbs.state
    z, y, x = (round(i) for i in view.index_at(QPointF(at)))
    hu = int(state.scan.hu[z, y, x])
    text = window.status.pointer_label.text()
    return (
        view.hover.text == f"{hu} HU"
        and text.startswith(f"{hu} HU")
        and f"voxel {x + 1}, {y + 1}, {z + 1}" in text
    )


Resting = namedtuple("Resting", "window view at")


@pytest.fixture
def resting(make_window):
    """A window, a view, and the position of the resting mouse in it.

    Every voxel of the scan has a different value.
    """
    scan = spine_volume()
    scan.hu[:] = np.arange(scan.hu.size).reshape(scan.hu.shape) % 30011 - 1000
    window = make_window(FakeBackend([scan]), scan=scan)
    view = window.area.views[Plane.SAGITTAL]
    at = view.viewport().rect().center() + QPoint(13, 21)
    move(view, at)
    assert is_true(window, view, at)
    return Resting(window, view, at)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: wheel(r.view, 2, place=r.at),
        lambda r: QTest.keyClick(r.view, Qt.Key.Key_Up),
        lambda r: r.window.verbs.scroll(Plane.SAGITTAL, 3),
        lambda r: r.window.verbs.move_to((10, 20, 30)),
        lambda r: r.view.zoom_by(2.0),
        lambda r: r.view.pan_by(17, -9),
        lambda r: r.window.verbs.rotate(Plane.SAGITTAL, 20.0),
        lambda r: r.window.resize(1200, 700),
        lambda r: r.window.verbs.show_scan(spine_volume(shape=(90, 70, 60))),
    ],
    ids=["wheel", "key", "scroll", "jump", "zoom", "pan", "rotate", "resize", "another scan"],
)
def test_a_resting_pointer_reports_what_has_moved_under_it(resting, change):
    change(resting)
    QApplication.processEvents()
    assert is_true(*resting)


def test_the_pointer_is_reported_during_and_after_a_drag(resting):
    window, view, at = resting
    drag(view, at, at + QPoint(40, 30))
    assert is_true(window, view, at + QPoint(40, 30))
    QTest.mousePress(view.viewport(), Qt.MouseButton.MiddleButton, NO_KEY, at)
    move(view, at + QPoint(30, 30))
    assert is_true(window, view, at + QPoint(30, 30))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.MiddleButton, NO_KEY, at + QPoint(30, 30))


def test_a_double_click_that_maximises_reports_what_is_then_under_the_pointer(resting):
    window = resting.window
    coronal = window.area.views[Plane.CORONAL]
    middle = QPoint(50, 60)  # now beside the picture, but inside it once it is larger
    move(coronal, middle)
    where = QPointF(coronal.viewport().mapToGlobal(middle))
    QTest.mouseDClick(coronal.viewport(), LEFT, NO_KEY, middle)
    assert window.area.maximised is Plane.CORONAL
    assert is_true(window, coronal, coronal.viewport().mapFromGlobal(where).toPoint())


def test_another_layout_reports_the_view_that_is_now_under_the_pointer(resting):
    window, view, at = resting
    where = view.viewport().mapToGlobal(at)
    window.area.set_layout_kind(Layout.ROW)
    under = next(v for v in window.area.views.values() if v.rect().contains(v.mapFromGlobal(where)))
    assert is_true(window, under, under.viewport().mapFromGlobal(where))


def test_a_pointer_that_has_left_reports_nothing(resting):
    resting.view.hover.point_at(None)
    resting.window.verbs.scroll(Plane.SAGITTAL, 1)
    assert resting.view.hover.text == resting.window.status.pointer_label.text() == ""


@pytest.mark.parametrize("part", ["toolbar", "panel", "status"])
def test_a_view_moved_under_the_pointer_shows_nothing_once_the_mouse_is_elsewhere(resting, part):
    """Qt reports only the new widget, because it never reported that view."""
    window = resting.window
    window.area.set_layout_kind(Layout.ROW)
    assert window.status.pointer_label.text()
    at = QPointF(2.0, 2.0)
    QApplication.sendEvent(getattr(window, part), QEnterEvent(at, at, at))
    texts = {view.hover.text for view in window.area.cuts}
    assert texts == {window.status.pointer_label.text()} == {""}


def test_cine_reports_each_slice(qtbot, resting):
    window, view, at = resting
    window.area.set_active(Plane.SAGITTAL)
    window.cine.toggle()
    start = window.verbs.state.crosshair_zyx
    qtbot.waitUntil(lambda: window.verbs.state.crosshair_zyx[2] != start[2])
    assert is_true(window, view, at)
    window.cine.stop()


def test_a_scan_under_the_pointer_is_never_read_at_another_scans_voxels(qtbot, make_window):
    """Tabs and the patient line may move the pictures before these show the new scan."""
    large, small = spine_volume(shape=(90, 160, 150)), spine_volume(shape=(40, 46, 40))
    window = make_window(FakeBackend([large, small]), scan=large)
    view = window.area.views[Plane.SAGITTAL]
    move(view, view.viewport().rect().center() + QPoint(60, 70))
    window.workspace.scans_changed.connect(lambda: view.resize(view.width(), view.height() - 9))
    for change in (lambda: window.verbs.show_scan(small), lambda: window.verbs.switch_to(0)):
        change()
        QApplication.processEvents()
        place = view.viewport().mapFromGlobal(view.hover.pointer).toPoint()
        assert is_true(window, view, place) or not window.status.pointer_label.text()


def test_a_pointer_that_returns_from_another_view_is_reported_again(resting):
    window, view, at = resting
    coronal = window.area.views[Plane.CORONAL]
    move(coronal, coronal.viewport().rect().center() + QPoint(13, 21))
    assert view.hover.text == ""
    move(view, at)
    assert is_true(window, view, at)
