"""The number of threads is determined in one place."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from spineviewer.errors import Cancelled
from spineviewer.threads import compute_threads, in_parallel


def test_results_come_in_the_order_of_the_items_and_progress_is_reported() -> None:
    fractions: list[float] = []
    assert in_parallel(lambda n: n * n, range(5), threads=3, on_done=fractions.append) == [
        0,
        1,
        4,
        9,
        16,
    ]
    assert fractions == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert in_parallel(lambda n: n, []) == []


def test_a_stop_drops_items_that_have_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    dropped: list[Future[None]] = []
    all_are_known, cancel = threading.Event(), Future.cancel

    def look() -> None:
        if len(begun) + len(dropped) == 200:
            all_are_known.set()

    def work(item: int) -> None:
        begun.append(item)
        look()
        assert item == 0 or all_are_known.wait(60)

    def noted(future: Future[None]) -> bool:
        is_cancelled = cancel(future)
        dropped.append(future)
        look()
        return is_cancelled

    def stop(_: float) -> None:
        raise Cancelled

    monkeypatch.setattr(Future, "cancel", noted)
    with pytest.raises(Cancelled):
        in_parallel(work, range(200), threads=2, on_done=stop)
    assert len(begun) <= 3  # the first, and one in each thread


def test_an_error_passes_through_and_no_thread_stays() -> None:
    def fail(item: int) -> None:
        raise ValueError(f"item {item}")

    before = threading.active_count()
    with pytest.raises(ValueError, match="item 0"):
        in_parallel(fail, range(3))
    assert threading.active_count() == before


def test_the_number_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINEVIEWER_THREADS", "3")
    assert compute_threads() == 3
    monkeypatch.setenv("SPINEVIEWER_THREADS", "none")
    assert compute_threads() >= 1
