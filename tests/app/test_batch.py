"""Batches: what counts as a scan, what the table contains, and what a stop costs."""

import csv
import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from fakes import maps_of, on_dicom_slices, spine_volume
from pydicom import dcmread

from spineviewer import cli
from spineviewer.app.batch import MEASUREMENTS_CSV, TABLE_CSV, TABLE_JSON, Batch, State
from spineviewer.app.batch_lanes import Lanes
from spineviewer.app.batch_list import Entry, mask_names, proposed_folder, read_entries
from spineviewer.app.fused_mask import fused_mask
from spineviewer.app.mask_facts import CUT_BY_SCAN
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.pipeline import FusedResult
from spineviewer.app.run_record import RunRecord
from spineviewer.errors import Cancelled, ImageReadError, MemoryReleased, UsageError
from spineviewer.fusion import Fusion
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import CtVolume, ScanFormat, ScanIdentity, ScanSource, SpineMask

TUNING = Tuning(0.3, 5.0, 0.5)
#: Fields of a row that name files.
FILES = ("mask", "measurements", "session", "label_volume")


class Maker:
    """Scans of 4 x 5 x 6 voxels of 8 mm³, three of them spine."""

    def __init__(self, on_mask=str):
        self.opened = []
        self.on_mask = on_mask

    def read_scan(self, path, series_uid, progress):
        self.opened.append((path.name, series_uid))
        if "broken" in path.name:
            raise ImageReadError(f"{path.name} is no image.")
        geometry = Geometry((4, 5, 6), (2.0, 2.0, 2.0), (0.0, 0.0, 0.0))
        return CtVolume(
            np.zeros((4, 5, 6), np.int16),
            geometry,
            ScanSource(path, ScanFormat.NRRD, geometry, AxisOrder()),
        )

    def mask(self, scan, tuning, progress):
        self.on_mask(scan.source.path.name)
        progress.step("segmentation", 0.5)
        voxels = np.zeros((4, 5, 6), bool)
        voxels[1, 1, 1:4] = True
        run_record = RunRecord("cpu", "torch", "f32", "", "abc", "1", warnings=("a word",))
        fusion = FusionOverlay(Fusion(*maps_of(scan, is_empty=True)))
        return FusedResult(fusion, fused_mask(SpineMask(voxels, scan.geometry), tuning), run_record)


def entries(tmp_path, *names):
    return [Entry(tmp_path / name) for name in names]


def test_a_list_contains_paths_relative_to_itself_with_the_series_after_a_tab(tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_text("# mine\na.nii.gz\n\nstudy\t1.2.3\na.nii.gz\n", encoding="utf-8")
    assert read_entries(listed) == (
        Entry(tmp_path / "a.nii.gz"),
        Entry(tmp_path / "study", "1.2.3"),
    )


def test_a_folder_yields_its_images_without_masks_and_each_dicom_folder_as_one_scan(tmp_path):
    for name in (
        "one/ct.nii.gz",
        "one/mask.nii.gz",
        "two/sub-1_seg-vert_msk.nii.gz",
        "two/sub-1_ct.nrrd",
        "dicom/1",
        "dicom/2",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\0" * 128 + b"DICM")
    found = [entry.path.relative_to(tmp_path).as_posix() for entry in read_entries(tmp_path)]
    assert found == ["dicom", "one/ct.nii.gz", "two/sub-1_ct.nrrd"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"# nothing\n"])
def test_a_list_without_scans_is_reported(tmp_path, content):
    listed = tmp_path / "list.txt"
    listed.write_bytes(content)
    with pytest.raises(UsageError):
        read_entries(listed)
    with pytest.raises(UsageError, match="does not exist"):
        read_entries(tmp_path / "none")


def test_masks_of_scans_with_the_same_name_get_distinct_names(tmp_path):
    listed = entries(tmp_path, "a/ct.nii.gz", "b/ct.nii.gz", "c/sub-1_ct.nii.gz", "x/b/ct.nii.gz")
    assert mask_names(listed) == (
        "a_seg-spine_msk.nii.gz", f"{tmp_path.name}_b_seg-spine_msk.nii.gz",
        "sub-1_seg-spine_msk.nii.gz", "x_b_seg-spine_msk.nii.gz",
    )  # fmt: skip


def test_a_failed_scan_is_reported_in_its_row_and_the_next_one_is_processed(tmp_path):
    batch = Batch(entries(tmp_path, "a.nrrd", "broken.nrrd", "c.nrrd"), tmp_path / "out", TUNING)
    batch.run(Maker(), JobProgress())
    assert [row.state for row in batch.rows] == [State.DONE, State.FAILED, State.DONE]
    assert batch.rows[1].message == "broken.nrrd is no image."
    assert batch.rows[0].volume_ml == pytest.approx(3 * 8 / 1000)
    table = list(
        csv.DictReader((tmp_path / "out" / TABLE_CSV).read_text(encoding="utf-8").splitlines())
    )
    assert [line["state"] for line in table] == ["done", "failed", "done"]
    assert (
        table[0]["voxels"] == "3"
        and table[0]["weights"] == "abc"
        and table[0]["warnings"].startswith("a word")
    )
    assert (table[0]["leaves_out_islands"], table[0]["islands_left_out_ml"]) == ("False", "0.0")
    assert (table[1]["leaves_out_islands"], table[1]["islands_left_out_ml"]) == ("False", "")
    assert (tmp_path / "out" / table[0]["mask"]).is_file()
    # Three voxels are not a vertebra, and the table says so.
    assert (table[0]["vertebrae"], table[0]["names_probability"]) == ("", "0.0")
    assert "No vertebral body" in table[0]["warnings"]


def test_no_table_names_a_file_that_was_not_written(tmp_path):
    """Also after a batch was cancelled in the middle of a scan, or while it is in progress."""
    listed = entries(tmp_path, "a.nrrd", "broken.nrrd", "c.nrrd", "d.nrrd")
    folder, progress, seen = tmp_path / "out", JobProgress(), []

    def files_in_tables():
        table = (folder / TABLE_CSV).read_text(encoding="utf-8").splitlines()
        stored = json.loads((folder / TABLE_JSON).read_text(encoding="utf-8"))["rows"]
        states = [row["state"] for row in stored]
        assert [line["state"] for line in csv.DictReader(table)] == states
        names = [row.get(kind) for row in stored for kind in FILES] + [
            line["mask"] for line in csv.DictReader(table)
        ]
        return states, {name for name in names if name}

    def on_mask(name):
        seen.append(files_in_tables())
        if name == "c.nrrd":
            progress.cancel()

    kinds = {"with_measurements": True, "with_sessions": True, "with_vertebrae": True}
    batch = Batch(listed, folder, TUNING, **kinds)
    with pytest.raises(Cancelled):
        batch.run(Maker(on_mask), progress)
    seen.append(files_in_tables())
    assert seen[-1][0] == ["done", "failed", "waiting", "waiting"]
    assert seen[0] == (["waiting"] * 4, set())
    assert len(seen[-1][1]) == len(FILES)
    assert all((folder / name).is_file() for name in seen[-1][1])
    again = Batch(listed, folder, TUNING, **kinds)
    again.run(Maker(), JobProgress())
    assert [row.state.value for row in again.rows] == ["done", "failed", "done", "done"]
    _, names = files_in_tables()
    assert len(names) == 3 * len(FILES)
    assert all((folder / name).is_file() for name in names)


def test_measurements_of_an_earlier_batch_do_not_stay_beside_new_masks(tmp_path):
    listed, folder = entries(tmp_path, "broken.nrrd"), tmp_path / "out"
    folder.mkdir()
    table = folder / MEASUREMENTS_CSV
    table.write_text("of other settings", encoding="utf-8")
    batch = Batch(listed, folder, TUNING, with_measurements=True)
    batch.run(Maker(), JobProgress())
    assert batch.write_measurements() is None
    assert not table.exists()


def test_named_vertebrae_are_written_on_request_even_for_finished_scans(tmp_path):
    listed, folder = entries(tmp_path, "a.nrrd"), tmp_path / "out"
    Batch(listed, folder, TUNING).run(Maker(), JobProgress())
    path = folder / "a_seg-vert_msk.nii.gz"
    assert not path.exists()
    batch = Batch(listed, folder, TUNING, with_vertebrae=True)
    assert batch.done_count == 0
    batch.run(Maker(), JobProgress())
    assert nibabel.load(path).shape == (6, 5, 4)
    assert Batch(listed, folder, TUNING, with_vertebrae=True).done_count == 1


class DicomMaker(Maker):
    """A DICOM scan with a column of bodies."""

    def read_scan(self, path, series_uid, progress):
        return on_dicom_slices(spine_volume(), path.with_suffix(".slices"))

    def mask(self, scan, tuning, progress):
        fusion = Fusion(*maps_of(scan))
        run_record = RunRecord("cpu", "torch", "f32", "", "abc", "1")
        return FusedResult(
            FusionOverlay(fusion), fused_mask(fusion.mask(tuning), tuning), run_record
        )


def test_the_vertebrae_of_dicom_scans_are_written_as_one_label_map_on_request(tmp_path):
    listed, folder = entries(tmp_path, "a"), tmp_path / "out"
    batch = Batch(listed, folder, TUNING, with_vertebrae=True, as_label_map=True)
    batch.run(DicomMaker(), JobProgress())
    (row,) = batch.rows
    assert (row.message, row.state) == ("", State.DONE)
    written = dcmread(folder / "a_seg-vert_msk.dcm")
    assert written.SegmentationType == "LABELMAP"
    labels = [segment.SegmentLabel for segment in written.SegmentSequence]
    assert ["Background", *(name.removesuffix("*") for name in row.vertebrae)] == labels


def test_scans_of_other_formats_in_a_batch_of_label_maps_have_their_vertebrae_as_nifti(tmp_path):
    listed, folder = entries(tmp_path, "a.nrrd", "b.nii.gz", "c.mha"), tmp_path / "out"
    batch = Batch(listed, folder, TUNING, with_vertebrae=True, as_label_map=True)
    batch.run(Maker(), JobProgress())
    assert [row.message for row in batch.rows] == [""] * 3
    for name in "abc":
        assert nibabel.load(folder / f"{name}_seg-vert_msk.nii.gz").shape == (6, 5, 4)
    assert Batch(listed, folder, TUNING, with_vertebrae=True, as_label_map=True).done_count == 3


def test_a_label_map_that_dicom_cannot_store_is_rejected_before_the_networks_run(tmp_path):
    listed, folder, masks = entries(tmp_path, "a"), tmp_path / "out", []
    batch = Batch(listed, folder, TUNING, with_vertebrae=True, as_label_map=True)
    batch.run(Maker(masks.append), JobProgress())
    assert batch.rows[0].state is State.FAILED
    assert "DICOM" in batch.rows[0].message
    assert masks == []


def test_lanes_read_the_next_scan_while_the_networks_run(tmp_path):
    """Each waits for the other, so they would never end if run one after the other."""
    both = threading.Barrier(2, timeout=30)

    class Meeting(Maker):
        def read_scan(self, path, series_uid, progress):
            if path.name == "b.nrrd":
                both.wait()
            return super().read_scan(path, series_uid, progress)

    maker = Meeting(lambda name: both.wait() if name == "a.nrrd" else None)
    batch = Batch(entries(tmp_path, "a.nrrd", "b.nrrd", "c.nrrd"), tmp_path / "out", TUNING)
    with Lanes(maker) as lanes:
        batch.run_in_pool(lanes, JobProgress())
    assert batch.done_count == 3


def test_leaving_lanes_stops_the_scans_in_progress(tmp_path):
    begun = threading.Event()

    class Slow(Maker):
        def mask(self, scan, tuning, progress):
            begun.set()
            while True:
                progress.step("segmentation", 0.5)
                time.sleep(0.01)

    batch = Batch(entries(tmp_path, "a.nrrd", "b.nrrd"), tmp_path / "out", TUNING)
    progress = JobProgress()
    canceller = threading.Thread(target=lambda: begun.wait(30) and progress.cancel())
    canceller.start()
    with Lanes(Slow()) as lanes, pytest.raises(Cancelled):
        batch.run_in_pool(lanes, progress)
    canceller.join()
    assert [row.state for row in batch.rows] == [State.WAITING, State.WAITING]


def test_a_batch_without_islands_does_not_resume_as_one_with_them(tmp_path):
    listed = entries(tmp_path, "a.nrrd")
    Batch(listed, tmp_path / "out", TUNING).run(Maker(), JobProgress())
    with pytest.raises(UsageError, match="far pieces kept"):
        Batch(listed, tmp_path / "out", replace(TUNING, leaves_out_islands=True))


def test_no_file_of_a_batch_is_named_after_the_patient(tmp_path):
    jane = ScanIdentity("Doe, Jane", "4711")

    class Named(Maker):
        def read_scan(self, path, series_uid, progress):
            scan = super().read_scan(path, series_uid, progress)
            source = replace(scan.source, identity=jane, description="Spine 1.0", series_uid="1.2")
            return replace(scan, source=source)

    listed, out, maker = entries(tmp_path, "Doe_Jane", "case-7"), tmp_path / "masks", Named()
    options = {"with_measurements": True, "with_sessions": True, "with_vertebrae": True}
    for _ in range(2):
        batch = Batch(listed, out, TUNING, **options)
        batch.run(maker, JobProgress())
    assert [name for name, _ in maker.opened] == ["Doe_Jane", "case-7"]  # only the first time
    first, second = batch.rows
    assert first.mask.startswith("ct-Spine-1-0-")
    assert (first.title, second.title) == ("Spine 1.0", "")
    assert second.mask.startswith("case-7")
    names = [path.name for path in out.rglob("*")]
    assert all((out / name).is_file() for name in (*first.files, first.session))
    assert not [name for name in names if "Doe" in name]


def test_a_cancelled_batch_resumes_with_the_scan_that_was_running(tmp_path):
    listed = entries(tmp_path, "a.nrrd", "b.nrrd", "c.nrrd")
    progress = JobProgress()
    batch = Batch(listed, tmp_path / "out", TUNING)
    with pytest.raises(Cancelled):
        batch.run(Maker(lambda name: progress.cancel() if name == "b.nrrd" else None), progress)
    assert [row.state for row in batch.rows] == [State.DONE, State.WAITING, State.WAITING]
    maker = Maker()
    again = Batch(listed, tmp_path / "out", TUNING)
    assert again.done_count == 1
    again.run(maker, JobProgress())
    assert [name for name, _ in maker.opened] == ["b.nrrd", "c.nrrd"]
    assert again.done_count == 3


def test_a_batch_whose_process_died_repeats_the_running_scan(tmp_path):
    listed = entries(tmp_path, "a.nrrd", "b.nrrd")

    def die(name):
        if name == "b.nrrd":
            raise KeyboardInterrupt  # like a kill: nothing is written afterwards

    with pytest.raises(KeyboardInterrupt):
        Batch(listed, tmp_path / "out", TUNING).run(Maker(die), JobProgress())
    again = Batch(listed, tmp_path / "out", TUNING)
    assert [row.state for row in again.rows] == [State.DONE, State.WAITING]


def test_a_mask_that_was_deleted_is_made_again(tmp_path):
    listed = entries(tmp_path, "a.nrrd")
    first = Batch(listed, tmp_path, TUNING)
    first.run(Maker(), JobProgress())
    (tmp_path / first.rows[0].mask).unlink()
    assert Batch(listed, tmp_path, TUNING).done_count == 0


def test_other_settings_never_mix_with_an_older_table(tmp_path):
    listed = entries(tmp_path, "a.nrrd")
    Batch(listed, tmp_path, TUNING).run(Maker(), JobProgress())
    with pytest.raises(UsageError, match=r"0\.3"):
        Batch(listed, tmp_path, Tuning(0.4, 5.0, 0.5))
    assert Batch(listed, tmp_path, Tuning(0.4, 5.0, 0.5), may_start_over=True).done_count == 0
    (tmp_path / TABLE_JSON).write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match="damaged"):
        Batch(listed, tmp_path, TUNING)


def test_a_pause_takes_effect_between_two_scans_and_can_be_cancelled(tmp_path):
    seen = []

    def pause_after_the_first(number, row):
        if (number, row.state) == (0, State.DONE):
            progress.pause()

    def listen(update):
        seen.append(update.stage)
        if seen.count("Paused") == 2:
            progress.resume()

    progress = JobProgress(listen)
    batch = Batch(entries(tmp_path, "a.nrrd", "b.nrrd"), tmp_path / "out", TUNING)
    batch.run(Maker(), progress, on_row=pause_after_the_first)
    assert batch.done_count == 2
    writing_a, writing_b = (f"Writing {name}_seg-spine_msk.nii.gz" for name in "ab")
    assert seen == ["segmentation", writing_a, "Paused", "Paused", "segmentation", writing_b]
    progress.pause()
    progress.cancel()
    with pytest.raises(Cancelled):
        progress.wait_while_paused()


def test_a_scan_that_released_its_memory_starts_over_when_the_pause_ends(tmp_path):
    tries = []

    def release_memory_once(name):
        tries.append(name)
        if len(tries) == 1:
            progress.pause()
            raise MemoryReleased

    def listen(update):
        if update.stage == "Paused":
            progress.resume()

    progress = JobProgress(listen)
    batch = Batch(entries(tmp_path, "a.nrrd", "b.nrrd"), tmp_path / "out", TUNING)
    batch.run(Maker(release_memory_once), progress)
    assert tries == ["a.nrrd", "a.nrrd", "b.nrrd"]
    assert batch.done_count == 2


def test_a_running_scan_is_asked_to_pause(tmp_path):
    told = []

    class Resting(Maker):
        def mask(self, scan, tuning, progress):
            progress.pause()
            told.append(progress.is_paused)
            progress.resume()
            told.append(progress.is_paused)
            return super().mask(scan, tuning, progress)

    Batch(entries(tmp_path, "a.nrrd"), tmp_path / "out", TUNING).run(Resting(), JobProgress())
    assert told == [True, False]


def test_the_command_segments_a_folder_and_resumes_after_finished_scans(
    small_scan, tmp_path, with_tiny_models, capsys
):
    from spineviewer.io.write.export import write_scan

    scans = tmp_path / "scans"
    scans.mkdir()
    for name in ("a_ct.nii.gz", "b_ct.nii.gz"):
        write_scan(small_scan, scans / name, {})
    (scans / "c_ct.nii.gz").write_bytes(b"no image")
    out = tmp_path / "out"
    assert cli.main(["batch", str(scans), "-o", str(out), "--json"]) == 7
    table = json.loads(capsys.readouterr().out)
    assert [row["state"] for row in table["rows"]] == ["done", "done", "failed"]
    (scans / "c_ct.nii.gz").unlink()
    assert cli.main(["batch", str(scans), "-o", str(out)]) == 0
    said = capsys.readouterr()
    assert "Already done: 2 of 2" in said.err
    one, other = tmp_path / "one.nii.gz", out / "a_seg-spine_msk.nii.gz"
    assert cli.main(["segment", str(scans / "a_ct.nii.gz"), "-o", str(one)]) == 0
    import nibabel

    masks = [np.asarray(nibabel.load(path).dataobj) for path in (one, other)]
    assert masks[0].any()
    assert (masks[0] == masks[1]).all()


@pytest.mark.parametrize(
    ("box", "is_cut"),
    [
        ((slice(0, 4), slice(1, 3), slice(1, 4)), True),
        ((slice(1, 3), slice(0, 2), slice(1, 4)), True),
        ((slice(1, 3), slice(1, 2), slice(1, 4)), False),
    ],
)
def test_an_incomplete_volume_is_in_the_warnings_and_in_its_column(tmp_path, box, is_cut):

    class Cut(Maker):
        def mask(self, scan, tuning, progress):
            voxels = np.zeros((4, 5, 6), bool)
            voxels[box] = True
            run_record = RunRecord("cpu", "torch", "f32", "", "abc", "1", warnings=("a word",))
            fusion = FusionOverlay(Fusion(*maps_of(scan, is_empty=True)))
            return FusedResult(
                fusion, fused_mask(SpineMask(voxels, scan.geometry), tuning), run_record
            )

    batch = Batch(entries(tmp_path, "a.nii.gz"), tmp_path / "out", TUNING)
    batch.run(Cut(), JobProgress())
    (row,) = batch.rows
    assert row.is_cut_by_scan == is_cut
    assert (CUT_BY_SCAN in row.warnings) == is_cut
    assert "a word" in row.warnings


def test_results_are_proposed_in_the_folder_that_all_scans_have_in_common(tmp_path):
    scans = [Entry(tmp_path / patient / "ct.nii.gz") for patient in ("doe", "roe")]
    assert proposed_folder(scans) == tmp_path / "masks"
    assert proposed_folder(scans[:1]) == tmp_path / "doe" / "masks"
    assert proposed_folder([Entry(Path("/a/ct.nii")), Entry(Path("/b/ct.nii"))]) is None
    assert proposed_folder([]) is None
