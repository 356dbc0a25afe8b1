"""The mask as a DICOM segmentation on the source slices, written in a child process.

Like all DICOM objects here, it belongs to the patient's study and therefore contains the patient's
identity, as the source slices do. Files in other formats contain none.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from spineviewer import __version__
from spineviewer.child import MappedArrays, MappedFile, open_mapped
from spineviewer.errors import ExportError
from spineviewer.io.dicom.identity import (
    UTF_8,
    copied_header,
    errors_without_identity,
    left_out_notes,
    read_header,
    series_number,
    set_character_set,
)
from spineviewer.io.write.dicom_child import notes_from_child, write_in_child
from spineviewer.io.write.dicom_messages import MakeSeg, Request, SliceGrid
from spineviewer.io.write.dicom_obstacles import seg_obstacle
from spineviewer.io.write.label_table import LabelEntry
from spineviewer.labelling.vertebrae import CERTAIN
from spineviewer.progress import JobProgress, Progress
from spineviewer.volume.geometry import Geometry, IndexTriple
from spineviewer.volume.volume import ScanSource, SourceSlices
from spineviewer.wording import mark, worded

#: SNOMED CT codes of the vertebrae. T13 and L6 have none and are coded as `SPINE_BONE`.
LEVEL_CODES = {
    name: (code, "SCT", f"{name} vertebra")
    for name, code in {
        "C1": "14806007", "C2": "39976000", "C3": "113205007", "C4": "5329002", "C5": "36978003",
        "C6": "36054005", "C7": "87391001", "T1": "64864005", "T2": "53733008", "T3": "1626008",
        "T4": "73071006", "T5": "56401006", "T6": "45296009", "T7": "62487009", "T8": "11068009",
        "T9": "82687006", "T10": "7610001", "T11": "12989004", "T12": "23215003", "L1": "66794005",
        "L2": "14293000", "L3": "36470004", "L4": "11994002", "L5": "49668003",
    }.items()
}  # fmt: skip
SPINE_BONE = ("51282000", "SCT", "Bone structure of spine")
#: Added to the source's series number, so that viewers list the result after its scan.
SERIES_NUMBER_STEP = 1000
#: Maximum length of a value with VR LO.
LONG_TEXT = 64
#: Maximum length of a value with VR LT, such as Algorithm Parameters.
_MAX_PARAMETERS = 10_240
#: Facts that the object states in other attributes: its source images and its segments.
_STATED_ELSEWHERE = ("source", "labels")
#: Positions that are farther than this from an even line were rounded in the slices' headers. Other
#: readers would see an irregular volume.
ROUNDED_MM = 1e-3


@functools.lru_cache(maxsize=16)
def seg_notes(slices: SourceSlices, grid: Geometry, shape_zyx: IndexTriple) -> tuple[str, ...]:
    """Return sentences about what a DICOM SEG leaves out, by making one in a child process.

    Called before the segmentation is computed.

    Parameters
    ----------
    grid
        Grid of the scan; `shape_zyx` is the shape of its slices, which differs if they were
        straightened.

    Raises
    ------
    ExportError
        When none can be made.
    """
    with MappedArrays(math.prod(shape_zyx)) as arrays:
        mapped = arrays.create("mask", shape_zyx, np.uint8)
        mapped[0, 0, 0] = 1
        request = _request(slice_grid(slices, grid), {}, arrays.description("mask", mapped))
        return notes_from_child(request, worded("Checking"), JobProgress())


def seg_writer(
    stored: NDArray[np.uint8],
    source: ScanSource,
    provenance: Mapping[str, Any],
    progress: Progress | None = None,
    entries: Sequence[LabelEntry] = (),
    *,
    as_label_map: bool = False,
) -> Callable[[IO[bytes]], None]:
    """Return a function that writes the segmentation object to a file's stream.

    It raises the same errors as `write_in_child`.

    Parameters
    ----------
    stored
        uint8, 0 or 1, or the values of `entries`, shape (slices, rows, columns) of the file's own
        grid.
    entries
        Vertebrae, one segment each; if there are none, the whole mask is one segment.
    as_label_map
        Whether the object is of type LABELMAP; otherwise BINARY.

    Raises
    ------
    ExportError
        When `seg_obstacle` returns a reason.
    """
    segments = tuple((entry.value, entry.name) for entry in entries)

    def request(slices: SliceGrid, mask: MappedFile) -> MakeSeg:
        return _request(slices, provenance, mask, segments, as_label_map=as_label_map)

    return slices_writer(stored, source, request, worded("Writing the DICOM SEG"), progress)


def slices_writer(
    stored: NDArray[Any],
    source: ScanSource,
    request: Callable[[SliceGrid, MappedFile], Request],
    stage: str,
    progress: Progress | None,
    as_stored: Callable[[NDArray[Any]], NDArray[Any]] = np.asarray,
) -> Callable[[IO[bytes]], None]:
    """Return a function that writes an object about source slices to a file's stream.

    It raises the same errors as `write_in_child`.

    Parameters
    ----------
    stored
        Any dtype, shape (slices, rows, columns) of the file's own grid.
    request
        Returns the request to the child, from the slices and the mapped array of the values.
    as_stored
        Converts one slice of `stored` to the form that the child receives.

    Raises
    ------
    ExportError
        When `seg_obstacle` returns a reason.
    """
    if obstacle := seg_obstacle(source):
        raise ExportError(obstacle)
    assert source.slices is not None
    slices, dtype = slice_grid(source.slices, source.grid), as_stored(stored[:1]).dtype

    def write(stream: IO[bytes]) -> None:
        with MappedArrays(dtype.itemsize * stored.size) as arrays:
            mapped = arrays.create("values", stored.shape, dtype)
            for number, values in enumerate(stored):
                mapped[number] = as_stored(values)
            requested = request(slices, arrays.description("values", mapped))
            write_in_child(stream, requested, stage, progress or JobProgress())

    return write


def slice_grid(slices: SourceSlices, grid: Geometry) -> SliceGrid:
    """Return the slices and their grid in the form that requests contain."""
    return SliceGrid(
        files=tuple(str(path) for path in slices.files),
        frames=slices.frames,
        origins_lps_mm=slices.origins_lps_mm,
        orientation=(*grid.axes_lps[2], *grid.axes_lps[1]),
        spacing_zyx_mm=grid.spacing_zyx_mm,
    )


def _request(
    slices: SliceGrid,
    provenance: Mapping[str, Any],
    mask: MappedFile,
    segments: tuple[tuple[int, str], ...] = (),
    *,
    as_label_map: bool = False,
) -> MakeSeg:
    return MakeSeg(
        slices=slices,
        is_corrected_by_hand=provenance.get("corrected_by_hand") is True,
        weights=str(provenance.get("weights", "none")),
        content=_content(provenance) if segments else "Spine mask",
        parameters={
            str(name): str(value)
            for name, value in provenance.items()
            if name not in _STATED_ELSEWHERE
        },
        mask=mask,
        segments=segments,
        as_label_map=as_label_map,
    )


def _content(provenance: Mapping[str, Any]) -> str:
    """Return what an object with named vertebrae contains, and how certain the names are."""
    naming = provenance.get("naming", {})
    unaided = naming.get("unaided")  # the program's own certainty of names set by hand
    probability = (unaided or naming).get("probability", 1.0)
    if probability >= CERTAIN:
        return "Named vertebrae"
    subject = "Names by hand," if unaided else "Vertebra names"
    return f"{subject} {probability:.0%} sure"


# the child's part


def seg_object(request: MakeSeg) -> tuple[Any, list[str]]:
    """Return the segmentation object that the parent requests, and sentences about omissions.

    Raises
    ------
    ExportError
        When the source slices lack attributes that a segmentation must contain.
    """
    sentence = mark(
        "A DICOM SEG cannot be created from these slices: {reason}. Export NIfTI instead."
    )
    with read_headers(request.slices, sentence) as headers:
        return _segmentation(request, headers)


@contextmanager
def read_headers(slices: SliceGrid, sentence: str) -> Iterator[list[Any]]:
    """Yield the headers of source slices; raise the errors of `errors_without_identity`."""
    headers: list[Any] = []
    with errors_without_identity(sentence, headers):
        headers.extend(read_header(path) for path in dict.fromkeys(slices.files))
        yield headers


def _segmentation(request: MakeSeg, headers: list[Any]) -> tuple[Any, list[str]]:
    from highdicom.seg import Segmentation, SegmentationTypeValues
    from highdicom.uid import UID

    stored = np.asarray(open_mapped(request.mask))
    copied = [copied_header(header) for header in headers]
    images = [copy.image for copy in copied]
    measures = place_images(images, request.slices)
    frames = arrange_by_frame(stored, request.slices, images)
    parameters = _fitting(request.parameters)
    segments = request.segments or ((1, "Spine"),)
    content = request.content
    numbers = np.zeros(256, np.uint8)
    numbers[[value for value, _ in segments]] = np.arange(1, len(segments) + 1)
    frames = numbers[frames]
    instance = Segmentation(
        source_images=images,
        pixel_array=frames,
        segmentation_type=SegmentationTypeValues.LABELMAP
        if request.as_label_map
        else SegmentationTypeValues.BINARY,
        segment_descriptions=_descriptions(request, segments, parameters),
        pixel_measures=measures,
        specific_character_set=UTF_8,
        series_instance_uid=UID(),
        series_number=series_number(headers[0], SERIES_NUMBER_STEP),
        **new_instance(request.weights),
        content_description=f"{content}. Research use only; not a medical device",
        content_label="SPINE",
        omit_empty_frames=bool(frames.any()),
        series_description=f"{content} (Spineviewer)",
    )
    set_character_set(instance, copied[0], [*parameters.values(), request.weights])
    return instance, left_out_notes(copied[0])


def _fitting(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that fit into one attribute, none of them truncated."""
    fitting: dict[str, str] = {}
    free = _MAX_PARAMETERS
    for name, value in parameters.items():
        length = len(f"{name}={value},")
        if length <= free:
            fitting[name] = value
            free -= length
    return fitting


def new_instance(weights: str) -> dict[str, Any]:
    """Return highdicom's arguments that identify a new object and the weights it was made with."""
    from highdicom.uid import UID

    return {
        "sop_instance_uid": UID(),
        "instance_number": 1,
        "manufacturer": "Spineviewer",
        "manufacturer_model_name": "Spineviewer",
        "software_versions": __version__[:LONG_TEXT],
        "device_serial_number": weights[:LONG_TEXT],
    }


def _descriptions(
    request: MakeSeg, segments: Sequence[tuple[int, str]], parameters: Mapping[str, str]
) -> list[Any]:
    from highdicom.content import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentAlgorithmTypeValues, SegmentDescription
    from highdicom.uid import UID
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    return [
        SegmentDescription(
            segment_number=number,
            segment_label=name,
            segmented_property_category=Code("123037004", "SCT", "Anatomical Structure"),
            segmented_property_type=Code(*LEVEL_CODES.get(name, SPINE_BONE)),
            algorithm_type=SegmentAlgorithmTypeValues.SEMIAUTOMATIC
            if request.is_corrected_by_hand
            else SegmentAlgorithmTypeValues.AUTOMATIC,
            algorithm_identification=AlgorithmIdentificationSequence(
                name="Spineviewer",
                family=codes.DCM.ArtificialIntelligence,
                version=__version__,
                parameters=dict(parameters) or None,
            ),
            tracking_uid=UID(),
            tracking_id=name,
        )
        for number, (_, name) in enumerate(segments, 1)
    ]


def place_images(images: list[Any], slices: SliceGrid) -> Any:
    """Move source images to the positions of the scan's grid; return the grid's pixel measures.

    Choice: voxels fill the step between slices, regardless of the thickness and spacing that the
    slices state.
    """
    from highdicom.content import PixelMeasuresSequence

    step_mm, row_mm, column_mm = slices.spacing_zyx_mm
    measures = PixelMeasuresSequence(
        (row_mm, column_mm), slice_thickness=step_mm, spacing_between_slices=step_mm
    )
    if "SharedFunctionalGroupsSequence" in images[0]:
        _place_frames(images[0], slices.orientation, measures)
    else:
        _place(images, slices, measures[0])
    return measures


def arrange_by_frame(stored: NDArray[Any], slices: SliceGrid, images: list[Any]) -> NDArray[Any]:
    """Return values of slices with one slice for each frame of the source images.

    Both have the same dtype and shape (slices, rows, columns); frames that the scan does not use
    are zero.
    """
    if len(set(slices.files)) == len(slices.files):
        return stored
    frames = np.zeros((int(images[0].NumberOfFrames), *stored.shape[1:]), stored.dtype)
    frames[list(slices.frames)] = stored
    return frames


def _place(images: list[Any], slices: SliceGrid, measures: Any) -> None:
    """Give single slices one orientation and spacing, and even positions if theirs are rounded."""
    from pydicom.valuerep import DS

    if len(images[0].get("ImageOrientationPatient") or ()) != len(slices.orientation):
        images[0].ImageOrientationPatient = [
            DS(number, auto_format=True) for number in slices.orientation
        ]
    origins = np.array(slices.origins_lps_mm)
    line = np.linspace(origins[0], origins[-1], len(images))
    are_rounded = bool(np.abs(line - origins).max() > ROUNDED_MM)
    for image, origin in zip(images, line, strict=True):
        image.ImageOrientationPatient = images[0].ImageOrientationPatient
        image.PixelSpacing, image.SliceThickness = measures.PixelSpacing, measures.SliceThickness
        if are_rounded or len(image.get("ImagePositionPatient") or ()) != len(origin):
            image.ImagePositionPatient = [DS(float(number), auto_format=True) for number in origin]


def _place_frames(image: Any, orientation: Sequence[float], measures: Any) -> None:
    """Give all frames of an image one spacing, and one orientation if they do not share one yet."""
    from highdicom.content import PlaneOrientationSequence
    from highdicom.enum import CoordinateSystemNames

    shared = image.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence = measures
    if "PlaneOrientationSequence" not in shared:
        shared.PlaneOrientationSequence = PlaneOrientationSequence(
            CoordinateSystemNames.PATIENT, orientation
        )
