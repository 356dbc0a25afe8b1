"""Names that several parts of the window show, and short forms of long names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spineviewer.compiled import PREPARING
from spineviewer.gui.kit.language import tr
from spineviewer.progress import ProgressUpdate
from spineviewer.volume.planes import Plane
from spineviewer.volume.scan_name import distinctive_path
from spineviewer.wording import formatted_number, mark

PLANE_NAMES = {
    Plane.AXIAL: mark("Axial"),
    Plane.CORONAL: mark("Coronal"),
    Plane.SAGITTAL: mark("Sagittal"),
}
#: Names of the planes in a scan whose orientation is unknown: what each of their pictures shows.
STORED_PLANE_NAMES = {
    Plane.AXIAL: mark("Slices"),
    Plane.CORONAL: mark("Rows"),
    Plane.SAGITTAL: mark("Columns"),
}

#: Object name of the study browser, by which other parts of the window find it.
STUDY_BROWSER = "study browser"

#: Names of the pipeline's stages for the user.
STAGE_NAMES = {
    "start": mark("Starting"),
    "load": mark("Loading the networks"),
    "diffusion": mark("Smoothing the scan"),
    "resample": mark("Resampling"),
    "metal": mark("Reducing streaks"),
    "attention": mark("Finding the spine"),
    "segmentation": mark("Segmenting"),
    "fusion": mark("Combining the results"),
}


def has_known_fraction(update: ProgressUpdate) -> bool:
    """Return whether an update states what fraction is done; updates about compilation do not."""
    return update.stage != PREPARING


def progress_text(update: ProgressUpdate) -> str:
    """Return the stage of a running computation and, if known, how much of it is done."""
    stage = tr(STAGE_NAMES.get(update.stage, update.stage))
    percent = tr(formatted_number(100 * update.fraction, ".0f", "%"))
    return f"{stage} {percent}" if has_known_fraction(update) else stage


def shortened(text: str, max_length: int) -> str:
    """Return a name, shortened in the middle because series numbers are usually at the end."""
    if len(text) <= max_length:
        return text
    half = (max_length - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def distinct_names(paths: Sequence[Path], details: Sequence[str] = ()) -> list[str]:
    """Return a unique name for each path.

    It consists of the name of the file or folder and as many parent folders as necessary, at least
    those that make a generic name distinctive. If a path occurs twice (a folder with several
    series), its entry in `details` is appended.
    """
    by_name: dict[str, set[Path]] = {}
    for path in paths:
        by_name.setdefault(path.name, set()).add(path)
    names = []
    for number, path in enumerate(paths):
        others, depth = by_name[path.name] - {path}, _distinctive_depth(path)
        while depth < len(path.parts) and any(
            other.parts[-depth:] == path.parts[-depth:] for other in others
        ):
            depth += 1
        name = str(Path(*path.parts[-depth:])) if path.parts else ""
        detail = details[number] if details and paths.count(path) > 1 else ""
        names.append(f"{name}, {detail}" if detail else name)
    return names


def _distinctive_depth(path: Path) -> int:
    """Return how many of a path's last parts are necessary to recognise it."""
    return len(path.parts) - len(distinctive_path(path).parts) + 1
