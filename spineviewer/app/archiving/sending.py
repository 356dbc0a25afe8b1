"""Sending of an open scan's results to an archive, with the archive's answer for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from psygnal import Signal

from spineviewer.app.archiving.connection import Connect, Connection
from spineviewer.app.archiving.result_files import (
    ResultKind,
    ResultsOrder,
    WrittenResult,
    results_order,
)
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Stopped, Succeeded
from spineviewer.app.notices import Notice, Severity
from spineviewer.archive.client import SentFile
from spineviewer.archive.node import Node
from spineviewer.errors import ArchiveError
from spineviewer.progress import Progress
from spineviewer.scratch import ScratchFolder
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.open_scan import OpenScan

TOPIC = "send"


class SendState(Enum):
    """The outcome of sending a result."""

    WAITING = "waiting"
    NOT_WRITTEN = "not written"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    UNCONFIRMED = "not confirmed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class SentResult:
    """One result and the outcome of sending it; `reason` is empty if there was no error."""

    kind: ResultKind
    state: SendState = SendState.WAITING
    reason: str = ""

    @property
    def is_in_archive(self) -> bool:
        """Whether the archive accepted it."""
        return self.state in (SendState.ACCEPTED, SendState.CONFIRMED, SendState.UNCONFIRMED)


class Sending:
    """Sends the results of one scan at a time.

    Signals: `changed` (`results` changed, or sending began or ended), `progressed` (a
    `ProgressUpdate`).

    Thread ownership: the window's thread.

    Attributes
    ----------
    results
        The results that are being sent or were sent most recently.
    error
        Why sending failed or was stopped; empty otherwise.
    """

    changed = Signal()
    progressed = Signal(object)

    def __init__(self, jobs: Jobs, connect: Connect, tell: Callable[[Notice], None]) -> None:
        self._jobs = jobs
        self._connect = connect
        self._tell = tell
        self.results: tuple[SentResult, ...] = ()
        self.error = ""

    @property
    def is_running(self) -> bool:
        """Whether results are being sent."""
        return self._jobs.is_running(JobKind.SEND)

    def send(
        self,
        scan: OpenScan,
        node: Node,
        kinds: Sequence[ResultKind],
        *,
        title: str,
        asks_for_confirmation: bool = False,
    ) -> None:
        """Send a scan's current results; missing voxels that they need are computed first.

        Parameters
        ----------
        title
            Title of the report and the images; must not contain patient data.
        asks_for_confirmation
            Whether to ask the archive to confirm that it has stored the results (storage
            commitment).
        """
        if self.is_running or not kinds:
            return
        self.results, self.error = tuple(SentResult(kind) for kind in kinds), ""
        archive = self._connect(node, "")
        snapshot = scan.snapshot()

        def begin() -> None:
            if self.is_running:  # requested again while the mask was being finished
                return
            order = results_order(scan, kinds, title)
            self._jobs.start(
                JobKind.SEND,
                lambda progress: _write_and_send(order, archive, asks_for_confirmation, progress),
                on_end=lambda outcome: self._on_end(outcome, node),
                on_progress=self.progressed.emit,
            )
            self.changed.emit()

        if snapshot is None:
            begin()
        else:
            needs_whole_map = ResultKind.PROBABILITY in kinds
            scan.segmentation.when_computed(None if needs_whole_map else snapshot.tuning, begin)

    def cancel(self) -> None:
        """Stop sending; results that the archive has accepted stay in it."""
        self._jobs.cancel(JobKind.SEND)

    def _on_end(self, outcome: Outcome[tuple[SentResult, ...]], node: Node) -> None:
        if isinstance(outcome, Succeeded):
            self.results = outcome.result
            count = sum(result.is_in_archive for result in self.results)
            all_accepted = all(
                result.state in (SendState.ACCEPTED, SendState.CONFIRMED) for result in self.results
            )
            text = worded(
                "Sent to {archive}: {number} of {count} results.",
                number=count,
                count=len(self.results),
                archive=node.name,
            )
            self._tell(Notice(Severity.INFO if all_accepted else Severity.WARNING, text, TOPIC))
        elif isinstance(outcome, Failed):
            self.error = outcome.message
            self._tell(Notice(Severity.ERROR, outcome.message, TOPIC, error=outcome.error))
        elif isinstance(outcome, Stopped):
            self.error = worded(
                "Sending was stopped. The archive may already have received some of the results."
            )
        self.changed.emit()


def _write_and_send(
    order: ResultsOrder, archive: Connection, asks_for_confirmation: bool, progress: Progress
) -> tuple[SentResult, ...]:
    """Write results into a temporary folder, send them, and delete the folder.

    Return the outcome for each result.
    """
    folder = ScratchFolder()
    try:
        written = order.write(folder.path, progress)
        files = [path for result in written for path in result.files]
        answers = {answer.file: answer for answer in archive.send(files, progress)} if files else {}
        accepted = [path for path in files if answers[path].is_accepted]
        confirmations: dict[object, SentFile] = {}
        fault = ""
        if asks_for_confirmation and accepted:
            try:
                confirmations = {
                    answer.file: answer for answer in archive.confirm(accepted, progress=progress)
                }
            except ArchiveError as error:
                fault = str(error)
        return tuple(
            _result(answer, [answers[path] for path in answer.files])
            if not asks_for_confirmation
            else _with_confirmation(
                _result(answer, [answers[path] for path in answer.files]),
                [confirmations[path] for path in answer.files if path in confirmations],
                fault,
            )
            for answer in written
        )
    finally:
        folder.close()


def _result(written: WrittenResult, answers: Sequence[SentFile]) -> SentResult:
    if not written.files:
        return SentResult(written.kind, SendState.NOT_WRITTEN, written.reason)
    rejected = [answer for answer in answers if not answer.is_accepted]
    if rejected:
        return SentResult(written.kind, SendState.REFUSED, rejected[0].reason)
    return SentResult(written.kind, SendState.ACCEPTED)


def _with_confirmation(
    result: SentResult, confirmations: Sequence[SentFile], fault: str
) -> SentResult:
    """Return a result, marked as confirmed or not confirmed if the archive accepted it."""
    if not result.is_in_archive:
        return result
    rejected = [answer for answer in confirmations if not answer.is_accepted]
    if fault or rejected:
        return SentResult(result.kind, SendState.UNCONFIRMED, fault or rejected[0].reason)
    return SentResult(result.kind, SendState.CONFIRMED)
