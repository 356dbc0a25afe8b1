"""Window, report, tables, JSON and structured report state the same values for the same scan."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime

import pydicom
import pytest
from fakes import on_dicom_slices, parts_of, spine_volume
from pypdf import PdfReader
from PySide6.QtCore import QModelIndex, Qt
from spine_numbers import caliper, two_levels, vertebra

from spineviewer.app.measurement_files import write_measurements
from spineviewer.app.measurement_report import FollowUp, measured_part
from spineviewer.app.measurement_rows import (
    QUANTITIES,
    acquisition_texts,
    curve_rows,
    tab_separated,
    table_rows,
)
from spineviewer.app.provenance import Provenance
from spineviewer.app.report import as_csv, as_html, as_json, report_content
from spineviewer.app.state import Overlays, first_state
from spineviewer.gui.kit.language import translated
from spineviewer.gui.reporting.report_pages import report_pdf
from spineviewer.gui.vertebrae.measurement_model import MeasurementModel
from spineviewer.measurements.results import UNKNOWN_LEVELS, Estimate, Genant, Slip
from spineviewer.tuning import Tuning

NOW = datetime(2026, 3, 4, 5, 6)
#: The column of each quantity in JSON, CSV and Python, and its concepts in a structured report.
COLUMNS = {
    "anterior": "anterior_mm", "middle": "middle_mm", "posterior": "posterior_mm",
    "genant": "height_loss_percent", "wedge": "wedge", "biconcavity": "biconcavity",
    "crush": "crush", "trabecular": "trabecular_hu_mean", "body": "volume_ml", "depth": "ap_mm",
    "width": "width_mm", "canal": "canal_ap_mm",
}  # fmt: skip
CODES = {
    ("121207", "255549009"): "anterior_mm", ("121207", "26216008"): "middle_mm",
    ("121207", "255551008"): "posterior_mm", ("HEIGHT_LOSS", ""): "height_loss_percent",
    ("WEDGE", ""): "wedge", ("BICONCAVITY", ""): "biconcavity", ("CRUSH", ""): "crush",
    ("112031", "373098007"): "trabecular_hu_mean", ("112031", "373099004"): "trabecular_hu_median",
    ("112031", "386136009"): "trabecular_hu_sd", ("118565006", ""): "volume_ml",
    ("103355008", ""): "width_mm", ("EXPECTED_HEIGHT", "255549009"): "expected_anterior_mm",
    ("EXPECTED_HEIGHT", "26216008"): "expected_middle_mm",
    ("EXPECTED_HEIGHT", "255551008"): "expected_posterior_mm",
}  # fmt: skip


def measured_scan():
    """Return T12 to L3: a fracture, a body above its expected height, a slip, and a cut body."""
    plain = two_levels()
    fractured, whole = plain.vertebrae
    profile = whole.profile
    moved = replace(profile, anterior=profile.anterior.moved(start=(0.0, -13.0, 27.26)))
    whole = replace(
        whole, profiles=(moved,), genant=Genant(0, None, Estimate(-4.4, 3.0)),
        notes=("Bone bridges a disc.",),
    )  # fmt: skip
    fractured = replace(
        fractured, width=caliper(0.0, 41.25, 0.0), canal=caliper(0.0, 15.04, 0.0),
        body_ml=Estimate(21.36, 0.4), notes=("Bone bridges a disc.", "Check."),
    )  # fmt: skip
    cut = vertebra(
        "L2", 21, (0.0, 0.0, -20.0), profiles=(), depth=None, trabecular=None, ratios=None,
        reason="This vertebra is cut off at the edge of the scan.",
    )  # fmt: skip
    cut = replace(cut, is_partial=True)
    slip = Slip((0, -14, 29), (0, 18, 29), (0, 14.6, 37), plain.discs[0].slip.cut, 0.5, True)
    disc = replace(plain.discs[0], slip=slip)
    return replace(plain, vertebrae=(fractured, whole, cut), discs=(disc,))


def earlier_scan():
    fractured, whole = two_levels().vertebrae
    profile = fractured.profile
    moved = replace(profile, middle=profile.middle.moved(start=(0.0, 0.0, 61.0)))
    fractured = replace(
        fractured, profiles=(moved,), genant=Genant(1, fractured.genant.shape, Estimate(22.0, 3.0))
    )
    return replace(two_levels(), vertebrae=(fractured, whole))


def window_texts(measured, earlier):
    """Return the text of each cell in the window by level and quantity, without spaces."""
    model = MeasurementModel()
    model.show_rows(table_rows(measured, earlier))
    root, vertical = QModelIndex(), Qt.Orientation.Vertical
    return {
        (model.headerData(row, vertical), quantity.name): model.index(row, column)
        .data()
        .replace(" ", "")
        for row in range(model.rowCount(root))
        for column, quantity in enumerate(QUANTITIES)
    }


def page_of(measured, earlier, scan):
    follow_up = None if earlier is None else FollowUp(earlier, "2020-01-02")
    parts = parts_of(first_state(scan, Tuning(), Overlays()), 10.0)
    return report_content(parts, measured=measured_part(measured, follow_up), now=NOW)


@pytest.mark.parametrize("are_levels_known", [True, False])
@pytest.mark.parametrize("earlier", [None, earlier_scan()], ids=["alone", "follow-up"])
def test_the_report_states_the_values_changes_and_marks_of_the_window(
    qapp, small_scan, earlier, are_levels_known
):
    measured = replace(measured_scan(), are_levels_known=are_levels_known)
    shown = window_texts(measured, earlier)
    untranslated = page_of(measured, earlier, small_scan)
    content = untranslated.in_language("en", translated)
    table, curves = content.measured.tables
    titles = {quantity.title: quantity for quantity in QUANTITIES}
    in_report = {
        (row[0].marked, titles[column.title].name): cell.marked.replace(" ", "")
        for row in table.rows
        for column, cell in zip(table.columns[1:], row[1:], strict=True)
    }
    assert in_report == {key: shown[key] for key in in_report}
    assert {name for _, name in shown} - {name for _, name in in_report} == (
        set() if earlier is None else {"wedge", "biconcavity", "crush", "depth", "width"}
    )
    page, pdf = as_html(content), PdfReader(io.BytesIO(report_pdf(content))).pages[0]
    text = " ".join(pdf.extract_text().split())
    for cell in (cell for part in (table, curves) for row in part.rows for cell in row):
        assert f">{cell.marked}</td>" in page
        assert cell.marked in text
    for note in (*table.notes, *content.measured.notes):
        assert page.count(note) == text.count(note) == 1
    csv_rows = list(csv.DictReader(as_csv(untranslated).splitlines()))
    stated = {row["name"]: row for row in csv_rows if row["section"] == "Vertebrae"}
    for row in untranslated.measured.tables[0].rows:
        for column, cell in zip(table.columns[1:], row[1:], strict=True):
            line = stated[f"{row[0].text}, {column.title}"]
            assert (line["value"], line["unit"]) == (cell.text, column.unit)
            assert ("flagged" in line["mark"]) == ("▲" in cell.marked)
            assert ("by hand" in line["mark"]) == cell.is_set_by_hand


def test_a_copied_table_has_the_texts_of_the_window():
    measured = measured_scan()
    lines = [line.split("\t") for line in tab_separated(measured, None, str).splitlines()]
    for row, line in zip(table_rows(measured), lines[1:], strict=False):
        texts = ["" if cell.value is None else cell.text for cell in row.cells]
        assert line[: 1 + len(texts)] == [row.title, *texts]
        assert line[-1] == " ".join(row.notes)
    (kind, levels, angle), *acquisition = lines[-3:]
    assert acquisition == [[text] for text in acquisition_texts(measured.density)]
    (curve,) = curve_rows(measured)
    assert (kind, levels, angle) == (curve.title, curve.levels, curve.cell.text)


@pytest.fixture
def files(tmp_path):
    """The measurements as JSON, CSV and structured report, and the JSON report."""
    scan = on_dicom_slices(spine_volume(), tmp_path / "slices")
    measured = measured_scan()
    provenance = Provenance(scan.source, Tuning(), {})
    for ending in (".json", ".csv", ".dcm"):
        write_measurements(measured, provenance, tmp_path / f"m{ending}")
    record = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    table = list(csv.DictReader((tmp_path / "m.csv").read_text(encoding="utf-8").splitlines()))
    report = json.loads(as_json(page_of(measured, None, scan)))
    return record, table, pydicom.dcmread(tmp_path / "m.dcm"), report


def test_json_states_the_values_of_the_window_before_they_are_rounded(files):
    record, table, _, report = files
    rows = {row["name"]: row for row in record["measurements"]}
    for name in ("measurements", "discs", "curves", "density", "posture", "notes"):
        assert report[name] == record[name]
    discs = {disc["upper"]: disc for disc in record["discs"]}
    for row in table_rows(measured_scan()):
        stated = rows[row.level]
        for quantity, cell in zip(QUANTITIES, row.cells, strict=True):
            disc = discs.get(row.level, {})
            value = (
                stated[COLUMNS[quantity.name]]
                if quantity.name in COLUMNS
                else disc.get({"disc": "middle_mm", "slip": "slip_mm"}[quantity.name])
            )
            assert (value is None) == (cell.value is None)
            if value is not None:
                shown = float(cell.text.rstrip("%)").split("(")[-1])
                assert abs(value - shown) <= 0.5 * 10**-quantity.digits + 0.0051
        assert row.is_flagged == bool(stated["genant_grade"])
        assert list(row.notes) == stated["notes"]
        of_body = [c for q, c in zip(QUANTITIES, row.cells, strict=True) if q.name in COLUMNS]
        assert any(cell.is_set_by_hand for cell in of_body) == stated["is_set_by_hand"]
    (curve,), (shown,) = record["curves"], curve_rows(measured_scan())
    assert f"{curve['upper']}–{curve['lower']}" == shown.levels
    assert f"{curve['degrees']}°" == shown.cell.text
    for line in table:
        stated = rows[line["name"]]
        for name, text in line.items():
            value = stated[name]
            assert text == (
                " ".join(value) if name == "notes" else "" if value is None else str(value)
            )


def walk(item):
    for child in item.get("ContentSequence", ()):
        yield child
        yield from walk(child)


def code_of(item, sequence="ConceptNameCodeSequence"):
    return item[sequence][0].CodeValue


def test_a_structured_report_states_the_values_names_and_notes_of_the_json_file(files):
    record, _, report, _ = files
    groups = {}
    for group in walk(report):
        if "ConceptNameCodeSequence" in group and code_of(group) == "125007":
            texts = [c.TextValue for c in group.ContentSequence if c.ValueType == "TEXT"]
            groups[texts[0]] = (group, texts[1:])
    for row in record["measurements"]:
        group, comments = groups[row["name"]]
        numbers, depths = {}, []
        for item in (item for item in group.ContentSequence if item.ValueType == "NUM"):
            parts = {
                code_of(part): code_of(part, "ConceptCodeSequence")
                for part in walk(item)
                if part.ValueType == "CODE"
            }
            concept, value = code_of(item), float(item.MeasuredValueSequence[0].NumericValue)
            if concept == "131197000":  # of the body, then of the canal
                depths.append(value)
            else:
                kind = parts.get("106233006", parts.get("121401", ""))
                numbers[CODES[concept, kind]] = value
        numbers |= dict(zip(("ap_mm", "canal_ap_mm"), depths, strict=False))
        assert numbers.keys() == {
            name for name in (*CODES.values(), "ap_mm", "canal_ap_mm") if row[name] is not None
        }
        for name, value in numbers.items():
            assert value == pytest.approx(row[name], abs=0.0051)
        assert [text for text in comments if text != "Changed by hand"] == row["notes"]
        assert ("Changed by hand" in comments) == row["is_set_by_hand"]


def test_names_that_are_a_guess_are_marked_in_every_table_and_file(small_scan):
    measured = replace(measured_scan(), notes=(UNKNOWN_LEVELS,), are_levels_known=False)
    content = page_of(measured, None, small_scan)
    table, curves = content.measured.tables
    assert [row[0].text for row in table.rows] == ["T12?", "L1?", "L2?"]
    assert curves.rows[0][1].text == "T12?–L1?"
    assert content.measured.facts[0].name == "Trabecular HU of L1?"
    assert UNKNOWN_LEVELS in table.notes
    assert UNKNOWN_LEVELS in json.loads(as_json(content))["notes"]
