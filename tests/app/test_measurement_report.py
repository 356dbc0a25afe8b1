"""The vertebrae's measurements on the page: tables, marks, density and changes."""

import csv
import json
from dataclasses import replace
from datetime import datetime

import pytest
from fakes import parts_of
from spine_numbers import two_levels, vertebra

from spineviewer.app.measurement_report import FollowUp, measured_part
from spineviewer.app.report import RESEARCH_NOTE, as_csv, as_html, as_json, report_content
from spineviewer.app.state import Overlays, first_state
from spineviewer.measurements.results import CurveKind, CutOff, Estimate, PlateLine
from spineviewer.tuning import Tuning

NOW = datetime(2026, 3, 4, 5, 6)


def page_of(scan, part):
    parts = parts_of(first_state(scan, Tuning(), Overlays()), 10.0)
    return report_content(parts, measured=part, now=NOW)


def texts(table):
    return [[cell.marked for cell in row] for row in table.rows]


def by_column(table, level):
    row = next(row for row in table.rows if row[0].text == level)
    heads = (column.heading for column in table.columns)
    return dict(zip(heads, (cell.marked for cell in row), strict=True))


def test_the_table_has_a_row_for_each_level_and_marks_values_to_check():
    vertebrae, curves = measured_part(two_levels()).tables
    fractured, whole = by_column(vertebrae, "T12"), by_column(vertebrae, "L1")
    assert fractured["Vertebra"] == "▲ T12"
    assert fractured["Ant. (mm)"] == "▲ 15.0"
    assert fractured["Mid. (mm)"] == "20.0"
    assert fractured["Genant"] == "▲ 2? wedge (39%)"
    assert (whole["Vertebra"], whole["Ant. (mm)"], whole["Post. (mm)"]) == ("L1", "24.0", "26.0")
    assert whole["HU"] == "150"
    assert texts(curves) == [["Kyphosis", "T12–L1", "20.1°", "", ""]]
    assert curves.notes == ("Supine.",)


@pytest.mark.parametrize(
    ("convexity", "degrees", "rotation"),
    [
        ("left", 6.2, "6°, spinous process to the left"),
        ("right", -6.2, "6°, spinous process to the right"),
        ("right", -0.3, "0°"),
    ],
)
def test_a_lateral_curve_says_to_which_side_it_bends_and_rotates(convexity, degrees, rotation):
    measured = two_levels()
    level = PlateLine((-15.0, 0.0, 0.0), (15.0, 0.0, 0.0))
    left_mm = 4.0 if convexity == "left" else -4.0
    curve = replace(
        measured.curves[0],
        kind=CurveKind.COBB,
        upper_plate=PlateLine((-15.0, 0.0, 50.0), (15.0, 0.0, 50.0 + left_mm)),
        lower_plate=level,
        apex_rotation_deg=Estimate(degrees, 3.0),
    )
    row = measured_part(replace(measured, curves=(curve,))).tables[1].rows[0]
    assert (row[0].text, row[-1].text) == (f"Cobb, convex {convexity}", rotation)


def test_changes_since_an_earlier_scan_are_in_brackets_matched_by_level(small_scan):
    earlier = replace(
        two_levels(),
        vertebrae=(vertebra("T12", 19, (0.0, 0.0, 50.0), (24.0, 25.0, 26.0)),),
        curves=(),
    )
    part = measured_part(two_levels(), FollowUp(earlier, "2020-01-02"))
    vertebrae = part.tables[0]
    assert by_column(vertebrae, "T12")["Ant. (mm)"] == "▲ 15.0 (-9.0)"
    assert by_column(vertebrae, "L1")["Ant. (mm)"] == "24.0"
    assert "Wedge" not in by_column(vertebrae, "T12")
    assert any("change since the scan of 2020-01-02" in note for note in part.notes)
    (change, none) = part.record["changes"]
    lines = as_csv(page_of(small_scan, part)).splitlines()
    assert 'Vertebrae,"T12, Ant., change",-9.0,mm' in lines
    assert (change["name"], change["anterior"], none) == ("T12", -9.0, {"name": "L1"})


def test_a_change_since_a_value_that_was_set_by_hand_has_an_asterisk_and_a_note(small_scan):
    fractured, whole = two_levels().vertebrae
    profile = fractured.profile
    moved = replace(profile, anterior=profile.anterior.moved(start=(0.0, -15.0, 48.0)))
    earlier = replace(two_levels(), vertebrae=(replace(fractured, profiles=(moved,)), whole))
    part = measured_part(two_levels(), FollowUp(earlier, "2020-01-02"))
    assert by_column(part.tables[0], "T12")["Ant. (mm)"] == "▲ 15.0 (+4.0*)"
    assert by_column(part.tables[0], "L1")["Ant. (mm)"] == "24.0 (0.0)"
    assert "Set by hand in the prior scan: T12." in part.notes
    lines = as_csv(page_of(small_scan, part)).splitlines()
    assert 'Vertebrae,"T12, Ant., change",+4.0,mm,prior value set by hand' in lines


def test_what_was_changed_by_hand_is_marked_and_listed():
    fractured, whole = two_levels().vertebrae
    profile = whole.profile
    moved = replace(profile, anterior=profile.anterior.moved(start=(0.0, -13.0, 30.0)))
    part = measured_part(
        replace(two_levels(), vertebrae=(fractured, replace(whole, profiles=(moved,))))
    )
    assert by_column(part.tables[0], "L1")["Ant. (mm)"].endswith("*")
    assert "Measured values changed by hand: L1." in part.notes
    assert "No measured value was changed by hand." in measured_part(two_levels()).notes


def test_a_missing_value_states_the_reason():
    cut = vertebra(
        "L2", 21, (0.0, 0.0, -20.0), profiles=(), depth=None, trabecular=None, ratios=None,
        reason="This vertebra is cut off at the edge of the scan.",
    )  # fmt: skip
    part = measured_part(replace(two_levels(), vertebrae=(cut,), discs=(), curves=()))
    (table,) = part.tables
    assert table.notes == ("L2: This vertebra is cut off at the edge of the scan.",)
    assert set(texts(table)[0][1:]) == {"–"}


def test_a_note_on_several_vertebrae_is_on_the_page_once_after_their_names():
    fractured, whole = two_levels().vertebrae
    rows = (
        replace(fractured, notes=("Bridged.", "Osteophytes.")),
        replace(whole, notes=("Bridged.",)),
    )
    (table, _) = measured_part(replace(two_levels(), vertebrae=rows, notes=("Thick.",))).tables
    assert table.notes == ("Thick.", "T12, L1: Bridged.", "T12: Osteophytes.")


def test_density_is_a_number_with_a_scale_and_its_source_and_never_a_diagnosis():
    told = [(fact.name, fact.text) for fact in measured_part(two_levels()).facts]
    assert told == [
        ("Trabecular HU of L1", "150 ± 5 HU"),
        ("Tube voltage", "120 kV"),
        ("Contrast medium", "none"),
    ]
    density = replace(two_levels().density, scale=(CutOff(110.0, "specific", "A 2013"),), reason="")
    part = measured_part(replace(two_levels(), density=density))
    assert (part.facts[-1].name, part.facts[-1].text) == (
        "Published cutoff (not a diagnosis)",
        "110 HU (specific)",
    )
    assert "Sources of the HU cutoffs: A 2013." in part.notes
    assert "No scale." not in part.notes


def test_every_format_holds_table_curves_density_method_and_the_note(small_scan):
    content = page_of(small_scan, measured_part(two_levels()))
    page, table, record = as_html(content), as_csv(content), json.loads(as_json(content))
    for text in ("▲ T12", "▲ 15.0", "Kyphosis", "20.1°", "Trabecular HU of L1", "Supine."):
        assert text in page, text
    for text in (
        "Heights: between the endplates",
        "No measured value was changed by hand",
        RESEARCH_NOTE,
    ):
        assert text in page
        assert text in table
    rows = {
        (row["section"], row["name"]): (row["value"], row["unit"], row["mark"])
        for row in csv.DictReader(table.splitlines())
    }
    assert rows["Vertebrae", "T12, Ant."] == ("15.0", "mm", "flagged")
    assert rows["Vertebrae", "L1, Ant."] == ("24.0", "mm", "")
    assert rows["Curves", "Kyphosis T12–L1, Angle"] == ("20.1", "°", "")
    assert rows["Bone density", "Trabecular HU of L1"][0] == "150 ± 5"
    assert record["measurements"][0]["anterior_mm"] == 15.0
    assert record["curves"][0]["kind"] == "thoracic_kyphosis"


def test_without_measurements_the_page_has_none(small_scan):
    content = page_of(small_scan, None)
    assert "measurements" not in json.loads(as_json(content))
    assert "Heights: between" not in as_html(content)


@pytest.mark.parametrize("code", ["de"])
def test_the_tables_are_translated(small_scan, code):
    content = page_of(small_scan, measured_part(two_levels()))
    german = content.in_language(code, lambda text: f"<{text}>")
    assert german.measured.tables[0].title == "<Vertebrae>"
    assert german.measured.tables[0].columns[0].title == "<Vertebra>"
    assert german.measured.notes[0].startswith("<Heights")
