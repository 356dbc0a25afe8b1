"""The bridge from worker threads into the window; the jobs themselves are tested in `tests/app`."""

import threading

from spineviewer.app.job_runner import PROGRAM
from spineviewer.app.jobs import JobKind
from spineviewer.gui.kit.qt_job_runner import qt_job_runner


def test_results_arrive_in_the_gui_thread(qtbot):
    runner, heard, work_thread = qt_job_runner(), [], []

    def work(progress, publish):
        work_thread.append(threading.current_thread())
        progress.step("a", 0.0)
        publish("part")
        return "whole"

    runner.jobs_for(PROGRAM).stream(
        JobKind.OPEN,
        work,
        on_end=lambda outcome: heard.append((outcome.result, threading.current_thread())),
        on_progress=lambda update: heard.append((update.stage, threading.current_thread())),
        on_part=lambda part: heard.append((part, threading.current_thread())),
    )
    qtbot.waitUntil(lambda: runner.is_idle)
    main = threading.main_thread()
    assert heard == [("a", main), ("part", main), ("whole", main)]
    assert work_thread[0] is not main
