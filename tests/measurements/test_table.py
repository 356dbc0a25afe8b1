"""Rows of measurements in JSON and CSV."""

import csv
import io
import json
from dataclasses import replace

from rows import vertebra

from spineviewer.measurements.density import density_statement
from spineviewer.measurements.expected import norm_mm
from spineviewer.measurements.grading import graded
from spineviewer.measurements.results import (
    Acquisition,
    Contrast,
    Estimate,
    Genant,
    Measurements,
    VertebraMeasurement,
)
from spineviewer.measurements.table import COLUMNS, csv_text, measurements_record, vertebra_record
from spineviewer.volume.levels import level_number

FIRST = [
    "name", "label", "is_partial", "anterior_mm", "middle_mm", "posterior_mm", "wedge",
    "biconcavity", "crush", "genant_grade", "genant_type", "trabecular_hu_mean",
    "trabecular_hu_median", "trabecular_hu_sd", "volume_ml", "ap_mm", "width_mm", "notes",
]  # fmt: skip


def some_measurements():
    names = ("T12", "L1", "L2", "L3")
    rows = [vertebra(name, norm_mm(level_number(name)), -40.0 * n) for n, name in enumerate(names)]
    cut = VertebraMeasurement(
        "L4",
        23,
        True,
        (0.0, 0.0, -170.0),
        rows[0].frame,
        reason="This vertebra is cut off at the edge of the scan.",
    )
    rows = graded([*rows, cut])
    unknown = (Contrast.UNKNOWN, "not known", None)
    return Measurements(
        rows,
        (),
        (),
        density_statement(rows, Acquisition(), unknown),
        "CT is usually acquired supine.",
    )


def test_rows_begin_with_the_documented_columns():
    assert tuple(COLUMNS[: len(FIRST)]) == tuple(FIRST)
    assert list(vertebra_record(some_measurements().named("L1"))) == list(COLUMNS)


def test_a_row_holds_heights_ratios_and_grade():
    row = vertebra_record(some_measurements().named("L1"))
    anterior, middle, posterior = norm_mm(20)
    assert (row["anterior_mm"], row["middle_mm"], row["posterior_mm"]) == (
        anterior,
        middle,
        posterior,
    )
    assert row["wedge"] == round(anterior / posterior, 3)
    assert row["genant_grade"] == 0
    assert row["anterior_mm_uncertainty"] == 0.3


def test_a_vertebra_that_was_not_measured_has_empty_values_and_a_reason():
    row = vertebra_record(some_measurements().named("L4"))
    assert row["is_partial"]
    assert row["anterior_mm"] is None
    assert row["genant_grade"] is None
    assert row["notes"] == ["This vertebra is cut off at the edge of the scan."]


def test_the_record_is_json_with_rows_curves_and_density():
    record = json.loads(json.dumps(measurements_record(some_measurements())))
    assert [row["name"] for row in record["measurements"]] == ["T12", "L1", "L2", "L3", "L4"]
    assert record["curves"] == []
    assert record["density"]["contrast"] == "unknown"


def test_a_table_can_be_read_back():
    rows = [vertebra_record(v) for v in some_measurements()]
    table = list(csv.DictReader(io.StringIO(csv_text(rows))))
    assert [row["name"] for row in table] == ["T12", "L1", "L2", "L3", "L4"]
    assert table[4]["anterior_mm"] == ""
    assert float(table[1]["anterior_mm"]) == norm_mm(20)[0]


def test_a_number_that_rounds_to_zero_is_not_minus_zero():
    measured = some_measurements()
    row = replace(measured.vertebrae[0], genant=Genant(0, None, Estimate(-0.001, 1.0)))
    assert str(vertebra_record(row)["height_loss_percent"]) == "0.0"
