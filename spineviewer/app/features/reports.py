"""The report of a scan, in several formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from spineviewer.app.features.written_reports import WrittenReports
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.measurement_report import FollowUp, measured_part
from spineviewer.app.notices import Notice, Severity, failure
from spineviewer.app.report import (
    AGREEMENT,
    ReportContent,
    ReportFormat,
    ReportImage,
    as_csv,
    as_html,
    as_json,
    as_text,
    report_content,
)
from spineviewer.app.scan_titles import describe_patient, title_of
from spineviewer.editing.correction import Correction
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.features.named_vertebrae import VertebraNames
    from spineviewer.app.features.spine_measurements import SpineMeasurements
    from spineviewer.app.scan_core import ScanCore, ScanParts


_TOPIC = "report"


@dataclass(frozen=True, kw_only=True)
class ReportOrder:
    """The requested content of a report, and the files for it.

    Attributes
    ----------
    targets
        File of each format; empty for a report that is not written to files.
    shows_file_name, shows_patient
        Whether the page contains the file name, and the patient's and the study's data.
    shows_planes
        Whether the page shows the planes through the crosshair in addition to the key images.
    with_measurements
        Whether the page contains the measurements of the vertebrae.
    earlier
        Prior measurements for comparison; None for no comparison.
    """

    targets: Mapping[ReportFormat, Path] = field(default_factory=dict)
    may_overwrite: bool = False
    title: str = ""
    shows_file_name: bool = False
    shows_patient: bool = False
    shows_planes: bool = True
    with_measurements: bool = False
    earlier: FollowUp | None = None


class PageMaker(Protocol):
    """Makes pictures and pages; may be called from any thread."""

    def images(
        self,
        parts: ScanParts,
        correction: Correction,
        *,
        shows_planes: bool,
        shows_spine: bool,
    ) -> tuple[ReportImage, ...]:
        """Return the pictures of a report.

        They are one of the vertebrae with names and flags (`shows_spine`), the key images, and
        those of the planes through the crosshair (`shows_planes`). `correction` is a snapshot.
        """

    def with_legend(self, picture: ReportImage) -> ReportImage:
        """Return a picture with its legend drawn below it, for use without a page."""

    def in_window_language(self, content: ReportContent) -> ReportContent:
        """Return the content in the language of the window."""

    def pdf(self, page: ReportContent) -> bytes:
        """Return a page as a PDF file."""


class Reports:
    """Writes reports in the background."""

    def __init__(
        self,
        scan: ScanCore,
        names: VertebraNames,
        spine: SpineMeasurements,
        jobs: Jobs,
        pages: PageMaker,
        are_results_pending: Callable[[], bool],
        tell_window: Callable[[Notice], None],
    ) -> None:
        self._scan = scan
        self._names = names
        self._spine = spine
        self._are_results_pending = are_results_pending
        self._jobs = jobs
        self._pages = pages
        self._tell_window = tell_window
        self._waiting: list[ReportOrder] = []
        self._written = WrittenReports(
            scan, self.content, self._own_content, are_results_pending, self.write
        )
        scan.changed.connect(self._write_waiting)

    @property
    def is_waiting(self) -> bool:
        """Whether a report is waiting for names and measurements, or for another report.

        A report that is already being written is completed even if the scan is closed.
        """
        return bool(self._waiting)

    def write(self, order: ReportOrder) -> None:
        """Write the report in the requested formats as soon as all its contents are up to date."""
        if not order.targets:
            return
        self._waiting.append(order)
        self._write_waiting()
        if self._are_results_pending():
            text = worded("The report will be written once names and measurements are up to date.")
            self._scan.tell(Notice(Severity.INFO, text, _TOPIC, is_ongoing=True))

    def _write_waiting(self) -> None:
        """Write the first waiting report, unless something else must be finished first."""
        if not self._waiting or self._jobs.is_running(JobKind.REPORT):
            return
        if self._are_results_pending():
            return
        order, pages = self._waiting.pop(0), self._pages
        content, report = self.content(order), self._written.described(order)
        pictures = self.picture_maker(
            shows_planes=order.shows_planes, shows_spine=order.with_measurements
        )

        def on_end(outcome: Outcome[tuple[Path, ...]]) -> None:
            self._on_written(outcome)
            if isinstance(outcome, Succeeded) and self._scan.is_open:
                self._written.add(report)

        self._jobs.write(
            JobKind.REPORT, lambda: _write_files(content, pictures, pages, order), on_end=on_end
        )

    def pdf_maker(self, title: str) -> Callable[[], bytes]:
        """Return a function that makes the PDF of the current report; it may run in any thread."""
        parts, pages = self._scan.parts, self._pages
        is_measured = parts.spine_measurements is not None
        content = self.content(ReportOrder(title=title, with_measurements=is_measured))
        pictures = self.picture_maker(
            shows_planes=not (parts.draft.images or is_measured), shows_spine=is_measured
        )
        return lambda: pages.pdf(pages.in_window_language(replace(content, pictures=pictures())))

    def picture_maker(
        self, *, shows_planes: bool | None = None, shows_spine: bool = False
    ) -> Callable[[], tuple[ReportImage, ...]]:
        """Return a function that makes the current report's pictures; it may run in any thread.

        Parameters
        ----------
        shows_planes
            Whether to show the planes through the crosshair in addition to the key images; None:
            only if there are no key images.
        shows_spine
            Whether to show the vertebrae with names and flags first.
        """
        parts, pages = self._scan.parts, self._pages
        if shows_planes is None:
            shows_planes = not parts.draft.images
        correction = parts.correction.snapshot()
        return lambda: pages.images(
            parts, correction, shows_planes=shows_planes, shows_spine=shows_spine
        )

    def separate_pictures_maker(self) -> Callable[[], tuple[ReportImage, ...]]:
        """Return a function that makes the report's pictures for use without its page."""
        pictures, pages = self.picture_maker(), self._pages
        return lambda: tuple(map(pages.with_legend, pictures()))

    def content(self, order: ReportOrder) -> ReportContent:
        """Return the current content of a report, but without its pictures."""
        parts = self._scan.parts
        are_current = self._names.are_current
        if not are_current:  # the names belong to an earlier mask
            parts = replace(parts, labelling=None)
        source, measured = parts.state.scan.source, parts.spine_measurements
        if not order.with_measurements or not (are_current and self._spine.are_current):
            measured = None
        return report_content(
            parts,
            title=order.title,
            measured=None if measured is None else measured_part(measured, order.earlier),
            file_name=title_of(source, is_patient_shown=True) if order.shows_file_name else "",
            patient=describe_patient(source) if order.shows_patient else "",
        )

    def _own_content(self, has_measurements: bool) -> ReportContent:
        """Return what a report shows of this scan alone, without a second mask."""
        content = self.content(ReportOrder(with_measurements=has_measurements))
        facts = tuple(fact for fact in content.facts if fact.section != AGREEMENT)
        return replace(content, facts=facts)

    def as_text(self) -> str:
        """Return the report as plain text in the language of the window, for pasting elsewhere."""
        return as_text(self._pages.in_window_language(self.content(ReportOrder())))

    def _on_written(self, outcome: Outcome[tuple[Path, ...]]) -> None:
        if isinstance(outcome, Succeeded):
            paths = outcome.result
            names = ", ".join(path.name for path in paths)
            text = worded("Report saved to {folder}: {files}", files=names, folder=paths[0].parent)
            self._tell(Notice(Severity.INFO, text, _TOPIC, paths=paths))
        elif isinstance(outcome, Failed):
            self._tell(failure(outcome, _TOPIC))
        if self._scan.is_open:
            self._write_waiting()

    def _tell(self, notice: Notice) -> None:
        """Show a notice, even if the scan has since been closed."""
        if self._scan.is_open:
            self._scan.tell(notice)
        else:
            self._tell_window(notice)


def _write_files(
    content: ReportContent,
    pictures: Callable[[], tuple[ReportImage, ...]],
    pages: PageMaker,
    order: ReportOrder,
) -> tuple[Path, ...]:
    from spineviewer.io.write.whole_file import check_target, write_bytes

    targets = order.targets
    for path in targets.values():
        check_target(path, order.may_overwrite)
    if ReportFormat.PDF in targets or ReportFormat.HTML in targets:
        content = replace(content, pictures=pictures())
    page = pages.in_window_language(content)
    for kind, path in targets.items():
        if kind is ReportFormat.PDF:
            write_bytes(path, pages.pdf(page))
        elif kind is ReportFormat.HTML:
            write_bytes(path, as_html(page).encode("utf-8"))
        else:
            text = as_csv(content) if kind is ReportFormat.CSV else as_json(content)
            write_bytes(path, text.encode("utf-8"))
    return tuple(targets.values())
