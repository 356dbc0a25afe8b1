"""The surface on a (virtual) screen: other tests run without a display, hence without OpenGL."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from virtual_screen import SERVER, screen_environment

SCRIPT = """
import json, sys, time
from pathlib import Path
import numpy as np
sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1]).parent)]
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from spineviewer.bench.verbs import Verbs
from spineviewer.gui.window.qt_workspace import qt_workspace
from spineviewer.gui.main import application
from spineviewer.gui.window.main_window import MainWindow
from spineviewer.gui.viewing.surface_view import has_opengl
from spineviewer.gui.viewing.layouts import Layout, SpineView
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.reporting.report_image import key_picture
from PySide6.QtGui import QImage

app = application()
if not has_opengl():
    print(json.dumps({"opengl": False}))
    sys.exit(0)


def wait(is_done):
    end = time.monotonic() + 60
    while not is_done():
        app.processEvents()
        assert time.monotonic() < end


def picture():
    image = surface.grab().toImage()
    image = image.convertToFormat(image.Format.Format_RGB32)
    shape = (image.height(), image.bytesPerLine() // 4, 4)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(shape)
    return raw[40:-40, 40:-40, :3].astype(int)


scan = spine_volume()
workspace = qt_workspace(FakeBackend([scan]), Path(sys.argv[2]) / "settings.json")
window = MainWindow(workspace, lambda: None)
window.verbs = Verbs(window.workspace)
window.resize(1200, 800)
window.show()
window.verbs.show_scan(scan)
window.area.set_layout_kind(Layout.GRID)
surface = window.area.surface
window.verbs.segment()
wait(lambda: window.verbs.surface is not None and surface._scene is not None)
front = picture()
window.verbs.move_to((48, 40, 36))
centre = (np.array((48, 48, 36)) * scan.geometry.spacing_zyx_mm)[::-1]
middle = surface._scene.picture_position(centre)
QTest.mouseClick(surface, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
                 QPoint(round(middle.x() * surface.width()), round(middle.y() * surface.height())))
hit = window.verbs.state.crosshair_zyx
surface.rotate_by(90, 0)
wait(lambda: not surface._is_moving)
side = picture()
letters = surface._letters
window.area.set_active(SpineView.SURFACE)
window.actions_by_name["key_image"].trigger()
(image,) = window.workspace.front.drafts.draft.images
parts = window.workspace.front.parts
report = key_picture(image, Scene(parts.state), None, None, 200)
key = QImage.fromData(report.png).convertToFormat(QImage.Format.Format_RGB32)
raw = np.frombuffer(key.constBits(), np.uint8).reshape(key.height(), -1, 4)
window.close()
wait(lambda: window.has_ended)
print(json.dumps({
    "opengl": True, "lit": float((front.max(axis=2) > 60).mean()),
    "turned": float((np.abs(front - side).max(axis=2) > 40).mean()),
    "caption": report.caption, "key lit": float((raw[40:, 40:, :3].max(axis=2) > 60).mean()),
    "key shape": [report.width_px / report.height_px, surface.width() / surface.height()],
    "hit": hit, "letters": letters, "platform": app.platformName(),
}))
"""


@pytest.mark.skipif(shutil.which(SERVER) is None, reason="no virtual screen is installed")
def test_the_surface_is_drawn_and_rotated_and_a_click_moves_the_crosshair_to_it(tmp_path):
    script = tmp_path / "draw.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with screen_environment("1280x900") as environment:
        done = subprocess.run(
            [sys.executable, script, Path(__file__).parents[1], tmp_path],
            env=environment,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    if not told["opengl"]:
        pytest.skip("the virtual screen has no OpenGL")
    assert told["platform"] == "xcb"
    assert told["lit"] > 0.03
    assert told["turned"] > 0.01
    z, y, x = told["hit"]
    assert abs(z - 48) <= 2 and abs(x - 36) <= 2
    assert abs(y - 38) <= 3  # the front of the column: 48 less 0.12 * 80
    assert told["caption"] == "Surface"
    assert told["key lit"] > 0.03
    assert told["key shape"][0] == pytest.approx(told["key shape"][1], rel=0.02)
    assert told["letters"] in (["P", "A", "S", "I"], ["A", "P", "S", "I"])
