"""The measurements of a scan as a file."""

from __future__ import annotations

from pathlib import Path

from spineviewer.app.measuring import as_csv
from spineviewer.gui.desk import ReadingDesk
from spineviewer.gui.kit.small_files import write_small_file
from spineviewer.io.sidecar import sidecar_of, write_sidecar
from spineviewer.io.whole_file import check_target, write_bytes


def save_table(desk: ReadingDesk, path: Path) -> None:
    """Write all measurements of the scan in front as CSV, as they are when this is called."""
    reading = desk.reading
    if reading is None:
        return
    table = as_csv(reading.measurements, reading.scan.geometry, reading.scan.hu).encode("utf-8")
    facts = desk.facts

    def write() -> None:
        for target in (path, sidecar_of(path)):
            check_target(target, overwrite=True)
        write_bytes(path, table)
        write_sidecar(path, facts)

    write_small_file(desk, path, write, "table")
