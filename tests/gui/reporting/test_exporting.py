"""The export dialog's formats: those that a scan does not allow are disabled, with the reason."""

from dataclasses import replace
from pathlib import Path

from conftest import emitted, named
from fakes import FakeBackend, on_dicom_slices, spine_volume
from pydicom import dcmread
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from spineviewer.app.exporting import ExportKind, check_targets
from spineviewer.app.naming_check import names_to_check
from spineviewer.app.state import SegmentationStage
from spineviewer.gui.reporting.export_dialog import ExportDialog
from spineviewer.gui.reporting.report_dialog import ReportDialog
from spineviewer.volume.volume import SourceSlices


def export_dialog(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    QTest.mouseClick(window.panel.run_box.segment_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: (
            window.verbs.state.stage is SegmentationStage.DONE
            and window.verbs.state.is_mask_current
        )
    )
    QTest.mouseClick(window.panel.export_button, Qt.MouseButton.LeftButton)
    return window, window.findChild(ExportDialog)


def test_dicom_seg_cannot_be_chosen_for_a_scan_that_is_not_dicom(qtbot, make_window, scan):
    _, dialog = export_dialog(qtbot, make_window, scan)
    row = dialog.format.findData(".dcm")
    assert not dialog.format.model().item(row).isEnabled()
    assert "DICOM slices" in dialog.format.itemData(row, Qt.ItemDataRole.ToolTipRole)
    assert dialog.extension != ".dcm"


def test_dicom_is_offered_for_masks_and_maps_and_structures_only_for_masks(
    qtbot, make_window, tmp_path
):
    scan = spine_volume(path=tmp_path)
    (tmp_path / "1.dcm").touch()
    slices = SourceSlices((tmp_path / "1.dcm",), (0,), ((0.0, 0.0, 0.0),))
    scan = replace(scan, source=replace(scan.source, slices=slices))
    _, dialog = export_dialog(qtbot, make_window, scan)
    row = dialog.format.findData(".dcm")
    assert dialog.format.model().item(row).isEnabled()
    dialog.format.setCurrentIndex(row)
    assert dialog.write_button.isEnabled()
    dialog.checks[ExportKind.ATTENTION].setChecked(True)
    assert dialog.names[ExportKind.ATTENTION].text().endswith("_probseg.dcm")
    dialog.format.setCurrentIndex(dialog.format.findData(".rtstruct.dcm"))
    assert dialog.names[ExportKind.MASK].text().endswith("_msk.rtstruct.dcm")
    assert dialog.names[ExportKind.ATTENTION].text().endswith("_probseg.nii.gz")
    assert dialog.write_button.isEnabled()


def test_the_surface_is_written_next_to_the_mask(qtbot, make_window, tmp_path):
    scan = spine_volume(path=tmp_path / "sub-02_ct.nii.gz")
    window, dialog = export_dialog(qtbot, make_window, scan)
    dialog.folder.setText(str(tmp_path))
    dialog.checks[ExportKind.SURFACE].setChecked(True)
    assert dialog.targets()[ExportKind.SURFACE] == tmp_path / "sub-02_desc-spine_surface.stl"
    with emitted(qtbot, window.workspace.front.exports.written):
        QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
    surface = Path(tmp_path / "sub-02_desc-spine_surface.stl").read_bytes()
    assert int.from_bytes(surface[80:84], "little") > 1000
    assert (tmp_path / "sub-02_seg-spine_msk.nii.gz").is_file()


def test_files_beside_the_vertebrae_are_checked_for_nifti_and_not_needed_for_dicom(
    qtbot, make_window, tmp_path
):
    (tmp_path / "1.dcm").touch()
    slices = SourceSlices((tmp_path / "1.dcm",), (0,), ((0.0, 0.0, 0.0),))
    scan = spine_volume(path=tmp_path)
    scan = replace(scan, source=replace(scan.source, slices=slices))
    window, dialog = export_dialog(qtbot, make_window, scan)
    named(qtbot, window)
    dialog.checks[ExportKind.MASK].setChecked(False)
    dialog.checks[ExportKind.VERTEBRAE].setChecked(True)
    dialog.folder.setText(str(tmp_path))
    labels = dialog.targets()[ExportKind.VERTEBRAE]
    beside = labels.name.removesuffix(".nii.gz") + "_labels.txt"
    assert dialog.write_button.isEnabled()
    (tmp_path / beside).touch()
    dialog.folder.setText(str(tmp_path) + "/")
    assert beside in dialog.message.text()
    assert not dialog.write_button.isEnabled()
    dialog.format.setCurrentIndex(dialog.format.findData(".dcm"))
    assert dialog.write_button.isEnabled()
    vertebrae = dialog.targets()[ExportKind.VERTEBRAE]
    check_targets({ExportKind.VERTEBRAE: vertebrae}, may_overwrite=False)  # raises nothing


def test_what_a_dicom_seg_leaves_out_is_shown_beside_the_file_that_was_written(
    qtbot, make_window, tmp_path
):
    scan = on_dicom_slices(
        spine_volume(shape=(60, 60, 60)), tmp_path / "slices", StudyTime="12:34:56"
    )
    window, dialog = export_dialog(qtbot, make_window, scan)
    dialog.folder.setText(str(tmp_path))
    dialog.format.setCurrentIndex(dialog.format.findData(".dcm"))
    with emitted(qtbot, window.workspace.front.exports.written):
        QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
    (mask,) = tmp_path.glob("*.dcm")
    texts = [notice.text for notice in window.banners.notices()]
    assert any("Study Time" in text and "are empty in the DICOM object" in text for text in texts)
    assert any(mask.name in text for text in texts)
    assert not any("12:34" in text for text in texts)


def test_named_vertebrae_are_one_binary_segment_each_or_optionally_one_label_map(
    qtbot, make_window, tmp_path
):
    scan = on_dicom_slices(spine_volume(), tmp_path / "slices")
    window, dialog = export_dialog(qtbot, make_window, scan)
    dialog.reject()
    qtbot.waitUntil(lambda: window.workspace.front.names.are_current)
    types = []
    for is_wanted in (False, True):
        window.actions_by_name["export"].trigger()
        dialog = next(d for d in window.findChildren(ExportDialog) if d.isVisible())
        dialog.folder.setText(str(tmp_path / str(is_wanted)))
        dialog.checks[ExportKind.MASK].setChecked(False)
        dialog.checks[ExportKind.VERTEBRAE].setChecked(True)
        dialog.format.setCurrentIndex(dialog.format.findData(".nii.gz"))
        assert not dialog.label_map.isEnabled()
        dialog.format.setCurrentIndex(dialog.format.findData(".dcm"))
        assert not dialog.label_map.isChecked()
        if is_wanted:
            QTest.mouseClick(dialog.label_map, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
        with emitted(qtbot, window.workspace.front.exports.written):
            QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
        (file,) = (tmp_path / str(is_wanted)).glob("*.dcm")
        written = dcmread(file)
        types.append(written.SegmentationType)
        sure = window.workspace.front.names.vertebrae.naming.probability
        assert written.SeriesDescription == f"Vertebra names {sure:.0%} sure (Spineviewer)"
    assert types == ["BINARY", "LABELMAP"]


def test_uncertain_names_are_reported_before_named_vertebrae_are_exported(qtbot, make_window, scan):
    window = named(qtbot, make_window(FakeBackend([scan]), scan=scan))
    warning = names_to_check(window.workspace.front.parts.vertebrae)
    assert warning
    window.actions_by_name["export"].trigger()
    dialog = window.findChild(ExportDialog)
    assert not dialog.names_note.isVisible()
    dialog.checks[ExportKind.VERTEBRAE].setChecked(True)
    assert dialog.names_note.isVisible()
    assert dialog.names_note.text() == warning
    QApplication.processEvents()
    note = dialog.names_note
    assert note.height() >= note.heightForWidth(note.width())
    dialog.checks[ExportKind.VERTEBRAE].setChecked(False)
    assert not dialog.names_note.isVisible()
    dialog.reject()


def test_a_new_folder_is_created_and_proposed_for_the_next_results(qtbot, make_window, tmp_path):
    scan = spine_volume(path=tmp_path / "scans" / "sub-02_ct.nii.gz")
    window, dialog = export_dialog(qtbot, make_window, scan)
    dialog.folder.setText(str(tmp_path / "results" / "today"))
    assert dialog.write_button.isEnabled()
    assert "will be created" in dialog.message.text()
    with emitted(qtbot, window.workspace.front.exports.written):
        QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
    assert (tmp_path / "results" / "today" / "sub-02_seg-spine_msk.nii.gz").is_file()
    for name, kind in (("export", ExportDialog), ("report", ReportDialog)):
        window.actions_by_name[name].trigger()
        proposed = next(d for d in window.findChildren(kind) if d.isVisible())
        assert proposed.folder.text() == str(tmp_path / "results" / "today")
        proposed.close()


def test_a_file_in_place_of_the_folder_is_rejected(qtbot, make_window, tmp_path):
    scan = spine_volume(path=tmp_path / "sub-02_ct.nii.gz")
    (tmp_path / "file").touch()
    _, dialog = export_dialog(qtbot, make_window, scan)
    dialog.folder.setText(str(tmp_path / "file"))
    assert not dialog.write_button.isEnabled()
    assert dialog.message.text() == "This is not a folder. Choose a folder."


def test_the_export_dialog_keeps_its_size_and_its_controls_their_place(qtbot, make_window, scan):
    window = named(qtbot, make_window(FakeBackend([scan]), scan=scan))
    window.actions_by_name["export"].trigger()
    dialog = window.findChild(ExportDialog)
    QApplication.processEvents()

    def places():
        QApplication.processEvents()
        parts = (*dialog.checks.values(), dialog.folder, dialog.overwrite, dialog.write_button)
        return dialog.size(), [part.mapTo(dialog, QPoint(0, 0)) for part in parts]

    before = places()
    for kind in (ExportKind.VERTEBRAE, ExportKind.MASK, ExportKind.VERTEBRAE):
        dialog.checks[kind].toggle()
        assert places() == before
    dialog.folder.setText("/nowhere/at/all")
    assert places() == before
