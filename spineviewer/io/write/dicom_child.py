"""Requests to the child process in which highdicom works (`dicom_maker.py`).

Importing highdicom in the window's process would block the window for a second.
"""

from __future__ import annotations

from typing import IO

from spineviewer.child import Child, ChildDied, Message
from spineviewer.errors import ExportError
from spineviewer.progress import Progress
from spineviewer.wording import worded

CHILD_MODULE = "spineviewer.io.write.dicom_maker"
TICK_S = 0.1


def write_in_child(
    stream: IO[bytes], request: Message, stage: str, progress: Progress
) -> list[str]:
    """Let a child process write a DICOM object to the still empty file behind `stream`.

    Parameters
    ----------
    request
        The arguments of `dicom_seg.seg_object` or `dicom_sr.sr_object`, and under 'object' which of
        them: 'seg' or 'sr'.
    stage
        Reported to `progress` meanwhile.

    Returns
    -------
    Sentences for the user about header values that the object leaves out.

    Raises
    ------
    ExportError
        When the object cannot be made of these slices, or the child died.
    OSError
        When the system refuses to write the file.
    Cancelled
        When `progress` says so; the child has ended by then.
    """
    answer = answer_of_child({**request, "target": stream.name}, stage, progress)
    if "refused" in answer:
        raise OSError(*answer["refused"])
    return list(answer["notes"])


def answer_of_child(request: Message, stage: str, progress: Progress) -> Message:
    """Return a child's answer to a request; without a 'target' it only tries to make the object.

    Raises
    ------
    ExportError
        When the object cannot be made of these slices, or the child died.
    Cancelled
        When `progress` says so; the child has ended by then.
    """
    try:
        with Child(CHILD_MODULE) as child:
            child.send(request)
            answer = None
            while answer is None:
                progress.step(stage, 0.5)
                answer = child.receive(TICK_S)
    except ChildDied as death:
        raise ExportError(
            worded(
                "The DICOM object could not be created: there was too little memory, or the "
                "helper process ended."
            )
        ) from death
    if "error" in answer:
        raise ExportError(answer["error"])
    return answer
