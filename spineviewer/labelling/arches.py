"""How far the arches of a spine are below or above their usual position.

The table of borders states where arches usually meet. In some spines, for example flexed ones, all
arches of a region are up to a third of a level lower. That is outside the band around a border in
which the watershed searches. Therefore, the part of each border behind the body is moved as a whole
to where bone is missing between the laminae and spinous processes. The offsets of neighbouring
borders are similar.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from spineviewer.labelling.partition import CutSurface
from spineviewer.labelling.straightened import sample_along
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.geometry import Triple

Floats = NDArray[np.float64]

#: Positions across the line at which bone is sampled.
_BACK_MM, _LEFT_MM = np.arange(6.0, 75.0, 2.0), np.arange(-14.0, 14.1, 2.0)
_SAMPLE_MM2 = 4.0
#: Where laminae and spinous processes are, in radii of the body: behind its centre, and to either
#: side. Transverse processes, farther to the sides, have gaps at other heights.
_BEHIND, _BESIDE = (1.5, 4.5), 0.9
#: Step of the samples along the line, and their blur.
_STEP_MM, _BLUR_MM = 0.5, 1.0
#: A gap has bone within this distance on both sides, in heights of a level.
_BESIDE_GAP = 0.4
#: Offsets that are considered, in heights of a level.
_OFFSETS = np.round(np.arange(-0.5, 0.51, 0.02), 2)
#: Choice: spread of the offsets, and of the differences between neighbours, in heights of a level.
_SPREAD, _STEP_SPREAD = 0.2, 0.1
#: Choice: area of a gap that is worth one unit of log evidence. With 28 other combinations of this
#: value, the spreads and the regions above, mean Dice outside the neck was 0.930 to 0.932 on the
#: training cases (0.928 without moving borders). The borders of each case were fitted without its
#: patient.
_UNIT_MM2 = 14.0
#: Choice: the watershed in the band finds smaller offsets on its own; moving a border to the middle
#: of a wide gap gains nothing.
_NEGLIGIBLE = 0.05


def arch_bone(joint: NDArray[np.uint8], origin: Triple, line: CentreLine) -> Floats:
    """Return the probability of bone around a line: float64, shape (stations, back, left).

    Parameters
    ----------
    joint
        uint8, shape (z, y, x) of a part of the working grid that begins at voxel `origin`: 0 where
        there is certainly bone, 255 where there is certainly none.
    """
    no_bone = sample_along(
        joint,
        (1.0, 1.0, 1.0),
        line,
        outside=255.0,
        origin=origin,
        back_mm=_BACK_MM,
        left_mm=_LEFT_MM,
    )
    return np.asarray(1 - no_bone.astype(np.float64) / 255)


def fit_to_arches(cuts: Sequence[CutSurface], bone: Floats) -> list[CutSurface]:
    """Return the borders, whose parts behind the bodies are moved to the gaps between the arches.

    `cuts` are borders of consecutive vertebrae, from the head down; `bone` is from `arch_bone`.
    """
    if not cuts:
        return []
    offsets = _expected_offsets(np.array([_gap_evidence(bone, cut) for cut in cuts]))
    needed = np.sign(offsets) * np.maximum(np.abs(offsets) - _NEGLIGIBLE, 0)
    return [
        cut.with_arches_lowered(offset) for cut, offset in zip(cuts, needed.tolist(), strict=True)
    ]


def gap_mm2(cut: CutSurface, bone: Floats) -> float:
    """Return the area of the gap between the arches at a border; `bone` is from `arch_bone`."""
    evidence = _gap_evidence(bone, cut)
    return float(evidence[int(np.abs(_OFFSETS).argmin())] * _UNIT_MM2)


def _gap_evidence(bone: Floats, cut: CutSurface) -> Floats:
    """Return the log evidence for each offset of a border: float64, shape (offsets,).

    `bone` is float64, shape (stations, back, left), from `arch_bone`.
    """
    radius, pitch = cut.radius_mm, cut.pitch_mm
    nearest, farthest = (part * radius for part in _BEHIND)
    behind = (nearest <= _BACK_MM) & (farthest > _BACK_MM)
    beside = np.abs(_LEFT_MM) <= _BESIDE * radius
    back, left = (
        side.ravel() for side in np.meshgrid(_BACK_MM[behind], _LEFT_MM[beside], indexing="ij")
    )
    rays = bone[:, behind][:, :, beside].reshape(len(bone), -1).T
    reach = int((_OFFSETS[-1] + _BESIDE_GAP) * pitch / _STEP_MM) + 1
    along = np.arange(-reach, reach + 1) * _STEP_MM
    station = np.clip(cut.stations(back, left)[:, None] + along, 0, len(bone) - 1.001)
    before = station.astype(np.int64)
    ray, weight = np.arange(len(rays))[:, None], station - before
    values = (1 - weight) * rays[ray, before] + weight * rays[ray, before + 1]
    values = gaussian_filter1d(values, _BLUR_MM / _STEP_MM, axis=1)
    half = max(round(0.5 * _BESIDE_GAP * pitch / _STEP_MM), 1)
    above, below = (
        maximum_filter1d(values, 2 * half + 1, axis=1, origin=side * half) for side in (1, -1)
    )
    gap_mm2 = _SAMPLE_MM2 * np.maximum(np.minimum(above, below) - values, 0).sum(axis=0)
    return np.asarray(np.interp(_OFFSETS * pitch, along, gap_mm2) / _UNIT_MM2)


def _expected_offsets(evidence: Floats) -> Floats:
    """Return the mean of each border's offset, given the evidence for all of them.

    A mean moves continuously with the evidence, unlike the most probable offset. `evidence` is
    float64, shape (borders, offsets); the result has shape (borders,).
    """
    own = evidence - 0.5 * (_OFFSETS / _SPREAD) ** 2
    step = -0.5 * ((_OFFSETS[:, None] - _OFFSETS) / _STEP_SPREAD) ** 2
    forward, backward = own.copy(), np.zeros_like(own)
    for k in range(1, len(own)):
        forward[k] += np.logaddexp.reduce(forward[k - 1][:, None] + step, axis=0)
    for k in range(len(own) - 2, -1, -1):
        backward[k] = np.logaddexp.reduce(step + own[k + 1] + backward[k + 1], axis=1)
    log_probability = forward + backward
    log_probability -= np.logaddexp.reduce(log_probability, axis=1, keepdims=True)
    return np.asarray(np.exp(log_probability) @ _OFFSETS)
