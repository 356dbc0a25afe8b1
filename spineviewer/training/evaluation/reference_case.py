"""Cases with their references, and the results of both networks on whole scans."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.fusion import Fusion
from spineviewer.inference.backends.backend import Backend
from spineviewer.inference.localise import localise
from spineviewer.inference.segment import empty_probability, segment, slice_interest
from spineviewer.io.images.loading import read_labels
from spineviewer.io.scan import read_scan
from spineviewer.model import PreprocessSettings
from spineviewer.preprocess import working_volume
from spineviewer.progress import JobProgress
from spineviewer.threads import compute_threads
from spineviewer.training.evaluation.cohort import REFERENCE_FILE, SCAN_FILE
from spineviewer.training.evaluation.pair import IGNORE_FILE
from spineviewer.volume.geometry import require_same_geometry
from spineviewer.volume.volume import CtVolume


@dataclass(frozen=True, eq=False)
class ReferenceCase:
    """A scan and its reference on the same grid.

    Attributes
    ----------
    labels
        Shape (z, y, x); non-zero is spine, with VerSe numbers if the reference has them.
    ignored
        bool, shape (z, y, x): where the reference is not trustworthy; None if it is trusted
        everywhere.
    """

    name: str
    scan: CtVolume
    labels: NDArray[np.integer]
    ignored: NDArray[np.bool_] | None

    @property
    def spine(self) -> NDArray[np.bool_]:
        """The spine without numbers: bool, shape (z, y, x)."""
        return self.labels > 0


def read_reference(case: Path) -> ReferenceCase:
    """Return the case in a folder.

    Raises
    ------
    ImageReadError, GeometryError
        When a file cannot be read or its grid is not that of the scan.
    """
    scan = read_scan(case / SCAN_FILE, progress=JobProgress())
    labels, grid, _ = read_labels(case / REFERENCE_FILE)
    require_same_geometry(
        grid, scan.geometry, f"{case.name}: {REFERENCE_FILE} is not on the grid of {SCAN_FILE}"
    )
    ignored: NDArray[np.bool_] | None = None
    if (case / IGNORE_FILE).is_file():
        marked, ignored_grid, _ = read_labels(case / IGNORE_FILE)
        require_same_geometry(
            ignored_grid,
            scan.geometry,
            f"{case.name}: {IGNORE_FILE} is not on the grid of {SCAN_FILE}",
        )
        ignored = marked > 0
    return ReferenceCase(case.resolve().name, scan, labels, ignored)


def run_networks(scan: CtVolume, backend: Backend, settings: PreprocessSettings) -> Fusion:
    """Return the results of both networks for every voxel of the scan."""
    progress = JobProgress()
    working = working_volume(scan, settings, threads=compute_threads(), progress=progress)
    attention = localise(working, backend, settings=settings, progress=progress)
    slices = working.geometry.shape_zyx[2]
    probability = segment(
        working,
        backend,
        known=empty_probability(working),
        wanted=np.ones(slices, np.bool_),
        interest=slice_interest(attention, slices),
        settings=settings,
        progress=progress,
        on_chunk=lambda _: None,
    )
    return Fusion(attention, probability)
