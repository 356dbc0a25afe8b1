"""A picture of the views as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtGui import QImage

from spineviewer.app.open_scan import OpenScan
from spineviewer.gui.reporting.report_image import png_of
from spineviewer.io.write.encoding import PROVENANCE_KEY


def save_picture(scan: OpenScan, picture: QImage, path: Path, *, may_overwrite: bool) -> None:
    """Write a picture as PNG with its run record and without patient or file names."""

    def png(facts: Mapping[str, object]) -> bytes:
        picture.setText(PROVENANCE_KEY, json.dumps(facts, sort_keys=True, default=str))
        return png_of(picture)

    scan.exports.save_picture(path, png, may_overwrite=may_overwrite)
