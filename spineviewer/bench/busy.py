"""The responsiveness of the window while the networks run.

Part of `spineviewer bench views`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer

from spineviewer.app.services import LocalServices
from spineviewer.app.state import SegmentationStage
from spineviewer.bench.verbs import Verbs
from spineviewer.gui.main import sample_scan
from spineviewer.gui.window.main_window import MainWindow
from spineviewer.gui.window.qt_workspace import qt_workspace
from spineviewer.volume.planes import Plane

#: Largest accepted increase of the longest gap while the networks run, in ms.
GAP_TARGET_MS = 50.0
#: Time between two ticks of the timer, and between two slices when scrolling fast.
_TICK_MS, _SCROLL_MS = 2, 80
_SETTLING_S, _IDLE_S, _LONGEST_S = 6.0, 4.0, 300.0


class _Watch(QObject):
    """A timer in the event loop that scrolls, and records the longest time between two ticks."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._last_s = time.perf_counter()
        self._requested_s: float | None = None
        self.longest_ms = 0.0
        self.paints_ms: list[float] = []
        self._ticks = QTimer(self)
        self._ticks.timeout.connect(self._tick)
        self._ticks.start(_TICK_MS)
        self._scrolls = QTimer(self)
        self._scrolls.timeout.connect(self._scroll)
        self._scrolls.start(_SCROLL_MS)

    def begin(self) -> None:
        """Reset the measurement."""
        self._last_s, self._requested_s, self.longest_ms, self.paints_ms = (
            time.perf_counter(),
            None,
            0.0,
            [],
        )

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, 1000 * (now - self._last_s))
        self._last_s = now
        views = self._window.area.views.values()
        if self._requested_s is not None and not any(view.is_stale for view in views):
            self.paints_ms.append(
                1000 * (max(view.painted_at_s for view in views) - self._requested_s)
            )
            self._requested_s = None

    def _scroll(self) -> None:
        if self._requested_s is None:
            self._requested_s = time.perf_counter()
            step = 1 if len(self.paints_ms) % 40 < 20 else -1
            Verbs(self._window.workspace).scroll(Plane.AXIAL, step)


def gaps() -> tuple[float, float, list[float]]:
    """Return the longest gaps of the event loop while the views are scrolled, and paint times.

    All values are in ms. The first gap is measured while nothing else runs, the second while the
    sample scan is segmented. The list holds the times from scrolling until the views have been
    repainted, during that segmentation.
    """
    services = LocalServices()
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(qt_workspace(services, Path(folder) / "settings.json"), lambda: None)
        window.resize(1600, 900)
        window.show()
        scan = sample_scan()
        assert scan is not None, "the sample scan ships with the program"
        window.opener.open_path(scan)
        verbs = Verbs(window.workspace)
        run_until(lambda: verbs.state is not None)
        watch = _Watch(window)
        run_for(_SETTLING_S)  # meanwhile, the worker loads the networks
        watch.begin()
        run_for(_IDLE_S)
        alone = watch.longest_ms
        watch.begin()
        verbs.segment()
        run_until(lambda: verbs.state is not None and verbs.state.stage is SegmentationStage.DONE)
        busy, paints = watch.longest_ms, list(watch.paints_ms)
        window.close()
        run_until(lambda: window.has_ended)
        window.deleteLater()
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)
    return alone, busy, paints


def run_for(seconds: float) -> None:
    """Run the event loop for a number of seconds."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def run_until(is_done: Callable[[], bool]) -> None:
    """Run the event loop until a condition holds; raises `TimeoutError` after several minutes."""
    end = time.perf_counter() + _LONGEST_S
    while not is_done():
        if time.perf_counter() > end:
            raise TimeoutError("the window did not become idle")
        run_for(0.1)
