import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.volume.planes import Plane


@pytest.fixture
def window(make_window, scan):
    window = make_window(scan=scan)
    yield window
    window.cine.stop()


def test_cine_runs_through_the_active_view_until_its_key_is_pressed_again(qtbot, window):
    window.area.set_active(Plane.AXIAL)
    start = window.verbs.state.crosshair_zyx
    window.cine.change_rate(5)
    QTest.keyClick(window, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: window.verbs.state.crosshair_zyx[0] >= start[0] + 3)
    assert window.actions_by_name["cine"].isChecked()
    assert window.area.views[Plane.AXIAL].annotations.text.left[-1].startswith("▶")
    QTest.keyClick(window, Qt.Key.Key_L)
    assert not window.cine.is_running
    assert not window.actions_by_name["cine"].isChecked()
    assert window.area.views[Plane.AXIAL].annotations.text.left == ("Axial",)
    assert window.verbs.state.crosshair_zyx[1:] == start[1:]


def test_cine_reverses_at_the_end_and_skips_no_slice(qtbot, window):
    window.area.set_active(Plane.AXIAL)
    window.verbs.move_to((93, 40, 36))
    seen = []
    window.workspace.changed.connect(lambda _: seen.append(window.verbs.state.crosshair_zyx[0]))
    window.cine.change_rate(10)
    window.cine.toggle()
    qtbot.waitUntil(lambda: len(seen) >= 6)
    window.cine.stop()
    assert seen[:6] == [94, 95, 94, 93, 92, 91]


def test_escape_another_view_and_closing_stop_cine(window):
    for end in (
        lambda: QTest.keyClick(window, Qt.Key.Key_Escape),
        lambda: window.area.set_active(Plane.CORONAL),
        window.verbs.close_scan,
    ):
        window.area.set_active(Plane.AXIAL)
        window.cine.toggle()
        assert window.cine.is_running
        end()
        assert not window.cine.is_running


def test_keys_change_the_speed_of_cine_within_limits(window):
    cine = window.cine
    assert cine.slices_per_second == 10
    QTest.keyClick(window, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert cine.slices_per_second == 15
    cine.change_rate(100)
    assert cine.slices_per_second == 60
    cine.change_rate(-100)
    assert cine.slices_per_second == 1
