"""Child processes, for untrusted files and for computations that must not block the window.

Children are spawned, never forked: a forked process with Qt, OpenMP and PyTorch threads hangs.
Messages are frozen objects, sent as JSON lines through stdin and stdout; each conversation lists
its messages in one module. Large arrays are memory-mapped files (`MappedArrays`) and never go
through the pipe. A child protects against crashes and excessive use of memory; it is not a security
boundary.
"""

from __future__ import annotations

import contextlib
import os
import platform
import queue
import runpy
import shutil
import signal
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import IO, Any, Generic, Self, TypeVar

import msgspec
import numpy as np
from numpy.typing import DTypeLike, NDArray

from spineviewer.errors import Cancelled, InferenceError
from spineviewer.progress import JobProgress
from spineviewer.scratch import MEMORY_FOLDER, ScratchFolder
from spineviewer.wording import as_json, from_json, worded

Received = TypeVar("Received")
Requested = TypeVar("Requested")

#: First argument that makes a frozen application (which has no `python -m`) run a module as a
#: child.
CHILD_SWITCH = "--spineviewer-child"
#: Whether the system itself can limit a process's own memory.
HAS_DATA_LIMIT = platform.system() == "Linux"
MAX_STDERR_LINES = 40
#: File descriptors of mapped arrays, by the `id` of the array.
_descriptors: dict[int, int] = {}
#: Seconds that a child has to exit by itself after its input has been closed.
END_PATIENCE_S = 2.0
#: Arrays may take up to this fraction of the free space of the memory-backed folder.
MEMORY_FOLDER_FRACTION = 0.5


class Message(msgspec.Struct, frozen=True, tag=True):
    """A message between two processes; the key 'type' of its JSON names its class."""


class Step(Message, frozen=True):
    """The progress of a request: the completed fraction of a stage."""

    stage: str
    fraction: float


class Failed(Message, frozen=True):
    """The request failed; `message` is the reason in one sentence."""

    message: str


class MappedFile(msgspec.Struct, frozen=True):
    """Location of an array for another process: file, dtype (as `numpy.dtype.str`) and shape."""

    path: str
    dtype: str
    shape: tuple[int, ...]


def message_from(line: str | bytes, kinds: type[Received] | UnionType) -> Received:
    """Return the message in a line of JSON, as one of the types in the union `kinds`.

    Raises
    ------
    ValueError
        When the line is not JSON.
    msgspec.ValidationError
        When the message is of none of these types.
    """
    message: Received = msgspec.convert(from_json(line), kinds, dec_hook=_received)
    return message


def _received(kind: type, value: object) -> object:
    """Return a value of a type that msgspec does not support: a path, which is sent as text."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(f"A message cannot hold {kind.__name__}.")


class ChildDied(Exception):
    """The child ended before it answered, or was ended: invalid answer, or too much memory.

    Attributes
    ----------
    sentence
        What happened, for the user.
    exit_code
        Exit code of the child; if a signal ended it, the signal's number with a minus sign.
    stderr_tail
        The child's last lines on stderr, for the log only.
    """

    def __init__(self, module: str, exit_code: int, stderr_tail: str) -> None:
        self.sentence = worded(
            "The helper process {module} ended: {ending}.",
            module=module,
            ending=_ending(exit_code),
        )
        super().__init__(self.sentence)
        self.exit_code = exit_code
        self.stderr_tail = stderr_tail

    @property
    def is_out_of_memory(self) -> bool:
        """Whether the child probably ended because it ran out of memory or exceeded its limit."""
        return (
            "MemoryError" in self.stderr_tail
            or "bad_alloc" in self.stderr_tail
            or self.exit_code == -9
        )

    def as_error(self) -> InferenceError:
        """Return the error for the user whose computation ended with the child."""
        reason = worded("there was not enough memory") if self.is_out_of_memory else self.sentence
        return InferenceError(
            "The computation ended unexpectedly: {reason}. Close other programs and try again.",
            reason=reason,
        )


class Child(Generic[Received]):
    """A running child process, seen from its parent.

    Thread ownership: `send`, `receive` and `close` from one thread at a time; `kill` from any.

    Parameters
    ----------
    module
        Dotted name of a module of this package that uses `ParentLink` when run as ``__main__``.
    answers
        The types of the child's messages. A union must be named twice: ``Child[Answer](module,
        Answer)``.
    memory_limit_bytes
        On Linux, the child cannot allocate more than this (RLIMIT_DATA: its own memory, without
        shared mappings). On other systems, it is ended when it uses more. None for no limit.
    environment
        Variables added to the child's environment, for example thread counts.
    """

    def __init__(
        self,
        module: str,
        answers: type[Received] | UnionType,
        *,
        memory_limit_bytes: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._module = module
        self._answers = answers
        self._memory_limit_bytes: int | None = None
        self._process = subprocess.Popen(
            _command(module),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**_environment(), **(environment or {})},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._process.stdin is not None
        self._stdin: IO[bytes] = self._process.stdin
        self._messages: queue.SimpleQueue[Received | None] = queue.SimpleQueue()
        self._stderr: deque[str] = deque(maxlen=MAX_STDERR_LINES)
        self._readers = [
            threading.Thread(target=target, args=(stream,), name="child-output", daemon=True)
            for target, stream in (
                (self._read_messages, self._process.stdout),
                (self._read_stderr, self._process.stderr),
            )
        ]
        if memory_limit_bytes is not None:
            self.limit_memory(memory_limit_bytes)
        for reader in self._readers:
            reader.start()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def process_id(self) -> int:
        return self._process.pid

    def limit_memory(self, limit_bytes: int) -> None:
        """Set a new memory limit for the child; see `memory_limit_bytes`."""
        self._memory_limit_bytes = limit_bytes
        if HAS_DATA_LIMIT:
            import resource

            # the child may have ended already, or the system may not permit this
            with contextlib.suppress(ProcessLookupError, PermissionError):
                resource.prlimit(
                    self._process.pid, resource.RLIMIT_DATA, (limit_bytes, limit_bytes)
                )

    def send(self, message: Message) -> None:
        """Send one message.

        Raises
        ------
        ChildDied
            When the child has ended.
        """
        try:
            self._stdin.write(as_json(message).encode() + b"\n")
            self._stdin.flush()
        except (OSError, ValueError) as error:
            raise self._death() from error

    def receive(self, timeout_s: float) -> Received | None:
        """Return the next message, or None if none arrives within `timeout_s`.

        Raises
        ------
        ChildDied
            When the child has ended or sent an invalid message, and all earlier messages have been
            received.
        """
        self._watch_memory()
        try:
            message = self._messages.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if message is None:
            self._messages.put(None)
            raise self._death()
        return message

    def close(self) -> None:
        """Close the child's input, and kill the child if it does not exit soon."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reap()

    def kill(self) -> None:
        """Kill the child immediately."""
        self._process.kill()
        self._reap()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.kill()

    def _reap(self) -> None:
        self._process.wait()
        for reader in self._readers:
            reader.join(END_PATIENCE_S)
        with contextlib.suppress(OSError):
            self._stdin.close()

    def _death(self) -> ChildDied:
        try:
            self._process.wait(END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reap()
        return ChildDied(self._module, self._process.returncode, "\n".join(self._stderr))

    def _read_messages(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                try:
                    self._messages.put(message_from(line, self._answers))
                except msgspec.ValidationError as error:
                    self._stderr.append(f"an invalid message: {error}")
                    self._process.kill()
                    break
                except ValueError:
                    self._stderr.append(f"not a message: {line[:200]!r}")
        self._messages.put(None)

    def _read_stderr(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._stderr.append(line[:1000].decode(errors="replace").rstrip())

    def _watch_memory(self) -> None:
        if HAS_DATA_LIMIT or self._memory_limit_bytes is None:
            return
        import psutil

        try:
            used = psutil.Process(self._process.pid).memory_info().rss
        except psutil.Error:
            return
        if used > self._memory_limit_bytes:
            self._stderr.append("MemoryError: more memory than allowed")
            self._process.kill()


class RestartingChild(Generic[Received]):
    """Holds one child process and starts another one on demand after it has died.

    Thread ownership: any thread.

    Parameters
    ----------
    start
        Starts the child.
    """

    def __init__(self, start: Callable[[], Child[Received]]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._child: Child[Received] | None = None
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called, so that no further child is started."""
        return self._is_closed

    @property
    def process_id(self) -> int | None:
        """Process id of the child; None if no child is running."""
        child = self._child
        return child.process_id if child is not None and child.is_alive else None

    def running_child(self) -> Child[Received]:
        """Return the child; start one if there is none or it has died.

        Raises
        ------
        Cancelled
            After `close`.
        """
        with self._lock:
            if self._is_closed:
                raise Cancelled
            if self._child is not None and not self._child.is_alive:
                self._child.kill()  # frees its resources
                self._child = None
            if self._child is None:
                self._child = self._start()
            return self._child

    def take(self) -> Child[Received] | None:
        """Return the child, which now belongs to the caller; None if there is none."""
        with self._lock:
            child, self._child = self._child, None
        return child

    def end(self, child: Child[Received]) -> None:
        """Kill a child; another one is started on demand."""
        child.kill()
        with self._lock:
            if self._child is child:
                self._child = None

    def close(self) -> None:
        """Kill the child; none is started afterwards."""
        self._is_closed = True
        if (child := self.take()) is not None:
            child.kill()


class ParentLink(Generic[Received]):
    """The child's end of the connection; created once, before anything else in the child.

    It reserves stdout for messages; what libraries print there goes to stderr. When the parent
    closes the connection, sends an invalid message or dies, the process exits immediately.

    Parameters
    ----------
    requests
        The types of the parent's messages.
    """

    def __init__(self, requests: type[Received] | UnionType) -> None:
        self._requests = requests
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._send_lock = threading.Lock()
        self._messages: queue.SimpleQueue[Received] = queue.SimpleQueue()
        threading.Thread(
            target=self._read, args=(os.fdopen(os.dup(0), "rb"),), name="parent", daemon=True
        ).start()

    def send(self, message: Message) -> None:
        """Send one message to the parent; may be called from any thread."""
        line = as_json(message).encode() + b"\n"
        with self._send_lock:
            self._out.write(line)
            self._out.flush()

    def progress(self) -> JobProgress:
        """Return a `JobProgress` that reports to the parent with `Step` messages."""
        return JobProgress(lambda update: self.send(Step(update.stage, update.fraction)))

    def receive(self, timeout_s: float | None = None) -> Received | None:
        """Return the parent's next message, or None if none arrives within `timeout_s`.

        Without a timeout it waits indefinitely.
        """
        try:
            return self._messages.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _read(self, stream: IO[bytes]) -> None:
        for line in stream:
            try:
                self._messages.put(message_from(line, self._requests))
            except ValueError as error:  # includes msgspec's errors
                os.write(2, f"an invalid message: {error}\n".encode())
                os._exit(1)
        os._exit(0)


@dataclass(frozen=True)
class Conversation(Generic[Requested, Received]):
    """The messages between a child process and its parent.

    Unions must be named twice: ``Conversation[Request, Answer](module, Request, Answer)``.

    Attributes
    ----------
    module
        The child's module, as for `Child`.
    requests, answers
        The types of the parent's messages, and of the child's.
    """

    module: str
    requests: type[Requested] | UnionType
    answers: type[Received] | UnionType

    def child(self, memory_limit_bytes: int | None = None) -> Child[Received]:
        """Start the child and return it; called by the parent."""
        return Child(self.module, self.answers, memory_limit_bytes=memory_limit_bytes)

    def parent(self) -> ParentLink[Requested]:
        """Return the connection to the parent; called by the child."""
        return ParentLink(self.requests)


class MappedArrays:
    """A temporary folder of raw arrays that parent and child both map.

    The parent creates it and deletes it with `close`. If the parent is killed, the next parent
    deletes the folder.

    Mappings stay valid after `close` where the system allows deleting open files. On Windows, files
    that are still mapped are deleted later. On Linux, `place_of` returns the files even after they
    have been deleted, so that children need no copy.

    Parameters
    ----------
    expected_bytes
        Total size of the arrays, which determines whether memory-backed files are possible.
    """

    def __init__(self, expected_bytes: int = 0) -> None:
        self._scratch = ScratchFolder(_memory_folder(expected_bytes))

    @property
    def folder(self) -> Path:
        return self._scratch.path

    def create(self, name: str, shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
        """Return a new writable array of zeros in the file `name`, of any shape and dtype."""
        array = np.memmap(self.folder / name, dtype=dtype, mode="w+", shape=tuple(shape))
        if _open_files().exists():
            _descriptors[id(array)] = os.open(self.folder / name, os.O_RDONLY)
            weakref.finalize(array, _close_file_of, id(array))
        return array

    def description(self, name: str, array: NDArray[Any]) -> MappedFile:
        """Return what another process needs to map an array of any shape and dtype."""
        return MappedFile(str(self.folder / name), array.dtype.str, array.shape)

    def place_of(self, name: str, array: NDArray[Any]) -> MappedFile:
        """Return where a child can map an array of any shape and dtype.

        The array is copied to the file `name` unless a child can already map it.
        """
        place = place_of(array)
        if place is None:
            copy = self.create(name, array.shape, array.dtype)
            copy[...] = array
            place = self.description(name, copy)
        return place

    def close(self) -> None:
        """Delete the files."""
        self._scratch.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def place_of(array: NDArray[Any]) -> MappedFile | None:
    """Return where a child can map an array of any shape and dtype, even if its folder was deleted.

    None if it is not a whole array of `MappedArrays`; always None on systems other than Linux.
    """
    for whole in (array, array.base):
        descriptor = _descriptors.get(id(whole))
        if isinstance(whole, np.ndarray) and descriptor is not None:
            views = ((one.ctypes.data, one.dtype, one.shape, one.strides) for one in (array, whole))
            if len(set(views)) == 1:
                file = _open_files() / str(descriptor)
                return MappedFile(str(file), array.dtype.str, array.shape)
    return None


def _open_files() -> Path:
    """Return the folder of the files that this process has open, even deleted ones, on Linux."""
    return Path(f"/proc/{os.getpid()}/fd")


def _close_file_of(array_id: int) -> None:
    os.close(_descriptors.pop(array_id))


def open_mapped(place: MappedFile, *, writable: bool = False) -> NDArray[Any]:
    """Map an array of another process; `place` gives its shape and dtype.

    Unless `writable` is true, changes to the array stay in this process.

    Raises
    ------
    ValueError
        When the file is shorter than `place` states.
    """
    dtype: np.dtype[Any] = np.dtype(place.dtype)
    return np.memmap(place.path, dtype=dtype, mode="r+" if writable else "c", shape=place.shape)


def run_if_child(argv: Sequence[str]) -> bool:
    """Run the module that a frozen parent requested; return whether there was such a request.

    The application's entry point calls this first.
    """
    if len(argv) != 3 or argv[1] != CHILD_SWITCH or not argv[2].startswith("spineviewer."):
        return False
    runpy.run_module(argv[2], run_name="__main__", alter_sys=True)
    return True


def _command(module: str) -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, CHILD_SWITCH, module]
    return [sys.executable, "-P", "-m", module]  # -P: ignore a numpy.py in the current folder


def _environment() -> dict[str, str]:
    package_root = str(Path(__file__).resolve().parent.parent)
    paths = [package_root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def _memory_folder(expected_bytes: int) -> Path | None:
    """Return the memory-backed folder if it has enough free space (containers often have 64 MB).

    None means the system's temporary folder.
    """
    try:
        free = shutil.disk_usage(MEMORY_FOLDER).free
    except OSError:
        return None
    writable = os.access(MEMORY_FOLDER, os.W_OK)
    return (
        MEMORY_FOLDER if writable and 0 < expected_bytes < free * MEMORY_FOLDER_FRACTION else None
    )


def _ending(exit_code: int) -> str:
    if exit_code >= 0:
        return worded("exit code {code}", code=exit_code)
    try:
        return worded("signal {name}", name=signal.Signals(-exit_code).name)
    except ValueError:
        return worded("signal {name}", name=-exit_code)
