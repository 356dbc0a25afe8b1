from pathlib import Path

import pytest

from spineviewer.volume.scan_name import distinctive_path, scan_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/case/verse005/ct.nii.gz", "verse005"),
        ("/case/verse005/CT_image.nrrd", "verse005"),
        ("/case/sub-7/anat/scan.nii", "sub-7"),
        ("/case/case 12/dicom", "case 12"),
        ("/case/verse005/sub-01_ct.nii.gz", "sub-01_ct.nii.gz"),
        ("/case/verse005/ct2.nii.gz", "ct2.nii.gz"),
        ("/case/verse005/scan.v2.mha", "scan.v2.mha"),
        ("/case/study.2020", "study.2020"),
        ("/ct.nii.gz", "ct.nii.gz"),
        ("ct.nii.gz", "ct.nii.gz"),
        ("/anna/Downloads/dicom", "dicom"),
        ("/anna/Downloads/ct.nii.gz", "ct.nii.gz"),
        ("/case-1/ct/image/scan.nii", "scan.nii"),
        (str(Path.home() / "ct.nii.gz"), "ct.nii.gz"),
    ],
)
def test_a_generic_file_is_named_by_the_folder_that_distinguishes_it(path, name):
    assert scan_name(Path(path)) == name


def test_the_folder_with_this_name_is_found():
    assert distinctive_path(Path("/a/sub-7/anat/ct.nii")) == Path("/a/sub-7")
