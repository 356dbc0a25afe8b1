"""Rendering of a deformed anatomy as an ideal image on the 1 mm grid, without a scanner's blur."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.training.synthetic.anatomy import DEPTH_STEP_MM, TRUNK_STEP_MM, Anatomy
from spineviewer.training.synthetic.deformation import NODE_MM
from spineviewer.training.synthetic.tissues import (
    Bone,
    BoneRanges,
    SynthesisRanges,
    Tissue,
    TissueRanges,
    happens,
    uniform,
)

#: Side in voxels of the repeating blocks of noise that textures are taken from.
_BLOCK = 128


@dataclass(frozen=True)
class Materials:
    """CT values (HU) and structure of one person's tissues, one number per code.

    Attributes
    ----------
    soft_hu, soft_fine, soft_coarse
        Per `Tissue`: mean, and amplitude of the fine and the coarse texture.
    marrow_hu, cortex_hu, shell_mm
        Per bone code (256 numbers).
    trabecular
        Amplitude of the marrow's texture, relative to the marrow's difference from fat.
    outline_excess_mm
        Distance from the outline in the mask inwards to the surface of bone.
    subcutaneous_mm, skin_mm, wall_mm
        Thickness of the subcutaneous fat, the skin, and the muscular wall of the trunk.
    fat_in_loose, fat_in_muscle, bowel_gas, colon_gas, calcified
        Thresholds of unit noise above which a voxel becomes muscle, fat, gas or plaque.
    """

    soft_hu: NDArray[np.float32]
    soft_fine: NDArray[np.float32]
    soft_coarse: NDArray[np.float32]
    marrow_hu: NDArray[np.float32]
    cortex_hu: NDArray[np.float32]
    shell_mm: NDArray[np.float32]
    trabecular: float
    outline_excess_mm: float
    subcutaneous_mm: float
    skin_mm: float
    wall_mm: float
    fat_in_loose: float
    fat_in_muscle: float
    bowel_gas: float
    colon_gas: float
    calcified: float


@dataclass(frozen=True)
class Blocks:
    """Repeating noise of unit variance, shape (128, 128, 128): trabecular, fine and coarse."""

    trabecular: NDArray[np.float32]
    fine: NDArray[np.float32]
    coarse: NDArray[np.float32]


def random_materials(rng: np.random.Generator, ranges: SynthesisRanges) -> Materials:
    """Return the materials of one random person."""
    soft_hu, soft_fine, soft_coarse = _soft_tissue(rng, ranges.tissue)
    marrow_hu, cortex_hu, shell_mm = _bones(rng, ranges.bone)
    return Materials(
        soft_hu, soft_fine, soft_coarse, marrow_hu, cortex_hu, shell_mm,
        trabecular=uniform(rng, ranges.bone.texture),
        outline_excess_mm=uniform(rng, ranges.bone.outline_excess_mm),
        subcutaneous_mm=uniform(rng, ranges.shape.subcutaneous_fat_mm),
        skin_mm=ranges.shape.skin_mm,
        wall_mm=uniform(rng, (6.0, 16.0)),
        fat_in_loose=uniform(rng, (-0.6, 1.2)),
        fat_in_muscle=uniform(rng, (1.2, 3.0)),
        bowel_gas=uniform(rng, (0.8, 2.4)),
        colon_gas=uniform(rng, (-0.2, 1.6)),
        calcified=uniform(rng, (1.0, 2.2)) if happens(rng, 0.5) else 9.0,
    )  # fmt: skip


def _soft_tissue(
    rng: np.random.Generator, t: TissueRanges
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    hu = np.zeros(len(Tissue), dtype=np.float32)
    blood = uniform(rng, t.blood)
    given = uniform(rng, t.contrast) if happens(rng, t.contrast_probability) else 0.0
    venous = uniform(rng, (0.2, 1.0))
    hu[Tissue.AIR] = -1000
    hu[Tissue.FAT] = uniform(rng, t.fat)
    hu[Tissue.MUSCLE] = uniform(rng, t.muscle) + 0.06 * given
    hu[Tissue.LOOSE] = hu[Tissue.FAT]
    hu[Tissue.DISC] = uniform(rng, t.disc)
    hu[Tissue.CANAL] = uniform(rng, t.canal)
    hu[Tissue.LUNG] = uniform(rng, t.lung)
    hu[Tissue.AIRWAY] = -990
    hu[Tissue.LIVER] = uniform(rng, t.liver) + 0.3 * given * venous
    hu[Tissue.SPLEEN] = uniform(rng, t.spleen) + 0.35 * given * venous
    hu[Tissue.KIDNEY] = uniform(rng, t.kidney) + 0.8 * given
    hu[Tissue.GLAND] = uniform(rng, t.gland) + 0.25 * given
    hu[Tissue.FLUID] = uniform(rng, t.fluid)
    hu[Tissue.BOWEL] = uniform(rng, t.bowel)
    hu[Tissue.COLON] = uniform(rng, t.bowel)
    if happens(rng, t.oral_contrast_probability):
        hu[Tissue.BOWEL] += uniform(rng, t.oral_contrast)
        if happens(rng, 0.5):
            hu[Tissue.COLON] += uniform(rng, t.oral_contrast)
    hu[Tissue.HEART] = blood + 0.8 * given
    hu[Tissue.ARTERY] = blood + given
    hu[Tissue.VEIN] = blood + venous * given
    hu[Tissue.CARTILAGE] = uniform(rng, t.cartilage)
    hu[Tissue.BRAIN] = uniform(rng, t.brain)
    hu[Tissue.SKIN] = uniform(rng, t.skin)
    fine = np.full(len(Tissue), 5.0, dtype=np.float32)
    fine[[Tissue.AIR, Tissue.AIRWAY]] = 0
    fine[[Tissue.LUNG, Tissue.COLON]] = 28.0, 45.0
    fine[[Tissue.MUSCLE, Tissue.CANAL]] = 9.0, 8.0
    coarse = np.full(len(Tissue), 6.0, dtype=np.float32)
    coarse[[Tissue.AIR, Tissue.AIRWAY]] = 0
    coarse[[Tissue.BOWEL, Tissue.COLON, Tissue.LUNG, Tissue.HEART]] = (
        18.0,
        30.0,
        30.0,
        0.1 * given + 3,
    )
    return hu, fine, coarse


def _bones(
    rng: np.random.Generator, b: BoneRanges
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    marrow = np.zeros(256, dtype=np.float32)
    cortex = np.full(256, uniform(rng, b.cortex), dtype=np.float32)
    shell = np.zeros(256, dtype=np.float32)
    density = uniform(rng, b.marrow)
    health = np.clip((density - b.marrow[0]) / (b.marrow[1] - b.marrow[0]), 0, 1)
    numbers = np.arange(1, 29)
    spread = uniform(rng, b.level_spread)
    # cervical bodies are denser than lumbar ones by about half
    per_level = (
        density + np.linspace(0.5, 0.0, 28) * max(density, 60) + spread * rng.standard_normal(28)
    )
    for k in range(28):
        if happens(rng, b.sclerotic_level_probability):
            per_level[k] += uniform(rng, b.sclerosis)
        elif happens(rng, b.lytic_level_probability):
            per_level[k] = uniform(rng, (-20, 60))
    marrow[numbers] = per_level
    marrow[Bone.ARCH + numbers] = per_level + uniform(rng, b.arch_marrow_offset)
    thin = 0.5 + 0.5 * health
    shell[numbers] = (uniform(rng, b.body_shell_mm) + uniform(rng, b.endplate_extra_mm)) * thin
    shell[Bone.ARCH + numbers] = uniform(rng, b.arch_shell_mm) * (0.7 + 0.3 * thin)
    for bone, between, offset in (
        (Bone.RIB, b.rib_shell_mm, 20),
        (Bone.PELVIS, b.pelvis_shell_mm, -20),
        (Bone.SACRUM, b.rib_shell_mm, -30),
        (Bone.LIMB, b.limb_shell_mm, -30),
        (Bone.STERNUM, b.rib_shell_mm, -40),
        (Bone.SKULL, b.skull_shell_mm, 350),
    ):
        marrow[bone] = density + offset + 15 * rng.standard_normal()
        shell[bone] = uniform(rng, between) * (0.7 + 0.3 * thin)
    marrow[Bone.TOOTH], shell[Bone.TOOTH], cortex[Bone.TOOTH] = 1600, 2.0, 2200
    return marrow, cortex, shell


def random_blocks(rng: np.random.Generator) -> Blocks:
    """Return new noise for one scan."""
    return Blocks(
        *(_block(rng, sigma) for sigma in ((1.0, 0.6, 0.6), (1.1, 1.1, 1.1), (5.0, 5.0, 5.0)))
    )


def _block(rng: np.random.Generator, sigma: tuple[float, float, float]) -> NDArray[np.float32]:
    noise = ndimage.gaussian_filter(
        rng.standard_normal((_BLOCK,) * 3, dtype=np.float32), sigma, mode="wrap"
    )
    normal: NDArray[np.float32] = noise / noise.std()
    return normal


def rendered(
    anatomy: Anatomy,
    nodes: NDArray[np.float32],
    size_zyx: tuple[int, int, int],
    materials: Materials,
    blocks: Blocks,
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return the CT value (HU) and the bone code of each voxel.

    Parameters
    ----------
    nodes
        float32, source index of every `NODE_MM`-th voxel, shape (3, nodes z, nodes y, nodes x).

    Returns
    -------
    hu
        float32, shape `size_zyx`; no noise, no blur; -1000 outside the patient.
    bone
        uint8, the bone's code in every voxel that is more than half inside a bone, otherwise 0.
    """
    hu = np.empty(size_zyx, dtype=np.float32)
    bone = np.zeros(size_zyx, dtype=np.uint8)
    m = materials
    numbers = np.array(
        [
            m.trabecular, m.subcutaneous_mm, m.skin_mm, m.wall_mm, m.fat_in_loose,
            m.fat_in_muscle, m.bowel_gas, m.colon_gas, m.calcified, m.outline_excess_mm,
        ],
        dtype=np.float32,
    )  # fmt: skip
    _render(
        anatomy.soft, anatomy.bone, anatomy.spine_depth, anatomy.bone_depth, anatomy.trunk_depth,
        nodes, m.soft_hu, m.soft_fine, m.soft_coarse, m.marrow_hu, m.cortex_hu, m.shell_mm,
        numbers, blocks.trabecular, blocks.fine, blocks.coarse, hu, bone,
    )  # fmt: skip
    return hu, bone


_MASK = _BLOCK - 1
_FAT, _MUSCLE, _LOOSE, _SKIN, _AIR = (
    int(t) for t in (Tissue.FAT, Tissue.MUSCLE, Tissue.LOOSE, Tissue.SKIN, Tissue.AIR)
)
_LUNG, _BOWEL, _COLON, _ARTERY = (
    int(t) for t in (Tissue.LUNG, Tissue.BOWEL, Tissue.COLON, Tissue.ARTERY)
)
_CARTILAGE = int(Tissue.CARTILAGE)


@numba.njit(nogil=True, cache=True, fastmath=True)
def _lerp8(a, z, y, x):  # type: ignore[no-untyped-def]
    """Return the trilinear value of an int8 array at a point; beyond an edge, the edge value."""
    nz, ny, nx = a.shape
    z = min(max(z, np.float32(0.0)), np.float32(nz - 1.001))
    y = min(max(y, np.float32(0.0)), np.float32(ny - 1.001))
    x = min(max(x, np.float32(0.0)), np.float32(nx - 1.001))
    i, j, k = int(z), int(y), int(x)
    fz, fy, fx = z - i, y - j, x - k
    one = np.float32(1.0)
    c00 = a[i, j, k] * (one - fx) + a[i, j, k + 1] * fx
    c01 = a[i, j + 1, k] * (one - fx) + a[i, j + 1, k + 1] * fx
    c10 = a[i + 1, j, k] * (one - fx) + a[i + 1, j, k + 1] * fx
    c11 = a[i + 1, j + 1, k] * (one - fx) + a[i + 1, j + 1, k + 1] * fx
    return (c00 * (one - fy) + c01 * fy) * (one - fz) + (c10 * (one - fy) + c11 * fy) * fz


@numba.njit(nogil=True, cache=True, fastmath=True)
def _fraction(depth):  # type: ignore[no-untyped-def]
    """Return the fraction of a 1 mm voxel that is inside a surface at this depth."""
    return min(max(depth + np.float32(0.5), np.float32(0.0)), np.float32(1.0))


@numba.njit(inline="always")
def _interpolate_row(nodes, z, y, line):  # type: ignore[no-untyped-def]
    """Write the row of nodes along x, interpolated at a voxel's z and y, into `line`."""
    step = np.float32(1.0 / NODE_MM)
    nz, ny = z // NODE_MM, y // NODE_MM
    fz, fy = z * step - nz, y * step - ny
    for c in range(3):
        for k in range(nodes.shape[3]):
            low = nodes[c, nz, ny, k] * (1 - fy) + nodes[c, nz, ny + 1, k] * fy
            high = nodes[c, nz + 1, ny, k] * (1 - fy) + nodes[c, nz + 1, ny + 1, k] * fy
            line[c, k] = low * (1 - fz) + high * fz


@numba.njit(inline="always")
def _source_of(line, x):  # type: ignore[no-untyped-def]
    """Return where in the map voxel `x` of the row of `line` is: fractional index (z, y, x)."""
    k = x // NODE_MM
    fx = x * np.float32(1.0 / NODE_MM) - k
    return (
        line[0, k] * (1 - fx) + line[0, k + 1] * fx,
        line[1, k] * (1 - fx) + line[1, k + 1] * fx,
        line[2, k] * (1 - fx) + line[2, k + 1] * fx,
    )


@numba.njit(inline="always")
def _tissue_at(  # type: ignore[no-untyped-def]
    kind, under, outside, slow, fat_mm, skin_mm, wall_mm, fat_loose
):
    """Return the tissue of a voxel from that of the map and its depth below the muscles' surface.

    `under` is the depth below the outer surface of the muscles, `outside` the distance beyond the
    map, both in mm.
    """
    if outside > 0 or (kind == _LOOSE and under < 0):
        kind = _FAT
    layer = fat_mm * (np.float32(1.0) + np.float32(0.02) * slow)
    if kind == _FAT and under < -layer:
        return _SKIN if under > -layer - skin_mm else _AIR
    if kind == _LOOSE:
        return _MUSCLE if under < wall_mm or slow > fat_loose else _FAT
    return kind


@numba.njit(inline="always")
def _with_details(  # type: ignore[no-untyped-def]
    value, kind, slow, rough, lattice, is_wall, fat_muscle, gas_bowel, gas_colon, calcified
):
    """Return the CT value of soft tissue with fat in muscle, vessels, gas, stool and plaques.

    `slow`, `rough` and `lattice` are the coarse, fine and trabecular noise of the voxel, and
    `is_wall` says whether it is at the wall of an artery.
    """
    if kind == _MUSCLE:
        if rough + slow * np.float32(0.5) > fat_muscle:
            value -= np.float32(70.0)
    elif kind == _FAT:
        if rough > np.float32(2.1):
            value += np.float32(70.0)
    elif kind == _LUNG:
        vessel = rough * np.float32(0.8) + lattice * np.float32(0.3)
        if vessel > np.float32(1.7):
            value = min(np.float32(40.0), value + (vessel - np.float32(1.7)) * np.float32(1500.0))
    elif kind == _BOWEL:
        if slow > gas_bowel:
            value = np.float32(-950.0)
    elif kind == _COLON:
        if slow > gas_colon:
            value = np.float32(-970.0)
        elif rough > np.float32(1.3):
            value -= np.float32(250.0) * (rough - np.float32(1.3))
    elif kind == _ARTERY:
        if is_wall and calcified < 8 and slow + np.float32(0.6) * rough > calcified:
            value = np.float32(650.0) + np.float32(200.0) * rough
    elif kind == _CARTILAGE and rough + slow > np.float32(1.8):
        value += np.float32(260.0)
    return value


@numba.njit(inline="always")
def _is_artery_wall(soft, z, y, x):  # type: ignore[no-untyped-def]
    """Return whether a voxel is in an artery, but another voxel two rows or columns away is not."""
    _, rows, columns = soft.shape
    return soft[z, y, x] == _ARTERY and (
        soft[z, max(y - 2, 0), x] != _ARTERY
        or soft[z, min(y + 2, rows - 1), x] != _ARTERY
        or soft[z, y, max(x - 2, 0)] != _ARTERY
        or soft[z, y, min(x + 2, columns - 1)] != _ARTERY
    )


@numba.njit(inline="always")
def _with_bone(  # type: ignore[no-untyped-def]
    value, within, marrow_hu, cortex_hu, shell_mm, texture, slow, rough, lattice
):
    """Return the CT value of a voxel of soft tissue (`value`) that is partly inside a bone.

    `within` is the depth below the true surface in mm; the other numbers are those of the bone.
    """
    inside = _fraction(within)
    # the shell varies from place to place and is thicker over dense marrow
    shell = shell_mm * (np.float32(1.0) + np.float32(0.25) * slow + np.float32(0.2) * rough)
    shell = max(shell, np.float32(0.15))
    compact = inside - _fraction(within - shell)
    pattern = lattice + np.float32(0.4) * rough + np.float32(0.45) * slow
    marrow = marrow_hu + texture * (marrow_hu + np.float32(150.0)) * pattern
    return (np.float32(1.0) - inside) * value + compact * cortex_hu + (inside - compact) * marrow


@numba.njit(inline="always")
def _bone_code(code, spine, other):  # type: ignore[no-untyped-def]
    """Return the code of a voxel inside a bone.

    `code` is that of the nearest bone, `spine` and `other` the signed depths in vertebrae and other
    bones. If the larger depth is of the other group, its general code (arch, sacrum) is used.
    """
    if spine >= other:
        return code if code < 64 else 32
    return code if code > 64 else 102


@numba.njit(nogil=True, cache=True, fastmath=True)
def _render(  # type: ignore[no-untyped-def]
    soft, bone, spine_depth, bone_depth, trunk_depth, nodes, soft_hu, soft_fine, soft_coarse,
    marrow_hu, cortex_hu, shell_mm, numbers, trabecular, fine, coarse, hu, out_bone,
):  # fmt: skip
    """Write CT values (HU) and bone codes of all voxels (see `rendered`).

    The mapping of a voxel is trilinear between the 8 nodes around it; ``x // NODE_MM`` and
    ``x / NODE_MM`` give the node and the fraction to the next one. Indices into the noise blocks
    repeat every 128 (``& _MASK``).
    """
    (
        texture, fat_mm, skin_mm, wall_mm, fat_loose, fat_muscle, gas_bowel, gas_colon, calcified,
        excess,
    ) = numbers  # fmt: skip
    nz, ny, nx = hu.shape
    sz, sy, sx = soft.shape
    depth_step, trunk_step = np.float32(DEPTH_STEP_MM), np.float32(TRUNK_STEP_MM)
    line = np.empty((3, nodes.shape[3]), np.float32)
    for z in range(nz):
        for y in range(ny):
            _interpolate_row(nodes, z, y, line)
            for x in range(nx):
                pz, py, px = _source_of(line, x)
                # the anatomy is unknown above and below the map
                if pz < np.float32(-0.5) or pz > sz - np.float32(0.5):
                    hu[z, y, x] = np.float32(-1000.0)
                    continue
                iz = min(max(int(pz + 0.5), 0), sz - 1)
                iy = min(max(int(py + 0.5), 0), sy - 1)
                ix = min(max(int(px + 0.5), 0), sx - 1)
                # distance beyond the sides of the map, where the trunk ends
                outside = max(max(-py, py - sy + 1), max(-px, px - sx + 1))
                under = _lerp8(trunk_depth, pz, py, px) * trunk_step
                if outside > 0:
                    under -= outside
                bz, by, bx = iz & _MASK, iy & _MASK, ix & _MASK
                slow, rough, lattice = coarse[bz, by, bx], fine[bz, by, bx], trabecular[bz, by, bx]
                kind = _tissue_at(
                    soft[iz, iy, ix], under, outside, slow, fat_mm, skin_mm, wall_mm, fat_loose
                )
                value = _with_details(
                    soft_hu[kind] + soft_fine[kind] * rough + soft_coarse[kind] * slow,
                    kind, slow, rough, lattice, _is_artery_wall(soft, iz, iy, ix),
                    fat_muscle, gas_bowel, gas_colon, calcified,
                )  # fmt: skip
                code = bone[iz, iy, ix]
                if code > 0 and outside <= 0:
                    spine = _lerp8(spine_depth, pz, py, px) * depth_step
                    other = _lerp8(bone_depth, pz, py, px) * depth_step
                    depth = max(spine, other)
                    if depth > np.float32(-0.5):
                        value = _with_bone(
                            value, depth - excess, marrow_hu[code], cortex_hu[code], shell_mm[code],
                            texture, slow, rough, lattice,
                        )  # fmt: skip
                    if depth > 0:
                        out_bone[z, y, x] = _bone_code(code, spine, other)
                hu[z, y, x] = value
