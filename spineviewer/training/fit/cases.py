"""Training cases on the 1 mm working grid, prepared once and memory-mapped."""

from __future__ import annotations

import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spineviewer.errors import ImageReadError
from spineviewer.io.images.loading import read_labels
from spineviewer.io.scan import read_scan
from spineviewer.io.write.whole_file import write_atomically
from spineviewer.model import PreprocessSettings
from spineviewer.preprocess import diffused, working_volume
from spineviewer.progress import JobProgress
from spineviewer.volume.geometry import Geometry, require_same_geometry
from spineviewer.volume.metal import reduce_metal_streaks
from spineviewer.volume.resample import resample_to_working
from spineviewer.volume.working_grid import WORKING_SPACING_MM

log = logging.getLogger(__name__)

#: Label of voxels where the reference is not trustworthy.
IGNORED = 255
STAMP_FILE = "stamp.json"
#: Files of a case folder; the last is optional.
CASE_FILES = ("ct.nii.gz", "mask.nii.gz", "ignore.nii.gz")
#: Kinds of synthetic cases that are made from real ones.
KINDS_FROM_REAL_CASES = ("in-body", "with-screws")


@dataclass(frozen=True)
class Case:
    """One scan with its reference on the working grid, in the axis order of the networks.

    Attributes
    ----------
    hu
        int16, shape (x, z, y): sagittal slices on the 1 mm grid, after anisotropic diffusion and
        the reduction of metal streaks. Memory-mapped.
    label
        uint8, same shape: 1 spine, 0 background, `IGNORED`.
    spine
        int32, shape (n, 3): up to 20,000 positions of spine voxels, on which blocks are centred.
    mistakes
        int32, shape (n, 3): positions near the spine where an earlier network makes errors
        (`mistakes.with_mistakes`); none by default.
    """

    name: str
    hu: NDArray[np.int16]
    label: NDArray[np.uint8]
    spine: NDArray[np.int32]
    mistakes: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 3), np.int32))


def kind_of(name: str) -> str:
    """Return the kind of a synthetic case, taken from the name that its command gave it.

    ``synthetic-metal-066100`` is ``metal``, ``lidc-0314-in-body-1`` is ``in-body`` and
    ``lidc-0314-with-screws-1`` is ``with-screws``.
    """
    without_seed = re.sub(r"-\d+$", "", name)
    for kind in KINDS_FROM_REAL_CASES:
        if without_seed.endswith(f"-{kind}"):
            return kind
    return without_seed.removeprefix("synthetic-")


def prepare_case(folder: Path, cache: Path, settings: PreprocessSettings) -> Path:
    """Preprocess a case folder into `cache`, unless it is already there; return the new folder.

    A case folder contains `ct.nii.gz`, `mask.nii.gz` and optionally `ignore.nii.gz`.

    Raises
    ------
    ImageReadError, GeometryError
        When a file is missing or the mask and the scan have different grids.
    """
    target, stamp = cache / folder.name, _stamp([folder / name for name in CASE_FILES], settings)
    if _is_prepared(target, stamp):
        return target
    progress = JobProgress()
    volume = read_scan(folder / "ct.nii.gz", progress=progress)
    working = working_volume(volume, settings, threads=1, progress=progress)
    save_case(target, working.hu, working_label(folder, volume.geometry))
    (target / STAMP_FILE).write_text(stamp)
    return target


def working_label(folder: Path, scan: Geometry) -> NDArray[np.uint8]:
    """Return the reference of a case folder on the working grid of its scan.

    uint8, shape (z, y, x): 1 spine, 0 background, `IGNORED`.

    Raises
    ------
    ImageReadError, GeometryError
        When a file is missing or its grid differs from that of the scan.
    """
    spine = _on_working_grid(folder / "mask.nii.gz", scan) >= 500
    label = np.where(spine, np.uint8(1), np.uint8(0))
    if (folder / "ignore.nii.gz").is_file():
        ignored = _on_working_grid(folder / "ignore.nii.gz", scan) > 100
        label[ignored | (without_holes(ignored) & ~spine)] = IGNORED
    return label


def without_holes(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask with its holes filled: bool, shape (z, y, x).

    A hole may be open at the first or last slice. Choice: vertebrae that a scan cuts off are often
    marked by thresholding, which misses their marrow.
    """
    closed = np.pad(marked, ((1, 1), (0, 0), (0, 0)), constant_values=True)
    sides = np.pad(closed, ((0, 0), (1, 1), (1, 1)))
    filled: NDArray[np.bool_] = ndimage.binary_fill_holes(sides)[1:-1, 1:-1, 1:-1]
    return filled


def save_case(target: Path, hu: NDArray[np.int16], label: NDArray[np.uint8]) -> None:
    """Write a case from arrays on the working grid, both of shape (z, y, x).

    `hu` is int16, `label` uint8. Files are written atomically, because several training runs may
    share a cache.
    """
    target.mkdir(parents=True, exist_ok=True)
    for name, values in (("label.npy", label), ("hu.npy", hu)):
        in_order = np.ascontiguousarray(values.transpose(2, 0, 1))
        write_atomically(target / name, partial(np.save, arr=in_order))


def load_case(target: Path) -> Case:
    """Return a prepared case, memory-mapped."""
    label = np.load(target / "label.npy", mmap_mode="r")
    spine = np.argwhere(np.asarray(label) == 1).astype(np.int32)
    chosen = np.random.default_rng(0).permutation(len(spine))[:20000]
    return Case(target.name, np.load(target / "hu.npy", mmap_mode="r"), label, spine[chosen])


def prepare_cases(folders: list[Path], cache: Path, settings: PreprocessSettings) -> list[Case]:
    """Return the cases in these folders, prepared if necessary.

    Raises
    ------
    ImageReadError, GeometryError
        When there is no folder, a file is missing, or a mask and its scan have different grids.
    """
    if not folders:
        raise ImageReadError(
            "There is no training case. Choose a folder whose subfolders contain ct.nii.gz and "
            "mask.nii.gz."
        )
    with ThreadPoolExecutor(2) as pool:
        targets = list(pool.map(lambda folder: prepare_case(folder, cache, settings), folders))
    log.info("%d cases prepared in %s", len(targets), cache)
    return [load_case(target) for target in targets]


def case_folders(data: Path) -> list[Path]:
    """Return the sorted case folders of a data folder, or of its subfolder `train` if it exists."""
    base = data / "train" if (data / "train").is_dir() else data
    return sorted(
        folder
        for folder in base.iterdir()
        if (folder / "ct.nii.gz").is_file() and (folder / "mask.nii.gz").is_file()
    )


def load_synthetic(path: Path, cache: Path, settings: PreprocessSettings) -> Case:
    """Return a synthetic case, prepared unless it is cached with the same settings.

    The .npz file contains `hu` and `mask`, both of shape (z, y, x) at 1 mm.
    """
    target, stamp = cache / path.stem, _stamp([path], settings)
    if not _is_prepared(target, stamp):
        with np.load(path) as arrays:
            geometry = Geometry(arrays["hu"].shape, (WORKING_SPACING_MM,) * 3, (0.0, 0.0, 0.0))
            hu = diffused(arrays["hu"], geometry, settings, threads=1, progress=JobProgress())
            reduce_metal_streaks(hu, settings.metal_hu, threads=1, progress=JobProgress())
            save_case(target, hu, arrays["mask"])
        (target / STAMP_FILE).write_text(stamp)
    return load_case(target)


def _stamp(files: list[Path], settings: PreprocessSettings) -> str:
    """Return the settings and total file size, which show whether a prepared case is current."""
    size = sum(file.stat().st_size for file in files if file.is_file())
    return json.dumps({"settings": asdict(settings), "size": size})


def _is_prepared(target: Path, stamp: str) -> bool:
    return (target / STAMP_FILE).is_file() and (target / STAMP_FILE).read_text() == stamp


def _on_working_grid(path: Path, scan: Geometry) -> NDArray[np.int16]:
    """Return the fraction of a mask's foreground in each working voxel, in thousandths."""
    labels, geometry, _ = read_labels(path)
    require_same_geometry(geometry, scan, f"{path}")
    thousandths = np.where(labels > 0, np.int16(1000), np.int16(0))
    return resample_to_working(thousandths, geometry, threads=1, progress=JobProgress())
