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
from spineviewer.io.dicom.series_search import LIBRARY_ERRORS
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
    """A DICOM file to copy.

    Attributes
    ----------
    series
        UID of the study, number of the series padded with zeros, and UID of the series.
    number
        Instance number.
    patient
        ID and name.
    """

    path: Path
    sop_class: str
    series: tuple[str, str, str]
    modality: str
    number: int
    patient: tuple[str, str]
    has_burned_in_text: bool


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
    others, to_copy, captures, documents = 0, list[FileToCopy](), 0, 0
    target, written = Path(request.target), list[FileToCopy]()
    unpacked = target / _UNPACKED
    paths = [
        path
        for number, source in enumerate(request.sources)
        for path in _files(_unpack_if_zipped(Path(source), unpacked / str(number), progress))
    ]
    for number, path in enumerate(paths):
        progress.step(worded("Examining files"), number / len(paths))
        file = _file_to_copy(path)
        if file is None:
            others += 1
        elif file.sop_class.startswith(_ENCAPSULATED):
            documents += 1
        elif file.sop_class.startswith(_SECONDARY_CAPTURES) and not request.with_captures:
            captures += 1
        else:
            to_copy.append(file)
    _check_request(to_copy, request.profile)
    for number, (file, name) in enumerate(_with_new_names(to_copy)):
        progress.step(worded("Anonymising"), number / len(to_copy))
        try:
            with _library_errors_as_value_errors():
                _copy(file.path, target / name, request.profile)
        except OSError:
            raise
        except LIBRARY_ERRORS:
            (target / name).unlink(missing_ok=True)
            continue
        written.append(file)
    if unpacked.exists():
        shutil.rmtree(unpacked)
    return Anonymised(
        files=len(written),
        series=len({file.series for file in written}),
        patients=len({file.patient for file in written}),
        burned_in=sum(
            file.has_burned_in_text or file.sop_class.startswith(_SECONDARY_CAPTURES)
            for file in written
        ),
        captures=captures,
        documents=documents,
        others=others,
        unreadable=len(to_copy) - len(written),
    )


def _unpack_if_zipped(source: Path, unpacked: Path, progress: JobProgress) -> Path:
    """Return a source; a zip file is first unpacked, and the folder `unpacked` is returned."""
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
    """Describe a file; None if it is not a DICOM object."""
    try:
        with _library_errors_as_value_errors():
            return _describe(path)
    except LIBRARY_ERRORS:
        return None


def _describe(path: Path) -> FileToCopy | None:
    data = _fill_in_identity(_read(path, specific_tags=_HEADER_TAGS, stop_before_pixels=True))
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
def _library_errors_as_value_errors() -> Iterator[None]:
    """Convert pydicom's own errors to ValueError; even access to an element may raise them."""
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        yield
    except (BytesLengthException, InvalidDicomError) as error:
        raise ValueError(type(error).__name__) from error


def _fill_in_identity(data: Any) -> Any:
    """Copy a missing class and UID from the file meta information; return the data set."""
    for keyword in ("SOPClassUID", "SOPInstanceUID"):
        if not data.get(keyword):
            setattr(data, keyword, data.file_meta.get(f"MediaStorage{keyword}", ""))
    return data


def _check_request(to_copy: list[FileToCopy], profile: Profile) -> None:
    """Raise an ExportError if there are no files or they cannot share the requested name."""
    if not to_copy:
        raise ExportError("There are no DICOM files to anonymise. Choose a folder of DICOM files.")
    count = len({file.patient for file in to_copy})
    if profile.patient and count > 1:
        raise ExportError(
            "The files are from %n patient(s), so they cannot share one new name. Leave the "
            "name empty: each patient then gets a number.",
            "",
            count,
        )


def _with_new_names(to_copy: list[FileToCopy]) -> Iterator[tuple[FileToCopy, Path]]:
    """Yield each file with a new relative path, which is independent of its old name."""
    series: dict[tuple[str, str, str], list[FileToCopy]] = {}
    for file in sorted(to_copy, key=lambda file: (file.series, file.number, file.path)):
        series.setdefault(file.series, []).append(file)
    for number, members in enumerate(series.values(), start=1):
        folder = Path(f"series-{number:03}-{members[0].modality}")
        for position, file in enumerate(members, start=1):
            yield file, folder / f"{position:05}.dcm"


def _copy(source: Path, target: Path, profile: Profile) -> None:
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import (
        PYDICOM_IMPLEMENTATION_UID,
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
    )

    data = _fill_in_identity(_read(source))
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
