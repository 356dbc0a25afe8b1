"""Procedural body parts without a spine: a thigh and a head; any voxel marked there is wrong."""

from __future__ import annotations

import numpy as np

from spineviewer.training.synthetic.anatomy import Anatomy, Part, assembled
from spineviewer.training.synthetic.solids import Depth, blended, capsule, ellipsoid, grid_of
from spineviewer.training.synthetic.tissues import Bone, Tissue

Shape = tuple[int, int, int]


def leg(shape: Shape, rng: np.random.Generator) -> Anatomy:
    """Return a thigh with the femur along its middle, muscles, vessels and fat."""
    box = (slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2]))
    z, y, x = grid_of(box)
    middle_y, middle_x = 0.46 * shape[1], shape[2] / 2
    radius = 0.33 * min(shape[1], shape[2])
    local = (z - shape[0] / 2, y - middle_y, x - middle_x)
    bow = 4 * np.sin(local[0] / 90)
    shaft = capsule(
        (local[0], local[1] + bow, local[2]), (-1e3, 0.0, 0.0), (1e3, 0.0, 0.0), (13.5, 13.5)
    )
    condyle = ellipsoid(
        (local[0] + shape[0] / 2 - 12, local[1] - 4, np.abs(local[2]) - 18), (30.0, 26.0, 22.0)
    )
    trunk: Depth = (
        radius * float(rng.uniform(0.95, 1.05)) - np.hypot(local[1], local[2]) + 0 * local[0]
    ).astype(np.float32)
    soft = []
    for angle in np.linspace(0, 2 * np.pi, 7)[:-1]:
        centre = 0.56 * radius
        muscle = (
            0.42 * radius
            - np.hypot(local[1] - centre * np.sin(angle), local[2] - centre * np.cos(angle))
            + 0 * local[0]
        )
        soft.append((Tissue.MUSCLE, Part(box, np.clip(muscle, -16, 16).astype(np.float32))))
    for tissue, offset in ((Tissue.ARTERY, 8.0), (Tissue.VEIN, -8.0)):
        vessel = (
            4.5
            - np.hypot(local[1] - 0.2 * radius, local[2] - 0.3 * radius - offset)
            + 0 * local[0]
            + 8
        )
        soft.append((tissue, Part(box, np.clip(vessel - 8, -16, 16).astype(np.float32))))
    femur = Part(box, np.clip(blended(shaft, condyle, 10.0), -16, 16).astype(np.float32))
    return assembled("leg", shape, {}, [(Bone.LIMB, femur)], soft, trunk)


def head(shape: Shape, rng: np.random.Generator) -> Anatomy:
    """Return a skull with brain, airway, jaw and teeth, cut off above the neck."""
    box = (slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2]))
    z, y, x = grid_of(box)
    k = min(1.0, min(shape) / 200) * float(rng.uniform(0.97, 1.03))
    local = (z - 0.55 * shape[0], y - 0.5 * shape[1], x - shape[2] / 2)
    outer = ellipsoid(local, (72 * k, 92 * k, 74 * k), 2.2)
    inner = outer - 7.0 * k
    vault = np.minimum(outer, -inner)
    jaw_arc = (np.hypot(local[1] + 40 * k, local[2]) - 42 * k, local[0] + 72 * k)
    jaw = np.minimum(
        np.minimum(6 * k - np.abs(jaw_arc[0]), 14 * k - np.abs(jaw_arc[1])), -local[1] - 40 * k
    )
    teeth = np.minimum(4.5 * k - np.abs(jaw_arc[0]), 9 * k - np.abs(local[0] + 50 * k))
    teeth = np.minimum(
        np.minimum(teeth, -local[1] - 48 * k),
        1.5 + 2.5 * np.sin(np.arctan2(local[2], -local[1] - 40 * k) * 18),
    )
    airway = (
        8 * k - np.hypot(local[1] + 22 * k, local[2]) - 20 * np.clip((local[0] + 30 * k) / 10, 0, 1)
    )
    trunk = np.maximum(
        outer + 4,
        ellipsoid((local[0] + 62 * k, local[1] + 28 * k, local[2]), (60 * k, 66 * k, 56 * k), 2.2),
    )

    def part(depth: Depth) -> Part:
        return Part(box, np.clip(np.broadcast_to(depth, shape), -16, 16).astype(np.float32))

    soft = [
        (Tissue.BRAIN, part(inner)),
        (Tissue.AIRWAY, part(airway)),
        (Tissue.MUSCLE, part(trunk - 12)),
    ]
    bones = [(Bone.SKULL, part(vault)), (Bone.SKULL, part(jaw)), (Bone.TOOTH, part(teeth))]
    return assembled(
        "head",
        shape,
        {},
        bones,
        soft,
        np.clip(trunk, -60, 60).astype(np.float32) + np.zeros(shape, np.float32),
    )
