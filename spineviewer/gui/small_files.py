"""Small results: a picture of the views, the table of measurements. What they show is what the window shows when it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QImage

from spineviewer.app.jobs import Failed, JobKind, Outcome
from spineviewer.app.measuring import as_csv
from spineviewer.gui.desk import Level, Notice, ReadingDesk
from spineviewer.gui.language import tr
from spineviewer.gui.views.report_image import png_of
from spineviewer.io.export import PROVENANCE_KEY
from spineviewer.io.sidecar import sidecar_of, write_sidecar
from spineviewer.io.whole_file import check_target, write_bytes


def save_picture(desk: ReadingDesk, picture: QImage, path: Path, *, may_overwrite: bool) -> None:
    """Write a picture as PNG, in the background; how what it shows was made stands in it, no name does."""
    picture.setText(PROVENANCE_KEY, json.dumps(desk.facts, sort_keys=True, default=str))

    def write() -> None:
        check_target(path, may_overwrite)
        write_bytes(path, png_of(picture))

    _written(desk, path, write, "picture")


def save_table(desk: ReadingDesk, path: Path) -> None:
    """Write all measurements as CSV, in the background."""
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

    _written(desk, path, write, "table")


def _written(desk: ReadingDesk, path: Path, write: Callable[[], None], topic: str) -> None:
    def tell(outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            desk.noticed.emit(Notice(Level.BAD, outcome.message, topic))
        else:
            text = tr("Saved {file} to {folder}", file=path.name, folder=path.parent)
            desk.noticed.emit(Notice(Level.INFO, text, topic, paths=(path,)))

    desk.runner.write(JobKind.SMALL_FILE, write, on_end=tell)
