"""Background work without Qt: kinds of jobs, and their outcomes.

A job is a plain function of frozen inputs and a `JobProgress`. It ends in exactly one of three
ways.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeAlias, TypeVar

from spineviewer.errors import Cancelled, SpineViewerError
from spineviewer.wording import worded

T = TypeVar("T")


class JobKind(Enum):
    """The purpose of a job. A newer job supersedes an older one of its kind on the same scan."""

    OPEN = "open"
    PICTURES = "pictures"
    SEGMENT = "segment"
    EXTEND = "extend"
    FUSE = "fuse"
    EXPORT = "export"
    COMPARE = "compare"
    MIDDLE = "middle"
    LINE = "line"
    SURFACE = "surface"
    LOAD_SAMPLING = "load-sampling"
    SAVE_MEASUREMENTS = "save-measurements"
    TRANSPOSE = "transpose"
    AUTOSAVE = "autosave"
    LAST_SAVE = "last-save"
    SETTINGS = "settings"
    SAVE_SESSION = "save-session"
    SMALL_FILE = "small-file"
    SAVE_RESULTS = "save-results"
    PREPARE = "prepare"
    BATCH = "batch"
    REPORT = "report"
    EDIT = "edit"
    UNCERTAINTY = "uncertain regions"
    NAME = "name"
    RENAME = "rename"
    MEASURE = "measure"
    BROWSE = "browse"
    ECHO = "echo"
    CREDENTIALS = "credentials"
    FIND = "find"
    FIND_SERIES = "find-series"
    FIND_PRIORS = "find-priors"
    RETRIEVE = "retrieve"
    SEND = "send"
    RECEIVE = "receive"
    STORE = "store"
    LEAVE = "leave"
    CLOSE = "close"


@dataclass(frozen=True)
class Succeeded(Generic[T]):
    """The job has finished with a result."""

    result: T


@dataclass(frozen=True)
class Failed:
    """The job failed with an error; `message` is for the user, `details` for the log."""

    error: Exception
    message: str
    details: str


@dataclass(frozen=True)
class Stopped:
    """The job was stopped by the user."""


Outcome: TypeAlias = Succeeded[T] | Failed | Stopped


def ignore(_: object) -> None:
    """Do nothing: a callback for callers that do not need one."""


def run_to_end(work: Callable[[], T]) -> Outcome[T]:
    """Return the outcome of `work`: its result, or the exception that ended it.

    RuntimeErrors, which SimpleITK and PyTorch raise, are treated like all other errors.
    """
    try:
        return Succeeded(work())
    except Cancelled:
        return Stopped()
    except SpineViewerError as error:
        return Failed(error, str(error), traceback.format_exc())
    except MemoryError as error:
        message = worded(
            "This needs more memory than is available. Close other programs and try again."
        )
        return Failed(error, message, traceback.format_exc())
    except Exception as error:  # noqa: BLE001 - an unexpected error in a job becomes a message
        message = worded(
            "Stopped by an unexpected error: {kind}: {reason}. Your scan and settings were not "
            "changed.",
            kind=type(error).__name__,
            reason=error,
        )
        return Failed(error, message, traceback.format_exc())


def rounded_time(seconds: float) -> str:
    """Return a remaining time for display, rounded so that it does not flicker.

    For example '8 s' or '2 min'.
    """
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 60:
        return f"{5 * round(seconds / 5)} s"
    minutes, rest = divmod(round(seconds / 10) * 10, 60)
    return f"{minutes} min" if minutes >= 5 or rest == 0 else f"{minutes} min {rest} s"
