"""What happens to every awkward real scan, one line each, for the table `AWKWARD.md`.

It contains no patient data.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np

from spineviewer.errors import SpineViewerError
from spineviewer.io.scan import SeveralSeriesError, SeveralWaysError, list_series, read_scan

HEAD = """# Awkward real scans: measured against expected

Written by `tests/io/test_awkward.py` with `SPINEVIEWER_WRITE_TABLES=1`. The test fails if a row is
no longer true, or if a file of the test data has no row. Sizes are slices × rows × columns of the
volume as it is shown.

| item | expected | measured |
|---|---|---|
"""


def measured(path: Path, scratch: Path) -> str:
    """Return what the user is shown for a file or folder; a single DICOM file is opened alone."""
    if path.suffix == ".dcm":
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        shutil.copy(path, scratch)
        path = scratch / path.name
    try:
        volume = read_scan(path)
    except SeveralWaysError as requested:
        ways = "; ".join(series.description for series in requested.listing.series[:6])
        return f"asks: {_told(requested, path)} Offers {ways}."
    except SeveralSeriesError as requested:
        return f"asks which of {len(requested.listing.series)} series to open.{_others(path)}"
    except SpineViewerError as error:
        return f"rejected: {_told(error, path)}"
    spacing = " × ".join(f"{v:.2f}" for v in volume.geometry.spacing_zyx_mm)
    warnings = " ".join(volume.source.warnings) or "no warning"
    sides = "" if volume.source.is_orientation_known else " Sides unknown."
    handed = np.linalg.det(np.array(volume.source.grid.axes_lps)[::-1])
    values = f"{volume.hu.min()} to {volume.hu.max()} HU"
    mirrored = "" if handed > 0 else ", left-handed file"
    text = (
        f"opens, {' × '.join(map(str, volume.hu.shape))}, {spacing} mm, {values}{mirrored}: "
        f"{warnings}{sides}"
    )
    return _line(text + _others(path))


def _others(path: Path) -> str:
    if not path.is_dir():
        return ""
    listing = list_series(path)
    others = f" Also contains: {', '.join(listing.others)}." if listing.others else ""
    return others + (f" Not read: {len(listing.unreadable)} files." if listing.unreadable else "")


def _told(error: SpineViewerError, path: Path) -> str:
    first = str(error).split(" Choose one (--series)", maxsplit=1)[0]
    return _line(
        re.sub(r"Series '[^']*'", "The series", first.rstrip(":").replace(str(path), path.name))
    )


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "/")
