"""A picture of the views as a file."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtGui import QImage

from spineviewer.gui.desk import ReadingDesk
from spineviewer.gui.kit.small_files import write_small_file
from spineviewer.gui.views.report_image import png_of
from spineviewer.io.export import PROVENANCE_KEY
from spineviewer.io.whole_file import check_target, write_bytes


def save_picture(desk: ReadingDesk, picture: QImage, path: Path, *, may_overwrite: bool) -> None:
    """Write a picture as PNG, with how what it shows was made, and without any name."""
    picture.setText(PROVENANCE_KEY, json.dumps(desk.facts, sort_keys=True, default=str))

    def write() -> None:
        check_target(path, may_overwrite)
        write_bytes(path, png_of(picture))

    write_small_file(desk, path, write, "picture")
