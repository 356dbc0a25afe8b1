"""Every reader says the same if a file does not state the orientation of its voxels."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from spineviewer.io.in_memory import volume_from_nibabel
from spineviewer.io.scan import read_scan
from spineviewer.volume.volume import ORIENTATION_UNKNOWN, CtVolume

HU = np.arange(12 * 10 * 8, dtype=np.int16).reshape(12, 10, 8)


def from_nifti(folder: Path) -> CtVolume:
    path = folder / "scan.nii.gz"
    nibabel.save(nibabel.Nifti1Image(HU, None), path)
    return read_scan(path)


def from_nibabel(folder: Path) -> CtVolume:
    image = nibabel.Nifti1Image(HU, None)
    return volume_from_nibabel(nibabel.Nifti1Image.from_bytes(image.to_bytes()))


def from_nrrd(folder: Path, lines: str = "spacings: 1 1 2") -> CtVolume:
    path = folder / "scan.nrrd"
    head = (
        "NRRD0004\ntype: short\ndimension: 3\nsizes: 8 10 12\nencoding: raw\nendian: little\n"
        f"{lines}\n\n"
    )
    path.write_bytes(head.encode() + HU.tobytes())
    return read_scan(path)


def from_nrrd_without_anatomical_space(folder: Path) -> CtVolume:
    return from_nrrd(folder, "space dimension: 3\nspace directions: (1,0,0) (0,1,0) (0,0,2)")


def from_metaimage(folder: Path) -> CtVolume:
    path = folder / "scan.mha"
    head = (
        "ObjectType = Image\nNDims = 3\nDimSize = 8 10 12\nElementType = MET_SHORT\n"
        "ElementSpacing = 1 1 2\nElementDataFile = LOCAL\n"
    )
    path.write_bytes(head.encode() + HU.tobytes())
    return read_scan(path)


@pytest.mark.parametrize(
    "read",
    [
        from_nifti,
        from_nibabel,
        from_nrrd,
        from_nrrd_without_anatomical_space,
        from_metaimage,
    ],
)
def test_all_three_directions_are_named_once(read, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source = read(tmp_path).source
    assert not source.is_orientation_known
    assert source.warnings.count(ORIENTATION_UNKNOWN) == 1
    for words in ("left and right", "front and back", "head and foot"):
        assert words in ORIENTATION_UNKNOWN


def test_a_stated_orientation_is_used(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(HU, np.eye(4))
    assert volume_from_nibabel(image).source.is_orientation_known
