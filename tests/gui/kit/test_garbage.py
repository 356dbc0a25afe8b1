"""The thread in which Python's garbage is collected."""

import gc
import sys
import threading
from types import ModuleType

from spineviewer.gui.kit.garbage import GarbageCollector
from spineviewer.gui.main import application


class Cycle:
    """Garbage that only a collection finds; it records the thread that deleted it."""

    def __init__(self, ended_in: list[int]) -> None:
        self.itself, self.ended_in = self, ended_in

    def __del__(self) -> None:
        self.ended_in.append(threading.get_ident())


def test_cyclic_garbage_is_collected_in_the_windows_thread_only(qtbot, qapp):
    assert application() is qapp
    qapp.findChild(GarbageCollector)._collect()  # imports until now are excluded from now on
    ended_in: list[int] = []
    Cycle(ended_in)

    def make_much() -> None:
        for _ in range(20 * gc.get_threshold()[0]):
            Cycle([])

    worker = threading.Thread(target=make_much)
    worker.start()
    worker.join()
    assert ended_in == []  # 20 of Python's own collections would have found it
    qtbot.waitUntil(lambda: ended_in != [])
    assert ended_in == [threading.get_ident()]


def test_no_collection_visits_the_objects_of_imported_modules(qtbot, qapp, monkeypatch):
    assert application() is qapp
    qapp.findChild(GarbageCollector)._collect()
    frozen = gc.get_freeze_count()
    for number in range(20):
        monkeypatch.setitem(sys.modules, f"made_up_{number}", ModuleType(f"made_up_{number}"))
    qtbot.waitUntil(lambda: gc.get_freeze_count() >= frozen + 20)
