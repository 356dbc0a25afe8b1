"""The work with which a scan opens: a session, autosaved work, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spineviewer.app.hanging_protocols import HangingProtocol
from spineviewer.app.jobs import Outcome, Succeeded
from spineviewer.app.journal import SavedWork
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.opening import ReadScan
from spineviewer.app.scan_core import ScanParts
from spineviewer.app.session import Session, apply_session
from spineviewer.app.settings import RecentScan
from spineviewer.app.state import Overlays, ScanState, SegmentationStage, first_state
from spineviewer.app.view_state import ViewState
from spineviewer.editing.correction import Correction
from spineviewer.tuning import Tuning
from spineviewer.wording import enumerated, mark, worded

_CORRECTIONS_REMOVABLE = mark("To remove the corrections, use Correct > Discard all corrections.")
_COPY = mark("This work was done on another file with the same content: {file}.")
_UNKNOWN_COPY = mark("This work was done on another file with the same content.")
_ANOTHER_SCAN = mark(
    "The session belongs to another scan: this scan contains different values. Nothing was "
    "restored."
)
_OTHER_WEIGHTS = mark(
    "The session was saved with different networks, so the mask may differ from the saved one."
)


@dataclass(frozen=True, eq=False)
class RestoredWork:
    """The state of a scan that is being opened.

    Attributes
    ----------
    session
        The session that is restored with all its settings; None if none was requested.
    autosaved
        The autosaved session that is restored if no session was requested; None if there is none.
    continued
        Autosaved work that the scan now contains or that has no edits; the scan's autosave replaces
        it.
    """

    parts: ScanParts
    notices: tuple[Notice, ...]
    session: Session | None
    autosaved: Session | None
    continued: list[SavedWork]

    def restore_results(self, scan: OpenScan) -> None:
        """Restore the networks' results in the scan that was opened, if there are any."""
        if self.session is not None:
            _resume(scan, self.session)
        elif self.autosaved is not None and self.autosaved.is_segmented:
            scan.segmentation.restore_results(
                scan.autosave.saved_results(),
                stage=SegmentationStage.DONE,
                may_compute=False,
                goes_to_spine=True,  # autosaved work is restored without its position
            )


def restored_work(
    scan: ReadScan,
    requested: Session | None,
    defaults: Tuning,
    overlays: Overlays,
    protocol: HangingProtocol | None,
    recent: Sequence[RecentScan] = (),
) -> RestoredWork:
    """Return the work with which a scan opens.

    Parameters
    ----------
    requested
        Session to restore if it belongs to this scan. Without it, autosaved work is restored.
    defaults, overlays, protocol
        Settings of a scan without a session; `protocol` is None if this kind of scan has none.
    recent
        Recent scans; the one on which the work was done may be among them.
    """
    notices: list[Notice] = []
    found = scan.work.found
    if found.error is not None:
        notices.append(Notice(Severity.ERROR, str(found.error), "saved work"))
    if requested is not None and requested.scan.fingerprint != scan.reference.fingerprint:
        notices.append(Notice(Severity.ERROR, _ANOTHER_SCAN, "session"))
        requested = None
    state, views = first_state(scan.volume, defaults, overlays), ViewState()
    if protocol is not None:
        state, views = protocol.applied(state), ViewState(layout=protocol.layout)
    autosaved = _autosaved(scan)
    restored = requested or autosaved
    if requested is not None:
        state, views = apply_session(requested, state), requested.views
    elif restored is not None:
        state = _with_work_of(restored, state)
        sentences = _restored_sentences(restored)
        if restored.has_edits or restored.is_segmented:
            sentences += _origin(restored, scan, recent)
        if sentences:
            notices.append(Notice(Severity.INFO, enumerated(sentences, " "), "saved work"))
    parts = ScanParts(state, scan.reference, defaults, _correction(scan, restored), views=views)
    continued: list[SavedWork] = []
    if restored is not None:
        parts = replace(
            parts,
            draft=restored.draft,
            checklist=restored.checklist,
            placed_levels=restored.placed_levels,
            reports=restored.reports,
        )
        continued = [
            work
            for work in found.versions
            if not work.session.has_edits or work.session.has_same_work_as(restored)
        ]
    if requested is not None:
        parts = replace(parts, history=requested.history)
    return RestoredWork(parts, tuple(notices), requested, autosaved, continued)


def _autosaved(scan: ReadScan) -> Session | None:
    """Return the autosaved session to restore.

    A session with edits is preferred to one with settings only.
    """
    sessions = [work.session for work in scan.work.found.versions]
    return next((session for session in sessions if session.has_edits), next(iter(sessions), None))


def _restored_sentences(session: Session) -> list[str]:
    """Return sentences that name the restored work; none if it consists of settings only."""
    draft = session.draft
    kinds = (
        (not session.correction.is_empty, worded("corrections")),
        (not session.naming.is_empty, worded("names set by hand")),
        (bool(session.moved_points), worded("moved landmarks")),
        (bool(session.measurements), worded("measurements")),
        (bool(draft.findings.strip() or draft.impression.strip()), worded("report text")),
        (bool(draft.images), worded("key images")),
        (bool(session.ticked_regions), worded("ticked regions")),
    )
    restored = [kind for is_present, kind in kinds if is_present]
    if not restored:
        return []
    sentence = worded("Restored from last time: {work}.", work=enumerated(restored, ", "))
    is_corrected = not session.correction.is_empty
    return [sentence, *([worded(_CORRECTIONS_REMOVABLE)] if is_corrected else [])]


def _origin(session: Session, scan: ReadScan, recent: Sequence[RecentScan]) -> list[str]:
    """Return a sentence if a session was saved for another file with the same content."""
    reference, here = session.scan, scan.reference.path
    if reference.has_path(here) or not (reference.path or reference.path_hash):
        return []
    copy = next((item for item in recent if reference.has_path(item.path)), None)
    if copy is None:
        return [worded(_UNKNOWN_COPY)]
    return [worded(_COPY, file=copy.title or copy.path)]  # the title hides the patient


def _with_work_of(session: Session, state: ScanState) -> ScanState:
    """Return the state with the edits of a session; its display settings do not change."""
    return replace(
        state,
        measurements=session.measurements,
        naming=session.naming,
        moved_points=session.moved_points,
        tuning=session.tuning,
    )


def _correction(scan: ReadScan, session: Session | None) -> Correction:
    shape_zyx = scan.volume.geometry.shape_zyx
    if session is not None and session.correction.shape_zyx == shape_zyx:
        return session.correction
    return Correction(shape_zyx)


def _resume(scan: OpenScan, session: Session) -> None:
    """Restore the networks' results from a session; show a notice if the networks differ."""

    def on_end(outcome: Outcome[object]) -> None:
        scan.segmentation_ended.disconnect(on_end)
        if not isinstance(outcome, Succeeded):
            return
        if session.scan.path:  # it is in one of the user's files, not in the journal
            scan.saved.mark_saved(scan.saved.present)
        if session.comparison:
            scan.comparison.restore(Path(session.comparison))
        if session.weights and session.weights != str(scan.state.run_record.get("weights", "")):
            scan.tell(Notice(Severity.WARNING, _OTHER_WEIGHTS, "session"))

    scan.segmentation_ended.connect(on_end)
    if session.is_segmented or (session.is_stopped and session.results):
        saved = scan.autosave.saved_results()
        stage = SegmentationStage.DONE if session.is_segmented else SegmentationStage.STOPPED
        scan.segmentation.restore_results(lambda: session.results or saved(), stage=stage)
