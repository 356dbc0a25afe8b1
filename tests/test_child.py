"""Child processes: messages in both directions, crashes, memory limits, mapped arrays."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from spineviewer import child
from spineviewer.child import (
    CHILD_SWITCH,
    Child,
    ChildDied,
    MappedArrays,
    MappedFile,
    Message,
    open_mapped,
    place_of,
    run_if_child,
)
from spineviewer.scratch import MEMORY_FOLDER

ECHO = """
    import os, sys, time
    from typing import Any
    from spineviewer.child import MappedFile, ParentLink, open_mapped
    link = ParentLink(Any)
    print("a library that prints")
    while True:
        message = link.receive()
        if message["do"] == "echo":
            link.send(message)
        elif message["do"] == "swell":
            held = bytearray(message["bytes"])
            link.send({"held": len(held)})
        elif message["do"] == "abort":
            print("last words", file=sys.stderr, flush=True)
            os.abort()
        elif message["do"] == "sleep":
            time.sleep(60)
        elif message["do"] == "fill":
            open_mapped(MappedFile(**message["array"]), writable=True)[...] = 7
            link.send({"filled": True})
        elif message["do"] == "sum":
            link.send({"sum": int(open_mapped(MappedFile(**message["array"])).sum())})
        elif message["do"] == "misfit":
            link.send({"type": "Other"})
            time.sleep(60)
"""


@pytest.fixture
def echo_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "echo_child.py").write_text(textwrap.dedent(ECHO))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "echo_child"


@pytest.fixture
def echo(echo_module: str) -> Iterator[Child[Any]]:
    with Child(echo_module, Any) as running:
        yield running


def test_a_message_arrives_intact_and_output_of_libraries_does_not_interfere(
    echo: Child[Any],
) -> None:
    message = {"do": "echo", "text": "Wirbelsäule\nzwei", "number": 1.5, "nothing": None}
    echo.send(message)
    assert echo.receive(20) == message


def test_no_message_within_the_timeout_gives_none(echo: Child[Any]) -> None:
    assert echo.receive(0.01) is None


def test_a_crash_is_reported_with_its_signal_and_last_words(echo: Child[Any]) -> None:
    echo.send({"do": "abort"})
    with pytest.raises(ChildDied, match=r"SIGABRT|exit code") as death:
        echo.receive(20)
    assert "last words" in death.value.stderr_tail
    assert not echo.is_alive
    with pytest.raises(ChildDied):
        echo.receive(1)
    with pytest.raises(ChildDied):
        echo.send({"do": "echo"})


class Held(Message, frozen=True):
    bytes: int


def test_a_message_that_does_not_fit_ends_the_child_as_if_it_had_died(echo_module: str) -> None:
    with Child(echo_module, Held) as running:
        running.send({"do": "echo", "type": "Held", "bytes": 3})
        assert running.receive(20) == Held(3)
        running.send({"do": "misfit"})
        with pytest.raises(ChildDied) as death:
            running.receive(20)
        assert "an invalid message" in death.value.stderr_tail


def test_a_child_with_an_unknown_request_ends() -> None:
    with Child("spineviewer.app.worker", Any) as worker:
        worker.send({"type": "Unheard-of"})
        with pytest.raises(ChildDied, match="exit code 1") as death:
            worker.receive(60)
        assert "an invalid message" in death.value.stderr_tail


def test_kill_ends_a_busy_child_at_once_and_leaves_no_thread(echo_module: str) -> None:
    before = threading.active_count()
    running = Child(echo_module, Any)
    running.send({"do": "sleep"})
    running.kill()
    assert not running.is_alive
    assert threading.active_count() == before


@pytest.mark.skipif(not child.HAS_DATA_LIMIT, reason="the limit is set by Linux")
def test_a_child_that_exceeds_its_memory_limit_dies_and_small_requests_pass(
    echo_module: str,
) -> None:
    with Child(echo_module, Any, memory_limit_bytes=400_000_000) as limited:
        limited.send({"do": "swell", "bytes": 50_000_000})
        assert limited.receive(20) == {"held": 50_000_000}
        limited.send({"do": "swell", "bytes": 2_000_000_000})
        with pytest.raises(ChildDied) as death:
            limited.receive(20)
    assert death.value.is_out_of_memory


def test_the_child_writes_into_an_array_that_the_parent_made(echo: Child[Any]) -> None:
    with MappedArrays(expected_bytes=1000) as arrays:
        array = arrays.create("array", (2, 3), np.int16)
        echo.send({"do": "fill", "array": arrays.description("array", array)})
        assert echo.receive(20) == {"filled": True}
        assert (array == 7).all()
        folder = arrays.folder
    assert not folder.exists()
    assert (array == 7).all()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system is not Linux")
def test_a_child_maps_a_whole_array_whose_file_is_deleted(echo: Child[Any]) -> None:
    with MappedArrays() as arrays:
        array = arrays.create("array", (2, 3), np.int16)
    assert place_of(array[:1]) is None
    assert place_of(array.T) is None
    assert place_of(array.copy()) is None
    place = place_of(np.asarray(array))
    assert place is not None
    array[...] = 5
    echo.send({"do": "sum", "array": msgspec.structs.asdict(place)})
    assert echo.receive(20) == {"sum": 30}
    assert place_of(open_mapped(place)) is None  # its file is open only as long as the array
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    del array
    assert len(list(Path("/proc/self/fd").iterdir())) < open_before


def test_opening_a_shorter_file_than_described_is_refused() -> None:
    with MappedArrays() as arrays:
        description = arrays.description("array", arrays.create("array", (2, 3), np.int16))
        with pytest.raises(ValueError, match="length"):
            open_mapped(MappedFile(description.path, description.dtype, (200, 300)))


def test_little_shared_memory_sends_arrays_to_the_temporary_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        child.shutil, "disk_usage", lambda _: child.shutil._ntuple_diskusage(64, 0, 64)
    )  # type: ignore[attr-defined]
    with MappedArrays(expected_bytes=60) as arrays:
        assert arrays.folder.parent != MEMORY_FOLDER


def test_a_frozen_application_runs_only_modules_of_this_package() -> None:
    assert not run_if_child(["app"])
    assert not run_if_child(["app", CHILD_SWITCH, "os"])


@pytest.mark.parametrize("code", [3, -11, -6])
def test_the_end_of_a_child_is_reported_in_one_language(qapp, code):
    from spineviewer.gui.kit.language import tr, use_language

    error = ChildDied("worker", code, "").as_error()
    use_language("de")
    text = tr(str(error))
    use_language("en")
    assert "wurde beendet" in text
    assert "helper process" not in text
    assert "exit code" not in text
