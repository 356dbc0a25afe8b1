"""The archive's page with a simulated archive."""

import shutil
import threading

import pytest
from archive_peers import small_study
from archive_stand_in import NODE, StandInArchive
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from spineviewer.archive.client import ReceivedStudy
from spineviewer.archive.query import FoundPatient, FoundStudy, SearchResult
from spineviewer.gui.archive.archive_page import ArchivePage
from spineviewer.gui.archive.result_tree import ResultTree
from spineviewer.gui.kit.language import use_language
from spineviewer.gui.opening.study_browser import StudyBrowser


@pytest.fixture
def archive():
    return StandInArchive()


@pytest.fixture
def window(qtbot, make_window, archive, tmp_path):
    folder = tmp_path / "data" / "spineviewer" / "studies" / "1.2.1"
    made = make_window(FakeBackend([spine_volume(path=folder, shape=(40, 40, 40))]))
    access = made.workspace.archives
    for part in (access.directory, access.search, access.retrievals, access.sending):
        part._connect = archive
    access.directory.save(NODE)
    qtbot.waitUntil(lambda: bool(access.directory.nodes))
    return made


@pytest.fixture
def page(window):
    window.actions_by_name["archive"].trigger()
    return window.pages.page(ArchivePage)


def find(qtbot, page):
    page.form.patient_id.setText("4711")
    QTest.keyClick(page.form.patient_id, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page._access.search.found is not None)


def texts(item):
    return [item.text(column) for column in range(6)]


def test_without_an_archive_the_page_offers_to_add_one(make_window):
    window = make_window(FakeBackend())
    window.actions_by_name["archive"].trigger()
    page = window.pages.page(ArchivePage)
    assert page.message.text.text() == "No archive is configured yet."
    assert page.message.button.isVisible()
    assert not page.form.isEnabled()


def test_a_search_lists_patients_studies_and_series_with_counts(qtbot, page):
    find(qtbot, page)
    patient = page.tree.topLevelItem(0)
    assert patient.text(0) == "Doe Jane  ·  4711  ·  born 1964-08-12"
    study = patient.child(0)
    assert texts(study) == ["CT spine", "2024-03-15", "CT", "1", "10", "A1"]
    study.setExpanded(True)
    qtbot.waitUntil(lambda: study.childCount() == 1 and "Bone" in study.child(0).text(0))
    assert texts(study.child(0)) == ["3   Bone 0.6", "", "CT", "", "10", ""]
    assert page.summary.text() == "4 studies found"


def test_dates_follow_the_language(qtbot, qapp):
    use_language("de")
    try:
        study = FoundStudy("1.2", "2024-03-15", "Spine", "", ("CT",), 1, 1)
        undated = FoundStudy("1.3", "", "Neck", "", ("CT",), 1, 1)
        tree = ResultTree()
        qtbot.addWidget(tree)
        tree.show_found(
            SearchResult((FoundPatient("4711", "Doe", "1964-08-12", (study, undated)),))
        )
        patient = tree.topLevelItem(0)
        assert patient.text(0).endswith("geb. 12.08.1964")
        assert [patient.child(k).text(1) for k in range(2)] == ["15.03.2024", "Ohne Datum"]
    finally:
        use_language("en")


def test_a_study_that_arrives_while_the_page_is_shown_is_opened(qtbot, window, page, archive):
    find(qtbot, page)
    page.retrieve_button.click()
    qtbot.waitUntil(lambda: window.workspace.front is not None)
    assert window.pages.currentWidget() is not page
    row = page.retrievals.rows[1]
    qtbot.waitUntil(lambda: row.priors_button.text() == "1 prior CT study…")
    window.actions_by_name["archive"].trigger()
    row.priors_button.click()
    qtbot.waitUntil(lambda: page._access.search.found is not None)
    assert (page.form.patient_id.text(), page.form.modality.currentText()) == ("4711", "CT")


def test_a_study_that_arrives_while_the_user_is_elsewhere_is_offered(qtbot, window, page, archive):
    archive.gate = threading.Event()
    find(qtbot, page)
    page.retrieve_button.click()
    assert page.back_button.text() == "Back to the start page"
    page.back_button.click()
    archive.gate.set()
    qtbot.waitUntil(lambda: bool(window.workspace.notices))
    notice = window.workspace.notices[-1]
    assert "has arrived" in notice.text
    assert window.workspace.front is None
    notice.buttons[0][1]()
    qtbot.waitUntil(lambda: window.workspace.front is not None)


def test_a_stopped_retrieval_can_be_retried_and_a_failed_search_says_why(
    qtbot, window, page, archive
):
    archive.gate = threading.Event()
    find(qtbot, page)
    page.retrieve_button.click()
    row = page.retrievals.rows[1]
    row.cancel_button.click()
    qtbot.waitUntil(lambda: row.state.text() == "Stopped")
    assert (row.retry_button.isVisible(), row.retry_button.text()) == (True, "Resume")
    archive.fault = "The archive does not know the local AE title SPINEVIEWER."
    page.form.request_search()
    qtbot.waitUntil(lambda: page.message.text.text() == archive.fault)
    archive.fault = ""
    archive.gate.set()
    page.message.button.click()
    qtbot.waitUntil(lambda: page._access.search.found is not None)
    row.retry_button.click()
    qtbot.waitUntil(lambda: row.state.text() == "On this computer")


def test_a_part_of_an_id_finds_nothing_and_a_wider_search_is_offered(qtbot, page, archive):
    page.form.patient_id.setText("999")
    page.form.request_search()
    qtbot.waitUntil(lambda: page.message.text.text() == "No matches.")
    assert page.message.button.text() == "Search for IDs that contain 999"
    page.message.button.click()
    assert page.form.patient_id.text() == "*999*"
    qtbot.waitUntil(lambda: page.message.text.text() == "No matches.")
    assert not page.message.button.isVisible()


def test_two_retrievals_show_their_progress_at_the_same_time(qtbot, page, archive):
    archive.gate, archive.shares = threading.Event(), {"1.2.1": 0.25, "1.2.2": 0.75}
    find(qtbot, page)
    for uid in ("1.2.1", "1.2.2", "1.2.3"):
        page.retrieve(uid, "")
    rows = [page.retrievals.rows[number] for number in (1, 2, 3)]
    expected = ["Retrieving… 25%", "Retrieving… 75%", "Waiting"]
    qtbot.waitUntil(lambda: [row.state.text() for row in rows] == expected)
    rows[0].cancel_button.click()
    qtbot.waitUntil(lambda: rows[2].state.text() == "Retrieving… 50%")
    assert [row.state.text() for row in rows[:2]] == ["Stopped", "Retrieving… 75%"]
    for row in rows[1:]:
        row.cancel_button.click()
    qtbot.waitUntil(lambda: {row.state.text() for row in rows} == {"Stopped"})


def test_a_wrong_date_is_reported_before_the_search(page, archive):
    page.form.period.setCurrentText("03/2024")
    page.form.request_search()
    assert "is not a date" in page.form.problem.text()
    assert archive.requested == []


def test_without_the_extra_the_page_says_how_to_install_it(monkeypatch, window):
    import spineviewer.archive.client as client

    monkeypatch.setattr(client, "_REQUIRED_MODULES", ("a_package_that_is_not_installed",))
    window.actions_by_name["archive"].trigger()
    page = window.pages.page(ArchivePage)
    assert "pip install 'spineviewer[pacs]'" in page.message.text.text()
    assert not page.form.isEnabled()
    window.actions_by_name["receiver"].trigger()
    assert not window.workspace.archives.receiver.is_on
    assert "pip install" in window.workspace.notices[-1].text


def test_a_received_study_appears_in_the_study_browser_that_shows_the_store(
    qtbot, window, page, tmp_path
):
    store = window.workspace.archives.store.folder
    first, second = small_study(tmp_path / "one"), small_study(tmp_path / "two")
    keep(store, first)
    page.local_button.click()
    qtbot.waitUntil(lambda: window.findChild(StudyBrowser) is not None)
    browser = window.findChild(StudyBrowser)
    assert len(list(browser.scans())) == 2
    keep(store, second)
    window.workspace.archives.receiver.received.emit(
        ReceivedStudy(second.uid, store / second.uid, 13)
    )
    qtbot.waitUntil(lambda: len(list(browser.scans())) == 4)
    assert "13 images was received" in window.workspace.notices[-1].text
    browser.close()


def keep(store, study):
    for path in study.files:
        series = path.name.rpartition("-")[0]
        folder = store / study.uid / series
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / path.name)
