"""`import spineviewer as sv` gives the same results as the command line."""

import json
import re
import subprocess
import sys

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from fakes import maps_of, on_dicom_slices, spine_volume
from pydicom import dcmread

import spineviewer as sv
from spineviewer.app.pipeline import SegmentationResult
from spineviewer.app.run_record import RunRecord
from spineviewer.cli import main
from spineviewer.tuning import Tuning

#: Left-handed, reversed and oblique enough that every axis matters.
AFFINES = {
    "plain": np.diag([-0.9, -1.3, 2.1, 1.0]),
    "reversed": np.array([[0.0, 0, 2.1, 3], [0.9, 0, 0, -7], [0, -1.3, 0, 11], [0, 0, 0, 1]]),
    "oblique": np.array([[-0.8, 0.6, 0, 5], [-0.6, -0.8, 0, 6], [0, 0, 2.0, 7], [0, 0, 0, 1]]),
}


@pytest.fixture(scope="session")
def scan_file(tmp_path_factory, small_scan):
    path = tmp_path_factory.mktemp("scan") / "small_ct.nii.gz"
    nibabel.save(nibabel.Nifti1Image(small_scan.hu.transpose(2, 1, 0), AFFINES["plain"]), path)
    return path


@pytest.fixture(scope="session")
def segmenter(tiny_models):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPINEVIEWER_MODELS", str(tiny_models))
        yield sv.Segmenter(device="cpu")


def test_importing_loads_neither_qt_nor_a_reader_nor_numpy():
    code = "import sys, spineviewer; print(*sorted(n for n in sys.modules if '.' not in n))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"PySide6", "torch", "numpy", "SimpleITK", "nibabel", "pydicom", "openvino"} & set(
        loaded
    )


def test_segmenting_does_not_load_qt(segmenter):
    code = (
        "import sys, spineviewer as sv; sv.Scan, sv.Segmenter; import "
        "spineviewer.app.pipeline; print('PySide6' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert told.strip() == "False"


def test_the_saved_vertebrae_equal_those_of_the_command_line(
    segmenter, scan_file, with_tiny_models, tmp_path
):
    line, python = tmp_path / "line.nii.gz", tmp_path / "python.nii.gz"
    options = ["-o", str(tmp_path / "mask.nii.gz"), "--vertebrae", str(line), "--device", "cpu"]
    assert main(["segment", str(scan_file), *options]) == 0
    result = segmenter.segment(sv.read(scan_file))
    labels = result.vertebrae.labels
    assert labels.shape == result.scan.hu.shape
    assert np.array_equal(
        nibabel.load(line).get_fdata(), result.scan.to_nibabel(labels).get_fdata()
    )
    if len(result.vertebrae):
        assert result.save(vertebrae=python) == (python,)
        assert np.array_equal(nibabel.load(line).get_fdata(), nibabel.load(python).get_fdata())


def test_the_vertebrae_of_a_dicom_scan_are_binary_or_optionally_one_label_map(segmenter, tmp_path):
    scan = sv.Scan(on_dicom_slices(spine_volume(), tmp_path / "slices"))
    maps = SegmentationResult(
        *maps_of(scan.volume), RunRecord("cpu", "torch", "f32", "", "abc", "1")
    )
    result = sv.Segmentation(scan, segmenter, maps, Tuning(0.3, 5.0, 0.5))
    names = [vertebra.name for vertebra in result.vertebrae]
    for is_label_map, kind, first in ((False, "BINARY", []), (True, "LABELMAP", ["Background"])):
        path = tmp_path / f"{kind}.dcm"
        assert result.save(vertebrae=path, labelmap=is_label_map) == (path,)
        written = dcmread(path)
        assert written.SegmentationType == kind
        assert [one.SegmentLabel for one in written.SegmentSequence] == [*first, *names]
    with pytest.raises(sv.SpineViewerError, match=r"Use the extension \.dcm"):
        result.save(vertebrae=tmp_path / "names.nii.gz", labelmap=True)


def test_a_name_that_no_vertebra_has_is_refused(segmenter, scan_file):
    result = segmenter.segment(sv.read(scan_file))
    with pytest.raises(sv.SpineViewerError, match="not the name of a vertebra"):
        result.name_vertebrae({"S1": (0.0, 0.0, 0.0)})


def test_exactly_the_documented_names_are_exported():
    assert {name for name in sv.__all__ if not hasattr(sv, name)} == set()
    assert set(sv.__all__) <= set(dir(sv))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        sv.nothing  # noqa: B018  # the access is what is tested


def test_the_saved_mask_equals_that_of_the_command_line(
    segmenter, scan_file, with_tiny_models, tmp_path
):
    assert (
        main(["segment", str(scan_file), "-o", str(tmp_path / "line.nii.gz"), "--device", "cpu"])
        == 0
    )
    result = segmenter.segment(sv.read(scan_file))
    result.save(
        mask=tmp_path / "python.nii.gz",
        attention=tmp_path / "heat.nrrd",
        surface=tmp_path / "spine.stl",
    )
    line, python = nibabel.load(tmp_path / "line.nii.gz"), nibabel.load(tmp_path / "python.nii.gz")
    assert np.array_equal(line.get_fdata(), python.get_fdata())
    assert np.array_equal(line.affine, python.affine)
    assert 0 < python.get_fdata().sum() == result.mask().sum()
    image = result.scan.to_nibabel(result.mask())
    assert np.array_equal(image.get_fdata(), line.get_fdata())
    with pytest.raises(sv.SpineViewerError, match="already exists"):
        result.save(mask=tmp_path / "python.nii.gz")


@pytest.mark.usefixtures("with_tiny_models")
def test_measurements_are_those_of_the_command_line(segmenter, scan_file, tmp_path):
    path = tmp_path / "measured.json"
    options = ["-o", str(tmp_path / "mask.nii.gz"), "--measurements", str(path), "--device", "cpu"]
    assert main(["segment", str(scan_file), *options]) == 0
    written = json.loads(path.read_text(encoding="utf-8"))
    record = segmenter.segment(sv.read(scan_file)).measurements_record
    assert record == {name: written[name] for name in record}


def test_the_saved_measurements_equal_those_of_the_command_line(
    segmenter, scan_file, with_tiny_models, tmp_path
):
    line, python = tmp_path / "line.csv", tmp_path / "python.csv"
    options = ["-o", str(tmp_path / "mask.nii.gz"), "--measurements", str(line), "--device", "cpu"]
    assert main(["segment", str(scan_file), *options]) == 0
    result = segmenter.segment(sv.read(scan_file))
    assert result.save(measurements=python) == (python,)
    assert python.read_bytes() == line.read_bytes()
    with pytest.raises(sv.SpineViewerError, match="already exists"):
        result.save(measurements=python)
    with pytest.raises(sv.SpineViewerError, match="measurements are saved as"):
        result.save(mask=tmp_path / "not.nii.gz", measurements=tmp_path / "table.txt")
    assert not (tmp_path / "not.nii.gz").exists()


def test_corrected_names_are_measured_again(segmenter, scan_file):
    result = segmenter.segment(sv.read(scan_file))
    before = result.measurements
    assert result.measurements is before
    assert [one.name for one in before] == [one.name for one in result.vertebrae]
    result.name_vertebrae(has_anomalies=False)
    assert result.measurements is not before


def test_masks_with_other_thresholds_equal_those_of_a_run_with_these_thresholds(
    segmenter, scan_file
):
    scan = sv.read(scan_file)
    first = segmenter.segment(scan)
    second = segmenter.segment(scan, threshold=0.05, sigma_mm=9.0, segmentation_threshold=0.3)
    wanted = second.mask()
    assert not np.array_equal(wanted, first.mask())
    assert np.array_equal(
        first.mask(threshold=0.05, sigma_mm=9.0, segmentation_threshold=0.3), wanted
    )
    assert np.array_equal(second.mask(), wanted)


def test_the_mask_is_where_both_maps_are_above_their_thresholds(segmenter, scan_file):
    result = segmenter.segment(sv.read(scan_file))
    above = result.attention > np.float32(result.tuning.attention_threshold)
    bone = result.probability > np.float32(result.tuning.segmentation_threshold)
    assert np.count_nonzero(result.mask() != (above & bone)) <= 1e-4 * result.mask().size
    assert result.probability.shape == result.attention.shape == result.scan.hu.shape


@pytest.mark.parametrize("name", AFFINES)
def test_an_array_with_an_affine_is_restored_unchanged(name, small_scan):
    values = small_scan.hu[:20, :30, :25].copy()
    scan = sv.Scan.from_array(values, AFFINES[name])
    image = scan.to_nibabel()
    assert np.array_equal(np.asanyarray(image.dataobj), values)
    assert np.allclose(image.affine, AFFINES[name])
    assert np.allclose(scan.affine, AFFINES[name])
    corner = scan.geometry.point_lps_mm((0, 0, 0)) * (-1, -1, 1)
    index = np.linalg.inv(AFFINES[name]) @ (*corner, 1)
    assert scan.hu[0, 0, 0] == values[tuple(np.rint(index[:3]).astype(int))]


@pytest.mark.parametrize("name", AFFINES)
def test_images_of_nibabel_and_simpleitk_give_the_scan_that_the_file_gives(
    name, small_scan, tmp_path
):
    path = tmp_path / "a.nii.gz"
    nibabel.save(nibabel.Nifti1Image(small_scan.hu[:20, :30, :25].copy(), AFFINES[name]), path)
    read, by_nibabel = sv.read(path), sv.Scan.from_nibabel(nibabel.load(path))
    by_sitk = sv.Scan.from_sitk(sitk.ReadImage(str(path)))
    for other in (by_nibabel, by_sitk):
        assert np.array_equal(other.hu, read.hu)
        assert other.geometry.is_close_to(read.geometry, tolerance_mm=1e-3)
    image, original = read.to_sitk(), sitk.ReadImage(str(path))
    assert np.array_equal(sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(original))
    assert np.allclose(image.GetOrigin(), original.GetOrigin(), atol=1e-3)
    assert np.allclose(image.GetDirection(), original.GetDirection(), atol=1e-5)


@pytest.mark.parametrize(
    ("values", "affine", "sentence"),
    [
        (np.zeros((3, 4)), np.eye(4), "three axes"),
        (np.zeros((3, 4, 5, 6)), np.eye(4), "three axes"),
        (np.zeros((3, 4, 5), complex), np.eye(4), "3 x 4 x 5 and the type complex128"),
        (np.zeros((3, 4, 5), bool), np.eye(4), "one real number"),
        (np.zeros((3, 4, 5)), "no matrix", "4 x 4"),
        (
            np.zeros((3, 4, 5)),
            np.diag([1.0, 2, 3, 1]) + np.eye(4, k=-1) * 7,
            "Check whether it is transposed",
        ),
        (np.zeros((3, 4, 5)), np.eye(3), "4 x 4"),
        (np.zeros((3, 4, 5)), np.diag([1.0, 1, 0, 1]), "voxel size of zero"),
        (np.zeros((3, 4, 5)), np.diag([1.0, 1, np.nan, 1]), "finite"),
        (
            np.zeros((3, 4, 5)),
            np.array([[1.0, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]),
            "right angles",
        ),
    ],
)
def test_an_input_that_is_not_a_scan_is_rejected_with_the_reason(values, affine, sentence):
    with pytest.raises(sv.SpineViewerError, match=sentence):
        sv.Scan.from_array(values, affine)


def test_an_input_that_is_neither_an_image_nor_a_path_is_rejected_with_advice():
    with pytest.raises(sv.SpineViewerError, match="NoneType is not a nibabel image"):
        sv.Scan.from_nibabel(None)
    with pytest.raises(sv.SpineViewerError, match="ndarray is not a SimpleITK image"):
        sv.Scan.from_sitk(np.zeros((3, 4, 5)))
    for wrong in (np.zeros((3, 4, 5)), None, 7):
        with pytest.raises(sv.SpineViewerError, match=r"Scan\.from_array"):
            sv.segment(wrong)


def test_a_notebook_shows_a_scan_and_a_result_in_one_line(segmenter, small_scan):
    scan = sv.Scan.from_array(np.zeros((3, 4, 5), np.int16), np.diag([0.5, 0.5, 2.5, 1.0]))
    assert repr(scan) == "<Scan array: 5 x 4 x 3 voxels of 2.5 x 0.5 x 0.5 mm (z, y, x)>"
    result = segmenter.segment(sv.Scan(small_scan), threshold=0.25, sigma_mm=8)
    assert "threshold 0.25, sigma 8 mm" in repr(result)
    assert "\n" not in repr(result)


def test_a_threshold_that_is_not_a_number_is_refused(segmenter, scan_file):
    with pytest.raises(sv.SpineViewerError, match="Use a number"):
        segmenter.segment(sv.read(scan_file), threshold="0.5")


def test_an_array_of_another_shape_is_refused(small_scan):
    scan = sv.Scan.from_array(small_scan.hu, AFFINES["plain"])
    with pytest.raises(sv.SpineViewerError, match="shape"):
        scan.to_nibabel(np.zeros((1, 2, 3)))


def test_progress_is_reported_and_returning_false_cancels(segmenter, scan_file):
    told = []
    segmenter.segment(
        sv.read(scan_file), progress=lambda stage, fraction: told.append((stage, fraction))
    )
    assert {stage for stage, _ in told}
    assert all(0 <= fraction <= 1 for _, fraction in told)
    with pytest.raises(sv.Cancelled):
        segmenter.segment(sv.read(scan_file), progress=lambda *_: False)
    with pytest.raises(sv.Cancelled):
        sv.read(scan_file, progress=lambda *_: False)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_example_in_help_runs(language, repository, scan_file, with_tiny_models, tmp_path):
    page = (repository / "assets" / "help" / language / "10-python.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    results = [str(tmp_path / name) for name in ("mask.nii.gz", "vertebrae.csv")]
    command = [sys.executable, "-c", example, str(scan_file), *results]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert " ml" in done.stdout
    assert (tmp_path / "mask.nii.gz").exists()
    assert (tmp_path / "vertebrae.csv").read_text(encoding="utf-8").startswith("name,label,")
    lines = [line for line in example.splitlines() if line and not line.startswith("import")]
    assert len(lines) <= 10
