import pytest

from spineviewer.errors import Cancelled
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


def test_time_left_is_said_only_when_something_is_known():
    now, heard = [0.0], []
    progress = JobProgress(heard.append, now=lambda: now[0])
    progress.step("a", 0.0)
    now[0] = 0.5
    progress.step("a", 0.25)
    now[0] = 10.0
    progress.step("a", 0.25)
    assert [update.left_s for update in heard] == [None, None, 30.0]
