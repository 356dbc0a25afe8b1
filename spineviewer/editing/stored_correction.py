"""Corrections as compressed bytes, for session files."""

from __future__ import annotations

import io
import math
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from spineviewer.editing.correction import Correction
from spineviewer.editing.step_arrays import BLOCK, Key, Signs, step_arrays, steps_from_arrays
from spineviewer.errors import ImageReadError
from spineviewer.volume.geometry import IndexTriple

#: Exceptions that numpy and zipfile raise on damaged files.
FOREIGN_ERRORS = (
    OSError, ValueError, LookupError, EOFError, TypeError, NotImplementedError, SyntaxError,
    RuntimeError, MemoryError,
    OverflowError, zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError,
)  # fmt: skip
#: Maximum size in bytes of the steps stored in a session; older steps become final.
MAX_STORED_BYTES = 32_000_000


def pack_correction(correction: Correction) -> bytes:
    """Return a correction and its newest steps (up to `MAX_STORED_BYTES`) as compressed bytes."""
    done, undone = correction.steps
    size, first = sum(step.size_bytes for step in undone), len(done)
    while first and size + done[first - 1].size_bytes <= MAX_STORED_BYTES:
        first -= 1
        size += done[first].size_bytes
    buffer = io.BytesIO()
    blocks = np.array(list(correction.blocks.values()), np.int8)
    np.savez_compressed(
        buffer,
        shape=np.array(correction.shape_zyx),
        keys=np.array(list(correction.blocks), np.int32).reshape(-1, 3),
        blocks=blocks.reshape(-1, BLOCK, BLOCK, BLOCK),
        **step_arrays(done[first:], undone),  # type: ignore[arg-type]  # all are arrays
    )
    return buffer.getvalue()


def unpack_correction(packed: bytes, source: Path, shape_zyx: IndexTriple) -> Correction:
    """Return a correction from its bytes; the inverse of `pack_correction`.

    Raises
    ------
    ImageReadError
        When it is damaged or belongs to a scan of another shape; the message names `source`.
    """
    counts = [-(-n // BLOCK) for n in shape_zyx]
    try:
        _require_plausible_size(packed, math.prod(counts))
        with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
            shape, keys, blocks = stored["shape"], stored["keys"], stored["blocks"]
            done, undone = steps_from_arrays(stored, counts)
    except FOREIGN_ERRORS as error:
        raise ImageReadError(
            "The corrections in {file} are damaged ({kind}), so the session "
            "cannot be opened. Open the scan instead.",
            file=source.name,
            kind=type(error).__name__,
        ) from error
    if shape.tolist() != list(shape_zyx):
        raise ImageReadError(
            "The corrections in {file} belong to another scan, so the session "
            "cannot be opened. Open the scan instead.",
            file=source.name,
        )
    is_valid = keys.dtype == np.int32 and keys.ndim == 2 and keys.shape[1] == 3
    is_valid = is_valid and blocks.dtype == np.int8
    is_valid = is_valid and blocks.shape == (len(keys), BLOCK, BLOCK, BLOCK)
    if not is_valid or not ((keys >= 0) & (keys < counts)).all() or (np.abs(blocks) > 1).any():
        raise ImageReadError(
            "The corrections in {file} are damaged, so the session "
            "cannot be opened. Open the scan instead.",
            file=source.name,
        )
    by_key: dict[Key, Signs] = {
        (int(z), int(y), int(x)): np.array(block, np.int8)
        for (z, y, x), block in zip(keys, blocks, strict=True)
    }
    for change in (change for step in (*done, *undone) for change in step.changes):
        if change.key not in by_key:  # a block without corrections is not stored
            by_key[change.key] = np.zeros((BLOCK, BLOCK, BLOCK), np.int8)
    correction = Correction(shape_zyx, by_key, done, undone)
    correction.revision = 1
    return correction


def _require_plausible_size(packed: bytes, block_count: int) -> None:
    """Raise ValueError if unpacked bytes would be more than a scan's blocks need."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        declared = sum(entry.file_size for entry in archive.infolist())
    if declared > block_count * (BLOCK**3 + 12) + 2 * MAX_STORED_BYTES:
        raise ValueError(f"{declared} bytes are declared")
