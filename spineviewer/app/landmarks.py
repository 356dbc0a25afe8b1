"""Landmarks: the points where a value was measured, which the user can move.

Like names, moved points are stored by position in the patient, so that they remain valid when the
mask or the names change. When the user moves one point of a value, all its points are stored, to
keep the value as the user set it.
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

from spineviewer.app.stored_points import MAX_STORED, StoredPoint
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

#: A moved point belongs to a body that is at most this far from the body with which it was stored.
_SAME_BODY_MM = 12.0
#: Minimum and maximum radius of an ROI that the user resizes.
_MIN_RADIUS_MM, _MAX_RADIUS_MM = 2.0, 40.0
#: Handles of an ROI that set its radii, in the order of `Roi.radii_mm`.
_RADIUS_HANDLES = ("upper", "left", "front")
#: Maximum gap of an ROI, as a fraction of its height.
_MAX_GAP = 0.6
#: Choice: uncertainty of a distance between points placed by hand.
_BY_HAND_MM = 1.0
#: Names of the points of a curve.
_CURVE_POINTS = ("upper.start", "upper.end", "lower.start", "lower.end")
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
    """Identifies the landmarks of one value, or of several values that share them.

    Attributes
    ----------
    level
        Name of the vertebra; for a disc, slip or curve, of the upper one.
    curve
        The curve that was measured; None for all other kinds.
    """

    kind: Kind
    level: str
    curve: CurveKind | None = None


@dataclass(frozen=True)
class PlacedSource:
    """A source that is identified by the position of its vertebra, not by the vertebra's name.

    Attributes
    ----------
    body_lps_mm
        Centre of the vertebral body; for a disc, slip or curve, of the upper one.
    """

    kind: Kind
    body_lps_mm: StoredPoint
    curve: CurveKind | None = None

    def source_in(self, measurements: Measurements) -> Source | None:
        """Return the source with the vertebra's current name; None if the vertebra is missing."""

        def distance_mm(vertebra: VertebraMeasurement) -> float:
            return math.dist(vertebra.centre_lps_mm, self.body_lps_mm)

        nearest = min(measurements, key=distance_mm, default=None)
        if nearest is None or distance_mm(nearest) > _SAME_BODY_MM:
            return None
        return Source(self.kind, nearest.name, self.curve)


def placed_source(source: Source, measurements: Measurements) -> PlacedSource | None:
    """Return a source with the position of its vertebra; None if it was not measured."""
    vertebra = measurements.named(source.level)
    if vertebra is None:
        return None
    return PlacedSource(source.kind, vertebra.centre_lps_mm, source.curve)


def same_bone(source: Source, before: Measurements, after: Measurements) -> Source | None:
    """Return the source of the same bone in measurements with other names; None if missing."""
    placed = placed_source(source, before)
    return None if placed is None else placed.source_in(after)


@dataclass(frozen=True)
class Landmarks:
    """The points and lines that show where something was measured.

    Attributes
    ----------
    points_lps_mm
        The points that can be moved, by name.
    lines
        Pairs of names of points that are joined by a line.
    plates
        Pairs of names of points that are joined by a line along an endplate.
    roi
        The ROI whose HU were measured; None for all other kinds.
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
        return _triple(np.mean(list(self.points_lps_mm.values()), axis=0))

    def endplate_points(self, name: str) -> tuple[str, ...]:
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


def find_landmarks(measurements: Measurements, source: Source) -> Landmarks | None:
    """Return the landmarks of a measured value; None if it was not measured."""
    if source.kind is Kind.CURVE:
        curve = _curve(measurements, source)
        return None if curve is None else _curve_landmarks(curve)
    vertebra = measurements.named(source.level)
    if vertebra is None:
        return None
    if source.kind in (Kind.DISC, Kind.SLIP):
        disc = _disc(measurements, source.level)
        return None if disc is None else _disc_landmarks(disc, vertebra.frame, source.kind)
    if source.kind is Kind.HEIGHTS:
        return (
            None
            if vertebra.profile is None
            else _profile_landmarks(vertebra.profile, vertebra.frame)
        )
    if source.kind is Kind.DENSITY:
        found = vertebra.trabecular
        if found is None:
            return None
        return _roi_landmarks(found.roi)
    caliper: Caliper | None = getattr(vertebra, source.kind.value)
    if caliper is None:
        return None
    points = {"start": caliper.start_lps_mm, "end": caliper.end_lps_mm}
    return Landmarks(caliper.cut, vertebra.frame, points, lines=(("start", "end"),))


def _roi_landmarks(roi: Roi) -> Landmarks:
    cut, centre = Cut(roi.centre_lps_mm, roi.frame.left_lps), np.array(roi.centre_lps_mm)
    points = {"centre": roi.centre_lps_mm}
    for name, axis in _roi_handles(roi).items():
        points[name] = _triple(centre + axis)
    return Landmarks(cut, roi.frame, points, roi=roi)


def _roi_handles(roi: Roi) -> dict[str, NDArray[np.float64]]:
    """Return the handles that resize an ROI: float64 vectors, shape (3,), from its centre.

    Without a gap, the handle of the gap is at the centre, where the user grabs the centre instead.
    """
    down, left, back = roi.radii_mm
    return {
        "upper": -down * np.array(roi.frame.down_lps),
        "left": left * np.array(roi.frame.left_lps),
        "front": -back * np.array(roi.frame.back_lps),
        "gap": 0.5 * roi.gap_mm * np.array(roi.frame.down_lps),
    }


def _profile_landmarks(profile: Profile, frame: BodyFrame) -> Landmarks:
    points = _caliper_points(profile)
    starts, ends = ([f"{name}.{end}" for name in _HEIGHTS] for end in ("start", "end"))
    return Landmarks(
        profile.middle.cut,
        frame,
        points,
        lines=tuple(zip(starts, ends, strict=True)),
        plates=(*pairwise(starts), *pairwise(ends)),
    )


def _disc_landmarks(disc: Disc, frame: BodyFrame, kind: Kind) -> Landmarks:
    if kind is Kind.DISC:
        starts, ends = ([f"{name}.{end}" for name in _HEIGHTS] for end in ("start", "end"))
        lines = tuple(zip(starts, ends, strict=True))
        return Landmarks(disc.middle.cut, frame, _caliper_points(disc), lines=lines)
    slip = disc.slip
    points = {"front": slip.front_lps_mm, "back": slip.back_lps_mm, "corner": slip.corner_lps_mm}
    plates = (("front", "back"),)
    return Landmarks(slip.cut, frame, points, lines=(("back", "corner"),), plates=plates)


def _curve_landmarks(curve: Curve) -> Landmarks:
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


# moved points


@dataclass(frozen=True)
class MovedPoint:
    """A point that the user moved, or another point on which the same value depends.

    Attributes
    ----------
    name
        Name of the point in its `Landmarks`.
    body_lps_mm
        Centre of the vertebra that it belongs to; for a disc, slip or curve, of the upper one.
    at_lps_mm
        Its new position. For a handle of an ROI: the body's centre plus the offset of the handle
        from the ROI's centre, so that moving the ROI does not change its size.
    """

    kind: Kind
    name: Annotated[str, Meta(max_length=32)]
    body_lps_mm: StoredPoint
    at_lps_mm: StoredPoint
    curve: CurveKind | None = None

    def distance_mm(self, vertebra: VertebraMeasurement) -> float:
        """Return the distance of a vertebral body from the one that the point belongs to."""
        return math.dist(self.body_lps_mm, vertebra.centre_lps_mm)

    def belongs_to(self, vertebra: VertebraMeasurement) -> bool:
        """Return whether the point belongs to a vertebra, provided that no other one is nearer."""
        return self.distance_mm(vertebra) <= _SAME_BODY_MM


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
        or not point.belongs_to(vertebra)
    )


def moved_points(
    measurements: Measurements, source: Source, new_points_lps_mm: Mapping[str, Triple]
) -> MovedPoints:
    """Return the points that the user moved, and all other points on which the value depends.

    The value is therefore preserved when the automatic points change with the mask. Empty if there
    is no such value.
    """
    vertebra, shown = measurements.named(source.level), find_landmarks(measurements, source)
    if vertebra is None or shown is None:
        return ()
    centre = vertebra.centre_lps_mm
    if shown.roi is not None:
        roi = _move_roi(shown.roi, new_points_lps_mm)
        handles = {name: _triple(centre + axis) for name, axis in _roi_handles(roi).items()}
        points = {"centre": roi.centre_lps_mm, **handles}
    else:
        # Each height of a body or of a disc is a separate value.
        is_height = source.kind in (Kind.HEIGHTS, Kind.DISC)
        values = {name.partition(".")[0] for name in new_points_lps_mm}
        points = {
            name: new_points_lps_mm.get(name, at)
            for name, at in shown.points_lps_mm.items()
            if not is_height or name.partition(".")[0] in values
        }
    return tuple(
        MovedPoint(source.kind, name, centre, at, source.curve) for name, at in points.items()
    )


def applied(measurements: Measurements, moved: MovedPoints, scan: CtVolume) -> Measurements:
    """Return the measurements with the moved points applied and all dependent values recomputed.

    A point whose vertebra is missing or was not measured is skipped.
    """
    by_source: dict[Source, dict[str, MovedPoint]] = {}
    for point in moved:
        bodies = [vertebra for vertebra in measurements if not vertebra.reason]
        vertebra = min(bodies, key=point.distance_mm, default=None)
        if vertebra is not None and point.belongs_to(vertebra):
            source = Source(point.kind, vertebra.name, point.curve)
            by_source.setdefault(source, {})[point.name] = point
    for source, points in by_source.items():
        measurements = _with_value(measurements, source, points)
        shown = find_landmarks(measurements, source)
        if shown is None:
            continue
        existing = {name: point for name, point in points.items() if name in shown.points_lps_mm}
        if existing:
            measurements = _with_points(measurements, source, existing, scan)
    return measurements


def _with_value(
    measurements: Measurements, source: Source, points: Mapping[str, MovedPoint]
) -> Measurements:
    """Return the measurements with the value of `source`, even if the mask does not yield it.

    Only diameters and Cobb angles can be added.
    """
    from spineviewer.measurements import measure
    from spineviewer.measurements.curves import with_cobb

    vertebra = measurements.named(source.level)
    assert vertebra is not None
    if source.curve is CurveKind.COBB and len(points) == len(_CURVE_POINTS):
        ends = [points[f"lower.{end}"].at_lps_mm for end in ("start", "end")]
        middle = _triple(np.mean(ends, axis=0))
        lower = min(measurements, key=lambda other: math.dist(other.centre_lps_mm, middle))
        curves = with_cobb(measurements.curves, measurements.vertebrae, vertebra, lower)
        return replace(measurements, curves=curves)
    is_caliper = source.kind in (Kind.DEPTH, Kind.WIDTH, Kind.CANAL)
    if is_caliper and getattr(vertebra, source.kind.value) is None and len(points) == 2:
        start, frame = points["start"].at_lps_mm, vertebra.frame
        normal = frame.down_lps if source.kind is Kind.WIDTH else frame.left_lps
        caliper = Caliper(start, points["end"].at_lps_mm, Cut(start, normal), _BY_HAND_MM)
        return measure.with_vertebra(measurements, _with(vertebra, source.kind.value, caliper))
    return measurements


def _with_points(
    measurements: Measurements, source: Source, points: Mapping[str, MovedPoint], scan: CtVolume
) -> Measurements:
    from spineviewer.measurements import measure  # imported late, so that the window appears first
    from spineviewer.measurements.density import trabecular

    vertebra = measurements.named(source.level)
    assert vertebra is not None
    positions = {name: point.at_lps_mm for name, point in points.items()}
    if source.kind is Kind.CURVE:
        curve = _curve(measurements, source)
        assert curve is not None
        changed = replace(curve, is_set_by_hand=True)
        for name, at in positions.items():
            plate, _, end = name.partition(".")
            line: PlateLine = _with(getattr(changed, f"{plate}_plate"), f"{end}_lps_mm", at)
            changed = _with(changed, f"{plate}_plate", line)
        return measure.with_curve(measurements, measurements.curves.index(curve), changed)
    if source.kind in (Kind.DISC, Kind.SLIP):
        disc = _disc(measurements, vertebra.name)
        assert disc is not None
        if source.kind is Kind.DISC:
            return measure.with_disc(measurements, _with_ends(disc, positions))
        slip = replace(disc.slip, is_set_by_hand=True)
        for name, at in positions.items():
            slip = _with(slip, f"{name}_lps_mm", at)
        return measure.with_disc(measurements, replace(disc, slip=slip))
    if source.kind is Kind.DENSITY:
        assert vertebra.trabecular is not None
        found = trabecular(scan, _stored_roi(vertebra.trabecular.roi, points), is_set_by_hand=True)
        if found is None:  # there is no bone
            return measurements
        return measure.with_vertebra(measurements, replace(vertebra, trabecular=found))
    if source.kind is Kind.HEIGHTS:
        assert vertebra.profile is not None
        profile = _with_ends(vertebra.profile, positions)
        profiles = tuple(profile if p.side is Side.MIDDLE else p for p in vertebra.profiles)
        return measure.with_vertebra(measurements, replace(vertebra, profiles=profiles))
    ends = {f"{source.kind.value}.{name}": at for name, at in positions.items()}
    return measure.with_vertebra(measurements, _with_ends(vertebra, ends))


def _stored_roi(roi: Roi, points: Mapping[str, MovedPoint]) -> Roi:
    """Return the ROI that the user set; `roi` supplies everything that was not set.

    ROIs stored by earlier versions have no gap.
    """
    offsets = {
        name: np.subtract(point.at_lps_mm, point.body_lps_mm)
        for name, point in points.items()
        if name != "centre"
    }
    roi = replace(roi, gap_mm=0.0)
    if offsets.keys() >= set(_RADIUS_HANDLES):
        axes = np.array([-offsets["upper"], offsets["left"], -offsets["front"]])
        axes /= np.maximum(np.linalg.norm(axes, axis=1, keepdims=True), 1e-9)
        # Handles stored by earlier versions need not be at right angles.
        if np.allclose(axes @ axes.T, np.eye(3), atol=1e-3):
            down, left, back = map(_triple, axes)
            roi = replace(roi, frame=BodyFrame(down, left, back))
    for name in sorted(offsets, key="gap".__eq__):  # the radii limit the gap
        roi = _resize(roi, name, offsets[name])
    centre = points.get("centre")
    return roi if centre is None else replace(roi, centre_lps_mm=centre.at_lps_mm)


def _move_roi(roi: Roi, new_points_lps_mm: Mapping[str, Triple]) -> Roi:
    """Return the ROI after the user dragged its centre or handles to new positions."""
    centre = new_points_lps_mm.get("centre", roi.centre_lps_mm)
    for name, at in new_points_lps_mm.items():
        if name != "centre":
            roi = _resize(roi, name, np.subtract(at, roi.centre_lps_mm))
    return replace(roi, centre_lps_mm=centre)


def _resize(roi: Roi, name: str, offset_mm: NDArray[np.float64]) -> Roi:
    """Return the ROI resized along the axis of a handle.

    `offset_mm` is the offset of the handle from the ROI's centre: float64, shape (3,).
    """
    if name == "gap":
        gap_mm = max(2 * float(offset_mm @ np.array(roi.frame.down_lps)), 0.0)
        return replace(roi, gap_mm=min(gap_mm, _MAX_GAP * 2 * roi.radii_mm[0]))
    handle = _roi_handles(roi)[name]
    axis = handle / np.linalg.norm(handle)
    radius = float(np.clip(offset_mm @ axis, _MIN_RADIUS_MM, _MAX_RADIUS_MM))
    down, left, back = (
        radius if other == name else before
        for other, before in zip(_RADIUS_HANDLES, roi.radii_mm, strict=True)
    )
    gap_mm = min(roi.gap_mm, _MAX_GAP * 2 * down)
    return replace(roi, radii_mm=(down, left, back), gap_mm=gap_mm)


_Holder = TypeVar("_Holder", Profile, Disc, VertebraMeasurement)
_Part = TypeVar("_Part", Profile, Disc, VertebraMeasurement, Slip, Curve, PlateLine)


def _with_ends(holder: _Holder, new_points_lps_mm: Mapping[str, Triple]) -> _Holder:
    """Return a copy of an object in which ends of calipers, such as 'middle.start', are moved."""
    for name, at in new_points_lps_mm.items():
        name, _, end = name.partition(".")
        caliper: Caliper = getattr(holder, name)
        holder = _with(holder, name, caliper.moved(**{end: at}))
    return holder


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


def _is_same(first: MovedPoint, other: MovedPoint) -> bool:
    return (first.kind, first.name, first.curve) == (
        other.kind,
        other.name,
        other.curve,
    ) and math.dist(first.body_lps_mm, other.body_lps_mm) <= _SAME_BODY_MM


def _triple(vector: NDArray[np.float64]) -> Triple:
    x, y, z = vector.tolist()
    return x, y, z


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vector / np.linalg.norm(vector))
