"""The mask as a DICOM segmentation object on the source slices, written with highdicom in a child process (`dicom_child.py`).

It belongs to the patient's study and therefore carries the patient's identity as its source slices do; every other export
carries none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from spineviewer import __version__
from spineviewer.child import MappedArrays, Message, open_mapped
from spineviewer.errors import ExportError
from spineviewer.io.dicom import with_decimal_points
from spineviewer.io.dicom_child import write_in_child
from spineviewer.progress import Progress, SilentProgress
from spineviewer.volume.volume import ScanSource
from spineviewer.wording import worded

#: Added to the source's series number, so that viewers list the result behind its scan.
SERIES_NUMBER_STEP = 1000
LONG_TEXT = 64
#: What the standard wants repeated even where it is empty; tools that take names away leave some of it out.
MAY_BE_EMPTY = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber",
    "ReferringPhysicianName",
)  # fmt: skip
#: Without these a segmentation would point nowhere.
MUST_BE_THERE = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID")


def seg_obstacle(source: ScanSource) -> str:
    """Why no DICOM SEG can be written for a scan; empty when one can."""
    if source.slices is None:
        return worded(
            "A DICOM SEG points at its DICOM slices; this scan came from another format or an archive, or was resampled."
        )
    if source.slices.missing:
        return worded(
            "A DICOM SEG must refer to attributes that the DICOM slices lack: {missing}.",
            missing=", ".join(source.slices.missing),
        )
    if len(source.slices.frames_of_reference) > 1:
        return worded(
            "A DICOM SEG has one Frame of Reference, but the DICOM slices name {count} different ones.",
            count=len(source.slices.frames_of_reference),
        )
    if 1 < len(set(source.slices.files)) < len(source.slices.files):
        return worded("A DICOM SEG can refer to one multi-frame file only; this scan consists of several.")
    missing = [path.name for path in source.slices.files if not path.is_file()]
    return worded("The DICOM slices are no longer there (first {file}).", file=missing[0]) if missing else ""


def seg_writer(
    stored: NDArray[np.uint8], source: ScanSource, provenance: Mapping[str, Any], progress: Progress | None = None
) -> Callable[[IO[bytes]], None]:
    """A function that writes the segmentation object to a named file's stream; it raises as `write_in_child`.

    Parameters
    ----------
    stored
        0 or 1, shape (slices, rows, columns) of the file's own grid.

    Raises
    ------
    ExportError
        When the scan has no DICOM slices.
    """
    if obstacle := seg_obstacle(source):
        raise ExportError(obstacle)
    assert source.slices is not None
    request = {
        "object": "seg",
        "files": [str(path) for path in source.slices.files],
        "frames": source.slices.frames,
        "weights": str(provenance.get("weights", "none")),
        "parameters": {str(name): str(value) for name, value in provenance.items() if name != "source"},
    }

    def write(stream: IO[bytes]) -> None:
        with MappedArrays(stored.size) as arrays:
            mapped = arrays.create("mask", stored.shape, np.uint8)
            mapped[...] = stored
            mask = arrays.description("mask", mapped)
            write_in_child(stream, {**request, "mask": mask}, worded("Writing the DICOM SEG"), progress or SilentProgress())

    return write


# the child's part


def seg_object(request: Message) -> Any:
    """The segmentation object that the parent asks for.

    Raises
    ------
    ExportError
        When the source slices lack what a segmentation must repeat.
    """
    try:
        return _segmentation(request)
    except (ValueError, AttributeError, TypeError, KeyError, OSError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        raise ExportError(
            worded("No DICOM SEG can be made from these slices: {reason}. Export NIfTI instead.", reason=reason)
        ) from error


def _segmentation(request: Message) -> Any:
    from highdicom.content import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
    from highdicom.uid import UID
    from pydicom import dcmread
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    stored = np.asarray(open_mapped(request["mask"]))
    files = list(dict.fromkeys(request["files"]))
    images = [with_decimal_points(dcmread(path, stop_before_pixels=True)) for path in files]
    for image in images:
        if missing := [keyword for keyword in MUST_BE_THERE if not image.get(keyword)]:
            raise ValueError(
                worded(
                    "{file} has no {missing}, which it must point at",
                    file=Path(str(image.filename)).name,
                    missing=", ".join(missing),
                )
            )
        for keyword in MAY_BE_EMPTY:
            if keyword not in image:
                setattr(image, keyword, "")
    if len(files) < len(request["files"]):
        frames = np.zeros((int(images[0].NumberOfFrames), *stored.shape[1:]), np.uint8)
        frames[request["frames"]] = stored
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
            parameters={name: value[:LONG_TEXT] for name, value in request["parameters"].items()} or None,
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
        device_serial_number=request["weights"][:LONG_TEXT],
        content_description="Spine mask; research use, not a medical device",
        content_label="SPINE",
        omit_empty_frames=bool(frames.any()),
        series_description="Spine mask (Spineviewer)",
    )
