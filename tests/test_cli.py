"""The command line as a person or a script uses it."""

from __future__ import annotations

import gzip
import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from spineviewer import cli
from spineviewer.app import terminal
from spineviewer.model import load_configuration, save_configuration
from spineviewer.volume.volume import CtVolume

pytestmark = pytest.mark.usefixtures("with_tiny_models")


def image_of(volume: CtVolume) -> Any:
    """Return a scan that is oblique and stored in an order that is not canonical."""
    image = sitk.GetImageFromArray(volume.hu[::-1])
    image.SetSpacing(volume.geometry.spacing_zyx_mm[::-1])
    angle = np.radians(7)
    c, s = np.cos(angle), np.sin(angle)
    image.SetDirection((c, s, 0, -s, c, 0, 0, 0, -1))
    image.SetOrigin((12.5, -30.25, 140.75))
    return image


@pytest.fixture(scope="module")
def scans(small_scan: CtVolume, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same scan as NIfTI, NRRD and a DICOM folder."""
    folder = tmp_path_factory.mktemp("scans")
    image = image_of(small_scan)
    paths = {
        "nifti": folder / "scan.nii.gz",
        "nrrd": folder / "scan.nrrd",
        "dicom": folder / "dicom",
    }
    sitk.WriteImage(image, str(paths["nifti"]))
    sitk.WriteImage(image, str(paths["nrrd"]))
    paths["dicom"].mkdir()
    write_dicom(image, paths["dicom"])
    return paths


def write_dicom(image: Any, folder: Path) -> None:
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    direction = np.array(image.GetDirection()).reshape(3, 3)
    for index in range(image.GetSize()[2]):
        one = image[:, :, index]
        tags = {
            "0008|0016": "1.2.840.10008.5.1.4.1.1.2",
            "0008|0018": f"1.2.826.0.1.3680043.2.1125.7.{index + 1}",
            "0008|0060": "CT",
            "0020|000d": "1.2.826.0.1.3680043.2.1125.5",
            "0020|000e": "1.2.826.0.1.3680043.2.1125.6",
            "0020|0013": str(index + 1),
            "0020|0032": "\\".join(
                f"{v:.6f}" for v in image.TransformIndexToPhysicalPoint((0, 0, index))
            ),
            "0020|0037": "\\".join(f"{v:.9f}" for v in (*direction[:, 0], *direction[:, 1])),
            "0028|1052": "0",
            "0028|1053": "1",
        }
        for tag, value in tags.items():
            one.SetMetaData(tag, value)
        writer.SetFileName(str(folder / f"{index:03d}.dcm"))
        writer.Execute(one)


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


def voxels_of(path: Path) -> NDArray[Any]:
    return np.asarray(sitk.GetArrayFromImage(sitk.ReadImage(str(path))))


def fraction_of_differing_voxels(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Formats round the spacing differently, so single voxels near the threshold may differ."""
    return float((one != other).mean())


def test_segment_gives_masks_on_the_exact_grid_of_nifti_nrrd_and_dicom(
    scans: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    masks = {}
    for kind, scan in scans.items():
        output = tmp_path / f"{kind}.nii.gz"
        assert run("segment", scan, "-o", output, "--threshold", 0.3, "--json") == 0
        answer = json.loads(capsys.readouterr().out)
        masks[kind] = voxels_of(output)
        assert answer["mask"] == str(output)
        assert answer["voxels"] == int(masks[kind].sum()) > 0
        mask = sitk.ReadImage(str(output))
        assert answer["volume_ml"] == pytest.approx(
            answer["voxels"] * np.prod(mask.GetSpacing()) / 1000, rel=1e-4
        )
        reference = sitk.ReadImage(str(scans["nifti"]))
        if kind != "dicom":  # a DICOM folder's slices may come in either order
            assert mask.GetSize() == reference.GetSize()
            assert np.allclose(mask.GetOrigin(), reference.GetOrigin(), atol=1e-3)
            assert np.allclose(mask.GetDirection(), reference.GetDirection(), atol=1e-5)
        for corner in ((0, 0, 0), (60, 70, 46)):
            point = mask.TransformIndexToPhysicalPoint(corner)
            index = reference.TransformPhysicalPointToContinuousIndex(point)
            assert np.allclose(index, np.round(index), atol=1e-3)
    assert fraction_of_differing_voxels(masks["nifti"], masks["nrrd"]) < 1e-4
    assert (
        min(
            fraction_of_differing_voxels(masks["nifti"], masks["dicom"][::step]) for step in (1, -1)
        )
        < 1e-4
    )
    affine = nibabel.load(scans["nifti"]).affine
    assert np.allclose(nibabel.load(tmp_path / "nifti.nii.gz").affine, affine, atol=1e-5)


def test_the_json_names_everything_that_made_the_mask(
    scans: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mask, attention, probability = (tmp_path / name for name in ("m.nrrd", "a.nii.gz", "p.mha"))
    code = run(
        "segment", scans["nifti"], "-o", mask, "--attention", attention, "--probability",
        probability,
        "--threshold", 0.35, "--sigma-mm", 7, "--segmentation-threshold", 0.6, "--device", "cpu",
        "--json",
    )  # fmt: skip
    captured = capsys.readouterr()
    assert code == 0
    answer = json.loads(captured.out)
    assert (
        answer["attention_threshold"],
        answer["sigma_mm"],
        answer["segmentation_threshold"],
    ) == (0.35, 7, 0.6)
    assert (answer["device"], answer["precision"]) == ("cpu", "f32")
    assert answer["backend"] in {"openvino", "torch"}
    assert {
        "reading",
        "diffusion",
        "resample",
        "attention",
        "segmentation",
        "fusion",
        "writing",
        "total",
    } <= set(answer["seconds"])
    assert (
        answer["peak_memory_bytes"] > 0
        and isinstance(answer["warnings"], list)
        and len(answer["weights"]) == 16
    )
    smooth, bone = voxels_of(attention), voxels_of(probability)
    assert smooth.dtype == bone.dtype == np.float32
    expected = (smooth > np.float32(0.35)) & (bone > np.float32(0.6))
    assert np.array_equal(voxels_of(mask).astype(bool), expected) and expected.any()
    assert "segmentation" in captured.err and "CPU" in captured.err


def test_defaults_come_from_the_models_configuration(
    scans: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("segment", scans["nifti"], "-o", tmp_path / "m.nii", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (
        answer["attention_threshold"],
        answer["sigma_mm"],
        answer["segmentation_threshold"],
    ) == (0.4, 5.0, 0.5)


def test_far_islands_are_left_out_by_default_and_kept_in_the_plain_fusion(
    scans: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    tiny_models: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = tmp_path / "models"
    shutil.copytree(tiny_models, models)
    configuration = load_configuration(models)
    save_configuration(
        replace(configuration, defaults=replace(configuration.defaults, leaves_out_islands=True))
    )
    monkeypatch.setenv("SPINEVIEWER_MODELS", str(models))
    answers = []
    for options in ((), ("--plain-fusion",)):
        assert (
            run(
                "segment",
                scans["nifti"],
                "-o",
                tmp_path / f"{len(answers)}.nii",
                *options,
                "--json",
            )
            == 0
        )
        answers.append(json.loads(capsys.readouterr().out))
    assert [answer["leaves_out_islands"] for answer in answers] == [True, False]
    assert answers[1]["islands_left_out_ml"] == 0
    assert answers[0]["volume_ml"] + answers[0]["islands_left_out_ml"] == pytest.approx(
        answers[1]["volume_ml"], abs=0.01
    )


def test_a_scan_without_a_spine_succeeds_with_an_empty_mask_and_a_warning(
    scans: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("segment", scans["nifti"], "-o", tmp_path / "m.nii.gz", "--threshold", 1) == 0
    captured = capsys.readouterr()
    assert "No spine was found" in captured.err and "0 voxels" in captured.out
    assert not voxels_of(tmp_path / "m.nii.gz").any()


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (2, ["segment"]),
        (2, ["segment", "SCAN"]),
        (2, ["segment", "SCAN", "-o", "OUT", "--threshold", "much"]),
        (2, ["segment", "SCAN", "-o", "OUT", "--threshold", "1.5"]),
        (2, ["segment", "SCAN", "-o", "OUT", "--sigma-mm", "-1"]),
        (2, ["segment", "SCAN", "-o", "OUT", "--device", "abacus"]),
        (2, ["segment", "SCAN", "-o", "OUT", "--nonsense"]),
        (2, ["segment", "SCAN", "-o", "OUT", "--attention", "OUT"]),
        (2, ["segment", "SCAN", "-o", "SCAN", "--overwrite"]),
        (3, ["segment", "MISSING", "-o", "OUT"]),
        (3, ["segment", "DAMAGED", "-o", "OUT"]),
        (3, ["info", "MISSING"]),
        (7, ["segment", "SCAN", "-o", "EXISTING"]),
        (7, ["segment", "SCAN", "-o", "WRONG_ENDING"]),
        (7, ["segment", "SCAN", "-o", "NO_FOLDER"]),
        (7, ["segment", "SCAN", "-o", "OUT", "--attention", "EXISTING"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_an_impossible_request_gives_one_line_and_an_exit_code(
    code: int,
    arguments: list[str],
    scans: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    damaged, existing = tmp_path / "damaged.nii.gz", tmp_path / "existing.nii.gz"
    damaged.write_bytes(gzip.compress(b"no image" * 100))
    existing.write_bytes(b"precious")
    names = {
        "SCAN": scans["nifti"],
        "OUT": tmp_path / "out.nii.gz",
        "MISSING": tmp_path / "missing.nii.gz",
        "DAMAGED": damaged,
        "EXISTING": existing,
        "WRONG_ENDING": tmp_path / "mask.txt",
        "NO_FOLDER": tmp_path / "nowhere" / "mask.nii.gz",
    }
    before = sorted(path.name for path in tmp_path.iterdir())
    assert run(*[names.get(argument, argument) for argument in arguments]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = [line for line in captured.err.splitlines() if line.startswith("spineviewer: ")]
    assert len(lines) == 1 and lines[0] == captured.err.splitlines()[-1]
    assert "Traceback" not in captured.err
    assert existing.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_missing_weights_are_exit_code_5(
    scans: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SPINEVIEWER_MODELS", str(tmp_path / "nothing"))
    assert run("segment", scans["nifti"], "-o", tmp_path / "m.nii.gz") == 5
    assert "Weights are missing" in capsys.readouterr().err


def test_a_missing_device_is_exit_code_6(
    scans: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("spineviewer.inference.device._torch_gpus", lambda: ())
    assert run("segment", scans["nifti"], "-o", tmp_path / "m.nii.gz", "--device", "cuda") == 6
    assert "--device cpu" in capsys.readouterr().err


def test_a_series_with_a_gap_is_exit_code_4(
    scans: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "gap"
    shutil.copytree(scans["dicom"], folder)
    (folder / "020.dcm").unlink()
    assert run("segment", folder, "-o", tmp_path / "m.nii.gz") == 4
    assert not (tmp_path / "m.nii.gz").exists()
    assert "spineviewer: " in capsys.readouterr().err


def test_info_lists_the_contents(
    scans: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("info", scans["dicom"], "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    (series,) = answer["series"]
    assert (series["slices"], series["rows"], series["columns"]) == (47, 71, 61)
    assert series["modality"] == "CT" and series["problems"] == []
    assert run("info", scans["nifti"]) == 0
    assert "61 x 71 x 47" in capsys.readouterr().out


def test_info_says_that_a_folder_contains_no_scan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no image")
    assert run("info", tmp_path) == 0
    assert capsys.readouterr().out.startswith(f"{tmp_path}: no scan\n")


def test_a_command_takes_precedence_over_a_file_of_the_same_name_and_a_path_opens_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import types

    opened: list[list[str]] = []

    def run_window(arguments: list[str]) -> int:
        opened.append(arguments)
        return 0

    window = types.ModuleType("spineviewer.gui.main")
    window.run = run_window  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spineviewer.gui.main", window)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "segment").write_bytes(b"")
    assert run("segment") == 2
    assert run("./segment") == run() == run("scan.nii.gz", "--segment", "--quit") == 0
    assert opened == [["./segment"], [], ["scan.nii.gz", "--segment", "--quit"]]
    capsys.readouterr()


def test_the_listed_devices_are_those_that_the_engine_supports() -> None:
    from spineviewer.inference.device import DEVICES

    assert terminal.DEVICES == DEVICES


def test_help_and_version_need_no_other_modules(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["--version"]):
        assert run(*arguments) == 0
    out = capsys.readouterr().out
    assert "segment" in out and "Research use only; not a medical device" in out


@pytest.mark.parametrize("command", ["evaluate", "tune", "study", "precision", "realism"])
def test_the_help_of_a_command_describes_it_after_its_usage(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        run(command, "--help")
    description = capsys.readouterr().out.split("\n\n")[1]
    assert description.split()[0] in {"Compare", "Find", "Measure", "Check"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_exit_code_130_and_leaves_nothing(
    number: signal.Signals, tmp_path: Path
) -> None:
    scan = tmp_path / "large.nii.gz"
    image = sitk.GetImageFromArray(
        np.random.default_rng(0).integers(-400, 1400, (240, 240, 240), dtype=np.int16)
    )
    sitk.WriteImage(image, str(scan), useCompression=True, compressionLevel=1)
    output = tmp_path / "out"
    output.mkdir()
    command = [
        sys.executable,
        "-m",
        "spineviewer",
        "segment",
        str(scan),
        "-o",
        str(output / "m.nii.gz"),
        "--threshold",
        "0",
    ]
    # a test run in the background of a shell ignores SIGINT, and so would the process that it
    # starts
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    assert process.stderr is not None
    lines: list[str] = []
    while (line := process.stderr.readline()) and "attention" not in line:
        lines.append(line)
    process.send_signal(number)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "cancelled" in errors and "Traceback" not in errors and out == ""
    assert list(output.iterdir()) == []


@pytest.mark.parametrize("vertebrae", [(), ("--vertebrae", "names.nii.gz")])
def test_a_label_map_without_a_dicom_seg_is_refused_before_the_scan_is_read(
    vertebrae, tmp_path, capsys
):
    missing = str(tmp_path / "missing.nii.gz")
    assert cli.main(["segment", missing, "-o", "mask.nii.gz", "--labelmap", *vertebrae]) == 2
    message = capsys.readouterr().err
    assert ".dcm" in message
    assert "missing" not in message


def test_segmenting_imports_neither_the_windows_state_nor_dicom_writers() -> None:
    unneeded = ("spineviewer.app.state", "spineviewer.io.write.dicom_seg", "pydicom", "torch")
    code = (
        "import sys, spineviewer.app.exporting, spineviewer.app.pipeline, "
        "spineviewer.io.write.export, spineviewer.io.write.surface; "
        f"print([name for name in {unneeded} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
