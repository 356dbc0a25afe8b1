"""Opens damaged files on request, with the sandbox's own code in a process that stays alive.

`campaign.py` starts it. It may use a gigabyte more than at its start. An error that it does not
catch ends it, which the campaign notices.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import os
import resource
import shutil
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from corpus import Target, small_scan, targets
from mutation import damaged_files

from spineviewer.app.journal import Journal
from spineviewer.app.session import pack_session, read_session
from spineviewer.app.settings import load_settings
from spineviewer.app.stored_results import unpack_results
from spineviewer.child import MappedFile, message_from
from spineviewer.editing.stored_correction import unpack_correction
from spineviewer.errors import SpineViewerError
from spineviewer.io.dicom import series_voxels
from spineviewer.io.sandbox import child_reader as sandbox
from spineviewer.io.sandbox import crash_log
from spineviewer.io.sandbox.reader_messages import (
    Answer,
    ArrayMade,
    ListSeries,
    NeedArray,
    ReadSeries,
    Request,
    Undecided,
)
from spineviewer.progress import JobProgress
from spineviewer.wording import as_json

GIB = 2**30
#: One in this many files is listed before it is read.
LISTED = 16


def used_session(path: Path) -> None:
    """Use a session as the window does: apply it to its corrections, and pack it again."""
    session = read_session(path)
    if np.prod(session.scan.shape_zyx, dtype=float) < 1e7:
        session.correction.corrected_mask(np.zeros(session.scan.shape_zyx, bool))
    pack_session(session, has_path=True)


def used_corrections(path: Path) -> None:
    """Use corrections to a scan of the right shape."""
    unpack_correction(path.read_bytes(), path, (40, 40, 40)).corrected_mask(
        np.zeros((40, 40, 40), bool)
    )


def used_results(path: Path) -> None:
    """Use results with the scan to which they belong."""
    found = unpack_results(path.read_bytes(), small_scan(), "0123abcd", "0123")
    assert found is None or found.attention.cells.max() <= 1


PARSERS: dict[str, Callable[[Path], object]] = {
    "session": used_session,
    "corrections": used_corrections,
    "results": used_results,
    "settings": load_settings,
    "journal": lambda path: Journal(path).unfinished(),
}


class NoParent:
    """Replaces the parent's connection: makes the requested arrays."""

    def __init__(self, folder: Path, allowed_bytes: int) -> None:
        self._folder = folder
        self._allowed_bytes = allowed_bytes
        self._shape: tuple[int, ...] = ()
        self.greed = ""

    def send(self, message: Answer) -> None:
        if isinstance(message, NeedArray):
            self._shape = message.shape
        message_from(as_json(message), Answer)

    def progress(self) -> JobProgress:
        return JobProgress()

    def receive(self) -> ArrayMade:
        declared = 2 * int(np.prod([float(n) for n in self._shape]))
        if declared > self._allowed_bytes:
            self.greed = f"asked for {declared / GIB:.1f} GiB"
            raise SpineViewerError("too much")
        path = self._folder / "hu"
        np.memmap(path, np.int16, "w+", shape=self._shape)
        return ArrayMade(MappedFile(str(path), "<i2", self._shape))


def opened(target: Target, path: Path, scratch: Path, size: int, seed: int = 0) -> tuple[str, str]:
    """Return the outcome of listing and reading: its kind and its message."""
    recorder = scratch / "recorder"
    if not recorder.exists():
        np.memmap(recorder, np.uint8, "w+", shape=crash_log.SHAPE)
    unpacked = scratch / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir()
    chosen = ReadSeries()
    recorded = MappedFile(str(recorder), "|u1", crash_log.SHAPE)
    parent = NoParent(scratch, GIB + size)
    outcome = "opened"
    told = ""
    for step in (
        ("list", "read", "read the first") if seed % LISTED == 0 else ("read", "read the first")
    ):
        try:
            task = ListSeries() if step == "list" else chosen
            # as much of a line as it needs
            reader = sandbox.Reader(parent, Request(path, unpacked, recorded, task))  # type: ignore[arg-type]
            parent.send(reader.answer(task))
            if step != "list":
                break
        except sandbox._SeveralSeriesError as several:
            outcome = "asked"
            parent.send(Undecided(several.listing, several.reason))
            series = several.listing.series
            if step == "read the first" or not series:
                break
            uid, _, way = series[0].uid.partition("@")
            chosen = ReadSeries(uid or None, way or None)
            if target.packing == "zip":
                shutil.rmtree(unpacked)
                unpacked.mkdir()
        except SpineViewerError as error:
            told = str(error)
            if parent.greed:
                return "greedy", parent.greed
            outcome = (
                "told"
                if told.strip() and "\n" not in told and "Traceback" not in told
                else "told badly"
            )
            if step != "list":
                break
        if step == "list":
            shutil.rmtree(unpacked, ignore_errors=True)
            unpacked.mkdir()
    return outcome, told


def attempt(target: Target, seed: int, folder: Path) -> tuple[str, str]:
    files = damaged_files(target, seed)
    place = folder / "files"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for name, content in files.items():
        (place / name).write_bytes(content)
    size = sum(len(content) for content in files.values())
    try:
        if target.reader != "scan":
            PARSERS[target.reader](place / target.opened)
            return "opened", ""
        return opened(target, place / target.opened, folder, size, seed)
    except SpineViewerError as error:
        return "told", str(error)
    except MemoryError:
        return "greedy", _where()
    except Exception as error:  # noqa: BLE001 - the very thing that is looked for
        return "unforeseen", f"{type(error).__name__}: {error} at {_where()}"


def _where() -> str:
    frames = [f for f in traceback.extract_tb(sys.exc_info()[2]) if "spineviewer" in f.filename]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "outside"


def limit_memory() -> None:
    """Limit the memory to a gigabyte more than is used now."""
    held = next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/self/status").read_text().splitlines()
        if "VmData" in line
    )
    resource.setrlimit(resource.RLIMIT_DATA, (held + GIB, held + GIB))


def warm_up(folder: Path) -> None:
    """Load all libraries, so that a new worker costs nothing.

    ITK is loaded but not used: its threads do not survive a fork.
    """
    import SimpleITK  # noqa: F401

    known = targets()
    for name in (
        "nifti-gzip",
        "metaimage-zlib",
        "nrrd-bzip2",
        "dicom-explicit",
        "dicom-rle",
        "dicom-jpeg-2000",
        "zip",
    ):
        place = folder / "files"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for file, content in known[name].files.items():
            (place / file).write_bytes(content)
        opened(known[name], place / known[name].opened, folder, 10**6)


def serve(folder: Path, out: int, most: int) -> None:
    """Answer the campaign's requests until `most` files have been read."""
    limit_memory()
    known = targets()
    series_voxels.DECODING_THREADS = (
        1  # a series has two slices; starting threads would take longer than reading it
    )
    answered = 0
    while answered < most:
        line = sys.stdin.buffer.readline()
        if not line:
            os._exit(0)
        request = json.loads(line)
        for seed in range(request["seed"], request["seed"] + request["count"]):
            outcome, told = attempt(known[request["target"]], seed, folder)
            os.write(out, json.dumps([outcome, told[:300]]).encode() + b"\n")
            answered += 1


def main() -> None:
    """Forks one worker after another from a loaded process and reports each to the campaign."""
    folder, most = Path(sys.argv[1]), int(sys.argv[2])
    out = os.dup(1)
    os.dup2(2, 1)
    faulthandler.enable()
    logging.disable()
    warnings.simplefilter("ignore")
    warm_up(folder)
    while True:
        worker = os.fork()
        if worker == 0:
            serve(folder, out, most)
            os._exit(3)
        os.write(out, b"ready %d\n" % worker)
        _, status = os.waitpid(worker, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            return
        if code != 3:
            os.write(out, b"ended %d\n" % code)


if __name__ == "__main__":
    main()
