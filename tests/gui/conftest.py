"""Shared fixtures of the window's tests.

Tests are imported by path, so this folder is put on the path here.
"""

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fakes import FakeBackend, spine_volume
from layout_items import outdated_layout_items
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import Shiboken

from spineviewer.app.jobs import JobKind
from spineviewer.app.state import SegmentationStage
from spineviewer.bench.verbs import Verbs
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.kit.theme import style_suspended
from spineviewer.gui.main import application
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.window.main_window import MainWindow
from spineviewer.gui.window.qt_workspace import qt_workspace


@pytest.fixture(scope="session")
def qapp():
    app = application()
    use_language("en")  # whatever the system's language is
    return app


@pytest.fixture(autouse=True)
def resting_mouse(qapp):
    """Keeps the mouse outside the windows at first, and releases the buttons that a test pressed.

    Otherwise a view that appears below the mouse would show the value there, and buttons that
    remain pressed, on purpose or by a double click, would affect later tests.
    """
    QCursor.setPos(10_000, 10_000)
    yield
    pressed = [button for button in Qt.MouseButton if button in QApplication.mouseButtons()]
    for button in pressed:
        QTest.mouseRelease(QWidget(), button)
    assert not QApplication.mouseButtons()


@pytest.fixture
def scan():
    return spine_volume()


@pytest.fixture
def make_window(qtbot, tmp_path):
    """Makes windows on a fake backend; at the end they are closed properly, with all threads."""
    windows = []

    def make(backend=None, scan=None, size=(1400, 800)):
        workspace = qt_workspace(backend or FakeBackend(), tmp_path / "settings.json")
        with style_suspended():  # as in the program: the style is applied when all parts exist
            window = MainWindow(workspace, lambda: None)
        window.verbs = Verbs(window.workspace)
        windows.append(window)
        window.resize(*size)
        window.show()
        with qtbot.waitActive(window):
            window.activateWindow()
        if scan is not None:
            window.workspace.show_volume(scan)
            settle(qtbot, window)
        return window

    yield make
    outdated = [Shiboken.dump(item) for item in outdated_layout_items()]
    for window in windows:
        if not window.has_ended:
            with qtbot.waitSignal(window.finished):
                window.close()
        window.deleteLater()
    assert not outdated


def segment(qtbot, window):
    """Segment the open scan and wait for its mask."""
    window.workspace.front.segmentation.segment()
    qtbot.waitUntil(lambda: window.workspace.front.state.stage is SegmentationStage.DONE)
    qtbot.waitUntil(lambda: window.workspace.front.state.is_mask_current)


def named(qtbot, window):
    """Segment the open scan, and wait until its vertebrae are named and drawn."""
    segment(qtbot, window)
    front = window.workspace.front
    qtbot.waitUntil(lambda: front.names.are_current)
    qtbot.waitUntil(lambda: not front.jobs.is_running(JobKind.RENAME))
    settle(qtbot, window)
    return window


@contextmanager
def emitted(qtbot, signal):
    """Wait on exit for a signal of the workspace, as `waitSignal` does for Qt's signals."""
    heard = []

    def hear(*_):
        heard.append(True)

    signal.connect(hear)
    yield
    qtbot.waitUntil(lambda: bool(heard))
    signal.disconnect(hear)


def settle(qtbot, window):
    """Wait until everything that is stale has been painted."""
    qtbot.waitUntil(
        lambda: not any(view.is_stale for view in window.area.views.values() if view.isVisible())
    )


def when_asked(act, kind=QDialog):
    """Call `act` with the next dialog of this kind that blocks the window, once it is open."""
    look = QTimer(QApplication.instance(), interval=10)

    def see():
        requested = QApplication.activeModalWidget()
        # Enter has no effect until then
        if isinstance(requested, kind) and requested.isActiveWindow():
            look.stop()
            look.deleteLater()
            act(requested)

    look.timeout.connect(see)
    look.start()


def let_qt_work():
    """Process what is pending, and what that causes, such as layouts."""
    for _ in range(10):
        QCoreApplication.processEvents()


def frame_of(view, state, fusion=None, correction=None):
    """Return what a view of an unrotated plane composes."""
    return view.picture.composer.frame(Scene(state, fusion, correction), state.cut(view.plane))


def layer_of(view, name):
    """Return one of the layers that a view draws."""
    return next(layer for layer in view.picture.composer.layers if layer.name == name)


def segments_of(frame, layer):
    """Return the lines that a layer draws."""
    return frame.parts[layer].outlines[0].segments


def hatched_columns(frame):
    """Return first and end of the columns that are hatched as not computed."""
    part = frame.parts.get("uncomputed area")
    return () if part is None else part.hatching.columns
