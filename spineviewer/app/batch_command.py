"""The command that segments a list of scans, like the window's batch queue."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from spineviewer.app.batch import MEASUREMENTS_CSV, TABLE_CSV, TABLE_JSON, Batch, Row, State
from spineviewer.app.batch_lanes import Lanes
from spineviewer.app.batch_list import RESULTS, read_entries
from spineviewer.app.services import LocalServices
from spineviewer.app.terminal import add_segmenting_options, say, tuning_from
from spineviewer.command_parser import CommandParser
from spineviewer.compiled import PREPARING, is_prepared
from spineviewer.errors import ExportError, UsageError
from spineviewer.progress import JobProgress
from spineviewer.volume.scan_name import scan_name


def main(argv: Sequence[str]) -> int:
    """Segment a list of scans.

    Return the exit code: 0 if every scan was segmented, 7 if any failed.
    """
    options = _parser().parse_args(argv)
    if options.labelmap and not options.vertebrae:
        raise UsageError("--labelmap is for named vertebrae: add --vertebrae.")
    services = LocalServices(options.device, reads_ahead=False)
    try:
        return _run(options, services)
    finally:
        services.close()


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="spineviewer batch",
        description="Segment a list or a folder of scans. If you run it again, it resumes where it "
        "stopped. Masks are named after the files and folders in the list. If such a name contains "
        "the patient's name or ID as stated in the file, the mask is named after the series "
        "instead. Check all other names, and the paths in the table, for patient data.",
    )
    parser.add_argument(
        "list",
        type=Path,
        metavar="LIST",
        help="folder, or text file with one scan per line: a path, optionally followed by a tab "
        "and a series UID, or an address in an archive (see 'spineviewer segment --help')",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FOLDER",
        help="folder for masks and table (default: 'masks' next to LIST)",
    )
    add_segmenting_options(parser)
    parser.add_flag(
        "--vertebrae",
        "also write the labelled vertebrae of each scan, numbered as in the VerSe data "
        "set (seg-vert_msk)",
    )
    parser.add_flag(
        "--labelmap",
        "write the vertebrae of DICOM scans as a DICOM SEG of type LABELMAP, which fewer "
        "programs can read (by default, and for scans that are not DICOM, NIfTI is written)",
    )
    parser.add_flag(
        "--measurements",
        "also measure the vertebrae: one JSON file per scan, and one table of all vertebrae "
        f"({MEASUREMENTS_CSV})",
    )
    workers = parser.add_mutually_exclusive_group()
    workers.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="number of processes on this computer (needs spineviewer[cluster])",
    )
    workers.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="use the workers of a Dask scheduler, tcp://HOST:PORT (needs spineviewer[cluster])",
    )
    parser.add_flag(
        "--overwrite", "start over, even if the folder contains results made with other settings"
    )
    parser.add_flag("--json", "print the whole table as one JSON object to stdout")
    return parser


def _run(options: argparse.Namespace, services: LocalServices) -> int:
    entries = read_entries(options.list)
    tuning = tuning_from(options, services.tuning())
    folder = options.output or options.list.absolute().parent / RESULTS
    batch = Batch(
        entries,
        folder,
        tuning,
        may_start_over=options.overwrite,
        with_measurements=options.measurements,
        with_vertebrae=options.vertebrae,
        as_label_map=options.labelmap,
    )
    if batch.done_count:
        say(f"Already done: {batch.done_count} of {len(entries)}.")
    if not is_prepared():
        say(f"{PREPARING} (about half a minute)")
    count = len(entries)

    def on_row(number: int, row: Row) -> None:
        if row.state is State.RUNNING:
            say(f"{number + 1}/{count}  {scan_name(row.entry.path)} …")
        elif row.state is State.DONE:
            say(f"{number + 1}/{count}  {row.mask}: {row.volume_ml:.1f} ml, {row.seconds:.1f} s")
        elif row.state is State.FAILED:
            say(f"{number + 1}/{count}  {scan_name(row.entry.path)} failed: {row.message}")

    before, started = batch.done_count, time.monotonic()
    try:
        _segment(batch, options, services, on_row)
    finally:
        if (table := batch.write_measurements()) is not None:
            say(f"{table}: measured vertebrae")
    done_now, seconds = batch.done_count - before, time.monotonic() - started
    if done_now:
        scans = "1 scan" if done_now == 1 else f"{done_now} scans"
        say(f"{scans} in {seconds:.0f} s ({3600 * done_now / seconds:.0f} scans per hour)")
    if options.json:
        print((folder / TABLE_JSON).read_text(encoding="utf-8"))
    else:
        print(f"{folder / TABLE_CSV}: {batch.done_count} of {count} done")
    return 0 if batch.done_count == count else ExportError.exit_code


def _segment(
    batch: Batch,
    options: argparse.Namespace,
    services: LocalServices,
    on_row: Callable[[int, Row], None],
) -> None:
    if options.workers is None and options.scheduler is None:
        services.start()
        with Lanes(services) as lanes:
            batch.run_in_pool(lanes, JobProgress(), on_row=on_row)
        return
    from spineviewer.app.cluster import connect_to_workers, local_workers

    pool = (
        local_workers(options.workers, options.device)
        if options.scheduler is None
        else connect_to_workers(options.scheduler, options.device)
    )
    with pool as workers:
        batch.run_in_pool(workers, JobProgress(), on_row=on_row)
