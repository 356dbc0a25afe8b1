"""One page about the open reading, in several formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.report import ReportContent, ReportFormat, ReportImage, as_csv, as_html, as_json, content_of
from spineviewer.gui.desk.comparing import Comparing
from spineviewer.gui.desk.doubting import Doubting
from spineviewer.gui.desk.editing import Editing
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.language import language, said, tr
from spineviewer.gui.report_pages import pdf_of
from spineviewer.gui.views.report_image import report_image
from spineviewer.gui.views.scene import Scene
from spineviewer.volume.planes import Plane

#: Height of the pictures. Choice: sharp in print at a third of a page.
_PICTURE_PX = 620


class Reporting(Editing, Comparing, Doubting):
    """Writes reports in the background."""

    def report(self, targets: Mapping[ReportFormat, Path], *, title: str, names_file: bool, may_overwrite: bool) -> None:
        """Write what the window shows now; the pictures are the planes through the crosshair."""
        reading = self.reading
        if reading is None or not targets:
            return
        facts = self.mask_facts()
        content = content_of(
            reading,
            title=title,
            volume_ml=facts.volume_ml if facts is not None else None,
            is_cut_by_scan=facts is not None and facts.is_cut_by_scan,
            is_corrected=not self.correction.is_empty,
            comparison=self.comparison,
            file_name=reading.scan.source.path.name if names_file else "",
        )
        scene = Scene(reading, self.fusion, self.correction.snapshot(), self.comparison)

        def pictures() -> tuple[ReportImage, ...]:
            planes = (Plane.SAGITTAL, Plane.CORONAL, Plane.AXIAL)
            return tuple(report_image(plane, scene, _PICTURE_PX) for plane in planes)

        self.runner.start(
            JobKind.REPORT, lambda _: _write(content, pictures, targets, may_overwrite), on_end=self._report_written
        )

    def _report_written(self, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            paths = outcome.result
            assert isinstance(paths, tuple)
            names = ", ".join(path.name for path in paths)
            self.noticed.emit(
                Notice(Level.INFO, tr("Report: {files} in {folder}", files=names, folder=paths[0].parent), "report", paths=paths)
            )
        elif isinstance(outcome, Failed):
            self._say_failure(outcome, "report")


def _write(
    content: ReportContent,
    pictures: Callable[[], tuple[ReportImage, ...]],
    targets: Mapping[ReportFormat, Path],
    may_overwrite: bool,
) -> tuple[Path, ...]:
    from spineviewer.io.whole_file import check_target, write_bytes

    for path in targets.values():
        check_target(path, may_overwrite)
    if ReportFormat.PDF in targets or ReportFormat.HTML in targets:
        content = replace(content, pictures=pictures())
    page = content.in_language(language(), said)
    for kind, path in targets.items():
        if kind is ReportFormat.PDF:
            write_bytes(path, pdf_of(page))
        elif kind is ReportFormat.HTML:
            write_bytes(path, as_html(page).encode("utf-8"))
        else:
            text = as_csv(content) if kind is ReportFormat.CSV else as_json(content)
            write_bytes(path, text.encode("utf-8"))
    return tuple(targets.values())
