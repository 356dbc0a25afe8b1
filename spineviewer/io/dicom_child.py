"""The child process in which highdicom works: its import alone would hold the window up for a second.

The parent half (`write_in_child`) gives the child an open file's name; the child half (`main`) answers one request and ends.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import IO, Any

from spineviewer.child import Child, ChildDied, Message, ParentLink
from spineviewer.errors import ExportError
from spineviewer.progress import Progress
from spineviewer.wording import worded

CHILD_MODULE = "spineviewer.io.dicom_child"
TICK_S = 0.1


def write_in_child(stream: IO[bytes], request: Message, stage: str, progress: Progress) -> None:
    """Let a child fill the file behind `stream`, of which nothing has been written yet.

    Parameters
    ----------
    request
        What `dicom_seg.seg_object` or `dicom_sr.sr_object` takes, and under 'object' which of them: 'seg' or 'sr'.
    stage
        What `progress` is told meanwhile.

    Raises
    ------
    ExportError
        When the object cannot be made of these slices, or the child died.
    OSError
        When the system refuses to write the file.
    Cancelled
        When `progress` says so; the child has ended then.
    """
    try:
        with Child(CHILD_MODULE) as child:
            child.send({**request, "target": stream.name})
            answer = None
            while answer is None:
                progress.step(stage, 0.5)
                answer = child.receive(TICK_S)
    except ChildDied as death:
        raise ExportError(
            worded("The DICOM object could not be made: too little memory, or the helper process ended.")
        ) from death
    if "error" in answer:
        raise ExportError(answer["error"])
    if "refused" in answer:
        raise OSError(*answer["refused"])


# the child's part


def main() -> int:
    """Answer the parent's one request."""
    link = ParentLink()
    from spineviewer.io.dicom_seg import seg_object
    from spineviewer.io.dicom_sr import sr_object

    request = link.receive()
    assert request is not None
    warnings.simplefilter("ignore")  # about odd values in the source's headers, which are repeated as they are
    make = {"seg": seg_object, "sr": sr_object}[request["object"]]
    try:
        made: Any = make(request)
        link.send(_written(made, request["target"]))
    except ExportError as error:
        link.send({"error": str(error)})
    return 0


def _written(made: Any, target: str) -> Message:
    try:
        with Path(target).open("r+b") as stream:
            made.save_as(stream, enforce_file_format=True)
    except OSError as error:
        return {"refused": [error.errno, error.strerror or str(error)]}
    return {"done": True}


if __name__ == "__main__":
    sys.exit(main())
