"""Study of how well vertebrae are measured: simulated fractures and modified copies of a scan.

Here, a case is a mask with vertebra numbers, and its scan if there is one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, map_coordinates

from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.measurements.measure import measure
from spineviewer.measurements.results import Measurements, Shape, VertebraMeasurement
from spineviewer.training.evaluation.numbered import vertebrae_of_numbers
from spineviewer.training.evaluation.reference_case import read_reference
from spineviewer.training.synthetic.label_sources import read_label_volume
from spineviewer.volume.geometry import Geometry, index_triple, triple
from spineviewer.volume.volume import CtVolume

Floats = NDArray[np.float64]

#: Depths of simulated fractures, in percent of the height.
LOSSES = (10, 20, 30, 40, 50)
#: Levels at which fractures are simulated.
_LEVELS = ("T8", "T11", "L1", "L3")
#: Angle of rotated copies.
_ROTATION_DEG = 5.0
#: Voxel size of resampled copies along each axis, relative to the scan's.
_COARSER = 1.25
#: Index in `Profile.heights` of the height at which the loss of each type is measured.
_DEEPEST = {Shape.WEDGE: 0, Shape.BICONCAVE: 1, Shape.CRUSH: 2}


@dataclass(frozen=True, eq=False)
class NumberedCase:
    """A mask with VerSe numbers (uint8, shape (z, y, x)), and its scan if there is one."""

    name: str
    numbers: NDArray[np.uint8]
    grid: Geometry
    scan: CtVolume | None = None

    @property
    def vertebrae(self) -> Vertebrae:
        """The vertebrae of the mask."""
        return vertebrae_of_numbers(self.numbers, self.grid)


def numbered_cases(folder: Path) -> Iterator[NumberedCase]:
    """Yield the masks in a folder that number two or more vertebrae, with their scans if any."""
    for path in sorted(path for path in folder.iterdir() if (path / "mask.nii.gz").is_file()):
        if (path / "ct.nii.gz").is_file():
            reference = read_reference(path)
            numbers, grid, scan = reference.labels, reference.scan.geometry, reference.scan
        else:
            volume = read_label_volume(path)
            numbers, scan = volume.numbers, None
            grid = Geometry(index_triple(numbers.shape), volume.spacing_zyx_mm, (0.0, 0.0, 0.0))
        if len(np.unique(numbers)) > 2:
            yield NumberedCase(path.name, numbers.astype(np.uint8), grid, scan)


def fractured(
    case: NumberedCase, vertebra: VertebraMeasurement, shape: Shape, loss_percent: float
) -> NumberedCase:
    """Return a case with the superior endplate of one vertebra depressed.

    In a wedge fracture, the depression is largest at the front and 0 at the back; in a biconcave
    fracture, it is largest in the middle and 0 at the front and back; in a crush fracture, it is
    the same everywhere. It fades out over 3 mm behind the body, so the arch does not change.
    """
    assert vertebra.depth is not None and vertebra.profile is not None
    frame, grid = vertebra.frame, case.grid
    voxels = np.argwhere(case.numbers == vertebra.label)
    axes = np.array([frame.down_lps, frame.left_lps, frame.back_lps])
    places = (grid.point_lps_mm(voxels) - np.array(vertebra.centre_lps_mm)) @ axes.T
    front, back = (
        (np.array(end) - np.array(vertebra.centre_lps_mm)) @ axes[2]
        for end in (vertebra.depth.start_lps_mm, vertebra.depth.end_lps_mm)
    )
    fraction = np.clip((places[:, 2] - front) / (back - front), 0.0, 1.0)
    depth = {
        Shape.WEDGE: 1 - fraction,
        Shape.BICONCAVE: 1 - (2 * fraction - 1) ** 2,
        Shape.CRUSH: np.ones_like(fraction),
    }[shape]
    depth = depth * np.clip(1 - (places[:, 2] - back) / 3.0, 0.0, 1.0)
    ends = np.array([caliper.end_lps_mm for caliper in vertebra.profile.heights])
    downs, _, backs = ((ends - np.array(vertebra.centre_lps_mm)) @ axes.T).T
    # The inferior endplate, which may itself be concave.
    floor = np.interp(places[:, 2], backs, downs)
    height = floor - places[:, 0]
    # The body is compressed: each voxel shows what used to be farther above the inferior endplate.
    stretched = np.where(height > 0, height / (1 - loss_percent / 100 * depth), height)
    source = grid.index_zyx(
        np.column_stack([floor - stretched, places[:, 1:]]) @ axes
        + np.array(vertebra.centre_lps_mm)
    )
    inside = map_coordinates(
        (case.numbers == vertebra.label).astype(np.float32), source.T, order=1, mode="constant"
    )
    numbers = case.numbers.copy()
    numbers[tuple(voxels[inside < 0.5].T)] = 0
    return replace(case, numbers=numbers)


def rotated(case: NumberedCase, degrees: float, axis: int) -> NumberedCase:
    """Return a case on a grid that is rotated about one of the axes through its middle."""
    grid = case.grid
    first, second = (k for k in range(3) if k != axis)
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    axes = np.array(grid.axes_lps)
    new_axes = axes.copy()
    new_axes[first] = cosine * axes[first] + sine * axes[second]
    new_axes[second] = cosine * axes[second] - sine * axes[first]
    middle = (np.array(grid.shape_zyx) - 1) / 2
    origin = grid.point_lps_mm(middle) - (middle * np.array(grid.spacing_zyx_mm)) @ new_axes
    rows = [triple(row) for row in new_axes]
    return _on_grid(
        case,
        Geometry(grid.shape_zyx, grid.spacing_zyx_mm, triple(origin), (rows[0], rows[1], rows[2])),
    )


def resampled(case: NumberedCase, factor: float) -> NumberedCase:
    """Return a case resampled to voxels that are larger by a factor."""
    grid = case.grid
    sizes = [max(2, int((n - 1) / factor)) for n in grid.shape_zyx]
    spacing = triple(np.array(grid.spacing_zyx_mm) * factor)
    origin = triple(grid.point_lps_mm(np.full(3, 0.37)))
    return _on_grid(case, Geometry((sizes[0], sizes[1], sizes[2]), spacing, origin, grid.axes_lps))


def cropped(case: NumberedCase, fraction: float) -> NumberedCase:
    """Return the lower part of a case, with this fraction of its slices."""
    keep = int(case.grid.shape_zyx[0] * fraction)
    shape = (keep, *case.grid.shape_zyx[1:])
    grid = replace(case.grid, shape_zyx=shape)
    scan = None if case.scan is None else replace(case.scan, hu=case.scan.hu[:keep], geometry=grid)
    return NumberedCase(case.name, case.numbers[:keep].copy(), grid, scan)


def _on_grid(case: NumberedCase, grid: Geometry) -> NumberedCase:
    """Return a case on another grid: nearest neighbour for masks, linear for CT values."""
    matrix = np.linalg.inv(case.grid.world_from_index) @ grid.world_from_index
    options: dict[str, Any] = {"output_shape": grid.shape_zyx, "mode": "constant"}
    numbers = affine_transform(
        case.numbers, matrix[:3, :3], matrix[:3, 3], order=0, output=np.uint8, **options
    )
    if case.scan is None:
        return NumberedCase(case.name, numbers, grid)
    hu = affine_transform(
        case.scan.hu, matrix[:3, :3], matrix[:3, 3], order=1, cval=-1024, output=np.int16, **options
    )
    return NumberedCase(case.name, numbers, grid, replace(case.scan, hu=hu, geometry=grid))


@dataclass(frozen=True)
class SimulatedFracture:
    """The measurements of one simulated fracture.

    Attributes
    ----------
    loss_percent
        Simulated loss of height where it is largest.
    found_percent
        The measured loss, compared with the same body before the fracture.
    stated_percent
        The measured loss, compared with the height expected from the neighbours; None if no
        height is expected.
    stated_before_percent
        `stated_percent` of the body before the fracture.
    """

    case: str
    level: str
    shape: Shape
    loss_percent: float
    found_percent: float
    stated_percent: float | None
    stated_before_percent: float | None
    found_shape: Shape | None


def simulated_fractures(
    case: NumberedCase, before: Measurements, levels: Sequence[str]
) -> Iterator[SimulatedFracture]:
    """Yield the measurements of fractures of every type and depth, at each of the levels."""
    for level in levels:
        whole = before.named(level)
        if whole is None or whole.profile is None:
            continue
        for shape in Shape:
            for loss in LOSSES:
                after = measure(fractured(case, whole, shape, loss).vertebrae, None)
                row = after.named(level)
                if row is None or row.profile is None:
                    continue
                deepest = _DEEPEST[shape]
                ratio = row.profile.heights[deepest].length_mm / (
                    whole.profile.heights[deepest].length_mm
                )
                yield SimulatedFracture(
                    case.name,
                    level,
                    shape,
                    loss,
                    100 * (1 - ratio),
                    _against_expected(row, deepest),
                    _against_expected(whole, deepest),
                    None if row.genant is None else row.genant.shape,
                )


def _against_expected(row: VertebraMeasurement, which: int) -> float | None:
    """Return the loss of a height compared with the expected one, in percent; None if unknown.

    `which` is 0 for the anterior, 1 for the middle and 2 for the posterior height.
    """
    if row.profile is None or row.expected is None:
        return None
    usual = (row.expected.anterior_mm, row.expected.middle_mm, row.expected.posterior_mm)[which]
    return 100 * (1 - row.profile.heights[which].length_mm / usual.value)


@dataclass(frozen=True)
class Change:
    """Largest and mean change in the measured values between a case and a copy of it."""

    copy: str
    heights_mm: tuple[float, float]
    hu: tuple[float, float] | None
    degrees: tuple[float, float] | None


def changes(case: NumberedCase, before: Measurements) -> Iterator[Change]:
    """Yield how measured values change with the grid, the field of view and rotation."""
    copies = {
        "larger voxels": partial(resampled, case, _COARSER),
        "lower part": partial(cropped, case, 0.75),
        **{f"rotated about {'zyx'[k]}": partial(rotated, case, _ROTATION_DEG, k) for k in range(3)},
    }
    for name, make in copies.items():
        copy = make()
        yield _change(name, before, measure(copy.vertebrae, copy.scan))


def _change(name: str, before: Measurements, after: Measurements) -> Change:
    heights, hu = [], []
    for row in before:
        other = after.named(row.name)
        if row.profile is None or other is None or other.profile is None:
            continue
        heights += [
            abs(one.length_mm - two.length_mm)
            for one, two in zip(row.profile.heights, other.profile.heights, strict=True)
        ]
        if row.trabecular is not None and other.trabecular is not None:
            hu.append(abs(row.trabecular.mean_hu.value - other.trabecular.mean_hu.value))
    angles = {(curve.kind, curve.upper, curve.lower): curve.degrees for curve in after.curves}
    angle_changes = [
        abs(curve.degrees - angles[key])
        for curve in before.curves
        if (key := (curve.kind, curve.upper, curve.lower)) in angles
    ]
    pair = _largest_and_mean
    return Change(name, pair(heights) or (0.0, 0.0), pair(hu), pair(angle_changes))


def _largest_and_mean(values: Sequence[float]) -> tuple[float, float] | None:
    return (float(max(values)), float(np.mean(values))) if values else None


def measure_timed(case: NumberedCase) -> tuple[Measurements, float]:
    """Return a case's measurements, and the seconds that measuring took."""
    vertebrae = case.vertebrae
    started = time.perf_counter()
    return measure(vertebrae, case.scan), time.perf_counter() - started


def study(folder: Path) -> dict[str, Any]:
    """Return all figures for the numbered masks in a folder, as a record for JSON."""
    fractures: list[SimulatedFracture] = []
    copies: list[Change] = []
    records = []
    for case in numbered_cases(folder):
        before, seconds = measure_timed(case)
        healthy = [row.name for row in before if row.genant is not None and not row.is_flagged]
        levels = [name for name in _LEVELS if name in healthy]
        fractures += simulated_fractures(case, before, levels)
        copies += changes(case, before)
        records.append(
            {
                "case": case.name,
                "seconds": round(seconds, 2),
                "measured": sum(row.profile is not None for row in before),
                "grades": {row.name: row.genant.grade for row in before if row.genant is not None},
                "curves": {curve.kind.value: round(curve.degrees, 1) for curve in before.curves},
            }
        )
    return {"cases": records, "fractures": _by_shape(fractures), "changes": _by_copy(copies)}


def _by_shape(fractures: Sequence[SimulatedFracture]) -> list[dict[str, Any]]:
    rows = []
    for shape in Shape:
        for loss in LOSSES:
            matching = [one for one in fractures if (one.shape, one.loss_percent) == (shape, loss)]
            if not matching:
                continue
            off = np.array([one.found_percent - loss for one in matching])
            stated = np.array(
                [
                    one.stated_percent - _compounded(one.stated_before_percent, loss)
                    for one in matching
                    if one.stated_percent is not None and one.stated_before_percent is not None
                ]
            )
            rows.append(
                {
                    "shape": shape.value,
                    "loss_percent": loss,
                    "bodies": len(matching),
                    "mean_error": round(float(off.mean()), 2),
                    "largest_error": round(float(np.abs(off).max()), 2),
                    "fraction_within_4": round(float((np.abs(off) <= 4).mean()), 3),
                    "mean_stated_error": round(float(stated.mean()), 2) if len(stated) else None,
                    "right_shape": round(
                        float(np.mean([o.found_shape is shape for o in matching])), 3
                    ),
                }
            )
    return rows


def _compounded(before_percent: float, loss_percent: float) -> float:
    """Return the total loss in percent of a body that had already lost some of its height."""
    return 100 - (100 - before_percent) * (100 - loss_percent) / 100


def _by_copy(copies: Sequence[Change]) -> list[dict[str, Any]]:
    rows = []
    for name in dict.fromkeys(change.copy for change in copies):
        matching = [change for change in copies if change.copy == name]
        row: dict[str, Any] = {"copy": name}
        for quantity in ("heights_mm", "hu", "degrees"):
            pairs = [pair for change in matching if (pair := getattr(change, quantity)) is not None]
            row[quantity] = {
                "largest": round(max((pair[0] for pair in pairs), default=0.0), 2),
                "mean": round(float(np.mean([pair[1] for pair in pairs])), 2) if pairs else None,
            }
        rows.append(row)
    return rows
