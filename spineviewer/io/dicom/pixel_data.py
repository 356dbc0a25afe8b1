"""Conversion of stored DICOM pixels to Hounsfield units. Runs in the child process."""

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
from spineviewer.io.dicom.codestream import (
    CodestreamHeader,
    check_codestream,
    codestream_header,
)
from spineviewer.io.dicom.quick_header import (
    DEFLATED,
    DOUBLE_FLOAT_PIXEL_DATA,
    FLOAT_PIXEL_DATA,
    PIXEL_DATA,
    UNDEFINED,
)
from spineviewer.io.dicom.series_search import LIBRARY_ERRORS
from spineviewer.io.dicom.slice_headers import Slice
from spineviewer.io.sandbox.bounded import BoundedReader
from spineviewer.volume.volume import AIR_HU
from spineviewer.wording import worded

LITTLE_ENDIAN_SYNTAXES = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}
BIG_ENDIAN = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
#: JPEG 2000 and high-throughput JPEG 2000, decoded by OpenJPEG.
JPEG2000 = {f"1.2.840.10008.1.2.4.{n}" for n in (90, 91, 201, 202, 203)}
#: Baseline JPEG, decoded by Pillow, because damaged images make GDCM abort the process.
PLUGINS = {"1.2.840.10008.1.2.4.50": "pillow"}
#: Decoded by CharLS, which reports damage immediately where GDCM takes seconds.
JPEG_LS = {"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"}
#: Damage can make CharLS read to the last byte, which keeps it busy for seconds. With these bytes
#: at the end, it reports an error immediately.
JPEG_LS_TAIL = b"\xff\xd9" + bytes(64)
#: Decoded by ITK's copy of GDCM: 12-bit and retired kinds, which no other codec here supports, and
#: lossless kinds, because damaged ones make GDCM itself abort the process. The installer does not
#: contain ITK, which is large; there GDCM is called. Both are equally fast in several threads.
ITK_JPEG = {f"1.2.840.10008.1.2.4.{n}" for n in (51, 53, 55, 57, 70)}
#: DCT-based JPEG, which is defined for 8 and 12 bits.
DCT_JPEG = {f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 53, 55)}
MAX_COSINE_BITS = 12
VIDEO_SYNTAX_PREFIX = "1.2.840.10008.1.2.4.10"
#: Bytes per number of the floating-point pixel elements.
FLOAT_BYTES = {FLOAT_PIXEL_DATA: 4, DOUBLE_FLOAT_PIXEL_DATA: 8}
#: Bits Allocated of the integers that are read; no CT has other values (1, 12, 64 …).
INTEGER_BITS = (8, 16, 32)
#: Choice: no CT slice has more pixels (8192 x 8192).
MAX_PIXELS = 2**26
#: Range to which HU are clipped.
LOWEST_HU, HIGHEST_HU = AIR_HU, 32767
#: Choice: no scanner pads with values that lung, fat, water or bone have.
TISSUE_HU = (-900, 3000)


def read_hu(slice_: Slice) -> NDArray[np.int16]:
    """Read the pixels of one slice in HU: int16, shape (rows, columns).

    Values are rescaled. Everything below -1024 is set to air, and so is padding, unless its value
    is in the range of tissue.

    Raises
    ------
    ImageReadError
        When pixels are missing, do not match the header, or have an encoding that cannot be
        decoded.
    """
    stored = read_stored_pixels(slice_)
    slope, intercept = _rescale(slice_)
    if _is_shift(slope, intercept) and stored.dtype.itemsize == 2:
        hu = stored.copy()
        _add_clipped(hu, int(intercept))
        hu = hu.view(np.int16)
    else:
        hu = np.clip(np.rint(stored * slope + intercept), LOWEST_HU, HIGHEST_HU).astype(np.int16)
    if (
        slice_.padding is not None
        and not _is_padding_dark(slice_)
        and not is_padding_in_tissue_range(slice_)
    ):
        hu[(stored >= slice_.padding[0]) & (stored <= slice_.padding[1])] = AIR_HU
    return hu


def read_exact_values(slice_: Slice) -> NDArray[np.float64]:
    """Read the pixels of one slice, rescaled but not rounded: float64, shape (rows, columns).

    Padding is NaN, unless its value is in the range of tissue.

    Raises
    ------
    ImageReadError
        As in `read_hu`.
    """
    stored = read_stored_pixels(slice_)
    slope, intercept = _rescale(slice_)
    values = np.asarray(stored * slope + intercept, dtype=np.float64)
    if slice_.padding is not None and not is_padding_in_tissue_range(slice_):
        values[(stored >= slice_.padding[0]) & (stored <= slice_.padding[1])] = np.nan
    return values


def read_hu_into(slice_: Slice, target: NDArray[np.int16]) -> None:
    """Read the pixels of one slice in HU into an int16 array, shape (rows, columns).

    Plain slices are read without a copy.

    Raises
    ------
    ImageReadError
        As in `read_hu`.
    """
    slope, intercept = _rescale(slice_)
    is_plain = _is_plain(slice_) and _is_shift(slope, intercept)
    has_padding = not _is_padding_dark(slice_) and not is_padding_in_tissue_range(slice_)
    if is_plain and not has_padding and target.flags.c_contiguous:
        _check_slice(slice_)
        _add_clipped(_read_plain(slice_, target), int(intercept))
    else:
        target[...] = read_hu(slice_)


def load_codecs(slices: Iterable[Slice]) -> None:
    """Import the modules needed to decode the slices.

    Otherwise the decoding threads would import parts of pydicom at the same time, which fails.
    """
    if not all(_is_plain(slice_) for slice_ in slices):
        for name in ("pydicom", "pydicom.pixels.utils"):
            importlib.import_module(name)


def read_stored_pixels(slice_: Slice) -> NDArray[Any]:
    """Read the pixels as stored, not rescaled: shape (rows, columns), integers or floats.

    Raises
    ------
    ImageReadError
        As in `read_hu`.
    """
    _check_slice(slice_)
    if _is_plain(slice_):
        return _read_plain(slice_, np.empty((slice_.rows, slice_.columns), np.int16))
    return _read_uncompressed(slice_) if _is_native(slice_) else _decompress(slice_)


def _rescale(slice_: Slice) -> tuple[float, float]:
    return (
        1.0 if slice_.slope is None else slice_.slope,
        0.0 if slice_.intercept is None else slice_.intercept,
    )


def _is_shift(slope: float, intercept: float) -> bool:
    """Return whether rescaling only adds a whole number that fits 16 bits."""
    return slope == 1.0 and intercept.is_integer() and abs(intercept) < HIGHEST_HU


def _is_padding_dark(slice_: Slice) -> bool:
    """Return whether clipping to the range already turns padding into air, or there is none."""
    slope, intercept = _rescale(slice_)
    return (
        slice_.padding is None
        or max(value * slope + intercept for value in slice_.padding) <= LOWEST_HU
    )


def is_padding_in_tissue_range(slice_: Slice) -> bool:
    """Return whether the padding value is in the range of tissue, in which case it is ignored."""
    slope, intercept = _rescale(slice_)
    return slice_.padding is not None and any(
        TISSUE_HU[0] < v * slope + intercept < TISSUE_HU[1] for v in slice_.padding
    )


def _is_native(slice_: Slice) -> bool:
    return slice_.transfer_syntax in {*LITTLE_ENDIAN_SYNTAXES, BIG_ENDIAN, DEFLATED}


def _is_plain(slice_: Slice) -> bool:
    """Return whether the pixels are stored as 16 bits in this processor's byte order."""
    is_integer = slice_.pixels is not None and slice_.pixels.tag == PIXEL_DATA
    return (
        slice_.transfer_syntax in LITTLE_ENDIAN_SYNTAXES
        and slice_.bits_allocated == 16
        and is_integer
    )


def _check_slice(slice_: Slice) -> None:
    name = slice_.path.name
    if slice_.samples != 1:
        raise ImageReadError(
            "{file} is a colour image ({samples} samples per pixel), not a CT slice. Choose "
            "another series.",
            file=name,
            samples=slice_.samples,
        )
    if not slice_.has_pixels:
        raise ImageReadError("{file} contains no pixels. Choose another series.", file=name)
    if not 0 < slice_.rows * slice_.columns <= MAX_PIXELS:
        raise ImageReadError(
            "According to its header, {file} has {rows} x {columns} pixels, so it is not a CT "
            "slice. Choose another series.",
            file=name,
            rows=slice_.rows,
            columns=slice_.columns,
        )
    if slice_.transfer_syntax.startswith(VIDEO_SYNTAX_PREFIX):
        raise ImageReadError(
            "{file} contains a video, not a CT slice. Choose another series.", file=name
        )
    _check_bits(slice_)
    if slice_.pixels is not None and (slice_.pixels.length == UNDEFINED) == _is_native(slice_):
        raise ImageReadError(
            worded(
                "{file}: the pixels are compressed, but the Transfer Syntax specifies "
                "uncompressed pixels. Export or retrieve the series again.",
                file=name,
            )
            if _is_native(slice_)
            else worded(
                "{file}: the Transfer Syntax specifies compressed pixels, but the pixels are "
                "not compressed. Export or retrieve the series again.",
                file=name,
            )
        )


def _check_bits(slice_: Slice) -> None:
    """Reject contradictory bit depths; for compressed pixels, the codestream states the depth."""
    if slice_.pixels is not None and (size := FLOAT_BYTES.get(slice_.pixels.tag)):
        if slice_.bits_allocated != 8 * size:
            raise ImageReadError(
                "{file}: the pixels are {bits}-bit floating-point numbers, but Bits Allocated "
                "is {allocated}. Export or retrieve the series again.",
                file=slice_.path.name,
                bits=8 * size,
                allocated=slice_.bits_allocated,
            )
        return
    if slice_.is_signed is None:
        raise ImageReadError(
            "{file}: Pixel Representation, which specifies whether pixels are signed, is neither "
            "0 nor 1. Export or retrieve the series again.",
            file=slice_.path.name,
        )
    if not _is_native(slice_) and slice_.transfer_syntax != RLE:
        return
    if (
        slice_.bits_allocated not in INTEGER_BITS
        or not slice_.bits_stored - 1 <= slice_.high_bit < slice_.bits_allocated
    ):
        raise ImageReadError(
            "{file}: pixels with Bits Allocated {allocated}, Bits Stored {stored} and High Bit "
            "{high} cannot be read. Export or retrieve the series again.",
            file=slice_.path.name,
            allocated=slice_.bits_allocated,
            stored=slice_.bits_stored,
            high=slice_.high_bit,
        )


def _add_clipped(stored: NDArray[Any], intercept: int) -> None:
    """Compute ``clip(stored + intercept)`` in place within 16 bits: clip, then add modulo 2**16.

    The bounds are rows, because numpy vectorises minimum and maximum of two arrays, but not of an
    array and a scalar.
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


def _read_plain(slice_: Slice, into: NDArray[np.int16]) -> NDArray[Any]:
    """Read 16-bit pixels directly into an array; return it with the stored dtype."""
    assert slice_.pixels is not None
    length = 2 * slice_.rows * slice_.columns
    with slice_.path.open("rb", buffering=0) as stream:
        stream.seek(slice_.pixels.begin + slice_.frame * length)
        bytes_present = 0
        view = memoryview(into.reshape(-1).view(np.uint8))  # type: ignore[arg-type]  # arrays are buffers, numpy's stub says from 3.12
        while bytes_present < length and (chunk := stream.readinto(view[bytes_present:])):
            bytes_present += chunk
    _check_length(slice_, length, min(bytes_present, slice_.pixels.length - slice_.frame * length))
    return _without_spare_bits(into.view("<i2" if slice_.is_signed else "<u2"), slice_)


def _read_uncompressed(slice_: Slice) -> NDArray[Any]:
    """Read uncompressed pixels of any width, byte order and number type."""
    is_float = slice_.pixels is not None and slice_.pixels.tag in FLOAT_BYTES
    letter = "f" if is_float else "i" if slice_.is_signed else "u"
    size = slice_.bits_allocated // 8
    length = size * slice_.rows * slice_.columns
    first, last = slice_.frame * length, (slice_.frame + 1) * length
    is_big = slice_.transfer_syntax == BIG_ENDIAN
    if slice_.pixels is None:
        stored = _inflate(slice_)[first:last]
    elif is_big and size == 1 and slice_.pixels.kind == "OW":
        # Each word holds two pixels, the second one first. A frame with an odd number of pixels
        # begins or ends within a word.
        words = np.frombuffer(_stored_bytes(slice_, first - first % 2, last + last % 2), "u1")
        swapped = words[: len(words) // 2 * 2].reshape(-1, 2)[:, ::-1].tobytes()
        stored = swapped[first % 2 : first % 2 + length]
    else:
        stored = _stored_bytes(slice_, first, last)
    _check_length(slice_, length, len(stored))
    numbers = np.frombuffer(stored, np.dtype(f"{'>' if is_big else '<'}{letter}{size}")).reshape(
        slice_.rows, slice_.columns
    )
    pixels: NDArray[Any] = numbers.astype(numbers.dtype.newbyteorder("="))
    if is_float:
        if not np.isfinite(pixels).all():
            raise ImageReadError(
                "{file} contains pixels that are not finite numbers. Export or retrieve the "
                "series again.",
                file=slice_.path.name,
            )
        return pixels
    return _without_spare_bits(pixels, slice_)


def _inflate(slice_: Slice) -> bytes:
    """Return the value of Pixel Data in a deflated file, as stored."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = (
                _cached_read_data_set(slice_.path)
                if slice_.frame_count > 1
                else _read_data_set(slice_.path)
            )
            element = data.get_item("PixelData")
            return bytes(element.value) if element is not None else b""
    except LIBRARY_ERRORS as error:
        raise _undecodable(slice_, type(error).__name__) from error


def _undecodable(slice_: Slice, reason: str) -> ImageReadError:
    from pydicom.uid import UID

    return ImageReadError(
        "{file} cannot be decoded ({coding}: {reason}). Copy it again from the source, or "
        "decompress it with another program.",
        file=slice_.path.name,
        coding=UID(slice_.transfer_syntax).name,
        reason=reason,
    )


def _stored_bytes(slice_: Slice, first: int, last: int) -> bytes:
    """Return the bytes [first, last) of the pixel element's value, as far as they exist."""
    assert slice_.pixels is not None
    with slice_.path.open("rb") as stream:
        stream.seek(slice_.pixels.begin + first)
        return stream.read(max(0, min(last, slice_.pixels.length) - first))


def _check_length(slice_: Slice, length: int, bytes_present: int) -> None:
    if bytes_present < length:
        raise ImageReadError(
            "{file} is truncated or damaged: {rows} x {columns} pixels need {length} bytes, but "
            "only {bytes_there} are present. Copy it again from the source.",
            file=slice_.path.name,
            rows=slice_.rows,
            columns=slice_.columns,
            length=length,
            bytes_there=max(0, bytes_present),
        )


def _without_spare_bits(pixels: NDArray[Any], slice_: Slice) -> NDArray[Any]:
    """Return pixels with only the stored bits: old files store overlays in the bits above.

    Old standards also allow free bits below them (a High Bit of Bits Stored or more)::

        overlay  stored bits  free
        15 .. 13 12 ....... 1 0         High Bit 12, Bits Stored 12

    Shifting left and then right removes both and extends the sign.

    Raises
    ------
    ImageReadError
        When the bits below are not free, so that header and pixels contradict each other.
    """
    below = slice_.high_bit + 1 - slice_.bits_stored
    if below and (pixels & ((1 << below) - 1)).any():
        raise ImageReadError(
            "{file}: High Bit {high} and Bits Stored {stored} contradict the pixels, which use "
            "lower bits as well. Export or retrieve the series again.",
            file=slice_.path.name,
            high=slice_.high_bit,
            stored=slice_.bits_stored,
        )
    if above := slice_.bits_allocated - 1 - slice_.high_bit:
        pixels <<= above
    if spare := slice_.bits_allocated - slice_.bits_stored:
        pixels >>= spare
    return pixels


def _decompress(slice_: Slice) -> NDArray[Any]:
    """Decode compressed pixels with the codec for their transfer syntax."""
    from pydicom.errors import BytesLengthException

    size = slice_.path.stat().st_size
    declared = slice_.rows * slice_.columns * slice_.frame_count
    if declared > MAX_PIXELS and declared > 10_000 * size:
        raise ImageReadError(
            "{file} is damaged: it declares {declared} pixels but has only {size} bytes. Copy it "
            "again from the source.",
            file=slice_.path.name,
            size=size,
            declared=declared,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = _compressed_frame(slice_)
            check_codestream(frame, slice_.rows, slice_.columns, slice_.path.name)
            stream = codestream_header(frame)
            is_cosine = slice_.transfer_syntax in DCT_JPEG
            if stream is not None and is_cosine and stream.bits > MAX_COSINE_BITS:
                # GDCM writes a wrong depth into the codestream
                stream = replace(stream, bits=slice_.bits_stored)
            pixels = _decode(slice_, frame, stream)
    except (*LIBRARY_ERRORS, BytesLengthException) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise _undecodable(slice_, reason) from error
    if pixels.shape != (slice_.rows, slice_.columns):
        raise ImageReadError(
            "{file} should have {rows} x {columns} pixels but contains {shape}. Export or "
            "retrieve the series again.",
            file=slice_.path.name,
            rows=slice_.rows,
            columns=slice_.columns,
            shape=pixels.shape,
        )
    pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    if stream is None:
        return _without_spare_bits(
            pixels.view(f"i{pixels.dtype.itemsize}") if slice_.is_signed else pixels, slice_
        )
    return _with_sign(pixels, slice_, stream)


def _compressed_frame(slice_: Slice) -> bytes:
    """Return the codestream of the slice's frame."""
    from pydicom.encaps import get_frame
    from pydicom.uid import UID

    assert slice_.pixels is not None
    if not UID(slice_.transfer_syntax).is_encapsulated:
        raise ValueError(worded("unknown Transfer Syntax"))
    value = (_cached_read_from if slice_.frame_count > 1 else _read_from)(
        slice_.path, slice_.pixels.begin
    )
    return get_frame(
        io.BytesIO(value),
        slice_.frame,
        number_of_frames=slice_.frame_count,
        extended_offsets=slice_.frame_offsets,
    )


def _decode(slice_: Slice, frame: bytes, stream: CodestreamHeader | None) -> NDArray[Any]:
    """Decode a codestream into values whose sign has not been determined."""
    from pydicom.pixels.utils import pixel_array

    syntax = slice_.transfer_syntax
    if syntax == RLE:
        return pixel_array(_single_image(slice_, frame, slice_.bits_allocated), raw=True)
    if stream is None:
        raise ValueError(worded("the compressed image has no header"))
    if syntax in JPEG2000:
        return _jpeg2000(frame)
    if syntax in ITK_JPEG:
        return _decode_through_file(_single_image(slice_, frame, stream.bits))
    if syntax in JPEG_LS:
        frame, plugin = frame + JPEG_LS_TAIL, "pyjpegls"
    else:
        plugin = PLUGINS.get(syntax, "")
    return pixel_array(_single_image(slice_, frame, stream.bits), raw=True, decoding_plugin=plugin)


def _with_sign(pixels: NDArray[Any], slice_: Slice, stream: CodestreamHeader) -> NDArray[Any]:
    """Return decoded values with the sign on which header and codestream agree.

    Many writers pass signed pixels to the codec as unsigned values (JPEG and JPEG-LS have no signed
    ones). Then the highest bit of the codestream is the sign, regardless of Bits Stored. pydicom
    does the same.

    Raises
    ------
    ImageReadError
        When both interpretations of the highest bit remain possible.
    """
    if stream.is_signed and pixels.dtype.kind == "u":  # the decoder ignores the sign
        pixels = _extend_sign(pixels, stream.bits)
    if not stream.is_signed and slice_.is_signed:
        extended = _extend_sign(pixels, stream.bits)
        if stream.bits <= slice_.bits_stored or not _is_ambiguous(
            pixels, extended, slice_.bits_stored
        ):
            return extended
    elif not stream.is_signed or slice_.is_signed or not (pixels < 0).any():
        return pixels
    raise ImageReadError(
        "{file}: the header and the compressed image disagree on whether pixels are signed (Pixel "
        "Representation {representation}, Bits Stored {stored}; the compressed image has {bits} "
        "bits). Export or retrieve the series again.",
        file=slice_.path.name,
        representation=int(slice_.is_signed is True),
        stored=slice_.bits_stored,
        bits=stream.bits,
    )


def _is_ambiguous(pixels: NDArray[Any], extended: NDArray[Any], bits_stored: int) -> bool:
    """Return whether the sign is ambiguous.

    It is if the values exceed the signed range of Bits Stored, but not the unsigned range.
    """
    half = 1 << (bits_stored - 1)
    return (
        bool((extended >= half).any() or (extended < -half).any()) and int(pixels.max()) < 2 * half
    )


def _extend_sign(pixels: NDArray[Any], bits: int) -> NDArray[Any]:
    """Convert unsigned numbers whose bit `bits` - 1 is the sign to signed ones."""
    width = max(16, 8 * pixels.dtype.itemsize)
    spare = width - bits
    wide: NDArray[Any] = (pixels.astype(f"u{width // 8}") << spare).view(f"i{width // 8}")
    return wide >> spare


def _read_from(path: Path, begin: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(begin)
        return stream.read()


#: Multi-frame files are read once, not once per frame.
_cached_read_from = lru_cache(maxsize=1)(_read_from)


def _read_data_set(path: Path) -> Any:
    from pydicom import dcmread

    with BoundedReader(path) as stream:
        return dcmread(stream, force=True)


_cached_read_data_set = lru_cache(maxsize=1)(_read_data_set)


def _jpeg2000(codestream: bytes) -> NDArray[Any]:
    from openjpeg.utils import decode

    pixels: NDArray[Any] = decode(codestream)
    return pixels


def _single_image(slice_: Slice, codestream: bytes, bits: int) -> Any:
    """Return a minimal data set of one image, with unsigned values of `bits` bits."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import UID, SecondaryCaptureImageStorage

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    meta.TransferSyntaxUID = UID(slice_.transfer_syntax)
    data: Any = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    data.SOPClassUID, data.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    data.Rows, data.Columns = slice_.rows, slice_.columns
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 8 * -(-bits // 8), bits, bits - 1
    data.PixelRepresentation = 0
    data.PixelData = encapsulate([codestream])
    data["PixelData"].VR = "OB"
    return data


def _decode_through_file(image: Any) -> NDArray[Any]:
    """Decode an image with a codec that reads only files: ITK's, or GDCM's if ITK is missing.

    Both apply a rescale inconsistently, so the file written for them contains none.
    """
    read = _read_with_itk if importlib.util.find_spec("SimpleITK") else _read_with_gdcm
    handle, name = tempfile.mkstemp(prefix="spineviewer-", suffix=".dcm")
    try:
        with os.fdopen(handle, "wb") as stream:
            image.save_as(stream, enforce_file_format=True)
        return read(name)
    finally:
        Path(name).unlink()


def _read_with_itk(name: str) -> NDArray[Any]:
    import SimpleITK as sitk

    values: NDArray[Any] = sitk.GetArrayFromImage(sitk.ReadImage(name, imageIO="GDCMImageIO"))
    return values.reshape(values.shape[-2:])


def _read_with_gdcm(name: str) -> NDArray[Any]:
    """Return unsigned pixels. Some damage crashes the process; the parent then reports that."""
    import gdcm

    reader = gdcm.ImageReader()
    reader.SetFileName(name)
    if not reader.Read():
        raise ValueError(worded("the compressed image is damaged"))
    image = reader.GetImage()
    width = image.GetPixelFormat().GetBitsAllocated() // 8
    content = image.GetBuffer().encode("utf-8", "surrogateescape")  # SWIG passes bytes as str
    columns, rows = image.GetDimension(0), image.GetDimension(1)
    return np.frombuffer(content, f"u{width}").reshape(rows, columns)
