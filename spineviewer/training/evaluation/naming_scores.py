"""Agreement of named vertebrae with a numbered reference: names, overlap, probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import center_of_mass, find_objects

from spineviewer.agreement import score
from spineviewer.volume.geometry import Triple
from spineviewer.volume.levels import T13, VERSE_ORDER, level_name

Floats = NDArray[np.float64]

#: A vertebra is identified if the nearest true centre is its own and closer than this (VerSe).
NEAR_MM = 20.0
#: Boundaries of the classes of stated probability.
CLASSES = (0.0, 0.5, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True)
class NamedScore:
    """Agreement on one whole vertebra of the reference.

    Attributes
    ----------
    found_as
        Name of the found vertebra with the nearest centre; None if none is within `NEAR_MM`, or
        if that vertebra is closer to another true centre.
    probability
        Stated probability of that name; None if it is not known.
    dice, hd95_mm
        Agreement of the voxels with the same number.
    """

    name: str
    found_as: str | None
    probability: float | None
    dice: float
    hd95_mm: float | None

    @property
    def is_identified(self) -> bool:
        """Whether the vertebra was given the right name."""
        return self.found_as == self.name


@dataclass(frozen=True)
class NamingScore:
    """Agreement of all whole vertebrae of one scan."""

    vertebrae: tuple[NamedScore, ...]

    @property
    def record(self) -> dict[str, Any]:
        """The scores as a record for JSON."""
        return {
            "id_rate": self.id_rate,
            "all_levels_right": self.is_all_right,
            "off_by_one": self.is_off_by_one,
            "vertebrae": [asdict(vertebra) for vertebra in self.vertebrae],
        }

    @property
    def id_rate(self) -> float:
        """Fraction of the whole vertebrae that were given the right name; 1 if there are none."""
        return float(np.mean([v.is_identified for v in self.vertebrae])) if self.vertebrae else 1.0

    @property
    def is_all_right(self) -> bool:
        """Whether every whole vertebra was given the right name."""
        return all(v.is_identified for v in self.vertebrae)

    @property
    def is_off_by_one(self) -> bool:
        """Whether every name is at most one level away, and not all are right."""
        return not self.is_all_right and all(
            v.found_as is not None and abs(_rank(v.found_as) - _rank(v.name)) <= 1
            for v in self.vertebrae
        )


def _rank(name: str) -> float:
    """Return the rank of a level in a normal spine; T13 is between T12 and L1."""
    usual = [level_name(label) for label in VERSE_ORDER if label != T13]
    return usual.index("L1") - 0.5 if name == level_name(T13) else float(usual.index(name))


def score_names(
    labels: NDArray[np.integer[Any]],
    reference: NDArray[np.integer[Any]],
    spacing_zyx_mm: Triple,
    *,
    ignore: NDArray[np.bool_] | None = None,
    probability: Mapping[int, float] | None = None,
) -> NamingScore:
    """Return the agreement of numbered vertebrae with a numbered reference.

    Choice: vertebrae of the reference that touch the first or last slice are incomplete and do not
    count; neither do vertebrae that are completely ignored.

    Parameters
    ----------
    labels, reference
        VerSe numbers, integer dtype, shape (z, y, x) of one grid, z along the body.
    ignore
        bool, same shape: voxels where the reference is not trustworthy.
    probability
        Stated probability of each number.
    """
    spacing = np.array(spacing_zyx_mm)
    kept = reference if ignore is None else np.where(ignore, 0, reference)
    found = labels if ignore is None else np.where(ignore, 0, labels)
    whole = [
        label for label, box in _boxes(kept) if box[0].start > 0 and box[0].stop < kept.shape[0]
    ]
    centres = {label: _centre(found, label, box) * spacing for label, box in _boxes(found)}
    truth = {label: _centre(kept, label, box) * spacing for label, box in _boxes(kept)}
    scores = []
    for label in (label for label in VERSE_ORDER if label in whole):
        nearest = _nearest(truth[label], centres)
        # The match must be mutual: otherwise, one found vertebra could match two true ones.
        if nearest is not None and _nearest(centres[nearest], truth) != label:
            nearest = None
        box = _common_box((found == label) | (kept == label))
        overlap = score(found[box] == label, kept[box] == label, spacing_zyx_mm)
        stated = None if probability is None or nearest is None else probability.get(nearest)
        scores.append(
            NamedScore(
                level_name(label),
                None if nearest is None else level_name(nearest),
                stated,
                overlap.dice,
                overlap.hd95_mm,
            )
        )
    return NamingScore(tuple(scores))


def _boxes(labels: NDArray[np.integer[Any]]) -> list[tuple[int, tuple[slice, ...]]]:
    boxes: Iterable[Any] = find_objects(labels.astype(np.int32))
    return [
        (label, box)
        for label, box in enumerate(boxes, 1)
        if box is not None and label in VERSE_ORDER
    ]


def _centre(labels: NDArray[np.integer[Any]], label: int, box: tuple[slice, ...]) -> Floats:
    inside: Any = center_of_mass(labels[box] == label)
    return np.asarray(inside, np.float64) + np.array([part.start for part in box], np.float64)


def _nearest(place: Floats, centres: Mapping[int, Floats]) -> int | None:
    far = {label: float(np.linalg.norm(centre - place)) for label, centre in centres.items()}
    best = min(far, key=lambda label: far[label], default=None)
    return best if best is not None and far[best] < NEAR_MM else None


def _common_box(marked: NDArray[np.bool_]) -> tuple[slice, ...]:
    boxes: Sequence[Any] = find_objects(marked.astype(np.int8))
    return tuple(boxes[0]) if boxes else (slice(0, 1),) * 3


def calibration_rows(names: Sequence[tuple[float, bool]]) -> list[dict[str, float]]:
    """Return the number of names and the fraction of correct ones by class of probability.

    `names` holds, for each name, its probability and whether it is right.
    """
    rows = []
    for low, high in pairwise(CLASSES):
        right = [is_right for p, is_right in names if low <= p < high or (p == high == CLASSES[-1])]
        if right:
            rows.append(
                {"from": low, "to": high, "count": len(right), "right": float(np.mean(right))}
            )
    return rows


def cohort_summary(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a summary of the `naming` entries of a cohort's records; empty without vertebrae."""
    scored = [record["naming"] for record in records if record.get("naming")]
    vertebrae = [vertebra for entry in scored for vertebra in entry["vertebrae"]]
    if not vertebrae:
        return {}
    names = [
        (float(v["probability"]), v["found_as"] == v["name"])
        for v in vertebrae
        if v["probability"] is not None
    ]
    return {
        "scans": len(scored),
        "vertebrae": len(vertebrae),
        "id_rate": float(np.mean([v["found_as"] == v["name"] for v in vertebrae])),
        "all_levels_right": float(np.mean([entry["all_levels_right"] for entry in scored])),
        "off_by_one": float(np.mean([entry["off_by_one"] for entry in scored])),
        "dice": float(np.mean([v["dice"] for v in vertebrae])),
        "worst_dice": float(min(v["dice"] for v in vertebrae)),
        "hd95_mm": float(
            np.mean([v["hd95_mm"] for v in vertebrae if v["hd95_mm"] is not None] or [np.nan])
        ),
        "calibration": calibration_rows(names),
    }
