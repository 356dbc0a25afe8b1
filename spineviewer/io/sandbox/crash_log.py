"""A table of the files that the child has open, in mapped memory that survives a crash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

SLOTS, PATH_BYTES = 16, 4096
SHAPE = (SLOTS, PATH_BYTES)


class CrashLog:
    """A table of paths in memory that parent and child share.

    Thread ownership: `recording` from any thread of the child; `recorded` in the parent once the
    child is dead.

    Parameters
    ----------
    table
        uint8, `SHAPE`, initially all zeros.
    """

    def __init__(self, table: NDArray[Any]) -> None:
        self._table = table
        self._free: SimpleQueue[int] = SimpleQueue()
        for slot in range(SLOTS):
            self._free.put(slot)

    @contextmanager
    def recording(self, path: Path) -> Iterator[None]:
        """Record a file while the context is active; a crash leaves it recorded."""
        slot = self._free.get()
        text = str(path).encode(errors="surrogateescape")[:PATH_BYTES]
        row = self._table[slot]
        row[: len(text)] = np.frombuffer(text, np.uint8)
        row[len(text) :] = 0
        try:
            yield
        finally:
            row[0] = 0
            self._free.put(slot)

    def recorded(self) -> list[Path]:
        rows = (bytes(row).split(b"\0")[0] for row in self._table)
        return [Path(text.decode(errors="surrogateescape")) for text in rows if text]

    def clear(self) -> None:
        """Delete all records before another child starts."""
        self._table[:, 0] = 0
