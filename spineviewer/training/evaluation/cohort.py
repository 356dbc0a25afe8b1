"""Evaluation of a folder of cases: segmentation, scores, tables and pictures."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from spineviewer.errors import ImageReadError, SpineViewerError, UsageError
from spineviewer.io.images.loading import read_labels
from spineviewer.io.scan import read_scan
from spineviewer.progress import JobProgress
from spineviewer.training.evaluation.contact_sheet import Rgb, SheetCase, row_picture, write_sheet
from spineviewer.training.evaluation.kind_table import kind_lines
from spineviewer.training.evaluation.markdown_table import cell, table_lines
from spineviewer.training.evaluation.naming_scores import NamingScore, cohort_summary, score_names
from spineviewer.training.evaluation.pair import IGNORE_FILE, evaluate_pair

SCAN_FILE, REFERENCE_FILE = "ct.nii.gz", "mask.nii.gz"
#: Columns of the tables: heading, key of the record, format.
COLUMNS = (
    ("Dice", "dice", ".3f"),
    ("Precision", "precision", ".3f"),
    ("Recall", "recall", ".3f"),
    ("HD95 mm", "hd95_mm", ".1f"),
    ("ASSD mm", "assd_mm", ".2f"),
    ("Surface Dice", "surface_dice", ".3f"),
    ("Volume ml", "mask_ml", ".0f"),
    ("Reference ml", "reference_ml", ".0f"),
    ("Stray ml", "stray_ml", ".1f"),
    ("Far ml", "far_ml", ".2f"),
    ("Worst vertebra", "worst_vertebra_dice", ".3f"),
    ("Correct names", "id_rate", ".3f"),
    ("Worst named Dice", "worst_named_dice", ".3f"),
    ("First recall", "first_recall", ".3f"),
    ("Last recall", "last_recall", ".3f"),
    ("Ribs marked", "ribs_marked_fraction", ".1%"),
    ("Pelvis marked", "pelvis_marked_fraction", ".1%"),
    ("Sacrum marked", "sacrum_marked_fraction", ".1%"),
    ("Seconds", "seconds", ".1f"),
)


@dataclass(frozen=True)
class CohortOptions:
    """The masks to evaluate, and the folder for the results.

    Attributes
    ----------
    data
        Folder of case folders, or one case folder; a case holds `ct.nii.gz`, `mask.nii.gz` and
        optionally `ignore.nii.gz`.
    masks
        Folder of the masks `CASE.nii.gz` to evaluate; None to segment every case with `spineviewer
        segment`.
    processes
        Number of cases processed in parallel.
    segment_arguments
        Passed on to `spineviewer segment`.
    """

    data: Path
    out: Path
    masks: Path | None = None
    processes: int = 1
    segment_arguments: tuple[str, ...] = ()


def find_cases(data: Path) -> list[Path]:
    """Return the case folders of a folder, sorted by name; or the folder if it is a case itself.

    Raises
    ------
    UsageError
        When there is no case folder.
    """
    folders = (
        [data]
        if (data / REFERENCE_FILE).is_file()
        else sorted(path.parent for path in data.glob(f"*/{REFERENCE_FILE}"))
    )
    if not folders:
        raise UsageError(
            f"{data} contains no case. Choose a folder whose subfolders contain {SCAN_FILE} and "
            f"{REFERENCE_FILE}."
        )
    return folders


def evaluate_cohort(options: CohortOptions, *, say: Callable[[str], None], is_json: bool) -> int:
    """Evaluate every case; write `evaluation.json`, `evaluation.md` and `contact_sheet.png`.

    The tables, or with `is_json` the JSON, are also printed to stdout. A case that fails is listed
    below the tables and does not stop the others. Returns the exit code of the first case (by name)
    that failed, or 0.
    """
    cases = find_cases(options.data)
    options.out.mkdir(parents=True, exist_ok=True)
    records: dict[str, dict[str, Any]] = {}
    rows: dict[str, Rgb] = {}
    # Spawned, never forked: a forked copy of a process with numeric threads can hang.
    with ProcessPoolExecutor(
        min(options.processes, len(cases)), mp_context=get_context("spawn")
    ) as pool:
        futures = {pool.submit(_evaluate_case, case, options): case for case in cases}
        for done, future in enumerate(as_completed(futures), 1):
            name = futures[future].resolve().name
            records[name], row = future.result()
            if row is not None:
                rows[name] = row
            outcome = (
                f"Dice {records[name]['dice']:.3f}"
                if "dice" in records[name]
                else records[name]["error"]
            )
            say(f"{done}/{len(cases)}  {name}: {outcome}")
    ordered = [records[name] for name in sorted(records)]
    content = {"overall": overall(ordered), "naming": cohort_summary(ordered), "cases": ordered}
    (options.out / "evaluation.json").write_text(
        json.dumps(content, indent=2) + "\n", encoding="utf-8"
    )
    table = markdown(ordered)
    (options.out / "evaluation.md").write_text(table, encoding="utf-8")
    if rows:
        write_sheet([rows[name] for name in sorted(rows)], options.out / "contact_sheet.png")
    sys.stdout.write(json.dumps(content, indent=2) + "\n" if is_json else table)
    say(
        f"Written to {options.out}: evaluation.md, "
        f"evaluation.json{', contact_sheet.png' if rows else ''}"
    )
    return next((int(record["exit_code"]) for record in ordered if "error" in record), 0)


def overall(records: Sequence[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the mean, standard deviation, median and number of values of each column."""
    summary = {}
    for _, key, _ in COLUMNS:
        values = [record[key] for record in records if record.get(key) is not None]
        if values:
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            summary[key] = {
                "mean": statistics.fmean(values),
                "sd": spread,
                "median": statistics.median(values),
                "cases": len(values),
            }
    return summary


def markdown(records: Sequence[dict[str, Any]]) -> str:
    """Return the tables of a cohort.

    They show the cases (without empty columns) with mean, SD and median, the Dice of every
    vertebra, the names, the worst case of each kind of synthetic scan, and the cases that failed.
    """
    columns = [
        column for column in COLUMNS if any(record.get(column[1]) is not None for record in records)
    ]
    summary = overall(records)
    rows = [
        (str(record["case"]), *(cell(record.get(key), form) for _, key, form in columns))
        for record in records
    ] + [
        (f"*{word}*", *(cell(summary.get(key, {}).get(word), form) for _, key, form in columns))
        for word in ("mean", "sd", "median")
    ]
    lines = table_lines(("Case", *(heading for heading, _, _ in columns)), rows)
    numbered = [record for record in records if record.get("vertebrae")]
    if numbered:
        lines += ["", "Dice per vertebra:", ""]
        for record in numbered:
            values = ", ".join(
                f"{name} {scores['dice']:.3f}" for name, scores in record["vertebrae"].items()
            )
            lines.append(f"- {record['case']}: {values}")
    lines += _naming_lines(records)
    lines += kind_lines(records)
    failed = [record for record in records if "error" in record]
    if failed:
        lines += [
            "",
            "Not evaluated:",
            "",
            *(f"- {record['case']}: {record['error']}" for record in failed),
        ]
    return "\n".join(lines) + "\n"


def _naming_lines(records: Sequence[dict[str, Any]]) -> list[str]:
    """Return lines about the names: a summary, the vertebrae of each case, and the calibration."""
    summary = cohort_summary(records)
    if not summary:
        return []
    lines = [
        "",
        f"Names: correct for {summary['id_rate']:.1%} of {summary['vertebrae']} whole vertebrae; "
        f"all correct in {summary['all_levels_right']:.1%} of {summary['scans']} scans, off by one "
        f"level in {summary['off_by_one']:.1%}; "
        f"named Dice {summary['dice']:.3f}, worst {summary['worst_dice']:.3f}, HD95 "
        f"{summary['hd95_mm']:.1f} mm.",
        "",
    ]
    for record in records:
        if naming := record.get("naming"):
            named = ", ".join(
                f"{v['name']}{'' if v['found_as'] == v['name'] else ' as ' + str(v['found_as'])} "
                f"{v['dice']:.3f}"
                for v in naming["vertebrae"]
            )
            lines.append(f"- {record['case']}: {named}")
    stated = table_lines(
        ("Stated probability", "vertebrae", "correct"),
        (
            (f"{row['from']:.2f} to {row['to']:.2f}", str(row["count"]), f"{row['right']:.1%}")
            for row in summary["calibration"]
        ),
    )
    return [*lines, "", *stated]


def _evaluate_case(case: Path, options: CohortOptions) -> tuple[dict[str, Any], Rgb | None]:
    """Return the record and picture of one case; if it fails, a record of the error and None."""
    name = case.resolve().name
    try:
        return _score_case(case, name, options)
    except SpineViewerError as error:
        return {"case": name, "error": str(error), "exit_code": error.exit_code}, None


def _score_case(case: Path, name: str, options: CohortOptions) -> tuple[dict[str, Any], Rgb]:
    run: dict[str, Any] = {}
    if options.masks is None:
        mask = options.out / "masks" / f"{name}.nii.gz"
        mask.parent.mkdir(parents=True, exist_ok=True)
        run = _segment(case / SCAN_FILE, mask, options)
    else:
        mask = options.masks / f"{name}.nii.gz"
    result = evaluate_pair(mask, case / REFERENCE_FILE)
    naming = _naming_of(run, case)
    vertebrae = result.vertebrae
    record = {
        "case": name,
        **result.record,
        "worst_vertebra_dice": min((v.dice for v in vertebrae), default=None),
        "first_recall": vertebrae[0].recall if vertebrae else None,
        "last_recall": vertebrae[-1].recall if vertebrae else None,
        "naming": naming.record if naming else None,
        "id_rate": naming.id_rate if naming else None,
        "worst_named_dice": min((v.dice for v in naming.vertebrae), default=None)
        if naming
        else None,
        "seconds": run["seconds"]["total"] if run else None,
        "segmentation": run or None,
    }
    return record, row_picture(
        _sheet_case(case, mask, result.ignore, f"{name}   Dice {result.scores.dice:.3f}")
    )


def _naming_of(run: dict[str, Any], case: Path) -> NamingScore | None:
    """Return the agreement of the names; None if there are none or the reference has no numbers."""
    if "vertebrae_file" not in run:
        return None
    reference, grid, _ = read_labels(case / REFERENCE_FILE)
    if int(reference.max()) <= 1:
        return None
    labels, _, _ = read_labels(Path(run["vertebrae_file"]))
    ignore = read_labels(case / IGNORE_FILE)[0] > 0 if (case / IGNORE_FILE).is_file() else None
    stated = {
        int(vertebra["label"]): float(vertebra["probability"]) for vertebra in run["vertebrae"]
    }
    return score_names(labels, reference, grid.spacing_zyx_mm, ignore=ignore, probability=stated)


def _segment(scan: Path, mask: Path, options: CohortOptions) -> dict[str, Any]:
    """Return the record that `spineviewer segment --json` prints.

    The scan is segmented by the command itself, so that what is evaluated is what is shipped.
    """
    program = (
        [sys.executable]
        if getattr(sys, "frozen", False)
        else [sys.executable, "-P", "-m", "spineviewer"]
    )
    vertebrae = mask.with_name(mask.name.removesuffix(".nii.gz") + "_vertebrae.nii.gz")
    wanted = ["-o", str(mask), "--vertebrae", str(vertebrae), "--overwrite", "--json"]
    command = [*program, "segment", str(scan), *wanted, *options.segment_arguments]
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    if ended.returncode:
        messages = [line for line in ended.stderr.splitlines() if line.strip()]
        error = SpineViewerError(
            messages[-1]
            if messages
            else f"spineviewer segment exited with code {ended.returncode} and no message."
        )
        error.exit_code = ended.returncode if ended.returncode > 0 else 1
        raise error
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def _sheet_case(case: Path, mask: Path, ignore: Path | None, title: str) -> SheetCase:
    reference, geometry, _ = read_labels(case / REFERENCE_FILE)
    kept = np.ones(reference.shape, bool) if ignore is None else read_labels(ignore)[0] == 0
    try:
        hu = read_scan(case / SCAN_FILE, progress=JobProgress()).hu
    except ImageReadError:
        hu = None  # masks can be compared without the scan
    return SheetCase(title, geometry, hu, (read_labels(mask)[0] > 0) & kept, (reference > 0) & kept)
