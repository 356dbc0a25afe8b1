"""NIfTI, NRRD and MetaImage: positions as in nibabel and SimpleITK, results on the same grid."""

from __future__ import annotations

import gzip
import itertools
import struct
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from spineviewer.errors import ExportError, GeometryError, ImageReadError, SpineViewerError
from spineviewer.io.choices import UndecidedError
from spineviewer.io.images.loading import load_image, read_labels, source_of
from spineviewer.io.write.export import write_labels, write_map, write_mask
from spineviewer.volume.orientation import CANONICAL_AXES_LPS
from spineviewer.volume.volume import ScanFormat, SpineMask

SPACING = np.array([0.7, 1.1, 2.3])
ORIGIN = np.array([-31.25, 12.5, 140.0])
ORIENTATIONS = [
    np.eye(3)[:, order] * signs
    for order in itertools.permutations(range(3))
    for signs in itertools.product((1.0, -1.0), repeat=3)
]
FLIP = np.diag([-1.0, -1.0, 1.0])


def turned(degrees: tuple[float, float, float]) -> NDArray[np.float64]:
    a, b, c = np.radians(degrees)
    turn_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    turn_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    turn_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return turn_x @ turn_y @ turn_z


OBLIQUES = [
    turned(angles) @ ORIENTATIONS[n]
    for n, angles in [(0, (10, 0, 0)), (7, (0, -25, 12)), (30, (40, 30, 20)), (47, (3, 4, 5))]
]
ALL = [
    pytest.param(axes, id=f"orientation{n}") for n, axes in enumerate([*ORIENTATIONS, *OBLIQUES])
]


def affine_of(axes_ras: NDArray[np.float64]) -> NDArray[np.float64]:
    affine = np.eye(4)
    affine[:3, :3] = axes_ras * SPACING
    affine[:3, 3] = ORIGIN
    return affine


def written(path: Path, values: NDArray[Any], axes_ras: NDArray[np.float64]) -> Path:
    """Write values, indexed (i, j, k), on a grid with these axes; return the path."""
    if ".nii" in path.name:
        nib.save(nib.Nifti1Image(values, affine_of(axes_ras)), path)
    else:
        image = sitk.GetImageFromArray(np.ascontiguousarray(values.T))
        image.SetSpacing(SPACING.tolist())
        image.SetOrigin((FLIP @ ORIGIN).tolist())
        image.SetDirection((FLIP @ axes_ras).ravel().tolist())
        sitk.WriteImage(image, str(path))
    return path


def values_ijk() -> NDArray[np.int16]:
    return (np.arange(5 * 6 * 7).reshape(5, 6, 7) * 7 - 1024).astype(np.int16)


@pytest.mark.parametrize("axes", ALL)
@pytest.mark.parametrize("ending", ["nii.gz", "nrrd", "mha"])
def test_every_voxel_is_where_the_other_library_puts_it_and_results_return_there(
    axes: NDArray[np.float64], ending: str, tmp_path: Path
) -> None:
    if ending != "nii.gz" and np.linalg.det(axes) < 0:
        axes = axes * np.array([1.0, 1.0, -1.0])  # ITK writes right-handed directions only
    values = values_ijk()
    path = written(tmp_path / f"scan.{ending}", values, axes)
    image = load_image(path)
    source = source_of(path, image)
    canonical = source.order.to_canonical(image.values)
    geometry = source.order.canonical_geometry(image.grid)

    affine = affine_of(axes)
    assert np.array_equal(image.values, values.T)
    assert image.is_orientation_known
    for index in [(0, 0, 0), (4, 5, 6), (1, 2, 3)]:
        point = FLIP @ (affine @ [*index, 1])[:3]
        at = np.rint(geometry.index_zyx(point)).astype(int)
        assert np.allclose(geometry.point_lps_mm(at), point, atol=1e-4)
        assert canonical[tuple(at)] == values[index]
    alignment = np.einsum("ij,ij->i", np.array(geometry.axes_lps), CANONICAL_AXES_LPS)
    assert alignment.min() > 0.5

    for out_ending in ("nii.gz", "nii", "nrrd", "mha"):
        if out_ending in {"nrrd", "mha"} and np.linalg.det(axes) < 0:
            continue
        out = tmp_path / f"result-{out_ending.replace('.', '')}.{out_ending}"
        write_mask(SpineMask(canonical > 0, geometry), source, out, {"version": "1"})
        if out_ending.startswith("nii"):
            result = nib.load(out)
            assert np.array_equal(np.asarray(result.dataobj), values > 0)
            assert np.allclose(result.affine, affine, atol=1e-4)
            if ending == "nii.gz":
                before = nib.load(path)
                assert np.array_equal(result.affine, before.affine)
                assert np.array_equal(result.get_qform(), before.get_qform())
        _same_for_itk(path, out, values)


def _same_for_itk(path: Path, out: Path, values: NDArray[np.int16]) -> None:
    scan, result = sitk.ReadImage(str(path)), sitk.ReadImage(str(out))
    assert result.GetPixelID() == sitk.sitkUInt8
    assert np.array_equal(
        sitk.GetArrayFromImage(result), (sitk.GetArrayFromImage(scan) > 0).astype(np.uint8)
    )
    corner = [n - 1 for n in values.shape]
    for index in ([0, 0, 0], corner, [1, 2, 3]):
        one, other = (im.TransformIndexToPhysicalPoint(index) for im in (scan, result))
        assert np.allclose(one, other, atol=1e-4)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    angles=st.tuples(*[st.floats(-180, 180)] * 3),
    spacing=st.tuples(*[st.floats(0.2, 6.0)] * 3),
    mirrored=st.booleans(),
    shape=st.tuples(*[st.integers(1, 6)] * 3),
)
def test_any_grid_is_restored(
    angles: tuple[float, float, float],
    spacing: tuple[float, float, float],
    mirrored: bool,
    shape: tuple[int, int, int],
    tmp_path: Path,
) -> None:
    affine = np.eye(4)
    affine[:3, :3] = turned(angles) * np.array(spacing) * ([-1, 1, 1] if mirrored else [1, 1, 1])
    affine[:3, 3] = ORIGIN
    values = np.arange(np.prod(shape)).reshape(shape).astype(np.int16)
    path, out = tmp_path / "any.nii", tmp_path / "any-mask.nii"
    nib.save(nib.Nifti1Image(values, affine), path)
    image = load_image(path)
    source = source_of(path, image)
    geometry = source.order.canonical_geometry(image.grid)
    mask = source.order.to_canonical(image.values) % 2 == 1
    write_mask(SpineMask(mask, geometry), source, out, {})
    result = nib.load(out)
    assert np.array_equal(result.affine, nib.load(path).affine)
    assert np.array_equal(np.asarray(result.dataobj), values % 2)
    for index in np.argwhere(mask)[:5]:
        stored = np.argwhere(values == source.order.to_canonical(image.values)[tuple(index)])[0]
        assert np.allclose(
            geometry.point_lps_mm(index), FLIP @ (affine @ [*stored, 1])[:3], atol=1e-3
        )


@pytest.mark.parametrize("ending", ["nii.gz", "nii", "nrrd", "mha"])
def test_maps_and_labels_keep_their_values_and_state_how_they_were_made(
    ending: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "scan.nii", values_ijk(), OBLIQUES[1])
    image = load_image(path)
    source = source_of(path, image)
    geometry = source.order.canonical_geometry(image.grid)
    probability = np.random.default_rng(1).random(geometry.shape_zyx, dtype=np.float32)
    labels = (probability * 28).astype(np.uint8)
    exact = probability.copy()
    facts = {"weights": "ab12", "sigma_mm": 4.5}
    # a value of the map that is not a step of the file
    threshold = float(np.sort(exact, axis=None)[exact.size // 2])
    write_map(probability, geometry, source, tmp_path / f"map.{ending}", facts, threshold=threshold)
    write_labels(labels, geometry, source, tmp_path / f"labels.{ending}", {})

    back = load_image(tmp_path / f"map.{ending}")
    assert back.values.dtype == np.float32
    canonical = source.order.to_canonical(back.values)
    assert np.abs(canonical - exact).max() <= 2**-15
    assert np.array_equal(canonical > np.float32(threshold), exact > np.float32(threshold))
    assert np.mean(back.values * 2**14 % 1 != 0) < 0.01  # bits that deflate well
    read, read_geometry, _ = read_labels(tmp_path / f"labels.{ending}")
    assert np.array_equal(read, labels)
    assert read.dtype == np.uint8
    assert read_geometry.is_close_to(geometry)
    if "nii" not in ending:
        assert '"sigma_mm": 4.5' in sitk.ReadImage(str(tmp_path / f"map.{ending}")).GetMetaData(
            "spineviewer"
        )
    else:
        assert (
            b'"weights": "ab12"'
            in nib.load(tmp_path / f"map.{ending}").header.extensions[0].get_content()
        )


def nifti(path: Path, sform: int, qform: int, shift: float = 0.0, units: str = "mm") -> Path:
    affine = affine_of(OBLIQUES[0])
    image = nib.Nifti1Image(values_ijk(), affine)
    image.header.set_xyzt_units(units)
    image.header.set_sform(affine if sform else None, sform)
    moved = affine.copy()
    moved[0, 3] += shift
    image.header.set_qform(moved if qform else None, qform)
    if not sform and not qform:
        image.header["sform_code"] = image.header["qform_code"] = 0
    raw = image.header.binaryblock + b"\0" * 4 + values_ijk().tobytes(order="F")
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("sform", "qform", "shift"), [(1, 0, 0), (0, 1, 0), (2, 1, 0), (1, 1, 30.0)]
)
def test_sform_takes_precedence_over_qform_and_disagreement_is_reported(
    sform: int, qform: int, shift: float, tmp_path: Path
) -> None:
    image = load_image(nifti(tmp_path / "scan.nii", sform, qform, shift))
    assert np.allclose(image.grid.origin_lps_mm, FLIP @ ORIGIN, atol=1e-4)
    assert image.is_orientation_known
    assert any("30.0 mm" in w for w in image.warnings) is (shift > 0)


def test_forms_that_disagree_about_left_and_right_are_reported_as_such(
    tmp_path: Path,
) -> None:
    image = nib.Nifti1Image(values_ijk(), None)
    image.header.set_qform(np.diag([2.0, -1.0, 1.0, 1.0]), 1)
    image.header["srow_x"], image.header["srow_y"], image.header["srow_z"] = np.diag(
        [-2.0, -1.0, 1.0, 1.0]
    )[:3]
    image.header["sform_code"], image.header["magic"], image.header["vox_offset"] = 1, b"n+1", 352
    (tmp_path / "scan.nii").write_bytes(
        image.header.binaryblock + b"\0" * 4 + values_ijk().tobytes(order="F")
    )
    read = load_image(tmp_path / "scan.nii")
    assert "(sform and qform) disagree" in read.warnings[0]
    assert np.allclose(read.grid.axes_lps[2], (1, 0, 0))  # according to the sform


def test_without_any_form_the_sides_are_unknown_and_so_are_those_of_the_result(
    tmp_path: Path,
) -> None:
    path = nifti(tmp_path / "scan.nii", 0, 0)
    image = load_image(path)
    assert not image.is_orientation_known
    assert "left and right" in image.warnings[0]
    assert np.allclose(image.grid.spacing_zyx_mm, SPACING[::-1])
    source = source_of(path, image)
    geometry = source.order.canonical_geometry(image.grid)
    write_mask(
        SpineMask(np.ones(geometry.shape_zyx, bool), geometry), source, tmp_path / "mask.nii.gz", {}
    )
    result, scan = nib.load(tmp_path / "mask.nii.gz"), nib.load(path)
    assert (int(result.header["sform_code"]), int(result.header["qform_code"])) == (0, 0)
    assert np.array_equal(result.affine, scan.affine)


@pytest.mark.parametrize("kind", [nib.Nifti2Image, nib.Nifti1Pair, nib.Nifti2Pair])
def test_nifti_2_and_pairs_open_like_nifti_1(kind: Any, tmp_path: Path) -> None:
    image = kind(values_ijk(), affine_of(OBLIQUES[2]))
    name = "scan.img" if "Pair" in kind.__name__ else "scan.nii"
    nib.save(image, tmp_path / name)
    read = load_image(tmp_path / name)
    assert np.array_equal(read.values, values_ijk().T)
    assert np.allclose(read.grid.origin_lps_mm, FLIP @ ORIGIN, atol=1e-4)


def test_big_endian_and_scaled_values_are_right(tmp_path: Path) -> None:
    header = nib.Nifti1Header(endianness=">")
    header.set_data_dtype(">i2")
    image = nib.Nifti1Image(values_ijk(), affine_of(ORIENTATIONS[3]), header=header)
    image.header.set_slope_inter(2.0, -1000.0)
    nib.save(image, tmp_path / "scan.nii.gz")
    expected = nib.load(tmp_path / "scan.nii.gz").get_fdata()
    assert expected.min() == -3048
    assert np.array_equal(load_image(tmp_path / "scan.nii.gz").values, expected.T)


def sheared_nifti(path: Path) -> NDArray[np.int16]:
    affine = affine_of(ORIENTATIONS[0])
    affine[1, 2] = SPACING[2] * np.tan(np.radians(15))
    values = np.full((8, 30, 6), -1000, np.int16)
    values[2:5, 10:22, 1:5] = 400
    image = nib.Nifti1Image(values, None)
    image.header.set_sform(affine, 1)
    image.header.set_zooms(np.linalg.norm(affine[:3, :3], axis=0))
    nib.save(image, path)
    return values


@pytest.mark.parametrize("ending", ["nii.gz", "nrrd"])
def test_a_sheared_file_is_straightened_reported_and_its_mask_is_on_the_sheared_voxels(
    ending: str, tmp_path: Path
) -> None:
    path = tmp_path / "scan.nii"
    values = sheared_nifti(path)
    image = load_image(path)
    assert "15.0°" in image.warnings[-1]
    source = source_of(path, image)
    geometry = source.order.canonical_geometry(image.grid)
    mask = SpineMask(source.order.to_canonical(image.values) > -300, geometry)

    out = tmp_path / f"mask.{ending}"
    write_mask(mask, source, out, {})

    if ending == "nii.gz":
        result = nib.load(out)
        assert np.array_equal(result.affine, nib.load(path).affine)
        assert np.array_equal(np.asarray(result.dataobj), values > 0)
    else:
        labels, label_geometry, _ = read_labels(out)
        assert label_geometry.is_close_to(geometry)
        assert (labels != mask.voxels).mean() < 0.02
    with pytest.raises(ExportError, match="MetaImage cannot represent"):
        write_mask(mask, source, tmp_path / "mask.mha", {})


def test_of_several_volumes_the_user_chooses_one(tmp_path: Path) -> None:
    values = np.arange(3 * 4 * 5 * 2).reshape(3, 4, 5, 2).astype(np.int16)
    nib.save(nib.Nifti1Image(values, np.eye(4)), tmp_path / "scan.nii.gz")
    with pytest.raises(UndecidedError, match="2 volumes of 3 x 4 x 5") as requested:
        load_image(tmp_path / "scan.nii.gz")
    assert [way.key for way in requested.value.ways] == ["volume-1", "volume-2"]
    assert np.array_equal(
        load_image(tmp_path / "scan.nii.gz", choice="volume-2").values, values[..., 1].T
    )
    nib.save(
        nib.Nifti1Image(np.zeros((3, 4, 5, 1, 3), np.int16), np.eye(4)), tmp_path / "vectors.nii"
    )
    with pytest.raises(ImageReadError, match="3 x 4 x 5 x 1 x 3"):
        load_image(tmp_path / "vectors.nii")


def test_a_small_file_that_declares_gigabytes_is_rejected_at_once(tmp_path: Path) -> None:
    header = nib.Nifti1Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape((2048, 2048, 512))
    header["magic"] = b"n+1"
    header["vox_offset"] = 352
    for name, content in [
        ("a.nii", header.binaryblock),
        ("a.nii.gz", gzip.compress(header.binaryblock + b"\0" * 400)),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ImageReadError, match=r"2048 x 2048 x 512.*has only"):
            load_image(tmp_path / name)
    (tmp_path / "b.nrrd").write_bytes(
        b"NRRD0004\ntype: short\ndimension: 3\nsizes: 2048 2048 512\nencoding: raw\nendian: "
        b"little\n\n12"
    )
    with pytest.raises(ImageReadError, match=r"to b\.nrrd, .* 4294967296 bytes.*contains only"):
        load_image(tmp_path / "b.nrrd")
    (tmp_path / "c.mha").write_bytes(
        b"ObjectType = Image\nNDims = 3\nDimSize = 2048 2048 512\nElementType = "
        b"MET_SHORT\nElementDataFile = LOCAL\n12"
    )
    with pytest.raises(ImageReadError, match=r"to c\.mha, .* 4294967296 bytes"):
        load_image(tmp_path / "c.mha")


def garbage() -> list[tuple[str, bytes]]:
    good = nib.Nifti1Image(values_ijk(), np.eye(4)).to_bytes()
    packed = gzip.compress(good)
    return [
        ("empty.nii", b""),
        ("empty.nii.gz", b""),
        ("text.nii.gz", b"this is a letter"),
        ("cut.nii", good[:500]),
        ("header-only.nii", good[:348]),
        ("cut.nii.gz", packed[: len(packed) // 2]),
        ("other-compression.nii.gz", packed[:2] + b"\x07" + packed[3:]),
        ("flipped-bits.nii.gz", packed[:60] + bytes(b ^ 0x5A for b in packed[60:90]) + packed[90:]),
        ("negative-size.nii", good[:42] + struct.pack("<h", -5) + good[44:]),
        ("colour.nii", good[:70] + struct.pack("<h", 128) + good[72:]),
        ("unknown-type.nii", good[:70] + struct.pack("<h", 9999) + good[72:]),
        ("not-finite.nii", good[:280] + struct.pack("<4f", *[float("nan")] * 4) + good[296:]),
        ("text.nrrd", b"this is a letter"),
        ("empty.nrrd", b""),
        (
            "cut.nrrd",
            b"NRRD0004\ntype: short\ndimension: 3\nsizes: 4 4 4\nencoding: gzip\nendian: "
            b"little\n\n\x1f\x8b\x08",
        ),
        (
            "detached.nhdr",
            b"NRRD0004\ntype: short\ndimension: 3\nsizes: 4 4 4\nencoding: raw\nendian: "
            b"little\ndata file: gone.raw\n\n",
        ),
        ("empty.mha", b""),
        ("text.mha", b"ObjectType = Letter\n"),
        (
            "gone.mhd",
            b"ObjectType = Image\nNDims = 3\nDimSize = 4 4 4\nElementType = "
            b"MET_SHORT\nElementDataFile = gone.raw\n",
        ),
        ("pair.hdr", good[:348]),
    ]


@pytest.mark.parametrize(("name", "content"), garbage(), ids=[name for name, _ in garbage()])
def test_damaged_files_give_one_line_that_names_the_file(
    name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SpineViewerError) as told:
        load_image(tmp_path / name)
    assert name.split(".")[0] in str(told.value)
    assert "\n" not in str(told.value)


def test_an_nrrd_without_a_space_has_unknown_sides(tmp_path: Path) -> None:
    head = (
        b"NRRD0004\ntype: short\ndimension: 3\nsizes: 2 3 4\nspacings: 1 2 3\nencoding: "
        b"raw\nendian: little\n\n"
    )
    (tmp_path / "scan.nrrd").write_bytes(head + np.arange(24, dtype="<i2").tobytes())
    image = load_image(tmp_path / "scan.nrrd")
    assert image.format is ScanFormat.NRRD
    assert not image.is_orientation_known
    assert image.grid.spacing_zyx_mm == (3, 2, 1)


def test_labels_with_fractions_or_negative_numbers_are_refused(tmp_path: Path) -> None:
    for values in (np.full((2, 2, 2), 0.5, np.float32), np.full((2, 2, 2), -1, np.int16)):
        nib.save(nib.Nifti1Image(values, np.eye(4)), tmp_path / "labels.nii")
        with pytest.raises(ImageReadError, match=r"labels\.nii"):
            read_labels(tmp_path / "labels.nii")


def test_an_invalid_quaternion_is_reported(tmp_path: Path) -> None:
    image = nib.Nifti1Image(values_ijk(), np.eye(4))
    image.header["qform_code"], image.header["sform_code"] = 1, 0
    content = bytearray(image.to_bytes())
    content[252:256] = b"\x01\x00\x00\x00"  # qform_code 1, sform_code 0
    content[256:260] = np.float32(1e30).tobytes()  # quatern_b
    (tmp_path / "scan.nii").write_bytes(bytes(content))
    with pytest.raises(GeometryError, match=r"scan\.nii: its orientation is invalid"):
        load_image(tmp_path / "scan.nii")


def nifti_with(
    path: Path, place: int, content: bytes, *, qform: int = 1, sform: int = 1
) -> NDArray[np.float64]:
    """Write a file with two equal forms, and replace its bytes from `place` onwards.

    Return the affine before that (RAS, 4x4).
    """
    affine = affine_of(OBLIQUES[0])
    image = nib.Nifti1Image(values_ijk(), affine)
    image.set_qform(affine, 1)
    image.set_sform(affine, 1)
    image.to_filename(path)
    raw = bytearray(path.read_bytes())
    raw[252:256] = struct.pack("<hh", qform, sform)
    raw[place : place + len(content)] = content
    path.write_bytes(raw)
    return affine


DAMAGED_SFORMS = {
    "zeros": bytes(48),
    "not a number": struct.pack("<12f", *[float("nan")] * 12),
    "infinite": struct.pack("<f", float("inf")),
    "a row of zeros": bytes(16),
    "two equal axes": struct.pack("<12f", 1, 1, 0, 5, 2, 2, 0, 6, 3, 3, 1, 7),
}


@pytest.mark.parametrize("fault", DAMAGED_SFORMS)
def test_an_invalid_sform_gives_way_to_the_qform(fault: str, tmp_path: Path) -> None:
    path = tmp_path / "scan.nii"
    affine = nifti_with(path, 280, DAMAGED_SFORMS[fault])
    image = load_image(path)
    assert np.allclose(image.grid.origin_lps_mm, FLIP @ affine[:3, 3], atol=1e-4)
    assert np.allclose(image.grid.spacing_zyx_mm, SPACING[::-1], atol=1e-4)
    assert image.is_orientation_known
    assert "(sform) is invalid" in image.warnings[0]

    source = source_of(path, image)
    geometry = source.order.canonical_geometry(image.grid)
    write_mask(
        SpineMask(np.ones(geometry.shape_zyx, bool), geometry), source, tmp_path / "mask.nii", {}
    )
    assert np.allclose(nib.load(tmp_path / "mask.nii").affine, affine, atol=1e-4)
    assert np.allclose(sitk.ReadImage(str(tmp_path / "mask.nii")).GetSpacing(), SPACING, atol=1e-4)


@pytest.mark.parametrize("quaternion", [(1e30, 0, 0), (float("nan"), 0, 0), (0.9, 0.9, 0.9)])
def test_an_invalid_qform_gives_way_to_the_sform(
    quaternion: tuple[float, ...], tmp_path: Path
) -> None:
    affine = nifti_with(tmp_path / "scan.nii", 256, struct.pack("<3f", *quaternion))
    image = load_image(tmp_path / "scan.nii")
    assert np.allclose(image.grid.origin_lps_mm, FLIP @ affine[:3, 3], atol=1e-4)
    assert "(qform) is invalid" in image.warnings[0]
    source = source_of(tmp_path / "scan.nii", image)
    assert source.nifti_orientation is not None
    assert (source.nifti_orientation.qform_code, source.nifti_orientation.sform_code) == (0, 1)


@pytest.mark.parametrize(
    ("qform", "sform", "named"), [(0, 1, r"\(sform\)"), (1, 1, r"\(sform, qform\)")]
)
def test_without_a_usable_form_the_damage_is_named(
    qform: int, sform: int, named: str, tmp_path: Path
) -> None:
    nifti_with(
        tmp_path / "scan.nii",
        256,
        struct.pack("<6f", 1e30, 0, 0, 0, 0, 0) + bytes(48),
        qform=qform,
        sform=sform,
    )
    with pytest.raises(GeometryError, match=rf"scan\.nii: its orientation is invalid {named}"):
        load_image(tmp_path / "scan.nii")


@pytest.mark.parametrize(("stored", "handed"), [(0.0, 1), (float("nan"), 1), (-3.0, -1), (1.0, 1)])
def test_a_handedness_other_than_one_is_read_according_to_the_standard(
    stored: float, handed: int, tmp_path: Path
) -> None:
    nifti_with(tmp_path / "scan.nii", 76, struct.pack("<f", stored), sform=0)
    grid = load_image(tmp_path / "scan.nii").grid
    affine = affine_of(OBLIQUES[0])
    affine[:, 2] *= handed
    corner = [values_ijk().shape[n] - 1 for n in range(3)]
    assert np.allclose(
        grid.point_lps_mm(corner[::-1]), FLIP @ (affine @ [*corner, 1])[:3], atol=1e-3
    )


def test_two_voxel_sizes_of_one_file_are_reported(tmp_path: Path) -> None:
    nifti_with(tmp_path / "scan.nii", 80, struct.pack("<3f", 1.4, 1.1, 2.3), qform=0)
    image = load_image(tmp_path / "scan.nii")
    assert np.allclose(image.grid.spacing_zyx_mm, SPACING[::-1])
    assert (
        "0.7 x 1.1 x 2.3 mm in its orientation matrix (sform or qform), which is used, and "
        "1.4 x 1.1 x 2.3 mm in its voxel-size field" in image.warnings[0]
    )


def test_voxels_begin_after_the_header_even_if_it_says_zero(tmp_path: Path) -> None:
    nifti_with(tmp_path / "scan.nii", 108, bytes(4))
    assert np.array_equal(load_image(tmp_path / "scan.nii").values, values_ijk().T)
    nifti_with(tmp_path / "scan.nii", 108, struct.pack("<f", 100))
    with pytest.raises(
        ImageReadError,
        match=r"scan\.nii has a damaged NIfTI header: the voxels start inside the header",
    ):
        load_image(tmp_path / "scan.nii")


@pytest.mark.parametrize(
    ("slope", "intercept"),
    [(0.0, 5.0), (float("nan"), 5.0), (float("inf"), 0.0), (-2.0, 7.0), (0.3, 0.1)],
)
def test_scaling_is_that_of_nibabel_to_the_last_bit(
    slope: float, intercept: float, tmp_path: Path
) -> None:
    nifti_with(tmp_path / "scan.nii", 112, struct.pack("<2f", slope, intercept))
    expected = np.asarray(nib.load(tmp_path / "scan.nii").dataobj).astype(np.float32)
    assert np.array_equal(load_image(tmp_path / "scan.nii").values.astype(np.float32), expected.T)
