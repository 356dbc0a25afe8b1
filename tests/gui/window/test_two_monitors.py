"""The window on two monitors of a real X server: where it and its dialogs open."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from virtual_screen import SERVER, screen_environment

TOOLS = (SERVER, "xdotool", "xrandr")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(170),
    pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}"),
]
LEFT, RIGHT = (0, 0, 1366, 768), (1366, 0, 1920, 1080)

DRIVER = """
    import json, subprocess, sys
    from pathlib import Path
    sys.path[:0] = [{tests!r}, str(Path({tests!r}).parent)]
    from fakes import FakeBackend, spine_volume
    from PySide6.QtCore import QTimer
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    def monitors(*names):
        for name in ("left", "right"):
            subprocess.run(["xrandr", "--delmonitor", name], capture_output=True)
        places = {{"left": "1366/361x768/203+0+0", "right": "1920/508x1080/286+1366+0"}}
        for name in names:
            output = "screen" if name == "left" else "none"
            subprocess.run(["xrandr", "--setmonitor", name, places[name], output], check=True)

    def press(keys):
        subprocess.run(["xdotool", "key", keys], check=True)
        QTest.qWait(600)

    def place(widget):
        corner = widget.mapToGlobal(widget.rect().topLeft())
        return [corner.x(), corner.y(), widget.width(), widget.height()]

    def start():
        from spineviewer.bench.verbs import Verbs
        from spineviewer.gui.window.main_window import MainWindow
        from spineviewer.gui.window.qt_workspace import qt_workspace
        window = MainWindow(qt_workspace(FakeBackend(), Path(sys.argv[1])), lambda: None)
        window.verbs = Verbs(window.workspace)
        window.show()
        window.activateWindow()
        QTest.qWait(600)
        return window

    def end(window):
        window.close()
        for _ in range(100):
            if window.verbs.runner.is_idle:
                break
            QTest.qWait(50)
        window.deleteLater()
        QTest.qWait(50)

    seen = {{}}
    monitors("left", "right")
    from spineviewer.gui.main import application
    application()
    seen["screens"] = [screen.geometry().getRect() for screen in QApplication.screens()]
    window = start()
    seen["first"] = place(window)
    window.verbs.show_scan(spine_volume())
    window.showNormal()
    window.resize(1500, 900)
    window.move(1500, 40)
    QTest.qWait(600)
    def look(keys):  # from a timer: some dialogs do not come back before they are closed
        dialog = QApplication.activeModalWidget()
        seen[keys] = place(dialog) if dialog is not None else None
        if len(sys.argv) > 2:
            picture = QApplication.primaryScreen().grabWindow(0, 0, 0, 3286, 1080)
            picture.save(f"{{sys.argv[2]}}/{{keys}}.png")
        subprocess.run(["xdotool", "key", "Escape"], check=True)

    for keys in ("shift+F1", "ctrl+shift+p", "ctrl+o"):
        QTimer.singleShot(1200, lambda: look(keys))
        press(keys)
        QTest.qWait(1200)
    button = window.toolbar.preset_button
    at = button.mapToGlobal(button.rect().center())
    subprocess.run(["xdotool", "mousemove", str(at.x()), str(at.y()), "click", "1"], check=True)
    QTest.qWait(600)
    popup = QApplication.activePopupWidget()
    seen["popup"] = place(popup) if popup is not None else None
    press("Escape")
    end(window)
    window = start()
    seen["again"] = place(window)
    end(window)
    monitors("left")
    QTest.qWait(600)
    screens = QApplication.screens()
    seen["screens without right"] = [screen.geometry().getRect() for screen in screens]
    window = start()
    seen["without right"] = place(window)
    end(window)
    monitors("left", "right")
    QTest.qWait(600)
    window = start()
    window.move(1500, 40)
    QTest.qWait(600)
    monitors("left")
    QTest.qWait(1200)
    seen["taken away"] = place(window)
    end(window)
    print(json.dumps(seen), flush=True)
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Return positions as (left, top, width, height) after each action."""
    script = textwrap.dedent(DRIVER.format(tests=str(Path(__file__).parents[1])))
    settings = tmp_path_factory.mktemp("monitors") / "settings.json"
    command = [sys.executable, "-c", script, str(settings)]
    pictures = os.environ.get("SPINEVIEWER_PICTURES")
    # a reset would remove the monitors with the program that set them
    with screen_environment("3286x1080", "-noreset") as environment:
        done = subprocess.run(
            [*command, *([pictures] if pictures else [])],
            env=environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    if sorted(found["screens"]) != [list(LEFT), list(RIGHT)]:
        pytest.skip(f"this X server has no two monitors: {found['screens']}")
    return found


def is_shown_in(place, screen):
    (x, y, width, height), (left, top, wide, high) = place, screen
    return left <= x and top <= y and x + width <= left + wide and y + height <= top + high


def test_the_window_fills_the_first_monitor_at_the_first_start(seen):
    assert is_shown_in(seen["first"], LEFT)
    assert seen["first"][2] > 0.95 * LEFT[2]
    assert seen["first"][3] > 0.9 * LEFT[3]


@pytest.mark.parametrize("what", ["shift+F1", "ctrl+shift+p", "ctrl+o", "popup"])
def test_what_a_window_on_the_second_monitor_opens_is_there(seen, what):
    assert seen[what] is not None
    assert is_shown_in(seen[what], RIGHT)


def test_the_window_returns_to_its_monitor(seen):
    assert seen["again"] == [1500, 40, 1500, 900]


def test_the_window_is_fully_visible_when_its_monitor_is_gone(seen):
    assert seen["screens without right"] == [list(LEFT)]
    assert is_shown_in(seen["without right"], LEFT)


def test_a_window_whose_monitor_is_removed_moves_to_the_remaining_one(seen):
    assert is_shown_in(seen["taken away"], LEFT)
