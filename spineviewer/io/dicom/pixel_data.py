"""Stored DICOM pixels to Hounsfield units, slice by slice. Runs in the child process."""

from __future__ import annotations

import importlib.util
import io
import os
import tempfile
import warnings
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError
from spineviewer.io.dicom.codestream import Stated, require_stated_size, stated
from spineviewer.io.dicom.findings import FOREIGN_ERRORS, Slice
from spineviewer.io.dicom.quick_header import (
    DEFLATED,
    DOUBLE_FLOAT_PIXEL_DATA,
    FLOAT_PIXEL_DATA,
    PIXEL_DATA,
    UNDEFINED,
)
from spineviewer.io.sandbox.bounded import BoundedReader
from spineviewer.volume.volume import AIR_HU
from spineviewer.wording import worded

LITTLE_ENDIAN_SYNTAXES = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}
BIG_ENDIAN = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
#: JPEG 2000 and its high-throughput kind, by OpenJPEG itself.
JPEG2000 = {
    "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.203",
}  # fmt: skip
#: On damaged pictures Pillow gives an error where GDCM ends the process.
PLUGINS = {"1.2.840.10008.1.2.4.50": "pillow"}
#: By CharLS, which gives an error at once where GDCM takes seconds.
JPEG_LS = {"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"}
#: Damage that leads CharLS to the last byte makes it count for seconds; behind some more bytes it
#: gives up at once.
JPEG_LS_TAIL = b"\xff\xd9" + bytes(64)
#: By ITK's own GDCM: the kinds with 12 bits and the retired ones, which no other codec here has,
#: and the lossless ones, on whose
#: damage GDCM called directly ends the process where ITK gives an error. Several threads decode
#: with either as fast. The installer has no ITK, which is large: there GDCM is called.
ITK_JPEG = {
    "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
}  # fmt: skip
#: JPEG by cosine transform, which knows 8 and 12 bits.
COSINE_JPEG = {
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.53",
    "1.2.840.10008.1.2.4.55",
}
MAX_COSINE_BITS = 12
VIDEO_SYNTAX_PREFIX = "1.2.840.10008.1.2.4.10"
#: Keyword, letter of the number type and bytes of a number of each kind of pixel element.
FLOATS = {
    FLOAT_PIXEL_DATA: ("FloatPixelData", "f", 4),
    DOUBLE_FLOAT_PIXEL_DATA: ("DoubleFloatPixelData", "f", 8),
}
#: Bits Allocated of whole numbers that are read; others (1, 12, 64 …) no CT has.
WHOLE_BITS = (8, 16, 32)
#: Choice: no CT detector gives more pixels a slice (8192 x 8192).
MAX_PIXELS = 2**26
#: Ends of the range in which HU are kept.
LOWEST_HU, HIGHEST_HU = AIR_HU, 32767
#: Choice: no scanner pads with values that lung, fat, water or bone have.
TISSUE_HU = (-900, 3000)


def hu_of_slice(one: Slice) -> NDArray[np.int16]:
    """Return the pixels of one slice in HU: int16, shape (rows, columns).

    Values are rescaled; padding and everything below -1024 is set to air.

    Raises
    ------
    ImageReadError
        When pixels are missing, do not match the header, or have an encoding that cannot be
        decoded.
    """
    stored = stored_pixels(one)
    slope, intercept = _rescale(one)
    if (
        slope == 1.0
        and intercept.is_integer()
        and abs(intercept) < HIGHEST_HU
        and stored.dtype.itemsize == 2
    ):
        hu = stored.copy()
        _shift(hu, int(intercept))
        hu = hu.view(np.int16)
    else:
        hu = np.clip(np.rint(stored * slope + intercept), LOWEST_HU, HIGHEST_HU).astype(np.int16)
    if one.padding is not None and not _is_padding_dark(one) and not is_padding_tissue(one):
        hu[(stored >= one.padding[0]) & (stored <= one.padding[1])] = AIR_HU
    return hu


def exact_values_of_slice(one: Slice) -> NDArray[np.float64]:
    """Return the pixels of one slice, rescaled but not rounded: float64, shape (rows, columns).

    Padding is NaN.

    Raises
    ------
    ImageReadError
        As `hu_of_slice`.
    """
    stored = stored_pixels(one)
    slope, intercept = _rescale(one)
    values = np.asarray(stored * slope + intercept, dtype=np.float64)
    if one.padding is not None and not is_padding_tissue(one):
        values[(stored >= one.padding[0]) & (stored <= one.padding[1])] = np.nan
    return values


def read_hu_into(one: Slice, target: NDArray[np.int16]) -> None:
    """Write `hu_of_slice` into an int16 array of the same shape.

    Plain slices are read without a copy.

    Raises
    ------
    ImageReadError
        As `hu_of_slice`.
    """
    slope, intercept = _rescale(one)
    is_plain = (
        _is_plain(one) and slope == 1.0 and intercept.is_integer() and abs(intercept) < HIGHEST_HU
    )
    if not (
        is_plain and (_is_padding_dark(one) or is_padding_tissue(one)) and target.flags.c_contiguous
    ):
        target[...] = hu_of_slice(one)
        return
    _require_slice(one)
    _shift(_plain(one, target), int(intercept))


def load_codecs(slices: Iterable[Slice]) -> None:
    """Import the modules needed to decode the slices.

    Threads that import different parts of pydicom at the same time fail.
    """
    if not all(_is_plain(one) for one in slices):
        for name in ("pydicom", "pydicom.pixels.utils"):
            importlib.import_module(name)


def stored_pixels(one: Slice) -> NDArray[Any]:
    """Return the pixels as stored, before any rescaling, shape (rows, columns).

    The dtype is a signed or unsigned integer or, rarely, float.

    Raises
    ------
    ImageReadError
        As `hu_of_slice`.
    """
    _require_slice(one)
    if _is_plain(one):
        return _plain(one, np.empty((one.rows, one.columns), np.int16))
    return _uncompressed(one) if _is_native(one) else _unpacked(one)


def _rescale(one: Slice) -> tuple[float, float]:
    return 1.0 if one.slope is None else one.slope, 0.0 if one.intercept is None else one.intercept


def _is_padding_dark(one: Slice) -> bool:
    """Return whether clipping to the range already turns padding into air."""
    slope, intercept = _rescale(one)
    return (
        one.padding is None or max(value * slope + intercept for value in one.padding) <= LOWEST_HU
    )


def is_padding_tissue(one: Slice) -> bool:
    """Return whether the padding value means ordinary tissue; then it is ignored."""
    slope, intercept = _rescale(one)
    return one.padding is not None and any(
        TISSUE_HU[0] < v * slope + intercept < TISSUE_HU[1] for v in one.padding
    )


def _is_native(one: Slice) -> bool:
    return one.transfer_syntax in {*LITTLE_ENDIAN_SYNTAXES, BIG_ENDIAN, DEFLATED}


def _is_plain(one: Slice) -> bool:
    """Return whether the pixels are stored as 16 bits in this processor's byte order."""
    is_integer = one.pixels is not None and one.pixels.tag == PIXEL_DATA
    return one.transfer_syntax in LITTLE_ENDIAN_SYNTAXES and one.bits_allocated == 16 and is_integer


def _require_slice(one: Slice) -> None:
    name = one.path.name
    if one.samples != 1:
        raise ImageReadError(
            "{file} is a colour image ({samples} samples per pixel), not a CT slice.",
            file=name,
            samples=one.samples,
        )
    if not one.has_pixels:
        raise ImageReadError("{file} contains no pixels.", file=name)
    if not 0 < one.rows * one.columns <= MAX_PIXELS:
        raise ImageReadError(
            "{file} has {rows} x {columns} pixels according to its header: this is not a CT slice.",
            file=name,
            rows=one.rows,
            columns=one.columns,
        )
    if one.transfer_syntax.startswith(VIDEO_SYNTAX_PREFIX):
        raise ImageReadError("{file} contains a video, not a CT slice.", file=name)
    _require_bits(one)
    if one.pixels is not None and (one.pixels.length == UNDEFINED) == _is_native(one):
        raise ImageReadError(
            worded(
                "{file}: the pixels are compressed, but the Transfer Syntax is that of "
                "uncompressed ones.",
                file=name,
            )
            if _is_native(one)
            else worded(
                "{file}: the Transfer Syntax is that of compressed pixels, but they are "
                "uncompressed.",
                file=name,
            )
        )


def _require_bits(one: Slice) -> None:
    """Reject contradictory bit depths in the header.

    The codestream decides for compressed pixels.
    """
    if one.pixels is not None and one.pixels.tag in FLOATS:
        _, _, size = FLOATS[one.pixels.tag]
        if one.bits_allocated != 8 * size:
            raise ImageReadError(
                "{file}: floating-point pixels of {bits} bits, but Bits Allocated is {allocated}.",
                file=one.path.name,
                bits=8 * size,
                allocated=one.bits_allocated,
            )
        return
    if one.is_signed is None:
        raise ImageReadError(
            "{file}: Pixel Representation, which says whether pixels are signed, is not 0 or 1.",
            file=one.path.name,
        )
    if not _is_native(one) and one.transfer_syntax != RLE:
        return
    if (
        one.bits_allocated not in WHOLE_BITS
        or not one.bits_stored - 1 <= one.high_bit < one.bits_allocated
    ):
        raise ImageReadError(
            "{file}: pixels with Bits Allocated {allocated}, Bits Stored {stored} and High "
            "Bit {high} cannot be read.",
            file=one.path.name,
            allocated=one.bits_allocated,
            stored=one.bits_stored,
            high=one.high_bit,
        )


def _shift(stored: NDArray[Any], intercept: int) -> None:
    """Compute ``clip(stored + intercept)`` in place within 16 bits: clip, then add modulo 2**16.

    Bounds are given as rows, because numpy vectorises comparisons between two arrays but not with a
    scalar.
    """
    limits = np.iinfo(stored.dtype)
    low, high = (
        min(max(value - intercept, int(limits.min)), int(limits.max))
        for value in (LOWEST_HU, HIGHEST_HU)
    )
    if low > limits.min:
        np.maximum(stored, np.full(stored.shape[-1], low, stored.dtype), out=stored)
    if high < limits.max:
        np.minimum(stored, np.full(stored.shape[-1], high, stored.dtype), out=stored)
    if intercept:
        sums = stored.view(np.uint16)
        sums += np.uint16(intercept % 2**16)


def _plain(one: Slice, into: NDArray[np.int16]) -> NDArray[Any]:
    """Read 16-bit pixels from the file directly into an array; return it as the stored dtype."""
    assert one.pixels is not None
    length = 2 * one.rows * one.columns
    with one.path.open("rb", buffering=0) as stream:
        stream.seek(one.pixels.begin + one.frame * length)
        bytes_there = 0
        view = memoryview(into.reshape(-1).view(np.uint8))  # type: ignore[arg-type]  # arrays are buffers, numpy's stub says from 3.12
        while bytes_there < length and (chunk := stream.readinto(view[bytes_there:])):
            bytes_there += chunk
    _require_length(one, length, min(bytes_there, one.pixels.length - one.frame * length))
    return _without_spare_bits(into.view("<i2" if one.is_signed else "<u2"), one)


def _uncompressed(one: Slice) -> NDArray[Any]:
    """Pixels of any width, byte order and number type that are not compressed."""
    tag = PIXEL_DATA if one.pixels is None else one.pixels.tag
    letter, size = (
        FLOATS[tag][1:]
        if tag in FLOATS
        else ("i" if one.is_signed else "u", one.bits_allocated // 8)
    )
    length = size * one.rows * one.columns
    first, last = one.frame * length, (one.frame + 1) * length
    is_big = one.transfer_syntax == BIG_ENDIAN
    if one.pixels is None:
        stored = _inflated(one)[first:last]
    elif is_big and size == 1 and one.pixels.kind == "OW":
        # Two pixels make a word, the last one first; a frame of an odd number of them begins or
        # ends within a word.
        words = np.frombuffer(_stored_bytes(one, first - first % 2, last + last % 2), "u1")
        swapped = words[: len(words) // 2 * 2].reshape(-1, 2)[:, ::-1].tobytes()
        stored = swapped[first % 2 : first % 2 + length]
    else:
        stored = _stored_bytes(one, first, last)
    _require_length(one, length, len(stored))
    numbers = np.frombuffer(stored, np.dtype(f"{'>' if is_big else '<'}{letter}{size}")).reshape(
        one.rows, one.columns
    )
    pixels: NDArray[Any] = numbers.astype(numbers.dtype.newbyteorder("="))
    if letter == "f":
        if not np.isfinite(pixels).all():
            raise ImageReadError(
                "{file} contains pixels that are not finite numbers.", file=one.path.name
            )
        return pixels
    return _without_spare_bits(pixels, one)


def _inflated(one: Slice) -> bytes:
    """Return the value of Pixel Data in a deflated file, as stored."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = _kept_whole(one.path) if one.frame_count > 1 else _whole(one.path)
            element = data.get_item("PixelData")
            return bytes(element.value) if element is not None else b""
    except FOREIGN_ERRORS as error:
        reason = type(error).__name__
        raise ImageReadError(
            "{file} cannot be decoded ({coding}): {reason}",
            file=one.path.name,
            coding=_syntax_name(one),
            reason=reason,
        ) from error


def _stored_bytes(one: Slice, first: int, last: int) -> bytes:
    """Return the bytes [first, last) of the pixel element's value, as far as they exist."""
    assert one.pixels is not None
    with one.path.open("rb") as stream:
        stream.seek(one.pixels.begin + first)
        return stream.read(max(0, min(last, one.pixels.length) - first))


def _require_length(one: Slice, length: int, bytes_there: int) -> None:
    if bytes_there < length:
        raise ImageReadError(
            "{file} is truncated or damaged: {rows} x {columns} pixels need {length} "
            "bytes, but only {bytes_there} are present.",
            file=one.path.name,
            rows=one.rows,
            columns=one.columns,
            length=length,
            bytes_there=max(0, bytes_there),
        )


def _without_spare_bits(pixels: NDArray[Any], one: Slice) -> NDArray[Any]:
    """Keep only the bits that the header calls stored: old files keep overlays above them.

    A High Bit above the lowest place possible is a leftover of an old standard. It is followed
    where the bits below are free; where they are not, header and pixels contradict each other.

    Raises
    ------
    ImageReadError
        When they do.
    """
    below = one.high_bit + 1 - one.bits_stored
    if below and (pixels & ((1 << below) - 1)).any():
        raise ImageReadError(
            "{file}: High Bit {high} and Bits Stored {stored} contradict the pixels, which "
            "use lower bits as well.",
            file=one.path.name,
            high=one.high_bit,
            stored=one.bits_stored,
        )
    if above := one.bits_allocated - 1 - one.high_bit:
        pixels <<= above
    if spare := one.bits_allocated - one.bits_stored:
        pixels >>= spare
    return pixels


def _unpacked(one: Slice) -> NDArray[Any]:
    """Compressed pixels, through pydicom and its codecs."""
    from pydicom.encaps import get_frame
    from pydicom.errors import BytesLengthException
    from pydicom.pixels.utils import pixel_array
    from pydicom.uid import UID

    assert one.pixels is not None
    size = one.path.stat().st_size
    promised = one.rows * one.columns * one.frame_count
    if promised > MAX_PIXELS and promised > 10_000 * size:
        raise ImageReadError(
            "{file} is damaged: it declares {promised} pixels but has only {size} bytes.",
            file=one.path.name,
            size=size,
            promised=promised,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if not UID(one.transfer_syntax).is_encapsulated:
                raise ValueError(worded("unknown Transfer Syntax"))
            value = (_kept_value if one.frame_count > 1 else _value)(one.path, one.pixels.begin)
            frame = get_frame(
                io.BytesIO(value),
                one.frame,
                number_of_frames=one.frame_count,
                extended_offsets=one.frame_offsets,
            )
            require_stated_size(frame, one.rows, one.columns, one.path.name)
            said = stated(frame)
            if (
                said is not None
                and one.transfer_syntax in COSINE_JPEG
                and said.bits > MAX_COSINE_BITS
            ):
                said = replace(
                    said, bits=one.bits_stored
                )  # as GDCM writes it: there the header is right
            pixels: NDArray[Any]
            if one.transfer_syntax == RLE:
                pixels = pixel_array(_one_picture(one, frame, one.bits_allocated), raw=True)
            elif said is None:
                raise ValueError(worded("the compressed image has no header"))
            elif one.transfer_syntax in JPEG2000:
                pixels = _jpeg2000(frame)
            elif one.transfer_syntax in ITK_JPEG:
                pixels = _from_file(_one_picture(one, frame, said.bits))
            elif one.transfer_syntax in JPEG_LS:
                pixels = pixel_array(
                    _one_picture(one, frame + JPEG_LS_TAIL, said.bits),
                    raw=True,
                    decoding_plugin="pyjpegls",
                )
            else:
                plugin = PLUGINS.get(one.transfer_syntax, "")
                pixels = pixel_array(
                    _one_picture(one, frame, said.bits), raw=True, decoding_plugin=plugin
                )
    except (*FOREIGN_ERRORS, BytesLengthException) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ImageReadError(
            "{file} cannot be decoded ({coding}): {reason}",
            file=one.path.name,
            coding=_syntax_name(one),
            reason=reason,
        ) from error
    if pixels.shape != (one.rows, one.columns):
        raise ImageReadError(
            "{file} should have {rows} x {columns} pixels but contains {shape}.",
            file=one.path.name,
            rows=one.rows,
            columns=one.columns,
            shape=pixels.shape,
        )
    pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    if said is None:
        return _without_spare_bits(
            pixels.view(f"i{pixels.dtype.itemsize}") if one.is_signed else pixels, one
        )
    return _with_sign(pixels, one, said)


def _with_sign(pixels: NDArray[Any], one: Slice, said: Stated) -> NDArray[Any]:
    """Return decoded values with the sign on which header and codestream agree.

    Many writers pass signed pixels to the codec as unsigned values (JPEG and JPEG-LS have no signed
    ones). Then the highest bit of the codestream is the sign, whatever Bits Stored says, as in
    pydicom.

    Raises
    ------
    ImageReadError
        When both interpretations of the highest bit remain possible.
    """
    if said.is_signed and pixels.dtype.kind == "u":  # the decoder gave plain bits
        pixels = _sign_extended(pixels, said.bits)
    if not said.is_signed and one.is_signed:
        extended = _sign_extended(pixels, said.bits)
        if said.bits <= one.bits_stored or not _is_doubtful(pixels, extended, one.bits_stored):
            return extended
    elif not said.is_signed or one.is_signed or not (pixels < 0).any():
        return pixels
    raise ImageReadError(
        "{file}: the header and the compressed image disagree on whether pixels are signed "
        "(Pixel Representation {representation}, Bits Stored {stored}; the compressed image "
        "has {bits} bits).",
        file=one.path.name,
        representation=int(one.is_signed is True),
        stored=one.bits_stored,
        bits=said.bits,
    )


def _is_doubtful(pixels: NDArray[Any], extended: NDArray[Any], bits_stored: int) -> bool:
    """Return whether the sign is ambiguous: values exceed the signed range of the header's bits."""
    half = 1 << (bits_stored - 1)
    return (
        bool((extended >= half).any() or (extended < -half).any()) and int(pixels.max()) < 2 * half
    )


def _sign_extended(pixels: NDArray[Any], bits: int) -> NDArray[Any]:
    """Convert unsigned numbers whose bit `bits` - 1 is the sign to signed ones."""
    width = max(16, 8 * pixels.dtype.itemsize)
    spare = width - bits
    wide: NDArray[Any] = (pixels.astype(f"u{width // 8}") << spare).view(f"i{width // 8}")
    return wide >> spare


def _value(path: Path, begin: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(begin)
        return stream.read()


_kept_value = lru_cache(maxsize=1)(_value)


@lru_cache(maxsize=1)
def _kept_whole(path: Path) -> Any:
    """Return a multi-frame file, read once and not once per frame."""
    return _whole(path)


def _whole(path: Path) -> Any:
    from pydicom import dcmread

    with BoundedReader(path) as stream:
        return dcmread(stream, force=True)


def _jpeg2000(codestream: bytes) -> NDArray[Any]:
    from openjpeg.utils import decode

    pixels: NDArray[Any] = decode(codestream)
    return pixels


def _one_picture(one: Slice, codestream: bytes, bits: int) -> Any:
    """Return a plain data set of this one picture, with unsigned values of `bits` bits."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import UID, SecondaryCaptureImageStorage

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = (
        SecondaryCaptureImageStorage,
        UID("1.2.3"),
    )
    meta.TransferSyntaxUID = UID(one.transfer_syntax)
    data: Any = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    data.SOPClassUID, data.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = (
        one.rows,
        one.columns,
        1,
        "MONOCHROME2",
    )
    data.BitsAllocated, data.BitsStored, data.HighBit = 8 * -(-bits // 8), bits, bits - 1
    data.PixelRepresentation = 0
    data.PixelData = encapsulate([codestream])
    data["PixelData"].VR = "OB"
    return data


def _from_file(picture: Any) -> NDArray[Any]:
    """Return the pixels by a codec that reads files only: ITK's, or GDCM's without ITK.

    Both rescale some kinds and others not, so the file does not name a rescale.
    """
    read = _with_itk if importlib.util.find_spec("SimpleITK") else _with_gdcm
    place, name = tempfile.mkstemp(prefix="spineviewer-", suffix=".dcm")
    try:
        with os.fdopen(place, "wb") as stream:
            picture.save_as(stream, enforce_file_format=True)
        return read(name)
    finally:
        Path(name).unlink()


def _with_itk(name: str) -> NDArray[Any]:
    import SimpleITK as sitk

    values: NDArray[Any] = sitk.GetArrayFromImage(sitk.ReadImage(name, imageIO="GDCMImageIO"))
    return values.reshape(values.shape[-2:])


def _with_gdcm(name: str) -> NDArray[Any]:
    """Return unsigned pixels. Some damage ends the process, which the parent reports."""
    import gdcm

    reader = gdcm.ImageReader()
    reader.SetFileName(name)
    if not reader.Read():
        raise ValueError(worded("the compressed image is damaged"))
    image = reader.GetImage()
    width = image.GetPixelFormat().GetBitsAllocated() // 8
    content = image.GetBuffer().encode("utf-8", "surrogateescape")  # bytes, as SWIG passes them on
    columns, rows = image.GetDimension(0), image.GetDimension(1)
    return np.frombuffer(content, f"u{width}").reshape(rows, columns)


def _syntax_name(one: Slice) -> str:
    from pydicom.uid import UID

    return UID(one.transfer_syntax).name
