"""Several scans are open: each comes back as it was left, with its mask, its corrections and their undoing."""

from pathlib import Path

import pytest
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.app.state import SegmentationStage
from spineviewer.app.workspace import Room
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane


@pytest.fixture
def scans():
    return [spine_volume(path=Path(f"sub-{k}_ct.nii.gz"), shape=(60 + k, 60, 60)) for k in range(3)]


def test_a_scan_comes_back_as_it_was_left(qtbot, make_window, scans):
    window = make_window(FakeBackend(scans))
    desk = window.desk
    desk.show_scan(scans[0])
    assert not window.tabs.isVisible()
    desk.segment()
    qtbot.waitUntil(lambda: desk.reading.stage is SegmentationStage.DONE and desk.reading.is_mask_current)
    desk.set_tuning(Tuning(0.31, 5.0, 0.5))
    desk.move_to((33, 22, 11))
    desk.begin_stroke(Plane.SAGITTAL, True, (33.0, 10.0, 11.0))
    desk.end_stroke()
    qtbot.waitUntil(lambda: desk.reading.is_mask_current)
    left, facts = desk.reading, desk.mask_facts()
    desk.show_scan(scans[1])
    assert window.tabs.isVisible()
    assert [window.tabs.tabText(k) for k in range(window.tabs.count())] == ["sub-0_ct.nii.gz", "sub-1_ct.nii.gz"]
    assert desk.correction.is_empty
    assert desk.reading.stage is SegmentationStage.NONE
    QTest.keyClick(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert desk.reading.scan is scans[0]
    assert desk.reading == left
    assert desk.mask_facts() == facts
    assert window.windowTitle().startswith("sub-0_ct")
    desk.undo()
    assert desk.correction.is_empty
    window.tabs.setCurrentIndex(1)
    assert desk.reading.scan is scans[1]


def test_closing_the_one_in_front_brings_another_and_at_last_the_start_page(make_window, scans):
    window = make_window(FakeBackend(scans))
    for scan in scans:
        window.desk.show_scan(scan)
    window.desk.switch_to(1)
    window.desk.close_scan()
    assert window.desk.reading.scan is scans[2]
    window.desk.close_scan()
    assert window.desk.reading.scan is scans[0]
    assert not window.tabs.isVisible()
    window.desk.close_scan()
    assert window.desk.reading is None
    assert window.start_page.isVisible()


def test_the_same_file_opened_again_takes_the_place_of_the_old_one(make_window, scans):
    window = make_window(FakeBackend(scans))
    window.desk.show_scan(scans[0])
    window.desk.show_scan(scans[1])
    again = spine_volume(path=scans[0].source.path, shape=(60, 60, 60))
    window.desk.show_scan(again)
    assert len(window.desk.open_scans) == 2
    assert window.desk.open_scans[1] is again


def test_where_memory_runs_out_the_oldest_is_closed(make_window, scans):
    window = make_window(FakeBackend(scans))
    window.workspace.room = Room(most_waiting=1)
    for scan in scans:
        window.desk.show_scan(scan)
    assert all(shown is scan for shown, scan in zip(window.desk.open_scans, scans[1:], strict=True))
