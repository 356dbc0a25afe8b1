"""From a file to an open reading, and back to the start page."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from spineviewer.app.jobs import Failed, JobKind, Outcome, Relay, Succeeded
from spineviewer.app.services import SeriesToChoose, Services, pictures_of, sagittal_order
from spineviewer.app.settings import RecentScan
from spineviewer.app.state import first_state
from spineviewer.errors import ModelError
from spineviewer.gui.desk.looking import Looking
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.language import tr
from spineviewer.gui.thumbnail import thumbnail_of
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import Wording


class Opening(Looking):
    """Opens and closes scans, and ends the work."""

    def __init__(self, backend: Services, settings_path: Path, parent: QObject | None = None) -> None:
        super().__init__(backend, settings_path, parent)
        self.opening_path: Path | None = None
        self.opened_with = ""
        self._is_loaded_spared = False

    def make_ready(self) -> None:
        """Start ahead what opening a scan needs, and load what the work on it will, in the background: while nobody waits."""

        def work(relay: Relay) -> None:
            from spineviewer.app.warm_up import load_ahead

            self._backend.expect_scan()
            load_ahead(relay)

        self.runner.start(JobKind.PREPARE, work, on_end=lambda _: self._spare_what_is_loaded())

    def _spare_what_is_loaded(self) -> None:
        """Let the search for cyclic garbage pass over what is loaded once and stays.

        Choice: the libraries have some 200,000 objects, and a search through them holds the window for a tenth of a second.
        """
        if not self._is_loaded_spared:
            self._is_loaded_spared = True
            gc.freeze()

    def expect_scan(self) -> None:
        """Start ahead what opening a scan needs, in the background."""
        self.runner.start(JobKind.PREPARE, lambda _: self._backend.expect_scan(), on_end=lambda _: None)

    def open(self, path: Path, series_uid: str | None = None) -> None:
        """Open a scan in the background; the one that is open stays until the new one is there."""

        def read(relay: Relay) -> object:
            scan = self._backend.read_scan(path, series_uid, relay)
            return scan, thumbnail_of(scan)

        self.opening_path = path
        self.last_error = None
        self.opening.emit(path)
        self.runner.start(
            JobKind.OPEN,
            read,
            on_end=lambda outcome: self._opened(outcome, path, series_uid),
            on_report=lambda report: self.reported.emit(JobKind.OPEN, report),
        )

    def picture_series(self, found: SeriesToChoose, on_pictures: Callable[[Mapping[str, NDArray[np.uint8]]], None]) -> None:
        """Make small pictures of the series to choose from, in the background."""

        def ended(outcome: Outcome) -> None:
            if isinstance(outcome, Succeeded):
                pictures = outcome.result
                assert isinstance(pictures, Mapping)
                on_pictures(pictures)

        self.runner.start(JobKind.PICTURES, lambda relay: pictures_of(found, relay), on_end=ended)

    def show_scan(self, scan: CtVolume) -> None:
        """Show a scan that is already in memory."""
        for kind in (JobKind.SEGMENT, JobKind.EXTEND, JobKind.FUSE):
            self.runner.withdraw(kind)
        self.scan_leaves.emit()
        try:
            self.defaults = self._backend.tuning()
        except ModelError:
            self.defaults = Tuning()  # said when the reader wants to segment; reading needs no weights
            self.expect_scan()
        else:
            self.runner.start(
                JobKind.PREPARE, lambda _: self._backend.prepare(scan), on_end=lambda _: self._spare_what_is_loaded()
            )
        self.reading = first_state(scan, self.defaults, self._overlays_from_settings())
        self.fusion = None
        self._turn(scan)
        self.scan_comes.emit(scan)
        self.scan_changed.emit()
        self.changed.emit()
        if not scan.source.is_orientation_known:
            text = tr("The file does not say where left and right are. No letters are drawn; do not read sides from this scan.")
            self.noticed.emit(Notice(Level.WARN, text, "orientation", is_lasting=True))
        for number, warning in enumerate(scan.source.warnings):
            self.noticed.emit(Notice(Level.WARN, warning, f"warning-{number}", is_lasting=True))
        self.scan_shown.emit()

    def close_scan(self) -> None:
        """Back to the start page; a batch goes on."""
        self.runner.withdraw_all(but=(JobKind.BATCH, JobKind.SMALL_FILE))
        self.opening_path = None
        self._remember_overlays()
        self.scan_leaves.emit()
        self.reading = None
        self.fusion = None
        self.scan_changed.emit()
        self.changed.emit()

    def shut_down(self) -> None:
        """Stop all work and the engine; `runner.idle` tells when it has ended."""
        self.scan_leaves.emit()
        self.runner.withdraw_all()
        self._remember_overlays()
        self.save_settings()
        backend = self._backend
        self.runner.start(JobKind.CLOSE, lambda _: backend.close(), on_end=lambda _: None)

    def _opened(self, outcome: Outcome, path: Path, series_uid: str | None) -> None:
        self.opening_path = None
        self.opening.emit(None)
        if not isinstance(outcome, Succeeded):
            self.expect_scan()  # another, or the series that will be chosen
        if isinstance(outcome, Succeeded):
            assert isinstance(outcome.result, tuple)
            scan, picture = outcome.result
            opened = RecentScan(str(path.absolute()), series_uid or "", summary_of(scan), picture)
            self.settings = self.settings.with_recent(opened)
            self.save_settings()
            self.opened_with = series_uid or ""
            self.show_scan(scan)
        elif isinstance(outcome, Failed) and isinstance(outcome.error, SeriesToChoose):
            self.series_found.emit(outcome.error)
        elif isinstance(outcome, Failed):
            if not path.exists():
                self.settings = self.settings.without_recent(str(path.absolute()))
                self.scan_changed.emit()
            self._say_failure(outcome, "open")

    def _turn(self, scan: CtVolume) -> None:
        """Copy the scan into sagittal order in the background, where memory allows: these slices lie scattered in it."""

        def turned(outcome: Outcome) -> None:
            if isinstance(outcome, Succeeded) and self.reading is not None and self.reading.scan is scan:
                self.turned.emit(outcome.result)

        self.runner.start(JobKind.TURN, lambda _: sagittal_order(scan), on_end=turned)


def summary_of(scan: CtVolume) -> str:
    """One line about a scan: size and spacing, no name of a patient."""
    (nz, ny, nx), (dz, dy, dx) = scan.geometry.shape_zyx, scan.geometry.spacing_zyx_mm
    return Wording.of(
        "{nx} × {ny} × {nz}  ·  {dx:.2f} × {dy:.2f} × {dz:.2f} mm",
        "",
        None,
        {"nx": nx, "ny": ny, "nz": nz, "dx": dx, "dy": dy, "dz": dz},
    )
