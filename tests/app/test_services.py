import threading
from pathlib import Path

import psutil
import pytest
from fakes import spine_volume

from spineviewer.app.exporting import ExportKind, export_stem, results_stem
from spineviewer.app.services import LocalServices
from spineviewer.errors import InferenceError, MemoryReleased
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import ScanIdentity


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("sub-01_ct.nii.gz", "sub-01"),
        ("case-7/ct.nii.gz", "case-7"),
        ("sub-01_CT.NII.GZ", "sub-01"),
        ("scan.v2.mha", "scan.v2"),
        ("folder", "folder"),
        ("study.2020", "study.2020"),
    ],
)
def test_results_share_the_scans_name(name, stem):
    assert export_stem(Path("/x") / name) == stem


def test_results_of_a_folder_named_after_the_patient_are_named_by_the_series():
    who = ScanIdentity("Doe, Jane", "4711", "1950-03-04", "2024-05-06")
    named = spine_volume(
        path=Path("/x/Doe Jane"), identity=who, description="Doe: Spine 1.0 B60",
        is_named_after_patient=True,
    )  # fmt: skip
    assert results_stem(named.source) == "ct-Spine-1-0-B60"


@pytest.mark.parametrize("path", ["/x/4711/ct", "/tmp/dicom"])
def test_results_of_series_without_a_name_of_their_own_are_distinguished(path):
    who = ScanIdentity("Doe, Jane", "4711", "1950-03-04", "2024-05-06")
    stems = {
        results_stem(
            spine_volume(
                path=Path(path), identity=who, description="Doe Spine", series_uid=uid,
                is_named_after_patient="4711" in path,
            ).source
        )
        for uid in ("1.2.3", "1.2.4")
    }  # fmt: skip
    assert len(stems) == 2
    assert all(stem.rpartition("-")[0] == "ct-Spine" for stem in stems)


def test_results_of_several_series_in_one_folder_are_distinguished():
    stems = {
        results_stem(
            spine_volume(
                path=Path("/x/case-7"), description="Bone 1.0", series_uid=uid, is_only_series=False
            ).source
        )
        for uid in ("1.2.3", "1.2.4")
    }
    assert len(stems) == 2
    assert all(stem.rpartition("-")[0] == "case-7-Bone-1-0" for stem in stems)
    alone = spine_volume(path=Path("/x/case-7"), description="Bone 1.0", series_uid="1.2.3")
    assert results_stem(alone.source) == "case-7"


def test_the_mask_is_named_as_bids_requires():
    assert (
        f"{export_stem(Path('sub-01_ct.nii.gz'))}_{ExportKind.MASK.value}.nii.gz"
        == "sub-01_seg-spine_msk.nii.gz"
    )


class Resting:
    """An engine that never finishes paused work and fails on everything else."""

    def __init__(self):
        self.has_begun = threading.Event()

    def segment(self, scan, *, progress, **_):
        while progress.is_paused:
            progress.step("segmentation", 0.5)
            self.has_begun.set()
        raise InferenceError("the reader's own scan has its turn")


def test_a_batch_paused_in_a_scan_gives_the_networks_to_the_open_scan(small_scan, monkeypatch):
    services, engine, made_room, paused = LocalServices(), Resting(), [], JobProgress()
    paused.pause()
    monkeypatch.setattr(services, "_running_engine", lambda: engine)

    def batch():
        with pytest.raises(MemoryReleased):
            services.mask(small_scan, Tuning(), paused)
        made_room.append(True)

    thread = threading.Thread(target=batch)
    thread.start()
    assert engine.has_begun.wait(60)
    with pytest.raises(InferenceError, match="has its turn"):
        services.segment(small_scan, Tuning(), JobProgress(), print)
    thread.join(60)
    services.close()
    assert made_room


@pytest.mark.parametrize("reads_ahead", [True, False])
def test_a_child_waits_for_the_next_scan_of_a_batch_only_if_scans_are_read_one_by_one(
    small_scan, monkeypatch, reads_ahead
):
    services = LocalServices(reads_ahead=reads_ahead)
    monkeypatch.setattr(services, "_running_engine", Resting)
    with pytest.raises(InferenceError):
        services.mask(small_scan, Tuning(), JobProgress())
    assert (services._reader.process_id is not None) is reads_ahead
    services.close()


def test_a_child_waits_for_the_next_scan_until_the_program_closes():
    services = LocalServices()
    services.expect_scan()
    waiting = psutil.Process(services._reader.process_id)
    services.close()
    services.expect_scan()
    assert not waiting.is_running()
    assert services._reader.process_id is None
