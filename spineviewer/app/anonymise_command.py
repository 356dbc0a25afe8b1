"""The command that writes anonymised copies of DICOM files."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec

from spineviewer.app.terminal import TerminalProgress
from spineviewer.command_parser import CommandParser
from spineviewer.errors import UsageError
from spineviewer.wording import in_english


def main(argv: Sequence[str]) -> int:
    """Write anonymised copies; return the exit code."""
    from spineviewer.io.dicom.deidentification import Dates, Profile
    from spineviewer.io.write.anonymised import write_anonymised

    options = _parser().parse_args(argv)
    if options.shift_days is not None and options.dates != Dates.SHIFTED:
        raise UsageError("--shift-days needs '--dates shifted'. Add that option.")
    profile = Profile(
        key=options.key or secrets.token_hex(16),
        dates=Dates(options.dates),
        shift_days=options.shift_days,
        patient=options.patient.strip(),
        keeps_characteristics=options.keep_characteristics,
    )
    progress = TerminalProgress()
    result = write_anonymised(
        options.sources,
        options.output,
        profile,
        progress,
        with_captures=options.with_secondary_captures,
    )
    progress.end()
    if options.json:
        record = {
            "output": str(options.output),
            **msgspec.structs.asdict(result),
            "warnings": list(result.warnings),
        }
        print(json.dumps(record))
        return 0
    for warning in result.warnings:
        progress.note(f"warning: {warning}")
    files, patients = (
        in_english(text, count, {})
        for text, count in (("%n file(s)", result.files), ("%n patient(s)", result.patients))
    )
    print(f"{options.output}: {files}, {result.series} series, {patients}")
    return 0


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="spineviewer anonymise",
        description="Copy DICOM files without patient data, according to the Basic Application "
        "Level Confidentiality Profile of PS3.15. Pixels are not changed: burned-in text remains, "
        "and a face may be recognisable in a CT of the head.",
    )
    parser.add_argument(
        "sources",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="folder, zip file or file; specify all that belong together, including results, "
        "so that references stay intact",
    )
    parser.add_output("FOLDER", "new or empty folder for the copies")
    parser.add_argument(
        "--dates",
        choices=("removed", "shifted", "kept"),
        default="removed",
        help="dates and times of study and images; 'shifted' moves all dates of a patient by the "
        "same number of days (default: removed). The birth date is always removed",
    )
    parser.add_count(
        "--shift-days",
        "with '--dates shifted': add N days (default: a different number from -729 to "
        "-30 for each patient)",
    )
    parser.add_text("--patient", "NAME", "new name and ID of the patient (default: a number)")
    parser.add_flag("--keep-characteristics", "keep age (capped at 90), sex, height and weight")
    parser.add_flag(
        "--with-secondary-captures",
        "also copy secondary captures, which often show the patient's name",
    )
    parser.add_argument(
        "--key",
        metavar="TEXT",
        help="secret word: the same word gives the same new UIDs, numbers and shifts (default: "
        "different ones each time)",
    )
    parser.add_flag("--json", "print one JSON object to stdout")
    return parser
