"""Every file format that the program reads or writes, in one table.

File dialogs, batches, the command line's help, readers and writers use this table. A new format is
one entry: a loader for scans and masks, an encoder for results on the scan's grid, or both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from spineviewer.io.images.metaimage import load_metaimage
from spineviewer.io.images.nifti import load_nifti
from spineviewer.io.images.nrrd import load_nrrd
from spineviewer.io.images.stored import ReadOptions, StoredImage, stored_image
from spineviewer.io.write.dicom_obstacles import seg_obstacle
from spineviewer.io.write.encoding import Encoder, metaimage, nifti, nifti_compressed, nrrd
from spineviewer.volume.volume import ScanFormat, ScanSource
from spineviewer.wording import mark, worded

STRUCTURES_EXTENSION = ".rtstruct.dcm"

Loader = Callable[[Path, ReadOptions], StoredImage]


class Content(Enum):
    """The content of a written file."""

    MASK = "mask"
    MAP = "map"
    LABELS = "labels"
    SURFACE = "surface"


VOXELS = frozenset({Content.MASK, Content.MAP, Content.LABELS})


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes
    ----------
    name
        Name in dialogs, in English, marked for translation.
    extensions
        File extensions, in lower case; the first is the default.
    kind
        Kind of scans that are read from it; None if it is only written.
    load
        Reads a whole image file; None for DICOM, which is read series by series.
    writes
        Contents that can be written in it.
    encode
        Encodes voxels in the order of the scan's own grid; None if the format is only read or is
        written differently.
    obstacle
        Returns why results of a scan cannot be written in it; empty if they can.
    """

    name: str
    extensions: tuple[str, ...]
    kind: ScanFormat | None = None
    load: Loader | None = None
    writes: frozenset[Content] = frozenset()
    encode: Encoder | None = None
    obstacle: Callable[[ScanSource], str] = lambda _: ""

    def matches(self, path: Path) -> bool:
        """Return whether a file has one of the extensions."""
        return path.name.lower().endswith(self.extensions)


def _load_nrrd(path: Path, options: ReadOptions) -> StoredImage:
    return stored_image(load_nrrd(path, options.max_voxels), ScanFormat.NRRD, options)


def _load_metaimage(path: Path, options: ReadOptions) -> StoredImage:
    return stored_image(load_metaimage(path, options.max_voxels), ScanFormat.METAIMAGE, options)


def _tilt_obstacle(source: ScanSource) -> str:
    if source.sheared is None:
        return ""
    return worded("MetaImage cannot represent the scan's tilted grid.")


FORMATS = (
    Format(
        mark("NIfTI, compressed (.nii.gz)"),
        (".nii.gz",),
        ScanFormat.NIFTI,
        load_nifti,
        VOXELS,
        nifti_compressed,
    ),
    Format(mark("NIfTI (.nii)"), (".nii",), ScanFormat.NIFTI, load_nifti, VOXELS, nifti),
    Format(
        mark("NIfTI pair (.hdr, .img)"),
        (".hdr", ".img", ".hdr.gz", ".img.gz"),
        ScanFormat.NIFTI,
        load_nifti,
    ),
    Format(mark("NRRD (.nrrd)"), (".nrrd",), ScanFormat.NRRD, _load_nrrd, VOXELS, nrrd),
    Format(mark("NRRD with separate data (.nhdr)"), (".nhdr",), ScanFormat.NRRD, _load_nrrd),
    Format(
        mark("MetaImage (.mha)"),
        (".mha",),
        ScanFormat.METAIMAGE,
        _load_metaimage,
        VOXELS,
        metaimage,
        _tilt_obstacle,
    ),
    Format(
        mark("MetaImage with separate data (.mhd)"),
        (".mhd",),
        ScanFormat.METAIMAGE,
        _load_metaimage,
    ),
    Format(
        mark("DICOM RTSTRUCT, contours on the source slices (.rtstruct.dcm)"),
        (STRUCTURES_EXTENSION,),
        writes=frozenset({Content.MASK, Content.LABELS}),
        obstacle=seg_obstacle,
    ),
    Format(
        mark("DICOM SEG and Parametric Map, on the source slices (.dcm)"),
        (".dcm",),
        ScanFormat.DICOM,
        writes=VOXELS,
        obstacle=seg_obstacle,
    ),
    Format(mark("zip file of DICOM slices (.zip)"), (".zip",), ScanFormat.DICOM),
    *(
        Format(name, (extension,), writes=frozenset({Content.SURFACE}))
        for name, extension in (
            (mark("STL surface (.stl)"), ".stl"),
            (mark("OBJ surface (.obj)"), ".obj"),
            (mark("PLY surface (.ply)"), ".ply"),
        )
    ),
)


def format_of(path: Path, formats: Iterable[Format] = FORMATS) -> Format | None:
    """Return the format with a file's extension; None if there is none."""
    return next((entry for entry in formats if entry.matches(path)), None)


def is_dicom_seg(path: Path) -> bool:
    """Return whether a file with this name is written as DICOM SEG."""
    entry = format_of(path)
    return entry is not None and entry.kind is ScanFormat.DICOM and Content.LABELS in entry.writes


def writable(content: Content) -> tuple[Format, ...]:
    """Return the formats in which a content can be written, the preferred one first."""
    return tuple(entry for entry in FORMATS if content in entry.writes)


def extensions(formats: Sequence[Format]) -> tuple[str, ...]:
    """Return the file extensions of some formats, in order."""
    return tuple(extension for entry in formats for extension in entry.extensions)


#: Formats in which one file contains a scan or a mask, DICOM excluded.
IMAGE_FORMATS = tuple(entry for entry in FORMATS if entry.load is not None)
#: Formats from which scans are read.
SCAN_FORMATS = tuple(entry for entry in FORMATS if entry.kind is not None)
