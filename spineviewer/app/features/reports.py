"""One page about a scan, in several formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from spineviewer.app.comparing import Comparison
from spineviewer.app.jobs import Failed, JobKind, Jobs, Outcome, Succeeded
from spineviewer.app.notices import Level, Notice
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.report import (
    ReportContent,
    ReportFormat,
    ReportImage,
    as_csv,
    as_html,
    as_json,
    content_of,
)
from spineviewer.app.state import ScanState
from spineviewer.editing.correction import Correction
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.open_scan import OpenScan


class PageMaker(Protocol):
    """Makes pictures and pages; all calls may come from any thread."""

    def images(
        self,
        state: ScanState,
        fusion: FusionOverlay | None,
        correction: Correction,
        second: Comparison | None,
        vertebrae: Vertebrae | None,
    ) -> tuple[ReportImage, ...]:
        """Return the planes through the crosshair as pictures."""

    def in_own_language(self, content: ReportContent) -> ReportContent:
        """Return a page in the language of the window."""

    def pdf(self, page: ReportContent) -> bytes:
        """Return a page as a PDF file."""


class Reports:
    """Writes reports in the background."""

    def __init__(self, scan: OpenScan, jobs: Jobs, pages: PageMaker) -> None:
        self._scan = scan
        self._jobs = jobs
        self._pages = pages

    def write(
        self,
        targets: Mapping[ReportFormat, Path],
        *,
        title: str,
        names_file: bool,
        may_overwrite: bool,
    ) -> None:
        """Write the current view; the pictures are the planes through the crosshair."""
        if not targets:
            return
        content = self._content(title, names_file=names_file)
        pictures, pages, wanted = self.picture_maker(), self._pages, dict(targets)
        self._jobs.start(
            JobKind.REPORT,
            lambda _: _written(content, pictures, pages, wanted, may_overwrite),
            on_end=self._on_written,
        )

    def pdf_maker(self, title: str) -> Callable[[], bytes]:
        """Return a function that makes the page as PDF, in any thread, of the view as it is now."""
        content, pictures, pages = self._content(title), self.picture_maker(), self._pages
        return lambda: pages.pdf(pages.in_own_language(replace(content, pictures=pictures())))

    def picture_maker(self) -> Callable[[], tuple[ReportImage, ...]]:
        """Return a function that makes the pictures, in any thread, of the view as it is now."""
        parts, pages = self._scan.parts, self._pages
        correction = parts.correction.snapshot()
        return lambda: pages.images(
            parts.state, parts.fusion, correction, parts.comparison, parts.vertebrae
        )

    def _content(self, title: str, *, names_file: bool = False) -> ReportContent:
        parts = self._scan.parts
        facts, state = parts.facts, parts.state
        return content_of(
            state,
            title=title,
            volume_ml=facts.volume_ml if facts is not None else None,
            is_cut_by_scan=facts is not None and facts.is_cut_by_scan,
            is_corrected=not parts.correction.is_empty,
            comparison=parts.comparison,
            vertebrae=parts.vertebrae,
            file_name=state.scan.source.path.name if names_file else "",
        )

    def _on_written(self, outcome: Outcome[tuple[Path, ...]]) -> None:
        if isinstance(outcome, Succeeded):
            paths = outcome.result
            names = ", ".join(path.name for path in paths)
            text = worded("Report: {files} in {folder}", files=names, folder=paths[0].parent)
            self._scan.tell(Notice(Level.INFO, text, "report", paths=paths))
        elif isinstance(outcome, Failed):
            self._scan.fail(outcome, "report")


def _written(
    content: ReportContent,
    pictures: Callable[[], tuple[ReportImage, ...]],
    pages: PageMaker,
    targets: Mapping[ReportFormat, Path],
    may_overwrite: bool,
) -> tuple[Path, ...]:
    from spineviewer.io.write.whole_file import check_target, write_bytes

    for path in targets.values():
        check_target(path, may_overwrite)
    if ReportFormat.PDF in targets or ReportFormat.HTML in targets:
        content = replace(content, pictures=pictures())
    page = pages.in_own_language(content)
    for kind, path in targets.items():
        if kind is ReportFormat.PDF:
            write_bytes(path, pages.pdf(page))
        elif kind is ReportFormat.HTML:
            write_bytes(path, as_html(page).encode("utf-8"))
        else:
            text = as_csv(content) if kind is ReportFormat.CSV else as_json(content)
            write_bytes(path, text.encode("utf-8"))
    return tuple(targets.values())
