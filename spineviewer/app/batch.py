"""Segmentation of a list of scans into a folder of masks and a table.

Every finished scan is recorded immediately, so that an interruption loses only the scans that are
being segmented. A batch that is started again with the same list, folder and settings skips the
finished scans.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from spineviewer.app.batch_list import Entry, mask_names, session_name
from spineviewer.app.exporting import (
    ExportKind,
    check_targets,
    export,
    order_for_run,
    results_stem,
)
from spineviewer.app.mask_facts import CUT_BY_SCAN, cut_vertebrae_remark, is_incomplete
from spineviewer.app.mask_middle import spine_middle
from spineviewer.app.measurement_files import DICOM_EXTENSION
from spineviewer.app.provenance import PROGRAM
from spineviewer.app.scan_titles import hidden_title, names_patient
from spineviewer.editing.correction import Correction
from spineviewer.errors import (
    Cancelled,
    ExportError,
    MemoryReleased,
    SpineViewerError,
    UsageError,
    reason_of,
    unwritable,
)
from spineviewer.progress import JobProgress, Progress
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import CtVolume, ScanSource
from spineviewer.wording import is_critical, worded

if TYPE_CHECKING:
    from spineviewer.app.pipeline import FusedResult

TABLE_JSON, TABLE_CSV = "batch.json", "batch.csv"
#: Measured vertebrae of all scans, one per line.
MEASUREMENTS_CSV = "measurements.csv"
#: Scans finished since the table was written, one per line.
TABLE_LINES = "batch.lines"
#: Scans that one worker handles at once, to overlap reading, computing and writing.
LANES = 2
#: Seconds between checks that the workers of a pool are alive.
_TICK_S = 0.1
#: Choice: minimum seconds between writes of the table.
_WRITE_PAUSE_S = 1.0
#: Choice: minimum ratio of a pause to the duration of the write before it, so that writing takes at
#: most a twentieth of the time.
_PAUSE_FACTOR = 20.0


class State(Enum):
    """State of a scan in the list."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Row:
    """One line of the results table.

    Attributes
    ----------
    mask
        Name of the mask in the batch's folder; in the tables, empty until the scan is done.
    session
        Path of the session that opens the result, within that folder; empty if none is requested.
    message
        Why the scan failed, in a sentence.
    volume_ml, islands_left_out_ml, voxels, is_cut_by_scan, seconds
        None until the scan is done; `seconds` is the time from opening it to writing the mask.
    record
        The engine's record (device, backend, precision, weights).
    measurements
        Name of the JSON file of measurements in the batch's folder; empty if vertebrae are not
        measured.
    label_volume
        Name of the file of named vertebrae in the batch's folder; empty if it is not requested.
    vertebrae
        Names from head to foot; '*' marks vertebrae that are cut off by the edge of the scan.
    naming
        The basis of the names and their probability (`Naming.record`).
    title
        Shown in place of the path while patients are hidden; empty if the path names no patient.
    """

    entry: Entry
    mask: str
    state: State = State.WAITING
    message: str = ""
    volume_ml: float | None = None
    islands_left_out_ml: float | None = None
    voxels: int | None = None
    is_cut_by_scan: bool | None = None
    seconds: float | None = None
    warnings: tuple[str, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    measurements: str = ""
    session: str = ""
    label_volume: str = ""
    vertebrae: tuple[str, ...] = ()
    naming: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that a finished scan has in the batch's folder."""
        names = (self.mask, self.measurements, self.label_volume)
        return tuple(name for name in names if name)


class MaskMaker(Protocol):
    """Reads and segments scans for a batch; both calls block."""

    def read_scan(self, path: Path, series_uid: str | None, progress: Progress) -> CtVolume:
        """Read one scan; raise an error if there are several series and none was chosen."""

    def mask(self, scan: CtVolume, tuning: Tuning, progress: JobProgress) -> FusedResult:
        """Return the fused output of both networks, computed only where the mask needs it.

        Computation pauses while `progress` is paused.
        """


class RowPool(Protocol):
    """Workers that segment the scans of a batch."""

    @property
    def capacity(self) -> int:
        """Number of scans to submit at once, so that no worker has to wait for the next one."""

    def submit(self, row: Row, folder: Path, tuning: Tuning) -> Future[Row]:
        """Submit a scan to a worker."""

    def row_from(self, future: Future[Row], row: Row) -> Row:
        """Return the finished row, or `row` marked as failed if its worker was lost."""

    def require_alive(self) -> None:
        """Raise `InferenceError` if the workers can no longer answer."""


class Batch:
    """The table of one batch, stored in its folder.

    Thread ownership: one thread at a time; rows are frozen and may be read anywhere.

    Parameters
    ----------
    folder
        Destination of masks and table; created if it does not exist.
    may_start_over
        Ignore the folder's table, even if it was made with other settings, and overwrite its masks.
    with_measurements
        Also measure the vertebrae of each scan.
    with_sessions
        Also save a session for each scan, which opens with its result.
    with_vertebrae
        Also write the named vertebrae of each scan.
    as_label_map
        Write the named vertebrae of DICOM scans as DICOM SEG of type LABELMAP, not as NIfTI.

    Raises
    ------
    UsageError
        When the folder contains a batch that was made with other settings, or a damaged table.
    ExportError
        When the folder cannot be created.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        folder: Path,
        tuning: Tuning,
        *,
        may_start_over: bool = False,
        with_measurements: bool = False,
        with_sessions: bool = False,
        with_vertebrae: bool = False,
        as_label_map: bool = False,
    ) -> None:
        self.folder = folder
        self.tuning = tuning
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportError(
                "The folder {folder} cannot be created: {reason}. Choose another folder.",
                folder=folder,
                reason=reason_of(error),
            ) from error
        known = {} if may_start_over else self._known_rows()
        names = mask_names(entries)
        self.rows: list[Row] = []
        for entry, name in zip(entries, names, strict=True):
            new_row = Row(
                entry,
                name,
                measurements=_measurements_name(name) if with_measurements else "",
                session=session_name(name) if with_sessions else "",
                label_volume=_labels_name(name, as_label_map and _is_dicom_scan(entry))
                if with_vertebrae
                else "",
            )
            row = known.get((str(entry.path), entry.series_uid))
            is_done = (
                row is not None and row.state is State.DONE and _has_files(folder, row, new_row)
            )
            self.rows.append(row if row is not None and is_done else new_row)
        self._done_count = sum(row.state is State.DONE for row in self.rows)
        self._pause_s = _WRITE_PAUSE_S

    @property
    def done_count(self) -> int:
        """The number of scans that are finished."""
        return self._done_count

    def run(
        self,
        maker: MaskMaker,
        progress: JobProgress,
        *,
        on_row: Callable[[int, Row], None] | None = None,
    ) -> None:
        """Segment all scans that are not done.

        Pausing `progress` pauses the batch, even in the middle of a scan. A failure is recorded in
        the scan's row, and the next scan begins.

        Raises
        ------
        Cancelled
            When `progress` raises it; the running scan is queued again, and finished scans are
            kept.
        ExportError
            When the table cannot be written; the batch stops, because its progress would be lost.
        """

        def set_row(number: int, row: Row) -> None:
            self._set(number, row, on_row)

        self._write()
        for number, row in enumerate(self.rows):
            # repeated if it was interrupted to free memory for the user's scan
            while self.rows[number].state in (State.WAITING, State.FAILED):
                progress.wait_while_paused()
                set_row(number, replace(row, state=State.RUNNING, message=""))
                try:
                    result = segment_row(row, self.folder, self.tuning, maker, progress)
                except Cancelled:
                    set_row(number, row)
                    raise
                set_row(number, result)
                if result.state is State.FAILED:
                    break
            self._write()

    def run_in_pool(
        self, pool: RowPool, progress: Progress, *, on_row: Callable[[int, Row], None] | None = None
    ) -> None:
        """Use a pool of workers to segment all scans that are not done.

        Each finished scan is recorded immediately. No more scans are submitted than the capacity of
        the pool, so that memory use does not grow with the list.

        Raises
        ------
        Cancelled
            When `progress` raises it; finished scans are kept.
        InferenceError
            When the pool is lost; finished scans are kept.
        ExportError
            When the table cannot be written.
        """
        self._write()
        waiting = (number for number, row in enumerate(self.rows) if row.state is not State.DONE)
        running: dict[Future[Row], int] = {}
        started_s = time.monotonic()
        try:
            while True:
                for number in islice(waiting, max(0, pool.capacity - len(running))):
                    self._set(
                        number, replace(self.rows[number], state=State.RUNNING, message=""), on_row
                    )
                    running[pool.submit(self.rows[number], self.folder, self.tuning)] = number
                if not running:
                    return
                done, _ = wait(running, _TICK_S, FIRST_COMPLETED)
                progress.step(worded("Segmenting"), self.done_count / len(self.rows))
                pool.require_alive()
                for future in done:
                    number = running.pop(future)
                    self._set(number, pool.row_from(future, self.rows[number]), on_row)
                    self._append_line(self.rows[number])
                if done and time.monotonic() - started_s > self._pause_s:
                    started_s = self._timed_write()
        finally:
            for future, number in running.items():
                future.cancel()
                self.rows[number] = replace(self.rows[number], state=State.WAITING)
            self._write()

    def _set(self, number: int, row: Row, on_row: Callable[[int, Row], None] | None) -> None:
        self._done_count += (row.state is State.DONE) - (self.rows[number].state is State.DONE)
        self.rows[number] = row
        if on_row is not None:
            on_row(number, row)

    def _timed_write(self) -> float:
        """Write the table, and set the pause before the next write to match its duration.

        Return the time of the monotonic clock, in seconds, at the end.
        """
        start_s = time.monotonic()
        self._write()
        end_s = time.monotonic()
        self._pause_s = max(_WRITE_PAUSE_S, _PAUSE_FACTOR * (end_s - start_s))
        return end_s

    def write_measurements(self) -> Path | None:
        """Write the measured vertebrae of all finished scans into one table; return its path.

        The result is None if nothing was measured; a table of an earlier batch is then deleted.

        Raises
        ------
        ExportError
            When the table cannot be written.
        """
        from spineviewer.io.write.whole_file import write_bytes
        from spineviewer.measurements.table import COLUMNS, csv_text

        rows = [
            {"scan": row.entry.archive or str(row.entry.path), **vertebra}
            for row in self.rows
            if row.state is State.DONE and row.measurements
            for vertebra in _measured_rows(self.folder / row.measurements)
        ]
        path = self.folder / MEASUREMENTS_CSV
        if not rows:
            path.unlink(missing_ok=True)
            return None
        write_bytes(path, csv_text(rows, ("scan", *COLUMNS)).encode("utf-8"))
        return path

    # storage

    def _known_rows(self) -> dict[tuple[str, str], Row]:
        path = self.folder / TABLE_JSON
        if not path.exists():
            return {}
        try:
            content = path.read_bytes()
            table = msgspec.json.decode(content, type=_Table, dec_hook=_from_stored)
        except (OSError, msgspec.MsgspecError, RecursionError, UsageError) as error:
            raise UsageError(
                f"{path} is damaged. Choose another folder, or start over (--overwrite)."
            ) from error
        tuning = table.tuning
        if tuning != self.tuning:
            raise UsageError(
                f"{self.folder.name} contains a batch made with other settings "
                f"(attention threshold {tuning.attention_threshold}, sigma {tuning.sigma_mm} mm, "
                f"segmentation threshold {tuning.segmentation_threshold}, far pieces "
                f"{'left out' if tuning.leaves_out_islands else 'kept'}). Choose another folder, "
                "or start over (--overwrite)."
            )
        rows = (*table.rows, *self._appended_rows())
        return {(str(row.entry.path), row.entry.series_uid): row for row in rows}

    def _appended_rows(self) -> list[Row]:
        """Return the rows that were finished after the table was last written.

        A line that is incomplete because the program was killed is skipped.
        """
        try:
            lines = (self.folder / TABLE_LINES).read_bytes().splitlines()
        except OSError:
            return []
        rows = []
        for line in lines:
            with suppress(msgspec.MsgspecError):
                rows.append(msgspec.json.decode(line, type=Row, dec_hook=_from_stored))
        return rows

    def _append_line(self, row: Row) -> None:
        """Append a finished scan to `TABLE_LINES`, which is fast even for long lists."""
        line = msgspec.json.encode(_as_stored(row), enc_hook=_to_stored)
        try:
            with (self.folder / TABLE_LINES).open("ab") as stream:
                stream.write(line + b"\n")
        except OSError as error:
            raise unwritable(self.folder, error, ExportError) from error

    def _write(self) -> None:
        from spineviewer.io.write.whole_file import write_bytes

        rows = list(map(_as_stored, self.rows))
        table = {**PROGRAM, "tuning": self.tuning, "rows": rows}
        content = msgspec.json.format(msgspec.json.encode(table, enc_hook=_to_stored), indent=1)
        write_bytes(self.folder / TABLE_JSON, content)
        write_bytes(self.folder / TABLE_CSV, as_csv(rows, self.tuning).encode("utf-8"))
        (self.folder / TABLE_LINES).unlink(missing_ok=True)


def _has_files(folder: Path, row: Row, requested: Row) -> bool:
    """Return whether a finished row has files of all requested kinds, regardless of their names."""
    files, wanted = (
        {tuple(name.split("_")[-2:]): name for name in each.files} for each in (row, requested)
    )
    return all(kind in files and (folder / files[kind]).is_file() for kind in wanted)


def _without_patient(row: Row, source: ScanSource) -> Row:
    """Return a row whose files are not named after the patient, as in the window's exports."""
    if not (source.is_named_after_patient or names_patient(row.mask, source)):
        return row
    # a mask's name may contain the name of a folder, which may name the patient
    stem = results_stem(replace(source, is_named_after_patient=True))
    mask = f"{stem}_{ExportKind.MASK.value}.nii.gz"
    is_label_map = row.label_volume.endswith(DICOM_EXTENSION)
    return replace(
        row,
        mask=mask,
        measurements=_measurements_name(mask) if row.measurements else "",
        session=session_name(mask) if row.session else "",
        label_volume=_labels_name(mask, is_label_map) if row.label_volume else "",
    )


def _measurements_name(mask: str) -> str:
    """Return the name of the file of measurements that belongs to a mask."""
    return mask.removesuffix(".nii.gz") + "_measurements.json"


def _labels_name(mask: str, as_label_map: bool) -> str:
    """Return the VerSe-style name of the file of named vertebrae that belongs to a mask."""
    name = mask.replace(ExportKind.MASK.value, ExportKind.VERTEBRAE.value)
    return name.removesuffix(".nii.gz") + DICOM_EXTENSION if as_label_map else name


def _is_dicom_scan(entry: Entry) -> bool:
    """Return whether a scan is DICOM: a folder, zip file or slice, or a scan in an archive."""
    from spineviewer.io.formats import IMAGE_FORMATS, format_of

    return format_of(entry.path, IMAGE_FORMATS) is None


def _measured_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file of measurements; none if it is missing or damaged."""
    try:
        content = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return []
    return list(content.get("measurements", []))


def segment_row(
    row: Row, folder: Path, tuning: Tuning, maker: MaskMaker, progress: JobProgress
) -> Row:
    """Segment a scan, and return its row as done or failed.

    The row is returned unchanged if the scan was interrupted to free memory for another one.

    Raises
    ------
    Cancelled
        When `progress` raises it.
    """
    try:
        return _segment(row, folder, tuning, maker, progress)
    except MemoryReleased:
        return row
    except SpineViewerError as error:
        return replace(row, state=State.FAILED, message=str(error))
    except MemoryError:
        return replace(
            row,
            state=State.FAILED,
            message=worded(
                "There is too little memory for this scan. Close other programs and try again."
            ),
        )


def _segment(
    row: Row, folder: Path, tuning: Tuning, maker: MaskMaker, progress: JobProgress
) -> Row:
    from spineviewer.app.vertebra_naming import name_vertebrae

    started = time.perf_counter()
    scan = maker.read_scan(_local_path(row.entry, progress), row.entry.series_uid or None, progress)
    source = scan.source
    row = _without_patient(row, source)
    names = {
        ExportKind.MASK: row.mask,
        ExportKind.VERTEBRAE: row.label_volume,
        ExportKind.MEASUREMENTS: row.measurements,
    }
    targets = {kind: folder / name for kind, name in names.items() if name}
    notes = check_targets(targets, may_overwrite=True, voxels=scan.hu.size, source=source)
    result = maker.mask(scan, tuning, progress)
    probability = result.fusion.probability
    assert probability is not None
    named = name_vertebrae(result.mask.mask, probability, scan, result.run_record)
    vertebrae, measurements = named.labelling.vertebrae, None
    if row.measurements:
        from spineviewer.app.measuring import measure_vertebrae

        measurements, _ = measure_vertebrae(vertebrae, scan, probability, named.run_record)
    order = order_for_run(
        result,
        source,
        targets,
        may_overwrite=True,
        vertebrae=vertebrae,
        measurements=measurements,
        as_label_map=row.label_volume.endswith(DICOM_EXTENSION),
    )
    export(order, progress)
    if row.session:
        save_result(folder / row.session, scan, row.entry.series_uid, result, tuning)
    return replace(
        row,
        state=State.DONE,
        vertebrae=tuple(v.name + "*" * v.is_incomplete for v in vertebrae),
        naming=vertebrae.naming.record,
        message="",
        volume_ml=round(result.mask.volume_ml, 3),
        islands_left_out_ml=round(result.mask.left_out_ml, 3),
        voxels=result.mask.mask.voxel_count,
        is_cut_by_scan=is_incomplete(result.mask.is_cut_by_scan, vertebrae),
        seconds=round(time.perf_counter() - started, 2),
        warnings=tuple(dict.fromkeys((*source.warnings, *notes, *named.run_record.warnings))),
        record=order.provenance.run,
        title=hidden_title(source, row.entry.path),
    )


def save_result(
    path: Path, scan: CtVolume, series_uid: str, result: FusedResult, tuning: Tuning
) -> None:
    """Write a session that opens a scan with its segmentation.

    Raises
    ------
    ExportError
        When the session cannot be written.
    """
    from spineviewer.app.session import make_reference, make_session, pack_session
    from spineviewer.app.state import Overlays, SegmentationStage, first_state
    from spineviewer.app.stored_results import pack_results
    from spineviewer.io.write.whole_file import write_bytes

    # the warnings about this mask are left out, because the mask can change in the window
    of_scan = tuple(one for one in result.run_record.warnings if one in scan.source.warnings)
    record = replace(result.run_record, warnings=of_scan).fields
    state = replace(
        first_state(scan, tuning, Overlays()), stage=SegmentationStage.DONE, run_record=record
    )
    if not result.mask.mask.is_empty:
        state = state.moved_to(spine_middle(result.mask.mask))
    reference = make_reference(scan, series_uid)
    session = replace(
        make_session(state, Correction(scan.geometry.shape_zyx), reference),
        results=pack_results(result.fusion, record, reference.fingerprint),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, pack_session(session, has_path=True))


def row_remarks(row: Row) -> tuple[str, ...]:
    """Return remarks about the result of a row, most important first."""
    from spineviewer.app.pipeline import NO_SPINE

    if row.message:
        return (row.message,)
    remarks = dict.fromkeys((*row.warnings, *((CUT_BY_SCAN,) if row.is_cut_by_scan else ())))
    partial = [name.removesuffix("*") for name in row.vertebrae if name.endswith("*")]
    if partial and CUT_BY_SCAN in remarks:  # name the vertebrae that are cut off
        remarks = {
            cut_vertebrae_remark(partial) if text == CUT_BY_SCAN else text: None for text in remarks
        }
    return tuple(sorted(remarks, key=lambda text: (text != NO_SPINE, not is_critical(text))))


def _local_path(entry: Entry, progress: Progress) -> Path:
    """Return the path of a scan; retrieve a scan in an archive first."""
    if not entry.archive:
        return entry.path
    from spineviewer.app.archives import local_scan

    return local_scan(entry.archive, progress)


def as_csv(rows: Sequence[Row], tuning: Tuning) -> str:
    """Return the results as a table, one line per scan."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow([
        "scan", "series_uid", "state", "mask", "volume_ml", "voxels", "cut_by_scan", "seconds",
        "attention_threshold", "sigma_mm",
        "segmentation_threshold", "leaves_out_islands", "islands_left_out_ml", "device",
        "backend", "precision", "weights",
        "vertebrae", "names_based_on", "names_probability",
        "warnings", "message",
    ])  # fmt: skip
    for row in rows:
        values = (row.volume_ml, row.voxels, row.is_cut_by_scan, row.seconds)
        engine = [
            row.record.get(name, "") for name in ("device", "backend", "precision", "weights")
        ]
        table.writerow([
            row.entry.archive or row.entry.path, row.entry.series_uid, row.state.value, row.mask,
            *("" if v is None else v for v in values),
            *tuning.numbers, tuning.leaves_out_islands,
            "" if row.islands_left_out_ml is None else row.islands_left_out_ml,
            *engine, " ".join(row.vertebrae),
            *(row.naming.get(name, "") for name in ("convention", "probability")),
            "; ".join(row.warnings), row.message,
        ])  # fmt: skip
    return out.getvalue()


@dataclass(frozen=True)
class _Table:
    """Contents of `TABLE_JSON`."""

    tuning: Tuning
    rows: tuple[Row, ...]


def _as_stored(row: Row) -> Row:
    """Return a row as the tables contain it.

    A running scan is stored as waiting, so that it is repeated if the program is killed. Only a
    finished scan has files.
    """
    if row.state is State.DONE:
        return row
    state = State.WAITING if row.state is State.RUNNING else row.state
    return replace(row, state=state, mask="", measurements="", session="", label_volume="")


def _to_stored(value: object) -> str:
    """Convert types that msgspec does not support to text: paths, and sentences with fields."""
    return str.__str__(value) if isinstance(value, str) else str(value)


def _from_stored(kind: type, value: object) -> object:
    """Convert a stored value to a type that msgspec does not support: paths."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)
