"""Before a session replaces other work on its scan, the window asks; both remain in files."""

import pytest
from fakes import FakeBackend, spine_volume

from spineviewer.app.session import read_session
from spineviewer.gui.opening.session_question import SessionQuestion
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
    qtbot.waitUntil(lambda: window.findChild(SessionQuestion) is not None)
    question = window.findChild(SessionQuestion)
    texts = [label.text() for label in question.findChildren(type(question.heading))]
    assert any("1 measurement" in text and "no manual work" in text for text in texts)
    assert window.verbs.state is None
    return question


def test_the_autosaved_work_opens(qtbot, session):
    window, path = session
    question = requested(qtbot, window, path)
    assert question.work_button.isDefault()
    with qtbot.waitSignal(window.opener.finished):
        question.work_button.click()
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    assert window.verbs.state.measurements == (LENGTH,)
    assert read_session(path).measurements == ()


def test_the_session_opens_once_the_other_work_is_in_a_file(qtbot, session, monkeypatch):
    window, path = session
    other, proposed = path.with_name("other.spineview"), []
    answers = ["", str(other)]
    monkeypatch.setattr(
        window.files,
        "file_to_save",
        lambda _, place, *__: proposed.append(place) or answers.pop(0),
    )
    requested(qtbot, window, path).session_button.click()
    qtbot.waitUntil(lambda: window.findChild(SessionQuestion) is None)
    assert window.verbs.state is None  # no file was chosen
    requested(qtbot, window, path).session_button.click()
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    assert window.verbs.state.measurements == ()
    assert read_session(other).measurements == (LENGTH,)
    assert all(place.startswith(str(path.with_name("sub-01-20"))) for place in proposed)


def test_nothing_opens_after_cancel(qtbot, session):
    window, path = session
    question = requested(qtbot, window, path)
    with qtbot.waitSignal(window.opener.finished):
        question.reject()
    assert window.verbs.state is None
