"""The child that writes anonymised copies of DICOM files (see `anonymised.py`)."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spineviewer.errors import ExportError, ImageReadError
from spineviewer.io.dicom.deidentification import Profile, deidentify
from spineviewer.io.dicom.findings import FOREIGN_ERRORS
from spineviewer.io.sandbox.bounded import BoundedReader
from spineviewer.io.sandbox.unpacking import is_zip_file, unpack
from spineviewer.io.write.anonymiser_messages import CONVERSATION, Anonymise, Anonymised
from spineviewer.io.write.child_writing import answer_parent
from spineviewer.progress import JobProgress
from spineviewer.wording import worded

#: Class of objects that contain documents of other formats, which cannot be cleaned.
_ENCAPSULATED = "1.2.840.10008.5.1.4.1.1.104."
#: Class of screenshots, which often show the patient's name.
_SECONDARY_CAPTURES = "1.2.840.10008.5.1.4.1.1.7"
#: Temporary folder for the contents of zip files.
_UNPACKED = ".unpacked"
_DIRECTORY = "1.2.840.10008.1.3.10"
_HEADER_TAGS = [
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber",
    "InstanceNumber", "Modality", "PatientID", "PatientName", "BurnedInAnnotation",
]  # fmt: skip


@dataclass(frozen=True)
class FileToCopy:
    """A file to copy, as its header describes it."""

    path: Path
    sop_class: str
    series: tuple[str, str, str]
    modality: str
    number: int
    patient: tuple[str, str]
    is_burned_in: bool


def main() -> int:
    """Answer the single request from the parent."""
    from pydicom import config

    link = CONVERSATION.parent()
    warnings.simplefilter("ignore")
    logging.disable()  # pydicom's messages quote odd values, which may identify a patient
    config.settings.reading_validation_mode = config.IGNORE
    config.settings.writing_validation_mode = config.IGNORE
    progress = link.progress()
    answer_parent(link, lambda request: _anonymise(request, progress))
    return 0


def _anonymise(request: Anonymise, progress: JobProgress) -> Anonymised:
    others, found, captures, documents = 0, list[FileToCopy](), 0, 0
    target, written = Path(request.target), list[FileToCopy]()
    unpacked = target / _UNPACKED
    paths = [
        path
        for number, source in enumerate(request.sources)
        for path in _files(_opened(Path(source), unpacked / str(number), progress))
    ]
    for number, path in enumerate(paths):
        progress.step(worded("Examining files"), number / len(paths))
        one = _file_to_copy(path)
        if one is None:
            others += 1
        elif one.sop_class.startswith(_ENCAPSULATED):
            documents += 1
        elif one.sop_class.startswith(_SECONDARY_CAPTURES) and not request.with_captures:
            captures += 1
        else:
            found.append(one)
    _require_something(found, request.profile)
    for number, (one, name) in enumerate(_with_new_names(found)):
        progress.step(worded("Anonymising"), number / len(found))
        try:
            with _usual_errors():
                _copy(one.path, target / name, request.profile)
        except OSError:
            raise
        except FOREIGN_ERRORS:
            (target / name).unlink(missing_ok=True)
            continue
        written.append(one)
    if unpacked.exists():
        shutil.rmtree(unpacked)
    return Anonymised(
        files=len(written),
        series=len({one.series for one in written}),
        patients=len({one.patient for one in written}),
        burned_in=sum(
            one.is_burned_in or one.sop_class.startswith(_SECONDARY_CAPTURES) for one in written
        ),
        captures=captures,
        documents=documents,
        others=others,
        unreadable=len(found) - len(written),
    )


def _opened(source: Path, unpacked: Path, progress: JobProgress) -> Path:
    """Return a file or folder, or the folder into which a zip file was unpacked."""
    if not is_zip_file(source):
        return source
    unpacked.mkdir(parents=True)
    try:
        unpack(
            source,
            unpacked,
            lambda done, count: progress.step(worded("Unpacking"), done / max(1, count)),
        )
    except ImageReadError as error:
        raise ExportError(str(error)) from error
    return unpacked


def _files(source: Path) -> Iterator[Path]:
    """Yield a file, or all files below a folder, without following links to folders."""
    if source.is_file():
        yield source
        return
    for folder, folders, names in os.walk(source):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names))


def _file_to_copy(path: Path) -> FileToCopy | None:
    """Return what a file is; None if it is not a DICOM object."""
    try:
        with _usual_errors():
            return _described(path)
    except FOREIGN_ERRORS:
        return None


def _described(path: Path) -> FileToCopy | None:
    data = _identified(_read(path, specific_tags=_HEADER_TAGS, stop_before_pixels=True))
    sop_class = str(data.get("SOPClassUID") or "")
    if not sop_class or sop_class == _DIRECTORY or not data.get("SOPInstanceUID"):
        return None
    return FileToCopy(
        path,
        sop_class,
        (
            str(data.get("StudyInstanceUID") or ""),
            str(data.get("SeriesNumber") or "").zfill(6),
            str(data.get("SeriesInstanceUID") or ""),
        ),
        "".join(c for c in str(data.get("Modality") or "") if c.isalnum())[:8] or "OT",
        int(data.get("InstanceNumber") or 0),
        (str(data.get("PatientID") or ""), str(data.get("PatientName") or "")),
        str(data.get("BurnedInAnnotation") or "").upper() == "YES",
    )


def _read(path: Path, **options: Any) -> Any:
    from pydicom import dcmread

    with BoundedReader(path) as stream:
        return dcmread(stream, force=True, **options)


@contextmanager
def _usual_errors() -> Iterator[None]:
    """Turn pydicom's own errors, which it also raises on access to an element, into ValueError."""
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        yield
    except (BytesLengthException, InvalidDicomError) as error:
        raise ValueError(type(error).__name__) from error


def _identified(data: Any) -> Any:
    """Return a data set whose missing class and UID are taken from the file meta information."""
    for keyword in ("SOPClassUID", "SOPInstanceUID"):
        if not data.get(keyword):
            setattr(data, keyword, data.file_meta.get(f"MediaStorage{keyword}", ""))
    return data


def _require_something(found: list[FileToCopy], profile: Profile) -> None:
    """Raise an ExportError if nothing can be written as requested."""
    if not found:
        raise ExportError("There are no DICOM files to anonymise. Choose a folder of DICOM files.")
    count = len({one.patient for one in found})
    if profile.patient and count > 1:
        raise ExportError(
            "The files are from %n patient(s), so they cannot share one new name. Leave the "
            "name empty: each patient then gets a number.",
            "",
            count,
        )


def _with_new_names(found: list[FileToCopy]) -> Iterator[tuple[FileToCopy, Path]]:
    """Yield files with new names, which are independent of the old ones."""
    series: dict[tuple[str, str, str], list[FileToCopy]] = {}
    for one in sorted(found, key=lambda one: (one.series, one.number, one.path)):
        series.setdefault(one.series, []).append(one)
    for number, members in enumerate(series.values(), start=1):
        folder = Path(f"series-{number:03}-{members[0].modality}")
        for place, one in enumerate(members, start=1):
            yield one, folder / f"{place:05}.dcm"


def _copy(source: Path, target: Path, profile: Profile) -> None:
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import (
        PYDICOM_IMPLEMENTATION_UID,
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
    )

    data = _identified(_read(source))
    syntax = data.file_meta.get("TransferSyntaxUID") or (
        ImplicitVRLittleEndian if data.original_encoding[0] else ExplicitVRLittleEndian
    )
    deidentify(data, profile)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = data.SOPClassUID
    meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
    data.file_meta, data.preamble = meta, bytes(128)
    target.parent.mkdir(exist_ok=True)
    data.save_as(target, enforce_file_format=True)


if __name__ == "__main__":
    sys.exit(main())
