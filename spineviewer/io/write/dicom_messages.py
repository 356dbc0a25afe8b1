"""Messages to and from the child process that makes DICOM objects (`dicom_maker.py`)."""

from __future__ import annotations

from typing import Literal

import msgspec

from spineviewer.child import Conversation, Failed, MappedFile, Message, Step
from spineviewer.io.write.child_writing import Refused
from spineviewer.measuring_tools.quantities import Code
from spineviewer.volume.geometry import Triple

Points = tuple[Triple, ...]


class SliceGrid(msgspec.Struct, frozen=True):
    """The source slices and their grid.

    Attributes
    ----------
    files, frames, origins_lps_mm
        File, frame and position of each slice.
    orientation
        Directions of rows and columns in the patient, six numbers.
    """

    files: tuple[str, ...]
    frames: tuple[int, ...]
    origins_lps_mm: Points
    orientation: tuple[float, ...]
    spacing_zyx_mm: Triple


class MakeSeg(Message, frozen=True):
    """Make a segmentation object.

    Attributes
    ----------
    content
        What the object contains, in at most 23 characters, because the description also states the
        intended use.
    parameters
        How the mask was made.
    segments
        Value and name of each segment; if there are none, the whole mask is one segment.
    mask
        uint8, shape (slices, rows, columns) of the file's own grid.
    as_label_map
        Whether the object is of type LABELMAP; otherwise BINARY.
    target
        An empty file; None to check whether the object can be made, without writing it.
    """

    slices: SliceGrid
    is_corrected_by_hand: bool
    weights: str
    content: str
    parameters: dict[str, str]
    mask: MappedFile
    segments: tuple[tuple[int, str], ...] = ()
    as_label_map: bool = False
    target: str | None = None


class MakeMap(Message, frozen=True):
    """Make a parametric map; fields as for `MakeSeg`.

    Attributes
    ----------
    title, quantity
        What the map shows.
    steps
        The stored number that means 1.
    values
        uint16, shape (slices, rows, columns) of the file's own grid.
    """

    slices: SliceGrid
    weights: str
    title: str
    quantity: Code
    steps: int
    values: MappedFile
    target: str | None = None


class Structure(msgspec.Struct, frozen=True):
    """One structure of a structure set: its value in the mask, its name, and its colour."""

    value: int
    name: str
    colour: tuple[int, int, int]


class MakeStructures(Message, frozen=True):
    """Make a structure set (RTSTRUCT); other fields as for `MakeSeg`."""

    slices: SliceGrid
    is_corrected_by_hand: bool
    structures: tuple[Structure, ...]
    mask: MappedFile
    target: str | None = None


class SrValue(msgspec.Struct, frozen=True):
    """One value of a measurement, with its codes."""

    value: float
    unit: Code
    concept: Code
    derivation: Code | None


class SrMeasurement(msgspec.Struct, frozen=True):
    """One measurement of a structured report, as `DicomEncoding` describes it; points in LPS mm."""

    label: str
    comment: str
    points: Points
    values: tuple[SrValue, ...]
    lines: tuple[Points, ...]
    region: tuple[str, Points] | None
    comment_at: Points | None


class MakeSr(Message, frozen=True):
    """Make a structured report about slices that are stacked along `normal_lps`."""

    measurements: tuple[SrMeasurement, ...]
    files: tuple[str, ...]
    origins_lps_mm: Points
    normal_lps: Triple
    target: str | None = None


class SpineValue(msgspec.Struct, frozen=True):
    """One value measured in a vertebra, a disc or a curve.

    Attributes
    ----------
    site, modifier
        The structure that was measured (None: the group's site), and the part of it.
    uncertainty
        Standard uncertainty; None if not known.
    lines
        The lines along which it was measured, in LPS mm.
    """

    value: float
    unit: Code
    concept: Code
    derivation: Code | None = None
    site: Code | None = None
    modifier: Code | None = None
    uncertainty: float | None = None
    lines: tuple[Points, ...] = ()


class SpineGroup(msgspec.Struct, frozen=True):
    """The values measured in a vertebra, a disc or a curve.

    Attributes
    ----------
    segment
        Label of the segment that was measured; empty for none.
    evaluations
        Names and values of findings without a measured value.
    """

    label: str
    sites: tuple[Code, ...]
    centre_lps_mm: Triple
    values: tuple[SpineValue, ...]
    segment: str = ""
    evaluations: tuple[tuple[Code, Code], ...] = ()
    comments: tuple[str, ...] = ()


class MakeSpineSr(Message, frozen=True):
    """Make a structured report about vertebrae; `segmentation` is the DICOM SEG it refers to."""

    groups: tuple[SpineGroup, ...]
    files: tuple[str, ...]
    origins_lps_mm: Points
    normal_lps: Triple
    segmentation: str | None = None
    target: str | None = None


class MakePage(Message, frozen=True):
    """Make an encapsulated PDF (uint8, its bytes) or an image (uint8, shape (rows, columns, 3)).

    `file` is a slice of the study.
    """

    kind: Literal["pdf", "picture"]
    file: str
    title: str
    content: MappedFile
    target: str | None = None


class ObjectMade(Message, frozen=True):
    """The object was made, and written if there was a target.

    `notes` are sentences about what it leaves out.
    """

    notes: tuple[str, ...]


Request = MakeSeg | MakeMap | MakeStructures | MakeSr | MakeSpineSr | MakePage
Answer = ObjectMade | Step | Refused | Failed
CONVERSATION = Conversation[Request, Answer]("spineviewer.io.write.dicom_maker", Request, Answer)
