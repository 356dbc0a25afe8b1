"""Several files are opened in turn, and those that cannot be opened are listed together."""

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import let_qt_work
from fakes import FakeBackend, spine_volume
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from spineviewer.gui.opening.series_chooser import SeriesChooser
from spineviewer.volume.volume import SourceSlices


def drop(window, *paths):
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left, no_key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    window.dropEvent(QDropEvent(QPointF(300, 300), copy, dropped, left, no_key))


def open_names(window):
    return [scan.volume.source.path.name for scan in window.workspace.scans]


@pytest.fixture
def scans(tmp_path):
    return [spine_volume(path=tmp_path / name) for name in ("a.nii", "b.nii", "c.nii")]


@pytest.fixture
def window(make_window, scans):
    return make_window(FakeBackend(scans))


def test_all_dropped_files_open_and_the_last_is_in_front(qtbot, window, scans):
    paths = [scan.source.path for scan in scans]
    with qtbot.waitSignal(window.opener.finished):
        drop(window, *paths, paths[0])
    assert open_names(window) == ["a.nii", "b.nii", "c.nii"]
    assert window.verbs.state.scan.source.path == paths[-1]
    assert window.banners.notices() == []


def test_files_that_do_not_open_are_named_together_at_the_end(qtbot, window, scans, tmp_path):
    wanted = [tmp_path / "x.txt", scans[0].source.path, tmp_path / "y.txt", scans[1].source.path]
    with qtbot.waitSignal(window.opener.finished):
        drop(window, *wanted)
    assert open_names(window) == ["a.nii", "b.nii"]
    (notice,) = window.banners.notices()
    head, first, second = notice.text.split("\n")
    assert head == "2 of 4 files and folders could not be opened."
    assert first.startswith("x.txt")
    assert second.startswith("y.txt")


def test_files_dropped_while_others_open_wait_their_turn(qtbot, window, scans):
    paths = [scan.source.path for scan in scans]
    with qtbot.waitSignal(window.opener.finished):
        drop(window, *paths[:2])
        drop(window, paths[2])
    assert open_names(window) == ["a.nii", "b.nii", "c.nii"]


def test_after_a_question_the_others_open(qtbot, window, scans):
    a, b, _ = (scan.source.path for scan in scans)
    drop(window, a, Path("several"), b)
    qtbot.waitUntil(lambda: window.findChild(SeriesChooser) is not None)
    qtbot.waitUntil(lambda: open_names(window) == ["a.nii"])
    let_qt_work()
    assert open_names(window) == ["a.nii"]
    with qtbot.waitSignal(window.opener.finished):
        window.findChild(SeriesChooser).reject()
    assert open_names(window) == ["a.nii", "b.nii"]


def test_slices_of_one_series_open_it_once(qtbot, make_window, scans, tmp_path):
    files = tuple(tmp_path / f"{number}.dcm" for number in range(5))
    slices = SourceSlices(files, (0,) * 5, ((0.0, 0.0, 0.0),) * 5)
    scan = scans[0]
    series = replace(scan, source=replace(scan.source, path=files[0], slices=slices))
    window = make_window(FakeBackend([series, scans[1]]))
    with qtbot.waitSignal(window.opener.finished):
        drop(window, *files, scans[1].source.path)
    assert open_names(window) == ["0.dcm", "b.nii"]
    assert window.banners.notices() == []


def test_a_file_of_voxels_is_opened_by_its_header(qtbot, make_window, tmp_path):
    scan = spine_volume(path=tmp_path / "ct.mhd")
    window = make_window(FakeBackend([scan]))
    with qtbot.waitSignal(window.opener.finished):
        drop(window, tmp_path / "ct.raw", tmp_path / "ct.mhd")
    assert open_names(window) == ["ct.mhd"]
    assert window.banners.notices() == []


def test_the_open_dialog_takes_several_files(qtbot, window, scans, monkeypatch):
    paths = [str(scan.source.path) for scan in scans[:2]]
    monkeypatch.setattr(window.files, "ask_for_files", lambda *_: paths)
    with qtbot.waitSignal(window.opener.finished):
        window.actions_by_name["open"].trigger()
    assert open_names(window) == ["a.nii", "b.nii"]


def test_cancelling_opens_none_of_the_waiting_files(qtbot, window, scans):
    with qtbot.waitSignal(window.opener.finished):
        drop(window, *(scan.source.path for scan in scans))
        window.actions_by_name["cancel"].trigger()
    assert len(open_names(window)) <= 1
