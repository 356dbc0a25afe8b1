"""Report pages and images as DICOM objects of the patient's study, written in a child process.

A report is written as an encapsulated PDF, an image as a secondary capture in colour. Most viewers
show these, but not segmentations and structured reports. They contain the patient's identity, as
the source slices do.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spineviewer import __version__
from spineviewer.child import MappedArrays, open_mapped
from spineviewer.errors import ExportError
from spineviewer.io.dicom.identity import (
    copied_header,
    copy_identity,
    errors_without_identity,
    left_out_notes,
    read_header,
    series_number,
    set_character_set,
)
from spineviewer.io.write.dicom_child import write_object
from spineviewer.io.write.dicom_messages import MakePage
from spineviewer.io.write.dicom_obstacles import missing_slices_obstacle
from spineviewer.io.write.dicom_seg import LONG_TEXT, SERIES_NUMBER_STEP
from spineviewer.io.write.whole_file import check_target
from spineviewer.progress import Progress
from spineviewer.volume.volume import ScanSource
from spineviewer.wording import mark, worded

PDF_CLASS = "1.2.840.10008.5.1.4.1.1.104.1"
PICTURE_CLASS = "1.2.840.10008.5.1.4.1.1.7"
PDF_START = b"%PDF-"
#: Listed after the segmentation and the structured report of the same scan.
_PDF_SERIES, _PICTURE_SERIES = SERIES_NUMBER_STEP + 2, SERIES_NUMBER_STEP + 3


def pages_obstacle(source: ScanSource) -> str:
    """Return why no object of the study can be written for a scan; empty if one can."""
    if source.slices is None:
        return worded(
            "A DICOM document must be part of a DICOM study. This scan came from another format or "
            "a zip file, or was resampled. Save the report as PDF instead."
        )
    return missing_slices_obstacle(source.slices.files[:1])


def write_pdf(
    pdf: bytes,
    title: str,
    source: ScanSource,
    path: Path,
    *,
    progress: Progress | None = None,
) -> tuple[str, ...]:
    """Write a report as an encapsulated PDF of the scan's study.

    Return sentences about what it leaves out.

    Parameters
    ----------
    title
        Title of the document, which viewers list. No patient data.

    Raises
    ------
    ExportError
        When it is not a PDF, the scan has no DICOM slices, or the file cannot be written.
    Cancelled
        When `progress` raises it.
    """
    if not pdf.startswith(PDF_START):
        raise ExportError("The report is not a PDF. Save the report as PDF first.")
    content = np.frombuffer(pdf, np.uint8)
    return _write("pdf", content, title, source, path, progress)


def write_picture(
    rgb: NDArray[np.uint8],
    title: str,
    source: ScanSource,
    path: Path,
    *,
    progress: Progress | None = None,
) -> tuple[str, ...]:
    """Write a report image as a secondary capture of the scan's study.

    Return sentences about what it leaves out.

    Parameters
    ----------
    rgb
        uint8, shape (rows, columns, 3).
    title
        Description of its series. No patient data.

    Raises
    ------
    ExportError
        When the image does not have this shape, the scan has no DICOM slices, or the file cannot be
        written.
    Cancelled
        When `progress` raises it.
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or max(rgb.shape) >= 2**16:
        raise ExportError(
            "A report image has the wrong shape. Use an RGB image (rows, columns, 3)."
        )
    return _write("picture", rgb, title, source, path, progress)


def _write(
    kind: Literal["pdf", "picture"],
    content: NDArray[np.uint8],
    title: str,
    source: ScanSource,
    path: Path,
    progress: Progress | None,
) -> tuple[str, ...]:
    if obstacle := pages_obstacle(source):
        raise ExportError(obstacle)
    check_target(path, False, content.nbytes)
    assert source.slices is not None
    with MappedArrays(content.nbytes) as arrays:
        request = MakePage(
            kind=kind,
            file=str(source.slices.files[0]),
            title=title,
            content=arrays.place_of("content", content),
        )
        return write_object(path, request, worded("Writing the DICOM document"), progress)


# the child's part


def page_object(request: MakePage) -> tuple[Any, list[str]]:
    """Return the document that the parent requests, and sentences about what it leaves out.

    Raises
    ------
    ExportError
        When the source slice lacks attributes that an object of its study must contain.
    """
    content = np.asarray(open_mapped(request.content))
    headers: list[Any] = []
    with errors_without_identity(
        mark(
            "A DICOM document cannot be created from these slices: {reason}. Save the report as "
            "PDF instead."
        ),
        headers,
    ):
        headers.append(read_header(request.file))
        copied = copied_header(headers[0], ("StudyInstanceUID",))
        instance = _new_page(request, headers[0])
        copy_identity(instance, copied)
        if request.kind == "pdf":
            _add_pdf(instance, content.tobytes(), request)
        else:
            _add_picture(instance, content)
        notes = set_character_set(instance, copied, [request.title])
        return instance, [*left_out_notes(copied), *notes]


def _add_pdf(instance: Any, content: bytes, request: MakePage) -> None:
    from pydicom.sr.codedict import codes

    instance.BurnedInAnnotation = "YES"
    instance.DocumentTitle = request.title
    instance.ConceptNameCodeSequence = [_code(codes.LN.DiagnosticImagingReport)]
    instance.MIMETypeOfEncapsulatedDocument = "application/pdf"
    instance.EncapsulatedDocumentLength = len(content)
    instance.EncapsulatedDocument = content + b"\0" * (len(content) % 2)


def _add_picture(instance: Any, rgb: NDArray[np.uint8]) -> None:
    instance.ImageType = ["DERIVED", "SECONDARY"]
    instance.PatientOrientation = None
    instance.BurnedInAnnotation = "NO"  # report images contain no names (report.py)
    instance.SamplesPerPixel, instance.PhotometricInterpretation, instance.PlanarConfiguration = (
        3,
        "RGB",
        0,
    )
    instance.Rows, instance.Columns = rgb.shape[:2]
    instance.BitsAllocated, instance.BitsStored, instance.HighBit, instance.PixelRepresentation = (
        8,
        8,
        7,
        0,
    )
    pixels = rgb.tobytes()
    instance.PixelData = pixels + b"\0" * (len(pixels) % 2)


def _new_page(request: MakePage, header: Any) -> Any:
    is_pdf = request.kind == "pdf"
    sop_class, modality = (PDF_CLASS, "DOC") if is_pdf else (PICTURE_CLASS, "OT")
    number = _PDF_SERIES if is_pdf else _PICTURE_SERIES
    instance = new_object(
        sop_class, modality, title=request.title, series=series_number(header, number)
    )
    instance.Laterality = ""
    instance.ConversionType = "WSD"
    instance.AcquisitionDateTime = _acquisition_time(header)
    return instance


def new_object(sop_class: str, modality: str, *, title: str, series: int | None) -> Any:
    """Return a new object in a new series; the caller adds patient and study.

    Parameters
    ----------
    title, series
        Description and number of the series.
    """
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(sop_class)
    meta.MediaStorageSOPInstanceUID = generate_uid(prefix=None)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    instance = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    now = datetime.now().astimezone()
    instance.SOPClassUID, instance.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    instance.Modality, instance.SeriesInstanceUID = modality, generate_uid(prefix=None)
    instance.InstanceNumber, instance.SeriesNumber = 1, series
    instance.SeriesDescription = title[:LONG_TEXT]
    instance.Manufacturer = instance.ManufacturerModelName = "Spineviewer"
    instance.SoftwareVersions = __version__[:LONG_TEXT]
    instance.ContentDate = instance.SeriesDate = instance.InstanceCreationDate = now.strftime(
        "%Y%m%d"
    )
    instance.ContentTime = instance.SeriesTime = instance.InstanceCreationTime = now.strftime(
        "%H%M%S"
    )
    return instance


def _acquisition_time(header: Any) -> str | None:
    """Return when the slice was acquired, as YYYYMMDDHHMMSS; None if it is not stated."""
    texts = [str(header.get(keyword) or "") for keyword in ("AcquisitionDate", "AcquisitionTime")]
    match = re.fullmatch(r"(\d{8})(\d{6})(\.\d{1,6})?", "".join(texts).strip())
    return match[0] if match else None


def _code(code: Any) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodeMeaning = code.value, code.meaning
    item.CodingSchemeDesignator = code.scheme_designator
    return item
