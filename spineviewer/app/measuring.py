"""The pipeline stage that measures the named vertebrae."""

from __future__ import annotations

import time

from spineviewer.app.run_record import RunRecord
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.measurements.measure import STAGE, measure
from spineviewer.measurements.results import Measurements
from spineviewer.progress import Progress
from spineviewer.volume.volume import CtVolume, ProbabilityMap


def measure_scan(
    vertebrae: Vertebrae,
    scan: CtVolume,
    probability: ProbabilityMap | None,
    *,
    progress: Progress | None = None,
) -> Measurements:
    """Return the measurements of a scan's vertebrae, given the acquisition that its files state.

    Raises
    ------
    Cancelled
        When `progress` raises it.
    """
    from spineviewer.io.dicom.acquisition import read_acquisition

    return measure(vertebrae, scan, probability, read_acquisition(scan.source), progress=progress)


def measure_vertebrae(
    vertebrae: Vertebrae,
    scan: CtVolume,
    probability: ProbabilityMap | None,
    run_record: RunRecord,
    progress: Progress | None = None,
) -> tuple[Measurements, RunRecord]:
    """Measure the vertebrae of a scan; also return the run record with this stage added.

    Raises
    ------
    Cancelled
        When `progress` raises it.
    """
    started = time.perf_counter()
    measurements = measure_scan(vertebrae, scan, probability, progress=progress)
    return measurements, run_record.with_stage(STAGE, time.perf_counter() - started)
