"""The list of doubtful places, the tuning of before, and tunings that are kept by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from spineviewer.app.doubt import Doubt, doubts_of
from spineviewer.app.exporting import corrected_mask
from spineviewer.app.jobs import Failed, JobKind, Outcome, Relay, Succeeded
from spineviewer.app.services import Services
from spineviewer.gui.desk.exporting import Exporting
from spineviewer.gui.desk.looking import Looking
from spineviewer.tuning import Tuning


class Doubting(Exporting, Looking):
    """Finds doubtful places when asked, and anew when the mask changes while they are looked at."""

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self.doubts: tuple[Doubt, ...] | None = None
        self.doubt_number = -1
        self.mask_changed.connect(self._look_again)
        self.scan_leaves.connect(self._forget_doubts)

    def find_doubts(self, *, goes_there: bool = True) -> None:
        """Look through the mask as it stands, then go to the first place."""
        order, reading = self.export_order({}, may_overwrite=False), self.reading
        if order is None or reading is None or not self.is_mask_possible:
            return
        hu = reading.scan.hu

        def work(relay: Relay) -> tuple[Doubt, ...]:
            return doubts_of(corrected_mask(order, relay), order.fusion.probability, hu, relay)

        self.runner.start(JobKind.DOUBT, work, on_end=lambda outcome: self._found_doubts(outcome, goes_there))

    def next_doubt(self, step: int = 1) -> None:
        """The planes to the next or the previous place; found first, if need be."""
        if self.doubts is None:
            self.find_doubts()
        elif self.doubts:
            self.go_to_doubt((self.doubt_number + step) % len(self.doubts))

    def go_to_doubt(self, number: int) -> None:
        """The planes to one place."""
        if self.doubts is not None and 0 <= number < len(self.doubts):
            self.doubt_number = number
            z, y, x = self.doubts[number].index_zyx
            self.move_to((float(z), float(y), float(x)))
            self.changed.emit()

    def end_doubts(self) -> None:
        """Close the list."""
        self._forget_doubts()
        self.changed.emit()

    def _found_doubts(self, outcome: Outcome, goes_there: bool) -> None:
        if isinstance(outcome, Failed):
            self._say_failure(outcome, "doubts")
        elif isinstance(outcome, Succeeded):
            found = outcome.result
            assert isinstance(found, tuple)
            self.doubts = found
            self.doubt_number = min(self.doubt_number, len(found) - 1)
            self.changed.emit()
            if goes_there and found:
                self.go_to_doubt(0)

    def _look_again(self) -> None:
        if self.doubts is not None:
            self.find_doubts(goes_there=False)

    def _forget_doubts(self) -> None:
        self.runner.withdraw(JobKind.DOUBT)
        self.doubts, self.doubt_number = None, -1

    # tunings by name

    def keep_tuning(self, name: str) -> None:
        """Store the panel's numbers under a name, in place of what it stood for."""
        if self.reading is not None and name.strip():
            tunings = {**self.settings.tunings, name.strip(): list(self.reading.tuning.numbers)}
            self.settings = replace(self.settings, tunings=tunings)
            self.save_settings()
            self.changed.emit()

    def drop_tuning(self, name: str) -> None:
        """Forget a name."""
        tunings = {known: numbers for known, numbers in self.settings.tunings.items() if known != name}
        self.settings = replace(self.settings, tunings=tunings)
        self.save_settings()
        self.changed.emit()

    def use_tuning(self, name: str) -> None:
        """The numbers that a name stands for."""
        numbers = self.settings.tunings.get(name)
        if numbers is not None and len(numbers) == 3 and self.reading is not None:
            threshold, sigma_mm, bone = (float(n) for n in numbers)
            self.set_tuning(Tuning(threshold, sigma_mm, bone, self.reading.tuning.leaves_out_islands))
