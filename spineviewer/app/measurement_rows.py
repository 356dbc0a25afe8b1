"""The measurements as a table of levels and quantities: for the window, reports, the clipboard."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from spineviewer.app.landmarks import Kind, Source
from spineviewer.measurements.results import (
    NO_EXPECTED,
    ROI_BEYOND,
    Curve,
    CurveKind,
    Density,
    Disc,
    Estimate,
    Genant,
    Measurements,
    VertebraMeasurement,
)
from spineviewer.wording import MINUS, enumerated, formatted_number, mark, worded

#: Mark of values that were set by hand.
BY_HAND = "*"
#: A height below this fraction of the expected one is marked. Source: Genant 1993, grade 1.
REDUCED = 0.80
#: Choice: a slip of this many mm in either direction is marked; less is within the measurement
#: error.
SLIP_MM = 3.0
#: Choice: HU are compared with the median of up to this many neighbours above and below.
_NEIGHBOURS = 2

#: The heights from which a quantity that is not itself a height is computed.
_HEIGHTS_OF = {
    "genant": ("anterior", "middle", "posterior"),
    "wedge": ("anterior", "posterior"),
    "biconcavity": ("middle", "posterior"),
    "crush": ("posterior",),
}

_Number = Estimate | float | None


@dataclass(frozen=True)
class Quantity:
    """One column of the table.

    Attributes
    ----------
    name
        Identifies the quantity.
    title, tip
        Heading of the column and its tooltip.
    kind
        Kind of its landmarks; None if there are none to show.
    get
        Returns the value for one vertebra.
    is_flagged
        Returns whether a value should be checked.
    """

    name: str
    title: str
    tip: str
    unit: str
    digits: int
    kind: Kind | None
    get: Callable[[Measurements, VertebraMeasurement], _Number]
    is_flagged: Callable[[VertebraMeasurement, float], bool] = lambda *_: False


@dataclass(frozen=True)
class Cell:
    """One value as it is shown.

    Attributes
    ----------
    text
        '–' if nothing was measured.
    value
        For sorting; None if nothing was measured.
    change
        Difference from the prior scan; None if there is none.
    is_flagged, is_set_by_hand
        Shown by a symbol as well as by colour.
    is_earlier_by_hand
        Whether the value of the prior scan was set by hand.
    tip
        Text of the tooltip: uncertainty, expected value, or why there is no value.
    source
        The landmarks that a click shows; None if there are none to show.
    digits
        Decimal places of the value and of its change.
    unit
        Unit of the value and of its change; '' if only the heading contains it.
    """

    text: str
    value: float | None = None
    change: float | None = None
    is_flagged: bool = False
    is_set_by_hand: bool = False
    is_earlier_by_hand: bool = False
    tip: str = ""
    source: Source | None = None
    digits: int = 0
    unit: str = ""

    @property
    def change_text(self) -> str:
        """The change with its sign and unit; '' if there is none.

        It is the difference of the values as they are shown, so that readers can check it.
        """
        if self.change is None or self.value is None:
            return ""
        shown, earlier = (
            round(value, self.digits) for value in (self.value, self.value - self.change)
        )
        return formatted_number(shown - earlier, f"+.{self.digits}f", self.unit)


@dataclass(frozen=True)
class Row:
    """One level, with a cell for each quantity.

    Attributes
    ----------
    title
        The level as tables show it: with a question mark if the levels are unknown.
    is_flagged
        Whether the vertebra is fractured, cut off, or outlined with part of its neighbours.
    """

    level: str
    title: str
    label: int
    is_flagged: bool
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]


def _height(name: str) -> Callable[[Measurements, VertebraMeasurement], _Number]:
    def height(_: Measurements, vertebra: VertebraMeasurement) -> _Number:
        profile = vertebra.profile
        return None if profile is None else getattr(profile, name).estimate

    return height


def _is_reduced(name: str) -> Callable[[VertebraMeasurement, float], bool]:
    def is_reduced(vertebra: VertebraMeasurement, value: float) -> bool:
        if vertebra.expected is None or vertebra.genant is None:
            return False
        expected: Estimate = getattr(vertebra.expected, f"{name}_mm")
        return value < REDUCED * expected.value

    return is_reduced


def _ratio(name: str) -> Callable[[Measurements, VertebraMeasurement], _Number]:
    return lambda _, vertebra: getattr(vertebra.ratios, name, None)


def _caliper(name: str) -> Callable[[Measurements, VertebraMeasurement], _Number]:
    def length(_: Measurements, vertebra: VertebraMeasurement) -> _Number:
        caliper = getattr(vertebra, name)
        return None if caliper is None else caliper.estimate

    return length


def disc_below(measurements: Measurements, level: str) -> Disc | None:
    """Return the disc below a level; None if it was not measured."""
    return next((disc for disc in measurements.discs if disc.upper == level), None)


def _disc_height(measurements: Measurements, vertebra: VertebraMeasurement) -> _Number:
    disc = disc_below(measurements, vertebra.name)
    return None if disc is None else disc.middle.estimate


def _slip(measurements: Measurements, vertebra: VertebraMeasurement) -> _Number:
    disc = disc_below(measurements, vertebra.name)
    return None if disc is None else Estimate(disc.slip.mm, disc.slip.uncertainty_mm)


QUANTITIES: tuple[Quantity, ...] = (
    *(
        Quantity(
            name, title, tip, "mm", 1, Kind.HEIGHTS, _height(name), _is_reduced(name)
        )
        for name, title, tip in (
            ("anterior", mark("Ant."), mark("Anterior height of the vertebral body")),
            ("middle", mark("Mid."), mark("Middle height of the vertebral body")),
            ("posterior", mark("Post."), mark("Posterior height of the vertebral body")),
        )
    ),
    Quantity(
        "genant", mark("Genant"),
        mark("Fracture grade and type, and height loss compared with the neighbours"),
        "%", 0, Kind.HEIGHTS,
        lambda _, vertebra: vertebra.genant.stated_loss if vertebra.genant else None,
        lambda vertebra, _: vertebra.is_flagged,
    ),
    Quantity(
        "wedge", mark("Wedge"), mark("Ratio of anterior to posterior height"), "", 2, Kind.HEIGHTS,
        _ratio("wedge"),
    ),
    Quantity(
        "biconcavity", mark("Biconc."), mark("Ratio of middle to posterior height"), "", 2,
        Kind.HEIGHTS,
        _ratio("biconcavity"),
    ),
    Quantity(
        "crush", mark("Crush"), mark("Ratio of posterior to expected height"), "", 2, Kind.HEIGHTS,
        _ratio("crush"),
    ),
    Quantity(
        "trabecular", mark("HU"), mark("Mean HU of the trabecular bone"), "HU", 0, Kind.DENSITY,
        lambda _, vertebra: vertebra.trabecular.mean_hu if vertebra.trabecular else None,
    ),
    Quantity(
        "body", mark("Body vol."), mark("Volume of the vertebral body without the "
        "arch"), "ml", 1, None,
        lambda _, vertebra: vertebra.body_ml,
    ),
    Quantity(
        "depth", mark("AP"), mark("Anteroposterior diameter of the vertebral body"), "mm", 1,
        Kind.DEPTH, _caliper("depth"),
    ),
    Quantity(
        "width", mark("Width"), mark("Transverse diameter of the vertebral body"), "mm", 1,
        Kind.WIDTH, _caliper("width"),
    ),
    Quantity(
        "canal", mark("Canal"), mark("Anteroposterior diameter of the spinal canal"), "mm", 1,
        Kind.CANAL, _caliper("canal"),
    ),
    Quantity(
        "disc", mark("Disc"), mark("Height of the disc below, at its middle"), "mm", 1, Kind.DISC,
        _disc_height,
    ),
    Quantity(
        "slip", mark("Slip"), mark("Slip relative to the vertebra below; forward is positive"),
        "mm", 1, Kind.SLIP, _slip, lambda _, value: abs(value) >= SLIP_MM,
    ),
)  # fmt: skip


def table_rows(measurements: Measurements, earlier: Measurements | None = None) -> tuple[Row, ...]:
    """Return a row for each vertebra, from the head down.

    Parameters
    ----------
    earlier
        Measurements of a prior scan of the patient; its rows are matched by level.
    """
    return tuple(_row(measurements, vertebra, earlier) for vertebra in measurements)


def _row(
    measurements: Measurements, vertebra: VertebraMeasurement, earlier: Measurements | None
) -> Row:
    before = earlier.named(vertebra.name) if earlier is not None else None
    cells = []
    for quantity in QUANTITIES:
        cell = _cell(measurements, vertebra, quantity)
        if earlier and before and _is_comparable(quantity, measurements, earlier):
            earlier_value = _value(quantity.get(earlier, before))
            if cell.value is not None and earlier_value is not None:
                change, is_by_hand = (
                    cell.value - earlier_value,
                    _is_set_by_hand(earlier, before, quantity),
                )
                cell = _with_change(cell, change, is_earlier_by_hand=is_by_hand)
        cells.append(cell)
    return Row(
        vertebra.name,
        measurements.marked(vertebra.name),
        vertebra.label,
        vertebra.is_flagged
        or vertebra.is_rim_cut
        or vertebra.is_outline_uncertain
        or vertebra.is_roi_beyond_body,
        tuple(cells),
        vertebra.sentences,
    )


def voltage_remark(measurements: Measurements, earlier: Measurements) -> str:
    """Return why HU of two scans are not compared; '' unless their tube voltages differ."""
    kvp, earlier_kvp = measurements.density.kvp, earlier.density.kvp
    if kvp is None or earlier_kvp is None or abs(kvp - earlier_kvp) <= 1:
        return ""
    return worded(
        "HU values are not compared, because the tube voltages are {here:.0f} and {there:.0f} kV.",
        here=kvp,
        there=earlier_kvp,
    )


def _is_comparable(quantity: Quantity, measurements: Measurements, earlier: Measurements) -> bool:
    if measurements.why_only_hu or earlier.why_only_hu:  # levels may be wrong
        return False
    return quantity.unit != "HU" or not voltage_remark(measurements, earlier)


def _cell(
    measurements: Measurements,
    vertebra: VertebraMeasurement,
    quantity: Quantity,
) -> Cell:
    number = quantity.get(measurements, vertebra)
    value = _value(number)
    if value is None:
        return Cell("–", tip=_why_missing(measurements, vertebra, quantity))
    text: str = formatted_number(value, f".{quantity.digits}f")
    if quantity.name == "genant" and vertebra.genant is not None:
        text = _grade(vertebra)
    source = None if quantity.kind is None else Source(quantity.kind, vertebra.name)
    caution = _caution(measurements, vertebra, quantity)
    tips = tuple(filter(None, (_tip(vertebra, quantity, number), caution)))
    return Cell(
        text,
        value,
        is_flagged=bool(caution) or quantity.is_flagged(vertebra, value),
        is_set_by_hand=_is_set_by_hand(measurements, vertebra, quantity),
        tip=enumerated(tips, "; ") if tips else "",
        source=source,
        digits=quantity.digits,
        unit="%" if quantity.unit == "%" else "",
    )


def _caution(measurements: Measurements, vertebra: VertebraMeasurement, quantity: Quantity) -> str:
    """Return why a value cannot be relied on; '' if nothing speaks against it."""
    if quantity.kind is Kind.DISC:
        disc = disc_below(measurements, vertebra.name)
        is_bridged = disc is not None and disc.is_bridged
        return worded("bone bridges this disc, or the mask contains it") if is_bridged else ""
    if quantity.kind is Kind.DENSITY:
        return ROI_BEYOND if vertebra.is_roi_beyond_body else ""
    is_size = quantity.name == "body" or quantity.kind in (Kind.HEIGHTS, Kind.DEPTH, Kind.WIDTH)
    if vertebra.is_rim_cut and is_size:
        return worded("part of the body is cut off at the edge of the scan")
    return ""


def _with_change(cell: Cell, change: float, *, is_earlier_by_hand: bool) -> Cell:
    """Return a cell with the change since a prior scan."""
    by_hand = worded("The prior value was set by hand.") if is_earlier_by_hand else ""
    return replace(
        cell,
        change=change,
        is_earlier_by_hand=is_earlier_by_hand,
        tip=enumerated(tuple(filter(None, (cell.tip, by_hand))), "; "),
    )


def _why_missing(
    measurements: Measurements, vertebra: VertebraMeasurement, quantity: Quantity
) -> str:
    """Return a sentence saying why a quantity was not measured."""
    if vertebra.reason:
        return vertebra.reason
    if quantity.kind is Kind.DENSITY:
        return vertebra.why_no_hu or worded("HU values cannot be measured without the CT scan.")
    if measurements.why_only_hu:
        return measurements.why_only_hu
    if quantity.kind in (Kind.DISC, Kind.SLIP):
        return worded(
            "The vertebra below is not in view or was not measured, or the gap between the two "
            "vertebrae is too large for a disc."
        )
    if quantity.kind is Kind.CANAL:
        return worded("The mask shows no arch behind this vertebral body.")
    return vertebra.ungraded if quantity.name == "genant" else NO_EXPECTED


def _grade(vertebra: VertebraMeasurement) -> str:
    """Return grade, type and loss of height, with a question mark if another grade is possible."""
    genant = vertebra.genant
    assert genant is not None
    loss = formatted_number(genant.stated_loss.value, ".0f", "%")
    unsure = "?" if genant.is_borderline else ""
    if genant.shape is None:
        return worded("{grade}{unsure} ({loss})", grade=genant.grade, unsure=unsure, loss=loss)
    return worded(
        "{grade}{unsure} {shape} ({loss})",
        grade=genant.grade,
        unsure=unsure,
        shape=worded(genant.shape.value),
        loss=loss,
    )


def _tip(vertebra: VertebraMeasurement, quantity: Quantity, number: _Number) -> str:
    number_format, unit = f".{max(quantity.digits, 1)}f", quantity.unit
    if quantity.name == "genant" and vertebra.genant is not None:
        return _tip_of_grade(vertebra.genant)
    parts = []
    if isinstance(number, Estimate):
        value, uncertainty = (
            formatted_number(number.value, number_format, unit),
            formatted_number(number.uncertainty, number_format, unit),
        )
        parts.append(worded("{value} ± {uncertainty}", value=value, uncertainty=uncertainty))
    if vertebra.expected is not None and quantity.kind is Kind.HEIGHTS and quantity.unit == "mm":
        expected: Estimate = getattr(vertebra.expected, f"{quantity.name}_mm")
        parts.append(
            worded(
                "expected {value} (from {neighbours})",
                value=formatted_number(expected.value, number_format, unit),
                neighbours=", ".join(vertebra.expected.neighbours),
            )
        )
    if quantity.name == "trabecular" and vertebra.trabecular is not None:
        trabecular = vertebra.trabecular
        parts.append(
            worded(
                "median {median}, SD {sd}, {volume}",
                median=formatted_number(trabecular.median_hu, ".0f", "HU"),
                sd=formatted_number(trabecular.sd_hu, ".0f", "HU"),
                volume=formatted_number(trabecular.volume_ml, ".1f", "ml"),
            )
        )
        if trabecular.roi.gap_mm:
            parts.append(
                worded(
                    "without {gap} at mid-height, where the bone is denser",
                    gap=formatted_number(trabecular.roi.gap_mm, ".1f", "mm"),
                )
            )
    return enumerated(parts, "; ")


def _tip_of_grade(genant: Genant) -> str:
    """Return the height loss and the reasons for the grade."""
    loss = worded(
        "Height loss {value} ± {uncertainty}.",
        value=formatted_number(genant.stated_loss.value, ".1f", "%"),
        uncertainty=formatted_number(genant.stated_loss.uncertainty, ".1f", "%"),
    )
    return enumerated((loss, *genant.reasons), " ")


def _is_set_by_hand(
    measurements: Measurements, vertebra: VertebraMeasurement, quantity: Quantity
) -> bool:
    """Return whether the user moved a point that a value depends on."""
    disc, profile = disc_below(measurements, vertebra.name), vertebra.profile
    match quantity.kind:
        case None:
            return False
        case Kind.HEIGHTS if profile is not None:
            heights = _HEIGHTS_OF.get(quantity.name, (quantity.name,))
            return any(getattr(profile, height).is_set_by_hand for height in heights)
        case Kind.DENSITY:
            return vertebra.trabecular is not None and vertebra.trabecular.is_set_by_hand
        case Kind.DISC:
            return disc is not None and any(height.is_set_by_hand for height in disc.heights)
        case Kind.SLIP:
            return disc is not None and disc.slip.is_set_by_hand
    caliper = getattr(vertebra, quantity.kind.value, None)
    return caliper is not None and bool(caliper.is_set_by_hand)


def _value(number: _Number) -> float | None:
    value = number.value if isinstance(number, Estimate) else number
    return None if value is None or not math.isfinite(value) else value


def is_set_by_hand(measurements: Measurements, source: Source) -> bool:
    """Return whether the user moved a landmark of `source`."""
    if source.kind is Kind.CURVE:
        rows = curve_rows(measurements)
        return any(row.cell.is_set_by_hand for row in rows if row.cell.source == source)
    vertebra = measurements.named(source.level)
    return vertebra is not None and any(
        _is_set_by_hand(measurements, vertebra, quantity)
        for quantity in QUANTITIES
        if quantity.kind is source.kind
    )


def landmark_text(measurements: Measurements, source: Source) -> str:
    """Return the text that is drawn beside the landmarks of `source`: the level and its values."""
    if source.kind is Kind.CURVE:
        row = next(row for row in curve_rows(measurements) if row.cell.source == source)
        return enumerated((row.levels, _starred(row.cell.text, row.cell.is_set_by_hand)), "  ")
    vertebra = measurements.named(source.level)
    assert vertebra is not None
    shown = [quantity for quantity in QUANTITIES if quantity.kind is source.kind and quantity.unit]
    numbers = [
        _starred(
            formatted_number(value, f".{quantity.digits}f", quantity.unit),
            _is_set_by_hand(measurements, vertebra, quantity),
        )
        for quantity in shown
        if quantity.unit != "%"
        and (value := _value(quantity.get(measurements, vertebra))) is not None
    ]
    return enumerated((measurements.marked(source.level), *numbers), "  ")


def _starred(text: str, is_set_by_hand: bool) -> str:
    """Return a value, marked like those in the table if it was set by hand."""
    return enumerated((text, BY_HAND), "") if is_set_by_hand else text


# along the spine


@dataclass(frozen=True)
class PlotLine:
    """One quantity along the spine.

    Attributes
    ----------
    values, expected
        One value per level from the head down; NaN if there is none.
    """

    title: str
    values: tuple[float, ...]
    expected: tuple[float, ...]


def height_lines(measurements: Measurements) -> tuple[PlotLine, ...]:
    """Return the three heights in mm, with the heights expected from the neighbours."""
    return tuple(
        PlotLine(
            quantity.title,
            tuple(_or_nan(quantity.get(measurements, vertebra)) for vertebra in measurements),
            tuple(
                _or_nan(getattr(vertebra.expected, f"{quantity.name}_mm", None))
                for vertebra in measurements
            ),
        )
        for quantity in QUANTITIES
        if quantity.kind is Kind.HEIGHTS and quantity.unit == "mm"
    )


def density_line(measurements: Measurements) -> PlotLine:
    """Return the trabecular HU, with the median of the neighbours as the expected value.

    A level that was not measured has no expected value either.
    """
    from statistics import median

    values = [
        math.nan if vertebra.trabecular is None else vertebra.trabecular.mean_hu.value
        for vertebra in measurements
    ]
    expected = []
    for number in range(len(values)):
        first = max(number - _NEIGHBOURS, 0)
        neighbours = [
            value
            for other, value in enumerate(values[first : number + _NEIGHBOURS + 1], first)
            if other != number and math.isfinite(value)
        ]
        is_known = bool(neighbours) and math.isfinite(values[number])
        expected.append(median(neighbours) if is_known else math.nan)
    return PlotLine(mark("HU"), tuple(values), tuple(expected))


def _or_nan(number: _Number) -> float:
    value = _value(number)
    return math.nan if value is None else value


# curves


@dataclass(frozen=True)
class CurveRow:
    """One angle as it is shown."""

    title: str
    levels: str
    cell: Cell


_COBB = {"left": mark("Cobb, convex left"), "right": mark("Cobb, convex right")}
_SAGITTAL_CURVES = {
    CurveKind.THORACIC_KYPHOSIS: mark("Kyphosis"),
    CurveKind.LUMBAR_LORDOSIS: mark("Lordosis"),
    CurveKind.CERVICAL_LORDOSIS: mark("Cervical lordosis"),
}


def curve_rows(
    measurements: Measurements, earlier: Measurements | None = None
) -> tuple[CurveRow, ...]:
    """Return a row for each angle; angles of a prior scan are matched by kind and end levels."""
    return tuple(_curve_row(measurements, curve, earlier) for curve in measurements.curves)


def _curve_row(measurements: Measurements, curve: Curve, earlier: Measurements | None) -> CurveRow:
    before = next(
        (
            other
            for other in (earlier.curves if earlier is not None else ())
            if (other.kind, other.upper, other.lower) == (curve.kind, curve.upper, curve.lower)
        ),
        None,
    )
    tip = worded(
        "{value} ± {uncertainty}",
        value=formatted_number(curve.degrees, ".1f", "°"),
        uncertainty=formatted_number(curve.uncertainty_deg, ".1f", "°"),
    )
    if curve.apex:
        tip = worded("{text}; apex {apex}", text=tip, apex=measurements.marked(curve.apex))
    cell = Cell(
        formatted_number(curve.degrees, ".1f", "°"),
        curve.degrees,
        is_set_by_hand=curve.is_set_by_hand,
        tip=tip,
        source=Source(Kind.CURVE, curve.upper, curve.kind),
        digits=1,
        unit="°",
    )
    if before is not None:
        change, by_hand = curve.degrees - before.degrees, before.is_set_by_hand
        cell = _with_change(cell, change, is_earlier_by_hand=by_hand)
    title = (
        _COBB.get(curve.convexity, mark("Cobb"))
        if curve.kind is CurveKind.COBB
        else _SAGITTAL_CURVES[curve.kind]
    )
    upper, lower = measurements.marked(curve.upper), measurements.marked(curve.lower)
    return CurveRow(title, f"{upper}–{lower}", cell)


def acquisition_texts(density: Density) -> tuple[str, ...]:
    """Return the contrast medium and the tube voltage, on which all HU values depend."""
    kvp = worded("unknown") if density.kvp is None else formatted_number(density.kvp, ".0f", "kV")
    return (
        worded("Contrast medium: {contrast}", contrast=worded(density.contrast.value)),
        worded("Tube voltage: {voltage}", voltage=kvp),
    )


# for spreadsheets


def tab_separated(
    measurements: Measurements, earlier: Measurements | None, translate: Callable[[str], str]
) -> str:
    """Return the table as tab-separated lines, for pasting into a spreadsheet.

    Parameters
    ----------
    translate
        Translates a string into the user's language, whose decimal separator the spreadsheet
        expects.
    """

    def number(text: str) -> str:
        return translate(text).replace(MINUS, "-")  # spreadsheets read only the hyphen

    rows, has_changes = table_rows(measurements, earlier), earlier is not None
    titles = [translate(mark("Vertebra"))]
    for quantity in QUANTITIES:
        title = translate(quantity.tip) + (f" ({quantity.unit})" if quantity.unit else "")
        titles += [title, translate(mark("change"))] if has_changes else [title]
    lines = [[*titles, translate(mark("Set by hand")), translate(mark("Notes"))]]
    for row in rows:
        line = [row.title]
        for cell in row.cells:
            line.append("" if cell.value is None else number(cell.text))
            if has_changes:
                line.append(number(cell.change_text))
        by_hand = [
            translate(quantity.title)
            for quantity, cell in zip(QUANTITIES, row.cells, strict=True)
            if cell.is_set_by_hand
        ]
        by_hand += [
            translate(worded("{quantity} of the prior scan", quantity=worded(quantity.title)))
            for quantity, cell in zip(QUANTITIES, row.cells, strict=True)
            if cell.is_earlier_by_hand
        ]
        lines.append([*line, ", ".join(by_hand), " ".join(map(translate, row.notes))])
    lines += [
        [translate(curve.title), curve.levels, number(curve.cell.text)]
        for curve in curve_rows(measurements, earlier)
    ]
    lines += [[translate(text)] for text in acquisition_texts(measurements.density)]
    return "\n".join("\t".join(line) for line in lines) + "\n"
