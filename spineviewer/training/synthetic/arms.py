"""Procedural arms (upper arm, elbow, forearm) for a trunk whose label map has none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.training.synthetic.anatomy import DEPTH_STEP_MM, TRUNK_STEP_MM, Anatomy, Part
from spineviewer.training.synthetic.solids import tube
from spineviewer.training.synthetic.tissues import Bone, Tissue, uniform
from spineviewer.volume.boxes import grown, inside

#: Space added on each side of the trunk, in mm.
SIDE_MM = 100
#: Length of an upper arm below the shoulder joint, in mm.
UPPER_ARM_MM = (210.0, 290.0)


def with_arms(anatomy: Anatomy, rng: np.random.Generator) -> Anatomy:
    """Return the anatomy widened by `SIDE_MM` on each side, with an arm hanging down on each.

    An arm begins at the lower end of the humerus on its side; if the label map has none, it begins
    above the map.

    Returns
    -------
    Anatomy
        Shape (z, y, x + 2 * SIDE_MM); the argument is not changed.
    """
    wide = _widened(anatomy)
    for is_left in (False, True):
        for part, radius_mm in _arm(wide, rng, is_left=is_left):
            _add(wide, part, radius_mm)
    return wide


def _widened(anatomy: Anatomy) -> Anatomy:
    room = ((0, 0), (0, 0), (SIDE_MM, SIDE_MM))

    def extended(depth: NDArray[np.int8], step_mm: float) -> NDArray[np.int8]:
        """Return a signed depth extended beyond the map.

        There, it is the depth at the map's edge minus the distance from the edge.
        """
        steps = np.pad(depth.astype(np.int16), room, mode="edge")
        away = np.arange(SIDE_MM, 0, -1) / step_mm
        steps[..., :SIDE_MM] -= away.astype(np.int16)
        steps[..., -SIDE_MM:] -= away[::-1].astype(np.int16)
        return np.clip(steps, -127, 127).astype(np.int8)

    return Anatomy(
        anatomy.name,
        np.pad(anatomy.soft, room, constant_values=Tissue.LOOSE),
        np.pad(anatomy.bone, room),
        extended(anatomy.spine_depth, DEPTH_STEP_MM),
        extended(anatomy.bone_depth, DEPTH_STEP_MM),
        extended(anatomy.trunk_depth, TRUNK_STEP_MM),
        tuple(
            replace(
                level,
                centre_zyx=(
                    level.centre_zyx[0],
                    level.centre_zyx[1],
                    level.centre_zyx[2] + SIDE_MM,
                ),
            )
            for level in anatomy.levels
        ),
    )


def _arm(wide: Anatomy, rng: np.random.Generator, *, is_left: bool) -> list[tuple[Part, float]]:
    """Return the bones of one arm, each with the thickness of the soft tissue around it, in mm."""
    height, depth, width = wide.soft.shape
    side = slice(width // 2, width) if is_left else slice(0, width // 2)
    limb = (wide.bone[height // 2 :, :, side] == Bone.LIMB).any(axis=(1, 2))
    shoulder = float(height // 2 + int(np.argmax(limb)) + 15 if limb.any() else height + 60)
    trunk = np.argwhere(wide.trunk_depth[::4, ::4, ::4] > 0) * 4
    edge = float(trunk[:, 2].max() if is_left else trunk[:, 2].min())
    outwards = 1.0 if is_left else -1.0
    flesh = uniform(rng, (24.0, 36.0))
    beside = float(
        np.clip(edge + outwards * (flesh + uniform(rng, (4.0, 25.0))), flesh, width - flesh)
    )
    row = float(np.median(trunk[:, 1])) + uniform(rng, (-25.0, 40.0))
    elbow = shoulder - uniform(rng, UPPER_ARM_MM)
    wrist = elbow - uniform(rng, (220.0, 270.0))
    forward = uniform(rng, (0.0, 90.0))  # hands on the abdomen or beside the hips
    inward = outwards * uniform(rng, (0.0, 30.0))

    def bone(radius_mm: float, *points: tuple[float, float, float]) -> Part | None:
        return tube(np.array(points), radius_mm, (height, depth, width))

    upper = bone(
        uniform(rng, (10.0, 12.5)), (shoulder, row, beside - 0.3 * inward), (elbow, row + 5, beside)
    )
    joint = bone(
        uniform(rng, (15.0, 19.0)), (elbow, row + 4, beside - 13), (elbow - 6, row + 4, beside + 13)
    )
    lower = [
        bone(
            uniform(rng, (5.5, 8.0)),
            (elbow, row + 4, beside + offset),
            (wrist, row - forward, beside - inward + 0.9 * offset),
        )
        for offset in (-13.0, 13.0)
    ]
    bones = [(upper, flesh), (joint, 0.8 * flesh), *((part, 0.6 * flesh) for part in lower)]
    return [(part, thickness) for part, thickness in bones if part is not None]


def _add(wide: Anatomy, part: Part, flesh_mm: float) -> None:
    """Add a bone and the muscle around it to the anatomy, in place."""
    around = grown(part.box, 3 * [int(flesh_mm) + 4], wide.soft.shape)
    bone_depth, bone = wide.bone_depth[part.box], wide.bone[part.box]
    steps = np.clip(np.rint(part.values / DEPTH_STEP_MM), -127, 127).astype(np.int8)
    is_free = wide.spine_depth[part.box] < steps
    nearest = is_free & (part.values > -4) & (steps >= bone_depth)
    bone[nearest] = Bone.LIMB
    np.maximum(bone_depth, np.where(is_free, steps, -127).astype(np.int8), out=bone_depth)
    depth = np.full([b.stop - b.start for b in around], -63.0, np.float32)
    depth[inside(part.box, around)] = part.values
    flesh = _spread(depth, flesh_mm)
    trunk, soft = wide.trunk_depth[around], wide.soft[around]
    deeper = np.clip(np.rint(flesh / TRUNK_STEP_MM), -127, 127).astype(np.int8)
    soft[(flesh > 2) & (deeper > trunk)] = Tissue.MUSCLE
    np.maximum(trunk, deeper, out=trunk)


def _spread(depth: NDArray[np.float32], by_mm: float) -> NDArray[np.float32]:
    """Return the signed depth below a surface that is `by_mm` outside a solid's surface."""
    away = ndimage.distance_transform_edt(depth[::2, ::2, ::2] <= 0).astype(np.float32) * 2
    fine = (
        away.repeat(2, axis=0)
        .repeat(2, axis=1)
        .repeat(2, axis=2)[tuple(slice(0, n) for n in depth.shape)]
    )
    return np.asarray(by_mm - fine, np.float32)
