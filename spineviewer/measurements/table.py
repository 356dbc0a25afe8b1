"""Measurements as records for JSON results and rows for CSV tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spineviewer.measurements.results import (
    Caliper,
    Curve,
    Density,
    Disc,
    Estimate,
    Measurements,
    VertebraMeasurement,
)

_HEIGHTS = ("anterior_mm", "middle_mm", "posterior_mm")
#: Columns of a vertebra's row, in order. `x_uncertainty` is the standard uncertainty of `x`.
COLUMNS = (
    "name", "label", "is_partial", "anterior_mm", "middle_mm", "posterior_mm", "wedge",
    "biconcavity", "crush", "genant_grade", "genant_type", "trabecular_hu_mean",
    "trabecular_hu_median", "trabecular_hu_sd", "volume_ml", "ap_mm", "width_mm", "notes",
    "height_loss_percent", "expected_anterior_mm", "expected_middle_mm", "expected_posterior_mm",
    "canal_ap_mm", "trabecular_ml", "is_set_by_hand",
    "anterior_mm_uncertainty", "middle_mm_uncertainty", "posterior_mm_uncertainty",
    "trabecular_hu_mean_uncertainty", "volume_ml_uncertainty", "ap_mm_uncertainty",
    "width_mm_uncertainty", "height_loss_percent_uncertainty",
)  # fmt: skip


def vertebra_record(vertebra: VertebraMeasurement) -> dict[str, Any]:
    """Return the record of a vertebra for JSON; values that were not measured are None."""
    values = {name: _with_uncertainty(number, name) for name, number in _numbers(vertebra).items()}
    genant = vertebra.genant
    row = {
        "name": vertebra.name,
        "label": vertebra.label,
        "is_partial": vertebra.is_partial,
        "genant_grade": None if genant is None else genant.grade,
        "genant_type": None if genant is None or genant.shape is None else genant.shape.value,
        "notes": [str(note) for note in vertebra.sentences],
        "is_set_by_hand": vertebra.is_set_by_hand,
    }
    for name, (value, uncertainty) in values.items():
        row |= {name: value, f"{name}_uncertainty": uncertainty}
    return {name: row.get(name) for name in COLUMNS}


def _numbers(vertebra: VertebraMeasurement) -> dict[str, Estimate]:
    """Return the measured values of a vertebra by column."""
    numbers: dict[str, Estimate | None] = {"volume_ml": vertebra.body_ml}
    if (profile := vertebra.profile) is not None:
        for name, caliper in zip(_HEIGHTS, profile.heights, strict=True):
            numbers[name] = caliper.estimate
    calipers = {
        "ap_mm": vertebra.depth,
        "width_mm": vertebra.width,
        "canal_ap_mm": vertebra.canal,
    }
    numbers |= {name: caliper.estimate for name, caliper in calipers.items() if caliper is not None}
    if (ratios := vertebra.ratios) is not None:
        numbers |= {
            "wedge": ratios.wedge,
            "biconcavity": ratios.biconcavity,
            "crush": ratios.crush,
        }
    if (expected := vertebra.expected) is not None:
        heights = (expected.anterior_mm, expected.middle_mm, expected.posterior_mm)
        numbers |= {f"expected_{name}": mm for name, mm in zip(_HEIGHTS, heights, strict=True)}
    if vertebra.genant is not None:
        numbers["height_loss_percent"] = vertebra.genant.stated_loss
    if (hu := vertebra.trabecular) is not None:
        numbers |= {
            "trabecular_hu_mean": hu.mean_hu,
            "trabecular_hu_median": Estimate(hu.median_hu, hu.mean_hu.uncertainty),
            "trabecular_hu_sd": Estimate(hu.sd_hu, 0.0),
            "trabecular_ml": Estimate(hu.volume_ml, 0.0),
        }
    return {name: number for name, number in numbers.items() if number is not None}


def _with_uncertainty(number: Estimate, name: str) -> tuple[float, float]:
    decimals = 3 if name in ("wedge", "biconcavity", "crush", "trabecular_ml") else 2
    return _rounded(number.value, decimals), _rounded(number.uncertainty, decimals)


def measurements_record(measurements: Measurements) -> dict[str, Any]:
    """Return all measurements for JSON."""
    return {
        "measurements": [vertebra_record(vertebra) for vertebra in measurements],
        "discs": [_disc_record(disc) for disc in measurements.discs],
        "curves": [_curve_record(curve) for curve in measurements.curves],
        "density": _density_record(measurements.density),
        "posture": str(measurements.posture),
        "notes": [str(note) for note in measurements.notes],
    }


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = COLUMNS) -> str:
    """Return rows as a CSV table with a header line.

    Lists are joined, and None becomes an empty cell.
    """
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(row.get(name)) for name in columns})
    return stream.getvalue()


def _disc_record(disc: Disc) -> dict[str, Any]:
    return {
        "upper": disc.upper,
        "lower": disc.lower,
        "anterior_mm": _mm(disc.anterior),
        "middle_mm": _mm(disc.middle),
        "posterior_mm": _mm(disc.posterior),
        "slip_mm": _rounded(disc.slip.mm, 2),
        "slip_percent": _rounded(disc.slip.percent, 1),
        "slip_mm_uncertainty": _rounded(disc.slip.uncertainty_mm, 2),
        "is_bridged": disc.is_bridged,
        "is_set_by_hand": disc.is_set_by_hand,
    }


def _curve_record(curve: Curve) -> dict[str, Any]:
    rotation = curve.apex_rotation_deg
    return {
        "kind": curve.kind.value,
        "upper": curve.upper,
        "lower": curve.lower,
        "degrees": _rounded(curve.degrees, 1),
        "degrees_uncertainty": _rounded(curve.uncertainty_deg, 1),
        "apex": curve.apex or None,
        "apex_rotation_degrees": _value(rotation, 1),
        "convexity": curve.convexity or None,
        "is_set_by_hand": curve.is_set_by_hand,
    }


def _density_record(density: Density) -> dict[str, Any]:
    return {
        "level": density.level or None,
        "hu": _value(density.hu, 1),
        "kvp": density.kvp,
        "contrast": density.contrast.name.lower(),
        "contrast_basis": str(density.contrast_basis),
        "aorta_hu": _value(density.aorta_hu, 0),
        "scale": [
            {"hu": limit.hu, "meaning": str(limit.meaning), "source": limit.source}
            for limit in density.scale
        ],
        "reason": str(density.reason) or None,
    }


def _cell(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return " ".join(str(part) for part in value)
    return "" if value is None else value


def _mm(caliper: Caliper | None) -> float | None:
    return None if caliper is None else _rounded(caliper.length_mm, 2)


def _value(estimate: Estimate | None, decimals: int) -> float | None:
    return None if estimate is None else _rounded(estimate.value, decimals)


def _rounded(value: float, decimals: int) -> float:
    """Return a rounded number that is never minus zero."""
    return round(value, decimals) + 0.0
