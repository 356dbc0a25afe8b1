"""The basis of names, how certain they are, and warnings about them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.chain import (
    C1,
    C2,
    C3,
    C7,
    L1,
    L4,
    L5,
    L6,
    REST,
    T1,
    T11,
    T12,
    T13,
    ChainAnswer,
    ChainPrior,
    Row,
)
from spineviewer.labelling.column import Column
from spineviewer.labelling.features import RIB
from spineviewer.labelling.priors import Fitted
from spineviewer.labelling.row_names import (
    END_EVIDENCE,
    NameCorrections,
    end_evidence,
    has_atlas,
    is_cut_in_neck,
    last_piece_evidence,
    name_column,
    possible_names,
)
from spineviewer.labelling.separation import EVEN_DIP, FAINT_DIP, cut_length_evidence
from spineviewer.labelling.vertebrae import (
    CERTAIN,
    LIKELY,
    MERGED,
    UNORIENTED,
    UNRELIABLE,
    Alternative,
    Convention,
    Naming,
    Unaided,
    shows_discs,
)
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.levels import LEVEL_NAMES
from spineviewer.wording import worded

#: Maximum number of alternatives that are offered.
_MAX_OFFERED = 3
#: Minimum probability of an alternative to be offered; the first one is always offered.
_MIN_OFFERED = 0.02
#: Choice: smallest volume of bone outside all vertebrae that is reported: half of the smallest
#: vertebra.
_MIN_STRAY_ML = 5.0
#: Choice: a body that is longer than both neighbours by this factor counts as several vertebrae.
#: This happened in none of 209 crops.
_TOO_LONG = 1.7
#: A dip this close to a cut belongs to the disc at that cut.
_NO_DISC_MM = 8
#: Names by another convention contradict the chosen ones only if they are at least this probable.
_DECIDED = 0.8
ANCHORLESS = worded(
    "The vertebrae were named by their size and spacing alone, so the names may be off "
    "by one level or more."
)
MERGED_VERTEBRAE = worded(
    "The mask shows no disc space between some vertebrae, so they may be counted wrongly. Check "
    "the names, and split or merge vertebrae if needed."
)
RECUT_DOUBTFUL = worded(
    "A vertebra was split where the mask shows no gap, or vertebrae were merged across a gap, "
    "so the vertebrae may be counted wrongly. If you know the level of one vertebra, set its "
    "name."
)
UNORIENTED_NAMES = worded(
    "The file does not state the orientation, so the vertebrae may be named from the wrong "
    "end. Check the names."
)
UNCERTAIN = worded("The names are uncertain. Check them, and shift them by one level if needed.")
UNKNOWN = worded(
    "The levels are unknown, and the names are only a best guess. If you know the level of one "
    "vertebra, set its name."
)


def naming_of(
    column: Column,
    answer: ChainAnswer,
    corrections: NameCorrections,
    fitted: Fitted,
    grid: Geometry,
    mask_notes: Sequence[str],
) -> Naming:
    """Return the basis of the chosen names of a row, and how certain they are.

    `mask_notes` are the warnings about the mask, from `notes_on_mask`.
    """
    complete = _complete_bodies(column)
    is_set = bool(corrections.manual_labels)
    # Names set by hand do not correct a wrong orientation.
    caution = column.misorientation if is_set else _caution(column, grid)
    # If the vertebrae cannot be counted, anchors do not determine the names.
    by_convention = {} if caution else _row_by_convention(column, answer, fitted)
    convention = (
        Convention.SPACING
        if caution and not is_set
        else _convention(column, answer, corrections, by_convention, fitted.chain)
    )
    uncalibrated = answer.row_probability(complete)
    limit = max_probability(column, answer.levels, corrections, grid)
    probability = 1.0 if is_set else min(float(fitted.calibration(uncalibrated)), limit)
    uncertainty = 0.0 if is_set else _uncertainty(probability, uncalibrated)
    alternatives = (
        ()
        if is_set or caution or not column.is_orientation_known
        else _alternatives(column, answer, convention, by_convention, uncertainty, probability)
    )
    return Naming(
        convention,
        probability,
        shifted_up=min(uncertainty * answer.row_probability(complete, -1), probability),
        shifted_down=min(uncertainty * answer.row_probability(complete, +1), probability),
        anomalies=() if caution else _anomalies(column, answer.levels.tolist()),
        warnings=(*mask_notes, *_warnings(column, convention, probability, alternatives, caution)),
        mask_notes=tuple(mask_notes),
        alternatives=alternatives,
        caution=caution,
        is_orientation_known=column.is_orientation_known,
        is_recut=corrections.before_recut is not None,
        unaided=_unaided(column, answer, corrections, fitted, grid) if is_set else None,
    )


def _unaided(
    column: Column,
    answer: ChainAnswer,
    corrections: NameCorrections,
    fitted: Fitted,
    grid: Geometry,
) -> Unaided | None:
    """Return how certain the program is of names set by the user; None if it finds no names."""
    without_names = replace(corrections, manual_labels={})
    own = name_column(column, fitted, without_names, is_last_vertebra=True)
    if not own.rows:
        return None
    naming = naming_of(column, own, without_names, fitted, grid, ())
    levels, chosen = tuple(answer.levels.tolist()), tuple(own.levels.tolist())
    best = Alternative(_names(chosen), naming.probability, naming.convention, naming.anomalies)
    if levels == chosen:
        return Unaided(naming.probability, best)
    uncertainty = _uncertainty(naming.probability, uncalibrated_probability(column, own))
    rows = {row.levels: row.probability for row in own.rows}
    return Unaided(min(uncertainty * rows.get(levels, 0.0), naming.probability), best)


def _uncertainty(probability: float, uncalibrated: float) -> float:
    """Return the factor that calibrates the probability of a row other than the chosen one.

    The calibrated uncertainty is divided among the other rows in proportion to their probabilities.
    """
    return (1 - probability) / max(1 - uncalibrated, 1e-9)


def max_probability(
    column: Column, levels: NDArray[np.int64], corrections: NameCorrections, grid: Geometry
) -> float:
    """Return the upper limit of the probability that a row of names is right.

    `levels` is int64, shape (segments,).
    """
    limits = (
        (UNRELIABLE, bool(_caution(column, grid))),
        (UNORIENTED, not column.is_orientation_known),
        (MERGED, _is_merged(column, levels)),
        (MERGED, _is_recut_doubtful(column, levels, corrections)),
    )
    before = 1.0 if corrections.before_recut is None else corrections.before_recut
    return min([before, *(limit for limit, applies in limits if applies)])


def _caution(column: Column, grid: Geometry) -> str:
    """Return a warning that says why the names are unreliable; empty if they are reliable."""
    if column.misorientation:
        return column.misorientation
    if shows_discs(grid):
        return ""
    return worded(
        "Slices are {step_mm:.0f} mm apart, so adjacent vertebrae cannot be distinguished. Several "
        "may be outlined as one, and their levels are unknown.",
        step_mm=grid.spacing_zyx_mm[0],
    )


def uncalibrated_probability(column: Column, answer: ChainAnswer) -> float:
    """Return the uncalibrated probability that all complete vertebrae are named correctly."""
    return answer.row_probability(_complete_bodies(column))


def _complete_bodies(column: Column) -> NDArray[np.int64]:
    whole = np.flatnonzero(~column.is_partial)
    return whole if len(whole) else np.arange(len(column))


def _is_merged(column: Column, levels: NDArray[np.int64]) -> bool:
    """Return whether the mask seems to merge vertebrae, which makes their number a guess."""
    dip, edges = column.discs.dip, column.edges.tolist()
    is_faint = [float(dip[max(edge - 3, 0) : edge + 4].max()) < FAINT_DIP for edge in edges[1:-1]]
    if any(first and second for first, second in itertools.pairwise(is_faint)):
        return True
    heights = np.where(column.is_partial, np.nan, np.diff(edges))
    heights = heights[int(has_atlas(levels)) :]  # C2 is longer because of its dens
    neighbour_height = np.fmax(np.append(np.nan, heights[:-1]), np.append(heights[1:], np.nan))
    return bool((heights > _TOO_LONG * neighbour_height).any())


def _is_recut_doubtful(
    column: Column, levels: NDArray[np.int64], corrections: NameCorrections
) -> bool:
    """Return whether the user split bone without a gap, or merged vertebrae across a disc."""
    if corrections.before_recut is None:
        return False
    dip, edges = column.discs.dip, column.edges.tolist()
    of_splits = [
        float(dip[max(edge - 3, 0) : edge + 4].max())
        for edge in edges[1:-1]
        if edge in column.edges_by_hand
    ]
    within = [
        float(dip[first + _NO_DISC_MM : last - _NO_DISC_MM].max(initial=0.0))
        for first, last in itertools.pairwise(edges)
    ][int(has_atlas(levels)) :]  # the dens may be separate from its body
    return min(of_splits, default=1.0) < FAINT_DIP or max(within, default=0.0) > EVEN_DIP


def notes_on_mask(
    column: Column,
    levels: NDArray[np.int64],
    corrections: NameCorrections,
    *,
    missing: Sequence[str],
    recovered: Sequence[str],
    stray_ml: float,
) -> tuple[str, ...]:
    """Return the warnings about a mask.

    Parameters
    ----------
    levels
        int64, shape (segments,).
    missing, recovered
        Names of the vertebrae in the row that have no bone in the mask, and of those that were
        recovered from the bone probability.
    stray_ml
        Volume of the mask that belongs to no vertebra.
    """
    notes = []
    if missing:
        notes.append(
            worded(
                "The mask shows no bone where {names} should be. Lower the "
                "segmentation threshold, or add the bone by hand.",
                names=", ".join(missing),
            )
        )
    if recovered:
        notes.append(
            worded(
                "Not in the mask, but outlined using a lower bone-probability threshold: {names}. "
                "Check every outline.",
                names=", ".join(recovered),
            )
        )
    if stray_ml >= _MIN_STRAY_ML:
        notes.append(
            worded(
                "{volume_ml:.0f} ml of the mask is not assigned to any vertebra. Remove it "
                "if it is not part of the spine.",
                volume_ml=stray_ml,
            )
        )
    if _is_recut_doubtful(column, levels, corrections):
        notes.append(RECUT_DOUBTFUL)
    elif _is_merged(column, levels):
        notes.append(MERGED_VERTEBRAE)
    return tuple(notes)


def _warnings(
    column: Column,
    convention: Convention,
    probability: float,
    alternatives: tuple[Alternative, ...],
    caution: str,
) -> tuple[str, ...]:
    if caution:
        return (caution,)
    warnings = []
    if not column.is_orientation_known and convention is not Convention.SET_BY_HAND:
        warnings.append(UNORIENTED_NAMES)
    elif convention is Convention.SPACING:
        warnings.append(ANCHORLESS)
    elif LIKELY <= probability < CERTAIN:
        warnings.append(UNCERTAIN)
    if column.is_orientation_known and probability < LIKELY:
        warnings.append(UNKNOWN)
    other = next((a for a in alternatives if a.convention is not convention), None)
    if other is not None:
        ends = {"first": other.names[0], "last": other.names[-1]}
        warnings.append(
            {
                Convention.HEAD: worded(
                    "Counted from C2, the vertebrae would be {first} to {last}.", **ends
                ),
                Convention.SACRUM: worded(
                    "Counted from the sacrum, the vertebrae would be {first} to {last}.", **ends
                ),
            }.get(
                other.convention,
                worded("Judging by the ribs, the vertebrae would be {first} to {last}.", **ends),
            )
        )
    return tuple(warnings)


def _alternatives(
    column: Column,
    answer: ChainAnswer,
    convention: Convention,
    by_convention: Mapping[Convention, Row],
    uncertainty: float,
    max_probability: float,
) -> tuple[Alternative, ...]:
    """Return the next most probable rows of names, and those that other conventions suggest.

    The first one is always offered, because even probable names may be wrong. No probability
    exceeds `max_probability`, that of the chosen row.
    """
    others = [row for row in answer.rows[1 : 1 + _MAX_OFFERED] if row.levels[0] != C1]
    offered = {
        row.levels: convention
        for number, row in enumerate(others)
        if number == 0 or uncertainty * row.probability >= _MIN_OFFERED
    }
    for other_convention, row in by_convention.items():
        if other_convention is not convention and row.levels[-1] != int(answer.levels[-1]):
            offered[row.levels] = other_convention
    likely = {row.levels: row.probability for row in answer.rows}
    alternatives = [
        Alternative(
            _names(levels),
            min(uncertainty * likely.get(levels, 0.0), max_probability),
            other_convention,
            _anomalies(column, list(levels)),
        )
        for levels, other_convention in offered.items()
    ]
    return tuple(sorted(alternatives, key=lambda alternative: -alternative.probability))


def _names(levels: Sequence[int]) -> tuple[str, ...]:
    with_atlas = [C1, *levels] if levels[0] == C2 else levels
    return tuple(LEVEL_NAMES[level] for level in with_atlas if level != REST)


def _row_by_convention(
    column: Column, answer: ChainAnswer, fitted: Fitted
) -> dict[Convention, Row]:
    """Return the names that each anchor in view suggests on its own.

    Counting from the skull or the sacrum ignores anomalies; ribs reveal them. Anchors that do not
    determine the names are omitted.
    """
    ribs = column.features.copy()
    ribs[:, [k for k, name in enumerate(fitted.shape.names) if name != RIB]] = np.nan
    no_features = np.full_like(column.features, np.nan)
    ends = column.ends
    anchors = (
        (
            Convention.HEAD,
            no_features,
            replace(ends, is_sacrum_below=False),
            _shows_c2(column, fitted.chain),
        ),
        (Convention.SACRUM, no_features, replace(ends, is_skull_above=False), ends.is_sacrum_below),
        (
            Convention.RIBS,
            ribs,
            replace(ends, is_skull_above=False, is_sacrum_below=False),
            _has_rib_border(column, answer),
        ),
    )
    rows_found = {}
    for convention, features, visible_ends, is_in_view in anchors:
        if not is_in_view:
            continue
        anchored = replace(column, features=features, ends=visible_ends)
        is_by_ribs = convention is Convention.RIBS
        rows = possible_names(
            anchored,
            end_evidence(anchored, fitted.chain),
            fitted,
            last_piece_evidence(anchored),
            has_anomalies=is_by_ribs,
        )
        if rows and rows[0].probability >= _DECIDED:
            rows_found[convention] = rows[0]
    return rows_found


def _shows_c2(column: Column, prior: ChainPrior) -> bool:
    """Return whether the first segment must be C2: the skull is above it, or it is very long."""
    if column.ends.is_skull_above or not is_cut_in_neck(column):
        return column.ends.is_skull_above
    evidence = cut_length_evidence(int(column.edges[1] - column.edges[0]), prior)
    return bool(evidence[C2] - evidence[C3] > END_EVIDENCE)


def _has_rib_border(column: Column, answer: ChainAnswer) -> bool:
    """Return whether the scan shows the border between vertebrae with and without ribs."""
    shows_ribs = np.isfinite(column.features[:, 0])
    levels = {
        int(level) for level, is_shown in zip(answer.levels, shows_ribs, strict=True) if is_shown
    }
    return {C7, T1} <= levels or ({L1} <= levels and bool(levels & {T11, T12, T13}))


def _convention(
    column: Column,
    answer: ChainAnswer,
    corrections: NameCorrections,
    by_convention: Mapping[Convention, Row],
    prior: ChainPrior,
) -> Convention:
    """Return what the names are based on: the first anchor that agrees with them."""
    if corrections.manual_labels:
        return Convention.SET_BY_HAND
    levels = tuple(answer.levels.tolist())
    for convention, row in by_convention.items():
        if row.levels == levels:
            return convention
    if levels[0] == C2 and _shows_c2(column, prior):
        return Convention.HEAD
    if column.ends.is_sacrum_below and levels[-1] in (L4, L5, L6):
        return Convention.SACRUM
    return Convention.RIBS if _has_rib_border(column, answer) else Convention.SPACING


def _anomalies(column: Column, levels: list[int]) -> tuple[str, ...]:
    names = []
    if T13 in levels:
        names.append("T13")
    if (T11, L1) in set(itertools.pairwise(levels)):
        names.append(worded("no T12"))
    if L6 in levels:
        names.append("L6")
    if column.ends.is_sacrum_below and levels[-1] == L4:
        names.append(worded("L5 sacralised"))
    return tuple(names)
