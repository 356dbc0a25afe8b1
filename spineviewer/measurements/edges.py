"""Ends of the bone, moved to the edges in the CT, and where the scan ends before the bone does.

If a mask is computed again on a rotated or resampled scan, its borders move by fractions of a
voxel. The edges in the CT do not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from spineviewer.labelling.cut_parts import PADDING_HU
from spineviewer.measurements.surfaces import CUT, TOUCHING, Body, Walls
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import CtVolume

Floats = NDArray[np.float64]

#: Positions along each line at which HU are sampled, in mm; outside the bone is positive.
_ALONG_MM = np.arange(-6.0, 4.01, 0.5)
#: Standard deviations of the Gaussians that smooth HU along the endplate and along the lines.
_ACROSS_MM, _LINE_MM = 2.5, 0.25
#: Range of HU from soft tissue to dense bone. HU are limited to it, so that a larger drop does not
#: count more.
_HU = (-200.0, 600.0)
#: Choice: standard deviation of the expected distance between the edge and the mask's border.
_NEAR_MM = 0.8
#: Choice: maximum distance by which a border is moved, so that manual corrections take effect.
_MAX_MM = 1.0
#: Choice: how far inside the border the edge is expected where two vertebrae touch. The standard
#: deviation there is the same. Half a disc is 2 to 5 mm high.
_HALF_DISC_MM = 3.0
#: Minimum drop in HU at which an edge counts fully; where bodies are fused, the drop is smaller.
#: Where two vertebrae touch, it must be twice as large, because the search includes trabecular bone
#: there.
_DROP_HU = 60.0
#: How much an edge restores the trust in an end where two vertebrae touch.
_RESTORED = 0.6
#: The bone counts as cut off if a line contains only padding from this distance beyond its end.
_BEYOND_MM = 2.0
#: An end of the bone that is closer than this to the border of the scan is a cut surface.
_BORDER_MM = 1.5
#: Distances beyond an end of the bone at which padding is searched for.
_PADDING_MM = np.array([2.0, 3.0, 4.0])
#: Directions in which the bone around the middle of a body is followed to its end, and distances.
_RAYS_RAD, _ALONG_RAY_MM = np.radians(np.arange(0, 360, 10)), np.arange(2.0, 45.0, 0.5)
#: Half the height of the slab in which it is followed.
_WAIST_MM = 4.0


def cut_fraction(body: Body, walls: Walls, grid: Geometry, scan: CtVolume | None) -> float:
    """Return the part of a body's circumference at half its height that is a cut surface.

    It is 0 for a body whose sides are in view, and about a third for one that is cut in half.
    """
    waist = body.inside[np.abs(body.down) <= _WAIST_MM].mean(axis=0)
    to_left, to_back = np.sin(_RAYS_RAD), np.cos(_RAYS_RAD)
    left = 0.5 * (walls.left + walls.right) + to_left[:, None] * _ALONG_RAY_MM
    back = 0.5 * (walls.front + walls.back) + to_back[:, None] * _ALONG_RAY_MM
    indices = (left - body.left[0]) / body.across_mm, (back - body.back[0]) / body.across_mm
    is_bone = map_coordinates(waist, indices, order=1, mode="constant") >= 0.5
    rays, last = np.arange(len(is_bone)), np.maximum(is_bone.argmin(axis=1) - 1, 0)
    none = np.zeros(len(rays))
    ends = np.column_stack([none, left[rays, last], back[rays, last]]) @ body.axes
    outwards = np.column_stack([none, to_left, to_back]) @ body.axes
    return float(_are_cut(np.array(body.centre_lps_mm) + ends, outwards, grid, scan).mean())


def _are_cut(
    points_lps_mm: Floats, outwards_lps: Floats, grid: Geometry, scan: CtVolume | None
) -> NDArray[np.bool_]:
    """Return whether the scan ends just beyond each point, or shows only padding there.

    Points and unit vectors: float64, shape (n, 3); the result is bool, shape (n,).
    """
    last = np.array(grid.shape_zyx) - 1
    at = grid.index_zyx(points_lps_mm)
    beyond = grid.index_zyx(points_lps_mm + _BORDER_MM * outwards_lps)
    # At most one voxel along each axis, however thick the slices are.
    beyond = at + np.clip(beyond - at, -1.0, 1.0)
    is_cut = np.asarray(((beyond < -0.5) | (beyond > last + 0.5)).any(axis=1))
    if scan is None:
        return is_cut
    places = points_lps_mm[:, None] + _PADDING_MM[:, None] * outwards_lps[:, None]
    z, y, x = np.moveaxis(np.clip(np.rint(grid.index_zyx(places)), 0, last).astype(int), -1, 0)
    hu = scan.hu[z, y, x]
    # Padding has no noise, unlike air in a lung.
    is_padding = (hu <= PADDING_HU) & (hu == hu[:, :1])
    return np.asarray(is_cut | is_padding.all(axis=1))


def at_edges(body: Body, scan: CtVolume) -> Body:
    """Return a body whose upper and lower ends are at the edges in the CT."""
    upper, upper_trust = ends_at_edge(body, body.upper, body.upper_trust, scan, is_upper=True)
    lower, lower_trust = ends_at_edge(body, body.lower, body.lower_trust, scan, is_upper=False)
    return replace(body, upper=upper, upper_trust=upper_trust, lower=lower, lower_trust=lower_trust)


def ends_at_edge(
    body: Body, ends: Floats, trust: Floats, scan: CtVolume, *, is_upper: bool
) -> tuple[Floats, Floats]:
    """Return the ends of the bone moved to where HU drop outwards, and how much each end counts.

    Both are float64, shape (left, back); `ends` and `trust` are as in `Body`. Ends at the border of
    the scan and ends in front of padding, as in the corners of a rotated scan, are neither moved
    nor used.

    Choice: the mean position of the drop, weighted by its steepness and by its closeness to the
    mask's border. It changes continuously with both, so a slightly different mask never leads to
    another edge. Where two vertebrae touch, the mask contains the disc, so the edge is expected
    farther inside, and if one is found there, the end counts more.
    """
    is_known = np.isfinite(ends) & (trust > CUT)
    if not is_known.any():
        return ends, trust
    outwards = -1.0 if is_upper else 1.0
    sigma = _ACROSS_MM / body.across_mm
    smooth = _smoothed(ends, is_known, sigma)
    lines = _sample_hu(body, smooth, is_known, outwards, scan)
    is_in_image = (lines[:, _ALONG_MM >= _BEYOND_MM] > PADDING_HU).any(axis=1)
    is_seen = is_known.copy()
    is_seen[is_known] = is_in_image
    contact = _smoothed((1.0 - trust) / (1.0 - TOUCHING), is_seen, sigma)
    contact = np.clip(contact, 0.0, 1.0)
    hu = np.zeros((*ends.shape, len(_ALONG_MM)), np.float32)
    hu[is_seen] = np.clip(lines[is_in_image], *_HU)
    count = np.maximum(gaussian_filter(is_seen.astype(np.float64), sigma), 1e-6)
    step = float(_ALONG_MM[1] - _ALONG_MM[0])
    hu = gaussian_filter(hu, (sigma, sigma, _LINE_MM / step)) / count[..., None]
    drop = np.maximum(-np.diff(hu, axis=-1), 0.0)
    between = _ALONG_MM[:-1] + step / 2
    usual = -_HALF_DISC_MM * contact[..., None]
    near = np.hypot(_NEAR_MM, usual)
    weights = drop * np.exp(-0.5 * ((between - usual) / near) ** 2)
    total = weights.sum(axis=-1)
    steep = weights * drop
    mean_position = (steep * between).sum(axis=-1) / np.maximum(steep.sum(axis=-1), 1e-6)
    fraction = np.clip(total / (_DROP_HU * (1.0 + contact)), 0.0, 1.0)
    shift = outwards * (smooth + outwards * fraction * mean_position - ends)
    shift = np.clip(shift, -_MAX_MM - 2 * _HALF_DISC_MM * contact, _MAX_MM)
    trust = np.where(is_known & ~is_seen, CUT, trust)
    return (
        np.where(is_seen, ends + outwards * shift, ends),
        np.where(is_seen, trust + _RESTORED * (1.0 - trust) * fraction, trust),
    )


def _smoothed(values: Floats, is_known: NDArray[np.bool_], sigma: float) -> Floats:
    """Return the Gaussian mean of the known values: float64, shape (left, back)."""
    count = np.maximum(gaussian_filter(is_known.astype(np.float64), sigma), 1e-6)
    return np.asarray(gaussian_filter(np.where(is_known, values, 0.0), sigma) / count)


def _sample_hu(
    body: Body, ends: Floats, is_known: NDArray[np.bool_], outwards: float, scan: CtVolume
) -> NDArray[np.float32]:
    """Return the HU along lines through the known ends: float32, shape (ends, positions).

    Positions increase outwards.
    """
    left, back = np.meshgrid(body.left, body.back, indexing="ij")
    down = ends[is_known][:, None] + outwards * _ALONG_MM
    down, left, back = np.broadcast_arrays(down, left[is_known][:, None], back[is_known][:, None])
    points = np.array(body.centre_lps_mm) + np.stack([down, left, back], axis=-1) @ body.axes
    indices = np.moveaxis(scan.geometry.index_zyx(points), -1, 0)
    out = np.empty(down.shape, np.float32)
    map_coordinates(scan.hu, indices, order=1, output=out, mode="nearest")
    return out
