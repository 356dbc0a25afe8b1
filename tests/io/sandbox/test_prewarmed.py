"""The child on standby for reading: used once, replaced, and gone with the program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from spineviewer import child
from spineviewer.child import HAS_DATA_LIMIT, Child, Received
from spineviewer.errors import ImageReadError
from spineviewer.io.sandbox.prewarmed import PrewarmedReader
from spineviewer.io.scan import read_scan

PATIENCE_S = 20


@pytest.fixture
def reader() -> Iterator[PrewarmedReader]:
    with PrewarmedReader() as waiting:
        waiting.prepare()
        yield waiting


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of processes that are started from now on."""
    processes: list[int] = []

    class Noted(Child[Received]):
        def __init__(self, *what: Any, **how: Any) -> None:
            super().__init__(*what, **how)
            processes.append(self.process_id)

    monkeypatch.setattr(child, "Child", Noted)
    return processes


def test_the_waiting_child_reads_and_ends(
    reader: PrewarmedReader, started: list[int], scanner: Any, hu: NDArray[np.int16]
) -> None:
    waiting = psutil.Process(reader.process_id)
    assert np.array_equal(read_scan(scanner.write(hu), reader=reader).hu, hu)
    assert not started
    assert not waiting.is_running()
    assert reader.process_id is None


def test_a_child_is_started_if_none_is_waiting(
    started: list[int], scanner: Any, hu: NDArray[np.int16]
) -> None:
    with PrewarmedReader() as reader:
        assert np.array_equal(read_scan(scanner.write(hu), reader=reader).hu, hu)
    assert len(started) == 1


def test_after_use_another_child_can_wait_and_only_one_does(
    reader: PrewarmedReader, started: list[int], scanner: Any, hu: NDArray[np.int16]
) -> None:
    read_scan(scanner.write(hu), reader=reader)
    reader.prepare()
    reader.prepare()
    assert started == [reader.process_id]
    assert np.array_equal(read_scan(scanner.folder, reader=reader).hu, hu)
    assert len(started) == 1


def test_a_child_that_died_waiting_is_replaced_at_the_next_request(
    reader: PrewarmedReader, started: list[int], scanner: Any, hu: NDArray[np.int16]
) -> None:
    _end(reader.process_id)
    assert np.array_equal(read_scan(scanner.write(hu), reader=reader).hu, hu)
    assert len(started) == 1


def test_a_child_that_died_waiting_is_replaced_in_advance(
    reader: PrewarmedReader, started: list[int]
) -> None:
    _end(reader.process_id)
    reader.prepare()
    assert started == [reader.process_id]


def test_a_message_about_a_file_is_the_same_from_a_waiting_child(
    reader: PrewarmedReader, tmp_path: Path
) -> None:
    (tmp_path / "scan.nii").write_bytes(b"no scan")
    with pytest.raises(ImageReadError, match=r"scan\.nii"):
        read_scan(tmp_path / "scan.nii", reader=reader)


def test_a_closed_reader_has_no_child_and_starts_none(started: list[int]) -> None:
    with PrewarmedReader() as reader:
        reader.prepare()
    reader.prepare()
    (process_id,) = started
    assert not psutil.pid_exists(process_id)


@pytest.mark.skipif(not HAS_DATA_LIMIT, reason="the limit is set by Linux")
def test_the_memory_limit_comes_with_the_request(reader: PrewarmedReader) -> None:
    process = psutil.Process(reader.process_id)
    assert process.rlimit(psutil.RLIMIT_DATA) != (2**31, 2**31)
    with reader.with_request({}, 2**31) as child:
        assert psutil.Process(child.process_id).rlimit(psutil.RLIMIT_DATA) == (2**31, 2**31)
        assert child.process_id == process.pid
        child.kill()


def test_files_unpacked_by_a_waiting_child_are_deleted_with_the_request(
    reader: PrewarmedReader,
    scanner: Any,
    hu: NDArray[np.int16],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    archive, temporary = tmp_path / "study.zip", tmp_path / "temporary"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in scanner.write(hu).iterdir():
            packed.write(path, path.name)
    temporary.mkdir()
    # the folder of this request, not that of the child's start
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    unpacked: list[Path] = []

    class Looking:
        def step(self, stage: str, fraction: float) -> None:
            unpacked.extend(temporary.rglob("*.dcm"))

    assert np.array_equal(read_scan(archive, reader=reader, progress=Looking()).hu, hu)
    assert unpacked
    assert not list(temporary.iterdir())


KILLED = """
    import time
    from spineviewer.io.sandbox.prewarmed import PrewarmedReader
    reader = PrewarmedReader()
    reader.prepare()
    print(reader.process_id, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_a_killed_program_leaves_no_child_waiting() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED)], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        waiting = psutil.Process(int(program.stdout.readline()))
        program.send_signal(signal.SIGKILL)
        waiting.wait(PATIENCE_S)
    assert not waiting.is_running()


def _end(process_id: int | None) -> None:
    process = psutil.Process(process_id)
    process.kill()
    process.wait(PATIENCE_S)
