"""The features of one open scan, without a window."""

import itertools
import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pydicom
import pytest
from fakes import FakeBackend, on_dicom_slices, spine_volume
from headless import PATIENCE_S

from spineviewer.app.batch import State
from spineviewer.app.batch_list import Entry
from spineviewer.app.checklist import CheckedRegion
from spineviewer.app.exporting import ExportKind
from spineviewer.app.features import uncertain_regions
from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.history import StoredHistory
from spineviewer.app.jobs import JobKind
from spineviewer.app.journal import Journal
from spineviewer.app.notices import Notice, Severity, with_notice, without_topic
from spineviewer.app.region_search import (
    UncertainRegion,
    UncertaintyKind,
    find_uncertain_regions,
)
from spineviewer.app.report import ReportFormat
from spineviewer.app.session import make_session, read_session
from spineviewer.app.state import SegmentationStage
from spineviewer.app.view_state import ViewState
from spineviewer.editing.brush import Brush
from spineviewer.editing.regions import grown
from spineviewer.editing.whole_mask import EditKind
from spineviewer.errors import InferenceError
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane

#: A study description that DICOM does not allow.
ODD_TIME = "12:34:56"
LENGTH = Measurement(Distance(), Plane.AXIAL, ((30.0, 20.0, 20.0), (30.0, 40.0, 20.0)))


def test_strokes_change_the_volume_and_are_undone_one_by_one(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    before = scan.parts.facts.volume_ml
    for x in (10.0, 50.0):
        scan.corrections.begin_stroke(Plane.SAGITTAL, (33.0, 5.0, x), is_adding=True)
        scan.corrections.move_stroke((40.0, 5.0, x))
        during = scan.parts.facts.volume_ml
        scan.corrections.end_stroke()
        assert scan.parts.facts.volume_ml > during
    scan.steps.undo()
    scan.steps.undo()
    assert scan.parts.facts.volume_ml == pytest.approx(before)
    assert (len(scan.parts.history.done), len(scan.parts.history.undone)) == (0, 2)


def test_nothing_is_undone_while_a_stroke_is_drawn(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.measurements.add(LENGTH)
    scan.corrections.begin_stroke(Plane.SAGITTAL, (33.0, 5.0, 10.0), is_adding=True)
    scan.steps.undo()
    assert scan.state.measurements == (LENGTH,)
    scan.corrections.end_stroke()


def test_undo_reverts_the_last_change_even_if_it_was_a_threshold(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    first, tight = scan.state.tuning, Tuning(0.5, 4.0, 0.5)
    scan.corrections.begin_stroke(Plane.SAGITTAL, (33.0, 5.0, 10.0), is_adding=True)
    scan.corrections.end_stroke()
    scan.tuner.set(tight)
    scan.tuner.toggle_islands()
    scan.steps.undo()
    assert scan.state.tuning == tight
    scan.steps.undo()
    assert (scan.state.tuning, scan.correction.is_empty) == (first, False)
    scan.steps.undo()
    assert scan.correction.is_empty
    scan.steps.redo()
    scan.steps.redo()
    assert (scan.state.tuning, scan.correction.is_empty) == (tight, False)


def test_a_drag_of_a_slider_is_one_step_however_long_it_takes(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    tuner, first = scan.tuner, scan.state.tuning
    tuner.hold(True)
    for threshold in (0.3, 0.4, 0.5):
        tuner.adjust(replace(first, attention_threshold=threshold))
        one.delays.end_all()
    tuner.hold(False)
    for threshold in (0.55, 0.6):  # key presses in quick succession
        tuner.adjust(replace(first, attention_threshold=threshold))
    one.delays.end_all()
    tuner.adjust(replace(first, attention_threshold=0.7))
    thresholds = []
    while scan.steps.can_undo:
        scan.steps.undo()
        thresholds.append(scan.state.tuning.attention_threshold)
    assert thresholds == [0.6, 0.5, first.attention_threshold]


def test_a_slider_that_returns_leaves_no_step(headless, volumes):
    scan = headless().segmented(volumes[0])
    first = scan.state.tuning
    scan.tuner.hold(True)
    for threshold in (0.3, 0.4, first.attention_threshold):
        scan.tuner.adjust(replace(first, attention_threshold=threshold))
    assert not scan.steps.can_undo
    scan.tuner.adjust(replace(first, attention_threshold=0.5))
    scan.tuner.hold(False)
    scan.steps.undo()
    assert scan.state.tuning == first
    assert not scan.steps.can_undo


def test_a_threshold_and_its_step_are_announced_together(headless, volumes):
    scan = headless().segmented(volumes[0])
    first, changes = scan.state.tuning, []
    scan.changed.connect(changes.append)
    scan.tuner.hold(True)
    for threshold in (0.3, 0.4):
        scan.tuner.adjust(replace(first, attention_threshold=threshold))
    scan.steps.undo()
    new = [change.new for change in changes]
    seen = [(parts.state.tuning.attention_threshold, len(parts.history.done)) for parts in new]
    assert seen == [(0.3, 1), (0.4, 1), (first.attention_threshold, 0)]


def test_an_undone_threshold_is_not_continued_by_the_next_key(headless, volumes):
    scan = headless().segmented(volumes[0])
    first = scan.state.tuning
    scan.tuner.adjust(replace(first, attention_threshold=0.3))
    scan.steps.undo()
    scan.tuner.adjust(replace(first, attention_threshold=0.4))
    scan.steps.undo()
    assert scan.state.tuning == first


def test_growing_respects_the_brush_range_and_is_one_step(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    one.workspace.brush.choose(Brush(4.0, min_hu=2000, max_hu=3000), is_flat=False)
    scan.edits.edit_whole_mask(EditKind.GROW)
    one.loop.rest()
    assert scan.correction.is_empty
    assert any("nothing to change" in text for text in one.texts())
    one.workspace.brush.choose(Brush(4.0), is_flat=False)
    scan.edits.edit_whole_mask(EditKind.GROW)
    one.loop.rest()
    grown = scan.snapshot().mask(JobProgress()).voxels.sum()
    assert grown > scan.state.fused.mask.voxels.sum()
    scan.steps.undo()
    assert scan.correction.is_empty


def test_a_grown_mask_follows_a_later_extent_and_undo_goes_back_step_by_step(headless, volumes):
    def voxels():
        return scan.snapshot().mask(JobProgress()).voxels

    one = headless()
    scan = one.segmented(volumes[0])
    first, tight = scan.state.tuning, Tuning(0.6, 4.0, 0.6)
    scan.edits.edit_whole_mask(EditKind.GROW)
    one.loop.rest()
    after_growing = voxels()
    scan.tuner.set(tight)
    one.delays.end_all()
    one.loop.until(lambda: scan.state.is_mask_current)
    spacing = scan.volume.geometry.spacing_zyx_mm
    plain = scan.state.fused.mask.voxels
    edit = grown(plain, spacing, max(1.0, min(spacing)))
    corner = tuple(slice(c, c + n) for c, n in zip(edit.corner_zyx, edit.added.shape, strict=True))
    expected = plain.copy()
    expected[corner] |= edit.added
    assert plain.any()
    assert plain.sum() < after_growing.sum()
    assert (voxels() == expected).all()
    scan.steps.undo()
    one.delays.end_all()
    one.loop.until(lambda: scan.state.is_mask_current)
    assert scan.state.tuning == first
    assert (voxels() == after_growing).all()
    scan.steps.undo()
    assert scan.correction.is_empty


def test_a_stroke_drawn_while_a_grown_mask_follows_is_not_lost(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.edits.edit_whole_mask(EditKind.GROW)
    one.loop.rest()
    scan.tuner.set(Tuning(0.6, 4.0, 0.6))
    one.delays.end_all()
    scan.corrections.begin_stroke(Plane.SAGITTAL, (3.0, 3.0, 3.0), is_adding=True)
    one.loop.rest()
    scan.corrections.end_stroke()
    one.delays.end_all()
    one.loop.until(lambda: scan.state.is_mask_current)
    assert [step.name for step in scan.correction.snapshot(has_history=True).rewind()] == [
        "Grow",
        "Brush",
    ]
    assert scan.snapshot().mask(JobProgress()).voxels[3, 3, 3]


def test_a_lasso_is_filled(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    corners = [(20.0, 5.0, 10.0), (20.0, 15.0, 10.0), (30.0, 15.0, 10.0), (30.0, 5.0, 10.0)]
    scan.edits.begin_lasso(Plane.SAGITTAL, corners[0], is_adding=True)
    for corner in corners[1:]:
        scan.edits.move_lasso(corner)
    scan.edits.end_lasso()
    signs = scan.correction.plane(2, 10)
    assert signs[25, 10] == 1
    assert signs[40, 10] == 0


def test_a_mask_agrees_with_its_own_export(headless, volumes, tmp_path):
    one = headless()
    scan = one.segmented(volumes[0])
    target = tmp_path / "mask.nii.gz"
    written = []
    scan.exports.written.connect(written.append)
    scan.exports.export({ExportKind.MASK: target}, may_overwrite=False)
    one.loop.until(lambda: written)
    scan.comparison.compare_with(target)
    one.loop.until(lambda: scan.parts.comparison is not None)
    assert scan.parts.comparison.scores.dice == 1.0
    scan.corrections.begin_stroke(Plane.SAGITTAL, (33.0, 5.0, 10.0), is_adding=True)
    scan.corrections.end_stroke()
    one.loop.until(lambda: scan.parts.comparison.scores.dice < 1.0)
    one.loop.rest()


def test_loading_and_closing_a_second_mask_are_steps(headless, volumes, tmp_path):
    one = headless()
    scan = one.segmented(volumes[0])
    target = tmp_path / "mask.nii.gz"
    scan.exports.export({ExportKind.MASK: target}, may_overwrite=False)
    one.loop.until(target.exists)
    one.loop.rest()
    path_of = lambda: scan.parts.comparison and scan.parts.comparison.path  # noqa: E731
    scan.comparison.compare_with(target)
    one.loop.rest()
    scan.comparison.end()
    for change, expected in (
        (scan.steps.undo, target),
        (scan.steps.undo, None),
        (scan.steps.redo, target),
        (scan.steps.redo, None),
    ):
        change()
        one.loop.rest()
        assert path_of() == expected
    restored = StoredHistory.of(scan.parts.history).history
    assert [(step.before, step.after) for step in restored.done] == [(None, target), (target, None)]
    assert restored.without_paths.done == ()  # in the journal: a path may name the patient


def test_a_stroke_while_a_second_mask_is_read_is_part_of_the_comparison(
    headless, volumes, tmp_path
):
    one = headless()
    scan = one.segmented(volumes[0])
    target = tmp_path / "mask.nii.gz"
    scan.exports.export({ExportKind.MASK: target}, may_overwrite=False)
    one.loop.until(target.exists)
    one.loop.rest()
    scan.comparison.compare_with(target)
    scan.corrections.begin_stroke(Plane.SAGITTAL, (33.0, 5.0, 10.0), is_adding=True)
    scan.corrections.end_stroke()
    one.loop.rest()
    assert scan.parts.comparison.scores.dice < 1.0


def test_a_mask_agrees_with_its_own_dicom_seg(headless, volumes, tmp_path):
    one = headless()
    scan = one.segmented(on_dicom_slices(volumes[0], tmp_path / "slices"))
    target = tmp_path / "mask.dcm"
    scan.exports.export({ExportKind.MASK: target}, may_overwrite=False)
    one.loop.until(target.exists)
    one.loop.rest()
    scan.comparison.compare_with(target)
    one.loop.until(lambda: scan.parts.comparison is not None)
    assert scan.parts.comparison.scores.dice == 1.0
    other = one.segmented(spine_volume(path=Path("other.nii.gz"), spacing=(3.0, 1.4, 1.4)))
    other.comparison.compare_with(target)
    one.loop.until(lambda: any("another scan" in notice.text for notice in other.parts.notices))
    one.loop.rest()


def test_a_dicom_slice_is_refused_as_a_mask(headless, volumes, tmp_path):
    one = headless()
    scan = one.segmented(on_dicom_slices(volumes[0], tmp_path / "slices"))
    scan.comparison.compare_with(tmp_path / "slices" / "7.dcm")
    one.loop.until(lambda: any("7.dcm is not a" in notice.text for notice in scan.parts.notices))
    one.loop.rest()


def test_what_a_dicom_seg_leaves_out_is_reported_before_the_rest_is_computed(
    headless, volumes, tmp_path
):
    scan_on_slices = on_dicom_slices(volumes[0], tmp_path / "slices", StudyTime=ODD_TIME)
    services = FakeBackend(is_spine_first=True, rest_gate=threading.Event())
    one = headless(services)
    scan = one.segmented(scan_on_slices)
    targets = {
        ExportKind.MASK: tmp_path / "mask.dcm",
        ExportKind.PROBABILITY: tmp_path / "bone.nii",
    }
    scan.exports.export(targets, may_overwrite=False)
    one.loop.until(lambda: services.extended)
    (note,) = [notice for notice in scan.parts.notices if notice.topic == "left-out"]
    assert "Study Time" in note.text
    assert ODD_TIME not in note.text
    assert not any(path.exists() for path in targets.values())
    services.rest_gate.set()
    one.loop.rest()
    assert all(path.exists() for path in targets.values())
    assert note in scan.parts.notices


def test_an_export_waits_for_the_computation_that_a_slider_started(headless, volumes, tmp_path):
    services = FakeBackend(is_spine_first=True, rest_gate=threading.Event())
    one = headless(services)
    scan = one.segmented(volumes[0])
    exported = []
    scan.exports.written.connect(exported.append)
    far, target = Tuning(0.0, 20.0, 0.5), tmp_path / "mask.nii.gz"
    scan.tuner.set(far)
    scan.exports.export({ExportKind.MASK: target}, may_overwrite=False)
    one.delays.end_all()  # the slider rests before the target has been checked
    one.loop.until(lambda: not scan.jobs.is_running(JobKind.EXPORT))
    assert scan.state.stage is SegmentationStage.RUNNING
    services.rest_gate.set()
    one.loop.until(lambda: exported == [(target,)])
    assert services.extended == [far]


def test_an_obstacle_to_an_export_is_reported_and_nothing_more_is_computed(
    headless, volumes, tmp_path
):
    scan_on_slices = on_dicom_slices(volumes[0], tmp_path / "slices")
    study = pydicom.dcmread(tmp_path / "slices" / "7.dcm")
    study.StudyInstanceUID = "1.2.3"
    study.save_as(tmp_path / "slices" / "7.dcm")
    services = FakeBackend(is_spine_first=True)
    one = headless(services)
    scan = one.segmented(scan_on_slices)
    targets = {
        ExportKind.MASK: tmp_path / "mask.dcm",
        ExportKind.PROBABILITY: tmp_path / "bone.nii",
    }
    scan.exports.export(targets, may_overwrite=False)
    one.loop.rest()
    assert services.extended == []
    assert not any(path.exists() for path in targets.values())
    (bad,) = [notice for notice in scan.parts.notices if notice.severity is Severity.ERROR]
    assert bad.text.startswith("mask.dcm: ")
    assert "Export NIfTI instead" in bad.text


def test_a_file_that_exists_stops_an_export_before_the_rest_is_computed(
    headless, volumes, tmp_path
):
    services = FakeBackend(is_spine_first=True)
    one = headless(services)
    scan = one.segmented(volumes[0])
    target = tmp_path / "bone.nii"
    target.write_bytes(b"old")
    scan.exports.export({ExportKind.PROBABILITY: target}, may_overwrite=False)
    one.loop.rest()
    assert services.extended == []
    assert target.read_bytes() == b"old"
    assert [notice.severity for notice in scan.parts.notices] == [Severity.ERROR]


def test_what_a_dicom_report_leaves_out_is_reported(headless, volumes, tmp_path):
    one = headless()
    scan = one.open(on_dicom_slices(volumes[0], tmp_path / "slices", StudyTime=ODD_TIME))
    scan.measurements.add(LENGTH)
    scan.exports.save_measurement_report(tmp_path / "report.dcm")
    one.loop.rest()
    assert (tmp_path / "report.dcm").exists()
    (note,) = [notice for notice in scan.parts.notices if notice.topic == "left-out"]
    assert "Study Time" in note.text
    assert ODD_TIME not in note.text


def test_a_failure_of_the_networks_is_reported_on_its_scan(headless, volumes):
    one = headless(FakeBackend(volumes, error=InferenceError("4 GB are needed, 1 GB is free.")))
    scan = one.open(volumes[0])
    one.open(volumes[1])
    scan.segmentation.segment()
    one.loop.until(lambda: scan.state.stage is SegmentationStage.STOPPED)
    one.loop.rest()
    assert one.texts() == []
    assert [notice.severity for notice in scan.parts.notices] == [Severity.ERROR]


def test_a_report_is_written_in_every_format(headless, volumes, tmp_path):
    one = headless()
    scan = one.measured(volumes[0])
    targets = {kind: tmp_path / f"report{kind.value}" for kind in ReportFormat}
    scan.reports.write(ReportOrder(targets=targets, title="Report"))
    one.loop.rest()
    assert all(path.exists() for path in targets.values())


def test_text_and_ticks_are_saved_within_a_third_of_a_second(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.uncertain_regions.find()
    one.delays.end_all()
    one.loop.rest()
    journal = one.workspace.shared_journal.journal

    def saved():
        for delay in one.delays.made:
            if delay.wait_ms <= 300:
                delay.end()
        one.loop.rest()
        (file,) = journal._files(scan.parts.reference.fingerprint)
        return read_session(file)

    for text in ("A", "A fracture"):
        scan.drafts.write(text, "")
        assert saved().draft.findings == text
    scan.uncertain_regions.tick(0, True)
    assert saved().checklist.seen_count == 1


def test_ticks_alone_are_restored_with_their_scan(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.uncertain_regions.find()
    one.delays.end_all()
    one.loop.rest()
    scan.uncertain_regions.tick(0, True)
    one.workspace.close(scan)
    one.loop.rest()
    again = one.open(volumes[0])
    one.loop.rest()
    assert again.parts.checklist is not None
    assert again.parts.checklist.seen_count == 1
    assert "Restored from last time: ticked regions." in one.texts()


def test_a_slow_disk_is_not_given_more_than_one_save_at_a_time(headless, volumes, monkeypatch):
    one = headless()
    scan = one.segmented(volumes[0])
    gate, journal = threading.Event(), one.workspace.shared_journal.journal
    save, count = journal.save, itertools.count()

    def slowly(*arguments):
        gate.wait(PATIENCE_S)
        next(count)
        save(*arguments)

    monkeypatch.setattr(journal, "save", slowly)
    for length in range(1, 9):
        scan.drafts.write("A" * length, "")
        one.delays.end_all()
    gate.set()
    one.loop.rest()
    one.delays.end_all()
    one.loop.rest()
    assert next(count) <= 3
    (file,) = journal._files(scan.parts.reference.fingerprint)
    assert read_session(file).draft.findings == "A" * 8


def test_a_saved_session_comes_back_without_computing_again(headless, tmp_path):
    path = tmp_path / "sub-01_ct.nii.gz"
    path.touch()
    volume = spine_volume(path=path, shape=(60, 60, 60))
    one = headless(FakeBackend([volume]))
    scan = one.segmented(volume)
    scan.measurements.add(LENGTH)
    scan.autosave.save(tmp_path / "work.spineview")
    one.loop.rest()
    one.workspace.close(one.workspace.front)
    one.workspace.opening.open_session(tmp_path / "work.spineview")
    one.loop.until(
        lambda: one.workspace.front is not None and one.workspace.front.state.is_mask_current
    )
    one.loop.rest()
    assert one.workspace.front.state.measurements == (LENGTH,)
    assert one.services.runs == 1


def test_manual_work_is_restored_with_the_scan_even_while_it_is_still_being_written(
    headless, volumes, monkeypatch
):
    import threading

    from spineviewer.io.write import whole_file

    one = headless()
    one.open(volumes[0]).measurements.add(LENGTH)
    one.loop.rest()
    gate, write = threading.Event(), whole_file.write_atomically

    def slow(*arguments, **more):
        assert gate.wait(30)
        return write(*arguments, **more)

    monkeypatch.setattr(whole_file, "write_atomically", slow)
    one.workspace.front.measurements.add(LENGTH)
    one.workspace.close(one.workspace.front)
    assert one.open(volumes[0]).state.measurements == (LENGTH, LENGTH)
    gate.set()
    one.loop.rest()


def test_the_work_on_every_open_scan_is_offered_after_a_crash(headless, volumes):
    one = headless()
    for volume in volumes[:2]:
        one.open(volume).measurements.add(LENGTH)
    one.loop.rest()
    journal = one.workspace.shared_journal.journal
    assert len(list(journal._folder.glob("open-*.json"))) == 2


def test_work_on_a_scan_that_another_program_has_open_brings_a_warning(headless, volumes):
    one = headless()
    scan = one.open(volumes[0])
    journal = one.workspace.shared_journal.journal
    parent = psutil.Process(os.getppid())  # a program that runs, and is not this one
    other = Journal(journal._folder, (parent.pid, parent.create_time()))
    session = make_session(scan.state, scan.correction, scan.parts.reference)
    file = other.new_file(session.scan.fingerprint)
    other.save(file, session, 0)
    scan.measurements.add(LENGTH)
    one.loop.until(lambda: any(notice.topic == "elsewhere" for notice in scan.parts.notices))
    other.end(file, session.scan.fingerprint, None, 1)
    assert not journal.is_open_elsewhere(scan.parts.reference.fingerprint)


def test_a_file_that_cannot_be_read_leaves_the_open_scan_and_is_reported(headless, volumes):
    one = headless(FakeBackend(volumes))
    scan = one.open(volumes[0])
    one.workspace.opening.open(Path("notes.txt"))
    one.loop.until(lambda: any("notes.txt" in text for text in one.texts()))
    assert one.workspace.front is scan
    assert isinstance(one.workspace.notices[-1].error, Exception)
    one.loop.rest()


def test_a_batch_reports_each_row_and_pauses(headless, volumes, tmp_path):
    one = headless(FakeBackend(volumes))
    rows = []
    queue = one.workspace.batch
    queue.row_changed.connect(lambda number, row: rows.append((number, row.state)))
    queue.begin([Entry(volume.source.path) for volume in volumes[:2]], tmp_path / "masks")
    queue.pause(True)
    assert queue.is_paused
    queue.pause(False)
    one.loop.until(lambda: not queue.is_running)
    assert {(0, State.DONE), (1, State.DONE)} <= set(rows)
    assert any("2 of 2" in text for text in one.texts())


def test_a_notice_replaces_one_of_its_topic_and_one_about_older_files():
    first = Notice(Severity.INFO, "one", "export", paths=(Path("a"),))
    second = Notice(Severity.WARNING, "two", "lasting", is_lasting=True)
    third = Notice(Severity.INFO, "three", "table", paths=(Path("b"),))
    assert with_notice((first, second), third) == (second, third)
    assert with_notice((second,), Notice(Severity.ERROR, "four", "lasting"))[0].text == "four"
    assert without_topic((first, second), "lasting") == (first,)


def test_regions_are_those_of_the_mask_drawn_while_they_were_being_found(
    headless, volumes, monkeypatch
):
    one, found = headless(), {}
    scan = one.segmented(volumes[0])

    def find(mask, *arguments):
        regions = find_uncertain_regions(mask, *arguments)
        found[int(mask.voxels.sum())] = regions
        return regions

    monkeypatch.setattr(uncertain_regions, "find_uncertain_regions", find)
    scan.uncertain_regions.find()
    scan.corrections.begin_stroke(Plane.SAGITTAL, (33.0, 5.0, 10.0), is_adding=True)
    scan.corrections.end_stroke()
    one.loop.rest()
    assert len(found) <= 2
    newest = found[int(scan.snapshot().mask(JobProgress()).voxels.sum())]
    shown = scan.parts.checklist.regions
    assert all(a.uncertain_region is b for a, b in zip(shown, newest, strict=True))
    assert scan.parts.checklist.current == 0


def test_a_notice_with_the_number_of_regions_ends_when_the_number_changes(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.uncertain_regions.next()
    one.loop.until(lambda: scan.parts.checklist is not None)
    one.loop.rest()
    assert any(notice.topic == "uncertain region" for notice in scan.parts.notices)
    count = len(scan.parts.checklist.regions)
    scan.corrections.begin_stroke(Plane.SAGITTAL, (5.0, 5.0, 5.0), is_adding=True)
    scan.corrections.end_stroke()
    one.loop.rest()
    assert len(scan.parts.checklist.regions) > count
    assert not any(notice.topic == "uncertain region" for notice in scan.parts.notices)


def test_regions_of_uncertain_level_keep_their_places_until_the_vertebrae_are_named(
    headless, volumes
):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.uncertain_regions.find()
    one.delays.end_all()
    one.loop.rest()
    level = UncertainRegion(UncertaintyKind.LEVEL, (3, 3, 3), 0.7, ("T5", "T6"))
    checklist = scan.parts.checklist
    first = replace(checklist, regions=(CheckedRegion(level), *checklist.regions))
    scan.set(replace(scan.parts, checklist=first, labelling=None))
    scan.uncertain_regions.find(go_to_first=False)  # as when a session is restored
    one.loop.rest()
    assert scan.parts.vertebrae is None
    assert scan.parts.checklist.regions == first.regions


def test_ticks_of_uncertain_regions_are_steps(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.uncertain_regions.next()
    one.loop.until(lambda: scan.parts.checklist is not None)
    seen = lambda: [region.is_seen for region in scan.parts.checklist.regions]  # noqa: E731
    assert not any(seen())
    scan.uncertain_regions.next()  # ticks the first
    scan.uncertain_regions.tick(0, True)  # changes nothing
    scan.uncertain_regions.end()
    restored = StoredHistory.of(scan.parts.history).history
    assert [step.name for step in restored.done] == ["Tick region"]
    scan.steps.undo()
    assert not any(seen())
    assert (scan.parts.checklist.current, scan.parts.checklist.is_shown) == (0, True)
    scan.steps.redo()
    assert seen()[0]
    assert not scan.parts.history.undone
    one.loop.rest()


def test_a_notice_tells_each_tick_and_the_last_one_leaves_the_planes(headless, volumes):
    def told():
        topic = "uncertain region"
        return "".join(notice.text for notice in scan.parts.notices if notice.topic == topic)

    one = headless()
    scan = one.segmented(volumes[0])
    scan.uncertain_regions.next()
    one.loop.until(lambda: scan.parts.checklist is not None)
    first = scan.parts.checklist.regions[0]
    two = (first, replace(first, uncertain_region=replace(first.uncertain_region, size_ml=0.004)))
    assert "ticks this one as seen" in told()
    scan.set(replace(scan.parts, checklist=replace(scan.parts.checklist, regions=two)))
    scan.uncertain_regions.next()
    assert told().startswith("Ticked as seen: ")
    assert told().endswith("4 mm³, 2 of 2.")
    scan.display.move_to((1.0, 2.0, 3.0))
    scan.uncertain_regions.next()
    assert told().endswith("4 mm³. It was the last one.")
    assert scan.state.crosshair_zyx == (1, 2, 3)
    assert scan.parts.checklist.seen_at
    scan.steps.undo()
    assert told() == ""
    scan.uncertain_regions.next()
    scan.uncertain_regions.next(-1)
    assert told() == ""
    one.loop.rest()


def test_the_key_also_ticks_a_region_that_was_corrected_so_that_the_list_is_signed(
    headless, volumes
):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.uncertain_regions.next()
    one.loop.until(lambda: scan.parts.checklist is not None)
    region = replace(scan.parts.checklist.regions[0], is_gone=True)
    scan.set(replace(scan.parts, checklist=replace(scan.parts.checklist, regions=(region,))))
    assert scan.parts.checklist.is_done
    assert not scan.parts.checklist.seen_at
    scan.uncertain_regions.next()
    assert scan.parts.checklist.seen_at
    assert scan.parts.checklist.seen_count == 0
    one.loop.rest()


def test_undoing_and_redoing_a_tick_shows_its_region(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.uncertain_regions.next()
    one.loop.until(lambda: scan.parts.checklist is not None)
    first = scan.parts.checklist.regions[0].uncertain_region.index_zyx
    scan.uncertain_regions.next()  # ticks the first
    for change in (scan.steps.undo, scan.steps.redo):
        scan.display.move_to((1.0, 2.0, 3.0))
        change()
        assert scan.state.crosshair_zyx == first
    one.loop.rest()


def test_undo_and_redo_show_a_stroke_in_another_slice(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.corrections.begin_stroke(Plane.SAGITTAL, (33.0, 5.0, 10.0), is_adding=True)
    scan.corrections.end_stroke()
    one.loop.rest()
    for change in (scan.steps.undo, scan.steps.redo):
        scan.display.move_to((33.0, 50.0, 50.0))  # the axial slice shows the stroke
        change()
        assert scan.state.crosshair_zyx == (33, 50, 50)
        scan.steps.redo() if change == scan.steps.undo else scan.steps.undo()
        scan.display.move_to((1.0, 50.0, 50.0))
        change()
        assert np.abs(np.array(scan.state.crosshair_zyx) - (33, 5, 10)).max() <= 1
    one.loop.rest()


def test_undo_and_redo_show_a_measurement_that_no_plane_shows(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.measurements.add(LENGTH)
    for change in (scan.steps.undo, scan.steps.redo):
        scan.display.move_to((30.0, 2.0, 3.0))
        change()
        assert scan.state.crosshair_zyx == (30, 2, 3)  # the axial slice shows it
        scan.steps.redo() if change == scan.steps.undo else scan.steps.undo()
        scan.display.move_to((1.0, 2.0, 3.0))
        change()
        assert scan.state.crosshair_zyx == (30, 30, 20)
    one.loop.rest()


def test_a_maximised_view_moves_to_a_change_in_another_of_its_slices(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.measurements.add(LENGTH)
    one.workspace.read_views = lambda: ViewState(maximised="sagittal")
    scan.display.move_to((30.0, 2.0, 3.0))
    scan.steps.undo()
    assert scan.state.crosshair_zyx == (30, 30, 20)
    one.loop.rest()


def test_uncertain_regions_lead_from_one_to_the_next_and_around(headless, volumes):
    one = headless()
    scan = one.segmented(volumes[0])
    scan.uncertain_regions.next()
    one.loop.until(lambda: scan.parts.checklist is not None)
    regions = scan.parts.checklist.regions
    count = len(regions)
    assert count > 0
    scan.uncertain_regions.next(-1)
    assert scan.parts.checklist.current == count - 1
    assert np.array_equal(scan.state.crosshair_zyx, regions[count - 1].uncertain_region.index_zyx)
    scan.uncertain_regions.end()
    assert not scan.parts.checklist.is_shown
    assert scan.parts.checklist.regions == regions
    one.loop.rest()
