"""Write results on the scan's own grid, whole or not at all (`whole_file.py`).

The voxels are exactly where the scan's file puts its own: a result of a NIfTI scan has identical
orientation fields, whichever of them a reader uses.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ExportError
from spineviewer.io.write.deflate import DEFLATE_LEVEL, gzipped
from spineviewer.io.write.dicom_seg import seg_notes, seg_obstacle, seg_writer
from spineviewer.io.write.label_table import LabelEntry, slicer_fields
from spineviewer.io.write.whole_file import check_target, write_atomically
from spineviewer.progress import Progress
from spineviewer.threads import in_parallel
from spineviewer.volume.geometry import Box, Geometry, IndexTriple, require_same_geometry
from spineviewer.volume.volume import CtVolume, NiftiForms, ScanSource, SpineMask
from spineviewer.wording import worded

Provenance = Mapping[str, Any]

ENDINGS = (".nii.gz", ".nii", ".nrrd", ".mha", ".dcm")
#: A DICOM segmentation object: of a mask, from a DICOM scan.
SEG_ENDING = ".dcm"
#: NIfTI code of a header extension that holds a comment.
COMMENT_EXTENSION = 6
NIFTI_HEADER_BYTES = 348
#: Number of steps between 0 and 1 in a written map; a power of 2, so that the last bits of each value are 0.
_STEPS_OF_A_MAP = np.float32(2**14)
RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
PROVENANCE_KEY = "spineviewer"


def check_output(
    path: Path, overwrite: bool, needed_bytes: int = 0, *, source: ScanSource | None = None, is_mask: bool = True
) -> tuple[str, ...]:
    """Check before the computation whether a result can be written to `path`.

    Parameters
    ----------
    source
        The scan that it comes from, once that is read: some formats cannot hold every scan's grid.

    Returns
    -------
    Sentences about what the file will leave out.

    Raises
    ------
    ExportError
        When the ending is unknown or unsuitable, the folder is missing, read-only or full, or the
        file exists and `overwrite` is False.
    """
    name = path.name.lower()
    if not name.endswith(ENDINGS):
        raise ExportError(worded("{file}: the name must end in one of {endings}.", file=path.name, endings=", ".join(ENDINGS)))
    if name.endswith(SEG_ENDING) and not is_mask:
        raise ExportError(worded("{file}: a DICOM SEG holds a mask; choose another ending for maps and labels.", file=path.name))
    if source is not None and name.endswith(SEG_ENDING) and (obstacle := seg_obstacle(source)):
        raise ExportError(worded("{file}: {obstacle} Choose another ending.", file=path.name, obstacle=obstacle))
    if source is not None and name.endswith(".mha") and source.sheared is not None:
        raise ExportError(
            worded("{file}: MetaImage cannot carry the scan's tilted grid. Choose .nii.gz, .nrrd or .dcm.", file=path.name)
        )
    check_target(path, overwrite, needed_bytes)
    if source is None or source.slices is None or not name.endswith(SEG_ENDING):
        return ()
    try:
        return seg_notes(source.slices, source.grid, _stored_shape(source))
    except ExportError as error:
        raise ExportError(worded("{file}: {obstacle}", file=path.name, obstacle=error)) from error


def _stored_shape(source: ScanSource) -> IndexTriple:
    return source.grid.shape_zyx if source.sheared is None else source.sheared.shape_zyx


def write_mask(mask: SpineMask, source: ScanSource, path: Path, provenance: Provenance, progress: Progress | None = None) -> None:
    """Write a mask, 1 in the spine and 0 elsewhere (uint8), on the grid of its scan.

    The name's ending chooses the format; '.dcm' is a DICOM SEG on the source slices
    (`dicom_seg.py`).

    Parameters
    ----------
    provenance
        How it was made; stored in the file's header with the scan's format and grid. No patient
        data.
    progress
        Checked while a DICOM SEG is made, which takes seconds.

    Raises
    ------
    GeometryError
        When the mask and the scan have different grids.
    ExportError
        When it cannot be written; an existing file at `path` is left untouched.
    Cancelled
        When `progress` says so; likewise.
    """
    if path.name.lower().endswith(SEG_ENDING):
        _require_on_scan(mask.geometry, source)
        write_atomically(path, seg_writer(source_voxels(mask.voxels.view(np.uint8), source), source, provenance, progress))
    else:
        _write_on_source_grid(mask.voxels.view(np.uint8), mask.geometry, source, path, provenance, filled=mask.box)


def write_labels(
    labels: NDArray[np.uint8] | NDArray[np.uint16],
    geometry: Geometry,
    source: ScanSource,
    path: Path,
    provenance: Provenance,
    *,
    entries: Sequence[LabelEntry] = (),
) -> None:
    """Write whole numbers per voxel; otherwise as `write_mask`.

    Parameters
    ----------
    entries
        Names and colours of the numbers; an NRRD file holds them for 3D Slicer, a DICOM SEG one segment for each.
    """
    if not path.name.lower().endswith(SEG_ENDING):
        _write_on_source_grid(labels, geometry, source, path, provenance, entries=entries)
        return
    if not entries:
        raise ExportError(worded("{file}: a DICOM SEG needs at least one vertebra; none was found.", file=path.name))
    _require_on_scan(geometry, source)
    stored = source_voxels(labels.astype(np.uint8), source)
    write_atomically(path, seg_writer(stored, source, provenance, None, entries))


def write_map(
    values: NDArray[np.float32],
    geometry: Geometry,
    source: ScanSource,
    path: Path,
    provenance: Provenance,
    *,
    threshold: float | None = None,
) -> None:
    """Write a map between 0 and 1 (attention, probability) given on the scan's canonical grid.

    `values` is float32, shape (z, y, x), and is rounded in place. Otherwise as `write_mask`.

    Choice: values are rounded to steps of 2^-14. Finer digits are noise, which would make the file
    four times as large. A voxel that would cross the mask's `threshold` by rounding keeps its
    value, so that thresholding the written maps reproduces the written mask exactly.
    """
    in_parallel(lambda z: _round_to_steps(values[z], threshold), range(len(values)))
    _write_on_source_grid(values, geometry, source, path, provenance)


def _round_to_steps(values: NDArray[np.float32], threshold: float | None) -> None:
    rounded = np.rint(values * _STEPS_OF_A_MAP) / _STEPS_OF_A_MAP
    if threshold is not None:
        level = np.float32(threshold)
        np.copyto(rounded, values, where=(rounded > level) != (values > level))
    values[...] = rounded


def write_scan(volume: CtVolume, path: Path, provenance: Provenance) -> None:
    """Write a scan's HU (int16) on its own grid; otherwise as `write_mask`."""
    _write_on_source_grid(volume.hu, volume.geometry, volume.source, path, provenance)


def source_voxels(values: NDArray[Any], source: ScanSource) -> NDArray[Any]:
    """Return values of the scan's canonical grid at the file's own voxels.

    Both arrays are 3-D of the same dtype; the result is in the file's order, slowest axis first,
    and contiguous.
    """
    return np.ascontiguousarray(_in_source_order(values, source))


def _in_source_order(values: NDArray[Any], source: ScanSource) -> NDArray[Any]:
    """Return the same as `source_voxels`, possibly as a view in another memory order."""
    stored = source.order.to_source(values)
    return stored if source.sheared is None else source.sheared.sheared(stored)


def _write_on_source_grid(
    values: NDArray[Any],
    geometry: Geometry,
    source: ScanSource,
    path: Path,
    provenance: Provenance,
    *,
    filled: Box | None = None,
    entries: Sequence[LabelEntry] = (),
) -> None:
    """Write values given on the scan's canonical grid; outside of a box that is `filled` they are zero."""
    check_output(path, overwrite=True, source=source, is_mask=False)
    _require_on_scan(geometry, source)
    stored = _in_source_order(values, source)
    box = source.order.box_to_source(filled, values.shape) if filled and source.sheared is None else None
    text = json.dumps({**provenance, "source": source_facts(source)}, sort_keys=True, ensure_ascii=False, default=str)
    name = path.name.lower()
    if name.endswith((".nii", ".nii.gz")):
        head = _nifti_head(stored, source, text)
        content = gzipped(head, stored, filled=box) if name.endswith(".gz") else [head, stored.tobytes()]
    elif name.endswith(".nrrd"):
        fields = slicer_fields(entries, stored.shape[::-1])
        content = [_nrrd_head(stored, source, text, fields), *gzipped(b"", stored, filled=box)]
    else:
        from isal import isal_zlib

        packed = isal_zlib.compress(np.ascontiguousarray(stored), DEFLATE_LEVEL)
        content = [_metaimage_head(stored, source, len(packed), text), packed]

    def write(stream: IO[bytes]) -> None:
        for part in content:
            stream.write(part)

    write_atomically(path, write)


def _require_on_scan(geometry: Geometry, source: ScanSource) -> None:
    require_same_geometry(
        geometry, source.order.canonical_geometry(source.grid), worded("The result and the scan have different grids")
    )


def source_facts(source: ScanSource) -> dict[str, Any]:
    """Return which scan a result belongs to, without file names, which often contain names."""
    return {
        "format": source.format.value,
        "series_uid": source.series_uid,
        "shape": list(reversed(_stored_shape(source))),
        "spacing_mm": [round(v, 6) for v in reversed(source.grid.spacing_zyx_mm)],
        "is_orientation_known": source.is_orientation_known,
        "warnings": list(source.warnings),
    }


def _nifti_head(stored: NDArray[Any], source: ScanSource, provenance: str) -> bytes:
    """Header and provenance extension of a NIfTI-1 file, up to where the voxels begin."""
    import nibabel

    header = nibabel.Nifti1Header(endianness="<")
    header.set_data_dtype(stored.dtype)
    header.set_data_shape(stored.shape[::-1])
    if source.nifti_forms is not None:
        _copy_forms(header, source.nifti_forms)
    else:
        affine = source_affine(source)
        code = int(source.is_orientation_known)
        header.set_xyzt_units("mm")
        header.set_qform(affine, code=code if source.sheared is None else 0)  # a qform cannot be sheared
        header.set_sform(affine, code=code)
    header["descrip"] = b"Spineviewer result. Research use, not a medical device."
    header["scl_slope"], header["scl_inter"] = 1.0, 0.0
    header["cal_max"] = 1.0 if stored.dtype.kind == "f" else 0.0
    extension = provenance.encode()
    length = -(-(len(extension) + 8) // 16) * 16
    header["vox_offset"] = NIFTI_HEADER_BYTES + 4 + length
    header["magic"] = b"n+1"
    head: bytes = header.binaryblock
    return head + b"\1\0\0\0" + struct.pack("<ii", length, COMMENT_EXTENSION) + extension.ljust(length - 8, b"\0")


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


def _copy_forms(header: Any, forms: NiftiForms) -> None:
    header["pixdim"][:4] = forms.pixdim[:4]
    header["xyzt_units"] = forms.xyzt_units
    header["qform_code"], header["sform_code"] = forms.qform_code, forms.sform_code
    names = ("quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z")
    for name, value in zip(names, forms.quaternion, strict=True):
        header[name] = value
    for row, name in enumerate(("srow_x", "srow_y", "srow_z")):
        header[name] = forms.sform[4 * row : 4 * row + 4]


def _nrrd_head(stored: NDArray[Any], source: ScanSource, provenance: str, fields: str) -> bytes:
    matrix = _world_from_index(source)
    vectors = matrix[:3, [2, 1, 0]].T
    where = (
        f"space: left-posterior-superior\nspace directions: {' '.join(_nrrd_vector(v) for v in vectors)}\n"
        f"space origin: {_nrrd_vector(matrix[:3, 3])}\n"
        if source.is_orientation_known
        else f"spacings: {_numbers(np.linalg.norm(vectors, axis=1))}\n"
    )
    return (
        "NRRD0004\n# Spineviewer result. Research use, not a medical device.\n"
        f"type: {_nrrd_type(stored.dtype)}\ndimension: 3\nsizes: {_numbers(stored.shape[::-1])}\n"
        f"{where}kinds: domain domain domain\nendian: little\nencoding: gzip\n"
        f"{fields}{PROVENANCE_KEY}:={provenance}\n\n"
    ).encode()


def _nrrd_type(dtype: np.dtype[Any]) -> str:
    return "float" if dtype.kind == "f" else dtype.name


def _nrrd_vector(vector: Any) -> str:
    return f"({','.join(repr(float(v)) for v in vector)})"


def _numbers(values: Any) -> str:
    return " ".join(repr(v.item() if isinstance(v, np.generic) else v) for v in values)


def _metaimage_head(stored: NDArray[Any], source: ScanSource, packed_bytes: int, provenance: str) -> bytes:
    grid = source.grid
    kinds = {"uint8": "MET_UCHAR", "uint16": "MET_USHORT", "int16": "MET_SHORT", "float32": "MET_FLOAT"}
    where = (
        f"TransformMatrix = {_numbers(np.ravel(grid.axes_lps[::-1]))}\nOffset = {_numbers(grid.origin_lps_mm)}\n"
        "CenterOfRotation = 0 0 0\nAnatomicalOrientation = RAI\n"
        if source.is_orientation_known
        else ""
    )
    return (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = True\n"
        f"CompressedDataSize = {packed_bytes}\n{where}ElementSpacing = {_numbers(grid.spacing_zyx_mm[::-1])}\n"
        f"DimSize = {_numbers(stored.shape[::-1])}\n{PROVENANCE_KEY} = {provenance}\n"
        f"ElementType = {kinds[stored.dtype.name]}\nElementDataFile = LOCAL\n"
    ).encode()
