"""Angles between endplates: Cobb angles, kyphosis and lordosis.

Angles are projected into the patient's coronal or sagittal plane, as on a radiograph.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from spineviewer.measurements.results import (
    Curve,
    CurveKind,
    Cut,
    Estimate,
    PlateLine,
    VertebraMeasurement,
)
from spineviewer.volume.geometry import Triple

Floats = NDArray[np.float64]

#: A smaller Cobb angle is not a scoliosis. Source: Scoliosis Research Society.
MIN_COBB_DEG = 10.0
#: Half the length of the line that is drawn for an endplate.
_HALF_MM = 18.0
#: The direction of a line along an endplate is more certain than that of a line through its two
#: ends. Ratios of the two uncertainties: sagittal, measured on 128 endplates in the program's
#: and in reference masks; coronal, measured on masks bent by a known angle.
_SAGITTAL_SCALE, _CORONAL_SCALE = 0.65, 0.8
#: Choice: uncertainty of the direction of an endplate without a profile (C2).
_UNSURE_PLATE_DEG = 3.8
#: Choice: minimum uncertainty of the direction of an endplate.
_MIN_PLATE_DEG = 0.7
_LEFT, _BACK = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
#: Unit vectors to the convex side.
_CONVEX = {"left": _LEFT, "right": -_LEFT, "back": _BACK, "front": -_BACK}
_TO_LEFT: Triple = (1.0, 0.0, 0.0)
_TO_BACK: Triple = (0.0, 1.0, 0.0)
#: Kind, names of the upper and lower end vertebra in order of preference, and whether the upper
#: endplate of the upper vertebra is used.
_SAGITTAL = (
    (CurveKind.CERVICAL_LORDOSIS, ("C2",), ("C7",), False),
    (CurveKind.THORACIC_KYPHOSIS, ("T4", "T5"), ("T13", "T12"), True),
    (CurveKind.LUMBAR_LORDOSIS, ("L1",), ("L6", "L5"), True),
)


def measure_curves(vertebrae: Sequence[VertebraMeasurement]) -> tuple[Curve, ...]:
    """Return all curves of a row of vertebrae: sagittal ones, then Cobb angles, largest first."""
    with_plates = [v for v in vertebrae if _has_plate(v, is_upper=False)]
    sagittal = []
    for kind, uppers, lowers, is_upper_plate in _SAGITTAL:
        upper, lower = _first(with_plates, uppers), _first(with_plates, lowers)
        if upper is None or lower is None:
            continue
        if _has_plate(upper, is_upper=is_upper_plate):
            sagittal.append(
                _sagittal(with_plates, kind, upper, lower, is_upper_plate=is_upper_plate)
            )
    bodies = [v for v in with_plates if _has_plate(v, is_upper=True)]
    cobb = sorted(_cobb(bodies), key=lambda curve: -curve.degrees)
    return (*sagittal, *cobb)


def with_cobb(
    curves: Sequence[Curve],
    vertebrae: Sequence[VertebraMeasurement],
    upper: VertebraMeasurement,
    lower: VertebraMeasurement,
) -> tuple[Curve, ...]:
    """Return the curves and the Cobb angle between two vertebrae that the user chose.

    The new angle replaces any Cobb angle with the same upper or lower end vertebra. The curves are
    unchanged if it is already among them, if either vertebra has no upper endplate, or if `lower`
    is not below `upper`.
    """
    bodies = [v for v in vertebrae if _has_plate(v, is_upper=True)]
    part = bodies[bodies.index(upper) :] if upper in bodies else []
    if lower not in part[1:]:
        return tuple(curves)
    chosen = _lateral(part[: part.index(lower) + 1])
    others = [
        curve
        for curve in curves
        if curve.kind is not CurveKind.COBB
        or (curve.upper != upper.name and curve.lower != lower.name)
    ]
    if any((c.kind, c.upper, c.lower) == (chosen.kind, chosen.upper, chosen.lower) for c in curves):
        return tuple(curves)
    return (*others, chosen)


def _has_plate(vertebra: VertebraMeasurement, *, is_upper: bool) -> bool:
    normal = vertebra.upper_plate_normal_lps if is_upper else vertebra.lower_plate_normal_lps
    return normal is not None


def _first(
    known: Sequence[VertebraMeasurement], names: Sequence[str]
) -> VertebraMeasurement | None:
    by_name = {vertebra.name: vertebra for vertebra in known}
    return next((by_name[name] for name in names if name in by_name), None)


def _sagittal(
    known: Sequence[VertebraMeasurement],
    kind: CurveKind,
    upper: VertebraMeasurement,
    lower: VertebraMeasurement,
    *,
    is_upper_plate: bool,
) -> Curve:
    row = [*known][known.index(upper) : known.index(lower) + 1]
    return _at_apex(
        Curve(
            kind,
            upper.name,
            lower.name,
            _line(upper, is_upper=is_upper_plate, normal=_LEFT),
            _line(lower, is_upper=False, normal=_LEFT),
            Cut(upper.centre_lps_mm, _TO_LEFT),
            _SAGITTAL_SCALE
            * math.hypot(_plate_uncertainty_deg(upper), _plate_uncertainty_deg(lower)),
        ),
        row,
    )


def _cobb(bodies: Sequence[VertebraMeasurement]) -> list[Curve]:
    """Return the lateral curves of a row of bodies."""
    if len(bodies) < 3:
        return []
    tilt = np.array([_tilt(vertebra) for vertebra in bodies])
    # The end vertebrae are the most tilted ones. Single endplates are too noisy, hence the filter.
    tilt = gaussian_filter1d(tilt, 0.7, mode="nearest")
    curves: list[Curve] = []
    ranges = [(0, len(bodies) - 1)]
    while ranges:
        first, last = ranges.pop()
        if last - first < 2:
            continue
        part = tilt[first : last + 1]
        difference = np.abs(part[:, None] - part[None])
        difference[np.abs(np.subtract.outer(np.arange(len(part)), np.arange(len(part)))) < 2] = 0
        first_end, second_end = np.unravel_index(int(np.argmax(difference)), difference.shape)
        upper, lower = (
            first + min(int(first_end), int(second_end)),
            first + max(int(first_end), int(second_end)),
        )
        if upper == lower:
            continue
        curve = _lateral(bodies[upper : lower + 1])
        if curve.degrees < MIN_COBB_DEG:
            continue
        curves.append(curve)
        ranges += [(first, upper), (lower, last)]
    return curves


def _lateral(row: Sequence[VertebraMeasurement]) -> Curve:
    return _at_apex(
        Curve(
            CurveKind.COBB,
            row[0].name,
            row[-1].name,
            _line(row[0], is_upper=True, normal=_BACK),
            _line(row[-1], is_upper=False, normal=_BACK),
            Cut(row[0].centre_lps_mm, _TO_BACK),
            _CORONAL_SCALE
            * math.hypot(_plate_uncertainty_deg(row[0]), _plate_uncertainty_deg(row[-1])),
        ),
        row,
    )


def _plate_uncertainty_deg(vertebra: VertebraMeasurement) -> float:
    """Return the standard uncertainty of an endplate's direction, from those of the rim heights."""
    profile = vertebra.profile
    if profile is None:
        return _UNSURE_PLATE_DEG
    length = math.dist(profile.anterior.start_lps_mm, profile.posterior.start_lps_mm)
    # A height has the uncertainties of two endplates.
    rims = math.hypot(profile.anterior.uncertainty_mm, profile.posterior.uncertainty_mm)
    return max(math.degrees(math.atan2(rims / math.sqrt(2), length)), _MIN_PLATE_DEG)


def _tilt(vertebra: VertebraMeasurement) -> float:
    """Return the mean direction of both endplates in the coronal plane, in degrees."""
    angles = []
    for is_upper in (True, False):
        line = _line(vertebra, is_upper=is_upper, normal=_BACK)
        along = np.subtract(line.end_lps_mm, line.start_lps_mm)
        angles.append(float(np.degrees(np.arctan2(along[2], along[0]))))
    return float(np.mean(angles))


def _rotation(vertebra: VertebraMeasurement) -> float:
    """Return the axial rotation in degrees; positive if the spinous process points to the left."""
    x, y, _ = vertebra.frame.back_lps
    return float(np.degrees(np.arctan2(x, y)))


def _line(vertebra: VertebraMeasurement, *, is_upper: bool, normal: Floats) -> PlateLine:
    """Return the line along which an endplate intersects a plane through its middle.

    It runs from front to back in a sagittal plane and from right to left in a coronal one.
    """
    down = np.array(
        vertebra.upper_plate_normal_lps if is_upper else vertebra.lower_plate_normal_lps
    )
    along = np.cross(normal, down) if normal is _LEFT else np.cross(down, normal)
    along /= np.linalg.norm(along)
    middle = np.array(
        (vertebra.upper_plate_lps_mm if is_upper else vertebra.lower_plate_lps_mm)
        or vertebra.centre_lps_mm
    )
    start, end = (middle - _HALF_MM * along).tolist(), (middle + _HALF_MM * along).tolist()
    return PlateLine((start[0], start[1], start[2]), (end[0], end[1], end[2]))


def _at_apex(curve: Curve, row: Sequence[VertebraMeasurement]) -> Curve:
    """Return a new curve with its apex, and measured in a plane through it."""
    curve = with_apex(curve, row)
    centres = (v.centre_lps_mm for v in row if v.name == curve.apex)
    return replace(
        curve, cut=replace(curve.cut, point_lps_mm=next(centres, curve.cut.point_lps_mm))
    )


def with_apex(curve: Curve, vertebrae: Sequence[VertebraMeasurement]) -> Curve:
    """Return a curve with the apex that matches its convexity.

    The apex is the vertebra farthest to the convex side of the line between the end vertebrae; ''
    if the lines are parallel. `vertebrae` contains the two end vertebrae.
    """
    if not curve.convexity:
        return replace(curve, apex="", apex_rotation_deg=None)
    is_cobb = curve.kind is CurveKind.COBB
    names = [vertebra.name for vertebra in vertebrae]
    row = [
        vertebra
        for vertebra in vertebrae[names.index(curve.upper) : names.index(curve.lower) + 1]
        if _has_plate(vertebra, is_upper=False)
        and (_has_plate(vertebra, is_upper=True) or not is_cobb)
    ]
    centres = np.array([vertebra.centre_lps_mm for vertebra in row])
    along = (centres[:, 2] - centres[0, 2]) / min(centres[-1, 2] - centres[0, 2], -1e-6)
    offset = centres - centres[0] - along[:, None] * (centres[-1] - centres[0])
    apex = row[int(np.argmax(offset @ _CONVEX[curve.convexity]))]
    if not is_cobb:
        return replace(curve, apex=apex.name)
    rotation = _rotation(apex) - 0.5 * (_rotation(row[0]) + _rotation(row[-1]))
    return replace(curve, apex=apex.name, apex_rotation_deg=Estimate(rotation, 3.0))
