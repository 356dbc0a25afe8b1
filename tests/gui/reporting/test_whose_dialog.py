"""Dialogs about a scan name it, and disappear with it when another scan becomes active."""

import pytest
from archive_stand_in import NODE
from conftest import segment, settle
from fakes import FakeBackend, on_dicom_slices, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from spineviewer.gui.kit.file_dialogs import FileDialogs
from spineviewer.gui.reporting.report_dialog import ReportDialog
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import ScanIdentity

JANE = ScanIdentity("Doe, Jane", "12345", "1950-03-04", "2024-05-06")


@pytest.fixture
def window(qtbot, make_window, tmp_path):
    """A window with two scans of the same name, the second one active."""
    scans = [
        spine_volume(path=tmp_path / "one" / "ct.nii.gz"),
        spine_volume(path=tmp_path / "two" / "ct.nii.gz", identity=JANE),
    ]
    window = make_window(FakeBackend(scans))
    for scan in scans:
        window.workspace.show_volume(scan)
    settle(qtbot, window)
    return window


def open_report(window):
    """Open the report dialog of the active scan."""
    window.actions_by_name["report"].trigger()
    front = window.workspace.front
    return next(d for d in window.findChildren(ReportDialog) if d.scan is front)


def shown_dialog(window):
    return next(d for d in window.findChildren(QDialog) if d.isVisible())


def lines_of(dialog):
    lines = (dialog.scan_heading.title, dialog.scan_heading.patient)
    return [line.whole_text for line in lines if line.isVisible()]


def test_reports_of_scans_with_the_same_name_differ_in_title_and_first_lines(window):
    second = open_report(window)
    assert second.windowTitle() == "Report: Doe, Jane"
    patient = "Doe, Jane  ·  12345  ·  study of 2024-05-06  ·  born 1950-03-04"
    assert lines_of(second) == ["Doe, Jane", patient]
    window.workspace.settings.update(is_patient_shown=False)
    assert second.windowTitle() == "Report: two"
    assert lines_of(second) == ["two"]
    window.workspace.next_scan()
    first = open_report(window)
    assert first.windowTitle() == "Report: one"
    window.workspace.close(second.scan)
    assert first.windowTitle() == "Report: one"


def test_a_report_is_hidden_and_shown_with_its_scan(window):
    second = open_report(window)
    second.editor.findings.setPlainText("Half a sen")
    window.workspace.next_scan()
    assert not second.isVisible()
    first = open_report(window)
    assert first.isVisible()
    window.workspace.next_scan()
    assert second.isVisible()
    assert not first.isVisible()
    assert second.editor.findings.toPlainText() == "Half a sen"


def test_k_names_the_scan_if_several_are_open(window):
    window.area.set_active(Plane.SAGITTAL)
    QTest.keyClick(window.area.members[Plane.SAGITTAL], Qt.Key.Key_K)
    texts = [notice.text for notice in window.workspace.notices]
    assert "Key image 1 was added to the report of Doe, Jane." in texts
    window.workspace.close(window.workspace.others[0])
    QTest.keyClick(window.area.members[Plane.SAGITTAL], Qt.Key.Key_K)
    texts = [notice.text for notice in window.workspace.notices]
    assert "Key image 2 was added to the report." in texts


def test_export_anonymise_and_send_show_which_scan_and_patient(qtbot, window, tmp_path):
    scan = on_dicom_slices(spine_volume(identity=JANE), tmp_path / "slices")
    window.workspace.show_volume(scan)
    segment(qtbot, window)
    archives = window.workspace.archives
    archives.directory.save(NODE)
    qtbot.waitUntil(lambda: bool(archives.directory.nodes))
    for name, subject in (
        ("export", "Export"),
        ("anonymise", "Anonymise"),
        ("send", "Send results"),
    ):
        window.actions_by_name[name].trigger()
        dialog = shown_dialog(window)
        assert dialog.windowTitle().startswith(f"{subject}: ")
        assert dialog.windowTitle() == f"{subject}: {lines_of(dialog)[0]}"
        assert lines_of(dialog)[1].startswith("Doe, Jane")
        dialog.close()


def test_an_export_writes_the_scan_of_its_dialog_even_if_another_one_opens(qtbot, window, tmp_path):
    segment(qtbot, window)
    requested = window.workspace.front
    window.actions_by_name["export"].trigger()
    dialog = shown_dialog(window)
    dialog.folder.setText(str(tmp_path / "out"))
    window.workspace.next_scan()
    dialog.accept()
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
    assert requested.exports.folder == tmp_path / "out"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["two_seg-spine_msk.nii.gz"]


@pytest.mark.parametrize(
    ("name", "subject"), [("picture", "Save screenshot"), ("save_session", "Save session")]
)
def test_file_dialogs_name_the_scan(window, monkeypatch, name, subject):
    titles = []
    monkeypatch.setattr(
        FileDialogs, "ask_for_target", lambda _, title, *__: titles.append(title) or ""
    )
    window.actions_by_name[name].trigger()
    assert titles == [f"{subject}: Doe, Jane"]


def test_a_hidden_report_closes_with_its_scan(qtbot, window):
    second = open_report(window)
    gone = []
    second.destroyed.connect(lambda: gone.append(True))
    scan = second.scan
    window.workspace.next_scan()
    window.workspace.close(scan)
    qtbot.waitUntil(lambda: bool(gone))
    assert not window.findChildren(ReportDialog)
