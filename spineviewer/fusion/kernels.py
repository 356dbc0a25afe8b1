"""The inner loops of fusion.

Cells are summed in ascending order i (z), j (y), k (x), in float32 without fused multiply-adds (no
fastmath), so that every way of computing a mask gives exactly the same result. `attention_sagittal`
and `is_any_above` sum k first, which is faster; their results are the same within rounding.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy")
_SCALE = np.float32(1.0 / 65535.0)
#: Relative tolerance for float32 rounding where a bound replaces the evaluation of each voxel.
_ROUNDING = np.float32(1e-5)
#: Smaller changes in a row's slope are rounding errors, not knots.
_STRAIGHT = 1e-14


@_compiled
def smooth_rows(  # type: ignore[no-untyped-def]
    rows, smooth_ramp, by_cell, by_voxel, first_cell, stop_cell, first_voxel, stop_voxel
):
    r"""Smooth piecewise linear rows; write `by_cell`, its transpose `by_voxel`, and the extents.

    A row with few knots is ``row[end] + sum_p bend[p] max(p - v, 0)``, so each knot costs one
    addition of a smoothed ramp, however wide the kernel::

        row        ____/\____        each of its three knots p bends the line by bend[p]
        ramp       \____             max(p - v, 0): falls to 0 at the knot
        smoothed   \_____            the same, but curved within -reach .. reach of the knot

    `smooth_ramp` is the smoothed ``max(-u, 0)`` for u from -reach to reach. Left of that range the
    ramp is ``-u`` (first loop below), right of it 0. The outputs must be all zero initially. Beyond
    its ends, a row continues with its end values.
    """
    voxels, reach = rows.shape[1], (smooth_ramp.shape[0] - 1) // 2
    sums = np.empty(voxels, np.float64)
    for cell in range(rows.shape[0]):
        row = rows[cell]
        first, last = 0, voxels
        while first < voxels and row[first] == 0.0:
            first += 1
        if first == voxels:  # the voxels are so thick that none is near this cell
            first_voxel[cell] = stop_voxel[cell] = 0
            continue
        while row[last - 1] == 0.0:
            last -= 1
        low, high = max(0, first - reach), min(voxels, last + reach)
        sums[low:high] = row[voxels - 1]
        for knot in range(max(first - 1, 0), min(last + 1, voxels)):
            bend = (row[min(knot + 1, voxels - 1)] - row[knot]) - (
                row[knot] - row[max(knot - 1, 0)]
            )
            if abs(bend) < _STRAIGHT:
                continue
            start, stop = max(low, knot - reach), min(high, knot + reach + 1)
            for voxel in range(low, min(start, high)):
                sums[voxel] += bend * (knot - voxel)
            if start < stop:
                _add_scaled(
                    smooth_ramp[start - knot + reach : stop - knot + reach], bend, sums[start:stop]
                )
        first_voxel[cell], stop_voxel[cell] = high, low
        for voxel in range(low, high):
            weight = np.float32(max(sums[voxel], 0.0))
            if weight != 0.0:
                by_cell[cell, voxel] = by_voxel[voxel, cell] = weight
                first_voxel[cell], stop_voxel[cell] = min(first_voxel[cell], voxel), voxel + 1
                if stop_cell[voxel] == 0:
                    first_cell[voxel] = cell
                stop_cell[voxel] = cell + 1
        if first_voxel[cell] >= stop_voxel[cell]:
            first_voxel[cell] = stop_voxel[cell] = 0


@_compiled
def extents(rows, first, last):  # type: ignore[no-untyped-def]
    """Write the first and one past the last non-zero column of each row; 0 for empty rows."""
    for row in range(rows.shape[0]):
        low, high = 0, rows.shape[1]
        while low < high and rows[row, low] == 0.0:
            low += 1
        while high > low and rows[row, high - 1] == 0.0:
            high -= 1
        first[row], last[row] = (low, high) if high > low else (0, 0)


@_compiled
def _add_scaled(weights, value, out):  # type: ignore[no-untyped-def]
    """Add ``weights * value`` to `out`, both 1-D and contiguous so that the loop is vectorised."""
    for index in range(out.shape[0]):
        out[index] += weights[index] * value


@_compiled
def _cells_at_z(cells, along_z, z, first_j, last_j, out):  # type: ignore[no-untyped-def]
    """Write ``out[j, k] = sum_i A_z[z, i] cells[i, j, k]`` for first_j <= j < last_j.

    These rows are contiguous in memory, so they are treated as one long vector.
    """
    sums = out[first_j:last_j].reshape(-1)
    sums[:] = 0.0
    for i in range(along_z.first_cell[z], along_z.stop_cell[z]):
        _add_scaled(cells[i, first_j:last_j].reshape(-1), along_z.by_voxel[z, i], sums)


@_compiled
def attention_rows(cells, along_z, along_y, along_x, z0, z1, y0, y1, out):  # type: ignore[no-untyped-def]
    """Write the smoothed map of the box [z0, z1) x [y0, y1) x (every x) into `out`.

    The three sums are nested from the outside inwards: ``at_z[j, k]`` once per z, ``at_zy[k]`` once
    per row, and the last sum scatters each ``at_zy[k]`` to the voxels x that cell k reaches.
    """
    first_j, last_j = along_y.first_cell[y0], along_y.stop_cell[y1 - 1]
    count_k, count_x = cells.shape[2], out.shape[2]
    at_z = np.empty(cells.shape[1:], np.float32)
    at_zy = np.empty(count_k, np.float32)
    for z in range(z0, z1):
        _cells_at_z(cells, along_z, z, first_j, last_j, at_z)
        for y in range(y0, y1):
            for k in range(count_k):
                at_zy[k] = 0.0
            for j in range(along_y.first_cell[y], along_y.stop_cell[y]):
                weight = along_y.by_voxel[y, j]
                for k in range(count_k):
                    at_zy[k] += at_z[j, k] * weight
            for x in range(count_x):
                out[z - z0, y - y0, x] = 0.0
            for k in range(count_k):
                value = at_zy[k]
                if value != 0.0:
                    # unsigned: no wrap-around
                    for x in range(
                        np.uintp(along_x.first_voxel[k]), np.uintp(along_x.stop_voxel[k])
                    ):
                        out[z - z0, y - y0, x] += along_x.by_cell[k, x] * value


@_compiled
def _cells_at(cells, along_x, x):  # type: ignore[no-untyped-def]
    """Return the cells smoothed along x at sagittal slice x: float32, shape (i, j)."""
    count_i, count_j, _ = cells.shape
    at_x = np.zeros((count_i, count_j), np.float32)
    for i in range(count_i):
        for j in range(count_j):
            for k in range(along_x.first_cell[x], along_x.stop_cell[x]):
                at_x[i, j] += along_x.by_voxel[x, k] * cells[i, j, k]
    return at_x


@_compiled
def attention_sagittal(cells, along_z, along_y, along_x, x, out):  # type: ignore[no-untyped-def]
    """Write one smoothed sagittal slice into `out`, shape (z, y).

    Choice: the sum runs in the order k, i, j, which is thirty times faster than the order of the
    other kernels. The difference is float32 rounding, and `mask_sagittal` recomputes every voxel
    for which it could matter.
    """
    count_j = cells.shape[1]
    at_x = _cells_at(cells, along_x, x)
    at_xz = np.empty(count_j, np.float32)
    for z in range(out.shape[0]):
        at_xz[:] = 0.0
        for i in range(along_z.first_cell[z], along_z.stop_cell[z]):
            weight = along_z.by_voxel[z, i]
            for j in range(count_j):
                at_xz[j] += weight * at_x[i, j]
        for y in range(out.shape[1]):
            out[z, y] = 0.0
        for j in range(count_j):
            value = at_xz[j]
            if value != 0.0:
                # unsigned: no wrap-around
                for y in range(np.uintp(along_y.first_voxel[j]), np.uintp(along_y.stop_voxel[j])):
                    out[z, y] += along_y.by_cell[j, y] * value


@_compiled
def highest_cells(cells, along_x):  # type: ignore[no-untyped-def]
    """Return, per voxel along x, the highest cell value interpolated to it.

    It is an upper bound of the smoothed map.
    """
    highest = np.zeros(along_x.by_voxel.shape[0], np.float32)
    here = np.empty(highest.shape[0], np.float32)
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            here[:] = 0.0
            for k in range(cells.shape[2]):
                first, last = along_x.first_voxel[k], along_x.stop_voxel[k]
                _add_scaled(along_x.by_cell[k, first:last], cells[i, j, k], here[first:last])
            for x in range(here.shape[0]):
                highest[x] = max(highest[x], here[x])
    return highest


@_compiled
def is_any_above(cells, along_z, along_y, along_x, x, limit):  # type: ignore[no-untyped-def]
    """Return whether the smoothed map exceeds `limit` in sagittal slice x, within rounding."""
    count_j, count_y = cells.shape[1], along_y.by_voxel.shape[0]
    at_x = _cells_at(cells, along_x, x)
    at_xz = np.empty(count_j, np.float32)
    row = np.empty(count_y, np.float32)
    for z in range(along_z.by_voxel.shape[0]):
        at_xz[:] = 0.0
        for i in range(along_z.first_cell[z], along_z.stop_cell[z]):
            _add_scaled(at_x[i], along_z.by_voxel[z, i], at_xz)
        highest = np.float32(0.0)
        for j in range(count_j):
            highest = max(highest, at_xz[j])
        if highest <= limit:  # weights sum to 1: no voxel in this row can be higher
            continue
        row[:] = 0.0
        for j in range(count_j):
            first, last = along_y.first_voxel[j], along_y.stop_voxel[j]
            _add_scaled(along_y.by_cell[j, first:last], at_xz[j], row[first:last])
        for y in range(count_y):
            if row[y] > limit:
                return True
    return False


@_compiled
def mask_sagittal(cells, along_z, along_y, along_x, x, attention, threshold, out):  # type: ignore[no-untyped-def]
    """Clear `out` where the attention of sagittal slice x is at or below the threshold.

    `out` is the slice's bone: bool, shape (z, y). `attention` is the slice from
    `attention_sagittal`. Where rounding could change the result, the voxel is recomputed in the
    same order as for the volume, so that the plane is exactly the slice of the mask.
    """
    limit = np.float32(threshold)
    room = max(limit, np.float32(1e-30)) * _ROUNDING
    for z in range(out.shape[0]):
        for y in range(out.shape[1]):
            if out[z, y]:
                value = attention[z, y]
                if abs(value - limit) <= room:
                    value = _attention_at(cells, along_z, along_y, along_x, z, y, x)
                out[z, y] = value > limit


@_compiled
def _attention_at(cells, along_z, along_y, along_x, z, y, x):  # type: ignore[no-untyped-def]
    """Return the smoothed map at one voxel, summed in the same order as for the volume."""
    value = np.float32(0.0)
    for k in range(along_x.first_cell[x], along_x.stop_cell[x]):
        at_zy = np.float32(0.0)
        for j in range(along_y.first_cell[y], along_y.stop_cell[y]):
            at_z = np.float32(0.0)
            for i in range(along_z.first_cell[z], along_z.stop_cell[z]):
                at_z += cells[i, j, k] * along_z.by_voxel[z, i]
            at_zy += at_z * along_y.by_voxel[y, j]
        value += along_x.by_voxel[x, k] * at_zy
    return value


@_compiled
def _blended(values, z, dz, y, dy, x):  # type: ignore[no-untyped-def]
    """Return working values interpolated along z and y at one working x, in stored units.

    ::

        values[z,     y] ---dy--- values[z,     y + 1]
             |dz                       |dz
        values[z + 1, y] ---dy--- values[z + 1, y + 1]

    A neighbour is read only if its fraction is not 0, because the last voxel has no neighbour.
    """
    value = np.float32(values[z, y, x])
    if dz > 0.0:
        value = (np.float32(1.0) - dz) * value + dz * np.float32(values[z + 1, y, x])
    if dy > 0.0:
        upper = np.float32(values[z, y + 1, x])
        if dz > 0.0:
            upper = (np.float32(1.0) - dz) * upper + dz * np.float32(values[z + 1, y + 1, x])
        value = (np.float32(1.0) - dy) * value + dy * upper
    return value


@_compiled
def _blend_row(values, z, dz, y, dy, first, last, out):  # type: ignore[no-untyped-def]
    """Write `_blended` for working x first..last-1, with the branches outside the loops."""
    one = np.float32(1.0)
    if dz > 0.0 and dy > 0.0:
        a, b, c, d = values[z, y], values[z + 1, y], values[z, y + 1], values[z + 1, y + 1]
        for x in range(first, last):
            out[x] = (one - dy) * ((one - dz) * np.float32(a[x]) + dz * np.float32(b[x])) + dy * (
                (one - dz) * np.float32(c[x]) + dz * np.float32(d[x])
            )
    elif dz > 0.0 or dy > 0.0:
        a = values[z, y]
        b = values[z + 1, y] if dz > 0.0 else values[z, y + 1]
        d1 = dz if dz > 0.0 else dy
        for x in range(first, last):
            out[x] = (one - d1) * np.float32(a[x]) + d1 * np.float32(b[x])
    else:
        a = values[z, y]
        for x in range(first, last):
            out[x] = np.float32(a[x])


@_compiled
def probability_box(values, along_z, along_y, along_x, z0, z1, y0, y1, x0, x1, out):  # type: ignore[no-untyped-def]
    """Write the probability in [0, 1] of the box [z0, z1) x [y0, y1) x [x0, x1) into `out`.

    Each row is interpolated along z and y on the working grid first (``line``), then along x
    between ``line[lower[x]]`` and its upper neighbour.
    """
    one = np.float32(1.0)
    line = np.empty(values.shape[2], np.float32)
    first = along_x.lower[x0]
    last = min(along_x.lower[x1 - 1] + 2, values.shape[2])
    for z in range(z0, z1):
        for y in range(y0, y1):
            wz, dz, wy, dy = (
                along_z.lower[z],
                along_z.fraction[z],
                along_y.lower[y],
                along_y.fraction[y],
            )
            if last - first <= 2:
                for x in range(first, last):
                    line[x] = _blended(values, wz, dz, wy, dy, x)
            else:
                _blend_row(values, wz, dz, wy, dy, first, last, line)
            for x in range(x0, x1):
                w, dx = along_x.lower[x], along_x.fraction[x]
                value = line[w]
                if dx > 0.0:
                    value = (one - dx) * value + dx * line[w + 1]
                out[z - z0, y - y0, x - x0] = value * _SCALE


@_compiled
def probability_sagittal(values, along_z, along_y, lower, fraction, out):  # type: ignore[no-untyped-def]
    """Write the probability of one sagittal slice into `out`, shape (z, y).

    The slice is at `fraction` of the way from working slice `lower` to ``lower + 1``. Neighbours
    in a sagittal slice are a whole row apart in memory, so the one or two slices are gathered into
    `near` first. The sums are those of `probability_box`.
    """
    one = np.float32(1.0)
    count = 2 if fraction > 0.0 else 1
    rows, columns = values.shape[:2]
    near = np.empty((rows, columns, count), np.uint16)
    for z in range(rows):
        for y in range(columns):
            for k in range(count):
                near[z, y, k] = values[z, y, lower + k]
    lines = np.empty((2, columns), np.float32)
    for z in range(out.shape[0]):
        w, dz = along_z.lower[z], along_z.fraction[z]
        for k in range(count):
            if dz > 0.0:
                for y in range(columns):
                    lines[k, y] = (one - dz) * np.float32(near[w, y, k]) + dz * np.float32(
                        near[w + 1, y, k]
                    )
            else:
                for y in range(columns):
                    lines[k, y] = np.float32(near[w, y, k])
        for y in range(out.shape[1]):
            w, dy = along_y.lower[y], along_y.fraction[y]
            value = lines[0, w]
            if dy > 0.0:
                value = (one - dy) * value + dy * lines[0, w + 1]
            if count > 1:
                other = lines[1, w]
                if dy > 0.0:
                    other = (one - dy) * other + dy * lines[1, w + 1]
                value = (one - fraction) * value + fraction * other
            out[z, y] = value * _SCALE


@_compiled
def row_maxima(values, z0, z1, out):  # type: ignore[no-untyped-def]
    """Write the largest stored value of each row (z, y), for z0 <= z < z1."""
    for z in range(z0, z1):
        for y in range(values.shape[1]):
            row = values[z, y]
            highest = row[0]
            for x in range(row.shape[0]):
                highest = max(highest, row[x])
            out[z, y] = highest


@_compiled
def bone_runs(values, maxima, along_z, along_y, along_x, is_computed, threshold, z0, z1):  # type: ignore[no-untyped-def]
    """Find runs of computed voxels above `threshold` in the scan's slices z0..z1-1.

    Returns
    -------
    counts (int64, per row), starts and stops (int32, per run). Run i covers x =
    starts[i]..stops[i]-1; runs are stored row after row, so the cumulative sum of `counts` gives
    the first run of each row.
    """
    one = np.float32(1.0)
    limit = np.float32(threshold)
    ny, nx = along_y.lower.shape[0], along_x.lower.shape[0]
    counts = np.zeros((z1 - z0) * ny, np.int64)
    capacity = 1024
    starts = np.empty(capacity, np.int32)
    stops = np.empty(capacity, np.int32)
    total = 0
    line = np.empty(values.shape[2], np.float32)
    above = np.empty(nx + 1, np.bool_)
    above[nx] = False
    for z in range(z0, z1):
        wz, dz = along_z.lower[z], along_z.fraction[z]
        upper_z = wz + 1 if dz > 0.0 else wz
        for y in range(ny):
            wy, dy = along_y.lower[y], along_y.fraction[y]
            upper_y = wy + 1 if dy > 0.0 else wy
            highest = max(
                max(maxima[wz, wy], maxima[upper_z, wy]),
                max(maxima[wz, upper_y], maxima[upper_z, upper_y]),
            )
            if np.float32(highest) * _SCALE * (one + _ROUNDING) <= limit:
                continue
            _blend_row(values, wz, dz, wy, dy, 0, values.shape[2], line)
            for x in range(nx):
                w, dx = along_x.lower[x], along_x.fraction[x]
                value = line[w]
                if dx > 0.0:
                    value = (one - dx) * value + dx * line[w + 1]
                above[x] = is_computed[x] and value * _SCALE > limit
            inside = False
            for x in range(nx + 1):
                if above[x] == inside:
                    continue
                if not inside:
                    if total == capacity:
                        capacity *= 2
                        starts = np.concatenate((starts, np.empty(total, np.int32)))
                        stops = np.concatenate((stops, np.empty(total, np.int32)))
                    starts[total] = x
                else:
                    stops[total] = x
                    counts[(z - z0) * ny + y] += 1
                    total += 1
                inside = not inside
    return counts, starts[:total].copy(), stops[:total].copy()


@_compiled
def fuse(cells, along_z, along_y, along_x, bone, threshold, z0, z1, out):  # type: ignore[no-untyped-def]
    """Set `out` to True where a voxel of `bone` has attention above `threshold`, z0 <= z < z1.

    `out` is initially all False.

    Weights are non-negative and sum to 1, so the cells that reach a run bound its values from both
    sides. Only runs whose bounds enclose the threshold are evaluated voxel by voxel.

    Row (z, y) has the index ``r = z * ny + y`` in `bone.row_first`; its runs are ``row_first[r] ..
    row_first[r + 1] - 1``.

    Returns
    -------
    The box around all voxels that were set: int64, shape (3, 2), the first and one past the last z,
    y and x. If none was set, each first index is greater than the last.
    """
    one = np.float32(1.0)
    limit = np.float32(threshold)
    nz, ny, nx = out.shape
    box = np.array([[nz, 0], [ny, 0], [nx, 0]])
    nj, nk = cells.shape[1], cells.shape[2]
    at_z = np.empty((nj, nk), np.float32)
    at_zy = np.empty(nk, np.float32)
    for z in range(z0, z1):
        if bone.row_first[z * ny] == bone.row_first[(z + 1) * ny]:
            continue
        _cells_at_z(cells, along_z, z, 0, nj, at_z)
        for y in range(ny):
            first_run, last_run = bone.row_first[z * ny + y], bone.row_first[z * ny + y + 1]
            if first_run == last_run:
                continue
            first_k = along_x.first_cell[bone.start[first_run]]
            last_k = along_x.stop_cell[bone.stop[last_run - 1] - 1]
            at_zy[first_k:last_k] = 0.0
            for j in range(along_y.first_cell[y], along_y.stop_cell[y]):
                weight = along_y.by_voxel[y, j]
                for k in range(first_k, last_k):
                    at_zy[k] += weight * at_z[j, k]
            for run in range(first_run, last_run):
                start, stop = bone.start[run], bone.stop[run]
                lowest, highest = at_zy[along_x.first_cell[start]], at_zy[along_x.first_cell[start]]
                for k in range(along_x.first_cell[start], along_x.stop_cell[stop - 1]):
                    lowest, highest = min(lowest, at_zy[k]), max(highest, at_zy[k])
                if highest * (one + _ROUNDING) <= limit:
                    continue
                if lowest * (one - _ROUNDING) > limit:
                    out[z, y, start:stop] = True
                else:
                    first, last = stop, start
                    for x in range(start, stop):
                        value = np.float32(0.0)
                        for k in range(along_x.first_cell[x], along_x.stop_cell[x]):
                            value += along_x.by_voxel[x, k] * at_zy[k]
                        if value > limit:
                            out[z, y, x] = True
                            first, last = min(first, x), x + 1
                    if first >= last:
                        continue
                    start, stop = first, last
                box[0, 0], box[0, 1] = min(box[0, 0], z), z + 1
                box[1, 0], box[1, 1] = min(box[1, 0], y), max(box[1, 1], y + 1)
                box[2, 0], box[2, 1] = min(box[2, 0], start), max(box[2, 1], stop)
    return box
