import threading

from PySide6.QtCore import QCoreApplication

from spineviewer.app.jobs import Failed, JobKind, Stopped, Succeeded
from spineviewer.gui.job_runner import JobRunner


def wait_idle(qtbot, runner):
    qtbot.waitUntil(lambda: runner.is_idle)


def test_answers_arrive_in_the_gui_thread(qtbot):
    runner, heard = JobRunner(), []
    work_thread = []

    def work(relay):
        work_thread.append(threading.current_thread())
        relay.step("a", 0.0)
        relay.publish("part")
        return "whole"

    runner.start(
        JobKind.OPEN,
        work,
        on_end=lambda outcome: heard.append((outcome.result, threading.current_thread())),
        on_report=lambda report: heard.append((report.stage, threading.current_thread())),
        on_part=lambda part: heard.append((part, threading.current_thread())),
    )
    wait_idle(qtbot, runner)
    main = threading.main_thread()
    assert heard == [("a", main), ("part", main), ("whole", main)]
    assert work_thread[0] is not main


def test_a_runtime_error_is_never_lost(qtbot):
    runner, heard = JobRunner(), []

    def work(relay):
        raise RuntimeError("from a library")

    runner.start(JobKind.OPEN, work, on_end=heard.append)
    wait_idle(qtbot, runner)
    assert isinstance(heard[0], Failed)
    assert "from a library" in heard[0].message


def test_the_newer_job_of_a_kind_wins_and_the_older_one_is_told_to_stop(qtbot):
    runner, heard, stopped = JobRunner(), [], threading.Event()

    def old(relay):
        try:
            while True:
                relay.step("old", 0.5)
                stopped.wait(0.005)
        finally:
            stopped.set()

    runner.start(JobKind.FUSE, old, on_end=lambda outcome: heard.append(("old", outcome)))
    runner.start(JobKind.FUSE, lambda _: "new", on_end=lambda outcome: heard.append(("new", outcome)))
    wait_idle(qtbot, runner)
    assert [(name, type(outcome)) for name, outcome in heard] == [("new", Succeeded)]
    assert stopped.is_set()


def test_cancelling_still_brings_the_end(qtbot):
    runner, heard, gate = JobRunner(), [], threading.Event()

    def work(relay):
        while True:
            relay.step("a", 0.5)
            gate.wait(0.005)

    runner.start(JobKind.SEGMENT, work, on_end=heard.append)
    assert runner.is_running(JobKind.SEGMENT)
    runner.cancel(JobKind.SEGMENT)
    wait_idle(qtbot, runner)
    assert isinstance(heard[0], Stopped)


def test_answers_of_a_withdrawn_job_are_dropped(qtbot):
    runner, heard, gate = JobRunner(), [], threading.Event()

    def work(relay):
        gate.wait(5)
        relay.publish("late")
        return "late"

    runner.start(JobKind.OPEN, work, on_end=heard.append, on_part=heard.append)
    runner.withdraw_all()
    gate.set()
    wait_idle(qtbot, runner)
    QCoreApplication.sendPostedEvents()
    assert heard == []


def test_what_is_written_is_written_in_order_and_by_nothing_cancelled(qtbot):
    runner, written, gate = JobRunner(), [], threading.Event()
    runner.write(JobKind.SETTINGS, lambda: (gate.wait(10), written.append(1)))
    runner.write(JobKind.AUTOSAVE, lambda: written.append(2))
    runner.write(JobKind.SETTINGS, lambda: written.append(3))
    runner.withdraw_all()
    assert not runner.wait_for_writes(0.05)
    gate.set()
    assert runner.wait_for_writes(10.0)
    assert written == [1, 2, 3]
    wait_idle(qtbot, runner)


def test_a_write_that_fails_is_told_and_lets_the_next_one_go_on(qtbot):
    runner, heard, written = JobRunner(), [], []
    runner.write(JobKind.AUTOSAVE, lambda: 1 / 0, on_end=heard.append)
    runner.write(JobKind.SETTINGS, lambda: written.append("settings"))
    wait_idle(qtbot, runner)
    assert isinstance(heard[0], Failed)
    assert written == ["settings"]
