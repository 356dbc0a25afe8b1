"""A real CT is retrieved from a real archive, and its results sent, with the window's controls."""

import os
from pathlib import Path

import pytest
from archive_peers import OWN_TITLE
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from spineviewer.app.archiving.result_files import ResultKind
from spineviewer.app.archiving.sending import SendState
from spineviewer.app.services import LocalServices
from spineviewer.app.state import SegmentationStage
from spineviewer.gui.archive.archive_page import ArchivePage

pytestmark = [pytest.mark.slow, pytest.mark.realdata, pytest.mark.timeout(600)]


def dialog_of(window):
    return next(d for d in window.findChildren(QDialog) if d.isVisible())


def picture(widget, name):
    """Save a picture to the folder that the tester specifies."""
    if folder := os.environ.get("SPINEVIEWER_PICTURES"):
        widget.grab().save(str(Path(folder) / f"archive-{name}.png"))


def test_a_study_is_found_retrieved_segmented_and_its_results_are_sent_back(
    qtbot, make_window, orthanc, real_data
):
    series = real_data / "dicom" / "cmb-crc-01068"
    if not series.is_dir():
        pytest.skip("the folder of real scans holds no dicom/cmb-crc-01068")
    for path in sorted(series.rglob("*")):
        if path.is_file():
            orthanc.put(path)
    window = make_window(LocalServices(), size=(1366, 768))
    window.actions_by_name["archive"].trigger()
    page = window.pages.page(ArchivePage)
    page.message.button.click()

    settings = dialog_of(window)
    form = settings.nodes.form
    for field, text in (
        (form.name, "Orthanc"),
        (form.called, "ORTHANC"),
        (form.host, "127.0.0.1"),
        (form.calling, OWN_TITLE),
    ):
        field.clear()
        QTest.keyClicks(field, text)
    form.port.setValue(orthanc.dicom_port)
    form.own_port.setValue(orthanc.own_port)
    settings.nodes.echo_button.click()
    qtbot.waitUntil(lambda: "responds: DICOM in" in settings.nodes.answer.text())
    picture(settings, "1-settings")
    settings.nodes.save_button.click()
    qtbot.waitUntil(lambda: settings.nodes.answer.text() == "Saved.")
    settings.close()

    QTest.keyClicks(page.form.patient_id, "CMB-CRC-MSB-01068")
    QTest.keyClick(page.form.patient_id, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.summary.text() == "1 study found")
    study = page.tree.currentItem()
    study.setExpanded(True)
    qtbot.waitUntil(lambda: study.childCount() == 1 and study.child(0).text(4) == "100")
    picture(window, "2-found")
    page.retrieve_button.click()
    qtbot.waitUntil(lambda: window.workspace.front is not None)
    study_uid = page._access.retrievals.retrievals[0].study.study_uid

    window.panel.run_box.segment_button.click()
    front = window.workspace.front
    qtbot.waitUntil(lambda: front.state.stage is SegmentationStage.DONE, timeout=300_000)
    qtbot.waitUntil(lambda: front.spine.are_current, timeout=120_000)
    picture(window, "3-segmented")

    window.actions_by_name["send"].trigger()
    dialog = dialog_of(window)
    kinds = (ResultKind.MASK, ResultKind.VERTEBRAE, ResultKind.SPINE_MEASUREMENTS)
    for kind, row in dialog.rows.items():
        row.check.setChecked(kind in kinds)
    dialog.confirm.setChecked(True)
    dialog.send_button.click()
    sending = window.workspace.archives.sending
    qtbot.waitUntil(lambda: bool(sending.results) and not sending.is_running, timeout=120_000)
    picture(dialog, "4-sent")
    assert [r.state for r in sending.results] == [SendState.CONFIRMED] * 3
    dialog.close()

    listed = [orthanc.requested(f"/series/{one}") for one in orthanc.requested("/series")]
    ours = [
        one["MainDicomTags"]["Modality"]
        for one in listed
        if orthanc.requested(f"/studies/{one['ParentStudy']}")["MainDicomTags"]["StudyInstanceUID"]
        == study_uid
    ]
    assert sorted(ours) == ["CT", "SEG", "SEG", "SR"]
