"""Workers of a batch in this process: other scans are read while the networks run."""

from __future__ import annotations

import importlib
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

from spineviewer.app.batch import LANES, MaskMaker, Row, segment_row
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning

#: Modules that lanes use. Threads that import different parts of pydicom at the same time fail.
_MODULES = ("spineviewer.app.pipeline", "spineviewer.io.write.export", "isal.igzip", "nibabel")


def import_lane_modules() -> None:
    """Import the modules that lanes use, in one thread before other threads start."""
    for name in _MODULES:
        importlib.import_module(name)


class Lanes:
    """A `RowPool` with enough threads to keep the networks busy.

    Use as a context manager: on exit, scans in progress are stopped.

    Thread ownership: one thread.

    Parameters
    ----------
    maker
        Runs the networks on one scan at a time; the other scans wait.
    """

    capacity = LANES

    def __init__(self, maker: MaskMaker) -> None:
        import_lane_modules()
        self._maker = maker
        self._progress = JobProgress()
        self._pool = ThreadPoolExecutor(LANES, thread_name_prefix="lane")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.cancel()
        self._pool.shutdown(cancel_futures=True)

    def submit(self, row: Row, folder: Path, tuning: Tuning) -> Future[Row]:
        """Submit a scan to a thread."""
        return self._pool.submit(segment_row, row, folder, tuning, self._maker, self._progress)

    def row_from(self, future: Future[Row], row: Row) -> Row:
        """Return the finished row; an unexpected error passes through."""
        return future.result()

    def require_alive(self) -> None:
        """Do nothing: lanes are threads, which cannot be lost."""
