"""The journal: the newest session wins, damaged files are renamed, interrupted work is offered."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace

import numpy as np
import pytest

from spineviewer.app.journal import Journal
from spineviewer.app.session import packed_session, read_session, reference_of, session_of
from spineviewer.app.state import Overlays, first_state
from spineviewer.editing.correction import ADDED, Correction
from spineviewer.errors import ExportError, ImageReadError
from spineviewer.io.write.whole_file import write_bytes
from spineviewer.tuning import Tuning


def session_with(scan, voxels, sigma_mm=6.0):
    correction = Correction(scan.geometry.shape_zyx)
    correction.begin("Brush")
    correction.paint((0, 0, 0), np.ones((1, 1, voxels), bool), ADDED)
    correction.end()
    state = first_state(scan, Tuning(sigma_mm=sigma_mm), Overlays())
    return session_of(state, correction, reference_of(scan, ""))


def test_saved_work_is_found_by_the_scan(small_scan, tmp_path):
    session = session_with(small_scan, 5)
    Journal(tmp_path / "sessions").save(session, 0)
    kept = Journal(tmp_path / "sessions").saved(session.scan.fingerprint)
    assert kept.correction.added_voxels(np.zeros(small_scan.hu.shape, bool)) == 5
    assert Journal(tmp_path / "sessions").saved("another") is None
    if os.name == "posix":
        assert (tmp_path / "sessions").stat().st_mode & 0o077 == 0


def test_a_late_older_write_never_replaces_a_newer_one(small_scan, tmp_path):
    journal = Journal(tmp_path)
    journal.save(session_with(small_scan, 9), 2)
    journal.save(session_with(small_scan, 3), 1)
    kept = journal.saved(session_with(small_scan, 9).scan.fingerprint)
    assert kept.correction.added_voxels(np.zeros(small_scan.hu.shape, bool)) == 9


def test_writes_from_many_threads_leave_the_newest_version_intact(small_scan, tmp_path):
    journal = Journal(tmp_path)
    sessions = [session_with(small_scan, n + 1) for n in range(24)]
    threads = [
        threading.Thread(target=journal.save, args=(session, n))
        for n, session in enumerate(sessions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = journal.saved(sessions[0].scan.fingerprint)
    assert kept.correction.added_voxels(np.zeros(small_scan.hu.shape, bool)) == 24
    assert [p.suffix for p in tmp_path.iterdir()] == [".session"]


def test_a_damaged_file_is_renamed_and_reported(small_scan, tmp_path):
    journal, session = Journal(tmp_path), session_with(small_scan, 5)
    journal.save(session, 0)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-40])
    spoilt = file.read_bytes()
    with pytest.raises(ImageReadError, match=r"moved to .*damaged-1"):
        journal.saved(session.scan.fingerprint)
    journal.save(session, 1)
    assert (tmp_path / f"{file.name}.damaged-1").read_bytes() == spoilt


def test_a_folder_that_cannot_be_created_is_reported(small_scan, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="cannot be saved"):
        Journal(tmp_path / "file" / "sessions").save(session_with(small_scan, 5), 0)


@pytest.fixture
def dead_process():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        import psutil

        known = process.pid, psutil.Process(process.pid).create_time()
        process.stdin.close()
        process.wait()
    return known


def test_the_work_of_a_crashed_program_is_offered_until_it_is_settled(
    small_scan, tmp_path, dead_process
):
    session = session_with(small_scan, 5)
    died = Journal(tmp_path, dead_process)
    died.save(session, 0)
    died.open_marker(session, 0)
    (work,) = Journal(tmp_path).unfinished()
    assert work.scan_path.name == "small.nii.gz"
    assert not work.session.correction.is_empty
    Journal(tmp_path).settle(work.marker)
    assert Journal(tmp_path).unfinished() == ()
    assert Journal(tmp_path).saved(session.scan.fingerprint) is not None


def test_a_program_that_runs_or_ended_properly_is_not_offered(small_scan, tmp_path, dead_process):
    session = session_with(small_scan, 5)
    running = Journal(tmp_path)
    running.save(session, 0)
    running.open_marker(session, 0)
    assert Journal(tmp_path).unfinished() == ()
    running.close_marker(session.scan.fingerprint, 1)
    ended = Journal(tmp_path, dead_process)
    ended.open_marker(session, 0)
    ended.close_marker(session.scan.fingerprint, 1)
    assert Journal(tmp_path).unfinished() == ()


def test_a_late_marker_is_dropped(small_scan, tmp_path, dead_process):
    journal, session = Journal(tmp_path, dead_process), session_with(small_scan, 5)
    journal.save(session, 0)
    journal.close_marker(session.scan.fingerprint, 1)
    journal.open_marker(session, 0)
    assert Journal(tmp_path).unfinished() == ()


def test_another_program_with_the_same_number_does_not_hide_the_work(small_scan, tmp_path):
    died = Journal(tmp_path, (os.getpid(), 1.0))
    died.save(session_with(small_scan, 5), 0)
    died.open_marker(session_with(small_scan, 5), 0)
    assert len(Journal(tmp_path).unfinished()) == 1


def test_a_scan_is_offered_once_and_not_after_it_was_opened_again_and_closed(
    small_scan, tmp_path, dead_process
):
    session = session_with(small_scan, 5)
    for started in (dead_process, (os.getpid(), 1.0)):
        died = Journal(tmp_path, started)
        died.save(session, 0)
        died.open_marker(session, 0)
    assert len(Journal(tmp_path).unfinished()) == 1
    running = Journal(tmp_path)
    running.open_marker(session, 0)
    assert Journal(tmp_path).unfinished() == ()
    died = Journal(tmp_path, dead_process)
    died.open_marker(session, 0)
    assert len(Journal(tmp_path).unfinished()) == 1
    running.close_marker(session.scan.fingerprint, 1)
    assert Journal(tmp_path).unfinished() == ()


MARKER = b'{"process": %s, "started": 1.0, "path": "a", "series_uid": "", "fingerprint": "f"}'


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"process": "x"}', b"[" * 99_999, MARKER % b"-1", MARKER % b"1e999"]
)
def test_broken_markers_are_deleted(content, tmp_path):
    (tmp_path / "open-1.json").write_bytes(content)
    assert Journal(tmp_path).unfinished() == ()
    assert not (tmp_path / "open-1.json").exists()


def test_a_full_disk_leaves_the_saved_work_intact_and_is_reported(small_scan, small_disk):
    journal, session = Journal(small_disk / "kept"), session_with(small_scan, 3)
    fingerprint, saved = session.scan.fingerprint, small_disk / "saved.session"
    large = replace(session_with(small_scan, 9), results=np.random.default_rng(1).bytes(60_000))
    journal.save(session, 0)
    journal.save_results(fingerprint, b"the answers")
    write_bytes(saved, packed_session(session, has_path=True))
    (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - 4096))
    for write in (
        lambda: journal.save(large, 1),
        lambda: journal.save_results(fingerprint, large.results),
        lambda: write_bytes(saved, packed_session(large, has_path=True)),
    ):
        with pytest.raises(
            ExportError, match=r"the disk is full\. Existing files were not changed"
        ) as told:
            write()
        assert str(small_disk) in str(told.value)
    assert (
        journal.saved(fingerprint).correction.added_voxels(np.zeros(small_scan.hu.shape, bool)) == 3
    )
    assert journal.saved_results(fingerprint) == b"the answers"
    assert read_session(saved).results == session.results
    assert sum(path.is_file() for path in small_disk.rglob("*")) == 4
    (small_disk / "filler").unlink()
    journal.save(large, 2)
    assert journal.saved(fingerprint).results == large.results


WRITER = """
    import sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from test_journal import endless

    endless(Path(sys.argv[1]))
"""


def endless(folder):
    """Save sessions with more and more voxels until killed."""
    import itertools
    from pathlib import Path

    from spineviewer.volume.geometry import Geometry
    from spineviewer.volume.orientation import AxisOrder
    from spineviewer.volume.volume import CtVolume, ScanFormat, ScanSource

    geometry = Geometry((40, 40, 400), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    source = ScanSource(Path("endless.nii"), ScanFormat.MEMORY, geometry, AxisOrder())
    scan = CtVolume(np.zeros(geometry.shape_zyx, np.int16), geometry, source)
    journal = Journal(folder)
    for number in itertools.count():
        session = session_with(scan, number % 400 + 1)
        journal.save(replace(session, extra={"filling": "x" * 200_000}), number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
@pytest.mark.timeout(600)
def test_a_hundred_kills_at_random_moments_leave_an_intact_session(tmp_path):
    """Each kill happens at a random moment of writing.

    Afterwards, the last finished session is stored, or the one that was being written.
    """
    from pathlib import Path

    random = np.random.default_rng(6)
    script = textwrap.dedent(WRITER.format(tests=str(Path(__file__).parent)))
    for _ in range(100):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            for _ in range(1 + int(random.integers(5))):
                finished = int(writer.stdout.readline())
            threading.Event().wait(float(random.uniform(0, 0.02)))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            finished = max(
                [finished, *(int(n) for n in writer.stdout.read().split(b"\n")[:-1] if n)]
            )
        (kept,) = [path for path in tmp_path.iterdir() if path.suffix == ".session"]
        journal = Journal(tmp_path)
        session = journal.saved(kept.stem)
        voxels = session.correction.added_voxels(np.zeros((40, 40, 400), bool))
        assert voxels in {finished % 400 + 1, (finished + 1) % 400 + 1}
        assert len(session.extra["filling"]) == 200_000
        for path in tmp_path.iterdir():
            path.unlink()
