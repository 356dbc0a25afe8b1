"""Compression of a gzip stream with several threads.

::

    header | section 0, flushed | section 1, flushed | ... | final empty block | checksum | length

Each thread deflates its own slices. After a full flush, no data refers back to earlier data, so the
concatenated sections form one stream that every reader accepts. The checksum of the stream is
combined from those of the sections. If an array is zero outside a box, only the rows in the box are
read.
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
#: Choice: bytes that a thread deflates at a time. Smaller sections make the stream longer; larger
#: ones leave threads idle at the end.
SECTION_BYTES = 16 * 2**20
#: Choice: bytes that are deflated and then checksummed while they are in the processor's cache.
CHUNK_BYTES = 512 * 2**10
#: Window bits that make zlib write raw deflate blocks.
_RAW_WINDOW = -15
#: Header of a gzip stream, without file name and time.
_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_FINAL_EMPTY_BLOCK = b"\x03\x00"


#: Flushed deflate blocks, the checksum of their contents, and the length of the contents in bytes.
Section = tuple[bytes, int, int]


def gzip_stream(
    head: bytes,
    voxels: NDArray[Any],
    *,
    nonzero_box: Box | None = None,
    section_bytes: int = SECTION_BYTES,
) -> list[bytes]:
    """Return the parts of a gzip stream that contains `head` and an array in C order.

    `voxels` is 3-D, of any dtype and memory order; it is never copied as a whole.

    Parameters
    ----------
    nonzero_box
        A box outside which the array is zero.
    """
    from isal import isal_zlib

    slices, rows = (
        nonzero_box[:2] if nonzero_box else (slice(0, len(voxels)), slice(0, voxels.shape[1]))
    )
    per_section = max(1, section_bytes // max(1, voxels[:1, rows].nbytes))
    starts = range(slices.start, slices.stop, per_section)
    sections = [
        _deflate_lines(np.frombuffer(head, np.uint8)[None]),
        _zero_section(voxels[: slices.start].nbytes),
        *in_parallel(
            lambda start: _deflate_slices(
                voxels[start : min(start + per_section, slices.stop)], rows
            ),
            starts,
        ),
        _zero_section(voxels[slices.stop :].nbytes),
    ]
    checksum, length = 0, 0
    for _, section_checksum, section_length in sections:
        checksum = isal_zlib.crc32_combine(checksum, section_checksum, section_length)
        length += section_length
    end = _FINAL_EMPTY_BLOCK + struct.pack("<II", checksum, length & 0xFFFFFFFF)
    return [_HEADER, *(deflated for deflated, _, _ in sections), end]


def _deflate_slices(part: NDArray[Any], rows: slice) -> Section:
    """Deflate slices whose voxels outside some rows are zero."""
    row_bytes = part[:1, :1].nbytes
    lines = part[:, rows].reshape(len(part), -1)  # copied only if its memory order differs
    if lines.strides[-1] != lines.itemsize:
        lines = np.ascontiguousarray(lines)
    return _deflate_lines(
        lines.view(np.uint8), rows.start * row_bytes, (part.shape[1] - rows.stop) * row_bytes
    )


def _deflate_lines(lines: NDArray[np.uint8], before: int = 0, after: int = 0) -> Section:
    """Deflate lines of bytes, each with `before` and `after` zero bytes around it."""
    from isal import isal_zlib

    if before == after == 0:
        lines = lines.reshape(1, -1)
    packer = isal_zlib.compressobj(DEFLATE_LEVEL, wbits=_RAW_WINDOW)
    checksum, gap = 0, before
    parts: list[bytes] = []
    for line in lines:
        parts.append(_deflated_zeros(gap))
        checksum = isal_zlib.crc32_combine(checksum, _checksum_of_zeros(gap), gap)
        for start in range(0, line.size, CHUNK_BYTES):
            chunk = line[start : start + CHUNK_BYTES]
            parts.append(packer.compress(chunk))
            checksum = isal_zlib.crc32(chunk, checksum)
        parts.append(packer.flush(isal_zlib.Z_FULL_FLUSH))
        gap = after + before
    checksum = isal_zlib.crc32_combine(checksum, _checksum_of_zeros(after), after)
    return (
        b"".join([*parts, _deflated_zeros(after)]),
        checksum,
        len(lines) * (before + lines.shape[1] + after),
    )


def _zero_section(count: int) -> Section:
    return _deflated_zeros(count), _checksum_of_zeros(count), count


@lru_cache(maxsize=8)
def _deflated_zeros(count: int) -> bytes:
    """Return flushed deflate blocks of `count` zero bytes."""
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
