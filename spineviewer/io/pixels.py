"""Stored DICOM pixels to Hounsfield units, slice by slice. Runs in the child process."""

from __future__ import annotations

import os
import tempfile
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError
from spineviewer.io.bounded import BoundedReader
from spineviewer.io.codestream import require_stated_size
from spineviewer.io.dicom import FOREIGN_ERRORS, Slice
from spineviewer.volume.volume import AIR_HU
from spineviewer.wording import worded

LITTLE_ENDIAN_SYNTAXES = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}
#: JPEG 2000 and its high-throughput kind, by OpenJPEG itself.
JPEG2000 = {
    "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.203",
}  # fmt: skip
#: On damaged pictures Pillow gives an error where GDCM ends the process.
PLUGINS = {"1.2.840.10008.1.2.4.50": "pillow"}
#: By CharLS, which gives an error at once where GDCM takes seconds.
JPEG_LS = {"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"}
#: Damage that leads CharLS to the last byte makes it count for seconds; behind some more bytes it gives up at once.
JPEG_LS_TAIL = b"\xff\xd9" + bytes(64)
#: By ITK's own GDCM: the kinds with 12 bits and the retired ones, which no other codec here has, and the lossless ones, on whose
#: damage GDCM called directly ends the process where ITK gives an error. Several threads decode with either as fast.
ITK_JPEG = {
    "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55", "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
}  # fmt: skip
VIDEO_SYNTAX_PREFIX = "1.2.840.10008.1.2.4.10"
UNDEFINED_LENGTH = 0xFFFFFFFF
#: Choice: no CT detector gives more pixels a slice (8192 x 8192).
MOST_PIXELS = 2**26
#: Ends of the range in which HU are kept.
LOWEST_HU, HIGHEST_HU = AIR_HU, 32767
#: Choice: no scanner pads with values that lung, fat, water or bone have.
TISSUE_HU = (-900, 3000)


def hu_of_slice(one: Slice) -> NDArray[np.int16]:
    """The pixels of one slice in HU: rescaled, padding and all below -1024 set to air, clipped to int16.

    Raises
    ------
    ImageReadError
        When pixels are missing, promised wrongly, or in an encoding that cannot be decoded.
    """
    stored = stored_pixels(one)
    slope, intercept = _rescale(one)
    if slope == 1.0 and intercept.is_integer() and abs(intercept) < HIGHEST_HU and stored.dtype.itemsize == 2:
        hu = stored.copy()
        _shift(hu, int(intercept))
        hu = hu.view(np.int16)
    else:
        hu = np.clip(np.rint(stored * slope + intercept), LOWEST_HU, HIGHEST_HU).astype(np.int16)
    if one.padding is not None and not _is_padding_dark(one) and not is_padding_tissue(one):
        hu[(stored >= one.padding[0]) & (stored <= one.padding[1])] = AIR_HU
    return hu


def read_hu_into(one: Slice, target: NDArray[np.int16]) -> None:
    """`hu_of_slice` straight into an array of the same shape; plain slices are read there without a copy.

    Raises
    ------
    ImageReadError
        As `hu_of_slice`.
    """
    slope, intercept = _rescale(one)
    is_plain = _is_little_endian(one) and slope == 1.0 and intercept.is_integer() and abs(intercept) < HIGHEST_HU
    if not (is_plain and (_is_padding_dark(one) or is_padding_tissue(one)) and target.flags.c_contiguous):
        target[...] = hu_of_slice(one)
        return
    _require_slice(one)
    _shift(_little_endian(one, target), int(intercept))


def stored_pixels(one: Slice) -> NDArray[Any]:
    """The pixels as stored, before any rescale; signed or unsigned integers, shape (rows, columns).

    Raises
    ------
    ImageReadError
        As `hu_of_slice`.
    """
    _require_slice(one)
    return _little_endian(one, np.empty((one.rows, one.columns), np.int16)) if _is_little_endian(one) else _unpacked(one)


def _rescale(one: Slice) -> tuple[float, float]:
    return 1.0 if one.slope is None else one.slope, 0.0 if one.intercept is None else one.intercept


def _is_padding_dark(one: Slice) -> bool:
    """Whether padding becomes air by the range alone."""
    slope, intercept = _rescale(one)
    return one.padding is None or max(value * slope + intercept for value in one.padding) <= LOWEST_HU


def is_padding_tissue(one: Slice) -> bool:
    """Whether the padding value means ordinary tissue: then it is not to be trusted and left as it is."""
    slope, intercept = _rescale(one)
    return one.padding is not None and any(TISSUE_HU[0] < v * slope + intercept < TISSUE_HU[1] for v in one.padding)


def _is_little_endian(one: Slice) -> bool:
    return one.transfer_syntax in LITTLE_ENDIAN_SYNTAXES and one.bits_allocated == 16


def _require_slice(one: Slice) -> None:
    name = one.path.name
    if one.samples != 1:
        raise ImageReadError(
            worded("{file} is a colour picture ({samples} samples a pixel), no CT.", file=name, samples=one.samples)
        )
    if not one.has_pixels:
        raise ImageReadError(worded("{file} holds no pixels.", file=name))
    if not 0 < one.rows * one.columns <= MOST_PIXELS:
        raise ImageReadError(
            worded("{file} promises {rows} x {columns} pixels: no CT slice.", file=name, rows=one.rows, columns=one.columns)
        )
    if one.transfer_syntax.startswith(VIDEO_SYNTAX_PREFIX):
        raise ImageReadError(worded("{file} holds a video, no CT slice.", file=name))


def _shift(stored: NDArray[Any], intercept: int) -> None:
    """``clip(stored + intercept)`` in place, without leaving 16 bits: clipped first, then added modulo 2**16.

    Bounds are given as rows: between two arrays numpy compares many values at a time, with a single number one after the other.
    """
    limits = np.iinfo(stored.dtype)
    low, high = (min(max(value - intercept, int(limits.min)), int(limits.max)) for value in (LOWEST_HU, HIGHEST_HU))
    if low > limits.min:
        np.maximum(stored, np.full(stored.shape[-1], low, stored.dtype), out=stored)
    if high < limits.max:
        np.minimum(stored, np.full(stored.shape[-1], high, stored.dtype), out=stored)
    if intercept:
        sums = stored.view(np.uint16)
        sums += np.uint16(intercept % 2**16)


def _little_endian(one: Slice, into: NDArray[np.int16]) -> NDArray[Any]:
    """16-bit pixels straight from their place in the file into an array; returns it as the stored type."""
    length = 2 * one.rows * one.columns
    with one.path.open("rb", buffering=0) as stream:
        stream.seek(one.pixel_offset)
        head = stream.read(12)  # tag; then either the length, or a VR, two empty bytes and the length
        is_explicit = head[4:6] in (b"OW", b"OB")
        promised = int.from_bytes(head[8:12] if is_explicit else head[4:8], "little")
        stream.seek(one.pixel_offset + (12 if is_explicit else 8) + one.frame * length)
        bytes_there = 0
        view = memoryview(into.reshape(-1).view(np.uint8))  # type: ignore[arg-type]  # arrays are buffers, numpy's stub says from 3.12
        while bytes_there < length and (chunk := stream.readinto(view[bytes_there:])):
            bytes_there += chunk
    if promised == UNDEFINED_LENGTH or promised < (one.frame + 1) * length or bytes_there < length:
        raise ImageReadError(
            worded(
                "{file} is cut off or damaged: {rows} x {columns} pixels need {length} bytes, {bytes_there} are there.",
                file=one.path.name,
                rows=one.rows,
                columns=one.columns,
                length=length,
                bytes_there=min(bytes_there, max(0, promised - one.frame * length)),
            )
        )
    pixels: NDArray[Any] = into.view("<i2" if one.is_signed else "<u2")
    spare = 16 - one.bits_stored
    if 0 < spare < 16:  # bits above Bits Stored say nothing: old files keep overlays there
        pixels <<= spare
        pixels >>= spare
    return pixels


def _unpacked(one: Slice) -> NDArray[Any]:
    """Any other encoding, through pydicom and its codecs."""
    from pydicom.encaps import get_frame
    from pydicom.errors import BytesLengthException
    from pydicom.pixels.utils import pixel_array
    from pydicom.uid import UID

    size = one.path.stat().st_size
    promised = one.rows * one.columns * one.frame_count
    if promised > MOST_PIXELS and promised > 10_000 * size:
        raise ImageReadError(
            worded(
                "{file} ({size} bytes) promises {promised} pixels: it is damaged.",
                file=one.path.name,
                size=size,
                promised=promised,
            )
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = _kept_whole(one.path) if one.frame_count > 1 else _whole(one.path)
            frame = b""
            if UID(one.transfer_syntax).is_encapsulated:
                frame = get_frame(data.PixelData, one.frame, number_of_frames=one.frame_count)
                require_stated_size(frame, one.rows, one.columns, one.path.name)
            pixels: NDArray[Any]
            if one.transfer_syntax in JPEG2000:
                pixels = _jpeg2000(frame, one)
            elif one.transfer_syntax in ITK_JPEG:
                pixels = _with_itk(_one_picture(one, frame))
            elif one.transfer_syntax in JPEG_LS:
                pixels = pixel_array(_one_picture(one, frame + JPEG_LS_TAIL), raw=True, decoding_plugin="pyjpegls")
            else:
                plugin = PLUGINS.get(one.transfer_syntax, "")
                pixels = pixel_array(data, index=one.frame, raw=True, decoding_plugin=plugin)
    except (*FOREIGN_ERRORS, BytesLengthException) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ImageReadError(
            worded("{file} cannot be decoded ({coding}): {reason}", file=one.path.name, coding=_syntax_name(one), reason=reason)
        ) from error
    if pixels.shape != (one.rows, one.columns):
        raise ImageReadError(
            worded(
                "{file} promises {rows} x {columns} pixels but holds {shape}.",
                file=one.path.name,
                rows=one.rows,
                columns=one.columns,
                shape=pixels.shape,
            )
        )
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)


@lru_cache(maxsize=1)
def _kept_whole(path: Path) -> Any:
    """A multi-frame file is read once, not once for each frame."""
    return _whole(path)


def _whole(path: Path) -> Any:
    from pydicom import dcmread

    with BoundedReader(path) as stream:
        return dcmread(stream, force=True)


def _jpeg2000(codestream: bytes, one: Slice) -> NDArray[Any]:
    """Some writers pack signed pixels as unsigned numbers of the stored bits: there the highest bit is the sign."""
    from openjpeg.utils import decode

    pixels: NDArray[Any] = decode(codestream)
    spare = 16 - one.bits_stored
    if not one.is_signed or pixels.dtype.kind != "u" or not 0 <= spare < 16:
        return pixels
    shifted: NDArray[np.int16] = (pixels.astype(np.uint16) << spare).view(np.int16)
    return shifted >> spare


def _one_picture(one: Slice, codestream: bytes) -> Any:
    """A plain data set of this one picture alone."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import UID, SecondaryCaptureImageStorage

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = SecondaryCaptureImageStorage, UID("1.2.3")
    meta.TransferSyntaxUID = UID(one.transfer_syntax)
    data: Any = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    data.SOPClassUID, data.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = one.rows, one.columns, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = one.bits_allocated, one.bits_stored, one.bits_stored - 1
    data.PixelRepresentation = int(one.is_signed)
    data.PixelData = encapsulate([codestream])
    data["PixelData"].VR = "OB"
    return data


def _with_itk(picture: Any) -> NDArray[Any]:
    """ITK reads files only, and rescales some kinds and others not: it is given a file that names no rescale."""
    import SimpleITK as sitk

    place, name = tempfile.mkstemp(prefix="spineviewer-", suffix=".dcm")
    try:
        with os.fdopen(place, "wb") as stream:
            picture.save_as(stream, enforce_file_format=True)
        values: NDArray[Any] = sitk.GetArrayFromImage(sitk.ReadImage(name, imageIO="GDCMImageIO"))
    finally:
        Path(name).unlink()
    return values.reshape(values.shape[-2:])


def _syntax_name(one: Slice) -> str:
    from pydicom.uid import UID

    return UID(one.transfer_syntax).name
