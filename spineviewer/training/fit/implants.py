"""`spineviewer implant`: put pedicle screws and rods into real cases, for training.

Whole scans are changed instead of blocks, because the reduction of streaks (`volume.metal`) needs
whole slices. The networks then learn from what they will see in the program. The reference does not
change: a screw inside a vertebra counts as vertebra.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.command_parser import CommandParser
from spineviewer.io.scan import read_scan
from spineviewer.io.write.whole_file import write_atomically
from spineviewer.progress import JobProgress, Progress
from spineviewer.training.fit.cases import working_label
from spineviewer.training.synthetic.foreign import Rod, add_metal
from spineviewer.training.synthetic.tissues import ForeignRanges, uniform
from spineviewer.volume.resample import resample_to_working
from spineviewer.volume.volume import AIR_HU

#: Highest CT value that most scanners store.
HIGHEST_HU = 3071
#: Minimum area of the spine in an axial slice that a screw enters.
MIN_MM2 = 80
#: Distance between the slices of neighbouring screws.
LEVEL_MM = (22.0, 36.0)
#: Distances from the midline at which a screw ends and begins.
TIP_MM, HEAD_MM = (4.0, 9.0), (14.0, 24.0)


def with_screws(
    hu: NDArray[np.int16], label: NDArray[np.uint8], rng: np.random.Generator
) -> NDArray[np.int16]:
    """Return a scan with screws on both sides of one to five levels, rods, and their streaks.

    Parameters
    ----------
    hu, label
        int16 and uint8 (1 is spine), shape (z, y, x), on the 1 mm working grid.

    Returns
    -------
    int16, same shape, from `AIR_HU` to `HIGHEST_HU`; no screws if there is no spine.
    """
    ranges = ForeignRanges()
    changed = hu.astype(np.float32)
    add_metal(changed, random_screws(label, rng, ranges), rng, ranges)
    return np.clip(np.rint(changed), AIR_HU, HIGHEST_HU).astype(np.int16)


def random_screws(
    label: NDArray[np.uint8], rng: np.random.Generator, ranges: ForeignRanges
) -> list[Rod]:
    """Return pedicle screws and the rods that join them, in voxels of `label`.

    `label` is uint8, shape (z, y, x), 1 in the spine. A screw runs from the rearmost quarter of the
    spine to the foremost quarter.
    """
    spine = label == 1
    suitable = np.flatnonzero(np.count_nonzero(spine, axis=(1, 2)) >= MIN_MM2)
    if not len(suitable):
        return []
    steps = rng.uniform(*LEVEL_MM, int(rng.integers(5)))
    heights = rng.choice(suitable) + np.concatenate(([0.0], np.cumsum(steps)))
    screw_mm, rod_mm = uniform(rng, ranges.screw_radius_mm), uniform(rng, ranges.rod_radius_mm)
    rods: list[Rod] = []
    for side in (-1, 1):
        heads = []
        for z in heights:
            if int(z) not in suitable:
                continue
            places = np.argwhere(spine[int(z)])
            front, back = np.percentile(places[:, 0], (25, 75))
            middle = float(np.median(places[:, 1]))
            tip = np.array([z - uniform(rng, (0, 5)), front, middle + side * uniform(rng, TIP_MM)])
            head = np.array(
                [z, back + uniform(rng, (-5, 12)), middle + side * uniform(rng, HEAD_MM)]
            )
            outward = (head - tip) / np.linalg.norm(head - tip)
            rods += [Rod(tip, head, screw_mm), Rod(head, head + 5 * outward, screw_mm + 2.2)]
            heads.append(head)
        rods += [Rod(a, b, rod_mm) for a, b in itertools.pairwise(heads)]
    return rods


def write_with_screws(case: Path, out: Path, seed: int, progress: Progress) -> Path:
    """Write `CASE-with-screws-SEED.npz` (`hu` and `mask` at 1 mm) for `train --synthetic`.

    Returns its path.
    """
    scan = read_scan(case / "ct.nii.gz", progress=progress)
    label = working_label(case, scan.geometry)
    hu = resample_to_working(scan.hu, scan.geometry, threads=1, progress=progress)
    changed = with_screws(hu, label, np.random.default_rng(seed))
    path = out / f"{case.name}-with-screws-{seed}.npz"
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda file: np.savez_compressed(file, hu=changed, mask=label))
    return path


def main(argv: Sequence[str] | None = None, progress: Progress | None = None) -> int:
    """Run the command `spineviewer implant`; return its exit code."""
    parser = CommandParser(
        prog="spineviewer implant",
        description="Put pedicle screws, rods and their streaks into real cases, for 'spineviewer "
        "train --synthetic'. Files are named CASE-with-screws-SEED.npz.",
    )
    parser.add_argument(
        "--case",
        type=Path,
        nargs="+",
        required=True,
        metavar="CASE",
        help="folders with ct.nii.gz and mask.nii.gz",
    )
    parser.add_folder("--out", "output folder", is_required=True)
    parser.add_count("--seed", "the same seed gives the same screws", default=1)
    options = parser.parse_args(argv)
    for case in options.case:
        write_with_screws(case, options.out, options.seed, progress or JobProgress())
    return 0
