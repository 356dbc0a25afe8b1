"""The reports that were written about a scan, and a notice when they no longer match it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from operator import is_
from pathlib import Path
from typing import TYPE_CHECKING

from spineviewer.app.notices import Notice, Severity
from spineviewer.app.report_record import (
    MAX_RECORDS,
    ReportRecord,
    hash_of_path,
    hash_of_results,
    without_files,
)
from spineviewer.wording import enumerated, worded

if TYPE_CHECKING:
    from spineviewer.app.features.reports import ReportOrder
    from spineviewer.app.report import ReportContent, ReportFormat
    from spineviewer.app.report_draft import ReportDraft
    from spineviewer.app.scan_core import Change, ScanCore, ScanParts

_TOPIC = "outdated report"


@dataclass(frozen=True)
class ReportedResults:
    """The results that a report shows, which are compared to detect changes since it was written.

    Attributes
    ----------
    mask
        Identifies the mask in the pictures (`MaskFacts.content`).
    """

    draft: ReportDraft
    mask: str
    content: ReportContent


@dataclass(frozen=True, eq=False)
class WrittenReport:
    """A report that was written, without the files that later ones have overwritten."""

    order: ReportOrder
    results: ReportedResults
    record: ReportRecord

    @property
    def targets(self) -> dict[ReportFormat, Path]:
        """The files that still exist."""
        return {kind: path for kind, path in self.order.targets.items() if path.is_file()}

    @property
    def titles(self) -> tuple[str, ...]:
        """The names of the files that still exist."""
        return tuple(path.name for path in self.targets.values())

    def without(self, paths: Collection[Path]) -> WrittenReport:
        """Return the report without some of its files."""
        targets = {k: path for k, path in self.order.targets.items() if path not in paths}
        return replace(self, order=replace(self.order, targets=targets))


class WrittenReports:
    """Compares the current results of a scan with those in the reports that were written of it.

    Reports written before the scan was opened are known by their records in the session.

    Thread ownership: the same as the scan's.

    Parameters
    ----------
    get_content
        Returns the current content of a report.
    get_own_content
        Returns what a report with or without measurements shows of the scan alone, without patient,
        file and agreement with a second mask.
    are_results_pending
        Returns whether names or measurements do not yet reflect the last change.
    write
        Writes a report.
    """

    def __init__(
        self,
        scan: ScanCore,
        get_content: Callable[[ReportOrder], ReportContent],
        get_own_content: Callable[[bool], ReportContent],
        are_results_pending: Callable[[], bool],
        write: Callable[[ReportOrder], None],
    ) -> None:
        self._scan, self._get_content, self._write = scan, get_content, write
        self._get_own_content = get_own_content
        self._are_results_pending = are_results_pending
        self._reports: list[WrittenReport] = []
        self._outdated: list[WrittenReport | ReportRecord] = []
        self._checked: tuple[object, ...] = ()
        scan.changed.connect(self._on_changed)

    def described(self, order: ReportOrder) -> WrittenReport:
        """Return the report as it would be written now."""
        content, targets = self._get_content(order), order.targets
        record = ReportRecord(
            written_at=content.made_at,
            formats=tuple(kind.name for kind in targets),
            files=tuple(map(hash_of_path, targets.values())),
            has_mask=bool(self._mask),
            has_measurements=order.with_measurements,
            results=self._hash(has_measurements=order.with_measurements),
        )
        return WrittenReport(order, self._results(order), record)

    def _results(self, order: ReportOrder) -> ReportedResults:
        # how the scan is displayed is among the technical facts
        content = replace(self._get_content(order), made_at="", technical=())
        return ReportedResults(self._scan.parts.draft, self._mask, content)

    def _hash(self, *, has_measurements: bool) -> str:
        content = self._get_own_content(has_measurements)
        return hash_of_results(content, self._scan.parts.draft, self._mask)

    def add(self, report: WrittenReport) -> None:
        """Record a report that has been written."""
        new = set(report.order.targets.values())
        earlier = (other.without(new) for other in self._reports)
        self._reports = [*(other for other in earlier if other.order.targets), report]
        self._checked = ()
        parts = self._scan.parts
        records = (*without_files(parts.reports, report.record.files), report.record)
        self._scan.set(replace(parts, reports=records[-MAX_RECORDS:]))
        self._scan.work_done.emit()
        self._check()

    def _on_changed(self, _: Change) -> None:
        if self._scan.is_open and (self._reports or self._scan.parts.reports):
            self._drop_dismissed()
            self._check()

    def _drop_dismissed(self) -> None:
        """Drop the records of outdated reports once the user has dismissed the notice."""
        parts, outdated = self._scan.parts, self._outdated
        is_shown = any(notice.topic == _TOPIC for notice in parts.notices)
        files = {file for report in outdated for file in _record_of(report).files}
        kept = without_files(parts.reports, files)
        if not is_shown and kept != parts.reports:
            self._scan.set(replace(parts, reports=kept))

    def _check(self) -> None:
        """Show a notice about reports that do not match the current results, or remove it."""
        inputs = _inputs(self._scan.parts)
        is_checked = len(inputs) == len(self._checked) and all(map(is_, inputs, self._checked))
        if is_checked or self._are_results_pending():
            return
        self._checked = inputs
        outdated: list[WrittenReport | ReportRecord] = [
            *(report for report in self._reports if not self._is_current(report)),
            *(record for record in self._earlier_records if not self._is_recorded(record)),
        ]
        if outdated == self._outdated:  # the user may have dismissed the notice
            return
        self._outdated = outdated
        files = [title for report in outdated for title in report.titles]
        if not files:
            self._scan.end_topic(_TOPIC)
            return
        text = worded(
            "The report is outdated, because its content has changed: {files}.",
            files=enumerated(files),
        )
        is_rewritable = any(isinstance(report, WrittenReport) for report in outdated)
        buttons = ((worded("Write again"), self._write_again),) if is_rewritable else ()
        short = worded("Report outdated")
        notice = Notice(Severity.WARNING, text, _TOPIC, buttons=buttons, short_text=short)
        self._scan.tell(notice)

    @property
    def _earlier_records(self) -> tuple[ReportRecord, ...]:
        """The records of reports that were written before the scan was opened."""
        files = {file for report in self._reports for file in report.record.files}
        return without_files(self._scan.parts.reports, files)

    def _is_recorded(self, record: ReportRecord) -> bool:
        """Return whether a report may contain the current results, as far as these are known."""
        parts = self._scan.parts
        if record.has_mask and parts.facts is None:
            return True  # the mask has not been restored yet
        return self._hash(has_measurements=record.has_measurements) == record.results

    @property
    def _mask(self) -> str:
        facts = self._scan.parts.facts
        return "" if facts is None else facts.content

    def _is_current(self, report: WrittenReport) -> bool:
        """Return whether a report contains the current results; the content is compared last."""
        draft, mask = self._scan.parts.draft, self._mask
        if (draft, mask) != (report.results.draft, report.results.mask):
            return False
        return self._results(report.order) == report.results

    def _write_again(self) -> None:
        """Overwrite the outdated files with the current results."""
        for report in self._outdated:
            if isinstance(report, WrittenReport):
                order = replace(report.order, targets=report.targets, may_overwrite=True)
                self._write(order)


def _inputs(parts: ScanParts) -> tuple[object, ...]:
    """Return everything in a scan from which its report is made, apart from how it is displayed."""
    return (
        parts.draft,
        parts.state.measurements,
        parts.facts,
        parts.labelling,
        parts.spine_measurements,
        parts.comparison,
    )


def _record_of(report: WrittenReport | ReportRecord) -> ReportRecord:
    return report.record if isinstance(report, WrittenReport) else report
