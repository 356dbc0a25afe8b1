"""Names that several parts of the window show, and short forms of long names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spineviewer.volume.planes import Plane
from spineviewer.wording import mark

PLANE_NAMES = {
    Plane.AXIAL: mark("Axial"),
    Plane.CORONAL: mark("Coronal"),
    Plane.SAGITTAL: mark("Sagittal"),
}

#: Object name of the study browser, by which other parts of the window find it.
STUDY_BROWSER = "study browser"

#: The engine's stages as the user sees them.
STAGE_NAMES = {
    "start": mark("Starting"),
    "load": mark("Loading the networks"),
    "diffusion": mark("Smoothing the scan"),
    "resample": mark("Resampling"),
    "metal": mark("Reducing metal streaks"),
    "attention": mark("Finding the spine"),
    "segmentation": mark("Segmenting"),
    "fusion": mark("Fusing"),
}


def shortened(text: str, longest: int) -> str:
    """Return a name, shortened in the middle because series numbers are usually at the end."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def distinct_names(places: Sequence[Path], details: Sequence[str] = ()) -> list[str]:
    """Return a unique name for each path.

    It is the name of the file or folder, with as many parent folders as needed to make
    it unique. If a path occurs twice (a folder with several series), its detail is appended.
    """
    alike: dict[str, set[Path]] = {}
    for path in places:
        alike.setdefault(path.name, set()).add(path)
    names = []
    for number, path in enumerate(places):
        others, depth = alike[path.name] - {path}, 1
        while depth < len(path.parts) and any(
            other.parts[-depth:] == path.parts[-depth:] for other in others
        ):
            depth += 1
        name = str(Path(*path.parts[-depth:])) if path.parts else ""
        detail = details[number] if details and places.count(path) > 1 else ""
        names.append(f"{name}, {detail}" if detail else name)
    return names


def placed_name(path: Path) -> str:
    """Return the name of a file and its folder, because other files may have the same name."""
    return str(Path(*path.parts[-2:])) if path.parts else ""
