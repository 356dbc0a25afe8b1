"""Temporary folders of killed programs are deleted, and those of running ones are kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from spineviewer import child, scratch
from spineviewer.app import engine_messages as messages
from spineviewer.child import Child, MappedArrays
from spineviewer.scratch import ScratchFolder, clear_abandoned

MAPPING = """
    import sys
    from pathlib import Path
    import numpy as np
    from spineviewer import child

    child.MEMORY_FOLDER = Path(sys.argv[1])
    arrays = child.MappedArrays(4000)
    arrays.create("hu", (10, 10, 20), np.int16)[...] = 7
    print(arrays.folder, flush=True)
    input()
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills with a signal")


@pytest.fixture
def memory_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(scratch, "MEMORY_FOLDER", folder)
    monkeypatch.setattr(child, "MEMORY_FOLDER", folder)
    return folder


def test_files_of_a_killed_program_are_deleted_by_the_next_one_and_those_of_running_ones_stay(
    memory_folder: Path,
) -> None:
    command = [sys.executable, "-c", textwrap.dedent(MAPPING), str(memory_folder)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as dead,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as living,
    ):
        of_dead, of_living = (
            Path(one.stdout.readline().decode().strip()) for one in (dead, living)
        )  # type: ignore[union-attr]
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        assert (of_dead / "hu").stat().st_size == 4000
        with MappedArrays(100) as mine:
            assert {of_living, mine.folder} == set(memory_folder.iterdir())
        assert [of_living] == list(memory_folder.iterdir())
        living.communicate(b"\n")
    assert clear_abandoned(memory_folder) == 1  # it ended without closing
    assert not list(memory_folder.iterdir())


def test_the_window_cleans_up_at_its_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    left = tmp_path / f"spineviewer-{scratch.machine_id()}-abandoned"
    left.mkdir()
    (left / scratch.LOCK_FILE).touch()
    (left / "hu").write_bytes(b"patient")
    with Child("spineviewer.app.worker", messages.Answer) as worker:
        worker.send(messages.Start("cpu"))
        worker.send(messages.Extend(None))  # answered after the child has started
        assert isinstance(worker.receive(60), messages.Failed)
    assert not left.exists()


def test_a_folder_that_is_deleted_during_creation_is_created_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = scratch.fcntl.flock
    taken: list[int] = []

    def flock(held: object, operation: int) -> None:
        if not taken:
            taken.append(1)
            assert clear_abandoned(tmp_path) == 1
        real(held, operation)  # type: ignore[arg-type]

    monkeypatch.setattr(scratch.fcntl, "flock", flock)
    folder = ScratchFolder(tmp_path)
    assert folder.path.is_dir()
    assert list(tmp_path.iterdir()) == [folder.path]
    folder.close()
    assert not list(tmp_path.iterdir())


def test_folders_of_other_programs_are_not_deleted(tmp_path: Path) -> None:
    for name in (
        "spineviewer-bench-series",
        f"spineviewer-{scratch.machine_id()}-without-a-file",
        "spineviewer-00000000-x",
    ):
        (tmp_path / name).mkdir()
    (tmp_path / "spineviewer-00000000-x" / scratch.LOCK_FILE).touch()  # of another computer
    assert clear_abandoned(tmp_path) == 0
    assert len(list(tmp_path.iterdir())) == 3


def test_without_locks_an_open_file_serves_the_same_purpose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "fcntl", None)
    monkeypatch.setattr(scratch, "HAS_LOCKS", False)
    folder = ScratchFolder(tmp_path)
    np.zeros(3).tofile(folder.path / "array")

    def refuse(self: Path) -> None:
        raise PermissionError  # as on Windows while it is open

    with monkeypatch.context() as windows:
        windows.setattr(Path, "unlink", refuse)
        assert clear_abandoned(tmp_path) == 0
    folder._lock_file.close()
    assert clear_abandoned(tmp_path) == 1
    assert not list(tmp_path.iterdir())
    folder.close()
