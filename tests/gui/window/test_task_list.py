"""A user's whole task with at most forty clicks and keys, and the time the window was blocked.

Typed text and a file's name count as one. The scan is a synthetic DICOM series. Reading, writing
and the window are real, the networks are not.
"""

import importlib.util
import time
from pathlib import Path

import nibabel
import numpy as np
import pytest
from conftest import emitted
from fakes import FakeBackend, spine_volume
from pointer import drag_voxels
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest

from spineviewer.app.services import LocalServices
from spineviewer.app.state import SegmentationStage
from spineviewer.gui.reporting.export_dialog import ExportDialog
from spineviewer.gui.reporting.report_dialog import ReportDialog
from spineviewer.gui.window.palette import Palette
from spineviewer.volume.planes import Plane

MAX_ACTIONS = 40
LEFT, NO_BUTTON, NO_KEY = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.NoButton,
    Qt.KeyboardModifier.NoModifier,
)
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class RealFiles(FakeBackend):
    """Reads files as the program does; the networks' results are synthetic."""

    def read_scan(self, path, series_uid, progress):
        return LocalServices().read_scan(path, series_uid, progress)


class Watch(QObject):
    """The longest time between two ticks of the event loop, task by task."""

    def __init__(self):
        super().__init__()
        self.gaps_ms = {}
        self._task, self._last = "", time.perf_counter()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(2)

    def begin(self, task):
        self._tick()
        self._task, self._last = task, time.perf_counter()

    def _tick(self):
        now = time.perf_counter()
        self.gaps_ms[self._task] = max(self.gaps_ms.get(self._task, 0.0), 1000 * (now - self._last))
        self._last = now


class Hand:
    """Mouse and keys, counted."""

    def __init__(self, qtbot, window, monkeypatch):
        self.qtbot, self.window, self.count = qtbot, window, 0
        self._files = []
        for name in ("ask_for_folder", "ask_for_file", "ask_for_target"):
            monkeypatch.setattr(window.files, name, lambda *_: self._files.pop(0))
        monkeypatch.setattr(window.files, "ask_for_files", lambda *_: [self._files.pop(0)])

    def key(self, key, modifiers=NO_KEY):
        self.count += 1
        # without a window manager, a closed dialog does not give the focus back
        with self.qtbot.waitActive(self.window):
            self.window.activateWindow()
        QTest.keyClick(self.window, key, modifiers)

    def file(self, path):
        """Type a file's name and press Enter in the dialog that the next key opens."""
        self.count += 2
        self._files.append(str(path))

    def text(self, field, text):
        self.count += 1
        field.setText(text)

    def enter(self, button_or_field):
        self.count += 1
        (
            button_or_field.click
            if hasattr(button_or_field, "click")
            else button_or_field.returnPressed.emit
        )()

    def drag(self, start, stop, plane=Plane.SAGITTAL):
        self.count += 1
        drag_voxels(self.window.area.views[plane], start, stop)

    def click(self, index, plane=Plane.SAGITTAL):
        self.count += 1
        view = self.window.area.views[plane]
        QTest.mouseClick(view.viewport(), LEFT, NO_KEY, view.widget_position(index).toPoint())


@pytest.fixture
def study(tmp_path):
    spec = importlib.util.spec_from_file_location(
        "dicom_phantom", Path(__file__).parents[2] / "io" / "conftest.py"
    )
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    scan = spine_volume()
    folder = tmp_path / "study"
    module.Scanner(folder, spacing_mm=(2.0, 1.5, 1.5)).write(scan.hu)
    return folder


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_whole_task_takes_at_most_forty_clicks_and_keys(
    qtbot, make_window, study, tmp_path, monkeypatch, record_property
):
    window = make_window(RealFiles())
    hand, watch, verbs = Hand(qtbot, window, monkeypatch), Watch(), window.verbs
    told = lambda topic: any(  # noqa: E731
        n.topic == topic and "…" not in n.text for n in window.banners.notices()
    )

    watch.begin("open a DICOM folder")
    hand.file(study)
    hand.key(Qt.Key.Key_O, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: verbs.state is not None)

    watch.begin("find the vertebra")
    qtbot.waitUntil(
        lambda: not any(view.is_stale for view in window.area.views.values() if view.isVisible())
    )
    hand.click((52, 48, 36))
    z, y, x = verbs.state.crosshair_zyx
    assert abs(z - 52) <= 1 and abs(y - 48) <= 1

    watch.begin("measure its heights")
    hand.key(Qt.Key.Key_D)
    for along in (42, 48, 54):
        hand.drag((48.0, along, x), (57.0, along, x))
    heights = [m for m in verbs.state.measurements if m.tool.title == "Distance"]
    assert len(heights) == 3

    watch.begin("segment")
    hand.key(Qt.Key.Key_S)
    qtbot.waitUntil(
        lambda: verbs.state.stage is SegmentationStage.DONE and verbs.state.is_mask_current
    )

    watch.begin("lower the threshold")
    before = verbs.state.tuning.attention_threshold
    for _ in range(3):
        hand.key(Qt.Key.Key_Comma)
    assert verbs.state.tuning.attention_threshold == pytest.approx(before - 0.03)
    qtbot.waitUntil(lambda: verbs.state.is_mask_current)

    watch.begin("erase a stump")
    hand.key(Qt.Key.Key_E)
    hand.drag((52.0, 48.0, x), (56.0, 48.0, x))
    hand.drag((64.0, 48.0, x), (68.0, 48.0, x))
    assert verbs.correction.plane(2, x)[66, 48] == -1

    watch.begin("undo twice, redo")
    hand.key(Qt.Key.Key_Z, CONTROL)
    hand.key(Qt.Key.Key_Z, CONTROL)
    assert verbs.correction.is_empty
    hand.key(Qt.Key.Key_Y, CONTROL)
    assert not verbs.correction.is_empty

    watch.begin("export NIfTI")
    hand.key(Qt.Key.Key_E, CONTROL)
    dialog = window.findChild(ExportDialog)
    # the folder of the scan is the default; a test leaves it clean
    dialog.folder.setText(str(tmp_path))
    with emitted(qtbot, verbs.workspace.front.exports.written):
        hand.enter(dialog.write_button)
    exported = next(tmp_path.glob("*_msk.nii.gz"))

    watch.begin("compare with the reference")
    hand.key(Qt.Key.Key_P, CONTROL | SHIFT)
    palette = window.findChild(Palette)
    hand.text(palette.field, "compare")
    hand.file(exported)
    hand.enter(palette.field)
    qtbot.waitUntil(lambda: verbs.comparison is not None)
    assert verbs.comparison.scores.dice == 1.0

    watch.begin("export SEG")
    hand.key(Qt.Key.Key_E, CONTROL)
    dialog = next(d for d in window.findChildren(ExportDialog) if d.isVisible())
    hand.count += 1  # the format is chosen
    dialog.format.setCurrentIndex(dialog.format.findData(".dcm"))
    dialog.folder.setText(str(tmp_path))
    with emitted(qtbot, verbs.workspace.front.exports.written):
        hand.enter(dialog.write_button)

    watch.begin("write the report")
    hand.key(Qt.Key.Key_R, CONTROL)
    report = window.findChild(ReportDialog)
    report.folder.setText(str(tmp_path))
    hand.enter(report.write_button)
    qtbot.waitUntil(lambda: told("report"))

    watch.begin("save the session and close")
    kept = tmp_path / "reading.spineviewer"
    hand.file(kept)
    hand.key(Qt.Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: told("session"))
    session = next(tmp_path.glob("reading*"))
    corrections = verbs.correction.plane(2, x).copy()
    hand.key(Qt.Key.Key_W, CONTROL)
    assert verbs.state is None

    watch.begin("open the session again")
    hand.file(session)
    hand.key(Qt.Key.Key_O, CONTROL)
    qtbot.waitUntil(lambda: verbs.state is not None and verbs.state.stage is SegmentationStage.DONE)
    qtbot.waitUntil(lambda: verbs.state.is_mask_current)
    watch.begin("")
    assert (verbs.correction.plane(2, x) == corrections).all()
    assert verbs.state.tuning.attention_threshold == pytest.approx(before - 0.03)
    assert len(verbs.state.measurements) == 3

    written = np.asarray(nibabel.load(exported).dataobj)
    assert written.any()
    assert {path.suffix for path in tmp_path.glob(f"{tmp_path.name}*")} >= {
        ".gz",
        ".dcm",
        ".pdf",
        ".html",
    }
    for task, gap_ms in watch.gaps_ms.items():
        record_property(f"gap_ms {task}", round(gap_ms, 1))
        print(f"{gap_ms:7.1f} ms  {task}")  # noqa: T201
    print(f"{hand.count} clicks and keys")  # noqa: T201
    assert hand.count <= MAX_ACTIONS
