"""Collection of Python's cyclic garbage."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

#: Choice: the garbage of one second is little, so that a collection is short.
_EVERY_MS = 1000


class GarbageCollector(QObject):
    """Collects Python's cyclic garbage in the GUI thread only, where Qt's objects may be deleted.

    A Qt object that was deleted in a worker thread while its timer ran in the GUI thread made
    the program crash.

    Thread ownership: GUI thread.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self)
        timer.timeout.connect(self._collect)
        timer.start(_EVERY_MS)

    def _collect(self) -> None:
        """Collect as Python does: older generations after several collections of younger ones."""
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation, (count, limit) in enumerate(zip(counts, limits, strict=True)):
            if count <= limit:
                break
            gc.collect(generation)
