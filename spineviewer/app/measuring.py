"""The stage of the pipeline that measures the named vertebrae."""

from __future__ import annotations

import time

from spineviewer.app.run_record import RunRecord
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.measurements.measure import STAGE, measure
from spineviewer.measurements.results import Measurements
from spineviewer.progress import Progress
from spineviewer.volume.volume import CtVolume, ProbabilityMap


def measured(
    vertebrae: Vertebrae,
    scan: CtVolume,
    probability: ProbabilityMap | None,
    *,
    progress: Progress | None = None,
) -> Measurements:
    """Return the measurements of a scan, with what its files state about the acquisition.

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
    """Return the measurements of a scan, and the record of the run with this stage added.

    Raises
    ------
    Cancelled
        When `progress` raises it.
    """
    started = time.perf_counter()
    measurements = measured(vertebrae, scan, probability, progress=progress)
    return measurements, run_record.with_stage(STAGE, time.perf_counter() - started)
