"""Names that several parts of the window show, and long names on little room."""

from __future__ import annotations

from spineviewer.volume.planes import Plane
from spineviewer.wording import mark

PLANE_NAMES = {
    Plane.AXIAL: mark("Axial"),
    Plane.CORONAL: mark("Coronal"),
    Plane.SAGITTAL: mark("Sagittal"),
}

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
