"""`spineviewer realism`: compare synthetic with real scans.

The output shows histograms of six tissues, sample slices, and how much brighter endplates are than
discs. In both kinds of scan, the tissues are found by their position relative to the vertebrae; fat
and muscle also by their CT values.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from spineviewer.command_parser import CommandParser, description_from
from spineviewer.errors import UsageError
from spineviewer.model import PreprocessSettings
from spineviewer.training.evaluation import plots
from spineviewer.training.evaluation.evaluate import print_to
from spineviewer.training.fit.cases import (
    IGNORED,
    Case,
    case_folders,
    load_synthetic,
    prepare_cases,
)

PERCENTILES = (5, 25, 50, 75, 95)
#: Minimum depth of marrow in mm; bone less than 1 mm deep is cortex.
MARROW_DEPTH_MM = 4.0
#: Soft tissue is sampled at these distances from the vertebrae: muscle and fat of the back, hardly
#: any disc.
NEAR_MM = (6.0, 25.0)
#: Marrow is within this distance above or below an endplate.
ENDPLATE_MM = 6
#: A voxel of a disc has marrow within this distance above and below it.
DISC_MM = 13
#: A voxel of a disc is more than this far from bone.
DISC_FROM_BONE_MM = 1.5
FAT_HU, MUSCLE_HU = (-150, -50), (-10, 110)


def tissue_samples(
    case: Case, rng: np.random.Generator, max_count: int = 40_000
) -> dict[str, NDArray[np.int16]]:
    """Return random CT values (HU) of each tissue in a prepared case: int16, shape (n,).

    Tissues are cortex, marrow, endplates, discs, muscle and fat, without those that are not in
    view. Each has at most `max_count` samples. Muscle and fat are sampled only behind the middle of
    the vertebrae, to exclude bowel and vessels in front of them.
    """
    label = np.asarray(case.label)
    spine = label == 1
    if not spine.any():
        return {}
    places = np.argwhere(spine)
    low, high = np.maximum(places.min(axis=0) - 26, 0), places.max(axis=0) + 27
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    spine, known, hu = spine[box], label[box] != IGNORED, np.asarray(case.hu[box])
    inside = ndimage.distance_transform_edt(spine)
    outside = ndimage.distance_transform_edt(~spine)
    behind = np.arange(spine.shape[2]) > np.median(places[:, 2]) - low[2]
    near = known & (outside > NEAR_MM[0]) & (outside < NEAR_MM[1]) & behind
    marrow = inside > MARROW_DEPTH_MM
    is_end = _extended(~spine, 1) | _extended(~spine, -1)
    near_marrow = _extended(marrow, ENDPLATE_MM) | _extended(marrow, -ENDPLATE_MM)
    between_marrow = _extended(marrow, DISC_MM) & _extended(marrow, -DISC_MM)
    found = {
        "cortex": hu[spine & (inside <= 1.0)],
        "marrow": hu[marrow],
        "endplates": hu[spine & is_end & near_marrow],
        "discs": hu[known & (outside > DISC_FROM_BONE_MM) & between_marrow],
        "muscle": hu[near & (hu > MUSCLE_HU[0]) & (hu < MUSCLE_HU[1])],
        "fat": hu[near & (hu > FAT_HU[0]) & (hu < FAT_HU[1])],
    }
    return {
        name: rng.permutation(values)[:max_count] for name, values in found.items() if values.size
    }


def _extended(places: NDArray[np.bool_], rows: int) -> NDArray[np.bool_]:
    """Return marked voxels, extended along axis 1 by a number of rows; downwards if negative.

    bool, shape (slices, rows, columns).
    """
    out = places.copy()
    for _ in range(abs(rows)):
        if rows > 0:
            out[:, 1:] |= out[:, :-1]
        else:
            out[:, :-1] |= out[:, 1:]
    return out


def endplate_contrast_hu(samples: Mapping[str, NDArray[np.int16]]) -> float | None:
    """Return how much brighter (HU) endplates are than discs; None if either is not in view.

    `samples` is the result of `tissue_samples`: int16, shape (n,).
    """
    if "endplates" not in samples or "discs" not in samples:
        return None
    return float(np.median(samples["endplates"]) - np.median(samples["discs"]))


def _percentiles(values: Sequence[float] | NDArray[np.int16]) -> dict[str, float]:
    return {f"p{p}": float(np.percentile(values, p)) for p in PERCENTILES}


def summary(samples: dict[str, list[NDArray[np.int16]]]) -> dict[str, dict[str, float]]:
    """Return percentiles of each tissue over all cases; samples are int16, shape (n,) per case."""
    return {
        name: _percentiles(np.concatenate(values)) for name, values in samples.items() if values
    }


def slices_picture(real: Sequence[Case], synthetic: Sequence[Case]) -> Image.Image:
    """Return sagittal slices through the spine in a bone window, real above, synthetic below."""
    height = 360
    rows = [[_slice(case, height) for case in cases] for cases in (real, synthetic)]
    width = max(sum(picture.width + 8 for picture in row) for row in rows)
    sheet = Image.new("RGB", (max(width, 100), 2 * (height + 8)), (18, 20, 24))
    for line, row in enumerate(rows):
        left = 0
        for picture in row:
            sheet.paste(picture, (left, line * (height + 8)))
            left += picture.width + 8
    return sheet


def _slice(case: Case, height: int) -> Image.Image:
    place = int(np.median(case.spine[:, 0])) if len(case.spine) else case.hu.shape[0] // 2
    grey = np.clip(
        (np.asarray(case.hu[place], dtype=np.float32) + 500) / 1800 * 255, 0, 255
    ).astype(np.uint8)
    picture = Image.fromarray(grey[::-1])  # rows increase towards the head
    return picture.resize(
        (max(1, round(picture.width * height / picture.height)), height), Image.Resampling.BILINEAR
    )


def main(argv: Sequence[str]) -> int:
    """Run the command; write `histograms.png`, `slices.png` and `realism.json`.

    `slices.png` also shows real patients, so it must not be published.
    """
    options = _parser().parse_args(argv)
    cache = options.cache or options.out / "cases"
    settings = PreprocessSettings()
    real = [
        case
        for case in prepare_cases(case_folders(options.data), cache, settings)
        if len(case.spine)
    ]
    synthetic = [
        load_synthetic(path, cache / "synthetic", settings)
        for path in sorted(options.synthetic.glob("*.npz"))
    ]
    if not real or not synthetic:
        raise UsageError(
            "Real or synthetic scans are missing. Specify folders with at least one real case with "
            "a spine and one synthetic scan (.npz)."
        )
    rng = np.random.default_rng(0)
    sides, contrasts = [], []
    for cases in (real, synthetic):
        samples: dict[str, list[NDArray[np.int16]]] = {}
        of_case = [tissue_samples(case, rng) for case in cases]
        for found in of_case:
            for name, values in found.items():
                samples.setdefault(name, []).append(values)
        sides.append(samples)
        known = [endplate_contrast_hu(found) for found in of_case]
        contrasts.append([value for value in known if value is not None])
    options.out.mkdir(parents=True, exist_ok=True)
    plots.tissue_histograms(*sides).savefig(options.out / "histograms.png")
    slices_picture(real[:6], synthetic[:6]).save(options.out / "slices.png")
    content = {
        "real": summary(sides[0]),
        "synthetic": summary(sides[1]),
        "endplate_contrast_hu": {
            name: _percentiles(values)
            for name, values in zip(("real", "synthetic"), contrasts, strict=True)
            if values
        },
        "cases": [len(real), len(synthetic)],
    }
    text = json.dumps(content, indent=2)
    (options.out / "realism.json").write_text(text + "\n", encoding="utf-8")
    print_to(sys.stdout, text)
    return 0


def _parser() -> CommandParser:
    parser = CommandParser(prog="spineviewer realism", description=description_from(__doc__))
    parser.add_folder("--data", "folder of real cases with masks", is_required=True)
    parser.add_folder("--synthetic", "folder written by 'spineviewer synthesise'", is_required=True)
    parser.add_folder("--out", "folder for table and images", default="out/realism")
    parser.add_folder("--cache", "folder for prepared cases (default: in OUT)")
    return parser
