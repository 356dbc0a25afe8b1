"""The procedural phantom: a CT scan with an exact mask, computed from formulas alone.

It needs no data and depends only on the arguments and a seed. The program contains one as its
sample scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.command_parser import CommandParser
from spineviewer.errors import UsageError
from spineviewer.io.write.export import write_labels, write_scan
from spineviewer.progress import JobProgress, Progress
from spineviewer.training.synthetic.anatomy import Anatomy, Level
from spineviewer.training.synthetic.ct_physics import Protocol, acquired
from spineviewer.training.synthetic.deformation import (
    NODE_MM,
    Curve,
    Deformation,
    Fracture,
    source_nodes,
)
from spineviewer.training.synthetic.foreign import add_cement, add_metal, add_table, random_rods
from spineviewer.training.synthetic.limbs import head, leg
from spineviewer.training.synthetic.phantom_anatomy import Trunk, column, torso
from spineviewer.training.synthetic.rendering import (
    Materials,
    random_blocks,
    random_materials,
    rendered,
)
from spineviewer.training.synthetic.tissues import Bone, SynthesisRanges, Tissue, is_vertebra
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import AIR_HU, CtVolume, ScanFormat, ScanSource

#: Lower values are air, around the body or in it.
_AIR_BELOW_HU = -940


class PhantomSize(Enum):
    """How much of the body a phantom shows."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class PhantomKind(Enum):
    """The pathology of the phantom, or the part of the body that it shows instead of the spine."""

    PLAIN = "plain"
    WEDGE = "wedge"
    BICONCAVE = "biconcave"
    CRUSH = "crush"
    SCOLIOSIS = "scoliosis"
    CEMENT = "cement"
    METAL = "metal"
    LEG = "leg"
    HEAD = "head"


@dataclass(frozen=True)
class Extent:
    """Field of view.

    Attributes
    ----------
    first, last
        Uppermost and lowest vertebra (VerSe numbers); 24 is L5. The sacrum is below it, in view if
        `below_mm` is positive.
    below_mm
        Distance from the lower edge of the field of view to the upper endplate of the sacrum;
        negative if the field ends above it.
    spine_y
        Position of the lowest bodies between the front (0) and the back (1) of the field of view.
    """

    size_zyx_mm: tuple[int, int, int]
    spacing_zyx_mm: tuple[float, float, float]
    first: int
    last: int
    below_mm: float
    spine_y: float


EXTENTS = {
    PhantomSize.SMALL: Extent((104, 112, 104), (2.0, 1.5, 1.5), 20, 24, -30.0, 0.45),
    PhantomSize.MEDIUM: Extent((240, 176, 176), (1.5, 1.2, 1.2), 17, 24, 40.0, 0.52),
    PhantomSize.LARGE: Extent((345, 292, 346), (1.25, 1.0, 1.0), 13, 24, 84.0, 0.512),
}


@dataclass(frozen=True)
class Phantom:
    """A synthetic scan and its reference.

    Attributes
    ----------
    labels
        uint8 VerSe numbers on the scan's grid; 0 in soft tissue, discs, canal, ribs, sacrum and
        pelvis.
    """

    volume: CtVolume
    labels: NDArray[np.uint8]


def make_phantom(
    seed: int,
    *,
    size: PhantomSize | Extent = PhantomSize.SMALL,
    kind: PhantomKind = PhantomKind.WEDGE,
    spacing_zyx_mm: tuple[float, float, float] | None = None,
    progress: Progress | None = None,
) -> Phantom:
    """Return a phantom; the same arguments give the same scan.

    Parameters
    ----------
    size
        A named field of view or any other one.
    kind
        `WEDGE`, `BICONCAVE` and `CRUSH` compress one vertebra, to 60% of its height where it is
        lowest; `LEG` and `HEAD` show no spine.
    spacing_zyx_mm
        Replaces the size's own spacing.
    """
    progress = progress or JobProgress()
    progress.step("phantom", 0.0)
    rng = np.random.default_rng(seed)
    extent = EXTENTS[size] if isinstance(size, PhantomSize) else size
    if spacing_zyx_mm is not None:
        extent = replace(extent, spacing_zyx_mm=spacing_zyx_mm)
    anatomy = _anatomy(kind, extent, rng)
    progress.step("phantom", 0.5)
    counts = [round(n / s) for n, s in zip(extent.size_zyx_mm, extent.spacing_zyx_mm, strict=True)]
    shape = (counts[0], counts[1], counts[2])
    nodes = _nodes(_deformation(kind, anatomy), extent, shape, rng)
    hu, bones = rendered(anatomy, nodes, shape, _materials(rng), random_blocks(rng))
    ranges = SynthesisRanges().foreign
    if kind is PhantomKind.CEMENT:
        add_cement(hu, bones, rng, ranges)
    add_table(hu, rng)
    if kind is PhantomKind.METAL:
        add_metal(hu, random_rods(anatomy.levels, nodes, rng, ranges), rng, ranges)
    scan = acquired(hu, Protocol(psf_sigma_mm=0.62, noise_hu=9.0, noise_correlation_mm=0.75), rng)
    labels = np.where(is_vertebra(bones), bones % Bone.ARCH, 0).astype(np.uint8)
    progress.step("phantom", 1.0)
    return Phantom(_volume(_packed(scan), extent.spacing_zyx_mm), labels)


def _anatomy(kind: PhantomKind, extent: Extent, rng: np.random.Generator) -> Anatomy:
    shape = extent.size_zyx_mm
    if kind is PhantomKind.LEG:
        return leg(shape, rng)
    if kind is PhantomKind.HEAD:
        return head(shape, rng)
    size = float(rng.uniform(0.95, 1.05))
    base = (extent.below_mm, extent.spine_y * shape[1] + 8, shape[2] / 2)
    spine = column(extent.first, extent.last, base, size)
    trunk = Trunk(150 * size, base[1] - 140 * size, 71 * size)
    diaphragm = next(
        (v.frame.origin_zyx[0] for v in spine.vertebrae if v.number == 17), base[0] + 300
    )
    return torso(shape, spine, trunk, rng, diaphragm_z=diaphragm)


def _deformation(kind: PhantomKind, anatomy: Anatomy) -> Deformation:
    middle = tuple(n / 2 for n in anatomy.soft.shape)
    pivot = (middle[0], middle[1], middle[2])
    plain = Deformation(pivot, elastic_mm=0.9)
    if not anatomy.levels:
        return plain
    if kind is PhantomKind.SCOLIOSIS:
        return replace(plain, lateral=Curve(20.0, 330.0, 0.0))
    heights = {
        PhantomKind.WEDGE: (0.6, 0.8, 1.0),
        PhantomKind.BICONCAVE: (0.95, 0.6, 0.95),
        PhantomKind.CRUSH: (0.6, 0.6, 0.65),
    }
    if kind not in heights:
        return plain
    return replace(
        plain, fractures=(Fracture(fractured_level(anatomy.levels, pivot[0]), *heights[kind]),)
    )


def fractured_level(levels: tuple[Level, ...], middle_z: float) -> Level:
    """Return the level that a fracture phantom compresses.

    It is L1 if it is completely in view, otherwise the level closest to the middle.
    """
    return min(
        levels,
        key=lambda level: (
            level.number != 20 or level.centre_zyx[0] > 2 * middle_z - 30,
            abs(level.centre_zyx[0] - middle_z),
        ),
    )


def _nodes(
    deformation: Deformation, extent: Extent, shape: tuple[int, int, int], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the mapping for a grid of any spacing.

    The mapping on the 1 mm grid is interpolated at the positions of the scan's nodes.
    """
    fine = source_nodes(deformation, extent.size_zyx_mm, rng)
    places = []
    for count, spacing, nodes in zip(shape, extent.spacing_zyx_mm, fine.shape[1:], strict=True):
        index = np.arange(count // NODE_MM + 2) * NODE_MM  # voxel index of the scan's nodes
        places.append(np.clip(((index + 0.5) * spacing - 0.5) / NODE_MM, 0, nodes - 1.001))
    for axis, place in enumerate(places, 1):
        low = np.floor(place).astype(int)
        part = (place - low).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(4)])
        fine = np.take(fine, low, axis=axis) * (1 - part) + np.take(fine, low + 1, axis=axis) * part
    return fine.astype(np.float32)


def _materials(rng: np.random.Generator) -> Materials:
    """Return the materials of a healthy middle-aged adult in the portal venous phase.

    They vary little from seed to seed.
    """
    drawn = random_materials(rng, SynthesisRanges())
    hu = drawn.soft_hu.copy()
    for tissue, value in {
        Tissue.FAT: -103, Tissue.LOOSE: -103, Tissue.MUSCLE: 58, Tissue.DISC: 88,
        Tissue.CANAL: 22, Tissue.LUNG: -850, Tissue.LIVER: 106, Tissue.SPLEEN: 118,
        Tissue.KIDNEY: 165, Tissue.GLAND: 80, Tissue.FLUID: 6, Tissue.BOWEL: 34,
        Tissue.COLON: 22, Tissue.HEART: 130, Tissue.ARTERY: 150, Tissue.VEIN: 138,
        Tissue.SKIN: 25, Tissue.BRAIN: 36,
    }.items():  # fmt: skip
        hu[tissue] = value + rng.uniform(-6, 6)
    numbers = np.arange(1, 29)
    marrow, shell = drawn.marrow_hu.copy(), drawn.shell_mm.copy()
    density = float(rng.uniform(135, 175))
    marrow[numbers] = density + rng.normal(0, 8, 28)
    marrow[Bone.ARCH + numbers] = density + 90
    marrow[[Bone.RIB, Bone.PELVIS, Bone.SACRUM, Bone.LIMB, Bone.SKULL]] = density + np.array(
        [10, -20, -15, -120, 300]
    )
    shell[numbers], shell[Bone.ARCH + numbers] = 0.5, 1.15
    shell[[Bone.RIB, Bone.PELVIS, Bone.SACRUM, Bone.LIMB, Bone.SKULL]] = 0.9, 1.4, 0.8, 4.5, 1.8
    return replace(
        drawn, soft_hu=hu, marrow_hu=marrow, shell_mm=shell,
        cortex_hu=np.full(256, 1150, dtype=np.float32), trabecular=0.16, outline_excess_mm=0.4,
        subcutaneous_mm=17.0, wall_mm=9.0, fat_in_loose=1.9, fat_in_muscle=2.3, bowel_gas=1.6,
        colon_gas=0.35, calcified=1.9,
    )  # fmt: skip


def _packed(hu: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return CT values in steps of 8 HU (less than the noise), and air without noise.

    This makes the file much smaller.
    """
    steps = (np.clip(np.rint(hu / np.float32(8)), -128, 383) * 8).astype(np.int16)
    return np.where(hu < _AIR_BELOW_HU, np.int16(AIR_HU), steps).astype(np.int16)


def _volume(hu: NDArray[np.int16], spacing_zyx_mm: tuple[float, float, float]) -> CtVolume:
    extent = [n * s for n, s in zip(hu.shape, spacing_zyx_mm, strict=True)]
    geometry = Geometry(
        shape_zyx=(hu.shape[0], hu.shape[1], hu.shape[2]),
        spacing_zyx_mm=spacing_zyx_mm,
        origin_lps_mm=(-extent[2] / 2, -extent[1] / 2, -extent[0] / 2),
    )
    source = ScanSource(
        Path("sub-phantom_ct.nii.gz"),
        ScanFormat.MEMORY,
        geometry,
        AxisOrder(),
        description="Phantom",
        modality="CT",
    )
    return CtVolume(hu, geometry, source)


def write_phantom(
    phantom: Phantom, folder: Path, provenance: dict[str, object], *, is_case: bool = False
) -> tuple[Path, Path]:
    """Write the scan and labels under VerSe's names, or as a case for training and evaluation.

    Returns both paths.

    Raises
    ------
    ExportError
        When the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = (
        ("ct.nii.gz", "mask.nii.gz")
        if is_case
        else ("sub-phantom_ct.nii.gz", "sub-phantom_seg-vert_msk.nii.gz")
    )
    scan, labels = (folder / name for name in names)
    write_scan(phantom.volume, scan, provenance)
    write_labels(phantom.labels, phantom.volume.geometry, phantom.volume.source, labels, provenance)
    return scan, labels


def main(argv: Sequence[str] | None = None, progress: Progress | None = None) -> int:
    """Run the command `spineviewer phantom`; return its exit code."""
    parser = CommandParser(
        prog="spineviewer phantom", description="Make a synthetic scan with an exact mask."
    )
    parser.add_output("FOLDER", "folder for scan and mask")
    parser.add_count("--seed", "the same seed gives the same scan", default=1)
    parser.add_argument(
        "--size",
        choices=[s.value for s in PhantomSize],
        default="medium",
        help="how much of the body is shown",
    )
    parser.add_argument(
        "--kind",
        choices=[k.value for k in PhantomKind],
        default="wedge",
        help="pathology or part of the body",
    )
    parser.add_flag("--case", "name the files as a case: ct.nii.gz, mask.nii.gz")
    options = parser.parse_args(argv)
    if options.output.exists() and not options.output.is_dir():
        raise UsageError(f"{options.output} is a file. Specify a folder for the scan and the mask.")
    phantom = make_phantom(
        options.seed,
        size=PhantomSize(options.size),
        kind=PhantomKind(options.kind),
        progress=progress,
    )
    provenance: dict[str, object] = {
        "phantom": options.kind,
        "seed": options.seed,
        "size": options.size,
    }
    write_phantom(phantom, options.output, provenance, is_case=options.case)
    return 0
