"""Small DICOM files that declare huge images are rejected before memory is allocated."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from spineviewer.errors import ImageReadError
from spineviewer.io.dicom.codestream import check_codestream, codestream_header
from spineviewer.io.dicom.series_search import find_series
from spineviewer.io.sandbox.bounded import MAX_INFLATED_BYTES, BoundedReader, check_unpacked_size
from spineviewer.io.scan import list_series, read_scan
from spineviewer.volume.scan_name import contains_word_from


def test_a_read_of_four_gigabytes_returns_the_available_bytes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    with BoundedReader(tmp_path / "file") as stream:
        stream.read(3)
        assert stream.read(2**32) == b"3456789"
        assert stream.read(2**32) == b""
        stream.seek(0)
        assert stream.read() == b"0123456789"


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (deflated(bytes(MAX_INFLATED_BYTES + 2**21)), "unpacks to more"),
        (b"\xff" * 40, "cannot be unpacked"),
        (deflated(bytes(range(256)) * 9)[:-5], "truncated"),
        (b"", "truncated"),
    ],
    ids=["bomb", "garbage", "cut", "nothing"],
)
def test_data_that_unpacks_to_too_much_or_not_at_all_is_reported(
    content: bytes, words: str, tmp_path: Path
) -> None:
    (tmp_path / "IM").write_bytes(b"head" + content)
    with pytest.raises(ImageReadError, match=words):
        check_unpacked_size(tmp_path / "IM", 4)


def test_a_modest_deflate_stream_passes(tmp_path: Path) -> None:
    (tmp_path / "IM").write_bytes(b"head" + deflated(bytes(range(256)) * 9))
    check_unpacked_size(tmp_path / "IM", 4)


JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab"
    + b"\xff\xc0\x00\x0b\x08"
    + struct.pack(">HH", 300, 200)
    + b"\x01\x01\x11\x00"
)
JPEG_LS = b"\xff\xd8\xff\xf7\x00\x0b\x10" + struct.pack(">HH", 30, 20) + b"\x01\x01\x11\x00"
JPEG_2000 = b"\xff\x4f\xff\x51\x00\x29\x00\x00" + struct.pack(
    ">8IH3B", 20, 30, 0, 0, 20, 30, 0, 0, 1, 15, 1, 1
)


@pytest.mark.parametrize(
    ("codestream", "size"),
    [
        (JPEG, (300, 200)),
        (JPEG_LS, (30, 20)),
        (JPEG_2000, (30, 20)),
        (b"", None),
        (b"\xff\xd8\xff", None),
        (b"abcdef", None),
    ],
)
def test_the_size_is_that_of_the_codestream(codestream: bytes, size: Any) -> None:
    said = codestream_header(codestream)
    assert (None if said is None else (said.rows, said.columns)) == size


def test_a_codestream_of_another_size_is_refused() -> None:
    check_codestream(JPEG, 300, 200, "IM1")
    with pytest.raises(
        ImageReadError, match=r"IM1 is damaged: .* 8 x 8 pixels, but its image has 300 x 200"
    ):
        check_codestream(JPEG, 8, 8, "IM1")


@pytest.mark.parametrize("bits", [0, 1, 17, 83])
def test_a_jpeg_with_an_impossible_bit_depth_is_rejected_before_decoding(
    bits: int,
) -> None:
    frame = JPEG.index(b"\xff\xc0") + 4
    with pytest.raises(ImageReadError, match=f"IM1 is damaged: its image has {bits} bits"):
        check_codestream(JPEG[:frame] + bytes([bits]) + JPEG[frame + 1 :], 300, 200, "IM1")


def test_a_billion_frames_are_rejected(enhanced: Any, hu: NDArray[np.int16]) -> None:
    folder = enhanced(hu, False)
    path = folder / "enhanced.dcm"
    # 7 frames become 99
    path.write_bytes(path.read_bytes().replace(b"IS\x02\x007 ", b"IS\x02\x00\x39\x39"))
    assert "damaged" in find_series(folder).unreadable[0].reason
    with pytest.raises(ImageReadError, match="damaged header"):
        read_scan(folder)


def test_screen_captures_and_colour_images_are_listed_by_name(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    folder = scanner.write(hu)
    scanner.series_uid = "1.2.9"

    def to_screen(n: int, data: Any) -> None:
        data.ImageType = ["DERIVED", "SECONDARY", "SCREEN SAVE"]

    scanner.write(hu[:2], change=to_screen, prefix="screen")
    listing = list_series(folder)
    assert len(listing.series) == 1
    assert listing.others == ("CT screen capture (2)",)


def test_texts_of_headers_are_on_one_line(scanner: Any, hu: NDArray[np.int16]) -> None:
    def change(n: int, data: Any) -> None:
        data.SeriesDescription = "Spine\r\n\x1b[31m  thin"

    (series,) = list_series(scanner.write(hu, change=change)).series
    assert series.description == "Spine [31m thin"


@pytest.mark.parametrize(
    ("name", "known", "is_telling"),
    [
        ("MUSTERMANN_ERIKA_CT", "Mustermann^Erika", True),
        ("ct-4711", "Doe^Jo 4711", True),
        ("CT LWS", "Li^Bo", False),
        ("study-19640812", "X^Y 19640812", True),
        ("series", "", False),
    ],
)
def test_names_that_contain_the_patient_are_detected(
    name: str, known: str, is_telling: bool
) -> None:
    assert contains_word_from(name, known) is is_telling


def test_results_of_a_folder_named_after_the_patient_get_a_neutral_name(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    from spineviewer.app.exporting import results_stem

    scanner.folder = tmp_path / "Mustermann Erika"
    stem = results_stem(read_scan(scanner.write(hu)).source)
    assert re.fullmatch("ct-Spine-2-5-B60-[0-9a-f]{4}", stem)
    scanner.folder = tmp_path / "study 12"
    assert results_stem(read_scan(scanner.write(hu)).source) == "study 12"
