"""Threads that compose the pictures of several views at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager

from spineviewer.gui.viewing.cut_view import CutView
from spineviewer.gui.viewing.paint_budget import PaintBudget
from spineviewer.threads import compute_threads


class ComposingThreads:
    """Composes the pictures of views in several threads while the views are being painted.

    Thread ownership: GUI thread.
    """

    def __init__(self, views: Sequence[CutView], budget: PaintBudget) -> None:
        self._views, self._budget = views, budget
        self._pools: dict[int, ThreadPoolExecutor] = {}  # by number of threads

    @contextmanager
    def composing(self, *, is_computer_free: bool) -> Iterator[None]:
        """Compose the pictures of the views while they are being painted.

        No thread composes two slow pictures in one pass, because the window would wait for both.
        While a job is running, only the calling thread is used: other threads would compete with
        the job for the processor, and the window would wait for them.
        """
        views = [view for view in self._views if view.needs_picture]
        thread_count = min(compute_threads(), len(views)) - 1
        if thread_count < 1 or not is_computer_free:
            yield
            return
        if self._budget.is_picture_slow:
            views = views[: 1 + thread_count]
        if thread_count not in self._pools:  # reused, because starting threads takes time
            self._pools[thread_count] = ThreadPoolExecutor(
                thread_count, thread_name_prefix="picture"
            )
        # views are painted in order, so the calling thread composes the first picture
        pool = self._pools[thread_count]
        pictures = [view.compose_ahead(pool) for view in reversed(views)]
        try:
            yield
        finally:
            wait([picture for picture in pictures if not picture.cancel()])

    def end(self) -> None:
        """End the threads."""
        while self._pools:
            self._pools.popitem()[1].shutdown()
