"""Masks and vertebrae as a DICOM structure set (RTSTRUCT) on the source slices.

Choice: contours run halfway between voxel centres, so that filling them reproduces the mask voxel
for voxel. A hole is a separate contour inside another one; readers exclude it (even-odd rule).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.child import MappedFile, open_mapped
from spineviewer.io.dicom.identity import (
    copied_header,
    copy_identity,
    left_out_notes,
    series_number,
    set_character_set,
)
from spineviewer.io.write.dicom_messages import MakeStructures, SliceGrid, Structure
from spineviewer.io.write.dicom_pages import new_object
from spineviewer.io.write.dicom_seg import (
    LEVEL_CODES,
    SERIES_NUMBER_STEP,
    SPINE_BONE,
    read_headers,
    slices_writer,
)
from spineviewer.io.write.label_table import LabelEntry
from spineviewer.progress import Progress
from spineviewer.volume.volume import ScanSource
from spineviewer.wording import mark, worded

STRUCTURES_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
_STUDY_CLASS = "1.2.840.10008.3.1.2.3.1"
_TITLE = "Spine (Spineviewer)"
_WHOLE_SPINE = Structure(1, "Spine", (49, 216, 230))
#: Decimals of a coordinate in mm.
_DECIMALS = 3


def structures_writer(
    stored: NDArray[np.uint8],
    source: ScanSource,
    provenance: Mapping[str, Any],
    progress: Progress | None = None,
    entries: Sequence[LabelEntry] = (),
) -> Callable[[IO[bytes]], None]:
    """Return a function that writes the structure set to a file's stream.

    It raises the same errors as `write_in_child`.

    Parameters
    ----------
    stored
        uint8, 0 or 1, or the values of `entries`, shape (slices, rows, columns) of the file's own
        grid.
    entries
        Vertebrae, one structure each; if there are none, the whole mask is one structure.

    Raises
    ------
    ExportError
        When `seg_obstacle` returns a reason.
    """
    structures = tuple(Structure(entry.value, entry.name, entry.colour) for entry in entries)

    def request(slices: SliceGrid, mask: MappedFile) -> MakeStructures:
        return MakeStructures(
            slices=slices,
            is_corrected_by_hand=provenance.get("corrected_by_hand") is True,
            structures=structures or (_WHOLE_SPINE,),
            mask=mask,
        )

    stage = worded("Writing the DICOM structure set")
    return slices_writer(stored, source, request, stage, progress)


def closed_lines(segments: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Join the segments of an outline into closed lines.

    Parameters
    ----------
    segments
        float64, shape (segments, 4): x0, y0, x1, y1, as `volume.outline.outline` returns them. Two
        segments meet at each corner.

    Returns
    -------
    For each line an array, float64, shape (points, 2): x, y. The first point is not repeated.
    """
    segments_at: dict[tuple[float, float], list[int]] = {}
    ends = [((x0, y0), (x1, y1)) for x0, y0, x1, y1 in segments.tolist()]
    for number, pair in enumerate(ends):
        for point in pair:
            segments_at.setdefault(point, []).append(number)
    unused, lines = set(range(len(ends))), []
    while unused:
        number = min(unused)
        start, end = ends[number]
        points = [start]
        unused.discard(number)
        while end != start:
            points.append(end)
            number = next(n for n in segments_at[end] if n in unused)
            unused.discard(number)
            end = ends[number][1] if ends[number][0] == end else ends[number][0]
        lines.append(np.array(points))
    return lines


# the child's part


def structures_object(request: MakeStructures) -> tuple[Any, list[str]]:
    """Return the structure set that the parent requests, and sentences about omissions.

    Raises
    ------
    ExportError
        When the source slices lack attributes that a structure set must contain.
    """
    sentence = mark(
        "A DICOM structure set cannot be created from these slices: {reason}. Export NIfTI instead."
    )
    with read_headers(request.slices, sentence) as headers:
        return _structure_set(request, headers)


def _structure_set(request: MakeStructures, headers: list[Any]) -> tuple[Any, list[str]]:
    copied = [copied_header(header) for header in headers]
    images = dict(
        zip(dict.fromkeys(request.slices.files), (copy.image for copy in copied), strict=True)
    )
    first = copied[0].image
    instance = new_object(
        STRUCTURES_CLASS,
        "RTSTRUCT",
        title=_TITLE,
        series=series_number(headers[0], SERIES_NUMBER_STEP + 6),
    )
    copy_identity(instance, copied[0])
    instance.FrameOfReferenceUID = first.FrameOfReferenceUID
    instance.PositionReferenceIndicator = instance.OperatorsName = ""
    instance.StructureSetLabel = "SPINE"
    instance.StructureSetName = _TITLE
    instance.StructureSetDate, instance.StructureSetTime = (
        instance.ContentDate,
        instance.ContentTime,
    )
    instance.ApprovalStatus = "UNAPPROVED"
    del instance.ContentDate, instance.ContentTime
    references = [
        _image_item(images[file], frame if len(images) < len(request.slices.files) else None)
        for file, frame in zip(request.slices.files, request.slices.frames, strict=True)
    ]
    instance.ReferencedFrameOfReferenceSequence = [_frame_item(first, references)]
    mask = np.asarray(open_mapped(request.mask))
    algorithm = "SEMIAUTOMATIC" if request.is_corrected_by_hand else "AUTOMATIC"
    instance.StructureSetROISequence, instance.ROIContourSequence = [], []
    instance.RTROIObservationsSequence = []
    for number, structure in enumerate(request.structures, 1):
        contours = list(_contours(mask == structure.value, request, references))
        instance.StructureSetROISequence.append(_roi_item(number, structure, first, algorithm))
        instance.ROIContourSequence.append(_contour_item(number, structure, contours))
        instance.RTROIObservationsSequence.append(_observation_item(number, structure))
    names = [structure.name for structure in request.structures]
    notes = set_character_set(instance, copied[0], names)
    return instance, [*left_out_notes(copied[0]), *notes]


def _contours(
    mask: NDArray[np.bool_], request: MakeStructures, references: Sequence[Any]
) -> Iterator[Any]:
    """Yield the contours of one structure: bool, shape (slices, rows, columns)."""
    from spineviewer.volume.outline import outline  # compiled loops, which only the child needs

    right, down = np.array(request.slices.orientation[:3]), np.array(request.slices.orientation[3:])
    _, row_mm, column_mm = request.slices.spacing_zyx_mm
    for number in np.flatnonzero(mask.any(axis=(1, 2))).tolist():
        origin = np.array(request.slices.origins_lps_mm[number])
        for line in closed_lines(outline(mask[number])):
            # Pixel (0, 0) covers 0 to 1 on both axes, so its centre, the slice's origin, is at 0.5.
            indices = line - 0.5
            points = origin + np.outer(indices[:, 0] * column_mm, right)
            points += np.outer(indices[:, 1] * row_mm, down)
            item = _item()
            item.ContourImageSequence = [references[number]]
            item.ContourGeometricType = "CLOSED_PLANAR"
            item.NumberOfContourPoints = len(points)
            item.ContourData = [f"{value:.{_DECIMALS}f}" for value in points.ravel()]
            yield item


def _item() -> Any:
    from pydicom.dataset import Dataset

    return Dataset()


def _image_item(image: Any, frame: int | None) -> Any:
    item = _item()
    item.ReferencedSOPClassUID = image.SOPClassUID
    item.ReferencedSOPInstanceUID = image.SOPInstanceUID
    if frame is not None:
        item.ReferencedFrameNumber = frame + 1
    return item


def _frame_item(first: Any, references: Sequence[Any]) -> Any:
    series, study, frame = _item(), _item(), _item()
    series.SeriesInstanceUID = first.SeriesInstanceUID
    series.ContourImageSequence = list(references)
    study.ReferencedSOPClassUID = _STUDY_CLASS
    study.ReferencedSOPInstanceUID = first.StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    frame.FrameOfReferenceUID, frame.RTReferencedStudySequence = first.FrameOfReferenceUID, [study]
    return frame


def _roi_item(number: int, structure: Structure, first: Any, algorithm: str) -> Any:
    item = _item()
    item.ROINumber, item.ROIName = number, structure.name
    item.ReferencedFrameOfReferenceUID = first.FrameOfReferenceUID
    item.ROIGenerationAlgorithm = algorithm
    return item


def _contour_item(number: int, structure: Structure, contours: list[Any]) -> Any:
    item = _item()
    item.ReferencedROINumber, item.ROIDisplayColor = number, list(structure.colour)
    if contours:
        item.ContourSequence = contours
    return item


def _observation_item(number: int, structure: Structure) -> Any:
    item, code = _item(), _item()
    value, scheme, meaning = LEVEL_CODES.get(structure.name, SPINE_BONE)
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    item.ObservationNumber, item.ReferencedROINumber = number, number
    item.ROIObservationLabel = structure.name[:16]
    item.RTROIIdentificationCodeSequence = [code]
    item.RTROIInterpretedType, item.ROIInterpreter = "ORGAN", ""
    return item
