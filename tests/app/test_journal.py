"""The journal: the newest session wins, damaged files are renamed, interrupted work is offered."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace

import numpy as np
import psutil
import pytest

from spineviewer.app.journal import Journal
from spineviewer.app.session import make_reference, make_session, pack_session, read_session
from spineviewer.app.state import Overlays, first_state
from spineviewer.editing.correction import ADDED, Correction
from spineviewer.errors import ExportError
from spineviewer.io.write.whole_file import write_bytes
from spineviewer.tuning import Tuning


def session_with(scan, voxels, sigma_mm=6.0):
    correction = Correction(scan.geometry.shape_zyx)
    correction.begin("Brush")
    correction.paint((0, 0, 0), np.ones((1, 1, voxels), bool), ADDED)
    correction.end()
    state = first_state(scan, Tuning(sigma_mm=sigma_mm), Overlays())
    return make_session(state, correction, make_reference(scan, ""))


def added(session):
    return session.correction.net_added_voxels(np.zeros(session.scan.shape_zyx, bool))


def saved(journal, session, number=0, file=None):
    """Save a session as an open scan does; return its file."""
    file = file or journal.new_file(session.scan.fingerprint)
    journal.save(file, session, number)
    return file


def closed(journal, session, file, number=1):
    journal.end(file, session.scan.fingerprint, session, number)


def test_saved_work_is_found_by_the_scan(small_scan, tmp_path):
    session, journal = session_with(small_scan, 5), Journal(tmp_path / "sessions")
    closed(journal, session, saved(journal, session))
    (kept,) = Journal(tmp_path / "sessions").saved(session.scan.fingerprint).versions
    assert added(kept.session) == 5
    assert Journal(tmp_path / "sessions").saved("another").versions == ()
    if os.name == "posix":
        assert (tmp_path / "sessions").stat().st_mode & 0o077 == 0


def test_a_late_older_write_never_replaces_a_newer_one(small_scan, tmp_path):
    journal = Journal(tmp_path)
    file = saved(journal, session_with(small_scan, 9), 2)
    saved(journal, session_with(small_scan, 3), 1, file)
    assert added(read_session(file)) == 9


def test_writes_from_many_threads_leave_the_newest_version_intact(small_scan, tmp_path):
    journal = Journal(tmp_path)
    sessions = [session_with(small_scan, n + 1) for n in range(24)]
    file = journal.new_file(sessions[0].scan.fingerprint)
    threads = [
        threading.Thread(target=journal.save, args=(file, session, n))
        for n, session in enumerate(sessions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert added(read_session(file)) == 24
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".json", ".session"]


def test_a_damaged_file_is_renamed_and_reported_and_the_others_are_found(small_scan, tmp_path):
    journal, session = Journal(tmp_path), session_with(small_scan, 5)
    for _ in range(2):
        file = saved(journal, session)
        closed(journal, session, file)
    file.write_bytes(file.read_bytes()[:-40])
    spoilt = file.read_bytes()
    found = journal.saved(session.scan.fingerprint)
    assert f"moved to {file.name}.damaged-1" in str(found.error)
    assert len(found.versions) == 1
    assert (tmp_path / f"{file.name}.damaged-1").read_bytes() == spoilt


def test_a_folder_that_cannot_be_created_is_reported(small_scan, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="cannot be saved"):
        saved(Journal(tmp_path / "file" / "sessions"), session_with(small_scan, 5))


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
    saved(Journal(tmp_path, dead_process), session)
    (work,) = Journal(tmp_path).unfinished()
    assert work.scan_path.name == "small.nii.gz"
    assert not work.session.correction.is_empty
    Journal(tmp_path).delete_marker(work.marker)
    assert Journal(tmp_path).unfinished() == ()
    assert len(Journal(tmp_path).saved(session.scan.fingerprint).versions) == 1


def test_a_program_that_runs_or_ended_properly_is_not_offered(small_scan, tmp_path, dead_process):
    session = session_with(small_scan, 5)
    running = Journal(tmp_path)
    file = saved(running, session)
    assert Journal(tmp_path).unfinished() == ()
    assert not running.has_saved(session.scan.fingerprint)  # it belongs to the open scan
    closed(running, session, file)
    ended = Journal(tmp_path, dead_process)
    closed(ended, session, saved(ended, session))
    assert Journal(tmp_path).unfinished() == ()
    assert running.has_saved(session.scan.fingerprint)


def test_a_late_write_does_not_open_a_closed_scan_again(small_scan, tmp_path, dead_process):
    journal, session = Journal(tmp_path, dead_process), session_with(small_scan, 5)
    file = saved(journal, session)
    journal.end(file, session.scan.fingerprint, None, 2)
    saved(journal, session, 1, file)
    assert list(tmp_path.iterdir()) == []


def test_another_program_with_the_same_number_does_not_hide_the_work(small_scan, tmp_path):
    saved(Journal(tmp_path, (os.getpid(), 1.0)), session_with(small_scan, 5))
    assert len(Journal(tmp_path).unfinished()) == 1


@pytest.mark.skipif(os.name != "posix", reason="other systems have no zombies")
def test_the_work_of_a_killed_program_is_offered_before_its_parent_takes_note(small_scan, tmp_path):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        started = psutil.Process(process.pid).create_time()
        saved(Journal(tmp_path, (process.pid, started)), session_with(small_scan, 5))
        journal = Journal(tmp_path)
        assert journal.unfinished() == ()
        assert journal.has_other_instances()
        os.kill(process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, but not reaped
        assert len(journal.unfinished()) == 1
        assert not journal.has_other_instances()
    finally:
        process.kill()
        process.communicate()


def test_the_work_of_every_crashed_program_is_offered_until_it_is_continued(
    small_scan, tmp_path, dead_process
):
    files = []
    for voxels, process in ((5, dead_process), (7, (os.getpid(), 1.0))):
        files.append(saved(Journal(tmp_path, process), session_with(small_scan, voxels)))
        os.utime(files[-1], (voxels, voxels))
    assert [added(work.session) for work in Journal(tmp_path).unfinished()] == [7, 5]
    running, session = Journal(tmp_path), session_with(small_scan, 8)
    file = running.new_file(session.scan.fingerprint)
    running.save(file, session, 0, replaced=files[:1])
    assert [added(work.session) for work in Journal(tmp_path).unfinished()] == [7]
    running.end(file, session.scan.fingerprint, session, 1, replaced=files[:1])
    versions = Journal(tmp_path).saved(session.scan.fingerprint).versions
    assert [added(work.session) for work in versions] == [8, 7]


def test_results_remain_as_long_as_there_is_work_of_any_program(small_scan, tmp_path, dead_process):
    session = session_with(small_scan, 5)
    fingerprint = session.scan.fingerprint
    one, other = Journal(tmp_path), Journal(tmp_path, dead_process)
    files = [saved(journal, session) for journal in (one, other)]
    one.save_results(fingerprint, b"results")
    one.end(files[0], fingerprint, None, 1)
    assert other.saved_results(fingerprint) == b"results"
    other.end(files[1], fingerprint, None, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_offered", [True, False])
def test_work_of_earlier_versions_with_one_file_for_each_scan_is_found(
    small_scan, tmp_path, is_offered
):
    session = session_with(small_scan, 5)
    fingerprint = session.scan.fingerprint
    old = tmp_path / f"{fingerprint}.session"
    old.write_bytes(pack_session(session, has_path=False))
    if is_offered:
        text = {"process": 1, "started": 1.0, "path": "a/b.nii", "series_uid": ""}
        marker = tmp_path / f"open-1-{fingerprint}.json"
        marker.write_text(json.dumps(text | {"fingerprint": fingerprint}))
    journal = Journal(tmp_path)
    assert [work.scan_path.name for work in journal.unfinished()] == ["b.nii"] * is_offered
    (work,) = journal.saved(fingerprint).versions
    assert added(work.session) == 5
    journal.save(journal.new_file(fingerprint), session, 0, replaced=[work.file])
    assert not old.exists()
    assert journal.unfinished() == ()


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
    fingerprint, users = session.scan.fingerprint, small_disk / "users.session"
    large = replace(session_with(small_scan, 9), results=np.random.default_rng(1).bytes(60_000))
    file = saved(journal, session)
    journal.save_results(fingerprint, b"the answers")
    write_bytes(users, pack_session(session, has_path=True))
    (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - 4096))
    for write in (
        lambda: journal.save(file, large, 1),
        lambda: journal.save_results(fingerprint, large.results),
        lambda: write_bytes(users, pack_session(large, has_path=True)),
    ):
        with pytest.raises(
            ExportError, match=r"the disk is full\. Existing files were not changed"
        ) as told:
            write()
        assert str(small_disk) in str(told.value)
    assert added(read_session(file)) == 3
    assert journal.saved_results(fingerprint) == b"the answers"
    assert read_session(users).results == session.results
    assert sum(path.is_file() for path in small_disk.rglob("*")) == 5
    (small_disk / "filler").unlink()
    journal.save(file, large, 2)
    assert read_session(file).results == large.results


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
    journal, file = Journal(folder), folder / "endless-1.session"
    for number in itertools.count():
        session = session_with(scan, number % 400 + 1)
        journal.save(file, replace(session, extra={"filling": "x" * 200_000}), number)
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
        session = read_session(kept)
        voxels = session.correction.net_added_voxels(np.zeros((40, 40, 400), bool))
        assert voxels in {finished % 400 + 1, (finished + 1) % 400 + 1}
        assert len(session.extra["filling"]) == 200_000
        for path in tmp_path.iterdir():
            path.unlink()
