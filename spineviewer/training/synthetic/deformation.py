"""The mapping from each point of a synthetic scan to the source's anatomy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.training.synthetic.anatomy import Level
from spineviewer.training.synthetic.tissues import ShapeRanges, happens, uniform

#: Distance between the nodes of the mapping, which is linear between them.
NODE_MM = 4


@dataclass(frozen=True)
class Fracture:
    """Compression of one body (all lengths in mm of the source).

    Attributes
    ----------
    anterior, middle, posterior
        Fraction of the height that remains at the front, in the middle and at the back.
    """

    level: Level
    anterior: float
    middle: float
    posterior: float
    #: distance above and below over which the shift fades out
    fade_mm: float = 26.0


@dataclass(frozen=True)
class Curve:
    """A bend of the trunk along its height: ``amplitude * sin(2 pi z / wavelength + phase)``."""

    amplitude_mm: float
    wavelength_mm: float
    phase: float

    def offset_and_slope(
        self, z_mm: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the offset at a height, and its derivative: float32, same shape as `z_mm`."""
        rate = 2 * np.pi / self.wavelength_mm
        angle = rate * z_mm + self.phase
        return self.amplitude_mm * np.sin(angle), self.amplitude_mm * rate * np.cos(angle)


@dataclass(frozen=True)
class Deformation:
    """All changes to the shape of the anatomy, about a pivot in the source."""

    pivot_zyx: tuple[float, float, float]
    scale_zyx: tuple[float, float, float] = (1.0, 1.0, 1.0)
    rotation_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lateral: Curve = Curve(0.0, 300.0, 0.0)
    sagittal: Curve = Curve(0.0, 300.0, 0.0)
    elastic_mm: float = 0.0
    fractures: tuple[Fracture, ...] = ()
    is_mirrored: bool = False


def random_deformation(
    rng: np.random.Generator, ranges: ShapeRanges, pivot: Level, fractures: tuple[Fracture, ...]
) -> Deformation:
    """Return a random deformation: the shape of one person in one posture."""
    size = uniform(rng, ranges.scale)
    severe = (
        happens(rng, ranges.severe_scoliosis_probability),
        happens(rng, ranges.severe_kyphosis_probability),
    )
    lateral = uniform(rng, ranges.severe_scoliosis_mm if severe[0] else ranges.scoliosis_mm)
    sagittal = uniform(rng, ranges.severe_kyphosis_mm if severe[1] else ranges.kyphosis_mm)
    rotation = [uniform(rng, ranges.rotation_deg) * factor for factor in (1.0, 0.7, 1.0)]
    return Deformation(
        pivot_zyx=pivot.centre_zyx,
        scale_zyx=(
            size * uniform(rng, (0.94, 1.06)),
            size * uniform(rng, (0.94, 1.06)),
            size * uniform(rng, (0.94, 1.06)),
        ),
        rotation_deg=(rotation[0], rotation[1], rotation[2]),
        lateral=Curve(lateral, uniform(rng, ranges.wavelength_mm), uniform(rng, (0, 2 * np.pi))),
        sagittal=Curve(sagittal, uniform(rng, ranges.wavelength_mm), uniform(rng, (0, 2 * np.pi))),
        elastic_mm=uniform(rng, ranges.elastic_mm),
        fractures=fractures,
        is_mirrored=happens(rng, 0.5),
    )


def random_fractures(
    rng: np.random.Generator, ranges: ShapeRanges, levels: tuple[Level, ...]
) -> tuple[Fracture, ...]:
    """Return the compressed bodies of one person; C1 and C2 are never compressed."""
    eligible = [level for level in levels if level.number > 2]
    if not eligible or not happens(rng, ranges.fracture_probability):
        return ()
    count = min(len(eligible), int(rng.integers(1, ranges.max_fractures + 1)))
    chosen = rng.choice(len(eligible), count, replace=False)
    return tuple(_random_fracture(rng, ranges, eligible[k]) for k in chosen)


def _random_fracture(rng: np.random.Generator, ranges: ShapeRanges, level: Level) -> Fracture:
    least, rest = uniform(rng, ranges.fracture_height), uniform(rng, (0.85, 1.0))
    between = (least + rest) / 2
    shapes = {
        "wedge": (least, between, rest),
        "biconcave": (rest, least, rest),
        "crush": (least, least, min(1.0, least + 0.08)),
    }
    return Fracture(
        level, *shapes[str(rng.choice(list(shapes)))], fade_mm=uniform(rng, (18.0, 32.0))
    )


def source_nodes(
    deformation: Deformation,
    size_zyx: tuple[int, int, int],
    rng: np.random.Generator,
    elastic_node_mm: float = 32.0,
) -> NDArray[np.float32]:
    """Return the source index of each node, for a scan of `size_zyx` mm centred on the pivot.

    Returns
    -------
    float32, shape (3, nodes z, nodes y, nodes x); node k is at voxel index ``NODE_MM * k``.
    """
    counts = [n // NODE_MM + 2 for n in size_zyx]
    axes = [
        np.arange(c, dtype=np.float32) * NODE_MM - n / 2
        for c, n in zip(counts, size_zyx, strict=True)
    ]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    if deformation.is_mirrored:
        x = -x
    z, y, x = _rotated((z, y, x), deformation.rotation_deg)
    z, x = _bent(z, x, deformation.lateral)
    z, y = _bent(z, y, deformation.sagittal)
    points = [p / s for p, s in zip((z, y, x), deformation.scale_zyx, strict=True)]
    if deformation.elastic_mm > 0:
        points = [
            p + deformation.elastic_mm * _smooth_noise(rng, p.shape, elastic_node_mm / NODE_MM)
            for p in points
        ]
    nodes = np.stack([p + c for p, c in zip(points, deformation.pivot_zyx, strict=True)]).astype(
        np.float32
    )
    for fracture in deformation.fractures:
        _compress(nodes, fracture)
    return nodes


def _rotated(
    point: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    rotation_deg: tuple[float, float, float],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return the points rotated about the axes z, y and x, one after the other."""
    z, y, x = point
    about_z, about_y, about_x = np.radians(rotation_deg)
    y, x = y * np.cos(about_z) - x * np.sin(about_z), y * np.sin(about_z) + x * np.cos(about_z)
    z, x = z * np.cos(about_y) - x * np.sin(about_y), z * np.sin(about_y) + x * np.cos(about_y)
    z, y = z * np.cos(about_x) - y * np.sin(about_x), z * np.sin(about_x) + y * np.cos(about_x)
    return z, y, x


def _bent(
    along: NDArray[np.float32], across: NDArray[np.float32], curve: Curve
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return coordinates bent like a rod: cross sections stay perpendicular to the curve.

    The tilt fades with the distance from the axis.
    """
    if curve.amplitude_mm == 0:
        return along, across
    offset, slope = curve.offset_and_slope(along)
    straight = across - offset
    return along + slope * 60 * np.tanh(straight / 60), straight


def _smooth_noise(
    rng: np.random.Generator, shape: tuple[int, ...], node: float
) -> NDArray[np.float32]:
    """Return noise of about unit variance that varies over `node` elements: float32."""
    coarse = [max(4, int(np.ceil(n / node)) + 3) for n in shape]
    values = ndimage.zoom(
        rng.standard_normal(coarse).astype(np.float32),
        [(n + 1) / (c - 3) for n, c in zip(shape, coarse, strict=True)],
        order=2,
    )
    return values[tuple(slice(0, n) for n in shape)]


def _compress(nodes: NDArray[np.float32], fracture: Fracture) -> None:
    """Change the nodes' source heights at a compressed body, in place.

    ``u`` is the height above the body's centre, ``h`` half of the body's height, and ``f`` the
    fraction of it that remains::

        |u| < f h                body: u / f
        f h < |u| < f h + fade   neighbours: u + (1 - f) h, fading out
    """
    level = fracture.level
    half_z, half_y, half_x = level.half_zyx
    u = nodes[0] - level.centre_zyx[0]
    v = (nodes[1] - level.centre_zyx[1]) / half_y
    w = (nodes[2] - level.centre_zyx[2]) / half_x
    profile = np.interp(
        v, [-1.0, 0.0, 1.0], [fracture.anterior, fracture.middle, fracture.posterior]
    ).astype(np.float32)
    if fracture.middle < min(fracture.anterior, fracture.posterior):
        # also biconcave from side to side
        rim = (fracture.anterior + fracture.posterior) / 2
        profile += (rim - profile) * np.clip(np.abs(w), 0, 1) ** 2
    window = _flat_top(v, 1.05, 0.7) * _flat_top(w, 1.05, 0.7)
    f = 1 - (1 - profile) * window
    inner = f * half_z
    lost = (1 - f) * half_z
    beyond = np.clip((np.abs(u) - inner) / fracture.fade_mm, 0, 1)
    faded = 1 - beyond * beyond * (3 - 2 * beyond)
    nodes[0] += np.where(np.abs(u) < inner, u / f - u, np.sign(u) * lost * faded).astype(np.float32)


def _flat_top(t: NDArray[np.float32], flat: float, fade: float) -> NDArray[np.float32]:
    """Return 1 up to `flat`, falling smoothly to 0 at ``flat + fade``."""
    s = np.clip((np.abs(t) - flat) / fade, 0, 1)
    result: NDArray[np.float32] = (1 - s * s * (3 - 2 * s)).astype(np.float32)
    return result
