"""Report pages and report images as DICOM objects of the patient's study, written in a child process.

A report is an encapsulated PDF, an image a secondary capture in colour: every archive and viewer shows
these, which cannot be said of segmentations and structured reports. They carry the patient's identity
as the source slices do.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer import __version__
from spineviewer.child import MappedArrays, Message, open_mapped
from spineviewer.errors import ExportError
from spineviewer.io.dicom_child import write_in_child
from spineviewer.io.dicom_seg import MAY_BE_EMPTY, SERIES_NUMBER_STEP
from spineviewer.io.whole_file import check_target, write_atomically
from spineviewer.progress import Progress, SilentProgress
from spineviewer.volume.volume import ScanSource
from spineviewer.wording import worded

PDF_CLASS = "1.2.840.10008.5.1.4.1.1.104.1"
PICTURE_CLASS = "1.2.840.10008.5.1.4.1.1.7"
PDF_START = b"%PDF-"
LONG_TEXT = 64
#: Attributes of patient and study that an object of the same study repeats where the slices have them.
_STUDY = (
    "SpecificCharacterSet", "IssuerOfPatientID", "OtherPatientIDs", "PatientAge", "PatientIdentityRemoved",
    "DeidentificationMethod", "StudyDescription", "InstitutionName",
)  # fmt: skip
#: Behind the segmentation and the structured report of the same scan.
_PDF_SERIES, _PICTURE_SERIES = SERIES_NUMBER_STEP + 2, SERIES_NUMBER_STEP + 3


def pages_obstacle(source: ScanSource) -> str:
    """Return why no object of the study can be written for a scan; empty when one can."""
    if source.slices is None:
        return worded(
            "A DICOM document belongs to a DICOM study; this scan came from another format or an archive, or was resampled."
        )
    first = source.slices.files[0]
    return "" if first.is_file() else worded("The DICOM slices are no longer there (first {file}).", file=first.name)


def write_pdf(
    pdf: bytes,
    title: str,
    source: ScanSource,
    path: Path,
    *,
    may_overwrite: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a report as an encapsulated PDF of the scan's study.

    Parameters
    ----------
    title
        Of the document; viewers list it by that. No patient data.

    Raises
    ------
    ExportError
        When it is no PDF, the scan has no DICOM slices, or the file cannot be written.
    Cancelled
        When `progress` says so.
    """
    if not pdf.startswith(PDF_START):
        raise ExportError(worded("The report is not a PDF."))
    content = np.frombuffer(pdf, np.uint8)
    _write("pdf", content, title, source, path, may_overwrite, progress)


def write_picture(
    rgb: NDArray[np.uint8],
    title: str,
    source: ScanSource,
    path: Path,
    *,
    may_overwrite: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a report image as a secondary capture of the scan's study.

    Parameters
    ----------
    rgb
        uint8, shape (rows, columns, 3).
    title
        Description of its series. No patient data.

    Raises
    ------
    ExportError
        When the scan has no DICOM slices, or the file cannot be written.
    Cancelled
        When `progress` says so.
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or max(rgb.shape) >= 2**16:
        raise ExportError(worded("A report image needs rows, columns and the colours red, green and blue."))
    _write("picture", rgb, title, source, path, may_overwrite, progress)


def _write(
    kind: str,
    content: NDArray[np.uint8],
    title: str,
    source: ScanSource,
    path: Path,
    may_overwrite: bool,
    progress: Progress | None,
) -> None:
    if obstacle := pages_obstacle(source):
        raise ExportError(obstacle)
    check_target(path, may_overwrite, content.nbytes)
    assert source.slices is not None
    told = progress or SilentProgress()
    with MappedArrays(content.nbytes) as arrays:
        mapped = arrays.create("content", content.shape, np.uint8)
        mapped[...] = content
        request = {
            "object": kind,
            "file": str(source.slices.files[0]),
            "title": title,
            "content": arrays.description("content", mapped),
        }
        write_atomically(path, lambda stream: write_in_child(stream, request, worded("Writing the DICOM report"), told))


# the child's part


def page_object(request: Message) -> Any:
    """Return the document that the parent asks for.

    Raises
    ------
    ExportError
        When the source slice lacks what an object of its study must repeat.
    """
    content = np.asarray(open_mapped(request["content"]))
    try:
        if request["object"] == "pdf":
            return _pdf(content.tobytes(), request)
        return _picture(content, request)
    except (ValueError, AttributeError, TypeError, KeyError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ExportError(
            worded("No DICOM report can be made from these slices: {reason}. Save the table instead.", reason=reason)
        ) from error


def _pdf(content: bytes, request: Message) -> Any:
    from pydicom.sr.codedict import codes

    made = _of_study(request, PDF_CLASS, "DOC", _PDF_SERIES)
    made.BurnedInAnnotation = "YES"
    made.DocumentTitle = request["title"]
    made.ConceptNameCodeSequence = [_code(codes.LN.DiagnosticImagingReport)]
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocumentLength = len(content)
    made.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    return made


def _picture(rgb: NDArray[np.uint8], request: Message) -> Any:
    made = _of_study(request, PICTURE_CLASS, "OT", _PICTURE_SERIES)
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.PatientOrientation = None
    made.BurnedInAnnotation = "NO"  # report images carry no names (report.py)
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PlanarConfiguration = 3, "RGB", 0
    made.Rows, made.Columns = rgb.shape[:2]
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    pixels = rgb.tobytes()
    made.PixelData = pixels + b"\0" * (len(pixels) % 2)
    return made


def _of_study(request: Message, sop_class: str, modality: str, series_step: int) -> Any:
    """A new object of the study that a slice belongs to, in a series of its own."""
    from pydicom import dcmread
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

    slice_ = dcmread(request["file"], stop_before_pixels=True)
    if not slice_.get("StudyInstanceUID"):
        raise ValueError(
            worded("{file} has no {missing}, which it must point at", file=Path(request["file"]).name, missing="StudyInstanceUID")
        )
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(sop_class), generate_uid(prefix=None)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    for name in (*_STUDY, *MAY_BE_EMPTY, "StudyInstanceUID"):
        if name in slice_:
            made[name] = slice_[name]
        elif name in MAY_BE_EMPTY:
            setattr(made, name, "")
    now = datetime.now().astimezone()
    made.SOPClassUID, made.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    made.Modality, made.SeriesInstanceUID, made.InstanceNumber = modality, generate_uid(prefix=None), 1
    made.SeriesNumber = series_step + int(slice_.get("SeriesNumber") or 0)
    made.SeriesDescription = request["title"][:LONG_TEXT]
    made.Laterality = ""
    made.ConversionType = "WSD"
    made.Manufacturer = made.ManufacturerModelName = "Spineviewer"
    made.SoftwareVersions = __version__[:LONG_TEXT]
    made.ContentDate = made.SeriesDate = made.InstanceCreationDate = now.strftime("%Y%m%d")
    made.ContentTime = made.SeriesTime = made.InstanceCreationTime = now.strftime("%H%M%S")
    made.AcquisitionDateTime = str(slice_.get("AcquisitionDate") or "") + str(slice_.get("AcquisitionTime") or "") or None
    return made


def _code(code: Any) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return item
