"""All open scans, one of which is active, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from spineviewer.app.archiving.studies_in_use import mark_studies_in_use
from spineviewer.app.batch_queue import BatchQueue
from spineviewer.app.delay import DelayFactory
from spineviewer.app.features.autosave import SharedJournal
from spineviewer.app.features.corrections import BrushChoice
from spineviewer.app.features.display import SamplingLoops
from spineviewer.app.folder_browser import FolderBrowser
from spineviewer.app.habits import Habits
from spineviewer.app.job_runner import PROGRAM, JobRunner, Jobs
from spineviewer.app.jobs import JobKind, Outcome, Succeeded
from spineviewer.app.memory_limit import MEMORY_TOPIC, MemoryLimit
from spineviewer.app.notices import Notice, Notices, Severity, with_notice, without_topic
from spineviewer.app.open_scan import OpenScan, Presentation, SharedServices, source_notices
from spineviewer.app.opening import Opening, ReadScan
from spineviewer.app.restored_work import RestoredWork, restored_work
from spineviewer.app.scan_core import Change
from spineviewer.app.scan_titles import is_same_patient
from spineviewer.app.services import Services, sagittal_order
from spineviewer.app.session import Session
from spineviewer.app.settings import Settings
from spineviewer.app.settings_store import SettingsStore
from spineviewer.app.view_state import ViewState
from spineviewer.volume.scan_name import name_with_folder
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.archiving.access import ArchiveAccess


class Workspace:
    """The open scans in the order in which they were opened; one of them is active.

    Switching to another scan changes neither scan. Signals: `changed` (a `Change` of the active
    scan, or a switch to another), `scans_changed` (which scans are open, or which is active),
    `scan_leaving` (the active scan is about to change or close, so drags must end), `scan_opened`
    (the `OpenScan` that the user opened, now active; it may have been open already), `scan_closed`
    (an `OpenScan`; whatever refers to it must release it), `noticed` (a new `Notice`),
    `notices_changed`.

    Thread ownership: one thread, the window's.

    Attributes
    ----------
    read_views
        Returns how the views show the active scan; set by the window.
    """

    changed = Signal(object)
    scans_changed = Signal()
    scan_leaving = Signal()
    scan_opened = Signal(object)
    scan_closed = Signal(object)
    noticed = Signal(object)
    notices_changed = Signal()

    def __init__(
        self,
        services: Services,
        runner: JobRunner,
        new_delay: DelayFactory,
        presentation: Presentation,
        settings: Settings,
        settings_path: Path,
    ) -> None:
        self.services = services
        self.runner = runner
        self._jobs: Jobs = runner.jobs_for(PROGRAM)
        self._numbers = count(PROGRAM + 1)
        self._scans: list[OpenScan] = []
        self._front: OpenScan | None = None
        self._chosen_other_scan: OpenScan | None = None
        self._notices: Notices = ()
        self._visible_shapes = (False, False)
        self.memory_limit = MemoryLimit()
        self.read_views: Callable[[], ViewState] = ViewState
        self.settings = SettingsStore(settings, settings_path, self._jobs)
        self._habits = Habits(self.settings)
        self.shared_journal = SharedJournal(settings_path.parent / "sessions")
        self.brush = BrushChoice()
        self.batch = BatchQueue(services, self._jobs, self.tell, self.end_topic)
        self.folders = FolderBrowser(self._jobs, self.settings, self.tell, self.end_topic)
        self._archives: ArchiveAccess | None = None
        self.opening = Opening(
            self,
            services,
            self._jobs,
            self.shared_journal,
            self.settings,
            presentation.thumbnail,
            self.tell,
        )
        self.scans_changed.connect(self._hold_studies)
        self._shared = SharedServices(
            services,
            new_delay,
            self.shared_journal,
            presentation,
            self.brush,
            SamplingLoops(self._jobs),
            views_of=lambda scan: self.read_views() if scan is self._front else scan.parts.views,
            tell=self.tell,
        )

    @property
    def archives(self) -> ArchiveAccess:
        """Image archives; created on first use, because most users have none."""
        from spineviewer.app.archiving.access import ArchiveAccess

        if self._archives is None:
            journal = self.shared_journal.journal
            self._archives = ArchiveAccess(
                self._jobs, self._new_jobs, self.settings, journal, self.tell
            )
        return self._archives

    @property
    def are_archives_used(self) -> bool:
        """Whether `archives` has been used."""
        return self._archives is not None

    # the open scans

    @property
    def scans(self) -> tuple[OpenScan, ...]:
        """All open scans in the order in which they were opened."""
        return tuple(self._scans)

    @property
    def front(self) -> OpenScan | None:
        """The active scan; None if no scan is open."""
        return self._front

    @property
    def front_number(self) -> int:
        """The index of the active scan; -1 if no scan is open."""
        return self._scans.index(self._front) if self._front is not None else -1

    @property
    def other_scan(self) -> OpenScan | None:
        """The open scan shown beside the active one.

        This is the scan that the user chose, otherwise the next scan of the same patient, otherwise
        the next scan.
        """
        others = self.others
        if self._front is None:
            return None
        if self._chosen_other_scan in others:
            return self._chosen_other_scan
        identity = self._front.volume.source.identity
        same = (one for one in others if is_same_patient(identity, one.volume.source.identity))
        return next(iter((*same, *others)), None)

    @property
    def others(self) -> tuple[OpenScan, ...]:
        """The open scans except the active one; those after it come first."""
        number = self.front_number
        return (*self._scans[number + 1 :], *self._scans[: max(number, 0)])

    def choose_other_scan(self, scan: OpenScan) -> None:
        """Show another open scan beside the active one."""
        self._chosen_other_scan = scan

    def show(self, scan: ReadScan, session: Session | None = None) -> OpenScan:
        """Open a scan that has been read, make it the active scan, and return it.

        If it is open already, it stays as the user left it, unless there is a session. If the file
        has changed since, the older copy is closed. `Opening` asks before a session replaces other
        work.

        Parameters
        ----------
        session
            Session to restore if it belongs to this scan. Without it, the newest autosaved work is
            restored. Autosaved work that is not restored stays saved.
        """
        if self._front is not None:
            self._habits.remember_hanging_protocol(self._front)
        replaced = [other for other in self._scans if _is_same_file(other.volume, scan.volume)]
        same = self.open_copy(scan)
        if same is not None and session is None:
            return self._bring_to_front_again(same, scan.volume.source.path)
        if same is not None and same not in replaced:
            replaced.append(same)
        for other in replaced:
            other.autosave.end()
        scan = self.opening.with_saved_work(scan)
        protocol = self._habits.hanging_protocol_for(scan.volume.source)
        defaults = self.opening.prepare(scan.volume)
        recent = self.settings.current.recent
        work = restored_work(scan, session, defaults, self._habits.overlays, protocol, recent)
        opened = self._make_scan(work)
        self._scans.append(opened)
        self._bring_to_front(opened)
        for other in replaced:
            self._remove(other)
        for notice in (*source_notices(scan.volume.source), *work.notices):
            opened.tell(notice)
        if not opened.correction.is_empty:
            opened.autosave.save_now()
        opened.saved.mark_saved(opened.saved.present)
        if scan.work.is_open_elsewhere:
            opened.autosave.warn_open_elsewhere()
        work.restore_results(opened)
        self.scan_opened.emit(opened)
        self._warn_of_low_memory()
        return opened

    def _bring_to_front_again(self, scan: OpenScan, path: Path) -> OpenScan:
        """Switch to an open scan; say so if it was opened from another file or folder."""
        self._bring_to_front(scan)
        other = scan.volume.source.path
        if path != other:
            text = worded(
                "{file} contains the same scan as {other}, which is already open.",
                file=name_with_folder(path),
                other=name_with_folder(other),
            )
            scan.tell(Notice(Severity.INFO, text, "open"))
        self.scan_opened.emit(scan)
        return scan

    def open_copy(self, scan: ReadScan) -> OpenScan | None:
        """Return the open scan that is the same as one that has just been read; None if none is."""
        return next((other for other in self._scans if _is_same_scan(other, scan)), None)

    def show_volume(self, volume: CtVolume, series_uid: str = "") -> OpenScan:
        """Open a scan that is already in memory, make it the active scan, and return it."""
        return self.show(self.opening.read(volume, series_uid))

    def switch_to(self, number: int) -> None:
        """Switch to another open scan, in the state in which the user left it."""
        if 0 <= number < len(self._scans):
            self._bring_to_front(self._scans[number])

    def next_scan(self) -> None:
        """Switch to the open scan after the active one."""
        if len(self._scans) > 1:
            self.switch_to((self.front_number + 1) % len(self._scans))

    def close(self, scan: OpenScan) -> None:
        """Close one of the open scans; a running batch continues."""
        if scan in self._scans:
            if scan is self._front:
                self.scan_leaving.emit()
                self._habits.remember_overlays(scan)
            self._remove(scan)

    def set_visible_shapes(self, *, line: bool, surface: bool) -> None:
        """Set whether the views show the centre line and the surface of the active scan."""
        self._visible_shapes = (line, surface)
        if self._front is not None:
            self._front.shapes.set_visible(line=line, surface=surface)

    @property
    def is_cancellable(self) -> bool:
        """Whether the user is waiting for work that can be cancelled."""
        is_own = any(map(self._jobs.is_running, (JobKind.OPEN, JobKind.BROWSE)))
        return is_own or (self._front is not None and self._front.is_cancellable)

    def cancel(self) -> None:
        """Cancel the work that the user is waiting for."""
        self.opening.cancel()
        self.folders.cancel()
        if self._front is not None:
            self._front.cancel()

    def shut_down(self) -> None:
        """Stop all work and the networks; the runner's `idle` signal announces the end."""
        if self._front is not None:
            self._habits.remember_overlays(self._front)
        for scan in self._scans:
            self._habits.remember_hanging_protocol(scan)
            scan.stop()
        self.runner.withdraw_all()
        services = self.services
        self._jobs.start(JobKind.CLOSE, lambda _: services.close())

    # notices

    @property
    def notices(self) -> Notices:
        """The notices about the active scan, then those about the program; newest last."""
        return (*(self._front.parts.notices if self._front is not None else ()), *self._notices)

    @property
    def program_notices(self) -> Notices:
        """The notices about the program, without those about the active scan."""
        return self._notices

    def tell(self, notice: Notice) -> None:
        """Show a message that belongs to no scan."""
        self._notices = with_notice(self._notices, notice)
        self.notices_changed.emit()
        self.noticed.emit(notice)

    def end_topic(self, topic: str) -> None:
        """Remove the notice with this topic, also from the active scan."""
        if self._front is not None:
            self._front.end_topic(topic)
        self._notices = without_topic(self._notices, topic)
        self.notices_changed.emit()

    # internals

    def _warn_of_low_memory(self) -> None:
        """Warn when memory runs low; only the user closes scans."""
        warning = self.memory_limit.warning(len(self._scans))
        if warning is None:
            self.end_topic(MEMORY_TOPIC)
        else:
            self.tell(warning)

    def _bring_to_front(self, scan: OpenScan | None) -> None:
        old = self._front
        if scan is old:
            return
        if old is not None and old in self._scans:
            self.scan_leaving.emit()
            old.set(replace(old.parts, views=self.read_views()))
        old_parts = old.parts if old is not None and old in self._scans else None
        self._front = scan
        self._notices = tuple(notice for notice in self._notices if notice.topic == MEMORY_TOPIC)
        self.scans_changed.emit()
        self.changed.emit(Change(old_parts, scan.parts if scan is not None else None))
        self.notices_changed.emit()
        if scan is not None:
            line, surface = self._visible_shapes
            scan.shapes.set_visible(line=line, surface=surface)

    def _remove(self, scan: OpenScan) -> None:
        """Close a scan.

        If it was active, the next scan becomes active or, if there is no next scan, the previous.
        """
        self._habits.remember_hanging_protocol(scan)
        number = self._scans.index(scan)
        self._scans.remove(scan)
        leaving: list[object] = scan.close()
        scan.changed.disconnect()
        scan.noticed.disconnect()
        self._habits.release(scan)
        if scan is self._front:
            last = len(self._scans) - 1
            self._bring_to_front(self._scans[min(number, last)] if self._scans else None)
        else:
            self.scans_changed.emit()
        if scan is self._chosen_other_scan:
            self._chosen_other_scan = None
        self.scan_closed.emit(scan)
        # releasing memory takes time
        self._jobs.start(JobKind.LEAVE, lambda _: leaving.clear())

    def _make_scan(self, work: RestoredWork) -> OpenScan:
        scan = OpenScan(work.parts, self._new_jobs(), self._shared)
        scan.changed.connect(partial(self._on_changed, scan))
        scan.noticed.connect(partial(self._on_noticed, scan))
        self._habits.follow(scan)
        scan.autosave.continue_from(work.continued)
        _copy_sagittal(scan)
        return scan

    def _new_jobs(self) -> Jobs:
        """Return the jobs of a new owner."""
        return self.runner.jobs_for(next(self._numbers))

    def _on_changed(self, scan: OpenScan, change: Change) -> None:
        if scan is self._front:
            self.changed.emit(change)
            if change.has_changed_notices:
                self.notices_changed.emit()

    def _on_noticed(self, scan: OpenScan, notice: Notice) -> None:
        if scan is self._front:
            self.noticed.emit(notice)

    def _hold_studies(self) -> None:
        """Tell the local store to keep the studies of open scans."""
        mark_studies_in_use([scan.volume.source.path.absolute() for scan in self._scans])


def _copy_sagittal(scan: OpenScan) -> None:
    """Copy a scan into sagittal order in the background, if there is enough memory."""
    volume = scan.volume

    def on_end(outcome: Outcome[NDArray[np.int16] | None]) -> None:
        if isinstance(outcome, Succeeded):
            scan.set(replace(scan.parts, sagittal_hu=outcome.result))

    scan.jobs.start(JobKind.TRANSPOSE, lambda _: sagittal_order(volume), on_end=on_end)


def _is_same_scan(open_scan: OpenScan, read: ReadScan) -> bool:
    """Return whether a scan is open: the same file, or a DICOM series from another file or folder.

    An anonymised copy counts as a different scan.
    """
    one, other = open_scan.volume.source, read.volume.source
    is_same_series = bool(one.series_uid) and (one.series_uid, one.identity) == (
        other.series_uid,
        other.identity,
    )
    is_same_image = open_scan.parts.reference.fingerprint == read.reference.fingerprint
    return is_same_image and (one == other or (is_same_series and one.path != other.path))


def _is_same_file(one: CtVolume, other: CtVolume) -> bool:
    return (one.source.path, one.source.series_uid) == (other.source.path, other.source.series_uid)
