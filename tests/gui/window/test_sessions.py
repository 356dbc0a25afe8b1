"""Work that is never lost: sessions saved and reopened, and offered again after a crash."""

import os
import subprocess
import sys
import textwrap
import threading
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from fakes import TUNING, FakeBackend, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from spineviewer.app.exporting import ExportKind
from spineviewer.app.journal import Journal
from spineviewer.app.session import make_reference, make_session, read_session
from spineviewer.app.settings import Settings, load_settings
from spineviewer.app.state import Overlays, SegmentationStage, Slab, SlabKind, first_state
from spineviewer.editing.correction import Correction
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.opening import recents
from spineviewer.gui.viewing.layouts import SpineView
from spineviewer.io.write import whole_file
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import WindowLevel

KILLS = int(os.environ.get("SPINEVIEWER_KILLS", "10"))
#: At twenty to fifty strokes a second, faster than any user; each is saved as soon as it ends.
MAX_STROKES_LOST = 5
LENGTH = Measurement(Distance(), Plane.AXIAL, ((50.0, 20.0, 20.0), (50.0, 40.0, 20.0)))


@pytest.fixture
def scan_on_disk(tmp_path):
    path = tmp_path / "scan" / "sub-01_ct.nii.gz"
    path.parent.mkdir()
    path.touch()
    return spine_volume(path=path)


def worked(qtbot, window, scan):
    """A window with a scan that was segmented, tuned, corrected and measured, in changed views."""
    verbs = window.verbs
    window.opener.open_path(scan.source.path)
    qtbot.waitUntil(lambda: verbs.state is not None)
    verbs.segment()
    qtbot.waitUntil(lambda: verbs.state.stage is SegmentationStage.DONE)
    verbs.set_tuning(Tuning(0.31, 5.5, 0.45))
    verbs.set_overlays(Overlays(is_map_shown=False, mask_opacity=0.7))
    verbs.set_window(WindowLevel(1234.0, 56.0))
    verbs.set_slab(Slab(SlabKind.MIP, 12.0))
    verbs.move_to((50, 48, 36))
    verbs.begin_stroke(Plane.SAGITTAL, (50.0, 20.0, 36.0), is_adding=True)
    verbs.end_stroke()
    verbs.add_measurement(LENGTH)
    verbs.move_to((51, 40, 30))
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    return verbs


def state_of(verbs):
    state = verbs.state
    nothing = np.zeros(state.scan.hu.shape, bool)
    shown = (
        state.tuning,
        state.overlays,
        state.window,
        state.crosshair_zyx,
        state.slab,
        state.measurements,
    )
    return (
        shown,
        verbs.correction.corrected_mask(nothing).sum(),
        verbs.correction.corrected_mask(~nothing).sum(),
    )


def test_a_saved_session_reopens_exactly_and_computes_nothing_again(
    qtbot, make_window, scan_on_disk, tmp_path, monkeypatch
):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = worked(qtbot, window, scan_on_disk)
    before, mask = state_of(verbs), verbs.fusion.mask_plane(2, 36, verbs.state.tuning)
    target = tmp_path / "work"
    monkeypatch.setattr(window.files, "ask_for_target", lambda *_: str(target))
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: target.with_suffix(".spineview").exists() and verbs.runner.is_idle)
    assert any("Saved work.spineview" in n.text for n in window.banners.notices())
    verbs.discard_corrections()
    verbs.delete_measurement(0)
    verbs.set_tuning(TUNING)
    verbs.close_scan()
    window.opener.open_path(target.with_suffix(".spineview"))
    qtbot.waitUntil(lambda: verbs.state is not None and verbs.state.stage is SegmentationStage.DONE)
    assert state_of(verbs) == before
    assert np.array_equal(verbs.fusion.mask_plane(2, 36, verbs.state.tuning), mask)
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    assert verbs.workspace.services.runs == 1
    assert verbs.state.run_record == verbs.workspace.services.report
    assert verbs.state.is_mask_current


def saved(qtbot, verbs, path):
    verbs.save_session(path)
    qtbot.waitUntil(lambda: path.exists() and verbs.runner.is_idle)
    return path


def reopened(qtbot, window, path):
    window.verbs.close_scan()
    window.opener.open_path(path)
    qtbot.waitUntil(lambda: window.verbs.state is not None)
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)


def test_views_are_restored_as_they_were_left(qtbot, make_window, scan_on_disk, tmp_path):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs, area = worked(qtbot, window, scan_on_disk), window.area
    window.actions_by_name["layout_spine"].trigger()
    qtbot.waitUntil(
        lambda: verbs.line is not None and verbs.surface is not None and verbs.runner.is_idle
    )
    axial, curved = area.views[Plane.AXIAL], area.curved[SpineView.CORONAL]
    axial.zoom_by(2.5)
    axial.pan_by(12, -7)
    curved.zoom_by(1.7)
    curved.scroll_by(2)
    area.surface.rotate_by(30, 10)
    area.surface.zoom_by(1.3)
    area.set_active(Plane.AXIAL)
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    left, place, depth = area.state, verbs.state.point_zyx, area.state.depths_mm
    assert set(left.zooms) >= {"axial", "curved coronal"}
    path = saved(qtbot, verbs, tmp_path / "work.spineview")
    window.actions_by_name["layout_row"].trigger()
    area.fit()
    reopened(qtbot, window, path)
    qtbot.waitUntil(
        lambda: verbs.line is not None and verbs.surface is not None and verbs.runner.is_idle
    )
    qtbot.waitUntil(lambda: not axial.is_stale and not curved.is_stale)
    again = area.state
    assert (again.layout, again.active, again.maximised) == ("spine", "axial", "")
    assert window.actions_by_name["layout_spine"].isChecked()
    for name, zoom in left.zooms.items():
        assert astuple(again.zooms[name]) == pytest.approx(astuple(zoom), rel=1e-6, abs=1e-6)
    assert (area.state.depths_mm, verbs.state.point_zyx) == (depth, place)
    assert again.camera == left.camera


def test_rotated_planes_are_restored(qtbot, make_window, scan_on_disk, tmp_path):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = worked(qtbot, window, scan_on_disk)
    verbs.rotate(Plane.AXIAL, 15.0)
    qtbot.waitUntil(lambda: not verbs.state.rotation.is_straight and verbs.runner.is_idle)
    verbs.scroll(Plane.SAGITTAL, 3)
    rotation, place = verbs.state.rotation, verbs.state.exact_crosshair_zyx
    reopened(qtbot, window, saved(qtbot, verbs, tmp_path / "work.spineview"))
    assert (verbs.state.rotation, verbs.state.exact_crosshair_zyx) == (rotation, place)


def test_a_maximised_view_is_restored(qtbot, make_window, scan_on_disk, tmp_path):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = worked(qtbot, window, scan_on_disk)
    window.area.toggle_maximised(Plane.CORONAL)
    path = saved(qtbot, verbs, tmp_path / "work.spineview")
    window.area.toggle_maximised(Plane.CORONAL)
    reopened(qtbot, window, path)
    assert window.area.maximised is Plane.CORONAL
    assert not window.area.views[Plane.SAGITTAL].isVisibleTo(window)


def test_results_of_other_weights_are_recomputed_with_a_notice(
    qtbot, make_window, scan_on_disk, tmp_path
):
    backend = FakeBackend([scan_on_disk])
    window = make_window(backend)
    verbs = worked(qtbot, window, scan_on_disk)
    path = saved(qtbot, verbs, tmp_path / "work.spineview")
    backend.report["weights"] = "4567"
    reopened(qtbot, window, path)
    assert backend.runs == 2
    assert verbs.state.run_record["weights"] == "4567"
    assert any("different networks" in notice.text for notice in window.banners.notices())


def test_a_session_without_results_or_with_damaged_ones_is_segmented_again(
    qtbot, make_window, scan_on_disk, tmp_path
):
    backend = FakeBackend([scan_on_disk])
    window = make_window(backend)
    path = saved(qtbot, worked(qtbot, window, scan_on_disk), tmp_path / "work.spineview")
    stored, end, answers = path.read_bytes().partition(b"\0")
    for number, damaged in enumerate(
        (stored, stored + end, stored + end + answers[:1000]), start=2
    ):
        path.write_bytes(damaged)
        for kept in (tmp_path / "sessions").glob("*.results"):
            kept.unlink()
        reopened(qtbot, window, path)
        assert backend.runs == number
        assert window.verbs.state.stage is SegmentationStage.DONE


def test_a_stopped_segmentation_is_restored_as_far_as_it_was(
    qtbot, make_window, scan_on_disk, tmp_path
):
    gate = threading.Event()
    backend = FakeBackend([scan_on_disk], gate=gate)
    window = make_window(backend)
    verbs = window.verbs
    window.opener.open_path(scan_on_disk.source.path)
    qtbot.waitUntil(lambda: verbs.state is not None)
    verbs.segment()
    qtbot.waitUntil(lambda: verbs.state.computed_fraction > 0)
    verbs.cancel()
    qtbot.waitUntil(lambda: verbs.state.stage is SegmentationStage.STOPPED and verbs.runner.is_idle)
    fraction = verbs.state.computed_fraction
    reopened(qtbot, window, saved(qtbot, verbs, tmp_path / "work.spineview"))
    assert (verbs.state.stage, verbs.state.computed_fraction, backend.runs) == (
        SegmentationStage.STOPPED,
        fraction,
        1,
    )


def test_results_are_stored_only_as_long_as_corrections_need_them(
    qtbot, make_window, scan_on_disk, tmp_path
):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = worked(qtbot, window, scan_on_disk)
    assert len(list((tmp_path / "sessions").glob("*.results"))) == 1
    verbs.close_scan()
    assert verbs.runner.wait_for_writes(60.0)
    assert list((tmp_path / "sessions").glob("*.results"))
    assert list((tmp_path / "sessions").glob("*.session"))
    window.opener.open_path(scan_on_disk.source.path)
    qtbot.waitUntil(lambda: verbs.state is not None and verbs.runner.is_idle)
    verbs.discard_corrections()
    verbs.delete_measurement(0)
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    verbs.close_scan()
    assert verbs.runner.wait_for_writes(60.0)
    assert not list((tmp_path / "sessions").glob("*.results"))
    assert not list((tmp_path / "sessions").glob("*.session"))


def test_a_session_is_not_applied_to_another_scan(qtbot, make_window, scan_on_disk, tmp_path):
    backend = FakeBackend([scan_on_disk])
    window = make_window(backend)
    verbs = worked(qtbot, window, scan_on_disk)
    verbs.save_session(tmp_path / "work.spineview")
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    other = spine_volume(path=scan_on_disk.source.path)
    other.hu[0, 0, 0] += 1
    backend.scans[str(other.source.path)] = other
    verbs.close_scan()
    window.opener.open_path(tmp_path / "work.spineview")
    qtbot.waitUntil(lambda: verbs.state is not None)
    assert verbs.correction.is_empty
    assert verbs.state.measurements == ()
    assert any("another scan" in notice.text for notice in window.banners.notices())
    qtbot.waitUntil(lambda: verbs.runner.is_idle)


@pytest.mark.parametrize("content", [b"", b"{}", b"\0" * 50])
def test_a_damaged_session_is_reported_and_not_changed(qtbot, make_window, content, tmp_path):
    (tmp_path / "work.spineview").write_bytes(content)
    window = make_window()
    window.opener.open_path(tmp_path / "work.spineview")
    qtbot.waitUntil(lambda: window.verbs.runner.is_idle)
    assert any("work.spineview" in notice.text for notice in window.banners.notices())
    assert (tmp_path / "work.spineview").read_bytes() == content


def test_after_a_normal_exit_nothing_is_offered_but_manual_work_is_saved(
    qtbot, make_window, scan_on_disk
):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = worked(qtbot, window, scan_on_disk)
    made = state_of(verbs)[1]
    verbs.close_scan()
    assert not window.start_page.unfinished.isVisibleTo(window.start_page)
    window.opener.open_path(scan_on_disk.source.path)
    qtbot.waitUntil(lambda: verbs.state is not None)
    assert state_of(verbs)[1] == made
    assert verbs.state.measurements == (LENGTH,)
    assert verbs.state.tuning == Tuning(0.31, 5.5, 0.45)
    qtbot.waitUntil(lambda: verbs.runner.is_idle)


def test_changed_sliders_alone_are_not_saved_after_a_normal_exit(
    qtbot, make_window, scan_on_disk, tmp_path
):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = window.verbs
    window.opener.open_path(scan_on_disk.source.path)
    qtbot.waitUntil(lambda: verbs.state is not None)
    verbs.set_tuning(Tuning(0.31, 5.5, 0.45))
    verbs.workspace.front.autosave.save_now()
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    assert list((tmp_path / "sessions").glob("*.session"))
    verbs.close_scan()
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    assert not list((tmp_path / "sessions").iterdir())


class SlowDisk:
    """A disk on which nothing is written until the test allows it."""

    def __init__(self, monkeypatch):
        self.let, write = threading.Event(), whole_file.write_atomically

        def slow(*arguments, **more):
            assert self.let.wait(30)
            return write(*arguments, **more)

        monkeypatch.setattr(whole_file, "write_atomically", slow)


def test_closing_a_scan_and_a_change_of_settings_do_not_wait_for_the_disk(
    qtbot, make_window, scan_on_disk, tmp_path, monkeypatch
):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = worked(qtbot, window, scan_on_disk)
    made = state_of(verbs)[1]
    disk = SlowDisk(monkeypatch)
    verbs.settings = replace(verbs.settings, theme="light")
    verbs.settings = replace(verbs.settings, theme="dark")
    verbs.close_scan()
    assert not verbs.runner.wait_for_writes(0.0)
    window.opener.open_path(scan_on_disk.source.path)
    qtbot.waitUntil(lambda: verbs.state is not None)
    assert state_of(verbs)[1] == made
    disk.let.set()
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    assert verbs.runner.wait_for_writes(0.0)
    assert load_settings(tmp_path / "settings.json").theme == "dark"
    (kept,) = (tmp_path / "sessions").glob("*.session")
    assert read_session(kept).measurements == (LENGTH,)


def test_the_program_exits_once_the_last_work_has_been_written(
    qtbot, make_window, scan_on_disk, tmp_path, monkeypatch
):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = worked(qtbot, window, scan_on_disk)
    fingerprint, disk = verbs.workspace.front.parts.reference.fingerprint, SlowDisk(monkeypatch)
    verbs.set_tuning(Tuning(0.4, 5.0, 0.5))
    with qtbot.waitSignal(window.finished):
        window.close()
    assert not verbs.runner.is_idle
    disk.let.set()
    assert verbs.runner.wait_for_writes(60.0)
    (kept,) = Journal(tmp_path / "sessions").saved(fingerprint).versions
    assert kept.session.tuning == Tuning(0.4, 5.0, 0.5)
    qtbot.waitUntil(lambda: verbs.runner.is_idle)


def test_a_damaged_settings_file_is_reported(qtbot, make_window, tmp_path):
    (tmp_path / "settings.json").write_text("{")
    window = make_window()
    assert any("settings.json.damaged-1" in notice.text for notice in window.banners.notices())


def test_recent_items_are_cleared_on_request(qtbot, make_window, scan_on_disk, tmp_path):
    window = make_window(FakeBackend([scan_on_disk]))
    assert window.actions_by_name["remember"].isChecked()
    window.actions_by_name["remember"].trigger()
    worked(qtbot, window, scan_on_disk)
    window.verbs.close_scan()
    assert window.verbs.settings.recent == ()
    assert window.verbs.runner.wait_for_writes(60.0)
    assert "sub-01" not in (tmp_path / "settings.json").read_text()
    assert window.verbs.settings == Settings(is_recent_kept=False, mask_opacity=0.7)


CRASHING = """
    import os, signal, sys, time
    from pathlib import Path
    sys.path[:0] = [{tests!r}, str(Path({tests!r}).parent), str(Path({tests!r}, "window"))]
    import pytest
    from fakes import FakeBackend, spine_volume
    import test_sessions as here
    from PySide6.QtCore import QCoreApplication
    from spineviewer.bench.verbs import Verbs
    from spineviewer.gui.window.qt_workspace import qt_workspace
    from spineviewer.gui.main import application
    from spineviewer.gui.window.main_window import MainWindow

    def let_run():  # QTest.qWait would keep the interpreter from the job
        QCoreApplication.processEvents()
        time.sleep(0.02)

    class Bot:
        def waitUntil(self, condition):
            for _ in range(3000):
                if condition():
                    return
                let_run()
            raise AssertionError

    application()
    scan = spine_volume(path=Path(sys.argv[1]))
    window = MainWindow(qt_workspace(FakeBackend([scan]), Path(sys.argv[2])), lambda: None)
    window.verbs = Verbs(window.workspace)
    window.show()
    verbs = here.worked(Bot(), window, scan)
    autosave = verbs.workspace.front.autosave
    # a pause keeps the last movement
    Bot().waitUntil(lambda: not autosave._delay.is_waiting and verbs.runner.is_idle)
    print(here.state_of(verbs), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_after_a_crash_the_work_is_offered_and_completely_restored(
    qtbot, make_window, scan_on_disk, tmp_path
):
    script = textwrap.dedent(CRASHING.format(tests=str(Path(__file__).parents[1])))
    command = [
        sys.executable,
        "-c",
        script,
        str(scan_on_disk.source.path),
        str(tmp_path / "settings.json"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == -9, done.stderr
    window = make_window(FakeBackend([scan_on_disk]))
    offer = window.start_page.unfinished
    assert offer.isVisibleTo(window.start_page)
    QTest.mouseClick(offer.restore_buttons[0], Qt.MouseButton.LeftButton)
    verbs = window.verbs
    qtbot.waitUntil(lambda: verbs.state is not None and verbs.state.stage is SegmentationStage.DONE)
    assert str(state_of(verbs)) == done.stdout.strip()
    assert verbs.workspace.services.runs == 0
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    verbs.close_scan()
    assert not offer.isVisibleTo(window.start_page)


def test_work_of_a_program_that_is_still_ending_is_offered_when_it_has_ended(
    qtbot, make_window, scan, tmp_path, monkeypatch
):
    monkeypatch.setattr(recents, "_LOOK_AGAIN_MS", 10)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        journal = Journal(
            tmp_path / "sessions", (process.pid, psutil.Process(process.pid).create_time())
        )
        length = Measurement(Distance(), Plane.AXIAL, ((30.0, 20.0, 20.0), (30.0, 40.0, 20.0)))
        state = replace(first_state(scan, Tuning(), Overlays()), measurements=(length,))
        session = make_session(state, Correction(scan.geometry.shape_zyx), make_reference(scan, ""))
        journal.save(journal.new_file(session.scan.fingerprint), session, 0)
        window = make_window(FakeBackend([scan]))
        offer = window.start_page.unfinished
        assert not offer.isVisibleTo(window.start_page)
    finally:
        process.kill()
        process.communicate()
    qtbot.waitUntil(lambda: offer.isVisibleTo(window.start_page))


CORRECTING = (
    CRASHING[: CRASHING.index("    Bot().waitUntil")]
    + """
    for number in range(100000):
        place = (5.0 + number % 90, 10.0 + number // 90, 10.0)
        verbs.begin_stroke(here.Plane.SAGITTAL, place, is_adding=True)
        verbs.end_stroke()
        print(here.state_of(verbs)[1], flush=True)
        let_run()
"""
)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_kills_while_correcting_lose_only_the_last_strokes(scan_on_disk, tmp_path):
    """The state offered afterwards once existed, and is at least as new as the pending writes."""
    random = np.random.default_rng(8)
    script = textwrap.dedent(CORRECTING.format(tests=str(Path(__file__).parents[1])))
    for kill in range(KILLS):
        settings = tmp_path / str(kill) / "settings.json"
        command = [sys.executable, "-c", script, str(scan_on_disk.source.path), str(settings)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as reader:
            states = [int(reader.stdout.readline()) for _ in range(int(random.integers(2, 40)))]
            threading.Event().wait(float(random.uniform(0, 0.1)))
            reader.kill()
            states += [int(line) for line in reader.stdout.read().split(b"\n")[:-1]]
        (left,) = Journal(settings.parent / "sessions").unfinished()
        voxels = left.session.correction.net_added_voxels(np.zeros(scan_on_disk.hu.shape, bool))
        lost = len(states) - 1 - max(index for index, state in enumerate(states) if state <= voxels)
        print(f"kill {kill}: {len(states)} strokes, {lost} lost")  # noqa: T201
        assert lost <= MAX_STROKES_LOST


def test_the_session_of_a_window_equals_that_of_the_file(
    qtbot, make_window, scan_on_disk, tmp_path
):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = worked(qtbot, window, scan_on_disk)
    verbs.save_session(tmp_path / "work.spineview")
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    session = read_session(tmp_path / "work.spineview")
    assert session.tuning == Tuning(0.31, 5.5, 0.45)
    assert session.scan.path == str(scan_on_disk.source.path)
    assert session.is_segmented


def test_comparison_checklist_and_undo_history_are_restored(
    qtbot, make_window, scan_on_disk, tmp_path
):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = worked(qtbot, window, scan_on_disk)
    verbs.export({ExportKind.MASK: tmp_path / "second.nii.gz"}, may_overwrite=False)
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    verbs.compare_with(tmp_path / "second.nii.gz")
    verbs.find_regions()
    qtbot.waitUntil(lambda: verbs.comparison is not None and verbs.checklist is not None)
    verbs.next_region()
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    checklist, dice = verbs.checklist, verbs.comparison.scores.dice
    assert checklist.seen_count == 1
    before = verbs.fusion.mask_plane(2, 36, verbs.state.tuning)
    painted = verbs.correction.corrected_plane(before, 2, 36)
    assert (painted != before).any()
    reopened(qtbot, window, saved(qtbot, verbs, tmp_path / "work.spineview"))
    qtbot.waitUntil(lambda: verbs.comparison is not None)
    assert verbs.comparison.scores.dice == dice
    assert verbs.checklist == checklist
    assert window.panel.comparison_box.isVisible()
    names = ["Change thresholds", "Brush", "Measure", "Compare with a mask", "Tick region"]
    assert [step.name for step in verbs.history.done] == names
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert verbs.checklist.seen_count == 0
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert verbs.comparison is None
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert verbs.state.measurements == ()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(verbs.correction.corrected_plane(before, 2, 36), before)
    for _ in range(2):
        QTest.keyClick(
            window,
            Qt.Key.Key_Z,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )
    assert np.array_equal(verbs.correction.corrected_plane(before, 2, 36), painted)
    assert verbs.state.measurements == (LENGTH,)


def test_a_session_is_among_the_recent_items_and_opens_from_there(
    qtbot, make_window, scan_on_disk, tmp_path
):
    window = make_window(FakeBackend([scan_on_disk]))
    verbs = worked(qtbot, window, scan_on_disk)
    path = saved(qtbot, verbs, tmp_path / "work.spineview")
    verbs.close_scan()
    recent = window.workspace.settings.current.recent
    assert [one.path for one in recent] == [str(path), str(scan_on_disk.source.path)]
    window.opener.open_recent(recent[0])
    qtbot.waitUntil(lambda: verbs.state is not None and verbs.state.is_mask_current)
    assert verbs.state.tuning == Tuning(0.31, 5.5, 0.45)
    verbs.close_scan()
    qtbot.waitUntil(lambda: verbs.runner.is_idle)
    window.start_page.show_recent(window.workspace.settings.current.recent, {recent[0].fingerprint})
    rows = window.start_page.recent_list
    labels = [
        label
        for row in range(rows.count())
        for label in rows.itemWidget(rows.item(row)).findChildren(QLabel)
    ]
    assert [label.text() for label in labels].count("Your work is saved") == 2
    places = [label.whole_text for label in labels if isinstance(label, ElidedLabel)]
    assert any(text.split("   ")[0].endswith("scan") for text in places)
