"""Switching to another open scan changes none of them, and their jobs continue."""

import os
import threading
from dataclasses import MISSING, fields, replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from fakes import TUNING, FakeBackend, spine_volume

from spineviewer.app.exporting import ExportKind
from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.follow_up import compare_with
from spineviewer.app.jobs import JobKind
from spineviewer.app.journal import Journal
from spineviewer.app.landmarks import Kind, Source
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.opening import Origin
from spineviewer.app.report import ReportFormat
from spineviewer.app.scan_core import ScanParts
from spineviewer.app.session import scan_fingerprint
from spineviewer.app.settings import RecentScan, Settings
from spineviewer.app.state import SegmentationStage, Slab, SlabKind
from spineviewer.app.view_state import ViewState, Zoom
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import WindowLevel

LENGTH = Measurement(Distance(), Plane.AXIAL, ((30.0, 20.0, 20.0), (30.0, 40.0, 20.0)))


def worked_on(one, volume, tmp_path):
    """A scan on which every possible action was performed."""
    import nibabel

    scan = one.segmented(volume)
    scan.tuner.set(Tuning(0.31, 5.0, 0.5))
    one.settle(scan)
    scan.display.move_to((33.0, 22.0, 11.0))
    scan.display.set_window(WindowLevel(1234.0, 56.0))
    scan.display.set_slab(Slab(SlabKind.MIP, 12.0))
    one.workspace.brush.choose(one.workspace.brush.brush, is_flat=True)
    for index in (10, 14):
        scan.display.move_to((33.0, 22.0, float(index)))
        scan.corrections.begin_stroke(Plane.SAGITTAL, (33.0, 10.0, float(index)), is_adding=True)
        scan.corrections.end_stroke()
    scan.measurements.add(LENGTH)
    scan.measurements.add(replace(LENGTH, text="second"))
    scan.steps.undo()
    scan.measurements.choose(0)
    scan.drafts.write("Findings", "Impression")
    scan.uncertain_regions.find()
    one.loop.until(lambda: scan.parts.checklist is not None)
    scan.uncertain_regions.next()
    second = tmp_path / "second.nii.gz"
    lps = np.diag([-1.5, -1.5, 2.0, 1.0])
    lps[:3, 3] = (-10.0, -20.0, 30.0)
    nibabel.save(nibabel.Nifti1Image(np.ones(volume.hu.shape[::-1], np.uint8), lps), second)
    scan.comparison.compare_with(second)
    scan.shapes.set_visible(line=True, surface=True)
    scan.tell(Notice(Severity.WARNING, "Keep this in mind.", "test"))
    scan.reports.write(ReportOrder(targets={ReportFormat.JSON: tmp_path / "r.json"}))
    one.loop.until(lambda: scan.parts.comparison is not None)
    one.loop.until(lambda: scan.parts.line is not None and scan.parts.surface is not None)
    one.follow(scan)
    scan.spine.go_to(Source(Kind.HEIGHTS, scan.spine.measured.vertebrae[2].name))
    x, y, z = scan.spine.shown.points_lps_mm["middle.start"]
    scan.spine.drag({"middle.start": (x, y, z + 2.0)})
    scan.spine.end_drag()
    compare_with(scan, None)
    one.loop.rest()
    return scan


def test_everything_in_a_scan_survives_a_switch_to_another(headless, volumes, tmp_path):
    one = headless()
    views = ViewState(layout="spine", active="axial", zooms={"axial": Zoom(1.0, 2.0, 0.3)})
    scan = worked_on(one, volumes[0], tmp_path)
    one.workspace.read_views = lambda: views
    parts, owned = scan.parts, dict(vars(scan))
    other = one.open(volumes[1])
    one.workspace.read_views = lambda: ViewState(layout="row")
    other.tuner.set(Tuning(0.5, 3.0, 0.4))
    one.workspace.next_scan()
    one.loop.rest()
    assert one.workspace.front is scan
    assert scan.parts.views == views
    for field in fields(ScanParts):
        if field.name != "views":
            assert getattr(scan.parts, field.name) is getattr(parts, field.name), field.name
    for name, value in vars(scan).items():
        assert name == "_parts" or value is owned[name], name
    touched = {field.name for field in fields(ScanParts) if not is_as_at_first(field, scan.parts)}
    assert touched == {field.name for field in fields(ScanParts)} - {
        "progress",
        "is_stopping",
        "is_naming",
        "is_measuring",
    }


def is_as_at_first(field, parts):
    """Return whether a part still has its first value, so that comparing it would prove nothing."""
    if field.default is not MISSING:
        return getattr(parts, field.name) is field.default
    return (
        field.default_factory is not MISSING
        and getattr(parts, field.name) == field.default_factory()
    )


def test_the_undo_history_survives_a_switch_to_another_scan(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.corrections.begin_stroke(Plane.SAGITTAL, (33.0, 10.0, 30.0), is_adding=True)
    scan.corrections.end_stroke()
    scan.measurements.add(LENGTH)
    other = one.open(volumes[1])
    other.measurements.add(LENGTH)
    one.workspace.next_scan()
    scan.steps.undo()
    assert (scan.state.measurements, scan.correction.is_empty) == ((), False)
    scan.steps.undo()
    assert scan.correction.is_empty
    scan.steps.redo()
    scan.steps.redo()
    assert (scan.state.measurements, scan.correction.is_empty) == ((LENGTH,), False)
    assert other.state.measurements == (LENGTH,)
    one.loop.rest()


def test_earlier_thresholds_of_one_scan_are_not_applied_to_another(headless, volumes):
    one = headless()
    first = one.segmented(volumes[0])
    first.tuner.set(Tuning(0.31, 5.0, 0.5))
    one.settle(first)
    first.tuner.set(Tuning(0.4, 4.0, 0.5))
    one.settle(first)
    second = one.segmented(volumes[1])
    second.tuner.swap()
    assert second.state.tuning == TUNING
    one.workspace.next_scan()
    first.tuner.swap()
    assert first.state.tuning == Tuning(0.31, 5.0, 0.5)
    one.settle(first)


def test_two_scans_compute_and_neither_is_stopped_by_the_other(headless, volumes):
    gate = threading.Event()
    one = headless(FakeBackend(volumes, gate=gate))
    first = one.open(volumes[0])
    first.segmentation.segment()
    one.loop.until(lambda: first.fusion is not None)
    second = one.open(volumes[1])
    second.segmentation.segment()
    one.loop.until(lambda: second.fusion is not None)
    assert (first.state.stage, second.state.stage) == (
        SegmentationStage.RUNNING,
        SegmentationStage.RUNNING,
    )
    one.workspace.next_scan()
    assert one.workspace.front is first
    assert first.jobs.is_running(JobKind.SEGMENT)
    gate.set()
    one.loop.until(lambda: first.state.is_mask_current and second.state.is_mask_current)
    assert (first.state.stage, second.state.stage) == (
        SegmentationStage.DONE,
        SegmentationStage.DONE,
    )
    assert one.services.runs == 2


def test_cancelling_stops_the_scan_in_front_alone(headless, volumes):
    gate = threading.Event()
    one = headless(FakeBackend(volumes, gate=gate))
    scans = [one.open(volume) for volume in volumes[:2]]
    for scan in scans:
        scan.segmentation.segment()
        one.loop.until(lambda scan=scan: scan.fusion is not None)
    one.workspace.cancel()
    one.loop.until(lambda: scans[1].state.stage is SegmentationStage.STOPPED)
    assert scans[0].state.stage is SegmentationStage.RUNNING
    gate.set()
    one.loop.until(lambda: scans[0].state.stage is SegmentationStage.DONE)


def test_notices_stay_with_their_scan_and_are_not_repeated(headless, volumes):
    one = headless()
    told = []
    one.workspace.noticed.connect(lambda notice: told.append(notice.text))
    rotated = replace(volumes[0], source=replace(volumes[0].source, is_orientation_known=False))
    one.open(rotated)
    one.open(volumes[1])
    assert one.texts() == []
    one.workspace.next_scan()
    assert ["left and right" in text for text in one.texts()] == [True]
    assert ["left and right" in text for text in told] == [True]


def test_a_switch_announces_the_old_and_the_new_scan(headless, volumes):
    one = headless()
    changes = []
    one.workspace.changed.connect(changes.append)
    first = one.open(volumes[0])
    second = one.open(volumes[1])
    changes.clear()
    one.workspace.switch_to(0)
    assert (changes[-1].old.state.scan, changes[-1].new.state.scan) == (volumes[1], volumes[0])
    second.display.move_to((1.0, 2.0, 3.0))
    count = len(changes)
    first.display.move_to((1.0, 2.0, 3.0))
    assert len(changes) == count + 1
    assert changes[-1].is_move
    first.display.set_window(WindowLevel(100.0, 10.0))
    assert not changes[-1].is_move


def test_closing_the_front_scan_brings_up_its_neighbour_and_finally_none(headless, volumes):
    one = headless()
    scans = [one.open(volume) for volume in volumes]
    one.workspace.switch_to(0)
    one.workspace.close(one.workspace.front)
    assert one.workspace.front is scans[1]
    one.workspace.switch_to(1)
    one.workspace.close(one.workspace.front)
    assert one.workspace.front is scans[1]
    one.workspace.close(one.workspace.front)
    assert (one.workspace.front, one.workspace.scans) == (None, ())


def test_a_closed_scan_receives_nothing_from_its_jobs(headless, volumes):
    gate = threading.Event()
    one = headless(FakeBackend(volumes, gate=gate))
    scan = one.open(volumes[0])
    scan.segmentation.segment()
    one.loop.until(lambda: scan.fusion is not None)
    one.workspace.close(one.workspace.front)
    gate.set()
    one.delays.end_all()
    one.loop.rest()
    assert one.workspace.scans == ()


def test_a_file_that_is_already_open_comes_to_the_front_as_it_was_left(headless, volumes):
    one = headless()
    scan = one.open(volumes[0])
    scan.measurements.add(LENGTH)
    scan.tuner.set(Tuning(0.31, 5.0, 0.5))
    one.open(volumes[1])
    again = one.open(spine_volume(path=volumes[0].source.path, shape=(60, 60, 60)))
    assert again is scan
    assert one.workspace.front is scan
    assert [scan.volume for scan in one.workspace.scans] == volumes[:2]
    assert (scan.state.measurements, scan.state.tuning) == ((LENGTH,), Tuning(0.31, 5.0, 0.5))


def test_a_file_that_has_changed_replaces_its_older_copy(headless, volumes):
    one = headless()
    one.open(volumes[0])
    changed = replace(volumes[0], hu=volumes[0].hu + np.int16(1))
    again = one.open(changed)
    assert one.workspace.scans == (again,)


def test_a_series_open_from_another_path_comes_to_the_front_with_a_notice(headless, volumes):
    def series(path, uid):
        return replace(
            volumes[0], source=replace(volumes[0].source, path=Path(path), series_uid=uid)
        )

    one = headless()
    scan = one.open(series("folder/1-001.dcm", "1.2.3"))
    one.open(volumes[1])
    assert one.open(series("folder", "1.2.3")) is scan
    assert one.workspace.front is scan
    assert "1-001.dcm" in str(scan.parts.notices[-1].text)
    assert one.open(series("anonymised", "1.2.4")) is not scan
    assert len(one.workspace.scans) == 3


def measured_and_saved(one, volume, tmp_path):
    """Return session files with one and two measurements; the autosave contains two."""
    scan = one.open(volume)
    first, later = tmp_path / "first.spineview", tmp_path / "later.spineview"
    for path in (first, later):
        scan.measurements.add(LENGTH)
        scan.autosave.save(path)
        one.loop.rest()
    return scan, first, later


def open_session(one, path):
    """Open a session; return the choices that the workspace asks for."""
    requested = []
    one.workspace.opening.work_found.connect(requested.append)
    one.workspace.opening.open_session(path)
    one.loop.rest()
    one.workspace.opening.work_found.disconnect(requested.append)
    return requested


def on_disk(volume, tmp_path):
    """Return the scan with a path that exists."""
    path = tmp_path / volume.source.path.name
    path.touch()
    return replace(volume, source=replace(volume.source, path=path))


@pytest.mark.parametrize("is_open", [True, False])
def test_a_session_replaces_other_work_only_after_a_question(headless, volumes, tmp_path, is_open):
    volume = on_disk(volumes[0], tmp_path)
    one = headless(FakeBackend([volume]))
    scan, first, _ = measured_and_saved(one, volume, tmp_path)
    scan.measurements.add(LENGTH)
    if not is_open:
        one.workspace.close(scan)
        one.loop.rest()
    journal, fingerprint = one.workspace.shared_journal.journal, scan_fingerprint(volume)
    (found,) = open_session(one, first)
    requested, other = found.versions
    assert requested.file == first
    assert other.origin is (Origin.OPEN_SCAN if is_open else Origin.AUTOSAVE)
    assert len(journal.saved(fingerprint).versions) == int(not is_open)
    one.workspace.opening.open_work(found, other, ())
    one.loop.rest()
    assert len(one.workspace.front.state.measurements) == 3
    assert len(one.workspace.scans) == 1


@pytest.mark.parametrize("is_open", [True, False])
def test_work_that_a_session_replaces_stays_saved_and_is_offered(
    headless, volumes, tmp_path, is_open
):
    volume = on_disk(volumes[0], tmp_path)
    one = headless(FakeBackend([volume]))
    scan, first, _ = measured_and_saved(one, volume, tmp_path)
    scan.measurements.add(LENGTH)
    if not is_open:
        one.workspace.close(scan)
        one.loop.rest()
    (found,) = open_session(one, first)
    one.workspace.opening.open_work(found, found.versions[0], ())
    one.loop.rest()
    assert len(one.workspace.front.state.measurements) == 1
    one.workspace.close(one.workspace.front)
    one.loop.rest()
    (found,) = opened(one, volume)
    assert [len(work.session.measurements) for work in found.versions] == [1, 3]
    one.workspace.opening.open_work(found, found.versions[1], found.versions[:1])
    one.loop.rest()
    assert len(one.workspace.front.state.measurements) == 3
    one.workspace.close(one.workspace.front)
    one.loop.rest()
    assert opened(one, volume) == []  # the other one was deleted
    assert len(one.workspace.front.state.measurements) == 3


def test_the_work_of_two_programs_on_one_scan_is_kept_separate(headless, volumes, tmp_path):
    volume = on_disk(volumes[0], tmp_path)
    one, other = (headless(FakeBackend([volume])) for _ in range(2))
    running = psutil.Process(os.getppid())  # a program that runs, and is not this one
    other.workspace.shared_journal.journal = Journal(
        one.workspace.shared_journal.journal._folder, (running.pid, running.create_time())
    )
    for program, name in ((one, "AAA"), (other, "BBB")):
        (scan,) = opened_at_once(program, volume)
        assert scan.state.measurements == ()
        scan.measurements.add(replace(LENGTH, text=name))
        program.loop.rest()
    assert any(notice.topic == "elsewhere" for notice in scan.parts.notices)
    for program in (one, other):
        program.workspace.close(program.workspace.front)
        program.loop.rest()
    (found,) = opened(one, volume)
    assert [work.session.measurements[0].text for work in found.versions] == ["BBB", "AAA"]
    one.loop.rest()


def opened_at_once(one, volume):
    """Open a scan, and return it; there is no question."""
    assert opened(one, volume) == []
    return one.workspace.scans


def opened(one, volume):
    """Open a scan; return the choices that the workspace asks for."""
    requested = []
    one.workspace.opening.work_found.connect(requested.append)
    one.workspace.opening.open(volume.source.path)
    one.loop.rest()
    one.workspace.opening.work_found.disconnect(requested.append)
    return requested


def test_a_session_that_contains_all_work_opens_without_a_question(headless, volumes, tmp_path):
    volume = on_disk(volumes[0], tmp_path)
    one = headless(FakeBackend([volume]))
    _, _, later = measured_and_saved(one, volume, tmp_path)
    assert open_session(one, later) == []  # while it is open
    one.workspace.close(one.workspace.front)
    one.loop.rest()
    assert open_session(one, later) == []
    assert len(one.workspace.front.state.measurements) == 2


def test_a_scan_has_unsaved_results_until_they_are_in_a_file(headless, volumes, tmp_path):
    one = headless()
    scan = one.open(volumes[0])
    assert scan.saved.is_current
    scan.measurements.add(LENGTH)
    assert not scan.saved.is_current
    scan.autosave.save(tmp_path / "work.spineview")
    one.loop.rest()
    assert scan.saved.is_current
    scan.segmentation.segment()
    one.loop.rest()
    assert not scan.saved.is_current
    target = tmp_path / "mask.nii.gz"
    scan.exports.export({ExportKind.MASK: target}, may_overwrite=False)
    one.loop.rest()
    assert target.exists()
    assert scan.saved.is_current
    scan.measurements.delete(0)
    assert not scan.saved.is_current


@pytest.mark.parametrize(
    "change",
    [
        lambda scan: scan.drafts.write("Findings", ""),
        lambda scan: scan.uncertain_regions.next(),
        lambda scan: scan.steps.undo(),
    ],
    ids=["report", "tick", "landmark"],
)
def test_work_besides_the_mask_is_unsaved_until_it_is_in_a_session(
    headless, volumes, tmp_path, change
):
    one = headless()
    scan = worked_on(one, volumes[0], tmp_path)
    scan.drafts.write("", "")
    for file in ("before.spineview", "after.spineview"):
        assert not scan.saved.is_current
        scan.autosave.save(tmp_path / file)
        one.loop.rest()
        assert scan.saved.is_current
        change(scan)


def test_restored_work_is_not_asked_about_again(headless, volumes):
    one = headless()
    one.open(volumes[0]).measurements.add(LENGTH)
    one.workspace.close(one.workspace.front)
    one.loop.rest()
    assert one.open(volumes[0]).saved.is_current


def test_the_folder_of_results_is_proposed_again_after_reopening(headless, volumes, tmp_path):
    recent = RecentScan("/scan", fingerprint=scan_fingerprint(volumes[0]))
    one = headless(settings=Settings(recent=(recent,)))
    scan = one.open(volumes[0])
    assert scan.exports.folder == volumes[0].source.path.absolute().parent
    mine = tmp_path / "mine"
    mine.mkdir()
    scan.exports.remember_folder(mine)
    for _ in range(2):
        one.workspace.close(one.workspace.front)
        one.loop.rest()
        again = one.open(volumes[0])
        expected = mine if mine.is_dir() else volumes[0].source.path.absolute().parent
        assert again.exports.folder == expected
        if mine.is_dir():
            mine.rmdir()  # a folder that no longer exists is not proposed


@pytest.mark.parametrize("is_recent", [True, False])
def test_work_on_a_copy_of_the_scan_says_where_it_comes_from(headless, is_recent):
    first, copy = (spine_volume(path=Path(name) / "ct.nii.gz") for name in ("one", "two"))
    recent = (RecentScan(str(first.source.path.absolute())),) if is_recent else ()
    one = headless(settings=Settings(recent=recent))
    one.open(first).measurements.add(LENGTH)
    for opened in (first, copy):
        one.workspace.close(one.workspace.front)
        one.loop.rest()
        (notice,) = one.open(opened).parts.notices
        assert ("another file with the same content" in notice.text) is (opened is copy)
    assert (str(first.source.path.absolute()) in notice.text) is is_recent


def test_restored_corrections_are_visible_without_segmenting_again(headless, volumes):
    one = headless()
    scan = one.open(volumes[0])
    scan.segmentation.segment()
    one.loop.rest()
    scan.corrections.begin_stroke(Plane.SAGITTAL, (50.0, 20.0, 36.0), is_adding=True)
    scan.corrections.end_stroke()
    one.loop.rest()
    volume_ml = scan.parts.facts.volume_ml
    one.workspace.close(one.workspace.front)
    one.loop.rest()
    again = one.open(volumes[0])
    one.loop.rest()
    assert again.parts.facts.volume_ml == volume_ml
    assert one.workspace.services.runs == 1


def test_settings_are_saved_automatically(headless, tmp_path):
    from spineviewer.app.settings import load_settings

    one = headless()
    one.workspace.settings.update(theme="light")
    one.workspace.settings.save_tuning("Osteoporotic", Tuning(0.33, 4.0, 0.6))
    one.loop.rest()
    stored = load_settings(tmp_path / "settings.json")
    assert (stored.theme, stored.tunings) == ("light", {"Osteoporotic": Tuning(0.33, 4.0, 0.6)})
    assert one.workspace.settings.tuning("Osteoporotic", TUNING) == Tuning(0.33, 4.0, 0.6)
    assert one.workspace.settings.tuning("unknown", TUNING) is None


def test_no_class_of_a_scan_has_grown_too_large():
    """The actions on a scan are divided among features.

    No feature does everything, nor does the scan itself.
    """
    from spineviewer.app import features

    folder = Path(features.__file__).parent
    assert len(list(folder.glob("*.py"))) > 10
    own = [name for name in vars(OpenScan) if not name.startswith("_")]
    assert len(own) <= 45


@pytest.mark.parametrize(
    "module", ["workspace", "open_scan", "opening", "batch_queue", "job_runner"]
)
def test_the_workspace_imports_no_qt(module):
    import subprocess
    import sys

    code = f"import sys, spineviewer.app.{module}; sys.exit('PySide6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_open_scan_that_is_saved_is_not_called_unsaved(headless, volumes, tmp_path):
    volume = on_disk(volumes[0], tmp_path)
    one = headless(FakeBackend([volume]))
    scan, first, _ = measured_and_saved(one, volume, tmp_path)
    for is_saved in (True, False):
        (found,) = open_session(one, first)
        requested, other = found.versions
        assert requested.is_saved
        assert (other.origin, other.is_saved) == (Origin.OPEN_SCAN, is_saved)
        scan.measurements.add(LENGTH)


def test_a_list_of_uncertain_regions_closes_with_the_mask_that_is_no_longer_stored(
    headless, volumes
):
    one = headless()
    found = one.segmented(volumes[0])
    found.uncertain_regions.find()
    one.loop.until(lambda: found.parts.checklist is not None)
    found.uncertain_regions.tick(0, True)
    checklist = found.parts.checklist
    scan = one.open(volumes[1])
    scan.set(replace(scan.parts, checklist=checklist))
    scan.segmentation.restore_results(lambda: b"", stage=SegmentationStage.DONE, may_compute=False)
    one.loop.rest()
    assert scan.state.stage is SegmentationStage.NONE
    assert not scan.parts.checklist.is_shown
    assert scan.parts.checklist.regions == checklist.regions


def test_a_closed_scan_is_announced_once(headless, volumes):
    one, closed = headless(), []
    one.workspace.scan_closed.connect(closed.append)
    scans = [one.open(volume) for volume in volumes[:2]]
    one.workspace.choose_other_scan(scans[0])
    one.workspace.close(scans[0])
    assert closed == scans[:1]
    assert not scans[0].is_open
    assert one.workspace.other_scan is None


def test_the_notice_names_what_was_restored_and_nothing_else(headless, volumes):
    one = headless()
    scan = one.open(volumes[0])
    scan.drafts.write("Degenerative changes.", "")
    scan.drafts.end_writing()
    one.loop.rest()
    one.workspace.close(scan)
    one.loop.rest()
    one.open(volumes[0])
    assert one.texts() == ["Restored from last time: report text."]
    scan = one.workspace.front
    scan.measurements.add(LENGTH)
    one.loop.rest()
    one.workspace.close(scan)
    one.loop.rest()
    one.open(volumes[0])
    assert one.texts() == ["Restored from last time: measurements, report text."]
    one.loop.rest()
