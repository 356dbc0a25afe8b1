"""Several open scans: each comes back as it was left, with mask, corrections and history."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.app.memory_limit import MemoryLimit
from spineviewer.app.state import SegmentationStage
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane


@pytest.fixture
def scans():
    return [spine_volume(path=Path(f"sub-{k}_ct.nii.gz"), shape=(60 + k, 60, 60)) for k in range(3)]


def test_a_scan_comes_back_as_it_was_left(qtbot, make_window, scans):
    window = make_window(FakeBackend(scans))
    verbs = window.verbs
    verbs.show_scan(scans[0])
    assert not window.tabs.isVisible()
    verbs.segment()
    qtbot.waitUntil(
        lambda: verbs.state.stage is SegmentationStage.DONE and verbs.state.is_mask_current
    )
    verbs.set_tuning(Tuning(0.31, 5.0, 0.5))
    verbs.move_to((33, 22, 11))
    verbs.begin_stroke(Plane.SAGITTAL, (33.0, 10.0, 11.0), is_adding=True)
    verbs.end_stroke()
    qtbot.waitUntil(lambda: verbs.state.is_mask_current)
    left, facts = verbs.state, verbs.facts
    verbs.show_scan(scans[1])
    assert window.tabs.isVisible()
    assert [window.tabs.tabText(k) for k in range(window.tabs.count())] == [
        "sub-0_ct.nii.gz",
        "sub-1_ct.nii.gz",
    ]
    assert verbs.correction.is_empty
    assert verbs.state.stage is SegmentationStage.NONE
    QTest.keyClick(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert verbs.state.scan is scans[0]
    assert verbs.state == left
    assert verbs.facts == facts
    assert window.windowTitle().startswith("sub-0_ct")
    verbs.undo()
    assert verbs.correction.is_empty
    window.tabs.setCurrentIndex(1)
    assert verbs.state.scan is scans[1]


def test_closing_the_front_scan_shows_another_and_finally_the_start_page(make_window, scans):
    window = make_window(FakeBackend(scans))
    for scan in scans:
        window.verbs.show_scan(scan)
    window.verbs.switch_to(1)
    window.verbs.close_scan()
    assert window.verbs.state.scan is scans[2]
    window.verbs.close_scan()
    assert window.verbs.state.scan is scans[0]
    assert not window.tabs.isVisible()
    window.verbs.close_scan()
    assert window.verbs.state is None
    assert window.start_page.isVisible()


def test_a_file_opened_again_after_it_has_changed_replaces_the_old_one(make_window, scans):
    window = make_window(FakeBackend(scans))
    window.verbs.show_scan(scans[0])
    window.verbs.show_scan(scans[1])
    again = replace(scans[0], hu=scans[0].hu + np.int16(1))
    window.verbs.show_scan(again)
    assert len(window.workspace.scans) == 2
    assert window.workspace.scans[1].volume is again


def test_many_scans_stay_open_and_keep_their_work(qtbot, make_window):
    shapes = [(60 + n, 60, 60) for n in range(9)]
    many = [spine_volume(path=Path(f"sub-{n}.nii.gz"), shape=shapes[n]) for n in range(9)]
    window = make_window(FakeBackend(many))
    window.verbs.show_scan(many[0])
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    for scan in many[1:]:
        window.verbs.show_scan(scan)
    assert len(window.workspace.scans) == len(many)
    window.verbs.switch_to(0)
    assert window.verbs.state.is_mask_current


def test_low_memory_is_reported_and_no_scan_is_closed(make_window, scans):
    window = make_window(FakeBackend(scans))
    window.workspace.memory_limit = MemoryLimit(tight_bytes=2**60)
    for scan in scans:
        window.verbs.show_scan(scan)
    assert len(window.workspace.scans) == len(scans)
    (told,) = (n.text for n in window.banners.notices() if n.topic == "memory")
    assert f"{len(scans)} scans are open" in told


def test_a_new_scan_opens_with_all_views_and_the_old_one_stays_maximised(make_window, scans):
    window = make_window(FakeBackend(scans))
    window.verbs.show_scan(scans[0])
    window.area.toggle_maximised(Plane.CORONAL)
    window.verbs.show_scan(scans[1])
    assert window.area.maximised is None
    window.workspace.switch_to(0)
    assert window.area.maximised is Plane.CORONAL
    window.verbs.close_scan()
    assert window.area.maximised is None
