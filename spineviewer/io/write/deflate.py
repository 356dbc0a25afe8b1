"""Compression of a gzip stream with several threads.

::

    header | piece 0, flushed | piece 1, flushed | ... | final empty block | checksum | length

Each thread deflates its own slices. After a full flush nothing refers back to earlier data, so the
concatenated pieces form one stream that every reader accepts. The checksum of the whole is combined
from those of the pieces. If an array is zero outside a box, only the rows in the box are read.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.threads import in_parallel
from spineviewer.volume.geometry import Box

#: Deflate level of isal: 1 is 8 to 11 times faster than ITK's writer, and masks still shrink to a
#: hundredth.
DEFLATE_LEVEL = 1
#: Choice: bytes that a thread deflates at a time. Smaller pieces make the stream longer, larger
#: ones leave threads without work at the end.
PIECE_BYTES = 16 * 2**20
#: Choice: bytes that are deflated and then checksummed while they are in the processor's cache.
CHUNK_BYTES = 512 * 2**10
#: Window bits that make zlib write raw deflate blocks; the header of a gzip stream without name
#: and time.
_RAW_WINDOW = -15
_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_FINAL_EMPTY_BLOCK = b"\x03\x00"


#: Deflate blocks, flushed, with their checksum and the number of bytes in them.
Piece = tuple[bytes, int, int]


def gzipped(
    head: bytes, voxels: NDArray[Any], *, filled: Box | None = None, piece_bytes: int = PIECE_BYTES
) -> list[bytes]:
    """Return the bytes of `head` and of an array in C order as one gzip stream, in parts.

    `voxels` is 3-D, of any dtype and memory order; it is never copied as a whole.

    Parameters
    ----------
    filled
        A box outside which the array is zero.
    """
    from isal import isal_zlib

    slices, rows = filled[:2] if filled else (slice(0, len(voxels)), slice(0, voxels.shape[1]))
    per_piece = max(1, piece_bytes // max(1, voxels[:1, rows].nbytes))
    starts = range(slices.start, slices.stop, per_piece)
    pieces = [
        _deflated(np.frombuffer(head, np.uint8)[None]),
        _blank_piece(voxels[: slices.start].nbytes),
        *in_parallel(
            lambda start: _slices(voxels[start : min(start + per_piece, slices.stop)], rows), starts
        ),
        _blank_piece(voxels[slices.stop :].nbytes),
    ]
    checksum, length = 0, 0
    for _, piece_checksum, piece_length in pieces:
        checksum = isal_zlib.crc32_combine(checksum, piece_checksum, piece_length)
        length += piece_length
    end = _FINAL_EMPTY_BLOCK + struct.pack("<II", checksum, length & 0xFFFFFFFF)
    return [_HEADER, *(deflated for deflated, _, _ in pieces), end]


def _slices(part: NDArray[Any], rows: slice) -> Piece:
    """Return slices, deflated, whose voxels outside some rows are zero."""
    row_bytes = part[:1, :1].nbytes
    lines = part[:, rows].reshape(len(part), -1)  # copied only if its memory order differs
    if lines.strides[-1] != lines.itemsize:
        lines = np.ascontiguousarray(lines)
    return _deflated(
        lines.view(np.uint8), rows.start * row_bytes, (part.shape[1] - rows.stop) * row_bytes
    )


def _deflated(lines: NDArray[np.uint8], before: int = 0, after: int = 0) -> Piece:
    """Return lines of bytes, deflated, with `before` and `after` zero bytes around each."""
    from isal import isal_zlib

    if before == after == 0:
        lines = lines.reshape(1, -1)
    packer = isal_zlib.compressobj(DEFLATE_LEVEL, wbits=_RAW_WINDOW)
    checksum, gap = 0, before
    parts: list[bytes] = []
    for line in lines:
        parts.append(_blank(gap))
        checksum = isal_zlib.crc32_combine(checksum, _checksum_of_zeros(gap), gap)
        for start in range(0, line.size, CHUNK_BYTES):
            chunk = line[start : start + CHUNK_BYTES]
            parts.append(packer.compress(chunk))
            checksum = isal_zlib.crc32(chunk, checksum)
        parts.append(packer.flush(isal_zlib.Z_FULL_FLUSH))
        gap = after + before
    checksum = isal_zlib.crc32_combine(checksum, _checksum_of_zeros(after), after)
    return (
        b"".join([*parts, _blank(after)]),
        checksum,
        len(lines) * (before + lines.shape[1] + after),
    )


def _blank_piece(count: int) -> Piece:
    return _blank(count), _checksum_of_zeros(count), count


@lru_cache(maxsize=8)
def _blank(count: int) -> bytes:
    """Return flushed deflate blocks of `count` zeros, of which masks mostly consist."""
    from isal import isal_zlib

    packer = isal_zlib.compressobj(DEFLATE_LEVEL, wbits=_RAW_WINDOW)
    zeros = bytes(min(count, CHUNK_BYTES))
    parts = [packer.compress(zeros[: count - start]) for start in range(0, count, CHUNK_BYTES)]
    return b"".join([*parts, packer.flush(isal_zlib.Z_FULL_FLUSH)]) if count else b""


@lru_cache(maxsize=64)
def _checksum_of_zeros(count: int) -> int:
    """Return the CRC-32 of `count` zero bytes, combined from the CRC-32 of half as many."""
    from isal import isal_zlib

    if count <= 1:
        return int(isal_zlib.crc32(bytes(count)))
    half = _checksum_of_zeros(count // 2)
    whole = isal_zlib.crc32_combine(half, half, count // 2)
    return int(isal_zlib.crc32(b"\0", whole) if count % 2 else whole)
