"""A procedural anatomy: vertebrae, ribs, pelvis, organs and soft tissue from formulas alone.

Dimensions are averages for adults, in mm for a body of size 1; tilts are in degrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.training.synthetic.anatomy import Anatomy, Part, assembled
from spineviewer.training.synthetic.solids import (
    FAR_MM,
    Depth,
    Frame,
    Point,
    blended,
    box_between,
    capsule,
    ellipsoid,
    grid_of,
    tube,
)  # fmt: skip
from spineviewer.training.synthetic.tissues import Bone, Tissue
from spineviewer.volume.geometry import Box

#: VerSe numbers of the first and last thoracic and lumbar vertebrae.
T1, T12, L1, L5 = 8, 19, 20, 24
#: By VerSe number: width, depth and height of the vertebral body, height of the disc below it, tilt
#: (positive: the upper end leans backwards).
_LEVELS = {
    3: (17, 15, 13, 5, -8), 4: (18, 15, 13, 5, -4), 5: (19, 16, 13, 5, 0),
    6: (21, 16, 13, 6, 6), 7: (24, 17, 14, 5, 12),
    8: (28, 18, 16, 4, -24), 9: (28, 19, 17, 4, -21), 10: (28, 21, 18, 4, -17),
    11: (28, 23, 18, 4, -13), 12: (28, 24, 19, 4, -9), 13: (29, 26, 19, 4, -5),
    14: (30, 27, 20, 5, -2), 15: (31, 28, 20, 5, 2), 16: (32, 29, 21, 5, 5),
    17: (34, 30, 22, 6, 8), 18: (37, 31, 23, 6, 10), 19: (39, 31, 25, 7, 10),
    20: (41, 32, 26, 8, 8), 21: (43, 33, 27, 9, 4), 22: (45, 34, 27, 10, -2),
    23: (48, 35, 27, 11, -10), 24: (51, 35, 27, 10, -21),
}  # fmt: skip


#: Points along a line: float64, shape (points, 3), rows z, y, x.
Line = NDArray[np.float64]


@dataclass(frozen=True)
class Vertebra:
    """One vertebra of the phantom, at its position.

    Attributes
    ----------
    width_mm, depth_mm, height_mm
        Size of the body: left-right, front-back, up-down.
    """

    number: int
    frame: Frame
    width_mm: float
    depth_mm: float
    height_mm: float

    @property
    def is_thoracic(self) -> bool:
        return T1 <= self.number <= T12


@dataclass(frozen=True)
class Column:
    """A spine: its vertebrae from the lowest up, and the top of the sacrum below them."""

    vertebrae: tuple[Vertebra, ...]
    sacrum: Frame
    size: float


def column(first: int, last: int, base_zyx: Point, size: float = 1.0) -> Column:
    """Return the vertebrae from `first` down to `last`, in a natural curve above the sacrum.

    `base_zyx` is the position of the top of the sacrum.
    """
    z, y, x = base_zyx
    vertebrae = []
    for number in range(L5, first - 1, -1):
        width, depth, height, disc, tilt = (
            v * size if k < 4 else float(v) for k, v in enumerate(_LEVELS[number])
        )
        lean = np.radians(tilt)
        rise = disc + height / 2
        z, y = z + rise * np.cos(lean), y + rise * np.sin(lean)
        if number <= last:
            vertebrae.append(
                Vertebra(number, Frame((float(z), float(y), x), tilt), width, depth, height)
            )
        z, y = z + height / 2 * np.cos(lean), y + height / 2 * np.sin(lean)
    return Column(tuple(vertebrae), Frame(base_zyx, -38.0), size)


def body_depth(v: Vertebra, local: tuple[Depth, Depth, Depth]) -> Depth:
    """Return the signed depth below the surface of the vertebral body (positive inside).

    The body is waisted and kidney-shaped, with concave endplates and a raised rim.
    """
    s, p, left = local
    high, half_d, half_w = v.height_mm / 2, v.depth_mm / 2, v.width_mm / 2
    waist = 1 - 0.10 * np.clip(1 - (s / high) ** 2, 0, 1)
    a, b = np.abs(left) / (half_w * waist), (p + 0.04 * v.depth_mm) / (half_d * waist)
    rho = (np.clip(a, 1e-3, None) ** 2.5 + np.clip(np.abs(b), 1e-3, None) ** 2.3) ** np.float32(
        0.41
    )
    side = (1 - rho) * half_d * 1.05
    # the posterior wall is concave towards the canal
    hollow = np.clip(np.hypot(left, p - 0.85 * v.depth_mm) - 0.42 * v.depth_mm, None, 8)
    side = np.minimum(side, hollow)
    dish = 0.075 * v.height_mm * np.clip(1 - rho * rho, 0, 1)
    end = high - dish - np.abs(s)
    h = np.clip(2.0 - np.abs(side - end), 0, None)
    body: Depth = (np.minimum(side, end) - h * h / 8.0).astype(np.float32)
    return body


def arch_depth(v: Vertebra, local: tuple[Depth, Depth, Depth]) -> Depth:
    """Return the signed depth below the surface of the vertebral arch and its processes.

    These are the pedicles, laminae, and articular, transverse and spinous processes.
    """
    side = _mirrored(local)
    h, d, w = v.height_mm, v.depth_mm / 2, v.width_mm
    k = v.width_mm / 46 if not v.is_thoracic else v.width_mm / 38
    k = max(k, 0.62)
    thoracic = v.is_thoracic
    across = 0.35 * w if not thoracic else 0.33 * w
    pedicle = capsule(
        side,
        (0.22 * h, d - 6, across),
        (0.20 * h, d + 9 * k, across + 1),
        (4.2 * k, 4.0 * k),
        (0.72, 1.0, 1.0),
    )
    slope = 0.25 if not thoracic else 0.55
    lamina = capsule(
        side,
        (0.05 * h, d + 11 * k, across),
        (-slope * h, d + 22 * k, 1.0),
        (3.0 * k, 3.2 * k),
        (0.36, 1.0, 1.0),
    )
    arch = blended(pedicle, lamina, 2.5)
    upper = capsule(
        side,
        (0.15 * h, d + 11.5 * k, across + 2 * k),
        (0.80 * h, d + 11.5 * k, across + 3.5 * k),
        (4.0 * k, 3.4 * k),
        (1.0, 1.15, 0.85),
    )
    lower = capsule(
        side,
        (-0.15 * h, d + 18.5 * k, across),
        (-0.88 * h, d + 19.5 * k, across - 1.5 * k),
        (4.0 * k, 3.4 * k),
        (1.0, 1.15, 0.85),
    )
    arch = blended(blended(arch, upper, 2.0), lower, 2.0)
    processes = _thoracic_processes if thoracic else _lumbar_processes
    transverse, spinous = processes(v, local, k, across)
    return blended(blended(arch, transverse, 2.5), spinous, 2.5)


def _thoracic_processes(
    v: Vertebra, local: tuple[Depth, Depth, Depth], k: float, across: float
) -> tuple[Depth, Depth]:
    """Return the signed depths below the surfaces of the transverse and the spinous processes.

    The transverse processes point backwards and outwards, the spinous process downwards.
    """
    h, d = v.height_mm, v.depth_mm / 2
    shorter = 1 - 0.13 * max(0, v.number - 17)
    tip = (0.22 * h, d + 25 * k * shorter, across + (8 + 15 * shorter) * k)
    transverse = capsule(
        _mirrored(local), (0.15 * h, d + 12 * k, across), tip, (4.2 * k, 4.6 * k), (0.8, 1.0, 1.0)
    )
    drop = -0.95 * h if v.number < 17 else -0.5 * h
    spinous = capsule(
        local,
        (-0.30 * h, d + 20 * k, 0.0),
        (drop, d + 44 * k, 0.0),
        (4.6 * k, 4.4 * k),
        (0.62, 1.0, 1.9),
    )
    return transverse, spinous


def _lumbar_processes(
    v: Vertebra, local: tuple[Depth, Depth, Depth], k: float, across: float
) -> tuple[Depth, Depth]:
    """Return the signed depths below the surfaces of the transverse and the spinous processes.

    The transverse processes point sideways, the spinous process backwards.
    """
    h, d = v.height_mm, v.depth_mm / 2
    tip = (0.12 * h, d + 12 * k, across + (24 if v.number != L5 else 21) * k)
    transverse = capsule(
        _mirrored(local), (0.12 * h, d + 9 * k, across), tip, (3.8 * k, 3.0 * k), (0.75, 1.2, 1.0)
    )
    spinous = capsule(
        local,
        (-0.18 * h, d + 21 * k, 0.0),
        (-0.34 * h, d + (46 if v.number != L5 else 38) * k, 0.0),
        (4.4 * k, 5.0 * k),
        (0.5, 1.0, 1.6),
    )
    return transverse, spinous


def _mirrored(local: tuple[Depth, Depth, Depth]) -> tuple[Depth, Depth, Depth]:
    """Return local coordinates with the distance from the midline in place of left."""
    s, p, left = local
    return s, p, np.abs(left)


def vertebra_parts(v: Vertebra, shape: tuple[int, int, int]) -> tuple[Part, Part] | None:
    """Return the whole vertebra and its body alone; None if it is outside the grid."""
    k = v.width_mm / 40
    z, y, x = v.frame.origin_zyx
    reach_z, reach_x = 1.25 * v.height_mm + 14, 0.5 * v.width_mm + 34 * k + 8
    box = box_between(
        (z - reach_z, y - v.depth_mm / 2 - 18, x - reach_x),
        (z + reach_z, y + v.depth_mm / 2 + 62 * k, x + reach_x),
        shape,
    )
    if box is None:
        return None
    local = v.frame.local(*grid_of(box))
    body, arch = body_depth(v, local), arch_depth(v, local)
    return Part(box, blended(body, arch, 2.0)), Part(box, body)


def sacrum_part(spine: Column, shape: tuple[int, int, int]) -> Part | None:
    """Return the sacrum, a curved wedge with wings and foramina; None if it is off the grid."""
    k = spine.size
    z, y, x = spine.sacrum.origin_zyx
    box = box_between(
        (z - 125 * k, y - 30 * k, x - 66 * k), (z + 18 * k, y + 95 * k, x + 66 * k), shape
    )
    if box is None:
        return None
    s, p, left = spine.sacrum.local(*grid_of(box))
    down = -s / k
    bow = 0.0042 * np.clip(down, 0, None) * np.clip(down - 95, None, 0) * k  # hollow in front
    q = p + bow
    fraction = np.clip(down / 100, 0, 1)
    half_w, half_d = (25 - 14 * fraction) * k, (16 - 9 * fraction) * k
    bodies = np.minimum(
        np.minimum(half_w - np.abs(left), half_d - np.abs(q)), np.minimum(-s, s + 100 * k)
    )
    wing_w = np.interp(down, [-8, 0, 30, 60, 100], [34, 54, 58, 46, 12]).astype(np.float32) * k
    swept = q - 3 * k - 0.16 * np.abs(left)  # the wings sweep back and thin out
    wings = np.minimum(
        wing_w - np.abs(left), (15 - 5 * fraction) * k - 0.10 * np.abs(left) - np.abs(swept)
    )
    wings = np.minimum(wings, np.minimum(-s - 2, s + 100 * k))
    crest = np.minimum(
        np.minimum((5 - 2 * fraction) * k - np.abs(left), 7 * k - np.abs(q - 27 * k)),
        np.minimum(-s - 8, s + 75 * k),
    )
    rear = np.minimum(
        np.minimum((22 - 10 * fraction) * k - np.abs(left), 3.2 * k - np.abs(q - 21 * k)),
        np.minimum(-s - 6, s + 85 * k),
    )
    facet = capsule(
        (s, q, np.abs(left)), (-6 * k, 19 * k, 19 * k), (14 * k, 17 * k, 20 * k), (5 * k, 4 * k)
    )
    whole = blended(
        blended(blended(bodies, wings, 6.0), rear, 3.0), blended(crest, facet, 3.0), 3.0
    )
    for down_mm in (31, 53, 72):  # remnants of the discs
        gap = np.minimum(
            1.0 - np.abs(down - down_mm) * k,
            np.minimum(half_w * 0.75 - np.abs(left), half_d * 0.8 - np.abs(q)),
        )
        whole = np.minimum(whole, -gap)
    for row in range(4):
        hole = 4.6 * k - np.hypot((down - 22 - 20 * row) * k, np.abs(left) - (27 - 3.5 * row) * k)
        whole = np.minimum(whole, -hole)
    return Part(box, np.clip(whole, FAR_MM, 16).astype(np.float32))


def hip_part(spine: Column, side: int, shape: tuple[int, int, int]) -> Part | None:
    """Return one iliac wing; None if it is off the grid.

    It is a curved plate, thicker at its crest, both ends and the hip joint. `side` is -1 (right) or
    1 (left).
    """
    k = spine.size
    z, y, x = spine.sacrum.origin_zyx
    # (y, x) from back to front
    line = np.array([(60, 44), (46, 57), (14, 68), (-25, 93), (-62, 118), (-78, 126)]) * k
    box = box_between(
        (z - 125 * k, y - 100 * k, x - 150 * k if side < 0 else x + 25 * k),
        (z + 45 * k, y + 85 * k, x - 25 * k if side < 0 else x + 150 * k),
        shape,
    )
    if box is None:
        return None
    gz, gy, gx = grid_of(box)
    up, back = gz - z, gy - y
    out = (gx - x) * side - 0.30 * (up + 20 * k)  # the wing leans outwards
    lowness = np.clip(-up / (110 * k), 0, 1)  # the plate thickens towards the hip joint
    distance = np.full((gz.size, gy.size, gx.size), 1e3, dtype=np.float32)
    along = np.zeros_like(distance)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    for one, two, start in zip(line[:-1], line[1:], length[:-1], strict=True):
        step = two - one
        t = np.clip(
            ((back - one[0]) * step[0] + (out - one[1]) * step[1]) / float(step @ step), 0, 1
        )
        d = np.hypot(back - one[0] - t * step[0], out - one[1] - t * step[1])
        nearer = d < distance
        distance = np.where(nearer, d, distance)
        along = np.where(nearer, start + t * np.linalg.norm(step), along)
    fraction = along / length[-1]
    crest = (44 * np.sin(np.pi * np.clip(fraction * 0.86 + 0.12, 0, 1)) - 8) * k
    low = (-115 + 150 * np.clip(np.abs(fraction - 0.42) - 0.2, 0, 1)) * k
    rim = np.exp(-(((up - crest + 5) / 9) ** 2)) * 4.5
    half = (
        (
            3.0
            + 5.5 * np.exp(-((fraction / 0.22) ** 2))
            + 2.5 * np.exp(-(((fraction - 1) / 0.12) ** 2))
        )
        * k
        + rim
        + 9 * lowness**3 * k
    )
    plate = np.minimum(half - distance, np.minimum(crest - up, up - low))
    return Part(box, np.clip(plate, FAR_MM, 16).astype(np.float32))


def rib_lines(
    v: Vertebra, half_width: float, half_depth: float, centre_y: float, size: float
) -> list[Line]:
    """Return both ribs of a level as lines from the rib head, sloping down around the trunk."""
    reach = {18: 0.55, 19: 0.32}.get(v.number, 0.80)
    h, d = v.height_mm, v.depth_mm / 2
    lines = []
    for side in (-1, 1):
        head = v.frame.point(0.40 * h, d - 3, side * (0.5 * v.width_mm + 3))
        neck = v.frame.point(0.30 * h, d + 17 * size, side * (0.33 * v.width_mm + 26 * size))
        t = np.linspace(0.0, reach, 40)
        angle = np.radians(38) + t * np.radians(175)  # from behind around to the front
        xs = v.frame.origin_zyx[2] + side * half_width * np.sin(angle)
        ys = centre_y + half_depth * np.cos(angle)
        zs = neck[0] - (10 + 62 * t) * size
        arc = np.stack([zs, ys, xs], axis=1)
        start = np.array([head, neck])
        points = np.concatenate([start, arc])
        lines.append(
            ndimage.gaussian_filter1d(np.repeat(points, 2, axis=0), 1.4, axis=0, mode="nearest")
        )
    return lines


@dataclass(frozen=True)
class Trunk:
    """Cross sections of the trunk without skin and fat: rounded rectangles along the spine."""

    half_width_mm: float
    front_y: float
    behind_spine_mm: float

    def back_y(self, spine_y: Depth) -> Depth:
        """Return the row y at which the back muscles end; same shape as `spine_y`."""
        back: Depth = spine_y + np.float32(self.behind_spine_mm)
        return back

    def middle_y(self, spine_y: Depth) -> Depth:
        """Return the row y midway between front and back; same shape as `spine_y`."""
        middle: Depth = (self.back_y(spine_y) + np.float32(self.front_y)) / np.float32(2)
        return middle

    def depth(
        self, shape: tuple[int, int, int], spine_y: Depth, middle_x: float, waist_z: float
    ) -> Depth:
        """Return the signed depth below the outer surface of the muscles in mm (positive inside).

        float32, shape `shape`; `spine_y` has shape (z, 1, 1).
        """
        z, y, x = grid_of(_whole(shape))
        half_depth = (self.back_y(spine_y) - np.float32(self.front_y)) / 2
        narrow = 1 - 0.07 * np.exp(-(((z - waist_z) / 70) ** 2))
        b = (y - self.middle_y(spine_y)) / half_depth
        rho = (
            (np.abs(x - middle_x) / (self.half_width_mm * narrow)) ** 2.5 + np.abs(b) ** 2.5
        ) ** np.float32(0.4)
        # the furrow over the spinous processes
        furrow = 4.0 * np.exp(-(((x - middle_x) / 11) ** 2)) * (b > 0.5)
        depth: Depth = ((1 - rho) * half_depth - furrow).astype(np.float32)
        return depth


def spine_line(spine: Column, height: int) -> Depth:
    """Return the row y of the line through the vertebral bodies in each plane: shape (z, 1, 1)."""
    order = sorted(spine.vertebrae, key=lambda v: v.frame.origin_zyx[0])
    z0, y0, _ = spine.sacrum.origin_zyx
    heights = [z0 - 90.0, z0 - 45.0, z0, *(v.frame.origin_zyx[0] for v in order)]
    rows = [y0 + 28.0, y0 + 14.0, y0, *(v.frame.origin_zyx[1] for v in order)]
    line = ndimage.gaussian_filter1d(
        np.interp(np.arange(height), heights, rows), 10.0, mode="nearest"
    )
    rows_y: Depth = line.astype(np.float32)[:, None, None]
    return rows_y


def torso(
    shape: tuple[int, int, int],
    spine: Column,
    trunk: Trunk,
    rng: np.random.Generator,
    *,
    diaphragm_z: float,
) -> Anatomy:
    """Return the whole trunk on a 1 mm grid."""
    k = spine.size
    spine_y = spine_line(spine, shape[0])
    z0, _, x0 = spine.sacrum.origin_zyx
    under = trunk.depth(shape, spine_y, x0, z0 + 60 * k)
    whole, bodies = {}, {}
    for v in spine.vertebrae:
        parts = vertebra_parts(v, shape)
        if parts is not None and parts[0].values.max() > 1:
            whole[v.number], bodies[v.number] = parts
    bodies = {n: part for n, part in bodies.items() if part.values.max() > 4}
    others: list[tuple[Bone, Part]] = []
    for v in spine.vertebrae:
        if v.is_thoracic:
            half_depth = (v.frame.origin_zyx[1] + trunk.behind_spine_mm - trunk.front_y) / 2
            lines = rib_lines(
                v, trunk.half_width_mm * 0.93, half_depth * 0.90, trunk.front_y + half_depth, k
            )
            ribs = [tube(line, 5.2 * k, shape, (0.85, 1.35, 1.35)) for line in lines]
            others += [(Bone.RIB, rib) for rib in ribs if rib is not None]
    sacral = sacrum_part(spine, shape)
    if sacral is not None:
        others.append((Bone.SACRUM, sacral))
    for side in (-1, 1):
        hip = hip_part(spine, side, shape)
        if hip is not None:
            others.append((Bone.PELVIS, hip))
    soft = _soft_parts(shape, spine, trunk, under, diaphragm_z, rng)
    return assembled("phantom", shape, whole, others, soft, under, bodies)


def _along(spine: Column, p: float, left: float) -> Line:
    """Return a line along the front of the vertebral bodies, extended above the highest one.

    `p` is the distance behind the front, `left` the distance from the midline, both in mm.
    """
    points = np.array([v.frame.point(0.0, p - v.depth_mm / 2, left) for v in spine.vertebrae])
    top = (
        points[-1] + (points[-1] - points[-2]) * 3
        if len(points) > 1
        else points[-1] + np.array([60.0, 0, 0])
    )
    return np.concatenate([points, top[None]])


def _whole(shape: tuple[int, int, int]) -> Box:
    return slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2])


def _ellipsoid_part(
    centre: Point,
    radii: Point,
    shape: tuple[int, int, int],
    power: float = 2.0,
    tilt_deg: float = 0.0,
) -> Part | None:
    reach = max(radii) + 3 if tilt_deg else 0.0
    low = [c - max(r + 3, reach) for c, r in zip(centre, radii, strict=True)]
    high = [c + max(r + 3, reach) for c, r in zip(centre, radii, strict=True)]
    box = box_between(low, high, shape)
    if box is None:
        return None
    return Part(box, ellipsoid(Frame(centre, tilt_deg).local(*grid_of(box)), radii, power))


#: Organs as ellipsoids: offset from the middle of the trunk at the diaphragm, and radii, both as
#: z, y, x in mm for a body of size 1.
_ORGANS: tuple[tuple[Tissue, Point, Point], ...] = (
    (Tissue.HEART, (32, -32, 26), (42, 42, 56)),
    (Tissue.SPLEEN, (-50, 36, 104), (46, 34, 22)),
    (Tissue.BOWEL, (-60, -36, 66), (46, 40, 40)),
    (Tissue.GLAND, (-100, -6, 22), (13, 12, 62)),
)


def _soft_parts(
    shape: tuple[int, int, int],
    spine: Column,
    trunk: Trunk,
    under: Depth,
    diaphragm_z: float,
    rng: np.random.Generator,
) -> list[tuple[Tissue, Part]]:
    k = spine.size
    z0, y0, x0 = spine.sacrum.origin_zyx
    spine_y = spine_line(spine, shape[0])
    middle_y = trunk.middle_y(spine_y)
    level_y = float(middle_y[min(shape[0] - 1, max(0, int(diaphragm_z))), 0, 0])
    middle = (diaphragm_z, level_y, x0)
    chest, cavity = _chest_and_cavity(shape, k, under, spine_y, middle)
    kidneys = _kidneys(spine, shape)
    liver = _liver(shape, k, cavity, spine_y, middle)
    for tissue, kidney in kidneys:
        if tissue == Tissue.KIDNEY:
            liver[kidney.box] = np.minimum(liver[kidney.box], -kidney.values - 7)
    heart, *others = (
        (
            tissue,
            _ellipsoid_part(
                (middle[0] + z * k, middle[1] + y * k, middle[2] + x * k),
                (radii[0] * k, radii[1] * k, radii[2] * k),
                shape,
            ),
        )
        for tissue, (z, y, x), radii in _ORGANS
    )
    bladder = _ellipsoid_part((z0 - 100 * k, y0 - 58 * k, x0), (30 * k, 32 * k, 40 * k), shape)
    box = _whole(shape)
    parts: list[tuple[Tissue, Part | None]] = [
        (Tissue.LUNG, _clipped(chest, box)),
        heart,
        (Tissue.LIVER, _clipped(liver, box)),
        *others,
        (Tissue.FLUID, bladder),
        *_vessels(spine, shape),
        *_lumbosacral_disc(spine, shape),
        *kidneys,
        *_muscles(shape, spine, spine_y, under),
        *_canal(shape, spine),
        *_gut(shape, spine, trunk, middle_y, cavity, rng),
    ]
    return [(tissue, part) for tissue, part in parts if part is not None]


def _chest_and_cavity(
    shape: tuple[int, int, int], k: float, under: Depth, spine_y: Depth, middle: Point
) -> tuple[Depth, Depth]:
    """Return the signed depths below the surfaces of the lungs and of the abdominal cavity."""
    z, y, x = grid_of(_whole(shape))
    diaphragm_z, level_y, x0 = middle
    dome = (
        diaphragm_z
        - 34 * k * (((x - x0) / (110 * k)) ** 2 + ((y - level_y) / (95 * k)) ** 2)
        + np.where(x < x0, 8, 0)  # higher on the right
    )
    mediastinum = ellipsoid((0 * z, y - (spine_y - 40 * k), x - x0 - 8), (1e3, 62 * k, 44 * k))
    chest = np.minimum(np.minimum(under - 17 * k, z - dome), -mediastinum)
    # no lung near the midline, except in front of the spine
    chest = np.minimum(chest, np.maximum(np.abs(x - x0) - 36 * k, spine_y - 26 * k - y))
    return chest, np.minimum(under - 12 * k, dome - 2 - z)


def _liver(
    shape: tuple[int, int, int], k: float, cavity: Depth, spine_y: Depth, middle: Point
) -> Depth:
    """Return the signed depth below the surface of the liver (positive inside).

    It has a right and a left lobe and a flat posterior surface.
    """
    z, y, x = grid_of(_whole(shape))
    diaphragm_z, level_y, x0 = middle
    right = ellipsoid(
        (z - diaphragm_z + 62 * k, y - level_y + 8, x - x0 + 78 * k), (82 * k, 82 * k, 74 * k), 2.3
    )
    left = ellipsoid(
        (z - diaphragm_z + 44 * k, y - level_y + 52 * k, x - x0 + 10 * k),
        (40 * k, 34 * k, 78 * k),
        2.2,
    )
    behind = spine_y - 24 * k - y + 1.3 * np.clip(x0 - 24 * k - x, 0, 70)
    liver: Depth = np.minimum(
        blended(right.astype(np.float32), left, 8.0), np.minimum(cavity - 1, behind)
    )
    return liver


def _vessels(spine: Column, shape: tuple[int, int, int]) -> list[tuple[Tissue, Part | None]]:
    """Return the aorta, the inferior vena cava and the iliac vessels."""
    k = spine.size
    z0, y0, x0 = spine.sacrum.origin_zyx
    parts: list[tuple[Tissue, Part | None]] = [
        (Tissue.ARTERY, tube(_along(spine, -13 * k, 9 * k)[1:], 9.5 * k, shape)),
        (Tissue.VEIN, tube(_along(spine, -12 * k, -17 * k), 10.5 * k, shape, (1.0, 1.2, 0.9))),
    ]
    start = spine.vertebrae[min(1, len(spine.vertebrae) - 1)].frame
    for side in (-1, 1):
        for tissue, offset, radius in ((Tissue.ARTERY, -16, 5.5), (Tissue.VEIN, -6, 6.5)):
            line = np.linspace(
                start.point(0, -34 * k + offset * 0.2, side * 6.0),
                (z0 - 85 * k, y0 - 30 * k + offset, x0 + side * 62 * k),
                12,
            )
            parts.append((tissue, tube(line, radius * k, shape)))
    return parts


def _lumbosacral_disc(
    spine: Column, shape: tuple[int, int, int]
) -> list[tuple[Tissue, Part | None]]:
    """Return the disc between L5 and the sacrum; nothing if the column does not contain L5."""
    k, low = spine.size, spine.vertebrae[0]
    if low.number != L5:
        return []
    middle = spine.sacrum.point(low.height_mm * 0.16, 0.0, 0.0)
    radii = (7.0 * k, 17.5 * k, 24 * k)
    return [(Tissue.DISC, _ellipsoid_part(middle, radii, shape, 3.0, tilt_deg=-30))]


def _clipped(depth: Depth, box: Box) -> Part:
    return Part(box, np.clip(depth, FAR_MM, 16).astype(np.float32))


def _kidneys(spine: Column, shape: tuple[int, int, int]) -> list[tuple[Tissue, Part]]:
    """Return the kidneys beside L1 (left) and L2 (right), with fat in the renal sinus."""
    k = spine.size
    parts: list[tuple[Tissue, Part]] = []
    for side, number in ((-1, L1 + 1), (1, L1)):
        at = next((v for v in spine.vertebrae if v.number == number), None)
        if at is None:
            continue
        kidney = _ellipsoid_part(
            at.frame.point(-4 * k, 8 * k, side * 64 * k),
            (53 * k, 25 * k, 27 * k),
            shape,
            2.2,
            tilt_deg=10,
        )
        sinus = _ellipsoid_part(
            at.frame.point(-4 * k, 2 * k, side * 50 * k),
            (30 * k, 12 * k, 17 * k),
            shape,
            2.0,
            tilt_deg=10,
        )
        if kidney is None or sinus is None:
            continue
        hollow = np.full(shape, FAR_MM, dtype=np.float32)
        hollow[sinus.box] = sinus.values
        parts.append(
            (Tissue.KIDNEY, Part(kidney.box, np.minimum(kidney.values, -hollow[kidney.box])))
        )
    return parts


def _muscles(
    shape: tuple[int, int, int], spine: Column, spine_y: Depth, under: Depth
) -> list[tuple[Tissue, Part | None]]:
    """Return the psoas, back and gluteal muscles and the abdominal wall."""
    k = spine.size
    z0, y0, x0 = spine.sacrum.origin_zyx
    box = _whole(shape)
    z, y, x = grid_of(box)
    side, back = np.abs(x - x0), y - spine_y
    fraction = np.clip((z0 + 175 * k - z) / (190 * k), 0, 1)  # the psoas widens downwards
    forward = (2 + 26 * np.clip((z0 - z) / 60, 0, 2)) * k
    psoas = 1 - np.hypot(
        (back + forward) / ((8 + 15 * fraction) * k),
        (side - (30 + 17 * fraction) * k) / ((5 + 15 * fraction) * k),
    )
    psoas = psoas * (5 + 14 * fraction) * k - 20 * np.clip((z - z0 - 175 * k) / 20, 0, 1)
    quadratus_lumborum = (
        (1 - np.hypot((back - 22 * k) / (12 * k), (side - 68 * k) / (21 * k))) * 12 * k
    )
    quadratus_lumborum = np.minimum(
        quadratus_lumborum, np.minimum(z - z0 - 12 * k, z0 + 160 * k - z)
    )
    multifidus = np.minimum(
        (1 - np.hypot((back - 45 * k) / (27 * k), (side - 15.5 * k) / (14 * k))) * 14 * k, under - 1
    )
    wide = np.clip((z - z0 + 20) / 60, 0, 1)
    longissimus = (
        (1 - np.hypot((back - 44 * k) / (27 * k), (side - 46 * k) / ((13 + 9 * wide) * k)))
        * (13 + 8 * wide)
        * k
    )
    iliocostalis = (1 - np.hypot((back - 40 * k) / (20 * k), (side - 74 * k) / (13 * k))) * 13 * k
    iliocostalis = np.minimum(iliocostalis, np.minimum(under - 1, z - z0 - 15))
    top = z0 + (34 - 0.006 * (side - 95 * k) ** 2) * k
    gluteal = np.minimum(
        np.minimum(under - 1.5, top - z), np.minimum(side - 26 * k, y - y0 + 1.6 * side - 130 * k)
    )
    wall = np.minimum(under - 0.5, (11 + 3 * np.sin(side / 19)) * k - under)
    wall = np.minimum(wall, side - 4)
    wall = np.minimum(wall, 40 * k - back)
    return [
        (Tissue.MUSCLE, _clipped(muscle, box))
        for muscle in (
            psoas,
            quadratus_lumborum,
            multifidus,
            np.minimum(longissimus, under - 1),
            iliocostalis,
            gluteal,
            wall,
        )
    ]


def _canal(shape: tuple[int, int, int], spine: Column) -> list[tuple[Tissue, Part | None]]:
    """Return the dural sac down to the second sacral segment."""
    k = spine.size
    rows = [spine.sacrum.point(-45 * k, 15 * k, 0.0), spine.sacrum.point(-2, 19 * k, 0.0)]
    rows += [v.frame.point(0.0, v.depth_mm / 2 + 8.5 * k, 0.0) for v in spine.vertebrae]
    points = np.array(rows)
    extra = points[-1] + (points[-1] - points[-2]) * 2.5
    return [
        (Tissue.CANAL, tube(np.concatenate([points, extra[None]]), 5.0 * k, shape, (1.0, 1.1, 0.9)))
    ]


def _gut(
    shape: tuple[int, int, int],
    spine: Column,
    trunk: Trunk,
    middle_y: Depth,
    cavity: Depth,
    rng: np.random.Generator,
) -> list[tuple[Tissue, Part | None]]:
    """Return the ascending, descending and transverse colon, and loops of small bowel."""
    k = spine.size
    z0, y0, x0 = spine.sacrum.origin_zyx
    parts: list[tuple[Tissue, Part | None]] = []
    row = float(middle_y[min(shape[0] - 1, max(0, int(z0 + 60))), 0, 0])
    for side in (-1, 1):
        heights = np.linspace(z0 - 40 * k, z0 + (95 if side < 0 else 130) * k, 18)
        wave = 5 * np.sin(heights / 11)
        line = np.stack(
            [heights, row + 8 * k + wave, x0 + side * (trunk.half_width_mm - 40 * k) + wave], axis=1
        )
        parts.append((Tissue.COLON, tube(line, 20 * k, shape)))
    xs = np.linspace(-95, 95, 22) * k
    across = np.stack(
        [
            z0 + (85 + 0.0022 * xs**2) * k + 4 * np.sin(xs / 7),
            trunk.front_y + 33 * k + 0.003 * xs**2,
            x0 + xs,
        ],
        axis=1,
    )
    parts.append((Tissue.COLON, tube(across, 16 * k, shape)))
    coarse = tuple(-(-n // 4) + 1 for n in shape)
    noise = ndimage.gaussian_filter(rng.standard_normal(coarse).astype(np.float32), 2.4)
    noise /= noise.std()
    fine = ndimage.zoom(noise, 4, order=1)[: shape[0], : shape[1], : shape[2]]
    z, y, x = grid_of(_whole(shape))
    loops = 9.0 * (0.62 - np.abs(fine))
    rear = y0 - 38 * k + 7 * np.sin(x / 8) + 7 * np.sin(z / 11)
    region = np.minimum(
        np.minimum(rear - y, 90 * k - np.abs(x - x0)), np.minimum(z0 + 75 * k - z, cavity - 5)
    )
    parts.append((Tissue.BOWEL, _clipped(np.minimum(loops, region), _whole(shape))))
    return parts
