"""Files are written whole or not at all, and the remains of a killed writer are deleted."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import IO

import pytest

from spineviewer import scratch
from spineviewer.errors import ExportError
from spineviewer.io.write import whole_file
from spineviewer.io.write.whole_file import delete_leftovers, write_atomically, write_bytes

KILLED = """
    import sys
    from pathlib import Path
    from spineviewer.io.write.whole_file import write_atomically

    def write(stream):
        for _ in range(10**6):
            stream.write(b"x" * 100_000)
            stream.flush()
            print("writing", flush=True)

    write_atomically(Path(sys.argv[1]), write)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_a_kill_in_the_middle_leaves_the_old_file_intact_and_the_next_write_cleans_up(
    tmp_path: Path,
) -> None:
    target = tmp_path / "mask.nii"
    target.write_bytes(b"the old mask")
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(target)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.read()
    assert target.read_bytes() == b"the old mask"
    (left,) = [p for p in tmp_path.iterdir() if p != target]
    assert left.stat().st_size > 0
    write_bytes(tmp_path / "another", b"new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["another", "mask.nii"]


@pytest.mark.skipif(os.name != "posix", reason="elsewhere an open file cannot be deleted")
def test_files_of_a_running_writer_are_not_deleted(tmp_path: Path) -> None:
    def write(stream: IO[bytes]) -> None:
        assert delete_leftovers(tmp_path) == 0
        write_bytes(tmp_path / "second", b"2")
        stream.write(b"1")

    write_atomically(tmp_path / "first", write)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"first": b"1", "second": b"2"}


def test_files_of_other_computers_and_other_programs_are_not_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch.platform, "node", lambda: "another-computer")
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    (tmp_path / f"{whole_file._own_prefix()}x.part").touch()
    (tmp_path / "thesis.part").touch()
    monkeypatch.undo()
    assert delete_leftovers(tmp_path) == 0
    assert len(list(tmp_path.iterdir())) == 2


def test_without_locks_only_old_files_are_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_file, "HAS_LOCKS", False)
    monkeypatch.setattr(scratch, "fcntl", None)
    remains = [tmp_path / f"{whole_file._own_prefix()}{n}.part" for n in range(2)]
    for path in remains:
        path.touch()
    os.utime(remains[0], (1.0, 1.0))
    write_bytes(tmp_path / "file", b"whole")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["file", remains[1].name])


def test_a_missing_folder_needs_no_cleanup(tmp_path: Path) -> None:
    assert delete_leftovers(tmp_path / "gone") == 0


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_a_private_file_is_readable_only_by_its_owner(tmp_path: Path) -> None:
    write_bytes(tmp_path / "settings.json", b"{}", is_private=True)
    assert stat.S_IMODE((tmp_path / "settings.json").stat().st_mode) == 0o600


def test_an_error_of_the_writer_leaves_no_temporary_files(tmp_path: Path) -> None:
    def write(stream: object) -> None:
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        write_atomically(tmp_path / "file", write)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_synced_is_reported_although_the_file_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def fail_for_folders(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        sync(handle)

    monkeypatch.setattr(whole_file.os, "fsync", fail_for_folders)
    with pytest.raises(ExportError, match=r"a\.txt was written, but the drive did not confirm it"):
        whole_file.write_bytes(tmp_path / "a.txt", b"new")
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [tmp_path / "a.txt"]
