"""When Python looks for cyclic garbage."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

#: Choice: garbage of one second is little, and one look at it short.
_EVERY_MS = 1000


class GarbageCollector(QObject):
    """Collects Python's cyclic garbage in the GUI thread only, where Qt's objects may be deleted.

    An object of Qt's that ended in a thread of work while its timer ran on in the GUI thread made
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
        """Collect as Python would: an older generation after some collections of the younger."""
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation, (count, limit) in enumerate(zip(counts, limits, strict=True)):
            if count <= limit:
                break
            gc.collect(generation)
