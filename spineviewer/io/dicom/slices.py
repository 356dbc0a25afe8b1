"""The arrangement of slices in the patient: order, step, tilt, gaps, duplicate positions.

Pure arithmetic, no files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spineviewer.errors import GeometryError
from spineviewer.volume.geometry import Geometry, triple
from spineviewer.volume.planes import letters
from spineviewer.wording import critical, worded

Points = NDArray[np.float64]

#: Choice: steps that differ from each other by more than this fraction of the usual one are uneven.
UNEVEN_FRACTION = 0.01
#: Positions are written as decimal text: differences below this are rounding, not geometry.
ROUNDING_MM = 2e-3
#: Choice: rounding to few decimals may move slices by this fraction of a step. With more, it could
#: hide missing slices.
MAX_ROUNDED_FRACTION = 0.21
#: Choice: if only some positions have few decimals, the coarsest rounding assumed for them.
COARSEST_MIXED_MM = 0.1
#: Choice: steps wider than this many times the usual one are first assumed to be gaps.
GAP_STEPS = 1.5
#: Choice: rounding explains sideways shifts up to this.
MAX_ROUNDED_SIDEWAYS_MM = 0.2
#: Choice: slices may deviate from the regular grid between first and last by this fraction of a
#: step.
DRIFT_FRACTION = 0.1
#: Choice: smallest angle between step and normal that counts as a tilted gantry.
TILT_DEG = 0.1
#: Choice: slices shifted sideways by more than this do not form a rectangular volume.
SIDEWAYS_MM = 0.1


@dataclass(frozen=True)
class SliceStack:
    """Slices of one orientation, sorted along their normal.

    Attributes
    ----------
    order
        For each position in the stack, the index of the slice in the original list.
    positions_lps_mm
        Centre of each slice's first pixel, sorted, float64, shape (n, 3).
    rows_lps, columns_lps
        Unit vectors along which the row number and the column number increase.
    rounding_lps_mm
        Value of one unit in the last digit of each coordinate if positions were written as text,
        shape (n, 3).
    """

    order: NDArray[np.intp]
    positions_lps_mm: Points
    rows_lps: NDArray[np.float64]
    columns_lps: NDArray[np.float64]
    rounding_lps_mm: Points

    @property
    def normal_lps(self) -> NDArray[np.float64]:
        """Unit vector along which the stack is sorted, right-handed with columns and rows."""
        return np.cross(self.columns_lps, self.rows_lps)

    @property
    def heights_mm(self) -> NDArray[np.float64]:
        """Positions along the normal, ascending from 0."""
        heights: NDArray[np.float64] = (
            self.positions_lps_mm - self.positions_lps_mm[0]
        ) @ self.normal_lps
        return heights

    @property
    def steps_mm(self) -> NDArray[np.float64]:
        """Distances between neighbouring slices along the normal, shape (n - 1,)."""
        return np.diff(self.heights_mm)

    @property
    def usual_step_mm(self) -> float:
        """Median of the non-zero steps; 0 if all slices are at one position."""
        steps = self.steps_mm[self.steps_mm > ROUNDING_MM]
        return float(np.median(steps)) if steps.size else 0.0

    @property
    def tilt_deg(self) -> float:
        """Angle between normal and line from first to last slice; 0 if rounding can explain it."""
        span = self.positions_lps_mm[-1] - self.positions_lps_mm[0]
        along = float(span @ self.normal_lps)
        sideways = float(np.linalg.norm(span - along * self.normal_lps))
        is_tilted = along > 0 and sideways > self._max_sideways_rounding_mm
        return float(np.degrees(np.arctan2(sideways, along))) if is_tilted else 0.0

    @property
    def position_groups(self) -> list[list[int]]:
        """Indices of the slices at each position, from the first position to the last."""
        groups = [[0]]
        for number, step in enumerate(self.steps_mm, 1):
            if step > ROUNDING_MM:
                groups.append([number])
            else:
                groups[-1].append(number)
        return groups

    @property
    def shared_positions(self) -> list[list[int]]:
        """Indices of slices at the same position, in groups of two or more."""
        return [group for group in self.position_groups if len(group) > 1]

    @property
    def is_even(self) -> bool:
        """Whether all steps are equal; False if several slices share a position."""
        return self.positions_lps_mm.shape[0] < 2 or _is_even(
            self.heights_mm, self._max_rounding_mm
        )

    @property
    def is_rounded(self) -> bool:
        """Whether the steps are even only if the positions are assumed to be rounded."""
        return (
            self.is_even
            and self.positions_lps_mm.shape[0] > 1
            and not _is_even(self.heights_mm, None)
        )

    @property
    def allowed_sideways_mm(self) -> float:
        """How far slices may deviate sideways from their common line."""
        return max(SIDEWAYS_MM, self._max_sideways_rounding_mm)

    @property
    def _units_mm(self) -> Points:
        """Assumed value of one unit in the last digit of each coordinate, shape (n, 3).

        Trailing zeros may have been omitted. Positions with fewer digits than the finest one in the
        stack are therefore assumed to be rounded to `COARSEST_MIXED_MM` at most.
        """
        finest = self.rounding_lps_mm.min(axis=0)
        units: Points = np.maximum(
            finest, np.minimum(self.rounding_lps_mm, COARSEST_MIXED_MM) * (finest > 0)
        )
        return units

    @property
    def _max_rounding_mm(self) -> NDArray[np.float64]:
        """How far rounding may have moved each slice along the normal."""
        rounding: NDArray[np.float64] = 0.5 * self._units_mm @ np.abs(self.normal_lps)
        return rounding

    @property
    def _max_sideways_rounding_mm(self) -> float:
        """How far rounding may have moved two slices sideways relative to each other."""
        return min(float(np.linalg.norm(self._units_mm, axis=1).max()), MAX_ROUNDED_SIDEWAYS_MM)

    @property
    def largest_sideways_mm(self) -> float:
        """Largest sideways distance of a slice from the straight line through first and last."""
        span = self.positions_lps_mm[-1] - self.positions_lps_mm[0]
        length = float(np.linalg.norm(span))
        if length <= ROUNDING_MM:
            return 0.0
        offsets = self.positions_lps_mm - self.positions_lps_mm[0]
        sideways = offsets - np.outer(offsets @ (span / length), span / length)
        return float(np.linalg.norm(sideways, axis=1).max())

    def regular_runs(self) -> list[tuple[int, int]]:
        """Return runs [start, stop) of at least two evenly spaced slices, the longest first.

        Adjoining runs may share a slice.
        """
        runs: list[tuple[int, int]] = []
        start, count = 0, len(self.positions_lps_mm)
        heights, max_rounding = self.heights_mm, self._max_rounding_mm
        gaps = np.flatnonzero(self.steps_mm > GAP_STEPS * self.usual_step_mm) + 1
        while start < count - 1:
            stop = int(next((gap for gap in gaps if gap > start + 1), count))
            if not _is_even(heights[start:stop], max_rounding[start:stop]):
                # Grow the run slice by slice. Tried last, because a few rounded positions are weak
                # evidence.
                stop = start + 2
            while stop < count and _is_even(
                heights[start : stop + 1], max_rounding[start : stop + 1]
            ):
                stop += 1
            if self.steps_mm[start] > ROUNDING_MM:
                runs.append((start, stop))
            start = stop - 1
        return sorted(runs, key=lambda run: run[0] - run[1])

    def section(self, start: int, stop: int) -> SliceStack:
        """Return the slices [start, stop)."""
        return self.subset(np.arange(start, stop))

    def subset(self, indices: NDArray[np.intp]) -> SliceStack:
        """Return the slices with these indices, integers in ascending order, shape (n,)."""
        return SliceStack(
            self.order[indices],
            self.positions_lps_mm[indices],
            self.rows_lps,
            self.columns_lps,
            self.rounding_lps_mm[indices],
        )

    def first_at_each_position(self) -> SliceStack:
        return self.subset(np.array([group[0] for group in self.position_groups]))

    def geometry(
        self,
        rows: int,
        columns: int,
        pixel_spacing_mm: tuple[float, float],
        single_slice_step_mm: float,
    ) -> Geometry:
        """Return the rectangular grid of an even, untilted stack.

        `single_slice_step_mm` is used if there is only one slice.

        Raises
        ------
        GeometryError
            When spacing or directions do not form a grid.
        """
        count = len(self.positions_lps_mm)
        step = float(self.heights_mm[-1]) / (count - 1) if count > 1 else single_slice_step_mm
        return Geometry(
            shape_zyx=(count, rows, columns),
            spacing_zyx_mm=(step, *pixel_spacing_mm),
            origin_lps_mm=triple(self.positions_lps_mm[0]),
            axes_lps=(triple(self.normal_lps), triple(self.rows_lps), triple(self.columns_lps)),
        )

    def world_from_index(self, pixel_spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
        """Return the matrix from (slice, row, column, 1) to (L, P, S, 1) of an even stack.

        The stack may be tilted. float64, shape (4, 4).
        """
        count = len(self.positions_lps_mm)
        matrix = np.eye(4)
        matrix[:3, 0] = (self.positions_lps_mm[-1] - self.positions_lps_mm[0]) / max(1, count - 1)
        matrix[:3, 1] = self.rows_lps * pixel_spacing_mm[0]
        matrix[:3, 2] = self.columns_lps * pixel_spacing_mm[1]
        matrix[:3, 3] = self.positions_lps_mm[0]
        return matrix


def stack_slices(
    positions_lps_mm: Points,
    orientation: NDArray[np.float64],
    rounding_lps_mm: Points | None = None,
) -> SliceStack:
    """Sort slices along the normal of their common orientation.

    Parameters
    ----------
    positions_lps_mm
        Image Position (Patient) of each slice, float64, shape (n, 3).
    orientation
        Image Orientation (Patient): six cosines, direction of increasing column number first.
    rounding_lps_mm
        Value of one unit in the last digit of each coordinate, shape (n, 3); None for exact
        numbers.

    Raises
    ------
    GeometryError
        When the cosines are not two unit vectors at a right angle.
    """
    columns, rows = np.array(orientation[:3], dtype=float), np.array(orientation[3:], dtype=float)
    lengths = np.linalg.norm(columns), np.linalg.norm(rows)
    if (
        not np.isfinite([*columns, *rows]).all()
        or max(abs(length - 1) for length in lengths) > 1e-2
    ):
        raise GeometryError(
            "The slices' orientation {orientation} does not contain unit vectors. Export or "
            "retrieve the series again.",
            orientation=[round(float(v), 4) for v in orientation],
        )
    columns, rows = columns / lengths[0], rows / lengths[1]
    if abs(columns @ rows) > np.sin(np.radians(TILT_DEG)):
        raise GeometryError(
            "The slices' row and column directions are not at right angles. Export or retrieve "
            "the series again."
        )
    heights = positions_lps_mm @ np.cross(columns, rows)
    order = np.argsort(heights, kind="stable")
    rounding = np.zeros_like(positions_lps_mm) if rounding_lps_mm is None else rounding_lps_mm
    return SliceStack(order, positions_lps_mm[order], rows, columns, rounding[order])


def direction_letters(axes_lps: Iterable[ArrayLike]) -> str:
    """Return the anatomical letters of float vectors of shape (3,), for example 'L, P, S'."""
    return ", ".join(letters(np.asarray(axis, dtype=float)) for axis in axes_lps)


def tilt_banner(degrees: float) -> str:
    """Return the warning about a scan whose gantry tilt was corrected."""
    return critical(
        worded(
            "The gantry was tilted by {tilt_deg:.1f}°. The slices were shifted to form a "
            "rectangular volume (interpolated within each slice). Exports use the original "
            "tilted slices; some programs reject NIfTI files with a tilted grid.",
            tilt_deg=degrees,
        )
    )


def _is_even(heights: NDArray[np.float64], max_rounding_mm: NDArray[np.float64] | None) -> bool:
    """Return whether heights, shape (n,), are evenly spaced.

    `max_rounding_mm` is how far rounding may have moved each of them; None if they are exact.
    """
    steps = np.diff(heights)
    usual = float(np.median(steps))
    if usual <= ROUNDING_MM:
        return False
    if np.ptp(steps) <= max(UNEVEN_FRACTION * usual, ROUNDING_MM):
        regular = np.linspace(heights[0], heights[-1], len(heights))
        return bool(np.abs(heights - regular).max() <= max(DRIFT_FRACTION * usual, ROUNDING_MM))
    return max_rounding_mm is not None and _is_even_but_for_rounding(heights, max_rounding_mm)


def _is_even_but_for_rounding(
    heights: NDArray[np.float64], max_rounding_mm: NDArray[np.float64]
) -> bool:
    """Return whether a straight line passes within the rounding of each height.

    A missing slice moves at least one of n slices away from every line by ``m / (2 (m + 1))`` of a
    step, where m is the number of steps on the longer side of the gap, at least ``(n - 2) / 2``. At
    most half of that is accepted as rounding, so that rounding cannot hide a gap.
    """
    count = len(heights)
    step = float(heights[-1] - heights[0]) / (count - 1)
    longer = -(-(count - 2) // 2)
    most = min(MAX_ROUNDED_FRACTION, longer / (4.2 * (longer + 1))) * step
    allowed = np.minimum(max_rounding_mm + 1e-6, most)
    if (np.diff(heights) <= ROUNDING_MM).any() or not max_rounding_mm.any():
        return False
    numbers = np.arange(count)
    low, high = step - 2 * most / (count - 1), step + 2 * most / (count - 1)

    def misfit(slope: float) -> float:
        """Return by how much the heights miss a line of this slope; at most 0 if one fits.

        Each height allows a range of starts of the line: this is the largest gap between two
        ranges.
        """
        starts = heights - slope * numbers
        return float((starts - allowed).max() - (starts + allowed).min())

    for _ in range(40):  # ternary search: the misfit is convex in the slope
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if min(misfit(left), misfit(right)) <= 0:
            return True
        low, high = (low, right) if misfit(left) < misfit(right) else (left, high)
    return False
