"""The child process that makes DICOM objects with highdicom; answers one request and ends.

`dicom_child.py` starts it.
"""

from __future__ import annotations

import io
import logging
import struct
import sys
import warnings
from pathlib import Path
from typing import Any

from spineviewer.errors import ExportError
from spineviewer.io.write.child_writing import answer_parent
from spineviewer.io.write.dicom_map import map_object
from spineviewer.io.write.dicom_messages import (
    CONVERSATION,
    MakeMap,
    MakePage,
    MakeSeg,
    MakeSpineSr,
    MakeSr,
    MakeStructures,
    ObjectMade,
    Request,
)
from spineviewer.io.write.dicom_pages import page_object
from spineviewer.io.write.dicom_seg import seg_object
from spineviewer.io.write.dicom_spine_sr import spine_sr_object
from spineviewer.io.write.dicom_sr import sr_object
from spineviewer.io.write.dicom_structures import structures_object


def main() -> int:
    """Answer the single request from the parent."""
    link = CONVERSATION.parent()
    warnings.simplefilter("ignore")  # about odd values in the source's headers
    logging.disable()  # pydicom's and highdicom's messages may identify a patient
    _disable_validation()
    answer_parent(link, _answer)
    return 0


def _answer(request: Request) -> ObjectMade:
    instance, notes = _make_object(request)
    _write(instance, request.target)
    return ObjectMade(tuple(notes))


def _make_object(request: Request) -> tuple[Any, list[str]]:
    match request:
        case MakeSeg():
            return seg_object(request)
        case MakeSr():
            return sr_object(request)
        case MakeMap():
            return map_object(request)
        case MakeStructures():
            return structures_object(request)
        case MakeSpineSr():
            return spine_sr_object(request)
        case MakePage():
            return page_object(request)


def _disable_validation() -> None:
    """Keep pydicom from rejecting or repairing values; `identity.py` decides which are copied."""
    from pydicom import config

    config.settings.reading_validation_mode = config.IGNORE
    config.settings.writing_validation_mode = config.IGNORE


def _write(instance: Any, target: str | None) -> None:
    """Write an object; without a target, to a dummy stream, which reveals encoding errors."""
    try:
        if target is None:
            instance.save_as(io.BytesIO(), enforce_file_format=True)
        else:
            with Path(target).open("r+b") as stream:
                instance.save_as(stream, enforce_file_format=True)
    except (ValueError, TypeError, AttributeError, LookupError, struct.error) as error:
        raise ExportError(
            "The DICOM object cannot be written ({kind}). Choose another format.",
            kind=type(error).__name__,
        ) from error


if __name__ == "__main__":
    sys.exit(main())
