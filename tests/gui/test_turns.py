"""A window with dear pictures repaints in turns of the event loop."""

import time

import pytest
from conftest import settle
from PySide6.QtCore import QEvent, QObject, QTimer

from spineviewer.app.state import Slab, SlabKind
from spineviewer.gui.views.cut_view import CutView
from spineviewer.volume.planes import Plane


class Loop(QObject):
    """Tells in which turn of the event loop something happens."""

    def __init__(self):
        super().__init__()
        self.turn = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._count)
        self._timer.start(0)

    def _count(self):
        self.turn += 1


@pytest.fixture
def composed(monkeypatch):
    """Pictures that take longer than a turn may, and (turn, plane) of each."""
    loop, made, compose = Loop(), [], CutView._compose_frame

    def dear(view, reading, cut):
        made.append((loop.turn, view.plane))
        time.sleep(0.02)
        compose(view, reading, cut)

    monkeypatch.setattr(CutView, "_compose_frame", dear)
    return made


def test_one_dear_picture_is_made_in_a_turn_and_the_active_one_does_not_wait_for_two(qtbot, make_window, scan, composed):
    window = make_window(scan=scan)
    window.area.set_active(Plane.CORONAL)
    settle(qtbot, window)
    composed.clear()
    window.desk.set_slab(Slab(SlabKind.MIP))
    settle(qtbot, window)
    turns, planes = zip(*composed, strict=True)
    assert len(set(turns)) == 3
    assert planes == (Plane.SAGITTAL, Plane.CORONAL, Plane.AXIAL)


def test_the_turn_that_opens_a_scan_repaints_nothing(qtbot, make_window, scan, composed):
    window = make_window()
    loop, repainted = Loop(), []

    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() is QEvent.Type.Paint:
                repainted.append(loop.turn)
            return False

    watch = Watch()
    window.panel.installEventFilter(watch)
    opened = []
    window.desk.scan_shown.connect(lambda: opened.append(loop.turn))
    QTimer.singleShot(0, lambda: window.desk.show_scan(scan))
    qtbot.waitUntil(lambda: len(composed) == 3)
    assert repainted[0] > opened[0]
    assert len({turn for turn, _ in composed}) == 3


def test_who_asks_for_a_picture_between_two_repaints_gets_it(qtbot, make_window, scan, composed):
    window = make_window(scan=scan)
    window.desk.set_slab(Slab(SlabKind.MIP))
    window.area.grab()
    assert not any(view.is_stale for view in window.area.views.values())
