"""Reasons why no DICOM object can be written for a scan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spineviewer.volume.volume import ScanSource
from spineviewer.wording import worded


def seg_obstacle(source: ScanSource) -> str:
    """Return why no DICOM SEG can be written for a scan; empty if one can."""
    if source.slices is None:
        return worded(
            "A DICOM SEG can only be written for DICOM slices. This scan came from another format "
            "or a zip file, or was resampled. Export NIfTI instead."
        )
    if source.slices.missing:
        return worded(
            "A DICOM SEG needs attributes that the DICOM slices lack: {missing}. Export NIfTI "
            "instead.",
            missing=", ".join(source.slices.missing),
        )
    if len(source.slices.frames_of_reference) > 1:
        return worded(
            "A DICOM SEG has one Frame of Reference, but the DICOM slices have {count} different "
            "ones. Export NIfTI instead.",
            count=len(source.slices.frames_of_reference),
        )
    if 1 < len(set(source.slices.files)) < len(source.slices.files):
        return worded(
            "A DICOM SEG can refer to only one multi-frame file, but this scan consists of "
            "several. Export NIfTI instead."
        )
    return missing_slices_obstacle(source.slices.files)


def missing_slices_obstacle(files: Sequence[Path]) -> str:
    """Return a sentence saying that slices no longer exist; empty if all exist."""
    missing = next((path.name for path in files if not path.is_file()), "")
    return (
        worded(
            "The DICOM slices no longer exist (first: {file}). Copy them back to their folder and "
            "try again.",
            file=missing,
        )
        if missing
        else ""
    )
