"""Pictures and tables are written completely or not at all, and contain no names."""

import errno
import json
import os
import threading

import pytest
from fakes import FakeBackend, spine_volume
from PySide6.QtGui import QImage

from spineviewer.app.exporting import results_stem
from spineviewer.app.jobs import JobKind
from spineviewer.gui.reporting import picture_file
from spineviewer.io.write import whole_file


@pytest.fixture
def window(qtbot, make_window, tmp_path):
    scan = spine_volume(path=tmp_path / "Mustermann_Erika_ct.nii.gz")
    window = make_window(FakeBackend([scan]), scan=scan)
    yield window
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)


@pytest.fixture
def written(qtbot, window):
    return lambda: qtbot.waitUntil(lambda: not window.verbs.runner.is_running(JobKind.SMALL_FILE))


@pytest.fixture
def choose(window, monkeypatch):
    return lambda path: monkeypatch.setattr(window.files, "ask_for_target", lambda *_: str(path))


def bad_notices(window):
    return [notice.text for notice in window.banners.notices() if notice.severity.value == "error"]


def test_a_picture_shows_only_the_views_and_states_how_it_was_made(
    window, choose, written, tmp_path
):
    choose(tmp_path / "views.png")
    size = window.area.size()  # the notice about the saved file takes some of it
    window.actions_by_name["picture"].trigger()
    written()
    picture = QImage(str(tmp_path / "views.png"))
    assert picture.size() == size
    facts = json.loads(picture.text("spineviewer"))
    assert facts["program"].startswith("Spineviewer ")
    assert {"attention_threshold", "sigma_mm", "segmentation_threshold", "source"} <= facts.keys()
    assert b"Mustermann" not in (tmp_path / "views.png").read_bytes()


def test_the_proposed_name_of_a_picture_is_that_of_its_scan(window, monkeypatch):
    proposed = []
    monkeypatch.setattr(window.files, "ask_for_target", lambda *args: proposed.append(args[1]))
    window.actions_by_name["picture"].trigger()
    stem = results_stem(window.workspace.front.volume.source)
    assert proposed[0].endswith(f"{stem}_screenshot.png")


def test_a_file_that_the_dialog_could_not_ask_about_is_not_overwritten(
    window, choose, written, tmp_path
):
    (tmp_path / "views.png").write_bytes(b"old")
    choose(tmp_path / "views")
    window.actions_by_name["picture"].trigger()
    written()
    assert (tmp_path / "views.png").read_bytes() == b"old"
    assert "already exists" in bad_notices(window)[0]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_read_only_disk_leaves_the_old_picture_and_table(
    window, choose, written, tmp_path, monkeypatch, code
):
    for name in ("views.png", "table.csv"):
        (tmp_path / name).write_bytes(b"old")
    choose(tmp_path / "views.png")

    def fail(*_):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        broken.setattr(whole_file.os, "fsync", fail)
        window.actions_by_name["picture"].trigger()
        written()
        window.verbs.save_table(tmp_path / "table.csv")
        written()
    assert len(bad_notices(window)) == 2
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "views.png": b"old",
        "table.csv": b"old",
    }


def test_a_large_picture_is_compressed_while_the_window_stays_responsive(
    qtbot, window, choose, monkeypatch, tmp_path
):
    """Compressing a picture of a large screen takes a tenth of a second or more."""
    begun, may_continue = threading.Event(), threading.Event()

    def packed(_):
        begun.set()
        assert may_continue.wait(20)
        return b"png"

    monkeypatch.setattr(picture_file, "png_bytes", packed)
    choose(tmp_path / "views.png")
    window.actions_by_name["picture"].trigger()
    assert begun.wait(20)
    window.verbs.close_scan()  # neither stops it
    assert not (tmp_path / "views.png").exists()
    may_continue.set()
    qtbot.waitUntil((tmp_path / "views.png").exists)
    qtbot.waitUntil(lambda: any("views.png" in notice.text for notice in window.banners.notices()))
