"""Garbage collection at times when it is safe and does not block the window for long."""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer

#: Choice: little garbage accumulates in a second, so each collection is short.
_INTERVAL_MS = 1000
#: This many new modules contain more objects than the program creates in a second.
_MANY_MODULES = 10


class GarbageCollector(QObject):
    """Collects Python's cyclic garbage in the GUI thread only, where Qt's objects may be deleted.

    Deleting a Qt object in a worker thread while its timer runs in the GUI thread crashes the
    program.

    A collection blocks the window while it visits all objects of its generation and of the
    younger ones. Imported modules are never released, but they contain hundreds of thousands of
    objects, which three collections would visit in turn, for a tenth of a second each. All
    objects are therefore frozen after imports, which takes no time: no collection visits them
    again.

    Choice: garbage from the second in which modules are imported is frozen with them. Large
    arrays are freed without a collection, and modules are imported only a few times: when the
    window opens, when the first scan opens, and when something is first computed.

    Thread ownership: GUI thread.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._module_count = len(sys.modules)
        timer = QTimer(self)
        timer.timeout.connect(self._collect)
        timer.start(_INTERVAL_MS)

    def _collect(self) -> None:
        """Collect as Python does: older generations less often than younger ones."""
        if len(sys.modules) >= self._module_count + _MANY_MODULES:
            self._module_count = len(sys.modules)
            gc.freeze()
            return
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation, (count, limit) in enumerate(zip(counts, limits, strict=True)):
            if count <= limit:
                break
            gc.collect(generation)
