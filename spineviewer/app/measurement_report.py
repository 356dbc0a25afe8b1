"""Vertebral measurements in the report: tables, density, and methods of measurement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spineviewer.app.follow_up import find_earlier_scan, notes_on_changes
from spineviewer.app.measurement_rows import QUANTITIES, Cell, curve_rows, table_rows
from spineviewer.app.report import Column, Fact, MeasuredPart, ReportTable, TableCell
from spineviewer.app.scan_titles import format_date, tab_titles
from spineviewer.measurements.results import Measurements
from spineviewer.measurements.table import measurements_record
from spineviewer.wording import enumerated, formatted_number, mark, worded

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanCore

#: Quantities shown in a follow-up; few, because the changes also need space.
_FOLLOWED = (
    "anterior", "middle", "posterior", "genant", "trabecular", "body", "canal", "disc", "slip",
)  # fmt: skip
#: Methods of measurement, in the order of the table.
_LENGTH_METHOD = (
    mark(
        "Heights: between the endplates in the midsagittal plane of each "
        "vertebral body, without osteophytes."
    ),
    mark(
        "Genant: largest height loss compared with the height expected from the neighbours; grade "
        "1 from 20%, 2 from 25%, 3 from 40%. A vertebra is also graded if its own heights differ "
        "from each other much more than in healthy vertebrae. A question mark means that another "
        "grade is possible."
    ),
    mark("Slip: relative to the vertebra below; forward is positive, backward negative."),
)
_HU_METHOD = (
    mark(
        "HU: mean attenuation of the trabecular bone in an ellipsoid inside the vertebral "
        "body, away from the cortex. If the bone is denser at mid-height, for example because "
        "of contrast medium in the basivertebral veins, this part is left out. Small spots "
        "that are much denser or less dense than the rest do not count."
    ),
)
_SYMBOLS = mark("A triangle marks values to check; an asterisk marks values changed by hand.")


@dataclass(frozen=True)
class FollowUp:
    """Measurements of a prior scan of the patient.

    Attributes
    ----------
    date
        Date of that scan; empty if its file does not state one.
    title
        Its title among the open scans.
    notes
        Sentences that qualify the changes.
    """

    measured: Measurements
    date: str = ""
    title: str = ""
    notes: tuple[str, ...] = ()


def find_follow_up(scan: ScanCore, scans: Sequence[ScanCore]) -> FollowUp | None:
    """Return the measurements of the open prior scan, for comparison; None if there are none."""
    earlier = find_earlier_scan(scan, scans)
    if earlier is None or earlier.parts.spine_measurements is None:
        return None
    date = earlier.volume.source.identity.study_date
    titles = tab_titles([other.volume.source for other in scans], is_patient_shown=False)
    return FollowUp(
        earlier.parts.spine_measurements,
        format_date(date) if date else "",
        titles[scans.index(earlier)],
        notes_on_changes(scan, earlier),
    )


def measured_part(measured: Measurements, earlier: FollowUp | None = None) -> MeasuredPart:
    """Return the part of a report about the measurements of the vertebrae.

    Parameters
    ----------
    earlier
        Prior scan; if there is one, the tables contain the changes since then.
    """
    before = None if earlier is None else earlier.measured
    return MeasuredPart(
        tables=tuple(
            table
            for table in (_vertebra_table(measured, before), _curve_table(measured, before))
            if table.rows
        ),
        facts=tuple(_density_facts(measured)),
        notes=tuple(_notes(measured, earlier)),
        record=_record(measured, earlier),
    )


def _vertebra_table(measured: Measurements, before: Measurements | None) -> ReportTable:
    chosen = [
        (number, quantity)
        for number, quantity in enumerate(QUANTITIES)
        if before is None or quantity.name in _FOLLOWED
    ]
    columns = [
        # grade, type and height loss are one text, with the unit of the loss
        Column(worded(quantity.title), "" if quantity.unit == "%" else quantity.unit)
        for _, quantity in chosen
    ]
    rows = [
        (
            TableCell(row.title, is_flagged=row.is_flagged),
            *(_cell(row.cells[number]) for number, _ in chosen),
        )
        for row in table_rows(measured, before)
    ]
    return ReportTable(
        worded("Vertebrae"),
        (Column(worded("Vertebra")), *columns),
        tuple(rows),
        (*measured.notes, *_notes_on_vertebrae(measured)),
    )


def _notes_on_vertebrae(measured: Measurements) -> list[str]:
    """Return each note once, preceded by the names of the vertebrae that it is about."""
    levels: dict[str, list[str]] = {}
    for vertebra in measured:
        for note in vertebra.sentences:
            if note not in measured.notes:
                levels.setdefault(note, []).append(measured.marked(vertebra.name))
    return [
        worded("{level}: {note}", level=enumerated(names), note=note)
        for note, names in levels.items()
    ]


def _curve_table(measured: Measurements, before: Measurements | None) -> ReportTable:
    rows = []
    for curve, row in zip(measured.curves, curve_rows(measured, before), strict=True):
        rotation = curve.apex_rotation_deg
        rows.append(
            (
                TableCell(worded(row.title)),
                TableCell(row.levels),
                _cell(row.cell),
                TableCell(measured.marked(curve.apex)),
                TableCell("" if rotation is None else _rotation(rotation.value)),
            )
        )
    columns = (
        Column(worded("Curve")),
        Column(worded("Levels")),
        Column(worded("Angle"), "°"),
        Column(worded("Apex")),
        Column(worded("Rotation of the apical vertebra")),
    )
    notes = (measured.posture,)
    return ReportTable(worded("Curves"), columns, tuple(rows), notes, naming_columns=2)


def _rotation(degrees: float) -> str:
    """Return an axial rotation with its direction; without a direction if it rounds to zero."""
    angle = formatted_number(abs(degrees), ".0f", "°")
    if round(abs(degrees)) == 0:
        return angle
    return (
        worded("{angle}, spinous process to the left", angle=angle)
        if degrees > 0
        else worded("{angle}, spinous process to the right", angle=angle)
    )


def _cell(cell: Cell) -> TableCell:
    return TableCell(
        cell.text,
        cell.is_flagged,
        cell.is_set_by_hand,
        cell.change_text,
        is_earlier_by_hand=cell.is_earlier_by_hand,
    )


def _density_facts(measured: Measurements) -> list[Fact]:
    section, density = worded("Bone density"), measured.density
    facts = []
    if density.hu is not None:
        name = worded("Trabecular HU of {level}", level=measured.marked(density.level))
        value = worded(
            "{value} ± {uncertainty}",
            value=formatted_number(density.hu.value, ".0f"),
            uncertainty=formatted_number(density.hu.uncertainty, ".0f"),
        )
        facts.append(Fact(section, name, value, "HU"))
    if density.kvp is not None:
        facts.append(
            Fact(section, worded("Tube voltage"), formatted_number(density.kvp, ".0f"), "kV")
        )
    facts.append(Fact(section, worded("Contrast medium"), worded(density.contrast.value)))
    facts += [
        Fact(
            section,
            worded("Published cutoff (not a diagnosis)"),
            worded("{hu:.0f} HU ({meaning})", hu=cutoff.hu, meaning=worded(cutoff.meaning)),
        )
        for cutoff in density.scale
    ]
    return facts


def _notes(measured: Measurements, earlier: FollowUp | None) -> list[str]:
    density = measured.density
    methods = _HU_METHOD if measured.why_only_hu else (*_LENGTH_METHOD, *_HU_METHOD)
    notes: list[str] = [worded(text) for text in methods]
    if earlier is not None:
        text = (
            worded("In brackets: change since the scan of {date}.", date=earlier.date)
            if earlier.date
            else worded(
                "In brackets: this scan minus {scan}, whose date is unknown.",
                scan=earlier.title,
            )
        )
        notes += [text, *earlier.notes]
        if earlier_by_hand := _set_by_hand(earlier.measured):
            text = worded(
                "Set by hand in the prior scan: {names}.", names=", ".join(earlier_by_hand)
            )
            notes.append(text)
    by_hand = _set_by_hand(measured)
    notes.append(
        worded("Measured values changed by hand: {names}.", names=", ".join(by_hand))
        if by_hand
        else worded("No measured value was changed by hand.")
    )
    notes.append(worded(_SYMBOLS))
    reasons = (density.contrast_basis, density.reason)
    notes += [note for note in reasons if note and note not in measured.notes]
    sources = dict.fromkeys(cutoff.source for cutoff in density.scale)
    if sources:
        notes.append(
            worded("Sources of the HU cutoffs: {sources}.", sources=enumerated(list(sources), "; "))
        )
    return notes


def _set_by_hand(measured: Measurements) -> list[str]:
    """Return the names of vertebrae, discs and curves whose values the user set."""
    return [
        *(vertebra.name for vertebra in measured if vertebra.is_set_by_hand),
        *(disc.name for disc in measured.discs if disc.is_set_by_hand),
        *(f"{curve.upper}–{curve.lower}" for curve in measured.curves if curve.is_set_by_hand),
    ]


def _record(measured: Measurements, earlier: FollowUp | None) -> dict[str, Any]:
    """Return the measurements in machine-readable form."""
    record = measurements_record(measured)
    if earlier is not None:
        record["earlier"] = {"date": earlier.date, **measurements_record(earlier.measured)}
        record["changes"] = [
            {"name": row.level}
            | {
                quantity.name: round(cell.change, 3)
                for quantity, cell in zip(QUANTITIES, row.cells, strict=True)
                if cell.change is not None
            }
            for row in table_rows(measured, earlier.measured)
        ]
    return record
