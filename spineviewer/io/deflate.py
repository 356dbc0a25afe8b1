"""A gzip stream made by several threads.

::

    header | piece 0, flushed | piece 1, flushed | ... | final empty block | checksum | length

Each thread deflates neighbouring slices for itself; after a full flush nothing refers back across its end, so the pieces joined
are one stream that every reader takes. The checksum of the whole comes from those of the pieces. Long stretches of zeros, most
of a mask, are only looked at: their deflate blocks are kept ready, and what they do to the checksum is known.
"""

from __future__ import annotations

import struct
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.threads import in_parallel

#: Deflate level of isal: 1 is 8 to 11 times faster than ITK's writer; masks shrink to a hundredth all the same.
DEFLATE_LEVEL = 1
#: Choice: bytes that a thread deflates at a time; less makes the stream longer, more leaves threads without work at the end.
PIECE_BYTES = 16 * 2**20
#: Choice: stretches of zeros are looked for in blocks of so many bytes; smaller ones are soon more calls than they save.
BLOCK_BYTES = 16 * 2**10
#: Window bits by which zlib is told to write deflate blocks alone, and what a gzip stream begins with: no name, no time.
_RAW_WINDOW = -15
_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_FINAL_EMPTY_BLOCK = b"\x03\x00"
_POLYNOMIAL, _ALL_ONES = 0xEDB88320, 0xFFFFFFFF


def gzipped(head: bytes, voxels: NDArray[Any], *, piece_bytes: int = PIECE_BYTES) -> list[bytes]:
    """Bytes and then an array's in C order as one gzip stream, in parts to be written one after the other.

    The array may lie in memory in any order; it is never copied whole.
    """
    first = _piece(head)
    per_piece = max(1, piece_bytes // max(1, voxels[:1].nbytes))
    starts = range(0, voxels.shape[0], per_piece)
    others = in_parallel(lambda start: _piece(np.ascontiguousarray(voxels[start : start + per_piece])), starts)
    checksum, length = 0, 0
    parts = [_HEADER]
    for deflated, piece_checksum, piece_length in (first, *others):
        parts.append(deflated)
        checksum = _advanced(checksum, piece_length) ^ piece_checksum
        length += piece_length
    parts.append(_FINAL_EMPTY_BLOCK + struct.pack("<II", checksum, length & 0xFFFFFFFF))
    return parts


def _piece(content: Any) -> tuple[bytes, int, int]:
    """Deflate blocks of some bytes, flushed, with their checksum and number."""
    from isal import isal_zlib

    values = np.frombuffer(content, np.uint8) if isinstance(content, bytes) else content.reshape(-1).view(np.uint8)
    packer = isal_zlib.compressobj(DEFLATE_LEVEL, wbits=_RAW_WINDOW)
    parts: list[bytes] = []
    checksum = 0
    for start, stop, is_blank in _stretches(values):
        if is_blank:
            parts.append(_deflated_zeros(stop - start))
            checksum = _advanced(checksum ^ _ALL_ONES, stop - start) ^ _ALL_ONES
        else:
            parts += [packer.compress(values[start:stop]), packer.flush(isal_zlib.Z_FULL_FLUSH)]
            checksum = isal_zlib.crc32(values[start:stop], checksum)
    return b"".join(parts), checksum, values.size


def _stretches(values: NDArray[np.uint8]) -> list[tuple[int, int, bool]]:
    """Starts and stops of what is zero for whole blocks, and of what lies between."""
    whole = values.size // BLOCK_BYTES
    blocks = values[: whole * BLOCK_BYTES].view(np.uint64).reshape(whole, BLOCK_BYTES // 8)
    is_blank = ~np.bitwise_or.reduce(blocks, axis=1).astype(np.bool_)
    edges = [0, *(np.flatnonzero(np.diff(is_blank)) + 1).tolist(), whole] if whole else []
    found = [(start * BLOCK_BYTES, stop * BLOCK_BYTES, bool(is_blank[start])) for start, stop in pairwise(edges)]
    if values.size > whole * BLOCK_BYTES:
        found.append((whole * BLOCK_BYTES, values.size, False))
    return found


@lru_cache(maxsize=4096)
def _deflated_zeros(count: int) -> bytes:
    """Deflate blocks, flushed, of so many zeros, from few that are kept: each twice as long as the one before."""
    return b"".join(_kept_zeros(1 << bit) for bit in range(count.bit_length()) if count >> bit & 1)


@cache
def _kept_zeros(count: int) -> bytes:
    from isal import isal_zlib

    packer = isal_zlib.compressobj(DEFLATE_LEVEL, wbits=_RAW_WINDOW)
    return packer.compress(bytes(count)) + packer.flush(isal_zlib.Z_FULL_FLUSH)


def _advanced(checksum: int, count: int) -> int:
    """What a CRC-32 contributes once `count` more bytes have been read: multiplied by a matrix over the field of two elements."""
    a, b, c, d, e, f, g, h = _sums_to_advance_by(count)  # written out: this runs for each stretch of a mask
    return (
        a[checksum & 15] ^ b[checksum >> 4 & 15] ^ c[checksum >> 8 & 15] ^ d[checksum >> 12 & 15]
        ^ e[checksum >> 16 & 15] ^ f[checksum >> 20 & 15] ^ g[checksum >> 24 & 15] ^ h[checksum >> 28]
    )  # fmt: skip


@cache
def _sums_to_advance_by(count: int) -> list[list[int]]:
    """That matrix, multiplied with all that four bits can be."""
    matrix = _advance_by(count)
    return [[_applied(matrix, bits << shift) for bits in range(16)] for shift in range(0, 32, 4)]


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
