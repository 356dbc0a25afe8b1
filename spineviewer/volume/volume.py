"""The program's four main data types: scan, attention map, probability map, mask."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError
from spineviewer.volume.geometry import Box, Geometry, IndexTriple, Triple
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.sheared import ShearedGrid
from spineviewer.wording import critical, mark, worded

AIR_HU = -1024
#: Size of one attention cell in canonical (z, y, x) order, in mm. Paper: §2.1, Fig. 2 (16 x 16 in
#: a sagittal slice, n = 8).
ATTENTION_CELL_MM: IndexTriple = (16, 16, 8)
#: A probability of 1 is stored as this number.
PROBABILITY_SCALE = 65535
ORIENTATION_UNKNOWN = critical(
    worded(
        "The file does not state the orientation of the scan: left and right, front and back, "
        "head and foot are unknown. Do not read sides or levels from this scan. Only the HU "
        "values of vertebral bodies are measured."
    )
)


class ScanFormat(Enum):
    """File format of a scan."""

    NIFTI = "NIfTI"
    NRRD = "NRRD"
    METAIMAGE = "MetaImage"
    DICOM = "DICOM"
    MEMORY = mark("created in memory")


@dataclass(frozen=True)
class WindowLevel:
    """Grey-scale window in HU."""

    width_hu: float
    level_hu: float


@dataclass(frozen=True)
class NiftiOrientation:
    """The orientation fields of a NIfTI header, which are copied to results exactly.

    Attributes
    ----------
    pixdim
        Eight numbers, of which the first is qfac, the qform's handedness.
    quaternion
        quatern_b, c, d and qoffset_x, y, z.
    sform
        srow_x, srow_y, srow_z, twelve numbers.
    xyzt_units
        The header's code of the units of `pixdim`.
    """

    qform_code: int
    sform_code: int
    pixdim: tuple[float, ...]
    quaternion: tuple[float, ...]
    sform: tuple[float, ...]
    xyzt_units: int


@dataclass(frozen=True)
class SourceSlices:
    """The DICOM slices behind a scan, in the order of the source grid's first axis.

    Attributes
    ----------
    files
        Path of each slice's file.
    frames
        Number of the frame in that file, from 0.
    origins_lps_mm
        Centre of each slice's first pixel. For a tilted stack, they are not on the scan's grid.
    frames_of_reference
        The distinct Frame of Reference UIDs of the slices; '' stands for slices without one.
    missing
        Attributes that new objects need in order to refer to the slices, but that a slice lacks.
    """

    files: tuple[Path, ...]
    frames: tuple[int, ...]
    origins_lps_mm: tuple[Triple, ...]
    frames_of_reference: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScanIdentity:
    """The patient and date of a scan, as stated in a DICOM header.

    `repr` shows none of it, so that it does not appear in logs or error messages.

    Attributes
    ----------
    patient_name
        In readable form, such as "Doe, Jane".
    birth_date, study_date
        As 'YYYY-MM-DD'; empty if missing or not valid.
    """

    patient_name: str = field(default="", repr=False)
    patient_id: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    study_date: str = field(default="", repr=False)


@dataclass(frozen=True)
class ScanSource:
    """The file of a scan, and the grid on which its results are written.

    Attributes
    ----------
    grid
        The file's own grid, whose array axes are the file's, slowest first; for a sheared file, the
        straightened grid.
    order
        Conversion between the file's order and the canonical one.
    is_orientation_known
        Whether the file states left and right. If not, no letters are drawn, and a warning remains
        visible.
    are_values_hu
        Whether nothing contradicts that the values are Hounsfield units. If not, they are shown
        without a unit.
    is_named_after_patient
        Whether the name of the file or folder contains the patient's name or ID. If so, another
        name is proposed for results.
    is_only_series
        Whether the file or folder contains no other series. If it does, the names of results
        contain the series.
    kernel
        The reconstruction kernel, as named by the scanner; empty if unknown.
    identity
        The identity of patient and study; empty for files that do not state it.
    warnings
        Sentences that remain visible while the scan is open.
    nifti_orientation
        Set if the scan came from a NIfTI file.
    slices
        Set if the scan came from DICOM.
    sheared
        Set if the file's grid is sheared (tilted gantry); results are written on it.
    """

    path: Path
    format: ScanFormat
    grid: Geometry
    order: AxisOrder
    series_uid: str = ""
    description: str = ""
    modality: str = ""
    window: WindowLevel | None = None
    is_orientation_known: bool = True
    are_values_hu: bool = True
    is_named_after_patient: bool = False
    is_only_series: bool = True
    warnings: tuple[str, ...] = field(default=())
    nifti_orientation: NiftiOrientation | None = None
    slices: SourceSlices | None = None
    sheared: ShearedGrid | None = None
    kernel: str = ""
    identity: ScanIdentity = field(default_factory=ScanIdentity)


@dataclass(frozen=True, eq=False)
class CtVolume:
    """A CT scan in canonical order. Compared by identity.

    Attributes
    ----------
    hu
        int16 Hounsfield units, shape (z, y, x), C-contiguous, read-only by convention.
    """

    hu: NDArray[np.int16]
    geometry: Geometry
    source: ScanSource

    def __post_init__(self) -> None:
        _require_shape(self.hu.shape, self.geometry.shape_zyx, "scan")


@dataclass(frozen=True)
class AttentionMap:
    """The output of the attention network: the fraction of spine in cells of 16 x 16 x 8 mm.

    Cell (i, j, k) is centred at 1 mm index (16i + 7.5, 16j + 7.5, 8k + 3.5) of the working grid of
    `scan`.

    Attributes
    ----------
    cells
        float32 in [0, 1], shape (z, y, x) in cells.
    scan
        Geometry of the scan that it belongs to (not of the cells).
    """

    cells: NDArray[np.float32]
    scan: Geometry


@dataclass(frozen=True)
class ProbabilityMap:
    """The output of the segmentation network on the 1 mm working grid.

    Attributes
    ----------
    values
        uint16, shape (z, y, x) of `geometry`; `PROBABILITY_SCALE` is a probability of 1. In
        float32, the map of a whole body would not fit into the memory of an ordinary PC together
        with the scan.
    is_computed
        bool, shape (x,): the sagittal slices of the working grid on which the network has run.
        Elsewhere, 0 does not mean 'not bone'.
    geometry
        The working grid.
    scan
        Geometry of the scan that it belongs to.
    """

    values: NDArray[np.uint16]
    is_computed: NDArray[np.bool_]
    geometry: Geometry
    scan: Geometry

    def __post_init__(self) -> None:
        _require_shape(self.values.shape, self.geometry.shape_zyx, "probability map")


@dataclass(frozen=True)
class SpineMask:
    """The fused segmentation on the scan's own grid (canonical order).

    Attributes
    ----------
    voxels
        bool, shape (z, y, x) of `geometry`. Read-only by convention.
    known_box
        The value of `box`, if it is already known. Then only voxels inside it are read.
    """

    voxels: NDArray[np.bool_]
    geometry: Geometry
    known_box: Box | None = None

    def __post_init__(self) -> None:
        _require_shape(self.voxels.shape, self.geometry.shape_zyx, "mask")

    @cached_property
    def box(self) -> Box:
        """The smallest box that contains the mask; slices 0 to 0 if it is empty."""
        return self.known_box or bounding_box(self.voxels)

    @property
    def is_empty(self) -> bool:
        """Whether no voxel is set."""
        return bool(self.box[0].stop == 0)

    @cached_property
    def voxel_count(self) -> int:
        """Number of voxels that are set."""
        return int(np.count_nonzero(self.voxels[self.box]))

    @property
    def volume_ml(self) -> float:
        return self.voxel_count * self.geometry.voxel_volume_ml

    @property
    def is_cut_by_scan(self) -> bool:
        """Whether the mask touches the edge of the scan; its volume is then incomplete."""
        sides = zip(self.box, self.geometry.shape_zyx, strict=True)
        touches = any(side.start == 0 or side.stop == count for side, count in sides)
        return touches and not self.is_empty


def bounding_box(voxels: NDArray[np.bool_]) -> Box:
    """Return the smallest box that contains all True voxels; slices 0 to 0 if there are none.

    `voxels` is bool, shape (z, y, x).
    """
    by_row = np.asarray(voxels.any(axis=2))
    by_plane = np.asarray(voxels.any(axis=1))
    sides = (
        np.asarray(by_row.any(axis=1)),
        np.asarray(by_row.any(axis=0)),
        np.asarray(by_plane.any(axis=0)),
    )
    z, y, x = (_span(side) for side in sides)
    return z, y, x


def _span(flags: NDArray[np.bool_]) -> slice:
    where = np.flatnonzero(flags)
    return slice(int(where[0]), int(where[-1]) + 1) if where.size else slice(0, 0)


def _require_shape(actual: tuple[int, ...], expected: IndexTriple, what: str) -> None:
    if tuple(actual) != tuple(expected):
        raise GeometryError(
            "The {what} array has shape {actual}, but the geometry has shape {expected}. "
            "Use an array of shape {expected}.",
            what=what,
            actual=tuple(actual),
            expected=tuple(expected),
        )
