"""Measurements as a table, and in session files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.measuring_tools.measurement import MAX_TEXT_LENGTH, Measurement, quantities
from spineviewer.measuring_tools.registry import tool_named
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation

#: Larger than any scan.
MAX_LABEL_DISTANCE_MM = 1e4


def as_csv(measurements: Sequence[Measurement], geometry: Geometry, hu: NDArray[np.int16]) -> str:
    """Return a table with one row per number; a note has one row without a number.

    `hu` is int16, shape (z, y, x).
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(
        [
            "number",
            "measurement",
            "label",
            "plane",
            "slice",
            "quantity",
            "value",
            "unit",
            "points_lps_mm",
        ]
    )
    for number, measurement in enumerate(measurements, start=1):
        points = geometry.point_lps_mm(np.array(measurement.points_zyx))
        places = "; ".join(" ".join(f"{v:.2f}" for v in point) for point in points)
        plane = measurement.plane.name.lower()
        where = (
            [f"{plane} oblique", ""]
            if measurement.is_oblique
            else [plane, measurement.slice_index + 1]
        )
        numbers = [
            (q.name, f"{q.value:.3f}", q.unit) for q in quantities(measurement, geometry, hu)
        ] or [("", "", "")]
        for quantity in numbers:
            table.writerow(
                [number, measurement.tool.title, measurement.text, *where, *quantity, places]
            )
    return out.getvalue()


def as_json(measurements: Sequence[Measurement]) -> str:
    """Return measurements for a session file."""
    return json.dumps(stored_measurements(measurements))


def stored_measurements(measurements: Sequence[Measurement]) -> list[dict[str, Any]]:
    """Return measurements as JSON values."""
    return [
        {
            "kind": m.tool.name.upper(),
            "plane": m.plane.name,
            "points_zyx": m.points_zyx,
            "text": m.text,
            "rotation": m.rotation.axes,
            "label_mm": m.label_mm,
        }
        for m in measurements
    ]


def from_json(text: str) -> tuple[Measurement, ...]:
    """Return the measurements of a session file.

    Raises
    ------
    ValueError
        When the text is damaged.
    """
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"no measurements: {error}") from error
    return measurements_from(entries)


def measurements_from(entries: Sequence[Mapping[str, Any]]) -> tuple[Measurement, ...]:
    """Return the measurements of `stored_measurements`.

    Raises
    ------
    ValueError
        When they are damaged.
    """
    try:
        return tuple(_measurement_from(entry) for entry in entries)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no measurements: {error}") from error


def _measurement_from(entry: Mapping[str, Any]) -> Measurement:
    tool, plane = tool_named(entry["kind"].lower()), Plane[entry["plane"]]
    points = tuple((float(z), float(y), float(x)) for z, y, x in entry["points_zyx"])
    if not tool.accepts(len(points)):
        raise ValueError("no measurements: a wrong number of points")
    rotation = Rotation()
    if (axes := entry.get("rotation", entry.get("turn"))) is not None:  # "turn" in older files
        z, y, x = ((float(a), float(b), float(c)) for a, b, c in axes)
        rotation = Rotation((z, y, x))
        rows = np.array(rotation.axes)
        if not np.allclose(rows @ rows.T, np.eye(3), atol=1e-6):
            raise ValueError("no measurements: the directions of a plane are not at right angles")
    text, label_mm = str(entry.get("text", ""))[:MAX_TEXT_LENGTH], None
    if entry.get("label_mm") is not None:
        right, down = (float(value) for value in entry["label_mm"])
        if not max(abs(right), abs(down)) < MAX_LABEL_DISTANCE_MM:
            raise ValueError("no measurements: a label is far from its measurement")
        label_mm = right, down
    return Measurement(tool, plane, points, text, rotation, label_mm)
