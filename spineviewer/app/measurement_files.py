"""Measurement files: tables, JSON, and all other formats that are registered in `WRITERS`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from spineviewer.errors import ExportError
from spineviewer.measurements.results import Measurements
from spineviewer.measurements.table import csv_text, measurements_record, vertebra_record
from spineviewer.volume.volume import ScanSource

#: File name ending of structured reports (DICOM SR).
DICOM_ENDING = ".dcm"


@dataclass(frozen=True)
class MeasurementOrder:
    """The contents of a measurement file.

    Attributes
    ----------
    source
        The scan that was measured; its slices if it is DICOM.
    facts
        How the result was made (`Provenance.fields`).
    segmentation
        The DICOM SEG of the vertebrae that a structured report refers to; None if there is none.
    may_overwrite
        Whether an existing file is replaced.
    """

    measurements: Measurements
    source: ScanSource
    path: Path
    facts: Mapping[str, object] = field(default_factory=dict)
    segmentation: Path | None = None
    may_overwrite: bool = False


def _write_csv(order: MeasurementOrder) -> None:
    from spineviewer.io.write.whole_file import write_bytes

    rows = [vertebra_record(vertebra) for vertebra in order.measurements]
    write_bytes(order.path, csv_text(rows).encode("utf-8"))


def _write_json(order: MeasurementOrder) -> None:
    from spineviewer.io.write.whole_file import write_bytes

    record = {**order.facts, **measurements_record(order.measurements)}
    write_bytes(order.path, (json.dumps(record, indent=2) + "\n").encode("utf-8"))


def _write_dicom(order: MeasurementOrder) -> None:
    from spineviewer.io.write.dicom_spine_sr import write_measurements_sr

    write_measurements_sr(
        order.measurements,
        order.source,
        order.path,
        segmentation=order.segmentation,
        may_overwrite=order.may_overwrite,
    )


#: Writers by file name ending. A writer raises `ExportError` if it cannot write.
WRITERS: dict[str, Callable[[MeasurementOrder], object]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    DICOM_ENDING: _write_dicom,
}


def check_measurements_file(
    path: Path, *, may_overwrite: bool, source: ScanSource | None = None
) -> None:
    """Check before measuring that measurements can be written.

    Parameters
    ----------
    source
        The scan, once it has been read: a structured report needs DICOM slices.

    Raises
    ------
    ExportError
        When no format has this ending, the scan does not suit it, or the file exists and may not be
        overwritten.
    """
    from spineviewer.io.write.whole_file import check_target

    if path.suffix.lower() not in WRITERS:
        raise ExportError(
            "{file} cannot be written: measurements are saved as {endings}.",
            file=path.name,
            endings=", ".join(WRITERS),
        )
    if path.suffix.lower() == DICOM_ENDING and source is not None:
        from spineviewer.io.write.dicom_sr import sr_obstacle

        if obstacle := sr_obstacle(source):
            raise ExportError("{file}: {obstacle}", file=path.name, obstacle=obstacle)
    check_target(path, may_overwrite)


def write_measurements(order: MeasurementOrder) -> None:
    """Write measurements in the format of the file's ending.

    Raises
    ------
    ExportError
        In the same cases as `check_measurements_file`, or when the file cannot be written.
    """
    check_measurements_file(order.path, may_overwrite=order.may_overwrite)
    WRITERS[order.path.suffix.lower()](order)
