"""The interface size is chosen in the View menu and applies from the next start."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from fakes import FakeBackend
from virtual_screen import SERVER, screen_environment

from spineviewer.app.settings import Settings, load_settings
from spineviewer.gui.window import interface_size
from spineviewer.gui.window.interface_size import automatic_percent, max_percent

#: Prints the scale factor of the program and the number of pixel lines of the screen.
STARTED = """
import sys
from pathlib import Path
from spineviewer.app.settings import load_settings
from spineviewer.gui.window.interface_size import unscaled_lines, use_interface_size
use_interface_size(load_settings(Path(sys.argv[1])))
from spineviewer.gui.main import application
screen = application().primaryScreen()
print(screen.devicePixelRatio(), unscaled_lines(screen))
"""


#: Starts the program, lets it end, and prints its scale factor.
WHOLE_START = """
from PySide6.QtGui import QGuiApplication
from spineviewer.gui.main import run
run(["--quit"])
print(QGuiApplication.primaryScreen().devicePixelRatio())
"""


@pytest.mark.parametrize(
    ("lines", "percent"),
    [
        (0, 100),
        (768, 100),
        (1080, 100),
        (1440, 100),
        (1600, 100),
        (2160, 150),
        (2880, 200),
        (4320, 200),
    ],
)
def test_the_automatic_size_depends_on_the_lines_of_an_unscaled_screen(lines, percent):
    assert automatic_percent(lines) == percent


@pytest.mark.parametrize(
    ("stored", "told_qt", "expected"),
    [
        ({"interface_percent": 150}, "", "1.5 800"),
        ({"unscaled_lines": 2160}, "", "1.5 800"),
        ({"interface_percent": 100, "unscaled_lines": 2160}, "", "1.0 800"),
        ({"interface_percent": 150}, "2", "2.0 800"),
        ({}, "", "1.0 800"),
    ],
)
def test_the_size_applies_from_the_next_start_and_the_users_qt_settings_come_first(
    tmp_path, stored, told_qt, expected
):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(stored))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("QT_SCALE_FACTOR", None)
    if told_qt:
        environment["QT_SCALE_FACTOR"] = told_qt
    command = [sys.executable, "-c", STARTED, str(path)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == expected


def test_a_size_is_chosen_in_the_menu_with_a_note_when_it_applies(make_window, tmp_path):
    window = make_window(FakeBackend())
    assert window.actions_by_name["size_automatic"].isChecked()
    window.actions_by_name["size_150"].trigger()
    assert not window.actions_by_name["size_automatic"].isChecked()
    assert any("Restart" in notice.text for notice in window.banners.notices())
    assert window.verbs.runner.wait_for_writes(60.0)
    assert load_settings(tmp_path / "settings.json").interface_percent == 150
    assert make_window(FakeBackend()).actions_by_name["size_150"].isChecked()


def test_an_invalid_stored_size_is_ignored(tmp_path):
    path = tmp_path / "settings.json"
    for value in (-5, 10**9, "150", True):
        path.write_text(json.dumps({"interface_percent": value}))
        assert load_settings(path).interface_percent == Settings().interface_percent


@pytest.mark.skipif(shutil.which(SERVER) is None, reason="needs Xvfb")
@pytest.mark.parametrize(
    ("screen", "stored", "expected"),
    [
        ("3840x2160", None, "1.5"),
        ("3840x2160", {"unscaled_lines": 768, "window_geometry": "AAAA"}, "1.5"),
        ("3840x2160", {"interface_percent": 100}, "1.0"),
        ("1366x768", {"unscaled_lines": 2160, "interface_percent": 200}, "1.25"),
        ("1366x768", {"unscaled_lines": 2160}, "1.0"),
    ],
)
def test_the_first_start_on_a_screen_has_a_size_that_fits_it(tmp_path, screen, stored, expected):
    path = tmp_path / "settings.json"
    if stored is not None:
        path.write_text(json.dumps(stored))
    command = [sys.executable, "-c", WHOLE_START]
    with screen_environment(screen) as environment:
        environment["SPINEVIEWER_SETTINGS"] = str(path)
        environment.pop("QT_SCALE_FACTOR", None)
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.stdout.split() == [expected], done.stderr


@pytest.mark.parametrize(
    ("lines", "percent"), [(500, 100), (768, 125), (900, 150), (1050, 175), (1200, 200)]
)
def test_no_size_makes_the_window_larger_than_the_screen(lines, percent):
    """The window needs 600 lines at 100%."""
    assert max_percent(lines) == percent


def test_sizes_for_which_the_screen_is_too_small_cannot_be_chosen(make_window, monkeypatch):
    monkeypatch.setattr(interface_size, "screen_lines", lambda: 900)
    window = make_window(FakeBackend())
    window.actions_by_name.refresh()
    possible = {p for p in (125, 150, 175, 200) if window.actions_by_name[f"size_{p}"].isEnabled()}
    assert possible == {125, 150}
    assert "too small" in window.actions_by_name["size_200"].toolTip()
