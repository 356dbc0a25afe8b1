"""Benchmark of reading a DICOM folder with our child process and with SimpleITK's reader."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import psutil
import SimpleITK as sitk

from spineviewer.bench.benchmark import Benchmark, Outcome, seconds_of
from spineviewer.io.sandbox.prewarmed import PrewarmedReader
from spineviewer.io.scan import read_scan

SLICES, ROWS, COLUMNS = 600, 512, 512
#: A child process that has been idle for this many seconds is ready.
IDLE_S = 0.5
ROOT_UID = "1.2.826.0.1.3680043.2.1125"


@dataclass(frozen=True)
class SeriesTrial:
    """Compares our child process, which checks headers and pixels, with a plain reader.

    The child process is already waiting when the measurement begins, as in the window and on the
    command line. The time without a waiting process is also reported.
    """

    runs: int = 5

    def outcome(self) -> Outcome:
        """Run the benchmark and return its result."""
        with PrewarmedReader() as reader:
            outcome = Benchmark(
                name="read-series",
                against="SimpleITK's series reader",
                target=0.77,
                how=f"{SLICES} slices of {ROWS} x {COLUMNS}, not compressed, in the system's "
                f"cache; ours in a waiting child",
                ours=lambda: read_scan(_folder(), reader=reader),
                theirs=_with_theirs,
                check=_difference,
                runs=self.runs,
                before_ours=lambda: _wait_until_idle(reader),
            ).outcome()
        unprepared = statistics.median(
            seconds_of(lambda: read_scan(_folder())) for _ in range(self.runs)
        )
        return replace(
            outcome, how=f"{outcome.how}; {unprepared:.2f} s if a child has to start first"
        )


def _with_theirs() -> sitk.Image:
    return sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(_folder())))


def _difference() -> str:
    is_equal = np.array_equal(read_scan(_folder()).hu, sitk.GetArrayFromImage(_with_theirs()))
    return "" if is_equal else "the values differ"


def _wait_until_idle(reader: PrewarmedReader) -> None:
    """Start the child process and return once it has finished loading."""
    reader.prepare()
    child = psutil.Process(reader.process_id)
    spent = None
    while spent != child.cpu_times()[:2]:
        spent = child.cpu_times()[:2]
        time.sleep(IDLE_S)


@cache
def _folder() -> Path:
    """Return a series on disk, created once per run in the system's temporary folder."""
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
            "0008|0016": "1.2.840.10008.5.1.4.1.1.2", "0008|0018": f"{ROOT_UID}.1.{number + 1}",
            "0008|0060": "CT",
            "0018|0050": "1", "0020|000d": f"{ROOT_UID}.2", "0020|000e": f"{ROOT_UID}.3",
            "0020|0013": str(number + 1),
            "0020|0032": f"-200\\-200\\{number}", "0020|0037": "1\\0\\0\\0\\1\\0",
            "0020|0052": f"{ROOT_UID}.4",
            "0028|1052": "0", "0028|1053": "1", "0028|1054": "HU",
        }  # fmt: skip
        for tag, value in tags.items():
            image.SetMetaData(tag, value)
        writer.SetFileName(str(folder / f"{number:04d}.dcm"))
        writer.Execute(image)
    return folder
