"""Closing asks once if results would be lost, and otherwise not at all."""

import threading
from pathlib import Path

import pytest
from archive_stand_in import NODE, StandInArchive
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from spineviewer.app.archiving.retrievals import RequestedStudy
from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.report import ReportFormat
from spineviewer.app.settings import RecentScan
from spineviewer.gui.opening.closer import ClosingDialog
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scans(tmp_path):
    return [spine_volume(path=tmp_path / folder / "ct.nii.gz") for folder in ("one", "two")]


@pytest.fixture
def window(qtbot, make_window, scans):
    """A window with two scans of the same name, of which the first is segmented."""
    window = make_window(FakeBackend(scans))
    window.verbs.show_scan(scans[0])
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    window.verbs.show_scan(scans[1])
    return window


def question(window):
    return next((d for d in window.findChildren(ClosingDialog) if d.isVisible()), None)


def paths(window):
    return [scan.volume.source.path for scan in window.workspace.scans]


def test_a_scan_without_results_closes_at_once(window, scans):
    QTest.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert question(window) is None
    assert paths(window) == [scans[0].source.path]


def test_closing_a_scan_with_only_measurements_mentions_no_segmentation(window):
    ends = ((20.0, 20.0, 20.0), (30.0, 20.0, 20.0))
    window.workspace.front.measurements.add(Measurement(Distance(), Plane.SAGITTAL, ends))
    QTest.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    texts = [label.text() for label in question(window).findChildren(QLabel)]
    assert "Your work on 1 scan is not saved." in texts
    assert not any("segment" in text for text in texts)
    assert any("text of the report will still be restored" in text for text in texts)


def test_a_scan_that_was_never_segmented_is_not_said_to_have_a_segmentation(window):
    ends = ((20.0, 20.0, 20.0), (30.0, 20.0, 20.0))
    window.workspace.front.measurements.add(Measurement(Distance(), Plane.SAGITTAL, ends))
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert question(window).heading.text() == "Your work on 2 scans is not saved."


def test_a_measurement_after_saving_makes_no_mask_unsaved(qtbot, window):
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    saved = window.workspace.front.saved
    saved.mark_saved(saved.present)
    ends = ((20.0, 20.0, 20.0), (30.0, 20.0, 20.0))
    window.workspace.front.measurements.add(Measurement(Distance(), Plane.SAGITTAL, ends))
    QTest.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert question(window).heading.text() == "Your work on 1 scan is not saved."


def test_closing_a_tab_asks_once_before_a_segmentation_is_lost(window, scans):
    cross = window.tabs.tabButton(0, window.tabs.ButtonPosition.RightSide)
    QTest.mouseClick(cross, LEFT)
    requested = question(window)
    assert requested is not None
    texts = [label.text() for label in requested.findChildren(QLabel)]
    assert any("segmentation may have to be repeated" in text for text in texts)
    QTest.mouseClick(requested.cancel_button, LEFT)
    assert len(paths(window)) == 2
    QTest.mouseClick(cross, LEFT)
    QTest.mouseClick(question(window).discard_button, LEFT)
    assert paths(window) == [scans[1].source.path]


def test_saving_a_session_first_closes_the_scan_and_lists_it_among_the_recent_items(
    qtbot, window, scans, tmp_path, monkeypatch
):
    target = tmp_path / "kept"
    monkeypatch.setattr(window.files, "ask_for_target", lambda *_: str(target))
    window.verbs.switch_to(0)
    QTest.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(question(window).save_button, LEFT)
    qtbot.waitUntil(lambda: len(paths(window)) == 1)
    assert target.with_suffix(".spineview").exists()
    assert window.workspace.settings.current.recent[0].path == f"{target}.spineview"
    assert paths(window) == [scans[1].source.path]


def test_quitting_asks_once_for_all_scans(qtbot, window, scans):
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    requested = question(window)
    assert requested is not None
    assert not window.has_ended
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert len([d for d in window.findChildren(ClosingDialog) if d.isVisible()]) == 1
    with qtbot.waitSignal(window.finished):
        QTest.mouseClick(requested.discard_button, LEFT)


def test_the_question_names_a_running_segmentation_and_follows_its_end(qtbot, make_window, scans):
    gate = threading.Event()
    window = make_window(FakeBackend(scans, gate=gate))
    window.verbs.show_scan(scans[0])
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.workspace.front.parts.progress is not None)
    window.actions_by_name["quit"].trigger()
    requested = question(window)
    words = lambda: "".join(label.text() for label in requested.findChildren(QLabel))  # noqa: E731
    assert "The segmentation of one will be cancelled." in words()
    gate.set()
    qtbot.waitUntil(lambda: "will be cancelled" not in words())
    assert requested.heading.text() == "The segmentation of 1 scan is not saved."
    assert requested.save_button.isVisible()
    QTest.mouseClick(requested.cancel_button, LEFT)
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)


def test_a_mask_that_a_running_segmentation_will_replace_is_not_lost_without_a_question(
    qtbot, make_window, scans
):
    gate = threading.Event()
    gate.set()
    window = make_window(FakeBackend(scans, gate=gate))
    window.verbs.show_scan(scans[0])
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    gate.clear()
    window.verbs.segment()
    qtbot.waitUntil(lambda: window.workspace.front.parts.progress is not None)
    QTest.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    requested = question(window)
    assert requested.heading.text() == "The segmentation of 1 scan is not saved."
    QTest.mouseClick(requested.cancel_button, LEFT)
    gate.set()
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)


def test_scans_with_one_file_name_have_distinct_names_everywhere(window, scans, tmp_path):
    titles = [window.tabs.tabText(number) for number in range(2)]
    assert titles == ["one", "two"]
    assert window.windowTitle().startswith(titles[1])
    assert window.status.scan_label.text().startswith(titles[1])
    for scan in scans:
        window.batch_page.add(scan.source.path)
    table = window.batch_page.table
    names = [table.item(row, 0).text() for row in range(2)]
    assert names == [str(Path("one", "ct.nii.gz")), str(Path("two", "ct.nii.gz"))]


def test_quitting_names_a_retrieval_that_would_be_cancelled_even_if_all_scans_are_saved(
    qtbot, make_window, tmp_path
):
    gate = threading.Event()
    window = make_window(FakeBackend())
    access = window.workspace.archives
    stand_in = StandInArchive()
    stand_in.retrieve = lambda *_, **__: gate.wait(60)
    access.retrievals._connect = stand_in
    wanted = RequestedStudy(NODE, "1.2.1", "", "study of 15 March", "4711", "2024-03-15")
    access.directory.save(NODE)
    access.retrievals.retrieve(wanted)
    try:
        window.actions_by_name["quit"].trigger()
        requested = question(window)
        assert requested is not None
        assert any("1 retrieval" in label.text() for label in requested.findChildren(QLabel))
        assert not requested.save_button.isVisible()
        QTest.mouseClick(requested.cancel_button, LEFT)
        assert window.isVisible()
    finally:
        gate.set()


def test_closing_a_scan_asks_before_a_waiting_report_is_lost(window, scans, tmp_path):
    scan = window.workspace.scans[0]
    scan.corrections.begin_stroke(Plane.SAGITTAL, scan.state.crosshair_zyx, is_adding=False)
    scan.corrections.end_stroke()
    scan.saved.mark_saved(scan.saved.present)
    scan.reports.write(ReportOrder(targets={ReportFormat.JSON: tmp_path / "page.json"}))
    window.closer.close(scan)
    requested = question(window)
    words = [label.text() for label in requested.findChildren(QLabel)]
    assert "The report on one will not be written." in words
    assert requested.discard_button.text() == "Close scan"
    QTest.mouseClick(requested.discard_button, LEFT)
    assert paths(window) == [scans[1].source.path]


def test_the_question_follows_a_report_that_is_written_meanwhile(
    qtbot, window, scans, tmp_path, monkeypatch
):
    scan = window.workspace.scans[0]
    scan.saved.mark_saved(scan.saved.present)
    are_pending = [True]
    monkeypatch.setattr(scan.reports, "_are_results_pending", lambda: are_pending[0])
    scan.reports.write(ReportOrder(targets={ReportFormat.JSON: tmp_path / "page.json"}))
    window.closer.close(scan)
    requested = question(window)
    words = lambda: [label.text() for label in requested.findChildren(QLabel)]  # noqa: E731
    assert "The report on one will not be written." in words()
    are_pending[0] = False
    scan.set_state(scan.state.moved_to((10.0, 10.0, 10.0)))
    qtbot.waitUntil((tmp_path / "page.json").exists)
    qtbot.waitUntil(lambda: "The report on one will not be written." not in words())
    assert requested.heading.text() == "All work has finished."
    QTest.mouseClick(requested.discard_button, LEFT)
    assert paths(window) == [scans[1].source.path]


def test_a_button_restores_a_cleared_list_and_a_deleted_preset(qtbot, make_window):
    window = make_window(FakeBackend(), scan=spine_volume())
    settings = window.workspace.settings
    settings.save_tuning("mine", Tuning())
    settings.update(recent=(RecentScan("/scans/ct.nii.gz"),))
    window.panel.tuning_box.delete_requested.emit("mine")
    assert "mine" not in settings.current.tunings
    press(window, "Undo")
    assert settings.current.tunings == {"mine": Tuning()}
    window.opener.clear_recents()
    assert settings.current.recent == ()
    press(window, "Undo")
    assert [scan.path for scan in settings.current.recent] == ["/scans/ct.nii.gz"]
    assert not any(n.topic == "deleted" for n in window.banners.notices())


def press(window, text):
    button = next(
        b for b in window.banners.findChildren(QPushButton) if b.text() == text and b.isVisible()
    )
    QTest.mouseClick(button, LEFT)
