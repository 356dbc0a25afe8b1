"""Our NRRD reader: every encoding gives SimpleITK's voxels; an ambiguous length is rejected."""

from __future__ import annotations

import bz2
import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from spineviewer.errors import ImageReadError
from spineviewer.io.images.loading import load_image

VALUES = (np.arange(2 * 3 * 4).reshape(4, 3, 2) * 50 - 1000).astype("<i2")
PLACE = "space: {space}\nspace directions: (0.5,0,0) (0,0.6,0) (0,0,2)\nspace origin: (-1,2,3)\n"


def head(encoding: str, more: str = "", space: str = "left-posterior-superior") -> bytes:
    text = (
        f"NRRD0004\n# comment: no field\ntype: short\ndimension: 3\nsizes: 2 3 4\nencoding: "
        f"{encoding}\nendian: little\n"
    )
    return (text + PLACE.format(space=space) + more).encode()


BODIES = {
    "raw": VALUES.tobytes(),
    "gzip": gzip.compress(VALUES.tobytes()),
    "gz": gzip.compress(VALUES.tobytes()),
    "bzip2": bz2.compress(VALUES.tobytes()),
    "hex": VALUES.tobytes().hex(" ").encode(),
    "ascii": " ".join(map(str, VALUES.ravel())).encode(),
}


@pytest.mark.parametrize("encoding", BODIES)
@pytest.mark.parametrize("is_detached", [False, True])
def test_every_encoding_attached_or_detached_gives_the_same_volume(
    encoding: str, is_detached: bool, tmp_path: Path
) -> None:
    if is_detached:
        (tmp_path / "voxels").write_bytes(BODIES[encoding])
        path = tmp_path / "scan.nhdr"
        path.write_bytes(head(encoding, "data file: voxels\n"))
    else:
        path = tmp_path / "scan.nrrd"
        path.write_bytes(head(encoding) + b"\n" + BODIES[encoding])
    image = load_image(path)
    assert np.array_equal(image.values, VALUES)
    assert image.grid.spacing_zyx_mm == (2, 0.6, 0.5)
    assert image.grid.origin_lps_mm == (-1, 2, 3)
    if encoding in {"raw", "gzip"}:
        assert np.array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(path))), image.values)


@pytest.mark.parametrize(
    ("space", "sign"), [("right-anterior-superior", (-1, -1)), ("RAS", (-1, -1)), ("LAS", (1, -1))]
)
def test_other_spaces_are_turned_to_lps(space: str, sign: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "scan.nrrd").write_bytes(head("raw", space=space) + b"\n" + BODIES["raw"])
    assert load_image(tmp_path / "scan.nrrd").grid.origin_lps_mm == (-1 * sign[0], 2 * sign[1], 3)


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ("byte skip: 5\n", b"12345" + BODIES["raw"]),
        ("byteskip: -1\n", b"whatever" + BODIES["raw"]),
        ("line skip: 2\n", b"one\ntwo\n" + BODIES["raw"]),
        ("line skip: 1\nbyte skip: 2\n", b"one\n12" + BODIES["raw"]),
    ],
    ids=["bytes", "bytes from the end", "lines", "lines and bytes"],
)
def test_lines_and_bytes_are_skipped(more: str, body: bytes, tmp_path: Path) -> None:
    (tmp_path / "voxels").write_bytes(body)
    (tmp_path / "scan.nhdr").write_bytes(head("raw", more + "data file: voxels\n"))
    assert np.array_equal(load_image(tmp_path / "scan.nhdr").values, VALUES)


def test_the_last_unpacked_bytes_are_used_if_the_header_says_so(tmp_path: Path) -> None:
    (tmp_path / "scan.nrrd").write_bytes(
        head("gzip", "byte skip: -1\n") + b"\n" + gzip.compress(b"whatever" + VALUES.tobytes())
    )
    assert np.array_equal(load_image(tmp_path / "scan.nrrd").values, VALUES)


@pytest.mark.parametrize(
    ("encoding", "more", "body"),
    [
        ("raw", "", BODIES["raw"] + b"352 bytes too many"),
        ("gzip", "", gzip.compress(b"header" + VALUES.tobytes())),
        ("raw", "", BODIES["raw"][:-1]),
        ("gzip", "", BODIES["gzip"][:-9]),
        ("bzip2", "", b"no bzip2"),
        ("hex", "", b"zz"),
        ("ascii", "", b"1 2 3"),
        ("ascii", "", b"one two"),
        ("rot13", "", BODIES["raw"]),
        ("raw", "byte skip: -5\n", BODIES["raw"]),
        ("raw", "data file: LIST\n", BODIES["raw"]),
    ],
    ids=[
        "too long",
        "too long within",
        "too short",
        "cut",
        "no bzip2",
        "no hex",
        "too few",
        "no numbers",
        "unknown",
        "negative",
        "list",
    ],
)
def test_ambiguous_voxels_are_rejected_in_one_line(
    encoding: str, more: str, body: bytes, tmp_path: Path
) -> None:
    (tmp_path / "scan.nrrd").write_bytes(head(encoding, more) + b"\n" + body)
    with pytest.raises(ImageReadError, match=r"scan\.nrrd") as told:
        load_image(tmp_path / "scan.nrrd")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("encoding", ["gzip", "bzip2"])
def test_a_small_file_that_expands_too_far_is_rejected_without_unpacking(
    encoding: str, tmp_path: Path
) -> None:
    nothing = b"\0" * 2**27
    body = gzip.compress(nothing, 1) if encoding == "gzip" else bz2.compress(nothing)
    (tmp_path / "scan.nrrd").write_bytes(head(encoding) + b"\n" + body)
    tracemalloc.start()
    with pytest.raises(ImageReadError, match="contains more"):
        load_image(tmp_path / "scan.nrrd")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**25


def test_time_as_a_fourth_coordinate_is_ignored(tmp_path: Path) -> None:
    text = (
        "NRRD0005\ntype: short\ndimension: 4\nsizes: 2 3 4 1\nspace: left-posterior-superior-time\n"
        "space directions: (0.5,0,0,0) (0,0.6,0,0) (0,0,2,0) (0,0,0,1)\nspace origin: (-1,2,3,0)\n"
        "encoding: raw\nendian: little\n\n"
    )
    (tmp_path / "scan.nrrd").write_bytes(text.encode() + BODIES["raw"])
    image = load_image(tmp_path / "scan.nrrd")
    assert image.grid.spacing_zyx_mm == (2, 0.6, 0.5)
    assert image.grid.origin_lps_mm == (-1, 2, 3)
    assert image.is_orientation_known


@pytest.mark.parametrize(
    "directions", ["(1,0) (0,1) (0,0)", "(1,0,0) (0,1,0)", "(1,0,0,0) (0,1,0,0) (0,0,1,0)"]
)
def test_directions_of_another_dimension_are_refused(directions: str, tmp_path: Path) -> None:
    text = head("raw").decode().replace("(0.5,0,0) (0,0.6,0) (0,0,2)", directions)
    (tmp_path / "scan.nrrd").write_bytes(text.encode() + b"\n" + BODIES["raw"])
    with pytest.raises(ImageReadError, match=r"scan\.nrrd has a damaged NRRD header"):
        load_image(tmp_path / "scan.nrrd")
