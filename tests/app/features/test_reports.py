"""Reports of an open scan, with and without measurements, and beside a prior scan."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeBackend, spine_volume
from headless import PATIENCE_S
from spine_numbers import growing_bodies, two_levels

from spineviewer.app import measuring
from spineviewer.app.exporting import order_for
from spineviewer.app.features import reports
from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.follow_up import notes_on_changes
from spineviewer.app.measurement_report import FollowUp, find_follow_up
from spineviewer.app.measuring import measure_scan
from spineviewer.app.report import ReportFormat
from spineviewer.labelling.vertebrae import Convention
from spineviewer.measuring_tools.lines import Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import ScanIdentity

_UNKNOWN_VOLTAGE = ("HU values may not be comparable, because a tube voltage is unknown.",)


def written(one, scan, folder, **options):
    targets = {kind: folder / f"r{kind.value}" for kind in ReportFormat}
    scan.reports.write(ReportOrder(targets=targets, **options))
    one.loop.until(lambda: any(notice.topic == "report" for notice in scan.parts.notices))
    one.loop.rest()
    return (folder / "r.html").read_text("utf-8"), json.loads(
        (folder / "r.json").read_text("utf-8")
    )


def test_the_page_has_a_row_for_each_measured_level_and_a_picture_of_the_spine(measured, tmp_path):
    one, scan = measured
    page, record = written(one, scan, tmp_path, with_measurements=True, shows_planes=False)
    measured = scan.parts.spine_measurements
    assert [row["name"] for row in record["measurements"]] == [one.name for one in measured]
    names = [measured.marked(vertebra.name) for vertebra in measured]
    assert all(f"<td>{name}</td>" in page or f"▲ {name}</td>" in page for name in names)
    assert page.count("<img") == 1
    assert 'alt="vertebrae"' in page


def drawn_in(scan):
    """Draw in a vertebral body, so that names and measurements are outdated; return it."""
    body = scan.parts.vertebrae.all[3]
    z, y, x = scan.volume.geometry.index_zyx(body.body_centre_lps_mm).tolist()
    scan.display.move_to((z, y, x))
    scan.corrections.begin_stroke(Plane.SAGITTAL, (z, y, x), is_adding=False)
    scan.corrections.end_stroke()
    return body


def test_corrections_without_effect_do_not_count_as_corrected_by_hand(measured):
    one, scan = measured

    def answers():
        facts = {fact.name: fact.value for fact in scan.reports.content(ReportOrder()).technical}
        order = order_for(scan, scan.snapshot(), None, {})
        told = (order.provenance.fields, scan.exports.facts)
        return facts["Corrected by hand"], *(fields["corrected_by_hand"] for fields in told)

    assert answers() == ("no", False, False)
    middle = scan.volume.geometry.index_zyx(scan.parts.vertebrae.all[3].body_centre_lps_mm)
    for is_adding, expected in ((True, ("no", False, False)), (False, ("yes", True, True))):
        scan.corrections.begin_stroke(Plane.SAGITTAL, tuple(middle.tolist()), is_adding=is_adding)
        scan.corrections.end_stroke()
        assert not scan.correction.is_empty
        assert answers() == expected
    brought_up_to_date(one, scan)


def brought_up_to_date(one, scan):
    one.delays.end_all()
    one.loop.rest()
    while scan.are_results_pending:
        one.delays.end_all()
        one.loop.rest()


def test_a_report_right_after_a_stroke_waits_for_its_names_and_measurements(measured, tmp_path):
    one, scan = measured
    body = drawn_in(scan)
    assert scan.are_results_pending
    target = tmp_path / "r.json"
    scan.reports.write(ReportOrder(targets={ReportFormat.JSON: target}, with_measurements=True))
    one.loop.rest()
    assert not target.exists()
    assert scan.reports.is_waiting
    brought_up_to_date(one, scan)
    assert not scan.reports.is_waiting
    assert scan.spine.are_current
    rows = {row["name"]: row for row in json.loads(target.read_text("utf-8"))["measurements"]}
    now = scan.spine.measured.named(body.name)
    assert rows[body.name]["volume_ml"] == pytest.approx(now.body_ml.value, abs=0.01)


def test_a_report_ordered_during_another_segmentation_waits_for_all_of_its_results(
    measured, tmp_path
):
    one, scan = measured
    target = tmp_path / "r.json"
    scan.segmentation.segment()
    scan.reports.write(ReportOrder(targets={ReportFormat.JSON: target}, with_measurements=True))
    one.loop.rest()
    assert scan.reports.is_waiting  # the names have not been determined yet
    brought_up_to_date(one, scan)
    rows = json.loads(target.read_text("utf-8"))["measurements"]
    assert [row["name"] for row in rows] == [vertebra.name for vertebra in scan.parts.vertebrae]


def test_a_report_ordered_during_a_segmentation_that_is_stopped_contains_the_kept_mask(
    headless, tmp_path
):
    gate = threading.Event()
    gate.set()
    one = headless(FakeBackend(gate=gate))
    scan = one.measured(spine_volume())
    gate.clear()
    scan.segmentation.segment()
    target = tmp_path / "r.csv"
    scan.reports.write(ReportOrder(targets={ReportFormat.CSV: target}, with_measurements=True))
    scan.cancel()
    one.loop.rest()
    brought_up_to_date(one, scan)
    assert "not segmented" not in target.read_text("utf-8")
    assert f"{scan.parts.facts.volume_ml:.1f}" in target.read_text("utf-8")


def test_a_stroke_undone_while_it_is_measured_leaves_everything_current(
    measured, tmp_path, monkeypatch
):
    one, scan = measured
    before, gate = scan.spine.measured, threading.Event()

    def slowly(*arguments, **options):
        gate.wait(PATIENCE_S)
        return measure_scan(*arguments, **options)

    monkeypatch.setattr(measuring, "measure_scan", slowly)
    drawn_in(scan)
    one.name(scan)
    one.delays.end_all()
    assert scan.parts.is_measuring
    scan.steps.undo()
    target = tmp_path / "r.json"
    scan.reports.write(ReportOrder(targets={ReportFormat.JSON: target}, with_measurements=True))
    assert scan.reports.is_waiting
    one.name(scan)
    gate.set()
    brought_up_to_date(one, scan)
    assert scan.spine.are_current
    assert scan.spine.measured == before
    assert not scan.parts.is_measuring
    assert not scan.are_results_pending
    assert json.loads(target.read_text("utf-8"))["measurements"]


def test_a_report_is_written_after_undo_has_cancelled_the_correction_it_waits_for(
    measured, tmp_path
):
    one, scan = measured
    scan.names.shift(1)
    target = tmp_path / "r.json"
    scan.reports.write(ReportOrder(targets={ReportFormat.JSON: target}, with_measurements=True))
    assert scan.reports.is_waiting
    scan.steps.undo()
    one.delays.end_all()
    one.loop.rest()
    assert target.exists()
    assert not scan.reports.is_waiting


def test_a_report_that_is_being_written_is_completed_after_its_scan_is_closed(
    measured, tmp_path, monkeypatch
):
    one, scan = measured
    gate, write = threading.Event(), reports._write_files

    def slowly(*arguments):
        gate.wait(PATIENCE_S)
        return write(*arguments)

    monkeypatch.setattr(reports, "_write_files", slowly)
    target = tmp_path / "r.json"
    scan.reports.write(ReportOrder(targets={ReportFormat.JSON: target}))
    assert not scan.reports.is_waiting
    one.workspace.close(scan)
    gate.set()
    one.loop.rest()
    assert target.exists()
    assert [notice.paths for notice in one.workspace.notices if notice.topic == "report"] == [
        (target,)
    ]


def test_two_reports_that_wait_are_both_written_and_both_announced(measured, tmp_path):
    one, scan = measured
    drawn_in(scan)
    told = []
    scan.noticed.connect(lambda notice: told.extend(notice.paths))
    targets = [tmp_path / "first.json", tmp_path / "second.json"]
    for target in targets:
        scan.reports.write(ReportOrder(targets={ReportFormat.JSON: target}))
    brought_up_to_date(one, scan)
    assert told == targets


def outdated(scan):
    """Return the text of the notice about outdated reports; empty if there is none."""
    texts = [notice.text for notice in scan.parts.notices if notice.topic == "outdated report"]
    return "".join(texts)


def test_a_notice_says_that_a_report_is_outdated_until_it_is_up_to_date_again(measured, tmp_path):
    one, scan = measured
    written(one, scan, tmp_path, with_measurements=True)
    scan.display.move_to((3.0, 3.0, 3.0))
    assert outdated(scan) == ""
    drawn_in(scan)
    brought_up_to_date(one, scan)
    assert "r.pdf" in outdated(scan)
    scan.steps.undo()
    brought_up_to_date(one, scan)
    assert outdated(scan) == ""


@pytest.mark.parametrize(
    "change",
    [
        lambda scan: scan.drafts.write("A fracture", ""),
        lambda scan: scan.measurements.add(
            Measurement(Distance(), Plane.SAGITTAL, ((1.0, 2.0, 3.0), (4.0, 5.0, 3.0)))
        ),
        lambda scan: scan.names.shift(1),
    ],
    ids=["text", "measurement", "names"],
)
def test_undoing_what_a_report_contains_outdates_it(measured, tmp_path, change):
    one, scan = measured
    change(scan)
    scan.drafts.end_writing()
    brought_up_to_date(one, scan)
    written(one, scan, tmp_path)
    assert outdated(scan) == ""
    scan.steps.undo()
    brought_up_to_date(one, scan)
    assert "r.csv" in outdated(scan)
    scan.steps.redo()
    brought_up_to_date(one, scan)
    assert outdated(scan) == ""


def test_writing_again_overwrites_all_outdated_files_of_a_report(measured, tmp_path):
    one, scan = measured
    written(one, scan, tmp_path)
    scan.drafts.write("A fracture", "")
    pdf = {ReportFormat.PDF: tmp_path / "r.pdf"}
    scan.reports.write(ReportOrder(targets=pdf, may_overwrite=True))
    one.loop.rest()
    assert "A fracture" not in (tmp_path / "r.csv").read_text("utf-8")
    assert "r.csv" in outdated(scan)
    assert "r.pdf" not in outdated(scan)
    (notice,) = (notice for notice in scan.parts.notices if notice.topic == "outdated report")
    (tmp_path / "r.json").unlink()
    notice.buttons[0][1]()
    one.loop.rest()
    assert "A fracture" in (tmp_path / "r.csv").read_text("utf-8")
    assert "A fracture" in (tmp_path / "r.html").read_text("utf-8")
    assert not (tmp_path / "r.json").exists()
    assert outdated(scan) == ""


def reopened(one, scan):
    """Close a scan, open it again, and wait until its results are restored."""
    volume = scan.volume
    one.workspace.close(scan)
    one.loop.rest()
    again = one.open(volume)
    one.loop.until(lambda: again.state.is_mask_current and again.parts.facts is not None)
    one.follow(again)
    one.loop.rest()
    return again


def test_a_report_is_still_outdated_after_its_scan_was_reopened(headless, tmp_path):
    one = headless()
    scan = one.measured(spine_volume())
    scan.drafts.write("A fracture", "")
    scan.drafts.end_writing()
    written(one, scan, tmp_path, with_measurements=True)
    scan = reopened(one, scan)
    assert outdated(scan) == ""
    scan.drafts.write("No fracture", "")
    scan.drafts.end_writing()
    assert "PDF, HTML, CSV, JSON from 20" in outdated(scan)
    scan = reopened(one, scan)
    assert "PDF, HTML, CSV, JSON from 20" in outdated(scan)
    scan.drafts.write("A fracture", "")
    assert outdated(scan) == ""
    scan.names.shift(1)
    one.follow(scan)
    assert "PDF" in outdated(scan)
    pdf = {ReportFormat.PDF: tmp_path / "r.pdf"}
    scan.reports.write(ReportOrder(targets=pdf, may_overwrite=True))
    one.loop.rest()
    assert "HTML, CSV, JSON from 20" in outdated(scan)
    assert "PDF" not in outdated(scan)
    scan.end_topic("outdated report")  # the user dismisses the notice
    assert outdated(reopened(one, scan)) == ""


def test_without_measurements_the_page_has_neither_values_nor_a_picture(measured, tmp_path):
    one, scan = measured
    page, record = written(one, scan, tmp_path)
    assert "measurements" not in record
    assert 'alt="vertebrae"' not in page


def test_changes_since_an_earlier_scan_are_on_the_page(measured):
    _, scan = measured
    earlier = FollowUp(scan.parts.spine_measurements, "2020-01-02")
    scan_part = scan.reports.content(ReportOrder(with_measurements=True, earlier=earlier))
    table = scan_part.measured.tables[0]
    changes = [row[1].change for row in table.rows if row[1].text != "–"]
    assert changes
    assert set(changes) == {"0.0"}
    notes = ("The changes are valid only if the uncertain names are correct.",)
    other = scan.reports.content(
        ReportOrder(
            with_measurements=True, earlier=FollowUp(two_levels(), title="other.nii", notes=notes)
        )
    )
    text = "In brackets: this scan minus other.nii, whose date is unknown."
    assert text in other.measured.notes
    assert set(notes) < set(other.measured.notes)


def test_what_is_unknown_about_two_scans_is_stated_beside_their_differences(measured):
    one, scan = measured
    other = one.open(spine_volume(path=Path("other/ct.nii.gz"), shape=(62, 60, 60)))
    other.set(replace(other.parts, spine_measurements=scan.parts.spine_measurements))
    assert notes_on_changes(scan, other)[:3] == (
        "The files do not identify the patient. Make sure that both scans are of the same person.",
        "It is unknown which scan is newer: a study date is missing.",
        *_UNKNOWN_VOLTAGE,
    )
    one.loop.rest()


def test_names_one_level_apart_in_two_scans_are_reported_first(measured):
    one, scan = measured
    other = one.open(spine_volume(path=Path("other/ct.nii.gz"), shape=(62, 60, 60)))
    scan.set(replace(scan.parts, spine_measurements=growing_bodies("T4")))
    other.set(replace(other.parts, spine_measurements=growing_bodies("T5")))
    assert "if T4 in this scan is T5 in the other" in notes_on_changes(scan, other)[0]
    assert "T4" not in " ".join(notes_on_changes(scan, scan))
    one.loop.rest()


def test_the_earlier_scan_is_the_open_one_of_the_same_patient(measured):
    one, scan = measured
    before, now = (ScanIdentity("Doe", "7", "", date) for date in ("2020-01-02", "2024-05-06"))
    other = one.open(spine_volume(path=Path("before.nii.gz"), shape=(62, 60, 60), identity=before))
    newer = one.open(spine_volume(path=Path("now.nii.gz"), shape=(64, 60, 60), identity=now))
    assert find_follow_up(newer, one.workspace.scans) is None  # not measured yet
    other.set(replace(other.parts, spine_measurements=scan.parts.spine_measurements))
    found = find_follow_up(newer, one.workspace.scans)
    assert (found.measured, found.date) == (scan.parts.spine_measurements, "2020-01-02")
    assert (found.title, found.notes) == ("before.nii.gz", ())
    assert find_follow_up(scan, one.workspace.scans) is None
    one.loop.rest()


def test_names_set_by_hand_have_no_probability_in_the_report(measured):
    _, scan = measured
    naming = replace(
        scan.parts.vertebrae.naming, convention=Convention.SET_BY_HAND, probability=1.0
    )
    vertebrae = replace(scan.parts.vertebrae, naming=naming)
    labelling = replace(scan.parts.labelling, vertebrae=vertebrae)
    scan.set(replace(scan.parts, labelling=labelling))
    facts = {fact.name: fact.value for fact in scan.reports.content(ReportOrder()).facts}
    assert facts["Naming"] == "Names set by hand"
    assert "Probability that the names are correct" not in facts
