"""Maps with values from 0 to 1 as DICOM Parametric Maps on the source slices, with highdicom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.child import MappedFile, open_mapped
from spineviewer.io.dicom.identity import (
    copied_header,
    left_out_notes,
    series_number,
    set_character_set,
)
from spineviewer.io.write.dicom_messages import MakeMap, SliceGrid
from spineviewer.io.write.dicom_seg import (
    LONG_TEXT,
    SERIES_NUMBER_STEP,
    arrange_by_frame,
    new_instance,
    place_images,
    read_headers,
    slices_writer,
)
from spineviewer.io.write.map_meaning import MapMeaning
from spineviewer.volume.volume import ScanSource
from spineviewer.wording import mark, worded

#: The stored number that means 1. Choice: 14 bits, as in every other written map.
STEPS = 2**14


def map_writer(
    stored: NDArray[np.float32],
    source: ScanSource,
    provenance: Mapping[str, Any],
    meaning: MapMeaning,
) -> Callable[[IO[bytes]], None]:
    """Return a function that writes the parametric map to a file's stream.

    It raises the same errors as `write_in_child`.

    Parameters
    ----------
    stored
        float32, 0 to 1, shape (slices, rows, columns) of the file's own grid. Values are rounded to
        steps of 2^-14.

    Raises
    ------
    ExportError
        When `seg_obstacle` returns a reason.
    """

    def request(slices: SliceGrid, values: MappedFile) -> MakeMap:
        return MakeMap(
            slices=slices,
            weights=str(provenance.get("weights", "none")),
            title=meaning.title,
            quantity=meaning.quantity,
            steps=STEPS,
            values=values,
        )

    def to_steps(values: NDArray[np.float32]) -> NDArray[np.uint16]:
        return np.rint(np.clip(values, 0, 1) * STEPS).astype(np.uint16)

    stage = worded("Writing the DICOM parametric map")
    return slices_writer(stored, source, request, stage, None, to_steps)


# the child's part


def map_object(request: MakeMap) -> tuple[Any, list[str]]:
    """Return the parametric map that the parent requests, and sentences about omissions.

    Raises
    ------
    ExportError
        When the source slices lack attributes that a parametric map must contain.
    """
    sentence = mark(
        "A DICOM parametric map cannot be created from these slices: {reason}. Export NIfTI "
        "instead."
    )
    with read_headers(request.slices, sentence) as headers:
        return _map(request, headers)


def _map(request: MakeMap, headers: list[Any]) -> tuple[Any, list[str]]:
    from highdicom.pm import ParametricMap, RealWorldValueMapping
    from highdicom.sr import CodedConcept
    from highdicom.uid import UID
    from pydicom.sr.codedict import codes

    copied = [copied_header(header) for header in headers]
    images = [copy.image for copy in copied]
    measures = place_images(images, request.slices)
    values = arrange_by_frame(np.asarray(open_mapped(request.values)), request.slices, images)
    mapping = RealWorldValueMapping(
        lut_label=request.quantity.value[:16],
        lut_explanation=request.quantity.meaning[:LONG_TEXT],
        unit=codes.UCUM.NoUnits,
        value_range=(0, request.steps),
        slope=1 / request.steps,
        intercept=0.0,
        quantity_definition=CodedConcept(*astuple(request.quantity)),
    )
    instance = ParametricMap(
        source_images=images,
        pixel_array=values,
        series_instance_uid=UID(),
        series_number=series_number(headers[0], SERIES_NUMBER_STEP + 5),
        **new_instance(request.weights),
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[mapping],
        window_center=request.steps / 2,
        window_width=request.steps,
        pixel_measures=measures,
        content_label="MAP",
        content_description="Research use only; not a medical device",
        series_description=request.title,
    )
    instance.Laterality = ""
    notes = set_character_set(instance, copied[0], [request.weights])
    return instance, [*left_out_notes(copied[0]), *notes]
