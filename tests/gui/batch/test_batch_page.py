import threading
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.app.batch import Row, State
from spineviewer.app.notices import Severity
from spineviewer.app.pipeline import NO_SPINE
from spineviewer.wording import critical, worded

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scans(tmp_path):
    paths = [tmp_path / name for name in ("a_ct.nii.gz", "b_ct.nii.gz", "c_ct.nii.gz")]
    for path in paths:
        path.write_bytes(b"")
    return [spine_volume(shape=(40, 40, 40), path=path) for path in paths]


def states(page):
    return [page.table.item(row, 1).text() for row in range(page.table.rowCount())]


def test_a_folder_is_segmented_while_the_user_keeps_working(qtbot, make_window, scans, tmp_path):
    window = make_window(FakeBackend(scans))
    QTest.mouseClick(window.start_page.batch_button, LEFT)
    page = window.batch_page
    assert page.isVisible()
    assert not page.start_button.isEnabled()
    page.add(tmp_path)
    assert states(page) == ["Waiting"] * 3
    QTest.mouseClick(page.start_button, LEFT)
    assert page.back_button.text() == "Back to the start page"
    QTest.mouseClick(page.back_button, LEFT)
    assert window.start_page.isVisible()
    qtbot.waitUntil(lambda: not window.workspace.batch.is_running)
    assert states(page) == ["Done"] * 3
    assert (tmp_path / "masks" / "a_seg-spine_msk.nii.gz").is_file()
    assert "3 of 3" in window.banners.notices()[0].text


def test_the_output_folder_follows_the_scans_until_the_user_chooses_one(make_window, tmp_path):
    for patient in ("doe", "roe"):
        (tmp_path / "study" / patient).mkdir(parents=True)
        (tmp_path / "study" / patient / "ct.nii.gz").write_bytes(b"")
    (tmp_path / "other.nii.gz").write_bytes(b"")
    page = make_window(FakeBackend([])).batch_page
    page.add(tmp_path / "study")
    assert page.folder.text() == str(tmp_path / "study" / "masks")
    page.add(tmp_path / "other.nii.gz")
    assert page.folder.text() == str(tmp_path / "masks")
    page.table.selectRow(2)
    page.remove_chosen()
    assert page.folder.text() == str(tmp_path / "study" / "masks")
    page.folder.setText(str(tmp_path / "mine"))
    page.add(tmp_path / "other.nii.gz")
    assert page.folder.text() == str(tmp_path / "mine")


def test_the_closing_notice_counts_scans_without_a_spine(qtbot, make_window, scans, tmp_path):
    window = make_window(FakeBackend(scans, is_empty=True))
    page = window.batch_page
    page.add(tmp_path)
    page.start()
    qtbot.waitUntil(lambda: not window.workspace.batch.is_running)
    notice = window.banners.notices()[0]
    assert notice.severity is Severity.WARNING
    assert "no spine was found in 3. Masks" in notice.text


def test_closing_a_scan_does_not_affect_the_batch_and_cancel_keeps_finished_scans(
    qtbot, make_window, scans, scan, tmp_path
):
    gate = threading.Event()
    window = make_window(FakeBackend(scans, gate=gate), scan=scan)
    page = window.batch_page
    page.add(tmp_path)
    page.start()
    qtbot.waitUntil(lambda: states(page)[0] == "Running…")
    assert page.back_button.text() == "Back to the scan"
    window.verbs.close_scan()
    assert page.back_button.text() == "Back to the start page"
    assert window.workspace.batch.is_running
    assert "Batch: 0 of 3 scans" in window.status.batch_label.text()
    page.pause_button.click()
    assert page.pause_button.text() == "Resume"
    gate.set()
    qtbot.waitUntil(lambda: states(page)[0] == "Done")
    assert window.workspace.batch.is_running
    page.cancel_button.click()
    qtbot.waitUntil(lambda: not window.workspace.batch.is_running)
    assert [row.state for row in window.verbs.batch.rows] == [
        State.DONE,
        State.WAITING,
        State.WAITING,
    ]
    page.start()
    qtbot.waitUntil(lambda: not window.workspace.batch.is_running)
    assert states(page) == ["Done"] * 3


def test_an_unreadable_scan_is_reported_in_its_row(qtbot, make_window, scans, tmp_path):
    window = make_window(FakeBackend(scans[:1]))
    page = window.batch_page
    page.add(scans[0].source.path)
    page.add(Path(tmp_path / "b_ct.nii.gz"))
    page.add(Path(tmp_path / "b_ct.nii.gz"))
    assert page.table.rowCount() == 2
    page.start()
    qtbot.waitUntil(lambda: not window.workspace.batch.is_running)
    assert states(page) == ["Done", "Failed"]
    assert "no image" in page.table.item(1, 4).text()


def test_a_finished_row_opens_its_result_and_computes_nothing(qtbot, make_window, scans, tmp_path):
    window = make_window(FakeBackend(scans))
    page = window.batch_page
    window.actions_by_name["batch"].trigger()
    page.add(tmp_path)
    page.start()
    qtbot.waitUntil(lambda: not window.workspace.batch.is_running)
    runs, row = window.workspace.services.runs, window.verbs.batch.rows[1]
    page.table.activated.emit(page.table.model().index(1, 0))
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert window.area.isVisible()
    assert window.verbs.state.scan is scans[1]
    assert window.verbs.facts.volume_ml == pytest.approx(row.volume_ml, abs=0.001)
    assert window.workspace.services.runs == runs


def test_a_row_that_is_not_finished_opens_nothing(make_window, scans, tmp_path):
    window = make_window(FakeBackend(scans))
    window.actions_by_name["batch"].trigger()
    window.batch_page.add(tmp_path)
    window.batch_page.table.activated.emit(window.batch_page.table.model().index(1, 0))
    assert window.workspace.opening.path is None


def test_the_page_says_that_the_defaults_are_used_and_not_the_values_of_the_scan_in_front(
    make_window, scan, scans
):
    window = make_window(FakeBackend(scans), scan=scan)
    defaults = window.workspace.front.parts.defaults
    window.workspace.front.tuner.set(replace(defaults, attention_threshold=0.77))
    window.actions_by_name["batch"].trigger()
    words = window.batch_page.tuning.text()
    assert "uses the default values" in words
    assert f"attention threshold {defaults.attention_threshold:.2f}" in words


def test_a_mask_cut_off_by_the_field_of_view_always_has_a_remark(make_window):
    page = make_window(FakeBackend()).batch_page
    page.add(Path("a_ct.nii.gz"))
    cut = "The mask touches the edge of the scan, so its volume is incomplete."
    for row, remark in (
        (Row(page.entries[0], "", is_cut_by_scan=True), cut),
        (Row(page.entries[0], "", is_cut_by_scan=True, warnings=(cut, "Other.")), f"{cut} Other."),
        (Row(page.entries[0], "", is_cut_by_scan=True, warnings=("Other.",)), f"Other. {cut}"),
        (
            Row(page.entries[0], "", is_cut_by_scan=True, vertebrae=("T12*", "L1", "L2*")),
            "Cut off at the edge of the scan: T12, L2.",
        ),
        (Row(page.entries[0], "", is_cut_by_scan=False, warnings=("Other.",)), "Other."),
    ):
        page._show_row(0, row)
        assert page.table.item(0, 4).text() == remark


def test_an_empty_mask_is_marked_and_reported_before_other_remarks(make_window):
    page = make_window(FakeBackend()).batch_page
    page.add(Path("a_ct.nii.gz"))
    row = Row(page.entries[0], "", state=State.DONE, voxels=7)
    page._show_row(0, row)
    good = page.table.item(0, 1).icon().pixmap(16, 16).toImage()
    spacing = critical(worded("The spacing may be wrong."))
    page._show_row(0, replace(row, voxels=0, warnings=("Other.", spacing, NO_SPINE)))
    assert page.table.item(0, 4).text() == f"{NO_SPINE} {spacing} Other."
    assert page.table.item(0, 1).icon().pixmap(16, 16).toImage() != good


def test_the_page_shows_what_the_batch_made_of_the_present_list(
    qtbot, make_window, scans, tmp_path
):
    window = make_window(FakeBackend(scans))
    page = window.batch_page
    window.actions_by_name["batch"].trigger()
    for scan in scans[:2]:
        page.add(scan.source.path)
    page.start()
    assert page.stage.text() == ""
    qtbot.waitUntil(lambda: not window.workspace.batch.is_running)
    assert (states(page), page.stage.text()) == (["Done"] * 2, "2 of 2 done")
    page.add(scans[2].source.path)
    assert (states(page), page.stage.text()) == (["Done", "Done", "Waiting"], "2 of 3 done")
    page.table.selectRow(0)
    page.remove_chosen()
    assert (states(page), page.stage.text()) == (["Done", "Waiting"], "1 of 2 done")
    page.table.activated.emit(page.table.model().index(0, 0))
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    assert window.verbs.state.scan is scans[1]
    page.folder.setText(str(tmp_path / "elsewhere"))
    assert (states(page), page.stage.text()) == (["Waiting"] * 2, "0 of 2 done")


def test_a_result_of_a_batch_opens_without_the_warnings_about_its_mask(
    qtbot, make_window, scans, tmp_path
):
    left_out = worded("1 piece far from the spine was left out.")

    class WarningBackend(FakeBackend):
        def mask(self, scan, tuning, progress):
            made = super().mask(scan, tuning, progress)
            return replace(made, run_record=replace(made.run_record, warnings=(left_out,)))

    window = make_window(WarningBackend(scans))
    page = window.batch_page
    window.actions_by_name["batch"].trigger()
    page.add(scans[0].source.path)
    page.start()
    qtbot.waitUntil(lambda: not window.workspace.batch.is_running)
    assert left_out in page.table.item(0, 4).text()
    page.table.activated.emit(page.table.model().index(0, 0))
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    qtbot.waitUntil(lambda: window.verbs.state.is_mask_current)
    assert left_out not in [notice.text for notice in window.workspace.notices]
