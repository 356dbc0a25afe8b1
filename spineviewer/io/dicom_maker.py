"""The child in which highdicom works (see `dicom_child.py`): answers one request and ends."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

from spineviewer.child import Message, ParentLink
from spineviewer.errors import ExportError
from spineviewer.io.dicom_pages import page_object
from spineviewer.io.dicom_seg import seg_object
from spineviewer.io.dicom_sr import sr_object


def main() -> int:
    """Answer the parent's one request."""
    link = ParentLink()
    request = link.receive()
    assert request is not None
    warnings.simplefilter("ignore")  # about odd values in the source's headers, which are repeated as they are
    make = {"seg": seg_object, "sr": sr_object, "pdf": page_object, "picture": page_object}[request["object"]]
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
