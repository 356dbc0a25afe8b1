"""Reader of MetaImage files (.mha, .mhd).

Choice: our own reader, although SimpleITK reads the format. SimpleITK ignores stated units, accepts
duplicate and contradictory fields, and crashes or hangs on some damaged headers. The user would get
a wrong size or no explanation.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
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

#: Maximum length of a header that is read.
MAX_HEADER_BYTES = 2**16
DTYPES: dict[str, Any] = {
    "MET_CHAR": np.int8, "MET_UCHAR": np.uint8, "MET_SHORT": np.int16, "MET_USHORT": np.uint16,
    "MET_INT": np.int32, "MET_UINT": np.uint32, "MET_LONG": np.int32, "MET_ULONG": np.uint32,
    "MET_LONG_LONG": np.int64, "MET_ULONG_LONG": np.uint64, "MET_FLOAT": np.float32,
    "MET_DOUBLE": np.float64,
}  # fmt: skip
ORIENTATION_NAMES = ("transformmatrix", "orientation", "rotation")
ORIGIN_NAMES = ("offset", "position", "origin")
SPACING_NAMES = ("elementspacing", "elementsize")
#: Separates a field's name from its value.
SEPARATOR = re.compile(r"[=:]")
#: Bytes per number in text: at least a digit and a space.
MIN_TEXT_BYTES = 2


def load_metaimage(path: Path, max_voxels: int) -> FileVolume:
    """Read a MetaImage file.

    Raises
    ------
    ImageReadError
        When it is damaged, truncated, too large, or not a single volume.
    """
    fields, body = _header(path)
    with damage_reported(path, "MetaImage"):
        return _volume(path, fields, body, max_voxels)


def _header(path: Path) -> tuple[dict[str, str], int]:
    """Return the fields by their names in lower case, and the offset of an attached body."""
    with path.open("rb") as stream:
        head = stream.read(MAX_HEADER_BYTES)
    fields: dict[str, str] = {}
    offset = 0
    while offset < len(head):
        end = head.find(b"\n", offset)
        end = len(head) if end < 0 else end
        name, *rest = SEPARATOR.split(head[offset:end].decode("latin-1"), maxsplit=1)
        offset = end + 1
        if rest:
            fields[name.strip().lower()] = rest[0].strip()
        if name.strip().lower() == "elementdatafile":
            return fields, offset
    raise ImageReadError(
        "{file} is not a MetaImage file, despite its name: ElementDataFile is missing. Choose "
        "another file, or correct the file extension.",
        file=path.name,
    )


def _volume(path: Path, fields: dict[str, str], body: int, max_voxels: int) -> FileVolume:
    sizes = [int(word) for word in fields["dimsize"].split()]
    dimensions = int(fields["ndims"])
    if len(sizes) != dimensions or not 2 <= dimensions <= 8 or min(sizes) < 1:
        raise ImageReadError(
            "{file} has a damaged MetaImage header: the image size is given as {value!r}. Copy it "
            "again from the source.",
            file=path.name,
            value=fields["dimsize"][:60],
        )
    channels = int(fields.get("elementnumberofchannels", "1"))
    all_sizes = sizes if channels == 1 else [*sizes, channels]
    require_single_volume(path, all_sizes, sizes[:3], max_voxels)
    kind = fields["elementtype"].upper()
    if kind not in DTYPES:
        raise not_numbers_error(path, fields["elementtype"])
    values = _values(path, fields, body, np.dtype(DTYPES[kind]), math.prod(sizes))
    i, j, k = [*sizes, 1][:3]
    affine, is_known, warnings = _placement(fields, dimensions, (i, j, k))
    return FileVolume(values.reshape(k, j, i), affine, is_known, tuple(warnings))


def _values(
    path: Path, fields: dict[str, str], body: int, dtype: np.dtype[Any], count: int
) -> NDArray[Any]:
    name = fields["elementdatafile"]
    data = VoxelData.of(path, None if name.upper() == "LOCAL" else name, body, dtype, count)
    is_packed = _is_true(fields.get("compresseddata"))
    is_text = not is_packed and not _is_true(fields.get("binarydata", "True"))
    skipped = int(fields.get("headersize", "0"))
    if skipped == -1 and not is_packed:
        data = replace(data, begin=data.path.stat().st_size - data.size)
    elif skipped > 0 and data.path != path:
        data = replace(data, begin=skipped)
    ratio = MAX_DEFLATE_RATIO if is_packed else 1
    min_bytes = MIN_TEXT_BYTES * count - 1 if is_text else data.size
    if data.begin < 0 or min_bytes > max(0, data.stored_size) * ratio:
        raise data.too_short_error(max(0, data.stored_size))
    if is_text:
        return data.values_in_text(data.read())
    plain = _inflate(path, data.read(), data.size) if is_packed else data.read(data.size)
    is_big = _is_true(fields.get("binarydatabyteordermsb", fields.get("elementbyteordermsb")))
    return data.values(plain, is_big_endian=is_big)


def _inflate(path: Path, stored: bytes, declared: int) -> bytes:
    """Return unpacked bytes, at most as many as declared: a small file may expand to any size."""
    from isal import isal_zlib

    deflate_error: Any = isal_zlib.error
    try:
        plain: bytes = isal_zlib.decompressobj().decompress(stored, declared)
    except deflate_error as error:
        raise unpacking_error(path) from error
    return plain


def _placement(
    fields: dict[str, str], dimensions: int, shape: tuple[int, int, int]
) -> tuple[NDArray[np.float64], bool, list[str]]:
    """Return the affine in LPS and mm, whether the file states the orientation, and warnings."""
    spatial = min(3, dimensions)
    _check_agreement(fields, ORIGIN_NAMES)
    _check_agreement(fields, ORIENTATION_NAMES)
    spacing = _numbers(fields, SPACING_NAMES, dimensions, 1.0)
    origin = _numbers(fields, ORIGIN_NAMES, dimensions, 0.0)
    is_known = any(name in fields for name in ORIENTATION_NAMES)
    vectors = np.eye(dimensions)
    if is_known:
        vectors = _numbers(fields, ORIENTATION_NAMES, dimensions**2, 0.0).reshape(
            dimensions, dimensions
        )
    affine = np.eye(4)
    affine[:spatial, :spatial] = vectors[:spatial, :spatial].T * spacing[:spatial]
    affine[:spatial, 3] = origin[:spatial]
    if not any(name in fields for name in SPACING_NAMES):
        return affine, is_known, [SIZE_NOT_STATED]
    units, warnings = mm_per_unit([fields.get("distanceunits", "")] * 3)
    affine, _, remarks = convert_to_millimetres(affine, units, shape)
    return affine, is_known, [*warnings, *remarks]


def _check_agreement(fields: dict[str, str], names: tuple[str, ...]) -> None:
    """Reject different values under names that mean the same: readers use one or the other."""
    texts = {
        name: [float(word) for word in fields[name].split()] for name in names if name in fields
    }
    if any(numbers != next(iter(texts.values())) for numbers in texts.values()):
        raise ValueError(f"{' and '.join(texts)} contradict each other")


def _numbers(
    fields: dict[str, str], names: tuple[str, ...], count: int, default: float
) -> NDArray[np.float64]:
    text = next((fields[name] for name in names if name in fields), None)
    if text is None:
        return np.full(count, default)
    numbers = np.array([float(word) for word in text.split()])
    if len(numbers) != count or not np.isfinite(numbers).all() or np.abs(numbers).max() > 1e9:
        raise ValueError(f"{names[0]} is given as {text[:60]!r}")
    return numbers


def _is_true(word: str | None) -> bool:
    return word is not None and word[:1].upper() in {"T", "1", "Y"}
