"""Every awkward real scan behaves as described, one line each in a table."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from awkward_scans import HEAD, measured

pytestmark = [pytest.mark.realdata, pytest.mark.slow, pytest.mark.timeout(600)]

TABLE = Path(__file__).parent / "AWKWARD.md"
OPENS = r"^opens, "
DICOM: dict[str, tuple[str, str]] = {
    "cmb-crc-01068": (
        "opens at once; padding is air",
        rf"{OPENS}100 × 512 × 512.*-1024 to .*no warning",
    ),
    "derived-objects/dcmqi": (
        "objects distinguished by SOP class",
        r"asks which of 3 series.*Segmentation Storage \(2\)",
    ),
    "derived-objects/dicompyler-core": (
        "the CT opens, RT objects listed",
        rf"{OPENS}.*RT Plan.*RT Structure Set",
    ),
    "derived-objects/highdicom": (
        "the CT opens, SEG, SR, microscopy listed",
        rf"{OPENS}.*Comprehensive 3D SR.*Segmentation",
    ),
    "derived-objects/rt-utils": (
        "asks which of two series, RTSTRUCT listed",
        r"asks which of 2 series.*RT Structure Set",
    ),
    "duplicate-positions": (
        "duplicate slice left out, gaps reported",
        r"^asks: .*7\.50 to 115\.00 mm.* of 10: ",
    ),
    "fault-gantrytilting/001": (
        "tilt reported, rectangular volume",
        rf"{OPENS}.*tilted by 14\.0°",
    ),
    "fault-notavolume/001": ("not a volume", r"^rejected: .*do not form a volume"),
    "fault-slicecount/001": ("opens with a warning", rf"{OPENS}.*Only 2 slices"),
    "fault-sliceincrement/001": (
        "gap reported, spacing not averaged",
        r"^asks: .*5\.00 to 10\.00 mm.*slices 1 to 3 of 4",
    ),
    "fault-sliceincrement/002": ("tilt and gap reported", r"^asks: .*15\.5°.*0\.75 to 1\.50 mm"),
    "fault-sliceorientation/001": ("two groups", r"asks which of 2 series"),
    "gantry-tilt-uneven": (
        "tilt and uneven steps reported; regular runs",
        r"^asks: .*18\.5°.*1\.08 to 7\.00 mm.*14 slices, 4\.00",
    ),
    "no-geometry": (
        "opens with position unknown",
        rf"{OPENS}.*placeholder positions.*Sides unknown",
    ),
    "no-series-uid-jpeg2000": ("opens", rf"{OPENS}20 × 512 × 512.*no warning"),
    "rtdose-beside-ct": ("the CT opens, the rest listed", rf"{OPENS}.*RT Dose Storage"),
}
#: Expectations for single files; the first pattern that matches the name counts.
ENHANCED = (
    ("IM00001", "not a CT: reported by name", r"^rejected: .*Ultrasound"),
    (
        "baseline.51",
        "lossy compression and implausible values reported",
        rf"{OPENS}2 × 512 × 512.*loss.*do not look like Hounsfield",
    ),
    ("jpeg_ls.81", "lossy compression reported", rf"{OPENS}2 × 512 × 512.*loss"),
    (
        "",
        "per-frame geometry, not mirrored",
        rf"{OPENS}2 × 512 × 512, 10\.00 × 0\.39 × 0\.39 mm, -1024 to 172 HU: ",
    ),
)
SYNTAXES = (
    ("no-pixel-spacing", "reported", r"^rejected: .*Ultrasound"),
    *(
        (f"4.{n}.dcm", "lossy compression reported", rf"{OPENS}1 × 512 × 512.*loss")
        for n in (50, 51, 53, 55, 81, 91)
    ),
    (
        "",
        "equal HU",
        rf"{OPENS}1 × 512 × 512, 5\.00 × 0\.68 × 0\.68 mm, -1024 to 1378 HU: Only 1 slice[^.]*\.$",
    ),
)
FORMATS = (
    ("5D_", "not a single volume: reported", r"^rejected: .*one 3-D volume"),
    ("dconn", "not a single volume: reported", r"^rejected: .*one 3-D volume"),
    ("example4d", "asks for the volume", r"^asks: .*2 volumes"),
    ("example_nifti2", "asks for the volume", r"^asks: .*2 volumes"),
    ("functional", "asks for the volume", r"^asks: .*20 volumes"),
    ("not-nifti", "not NIfTI: reported", r"^rejected: .*not a NIfTI file"),
    ("resampled_anat", "opens; voxels that are not numbers reported", rf"{OPENS}.*finite numbers"),
    ("anatomical", "opens", OPENS),
    (".raw", "voxels without a header: reported", r"^rejected"),
    (
        "BallBinary30x30x30_nifti.nhdr",
        "wrong number of bytes: reported",
        r"^rejected: .*unclear where the voxels start",
    ),
    ("minus_five", "negative offset: reported", r"^rejected: .*negative.*-5"),
    ("Ball", "opens", rf"{OPENS}30 × 30 × 30.*0 to 257 HU.*few different values"),
    ("test1d", "not a single volume: reported", r"^rejected: .*one 3-D volume"),
    ("customFields", "not a single volume: reported", r"^rejected: .*one 3-D volume"),
    ("test2d", "one slice; sides unknown", rf"{OPENS}1 × 9 × 3.*Sides unknown"),
    ("simple4d", "one voxel", rf"{OPENS}1 × 1 × 1"),
    ("", "opens; not HU: reported", rf"{OPENS}.*(like Hounsfield|these are not HU)"),
)


def items(real_data: Path) -> list[tuple[str, Path, str, str]]:
    """Return name, path, expected outcome and its pattern for every item in the folder."""
    dicom, formats = real_data / "dicom", real_data / "formats"
    found = [
        (f"dicom/{name}", dicom / name, right, pattern) for name, (right, pattern) in DICOM.items()
    ]
    singles = (
        (dicom / "enhanced-multiframe", ENHANCED),
        (dicom / "transfer-syntaxes", SYNTAXES),
        (formats / "nifti", FORMATS),
        (formats / "nrrd", FORMATS),
    )
    for folder, rules in singles:
        for path in sorted(p for p in folder.iterdir() if p.is_file()):
            _, right, pattern = next(rule for rule in rules if rule[0] in path.name)
            found.append((str(path.relative_to(real_data)), path, right, pattern))
    return found


def test_every_folder_has_its_line(real_data: Path) -> None:
    folders = {
        p
        for p in (real_data / "dicom").rglob("*")
        if p.is_dir() and any(q.is_file() for q in p.iterdir())
    }
    named = {path for _, path, _, _ in items(real_data)} | {
        path.parent for _, path, _, _ in items(real_data)
    }
    assert {p for p in folders if not any(p == n or n in p.parents for n in named)} == set()


def test_measured_results_equal_the_expected_ones_in_the_table(
    real_data: Path, tmp_path: Path
) -> None:
    lines, wrong = [], []
    for name, path, right, pattern in items(real_data):
        told = measured(path, tmp_path / "one")
        lines.append(f"| {name} | {right} | {told} |")
        if re.search(pattern, told) is None:
            wrong.append(f"{name}: {told}")
    assert wrong == []
    table = HEAD + "\n".join(lines) + "\n"
    if os.environ.get("SPINEVIEWER_WRITE_TABLES") == "1":
        TABLE.write_text(table, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == table
