"""Procedural neck and head around a label map of cervical vertebrae alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.training.synthetic.anatomy import (
    Anatomy,
    Depths,
    LabelVolume,
    Part,
    assembled,
    spine_of,
)
from spineviewer.training.synthetic.solids import FAR_MM, Depth, ellipsoid, grid_of, tube
from spineviewer.training.synthetic.tissues import Bone, Tissue

#: Margin in mm around the vertebrae: below, above; in front, behind; at the sides.
_MARGINS_MM = ((-2, 62), (95, 72), (92, 92))
_T1 = 8


def neck_of(source: LabelVolume) -> Anatomy:
    """Return the vertebrae of `source` in procedural surroundings.

    These are muscles, airway, vessels, skull base, jaw, teeth, upper ribs and lungs, with rough
    shapes.
    """
    source = _thinned(source)
    occupied = np.array(np.nonzero(np.isin(source.labels, list(source.vertebrae))))
    spacing = np.array(source.spacing_zyx_mm)
    low, high = occupied.min(axis=1) * spacing, (occupied.max(axis=1) + 1) * spacing
    extent = [
        round(float(b - a) + before + after)
        for a, b, (before, after) in zip(low, high, _MARGINS_MM, strict=True)
    ]
    shape = (extent[0], extent[1], extent[2])
    shift = tuple(float(before - a) for a, (before, _) in zip(low, _MARGINS_MM, strict=True))
    spine = spine_of(source, Depths(shape, (shift[0], shift[1], shift[2])))
    centres = {number: _body_centre(part) for number, part in spine.items()}
    line = _line(centres, shape[0])
    z, y, x = grid_of((slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2])))
    ys, xs = line[:, 0][:, None, None], line[:, 1][:, None, None]
    top = float(max(m[0] for m in centres.values()))
    chest = float(centres[_T1][0]) if _T1 in centres else -50.0
    wide = 62 + 60 / (1 + np.exp((z - chest - 12) / 9))  # the shoulders
    deep = 68 + 12 / (1 + np.exp((z - chest - 5) / 14))
    rho = np.hypot((x - xs) / wide, (y - ys + 8) / deep)
    head = ellipsoid((z - top - 38, y - ys + 14, x - xs), (62, 92, 74), 2.2)
    trunk = np.maximum((1 - rho) * deep, head + 3)
    return assembled(
        source.name,
        shape,
        spine,
        _bones(spine, line, (z, y, x), top, chest, shape),
        _soft((z, y, x), ys, xs, top, chest, trunk),
        np.clip(trunk, -62, 62).astype(np.float32) + np.zeros(shape, dtype=np.float32),
    )


def _thinned(source: LabelVolume) -> LabelVolume:
    """Return the map with fewer voxels along fine axes, whose spacing becomes at most 0.7 mm."""
    steps = [max(1, int(0.7 / spacing)) for spacing in source.spacing_zyx_mm]
    z, y, x = (spacing * step for spacing, step in zip(source.spacing_zyx_mm, steps, strict=True))
    return replace(
        source,
        labels=source.labels[:: steps[0], :: steps[1], :: steps[2]],
        spacing_zyx_mm=(z, y, x),
    )


def _body_centre(part: Part) -> NDArray[np.float64]:
    """Return the approximate centre of a vertebral body: float64, shape (3,).

    It is the centre of the anterior 45% of the vertebra.
    """
    where = np.array(np.nonzero(part.values > 0)) + np.array([b.start for b in part.box])[:, None]
    front = where[:, where[1] <= np.percentile(where[1], 45)]
    return np.asarray(front.mean(axis=1), dtype=np.float64)


def _line(centres: dict[int, NDArray[np.float64]], height: int) -> Depth:
    """Return the row and column of the line through the vertebral bodies in each axial plane."""
    points = np.array(sorted((m.tolist() for m in centres.values()), key=lambda m: m[0]))
    curve = [np.interp(np.arange(height), points[:, 0], points[:, axis]) for axis in (1, 2)]
    line: Depth = ndimage.gaussian_filter1d(
        np.stack(curve, axis=1), 8.0, axis=0, mode="nearest"
    ).astype(np.float32)
    return line


def _bones(
    spine: dict[int, Part],
    line: Depth,
    grid: tuple[Depth, Depth, Depth],
    top: float,
    chest: float,
    shape: tuple[int, int, int],
) -> list[tuple[Bone, Part]]:
    z, y, x = grid
    row, column = (float(v) for v in line[min(shape[0] - 1, int(top))])
    up, back, side = z - top, y - row, x - column
    vault = ellipsoid((up - 46, back + 14, side), (50, 86, 68), 2.2)
    hole = 15 - np.hypot(back - 10, side)  # the foramen magnum
    skull = np.minimum(np.minimum(vault, 6 - vault), -hole - 30 * (up > 40))
    arc = np.hypot(back + 52, side * 0.95) - 40
    jaw = np.minimum(np.minimum(5 - np.abs(arc), 13 - np.abs(up + 26)), -back - 34)
    teeth = np.minimum(np.minimum(4 - np.abs(arc), 10 - np.abs(up + 4)), -back - 48)
    teeth = np.minimum(teeth, 1.5 + 2.5 * np.sin(np.arctan2(side, -back - 52) * 18))
    bones = [(Bone.SKULL, skull), (Bone.SKULL, jaw), (Bone.TOOTH, teeth)]
    parts = [(bone, _part(depth, shape)) for bone, depth in bones]
    occupied = np.full(shape, FAR_MM, dtype=np.float32)
    for vertebra in spine.values():
        np.maximum(occupied[vertebra.box], vertebra.values, out=occupied[vertebra.box])
    # joints stay open
    parts = [
        (bone, Part(part.box, np.minimum(part.values, -occupied - 1.5))) for bone, part in parts
    ]
    for level in range(3):
        for left in (-1, 1):
            t = np.linspace(0.15, 1.25, 18)
            centre = line[max(0, min(shape[0] - 1, int(chest - 22 * level)))]
            down = chest - 22 * level + 8 - 26 * t
            ahead = centre[0] - 12 + 42 * np.cos(t * 2.0 + 0.1)
            points = np.stack([down, ahead, centre[1] + left * (24 + 52 * np.sin(t * 1.3))], axis=1)
            rib = tube(points, 5.0, shape, (0.9, 1.4, 1.4))
            if rib is not None:
                parts.append(
                    (Bone.RIB, Part(rib.box, np.minimum(rib.values, -occupied[rib.box] - 1.0)))
                )
    return parts


def _soft(
    grid: tuple[Depth, Depth, Depth], ys: Depth, xs: Depth, top: float, chest: float, trunk: Depth
) -> list[tuple[Tissue, Part]]:
    z, y, x = grid
    shape = (z.size, y.size, x.size)
    back, side = y - ys, np.abs(x - xs)
    brain = ellipsoid((z - top - 46, back + 14, x - xs), (44, 80, 62), 2.2)
    airway = np.minimum(
        9 - np.hypot(back + 34 + 0.12 * np.clip(z - chest, 0, 60), x - xs), top - 4 - z
    )
    gullet = 7 - np.hypot(back + 21, (x - xs - 4) / 1.4)
    muscles = [
        np.minimum(9 - np.hypot(back + 13, (side - 11) / 1.3), top - z),  # in front of the spine
        13 - np.hypot((back - 40) / 1.4, side - 13),
        15 - np.hypot((back - 30) / 1.1, (side - 34) / 1.2),
        11 - np.hypot((back + 24) / 1.5, side - 47 + 0.12 * np.clip(z - chest, 0, 120)),
        np.minimum(trunk - 1, chest + 4 - z),
    ]
    lungs = np.minimum(ellipsoid((z - chest + 62, back + 6, side - 52), (68, 50, 38)), -airway)
    parts: list[tuple[Tissue, Depth]] = [
        (Tissue.BRAIN, brain),
        (Tissue.AIRWAY, airway),
        (Tissue.MUSCLE, gullet),
        (Tissue.LUNG, lungs),
        (Tissue.ARTERY, 4.0 - np.hypot(back + 24, side - 30)),
        (Tissue.VEIN, 6.0 - np.hypot(back + 20, side - 40)),
        (
            Tissue.GLAND,
            np.minimum(11 - np.hypot(back + 36, side - 16), 22 - np.abs(z - chest - 30)),
        ),
        *((Tissue.MUSCLE, np.minimum(muscle, trunk - 1)) for muscle in muscles),
        (Tissue.MUSCLE, ellipsoid((z - top + 14, back + 62, x - xs), (24, 34, 30))),
        (Tissue.CANAL, 7.5 - np.hypot(back - 17, x - xs)),
    ]
    return [(tissue, _part(depth, shape)) for tissue, depth in parts]


def _part(depth: Depth, shape: tuple[int, int, int]) -> Part:
    box = (slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2]))
    return Part(box, np.clip(np.broadcast_to(depth, shape), FAR_MM, 16).astype(np.float32))
