"""The worst case of each kind of synthetic scan, for the table in `models/EVALUATION.md`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from spineviewer.training.evaluation.markdown_table import cell, table_lines

#: Name of a case that `spineviewer synthesise --cases` wrote: kind and seed.
_NAME = re.compile(r"(?P<kind>.+)-\d{6}")
#: Columns: heading, key of a record, whether the lowest value is the worst, format.
_COLUMNS = (
    ("Dice", "dice", True, ".3f"),
    ("Surface Dice", "surface_dice", True, ".3f"),
    ("First recall", "first_recall", True, ".2f"),
    ("Last recall", "last_recall", True, ".2f"),
    ("Stray ml", "stray_ml", False, ".1f"),
    ("Far ml", "far_ml", False, ".1f"),
    ("Ribs marked", "ribs_marked_fraction", False, ".1%"),
    ("Pelvis marked", "pelvis_marked_fraction", False, ".1%"),
    ("Sacrum marked", "sacrum_marked_fraction", False, ".1%"),
)


def worst_by_kind(records: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the number of cases of each kind of synthetic scan, and their worst values.

    Records of other cases, and of cases that failed, are left out. Kinds are sorted by name.
    """
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        name = _NAME.fullmatch(str(record["case"]))
        if name and "dice" in record:
            by_kind.setdefault(name["kind"], []).append(record)
    table = {}
    for kind, cases in sorted(by_kind.items()):
        row: dict[str, float] = {"cases": len(cases)}
        for _, key, is_lowest, _ in _COLUMNS:
            values = [float(case[key]) for case in cases if case.get(key) is not None]
            if values:
                row[key] = min(values) if is_lowest else max(values)
        table[kind] = row
    return table


def kind_lines(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return `worst_by_kind` as lines of Markdown; none without synthetic cases."""
    table = worst_by_kind(records)
    if not table:
        return []
    lines = table_lines(
        ("Kind", "cases", *(heading for heading, *_ in _COLUMNS)),
        (
            (kind, f"{row['cases']:.0f}", *(cell(row.get(key), f) for _, key, _, f in _COLUMNS))
            for kind, row in table.items()
        ),
    )
    return ["", "Worst case of each kind:", "", *lines]
