"""Calls to functions in a child process, so that they do not slow down the window.

A long computation in a thread of the window's process holds the interpreter lock for up to 40 ms at
a time, during which the window cannot respond. Arguments and results are pickled, which is safe
because both processes run the same program and exchange them in a private folder. Large arrays in
them are memory-mapped.
"""

from __future__ import annotations

import gc
import importlib
import io
import logging
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import numpy as np

from spineviewer.child import (
    Child,
    ChildDied,
    Conversation,
    MappedArrays,
    MappedFile,
    Message,
    ParentLink,
    RestartingChild,
    Step,
    open_mapped,
    place_of,
)
from spineviewer.errors import Cancelled, InferenceError, SpineViewerError, error_from
from spineviewer.progress import Progress
from spineviewer.threads import limit_libraries
from spineviewer.wording import worded

T = TypeVar("T")

#: Seconds between checks for whether the caller has cancelled.
_TICK_S = 0.05
#: Seconds that the child has to stop after `Cancel` before it is killed.
_STOP_PATIENCE_S = 1.0
#: In arrays and in files, runs of bytes begin at multiples of this.
_BLOCK = 4096
#: Choice: lower priority than the window, which goes first on a shared core.
_NICENESS = 10

_log = logging.getLogger(__name__)


class Part(msgspec.Struct, frozen=True):
    """The bytes of a pickle or array: their number, and the runs [start, stop) that are stored.

    All other bytes are zero.
    """

    length: int
    runs: tuple[tuple[int, int], ...]


class Parcel(Message, frozen=True):
    """An object stored in a file: its pickle, then its arrays."""

    place: MappedFile
    parts: tuple[Part, ...]


class Prepare(Message, frozen=True):
    """Import these modules, which later calls need; there is no answer."""

    modules: tuple[str, ...]


class Call(Message, frozen=True):
    """Call a function, and pack its result into the file `answer`."""

    module: str
    function: str
    arguments: Parcel
    answer: Path


class Cancel(Message, frozen=True):
    """Stop the current call."""


class Stopped(Message, frozen=True):
    """The call was cancelled."""


class Failed(Message, frozen=True):
    """The call failed with an error of this class of `spineviewer.errors`."""

    error: str
    message: str


_Request = Prepare | Call | Cancel
_Answer = Step | Parcel | Stopped | Failed
_CONVERSATION = Conversation[_Request, _Answer]("spineviewer.remote_calls", _Request, _Answer)


class RemoteCalls:
    """Runs functions in one child process, one at a time.

    The child is started by `prepare` or the first call. If it dies during a call, the call is tried
    once more in a new child.

    Thread ownership: any thread.
    """

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._restarting: RestartingChild[_Answer] = RestartingChild(_CONVERSATION.child)

    @property
    def process_id(self) -> int | None:
        """Process id of the child; None if no child is running."""
        return self._restarting.process_id

    def prepare(self, *modules: str) -> None:
        """Start the child and make it import modules, without waiting for this."""
        with suppress(ChildDied, Cancelled):
            self._restarting.running_child().send(Prepare(modules))

    def run(self, function: Callable[..., T], *arguments: object, progress: Progress) -> T:
        """Return ``function(*arguments, progress=progress)``.

        The function must be at the top level of a module. All objects in the result are copies,
        even those that were arguments.

        Raises
        ------
        Cancelled
            When `progress` raises it, or after `close`.
        SpineViewerError
            The error of the function, or `InferenceError` if the child ended.
        """
        while not self._one_at_a_time.acquire(timeout=_TICK_S):
            progress.step(worded("Waiting"), 0.0)
        try:
            with suppress(ChildDied):
                return cast(T, self._run(function, arguments, progress))
            return cast(T, self._run(function, arguments, progress))
        except ChildDied as death:
            raise death.as_error() from death
        finally:
            self._one_at_a_time.release()

    def close(self) -> None:
        """End the child; a running call raises `Cancelled`."""
        self._restarting.close()

    def _run(
        self, function: Callable[..., object], arguments: tuple[object, ...], progress: Progress
    ) -> object:
        packed = _Packed(arguments)
        # twice the size, so that the result also fits
        with MappedArrays(2 * packed.size) as arrays:
            call = Call(
                function.__module__,
                function.__name__,
                packed.into(arrays.folder / "arguments"),
                arrays.folder / "answer",
            )
            child = self._restarting.running_child()
            try:
                child.send(call)
                return self._answer(child, progress)
            except ChildDied as death:
                self._restarting.end(child)
                if self._restarting.is_closed:
                    raise Cancelled from death
                _log.error("%s %s", death, death.stderr_tail)
                raise

    def _answer(self, child: Child[_Answer], progress: Progress) -> object:
        """Return the result of the call that the child is computing."""
        stage: str = worded("Waiting")
        fraction = 0.0
        while True:
            try:
                progress.step(stage, fraction)
            except Cancelled:
                self._stop(child)
                raise
            match child.receive(_TICK_S):
                case Step() as step:
                    stage, fraction = step.stage, step.fraction
                case Parcel() as parcel:
                    return _unpacked(parcel)
                case Failed(error=kind, message=text):
                    raise error_from(kind, text)
                case Stopped():
                    raise Cancelled

    def _stop(self, child: Child[_Answer]) -> None:
        """Cancel the current call; kill the child if it does not stop soon."""
        deadline = time.monotonic() + _STOP_PATIENCE_S
        try:
            child.send(Cancel())
            while (left := deadline - time.monotonic()) > 0:
                if isinstance(child.receive(left), Parcel | Stopped | Failed):
                    return
        except ChildDied:
            pass  # a dead child does not have to be stopped
        self._restarting.end(child)


class _Packed:
    """A pickled object whose arrays have not been copied yet.

    Attributes
    ----------
    size
        Length of its file in bytes.
    """

    def __init__(self, content: object) -> None:
        arrays: list[pickle.PickleBuffer] = []
        stream = io.BytesIO()
        _Pickler(stream, protocol=5, buffer_callback=arrays.append).dump(content)
        self._bytes = [stream.getbuffer(), *(array.raw() for array in arrays)]
        # masks and labels are mostly zero
        is_sparse = [False, *(memoryview(array).itemsize == 1 for array in arrays)]
        self._parts = tuple(
            Part(part.nbytes, _filled(part) if sparse else ((0, part.nbytes),))
            for part, sparse in zip(self._bytes, is_sparse, strict=True)
        )
        self.size = sum(
            _in_blocks(stop - start) for part in self._parts for start, stop in part.runs
        )

    def into(self, file: Path) -> Parcel:
        """Write everything to a new file and return its description.

        It is not mapped here, because mapping a large file blocks other threads that need memory.
        """
        with file.open("xb", buffering=0) as stream:
            stream.truncate(self.size)
            place = 0
            for content, part in zip(self._bytes, self._parts, strict=True):
                for start, stop in part.runs:
                    stream.seek(place)
                    _write(stream, content[start:stop])
                    place += _in_blocks(stop - start)
        return Parcel(MappedFile(str(file), "|u1", (self.size,)), self._parts)


class _Pickler(pickle.Pickler):
    def reducer_override(self, content: Any) -> Any:
        """Refer to arrays whose file the other process can map; pickle all other arrays."""
        if isinstance(content, np.ndarray) and (place := place_of(content)) is not None:
            return open_mapped, (place,)
        if type(content) is np.memmap:
            return content.view(np.ndarray).__reduce_ex__(5)
        return NotImplemented


def _unpacked(parcel: Parcel) -> object:
    """Return the object in a parcel; arrays that are stored whole stay in the mapped file."""
    whole, place = open_mapped(parcel.place), 0
    parts = []
    for part in parcel.parts:
        is_whole = part.runs == ((0, part.length),)
        content = (
            whole[place : place + part.length] if is_whole else np.zeros(part.length, np.uint8)
        )
        for start, stop in part.runs:
            if not is_whole:
                content[start:stop] = whole[place : place + stop - start]
            place += _in_blocks(stop - start)
        parts.append(content.data)
    # written by this program's own child or parent, in a folder that only this user can open
    unpickled: object = pickle.loads(parts[0], buffers=parts[1:])
    return unpickled


def _in_blocks(length: int) -> int:
    return -(-length // _BLOCK) * _BLOCK


def _filled(part: memoryview) -> tuple[tuple[int, int], ...]:
    """Return the runs [start, stop) of blocks that are not all zero.

    The last one may be shorter.
    """
    whole = part.nbytes // _BLOCK * _BLOCK
    blocks = np.frombuffer(part, np.uint64, whole // 8).reshape(-1, _BLOCK // 8)
    is_filled = np.concatenate([[False], blocks.any(axis=1), [part.nbytes > whole], [False]])
    edges = np.flatnonzero(is_filled[1:] != is_filled[:-1]) * _BLOCK
    edges = np.minimum(edges, part.nbytes).tolist()
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _write(stream: io.FileIO, part: memoryview) -> None:
    """Write all bytes, because a single system call writes at most 2 GB."""
    while part.nbytes:
        part = part[stream.write(part) :]


class _Callee:
    """Answers calls in the child, and checks for `Cancel` at every progress step."""

    def __init__(self, link: ParentLink[_Request]) -> None:
        self._link = link
        self._progress = link.progress()

    def step(self, stage: str, fraction: float) -> None:
        """Report progress; raise `Cancelled` if the caller has asked to stop."""
        if isinstance(self._link.receive(0.0), Cancel):
            raise Cancelled
        self._progress.step(stage, fraction)

    def answer(self, request: _Request) -> None:
        """Process one request, and send the single final message of a call."""
        match request:
            case Prepare(modules=modules):
                for module in modules:
                    importlib.import_module(module)
                gc.freeze()
            case Call():
                self._link.send(self._outcome(request))
            case Cancel():
                pass  # it arrived after the call had ended

    def _outcome(self, call: Call) -> Parcel | Stopped | Failed:
        try:
            function = getattr(importlib.import_module(call.module), call.function)
            arguments = cast(tuple[object, ...], _unpacked(call.arguments))
            return _Packed(function(*arguments, progress=self)).into(call.answer)
        except Cancelled:
            return Stopped()
        except SpineViewerError as error:
            return Failed(type(error).__name__, str(error))
        except MemoryError:
            text = worded(
                "This needs more memory than is available. Close other programs and try again."
            )
            return Failed(InferenceError.__name__, text)


def main() -> int:
    """Answer requests until the window closes the connection."""
    limit_libraries()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    link = _CONVERSATION.parent()
    callee = _Callee(link)
    while (request := link.receive()) is not None:
        callee.answer(request)
    return 0


if __name__ == "__main__":
    sys.exit(main())
