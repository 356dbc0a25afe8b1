"""Anonymised copies of an open scan's series and of its results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from spineviewer.app.exporting import ExportKind, export, order_for
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Succeeded
from spineviewer.app.notices import Notice, ProgressNotice, Severity
from spineviewer.progress import Progress
from spineviewer.wording import enumerated, worded

if TYPE_CHECKING:
    from spineviewer.app.features.named_vertebrae import VertebraNames
    from spineviewer.app.scan_core import ScanCore
    from spineviewer.io.dicom.deidentification import Profile
    from spineviewer.io.write.anonymiser_messages import Anonymised

_TOPIC = "anonymised"


class AnonymisedCopies:
    """Writes anonymised copies in the background.

    Thread ownership: the same as the scan's.
    """

    def __init__(self, scan: ScanCore, names: VertebraNames, jobs: Jobs) -> None:
        self._scan = scan
        self._names = names
        self._jobs = jobs

    def write(self, target: Path, profile: Profile, *, with_results: bool) -> None:
        """Write anonymised copies to a new folder.

        Parameters
        ----------
        with_results
            Whether to include the computed mask (DICOM SEG) and the measurements (DICOM SR); they
            then refer to the copies of the slices.
        """
        slices = self._scan.volume.source.slices
        assert slices is not None, "the scan did not come from DICOM files"
        files = list(dict.fromkeys(slices.files))
        results = self._results() if with_results else ()

        def work(progress: Progress) -> Anonymised:
            from spineviewer.io.write.anonymised import check_anonymised, write_anonymised
            from spineviewer.scratch import ScratchFolder

            check_anonymised(files, target)
            folder = ScratchFolder()
            try:
                copies = [write(folder.path, progress) for write in results]
                return write_anonymised([*files, *copies], target, profile, progress)
            finally:
                folder.close()

        text = worded("Writing anonymised copies to {folder}…", folder=target.name)
        notice = ProgressNotice(self._scan.tell, text, _TOPIC)
        self._jobs.start(
            JobKind.EXPORT,
            work,
            on_end=lambda outcome: self._on_end(outcome, target),
            on_progress=notice.show,
        )

    def _results(self) -> tuple[Callable[[Path, Progress], Path], ...]:
        """Return functions that write snapshots of the existing results to a folder."""
        scan, copies = self._scan, list[Callable[[Path, Progress], Path]]()
        snapshot, volume, state = scan.snapshot(), scan.volume, scan.state
        if snapshot is not None and scan.parts.is_mask_computed:
            order = order_for(scan, snapshot, self._names.current, {})

            def write_mask(folder: Path, progress: Progress) -> Path:
                path = folder / "mask.dcm"
                export(replace(order, targets={ExportKind.MASK: path}), progress)
                return path

            copies.append(write_mask)
        if state.measurements:

            def write_measurements(folder: Path, progress: Progress) -> Path:
                from spineviewer.io.write.dicom_sr import write_sr

                path = folder / "measurements.dcm"
                write_sr(state.measurements, volume, path, may_overwrite=True, progress=progress)
                return path

            copies.append(write_measurements)
        return tuple(copies)

    def _on_end(self, outcome: Outcome[Anonymised], target: Path) -> None:
        if isinstance(outcome, Failed):
            self._scan.fail(outcome, _TOPIC)
        elif isinstance(outcome, Succeeded):
            result = outcome.result
            text = worded("%n anonymised file(s) in {folder}.", "", result.files, folder=target)
            severity = Severity.WARNING if result.warnings else Severity.INFO
            words = enumerated([text, *result.warnings], " ")
            self._scan.tell(Notice(severity, words, _TOPIC, paths=(target,)))
