"""Changes by the user: names, and the vertebra to which a voxel belongs.

Mask and cuts are not computed again.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from spineviewer.errors import UsageError
from spineviewer.labelling.chain import neighbour_level
from spineviewer.labelling.naming import Labelling, NameCorrections, labelled, name_column
from spineviewer.labelling.priors import Fitted, load_fitted
from spineviewer.volume.geometry import Triple
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER, level_name
from spineviewer.wording import worded

#: A point this far from every vertebra means none of them.
_REACH_MM = 40.0


def segment_at(labelling: Labelling, point_lps_mm: Triple) -> int:
    """Return the number of the vertebra that contains a point, or of the nearest body.

    0 is the topmost.

    Raises
    ------
    UsageError
        When there is none nearby.
    """
    vertebrae = labelling.vertebrae
    holder = vertebrae.at(point_lps_mm)
    if holder is not None:
        return _number_of(labelling, holder.label)
    if len(vertebrae):
        centres = np.array([vertebra.body_centre_lps_mm for vertebra in vertebrae])
        far = np.linalg.norm(centres - np.array(point_lps_mm), axis=1)
        if float(far.min()) <= _REACH_MM:
            return _number_of(labelling, vertebrae.all[int(far.argmin())].label)
    where = ", ".join(f"{value:.0f}" for value in point_lps_mm)
    raise UsageError(worded("There is no vertebra near ({point}) mm. Choose a point in a vertebra.", point=where))


def _number_of(labelling: Labelling, label: int) -> int:
    assert labelling.answer is not None
    return [VERSE_ORDER[level] for level in labelling.answer.levels.tolist()].index(label)


def clamped(labelling: Labelling, segment: int, label: int, fitted: Fitted | None = None) -> Labelling:
    """Return the labelling with one vertebra's name set and the others found again.

    Raises
    ------
    UsageError
        When the names set by hand contradict each other, or leave no room for the vertebrae above
        or below.
    """
    names = {**labelling.corrections.clamped, segment: label}
    return renamed(labelling, replace(labelling.corrections, clamped=names), fitted)


def shifted(labelling: Labelling, by: int, fitted: Fitted | None = None) -> Labelling:
    """Return the labelling with every name moved `by` levels down (negative: up).

    Raises
    ------
    UsageError
        When there are no names, or no level is left for the first or the last vertebra.
    """
    answer, column = labelling.answer, labelling.column
    if answer is None or column is None:
        raise UsageError(worded("There are no vertebrae whose names could be shifted."))
    if by == 0:
        return labelling
    middle = len(column) // 2
    level = neighbour_level(int(answer.levels[middle]), by)
    if level is None:
        raise UsageError(worded("The names cannot be shifted by {by}: the spine has no such level.", by=by))
    corrections = NameCorrections({middle: VERSE_ORDER[level]}, has_anomalies=False)
    try:
        plain = renamed(labelling, corrections, fitted)
    except UsageError:  # a sixth lumbar vertebra, for example, is the only way
        plain = renamed(labelling, replace(corrections, has_anomalies=True), fitted)
    assert plain.answer is not None
    everything = {number: VERSE_ORDER[level] for number, level in enumerate(plain.answer.levels.tolist())}
    return renamed(plain, NameCorrections(everything, labelling.corrections.has_anomalies), fitted)


def renamed(labelling: Labelling, corrections: NameCorrections, fitted: Fitted | None = None) -> Labelling:
    """Return the labelling with names found again under other corrections; voxels are unchanged.

    Raises
    ------
    UsageError
        When no row of names agrees with the corrections.
    """
    if labelling.column is None:
        raise UsageError(worded("There are no vertebrae to name."))
    fitted = fitted or load_fitted()
    answer = name_column(labelling.column, fitted, corrections)
    if not np.isfinite(answer.log_likelihood) or answer.log_likelihood < -1e7 or (answer.levels < 0).any():
        names = ", ".join(level_name(label) for label in corrections.clamped.values())
        raise UsageError(
            worded(
                "The names {names} do not fit a row of {count} vertebrae. They must follow each other from {first} to {last}.",
                names=names,
                count=len(labelling.column),
                first=LEVEL_NAMES[1],
                last=LEVEL_NAMES[-1],
            )
        )
    return labelled(
        labelling.column,
        labelling.segments,
        answer,
        labelling.vertebrae.geometry,
        corrections,
        fitted,
    )
