"""A scan whose file does not state its orientation: what depends on directions is not measured."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime

import pytest
from fakes import parts_of
from spines import solid_spine

from spineviewer.app.landmarks import Kind, MovedPoint, Source, applied, find_landmarks
from spineviewer.app.measurement_report import measured_part
from spineviewer.app.measurement_rows import QUANTITIES, curve_rows, table_rows
from spineviewer.app.report import as_csv, as_html, as_json, report_content
from spineviewer.app.state import Overlays, first_state
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.measurements.measure import measure
from spineviewer.measurements.results import UNORIENTED
from spineviewer.measurements.table import COLUMNS, csv_text, measurements_record
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import ORIENTATION_UNKNOWN

#: Columns of a table for programs that do not depend on directions.
UNDIRECTED = {
    "name", "label", "is_partial", "notes", "is_set_by_hand",
    "trabecular_hu_mean", "trabecular_hu_mean_uncertainty", "trabecular_hu_median",
    "trabecular_hu_sd", "trabecular_ml",
}  # fmt: skip


@pytest.fixture(scope="module")
def spine():
    return solid_spine(["T11", "T12", "L1", "L2", "L3"])


@pytest.fixture(scope="module")
def scan(spine):
    return replace(spine.scan, source=replace(spine.scan.source, is_orientation_known=False))


@pytest.fixture(scope="module")
def labelling(spine, scan):
    return label_vertebrae(spine.mask, spine.probability, scan)


@pytest.fixture(scope="module")
def measured(labelling, scan):
    return measure(labelling.vertebrae, scan)


@pytest.fixture(scope="module")
def usual(spine):
    vertebrae = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae
    return measure(vertebrae, spine.scan)


def test_only_hu_are_measured_with_a_reason_in_the_table(measured, usual):
    for row, there in zip(table_rows(measured), table_rows(usual), strict=True):
        cells = {q.name: cell for q, cell in zip(QUANTITIES, row.cells, strict=True)}
        before = {q.name: cell for q, cell in zip(QUANTITIES, there.cells, strict=True)}
        kept = {name for name, cell in cells.items() if cell.value is not None}
        assert kept <= {"trabecular"}
        assert all(cells[name].value == before[name].value for name in kept)
        for name in set(cells) - {"trabecular"}:
            assert "does not state the orientation" in cells[name].tip
            assert not cells[name].is_flagged
    assert any(vertebra.trabecular is not None for vertebra in measured)
    assert curve_rows(measured) == ()
    assert measured.discs == ()
    assert measured.fractured == ()


def test_no_bone_density_is_stated_if_levels_are_uncertain(measured, usual):
    assert usual.density.level == "L1"
    assert (measured.density.level, measured.density.hu) == ("", None)
    assert "does not state the orientation" in measured.density.reason


def test_files_for_programs_contain_no_directed_values_and_give_the_reason(measured):
    record = measurements_record(measured)
    (line, *_) = csv.DictReader(io.StringIO(csv_text(record["measurements"])))
    assert {name for name in COLUMNS if line[name]} <= UNDIRECTED
    assert "does not state the orientation" in line["notes"]
    assert "does not state the orientation" in " ".join(record["notes"])
    assert record["discs"] == record["curves"] == []


def test_the_report_states_it_once_and_not_for_each_level(measured, labelling, scan):
    content = report_content(
        parts_of(first_state(scan, Tuning(), Overlays()), 10.0, labelling=labelling),
        measured=measured_part(measured),
        now=datetime(2026, 3, 4, 5, 6),
    )
    assert content.measured.tables[0].notes[0] == UNORIENTED
    for text in (as_html(content), as_csv(content)):
        assert text.count("not lengths, volumes, angles or fracture grades") == 1
        assert text.count("front and back, head and foot are unknown") == 1
        assert "from the wrong end" in text
    assert ORIENTATION_UNKNOWN in json.loads(as_json(content))["warnings"]


def test_a_moved_region_of_interest_does_not_bring_back_grades_or_a_density(measured, scan):
    level = next(vertebra.name for vertebra in measured if vertebra.trabecular is not None)
    source = Source(Kind.DENSITY, level)
    shown = find_landmarks(measured, source)
    (name, (x, y, z)) = next(iter(shown.points_lps_mm.items()))
    point = MovedPoint(Kind.DENSITY, name, measured.named(level).centre_lps_mm, (x, y, z + 1), None)
    moved = applied(measured, (point,), scan)
    assert moved.named(level).trabecular.is_set_by_hand
    assert moved.named(level).genant is None
    assert moved.density == measured.density
