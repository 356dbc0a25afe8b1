"""Several open scans, one of them in front: what was set and made on the others waits for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject

from spineviewer.app.jobs import JobKind
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.services import Services
from spineviewer.app.state import ScanState, SegmentationStage
from spineviewer.editing.correction import Correction
from spineviewer.gui.desk.keeping import Keeping
from spineviewer.volume.volume import CtVolume

#: Scans that wait at most. Choice: a study with its priors.
MOST_WAITING = 5
#: Where less memory than this is free, the scan that has waited longest is closed; its work is kept on the disk.
LEAST_FREE_BYTES = 2 * 2**30


@dataclass(frozen=True, eq=False)
class Waiting:
    """A scan that is not in front, with everything that was set and made on it, undo included."""

    reading: ScanState
    fusion: FusionOverlay | None
    correction: Correction
    opened_with: str


class Switching(Keeping):
    """Puts scans aside when others come, and brings them back as they were."""

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self._order: list[CtVolume] = []
        self._waiting: dict[int, Waiting] = {}
        self._shown_with = ""

    @property
    def open_scans(self) -> tuple[CtVolume, ...]:
        """All open scans in the order of their opening."""
        return tuple(self._order)

    @property
    def front_number(self) -> int:
        """Which of them is in front; -1 when none is open."""
        front = self.reading.scan if self.reading is not None else None
        return next((number for number, scan in enumerate(self._order) if scan is front), -1)

    @property
    def beside(self) -> Waiting | None:
        """The open scan after the one in front, which is shown beside it when asked; None where there is no other."""
        if len(self._order) < 2 or self.front_number < 0:
            return None
        return self._waiting.get(id(self._order[(self.front_number + 1) % len(self._order)]))

    def show_scan(self, scan: CtVolume) -> None:
        """Show a scan; the one in front waits, an older reading of the same file is closed."""
        self._set_aside()
        known = scan.source
        for other in self._order.copy():
            if other is not scan and (other.source.path, other.source.series_uid) == (known.path, known.series_uid):
                self._drop(other)
        if not any(other is scan for other in self._order):
            self._order.append(scan)
        self._make_room(scan)
        self._shown_with = self.opened_with
        super().show_scan(scan)

    def switch_to(self, number: int) -> None:
        """Bring another open scan to the front, as it was left."""
        if not 0 <= number < len(self._order) or number == self.front_number or self.opening_path is not None:
            return
        waiting = self._waiting[id(self._order[number])]
        self.opened_with = waiting.opened_with
        self.show_scan(waiting.reading.scan)
        self._waiting.pop(id(waiting.reading.scan), None)
        self.topic_ended.emit("kept")
        self.reading, self.fusion, self.correction = waiting.reading, waiting.fusion, waiting.correction
        self.changed.emit()
        self.mask_changed.emit()
        self._fuse()

    def next_scan(self) -> None:
        """The open scan after the one in front."""
        if len(self._order) > 1:
            self.switch_to((self.front_number + 1) % len(self._order))

    def close_scan(self) -> None:
        """Close the one in front; another open one comes to the front, or the start page."""
        leaving: list[object] = [self.reading, self.fusion]
        front = self.reading.scan if self.reading is not None else None
        super().close_scan()
        if front is not None:
            self._drop(front)
        if self._order:
            self.switch_to(len(self._order) - 1)
        del front
        self.runner.start(JobKind.LEAVE, lambda _: leaving.clear(), on_end=lambda _: None)  # giving memory back takes its time

    def _set_aside(self) -> None:
        reading = self.reading
        if reading is None or not any(reading.scan is scan for scan in self._order):
            return
        if reading.stage is SegmentationStage.RUNNING:  # what runs is stopped when another scan comes
            stage = SegmentationStage.NONE if self.fusion is None else SegmentationStage.STOPPED
            reading = replace(reading, stage=stage)
        self._waiting[id(reading.scan)] = Waiting(reading, self.fusion, self.correction, self._shown_with)

    def _make_room(self, coming: CtVolume) -> None:
        import psutil  # not before the window stands

        def others() -> list[CtVolume]:
            return [scan for scan in self._order if scan is not coming]

        while others() and (len(others()) > MOST_WAITING or psutil.virtual_memory().available < LEAST_FREE_BYTES):
            self._drop(others()[0])

    def _drop(self, scan: CtVolume) -> None:
        self._order = [other for other in self._order if other is not scan]
        self._waiting.pop(id(scan), None)
