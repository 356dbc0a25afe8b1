"""Where a value was measured: points that are drawn over the picture and can be moved by hand.

Like names, moved points are stored by position in the patient, so that they remain valid when the
mask or the names change.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, TypeVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from spineviewer.app.stored_places import MAX_STORED, StoredPlace
from spineviewer.labelling.vertebrae import BodyFrame
from spineviewer.measurements.results import (
    Caliper,
    Curve,
    CurveKind,
    Cut,
    Disc,
    Measurements,
    PlateLine,
    Profile,
    Roi,
    Side,
    Slip,
    VertebraMeasurement,
)
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.volume import CtVolume

#: A moved point belongs to a body that is at most this far from the body it was stored with.
_SAME_BODY_MM = 12.0
#: Minimum and maximum radius of an ROI that the user resizes.
_MIN_RADIUS_MM, _MAX_RADIUS_MM = 2.0, 40.0
_PATIENT = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


class Kind(StrEnum):
    """The quantity that a group of points measures."""

    HEIGHTS = "heights"
    DEPTH = "depth"
    WIDTH = "width"
    CANAL = "canal"
    DENSITY = "density"
    DISC = "disc"
    SLIP = "slip"
    CURVE = "curve"


@dataclass(frozen=True)
class Source:
    """The points of one value, or of several values that share them.

    Attributes
    ----------
    level
        Name of the vertebra; for a disc or a curve, of the upper one.
    curve
        The curve that was measured; None for all other kinds.
    """

    kind: Kind
    level: str
    curve: CurveKind | None = None


def same_bone(source: Source, before: Measurements, after: Measurements) -> Source | None:
    """Return the source of the same bone in measurements with other names.

    None if it is not there.
    """
    vertebra = before.named(source.level)
    if vertebra is None:
        return None
    nearest = min(
        after, key=lambda v: math.dist(v.centre_lps_mm, vertebra.centre_lps_mm), default=None
    )
    if nearest is None or math.dist(nearest.centre_lps_mm, vertebra.centre_lps_mm) > _SAME_BODY_MM:
        return None
    return replace(source, level=nearest.name)


@dataclass(frozen=True)
class Landmarks:
    """Points and lines in the picture where something was measured.

    Attributes
    ----------
    points_lps_mm
        The points that can be moved, by name.
    lines
        Pairs of names of points that are joined by a line.
    plates
        The same pairs for endplates.
    roi
        The ellipsoid whose HU were measured; None for all other kinds.
    is_projected
        Whether points outside the plane of the picture are projected onto it, as for an angle
        between endplates that no single slice contains.
    """

    cut: Cut
    frame: BodyFrame
    points_lps_mm: Mapping[str, Triple]
    lines: tuple[tuple[str, str], ...] = ()
    plates: tuple[tuple[str, str], ...] = ()
    roi: Roi | None = None
    is_projected: bool = False

    @property
    def middle_lps_mm(self) -> Triple:
        """Middle of the points; the centre of an ROI, whose handles are on one side of it only."""
        if self.roi is not None:
            return self.roi.centre_lps_mm
        x, y, z = np.mean(list(self.points_lps_mm.values()), axis=0).tolist()
        return x, y, z

    def plate_of(self, name: str) -> tuple[str, ...]:
        """Return the names of all points of the endplate that a point is on."""
        plate, found = {name}, 0
        while len(plate) > found:
            found = len(plate)
            plate.update(*(pair for pair in self.plates if plate.intersection(pair)))
        return tuple(point for point in self.points_lps_mm if point in plate)

    def planes(self, geometry: Geometry) -> tuple[Rotation, Plane]:
        """Return the rotation that shows the landmarks in one of the planes, and that plane."""
        frame, normal = self.frame, np.array(self.cut.normal_lps)
        axes = [-np.array(frame.down_lps), np.array(frame.back_lps), np.array(frame.left_lps)]
        shown = int(np.argmax([abs(float(axis @ normal)) for axis in axes]))
        axes[shown] = normal * math.copysign(1.0, float(axes[shown] @ normal))
        first, second = (axis for axis in range(3) if axis != shown)
        axes[first] = _unit(axes[first] - (axes[first] @ axes[shown]) * axes[shown])
        across = np.cross(axes[shown], axes[first])
        axes[second] = across * math.copysign(1.0, float(across @ axes[second]))
        return rotation_of(axes, geometry), Plane(shown)


def rotation_of(axes_lps: Sequence[NDArray[np.float64]], geometry: Geometry) -> Rotation:
    """Return the rotation of the planes to three unit vectors: up, back and left.

    `axes_lps` are float64, shape (3,) each, at right angles to each other.
    """
    grid = np.array(geometry.axes_lps)
    up, back, left = ((grid @ axis).tolist() for axis in axes_lps)
    return Rotation(
        ((up[0], up[1], up[2]), (back[0], back[1], back[2]), (left[0], left[1], left[2]))
    )


def landmarks_of(measurements: Measurements, source: Source) -> Landmarks | None:
    """Return the landmarks of a measured value; None if it was not measured."""
    if source.kind is Kind.CURVE:
        curve = _curve(measurements, source)
        return None if curve is None else _of_curve(curve)
    vertebra = measurements.named(source.level)
    if vertebra is None:
        return None
    if source.kind in (Kind.DISC, Kind.SLIP):
        disc = _disc(measurements, source.level)
        return None if disc is None else _of_disc(disc, vertebra.frame, source.kind)
    if source.kind is Kind.HEIGHTS:
        return None if vertebra.profile is None else _of_profile(vertebra.profile, vertebra.frame)
    if source.kind is Kind.DENSITY:
        found = vertebra.trabecular
        if found is None:
            return None
        return _of_roi(found.roi)
    caliper: Caliper | None = getattr(vertebra, source.kind.value)
    if caliper is None:
        return None
    points = {"start": caliper.start_lps_mm, "end": caliper.end_lps_mm}
    return Landmarks(caliper.cut, vertebra.frame, points, lines=(("start", "end"),))


def _of_roi(roi: Roi) -> Landmarks:
    cut, centre = Cut(roi.centre_lps_mm, roi.frame.left_lps), np.array(roi.centre_lps_mm)
    points = {"centre": roi.centre_lps_mm}
    for name, axis in _roi_handles(roi).items():
        x, y, z = (centre + axis).tolist()
        points[name] = (x, y, z)
    return Landmarks(cut, roi.frame, points, roi=roi)


def _roi_handles(roi: Roi) -> dict[str, NDArray[np.float64]]:
    """Return the handles that resize an ROI: float64 vectors, shape (3,), from its centre."""
    down, left, back = roi.radii_mm
    return {
        "upper": -down * np.array(roi.frame.down_lps),
        "left": left * np.array(roi.frame.left_lps),
        "front": -back * np.array(roi.frame.back_lps),
    }


def _of_profile(profile: Profile, frame: BodyFrame) -> Landmarks:
    points = _caliper_points(profile)
    starts, ends = ([f"{name}.{end}" for name in _HEIGHTS] for end in ("start", "end"))
    return Landmarks(
        profile.middle.cut,
        frame,
        points,
        lines=tuple(zip(starts, ends, strict=True)),
        plates=(*pairwise(starts), *pairwise(ends)),
    )


def _of_disc(disc: Disc, frame: BodyFrame, kind: Kind) -> Landmarks:
    if kind is Kind.DISC:
        starts, ends = ([f"{name}.{end}" for name in _HEIGHTS] for end in ("start", "end"))
        lines = tuple(zip(starts, ends, strict=True))
        return Landmarks(disc.middle.cut, frame, _caliper_points(disc), lines=lines)
    slip = disc.slip
    points = {"front": slip.front_lps_mm, "back": slip.back_lps_mm, "corner": slip.corner_lps_mm}
    plates = (("front", "back"),)
    return Landmarks(slip.cut, frame, points, lines=(("back", "corner"),), plates=plates)


def _of_curve(curve: Curve) -> Landmarks:
    plates = {"upper": curve.upper_plate, "lower": curve.lower_plate}
    points = {
        f"{name}.{end}": getattr(plate, f"{end}_lps_mm")
        for name, plate in plates.items()
        for end in ("start", "end")
    }
    lines = tuple((f"{name}.start", f"{name}.end") for name in plates)
    return Landmarks(curve.cut, _PATIENT, points, plates=lines, is_projected=True)


_HEIGHTS = ("anterior", "middle", "posterior")


def _caliper_points(holder: Profile | Disc) -> dict[str, Triple]:
    return {
        f"{name}.{end}": getattr(getattr(holder, name), f"{end}_lps_mm")
        for name in _HEIGHTS
        for end in ("start", "end")
    }


# moving


@dataclass(frozen=True)
class MovedPoint:
    """A point that the user moved.

    Attributes
    ----------
    name
        Name of the point in its `Landmarks`.
    body_lps_mm
        Centre of the vertebra that it belongs to; for a disc or a curve, of the upper one.
    at_lps_mm
        Where the user put it. For a handle of an ROI: the body's centre plus the offset of the
        handle from the ROI's centre, so that moving the ROI does not change its size.
    """

    kind: Kind
    name: Annotated[str, Meta(max_length=32)]
    body_lps_mm: StoredPlace
    at_lps_mm: StoredPlace
    curve: CurveKind | None = None

    def away_mm(self, vertebra: VertebraMeasurement) -> float:
        """Return the distance of a vertebral body from the one that the point belongs to."""
        return math.dist(self.body_lps_mm, vertebra.centre_lps_mm)

    def is_of(self, vertebra: VertebraMeasurement) -> bool:
        """Return whether the point belongs to a vertebra, provided that no other one is nearer."""
        return self.away_mm(vertebra) <= _SAME_BODY_MM


MovedPoints = Annotated[tuple[MovedPoint, ...], Meta(max_length=MAX_STORED)]


def with_moved(moved: MovedPoints, point: MovedPoint) -> MovedPoints:
    """Return the moved points with `point` added; it replaces an earlier one of the same name."""
    return (*(other for other in moved if not _is_same(other, point)), point)


def without_moved(moved: MovedPoints, measurements: Measurements, source: Source) -> MovedPoints:
    """Return the moved points without those of `source`, which restores its automatic values."""
    vertebra = measurements.named(source.level)
    return tuple(
        point
        for point in moved
        if vertebra is None
        or (point.kind, point.curve) != (source.kind, source.curve)
        or not point.is_of(vertebra)
    )


def moved_point(
    measurements: Measurements, source: Source, name: str, at_lps_mm: Triple
) -> MovedPoint | None:
    """Return a point as the user moved it; None if there is no such vertebra."""
    vertebra = measurements.named(source.level)
    if vertebra is None:
        return None
    centre, found = vertebra.centre_lps_mm, vertebra.trabecular
    if source.kind is Kind.DENSITY and name != "centre" and found is not None:
        x, y, z = (np.array(at_lps_mm) - found.roi.centre_lps_mm + centre).tolist()
        at_lps_mm = (x, y, z)
    return MovedPoint(source.kind, name, centre, at_lps_mm, source.curve)


def applied(measurements: Measurements, moved: MovedPoints, scan: CtVolume) -> Measurements:
    """Return the measurements with the moved points applied and all dependent values recomputed.

    A point whose vertebra is missing or was not measured is skipped.
    """
    for point in moved:
        bodies = [vertebra for vertebra in measurements if not vertebra.reason]
        vertebra = min(bodies, key=point.away_mm, default=None)
        if vertebra is None or not point.is_of(vertebra):
            continue
        source = Source(point.kind, vertebra.name, point.curve)
        found = landmarks_of(measurements, source)
        if found is not None and point.name in found.points_lps_mm:
            measurements = _with_point(measurements, vertebra, source, point, scan)
    return measurements


def _with_point(
    measurements: Measurements,
    vertebra: VertebraMeasurement,
    source: Source,
    point: MovedPoint,
    scan: CtVolume,
) -> Measurements:
    from spineviewer.measurements import measure  # imported late, so that the window appears first
    from spineviewer.measurements.density import trabecular

    at, (name, _, end) = point.at_lps_mm, point.name.partition(".")
    if source.kind is Kind.CURVE:
        curve = _curve(measurements, source)
        assert curve is not None
        plate: PlateLine = _with(getattr(curve, f"{name}_plate"), f"{end}_lps_mm", at)
        changed = replace(_with(curve, f"{name}_plate", plate), is_set_by_hand=True)
        return measure.with_curve(measurements, measurements.curves.index(curve), changed)
    if source.kind in (Kind.DISC, Kind.SLIP):
        disc = _disc(measurements, vertebra.name)
        assert disc is not None
        if source.kind is Kind.DISC:
            return measure.with_disc(measurements, _with_end(disc, name, end, at))
        slip = replace(_with(disc.slip, f"{name}_lps_mm", at), is_set_by_hand=True)
        return measure.with_disc(measurements, replace(disc, slip=slip))
    if source.kind is Kind.DENSITY:
        assert vertebra.trabecular is not None
        roi = vertebra.trabecular.roi
        roi = replace(roi, centre_lps_mm=at) if name == "centre" else _resized(roi, point)
        found = trabecular(scan, roi, is_set_by_hand=True)
        if found is None:  # there is no bone
            return measurements
        return measure.with_vertebra(measurements, replace(vertebra, trabecular=found))
    if source.kind is Kind.HEIGHTS:
        assert vertebra.profile is not None
        profile = _with_end(vertebra.profile, name, end, at)
        profiles = tuple(profile if p.side is Side.MIDDLE else p for p in vertebra.profiles)
        return measure.with_vertebra(measurements, replace(vertebra, profiles=profiles))
    return measure.with_vertebra(measurements, _with_end(vertebra, source.kind.value, name, at))


def _resized(roi: Roi, handle: MovedPoint) -> Roi:
    """Return the ROI resized along a handle's axis to the position of the handle."""
    way = np.subtract(handle.at_lps_mm, handle.body_lps_mm)
    handles = _roi_handles(roi)
    axis = handles[handle.name] / np.linalg.norm(handles[handle.name])
    radius = float(np.clip(way @ axis, _MIN_RADIUS_MM, _MAX_RADIUS_MM))
    down, left, back = (
        radius if name == handle.name else before
        for name, before in zip(handles, roi.radii_mm, strict=True)
    )
    return replace(roi, radii_mm=(down, left, back))


_Holder = TypeVar("_Holder", Profile, Disc, VertebraMeasurement)
_Part = TypeVar("_Part", Profile, Disc, VertebraMeasurement, Slip, Curve, PlateLine)


def _with_end(holder: _Holder, name: str, end: str, at_lps_mm: Triple) -> _Holder:
    """Return a copy of an object with calipers, with one end of one caliper moved."""
    caliper: Caliper = getattr(holder, name)
    return _with(holder, name, caliper.moved(**{end: at_lps_mm}))


def _with(part: _Part, name: str, value: object) -> _Part:
    """Return a part of the measurements with one field changed."""
    changes: dict[str, Any] = {name: value}
    return replace(part, **changes)


def _disc(measurements: Measurements, upper: str) -> Disc | None:
    return next((disc for disc in measurements.discs if disc.upper == upper), None)


def _curve(measurements: Measurements, source: Source) -> Curve | None:
    return next(
        (
            curve
            for curve in measurements.curves
            if (curve.kind, curve.upper) == (source.curve, source.level)
        ),
        None,
    )


def _is_same(one: MovedPoint, other: MovedPoint) -> bool:
    return (one.kind, one.name, one.curve) == (other.kind, other.name, other.curve) and math.dist(
        one.body_lps_mm, other.body_lps_mm
    ) <= _SAME_BODY_MM


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vector / np.linalg.norm(vector))
