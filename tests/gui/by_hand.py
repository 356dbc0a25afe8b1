"""A user's whole task with real mouse and key events on an X server, with a phantom or real scan.

`python tests/gui/by_hand.py SCAN REFERENCE FOLDER [PICTURES]`: SCAN is a DICOM folder, REFERENCE a
mask of it with one number per vertebra, FOLDER receives the output, PICTURES one screenshot for
each step. xdotool sends the events; this process contains the window and finds out where things are
on the screen, as a user would by looking. The last line printed is a JSON object.
"""

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication
from scipy import ndimage

from spineviewer.app.services import LocalServices
from spineviewer.app.session import SESSION_EXTENSION
from spineviewer.app.state import SegmentationStage
from spineviewer.bench.loop_watch import LoopWatch
from spineviewer.bench.verbs import Verbs
from spineviewer.gui.kit.garbage import GarbageCollector
from spineviewer.gui.main import application
from spineviewer.gui.reporting.export_dialog import ExportDialog
from spineviewer.gui.reporting.report_dialog import ReportDialog
from spineviewer.gui.window.main_window import MainWindow
from spineviewer.gui.window.qt_workspace import qt_workspace
from spineviewer.io.images.loading import read_labels
from spineviewer.volume.planes import Plane

PATIENCE_S = 400.0
L1 = 20
#: Arches are complete if the attention map leaves at least this fraction of the networks' finding.
WHOLE = 0.98
#: Parts of the mask farther from the reference are errors, not an uncertain edge.
STUMP_FROM_MM = 3.0


class Bridge(QObject):
    """Queries the window from the thread that plays the user."""

    requested = Signal(object)

    def __init__(self):
        super().__init__()
        self.requested.connect(self._answer, Qt.ConnectionType.BlockingQueuedConnection)

    def __call__(self, question):
        box = []
        self.requested.emit((question, box))
        kind, answer = box[0]
        if kind == "error":
            raise answer
        return answer

    def _answer(self, requested):
        question, box = requested
        try:
            box.append(("answer", question()))
        except Exception as error:  # noqa: BLE001 - raised again in the thread that asked
            box.append(("error", error))


class FocusKeeper(QObject):
    """Replaces the window manager: the newest dialog or window always has the keyboard focus."""

    def __init__(self, window):
        super().__init__(window)
        self._window = window
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(50)

    def _look(self):
        if QApplication.activeWindow() is None:
            (QApplication.activeModalWidget() or self._window).activateWindow()


class Hand:
    """Mouse and keyboard of the X server, counted.

    Typed text and a file's name count as one each.
    """

    def __init__(self, window, watch, pictures):
        self.count, self.window, self.watch, self.ask = 0, window, watch, Bridge()
        self._pictures, self._step = pictures, 0

    def key(self, *names):
        for name in names:
            self.count += 1
            self._do("key", name)
            time.sleep(0.15)

    def text(self, text):
        self.count += 1
        self._do("type", "--delay", "4", str(text))

        def is_there():
            field = QApplication.focusWidget()
            return hasattr(field, "text") and field.text() == str(text)

        self.until(is_there, f"{text} in its field")
        time.sleep(0.3)

    def click(self, place):
        self.count += 1
        self._do("mousemove", *place, "click", 1)
        time.sleep(0.15)

    def point_at(self, place):
        """Move the crosshair with Shift and the pointer, which works with every tool."""
        self.count += 1
        self._do(
            "keydown",
            "shift",
            "mousemove",
            place[0] - 3,
            place[1],
            "mousemove",
            *place,
            "keyup",
            "shift",
        )
        time.sleep(0.15)

    def drag_until(self, start, step_px, holds, most=400):
        """Drag something sideways in steps until the view is as expected."""
        self.count += 1
        x, y = start
        self._do("mousemove", x, y, "mousedown", 1)
        for _ in range(most):
            if holds():
                break
            x += step_px
            self._do("mousemove", x, y)
            time.sleep(0.1)
        self._do("mouseup", 1)
        time.sleep(0.15)

    def drag(self, start, stop):
        self.count += 1
        self._do("mousemove", *start, "mousedown", 1)
        for fraction in np.linspace(0.1, 1.0, 10):
            self._do(
                "mousemove",
                *(round(a + fraction * (b - a)) for a, b in zip(start, stop, strict=True)),
            )
        self._do("mouseup", 1)
        time.sleep(0.15)

    def place_of(self, index_zyx, plane=Plane.SAGITTAL):
        """Return the position of a voxel on the screen."""

        def look():
            view = self.window.area.views[plane]
            at = view.viewport().mapToGlobal(view.widget_position(index_zyx).toPoint())
            return at.x(), at.y()

        return self.ask(look)

    def handle_of(self, slider):
        """Return the position of a slider's handle on the screen."""

        def look():
            at = slider.mapToGlobal(QPoint(round(slider.handle_x()), slider.height() // 2))
            return at.x(), at.y()

        return self.ask(look)

    def middle_of(self, find):
        def look():
            widget = find()
            at = widget.mapToGlobal(QPoint(widget.width() // 2, widget.height() // 2))
            return at.x(), at.y()

        return self.ask(look)

    def until(self, holds, what):
        end = time.monotonic() + PATIENCE_S
        while not self.ask(holds):
            if time.monotonic() > end:
                self.picture("stuck")
                raise TimeoutError(f"waited in vain: {what}")
            time.sleep(0.05)

    def dialog(self):
        self.until(
            lambda: (
                QApplication.activeModalWidget() is not None
                and QApplication.activeWindow() is not None
            ),
            "a dialog",
        )
        time.sleep(0.2)

    def window_again(self):
        self.until(
            lambda: (
                QApplication.activeModalWidget() is None
                and QApplication.activeWindow() is self.window
            ),
            "the window",
        )

    def begin(self, task):
        self.ask(lambda: self.watch.begin(task))

    def picture(self, name):
        if self._pictures is None:
            return
        self._step += 1
        time.sleep(0.4)

        def grab():
            with self.watch.paused():
                screen = self.window.screen().grabWindow(0)
                screen.save(str(self._pictures / f"{self._step:02d}-{name}.png"))

        self.ask(grab)

    def _do(self, *words):
        subprocess.run(["xdotool", *map(str, words)], check=True, timeout=60)


def whole_task(hand, study, reference, folder, eye):
    """Perform the task from opening the folder to reopening the session; return the results."""
    window, verbs = hand.window, hand.window.verbs
    told = lambda topic: any(  # noqa: E731
        n.topic == topic and "…" not in n.text for n in window.banners.notices()
    )
    is_painted = lambda: (  # noqa: E731
        not any(view.is_stale for view in window.area.views.values() if view.isVisible())
    )
    mask_now = lambda: hand.ask(lambda: verbs.correction.snapshot()).corrected_mask(  # noqa: E731
        verbs.state.fused.mask.voxels
    )
    is_fused = lambda: (  # noqa: E731
        verbs.state.stage is SegmentationStage.DONE and verbs.state.is_mask_current
    )

    hand.begin("open a DICOM folder")
    hand.key("ctrl+shift+o")
    hand.dialog()
    hand.text(study)
    hand.picture("open-folder")
    hand.key("Return")
    hand.until(lambda: verbs.state is not None and is_painted(), "the scan")
    hand.picture("opened")

    hand.begin("find the vertebra")
    middle, front, back = eye.first_lumbar(hand.ask(lambda: verbs.state.scan).geometry)
    hand.click(hand.place_of(middle))
    hand.until(
        lambda: abs(verbs.state.crosshair_zyx[0] - middle[0]) <= 2 and is_painted(),
        "the crosshair in the vertebra",
    )
    hand.picture("found")

    hand.begin("measure its heights")
    x = hand.ask(lambda: float(verbs.state.crosshair_zyx[2]))
    hand.key("d")
    for (low, high), y in (front, (middle[3], middle[1]), back):
        hand.drag(hand.place_of((high, y, x)), hand.place_of((low, y, x)))
    hand.until(lambda: len(verbs.state.measurements) == 3, "three heights")
    hand.picture("measured")

    hand.begin("segment")
    hand.key("s")
    hand.until(is_fused, "the mask")
    hand.picture("segmented")

    hand.begin("lower the threshold")

    def are_arches_whole():
        fusion, tuning = hand.ask(lambda: (verbs.fusion, verbs.state.tuning))
        return eye.arches_in(fusion, tuning, round(x)) >= WHOLE

    arches_before = eye.arches_in(*hand.ask(lambda: (verbs.fusion, verbs.state.tuning)), round(x))
    hand.click(hand.middle_of(lambda: window.panel.tuning_box.numbers_button))
    hand.drag_until(
        hand.handle_of(window.panel.tuning_box.attention_threshold.slider), -2, are_arches_whole
    )
    hand.until(is_fused, "the lower threshold")
    arches = eye.arches_in(*hand.ask(lambda: (verbs.fusion, verbs.state.tuning)), round(x))
    hand.picture("threshold")

    hand.begin("erase a stump")
    plane, stump, ways = eye.stump(hand.ask(lambda: verbs.state.fused.mask.voxels))
    stump_before = eye.left_of_stump(mask_now())
    hand.point_at(hand.place_of(stump, Plane.SAGITTAL if plane is Plane.CORONAL else Plane.CORONAL))
    axis = plane.value
    hand.until(
        lambda: abs(verbs.state.crosshair_zyx[axis] - stump[axis]) <= 2 and is_painted(),
        "the crosshair at the stump",
    )
    hand.picture("stump")
    hand.key("e")
    for way in ways:
        hand.drag(*(hand.place_of(end, plane) for end in way))
    hand.until(lambda: not verbs.correction.is_empty and is_fused(), "the strokes")
    stump_after = eye.left_of_stump(mask_now())
    hand.picture("erased")

    hand.begin("undo twice, redo")
    hand.key("ctrl+z", "ctrl+z")
    hand.until(lambda: verbs.correction.is_empty, "the strokes undone")
    hand.key("ctrl+y")
    hand.until(lambda: not verbs.correction.is_empty, "the stroke again")
    hand.picture("redone")

    hand.begin("compare with the reference")
    hand.key("ctrl+shift+p")
    hand.dialog()
    hand.text("compare")
    hand.picture("palette")
    hand.key("Return")
    hand.until(
        lambda: type(QApplication.activeModalWidget()).__name__ == "QFileDialog", "the file dialog"
    )
    hand.dialog()
    hand.text(reference)
    hand.key("Return")
    hand.until(lambda: verbs.comparison is not None and is_painted(), "the comparison")
    dice = hand.ask(lambda: verbs.comparison.scores.dice)
    hand.picture("compared")

    hand.begin("export NIfTI")
    hand.window_again()
    hand.key("ctrl+e")
    hand.dialog()
    hand.picture("export")
    hand.key("Return")
    hand.until(lambda: told("export"), "the export")

    hand.begin("export SEG")
    hand.window_again()
    hand.key("ctrl+e")
    hand.dialog()
    hand.click(
        hand.middle_of(
            lambda: next(d for d in window.findChildren(ExportDialog) if d.isVisible()).format
        )
    )
    hand.key("End", "Return")
    hand.picture("export-seg")
    hand.key("Return")
    hand.until(lambda: any(folder.glob("*_msk.dcm")), "the SEG")

    hand.begin("write the report")
    hand.window_again()
    hand.key("ctrl+r")
    report = hand.ask(lambda: window.findChild(ReportDialog))
    hand.until(report.isVisible, "the report window")  # beside the views: not a modal dialog
    hand.picture("report")
    hand.click(hand.middle_of(lambda: report.write_button))
    hand.until(lambda: any(folder.glob("*_report.pdf")), "the report")

    hand.begin("save the session and close")
    hand.window_again()
    hand.key("ctrl+s")
    hand.dialog()
    hand.key("Return")
    hand.until(lambda: told("session"), "the session")
    hand.picture("saved")
    session = next(folder.glob(f"*{SESSION_EXTENSION}"))
    hand.key("ctrl+w")
    hand.until(lambda: verbs.state is None, "the start page")
    hand.picture("closed")

    hand.begin("open the session again")
    hand.key("ctrl+o")
    hand.dialog()
    hand.text(session)
    hand.key("Return")
    hand.until(lambda: verbs.state is not None and is_fused() and is_painted(), "the session")
    kept = hand.ask(lambda: (len(verbs.state.measurements), not verbs.correction.is_empty))
    hand.picture("again")
    hand.begin("")
    seen = {"arches": [arches_before, arches], "stump": [stump_before, stump_after]}
    return {"dice": dice, "measurements": kept[0], "is_corrected": kept[1], **seen}


class Eye:
    """Finds in a labelled mask what a user sees: L1 and its heights, arches, false positives."""

    def __init__(self, reference):
        self._labels, grid, _ = read_labels(reference)
        self._spacing = grid.spacing_zyx_mm
        self._stump = None

    def first_lumbar(self, geometry):
        """Return the middle of the body of L1, and its middle, anterior and posterior heights."""
        places = np.argwhere(self._labels == L1)
        x = round(float(places[:, 2].mean()))
        flat = self._labels[:, :, x] == L1
        rows = np.flatnonzero(flat.any(axis=0))
        first, last = rows[0], rows[0] + round(28 / geometry.spacing_zyx_mm[1])

        def height(y):
            z = np.flatnonzero(flat[:, y])
            return (float(z.min()) - 0.5, float(z.max()) + 0.5)

        front, between, back = (
            first + (last - first) // 5,
            (first + last) // 2,
            last - (last - first) // 5,
        )
        low, high = height(between)
        middle = ((low + high) / 2, float(between), float(x), (low, high))
        return middle, (height(front), float(front)), (height(back), float(back))

    def arches_in(self, fusion, tuning, x):
        """Return how much of the spinous processes in a sagittal slice the attention retains."""
        flat = self._labels[:, :, x]
        behind = np.zeros_like(flat, bool)
        for label in np.unique(flat[flat > 0]):
            rows = np.flatnonzero((flat == label).any(axis=0))
            behind[:, rows[0] + round(40 / self._spacing[1]) :] |= (
                flat[:, rows[0] + round(40 / self._spacing[1]) :] == label
            )
        found = fusion.mask_plane(2, x, replace(tuning, attention_threshold=0.0)) & behind
        kept = fusion.mask_plane(2, x, tuning) & behind
        return float(kept.sum() / max(found.sum(), 1))

    def stump(self, mask):
        """Return the largest piece beside the vertebrae: broadest plane, position, directions.

        Positions and end points are indices (z, y, x), all in one slice of that plane.
        """
        box = ndimage.find_objects(mask.astype(np.uint8))[0]
        beside = (
            ndimage.distance_transform_edt(self._labels[box] == 0, sampling=self._spacing)
            > STUMP_FROM_MM
        )
        pieces, _ = ndimage.label(mask[box] & beside)
        largest = np.bincount(pieces.ravel())[1:].argmax() + 1
        self._stump = np.zeros_like(mask)
        self._stump[box] = pieces == largest
        spacing = np.array(self._spacing)
        axis = int((np.argwhere(self._stump) * spacing).std(axis=0).argmin())
        others = [other for other in range(3) if other != axis]
        index = int(self._stump.sum(axis=tuple(others)).argmax())
        flat_mm = np.argwhere(np.take(self._stump, index, axis)) * spacing[others]
        middle = flat_mm.mean(axis=0)
        _, _, (along, across) = np.linalg.svd(flat_mm - middle, full_matrices=False)
        lengthwise, sideways = (flat_mm - middle) @ along, (flat_mm - middle) @ across

        def voxel(far_mm, beside_mm):
            place = (middle + far_mm * along + beside_mm * across) / spacing[others]
            return tuple(float(v) for v in np.insert(place, axis, index))

        ways = [
            (voxel(lengthwise.min(), beside_mm), voxel(lengthwise.max(), beside_mm))
            for beside_mm in np.quantile(sideways, (0.25, 0.75))
        ]
        return Plane(axis), voxel(0.0, 0.0), ways

    def left_of_stump(self, mask):
        """Return how much of the stump is in a mask, in ml."""
        return float((mask & self._stump).sum() * np.prod(self._spacing) / 1000)


def main(argv):
    study, reference, folder = (Path(word) for word in argv[:3])
    pictures = Path(argv[3]) if len(argv) > 3 else None
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    app = application()
    window = MainWindow(
        qt_workspace(LocalServices(), folder / "settings" / "settings.json"), lambda: None
    )
    window.verbs = Verbs(window.workspace)
    window.finished.connect(app.quit)
    window.setGeometry(window.screen().geometry())
    window.show()
    window.activateWindow()
    FocusKeeper(window)
    GarbageCollector(app)  # as in the program: never in the thread that plays the user
    window.prepare()
    watch = LoopWatch(window)
    hand = Hand(window, watch, pictures)
    result = {}

    def play():
        try:
            time.sleep(2.0)
            hand.until(lambda: window.verbs.runner.is_idle, "what is loaded ahead")
            hand.begin("idle")
            time.sleep(2.0)
            result.update(whole_task(hand, study, reference, folder, Eye(reference)))
        except Exception as error:  # noqa: BLE001 - told in the result
            result["error"] = f"{type(error).__name__}: {error}"
        hand.ask(lambda: (watch.end(), QTimer.singleShot(0, window.close)))

    thread = threading.Thread(target=play, name="hand")
    QTimer.singleShot(0, thread.start)
    app.exec()
    thread.join()
    gaps = {
        task: [round(gap.wall_ms, 1), round(gap.free_ms, 1), round(gap.own_ms, 1), list(gap.where)]
        for task, gap in watch.gaps.items()
    }
    print(json.dumps({**result, "actions": hand.count, "gaps": gaps}))  # noqa: T201 - the answer
    return 1 if "error" in result else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
