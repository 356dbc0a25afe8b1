"""Two scans side by side: the other one moves by the same millimetres."""

from pathlib import Path

import pytest
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.volume.planes import Plane


@pytest.fixture
def window(make_window):
    fine = spine_volume(path=Path("a.nii.gz"), shape=(96, 80, 72), spacing=(1.0, 1.5, 1.5))
    coarse = spine_volume(path=Path("b.nii.gz"), shape=(48, 80, 72), spacing=(2.0, 1.5, 1.5))
    window = make_window(FakeBackend([fine, coarse]))
    window.verbs.show_scan(coarse)
    window.verbs.show_scan(fine)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    window.area.set_active(Plane.AXIAL)
    return window


def test_it_moves_by_as_many_millimetres(window):
    beside = window.beside
    assert beside.isVisible()
    assert beside.name.text() == "b.nii.gz"
    before = beside.reading.cursor_zyx[0]
    window.verbs.scroll(Plane.AXIAL, 10)
    assert beside.reading.cursor_zyx[0] == before + 5
    assert beside.stack.currentWidget() is beside.views[Plane.AXIAL]


def test_scrolling_the_other_changes_the_distance_that_is_kept(window):
    beside = window.beside
    before = beside.reading.cursor_zyx[0]
    beside.views[Plane.AXIAL].scrolled.emit(3)
    assert beside.reading.cursor_zyx[0] == before + 3
    window.verbs.scroll(Plane.AXIAL, 4)
    assert beside.reading.cursor_zyx[0] == before + 5


def test_unlocked_it_stays_and_with_one_scan_it_is_gone(window):
    beside = window.beside
    beside.lock.setChecked(False)
    before = beside.reading.cursor_zyx
    window.verbs.scroll(Plane.AXIAL, 10)
    assert beside.reading.cursor_zyx == before
    window.verbs.close_scan()
    assert not beside.isVisible()
    assert not window.actions_by_name["beside"].isEnabled()
