"""Export of a scan's results: masks and maps on its grid, tables, reports, pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from spineviewer.app.exporting import ExportKind, check_targets, export, order_for
from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import Failed, JobKind, Outcome, Stopped, Succeeded
from spineviewer.app.mask_snapshot import has_corrections
from spineviewer.app.notices import Notice, ProgressNotice, Severity, failure
from spineviewer.app.provenance import Provenance
from spineviewer.measuring_tools.measurement_tables import as_csv
from spineviewer.progress import Progress
from spineviewer.wording import enumerated, worded

if TYPE_CHECKING:
    from spineviewer.app.features.named_vertebrae import VertebraNames
    from spineviewer.app.features.saved_results import Results, SavedResults
    from spineviewer.app.features.segmentation import Segmentation
    from spineviewer.app.scan_core import ScanCore

#: Topic of the notice about what an exported DICOM object leaves out.
_LEFT_OUT = "left-out"


class Exports:
    """Writes results in the background, after computing what they need.

    `written` announces the paths of exported results, `folder_chosen` where the user wants results.
    """

    written = Signal(object)
    folder_chosen = Signal(object)

    def __init__(
        self,
        scan: ScanCore,
        segmentation: Segmentation,
        names: VertebraNames,
        saved: SavedResults,
        jobs: Jobs,
        tell: Callable[[Notice], None],
    ) -> None:
        self._scan = scan
        self._segmentation = segmentation
        self._names = names
        self._saved = saved
        self._jobs = jobs
        self._tell = tell
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """Folder of this scan's most recent export; the scan's own folder until then."""
        return self._folder or self._scan.volume.source.path.absolute().parent

    def continue_in(self, folder: str) -> None:
        """Use the folder of earlier exports, if it still exists."""
        if folder and Path(folder).is_dir():
            self._folder = Path(folder)

    def remember_folder(self, folder: Path) -> None:
        """Use this folder as the default for this scan's next exports."""
        self._folder = folder
        self.folder_chosen.emit(folder)

    @property
    def facts(self) -> dict[str, object]:
        """How the displayed result was computed, for exported files."""
        state = self._scan.state
        is_corrected = has_corrections(self._scan.correction, state.fused, state.tuning)
        return Provenance(
            state.scan.source, state.tuning, state.run_record, is_corrected_by_hand=is_corrected
        ).fields

    def export(
        self, targets: Mapping[ExportKind, Path], *, may_overwrite: bool, as_label_map: bool = False
    ) -> None:
        """Write a snapshot of the current result.

        Problems and omissions are reported immediately, even if the mask is still being computed.
        """
        scan = self._scan
        current = scan.snapshot()
        if current is None:
            return
        names = ", ".join(path.name for path in targets.values())
        scan.end_topic(_LEFT_OUT)
        notice = ProgressNotice(scan.tell, worded("Exporting {files}…", files=names), "export")
        volume = scan.volume
        order = order_for(
            scan,
            current,
            self._names.current,
            dict(targets),
            may_overwrite=may_overwrite,
            as_label_map=as_label_map,
        )

        def check(progress: Progress) -> tuple[str, ...]:
            progress.step(worded("Checking"), 0.0)
            notes = check_targets(
                order.targets,
                may_overwrite=may_overwrite,
                voxels=volume.hu.size,
                source=volume.source,
            )
            progress.step(worded("Checking"), 1.0)
            return notes

        def on_checked(outcome: Outcome[tuple[str, ...]]) -> None:
            if not isinstance(outcome, Succeeded):
                self._on_not_exported(outcome)
                return
            self._report_omissions(outcome.result)
            self._segmentation.when_computed(order.required_tuning, begin)

        def begin() -> None:
            snapshot = replace(current, fusion=scan.fusion or current.fusion)
            computed = replace(order, snapshot=snapshot)
            results = self._saved.present if ExportKind.MASK in order.targets else None
            self._jobs.start(
                JobKind.EXPORT,
                lambda progress: export(computed, progress),
                on_end=lambda outcome: self._on_exported(outcome, results),
                on_progress=notice.show,
            )

        self._jobs.start(JobKind.EXPORT, check, on_end=on_checked)

    def save_table(self, path: Path) -> None:
        """Write all measurements as CSV."""
        from spineviewer.io.write.sidecar import sidecar_path, write_sidecar
        from spineviewer.io.write.whole_file import check_target, write_bytes

        state, facts = self._scan.state, self.facts
        table = as_csv(state.measurements, state.scan).encode("utf-8")

        def write() -> None:
            for target in (path, sidecar_path(path)):
                check_target(target, overwrite=True)
            write_bytes(path, table)
            write_sidecar(path, facts)

        self._write(path, write, "table")

    def save_measurement_report(self, path: Path) -> None:
        """Write all measurements as a DICOM structured report; overwrite an existing file."""
        measurements, volume = self._scan.state.measurements, self._scan.volume
        self._scan.end_topic(_LEFT_OUT)

        def work(progress: Progress) -> tuple[str, ...]:
            from spineviewer.io.write.dicom_sr import write_sr

            return write_sr(measurements, volume, path, may_overwrite=True, progress=progress)

        def on_end(outcome: Outcome[tuple[str, ...]]) -> None:
            if isinstance(outcome, Succeeded):
                self._scan.tell(_saved(path, "table"))
                self._report_omissions(outcome.result)
            elif isinstance(outcome, Failed):
                self._scan.fail(outcome, "table")

        self._jobs.start(JobKind.SAVE_MEASUREMENTS, work, on_end=on_end)

    def save_picture(
        self, path: Path, picture: Callable[[Mapping[str, object]], bytes], *, may_overwrite: bool
    ) -> None:
        """Write a picture.

        `picture` gets the facts about the result and returns the content of the file; it is called
        in the background.
        """
        from spineviewer.io.write.whole_file import check_target, write_bytes

        facts = self.facts

        def write() -> None:
            check_target(path, may_overwrite)
            write_bytes(path, picture(facts))

        self._write(path, write, "picture")

    def _write(self, path: Path, write: Callable[[], None], topic: str) -> None:
        def on_end(outcome: Outcome[None]) -> None:
            self._tell(
                failure(outcome, topic) if isinstance(outcome, Failed) else _saved(path, topic)
            )

        self._jobs.write(JobKind.SMALL_FILE, write, on_end=on_end)

    def _on_exported(self, outcome: Outcome[tuple[Path, ...]], results: Results | None) -> None:
        if isinstance(outcome, Succeeded):
            paths = outcome.result
            if results is not None:
                self._saved.mark_mask_saved(results)
            names = ", ".join(path.name for path in paths)
            text = worded("Exported {files} to {folder}", files=names, folder=paths[0].parent)
            self._scan.tell(Notice(Severity.INFO, text, "export", paths=paths))
            self.written.emit(paths)
        else:
            self._on_not_exported(outcome)

    def _on_not_exported(self, outcome: Failed | Stopped) -> None:
        if isinstance(outcome, Failed):
            self._scan.fail(outcome, "export")
        else:
            self._scan.tell(
                Notice(
                    Severity.INFO,
                    worded("Export cancelled. Existing files were not changed."),
                    "export",
                )
            )

    def _report_omissions(self, notes: tuple[str, ...]) -> None:
        """Show a notice about what a DICOM object leaves out."""
        if notes:
            self._scan.tell(Notice(Severity.WARNING, enumerated(notes, " "), _LEFT_OUT))


def _saved(path: Path, topic: str) -> Notice:
    text = worded("Saved {file} to {folder}", file=path.name, folder=path.parent)
    return Notice(Severity.INFO, text, topic, paths=(path,))
