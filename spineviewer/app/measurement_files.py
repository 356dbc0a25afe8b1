"""Files with vertebral measurements: tables, JSON and structured reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from spineviewer.app.provenance import Provenance
from spineviewer.errors import ExportError
from spineviewer.volume.volume import ScanSource

if TYPE_CHECKING:
    from spineviewer.measurements.results import Measurements

#: File extension of structured reports (DICOM SR).
DICOM_EXTENSION = ".dcm"


#: File extensions of all formats.
_EXTENSIONS = (".csv", ".json", DICOM_EXTENSION)


def check_measurements_file(
    path: Path, *, may_overwrite: bool, source: ScanSource | None = None
) -> None:
    """Check that measurements can be written, before they are computed.

    Parameters
    ----------
    source
        The scan if it has been read: a structured report needs DICOM slices.

    Raises
    ------
    ExportError
        When no format has this extension, the format does not suit the scan, or the file exists and
        may not be overwritten.
    """
    from spineviewer.io.write.whole_file import check_target

    if path.suffix.lower() not in _EXTENSIONS:
        raise ExportError(
            "{file} cannot be written: measurements are saved as {endings}. Choose one of these "
            "extensions.",
            file=path.name,
            endings=", ".join(_EXTENSIONS),
        )
    if path.suffix.lower() == DICOM_EXTENSION and source is not None:
        from spineviewer.io.write.dicom_sr import sr_obstacle

        if obstacle := sr_obstacle(source):
            raise ExportError("{file}: {obstacle}", file=path.name, obstacle=obstacle)
    check_target(path, may_overwrite)


def write_measurements(
    measurements: Measurements,
    provenance: Provenance,
    path: Path,
    segmentation: Path | None = None,
    may_overwrite: bool = False,
) -> None:
    """Write measurements in the format of the file's extension, which must have been checked.

    Parameters
    ----------
    segmentation
        DICOM SEG to which a structured report refers for the vertebrae; None if there is none.

    Raises
    ------
    ExportError
        When the file cannot be written.
    """
    from spineviewer.io.write.whole_file import write_bytes
    from spineviewer.measurements.table import csv_text, measurements_record, vertebra_record

    extension = path.suffix.lower()
    if extension == DICOM_EXTENSION:
        from spineviewer.io.write.dicom_spine_sr import write_measurements_sr

        write_measurements_sr(
            measurements,
            provenance.source,
            path,
            segmentation=segmentation,
            may_overwrite=may_overwrite,
        )
    elif extension == ".json":
        record = {**provenance.fields, **measurements_record(measurements)}
        write_bytes(path, (json.dumps(record, indent=2) + "\n").encode("utf-8"))
    else:
        rows = [vertebra_record(vertebra) for vertebra in measurements]
        write_bytes(path, csv_text(rows).encode("utf-8"))
