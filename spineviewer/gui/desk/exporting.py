"""What the panel shows, frozen, and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from spineviewer.app.exporting import ExportKind, ExportOrder, export
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.provenance import Provenance
from spineviewer.app.state import SegmentationStage
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.desk.segmenting import Segmenting
from spineviewer.gui.language import tr


class Exporting(Segmenting):
    """Writes results in the background; has computed what they need."""

    def export_order(self, targets: Mapping[ExportKind, Path], may_overwrite: bool) -> ExportOrder | None:
        """What the panel shows now, frozen."""
        if self.reading is None or self.fusion is None:
            return None
        reading = self.reading
        return ExportOrder(
            source=reading.scan.source,
            geometry=reading.scan.geometry,
            fusion=self.fusion,
            fused=reading.fused,
            correction=self.correction.snapshot(),
            tuning=reading.tuning,
            report=reading.report,
            targets=dict(targets),
            may_overwrite=may_overwrite,
        )

    @property
    def facts(self) -> dict[str, object]:
        """What a file must say about how the shown result was made; empty where no scan is open."""
        reading = self.reading
        if reading is None:
            return {}
        is_corrected = not self.correction.is_empty
        return Provenance(reading.scan.source, reading.tuning, reading.report, is_corrected_by_hand=is_corrected).fields

    def export(self, targets: Mapping[ExportKind, Path], *, may_overwrite: bool) -> None:
        """Write what the panel shows at this moment; a mask that is still being made is finished first."""
        order = self.export_order(targets, may_overwrite)
        if order is None:
            return
        self.noticed.emit(
            Notice(Level.INFO, tr("Exporting {files} …", files=", ".join(path.name for path in targets.values())), "export")
        )

        def begin(whole: ExportOrder) -> None:
            self.runner.start(
                JobKind.EXPORT,
                lambda relay: export(whole, relay),
                on_end=self._exported,
                on_report=lambda report: self.reported.emit(JobKind.EXPORT, report),
            )

        self._with_all_computed(order, begin)

    def _with_all_computed(self, order: ExportOrder, begin: Callable[[ExportOrder], None]) -> None:
        """Begin with an order once everything is computed that it needs; its numbers stay those of the click."""
        if order.is_computed or self.reading is None or self.reading.stage is SegmentationStage.RUNNING:
            begin(order)  # which says so, should something be missing
            return

        def go_on() -> None:
            assert self.fusion is not None
            begin(replace(order, fusion=self.fusion))

        self._extend(order.needed, go_on)

    def _exported(self, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            paths = outcome.result
            assert isinstance(paths, tuple)
            names = ", ".join(path.name for path in paths)
            self.noticed.emit(
                Notice(Level.INFO, tr("Exported {files} to {folder}", files=names, folder=paths[0].parent), "export", paths=paths)
            )
            self.exported.emit(paths)
        elif isinstance(outcome, Failed):
            self._say_failure(outcome, "export")
        else:
            self.noticed.emit(Notice(Level.INFO, tr("Export stopped; nothing was written over."), "export"))
