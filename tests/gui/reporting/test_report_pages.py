"""The report as a PDF, read back with a program that extracts text."""

import io
import re
import threading
from dataclasses import replace
from datetime import datetime

import pypdf
import pytest
from fakes import parts_of
from pypdf.generic import ContentStream
from PySide6.QtGui import QImage
from spine_numbers import two_levels

from spineviewer.app.measurement_report import FollowUp, measured_part
from spineviewer.app.report import (
    Column,
    Fact,
    MeasuredPart,
    ReportContent,
    ReportImage,
    ReportTable,
    TableCell,
    report_content,
)
from spineviewer.app.report_draft import ReportDraft
from spineviewer.app.state import Overlays, first_state
from spineviewer.gui.kit.language import translated, use_language
from spineviewer.gui.kit.png import png_bytes
from spineviewer.gui.reporting.report_pages import report_pdf
from spineviewer.tuning import Tuning

NOW = datetime(2026, 3, 4, 5, 6)
SIGNS = "-0.1 (A) 3–5 mm ± 2 × [7] {8}: 12:30; T4–T12 @ #1 + 2 < 3 -> 4 !"


def spoken(text):
    """Return a text on one line with ordinary spaces, as a reader would search for it."""
    return text.replace("\n", " ").replace("\xa0", " ").replace("  ", " ").strip()


def pages_of(content):
    read = pypdf.PdfReader(io.BytesIO(report_pdf(content)))
    texts = [page.extract_text() for page in read.pages]
    assert not any(space in text for text in texts for space in "\t\xa0")
    return [" ".join(text.split()) for text in texts]


def long_content(rows, lines=0):
    """Return a page with a table of `rows` rows below `lines` lines of the user's text."""
    columns = tuple(map(Column, ("Vertebra", "Ant.", "Genant")))
    cells = (
        (TableCell(f"row{k}"), TableCell(f"left{k}"), TableCell(f"right{k}", is_flagged=True))
        for k in range(rows)
    )
    tables = (ReportTable("Vertebrae", columns, tuple(cells)),)
    return ReportContent(
        "Title",
        "2026-03-04",
        tuple(Fact("Heights", f"fact{k}", "1", "mm") for k in range(12)),
        (),
        findings="\n".join(["words"] * lines),
        measured=MeasuredPart(tables=tables),
    )


@pytest.mark.parametrize("code", ["en", "de"])
def test_every_text_of_the_page_can_be_copied_from_the_pdf(qapp, small_scan, code):
    content = report_content(
        parts_of(
            first_state(small_scan, Tuning(), Overlays()),
            10.0,
            is_cut_by_scan=True,
            draft=ReportDraft(findings=f"Findings {SIGNS}", impression="Größe: −3 ± 2 mm (T4–T12)"),
        ),
        title=f"Title {SIGNS}",
        measured=measured_part(two_levels(), FollowUp(two_levels(), "2020-01-02")),
        now=NOW,
    )
    use_language(code)
    try:
        page = content.in_language(code, translated)
    finally:
        use_language("en")
    (text,) = pages_of(page)
    assert ("Befund" in text, "Beurteilung" in text) == (code == "de", code == "de")
    tables = page.measured.tables
    told = [
        page.title, page.made_at, page.note, *page.warnings, *page.measured.notes,
        *(text for pair in page.texts for text in pair),
        *(table.title for table in tables),
        *(word for table in tables for column in table.columns for word in column.heading.split()),
        *(cell.marked for table in tables for row in table.rows for cell in row),
        *(note for table in tables for note in table.notes),
        *(word for fact in page.facts for word in (fact.name, fact.text)),
    ]  # fmt: skip
    assert [words for words in told if spoken(words) not in text] == []
    assert any("(0" in cell.marked for cell in tables[0].rows[0])
    assert any("–" in cell.marked for row in tables[1].rows for cell in row)


def test_the_page_is_dark_on_white_in_every_theme(qapp):
    read = pypdf.PdfReader(io.BytesIO(report_pdf(long_content(rows=2, lines=2))))
    commands = ContentStream(read.pages[0].get_contents(), read).operations
    inks = [tuple(map(float, inks)) for inks, command in commands if command == b"scn"]
    assert (0.0, 0.0, 0.0) in inks
    assert [ink for ink in inks if sum(ink) > 1.5] == []


@pytest.mark.parametrize("code", ["en", "de"])
def test_the_pdf_states_its_title_and_language(qapp, code):
    content = replace(long_content(rows=2), title="Spine (−) ä", language=code)
    read = pypdf.PdfReader(io.BytesIO(report_pdf(content)))
    assert read.metadata["/Title"] == "Spine (−) ä"
    assert read.metadata["/Creator"] == "Spineviewer"
    assert read.trailer["/Root"]["/Lang"] == code


def test_a_table_repeats_its_header_on_every_page_and_splits_no_row(qapp):
    pages = pages_of(long_content(rows=130, lines=3))
    assert len(pages) == 3
    for k in range(130):
        assert (
            len({page for page in pages for cell in ("row", "left") if f"{cell}{k} " in page}) == 1
        )
        (page,) = (page for page in pages if f"row{k} " in page)
        assert f"row{k} left{k} ▲ right{k} " in f"{page} "
        assert "Vertebra Ant. Genant" in page


@pytest.mark.parametrize("lines", range(60, 84))
def test_a_heading_is_never_alone_at_the_foot_of_a_page(qapp, lines):
    pages = pages_of(long_content(rows=4, lines=lines))
    assert len(pages) == 2
    for heading, follower in (("Vertebrae", "row0"), ("Heights", "fact0")):
        assert [heading in page for page in pages] == [follower in page for page in pages]
    assert [page for page in pages if "Vertebra Ant." in page and "left" not in page] == []
    assert len({page for page in pages for k in range(12) if f"fact{k} " in page}) == 1


@pytest.mark.parametrize("lines", range(38, 43))
def test_a_picture_stays_with_its_caption(qapp, lines):
    image = QImage(300, 620, QImage.Format.Format_RGB32)
    image.fill(0)
    pictures = tuple(ReportImage(f"caption{k}", png_bytes(image), 300, 620) for k in range(4))
    content = replace(long_content(rows=4, lines=lines), pictures=pictures)
    read = pypdf.PdfReader(io.BytesIO(report_pdf(content)))
    places = [
        (len(page.images), len(re.findall(r"caption\d", page.extract_text())))
        for page in read.pages
    ]
    assert all(drawn == named for drawn, named in places)
    assert sum(named for _, named in places) == 4


@pytest.mark.parametrize("lines", range(37, 43))
def test_no_line_is_printed_on_two_pages(qapp, lines):
    words = [f"note{number}." for number in range(400)]
    content = long_content(rows=4, lines=lines)
    measured = replace(content.measured, notes=(" ".join(words),))
    pages = pages_of(replace(content, measured=measured))
    printed = " ".join(pages).split()
    assert all("note" in page for page in pages) and len(pages) == 2
    assert [word for word in words if printed.count(word) != 1] == []


@pytest.mark.parametrize(("code", "place"), [("en", "page 2 of 3"), ("de", "Seite 2 von 3")])
def test_every_page_of_several_identifies_the_report(qapp, code, place):
    content = replace(long_content(rows=130, lines=3), patient="Doe, Jane · ID 7")
    use_language(code)
    try:
        pages = pages_of(content)
    finally:
        use_language("en")
    assert place in pages[1]
    for page in pages:
        assert "Doe, Jane · ID 7 · Title" in page
        assert "2026-03-04 · " in page
    assert not any("Doe" in page for page in pages_of(replace(content, patient="")))


def test_a_single_page_needs_no_number(qapp):
    (page,) = pages_of(long_content(rows=4))
    assert "page 1" not in page


def test_a_page_is_laid_out_in_a_thread_without_warnings_from_qt(qapp, qtlog):
    made = []
    worker = threading.Thread(target=lambda: made.append(report_pdf(long_content(rows=130))))
    worker.start()
    worker.join()
    assert made[0].startswith(b"%PDF")
    assert [record.message for record in qtlog.records] == []
