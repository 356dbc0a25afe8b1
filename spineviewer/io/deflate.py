"""A gzip stream made by several threads.

::

    header | piece 0, flushed | piece 1, flushed | ... | final empty block | checksum | length

Each thread deflates neighbouring slices for itself; after a full flush nothing refers back across its end, so the pieces joined
are one stream that every reader takes. The checksum of the whole comes from those of the pieces.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.threads import in_parallel

#: Deflate level of isal: 1 is 8 to 11 times faster than ITK's writer; masks shrink to a hundredth all the same.
DEFLATE_LEVEL = 1
#: Choice: bytes that a thread deflates at a time; less makes the stream longer, more leaves threads without work at the end.
PIECE_BYTES = 16 * 2**20
#: Window bits by which zlib is told to write a gzip stream, and the lengths of what it writes around the deflated bytes.
_GZIP_WINDOW, _HEADER_BYTES, _TRAILER_BYTES = 31, 10, 8
_FINAL_EMPTY_BLOCK = b"\x03\x00"
_POLYNOMIAL = 0xEDB88320


def gzipped(head: bytes, voxels: NDArray[Any], *, piece_bytes: int = PIECE_BYTES) -> list[bytes]:
    """Bytes and then an array's in C order as one gzip stream, in parts to be written one after the other.

    The array may lie in memory in any order; it is never copied whole.
    """
    first = _piece(head)
    per_piece = max(1, piece_bytes // max(1, voxels[:1].nbytes))
    starts = range(0, voxels.shape[0], per_piece)
    others = in_parallel(lambda start: _piece(np.ascontiguousarray(voxels[start : start + per_piece])), starts)
    checksum, length = 0, 0
    parts = [first[0][:_HEADER_BYTES]]
    for deflated, piece_checksum, piece_length in (first, *others):
        parts.append(deflated[_HEADER_BYTES:])
        checksum = _advanced(checksum, piece_length) ^ piece_checksum
        length += piece_length
    parts.append(_FINAL_EMPTY_BLOCK + struct.pack("<II", checksum, length & 0xFFFFFFFF))
    return parts


def _piece(content: Any) -> tuple[bytes, int, int]:
    """Gzip header and flushed deflate blocks of some bytes, with their checksum and number."""
    from isal import isal_zlib

    packer = isal_zlib.compressobj(DEFLATE_LEVEL, wbits=_GZIP_WINDOW)
    flushed = packer.compress(content) + packer.flush(isal_zlib.Z_FULL_FLUSH)
    (checksum, _) = struct.unpack("<II", packer.flush()[-_TRAILER_BYTES:])
    return flushed, checksum, memoryview(content).nbytes


def _advanced(checksum: int, count: int) -> int:
    """What a CRC-32 contributes once `count` more bytes have been read: multiplied by a matrix over the field of two elements."""
    return _applied(_advance_by(count), checksum)


@cache
def _advance_by(count: int) -> tuple[int, ...]:
    if count == 0:
        return tuple(1 << bit for bit in range(32))
    half = _advance_by(count // 2)
    whole = tuple(_applied(half, column) for column in half)
    return tuple(_applied(_ONE_BYTE, column) for column in whole) if count % 2 else whole


def _applied(matrix: tuple[int, ...], vector: int) -> int:
    product = 0
    for bit, column in enumerate(matrix):
        if vector >> bit & 1:
            product ^= column
    return product


def _one_byte() -> tuple[int, ...]:
    columns = []
    for bit in range(32):
        value = 1 << bit
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        columns.append(value)
    return tuple(columns)


_ONE_BYTE = _one_byte()
