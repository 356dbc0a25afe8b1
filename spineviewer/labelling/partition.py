"""The vertebra to which each voxel of the mask belongs.

Every voxel has three coordinates: along the spine, behind the body's centre, and to its left.
Within bodies, the border is the tilted plane of the disc. Behind the body, the border between two
vertebrae deviates from that plane, because articular and spinous processes extend down over the
vertebra below. A table fitted to label maps states the deviation by position behind and beside the
body, in units of the level's height. Within a band around this surface, a watershed over the
probability finds the joint itself; outside the band, the surface decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, map_coordinates

from spineviewer.labelling.axis import WorkingMask
from spineviewer.labelling.separation import C2_WITH_DENS_MM
from spineviewer.threads import in_parallel
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.geometry import Box
from spineviewer.volume.volume import SpineMask

Floats = NDArray[np.float64]

#: Largest distances from the line at which bone counts as spine.
_BESIDE_MM = 45.0
_IN_FRONT_MM = 25.0
_BEHIND_MM = 80.0
#: Choice: bone this close to the first or last slice reaches the edge of the scan.
_EDGE_MM = 2.0
#: Choice: smallest detached part at an edge that remains part of the vertebra.
_MIN_PART_MM3 = 100.0
#: Number of slices that one thread works on at a time.
_SLICES_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class CutSurface:
    """The border between a vertebra and the next one down.

    Attributes
    ----------
    station
        Position along the line where the border crosses it.
    slope_back, slope_left
        Slopes of the disc's plane: mm towards the feet per mm to the back, and per mm to the left.
    radius_mm
        Radius of the body at the border.
    pitch_mm
        Mean height of the vertebrae above and below, each with a disc: the unit of `shift`.
    shift
        Shape (back, left): how far below the plane the border is at the positions of the table, in
        units of `pitch_mm`.
    band_mm
        Half the height of the band around the border in which a watershed decides.
    body_left
        Half the width of the body, in radii: within it, the plane alone decides.
    is_atlas
        Whether the upper vertebra is C1. It has no body, so no plane decides.
    """

    station: float
    slope_back: float
    slope_left: float
    radius_mm: float
    pitch_mm: float
    shift: Floats
    band_mm: float
    body_left: float = np.inf
    is_atlas: bool = False

    def stations(self, back_mm: Floats, left_mm: Floats) -> Floats:
        """Return where lines parallel to the spine cross the border: float64, shape (lines,).

        `back_mm` and `left_mm` are their positions, float64, shape (lines,).
        """
        radius = self.radius_mm
        row = (back_mm / radius - TABLE_BACK[0]) / (TABLE_BACK[1] - TABLE_BACK[0])
        column = np.abs(left_mm) / radius / TABLE_LEFT[1]
        shift = map_coordinates(self.shift, [row, column], order=1, mode="nearest")
        return np.asarray(
            self.station
            + self.slope_back * np.clip(back_mm, -radius, radius)
            + self.slope_left * np.clip(left_mm, -radius, radius)
            + self.pitch_mm * shift
        )

    @property
    def reach_mm(self) -> float:
        """The largest distance from `station` of the border and the band around it.

        The band around the border of C1 includes the whole dens.
        """
        if self.is_atlas:
            return np.inf
        tilt = (abs(self.slope_back) + abs(self.slope_left)) * self.radius_mm
        return tilt + self.pitch_mm * float(np.abs(self.shift).max()) + self.band_mm + 1e-6

    def with_arches_lowered(self, by: float) -> CutSurface:
        """Return the border with its part behind the body lowered, in units of `pitch_mm`.

        The part within the body is not moved.
        """
        behind = np.clip((TABLE_BACK - _BODY_BACK) / (1 - _BODY_BACK), 0, 1)
        return replace(self, shift=self.shift + by * behind[:, None])


#: Positions of the rows of the table: behind the body's centre, in radii of the body.
TABLE_BACK = np.arange(-2.0, 6.01, 0.5)
#: Positions of the columns of the table: to either side of the body's centre, in radii.
TABLE_LEFT = np.arange(0.0, 3.01, 0.5)
#: In front of this position, in radii, the plane of the disc alone is the border.
_BODY_BACK = 0.5
#: Choice: half the width, in radii, of a cervical body without its uncinate processes, which
#: extend above the disc's plane.
NECK_BODY = 0.75
#: Choice: the dens is at most this far from the line to either side, and in front or behind, in
#: radii of the body below it. There, a watershed alone decides between C1 and C2.
_DENS_LEFT, _DENS_BACK = 0.8, 1.0
#: `pitch_mm` of the border between C1 and C2: their usual joint height. Choice: the height in view
#: was not better on training cases, and depends on where exactly the mask ends.
ATLAS_PITCH_MM = C2_WITH_DENS_MM


#: Steps to those 13 of a voxel's neighbours that come before it in an array.
_NUMBERED = tuple((z, y, x) for z in (-1, 0) for y in (-1, 0, 1) for x in (-1, 0, 1))[:13]


def column_voxels(
    mask: WorkingMask, line: CentreLine, first: float, last: float
) -> NDArray[np.bool_]:
    """Return the pieces of the mask that belong to the column of bodies: bool, shape of the mask.

    A piece belongs to the column if most of its voxels are near the line, between the stations or
    up to 15 mm beyond. The piece with the most such voxels always belongs to it.

    Parameters
    ----------
    first, last
        Stations between which the bodies are.
    """
    pieces, size = _pieces(mask.voxels)
    if len(size) <= 2:
        return mask.voxels.copy()
    near = _near_line(
        pieces, len(size), np.array(mask.origin_zyx, dtype=np.float64), line.points_mm,
        line.down, line.left, line.back,
        first - 15, last + 15, _BESIDE_MM, _IN_FRONT_MM, _BEHIND_MM,
    )  # fmt: skip
    keep = (near > 0.6 * size) & (size > 0)
    keep[0] = False
    largest = int(np.argmax(near))
    keep[largest] = True
    return np.asarray(keep[pieces])


@numba.njit(nogil=True, cache=True)
def _station_of(point, points, downs, guess):  # type: ignore[no-untyped-def]
    """Return the fractional station of a point; the search starts at `guess`."""
    n = len(points)
    s = guess
    for _ in range(30):
        i = min(max(int(s + 0.5), 0), n - 1)
        step = 0.0
        for a in range(3):
            step += (point[a] - points[i, a]) * downs[i, a]
        new = i + step
        if new < -20.0:
            new = -20.0
        if new > n + 20.0:
            new = n + 20.0
        if abs(new - s) < 0.6:
            s = new
            break
        # Damped steps: far behind a strongly curved line, full steps oscillate.
        s = s + 0.6 * (new - s)
    return s


@numba.njit(nogil=True, cache=True)
def _near_line(  # type: ignore[no-untyped-def]
    pieces, count, origin, points, downs, lefts, backs, first, last, beside, in_front, behind
):
    """Return how many voxels of each piece are near the line."""
    near = np.zeros(count)
    point = np.zeros(3)
    nz, ny, nx = pieces.shape
    n = len(points)
    for z in range(nz):
        station = 0.5 * n
        for y in range(ny):
            for x in range(nx):
                piece = pieces[z, y, x]
                if piece == 0:
                    continue
                point[0] = z + origin[0] + 0.5
                point[1] = y + origin[1] + 0.5
                point[2] = x + origin[2] + 0.5
                s = _station_of(point, points, downs, station)
                station = min(max(s, 0.0), n - 1.0)
                i = int(station + 0.5)
                i = min(i, n - 1)
                left = 0.0
                back = 0.0
                for a in range(3):
                    left += (point[a] - points[i, a]) * lefts[i, a]
                    back += (point[a] - points[i, a]) * backs[i, a]
                if first <= s <= last and abs(left) <= beside and -in_front <= back <= behind:
                    near[piece] += 1
    return near


@dataclass(frozen=True, eq=False)
class PlacedMask:
    """A mask whose voxels have coordinates along a line.

    Attributes
    ----------
    voxels
        bool, shape (z, y, x).
    places
        float64, shape (true voxels, 3): station along the line, and mm to its left and behind it.
    """

    voxels: NDArray[np.bool_]
    places: Floats

    @classmethod
    def along(cls, mask: WorkingMask, line: CentreLine) -> PlacedMask:
        """Return a mask with its places along a line."""
        firsts = _first_voxels(mask.voxels)
        places, origin = np.empty((firsts[-1], 3)), np.array(mask.origin_zyx, dtype=np.float64)

        def run(z: int) -> None:
            _place(
                mask.voxels, origin, line.points_mm, line.down, line.left, line.back,
                firsts, z, min(z + _SLICES_AT_ONCE, len(mask.voxels)), places,
            )  # fmt: skip

        in_parallel(run, range(0, len(mask.voxels), _SLICES_AT_ONCE))
        return cls(mask.voxels, places)

    def segments(self, cuts: Sequence[CutSurface]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Return the segment of each voxel according to cut surfaces, and whether it is near one.

        The segments are uint8, 1 at the head; the second array is bool; both have shape (z, y, x).
        Voxels in bodies do not count as near a surface, because the disc's plane decides there.
        """
        out = np.zeros(self.voxels.shape, np.uint8)
        in_band = np.zeros(self.voxels.shape, np.bool_)
        if not cuts:
            out[self.voxels] = 1
            return out, in_band
        numbers = np.array(
            [
                (
                    c.station,
                    c.slope_back,
                    c.slope_left,
                    c.radius_mm,
                    c.pitch_mm,
                    float(c.is_atlas),
                    c.band_mm,
                    c.body_left,
                    c.reach_mm,
                )
                for c in cuts
            ]
        )
        table, firsts = np.stack([cut.shift for cut in cuts]), _first_voxels(self.voxels)

        def run(z: int) -> None:
            _assign(
                self.voxels, self.places, numbers, table, TABLE_BACK[0],
                TABLE_BACK[1] - TABLE_BACK[0], TABLE_LEFT[1], firsts, z,
                min(z + _SLICES_AT_ONCE, len(out)), out, in_band,
            )  # fmt: skip

        in_parallel(run, range(0, len(out), _SLICES_AT_ONCE))
        return out, in_band


def _first_voxels(voxels: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the number of true voxels before each slice, and in all: int64, shape (z + 1,)."""
    return np.concatenate([[0], np.cumsum(np.count_nonzero(voxels, axis=(1, 2)))])


@numba.njit(nogil=True, cache=True)
def _place(  # type: ignore[no-untyped-def]
    voxels, origin, points, downs, lefts, backs, firsts, start, stop, places
):
    point = np.zeros(3)
    _, ny, nx = voxels.shape
    n = len(points)
    for z in range(start, stop):
        guess = 0.5 * n
        v = firsts[z]
        for y in range(ny):
            for x in range(nx):
                if not voxels[z, y, x]:
                    continue
                point[0] = z + origin[0] + 0.5
                point[1] = y + origin[1] + 0.5
                point[2] = x + origin[2] + 0.5
                s = _station_of(point, points, downs, guess)
                guess = min(max(s, 0.0), n - 1.0)
                i = min(int(guess + 0.5), n - 1)
                left = 0.0
                back = 0.0
                for a in range(3):
                    left += (point[a] - points[i, a]) * lefts[i, a]
                    back += (point[a] - points[i, a]) * backs[i, a]
                places[v, 0] = s
                places[v, 1] = left
                places[v, 2] = back
                v += 1


@numba.njit(nogil=True, cache=True)
def _assign(  # type: ignore[no-untyped-def]
    voxels, places, cuts, table, first_back, step_back, step_left, firsts, start, stop, out, in_band
):
    _, ny, nx = voxels.shape
    for z in range(start, stop):
        v = firsts[z]
        for y in range(ny):
            for x in range(nx):
                if not voxels[z, y, x]:
                    continue
                s, left, back = places[v]
                v += 1
                segment = 1
                for c in range(len(cuts)):
                    if abs(s - cuts[c, 0]) > cuts[c, 8]:
                        if s > cuts[c, 0]:
                            segment = c + 2
                        continue
                    radius = cuts[c, 3]
                    reach_back = min(max(back, -radius), radius)
                    reach_left = min(max(left, -radius), radius)
                    border = cuts[c, 0] + cuts[c, 1] * reach_back + cuts[c, 2] * reach_left
                    row = (back / radius - first_back) / step_back
                    border += cuts[c, 4] * _table_value(
                        table[c], row, abs(left) / radius / step_left
                    )
                    off = s - border
                    if off > 0:
                        segment = c + 2
                    is_body = (
                        back < 0.75 * radius and abs(left) < cuts[c, 7] * radius and cuts[c, 5] == 0
                    )
                    is_dens = (
                        cuts[c, 5] == 1
                        and abs(left) < _DENS_LEFT * radius
                        and abs(back) < _DENS_BACK * radius
                    )
                    if not is_body and off < cuts[c, 6] and (is_dens or off > -cuts[c, 6]):
                        in_band[z, y, x] = True
                out[z, y, x] = segment


@numba.njit(nogil=True, cache=True)
def _table_value(table, row, column):  # type: ignore[no-untyped-def]
    rows, columns = table.shape
    row = min(max(row, 0.0), rows - 1.001)
    column = min(column, columns - 1.001)
    i, j = int(row), int(column)
    a, b = row - i, column - j
    upper = (1 - b) * table[i, j] + b * table[i, j + 1]
    lower = (1 - b) * table[i + 1, j] + b * table[i + 1, j + 1]
    return (1 - a) * upper + a * lower


def flood_band(
    segments: NDArray[np.uint8], in_band: NDArray[np.bool_], height: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return the segments with voxels in the band reassigned by a watershed.

    The flood starts at the segments next to the band; the border is where two floods meet.

    Parameters
    ----------
    segments, in_band, height
        uint8, bool and uint8, all of shape (z, y, x). `height` is large in joints.
    """
    out = segments.copy()
    out[in_band] = 0
    voxels = np.argwhere(in_band).astype(np.int32)
    if len(voxels):
        _flood(out, in_band, height, voxels)
        unreached = in_band & (out == 0)  # a piece that is entirely in the band
        out[unreached] = segments[unreached]
    return out


@numba.njit(nogil=True, cache=True)
def _flood(out, in_band, height, voxels):  # type: ignore[no-untyped-def]
    nz, ny, nx = out.shape
    n = len(voxels)
    # Each height has a first-in-first-out queue of voxels, linked by their numbers.
    number = np.full(out.shape, -1, np.int32)
    for p in range(n):
        number[voxels[p, 0], voxels[p, 1], voxels[p, 2]] = p
    head = np.full(256, -1, np.int32)
    tail = np.full(256, -1, np.int32)
    next_in_queue = np.full(n, -1, np.int32)
    segment = np.zeros(n, np.uint8)
    steps = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
    for p in range(n):
        z, y, x = voxels[p]
        for d in range(6):
            i, j, k = z + steps[d, 0], y + steps[d, 1], x + steps[d, 2]
            if (
                0 <= i < nz
                and 0 <= j < ny
                and 0 <= k < nx
                and out[i, j, k] > 0
                and not in_band[i, j, k]
            ):
                segment[p] = out[i, j, k]
                break
        if segment[p] > 0:
            h = height[z, y, x]
            if head[h] < 0:
                head[h] = p
            else:
                next_in_queue[tail[h]] = p
            tail[h] = p
    level = 0
    while level < 256:
        p = head[level]
        if p < 0:
            level += 1
            continue
        head[level] = next_in_queue[p]
        z, y, x = voxels[p]
        out[z, y, x] = segment[p]
        for d in range(6):
            i, j, k = z + steps[d, 0], y + steps[d, 1], x + steps[d, 2]
            if 0 <= i < nz and 0 <= j < ny and 0 <= k < nx:
                q = number[i, j, k]
                if q >= 0 and segment[q] == 0:
                    segment[q] = segment[p]
                    next_in_queue[q] = -1
                    h = max(level, height[i, j, k])
                    if head[h] < 0:
                        head[h] = q
                    else:
                        next_in_queue[tail[h]] = q
                    tail[h] = q


def keep_one_piece_each(
    segments: NDArray[np.uint8],
    count: int,
    dissolved: Sequence[int] = (),
    *,
    kept_at: Mapping[int, slice] | None = None,
    voxel_mm3: float = 1.0,
) -> NDArray[np.uint8]:
    """Return the segments, each reduced to one connected piece: uint8, shape (z, y, x).

    Detached parts of a segment, and all parts of the segments in `dissolved`, become part of a
    segment that they touch, or 0 if they touch none.

    Parameters
    ----------
    kept_at
        For each segment that the scan cuts off, the slices at that edge. The segment keeps larger
        parts there, because what connects them may be outside the scan: if the pedicles are, the
        arch is detached from the rest of the body.
    voxel_mm3
        Volume of a voxel.
    """
    out = segments.copy()
    loose = np.isin(segments, dissolved) if dissolved else np.zeros(segments.shape, np.bool_)
    boxes = segment_boxes(segments, count)
    for number, box in enumerate(boxes, start=1):
        if box is None or number in dissolved:
            continue
        part = segments[box] == number
        pieces, sizes = _pieces(part)
        if len(sizes) > 2:
            is_kept = np.zeros(len(sizes), np.bool_)
            if kept_at is not None and number in kept_at:
                start, stop = (
                    max(end - box[0].start, 0)
                    for end in (kept_at[number].start, kept_at[number].stop)
                )
                is_kept[pieces[start:stop]] = True
                is_kept &= sizes * voxel_mm3 >= _MIN_PART_MM3
            is_kept[int(np.argmax(sizes))] = True
            loose[box] |= part & ~is_kept[pieces]
    if loose.any():
        out[loose] = 0
        _grow(out, loose)
    return out


def edge_slices(covered: slice, scan_stop: int, step_mm: float, *, is_upper: bool) -> slice:
    """Return which slices of an array are at the upper or lower edge of the scan.

    Parameters
    ----------
    covered
        The slices of the scan that the array contains.
    scan_stop
        Number of slices of the scan.
    """
    count = max(round(_EDGE_MM / step_mm), 1)
    if is_upper:
        return slice(max(scan_stop - count - covered.start, 0), covered.stop - covered.start)
    return slice(0, max(count - covered.start, 0))


def segment_boxes(segments: NDArray[np.uint8], count: int) -> list[Box | None]:
    """Return the smallest box of each segment; None for one without voxels.

    `segments` is uint8, shape (z, y, x).
    """
    boxes: Sequence[Any] = find_objects(segments, max_label=count)
    return list(boxes)


def _pieces(voxels: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return each voxel's piece, counted from 1, and the number of voxels of each (26-connected).

    int32, shape (z, y, x), and int64, shape (pieces + 1,), beginning with 0 for the background.
    """
    pieces = np.zeros(voxels.shape, np.int32)
    return pieces, _number_pieces(voxels, pieces)


@numba.njit(nogil=True, cache=True)
def _number_pieces(voxels, pieces):  # type: ignore[no-untyped-def]
    """Write the number of each voxel's piece into `pieces`; return the sizes of the pieces."""
    nz, ny, nx = voxels.shape
    # Provisional numbers; each points to a smaller number of the same piece, or to itself.
    smaller = np.zeros(voxels.sum() + 1, np.int32)
    count = 0
    for z in range(nz):
        for y in range(ny):
            for x in range(nx):
                if not voxels[z, y, x]:
                    continue
                if z > 0 and voxels[z - 1, y, x]:  # a neighbour of all the others
                    pieces[z, y, x] = pieces[z - 1, y, x]
                    continue
                own = 0
                for dz, dy, dx in _NUMBERED:
                    i, j, k = z + dz, y + dy, x + dx
                    if i < 0 or j < 0 or j >= ny or k < 0 or k >= nx or pieces[i, j, k] == 0:
                        continue
                    other = pieces[i, j, k]
                    while smaller[other] != other:
                        other = smaller[other]
                    if own == 0:
                        own = other
                    elif other < own:
                        smaller[own] = other
                        own = other
                    else:
                        smaller[other] = own
                if own == 0:
                    count += 1
                    own = count
                    smaller[own] = own
                pieces[z, y, x] = own
    final = np.zeros(count + 1, np.int32)
    last = 0
    for number in range(1, count + 1):
        if smaller[number] == number:
            last += 1
            final[number] = last
        else:
            final[number] = final[smaller[number]]
    sizes = np.zeros(last + 1, np.int64)
    for z in range(nz):
        for y in range(ny):
            for x in range(nx):
                if voxels[z, y, x]:
                    pieces[z, y, x] = final[pieces[z, y, x]]
                    sizes[pieces[z, y, x]] += 1
    return sizes


@numba.njit(nogil=True, cache=True)
def _grow(out, loose):  # type: ignore[no-untyped-def]
    """Give loose voxels the number of a labelled neighbour, repeatedly, until nothing changes."""
    nz, ny, nx = out.shape
    voxels = np.argwhere(loose)
    is_loose = np.ones(len(voxels), np.bool_)
    is_changed = True
    while is_changed:
        is_changed = False
        segment = np.zeros(len(voxels), np.uint8)
        for p in range(len(voxels)):
            if not is_loose[p]:
                continue
            z, y, x = voxels[p]
            for dz in range(-1, 2):
                for dy in range(-1, 2):
                    for dx in range(-1, 2):
                        if (
                            0 <= z + dz < nz
                            and 0 <= y + dy < ny
                            and 0 <= x + dx < nx
                            and segment[p] == 0
                        ):
                            segment[p] = out[z + dz, y + dy, x + dx]
        for p in range(len(voxels)):
            if segment[p] > 0:
                z, y, x = voxels[p]
                out[z, y, x] = segment[p]
                is_loose[p] = False
                is_changed = True


def segments_on_scan(
    segments: NDArray[np.uint8],
    working: WorkingMask,
    mask: SpineMask,
) -> NDArray[np.uint8]:
    """Return the segments on the scan's own grid: uint8, shape (z, y, x) of `mask`.

    Each voxel of the mask takes the value of the nearest voxel of the working grid.

    Parameters
    ----------
    segments
        uint8, on the part of the working grid that `working` covers.
    """
    out = np.zeros(mask.voxels.shape, np.uint8)
    _look_up(
        segments,
        working.voxels,
        np.array(working.origin_zyx),
        mask.voxels[mask.box],
        np.array([part.start for part in mask.box]),
        np.array(mask.geometry.spacing_zyx_mm),
        out[mask.box],
    )
    return out


@numba.njit(nogil=True, cache=True)
def _look_up(segments, working, origin, mask, first, spacing, out):  # type: ignore[no-untyped-def]
    nz, ny, nx = mask.shape
    mz, my, mx = segments.shape
    for z in range(nz):
        wz = min(max(int(np.floor((z + first[0] + 0.5) * spacing[0])) - origin[0], 0), mz - 1)
        for y in range(ny):
            wy = min(max(int(np.floor((y + first[1] + 0.5) * spacing[1])) - origin[1], 0), my - 1)
            for x in range(nx):
                if not mask[z, y, x]:
                    continue
                wx = min(
                    max(int(np.floor((x + first[2] + 0.5) * spacing[2])) - origin[2], 0), mx - 1
                )
                value = segments[wz, wy, wx]
                if value == 0 and not working[wz, wy, wx]:
                    # Thin bone between voxels of the working grid: use the nearest labelled one.
                    nearest = 100
                    for dz in range(-1, 2):
                        for dy in range(-1, 2):
                            for dx in range(-1, 2):
                                i, j, k = wz + dz, wy + dy, wx + dx
                                if (
                                    0 <= i < mz
                                    and 0 <= j < my
                                    and 0 <= k < mx
                                    and segments[i, j, k] > 0
                                ):
                                    far = dz * dz + dy * dy + dx * dx
                                    if far < nearest:
                                        nearest = far
                                        value = segments[i, j, k]
                out[z, y, x] = value
