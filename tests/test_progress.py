import threading

import pytest

from spineviewer.errors import Cancelled, MemoryReleased
from spineviewer.progress import JobProgress


def test_a_cancelled_job_stops_at_its_next_step():
    progress = JobProgress()
    progress.step("a", 0.1)
    progress.cancel()
    with pytest.raises(Cancelled):
        progress.step("a", 0.2)


def test_a_paused_job_says_so_until_it_is_resumed():
    progress = JobProgress()
    progress.pause()
    assert progress.is_paused
    progress.resume()
    assert not progress.is_paused


def test_a_job_frees_memory_only_while_it_is_paused_and_another_needs_it():
    progress, is_wanted = JobProgress(), threading.Event()
    with progress.releasing_memory(is_wanted):
        is_wanted.set()
        progress.step("a", 0.1)
        is_wanted.clear()
        progress.pause()
        progress.step("a", 0.2)
        is_wanted.set()
        with pytest.raises(MemoryReleased):
            progress.step("a", 0.3)
    progress.step("a", 0.4)


def test_a_paused_job_reports_its_pause_until_it_continues():
    heard = []

    def listen(update):
        heard.append(update.stage)
        if len(heard) == 3:
            progress.resume()

    progress = JobProgress(listen)
    progress.step("a", 0.5)
    progress.pause()
    progress.wait_while_paused()
    progress.step("a", 0.6)
    assert heard == ["a", "Paused", "Paused", "a"]


def test_updates_come_at_most_twenty_times_a_second_but_never_miss_a_new_stage_or_the_end():
    now, heard = [0.0], []
    progress = JobProgress(heard.append, now=lambda: now[0])
    for k in range(1000):
        now[0] = k * 0.001
        progress.step("a", k / 1000)
    assert 18 <= len(heard) <= 21
    progress.step("a", 1.0)
    progress.step("b", 0.0)
    assert [(update.stage, update.fraction) for update in heard[-2:]] == [("a", 1.0), ("b", 0.0)]


def test_the_time_left_is_reported_only_once_it_is_known():
    now, heard = [0.0], []
    progress = JobProgress(heard.append, now=lambda: now[0])
    progress.step("a", 0.0)
    now[0] = 0.5
    progress.step("a", 0.25)
    now[0] = 10.0
    progress.step("a", 0.25)
    assert [update.left_s for update in heard] == [None, None, 30.0]
