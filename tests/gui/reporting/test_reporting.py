import re

import pytest
from fakes import FakeBackend
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.report import ReportFormat
from spineviewer.app.state import SegmentationStage
from spineviewer.gui.reporting.export_dialog import ExportDialog
from spineviewer.gui.reporting.report_dialog import ReportDialog
from spineviewer.gui.reporting.report_image import report_image
from spineviewer.gui.viewing.scene import Scene
from spineviewer.measuring_tools.areas import Region
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane


@pytest.fixture
def window(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    window.verbs.segment()
    qtbot.waitUntil(
        lambda: (
            window.verbs.state.stage is SegmentationStage.DONE
            and window.verbs.state.is_mask_current
        )
    )
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)  # the crosshair is on the spine by then
    return window


def pages(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_one_key_and_one_click_write_a_page(qtbot, window, tmp_path):
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(ReportDialog)
    dialog.folder.setText(str(tmp_path))
    for check in dialog.checks.values():
        check.setChecked(True)
    QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(n.topic == "report" and n.paths for n in window.banners.notices()))
    written = sorted(path.name for path in tmp_path.iterdir() if "report" in path.name)
    assert written == [f"sub-01_report.{ending}" for ending in ("csv", "html", "json", "pdf")]
    pdf = (tmp_path / "sub-01_report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert pages(pdf) == 1
    volume = f"{window.verbs.facts.volume_ml:.1f}"
    assert volume in (tmp_path / "sub-01_report.csv").read_text(encoding="utf-8")


def test_enter_writes_the_page_and_does_not_ask_for_a_folder(window):
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(ReportDialog)
    assert dialog.write_button.isDefault()
    assert [button.text() for button in dialog.findChildren(QPushButton) if button.isDefault()] == [
        "Write report"
    ]
    dialog.reject()


def test_many_measurements_fit_on_one_page(qtbot, window, tmp_path):
    for k in range(60):
        region = Measurement(
            Region(), Plane.SAGITTAL, ((10.0, 20.0, float(k)), (30.0, 40.0, float(k)))
        )
        window.verbs.add_measurement(region)
    target = tmp_path / "r.pdf"
    window.verbs.report(ReportOrder(targets={ReportFormat.PDF: target}, title="Many"))
    qtbot.waitUntil(target.exists)
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    assert pages(target.read_bytes()) == 1


def test_an_existing_file_is_reported_and_not_overwritten(qtbot, window, tmp_path):
    target = tmp_path / "sub-01_report.pdf"
    target.write_text("mine")
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(ReportDialog)
    dialog.folder.setText(str(tmp_path))
    assert not dialog.write_button.isEnabled()
    assert "Already in this folder" in dialog.message.text()
    dialog.overwrite.setChecked(True)
    assert dialog.write_button.isEnabled()
    dialog.reject()
    window.verbs.report(ReportOrder(targets={ReportFormat.PDF: target}))
    qtbot.waitUntil(
        lambda: any("already exists" in notice.text for notice in window.banners.notices())
    )
    assert target.read_text() == "mine"


def test_a_report_image_shows_the_outline_and_is_cropped_to_the_spine(window):
    verbs = window.verbs
    verbs.move_to((48.0, 40.0, 36.0))  # in a body, not in a disc
    picture = report_image(Plane.AXIAL, Scene(verbs.state, verbs.fusion, verbs.correction), 600)
    image = QImage.fromData(picture.png)
    assert (image.width(), image.height()) == (picture.width_px, 600)
    colours = {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, 600, 7)
    }
    assert "#31d8e6" in colours


def test_every_dialog_proposes_the_folder_that_was_used_last_for_this_scan(window, tmp_path):
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(ReportDialog)
    assert dialog.chosen_folder == window.verbs.state.scan.source.path.absolute().parent
    dialog.reject()
    mine = tmp_path / "mine"
    mine.mkdir()
    window.workspace.front.exports.remember_folder(mine)
    window.actions_by_name["export"].trigger()
    export = window.findChild(ExportDialog)
    assert export.chosen_folder == mine
    export.folder.setText(str(tmp_path))
    export.accept()
    assert window.workspace.front.exports.folder == tmp_path
