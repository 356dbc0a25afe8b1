"""Devices outside the spine: fillings, pacemakers, hip prostheses, cables."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.training.synthetic.anatomy import Level
from spineviewer.training.synthetic.foreign import Point, Rod, depth_of_rods, place_in_scan
from spineviewer.training.synthetic.tissues import Bone, Range, uniform

CABLE_HU: Range = (300.0, 3000.0)
#: Number of rods side by side that form the generator of a pacemaker.
_CAN_RODS = 6
#: Radius of these rods.
_CAN_RADIUS_MM = 3.5
#: Length of these rods.
_CAN_MM = 36.0
#: Points of a lead from the generator through the vein to the heart: level, mm in front of the
#: body's centre, mm to its left.
_LEAD = ((9, 55.0, 45.0), (11, 45.0, -20.0), (14, 50.0, -28.0), (16, 75.0, 20.0))
#: Hips are searched for in every third voxel along each axis.
_EVERY = 3


def random_fillings(bones: NDArray[np.uint8], rng: np.random.Generator) -> list[Rod]:
    """Return random fillings and crowns on teeth in view; `bones` is uint8, shape (z, y, x)."""
    teeth = np.argwhere(bones == Bone.TOOTH)
    if len(teeth) == 0:
        return []
    places = teeth[rng.integers(len(teeth), size=int(rng.integers(2, 9)))].astype(float)
    return [Rod(place, place, uniform(rng, (1.5, 4.0))) for place in places]


def random_pacemaker(
    levels: Iterable[Level], nodes: NDArray[np.float32], rng: np.random.Generator
) -> list[Rod]:
    """Return a pacemaker at a random position: a generator in the chest wall, leads to the heart.

    Empty if too little of the chest is in view. `nodes` is float32, shape (3, nodes z, nodes y,
    nodes x).
    """
    centres = {level.number: np.array(level.centre_zyx) for level in levels}
    paths = []
    for _ in range(int(rng.integers(1, 4))):
        path = [
            place
            for number, front, left in _LEAD
            if number in centres
            for place in [
                place_in_scan(
                    nodes, centres[number] + (0.0, -front, left) + rng.uniform(-8, 8, size=3)
                )
            ]
            if place is not None
        ]
        paths.append(path)
    if min(len(path) for path in paths) < 2:
        return []
    can = paths[0][0] + rng.uniform((-20, -50, 25), (10, -30, 50))
    slant = uniform(rng, (-0.5, 0.5))
    wide, step = np.array([0.0, 0.0, _CAN_MM]), np.array([6.0, 0.0, 6.0 * slant])
    rods = [Rod(can + k * step, can + k * step + wide, _CAN_RADIUS_MM) for k in range(_CAN_RODS)]
    for path in paths:
        rods += _wire([can, *path], uniform(rng, (0.8, 1.4)))
    return rods


def random_hip(bones: NDArray[np.uint8], rng: np.random.Generator) -> list[Rod]:
    """Return a random prosthesis of one hip: head, neck and stem. Empty if no hip is in view.

    `bones` is uint8, shape (z, y, x).
    """
    few = bones[::_EVERY, ::_EVERY, ::_EVERY]
    joint = (few == Bone.LIMB) & ndimage.binary_dilation(few == Bone.PELVIS, iterations=2)
    places = np.argwhere(joint) * float(_EVERY)
    if len(places) < 20:
        return []
    middle = np.nonzero(few == Bone.PELVIS)[2].mean() * _EVERY
    side = 1.0 if rng.random() < 0.5 else -1.0
    chosen = places[(places[:, 2] - middle) * side > 0]
    if len(chosen) < 10:
        return []
    head = chosen.mean(axis=0)
    neck = head + np.array([-28.0, 0.0, side * 34.0])
    return [
        Rod(head, head, uniform(rng, (14.0, 20.0))),
        Rod(head, neck, uniform(rng, (5.0, 7.0))),
        Rod(neck, neck + np.array([-110.0, 0.0, -side * 8.0]), uniform(rng, (5.0, 8.0))),
    ]


def add_cables(hu: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Add cables and electrodes on the skin, in place; `hu` is float32, shape (z, y, x)."""
    rods = []
    for _ in range(int(rng.integers(2, 6))):
        path = _path_on_skin(hu, rng)
        radius = uniform(rng, (0.8, 1.8))
        rods += _wire(path, radius)
        if path:
            rods.append(Rod(path[0], path[0], radius + uniform(rng, (1.5, 4.0))))
    fraction = np.clip(depth_of_rods(rods, hu.shape) + 0.5, 0, 1)
    hu += fraction * (uniform(rng, CABLE_HU) - hu)


def _path_on_skin(hu: NDArray[np.float32], rng: np.random.Generator) -> list[Point]:
    """Return points every 20 mm along the body, just outside it."""
    depth, height, width = hu.shape
    first = int(rng.integers(0, max(1, depth - 60)))
    angle = uniform(rng, (0, 2 * np.pi))
    reach = np.arange(0.0, float(np.hypot(height, width)) / 2)
    path = []
    for z in range(first, min(depth, first + int(rng.integers(60, 300))), 20):
        angle += uniform(rng, (-0.15, 0.15))
        y, x = height / 2 + np.sin(angle) * reach, width / 2 + np.cos(angle) * reach
        in_view = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        ray = hu[z, y[in_view].astype(int), x[in_view].astype(int)]
        inside = np.flatnonzero(ray > -300)
        if inside.size == 0 or inside[-1] + 3 >= ray.size:
            continue  # the skin is out of view here
        at = inside[-1] + 2
        path.append(np.array([float(z), y[at], x[at]]))
    return path


def _wire(points: list[Point], radius_mm: float) -> list[Rod]:
    return [Rod(a, b, radius_mm) for a, b in itertools.pairwise(points)]
