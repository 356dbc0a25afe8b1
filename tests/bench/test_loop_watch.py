"""`LoopWatch` finds the code that blocks the event loop."""

import time

from PySide6.QtCore import QTimer

from spineviewer.bench.loop_watch import LoopWatch


def test_a_gap_is_counted_for_the_task_in_which_it_fell(qtbot):
    watch = LoopWatch()
    watch.begin("work")
    QTimer.singleShot(0, lambda: time.sleep(0.12))
    qtbot.waitUntil(
        lambda: watch.gaps.get("work") is not None and watch.gaps["work"].wall_ms >= 120
    )
    with watch.paused():
        time.sleep(0.3)
    watch.begin("rest")
    watch.end()
    work = watch.gaps["work"]
    assert 120 <= work.free_ms <= work.wall_ms < 300
    assert work.own_ms < 100
    assert work.where
