"""A scan opens with the layout and windows of the last scan with its modality and kernel."""

from pathlib import Path

import pytest
from fakes import spine_volume

from spineviewer.app.hanging_protocols import HangingProtocol, kind_of
from spineviewer.app.settings import MAX_HANGING_PROTOCOLS, Settings, load_settings
from spineviewer.app.state import PRESETS
from spineviewer.app.view_state import ViewState
from spineviewer.volume.volume import WindowLevel

SOFT = WindowLevel(350.0, 45.0)


def scan_of(kernel, number=0, modality="CT"):
    return spine_volume(path=Path(f"{number}.nii.gz"), modality=modality, kernel=kernel)


def test_a_scan_opens_as_the_last_one_of_its_modality_and_kernel_was_shown(headless):
    one = headless()
    one.workspace.read_views = lambda: ViewState(layout="windows")
    first = one.open(scan_of("B30f"))
    first.display.set_window(SOFT)
    first.display.set_window(WindowLevel(2000.0, 500.0), is_second=True)
    same, other = one.open(scan_of("B30f", 1)), one.open(scan_of("B60f", 2))
    assert (same.state.window, same.state.second_window) == (SOFT, WindowLevel(2000.0, 500.0))
    assert same.parts.views.layout == "windows"
    assert (other.state.window, other.parts.views.layout) == (PRESETS[0].window, "")
    one.loop.rest()


def test_a_hanging_protocol_is_remembered_after_a_restart(headless, tmp_path):
    one = headless()
    one.open(scan_of("B30f")).display.set_window(SOFT)
    one.workspace.close(one.workspace.front)
    one.loop.rest()
    stored = load_settings(one.path)
    assert stored.hanging_protocols["CT B30f"].window_hu == (350.0, 45.0)
    again = headless(settings=stored)
    assert again.open(scan_of("B30f", 3)).state.window == SOFT
    again.loop.rest()


def test_files_of_unknown_kind_open_in_the_bone_window(headless):
    one = headless()
    one.open(scan_of("", modality="")).display.set_window(SOFT)
    assert one.open(scan_of("", 1, modality="")).state.window == PRESETS[0].window
    assert one.workspace.settings.current.hanging_protocols == {}
    one.loop.rest()


@pytest.mark.parametrize(
    ("modality", "kernel", "kind"),
    [("CT", "B60f", "CT B60f"), ("MR", "", "MR"), ("", "", "")],
)
def test_a_kind_is_modality_and_kernel(modality, kernel, kind):
    assert kind_of(scan_of(kernel, modality=modality).source) == kind


def test_only_the_most_recent_kinds_are_remembered():
    settings, protocol = Settings(), HangingProtocol("row", (1.0, 0.0), (1.0, 0.0))
    for number in range(MAX_HANGING_PROTOCOLS + 5):
        settings = settings.with_hanging_protocol(str(number), protocol)
    assert list(settings.hanging_protocols) == [str(n) for n in range(5, MAX_HANGING_PROTOCOLS + 5)]
    assert list(settings.with_hanging_protocol("7", protocol).hanging_protocols)[-1] == "7"


def test_a_damaged_hanging_protocol_is_ignored(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(
        '{"hanging_protocols": {"CT": {"layout": "row", "window_hu": [0, 0]}}, "theme": "light"}'
    )
    assert (load_settings(path).hanging_protocols, load_settings(path).theme) == ({}, "light")


def test_hanging_protocols_of_older_settings_files_are_read(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(
        '{"hangings": {"CT": {"layout": "row", "window_hu": [350, 45], '
        '"second_window_hu": [2000, 500]}}}'
    )
    assert load_settings(path).hanging_protocols["CT"].layout == "row"
