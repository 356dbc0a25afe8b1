"""The mask as a DICOM segmentation object on the source slices, written with highdicom.

It belongs to the patient's study and therefore carries the patient's identity as its source slices do; every other export
carries none.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from spineviewer import __version__
from spineviewer.errors import ExportError
from spineviewer.volume.volume import ScanSource

#: Added to the source's series number, so that viewers list the result behind its scan.
SERIES_NUMBER_STEP = 1000
LONG_TEXT = 64
#: What the standard wants repeated even where it is empty; tools that take names away leave some of it out.
MAY_BE_EMPTY = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber",
    "ReferringPhysicianName",
)  # fmt: skip
#: Without these a segmentation would point nowhere.
MUST_BE_THERE = ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID")


def seg_obstacle(source: ScanSource) -> str:
    """Why no DICOM SEG can be written for a scan; empty when one can."""
    if source.slices is None:
        return "A DICOM SEG points at its DICOM slices; this scan came from another format or an archive, or was resampled."
    missing = [path.name for path in source.slices.files if not path.is_file()]
    return f"The DICOM slices are no longer there (first {missing[0]})." if missing else ""


def seg_writer(stored: NDArray[np.uint8], source: ScanSource, provenance: Mapping[str, Any]) -> Any:
    """A function that writes the segmentation object to a stream.

    Parameters
    ----------
    stored
        0 or 1, shape (slices, rows, columns) of the file's own grid.

    Raises
    ------
    ExportError
        When the source slices lack what a segmentation must repeat.
    """
    if obstacle := seg_obstacle(source):
        raise ExportError(obstacle)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd values in the source's headers, which are repeated as they are
            segmentation = _segmentation(stored, source, provenance)
    except (ValueError, AttributeError, TypeError, KeyError, OSError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        raise ExportError(f"No DICOM SEG can be made from these slices: {reason}. Export NIfTI instead.") from error

    def write(stream: IO[bytes]) -> None:
        segmentation.save_as(stream, enforce_file_format=True)

    return write


def _segmentation(stored: NDArray[np.uint8], source: ScanSource, provenance: Mapping[str, Any]) -> Any:
    from highdicom.content import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
    from highdicom.uid import UID
    from pydicom import dcmread
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    assert source.slices is not None
    files = list(dict.fromkeys(source.slices.files))
    images = [dcmread(path, stop_before_pixels=True) for path in files]
    for image in images:
        if missing := [keyword for keyword in MUST_BE_THERE if not image.get(keyword)]:
            raise ValueError(f"{Path(str(image.filename)).name} has no {', '.join(missing)}, which it must point at")
        for keyword in MAY_BE_EMPTY:
            if keyword not in image:
                setattr(image, keyword, "")
    if len(files) < len(source.slices.files):
        frames = np.zeros((int(images[0].NumberOfFrames), *stored.shape[1:]), np.uint8)
        frames[list(source.slices.frames)] = stored
    else:
        frames = stored
    description = SegmentDescription(
        segment_number=1,
        segment_label="Spine",
        segmented_property_category=Code("123037004", "SCT", "Anatomical Structure"),
        segmented_property_type=Code("51282000", "SCT", "Bone structure of spine"),
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=AlgorithmIdentificationSequence(
            name="Spineviewer",
            family=codes.DCM.ArtificialIntelligence,
            version=__version__,
            parameters={str(name): str(value)[:LONG_TEXT] for name, value in provenance.items() if name != "source"} or None,
        ),
        tracking_uid=UID(),
        tracking_id="Spine",
    )
    return Segmentation(
        source_images=images,
        pixel_array=frames,
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=[description],
        series_instance_uid=UID(),
        series_number=SERIES_NUMBER_STEP + int(images[0].get("SeriesNumber") or 0),
        sop_instance_uid=UID(),
        instance_number=1,
        manufacturer="Spineviewer",
        manufacturer_model_name="Spineviewer",
        software_versions=__version__[:LONG_TEXT],
        device_serial_number=str(provenance.get("weights", "none"))[:LONG_TEXT],
        content_description="Spine mask; research use, not a medical device",
        content_label="SPINE",
        omit_empty_frames=bool(frames.any()),
        series_description="Spine mask (Spineviewer)",
    )
