"""What size and depth a compressed picture says it has, before a decoder is let loose on it.

A codec believes its codestream and takes memory for it; the header around it is what the program has judged.
"""

from __future__ import annotations

import struct

from spineviewer.errors import ImageReadError
from spineviewer.wording import worded

#: Markers that begin a frame: start of frame 0 to 15 without the tables among them, and JPEG-LS's.
FRAME_MARKERS = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
#: Bits a pixel that JPEG and JPEG-LS allow (ITU-T T.81, T.87).
JPEG_BITS = range(2, 17)
SIZ = b"\xff\x4f\xff\x51"


def require_stated_size(codestream: bytes, rows: int, columns: int, name: str) -> None:
    """Compare what a JPEG, JPEG-LS or JPEG 2000 codestream says with the header around it.

    Raises
    ------
    ImageReadError
        When the codestream says another size, or a JPEG bits a pixel that no JPEG has, at which GDCM ends the process; one
        that says neither is left to the decoder.
    """
    bits = stated_bits(codestream)
    if bits is not None and bits not in JPEG_BITS:
        raise ImageReadError(worded("{file} is damaged: its picture tells of {bits} bits a pixel.", file=name, bits=bits))
    stated = stated_size(codestream)
    if stated is not None and stated != (rows, columns):
        raise ImageReadError(
            worded(
                "{file} is damaged: its header tells of {rows} x {columns} pixels, "
                "its picture of {stated_rows} x {stated_columns}.",
                file=name,
                rows=rows,
                columns=columns,
                stated_rows=stated[0],
                stated_columns=stated[1],
            )
        )


def stated_size(codestream: bytes) -> tuple[int, int] | None:
    """Rows and columns by a codestream's own header, None where it has none that can be found."""
    try:
        if codestream[:4] == SIZ:
            right, bottom, left, top = struct.unpack_from(">4I", codestream, 8)
            return bottom - top, right - left
        frame = _jpeg_frame(codestream)
        return None if frame is None else struct.unpack_from(">HH", codestream, frame + 1)
    except (struct.error, IndexError):
        return None


def stated_bits(codestream: bytes) -> int | None:
    """Bits a pixel by a JPEG's or JPEG-LS's own header, None where there is none."""
    try:
        frame = _jpeg_frame(codestream)
        return None if frame is None else codestream[frame]
    except (struct.error, IndexError):
        return None


def _jpeg_frame(codestream: bytes) -> int | None:
    """Where bits, rows and columns of the frame stand in a JPEG."""
    if codestream[:2] != b"\xff\xd8":
        return None
    place = 2
    while codestream[place] == 0xFF:
        marker = codestream[place + 1]
        if marker == 0xFF or marker in STANDALONE_MARKERS:
            place += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", codestream, place + 2)
        if marker in FRAME_MARKERS:
            return place + 4
        place += 2 + length
    return None
