"""Without PyTorch, as in the standard installer, everything except training works."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest

from spineviewer.app.state import SegmentationStage
from spineviewer.inference import device

BLOCK = "import sys\nsys.modules['torch'] = None  # as if it were not installed\n"
SECONDS = 150


@pytest.fixture
def bare(tmp_path, with_tiny_models, monkeypatch):
    """Processes that are started from now on cannot import torch; nor can their children."""
    folder = tmp_path / "blocker"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(BLOCK, encoding="utf-8")
    package = str(Path(device.__file__).resolve().parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), package]))
    return tmp_path


@pytest.fixture
def scan_file(bare, small_scan):
    path = bare / "small_ct.nii.gz"
    nibabel.save(
        nibabel.Nifti1Image(small_scan.hu.transpose(2, 1, 0), np.diag([-0.9, -1.3, 2.1, 1.0])), path
    )
    return path


@pytest.fixture
def pretended_driver(bare, monkeypatch):
    """A library with the name of NVIDIA's driver, which is all that is checked."""
    if sys.platform != "linux":
        pytest.skip("pretending a driver is written for Linux's loader")
    maps = Path("/proc/self/maps").read_text(encoding="utf-8").split()
    library = next(Path(name) for name in maps if "/libm.so" in name or "/libm-" in name)
    (bare / "libcuda.so.1").symlink_to(library)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(bare))


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "spineviewer", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


def test_torch_is_not_importable(bare):
    done = subprocess.run(
        [sys.executable, "-c", "import torch"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


def test_a_scan_is_segmented_without_torch(scan_file, bare):
    done = run("segment", scan_file, "-o", bare / "m.nii.gz", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["backend"] == "openvino"
    assert 0 < nibabel.load(bare / "m.nii.gz").get_fdata().mean() < 1


def test_the_window_opens_and_segments_without_torch(scan_file, bare):
    picture = bare / "window.png"
    done = run(scan_file, "--segment", "--screenshot", picture, "--quit")
    assert done.returncode == 0, done.stderr
    assert picture.stat().st_size > 10_000


def test_a_batch_runs_without_torch(scan_file, bare):
    done = run("batch", scan_file.parent, "-o", bare / "masks")
    assert done.returncode == 0, done.stderr
    assert len(list((bare / "masks").glob("*_msk.nii.gz"))) == 1


def test_training_without_torch_says_what_is_missing(bare):
    done = run("train", "attention", "--help")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "needs torch, which is not installed" in done.stderr


def test_info_says_once_that_a_gpu_needs_torch(bare, pretended_driver):
    told = run("info").stdout
    assert told.count("the NVIDIA GPU (CUDA) needs PyTorch, which is not installed") == 1
    answer = json.loads(run("info", "--json").stdout)
    assert (answer["device"], answer["has_pytorch"]) == ("cpu", False)


def test_a_gpu_that_was_requested_and_needs_torch_is_exit_code_6(scan_file, bare, pretended_driver):
    done = run("segment", scan_file, "-o", bare / "m.nii.gz", "--device", "cuda")
    assert done.returncode == 6
    assert "needs PyTorch, which is not installed" in done.stderr
    assert not (bare / "m.nii.gz").exists()


def test_the_window_says_that_a_gpu_needs_torch(qtbot, monkeypatch):
    from spineviewer.gui.segmenting import run_box

    monkeypatch.setattr(device, "_has_nvidia_driver", lambda: True)
    monkeypatch.setattr(device, "is_installed", lambda package: package != "torch")
    run_box._unused_gpu.cache_clear()
    box = run_box.RunBox()
    qtbot.addWidget(box)
    try:
        for stage in (SegmentationStage.NONE, SegmentationStage.DONE):
            box.show_stage(stage, 1.0, {"seconds": {"fusion": 2.0}, "device": "cpu"})
            assert "NVIDIA GPU (CUDA) needs PyTorch" in box.run_note.text()
    finally:
        run_box._unused_gpu.cache_clear()


def test_a_usable_or_missing_gpu_causes_no_message(monkeypatch):
    monkeypatch.setattr(device, "_is_apple_silicon", lambda: False)
    for has_driver, has_torch in ((True, True), (False, True), (False, False)):
        monkeypatch.setattr(device, "_has_nvidia_driver", lambda found=has_driver: found)
        monkeypatch.setattr(
            device, "is_installed", lambda package, found=has_torch: found or package != "torch"
        )
        assert device.unused_gpu() == ""
    monkeypatch.setattr(device, "_has_nvidia_driver", lambda: True)
    assert "CUDA" in device.unused_gpu()
