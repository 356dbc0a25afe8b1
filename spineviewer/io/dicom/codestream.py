"""The size and depth that a compressed image declares, checked before it is decoded.

A codec trusts the codestream and allocates the memory that it declares, regardless of the DICOM
header.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from spineviewer.errors import ImageReadError

#: Start of frame: SOF0 to SOF15 of JPEG (except DHT, JPG and DAC), and that of JPEG-LS.
FRAME_MARKERS = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
#: Bits per pixel that JPEG and JPEG-LS allow (ITU-T T.81, T.87).
JPEG_BITS = range(2, 17)
#: First two markers of a JPEG 2000 codestream: SOC, SIZ.
SOC_SIZ = b"\xff\x4f\xff\x51"
#: A codestream wrapped in JP2 boxes, which DICOM does not define, begins within this many bytes.
MAX_BOX_BYTES = 1024


@dataclass(frozen=True)
class CodestreamHeader:
    """The image parameters that a codestream declares.

    Attributes
    ----------
    bits
        Bits per pixel value, including the sign.
    is_signed
        Whether values are signed; False for JPEG and JPEG-LS, which cannot express it.
    """

    rows: int
    columns: int
    bits: int
    is_signed: bool
    components: int


def codestream_header(codestream: bytes) -> CodestreamHeader | None:
    """Return the header of a JPEG, JPEG-LS or JPEG 2000 codestream; None if there is none."""
    try:
        if (start := codestream[:MAX_BOX_BYTES].find(SOC_SIZ)) >= 0 and codestream[
            :2
        ] != b"\xff\xd8":
            # After the markers SOC and SIZ: length and capabilities (2 bytes each), image area and
            # tiles (8 x 4 bytes), number of components, depth of the first (ITU-T T.800, A.5.1).
            right, bottom, left, top = struct.unpack_from(">4I", codestream, start + 8)
            (components,) = struct.unpack_from(">H", codestream, start + 40)
            depth = codestream[start + 42]
            return CodestreamHeader(
                bottom - top, right - left, (depth & 0x7F) + 1, bool(depth & 0x80), components
            )
        frame = _jpeg_frame(codestream)
        if frame is None:
            return None
        bits, rows, columns, components = struct.unpack_from(">BHHB", codestream, frame)
        return CodestreamHeader(rows, columns, bits, False, components)
    except (struct.error, IndexError):
        return None


def check_codestream(codestream: bytes, rows: int, columns: int, name: str) -> None:
    """Check that a JPEG, JPEG-LS or JPEG 2000 codestream matches the DICOM header of its file.

    Raises
    ------
    ImageReadError
        When the codestream declares another size, colours, or a bit depth that JPEG does not allow
        (GDCM would abort the process). A codestream without these fields is left to the decoder.
    """
    declared = codestream_header(codestream)
    if declared is None:
        return
    if codestream[:2] == b"\xff\xd8" and declared.bits not in JPEG_BITS:
        raise ImageReadError(
            "{file} is damaged: its image has {bits} bits per pixel. Copy it again from the "
            "source.",
            file=name,
            bits=declared.bits,
        )
    if (declared.rows, declared.columns) != (rows, columns):
        raise ImageReadError(
            "{file} is damaged: its header describes {rows} x {columns} pixels, but its image has "
            "{stated_rows} x {stated_columns}. Copy it again from the source.",
            file=name,
            rows=rows,
            columns=columns,
            stated_rows=declared.rows,
            stated_columns=declared.columns,
        )
    if declared.components != 1:
        raise ImageReadError(
            "{file}: the header describes a grey-scale image, but the compressed image has "
            "{components} components. Export or retrieve the series again.",
            file=name,
            components=declared.components,
        )


def _jpeg_frame(codestream: bytes) -> int | None:
    """Return the offset of the bit depth, rows and columns of a JPEG frame."""
    if codestream[:2] != b"\xff\xd8":
        return None
    offset = 2
    while codestream[offset] == 0xFF:
        marker = codestream[offset + 1]
        if marker == 0xFF or marker in STANDALONE_MARKERS:
            offset += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", codestream, offset + 2)
        if marker in FRAME_MARKERS:
            return offset + 4
        offset += 2 + length
    return None
