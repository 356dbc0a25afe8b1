"""Encoders of the file formats: they turn voxels on a scan's own grid into the parts of a file."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.io.write.deflate import DEFLATE_LEVEL, gzip_stream
from spineviewer.io.write.label_table import LabelEntry, slicer_fields
from spineviewer.volume.geometry import Box
from spineviewer.volume.volume import NiftiOrientation, ScanSource

#: NIfTI code of a header extension that contains a comment.
COMMENT_EXTENSION = 6
NIFTI_HEADER_BYTES = 348
RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
PROVENANCE_KEY = "spineviewer"


@dataclass(frozen=True)
class Voxels:
    """The data to encode.

    Attributes
    ----------
    stored
        uint8, uint16, int16 or float32, shape (slices, rows, columns) of the scan's file.
    provenance
        How the values were computed, as one line of JSON.
    nonzero_box
        A box outside which all values are zero; None if unknown.
    entries
        Names and colours of labels.
    """

    stored: NDArray[Any]
    source: ScanSource
    provenance: str
    nonzero_box: Box | None = None
    entries: Sequence[LabelEntry] = ()


#: Returns the parts of a file, which are written one after the other.
Encoder = Callable[[Voxels], list[bytes]]


def nifti_compressed(voxels: Voxels) -> list[bytes]:
    """Return a gzipped NIfTI-1 file."""
    return gzip_stream(
        _nifti_header(voxels.stored, voxels.source, voxels.provenance),
        voxels.stored,
        nonzero_box=voxels.nonzero_box,
    )


def nifti(voxels: Voxels) -> list[bytes]:
    """Return a NIfTI-1 file."""
    return [_nifti_header(voxels.stored, voxels.source, voxels.provenance), voxels.stored.tobytes()]


def nrrd(voxels: Voxels) -> list[bytes]:
    """Return an NRRD file with gzipped data; labels are named for 3D Slicer."""
    fields = slicer_fields(voxels.entries, voxels.stored.shape[::-1])
    head = _nrrd_header(voxels.stored, voxels.source, voxels.provenance, fields)
    return [head, *gzip_stream(b"", voxels.stored, nonzero_box=voxels.nonzero_box)]


def metaimage(voxels: Voxels) -> list[bytes]:
    """Return a MetaImage file with compressed data."""
    from isal import isal_zlib

    packed = isal_zlib.compress(np.ascontiguousarray(voxels.stored), DEFLATE_LEVEL)
    return [_metaimage_header(voxels.stored, voxels.source, len(packed), voxels.provenance), packed]


def _nifti_header(stored: NDArray[Any], source: ScanSource, provenance: str) -> bytes:
    """Return a NIfTI-1 file up to its voxels.

    ::

        header (348) | flag (4) | length (4)  code (4)  text  zeros to a multiple of 16 | voxels
    """
    import nibabel

    header = nibabel.Nifti1Header(endianness="<")
    header.set_data_dtype(stored.dtype)
    header.set_data_shape(stored.shape[::-1])
    if source.nifti_orientation is not None:
        _copy_orientation(header, source.nifti_orientation)
    else:
        affine = source_affine(source)
        code = int(source.is_orientation_known)
        header.set_xyzt_units("mm")
        # a qform cannot be sheared
        header.set_qform(affine, code=code if source.sheared is None else 0)
        header.set_sform(affine, code=code)
    header["descrip"] = b"Spineviewer result. Research use only; not a medical device."
    header["scl_slope"], header["scl_inter"] = 1.0, 0.0
    header["cal_max"] = 1.0 if stored.dtype.kind == "f" else 0.0
    extension = provenance.encode()
    length = -(-(len(extension) + 8) // 16) * 16
    header["vox_offset"] = NIFTI_HEADER_BYTES + 4 + length
    header["magic"] = b"n+1"
    head: bytes = header.binaryblock
    return (
        head
        + b"\1\0\0\0"
        + struct.pack("<ii", length, COMMENT_EXTENSION)
        + extension.ljust(length - 8, b"\0")
    )


def source_affine(source: ScanSource) -> NDArray[np.float64]:
    """Return the NIfTI affine of the scan's own file: float64, shape (4, 4).

    It maps (i, j, k, 1) to (right, anterior, superior, 1) in mm.
    """
    return np.asarray(RAS_FROM_LPS @ _world_from_index(source)[:, [2, 1, 0, 3]])


def _world_from_index(source: ScanSource) -> NDArray[np.float64]:
    """Return the 4x4 matrix from the file's array index (z, y, x, 1) to (L, P, S, 1) in mm."""
    if source.sheared is None:
        return source.grid.world_from_index
    return np.array([*source.sheared.world_from_index, (0.0, 0.0, 0.0, 1.0)])


def _copy_orientation(header: Any, orientation: NiftiOrientation) -> None:
    header["pixdim"][:4] = orientation.pixdim[:4]
    header["xyzt_units"] = orientation.xyzt_units
    header["qform_code"], header["sform_code"] = orientation.qform_code, orientation.sform_code
    names = ("quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z")
    for name, value in zip(names, orientation.quaternion, strict=True):
        header[name] = value
    for row, name in enumerate(("srow_x", "srow_y", "srow_z")):
        header[name] = orientation.sform[4 * row : 4 * row + 4]


def _nrrd_header(stored: NDArray[Any], source: ScanSource, provenance: str, fields: str) -> bytes:
    matrix = _world_from_index(source)
    vectors = matrix[:3, [2, 1, 0]].T
    position = (
        "space: left-posterior-superior\n"
        f"space directions: {' '.join(_nrrd_vector(v) for v in vectors)}\n"
        f"space origin: {_nrrd_vector(matrix[:3, 3])}\n"
        if source.is_orientation_known
        else f"spacings: {_numbers(np.linalg.norm(vectors, axis=1))}\n"
    )
    return (
        "NRRD0004\n# Spineviewer result. Research use only; not a medical device.\n"
        f"type: {_nrrd_type(stored.dtype)}\ndimension: 3\nsizes: {_numbers(stored.shape[::-1])}\n"
        f"{position}kinds: domain domain domain\nendian: little\nencoding: gzip\n"
        f"{fields}{PROVENANCE_KEY}:={provenance}\n\n"
    ).encode()


def _nrrd_type(dtype: np.dtype[Any]) -> str:
    return "float" if dtype.kind == "f" else dtype.name


def _nrrd_vector(vector: Any) -> str:
    return f"({','.join(repr(float(v)) for v in vector)})"


def _numbers(values: Any) -> str:
    return " ".join(repr(v.item() if isinstance(v, np.generic) else v) for v in values)


def _metaimage_header(
    stored: NDArray[Any], source: ScanSource, packed_bytes: int, provenance: str
) -> bytes:
    grid = source.grid
    kinds = {
        "uint8": "MET_UCHAR", "uint16": "MET_USHORT", "int16": "MET_SHORT", "float32": "MET_FLOAT",
    }  # fmt: skip
    position = (
        f"TransformMatrix = {_numbers(np.ravel(grid.axes_lps[::-1]))}\n"
        f"Offset = {_numbers(grid.origin_lps_mm)}\n"
        "CenterOfRotation = 0 0 0\nAnatomicalOrientation = RAI\n"
        if source.is_orientation_known
        else ""
    )
    return (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
        f"CompressedData = True\nCompressedDataSize = {packed_bytes}\n"
        f"{position}ElementSpacing = {_numbers(grid.spacing_zyx_mm[::-1])}\n"
        f"DimSize = {_numbers(stored.shape[::-1])}\n{PROVENANCE_KEY} = {provenance}\n"
        f"ElementType = {kinds[stored.dtype.name]}\nElementDataFile = LOCAL\n"
    ).encode()
