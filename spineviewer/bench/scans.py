"""Scans for the benchmarks: the bundled phantom, and a real one if there is one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from spineviewer.io.scan import read_scan
from spineviewer.model import PreprocessSettings
from spineviewer.preprocess import WorkingVolume, working_volume
from spineviewer.progress import JobProgress
from spineviewer.resources import assets_dir
from spineviewer.threads import compute_threads
from spineviewer.volume.volume import CtVolume

#: Environment variable with the folder that contains real scans (`validation/*/ct.nii.gz`). They
#: are only timed.
DATA_VARIABLE = "SPINEVIEWER_DATA"


@dataclass(frozen=True)
class BenchScan:
    """A scan for benchmarks.

    Attributes
    ----------
    name
        Name in the table; a real scan is always called 'a real scan'.
    suffix
        Appended to the names of the scan's rows.
    """

    name: str
    suffix: str
    path: Path

    @property
    def volume(self) -> CtVolume:
        """The scan as stored in its file."""
        return _volume(self.path)

    @property
    def working(self) -> WorkingVolume:
        """The scan on the working grid, as the networks see it."""
        return _working(self.path)

    @property
    def size(self) -> str:
        """Size of the working grid, for the table."""
        return f"{self.name}, {' x '.join(map(str, self.working.geometry.shape_zyx))} mm"


def phantom() -> BenchScan:
    """Return the phantom that is bundled as the sample scan."""
    return BenchScan("the bundled phantom", "", next((assets_dir() / "sample").glob("*_ct.nii.gz")))


def real() -> BenchScan | None:
    """Return the first scan of the data folder; None if there is none."""
    folder = os.environ.get(DATA_VARIABLE, "")
    paths = sorted(Path(folder, "validation").glob("*/ct.nii.gz")) if folder else []
    return BenchScan("a real scan", "-real", paths[0]) if paths else None


@cache
def _volume(path: Path) -> CtVolume:
    return read_scan(path)


@cache
def _working(path: Path) -> WorkingVolume:
    return working_volume(
        _volume(path), PreprocessSettings(), threads=compute_threads(), progress=JobProgress()
    )
