"""Random synthetic CT scans from label maps, as in SynthSeg, with the effects of a scanner.

All randomness comes from one generator, so a seed determines a scan. The ranges are in
`tissues.py`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.command_parser import CommandParser
from spineviewer.errors import UsageError
from spineviewer.io.write.export import write_labels, write_scan
from spineviewer.progress import JobProgress, Progress
from spineviewer.training.synthetic.anatomy import DEPTH_STEP_MM, Anatomy, Level
from spineviewer.training.synthetic.arms import with_arms
from spineviewer.training.synthetic.ct_physics import acquired, random_protocol
from spineviewer.training.synthetic.deformation import (
    NODE_MM,
    Deformation,
    Fracture,
    random_deformation,
    random_fractures,
    source_nodes,
)
from spineviewer.training.synthetic.devices import (
    add_cables,
    random_fillings,
    random_hip,
    random_pacemaker,
)
from spineviewer.training.synthetic.foreign import add_cement, add_metal, add_table, random_rods
from spineviewer.training.synthetic.kinds import LEVELS, WHOLE_FIELDS, Kind, ranges_for
from spineviewer.training.synthetic.label_sources import (
    LabelSource,
    prepared_bodies,
    prepared_sources,
)
from spineviewer.training.synthetic.rendering import random_blocks, random_materials, rendered
from spineviewer.training.synthetic.tissues import (
    Bone,
    ForeignRanges,
    ShapeRanges,
    SynthesisRanges,
    happens,
    is_vertebra,
    uniform,
)
from spineviewer.volume.geometry import Geometry, index_triple, triple
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource

#: Probability that a scan with a full field of view shows the arms; otherwise they are raised.
ARMS_PROBABILITY = 0.7
#: Extent in mm of a field of view that shows little more than three vertebrae.
SMALL_ZYX = (130, 112, 88)


@dataclass(frozen=True)
class SyntheticScan:
    """A synthetic scan on the 1 mm canonical grid.

    Attributes
    ----------
    hu
        int16, shape (z, y, x).
    mask
        uint8, 1 in vertebrae; discs, canal, ribs, sacrum and pelvis are background.
    bones
        uint8: VerSe number in vertebrae, `Bone` code in other bones, 0 elsewhere.
    """

    hu: NDArray[np.int16]
    mask: NDArray[np.uint8]
    bones: NDArray[np.uint8]


def synthetic_scan(
    source: LabelSource,
    rng: np.random.Generator,
    ranges: SynthesisRanges | None = None,
    *,
    kind: Kind = Kind.MIXED,
    size_zyx: tuple[int, int, int] | None = None,
    has_whole_field: bool = False,
) -> SyntheticScan:
    """Return a random synthetic scan of `source`.

    Parameters
    ----------
    rng
        Source of all randomness; the same state gives the same scan.
    size_zyx
        Extent in mm; None for a random one that suits the kind.
    has_whole_field
        Whether the field of view shows the body from side to side, usually with the arms.

    Raises
    ------
    UsageError
        When the source cannot show this kind.
    """
    ranges = ranges_for(kind, ranges or SynthesisRanges())
    whole = source.anatomy
    if has_whole_field or kind in WHOLE_FIELDS:
        size = size_zyx or random_whole_size(rng)
        if happens(rng, ARMS_PROBABILITY) or kind is Kind.SHOULDERS:
            whole = with_arms(whole, rng)
    else:
        size = size_zyx or (SMALL_ZYX if kind is Kind.SMALL_FIELD else random_size(rng))
    levels = tuple(level for level in whole.levels if _may_be_middle(kind, level))
    if not levels:
        raise UsageError(
            f"{whole.name} has no vertebra for the kind '{kind.value}'. Choose another label map."
        )
    pivot = levels[int(rng.integers(len(levels)))]
    fractures = _fractures_for(kind, rng, ranges.shape, levels, pivot)
    deformation = random_deformation(
        rng, ranges.shape, _off_centre(rng, pivot, size, whole.soft.shape[0]), fractures
    )
    nodes, anatomy, size = _in_view(whole, deformation, size, rng, ranges.shape)
    anatomy = _with_spurs(anatomy, rng, ranges.shape)
    hu, bones = rendered(anatomy, nodes, size, random_materials(rng, ranges), random_blocks(rng))
    if happens(rng, ranges.foreign.cement_probability):
        add_cement(hu, bones, rng, ranges.foreign)
    if happens(rng, ranges.scanner.table_probability):
        add_table(hu, rng)
    if happens(rng, ranges.foreign.metal_probability):
        add_metal(hu, random_rods(anatomy.levels, nodes, rng, ranges.foreign), rng, ranges.foreign)
    _add_devices(hu, bones, anatomy, nodes, rng, ranges.foreign)
    scan = acquired(hu, random_protocol(rng, ranges.scanner), rng)
    mask = is_vertebra(bones)
    numbered = np.where(mask, bones % Bone.ARCH, bones).astype(np.uint8)
    return SyntheticScan(scan, mask.astype(np.uint8), numbered)


def _add_devices(
    hu: NDArray[np.float32],
    bones: NDArray[np.uint8],
    anatomy: Anatomy,
    nodes: NDArray[np.float32],
    rng: np.random.Generator,
    ranges: ForeignRanges,
) -> None:
    """Add devices outside the spine, in place. Each piece of metal has its own streaks."""
    rods = []
    if happens(rng, ranges.filling_probability):
        rods.append(random_fillings(bones, rng))
    if happens(rng, ranges.pacemaker_probability):
        rods.append(random_pacemaker(anatomy.levels, nodes, rng))
    if happens(rng, ranges.hip_probability):
        rods.append(random_hip(bones, rng))
    for piece in rods:
        add_metal(hu, piece, rng, ranges, ranges.device_streak_hu)
    if happens(rng, ranges.cable_probability):
        add_cables(hu, rng)


def _may_be_middle(kind: Kind, level: Level) -> bool:
    return kind not in LEVELS or level.number in LEVELS[kind]


def random_size(rng: np.random.Generator) -> tuple[int, int, int]:
    """Return the extent in mm of a random field of view, from a narrow one to most of the trunk."""
    if happens(rng, 0.3):
        return int(rng.integers(120, 300)), int(rng.integers(128, 192)), int(rng.integers(80, 144))
    return int(rng.integers(160, 360)), int(rng.integers(192, 288)), int(rng.integers(128, 240))


def random_whole_size(rng: np.random.Generator) -> tuple[int, int, int]:
    """Return the extent in mm of a random field of view that shows the body from side to side."""
    return int(rng.integers(180, 420)), int(rng.integers(260, 380)), int(rng.integers(360, 500))


def _fractures_for(
    kind: Kind,
    rng: np.random.Generator,
    ranges: ShapeRanges,
    levels: tuple[Level, ...],
    pivot: Level,
) -> tuple[Fracture, ...]:
    remaining = uniform(rng, (0.45, 0.7))
    if kind is Kind.WEDGE:
        return (Fracture(pivot, remaining, (1 + remaining) / 2, 1.0),)
    if kind is Kind.BICONCAVE:
        return (Fracture(pivot, 0.95, remaining, 0.95),)
    if kind is Kind.CRUSH:
        return (Fracture(pivot, remaining, remaining, remaining + 0.05),)
    return random_fractures(rng, ranges, levels)


def _off_centre(
    rng: np.random.Generator, pivot: Level, size: tuple[int, int, int], height: int
) -> Level:
    """Return the pivot shifted, so that the spine is not always in the middle of the scan.

    Most of the field of view remains on the label map.
    """
    z, y, x = pivot.centre_zyx
    room = [max(0.0, n / 2 - reach) for n, reach in zip(size, (30, 60, 40), strict=True)]
    edge = min(0.35 * size[0], height / 2)
    moved = (
        float(np.clip(z + float(rng.uniform(-1, 1)) * min(room[0], 70), edge, height - edge)),
        y - float(rng.uniform(-0.25, 1)) * min(room[1], 60),
        x + float(rng.uniform(-1, 1)) * min(room[2], 50),
    )
    return replace(pivot, centre_zyx=moved)


def _in_view(
    anatomy: Anatomy,
    deformation: Deformation,
    size: tuple[int, int, int],
    rng: np.random.Generator,
    ranges: ShapeRanges,
) -> tuple[NDArray[np.float32], Anatomy, tuple[int, int, int]]:
    """Return the mapping, the part of the anatomy that it uses, and the remaining size.

    The mapping is relative to the corner of that part. Planes beyond the ends of the label map are
    removed from the field of view.
    """
    nodes = source_nodes(deformation, size, rng, ranges.elastic_node_mm)
    first, last = _known_heights(nodes, anatomy.soft.shape[0])
    nodes = nodes[:, first : last + 2]
    size = (min((last - first) * NODE_MM, size[0] - first * NODE_MM), size[1], size[2])
    low = np.floor(nodes.min(axis=(1, 2, 3))).astype(int) - 3
    high = np.ceil(nodes.max(axis=(1, 2, 3))).astype(int) + 4
    shape = anatomy.soft.shape
    low = np.clip(low, 0, np.array(shape) - 8)
    high = np.clip(high, low + 8, shape)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    levels = tuple(
        replace(level, centre_zyx=triple(np.array(level.centre_zyx) - low))
        for level in anatomy.levels
        if all(a - 40 < c < b + 40 for c, a, b in zip(level.centre_zyx, low, high, strict=True))
    )
    part = Anatomy(
        anatomy.name,
        np.array(anatomy.soft[box]),
        np.array(anatomy.bone[box]),
        np.array(anatomy.spine_depth[box]),
        np.array(anatomy.bone_depth[box]),
        np.array(anatomy.trunk_depth[box]),
        levels,
    )
    return nodes - low.astype(np.float32)[:, None, None, None], part, size


def _known_heights(nodes: NDArray[np.float32], height: int) -> tuple[int, int]:
    """Return the first and last plane of nodes that are almost completely on the label map.

    If there are fewer than 8 such planes, all planes count.
    """
    unknown = ((nodes[0] < 0) | (nodes[0] > height - 1)).mean(axis=(1, 2))
    known = np.nonzero(unknown < 0.03)[0]
    if known.size < 8:
        return 0, nodes.shape[1] - 2
    return int(known[0]), min(int(known[-1]), nodes.shape[1] - 2)


def _with_spurs(anatomy: Anatomy, rng: np.random.Generator, ranges: ShapeRanges) -> Anatomy:
    """Return the anatomy, to which osteophytes and bridges across discs are added in place.

    Osteophytes are at the rims of bodies, bridges in front of discs, as in DISH.
    """
    if not happens(rng, ranges.osteophyte_probability):
        return anatomy
    bridging = happens(rng, ranges.bridging_probability / ranges.osteophyte_probability)
    often = uniform(rng, (0.15, 0.7))
    for level in anatomy.levels:
        if level.number < 3:
            continue
        (z, y, x), (half_z, half_y, half_x) = level.centre_zyx, level.half_zyx
        for end in (-1, 1):
            for _ in range(2):
                if not happens(rng, often):
                    continue
                angle = uniform(rng, (-2.0, 2.0))  # 0 is forwards; never at the back
                middle = (
                    z + end * (half_z - 1),
                    y - half_y * np.cos(angle) * 0.97,
                    x + half_x * np.sin(angle) * 0.97,
                )
                out = uniform(rng, ranges.osteophyte_mm)
                _add_spur(
                    anatomy,
                    middle,
                    (uniform(rng, (1.5, 4.0)), out, out * uniform(rng, (0.8, 2.0))),
                    level.number,
                )
        if bridging and happens(rng, 0.7):
            side = uniform(rng, (-0.2, 0.8))
            middle = (z + half_z + 3, y - half_y * 1.02, x - half_x * side)
            _add_spur(
                anatomy,
                middle,
                (half_z + 5, uniform(rng, (2.5, 6.0)), uniform(rng, (6.0, 14.0))),
                level.number,
            )
    return anatomy


def _add_spur(
    anatomy: Anatomy,
    middle: tuple[float, float, float],
    radii: tuple[float, float, float],
    number: int,
) -> None:
    """Join an ellipsoid to the spine, in place."""
    shape = anatomy.soft.shape
    box = tuple(
        slice(max(0, int(m - r - 3)), min(n, int(m + r + 4)))
        for m, r, n in zip(middle, radii, shape, strict=True)
    )
    if any(b.stop <= b.start for b in box):
        return
    grid = np.meshgrid(*(np.arange(b.start, b.stop) for b in box), indexing="ij", sparse=True)
    unit = np.sqrt(sum(((g - m) / r) ** 2 for g, m, r in zip(grid, middle, radii, strict=True)))
    spur = np.clip((1 - unit) * min(radii) / DEPTH_STEP_MM, -127, 127)
    free = anatomy.bone_depth[box] < 0
    grows = free & (spur > anatomy.spine_depth[box])
    anatomy.spine_depth[box][grows] = spur[grows].astype(np.int8)
    fresh = grows & (spur > -8) & ((anatomy.bone[box] == 0) | (anatomy.bone[box] > 64))
    anatomy.bone[box][fresh] = Bone.ARCH + number


def draw_source(
    sources: Sequence[LabelSource], rng: np.random.Generator, kind: Kind = Kind.MIXED
) -> LabelSource:
    """Return a random source, by weight, from those that can show a kind of scan.

    Raises
    ------
    UsageError
        When no source can.
    """
    sources = [
        source
        for source in sources
        if any(_may_be_middle(kind, level) for level in source.anatomy.levels)
    ]
    if not sources:
        raise UsageError(
            f"No label map shows what the kind '{kind.value}' needs. Choose other label maps "
            "(--maps)."
        )
    weights = np.array([source.weight for source in sources])
    return sources[int(rng.choice(len(sources), p=weights / weights.sum()))]


def write_pool(
    sources: Sequence[LabelSource],
    folder: Path,
    count: int,
    *,
    seed: int,
    kind: Kind = Kind.MIXED,
    has_whole_field: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Write a scan for each seed from `seed` to `seed + count - 1`; existing files are kept.

    Returns all paths. Files are named ``synthetic-<kind>-<seed>.npz``; their arrays are `hu`,
    `mask` and `bones`. They are written completely or not at all, so another process may watch the
    folder.
    """
    progress = progress or JobProgress()
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for done in range(count):
        progress.step("synthetic scans", done / count)
        path = folder / f"synthetic-{_name(kind, has_whole_field)}-{seed + done:06d}.npz"
        paths.append(path)
        if path.exists():
            continue
        rng = np.random.default_rng(seed + done)
        scan = synthetic_scan(
            draw_source(sources, rng, kind), rng, kind=kind, has_whole_field=has_whole_field
        )
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.savez_compressed(file, hu=scan.hu, mask=scan.mask, bones=scan.bones)
        unfinished.replace(path)
    progress.step("synthetic scans", 1.0)
    return paths


def write_cases(
    sources: Sequence[LabelSource],
    folder: Path,
    count: int,
    *,
    seed: int,
    kind: Kind = Kind.MIXED,
    has_whole_field: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the scans that `write_pool` writes, as case folders for `spineviewer evaluate`.

    Returns all paths; existing cases are kept. A case holds `ct.nii.gz`, `mask.nii.gz` and
    `bones.nii.gz`. The masks number the vertebrae as VerSe does; `bones.nii.gz` also holds the
    `Bone` codes of the other bones.
    """
    progress = progress or JobProgress()
    paths = []
    for done in range(count):
        progress.step("synthetic cases", done / count)
        case = folder / f"{_name(kind, has_whole_field)}-{seed + done:06d}"
        paths.append(case)
        if (case / "bones.nii.gz").is_file():  # the last file of a case
            continue
        rng = np.random.default_rng(seed + done)
        scan = synthetic_scan(
            draw_source(sources, rng, kind), rng, kind=kind, has_whole_field=has_whole_field
        )
        geometry = Geometry(index_triple(scan.hu.shape), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
        source = ScanSource(
            case / "ct.nii.gz",
            ScanFormat.MEMORY,
            geometry,
            AxisOrder(),
            description="Synthetic",
            modality="CT",
        )
        facts: dict[str, object] = {"synthetic": kind.value, "seed": seed + done}
        case.mkdir(parents=True, exist_ok=True)
        write_scan(CtVolume(scan.hu, geometry, source), case / "ct.nii.gz", facts)
        write_labels(
            np.where(scan.mask > 0, scan.bones, 0).astype(np.uint8),
            geometry,
            source,
            case / "mask.nii.gz",
            facts,
        )
        write_labels(scan.bones, geometry, source, case / "bones.nii.gz", facts)
    progress.step("synthetic cases", 1.0)
    return paths


def _name(kind: Kind, has_whole_field: bool) -> str:
    return f"whole-{kind.value}" if has_whole_field else kind.value


def main(argv: Sequence[str] | None = None, progress: Progress | None = None) -> int:
    """Run the command `spineviewer synthesise`; return its exit code."""
    options = _parser().parse_args(argv)
    if options.data is None:
        raise UsageError("There is no data folder. Set it with --data or SPINEVIEWER_DATA.")
    if options.count < 1:
        raise UsageError(f"--count is {options.count}. Use 1 or more.")
    progress = progress or JobProgress()
    has_whole_field = options.whole_field or Kind(options.kind) in WHOLE_FIELDS
    sources_of = prepared_bodies if has_whole_field else prepared_sources
    sources = sources_of(
        Path(options.data), options.prepared or options.out / "prepared", progress, options.maps
    )
    write = write_cases if options.cases else write_pool
    write(
        sources,
        options.out,
        options.count,
        seed=options.seed,
        kind=Kind(options.kind),
        has_whole_field=options.whole_field,
        progress=progress,
    )
    return 0


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="spineviewer synthesise",
        description="Make random CT scans with exact masks from label maps, for training. Files "
        "are named synthetic-KIND-SEED.npz and contain the arrays hu, mask and bones. Existing "
        "files are kept, so an interrupted run can be resumed.",
    )
    parser.add_folder(
        "--data",
        "folder that contains labelmaps/ (default: SPINEVIEWER_DATA)",
        default=os.environ.get("SPINEVIEWER_DATA"),
    )
    parser.add_folder("--out", "folder for the scans", is_required=True)
    parser.add_count("--count", "number of scans", default=40)
    parser.add_count(
        "--seed",
        "seed of the first scan; it increases by one for each further scan",
        default=0,
    )
    parser.add_argument(
        "--kind",
        choices=[kind.value for kind in Kind],
        default="mixed",
        help="pathology, device or region that every scan shows",
    )
    parser.add_flag(
        "--whole-field", "show the body from side to side: shoulders, arms, hips, head, table"
    )
    parser.add_folder("--prepared", "folder for prepared label maps (default: OUT/prepared)")
    parser.add_argument(
        "--maps",
        nargs="+",
        default=(),
        metavar="NAME",
        help="label maps to use (default: all), for example ts-s0327+verse009",
    )
    parser.add_flag(
        "--cases", "write case folders for 'spineviewer evaluate' instead of .npz files"
    )
    return parser
