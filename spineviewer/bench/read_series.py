"""The race of the readers: a folder of DICOM slices through the sandbox against SimpleITK's series reader."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from spineviewer.bench.race import Race
from spineviewer.io.scan import read_scan

SLICES, ROWS, COLUMNS = 600, 512, 512
ROOT_UID = "1.2.826.0.1.3680043.2.1125"


def read_series() -> Race:
    """A child process, headers judged one by one and every check included, against the plain reader."""

    def with_theirs() -> sitk.Image:
        return sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(_folder())))

    def check() -> str:
        ours = read_scan(_folder()).hu
        return "" if np.array_equal(ours, sitk.GetArrayFromImage(with_theirs())) else "the values differ"

    return Race(
        name="read-series",
        against="SimpleITK's series reader",
        bar=0.77,
        how=f"{SLICES} slices of {ROWS} x {COLUMNS}, not compressed, in the system's cache; ours in a child process of its own",
        ours=lambda: read_scan(_folder()),
        theirs=with_theirs,
        check=check,
    )


@cache
def _folder() -> Path:
    """A series on the disk, made once for a run of the bench and left to the system's temporary folder."""
    folder = Path(tempfile.gettempdir()) / "spineviewer-bench-series"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    rng = np.random.default_rng(0)
    slab = rng.integers(-1000, 2000, (ROWS, COLUMNS), dtype=np.int16)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for number in range(SLICES):
        image = sitk.GetImageFromArray(np.roll(slab, number, axis=0))
        image.SetSpacing((0.8, 0.8))
        tags = {
            "0008|0016": "1.2.840.10008.5.1.4.1.1.2", "0008|0018": f"{ROOT_UID}.1.{number + 1}", "0008|0060": "CT",
            "0018|0050": "1", "0020|000d": f"{ROOT_UID}.2", "0020|000e": f"{ROOT_UID}.3", "0020|0013": str(number + 1),
            "0020|0032": f"-200\\-200\\{number}", "0020|0037": "1\\0\\0\\0\\1\\0", "0020|0052": f"{ROOT_UID}.4",
            "0028|1052": "0", "0028|1053": "1", "0028|1054": "HU",
        }  # fmt: skip
        for tag, value in tags.items():
            image.SetMetaData(tag, value)
        writer.SetFileName(str(folder / f"{number:04d}.dcm"))
        writer.Execute(image)
    return folder
