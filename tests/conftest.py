"""What every test gets: Qt without a screen, settings of its own, and a check that it leaves nothing running behind."""

import gc
import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

# Before anything imports Qt. A test of a real screen sets the platform for the process that it starts.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

PATIENCE_S = 3.0


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory):
    """Recent files and window state of the person who runs the tests stay as they are; caches are shared on purpose."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(home / name.lower()))
        patch.delenv("SPINEVIEWER_MODELS", raising=False)
        yield


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    """Fail a test after which threads, child processes or windows of its own are still there.

    What broader fixtures started before the test is theirs to end.
    """
    threads, processes, widgets = _threads(), _processes(), _widgets()
    yield
    patience_ends = time.monotonic() + PATIENCE_S
    while (left := _left(threads, processes, widgets)) and time.monotonic() < patience_ends:
        _let_qt_delete()
        time.sleep(0.02)
    assert not left, f"left behind: {', '.join(left)}"


def _left(threads, processes, widgets):
    return (
        [f"thread {t.name}" for t in _threads() - threads]
        + [f"process {pid} {name}" for pid, name in (_processes() - processes)]
        + [f"window {name}" for key, name in _widgets().items() if key not in widgets]
    )


def _threads():
    return {t for t in threading.enumerate() if t.is_alive()}


def _processes():
    found = set()
    for child in psutil.Process().children(recursive=True):
        try:
            if child.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(child.cmdline()):
                found.add((child.pid, child.name()))
        except psutil.NoSuchProcess:
            continue
    return found


def _widgets():
    """Top-level widgets by identity; empty, and nothing imported, where no test has touched Qt's widgets."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return {}
    return {
        id(w): f"{w.metaObject().className()} {w.objectName()}".strip()
        for w in widgets.QApplication.topLevelWidgets()
        if w.parent() is None and w.isVisible()
    }


def _let_qt_delete():
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    gc.collect()


@pytest.fixture(scope="session")
def real_data():
    """Folder of real scans named by SPINEVIEWER_DATA; skips, and says so, without it."""
    named = os.environ.get("SPINEVIEWER_DATA")
    if not named or not Path(named).is_dir():
        pytest.skip("no real scans here: SPINEVIEWER_DATA names no folder")
    return Path(named)


@pytest.fixture(scope="session")
def repository():
    """The checkout's top folder; skips in an installed package."""
    top = Path(__file__).resolve().parent.parent
    if not (top / "pyproject.toml").is_file():
        pytest.skip("not run from a checkout")
    return top
