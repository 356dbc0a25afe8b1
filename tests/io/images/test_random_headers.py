"""Random valid headers of NIfTI, NRRD and MetaImage, compared with a second reader.

The second reader is nibabel for NIfTI and ITK for the others. Cases in which these are wrong or
fail are excluded: nibabel accepts no handedness (`pixdim[0]`) other than 1 and -1 and no voxels
that begin at byte 0; ITK ignores `space units` and `DistanceUnits`, reads neither text nor bzip2 in
NRRD, and interprets negative `spacings` as directions although the header names no sides.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from spineviewer.io.images.loading import StoredImage, load_image

QUICK, ALL = 8, 300
FLIP = np.diag([-1.0, -1.0, 1.0])
Rng = np.random.Generator


def random_rotation(rng: Rng) -> NDArray[np.float64]:
    """Return right- or left-handed axes, float64, shape (3, 3), one column per file axis."""
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    if rng.random() < 0.4:  # along the patient's axes
        axes = np.eye(3)[:, rng.permutation(3)]
    return np.asarray(axes * rng.choice([-1.0, 1.0], 3))


def random_values(rng: Rng, dtype: np.dtype[Any], shape_kji: tuple[int, ...]) -> NDArray[Any]:
    if dtype.kind == "f":
        return (rng.normal(size=shape_kji) * 500).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(max(limits.min, -(2**31)), min(limits.max, 2**31), shape_kji).astype(dtype)


def random_size(rng: Rng) -> tuple[int, int, int]:
    i, j, k = (int(n) for n in rng.integers(2, 9, 3))
    return i, j, k


def random_edges(rng: Rng) -> NDArray[np.float64]:
    return np.round(rng.uniform(0.3, 3.0, 3), int(rng.integers(1, 7)))


def require_same(
    image: StoredImage, values_kji: NDArray[Any], place_lps: Callable[[Any], Any], mm: float = 1e-3
) -> None:
    """Check that the voxels are equal, and that some of them have the second reader's positions.

    Parameters
    ----------
    values_kji
        Shape (k, j, i).
    place_lps
        From an index (i, j, k) to (L, P, S) in mm.
    """
    assert image.sheared is None
    assert np.array_equal(image.values, values_kji)
    corner = np.array(values_kji.shape[::-1]) - 1
    for index in ((0, 0, 0), corner, (corner[0], 0, 0), (0, corner[1], 0), (0, 0, corner[2])):
        assert np.allclose(
            image.grid.point_lps_mm(np.array(index)[::-1]), place_lps(index), atol=mm
        )


def write_random_nifti(rng: Rng, folder: Path) -> Path:
    order = str(rng.choice(["<", ">"]))
    dtype = np.dtype(
        str(rng.choice(["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]))
    ).newbyteorder(order)
    kinds: list[tuple[Any, Any, str]] = [
        (nib.Nifti1Image, nib.Nifti1Header, "scan.nii"),
        (nib.Nifti1Image, nib.Nifti1Header, "scan.nii.gz"),
        (nib.Nifti2Image, nib.Nifti2Header, "scan.nii"),
        (nib.Nifti1Pair, nib.nifti1.Nifti1PairHeader, "scan.img"),
        (nib.Nifti2Pair, nib.nifti2.Nifti2PairHeader, "scan.img"),
    ]
    kind, head, name = kinds[int(rng.integers(len(kinds)))]
    shape = random_size(rng)
    values = random_values(rng, dtype, shape[::-1]).T
    if rng.random() < 0.3:
        values = values.reshape(*shape, 1)
    affine = np.eye(4)
    affine[:3, :3] = random_rotation(rng) * random_edges(rng)
    affine[:3, 3] = rng.normal(size=3) * 100
    header = head(endianness=order)
    header.set_data_dtype(dtype)
    image = kind(values, affine, header=header)
    sform, qform = ((1, 0), (0, 1), (1, 1), (2, 3), (4, 2))[int(rng.integers(5))]
    image.set_sform(affine, sform)
    image.set_qform(affine, qform)
    image.header["sform_code"], image.header["qform_code"] = sform, qform
    unit = ("mm", "micron", "meter", "unknown")[int(rng.integers(4))]
    image.header.set_xyzt_units(unit, "sec" if rng.random() < 0.5 else None)
    if dtype.itemsize < 8 and rng.random() < 0.5:
        image.header.set_slope_inter(
            float(rng.choice([0.5, 2, -1, 0.37])), float(rng.choice([0, -1024, 3.3]))
        )
    image.header["intent_code"] = int(rng.choice([0, 1001, 1002]))
    if name.startswith("scan.nii") and rng.random() < 0.3:
        image.header.extensions.append(
            nib.nifti1.Nifti1Extension("comment", b"x" * int(rng.integers(1, 90)))
        )
    image.to_filename(folder / name)
    return folder / name


def check_nifti(seed: int, folder: Path) -> None:
    rng = np.random.default_rng([1, seed])
    path = write_random_nifti(rng, folder)
    theirs = nib.load(path)
    image = load_image(path)
    stored = np.asarray(theirs.dataobj)
    values = stored.reshape(stored.shape[:3]).T
    if image.values.dtype == np.float32:
        values = values.astype(np.float32)
    units = {"meter": 1000.0, "micron": 0.001}.get(theirs.header.get_xyzt_units()[0], 1.0)
    is_believed = any("converted" in warning for warning in image.warnings)
    assert (
        is_believed
        or units == 1
        or any("read as millimetres" in warning for warning in image.warnings)
    )
    affine = theirs.affine * (units if is_believed else 1.0)
    require_same(image, values, lambda index: FLIP @ (affine[:3, :3] @ index + affine[:3, 3]))
    assert image.is_orientation_known


def check_nrrd(seed: int, folder: Path) -> None:
    rng = np.random.default_rng([2, seed])
    kinds = {
        "i1": "int8",
        "u1": "unsigned char",
        "i2": "short",
        "u2": "ushort",
        "i4": "int",
        "u4": "uint",
    }
    kinds |= {"f4": "float", "f8": "double"}
    code = str(rng.choice(list(kinds)))
    endian = str(rng.choice(["little", "big"]))
    size = random_size(rng)
    values = random_values(
        rng, np.dtype(code).newbyteorder("<" if endian == "little" else ">"), size[::-1]
    )
    encoding = str(rng.choice(["raw", "gzip", "hex"]))
    raw = values.tobytes()
    body = {"raw": raw, "gzip": gzip.compress(raw), "hex": raw.hex().encode()}[encoding]
    fields = [f"type: {kinds[code]}", f"encoding: {encoding}", f"endian: {endian}"]
    axes = random_rotation(rng) * random_edges(rng)
    vectors = " ".join(f"({','.join(repr(float(v)) for v in axis)})" for axis in axes.T)
    origin = f"space origin: ({','.join(repr(float(v)) for v in rng.normal(size=3) * 100)})"
    sizes, kind_words = " ".join(map(str, size)), "domain domain domain"
    if rng.random() < 0.25:
        sizes, vectors, kind_words = f"1 {sizes}", f"none {vectors}", f"vector {kind_words}"
    fields += [f"dimension: {len(sizes.split())}"]
    place = int(rng.integers(4))
    if place < 3:
        space = ("left-posterior-superior", "right-anterior-superior", "LAS")[place]
        fields += [f"space: {space}", f"sizes: {sizes}", f"space directions: {vectors}", origin]
    else:
        spacings = " ".join(repr(float(v)) for v in random_edges(rng))
        fields += [
            f"sizes: {sizes}",
            f"spacings: {'nan ' if len(sizes.split()) == 4 else ''}{spacings}",
        ]
    if rng.random() < 0.5 or len(sizes.split()) == 4:  # otherwise ITK treats all axes as spatial
        fields += [f"kinds: {kind_words}"]
    if rng.random() < 0.3:
        fields += ["# a comment: nothing", "content: trunk"]
    is_detached = rng.random() < 0.4
    skipped = int(rng.integers(1, 40))
    if is_detached:
        if encoding == "raw" and rng.random() < 0.5:
            body, fields = (
                b"x" * skipped + body,
                [*fields, f"byte skip: {rng.choice([skipped, -1])}"],
            )
        (folder / "voxels").write_bytes(body)
        fields += ["data file: voxels"]
    ends = str(rng.choice(["\n", "\r\n"])) if is_detached else "\n"
    head = ends.join([f"NRRD000{rng.integers(4, 6)}", *fields, "", ""])
    keys = f"key:=a value: with a colon{ends}" if rng.random() < 0.3 else ""
    head = head[: -len(ends)] + keys + ends
    path = folder / ("scan.nhdr" if is_detached else "scan.nrrd")
    path.write_bytes(head.encode() + (b"" if is_detached else body))
    compare_with_itk(path, is_known=place < 3)


def numbers(many: Any) -> str:
    return " ".join(repr(float(v)) for v in np.ravel(many))


def check_metaimage(seed: int, folder: Path) -> None:
    rng = np.random.default_rng([3, seed])
    kinds = {
        "i1": "CHAR",
        "u1": "UCHAR",
        "i2": "SHORT",
        "u2": "USHORT",
        "i4": "INT",
        "u4": "UINT",
        "f4": "FLOAT",
        "f8": "DOUBLE",
    }
    code = str(rng.choice(list(kinds)))
    is_big = rng.random() < 0.4
    size = random_size(rng)
    values = random_values(rng, np.dtype(code).newbyteorder(">" if is_big else "<"), size[::-1])
    is_packed = rng.random() < 0.4
    body = zlib.compress(values.tobytes()) if is_packed else values.tobytes()
    fields = ["ObjectType = Image", "NDims = 3"]
    if rng.random() < 0.8:
        fields += ["BinaryData = True"]
    name = str(rng.choice(["BinaryDataByteOrderMSB", "ElementByteOrderMSB"]))
    fields += [f"{name} = {is_big}"]
    if is_packed:
        fields += ["CompressedData = True", f"CompressedDataSize = {len(body)}"]
    is_known = rng.random() < 0.8
    if is_known:
        fields += [
            f"{rng.choice(['TransformMatrix', 'Rotation', 'Orientation'])} = "
            f"{numbers(random_rotation(rng).T)}"
        ]
    fields += [
        f"{rng.choice(['Offset', 'Position', 'Origin'])} = {numbers(rng.normal(size=3) * 100)}"
    ]
    if rng.random() < 0.5:
        fields += [f"CenterOfRotation = {numbers(rng.normal(size=3))}"]
    if rng.random() < 0.5:
        fields += [f"AnatomicalOrientation = {rng.choice(['RAI', 'LPS', '???'])}"]
    spacing = numbers(random_edges(rng))
    fields += [f"{rng.choice(['ElementSpacing', 'ElementSize'])} = {spacing}"]
    if rng.random() < 0.3:
        fields += ["Modality = MET_MOD_CT", "Comment = trunk = phantom"]
    is_detached = rng.random() < 0.4
    if is_detached and not is_packed and rng.random() < 0.5:
        skipped = int(rng.integers(1, 40))
        body, fields = b"x" * skipped + body, [*fields, f"HeaderSize = {rng.choice([skipped, -1])}"]
    fields += [f"DimSize = {' '.join(map(str, size))}", f"ElementType = MET_{kinds[code]}"]
    ends = str(rng.choice(["\n", "\r\n"]))
    path = folder / ("scan.mhd" if is_detached else "scan.mha")
    head = ends.join([*fields, f"ElementDataFile = {'voxels.raw' if is_detached else 'LOCAL'}", ""])
    path.write_bytes(head.encode() + (b"" if is_detached else body))
    if is_detached:
        (folder / "voxels.raw").write_bytes(body)
    compare_with_itk(path, is_known=is_known)


def compare_with_itk(path: Path, *, is_known: bool) -> None:
    image = load_image(path)
    theirs = sitk.ReadImage(str(path))
    values = sitk.GetArrayFromImage(theirs)
    assert image.is_orientation_known is is_known
    origin = (
        np.array(theirs.GetOrigin()) if is_known or path.suffix in {".mha", ".mhd"} else np.zeros(3)
    )
    matrix = np.array(theirs.GetDirection()).reshape(3, 3) * np.array(theirs.GetSpacing())
    require_same(image, values, lambda index: origin + matrix @ index, mm=1e-2)


CHECKS = {"NIfTI": check_nifti, "NRRD": check_nrrd, "MetaImage": check_metaimage}


@pytest.mark.parametrize("seed", range(QUICK))
@pytest.mark.parametrize("kind", CHECKS)
def test_a_random_legal_header_is_read_like_a_second_reader_does(
    kind: str, seed: int, tmp_path: Path
) -> None:
    CHECKS[kind](seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHECKS)
def test_many_random_legal_headers_are_read_like_a_second_reader_does(
    kind: str, tmp_path: Path
) -> None:
    wrong = []
    for seed in range(QUICK, ALL):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            CHECKS[kind](seed, folder)
        except Exception as error:  # noqa: BLE001  # each is a finding
            wrong.append(f"seed {seed}: {type(error).__name__} {str(error)[:300]}")
    assert wrong == []
