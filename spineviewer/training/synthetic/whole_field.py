"""`spineviewer whole-field`: extend a cropped case to a full field of view.

Cases are often cropped in-plane, so they do not show how a model handles shoulders, arms, hips and
the table. If the original scan is specified (--scan), the reference is put back into it; otherwise
the case is pasted into a synthetic body whose spine is bent to match.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.command_parser import CommandParser, description_from
from spineviewer.errors import GeometryError, UsageError
from spineviewer.io.scan import read_scan
from spineviewer.io.write.export import write_labels, write_scan
from spineviewer.progress import JobProgress, Progress
from spineviewer.training.evaluation.cohort import REFERENCE_FILE, SCAN_FILE
from spineviewer.training.evaluation.pair import IGNORE_FILE
from spineviewer.training.evaluation.reference_case import ReferenceCase, read_reference
from spineviewer.training.synthetic.anatomy import (
    Anatomy,
    Depths,
    LabelVolume,
    body_centres,
    spine_of,
)
from spineviewer.training.synthetic.arms import with_arms
from spineviewer.training.synthetic.ct_physics import acquired, random_protocol
from spineviewer.training.synthetic.deformation import NODE_MM
from spineviewer.training.synthetic.foreign import add_table
from spineviewer.training.synthetic.label_sources import LabelSource, prepared_bodies
from spineviewer.training.synthetic.rendering import random_blocks, random_materials, rendered
from spineviewer.training.synthetic.synthesis import ARMS_PROBABILITY, draw_source
from spineviewer.training.synthetic.tissues import SynthesisRanges, happens, is_vertebra, uniform
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import AIR_HU, CtVolume, ScanFormat, ScanSource

#: Distance over which the edge of a pasted case fades into the body.
FADE_MM = 8.0
#: Minimum number of vertebrae that a body must share with a case to be bent onto it.
MIN_SHARED_LEVELS = 2
#: A crop may be off the grid of its scan by this many voxels.
MAX_MISFIT = 0.1


def uncropped(case: ReferenceCase, scan: CtVolume) -> ReferenceCase:
    """Return the reference of a crop on the scan from which it was cropped.

    Everything that the crop does not show is background.

    Parameters
    ----------
    case
        A part of `scan`, on the same voxel grid.

    Raises
    ------
    GeometryError
        When the crop's grid is not part of the scan's grid.
    """
    place = _place_of(case.scan.geometry, scan.geometry, case.name)
    labels = np.zeros(scan.geometry.shape_zyx, case.labels.dtype)
    labels[place] = case.labels
    ignored: NDArray[np.bool_] | None = None
    if case.ignored is not None:
        ignored = np.zeros(scan.geometry.shape_zyx, np.bool_)
        ignored[place] = case.ignored
    return ReferenceCase(f"{case.name}-whole", scan, labels, ignored)


def _place_of(crop: Geometry, scan: Geometry, name: str) -> tuple[slice, ...]:
    first = scan.index_zyx(crop.point_lps_mm((0.0, 0.0, 0.0)))
    last = scan.index_zyx(crop.point_lps_mm([n - 1 for n in crop.shape_zyx]))
    start, stop = np.rint(first).astype(int), np.rint(last).astype(int) + 1
    misfit = float(max(np.abs(first - start).max(), np.abs(last - stop + 1).max()))
    if misfit > MAX_MISFIT or tuple(stop - start) != crop.shape_zyx:
        raise GeometryError(
            f"{name} was not cropped from that scan: its grid is off by {misfit:.2f} voxels. "
            "Choose the original scan (--scan)."
        )
    if (start < 0).any() or (stop > scan.shape_zyx).any():
        raise GeometryError(
            f"{name} extends beyond the scan that it should have been cropped from. Choose the "
            "original scan (--scan)."
        )
    return tuple(slice(int(a), int(b)) for a, b in zip(start, stop, strict=True))


def pasted(
    case: ReferenceCase, bodies: Sequence[LabelSource], rng: np.random.Generator
) -> ReferenceCase:
    """Return the case in the middle of a synthetic body that fills a full field of view.

    The body is bent, slice by slice, so that its vertebrae coincide with the vertebrae of the case
    that have the same numbers. The edge of the case fades into the body over `FADE_MM`. Vertebrae
    of the body that the case does not cover are ignored in training and evaluation.

    Parameters
    ----------
    case
        A case with numbered vertebrae.
    bodies
        One is drawn from those that share at least `MIN_SHARED_LEVELS` vertebrae with the case.

    Raises
    ------
    UsageError
        When no body fits.
    """
    centres = _body_centres(case)
    suitable = [body for body in bodies if len(_shared(centres, body)) >= MIN_SHARED_LEVELS]
    if not suitable:
        raise UsageError(
            f"No label map shares at least {MIN_SHARED_LEVELS} numbered vertebrae with "
            f"{case.name}. Add label maps, or choose another case."
        )
    anatomy = draw_source(suitable, rng).anatomy
    if happens(rng, ARMS_PROBABILITY):
        anatomy = with_arms(anatomy, rng)
    crop = case.scan.geometry
    margins = _margins(crop, centres, rng)
    nz, ny, nx = (
        n + before + after for n, (before, after) in zip(crop.shape_zyx, margins, strict=True)
    )
    left, posterior, superior = crop.point_lps_mm([-before for before, _ in margins]).tolist()
    grid = replace(crop, shape_zyx=(nz, ny, nx), origin_lps_mm=(left, posterior, superior))
    body_hu, spine = _rendered_on(
        grid, anatomy, _bent_onto(anatomy, centres, margins, grid, rng), rng
    )
    place = tuple(
        slice(before, before + n) for n, (before, _) in zip(crop.shape_zyx, margins, strict=True)
    )
    hu, labels = body_hu, np.zeros(grid.shape_zyx, np.uint8)
    fraction = _fading(crop)
    hu[place] = fraction * np.maximum(case.scan.hu, AIR_HU) + (1 - fraction) * hu[place]
    labels[place] = case.labels
    in_rim = (fraction < 1) & (case.labels == 0) & spine[place]
    ignored = spine
    ignored[place] = in_rim if case.ignored is None else case.ignored | in_rim
    source = ScanSource(
        Path(SCAN_FILE), ScanFormat.MEMORY, grid, AxisOrder(), description="Pasted", modality="CT"
    )
    return ReferenceCase(
        f"{case.name}-in-body",
        CtVolume(np.rint(hu).astype(np.int16), grid, source),
        labels,
        ignored,
    )


def _body_centres(case: ReferenceCase) -> dict[int, NDArray[np.float64]]:
    """Return the centre of each numbered vertebral body in mm from the case's corner, (z, y, x)."""
    numbers = [int(n) for n in np.unique(case.labels) if n > 0]
    if max(numbers, default=0) <= 1:
        return {}
    volume = LabelVolume(
        case.labels, case.scan.geometry.spacing_zyx_mm, {n: n for n in numbers}, case.name
    )
    z, y, x = (max(1, round(n)) for n in case.scan.geometry.extent_zyx_mm)
    return body_centres(spine_of(volume, Depths((z, y, x))))


def _shared(centres: Mapping[int, NDArray[np.float64]], body: LabelSource) -> list[int]:
    return [level.number for level in body.anatomy.levels if level.number in centres]


def _margins(
    crop: Geometry, centres: Mapping[int, NDArray[np.float64]], rng: np.random.Generator
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Return the number of voxels added before and after the case along z, y and x."""
    spine = np.mean(list(centres.values()), axis=0)
    reach = (
        (0.0, 0.0),
        (uniform(rng, (170, 230)), uniform(rng, (95, 130))),
        (uniform(rng, (190, 240)), uniform(rng, (190, 240))),
    )
    (_, _), (front, back), (right, left) = (
        (max(0, round((before - at) / step)), max(0, round((after - n * step + at) / step)))
        for (before, after), at, n, step in zip(
            reach, spine, crop.shape_zyx, crop.spacing_zyx_mm, strict=True
        )
    )
    return (0, 0), (front, back), (right, left)


def _bent_onto(
    anatomy: Anatomy,
    centres: Mapping[int, NDArray[np.float64]],
    margins: tuple[tuple[int, int], ...],
    grid: Geometry,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return a mapping that makes vertebrae with the same number coincide (see `source_nodes`)."""
    levels = sorted(
        (level for level in anatomy.levels if level.number in centres),
        key=lambda level: -level.number,
    )
    corner = np.array(
        [before * step for (before, _), step in zip(margins, grid.spacing_zyx_mm, strict=True)]
    )
    there = np.array([centres[level.number] + corner for level in levels])
    here = np.array([level.centre_zyx for level in levels])
    z, y, x = (
        np.arange(round(n) // NODE_MM + 2, dtype=np.float64) * NODE_MM for n in grid.extent_zyx_mm
    )
    inside = np.clip(z, there[0, 0], there[-1, 0])
    source_z = np.interp(inside, there[:, 0], here[:, 0]) + z - inside
    row, column, source_row, source_column = (
        ndimage.gaussian_filter1d(np.interp(z, there[:, 0], places), 3.0, mode="nearest")
        for places in (there[:, 1], there[:, 2], here[:, 1], here[:, 2])
    )
    size = uniform(rng, (1.0, 1.15))  # wider than the slim bodies of the label maps
    source_y = source_row[:, None] + (y - row[:, None]) / size
    source_x = source_column[:, None] + (x - column[:, None]) / size
    shape = (len(z), len(y), len(x))
    return np.stack(
        [
            np.broadcast_to(source_z[:, None, None], shape),
            np.broadcast_to(source_y[:, :, None], shape),
            np.broadcast_to(source_x[:, None, :], shape),
        ]
    ).astype(np.float32)


def _rendered_on(
    grid: Geometry, anatomy: Anatomy, nodes: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the CT values of the body and the mask of its vertebrae on a grid of any spacing."""
    ranges = SynthesisRanges()
    z, y, x = (round(n) for n in grid.extent_zyx_mm)
    ideal, bones = rendered(
        anatomy, nodes, (z, y, x), random_materials(rng, ranges), random_blocks(rng)
    )
    if happens(rng, ranges.scanner.table_probability):
        add_table(ideal, rng)
    fine = acquired(
        ideal, replace(random_protocol(rng, ranges.scanner), slice_axis=0, padding_hu=None), rng
    ).astype(np.float32)
    spine = is_vertebra(bones).astype(np.float32)
    at = np.meshgrid(
        *(
            (np.arange(n) + 0.5) * s - 0.5
            for n, s in zip(grid.shape_zyx, grid.spacing_zyx_mm, strict=True)
        ),
        indexing="ij",
    )
    widths = [max(1, round(s)) for s in grid.spacing_zyx_mm]
    hu, fraction = (
        ndimage.map_coordinates(ndimage.uniform_filter(values, widths), at, order=1, mode="nearest")
        for values in (fine, spine)
    )
    return hu, fraction > 0.3


def _fading(crop: Geometry) -> NDArray[np.float32]:
    """Return 1 inside a crop, falling to 0 at its edges in the plane: shape (1, y, x)."""
    falling = []
    for n, step in zip(crop.shape_zyx[1:], crop.spacing_zyx_mm[1:], strict=True):
        place = (np.arange(n) + 0.5) * step
        falling.append(np.clip(np.minimum(place, n * step - place) / FADE_MM, 0, 1))
    fraction = np.minimum(falling[0][:, None], falling[1][None, :])
    return np.asarray(fraction[None], np.float32)


def write_case(case: ReferenceCase, folder: Path, facts: dict[str, object]) -> None:
    """Write a case folder: scan, reference and, if there are any, the ignored voxels.

    Raises
    ------
    ExportError
        When a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    grid, source = case.scan.geometry, case.scan.source
    write_scan(case.scan, folder / SCAN_FILE, facts)
    write_labels(case.labels.astype(np.uint8), grid, source, folder / REFERENCE_FILE, facts)
    if case.ignored is not None:
        write_labels(case.ignored.astype(np.uint8), grid, source, folder / IGNORE_FILE, facts)


def main(argv: Sequence[str] | None = None, progress: Progress | None = None) -> int:
    """Run the command `spineviewer whole-field`; return its exit code."""
    options = _parser().parse_args(argv)
    case = read_reference(options.case)
    if options.scan is not None:
        whole = uncropped(case, read_scan(options.scan, progress=progress or JobProgress()))
        write_case(whole, options.out / whole.name, {"whole_field": "uncropped"})
        return 0
    if options.data is None:
        raise UsageError(
            "There is neither a scan nor a folder of label maps. Specify one with --scan, --data "
            "or SPINEVIEWER_DATA."
        )
    bodies = prepared_bodies(
        Path(options.data), options.prepared or options.out / "prepared", progress or JobProgress()
    )
    whole = replace(
        pasted(case, bodies, np.random.default_rng(options.seed)),
        name=f"{case.name}-in-body-{options.seed}",
    )
    write_case(whole, options.out / whole.name, {"whole_field": "pasted", "seed": options.seed})
    return 0


def _parser() -> CommandParser:
    parser = CommandParser(prog="spineviewer whole-field", description=description_from(__doc__))
    parser.add_argument(
        "--case",
        type=Path,
        required=True,
        metavar="CASE",
        help="folder with ct.nii.gz and mask.nii.gz",
    )
    parser.add_file("--scan", "the scan that the case was cropped from", metavar="SCAN")
    parser.add_folder(
        "--data",
        "folder that contains labelmaps/ (default: SPINEVIEWER_DATA)",
        default=os.environ.get("SPINEVIEWER_DATA"),
    )
    parser.add_folder("--prepared", "folder for prepared label maps (default: OUT/prepared)")
    parser.add_count("--seed", "the same seed gives the same body", default=1)
    parser.add_folder("--out", "folder in which the case folder is written", is_required=True)
    return parser
