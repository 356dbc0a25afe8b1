"""`LoopWatch` finds the code that blocks the event loop."""

import time

from PySide6.QtCore import QTimer

from spineviewer.bench.loop_watch import BLOCKED_S, LoopWatch


def test_a_gap_is_counted_for_the_task_in_which_it_fell(qtbot):
    watch = LoopWatch()

    def block():
        while not watch._seen:  # until the other thread has noticed it
            time.sleep(0.01)

    watch.begin("work")
    QTimer.singleShot(0, block)
    qtbot.waitUntil(lambda: "work" in watch.gaps and bool(watch.gaps["work"].where))
    with watch.paused():
        work = watch.gaps["work"]
        time.sleep(0.1)
        pause_ended_s = time.perf_counter()
    assert watch.gaps["work"] == work
    assert watch._last.wall_s >= pause_ended_s  # the next gap begins after the pause
    watch.begin("rest")
    watch.end()
    assert work.wall_ms > 1000 * BLOCKED_S
    assert 0 < work.free_ms <= work.wall_ms
    assert work.own_ms < work.wall_ms
