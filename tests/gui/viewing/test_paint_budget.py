"""A window with slow pictures spreads its repaints over iterations of the event loop."""

import threading
import time

import pytest
from conftest import segment, settle
from fakes import FakeBackend
from PySide6.QtCore import QEvent, QObject, QTimer

from spineviewer.app.state import Slab, SlabKind
from spineviewer.gui.viewing.composer import Composer
from spineviewer.gui.viewing.composing_threads import ComposingThreads
from spineviewer.gui.viewing.picture import Picture
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane


class Loop(QObject):
    """Reports the iteration of the event loop in which something happens."""

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
    """Pictures that take longer than an iteration may, with (iteration, plane) of each."""
    loop, made, compose, frame = Loop(), [], Picture.compose, Composer.frame

    def noted(picture, scene, cut, pixel_mm):
        made.append((loop.turn, cut.plane))
        compose(picture, scene, cut, pixel_mm)

    def dear(composer, *given, **named):
        time.sleep(0.02)
        return frame(composer, *given, **named)

    monkeypatch.setattr(Picture, "compose", noted)
    monkeypatch.setattr(Composer, "frame", dear)
    return made


def test_two_threads_compose_two_slow_pictures_in_one_pass(
    qtbot, make_window, scan, composed, two_threads, monkeypatch
):
    window = make_window(scan=scan)
    settle(qtbot, window)
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    composed.clear()
    helper_is_done, frame = threading.Event(), Composer.frame

    def slower(composer, *given, **named):
        """Slow down more than the helper thread, however little processor time that gets."""
        if threading.current_thread() is threading.main_thread():
            assert helper_is_done.wait(20)
        made = frame(composer, *given, **named)
        helper_is_done.set()
        return made

    monkeypatch.setattr(Composer, "frame", slower)
    window.verbs.set_slab(Slab(SlabKind.MIP))
    settle(qtbot, window)
    (first, _), (second, _), (third, _) = composed
    assert first == second < third


def test_one_slow_picture_is_composed_per_pass_and_the_active_one_does_not_wait_for_two(
    qtbot, make_window, scan, composed, monkeypatch
):
    monkeypatch.setattr("spineviewer.gui.viewing.composing_threads.compute_threads", lambda: 1)
    window = make_window(scan=scan)
    window.area.set_active(Plane.CORONAL)
    settle(qtbot, window)
    composed.clear()
    window.verbs.set_slab(Slab(SlabKind.MIP))
    settle(qtbot, window)
    turns, planes = zip(*composed, strict=True)
    assert len(set(turns)) == 3
    assert planes == (Plane.SAGITTAL, Plane.CORONAL, Plane.AXIAL)


def test_the_pass_that_opens_a_scan_repaints_nothing(
    qtbot, make_window, scan, composed, monkeypatch
):
    monkeypatch.setattr("spineviewer.gui.viewing.composing_threads.compute_threads", lambda: 1)
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
    window.workspace.scan_opened.connect(lambda _: opened.append(loop.turn))
    QTimer.singleShot(0, lambda: window.verbs.show_scan(scan))
    qtbot.waitUntil(lambda: len(composed) == 3)
    assert repainted[0] > opened[0]
    assert len({turn for turn, _ in composed}) == 3


def test_a_picture_requested_between_two_repaints_is_composed(qtbot, make_window, scan, composed):
    window = make_window(scan=scan)
    window.verbs.set_slab(Slab(SlabKind.MIP))
    window.area.grab()
    assert not any(view.is_stale for view in window.area.views.values())


@pytest.fixture
def window(qtbot, make_window, scan):
    """A window with a mask."""
    window = make_window(FakeBackend([scan]), scan=scan)
    segment(qtbot, window)
    return window


@pytest.fixture
def two_threads(monkeypatch):
    monkeypatch.setattr("spineviewer.gui.viewing.composing_threads.compute_threads", lambda: 2)


def test_pictures_composed_in_parallel_equal_those_of_one_thread(
    qtbot, window, two_threads, monkeypatch
):
    area = window.area
    made, helper_has_begun, frame = [], threading.Event(), Composer.frame

    def noted(composer, scene, cut, **named):
        if threading.current_thread() is threading.main_thread():
            assert helper_has_begun.wait(20)
        helper_has_begun.set()
        made.append(cut.plane)
        return frame(composer, scene, cut, **named)

    settle(qtbot, window)
    window.verbs.set_tuning(Tuning(0.3, 11.0, 0.4))
    with monkeypatch.context() as patched:
        patched.setattr(Composer, "frame", noted)
        threads = ComposingThreads(area.cuts, area.budget)
        with threads.composing(is_computer_free=True):
            beside = {plane: view.grab().toImage() for plane, view in area.views.items()}
        threads.end()
    assert set(made) == set(area.views)
    assert len(made) == 3, "none is made twice"
    for view in area.views.values():
        view.picture.composer.clear()
        view.shown.make_stale()
    alone = {plane: view.grab().toImage() for plane, view in area.views.items()}
    assert beside == alone


def test_during_a_job_the_window_composes_its_pictures_alone(
    qtbot, window, two_threads, monkeypatch
):
    settle(qtbot, window)
    window.verbs.set_tuning(Tuning(0.3, 11.0, 0.4))
    threads = ComposingThreads(window.area.cuts, window.area.budget)
    with threads.composing(is_computer_free=False):
        assert all(view.needs_picture for view in window.area.views.values())


def test_an_error_of_a_picture_composed_in_parallel_is_reported_as_usual(
    qtbot, window, two_threads, monkeypatch
):
    settle(qtbot, window)

    def fail(*_, **__):
        raise RuntimeError("no picture")

    monkeypatch.setattr(Composer, "frame", fail)
    with qtbot.captureExceptions() as told:
        window.verbs.set_tuning(Tuning(0.3, 11.0, 0.4))
        settle(qtbot, window)
    assert told
    assert all(str(error).endswith("no picture") for _, error, _ in told)
