import pytest

from spineviewer.app.jobs import (
    Failed,
    Generations,
    JobKind,
    Relay,
    StageClock,
    Stopped,
    Succeeded,
    run_to_end,
    spoken_time,
)
from spineviewer.errors import ImageReadError
from spineviewer.progress import CancellableProgress

TICKET = Generations().issue(JobKind.OPEN)


def test_a_result_ends_a_job_well():
    assert run_to_end(TICKET, lambda: 42) == Succeeded(TICKET, 42)


@pytest.mark.parametrize("error", [RuntimeError("itk"), ValueError("x"), ZeroDivisionError()])
def test_no_foreign_error_is_lost(error):
    def work():
        raise error

    outcome = run_to_end(TICKET, work)
    assert isinstance(outcome, Failed)
    assert outcome.error is error
    assert type(error).__name__ in outcome.message
    assert "Traceback" in outcome.details


def test_an_error_meant_for_the_person_keeps_its_words():
    def work():
        raise ImageReadError("a.txt is no image.")

    assert run_to_end(TICKET, work).message == "a.txt is no image."


def test_missing_memory_is_said_in_plain_words():
    def work():
        raise MemoryError

    assert "memory" in run_to_end(TICKET, work).message


def test_cancelling_is_no_error():
    guard = CancellableProgress()
    guard.cancel()
    relay = Relay(guard, StageClock(lambda _: None), lambda _: None)
    assert run_to_end(TICKET, lambda: relay.step("a", 0.1)) == Stopped(TICKET)


def test_a_newer_ticket_makes_the_older_one_stale_but_only_of_its_kind():
    generations = Generations()
    fuse, other = generations.issue(JobKind.FUSE), generations.issue(JobKind.OPEN)
    newer = generations.issue(JobKind.FUSE)
    assert not generations.is_current(fuse)
    assert generations.is_current(newer)
    assert generations.is_current(other)
    generations.withdraw(JobKind.OPEN)
    assert not generations.is_current(other)


def test_reports_come_at_most_twenty_times_a_second_but_never_miss_a_new_stage_or_the_end():
    now = [0.0]
    heard = []
    clock = StageClock(heard.append, now=lambda: now[0])
    for k in range(1000):
        now[0] = k * 0.001
        clock.step("a", k / 1000)
    assert 18 <= len(heard) <= 21
    clock.step("a", 1.0)
    clock.step("b", 0.0)
    assert [(r.stage, r.fraction) for r in heard[-2:]] == [("a", 1.0), ("b", 0.0)]


def test_time_left_is_said_only_when_something_is_known():
    now = [0.0]
    heard = []
    clock = StageClock(heard.append, now=lambda: now[0])
    clock.step("a", 0.0)
    now[0] = 0.5
    clock.step("a", 0.25)
    now[0] = 10.0
    clock.step("a", 0.25)
    assert [r.left_s for r in heard] == [None, None, 30.0]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (7.4, "7 s"), (43, "45 s"), (60, "1 min"), (95, "1 min 40 s"), (400, "6 min")]
)
def test_times_are_spoken_roundly(seconds, words):
    assert spoken_time(seconds) == words
