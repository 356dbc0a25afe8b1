"""The content of the report: numbers, how they were made, and no names of people."""

import csv
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from fakes import parts_of

from spineviewer.app.report import (
    RESEARCH_NOTE,
    ReportImage,
    as_csv,
    as_html,
    as_json,
    as_text,
    report_content,
)
from spineviewer.app.state import Overlays, first_state
from spineviewer.measuring_tools.lines import Angle, Distance
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import ScanIdentity
from spineviewer.wording import worded

NOW = datetime(2026, 3, 4, 5, 6)


@pytest.fixture
def content(small_scan):
    source = replace(
        small_scan.source,
        path=Path("MUELLER^ANNA.nii.gz"),
        warnings=("<b>odd</b> & so on", worded("{file} is damaged.", file="MUELLER_3.dcm")),
    )
    state = first_state(replace(small_scan, source=source), Tuning(0.35, 7.5, 0.5), Overlays())
    distance = Measurement(Distance(), Plane.SAGITTAL, ((10.0, 20.0, 30.0), (20.0, 20.0, 30.0)))
    angle = Measurement(
        Angle(), Plane.AXIAL, ((5.0, 30.0, 20.0), (5.0, 20.0, 20.0), (5.0, 20.0, 30.0))
    )
    state = replace(
        state,
        measurements=(distance, angle),
        run_record={"device": "cpu", "weights": "0123456789abcdef0123"},
    )
    parts = parts_of(state, 81.25, is_cut_by_scan=True, is_corrected=True)
    return report_content(parts, title="Lumbar <spine>", now=NOW)


def test_a_report_that_names_neither_patient_nor_file_names_the_series(small_scan):
    def subject(description, **named):
        identity = ScanIdentity("Mueller^Anna", "4711")
        source = replace(
            small_scan.source, identity=identity, description=description, kernel="B70f"
        )
        state = first_state(replace(small_scan, source=source), Tuning(0.35, 7.5, 0.5), Overlays())
        content = report_content(parts_of(state), **named)
        assert content.subject in as_html(content)
        return content.subject

    assert subject("Chest 1.0") == "Chest 1.0  ·  B70f"
    assert subject("Chest 1.0", patient="Anna") == "Anna"
    assert subject("Chest 1.0", file_name="a.nii.gz") == "a.nii.gz"
    assert subject("Chest of Mueller") == ""


def test_the_numbers_are_in_the_table(content):
    rows = {
        (line["section"], line["name"]): (line["value"], line["unit"])
        for line in csv.DictReader(as_csv(content).splitlines())
    }
    assert rows["Mask", "Volume"] == ("81.2", "ml, incomplete")
    assert rows["Mask", "Smoothing (sigma)"] == ("7.5", "mm")
    assert rows["Mask", "Corrected by hand"] == ("yes", "")
    # ten slices of 2.1 mm
    assert rows["Measurements", "1  Distance, sagittal 31"] == (
        "21.0",
        "mm",
    )
    assert rows["Measurements", "2  Angle, axial 6"] == ("90.0", "°")
    assert rows["Made with", "Weights"] == ("0123456789abcdef", "")
    assert rows["Report", "Lumbar <spine>"] == ("2026-03-04 05:06", "")


def test_json_holds_the_same_facts(content):
    told = json.loads(as_json(content))
    assert told["status"] == RESEARCH_NOTE
    assert {"section": "Mask", "name": "Attention threshold", "value": "0.35", "unit": ""} in told[
        "facts"
    ]
    assert len(told["facts"]) == len(content.facts) + len(content.technical)


def test_no_format_names_the_file_unless_asked(content, small_scan):
    for text in (as_csv(content), as_json(content), as_html(content)):
        assert "MUELLER" not in text
    state = first_state(small_scan, Tuning(), Overlays())
    named = report_content(parts_of(state), file_name="a.nii.gz")
    assert "a.nii.gz" in as_html(named)
    assert "not segmented" in as_csv(named)


def test_html_embeds_its_pictures_escapes_texts_and_loads_nothing(content):
    page = as_html(replace(content, pictures=(ReportImage("Axial & co", b"\x89PNG", 10, 20),)))
    assert "data:image/png;base64,iVBORw==" in page
    assert "Axial &amp; co" in page
    assert "Lumbar &lt;spine&gt;" in page
    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    assert RESEARCH_NOTE in page
    assert "http" not in page
    assert "<script" not in page


def test_the_users_texts_come_first_and_the_technical_facts_last(content):
    page = as_html(
        replace(
            content,
            findings="Fracture of L1.\n  Old.",
            impression="<None>",
            patient="Doe, Jane",
            pictures=(ReportImage("Axial", b"\x89PNG", 10, 20),),
        )
    )
    order = ["Doe, Jane", "Fracture of L1.\n  Old.", "&lt;None&gt;", "<img", "Distance", "Weights"]
    places = [page.index(text) for text in (*order, RESEARCH_NOTE)]
    assert places == sorted(places)


def test_plain_text_is_what_the_user_wrote_under_its_headings(content):
    written = replace(content, findings=" Fracture of L1. ", impression="")
    assert as_text(written) == "Findings:\nFracture of L1.\n"
    assert as_text(replace(written, impression="New.")) == (
        "Findings:\nFracture of L1.\n\nImpression:\nNew.\n"
    )
