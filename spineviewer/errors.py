"""The errors that Spineviewer raises itself.

Every message states what is wrong, in which file, and what to do. The layer that calls a library
converts its errors (``raise ... from``).
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TypeVar

from spineviewer.wording import Wording, worded

Refusal = TypeVar("Refusal", bound="SpineViewerError")

#: Exceptions that reading damaged content of our own files raises.
DAMAGE = (LookupError, AttributeError, TypeError, ValueError, RecursionError, OverflowError)
#: The disk or the quota of the user is full.
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


class SpineViewerError(Exception):
    """Base class of all errors whose message is meant for the user.

    The arguments are those of `wording.worded`, or a complete sentence: ``ImageReadError("{file} is
    truncated.", file=path.name)``. `make texts` collects the messages of all errors except
    `UsageError`, which is for the command line.
    """

    exit_code = 1
    #: Whether this is not a failure but a question to the user.
    is_question = False

    def __init__(
        self, text: str, hint: str = "", count: int | None = None, /, **fields: object
    ) -> None:
        is_finished = isinstance(text, Wording)
        super().__init__(text if is_finished else worded(text, hint, count, **fields))


class UsageError(SpineViewerError):
    """The command or setting is invalid."""

    exit_code = 2


class ImageReadError(SpineViewerError):
    """A file or folder cannot be read as an image."""

    exit_code = 3


class GeometryError(SpineViewerError):
    """Position, spacing or orientation is missing, irregular or inconsistent."""

    exit_code = 4


class ModelError(SpineViewerError):
    """Weights or their configuration are missing, damaged, or do not match the program."""

    exit_code = 5


class InferenceError(SpineViewerError):
    """The networks or another computation could not be run (memory, device)."""

    exit_code = 6


class ExportError(SpineViewerError):
    """A result could not be written."""

    exit_code = 7


class ArchiveError(SpineViewerError):
    """An image archive (PACS) cannot be reached, refuses a request or answers incorrectly."""

    exit_code = 8


def error_from(kind: str, message: str) -> SpineViewerError:
    """Return an error of another process, from the name of its class and its message.

    The result is an `InferenceError` if this module has no such class.
    """
    found = globals().get(kind)
    if isinstance(found, type) and issubclass(found, SpineViewerError):
        return found(message)
    return InferenceError(message)


def reason_of(error: OSError) -> str:
    """Return why the system refused a request, in plain words for known errors."""
    if error.errno in _FULL:
        return worded("the disk is full")
    return error.strerror or str(error) or type(error).__name__


def unreadable(path: Path, error: OSError) -> ImageReadError:
    """Return the error for a file that the system does not let the program read."""
    return ImageReadError(
        "{file} cannot be read: {reason}. Check its permissions, or copy it again from the source.",
        file=path.name,
        reason=reason_of(error),
    )


def unwritable(folder: Path, error: OSError, kind: type[Refusal]) -> Refusal:
    """Return the error for a folder that the system does not let the program write to."""
    return kind(
        worded(
            "{folder} cannot be written to: {reason}. Check its permissions and free space, or "
            "choose another folder.",
            folder=folder,
            reason=reason_of(error),
        )
    )


def empty_file(path: Path) -> ImageReadError:
    """Return the error for a file without content."""
    return ImageReadError(
        "{file} is empty (0 bytes). Copy it again from the source.", file=path.name
    )


class Cancelled(Exception):
    """The user cancelled the work; this is not an error."""

    exit_code = 130


class MemoryReleased(Cancelled):
    """Paused work released its memory for the user's own work and must be started again."""
