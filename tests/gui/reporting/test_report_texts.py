"""Findings, impression and key images: edited beside the views, and written in every format."""

import re
from dataclasses import replace
from io import BytesIO

import nibabel
import numpy as np
import pytest
from conftest import segment, settle
from fakes import FakeBackend
from pypdf import PdfReader
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.report import ReportFormat, as_html
from spineviewer.gui.kit.theme import MEASURE_COLOUR, SECOND_MASK_COLOUR
from spineviewer.gui.reporting.picture_legend import with_legend
from spineviewer.gui.reporting.report_dialog import ReportDialog
from spineviewer.gui.reporting.report_image import key_picture
from spineviewer.gui.reporting.report_pages import report_pdf
from spineviewer.gui.viewing.layouts import Layout, SpineView
from spineviewer.gui.viewing.scene import Scene
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.progress import JobProgress
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import ScanIdentity, WindowLevel

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot, make_window, scan):
    window = make_window(FakeBackend([scan]), scan=scan)
    settle(qtbot, window)
    return window


def press_k(window, member):
    window.area.set_active(member)
    QTest.keyClick(window.area.members[member], Qt.Key.Key_K)


def open_report(window):
    window.actions_by_name["report"].trigger()
    return window.findChild(ReportDialog)


def picture_of(window, number, height_px=300):
    parts = window.workspace.front.parts
    scene = Scene.from_parts(parts)
    return key_picture(
        parts.draft.images[number], scene, parts.spine_measurements, parts.line, height_px
    )


def test_k_adds_the_active_view_to_the_report_as_it_is_shown(window):
    front = window.workspace.front
    front.display.set_window(WindowLevel(300, 50))
    front.display.move_to((40.0, 50.0, 33.0))
    press_k(window, Plane.SAGITTAL)
    front.display.move_to((10.0, 10.0, 10.0))
    press_k(window, Plane.AXIAL)
    first, second = front.parts.draft.images
    assert (first.view, first.exact_crosshair_zyx, first.window) == (
        "sagittal",
        (40.0, 50.0, 33.0),
        WindowLevel(300, 50),
    )
    assert second.view == "axial"
    assert picture_of(window, 0).caption.startswith("Sagittal, 34 / 72, L ")


def test_a_key_image_shows_the_part_that_the_view_showed_and_its_measurements(window):
    front, view = window.workspace.front, window.area.views[Plane.SAGITTAL]
    front.display.move_to((40.0, 50.0, 33.0))
    view.zoom_by(4.0)
    shown = view.framing.camera.shown_mm  # a notice then takes space from the view
    press_k(window, Plane.SAGITTAL)
    part = QRectF(*front.parts.draft.images[0].part_mm)
    assert part == shown.intersected(QRectF(0, 0, *view.cut.size_mm))
    assert part.width() < view.cut.size_mm[0] / 1.5
    plain = QImage.fromData(picture_of(window, 0).png)
    line = Measurement(Distance(), Plane.SAGITTAL, ((38.0, 45.0, 33.0), (42.0, 55.0, 33.0)))
    front.measurements.add(line)
    assert QImage.fromData(picture_of(window, 0).png) != plain
    front.display.move_to((5.0, 5.0, 5.0))
    front.display.set_window(WindowLevel(2000, 0))
    again = QImage.fromData(picture_of(window, 0).png)
    front.steps.undo()
    assert QImage.fromData(picture_of(window, 0).png) == plain != again


def test_a_label_that_was_dragged_is_there_in_the_key_image_too(window):
    front, view = window.workspace.front, window.area.views[Plane.SAGITTAL]
    front.display.move_to((40.0, 50.0, 33.0))
    line = Measurement(Distance(), Plane.SAGITTAL, ((38.0, 45.0, 33.0), (42.0, 45.0, 33.0)))
    front.measurements.add(line.with_label(-40.0, 30.0))
    press_k(window, Plane.SAGITTAL)
    left_mm, top_mm, _, height_mm = front.parts.draft.images[0].part_mm
    right_mm, down_mm = view.cut.on_screen_mm(line.points_zyx[0])

    def text_px(height_px):
        image = QImage.fromData(picture_of(window, 0, height_px).png)
        scale = image.height() / height_mm
        x = round((right_mm - left_mm - 40.0) * scale)
        y = round((down_mm - top_mm + 30.0) * scale)
        colours = [image.pixelColor(x + k, y + row).name() for k in range(60) for row in range(18)]
        return colours.count(MEASURE_COLOUR)

    assert text_px(300) > 20
    assert text_px(620) > 20
    for _ in range(2):  # the key image, and the measurement
        front.steps.undo()
    front.measurements.add(line)
    press_k(window, Plane.SAGITTAL)
    assert text_px(620) == 0


def test_the_legend_of_a_picture_explains_its_colours_on_the_page_and_below_it(
    qtbot, window, tmp_path
):
    segment(qtbot, window)
    front = window.workspace.front
    mask = front.snapshot().mask(JobProgress()).voxels
    second = tmp_path / "second.nii.gz"
    affine = (
        np.diag([-1.0, -1.0, 1.0, 1.0]) @ front.volume.geometry.world_from_index[:, [2, 1, 0, 3]]
    )
    nibabel.save(nibabel.Nifti1Image(mask.transpose(2, 1, 0).astype(np.uint8), affine), second)
    press_k(window, Plane.SAGITTAL)
    assert "Second mask" not in [line.name for line in picture_of(window, 0).legend]
    window.verbs.compare_with(second)
    qtbot.waitUntil(lambda: front.parts.comparison is not None)
    picture = picture_of(window, 0)
    names = [line.name for line in picture.legend]
    assert {"Mask", "Second mask"} <= set(names)
    content = replace(front.reports.content(ReportOrder()), pictures=(picture, picture))
    page = as_html(content)
    text = PdfReader(BytesIO(report_pdf(content))).pages[0].extract_text()
    for name in names:
        assert page.count(f"{name}</span>") == 1
        assert name in text
    alone = with_legend(picture)
    assert alone.height_px > picture.height_px
    image = QImage.fromData(alone.png)
    below = range(picture.height_px, alone.height_px)
    strip = {image.pixelColor(x, y).name() for x in range(image.width()) for y in below}
    assert SECOND_MASK_COLOUR in strip
    assert with_legend(alone) is alone
    qtbot.waitUntil(lambda: front.parts.vertebrae is not None)
    spine = front.reports.picture_maker(shows_planes=False, shows_spine=True)()[0]
    assert "Second mask" not in [line.name for line in spine.legend]


def test_a_key_image_along_the_spine_follows_its_line(qtbot, window):
    segment(qtbot, window)
    window.area.set_layout_kind(Layout.SPINE)
    qtbot.waitUntil(lambda: window.workspace.front.parts.line is not None)
    settle(qtbot, window)
    press_k(window, SpineView.CORONAL)
    picture = picture_of(window, 0)
    assert picture.caption.startswith("Curved coronal, ")
    front = window.workspace.front
    scene = Scene(front.state, front.fusion, front.correction)
    missing = key_picture(front.parts.draft.images[0], scene, None, None, 300)
    assert "Segment the scan" in missing.caption
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)


def test_without_a_surface_there_is_no_key_image_and_a_notice_says_so(window):
    window.area.set_layout_kind(Layout.GRID)
    press_k(window, SpineView.SURFACE)
    assert window.workspace.front.parts.draft.images == ()
    assert "Choose another view" in window.workspace.notices[-1].text


def test_the_report_stays_open_beside_the_views_and_receives_new_key_images(window):
    dialog = open_report(window)
    assert not dialog.isModal()
    press_k(window, Plane.SAGITTAL)
    assert dialog.editor.images.count() == 1
    assert open_report(window) is dialog
    window.workspace.front.steps.undo()
    assert dialog.editor.images.count() == 0
    dialog.reject()


@pytest.mark.parametrize("part", ["text", "image"])
def test_undo_and_redo_in_the_views_open_the_report_that_they_change(qtbot, window, part):
    front, view = window.workspace.front, window.area.views[Plane.SAGITTAL]
    if part == "text":
        front.drafts.write("A fracture", "")
        front.drafts.end_writing()
    else:
        press_k(window, Plane.SAGITTAL)
    front.measurements.add(
        Measurement(Distance(), Plane.SAGITTAL, ((38.0, 45.0, 33.0), (42.0, 55.0, 33.0)))
    )
    window.area.set_active(Plane.SAGITTAL)
    QTest.keyClick(view, Qt.Key.Key_Z, CONTROL)
    assert window.findChild(ReportDialog) is None  # the measurement
    for command, expected in (("undo", False), ("redo", True)):
        window.actions_by_name[command].trigger()
        dialog = window.findChild(ReportDialog)
        assert dialog.isVisible()
        assert dialog.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        shown = dialog.editor.findings.toPlainText(), dialog.editor.images.count()
        assert any(shown) is expected
        dialog.reject()
        qtbot.waitUntil(lambda: window.findChild(ReportDialog) is None)


def test_captions_and_order_are_changed_by_mouse_and_keys(window):
    press_k(window, Plane.SAGITTAL)
    press_k(window, Plane.AXIAL)
    dialog = open_report(window)
    images, draft = dialog.editor.images, window.workspace.front.drafts
    images.item(0).setText("Fracture of L1")
    assert draft.draft.images[0].caption == "Fracture of L1"
    images.setCurrentRow(0)
    images.setFocus()
    QTest.keyClick(images, Qt.Key.Key_Down, CONTROL)
    assert [image.view for image in draft.draft.images] == ["axial", "sagittal"]
    assert images.item(1).text() == "Fracture of L1"
    QTest.mouseClick(dialog.editor.up, Qt.MouseButton.LeftButton)
    assert [image.view for image in draft.draft.images] == ["sagittal", "axial"]
    images.model().moveRow(images.rootIndex(), 0, images.rootIndex(), 2)
    QGuiApplication.processEvents()
    assert [image.view for image in draft.draft.images] == ["axial", "sagittal"]
    images.setCurrentRow(0)
    QTest.mouseClick(dialog.editor.remove, Qt.MouseButton.LeftButton)
    assert [image.view for image in draft.draft.images] == ["sagittal"]
    images.item(0).setText("")
    assert images.item(0).text().startswith("Sagittal, ")
    dialog.reject()


def test_pictures_in_the_report_follow_the_measurements(qtbot, window):
    front = window.workspace.front
    front.display.move_to((40.0, 50.0, 33.0))
    press_k(window, Plane.SAGITTAL)
    dialog = open_report(window)
    icon = lambda: dialog.editor.images.item(0).icon().pixmap(96, 72).toImage()  # noqa: E731
    before = icon()
    line = Measurement(Distance(), Plane.SAGITTAL, ((20.0, 15.0, 33.0), (70.0, 65.0, 33.0)))
    front.measurements.add(line)
    qtbot.waitUntil(lambda: icon() != before)
    dialog.reject()


def test_texts_are_stored_with_the_scan_undone_and_copied_as_plain_text(window):
    dialog = open_report(window)
    QTest.keyClicks(dialog.editor.findings, "Fracture of L1.")
    QTest.keyClicks(dialog.editor.impression, "New.")
    QTest.mouseClick(dialog.editor.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == (
        "Findings:\nFracture of L1.\n\nImpression:\nNew.\n"
    )
    dialog.reject()
    front = window.workspace.front
    assert (front.parts.draft.findings, front.parts.draft.impression) == ("Fracture of L1.", "New.")
    front.steps.undo()
    assert front.parts.draft.impression == ""
    QGuiApplication.sendPostedEvents()
    again = open_report(window)
    assert again.editor.findings.toPlainText() == front.parts.draft.findings
    again.reject()


def test_templates_are_the_users_own_for_each_language(window):
    dialog, settings = open_report(window), window.workspace.settings
    settings.save_template("en", "Normal", "No fracture.", "Normal spine.")
    settings.save_template("de", "Normal", "Keine Fraktur.", "Unauffällig.")
    menu = dialog.editor.templates.menu()
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["Normal", "Save as template…", "Delete template"]
    dialog.editor.findings.setPlainText("Scoliosis. ")
    dialog.editor.findings.moveCursor(dialog.editor.findings.textCursor().MoveOperation.End)
    menu.actions()[0].trigger()
    assert dialog.editor.findings.toPlainText() == "Scoliosis. No fracture."
    assert dialog.editor.impression.toPlainText() == "Normal spine."
    dialog.reject()


def test_a_deleted_template_is_restored_from_a_notice(window):
    dialog, settings = open_report(window), window.workspace.settings
    settings.save_template("en", "Normal", "No fracture.", "Normal spine.")
    settings.save_template("de", "Normal", "Keine Fraktur.", "Unauffällig.")
    menu = dialog.editor.templates.menu()
    menu.aboutToShow.emit()
    (delete,) = [action.menu() for action in menu.actions() if action.text() == "Delete template"]
    delete.actions()[0].trigger()
    assert settings.templates("en") == {}
    assert settings.templates("de") == {"Normal": ("Keine Fraktur.", "Unauffällig.")}
    (notice,) = [notice for notice in window.workspace.notices if notice.topic == "deleted"]
    assert notice.text == "The template Normal was deleted."
    (undo,) = [one for one in window.findChildren(QPushButton) if one.text() == "Undo"]
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert settings.templates("en") == {"Normal": ("No fracture.", "Normal spine.")}
    assert all(notice.topic != "deleted" for notice in window.workspace.notices)
    dialog.reject()


def test_the_dialog_closes_with_its_scan_and_belongs_to_no_other(window, scan):
    from fakes import spine_volume

    dialog = open_report(window)
    dialog.editor.findings.setPlainText("About the first")
    other = spine_volume(path=scan.source.path.with_name("other.nii.gz"), shape=(62, 60, 60))
    window.workspace.show_volume(other)
    assert window.workspace.front.parts.draft.is_empty
    assert not dialog.isVisible()
    window.workspace.switch_to(0)
    assert dialog.isVisible()
    assert window.workspace.front.parts.draft.findings == "About the first"
    window.workspace.close(window.workspace.front)
    assert not dialog.isVisible()


def test_every_format_contains_the_texts_and_the_patient_only_on_request(
    qtbot, make_window, tmp_path
):
    from fakes import spine_volume

    scan = spine_volume(identity=ScanIdentity("Doe, Jane", "12345", "", "2024-05-06"))
    window = make_window(FakeBackend([scan]), scan=scan)
    settle(qtbot, window)
    press_k(window, Plane.SAGITTAL)
    dialog = open_report(window)
    assert not dialog.shows_planes.isChecked()
    dialog.editor.findings.setPlainText("Fracture <of> L1")
    dialog.folder.setText(str(tmp_path))
    for check in dialog.checks.values():
        check.setChecked(True)
    QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(n.topic == "report" for n in window.banners.notices()))
    page = (tmp_path / "sub-01_report.html").read_text(encoding="utf-8")
    assert "Fracture &lt;of&gt; L1" in page
    assert page.count("<img") == 1
    assert page.index("Fracture") < page.index("<img") < page.index("Spineviewer 0")
    assert "Fracture <of> L1" in (tmp_path / "sub-01_report.csv").read_text(encoding="utf-8")
    assert '"findings": "Fracture <of> L1"' in (tmp_path / "sub-01_report.json").read_text("utf-8")
    assert not [path for path in tmp_path.glob("*report*") if b"Doe" in path.read_bytes()]
    dialog = open_report(window)
    dialog.shows_patient.setChecked(True)
    dialog.overwrite.setChecked(True)
    dialog.folder.setText(str(tmp_path))
    dialog.accept()
    qtbot.waitUntil(
        lambda: "Doe, Jane" in (tmp_path / "sub-01_report.html").read_text(encoding="utf-8")
    )
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
    assert window.workspace.settings.current.is_patient_in_reports


def test_a_scan_without_patient_data_is_named_by_its_file(qtbot, window, tmp_path):
    def write():
        dialog = open_report(window)
        choices = dialog.shows_file_name.isChecked(), dialog.shows_patient.isHidden()
        dialog.folder.setText(str(tmp_path))
        dialog.name.setText(f"report_{len(list(tmp_path.iterdir()))}")
        dialog.shows_file_name.setChecked(False)
        QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
        qtbot.waitUntil(lambda: window.findChild(ReportDialog) is None)
        return choices

    window.workspace.settings.update(is_patient_shown=False)
    dialog = open_report(window)
    assert not dialog.shows_file_name.isChecked()
    warning = "The report will name neither the patient nor the file."
    assert warning in dialog.message.whole_text
    dialog.shows_file_name.setChecked(True)
    assert warning not in dialog.message.whole_text
    dialog.reject()
    qtbot.waitUntil(lambda: window.findChild(ReportDialog) is None)
    window.workspace.settings.update(is_patient_shown=True)
    assert write() == (True, True)
    assert write() == (False, True)  # the choice is remembered
    content = window.workspace.front.reports.content(ReportOrder(shows_file_name=True))
    assert "<p class='subject'>sub-01_ct.nii.gz</p>" in as_html(content)


def test_the_report_dialog_remembers_formats_and_names_the_files_that_stay_outdated(
    qtbot, window, tmp_path
):
    dialog = open_report(window)
    dialog.folder.setText(str(tmp_path))
    dialog.checks[ReportFormat.HTML].setChecked(False)
    dialog.checks[ReportFormat.CSV].setChecked(True)
    assert dialog.message.text() == ""
    QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil((tmp_path / "sub-01_report.pdf").is_file)
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
    dialog = open_report(window)
    chosen = [kind for kind, check in dialog.checks.items() if check.isChecked()]
    assert chosen == [ReportFormat.PDF, ReportFormat.CSV]
    dialog.overwrite.setChecked(True)
    assert dialog.message.text() == ""
    dialog.checks[ReportFormat.CSV].setChecked(False)
    assert "sub-01_report.csv" in dialog.message.text()
    assert "sub-01_report.pdf" not in dialog.message.text()
    assert dialog.write_button.isEnabled()


def test_long_texts_take_more_pages_instead_of_small_letters(qtbot, window, tmp_path):
    window.workspace.front.drafts.write("A sentence about a vertebra. " * 900, "")
    target = tmp_path / "r.pdf"
    window.verbs.report(ReportOrder(targets={ReportFormat.PDF: target}, title="Long"))
    qtbot.waitUntil(target.exists)
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
    assert len(re.findall(rb"/Type\s*/Page\b", target.read_bytes())) > 1


def test_a_plane_that_a_key_image_shows_is_not_repeated(qtbot, window):
    front = window.workspace.front
    front.display.move_to((40.0, 50.0, 33.0))
    press_k(window, Plane.SAGITTAL)
    press_k(window, Plane.SAGITTAL)

    def captions():
        pictures = front.reports.picture_maker(shows_planes=True)()
        return [picture.caption.split(",")[0] for picture in pictures]

    assert captions() == ["Sagittal", "Coronal", "Axial"]
    front.display.set_window(WindowLevel(300, 50))
    assert captions() == ["Sagittal", "Sagittal", "Coronal", "Axial"]
    front.display.set_window(front.parts.draft.images[0].window)
    front.display.move_to((40.0, 50.0, 35.0))
    assert captions() == ["Sagittal", "Sagittal", "Coronal", "Axial"]
    front.display.move_to((40.0, 50.0, 33.0))
    front.drafts.remove_image(1)
    window.area.views[Plane.SAGITTAL].zoom_by(4.0)
    front.drafts.remove_image(0)
    press_k(window, Plane.SAGITTAL)  # a detail; the plane shows the surroundings
    assert captions() == ["Sagittal", "Sagittal", "Coronal", "Axial"]


def test_the_picture_of_the_vertebrae_has_names_and_flags_and_a_curved_one_if_the_spine_is_bent(
    qtbot, window
):
    from spine_numbers import two_levels

    from spineviewer.gui.reporting.report_image import spine_pictures

    segment(qtbot, window)
    window.area.set_layout_kind(Layout.SPINE)
    front = window.workspace.front
    qtbot.waitUntil(lambda: front.parts.line is not None and front.parts.vertebrae is not None)
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)
    parts = front.parts
    scene = Scene.from_parts(parts)

    def pictures(vertebrae, measured=None):
        shown = replace(scene, vertebrae=vertebrae)
        return spine_pictures(shown, vertebrae, measured, lambda: parts.line, 300)

    (plain,) = pictures(parts.vertebrae)
    assert plain.caption.startswith("Sagittal, ")
    middle = parts.vertebrae.all[4]
    fractured = replace(two_levels().vertebrae[0], centre_lps_mm=middle.body_centre_lps_mm)
    (flagged,) = pictures(parts.vertebrae, replace(two_levels(), vertebrae=(fractured,)))
    assert flagged.png != plain.png
    x, y, z = middle.body_centre_lps_mm
    bent = [
        replace(one, body_centre_lps_mm=(x + 30.0, y, z)) if one is middle else one
        for one in parts.vertebrae
    ]
    straight, curved = pictures(replace(parts.vertebrae, all=tuple(bent)))
    assert straight.caption.startswith("Sagittal, ")
    assert curved.caption.startswith("Curved sagittal, ")


@pytest.mark.parametrize("name", ["findings", "impression"])
def test_ctrl_y_redoes_what_ctrl_z_has_undone_in_a_text(window, name):
    field = getattr(open_report(window).editor, name)
    field.setFocus()
    QTest.keyClicks(field, "Norm")
    QTest.keyClick(field, Qt.Key.Key_Z, CONTROL)
    assert field.toPlainText() == ""
    QTest.keyClick(field, Qt.Key.Key_Y, CONTROL)
    assert field.toPlainText() == "Norm"


@pytest.mark.parametrize("size", [(640, 688), (640, 480)])
def test_name_folder_and_buttons_are_in_sight_on_a_small_screen(qtbot, window, size):
    dialog = open_report(window)
    dialog.resize(*size)
    qtbot.waitUntil(lambda: dialog.height() == size[1])
    for part in (dialog.name, dialog.folder, dialog.overwrite, dialog.write_button):
        corner = part.mapTo(dialog, part.rect().bottomRight())
        assert part.visibleRegion().boundingRect() == part.rect()
        assert dialog.rect().contains(corner)
