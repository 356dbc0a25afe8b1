"""Reader of NRRD files, attached and detached, in every encoding.

Choice: our own reader, because pynrrd reads neither hex encoding nor version 6, and unpacks a
damaged file without a limit on its size.
"""

from __future__ import annotations

import bz2
import io
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError
from spineviewer.io.images.file_volume import (
    SIZE_NOT_STATED,
    FileVolume,
    VoxelData,
    damage_reported,
    not_numbers_error,
    require_single_volume,
    unpacking_error,
)
from spineviewer.io.images.lengths import convert_to_millimetres, mm_per_unit
from spineviewer.io.images.stored import MAX_DEFLATE_RATIO

MAGIC = re.compile(rb"NRRD000[1-6]\r?\n")
#: Maximum length of a header that is read.
MAX_HEADER_BYTES = 2**20
#: Other names for each type.
TYPES = {
    "int8": "signed char, int8_t",
    "uint8": "uchar, unsigned char, uint8_t",
    "int16": "short, short int, signed short, signed short int, int16_t",
    "uint16": "ushort, unsigned short, unsigned short int, uint16_t",
    "int32": "int, signed int, int32_t",
    "uint32": "uint, unsigned int, uint32_t",
    "int64": "longlong, long long, long long int, signed long long, signed long long int, int64_t",
    "uint64": "ulonglong, unsigned long long, unsigned long long int, uint64_t",
    "float32": "float",
    "float64": "double",
}
DTYPES = {
    name: np.dtype(dtype) for dtype, names in TYPES.items() for name in (dtype, *names.split(", "))
}
LPS_SIGNS = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}
ENCODINGS = {"raw": "raw", "txt": "text", "text": "text", "ascii": "text", "hex": "hex"}
ENCODINGS |= {"gz": "gzip", "gzip": "gzip", "bz2": "bzip2", "bzip2": "bzip2"}
#: Up to this many bytes after the voxels (a line ending) are ignored.
TRAILING_BYTES = 2
#: Maximum factor by which an encoding can expand data.
MAX_RATIO = {"raw": 1, "text": 1, "hex": 1, "gzip": MAX_DEFLATE_RATIO, "bzip2": 100_000}


def load_nrrd(path: Path, max_voxels: int) -> FileVolume:
    """Read an NRRD file.

    Raises
    ------
    ImageReadError
        When it is damaged, truncated, too large, or not a single volume.
    """
    fields, body = _header(path)
    with damage_reported(path, "NRRD"):
        return _volume(path, fields, body, max_voxels)


def _volume(path: Path, fields: dict[str, str], body: int, max_voxels: int) -> FileVolume:
    sizes = [int(word) for word in fields["sizes"].split()]
    if len(sizes) != int(fields["dimension"]) or min(sizes) < 1:
        raise ImageReadError(
            "{file} has a damaged NRRD header: the image size is given as {value}. Copy it again "
            "from the source.",
            file=path.name,
            value=fields["sizes"],
        )
    kind = fields["type"].lower()
    if kind not in DTYPES:
        raise not_numbers_error(path, fields["type"])
    directions = _spatial_directions(fields, len(sizes)) if "space directions" in fields else None
    spatial = (
        _spatial_axes(fields, sizes)
        if directions is None
        else [axis for axis, direction in enumerate(directions) if direction is not None]
    )
    require_single_volume(path, sizes, [sizes[axis] for axis in spatial], max_voxels)
    values = _values(path, fields, body, DTYPES[kind], math.prod(sizes))
    i, j, k = [*(sizes[axis] for axis in spatial), 1][:3]
    affine, is_known, warnings = _placement(fields, directions, spatial, (i, j, k))
    return FileVolume(values.reshape(k, j, i), affine, is_known, tuple(warnings))


def _header(path: Path) -> tuple[dict[str, str], int]:
    """Return the fields by their names in lower case, and the offset of an attached body."""
    with path.open("rb") as stream:
        head = stream.read(MAX_HEADER_BYTES)
    if not MAGIC.match(head):
        raise ImageReadError(
            "{file} is not an NRRD file, despite its name. Choose another file, or correct the "
            "file extension.",
            file=path.name,
        )
    blank = re.search(rb"\r?\n\r?\n", head)
    end = blank.end() if blank else len(head)
    fields: dict[str, str] = {}
    for line in head[:end].decode("utf-8", "replace").splitlines()[1:]:
        name, has_value, value = line.partition(": ")
        if has_value and not line.startswith("#"):
            fields.setdefault(name.strip().lower().replace("datafile", "data file"), value.strip())
    return fields, end


def _values(
    path: Path, fields: dict[str, str], body: int, dtype: np.dtype[Any], count: int
) -> NDArray[Any]:
    encoding = ENCODINGS.get(fields["encoding"].lower())
    if encoding is None:
        raise ImageReadError(
            "{file} has an unknown encoding: '{value}'. Convert the file to another format.",
            file=path.name,
            value=fields["encoding"],
        )
    line_skip, byte_skip = _skips(path, fields)
    data = VoxelData.of(path, fields.get("data file"), body, dtype, count)
    needed = count if encoding == "text" else data.size
    if needed > data.stored_size * MAX_RATIO[encoding] + TRAILING_BYTES:
        raise data.too_short_error(data.stored_size)
    stored = data.read(line_skip=line_skip)
    if encoding == "text":
        return data.values_in_text(stored)
    max_bytes = -1 if byte_skip == -1 else byte_skip + data.size + TRAILING_BYTES + 1
    plain = _unpack(path, stored, encoding, max_bytes)
    begin = len(plain) - data.size if byte_skip == -1 else byte_skip
    if begin < 0:
        raise data.too_short_error(len(plain))
    if len(plain) - begin - data.size > TRAILING_BYTES:
        raise ImageReadError(
            "According to {file}, there should be {size} bytes of voxel data, but {other} contains "
            "more, so it is unclear where the voxels start. Copy the image again from the source.",
            file=path.name,
            size=data.size,
            other=data.path.name,
        )
    is_big = fields.get("endian", "little").lower() == "big"
    return data.values(plain, is_big_endian=is_big, begin=begin)


def _skips(path: Path, fields: dict[str, str]) -> tuple[int, int]:
    """Return how many lines, and then how many unpacked bytes, precede the voxels.

    -1 bytes means that the voxels are at the end of the unpacked data.
    """
    lines = int(fields.get("line skip", fields.get("lineskip", "0")))
    count = int(fields.get("byte skip", fields.get("byteskip", "0")))
    if lines < 0 or count < -1:
        raise ImageReadError(
            "{file} is damaged: its header skips a negative number of lines or bytes ({line_skip}, "
            "{byte_skip}). Copy it again from the source.",
            file=path.name,
            line_skip=lines,
            byte_skip=count,
        )
    return lines, count


def _unpack(path: Path, stored: bytes, encoding: str, max_bytes: int) -> bytes:
    """Return the unpacked body, at most `max_bytes` bytes of it (-1: all).

    A small file may expand to any size.
    """
    from isal import igzip, isal_zlib

    deflate_error: Any = isal_zlib.IsalError
    try:
        if encoding == "gzip":
            with igzip.GzipFile(fileobj=io.BytesIO(stored)) as stream:
                inflated: bytes = stream.read(max_bytes)
            return inflated
        if encoding == "bzip2":
            with bz2.BZ2File(io.BytesIO(stored)) as unpacked:
                return unpacked.read(max_bytes)
        return bytes.fromhex(stored.decode("ascii", "replace")) if encoding == "hex" else stored
    except (OSError, EOFError, ValueError, deflate_error) as error:
        raise unpacking_error(path) from error


def _spatial_directions(fields: dict[str, str], dimension: int) -> list[NDArray[np.float64] | None]:
    """Return the step to the next voxel along each axis; None for time or colour.

    Steps are float64, shape (3,), in the file's space and unit of length.

    A space that ends in '-time' has a fourth coordinate, which only the time axis uses.
    """
    directions = _vectors(fields["space directions"])
    is_timed = _space(fields)[1]
    if len(directions) != dimension or any(
        v is not None and len(v) != 3 + is_timed for v in directions
    ):
        raise ValueError(f"space directions are {fields['space directions'][:60]}")
    spatial: list[NDArray[np.float64] | None] = []
    for vector in directions:
        is_time = vector is not None and is_timed and vector[3] != 0 and not vector[:3].any()
        spatial.append(None if vector is None or is_time else vector[:3])
    return spatial


def _spatial_axes(fields: dict[str, str], sizes: list[int]) -> list[int]:
    """Return the spatial axes of a volume without directions.

    If there are more than three axes, those of size 1 are left out: first those with the spacing
    'nan', then the others, in both cases from the last axis on.
    """
    words = fields.get("spacings", "").lower().split()
    spare = [axis for axis, size in enumerate(sizes) if size == 1]
    spare.sort(key=lambda axis: (axis >= len(words) or words[axis] != "nan", -axis))
    left_out = spare[: max(0, len(sizes) - 3)]
    return [axis for axis in range(len(sizes)) if axis not in left_out]


def _space(fields: dict[str, str]) -> tuple[str, bool]:
    """Return the space's name without time, in lower case, and whether time is its fourth axis."""
    name = fields.get("space", "").lower()
    if name in {"last", "rast", "lpst"}:
        return name[:3], True
    return name.removesuffix("-time"), name.endswith("-time")


def _placement(
    fields: dict[str, str],
    directions: list[NDArray[np.float64] | None] | None,
    axes: list[int],
    shape: tuple[int, int, int],
) -> tuple[NDArray[np.float64], bool, list[str]]:
    """Return the affine in LPS and mm, whether the file states the orientation, and warnings."""
    affine = np.eye(4)
    space, _ = _space(fields)
    if directions is not None:
        vectors = [vector for axis in axes if (vector := directions[axis]) is not None]
        for column, vector in enumerate(vectors):
            affine[:3, column] = vector
        if len(vectors) == 2:
            affine[:3, 2] = np.cross(affine[:3, 0], affine[:3, 1]) / np.linalg.norm(affine[:3, 0])
        origin = _vectors(fields.get("space origin", "(0,0,0)"))[0]
        if origin is not None and len(origin) >= 3:
            affine[:3, 3] = origin[:3]
        affine[:3] *= np.array(LPS_SIGNS.get(space, (1, 1, 1)))[:, None]
        units, warnings = _units(fields.get("space units"), [0, 1, 2])
        affine, _, remarks = convert_to_millimetres(affine, units, shape)
        return affine, space in LPS_SIGNS, [*warnings, *remarks]
    spacings = _spacings(fields, axes)
    if spacings is None:
        return affine, False, [SIZE_NOT_STATED]
    affine[: len(spacings), : len(spacings)] = np.diag(spacings)
    units, warnings = _units(fields.get("units"), axes)
    affine, _, remarks = convert_to_millimetres(affine, [*units, 1.0][:3], shape)
    return affine, False, [*warnings, *remarks]


def _spacings(fields: dict[str, str], axes: list[int]) -> list[float] | None:
    """Return the spacing along axes (`spacings`, or `axis mins` and `maxs`); None if not stated."""
    if "spacings" in fields:
        numbers = [abs(float(word)) for word in fields["spacings"].split()]
        stated = [numbers[axis] for axis in axes]
        return None if all(np.isnan(v) for v in stated) else stated
    lows = fields.get("axis mins", fields.get("axismins"))
    highs = fields.get("axis maxs", fields.get("axismaxs"))
    if lows is None or highs is None:
        return None
    sizes = [int(word) for word in fields["sizes"].split()]
    centres = fields.get("centers", fields.get("centerings", "")).lower().split()
    spacings = []
    for axis in axes:
        # from edge to edge of cells, or from the first to the last node
        steps = sizes[axis] - (1 if axis < len(centres) and centres[axis] == "node" else 0)
        spacings.append(abs(float(highs.split()[axis]) - float(lows.split()[axis])) / max(1, steps))
    return None if any(not np.isfinite(v) or v == 0 for v in spacings) else spacings


def _units(text: str | None, axes: list[int]) -> tuple[list[float], list[str]]:
    """Return the mm per unit of each axis in `axes`, and warnings about unknown units.

    `text` is a header's list of units for all axes.
    """
    if text is None:
        return [1.0] * len(axes), []
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    names = quoted or text.split()
    return mm_per_unit([names[axis] if axis < len(names) else "" for axis in axes])


def _vectors(text: str) -> list[NDArray[np.float64] | None]:
    """Return the vectors in a string such as '(1,0,0) none (0,0,1)', None for 'none'."""
    parts = re.findall(r"\(([^)]*)\)|(none)", text)
    return [
        None if none else np.array([float(number) for number in numbers.split(",")])
        for numbers, none in parts
    ]
