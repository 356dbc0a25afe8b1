"""Anonymised copies of DICOM files, made in a child process (`anonymiser.py`)."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from spineviewer.errors import ExportError, ImageReadError, unwritable
from spineviewer.io.dicom.deidentification import Profile
from spineviewer.io.write.anonymiser_messages import CONVERSATION, Anonymise, Anonymised
from spineviewer.io.write.child_writing import answer_from_child
from spineviewer.progress import Progress
from spineviewer.wording import worded

_DEATH_MESSAGE = worded(
    "The files could not be anonymised: there was too little memory, or the helper process ended "
    "unexpectedly. Close other programs and try again."
)


def check_anonymised(sources: Sequence[Path], target: Path) -> None:
    """Check that anonymised copies can be written to a folder.

    Raises
    ------
    ImageReadError
        When a source does not exist.
    ExportError
        When the folder is not empty or is inside a source, or its parent folder does not exist.
    """
    for source in sources:
        if not source.exists():
            raise ImageReadError("{file} does not exist. Check the path.", file=source)
        if target.resolve() == source.resolve() or source.resolve() in target.resolve().parents:
            raise ExportError(
                "{folder} is inside the folder of the original files. Choose a folder elsewhere.",
                folder=target,
            )
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise ExportError(
            "{folder} is not an empty folder. Choose a new or empty folder.", folder=target
        )
    if not target.absolute().parent.is_dir():
        raise ExportError(
            "{folder} does not exist. Check the path.", folder=target.absolute().parent
        )


def write_anonymised(
    sources: Sequence[Path],
    target: Path,
    profile: Profile,
    progress: Progress,
    *,
    with_captures: bool = False,
) -> Anonymised:
    """Write anonymised copies of DICOM files and folders to a new folder, completely or not at all.

    Parameters
    ----------
    with_captures
        Whether to include secondary captures, which often show the patient's name.

    Raises
    ------
    ExportError
        When the copies cannot be written; none of them remains.
    Cancelled
        When `progress` raises it.
    """
    check_anonymised(sources, target)
    folder = target.absolute()
    unfinished = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}.part")
    try:
        unfinished.mkdir()
        request = Anonymise(
            tuple(str(source.absolute()) for source in sources),
            str(unfinished),
            profile,
            with_captures,
        )
        written = answer_from_child(
            CONVERSATION, request, worded("Examining files"), progress, death_message=_DEATH_MESSAGE
        )
        if folder.is_dir():
            folder.rmdir()
        unfinished.rename(folder)
    except OSError as error:
        raise unwritable(target, error, ExportError) from error
    finally:
        with suppress(OSError):
            if unfinished.exists():
                shutil.rmtree(unfinished)
    return written
