"""Units of length and the size of voxels: converted, reported or rejected, whatever the format."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from spineviewer.errors import GeometryError, SpineViewerError
from spineviewer.io.images.lengths import size_warnings
from spineviewer.io.images.loading import load_image, source_of
from spineviewer.io.scan import describe, read_scan
from spineviewer.io.write.export import write_mask
from spineviewer.volume.volume import SpineMask

#: Number of voxels along i, j, k in all files here.
SIZES = (30, 26, 22)
EDGES_MM = np.array([1.8, 1.5, 2.5])
ORIGIN_LPS_MM = np.array([-21.5, -30.25, 40.0])
NRRD_HEAD = "NRRD0004\ntype: short\ndimension: 3\nsizes: 30 26 22\nencoding: raw\nendian: little\n"
META_HEAD = (
    "ObjectType = Image\nNDims = 3\nBinaryData = True\nTransformMatrix = 1 0 0 0 1 0 0 0 1\n"
)
META_END = "DimSize = 30 26 22\nElementType = MET_SHORT\nElementDataFile = LOCAL\n"
Writer = Callable[..., Path]


def trunk_values() -> NDArray[np.int16]:
    """Return water surrounded by air, int16, indexed [k, j, i]; all voxels differ slightly."""
    values = np.full(SIZES[::-1], -1000, np.int16)
    values[:, 5:-5, 5:-5] = 40
    return (values + np.arange(values.size).reshape(values.shape) % 13).astype(np.int16)


def write_nrrd(
    folder: Path, edges: Any, origin: Any, unit: str | None, by: str = "space units"
) -> Path:
    i, j, k = (f"{v:.10g}" for v in edges)
    place = (
        f"space: LPS\nspace directions: ({i},0,0) (0,{j},0) (0,0,{k})\nspace origin: "
        f"({','.join(f'{v:.10g}' for v in origin)})\n"
    )
    if by == "units":
        place = f"spacings: {i} {j} {k}\n"
    units = "" if unit is None else f"{by}: {unit}\n"
    head = f"{NRRD_HEAD}{place}{units}\n"
    (folder / "scan.nrrd").write_bytes(head.encode() + trunk_values().tobytes())
    return folder / "scan.nrrd"


def write_metaimage(folder: Path, edges: Any, origin: Any, unit: str | None) -> Path:
    units = "" if unit is None else f"DistanceUnits = {unit}\n"
    places = [" ".join(f"{v:.10g}" for v in numbers) for numbers in (origin, edges)]
    head = f"{META_HEAD}Offset = {places[0]}\nElementSpacing = {places[1]}\n{units}{META_END}"
    (folder / "scan.mha").write_bytes(head.encode() + trunk_values().tobytes())
    return folder / "scan.mha"


def write_nifti(
    folder: Path, edges: Any, origin: Any, unit: int | None, forms: tuple[int, int] = (1, 1)
) -> Path:
    affine = np.diag([-edges[0], -edges[1], edges[2], 1.0])
    affine[:3, 3] = [-origin[0], -origin[1], origin[2]]
    image = nib.Nifti1Image(trunk_values().T, affine)
    image.set_qform(affine, 1)
    image.set_sform(affine, 1)
    path = folder / "scan.nii"
    image.to_filename(path)
    raw = bytearray(path.read_bytes())
    raw[123] = 0 if unit is None else unit
    raw[252:256] = struct.pack("<hh", forms[1], forms[0])
    path.write_bytes(raw)
    return path


CONVERTED: list[tuple[Writer, Any, float]] = [
    *(
        (write_nrrd, f'"{unit}" "{unit}" "{unit}"', per_mm)
        for unit, per_mm in (("um", 1e3), ("cm", 0.1), ("m", 1e-3), ("nm", 1e6))
    ),
    (write_nrrd, '"µm" "micron" "Micrometers"', 1e3),
    (write_nrrd, '"in" "inch" "inches"', 1 / 25.4),
    (write_nrrd, "cm cm cm", 0.1),
    (write_metaimage, "um", 1e3),
    (write_metaimage, "cm", 0.1),
    (write_metaimage, "CM", 0.1),
    (write_nifti, 1, 1e-3),
    (write_nifti, 3, 1e3),
]


@pytest.mark.parametrize(("write", "unit", "per_mm"), CONVERTED)
def test_a_length_in_any_unit_is_converted_to_mm_and_reported(
    write: Writer, unit: Any, per_mm: float, tmp_path: Path
) -> None:
    image = load_image(write(tmp_path, EDGES_MM * per_mm, ORIGIN_LPS_MM * per_mm, unit))
    assert image.grid.spacing_zyx_mm == pytest.approx(EDGES_MM[::-1], rel=1e-6)
    assert image.grid.origin_lps_mm == pytest.approx(ORIGIN_LPS_MM, rel=1e-6)
    assert np.array_equal(image.values, trunk_values())
    assert ["converted to millimetres" in warning for warning in image.warnings] == [True]


@pytest.mark.parametrize(
    ("write", "unit"),
    [
        *((write_nrrd, unit) for unit in (None, '"mm" "mm" "mm"', '"" "???" "unknown"')),
        *((write_metaimage, unit) for unit in (None, "mm", "?")),
        *((write_nifti, unit) for unit in (None, 2, 2 | 8)),
    ],
)
def test_millimetres_and_unknown_units_cause_no_message(
    write: Writer, unit: Any, tmp_path: Path
) -> None:
    image = load_image(write(tmp_path, EDGES_MM, ORIGIN_LPS_MM, unit))
    assert image.grid.spacing_zyx_mm == pytest.approx(EDGES_MM[::-1], rel=1e-6)
    assert image.warnings == ()


@pytest.mark.parametrize(
    ("write", "unit"),
    [(write_nrrd, '"parsec" "parsec" "parsec"'), (write_metaimage, "furlong"), (write_nifti, 5)],
)
def test_a_unit_that_does_not_exist_is_reported_and_read_as_mm(
    write: Writer, unit: Any, tmp_path: Path
) -> None:
    image = load_image(write(tmp_path, EDGES_MM, ORIGIN_LPS_MM, unit))
    assert image.grid.spacing_zyx_mm == pytest.approx(EDGES_MM[::-1], rel=1e-6)
    assert len(image.warnings) == 1
    assert "read as m" in image.warnings[0]


def test_units_of_an_nrrd_may_differ_from_axis_to_axis_of_the_patient(tmp_path: Path) -> None:
    scale = np.array([1, 1, 0.1])
    path = write_nrrd(tmp_path, EDGES_MM * scale, ORIGIN_LPS_MM * scale, '"mm" "mm" "cm"')
    image = load_image(path)
    assert image.grid.spacing_zyx_mm == pytest.approx(EDGES_MM[::-1])
    assert image.grid.origin_lps_mm == pytest.approx(ORIGIN_LPS_MM)
    assert "1 x 1 x 10 mm" in image.warnings[0]


def test_units_with_bare_spacings_apply_to_the_axes_of_the_array(tmp_path: Path) -> None:
    image = load_image(
        write_nrrd(tmp_path, EDGES_MM * (1, 1, 0.1), ORIGIN_LPS_MM, '"mm" "mm" "cm"', by="units")
    )
    assert image.grid.spacing_zyx_mm == pytest.approx(EDGES_MM[::-1])
    assert not image.is_orientation_known


@pytest.mark.parametrize(
    ("write", "unit"),
    [
        (write_nrrd, '"m" "m" "m"'),
        (write_nrrd, '"um" "um" "um"'),
        (write_metaimage, "um"),
        (write_nifti, 1),
        (write_nifti, 3),
    ],
)
def test_a_unit_that_contradicts_the_size_of_a_scan_is_ignored(
    write: Writer, unit: Any, tmp_path: Path
) -> None:
    volume = read_scan(write(tmp_path, EDGES_MM, ORIGIN_LPS_MM, unit))
    assert volume.geometry.spacing_zyx_mm == pytest.approx(EDGES_MM[::-1], rel=1e-6)
    assert (
        "which is impossible in a CT scan. The numbers were read as millimetres"
        in volume.source.warnings[0]
    )


@pytest.mark.parametrize("forms", [(1, 0), (0, 1), (0, 0)])
@pytest.mark.parametrize(("unit", "per_mm", "right_unit"), [(1, 1.0, 2), (1, 1e-3, 1)])
def test_a_result_of_a_nifti_is_on_its_scan_in_other_readers_too(
    unit: int, per_mm: float, right_unit: int, forms: tuple[int, int], tmp_path: Path
) -> None:
    path = write_nifti(tmp_path, EDGES_MM * per_mm, ORIGIN_LPS_MM * per_mm, unit, forms)
    image = load_image(path)
    source = source_of(path, image)
    geometry = source.order.canonical_geometry(image.grid)
    write_mask(
        SpineMask(np.ones(geometry.shape_zyx, bool), geometry), source, tmp_path / "mask.nii", {}
    )
    written = nib.load(tmp_path / "mask.nii").header
    assert int(written["xyzt_units"]) & 7 == right_unit
    assert np.allclose(sitk.ReadImage(str(tmp_path / "mask.nii")).GetSpacing(), EDGES_MM)


@pytest.mark.parametrize("write", [write_nrrd, write_metaimage, write_nifti])
@pytest.mark.parametrize("edges", [(1800, 1500, 2500), (0.0018, 0.0015, 0.0025), (0.8, 0.8, 500)])
def test_voxels_that_no_ct_has_are_rejected_with_this_reason(
    write: Writer, edges: Any, tmp_path: Path
) -> None:
    path = write(tmp_path, np.array(edges), ORIGIN_LPS_MM, None)
    with pytest.raises(
        GeometryError,
        match=r"scan\.\w+: according to the header, voxels are .* spacing or the unit is wrong",
    ):
        read_scan(path)


@pytest.mark.parametrize("write", [write_nrrd, write_metaimage, write_nifti])
@pytest.mark.parametrize("spoilt", [0.0, float("nan"), float("inf")])
def test_voxels_without_a_size_are_rejected_by_every_reader(
    write: Writer, spoilt: float, tmp_path: Path
) -> None:
    path = write(tmp_path, EDGES_MM, ORIGIN_LPS_MM, None)
    if path.suffix == ".nii":
        raw = bytearray(path.read_bytes())
        for place in (84, 280 + 4):  # pixdim[2] and the second of srow_x
            raw[place : place + 4] = struct.pack("<f", spoilt)
        raw[296 + 4 : 296 + 8] = struct.pack("<f", spoilt)
        path.write_bytes(raw)
    else:
        raw = (
            path.read_bytes()
            .replace(b"(0,1.5,0)", b"(0,%g,0)" % spoilt)
            .replace(b"1.8 1.5 2.5", b"1.8 %g 2.5" % spoilt)
        )
        assert raw != path.read_bytes()
        path.write_bytes(raw)
    with pytest.raises(SpineViewerError, match=r"scan\.\w+") as told:
        load_image(path)
    assert any(word in str(told.value) for word in ("usable", "damaged"))


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [
        ((48, 80, 80), (0.25, 0.18, 0.18)),
        ((10, 80, 80), (20.0, 1, 1)),
        ((60, 64, 64), (18.0, 15, 15)),
        ((400, 512, 512), (3.0, 3, 3)),
        ((400, 512, 512), (1.0, 0.02, 0.02)),
        ((3000, 64, 64), (1.0, 1, 1)),
        ((50, 512, 512), (10.0, 0.1, 0.1)),
    ],
    ids=[
        "centimetres",
        "far apart",
        "decimetres",
        "wider than a bore",
        "micro",
        "longer than a table",
        "rods",
    ],
)
def test_an_unusual_size_opens_with_a_warning(shape: Any, spacing: Any) -> None:
    (warning,) = size_warnings(shape, spacing)
    assert "unusual for a CT scan" in warning


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [
        ((1, 512, 512), (5.0, 0.7, 0.7)),
        ((700, 512, 512), (1.0, 0.98, 0.98)),
        ((2000, 1024, 1024), (1.0, 0.5, 0.5)),
        ((7, 12, 10), (2.5, 0.7, 0.8)),
        ((30, 512, 512), (15.0, 0.5, 0.5)),
        ((400, 1024, 1024), (0.2, 0.1, 0.1)),
    ],
)
def test_scans_of_usual_size_cause_no_message(shape: Any, spacing: Any) -> None:
    assert size_warnings(shape, spacing) == []


def test_dicom_voxels_are_judged_by_the_same_check(scanner: Any, hu: NDArray[np.int16]) -> None:
    scanner.spacing_mm = (2.5, 700.0, 800.0)
    with pytest.raises(
        GeometryError, match=r"according to the header, voxels are 800 x 700 x 2\.5 mm"
    ):
        read_scan(scanner.write(hu))


def test_unusual_dicom_voxels_open_with_a_warning(scanner: Any, hu: NDArray[np.int16]) -> None:
    scanner.spacing_mm = (25.0, 0.7, 0.8)
    folder = scanner.write(hu)
    assert any("unusual for a CT scan" in warning for warning in read_scan(folder).source.warnings)


def test_info_names_an_unusual_size_of_an_image_file(tmp_path: Path) -> None:
    found = describe(write_nrrd(tmp_path, (1.0, 1.0, 20.0), ORIGIN_LPS_MM, None))
    assert "unusual for a CT scan" in found["series"][0]["problems"][0]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("scan.nrrd", f"{NRRD_HEAD}\n"),
        ("scan.nrrd", f"{NRRD_HEAD}thicknesses: 1 2 3\n\n"),
        ("scan.mha", META_HEAD + META_END),
    ],
    ids=["nrrd", "nrrd with thicknesses", "metaimage"],
)
def test_a_file_that_states_no_voxel_size_says_so(name: str, head: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(head.encode() + trunk_values().tobytes())
    image = load_image(tmp_path / name)
    assert image.grid.spacing_zyx_mm == (1, 1, 1)
    assert any("does not state a voxel size" in warning for warning in image.warnings)


@pytest.mark.parametrize(
    ("centre", "upper"), [("cell", (54, 39, 55)), ("node", (52.2, 37.5, 52.5))]
)
def test_an_nrrd_may_state_its_voxel_size_by_the_ends_of_its_axes(
    centre: str, upper: Any, tmp_path: Path
) -> None:
    ends = (
        f"axis mins: 0 0 0\naxis maxs: {' '.join(map(str, upper))}\ncenters: {centre} {centre} "
        f"{centre}\n"
    )
    (tmp_path / "scan.nrrd").write_bytes(f"{NRRD_HEAD}{ends}\n".encode() + trunk_values().tobytes())
    assert load_image(tmp_path / "scan.nrrd").grid.spacing_zyx_mm == pytest.approx(EDGES_MM[::-1])


@pytest.mark.parametrize(
    ("spacing_mm", "words"),
    [((2.5, 20.0, 20.0), "unusual for a CT scan"), ((2.5, 900.0, 900.0), "CT voxels")],
)
def test_the_list_of_dicom_series_names_voxels_of_an_unusual_size(
    spacing_mm: Any, words: str, scanner: Any, hu: NDArray[np.int16]
) -> None:
    scanner.spacing_mm = spacing_mm
    (series,) = describe(scanner.write(hu))["series"]
    (problem,) = series["problems"]
    assert words in problem
