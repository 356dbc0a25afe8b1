"""The reports that were written about a scan, and a notice when they no longer match it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from operator import is_
from pathlib import Path
from typing import TYPE_CHECKING

from spineviewer.app.notices import Notice, Severity
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
class _WrittenReport:
    """A report that was written, without the files that later ones have overwritten."""

    order: ReportOrder
    results: ReportedResults

    @property
    def targets(self) -> dict[ReportFormat, Path]:
        """The files that still exist."""
        return {kind: path for kind, path in self.order.targets.items() if path.is_file()}

    def without(self, paths: Collection[Path]) -> _WrittenReport:
        """Return the report without some of its files."""
        targets = {k: path for k, path in self.order.targets.items() if path not in paths}
        return replace(self, order=replace(self.order, targets=targets))


class WrittenReports:
    """Compares the current results of a scan with those in the reports written since it was opened.

    Thread ownership: the same as the scan's.

    Parameters
    ----------
    get_content
        Returns the current content of a report.
    are_results_pending
        Returns whether names or measurements do not yet reflect the last change.
    write
        Writes a report.
    """

    def __init__(
        self,
        scan: ScanCore,
        get_content: Callable[[ReportOrder], ReportContent],
        are_results_pending: Callable[[], bool],
        write: Callable[[ReportOrder], None],
    ) -> None:
        self._scan, self._get_content, self._write = scan, get_content, write
        self._are_results_pending = are_results_pending
        self._reports: list[_WrittenReport] = []
        self._outdated: list[_WrittenReport] = []
        self._checked: tuple[object, ...] = ()
        scan.changed.connect(self._on_changed)

    def results(self, order: ReportOrder) -> ReportedResults:
        """Return the results that a report would show now."""
        # how the scan is displayed is among the technical facts
        content = replace(self._get_content(order), made_at="", technical=())
        return ReportedResults(self._scan.parts.draft, self._mask, content)

    def add(self, order: ReportOrder, results: ReportedResults) -> None:
        """Record a report that has been written."""
        new = set(order.targets.values())
        earlier = (report.without(new) for report in self._reports)
        self._reports = [
            *(report for report in earlier if report.order.targets),
            _WrittenReport(order, results),
        ]
        self._checked = ()
        self._check()

    def _on_changed(self, _: Change) -> None:
        if self._reports and self._scan.is_open:
            self._check()

    def _check(self) -> None:
        """Show a notice about reports that do not match the current results, or remove it."""
        inputs = _inputs(self._scan.parts)
        is_checked = len(inputs) == len(self._checked) and all(map(is_, inputs, self._checked))
        if is_checked or self._are_results_pending():
            return
        self._checked = inputs
        outdated = [report for report in self._reports if not self._is_current(report)]
        if outdated == self._outdated:  # the user may have dismissed the notice
            return
        self._outdated = outdated
        files = [path.name for report in outdated for path in report.targets.values()]
        if not files:
            self._scan.end_topic(_TOPIC)
            return
        text = worded(
            "The report is outdated, because its content has changed: {files}.",
            files=enumerated(files),
        )
        button = (worded("Write again"), self._write_again)
        self._scan.tell(Notice(Severity.WARNING, text, _TOPIC, buttons=(button,)))

    @property
    def _mask(self) -> str:
        facts = self._scan.parts.facts
        return "" if facts is None else facts.content

    def _is_current(self, report: _WrittenReport) -> bool:
        """Return whether a report contains the current results; the content is compared last."""
        draft, mask = self._scan.parts.draft, self._mask
        if (draft, mask) != (report.results.draft, report.results.mask):
            return False
        return self.results(report.order) == report.results

    def _write_again(self) -> None:
        """Overwrite the outdated files with the current results."""
        for report in self._outdated:
            self._write(replace(report.order, targets=report.targets, may_overwrite=True))


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
