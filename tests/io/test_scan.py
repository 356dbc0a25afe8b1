"""Reading through the child process: synthetic and real scans, and malicious files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import nibabel as nib
import numpy as np
import psutil
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray
from pydicom.fileset import FileSet

from spineviewer.child import HAS_DATA_LIMIT
from spineviewer.errors import Cancelled, ImageReadError
from spineviewer.io import scan
from spineviewer.io.sandbox import prewarmed
from spineviewer.io.scan import (
    SeveralSeriesError,
    SeveralWaysError,
    describe,
    list_series,
    read_scan,
)
from spineviewer.io.write.export import write_mask
from spineviewer.progress import JobProgress
from spineviewer.scratch import clear_abandoned
from spineviewer.volume.volume import ScanFormat, SpineMask

pytestmark = pytest.mark.timeout(120)


def test_a_dicom_folder_opens_in_canonical_order_and_its_mask_returns_to_the_slices(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    scanner.orientation = (-1.0, 0, 0, 0, -1, 0)
    folder = scanner.write(hu)
    volume = read_scan(folder)
    assert volume.source.format is ScanFormat.DICOM
    assert (volume.source.modality, volume.source.description) == ("CT", "Spine 2.5 B60")
    assert volume.source.series_uid == scanner.series_uid
    assert np.array_equal(volume.source.order.to_source(volume.hu), hu)
    assert np.array_equal(volume.hu, hu[:, ::-1, ::-1])
    assert volume.hu.flags.c_contiguous
    assert volume.source.warnings == ()
    assert [p.name.rsplit("-", 1)[1] for p in volume.source.slices.files] == [
        f"{n}.dcm" for n in range(7)
    ]

    write_mask(
        SpineMask(volume.hu > 300, volume.geometry),
        volume.source,
        tmp_path / "mask.nii.gz",
        {"program": "x"},
    )

    image = sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder)))
    mask = sitk.ReadImage(str(tmp_path / "mask.nii.gz"))
    assert np.array_equal(sitk.GetArrayFromImage(mask), sitk.GetArrayFromImage(image) > 300)
    assert np.allclose(mask.GetOrigin(), image.GetOrigin(), atol=1e-4)
    assert np.allclose(mask.GetDirection(), image.GetDirection(), atol=1e-5)


def test_no_name_of_the_patient_gets_into_a_result(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    folder = scanner.write(hu).rename(tmp_path / "Mustermann_Erika")
    volume = read_scan(folder)
    for ending in ("nii", "nrrd", "mha"):
        write_mask(
            SpineMask(volume.hu > 300, volume.geometry),
            volume.source,
            tmp_path / f"mask.{ending}",
            {},
        )
        content = (tmp_path / f"mask.{ending}").read_bytes()
        for secret in (b"Mustermann", b"Erika", b"4711", b"19640812"):
            assert secret not in content


def test_one_file_of_a_series_opens_the_series(scanner: Any, hu: NDArray[np.int16]) -> None:
    folder = scanner.write(hu)
    assert read_scan(sorted(folder.iterdir())[2]).hu.shape == hu.shape


def zipped(folder: Path, target: Path, prefix: str = "study/") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.iterdir():
            archive.write(path, prefix + path.name)
    return target


@pytest.mark.parametrize("prefix", ["study/", "../../", "/tmp/"])
def test_a_zipped_study_opens_and_nothing_is_written_elsewhere(
    scanner: Any,
    hu: NDArray[np.int16],
    prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporary = tmp_path / "a" / "b" / "c"
    temporary.mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    archive = zipped(scanner.write(hu), tmp_path / "study.zip", prefix)
    before = set(tmp_path.rglob("*"))
    volume = read_scan(archive)
    assert np.array_equal(volume.hu, hu)
    assert volume.source.slices is None
    assert set(tmp_path.rglob("*")) == before


def test_a_damaged_archive_is_reported(scanner: Any, hu: NDArray[np.int16], tmp_path: Path) -> None:
    archive = zipped(scanner.write(hu), tmp_path / "study.zip")
    archive.write_bytes(archive.read_bytes()[:-100])
    with pytest.raises(ImageReadError, match=r"study\.zip is a damaged zip file"):
        read_scan(archive)


def test_several_series_are_asked_about_and_the_best_is_named(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    folder = scanner.write(hu)
    first = scanner.series_uid
    scanner.series_uid = "1.2.3"
    scanner.write(hu[:3], prefix="other")
    with pytest.raises(SeveralSeriesError, match="2 series") as requested:
        read_scan(folder)
    assert requested.value.listing.best is not None
    assert requested.value.listing.best.uid == first
    assert read_scan(folder, series_uid="1.2.3").hu.shape == (3, 12, 10)
    with pytest.raises(ImageReadError, match="does not contain the series 9"):
        read_scan(folder, series_uid="9.9")


def test_a_gap_offers_the_runs(scanner: Any, hu: NDArray[np.int16]) -> None:
    folder = scanner.write(hu, numbers=[0, 1, 2, 3, 5, 6, 7])
    with pytest.raises(SeveralWaysError, match="run-1-4") as requested:
        read_scan(folder)
    assert read_scan(folder, series_uid=requested.value.listing.series[0].uid).hu.shape[0] == 4


def test_describe_lists_series_problems_and_other_objects(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    folder = scanner.write(hu, numbers=[0, 1, 2, 3, 5, 6, 7])
    told = json.loads(json.dumps(describe(folder)))
    assert told["format"] == "DICOM"
    (series,) = told["series"]
    assert (series["slices"], series["rows"], series["columns"]) == (7, 12, 10)
    assert series["spacing_zyx_mm"] == [2.5, 0.7, 0.8]
    assert "uneven" in series["problems"][0]
    assert series["orientation"] == "L, P, S"


def test_an_image_without_air_opens_with_a_warning(tmp_path: Path) -> None:
    nib.save(
        nib.Nifti1Image(20 * np.arange(120, dtype=np.float32).reshape(5, 6, 4), np.eye(4)),
        tmp_path / "mr.nii",
    )
    volume = read_scan(tmp_path / "mr.nii")
    assert volume.hu.dtype == np.int16
    assert "do not look like Hounsfield units" in volume.source.warnings[0]


def test_values_beyond_int16_are_clipped_and_reported_and_nan_is_air(tmp_path: Path) -> None:
    values = np.full((3, 4, 5), -2000.4, np.float32)
    values[0, 0, 0], values[1, 1, 1], values[2, 2, 2] = 40000, np.nan, 100.6
    nib.save(nib.Nifti1Image(values, np.eye(4)), tmp_path / "ct.nii")
    volume = read_scan(tmp_path / "ct.nii")
    assert sorted(set(volume.hu.ravel().tolist())) == [-1024, 101, 32767]
    told = " ".join(volume.source.warnings)
    assert "finite numbers" in told
    assert "Values above 32767 (up to 40000) are clipped to 32767" in told


def test_overflowed_values_are_reported(tmp_path: Path) -> None:
    values = np.full((3, 4, 5), -1000, np.int16)
    values[0, 0, 0] = 32000
    nib.save(nib.Nifti1Image(values, np.eye(4)), tmp_path / "ct.nii")
    assert "overflowed" in read_scan(tmp_path / "ct.nii").source.warnings[0]


def test_a_dicomdir_opens_the_series_that_it_names(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path
) -> None:
    folder = scanner.write(hu)
    files = FileSet()
    for path in folder.iterdir():
        files.add(path)
    files.write(tmp_path / "disc")
    files._stage["t"].cleanup()
    assert np.array_equal(read_scan(tmp_path / "disc" / "DICOMDIR").hu, hu)


def test_reading_reports_its_progress(tmp_path: Path) -> None:
    class Listening:
        stages: ClassVar[set[str]] = set()

        def step(self, stage: str, fraction: float) -> None:
            assert 0 <= fraction <= 1
            self.stages.add(stage)

    nib.save(nib.Nifti1Image(np.zeros((200, 200, 100), np.float64), np.eye(4)), tmp_path / "ct.nii")
    read_scan(tmp_path / "ct.nii", progress=Listening())
    assert "Reading" in Listening.stages


#: The sandbox, in which opening one file ends the process like a crash of a codec.
CRASHING = """
import os, sys, time
from spineviewer.io.dicom import series_search as dicom
from spineviewer.io.sandbox import child_reader as sandbox
from spineviewer.io.dicom import series_voxels

def crashing(real, name):
    def call(first, *more):
        if name in str(getattr(first, "path", first)):
            os.abort()
        return real(first, *more)
    return call

dicom.examine = crashing(dicom.examine, "hostile")
series_voxels.read_hu_into = crashing(series_voxels.read_hu_into, "-3.dcm")
load_image = sandbox.load_image

def slow_or_greedy(path, **more):
    if "slow" in path.name:
        time.sleep(600)
    held = bytearray(3 * 2**30)
    return load_image(path, **more)

sandbox.load_image = slow_or_greedy
sys.exit(sandbox.main())
"""


@pytest.fixture
def _crashing_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crashing_sandbox.py").write_text(CRASHING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    crashing = replace(prewarmed.CONVERSATION, module="crashing_sandbox")
    monkeypatch.setattr(prewarmed, "CONVERSATION", crashing)


@pytest.mark.usefixtures("_crashing_child")
def test_a_file_that_crashes_the_examination_is_skipped_and_named(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    folder = scanner.write(hu)
    (folder / "hostile.dcm").write_bytes(b"\0" * 128 + b"DICM")
    listing = list_series(folder)
    assert listing.series[0].slice_count == 7
    assert listing.unreadable == (
        "hostile.dcm crashed the file reader and was skipped. Copy it again from the source.",
    )


@pytest.mark.usefixtures("_crashing_child")
def test_a_crash_while_pixels_are_decoded_is_one_message_that_names_the_file(
    scanner: Any, hu: NDArray[np.int16]
) -> None:
    with pytest.raises(ImageReadError, match=r"-3\.dcm.* crashed the file reader"):
        read_scan(scanner.write(hu))


@pytest.mark.usefixtures("_crashing_child")
def test_a_cancel_ends_a_reader_that_hangs(tmp_path: Path) -> None:
    class CancelledOnceAsked(JobProgress):
        def step(self, stage: str, fraction: float) -> None:
            if psutil.Process().children():
                raise Cancelled

    (tmp_path / "slow.nii").write_bytes(b"")
    with pytest.raises(Cancelled):
        read_scan(tmp_path / "slow.nii", progress=CancelledOnceAsked())
    assert not psutil.Process().children()


@pytest.mark.usefixtures("_crashing_child")
def test_a_file_that_hangs_the_reader_is_skipped_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow.nii").write_bytes(b"")
    monkeypatch.setattr(scan, "SILENCE_LIMIT_S", 2.0)
    with pytest.raises(ImageReadError, match=r"slow\.nii took more than 2 s"):
        read_scan(tmp_path / "slow.nii")


@pytest.mark.skipif(not HAS_DATA_LIMIT, reason="the limit is set by Linux")
@pytest.mark.usefixtures("_crashing_child")
def test_a_file_that_exhausts_memory_is_stopped_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "greedy.nii").write_bytes(b"")
    monkeypatch.setattr(scan, "_memory_limit", lambda: 2**30)
    with pytest.raises(ImageReadError, match=r"greedy\.nii needs more memory"):
        read_scan(tmp_path / "greedy.nii")


def test_garbage_that_looks_like_dicom_gives_messages_and_no_traceback(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for n in range(20):
        (tmp_path / f"{n}.dcm").write_bytes(b"\0" * 128 + b"DICM" + rng.bytes(200 + 50 * n))
    with pytest.raises(ImageReadError, match="contains no"):
        read_scan(tmp_path)


@pytest.mark.parametrize("name", ["gone.nii", "gone-folder"])
def test_a_missing_path_is_reported(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImageReadError, match="does not exist"):
        read_scan(tmp_path / name)


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ImageReadError, match="contains no DICOM files"):
        read_scan(tmp_path)


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from spineviewer.io import scan

    class KillsWhenVoxelsAreAskedFor(scan.MappedArrays):
        def create(self, name, *kind):
            if name != "recorder":
                os.kill(os.getpid(), signal.SIGKILL)
            return super().create(name, *kind)

    scan.MappedArrays = KillsWhenVoxelsAreAskedFor
    scan.read_scan(Path(sys.argv[1]))
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_a_study_unpacked_by_a_killed_program_is_deleted_at_the_next_start(
    scanner: Any, hu: NDArray[np.int16], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zipped(scanner.write(hu), tmp_path / "study.zip")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(archive)]
    ended = subprocess.run(command, env={**os.environ, "TMPDIR": str(temporary)}, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert list(temporary.glob("spineviewer-*/unpacked/*.dcm"))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert clear_abandoned() >= 1  # including the voxels in memory-backed files
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("name", ["notes.txt", "picture.png", "slice.dcm"])
def test_a_file_that_is_not_an_image_is_reported_as_such(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"no voxels")
    with pytest.raises(ImageReadError, match=f"{name} is not an image that Spineviewer can read"):
        read_scan(tmp_path / name)


@pytest.mark.parametrize("name", ["ct.nii.gz", "ct.nii", "ct.nrrd", "ct.mha", "slice.dcm"])
def test_an_empty_file_is_reported_as_empty(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(ImageReadError, match=rf"{name} is empty \(0 bytes\)"):
        read_scan(tmp_path / name)
