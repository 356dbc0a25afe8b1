"""Anonymised copies of DICOM scans from the window, with mouse and keys."""

import pydicom
import pytest
from conftest import settle
from fakes import FakeBackend, on_dicom_slices, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.gui.reporting.anonymise_dialog import AnonymiseDialog
from spineviewer.io.dicom.deidentification import Dates


@pytest.fixture
def window(qtbot, make_window, tmp_path):
    scan = on_dicom_slices(spine_volume(shape=(12, 60, 60)), tmp_path / "Doe")
    window = make_window(FakeBackend([scan]), scan=scan)
    settle(qtbot, window)
    return window


def open_dialog(window):
    window.actions_by_name["anonymise"].trigger()
    return window.findChild(AnonymiseDialog)


def test_only_a_scan_from_dicom_files_offers_copies(make_window):
    window = make_window(scan=spine_volume())
    assert not window.actions_by_name["anonymise"].isEnabled()


def test_enter_writes_copies_as_chosen_in_the_dialog(qtbot, window, tmp_path):
    dialog = open_dialog(window)
    dialog.folder.setText(str(tmp_path))
    dialog.name.setText("copies")
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClicks(dialog.patient, "Case 7")
    dialog.dates.setCurrentIndex(dialog.dates.findData(Dates.KEPT))
    QTest.keyClick(dialog.patient, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: any(n.topic == "anonymised" for n in window.workspace.notices), timeout=60_000
    )
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
    heads = [pydicom.dcmread(path) for path in (tmp_path / "copies").rglob("*.dcm")]
    assert len(heads) == 12
    assert {str(head.PatientName) for head in heads} == {"Case 7"}
    assert {head.StudyDate for head in heads} == {"20260101"}


def test_the_dialog_asks_for_another_folder_if_this_one_is_not_empty(window, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    dialog = open_dialog(window)
    dialog.folder.setText(str(tmp_path))
    dialog.name.setText("full")
    assert not dialog.write_button.isEnabled()
    assert "is not an empty folder" in dialog.message.text()
    dialog.name.setText("")
    assert "Enter a name" in dialog.message.text()
    dialog.name.setText("new")
    assert dialog.write_button.isEnabled()
    assert dialog.message.text() == ""
    dialog.reject()


def test_copies_made_on_one_computer_belong_together(window, qtbot):
    first, second = open_dialog(window), None
    key = first.profile.key
    first.reject()
    second = open_dialog(window)
    assert second.profile.key == key == window.workspace.settings.anonymising_key
    assert len(key) == 32
    second.reject()
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
