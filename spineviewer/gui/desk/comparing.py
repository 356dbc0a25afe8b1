"""A second mask beside the first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from spineviewer.app.comparing import Comparison, compare, read_second_mask
from spineviewer.app.exporting import ExportOrder
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.services import Services
from spineviewer.gui.desk.exporting import Exporting
from spineviewer.gui.desk.looking import Looking
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.language import tr


class Comparing(Exporting, Looking):
    """Keeps the agreement with a second mask up with the first."""

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self.comparison: Comparison | None = None
        self.scan_leaves.connect(self._forget)
        self.mask_changed.connect(self._compare_again)

    def compare_with(self, path: Path) -> None:
        """Read a second mask and say how the first agrees with it."""
        order, reading = self.export_order({}, may_overwrite=False), self.reading
        if order is None or reading is None or not self.is_mask_possible:
            return
        self.noticed.emit(Notice(Level.INFO, tr("Comparing with {file} …", file=path.name), "compare"))
        scan = reading.scan

        def begin(whole: ExportOrder) -> None:
            self.runner.start(
                JobKind.COMPARE,
                lambda relay: compare(whole, path, read_second_mask(path, scan, relay), relay),
                on_end=self._compared,
            )

        self._with_all_computed(order, begin)

    def end_comparison(self) -> None:
        """Forget the second mask."""
        self.runner.withdraw(JobKind.COMPARE)
        self.comparison = None
        self.changed.emit()

    def go_to_worst(self) -> None:
        """Bring the planes to where the two masks differ most."""
        if self.comparison is not None and self.comparison.worst_zyx is not None:
            z, y, x = self.comparison.worst_zyx
            self.move_to((float(z), float(y), float(x)))

    def _compared(self, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            assert isinstance(outcome.result, Comparison)
            self.comparison = outcome.result
            self.topic_ended.emit("compare")
            self.changed.emit()
        elif isinstance(outcome, Failed):
            self._say_failure(outcome, "compare")

    def _compare_again(self) -> None:
        """The mask is another one: the numbers must follow."""
        known, order = self.comparison, self.export_order({}, may_overwrite=False)
        if known is not None and order is not None and self.is_mask_computed:
            self.runner.start(
                JobKind.COMPARE, lambda relay: compare(order, known.path, known.voxels, relay), on_end=self._compared
            )

    def _forget(self) -> None:
        self.runner.withdraw(JobKind.COMPARE)
        self.comparison = None
