"""Reader of NIfTI files. nibabel parses headers of both versions and byte orders."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import BadGzipFile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError, ImageReadError, unreadable
from spineviewer.io.choices import UndecidedError, Way
from spineviewer.io.images.file_volume import unpacking_error
from spineviewer.io.images.lengths import convert_to_millimetres
from spineviewer.io.images.stored import (
    MAX_DEFLATE_RATIO,
    MAX_VOXELS,
    ReadOptions,
    StoredImage,
    is_usable,
    place_voxels,
)
from spineviewer.volume.volume import ORIENTATION_UNKNOWN, NiftiOrientation, ScanFormat
from spineviewer.wording import critical, worded

#: Bytes unpacked at a time. With larger pieces, progress would be reported less often and reading
#: would take longer.
_CHUNK_BYTES = 2**20
LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
#: Millimetres per unit by the spatial part of `xyzt_units`; 0 is unknown.
MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
MILLIMETRES = 2
#: Choice: two voxel sizes of one file that differ by more than this fraction are reported.
SAME_SPACING_FRACTION = 0.01
#: Length of the flag between the header and the extensions or voxels of a single file.
EXTENSION_FLAG_BYTES = 4
QOFFSETS = ("qoffset_x", "qoffset_y", "qoffset_z")
MAX_CHOICES = 100


def load_nifti(path: Path, options: ReadOptions) -> StoredImage:
    """Read a NIfTI file or pair; raise the same errors as `loading.load_image`."""
    from nibabel.spatialimages import HeaderDataError

    header_path, data_path = _file_pair(path)
    header = _read_header(header_path)
    shape, volumes = _shape_and_volume_count(header, path)
    number = _volume_number(path, shape, volumes, options.choice)
    try:
        dtype = header.get_data_dtype()
    except KeyError as error:
        raise ImageReadError(
            "{file} contains values of an unknown type (code {code}). Choose another file.",
            file=path.name,
            code=int(header["datatype"]),
        ) from error
    if dtype.kind not in "iuf":
        raise ImageReadError(
            "{file} does not store plain numbers ({dtype}): colours and complex numbers are not "
            "CT values. Choose another file.",
            file=path.name,
            dtype=dtype,
        )
    stored = _read_voxels(
        data_path,
        _voxel_offset(header, path) + (number - 1) * math.prod(shape) * dtype.itemsize,
        dtype,
        shape,
        options.on_progress,
    )
    try:
        slope, intercept = header.get_slope_inter()
    except HeaderDataError as error:
        raise ImageReadError(
            "{file} has a damaged NIfTI header: {reason}. Copy it again from the source.",
            file=path.name,
            reason=error,
        ) from error
    if slope is not None and (slope, intercept) != (1.0, 0.0):
        stored = _rescale(stored, slope, intercept)
    placement = _placement(header, shape)
    placed = place_voxels(stored, LPS_FROM_RAS @ placement.affine_ras, options.is_interpolated)
    return StoredImage(
        values=placed.values,
        grid=placed.grid,
        format=ScanFormat.NIFTI,
        is_orientation_known=placement.is_orientation_known,
        warnings=(*placement.warnings, *placed.warnings),
        nifti_orientation=placement.orientation,
        sheared=placed.sheared,
    )


def _rescale(stored: NDArray[Any], slope: float, intercept: float) -> NDArray[np.float32]:
    """Return stored values times slope plus intercept, computed in float64 slice by slice."""
    values = np.empty(stored.shape, np.float32)
    for plane, target in zip(stored, values, strict=True):
        target[...] = plane.astype(np.float64) * slope + intercept
    return values


def _file_pair(path: Path) -> tuple[Path, Path]:
    match = re.fullmatch(r"(.*)\.(hdr|img)(\.gz)?", path.name, re.IGNORECASE)
    if match is None:
        return path, path
    zipped = match[3] or ""
    pair = path.with_name(f"{match[1]}.hdr{zipped}"), path.with_name(f"{match[1]}.img{zipped}")
    for file in pair:
        if not file.is_file():
            raise ImageReadError(
                "{file} is one of a pair of files, but {other} is not in the same folder. Copy "
                "both files to one folder.",
                file=path.name,
                other=file.name,
            )
    return pair


def _read_header(path: Path) -> Any:
    import nibabel
    from nibabel.spatialimages import HeaderDataError

    with _open(path) as stream:
        head = stream.read(540)
    kinds: dict[bytes, Any] = {
        b"n+1\0": nibabel.Nifti1Header,
        b"ni1\0": nibabel.nifti1.Nifti1PairHeader,
        b"n+2\0": nibabel.Nifti2Header,
        b"ni2\0": nibabel.nifti2.Nifti2PairHeader,
    }
    for magic, kind in kinds.items():
        size = kind.template_dtype.itemsize
        magic_offset = 344 if size == 348 else 4
        if len(head) < size or head[magic_offset : magic_offset + 4] != magic:
            continue
        try:
            return kind(head[:size], check=False)
        except (HeaderDataError, ValueError) as error:
            raise ImageReadError(
                "{file} has a damaged NIfTI header: {reason}. Copy it again from the source.",
                file=path.name,
                reason=error,
            ) from error
    if len(head) >= 348 and 348 in (
        int.from_bytes(head[:4], "little"),
        int.from_bytes(head[:4], "big"),
    ):
        raise ImageReadError(
            "{file} is an ANALYZE 7.5 file, which cannot distinguish left from right. Convert "
            "it to NIfTI.",
            file=path.name,
        )
    raise ImageReadError(
        "{file} is not a NIfTI file, despite its name. Choose another file, or correct the file "
        "extension.",
        file=path.name,
    )


def _shape_and_volume_count(header: Any, path: Path) -> tuple[tuple[int, int, int], int]:
    """Return the size of a volume and the number of volumes along time."""
    dim = [int(n) for n in header["dim"]]
    count = dim[0]
    shape = dim[1 : count + 1]
    if not 1 <= count <= 7 or min(shape, default=0) < 1:
        raise ImageReadError(
            "{file} has a damaged NIfTI header: the image size is given as {dim}. Copy it again "
            "from the source.",
            file=path.name,
            dim=dim,
        )
    if count < 2 or any(n > 1 for n in shape[4:]):
        raise ImageReadError(
            "{file} contains {shape} values, but one 3-D volume is needed. Choose another file.",
            file=path.name,
            shape=" x ".join(map(str, shape)),
        )
    i, j, k, volumes = [*shape, 1, 1, 1][:4]
    return (i, j, k), volumes


def _voxel_offset(header: Any, path: Path) -> int:
    offset = float(header["vox_offset"])
    if not 0 <= offset < 2**40:
        raise ImageReadError(
            "{file} has a damaged NIfTI header: the voxels start at byte {offset:g}. Copy it again "
            "from the source.",
            file=path.name,
            offset=offset,
        )
    first = int(header.template_dtype.itemsize) + EXTENSION_FLAG_BYTES
    if header.is_single and offset < first:
        if offset:
            raise ImageReadError(
                "{file} has a damaged NIfTI header: the voxels start inside the header. Copy it "
                "again from the source.",
                file=path.name,
            )
        return first
    return int(offset)


def _volume_number(
    path: Path, shape: tuple[int, int, int], volumes: int, choice: str | None
) -> int:
    if volumes == 1:
        return 1
    number = next((n for n in range(1, volumes + 1) if choice == f"volume-{n}"), None)
    if number is None:
        raise UndecidedError(
            worded(
                "{file} contains {volumes} volumes of {shape} voxels (time points or phases).",
                file=path.name,
                volumes=volumes,
                shape=" x ".join(map(str, shape)),
            ),
            [
                Way(
                    f"volume-{n}", worded("volume {n} of {volumes}", n=n, volumes=volumes), shape[2]
                )
                for n in range(1, min(volumes, MAX_CHOICES) + 1)
            ],
        )
    return number


def _read_voxels(
    path: Path,
    offset: int,
    dtype: np.dtype[Any],
    shape: tuple[int, int, int],
    on_progress: Callable[[float], None],
) -> NDArray[Any]:
    declared = math.prod(shape) * dtype.itemsize
    size = path.stat().st_size
    possible = size * MAX_DEFLATE_RATIO if _is_gzip(path) else size
    if offset < 0 or math.prod(shape) > MAX_VOXELS or offset + declared > possible:
        raise ImageReadError(
            "{file} should have {shape} voxels ({declared_mb:.1f} MB), but has only {size_mb:.3f} "
            "MB. The file is damaged or truncated. Copy it again from the "
            "source.",
            file=path.name,
            shape=" x ".join(map(str, shape)),
            declared_mb=declared / 1e6,
            size_mb=size / 1e6,
        )
    values = np.empty(shape[::-1], dtype)
    with _open(path) as stream:
        stream.read(offset)
        received = _read_into(stream, values, on_progress)
    if received != declared:
        raise ImageReadError(
            "{file} is truncated: only {received_mb:.1f} of {declared_mb:.1f} MB of voxel data is "
            "present. Copy it again from the source.",
            file=path.name,
            received_mb=received / 1e6,
            declared_mb=declared / 1e6,
        )
    return values if dtype.isnative else values.astype(dtype.newbyteorder("="))


def _read_into(
    stream: IO[bytes], values: NDArray[Any], on_progress: Callable[[float], None]
) -> int:
    view = memoryview(values.reshape(-1).view(np.uint8))  # type: ignore[arg-type]  # numpy's stubs declare arrays as buffers only for Python 3.12 and later
    received = 0
    while received < len(view):
        chunk = stream.readinto(view[received : received + _CHUNK_BYTES])  # type: ignore[attr-defined]  # both streams have this method
        if not chunk:
            break
        received += chunk
        on_progress(received / len(view))
    return received


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    from isal import igzip, isal_zlib

    deflate_error: Any = isal_zlib.IsalError
    try:
        with igzip.open(path, "rb") if _is_gzip(path) else path.open("rb") as stream:
            yield stream
    except (EOFError, deflate_error, BadGzipFile) as error:
        raise unpacking_error(path) from error
    except OSError as error:
        raise unreadable(path, error) from error


def _is_gzip(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == b"\x1f\x8b"
    except OSError as error:
        raise unreadable(path, error) from error


@dataclass(frozen=True)
class _Placement:
    """The position of a NIfTI file's voxels.

    Attributes
    ----------
    affine_ras
        float64, shape (4, 4), in mm.
    orientation
        The header's own numbers, without an invalid sform or qform.
    """

    affine_ras: NDArray[np.float64]
    is_orientation_known: bool
    warnings: tuple[str, ...]
    orientation: NiftiOrientation


def _placement(header: Any, shape: tuple[int, int, int]) -> _Placement:
    """Return the position according to the sform, otherwise the qform, otherwise the spacing.

    Raises
    ------
    GeometryError
        When the header declares an sform or qform, but none is usable.
    """
    sform, qform = _sform(header), _qform(header)
    usable = [affine for affine in (sform, qform) if affine is not None and is_usable(affine)]
    sizes = np.abs(np.array(header["pixdim"][1:4], dtype=float))
    if not usable and (sform is not None or qform is not None):
        declared = (("sform", sform), ("qform", qform))
        raise GeometryError(
            "its orientation is invalid ({name}): it contains no usable axes. Export the scan "
            "again.",
            name=", ".join(name for name, affine in declared if affine is not None),
        )
    stated = usable[0] if usable else np.diag([-sizes[0], -sizes[1], sizes[2], 1.0])
    unit = int(header["xyzt_units"]) & 7
    affine, is_unit_used, warnings = convert_to_millimetres(
        stated, [MM_PER_UNIT.get(unit, 1.0)] * 3, shape
    )
    scale = MM_PER_UNIT.get(unit, 1.0) if is_unit_used else 1.0
    if unit not in MM_PER_UNIT:
        warnings.append(
            worded(
                "The unit of length in the file is unknown (code {code}); its numbers were read "
                "as millimetres.",
                code=unit,
            )
        )
    if not usable:
        warnings.append(ORIENTATION_UNKNOWN)
    warnings.extend(_invalid_affines(sform, qform))
    if len(usable) == 2:
        warnings.extend(_affine_conflict(usable[0] * scale, usable[1] * scale, shape))
    elif usable:
        warnings.extend(_size_conflict(usable[0] * scale, sizes * scale))
    return _Placement(
        affine,
        bool(usable),
        tuple(warnings),
        _orientation_fields(header, sform, qform, is_unit_used),
    )


def _invalid_affines(
    sform: NDArray[np.float64] | None, qform: NDArray[np.float64] | None
) -> list[str]:
    """Return a warning if the sform or qform (float64, shape (4, 4), or None) is invalid."""
    return [
        critical(
            worded(
                "One of the file's two orientations ({name}) is invalid: it contains no usable "
                "axes. The other one ({other}) is used. Check left and right.",
                name=name,
                other=other,
            )
        )
        for affine, name, other in ((sform, "sform", "qform"), (qform, "qform", "sform"))
        if affine is not None and not is_usable(affine)
    ]


def _size_conflict(affine: NDArray[np.float64], sizes_mm: NDArray[np.float64]) -> list[str]:
    """Return a warning if the voxel size in the affine differs from that in pixdim.

    `affine` is float64, shape (4, 4), in mm; `sizes_mm` has shape (3,).
    """
    steps_mm = np.linalg.norm(affine[:3, :3], axis=0)
    if np.allclose(steps_mm, sizes_mm, rtol=SAME_SPACING_FRACTION):
        return []
    return [
        worded(
            "The file contains two voxel sizes: {size} mm in its orientation matrix (sform or "
            "qform), which is used, and {other} mm in its voxel-size field (pixdim). To "
            "check, measure a structure of known size.",
            size=" x ".join(f"{v:.4g}" for v in steps_mm),
            other=" x ".join(f"{v:.4g}" for v in sizes_mm),
        )
    ]


def _sform(header: Any) -> NDArray[np.float64] | None:
    """Return the sform (float64, shape (4, 4)) in the header's unit; None if there is none."""
    return (
        np.array(header.get_sform(coded=False), dtype=float)
        if int(header["sform_code"]) > 0
        else None
    )


def _qform(header: Any) -> NDArray[np.float64] | None:
    """Return the qform (float64, shape (4, 4)) in the header's unit; None if there is none.

    All NaN if its quaternion is invalid. According to the standard, a qfac (pixdim[0]) of 0 means
    1.
    """
    from nibabel.spatialimages import HeaderDataError

    if int(header["qform_code"]) <= 0:
        return None
    lenient = header.copy()
    lenient["pixdim"][0] = -1 if header["pixdim"][0] < 0 else 1
    lenient["pixdim"][1:4] = np.abs(header["pixdim"][1:4])
    try:
        with np.errstate(all="ignore"):
            return np.array(lenient.get_qform(coded=False), dtype=float)
    except (HeaderDataError, ValueError):  # ValueError: an invalid quaternion
        return np.full((4, 4), np.nan)


def _orientation_fields(
    header: Any,
    sform: NDArray[np.float64] | None,
    qform: NDArray[np.float64] | None,
    is_unit_used: bool,
) -> NiftiOrientation:
    """Return the header's own numbers for export; an invalid sform or qform is declared absent."""
    is_sform_good = sform is None or is_usable(sform)
    is_qform_good = qform is None or is_usable(qform)
    rows = [float(v) for row in ("srow_x", "srow_y", "srow_z") for v in header[row]]
    quaternion = [
        float(header[name]) for name in ("quatern_b", "quatern_c", "quatern_d", *QOFFSETS)
    ]
    pixdim = [float(v) for v in header["pixdim"]]
    pixdim[0] = -1.0 if pixdim[0] < 0 else 1.0
    edges = (
        np.linalg.norm(sform[:3, :3], axis=0) if sform is not None and is_sform_good else np.ones(3)
    )
    pixdim[1:4] = [
        abs(v) if np.isfinite(v) and v else float(e)
        for v, e in zip(pixdim[1:4], edges, strict=True)
    ]
    return NiftiOrientation(
        qform_code=int(header["qform_code"]) if is_qform_good else 0,
        sform_code=int(header["sform_code"]) if is_sform_good else 0,
        pixdim=tuple(pixdim),
        quaternion=tuple(quaternion if is_qform_good else [0.0] * 6),
        sform=tuple(rows if is_sform_good else [0.0] * 12),
        xyzt_units=int(header["xyzt_units"]) if is_unit_used else MILLIMETRES,
    )


def _affine_conflict(
    sform: NDArray[np.float64], qform: NDArray[np.float64], shape: tuple[int, int, int]
) -> list[str]:
    """Return a warning if the sform and the qform place the voxels at different positions."""
    if _main_directions(sform) != _main_directions(qform):
        return [
            critical(
                worded(
                    "The two orientations in the file (sform and qform) disagree; the "
                    "sform is used. Check left and right, front and back, head and foot."
                )
            )
        ]
    corner = np.array([*(n - 1 for n in shape), 1.0])
    distance = max(
        float(np.abs((sform - qform) @ point).max()) for point in (corner, np.array([0, 0, 0, 1.0]))
    )
    if distance <= 0.5:
        return []
    return [
        worded(
            "The file's two orientations (sform, qform) differ by up to {apart:.1f} mm; the sform "
            "is used.",
            apart=distance,
        )
    ]


def _main_directions(affine: NDArray[np.float64]) -> list[tuple[int, bool]]:
    """Return the world axis closest to each file axis, and whether both point the same way."""
    columns = affine[:3, :3].T
    mains = [int(np.argmax(np.abs(column))) for column in columns]
    return [(main, bool(column[main] > 0)) for main, column in zip(mains, columns, strict=True)]
