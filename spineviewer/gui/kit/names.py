"""Names that several parts of the window show, and long names on little room."""

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

#: Object name of the dialog with the scans of a folder, by which other subjects find it.
STUDY_BROWSER = "study browser"

#: The engine's stages as the reader sees them.
STAGE_NAMES = {
    "start": mark("Starting"),
    "load": mark("Loading the networks"),
    "diffusion": mark("Smoothing the scan"),
    "resample": mark("Resampling"),
    "attention": mark("Finding the spine"),
    "segmentation": mark("Segmenting"),
    "fusion": mark("Fusing"),
}


def shortened(text: str, longest: int) -> str:
    """Shorten long names in the middle, where series numbers are rare."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def distinct_names(places: Sequence[Path], details: Sequence[str] = ()) -> list[str]:
    """Return a name for each path that no other one has.

    It is the name of the file or folder; where several have the same, with as many folders above it
    as are needed. Where a path is there twice (a folder with several series), its detail is
    added.
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
    """Return the name of a file with its folder, for places where others may have the same."""
    return str(Path(*path.parts[-2:])) if path.parts else ""
