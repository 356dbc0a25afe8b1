"""The report of a scan: findings, quantities, settings and the program that computed them.

Without Qt. The page contains patient data only if the user requested or typed it. The same facts go
into every format: HTML (with embedded images), CSV and JSON here, PDF in
`gui.reporting.report_pages`, which needs Qt.
"""

from __future__ import annotations

import base64
import csv
import html
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from spineviewer import __version__
from spineviewer.app.comparing import Comparison
from spineviewer.app.level_mentions import outdated_levels
from spineviewer.app.mask_facts import cut_remark, is_incomplete
from spineviewer.app.mask_snapshot import has_corrections
from spineviewer.app.naming_check import basis_of_names
from spineviewer.app.scan_titles import describe_series
from spineviewer.app.state import ScanState, SlabKind
from spineviewer.labelling.vertebrae import Convention, Vertebrae
from spineviewer.measuring_tools.measurement import quantities
from spineviewer.volume.volume import ORIENTATION_UNKNOWN
from spineviewer.wording import enumerated, formatted_number, without_file_names, worded

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanParts

RESEARCH_NOTE = worded(
    "For research use only. Spineviewer is not a medical device. Do not base a diagnosis or "
    "treatment on this page."
)

#: Headings of the two parts that the user writes.
HEADINGS = (worded("Findings"), worded("Impression"))
#: Section of the facts about a second mask.
AGREEMENT = worded("Agreement with a second mask")


class ReportFormat(Enum):
    """File formats of a report; the value is the file's extension."""

    PDF = ".pdf"
    HTML = ".html"
    CSV = ".csv"
    JSON = ".json"


@dataclass(frozen=True)
class Fact:
    """One line of the report: section, name, value and unit."""

    section: str
    name: str
    value: str
    unit: str = ""

    @property
    def text(self) -> str:
        """Value and unit."""
        return f"{self.value}{'' if self.unit == '°' else ' '}{self.unit}".strip()

    def translated(self, translator: Callable[[str], str]) -> Fact:
        """Return the fact with its words translated."""
        return Fact(
            translator(self.section),
            translator(self.name),
            translator(self.value),
            translator(self.unit),
        )


@dataclass(frozen=True)
class TableCell:
    """A cell of a table; marks are shown by a symbol as well as by colour.

    Attributes
    ----------
    change
        Change since a prior scan; empty if there is none.
    is_earlier_by_hand
        Whether the value of the prior scan was set by hand.
    """

    text: str
    is_flagged: bool = False
    is_set_by_hand: bool = False
    change: str = ""
    is_earlier_by_hand: bool = False

    @property
    def marked(self) -> str:
        """The text with its symbols, and the change in brackets."""
        text = f"{'▲ ' if self.is_flagged else ''}{self.text}{'*' if self.is_set_by_hand else ''}"
        by_hand = "*" if self.is_earlier_by_hand else ""
        return f"{text} ({self.change}{by_hand})" if self.change else text

    @property
    def marks(self) -> str:
        """The marks in words, for files that programs read."""
        marks = {"flagged": self.is_flagged, "by hand": self.is_set_by_hand}
        return " ".join(name for name, is_set in marks.items() if is_set)

    def translated(self, translator: Callable[[str], str]) -> TableCell:
        """Return the cell with its words translated."""
        return replace(self, text=translator(self.text), change=translator(self.change))


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading and the unit of its values."""

    title: str
    unit: str = ""

    @property
    def heading(self) -> str:
        """The title, with the unit unless the title or the values contain it."""
        return f"{self.title} ({self.unit})" if self.unit in ("mm", "ml") else self.title


@dataclass(frozen=True)
class ReportTable:
    """A table with a heading, and notes below it.

    Attributes
    ----------
    naming_columns
        Number of columns, from the left, that name a row; the others contain its values.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    notes: tuple[str, ...] = ()
    naming_columns: int = 1

    def translated(self, translator: Callable[[str], str]) -> ReportTable:
        """Return the table with its words translated."""
        return replace(
            self,
            title=translator(self.title),
            columns=tuple(
                replace(column, title=translator(column.title)) for column in self.columns
            ),
            rows=tuple(tuple(cell.translated(translator) for cell in row) for row in self.rows),
            notes=tuple(translator(note) for note in self.notes if note),
        )


@dataclass(frozen=True)
class MeasuredPart:
    """The vertebral measurements of a report.

    Attributes
    ----------
    notes
        Methods of measurement, and values that were changed by hand.
    record
        The measurements as JSON fields, for other programs.
    """

    tables: tuple[ReportTable, ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LegendLine:
    """The meaning of a colour or line over an image; `symbol` is a PNG file."""

    name: str
    symbol: bytes = field(repr=False)


@dataclass(frozen=True)
class ReportImage:
    """An image with its caption and legend."""

    caption: str
    png: bytes = field(repr=False)
    width_px: int
    height_px: int
    legend: tuple[LegendLine, ...] = ()


@dataclass(frozen=True)
class ReportContent:
    """The content of a report.

    Attributes
    ----------
    title
        Title of the page.
    facts, technical
        Facts about the scan, and technical facts about the computation.
    measured
        The measurements of the vertebrae, if the report contains them.
    patient
        Patient, study and series on one line; empty if not requested.
    file_name
        Name of the scan's file; empty if not requested.
    series
        The series, if the report names neither patient nor file.
    findings, impression
        What the user wrote.
    headings
        Headings above findings and impression.
    language
        Code of the page's language.
    """

    title: str
    made_at: str
    facts: tuple[Fact, ...]
    warnings: tuple[str, ...]
    pictures: tuple[ReportImage, ...] = ()
    note: str = RESEARCH_NOTE
    language: str = "en"
    technical: tuple[Fact, ...] = ()
    measured: MeasuredPart = field(default_factory=MeasuredPart)
    patient: str = ""
    file_name: str = ""
    series: str = ""
    findings: str = ""
    impression: str = ""
    headings: tuple[str, str] = HEADINGS

    def in_language(self, code: str, translator: Callable[[str], str]) -> ReportContent:
        """Return the same page translated by `translator`.

        The record, which is for programs, remains in English.
        """
        return replace(
            self,
            title=translator(self.title),
            facts=tuple(fact.translated(translator) for fact in self.facts),
            technical=tuple(fact.translated(translator) for fact in self.technical),
            measured=replace(
                self.measured,
                tables=tuple(table.translated(translator) for table in self.measured.tables),
                facts=tuple(fact.translated(translator) for fact in self.measured.facts),
                notes=tuple(map(translator, self.measured.notes)),
            ),
            warnings=tuple(translator(warning) for warning in self.warnings),
            note=translator(self.note),
            patient=translator(self.patient),
            series=translator(self.series),
            headings=(translator(self.headings[0]), translator(self.headings[1])),
            language=code,
        )

    @property
    def subject(self) -> str:
        """Patient and file on one line; if neither is requested, the series."""
        return " · ".join(filter(None, (self.patient, self.file_name, self.series)))

    @property
    def legend(self) -> tuple[LegendLine, ...]:
        """The legend of all pictures, each line once."""
        return tuple(dict.fromkeys(line for picture in self.pictures for line in picture.legend))

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Headings and the user's text below each, without empty parts."""
        pairs = zip(self.headings, (self.findings, self.impression), strict=True)
        return tuple((heading, text.strip()) for heading, text in pairs if text.strip())


def report_content(
    parts: ScanParts,
    *,
    title: str = "",
    measured: MeasuredPart | None = None,
    file_name: str = "",
    patient: str = "",
    now: datetime | None = None,
) -> ReportContent:
    """Return the content of a report about an open scan, without images.

    Parameters
    ----------
    measured
        The measurements of the vertebrae; None to leave them out.
    file_name
        Name of the scan's file; empty to leave it out, because it often contains the patient's
        name.
    patient
        Patient and study on one line; empty to leave them out.
    """
    state, vertebrae, draft = parts.state, parts.vertebrae, parts.draft
    volume, *tuning = _mask_facts(parts)
    facts = [
        *_measurement_facts(state),
        *_vertebra_facts(vertebrae, lists_volumes=measured is None),
        *([volume] if parts.facts else []),
        *_comparison_facts(parts.comparison),
    ]
    technical = [
        *_scan_facts(state),
        *(tuning if parts.facts else [volume]),
        *_program_facts(state),
    ]
    made_at = (now or datetime.now().astimezone()).strftime("%Y-%m-%d %H:%M")
    warnings = [without_file_names(warning) for warning in state.scan.source.warnings]
    if parts.facts and (remark := cut_remark(parts.facts.is_cut_by_scan, vertebrae)):
        warnings.append(remark)
    if not state.scan.source.is_orientation_known:
        warnings.append(ORIENTATION_UNKNOWN)
    if vertebrae is not None:
        warnings.extend(vertebrae.naming.warnings)
    if outdated := outdated_levels(parts):
        warnings.append(outdated)
    return ReportContent(
        title or worded("CT of the spine"),
        made_at,
        tuple(facts),
        tuple(dict.fromkeys(warnings)),
        technical=tuple(technical),
        measured=measured or MeasuredPart(),
        patient=patient,
        file_name=file_name,
        series="" if patient or file_name else describe_series(state.scan.source),
        findings=draft.findings,
        impression=draft.impression,
    )


def _scan_facts(state: ScanState) -> list[Fact]:
    section = worded("Scan")
    scan = state.scan
    (nz, ny, nx), (dz, dy, dx) = scan.geometry.shape_zyx, scan.geometry.spacing_zyx_mm
    facts = [
        Fact(section, worded("Size"), f"{nx} × {ny} × {nz}", worded("voxels")),
        Fact(
            section,
            worded("Spacing"),
            worded("{x:.2f} × {y:.2f} × {z:.2f}", x=dx, y=dy, z=dz),
            "mm",
        ),
        Fact(section, worded("Format"), worded(scan.source.format.value)),
    ]
    if scan.source.series_uid:
        facts.append(Fact(section, worded("Series"), scan.source.series_uid))
    return facts


def _mask_facts(parts: ScanParts) -> list[Fact]:
    section, tuning, mask = worded("Mask"), parts.state.tuning, parts.facts
    is_corrected = has_corrections(parts.correction, parts.state.fused, tuning)
    if mask is None:
        return [Fact(section, worded("Volume"), worded("not segmented"))]
    is_cut = is_incomplete(mask.is_cut_by_scan, parts.vertebrae)
    return [
        Fact(
            section,
            worded("Volume"),
            formatted_number(mask.volume_ml, ".1f"),
            worded("ml, incomplete") if is_cut else "ml",
        ),
        Fact(
            section,
            worded("Attention threshold"),
            formatted_number(tuning.attention_threshold, ".2f"),
        ),
        Fact(
            section,
            worded("Smoothing (sigma)"),
            formatted_number(tuning.sigma_mm, ".1f"),
            "mm",
        ),
        Fact(
            section,
            worded("Segmentation threshold"),
            formatted_number(tuning.segmentation_threshold, ".2f"),
        ),
        Fact(section, worded("Corrected by hand"), worded("yes") if is_corrected else worded("no")),
    ]


def _vertebra_facts(vertebrae: Vertebrae | None, *, lists_volumes: bool) -> list[Fact]:
    if vertebrae is None or not len(vertebrae):
        return []
    section, naming = worded("Vertebrae"), vertebrae.naming
    names = vertebrae.marked_names
    first, last = (names[vertebrae.bodies[end].label] for end in (0, -1))
    facts = [
        Fact(section, worded("Levels"), f"{first}–{last}"),
        Fact(section, worded("Naming"), basis_of_names(naming)),
    ]
    if naming.convention is not Convention.SET_BY_HAND:  # the user's own names have no probability
        facts.append(
            Fact(
                section,
                worded("Probability that the names are correct"),
                formatted_number(100 * naming.probability, ".0f", "%"),
            )
        )
    if naming.anomalies:
        facts.append(Fact(section, worded("Anomalies"), enumerated(naming.anomalies)))
    for vertebra in vertebrae if lists_volumes else ():
        unit = worded("ml, incomplete") if vertebra.is_incomplete else "ml"
        name = names[vertebra.label]
        by_hand = worded("{name}, named by hand", name=name) if vertebra.is_set_by_hand else name
        facts.append(Fact(section, by_hand, formatted_number(vertebra.volume_ml, ".1f"), unit))
    return facts


def _comparison_facts(comparison: Comparison | None) -> list[Fact]:
    if comparison is None:
        return []
    section, scores = AGREEMENT, comparison.scores
    facts = [Fact(section, "Dice", formatted_number(scores.dice, ".3f"))]
    if scores.hd95_mm is not None and scores.assd_mm is not None:
        facts.append(Fact(section, "HD95", formatted_number(scores.hd95_mm, ".1f"), "mm"))
        facts.append(Fact(section, "ASSD", formatted_number(scores.assd_mm, ".2f"), "mm"))
    facts.append(
        Fact(
            section,
            worded("Volume difference (mask minus second mask)"),
            formatted_number(scores.mask_ml - scores.reference_ml, "+.1f"),
            "ml",
        )
    )
    return facts


def _measurement_facts(state: ScanState) -> list[Fact]:
    section = worded("Measurements")
    facts = []
    for number, measurement in enumerate(state.measurements, start=1):
        label = f" {measurement.text}" if measurement.text and not measurement.tool.is_text else ""
        kind = worded("{kind}{label}", kind=worded(measurement.tool.title), label=label)
        place = worded(
            "{number}  {kind}, {place}",
            number=number,
            kind=kind,
            place=measurement.place_name(state.scan),
        )
        found = quantities(measurement, state.scan)
        if not found:
            facts.append(Fact(section, place, measurement.text, ""))
        for quantity in found:
            is_alone = quantity.name in ("length", "angle")
            name = (
                place
                if is_alone
                else worded("{place}, {quantity}", place=place, quantity=worded(quantity.name))
            )
            facts.append(
                Fact(
                    section,
                    name,
                    formatted_number(quantity.value, f".{quantity.kind.unit.decimals}f"),
                    quantity.unit,
                )
            )
    return facts


def _program_facts(state: ScanState) -> list[Fact]:
    section = worded("Made with")
    facts = [Fact(section, worded("Program"), f"Spineviewer {__version__}")]
    names = {
        "device": worded("Device"),
        "backend": worded("Backend"),
        "precision": worded("Precision"),
        "model_version": worded("Model"),
        "weights": worded("Weights"),
    }
    for key, name in names.items():
        if state.run_record.get(key):
            value = str(state.run_record[key])
            facts.append(Fact(section, name, value[:16] if key == "weights" else value))
    window = state.window
    facts.append(
        Fact(
            section,
            worded("Window (width/level)"),
            enumerated(
                [formatted_number(hu, ".0f") for hu in (window.width_hu, window.level_hu)], "/"
            ),
            "HU" if state.scan.source.are_values_hu else "",
        )
    )
    if state.slab.kind is not SlabKind.SLICE:  # its thickness is written on each picture
        facts.append(Fact(section, worded("Slab"), worded(state.slab.kind.value), ""))
    return facts


def as_csv(content: ReportContent) -> str:
    """Return the report as a CSV table, one line per fact."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["section", "name", "value", "unit", "mark"])
    table.writerow(["Report", content.title, content.made_at, ""])
    if content.patient:
        table.writerow(["Patient", "", content.patient, ""])
    if content.file_name:
        table.writerow(["Scan", "File", content.file_name, ""])
    if content.series:
        table.writerow(["Scan", "Series", content.series, ""])
    for heading, text in content.texts:
        table.writerow(["Text", heading, text, ""])
    for part in content.measured.tables:
        table.writerows(_csv_rows(part))
    for fact in (*content.measured.facts, *content.facts, *content.technical):
        table.writerow([fact.section, fact.name, fact.value, fact.unit])
    for note in (*content.warnings, *_table_notes(content), *content.measured.notes):
        table.writerow(["Note", "", note, ""])
    table.writerow(["Note", "", RESEARCH_NOTE, ""])
    return out.getvalue()


def _csv_rows(part: ReportTable) -> Iterator[list[str]]:
    """Yield a row for each value of a table and for each change; units are in their own column."""
    first = part.naming_columns
    for row in part.rows:
        named = " ".join(cell.text for cell in row[:first])
        for column, cell in zip(part.columns[first:], row[first:], strict=True):
            name, unit = f"{named}, {column.title}", column.unit
            yield [part.title, name, cell.text.removesuffix(unit), unit, cell.marks]
            if cell.change:
                by_hand = ["prior value set by hand"] if cell.is_earlier_by_hand else []
                change = cell.change.removesuffix(unit)
                yield [part.title, f"{name}, change", change, unit, *by_hand]


def as_json(content: ReportContent) -> str:
    """Return the report as one JSON object, without the images."""
    return json.dumps(
        {
            "title": content.title,
            "made_at": content.made_at,
            "status": RESEARCH_NOTE,
            **({"patient": content.patient} if content.patient else {}),
            **({"file": content.file_name} if content.file_name else {}),
            **({"series": content.series} if content.series else {}),
            "findings": content.findings,
            "impression": content.impression,
            "facts": [
                asdict(fact)
                for fact in (*content.measured.facts, *content.facts, *content.technical)
            ],
            **content.measured.record,
            "warnings": list(content.warnings),
        },
        indent=1,
        ensure_ascii=False,
    )


def as_text(content: ReportContent) -> str:
    """Return the user's text without formatting, to paste into a radiology information system."""
    return "\n\n".join(f"{heading}:\n{text}" for heading, text in content.texts) + "\n"


def as_html(content: ReportContent) -> str:
    """Return a self-contained HTML page: pictures and styles are embedded."""
    figures = "".join(
        f'<figure><img alt="{html.escape(p.caption)}" width="{p.width_px}" height="{p.height_px}" '
        f'src="{_embedded(p.png)}"><figcaption>{html.escape(p.caption)}</figcaption></figure>'
        for p in content.pictures
    )
    legend = "".join(
        f'<span><img alt="" src="{_embedded(line.symbol)}"> {html.escape(line.name)}</span>'
        for line in content.legend
    )
    subject = f"<p class='subject'>{html.escape(content.subject)}</p>\n" if content.subject else ""
    texts = "".join(
        f"<section class='words'><h2>{html.escape(heading)}</h2>"
        f"<p>{html.escape(text)}</p></section>\n"
        for heading, text in content.texts
    )
    facts = sections((*content.measured.facts, *content.facts))
    tables = "".join(_table(*section) for section in facts)
    return (
        f'<!DOCTYPE html>\n<html lang="{content.language}"><head><meta charset="utf-8">\n'
        f"<title>{html.escape(content.title)}</title>\n<style>{_STYLE}</style></head><body>\n"
        f"<header><h1>{html.escape(content.title)}</h1><p>{html.escape(content.made_at)}</p></header>\n"
        f'{subject}{texts}<div class="pictures">{figures}</div>\n'
        f'<p class="legend">{legend}</p>\n'
        f"{_warnings(content.warnings)}{''.join(map(_wide_table, content.measured.tables))}"
        f"<div class='tables'>{tables}</div>\n"
        f"<footer><p>{html.escape(' '.join(content.measured.notes))}</p>"
        f"<p>{html.escape(technical_line(content))}</p>"
        f'<p class="note">{html.escape(content.note)}</p></footer>\n'
        "</body></html>\n"
    )


def _embedded(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _table_notes(content: ReportContent) -> list[str]:
    return [note for table in content.measured.tables for note in table.notes if note]


def _wide_table(table: ReportTable) -> str:
    head = "".join(f"<th>{html.escape(column.heading)}</th>" for column in table.columns)
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{' class=flag' if cell.is_flagged else ''}>{html.escape(cell.marked)}</td>"
            for cell in row
        )
        + "</tr>"
        for row in table.rows
    )
    notes = "".join(f"<p class='quiet'>{html.escape(note)}</p>" for note in table.notes if note)
    return (
        f"<section class='wide'><h2>{html.escape(table.title)}</h2><table><tr>{head}</tr>{rows}"
        f"</table>{notes}</section>\n"
    )


def technical_line(content: ReportContent) -> str:
    """Return the technical facts in one paragraph."""
    return " · ".join(f"{fact.name} {fact.text}" for fact in content.technical)


def sections(facts: Sequence[Fact]) -> list[tuple[str, list[Fact]]]:
    """Return the facts grouped by section, in their original order."""
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.section, []).append(fact)
    return list(found.items())


def _table(name: str, facts: Sequence[Fact]) -> str:
    rows = "".join(
        f"<tr><th>{html.escape(f.name)}</th><td>{html.escape(f.text)}</td></tr>" for f in facts
    )
    return f"<section><h2>{html.escape(name)}</h2><table>{rows}</table></section>"


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    return (
        "<ul class='warnings'>"
        + "".join(f"<li>{html.escape(w)}</li>" for w in warnings)
        + "</ul>\n"
    )


_STYLE = """
body { font: 14px/1.45 Inter, system-ui, sans-serif; color: #16202b; max-width: 1000px;
  margin: 32px auto; padding: 0 20px; }
header { display: flex; justify-content: space-between; align-items: baseline;
  border-bottom: 2px solid #16202b; }
h1 { font-size: 24px; margin: 0 0 6px; } h2 { font-size: 15px; margin: 18px 0 4px; }
.wide td, .wide th { text-align: right; padding: 2px 6px; font-weight: 400; }
.wide td:first-child, .wide th:first-child { text-align: left; }
.wide th { color: #556; } .flag { color: #b3261e; font-weight: 600; }
.quiet { color: #556; font-size: 12px; margin: 2px 0; }
.subject { font-weight: 600; } .words p { white-space: pre-wrap; margin: 2px 0 10px;
  max-width: 75ch; }
footer { color: #667; font-size: 11px; border-top: 1px solid #ccd; margin-top: 18px;
  overflow-wrap: anywhere; }
.note { color: #8a3b12; } .warnings { background: #fff4e0; padding: 8px 8px 8px 28px;
  border-radius: 6px; }
.pictures { display: flex; gap: 12px; flex-wrap: wrap; align-items: flex-end; }
  figure { margin: 0; background: #000; }
figure img { display: block; max-height: 380px; width: auto; }
figcaption { background: #fff; color: #556; font-size: 12px; padding: 4px 0; }
.legend { color: #556; font-size: 12px; margin: 6px 0; } .legend span { margin-right: 18px;
  white-space: nowrap; }
.legend img { height: 11px; vertical-align: -1px; }
.tables { columns: 2; column-gap: 36px; } section { break-inside: avoid; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 400;
  color: #556; }
td { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
th, td { padding: 2px 0; border-bottom: 1px solid #e4e8ec; vertical-align: top; }
@media print { body { margin: 0; max-width: none; font-size: 11px; }
  figure img { max-height: 270px; } }
"""
