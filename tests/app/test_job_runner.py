import threading

from headless import Loop

from spineviewer.app.job_runner import PROGRAM, Generations
from spineviewer.app.jobs import Failed, JobKind, Stopped, Succeeded


def test_a_newer_ticket_makes_the_older_one_stale_but_only_of_its_kind_and_owner():
    generations = Generations()
    fuse, other = generations.issue(JobKind.FUSE), generations.issue(JobKind.OPEN)
    elsewhere = generations.issue(JobKind.FUSE, 7)
    newer = generations.issue(JobKind.FUSE)
    assert not generations.is_current(fuse)
    assert all(map(generations.is_current, (newer, other, elsewhere)))
    generations.withdraw(JobKind.OPEN)
    assert not generations.is_current(other)


def test_answers_arrive_in_the_thread_that_owns_the_runner():
    loop, heard, work_thread = Loop(), [], []

    def work(progress, publish):
        work_thread.append(threading.current_thread())
        progress.step("a", 0.0)
        publish("part")
        return "whole"

    loop.runner.jobs_for(PROGRAM).stream(
        JobKind.OPEN,
        work,
        on_end=lambda outcome: heard.append((outcome.result, threading.current_thread())),
        on_progress=lambda update: heard.append((update.stage, threading.current_thread())),
        on_part=lambda part: heard.append((part, threading.current_thread())),
    )
    loop.rest()
    main = threading.main_thread()
    assert heard == [("a", main), ("part", main), ("whole", main)]
    assert work_thread[0] is not main


def test_a_runtime_error_is_never_dropped():
    loop, heard = Loop(), []

    def work(_):
        raise RuntimeError("from a library")

    loop.runner.jobs_for(PROGRAM).start(JobKind.OPEN, work, on_end=heard.append)
    loop.rest()
    assert isinstance(heard[0], Failed)
    assert "from a library" in heard[0].message


def endless(stopped=None):
    pause = threading.Event()

    def work(progress):
        try:
            while True:
                progress.step("old", 0.5)
                pause.wait(0.005)
        finally:
            if stopped is not None:
                stopped.set()

    return work


def test_the_newer_job_of_a_kind_replaces_the_older_one_which_is_asked_to_stop():
    loop, heard, stopped = Loop(), [], threading.Event()
    jobs = loop.runner.jobs_for(PROGRAM)
    jobs.start(
        JobKind.FUSE, endless(stopped), on_end=lambda outcome: heard.append(("old", outcome))
    )
    jobs.start(JobKind.FUSE, lambda _: "new", on_end=lambda outcome: heard.append(("new", outcome)))
    loop.rest()
    assert heard == [("new", Succeeded("new"))]
    assert stopped.is_set()


def test_the_same_kind_of_job_of_another_owner_continues():
    loop, heard, gate = Loop(), [], threading.Event()

    def work(_):
        gate.wait(30)
        return "of the first"

    first, second = loop.runner.jobs_for(1), loop.runner.jobs_for(2)
    first.start(JobKind.SEGMENT, work, on_end=heard.append)
    second.start(JobKind.SEGMENT, endless(), on_end=heard.append)
    second.cancel(JobKind.SEGMENT)
    loop.until(lambda: heard == [Stopped()])
    assert (first.is_running(JobKind.SEGMENT), second.is_running(JobKind.SEGMENT)) == (True, False)
    second.withdraw()
    gate.set()
    loop.rest()
    assert heard == [Stopped(), Succeeded("of the first")]


def test_a_job_can_be_paused_and_resumed():
    loop, seen, gate = Loop(), [], threading.Event()
    jobs = loop.runner.jobs_for(PROGRAM)

    def work(progress):
        gate.wait(30)
        seen.append(progress.is_paused)

    jobs.start(JobKind.BATCH, work)
    jobs.pause(JobKind.BATCH, True)
    gate.set()
    loop.rest()
    assert seen == [True]


def test_answers_of_a_withdrawn_job_are_dropped():
    loop, heard, gate = Loop(), [], threading.Event()

    def work(_, publish):
        gate.wait(30)
        publish("late")
        return "late"

    loop.runner.jobs_for(3).stream(JobKind.OPEN, work, on_end=heard.append, on_part=heard.append)
    loop.runner.withdraw_all()
    gate.set()
    loop.rest()
    assert heard == []


def test_writes_run_in_order_and_are_never_cancelled():
    loop, written, gate = Loop(), [], threading.Event()
    first, second = loop.runner.jobs_for(PROGRAM), loop.runner.jobs_for(1)
    first.write(JobKind.SETTINGS, lambda: (gate.wait(60), written.append(1)))
    second.write(JobKind.AUTOSAVE, lambda: written.append(2))
    first.write(JobKind.SETTINGS, lambda: written.append(3))
    loop.runner.withdraw_all()
    assert not loop.runner.wait_for_writes(0.05)
    gate.set()
    assert loop.runner.wait_for_writes(60.0)
    assert written == [1, 2, 3]
    loop.rest()


def test_a_failed_write_is_reported_and_the_next_one_continues():
    loop, heard, written = Loop(), [], []
    jobs = loop.runner.jobs_for(PROGRAM)
    jobs.write(JobKind.AUTOSAVE, lambda: 1 / 0, on_end=heard.append)
    jobs.write(JobKind.SETTINGS, lambda: written.append("settings"))
    loop.rest()
    assert isinstance(heard[0], Failed)
    assert written == ["settings"]
