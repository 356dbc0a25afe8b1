import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from spineviewer.gui.viewing.window_control import histogram

NO_KEY = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(make_window, scan):
    return make_window(scan=scan)


@pytest.fixture
def control(window):
    QTest.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    control = window.toolbar.window_control
    assert control.isVisible()
    yield control
    control.hide()


def test_the_histogram_counts_a_sample_of_the_voxels(scan):
    fractions = histogram(scan.hu)
    inside = (scan.hu >= -1100) & (scan.hu < 2500)
    assert fractions.sum() == pytest.approx(inside.mean(), abs=1e-6)
    low = -1100 + 20 * int(np.argmax(fractions))
    counted = [
        ((scan.hu >= edge) & (scan.hu < edge + 20)).mean() for edge in range(-1100, 2500, 20)
    ]
    assert low == -1100 + 20 * int(np.argmax(counted))


def test_a_large_scan_is_sampled_evenly():
    hu = np.zeros((200, 200, 200), np.int16)
    hu[:, :, 100:] = 300
    fractions = histogram(hu)
    assert fractions[(300 + 1100) // 20] == pytest.approx(0.5, abs=0.02)


def test_dragging_an_edge_sets_the_window_of_all_views(window, control):
    histogram = control.histogram
    low, high = histogram.edges_hu
    start = QPoint(round(histogram.x_at(high)), 40)
    stop = QPoint(round(histogram.x_at(high - 600)), 40)
    QTest.mousePress(histogram, Qt.MouseButton.LeftButton, NO_KEY, start)
    QTest.mouseMove(histogram, stop)
    QTest.mouseRelease(histogram, Qt.MouseButton.LeftButton, NO_KEY, stop)
    shown = window.verbs.state.window
    assert shown.level_hu - shown.width_hu / 2 == pytest.approx(low, abs=1)
    assert shown.level_hu + shown.width_hu / 2 == pytest.approx(high - 600, abs=15)
    assert control.width_field.value() == shown.width_hu


def test_dragging_the_band_moves_the_level_alone(window, control):
    histogram = control.histogram
    middle = histogram.x_at(window.verbs.state.window.level_hu)
    start, stop = QPoint(round(middle), 40), QPoint(round(middle) + 30, 40)
    QTest.mousePress(histogram, Qt.MouseButton.LeftButton, NO_KEY, start)
    QTest.mouseMove(histogram, stop)
    QTest.mouseRelease(histogram, Qt.MouseButton.LeftButton, NO_KEY, stop)
    assert window.verbs.state.window.width_hu == 1800
    assert window.verbs.state.window.level_hu > 500


def test_arrow_keys_and_fields_and_digits_do_the_same(window, control):
    histogram = control.histogram
    QTest.keyClick(histogram, Qt.Key.Key_Right)
    assert window.verbs.state.window.level_hu == 410
    QTest.keyClick(histogram, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert window.verbs.state.window.width_hu == 2000
    control.width_field.setValue(900)
    assert window.verbs.state.window.width_hu == 900
    QTest.keyClick(histogram, Qt.Key.Key_3)
    assert (window.verbs.state.window.width_hu, window.verbs.state.window.level_hu) == (400, 40)
    assert control.level_field.value() == 40
    assert histogram.accessibleDescription() == "Width 400, level 40"


def test_the_controls_close_with_the_scan(window, control):
    window.verbs.close_scan()
    assert not control.isVisible()
