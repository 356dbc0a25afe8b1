"""The results of an open scan as DICOM files of its study, ready to be sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spineviewer.app.exporting import ExportKind, ExportOrder, export, order_for
from spineviewer.app.report import ReportImage
from spineviewer.errors import SpineViewerError
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.progress import Progress
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import mark, worded

if TYPE_CHECKING:
    from spineviewer.app.open_scan import OpenScan
    from spineviewer.measurements.results import Measurements


class ResultKind(Enum):
    """Results that can be sent; the value is the stem of the file's name."""

    MASK = "mask"
    VERTEBRAE = "vertebrae"
    STRUCTURES = "structures"
    ATTENTION = "attention"
    PROBABILITY = "probability"
    UNCERTAINTY = "uncertainty"
    SPINE_MEASUREMENTS = "vertebral-measurements"
    MEASUREMENTS = "measurements"
    REPORT = "report"
    PICTURES = "pictures"


#: Names of results, and the DICOM objects that contain them.
RESULT_NAMES = {
    ResultKind.MASK: (mark("Mask"), mark("DICOM SEG, one segment")),
    ResultKind.VERTEBRAE: (mark("Named vertebrae"), mark("DICOM SEG, one segment per level")),
    ResultKind.STRUCTURES: (mark("Contours of the mask"), mark("RTSTRUCT")),
    ResultKind.ATTENTION: (mark("Attention map"), mark("parametric map")),
    ResultKind.PROBABILITY: (mark("Bone probability"), mark("parametric map")),
    ResultKind.UNCERTAINTY: (mark("Uncertainty"), mark("parametric map")),
    ResultKind.SPINE_MEASUREMENTS: (
        mark("Vertebral measurements"),
        mark("structured report (SR), referring to the vertebrae if they are sent too"),
    ),
    ResultKind.MEASUREMENTS: (mark("Manual measurements"), mark("structured report (SR)")),
    ResultKind.REPORT: (
        mark("Report"),
        mark("encapsulated PDF, which most PACS viewers can display"),
    ),
    ResultKind.PICTURES: (
        mark("Key images, or the current planes if there are none"),
        mark("secondary capture, which every DICOM viewer can display"),
    ),
}
_EXPORTS = {
    ResultKind.MASK: ExportKind.MASK,
    ResultKind.VERTEBRAE: ExportKind.VERTEBRAE,
    ResultKind.STRUCTURES: ExportKind.MASK,
    ResultKind.ATTENTION: ExportKind.ATTENTION,
    ResultKind.PROBABILITY: ExportKind.PROBABILITY,
    ResultKind.UNCERTAINTY: ExportKind.UNCERTAINTY,
}
#: Sent only if the user asks for them: few PACS viewers display contours and maps, and the report
#: contains the pictures.
OFF_BY_DEFAULT = frozenset(
    {
        ResultKind.STRUCTURES,
        ResultKind.ATTENTION,
        ResultKind.PROBABILITY,
        ResultKind.UNCERTAINTY,
        ResultKind.PICTURES,
    }
)


@dataclass(frozen=True)
class WrittenResult:
    """The files of one result; `reason` says why there are none, or is empty."""

    kind: ResultKind
    files: tuple[Path, ...]
    reason: str = ""


@dataclass(frozen=True, eq=False)
class ResultsOrder:
    """Everything needed to write results, as it was when the user requested them.

    Attributes
    ----------
    order
        The export order for masks and maps; None until the scan has been segmented.
    pdf
        Makes the report; may be called in any thread.
    pictures
        Makes the pictures; may be called in any thread.
    title
        Title of the report and the images; must not contain patient data.
    """

    kinds: tuple[ResultKind, ...]
    volume: CtVolume
    order: ExportOrder | None
    measurements: tuple[Measurement, ...]
    spine_measurements: Measurements | None
    pdf: Callable[[], bytes]
    pictures: Callable[[], tuple[ReportImage, ...]]
    title: str

    def write(self, folder: Path, progress: Progress) -> tuple[WrittenResult, ...]:
        """Write the results into a folder; return the outcome for each.

        A result that cannot be written does not prevent the others from being written.

        Raises
        ------
        Cancelled
            When `progress` raises it.
        """
        written = []
        for number, kind in enumerate(self.kinds):
            progress.step(worded("Writing results"), number / len(self.kinds))
            try:
                written.append(WrittenResult(kind, tuple(self._write(kind, folder, progress))))
            except SpineViewerError as error:
                written.append(WrittenResult(kind, (), str(error)))
        return tuple(written)

    def _write(self, kind: ResultKind, folder: Path, progress: Progress) -> Sequence[Path]:
        from spineviewer.io.write.dicom_pages import write_pdf, write_picture
        from spineviewer.io.write.dicom_spine_sr import write_measurements_sr
        from spineviewer.io.write.dicom_sr import write_sr

        extension = ".rtstruct.dcm" if kind is ResultKind.STRUCTURES else ".dcm"
        path, source = folder / f"{kind.value}{extension}", self.volume.source
        match kind:
            case ResultKind.SPINE_MEASUREMENTS:
                assert self.spine_measurements is not None, "the dialog requires measurements"
                vertebrae = folder / f"{ResultKind.VERTEBRAE.value}.dcm"
                write_measurements_sr(
                    self.spine_measurements,
                    source,
                    path,
                    segmentation=vertebrae if vertebrae.is_file() else None,
                    progress=progress,
                )
            case ResultKind.MEASUREMENTS:
                write_sr(self.measurements, self.volume, path, progress=progress)
            case ResultKind.REPORT:
                write_pdf(self.pdf(), self.title, source, path, progress=progress)
            case ResultKind.PICTURES:
                paths = []
                for number, picture in enumerate(self.pictures()):
                    path = folder / f"{kind.value}-{number + 1}.dcm"
                    write_picture(
                        _rgb(picture.png), str(picture.caption), source, path, progress=progress
                    )
                    paths.append(path)
                return paths
            case _:
                assert self.order is not None, "the dialog offers them only after segmenting"
                export(replace(self.order, targets={_EXPORTS[kind]: path}), progress)
        return [path]


def result_obstacle(kind: ResultKind, scan: OpenScan) -> str:
    """Return why a result of a scan cannot be sent now; empty if it can."""
    from spineviewer.io.write.dicom_obstacles import seg_obstacle
    from spineviewer.io.write.dicom_pages import pages_obstacle
    from spineviewer.io.write.dicom_sr import sr_obstacle

    source, parts = scan.volume.source, scan.parts
    if kind in _EXPORTS and not parts.is_mask_possible:
        return worded("Segment the scan first.")
    if kind is ResultKind.VERTEBRAE and not scan.names.are_current:
        return worded("The vertebrae have not been named yet. Wait a moment.")
    if kind is ResultKind.SPINE_MEASUREMENTS:
        if not scan.spine.are_current:
            return worded("The vertebrae have not been measured yet. Wait a moment.")
        return sr_obstacle(source)
    if kind is ResultKind.REPORT and scan.are_results_pending:
        return worded("Names and measurements are not up to date yet. Wait a moment.")
    if kind is ResultKind.MEASUREMENTS:
        if not parts.state.measurements:
            return worded("There are no measurements.")
        return sr_obstacle(source)
    return seg_obstacle(source) if kind in _EXPORTS else pages_obstacle(source)


def results_order(scan: OpenScan, kinds: Sequence[ResultKind], title: str) -> ResultsOrder:
    """Return an order for the results of a scan in its current state."""
    current, state, volume = scan.snapshot(), scan.state, scan.volume
    return ResultsOrder(
        kinds=tuple(kinds),
        volume=volume,
        order=None if current is None else order_for(scan, current, scan.names.current, {}),
        measurements=state.measurements,
        spine_measurements=scan.spine.measured,
        pdf=scan.reports.pdf_maker(title),
        pictures=scan.reports.separate_pictures_maker(),
        title=title,
    )


def _rgb(png: bytes) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """Return a PNG file's pixels: uint8, shape (rows, columns, 3)."""
    from PIL import Image

    with Image.open(BytesIO(png)) as image:
        pixels: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]] = np.asarray(
            image.convert("RGB"), dtype=np.uint8
        )
    return pixels
