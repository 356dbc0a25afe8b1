"""Requests to the child process in which highdicom works (`dicom_maker.py`).

Importing highdicom in the window's process would block the window for a second.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO

import msgspec

from spineviewer.io.write.child_writing import answer_from_child
from spineviewer.io.write.dicom_messages import CONVERSATION, Request
from spineviewer.io.write.whole_file import write_atomically
from spineviewer.progress import JobProgress, Progress
from spineviewer.wording import worded

_DEATH_MESSAGE = worded(
    "The DICOM object could not be created: there was too little memory, or the helper process "
    "ended unexpectedly. Close other programs and try again."
)


def write_in_child(
    stream: IO[bytes], request: Request, stage: str, progress: Progress
) -> tuple[str, ...]:
    """Let a child process write a DICOM object to the file of `stream`, which is still empty.

    Parameters
    ----------
    stage
        Stage that `progress` shows while the child works.

    Returns
    -------
    Sentences for the user about header values that the object leaves out.

    Raises
    ------
    ExportError
        When the object cannot be made from these slices, or the child died.
    OSError
        When the file cannot be written.
    Cancelled
        When `progress` raises it; the child has ended by then.
    """
    return notes_from_child(msgspec.structs.replace(request, target=stream.name), stage, progress)


def write_object(
    path: Path, request: Request, stage: str, progress: Progress | None
) -> tuple[str, ...]:
    """Let a child process write a DICOM object to a file, completely or not at all.

    Parameters, result and errors are those of `write_in_child`, but if the file cannot be written,
    the error is an ExportError.
    """
    listener = progress or JobProgress()
    notes: list[str] = []
    write_atomically(
        path, lambda stream: notes.extend(write_in_child(stream, request, stage, listener))
    )
    return tuple(notes)


def notes_from_child(request: Request, stage: str, progress: Progress) -> tuple[str, ...]:
    """Send a request to a child and return its notes; without a target, it writes nothing.

    Raises
    ------
    ExportError, OSError, Cancelled
        As in `write_in_child`.
    """
    return answer_from_child(
        CONVERSATION, request, stage, progress, death_message=_DEATH_MESSAGE
    ).notes
