from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import emitted
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QRect, Qt

from spineviewer.app.services import SeriesLine
from spineviewer.app.studies import FolderContents, Patient, SeriesInFolder, Study
from spineviewer.gui.opening.study_browser import StudyBrowser
from spineviewer.io.series_listing import SeriesListing
from spineviewer.volume.volume import ScanFormat


def place(folder, uid, title, problems=()):
    return SeriesInFolder(
        Path(folder), SeriesLine(uid, title, "CT", "512 × 512", problems, 120, kernel="B60")
    )


@pytest.fixture
def contents(tmp_path):
    new = Study(
        "2024-01-31",
        "CT spine",
        (place("/a/one", "1", "Spine bone"), place("/a/two", "2", "Thorax", ("A gap.",))),
    )
    patients = (
        Patient("", (new, Study("", "", (place("/a/old", "3", "Spine old"),)))),
        Patient("", (Study("", "Neck", ()),)),
    )
    listing = SeriesListing(tmp_path, ScanFormat.DICOM, (), (), ())
    return FolderContents(
        tmp_path, patients, (tmp_path / "d_ct.nii.gz",), ("x.dcm: damaged",), listing
    )


@pytest.fixture
def browser(qtbot, contents):
    made = StudyBrowser(contents, are_names_shown=False)
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_tree_has_patients_studies_and_series_and_the_first_series_is_chosen(browser):
    first = browser.tree.topLevelItem(0)
    assert first.text(0) == "Patient 1"
    assert first.child(0).text(0) == "2024-01-31  ·  CT spine"
    assert first.child(0).child(0).text(0) == "Spine bone  (B60)"
    assert browser.tree.topLevelItem(2).text(0) == "Other images"
    assert browser.tree.currentItem() is first.child(0).child(0)
    assert "A gap." in first.child(0).child(1).text(4)
    assert "1 file could not be read" in browser.unreadable.text()


def test_enter_opens_a_series_with_its_folder_and_a_patient_opens_nothing(qtbot, browser):
    with qtbot.waitSignal(browser.open_requested) as requested:
        qtbot.keyClick(browser.tree, Qt.Key.Key_Return)
    assert requested.args == [Path("/a/one"), "1"]
    browser.tree.setCurrentItem(browser.tree.topLevelItem(0))
    assert not browser.open_button.isEnabled()
    with qtbot.assertNotEmitted(browser.open_requested):
        qtbot.keyClick(browser.tree, Qt.Key.Key_Return)


def test_the_search_keeps_matches_with_their_patient_and_study(browser):
    browser.search.setText("spine old")
    first = browser.tree.topLevelItem(0)
    assert not first.isHidden()
    assert first.child(0).isHidden()
    assert not first.child(1).isHidden()
    browser.search.setText("2024")  # of the study, so all its series
    assert not first.child(0).child(1).isHidden()
    browser.search.setText("nothing like this")
    assert browser.no_matches.isVisible()
    assert not browser.tree.isVisible()


def test_thumbnails_appear_beside_their_series(browser):
    before = browser.tree.topLevelItem(0).child(0).child(0).icon(0).cacheKey()
    browser.show_pictures({"1": np.full((96, 96), 200, np.uint8)})
    row = browser.tree.topLevelItem(0).child(0).child(0)
    assert row.icon(0).cacheKey() != before
    assert row.icon(0).pixmap(48, 48).toImage().pixelColor(24, 24).red() == 200


def test_the_check_box_for_names_is_remembered(qtbot, make_window, tmp_path):
    (tmp_path / "a_ct.nii.gz").write_bytes(b"")
    window = make_window(FakeBackend())
    with emitted(qtbot, window.workspace.folders.found):
        window.verbs.browse(tmp_path)
    browser = window.findChild(StudyBrowser)
    with emitted(qtbot, window.workspace.folders.found):
        browser.names.setChecked(True)
    assert window.verbs.settings.is_patient_named
    assert len(window.findChildren(StudyBrowser)) == 1
    browser.close()


def test_every_scan_below_a_folder_is_listed_and_opens_one_after_the_other(
    qtbot, make_window, tmp_path
):
    paths = [tmp_path / "one" / "a_ct.nii.gz", tmp_path / "two" / "b_ct.nii.gz"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(b"")
    (tmp_path / "one" / "a_seg-spine_msk.nii.gz").write_bytes(b"")
    window = make_window(
        FakeBackend([spine_volume(path=path, shape=(40, 40, 40)) for path in paths])
    )
    with emitted(qtbot, window.workspace.folders.found):
        window.verbs.browse(tmp_path)
    browser = window.findChild(StudyBrowser)
    assert [Path(item.text(0)).name for item in browser.scans()] == ["a_ct.nii.gz", "b_ct.nii.gz"]
    browser.open_button.click()
    qtbot.waitUntil(lambda: len(window.workspace.scans) == 1)
    browser.search.setText("two")
    first, second = browser.scans()
    assert first.isHidden()
    browser.tree.setCurrentItem(second)
    browser.open_button.click()
    qtbot.waitUntil(lambda: len(window.workspace.scans) == 2)
    assert window.windowTitle().startswith("b_ct")
    browser.close()


def test_a_folder_without_scans_is_reported(qtbot, make_window, tmp_path):
    window = make_window(FakeBackend())
    window.verbs.browse(tmp_path)
    qtbot.waitUntil(lambda: any("contains no scan" in n.text for n in window.banners.notices()))


def test_rows_are_as_high_as_their_wrapped_remarks(qtbot, contents):
    remarks = tuple(
        f"Remark {k} is a long sentence about slices that may be missing." for k in "ab"
    )
    study = Study("", "", (place("/a/one", "1", "Spine bone", remarks),))
    browser = StudyBrowser(
        replace(contents, patients=(Patient("", (study,)),)), are_names_shown=False
    )
    qtbot.addWidget(browser)
    browser.show()
    browser.resize(900, 500)
    index = browser.tree.model().index(
        0, 4, browser.tree.indexFromItem(next(browser.scans())).parent()
    )

    def is_whole():
        cell, text = browser.tree.visualRect(index), "\n".join(remarks)
        room = QRect(0, 0, cell.width() - 16 - 12, 0)  # beside the icon
        needed = browser.tree.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, text)
        return needed.height() <= cell.height() and needed.height() > 60

    qtbot.waitUntil(is_whole)
