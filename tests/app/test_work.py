from pathlib import Path

import pytest

from spineviewer.app.exporting import ExportKind, export_stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("sub-01_ct.nii.gz", "sub-01"),
        ("sub-01_CT.NII.GZ", "sub-01"),
        ("scan.v2.mha", "scan.v2"),
        ("folder", "folder"),
        ("study.2020", "study.2020"),
    ],
)
def test_results_share_the_scans_name(name, stem):
    assert export_stem(Path("/x") / name) == stem


def test_the_mask_is_named_in_the_manner_of_bids():
    assert f"{export_stem(Path('sub-01_ct.nii.gz'))}_{ExportKind.MASK.value}.nii.gz" == "sub-01_seg-spine_msk.nii.gz"
