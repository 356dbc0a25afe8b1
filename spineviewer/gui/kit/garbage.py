"""Collection of Python's cyclic garbage."""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer

#: Choice: the garbage of one second is little, so that a collection is short.
_EVERY_MS = 1000
#: This many new modules have more objects than the program makes in a second.
_MANY_MODULES = 10


class GarbageCollector(QObject):
    """Collects Python's cyclic garbage in the GUI thread only, where Qt's objects may be deleted.

    A Qt object that was deleted in a worker thread while its timer ran in the GUI thread made
    the program crash.

    A collection blocks the window for as long as it takes to visit all objects that are as young
    as those it looks for, or younger. Imported modules stay, but they have hundreds of thousands
    of objects, which three collections would visit in turn, for a tenth of a second each. So after
    imports all objects are frozen, which takes no time: no collection visits them again.

    Choice: garbage of the second in which modules were imported is frozen with them. Large arrays
    do not wait for a collection, and modules are imported a few times: when the window opens,
    when the first scan opens, and when something is first computed.

    Thread ownership: GUI thread.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._module_count = len(sys.modules)
        timer = QTimer(self)
        timer.timeout.connect(self._collect)
        timer.start(_EVERY_MS)

    def _collect(self) -> None:
        """Collect as Python does: older generations after several collections of younger ones."""
        if len(sys.modules) >= self._module_count + _MANY_MODULES:
            self._module_count = len(sys.modules)
            gc.freeze()
            return
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation, (count, limit) in enumerate(zip(counts, limits, strict=True)):
            if count <= limit:
                break
            gc.collect(generation)
