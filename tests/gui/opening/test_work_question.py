"""If there are several versions of the work on a scan, the window asks which one to open."""

import pytest
from conftest import let_qt_work
from fakes import FakeBackend, spine_volume

from spineviewer.app.session import read_session
from spineviewer.gui.opening import work_question
from spineviewer.gui.opening.work_question import WorkQuestion
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane

LENGTH = Measurement(Distance(), Plane.AXIAL, ((50.0, 20.0, 20.0), (50.0, 40.0, 20.0)))


@pytest.fixture
def session(qtbot, make_window, tmp_path):
    """A window whose closed scan has a measurement that its session does not contain."""
    path, session = tmp_path / "sub-01.nii.gz", tmp_path / "sub-01.spineview"
    path.touch()
    window = make_window(FakeBackend([spine_volume(path=path)]))
    verbs = window.verbs
    window.opener.open_path(path)
    qtbot.waitUntil(lambda: verbs.state is not None and verbs.runner.is_idle)
    verbs.save_session(session)
    qtbot.waitUntil(lambda: session.exists() and verbs.runner.is_idle)
    window.workspace.front.measurements.add(LENGTH)
    verbs.close_scan()
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    return window, session


def requested(qtbot, window, session):
    window.opener.open_path(session)
    qtbot.waitUntil(lambda: window.findChild(WorkQuestion) is not None)
    question = window.findChild(WorkQuestion)
    assert [question.list.item(row).text().split("\n")[1] for row in range(2)] == [
        "no edits",
        "1 measurement",
    ]
    assert window.verbs.state is None
    return question


def test_the_chosen_work_opens_and_the_other_stays_saved(qtbot, session):
    window, path = session
    question = requested(qtbot, window, path)
    assert not question.delete_button.isEnabled()  # it is a file of the user
    question.list.setCurrentRow(1)
    with qtbot.waitSignal(window.opener.finished):
        question.open_button.click()
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    assert window.verbs.state.measurements == (LENGTH,)
    assert read_session(path).measurements == ()


def test_unwanted_work_is_deleted_only_once_other_work_opens(qtbot, session):
    window, path = session
    folder = window.workspace.shared_journal.journal._folder
    for is_opened in (False, True):
        question = requested(qtbot, window, path)
        question.list.setCurrentRow(1)
        question.delete_button.click()
        assert not question.open_button.isEnabled()
        assert len(list(folder.glob("*.session"))) == 1
        question.list.setCurrentRow(0)
        (question.open_button if is_opened else question.cancel_button).click()
        qtbot.waitUntil(lambda: window.findChild(WorkQuestion) is None)
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    assert window.verbs.state.measurements == ()
    assert not list(folder.glob("*.session"))


def test_nothing_opens_after_cancel(qtbot, session):
    window, path = session
    question = requested(qtbot, window, path)
    with qtbot.waitSignal(window.opener.finished):
        question.reject()
    assert window.verbs.state is None


def test_every_version_is_in_sight(qtbot, session):
    window, path = session
    question = requested(qtbot, window, path)
    rows = [question.list.visualItemRect(question.list.item(row)) for row in range(2)]
    assert all(question.list.viewport().rect().contains(row) for row in rows)
    assert rows[0].height() >= 2 * question.list.fontMetrics().height()
    question.reject()


def test_the_work_on_this_file_comes_first_and_each_version_names_its_file(
    qtbot, make_window, tmp_path
):
    paths = [tmp_path / "sub-01.nii.gz", tmp_path / "copy.nii.gz"]
    scans = [spine_volume(path=path) for path in paths]
    window = make_window(FakeBackend(scans))
    verbs = window.verbs
    for path, text in zip(paths, ("first", "copy"), strict=True):
        path.touch()
        window.opener.open_path(path)
        qtbot.waitUntil(lambda: verbs.runner.is_idle)
        window.workspace.front.measurements.add(LENGTH.with_text(text))
    for _ in paths:  # the copy is active
        window.workspace.switch_to(0)
        verbs.close_scan()
        qtbot.waitUntil(lambda: verbs.runner.is_idle)
    for path, text in zip(paths, ("first", "copy"), strict=True):
        window.opener.open_path(path)
        qtbot.waitUntil(lambda: window.findChild(WorkQuestion) is not None)
        question = window.findChild(WorkQuestion)
        first, second = (question.list.item(row).text() for row in range(2))
        assert path.name in first.split("\n")[0]
        assert text in first.split("\n")[1]
        assert ({path.name for path in paths} - {path.name}).pop() in second.split("\n")[0]
        question.reject()
        qtbot.waitUntil(lambda: window.findChild(WorkQuestion) is None)


def test_a_long_description_is_wrapped_and_no_row_is_cut_off(qtbot, session, monkeypatch):
    window, path = session
    text = "segmentation, corrections, names set by hand, moved landmarks, 12 measurements (Node)"
    monkeypatch.setattr(work_question, "describe_contents", lambda _: text)
    window.opener.open_path(path)
    qtbot.waitUntil(lambda: window.findChild(WorkQuestion) is not None)
    listed = window.findChild(WorkQuestion).list
    qtbot.waitUntil(listed.isVisible)
    let_qt_work()
    assert listed.horizontalScrollBar().maximum() == 0
    assert listed.verticalScrollBar().maximum() == 0
