"""Names and measurements with mouse and keyboard of an X server, run by `test_on_screen.py`.

`python tests/gui/vertebrae/on_screen.py FOLDER [PICTURES]`. The last line printed is a JSON object.
"""

import json
import sys
import threading
import time
from pathlib import Path

from by_hand import FocusKeeper, Hand
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QTimer

from spineviewer.app.jobs import JobKind
from spineviewer.app.landmarks import Kind, Source
from spineviewer.app.measurement_rows import QUANTITIES
from spineviewer.bench.loop_watch import LoopWatch
from spineviewer.bench.verbs import Verbs
from spineviewer.gui.kit.garbage import GarbageCollector
from spineviewer.gui.main import application
from spineviewer.gui.window.main_window import MainWindow
from spineviewer.gui.window.qt_workspace import qt_workspace
from spineviewer.volume.planes import Plane

ANTERIOR = [quantity.name for quantity in QUANTITIES].index("anterior")


def middle_of_item(view, rect):
    """Return the position of the middle of a row or cell on the screen."""
    at = view.viewport().mapToGlobal(rect.center())
    return at.x(), at.y()


def whole_task(hand):
    """Shift and set names, then measure and correct a value; return what was on the screen."""
    window = hand.window
    front = lambda: window.workspace.front  # noqa: E731
    names = lambda: [vertebra.name for vertebra in front().parts.vertebrae]  # noqa: E731
    box, sheet = window.panel.vertebra_box, window.spine_measurer.sheet

    def settled():
        return (
            front().names.are_current
            and front().spine.are_current
            and not front().jobs.is_running(JobKind.RENAME)
        )

    hand.key("s")
    hand.until(lambda: front().parts.vertebrae is not None and settled(), "named vertebrae")
    before = hand.ask(names)
    hand.picture("named")

    hand.key("alt+Down")
    hand.until(lambda: names()[:-1] == before[1:], "names one level down")
    hand.key("ctrl+z")
    hand.until(lambda: names() == before and settled(), "the names from before")

    row = lambda: middle_of_item(box.list, box.list.visualItemRect(box.list.topLevelItem(2)))  # noqa: E731
    hand.ask(lambda: window.panel.reveal(box.list))
    hand.click(hand.ask(row))
    hand.until(lambda: front().names.at_crosshair is front().parts.vertebrae.all[2], "the third")
    hand.key("F4")
    hand.dialog()
    hand.text(before[3])
    hand.key("Return")
    hand.window_again()
    hand.until(lambda: names()[:-1] == before[1:] and settled(), "the others named after it")
    hand.picture("renamed")

    hand.key("ctrl+m")
    hand.until(sheet.isVisible, "the sheet")
    cell = lambda: middle_of_item(  # noqa: E731
        sheet.table, sheet.table.visualRect(sheet.table.model().index(2, ANTERIOR))
    )
    hand.click(hand.ask(cell))
    level = hand.ask(names)[2]
    hand.until(lambda: front().parts.chosen_source == Source(Kind.HEIGHTS, level), "its points")
    hand.until(lambda: not front().state.rotation.is_straight, "the planes turned")
    time.sleep(1.0)
    hand.picture("points")
    height = lambda: front().spine.measured.named(level).profile.anterior.length_mm  # noqa: E731
    automatic = hand.ask(height)
    point = hand.ask(lambda: front().spine.shown.points_lps_mm["anterior.start"])
    index = hand.ask(lambda: tuple(front().volume.geometry.index_zyx(point).tolist()))
    x, y = hand.place_of(index, Plane.SAGITTAL)
    hand.drag((x, y), (x, y - 25))
    hand.until(lambda: front().spine.measured.named(level).is_set_by_hand, "a number by hand")
    dragged = hand.ask(height)
    hand.picture("dragged")
    hand.key("ctrl+z")
    hand.until(lambda: height() == automatic, "the automatic number")
    return {"automatic_mm": automatic, "dragged_mm": dragged}


def main(argv):
    folder = Path(argv[0])
    pictures = Path(argv[1]) if len(argv) > 1 else None
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    app = application()
    scan = spine_volume()
    window = MainWindow(qt_workspace(FakeBackend([scan]), folder / "settings.json"), lambda: None)
    window.verbs = Verbs(window.workspace)
    window.finished.connect(app.quit)
    window.setGeometry(window.screen().geometry())
    window.show()
    window.activateWindow()
    window.workspace.show_volume(scan)
    FocusKeeper(window)
    GarbageCollector(app)  # as in the program: never in the thread that plays the user
    hand = Hand(window, LoopWatch(window), pictures)
    result = {}

    def play():
        try:
            time.sleep(2.0)
            result.update(whole_task(hand))
        except Exception as error:  # noqa: BLE001 - told in the result
            result["error"] = f"{type(error).__name__}: {error}"
        hand.ask(lambda: QTimer.singleShot(0, window.close))

    thread = threading.Thread(target=play, name="hand")
    QTimer.singleShot(0, thread.start)
    app.exec()
    thread.join()
    print(json.dumps(result))  # noqa: T201 - the answer
    return 1 if "error" in result else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
