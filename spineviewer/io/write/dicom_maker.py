"""The child in which highdicom works (see `dicom_child.py`): answers one request and ends."""

from __future__ import annotations

import io
import logging
import struct
import sys
import warnings
from pathlib import Path
from typing import Any

from spineviewer.child import ParentLink
from spineviewer.errors import ExportError
from spineviewer.io.write.dicom_map import map_object
from spineviewer.io.write.dicom_messages import (
    Failed,
    Made,
    MakeMap,
    MakePage,
    MakeSeg,
    MakeSpineSr,
    MakeSr,
    MakeStructures,
    Refused,
    Request,
)
from spineviewer.io.write.dicom_pages import page_object
from spineviewer.io.write.dicom_seg import seg_object
from spineviewer.io.write.dicom_spine_sr import spine_sr_object
from spineviewer.io.write.dicom_sr import sr_object
from spineviewer.io.write.dicom_structures import structures_object


def main() -> int:
    """Answer the single request of the parent."""
    link = ParentLink[Request](Request)
    request = link.receive()
    assert request is not None
    warnings.simplefilter("ignore")  # about odd values in the source's headers
    logging.disable()  # pydicom and highdicom quote odd values, which may be a patient's
    _take_headers_as_they_are()
    try:
        made, notes = _object(request)
        refused = _write(made, request.target)
        link.send(refused or Made(tuple(notes)))
    except ExportError as error:
        link.send(Failed(str(error)))
    return 0


def _object(request: Request) -> tuple[Any, list[str]]:
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


def _take_headers_as_they_are() -> None:
    """Make pydicom neither reject nor repair values; `identity.py` decides what is copied."""
    from pydicom import config

    config.settings.reading_validation_mode = config.IGNORE
    config.settings.writing_validation_mode = config.IGNORE


def _write(made: Any, target: str | None) -> Refused | None:
    """Write an object; return the system's error, if there is one.

    Without a target, to a dummy stream, so that encoding errors are found too.
    """
    try:
        if target is None:
            made.save_as(io.BytesIO(), enforce_file_format=True)
        else:
            with Path(target).open("r+b") as stream:
                made.save_as(stream, enforce_file_format=True)
    except OSError as error:
        return Refused(error.errno, error.strerror or str(error))
    except (ValueError, TypeError, AttributeError, LookupError, struct.error) as error:
        raise ExportError(
            "The DICOM object cannot be written ({kind}). Choose another format.",
            kind=type(error).__name__,
        ) from error
    return None


if __name__ == "__main__":
    sys.exit(main())
