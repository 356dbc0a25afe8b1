"""The names of a row of bodies: the evidence from its ends, lengths, shapes and ribs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spineviewer.labelling.chain import (
    C1,
    C2,
    IMPOSSIBLE,
    L4,
    L5,
    L6,
    LEVELS,
    REST,
    ChainAnswer,
    ChainPrior,
    Row,
    answer_from_rows,
    possible_rows,
)
from spineviewer.labelling.column import Column, without_last
from spineviewer.labelling.cues import NECK_RADIUS_MM
from spineviewer.labelling.priors import Fitted
from spineviewer.labelling.separation import C2_WITH_DENS_MM, cut_length_evidence
from spineviewer.volume.levels import VERSE_ORDER

Floats = NDArray[np.float64]

#: Log evidence against a name that a skull above or a sacrum below excludes.
END_EVIDENCE = 3.5
#: Choice: weight of the shape of a body that is at the end of the scan and may be cut off.
_RELIANCE_AT_CUT = 0.35
#: Log probability that a first segment that the scan cuts off is C1 with the dens.
_LOG_DENS_APART = -2.0
#: Choice: with no more bodies than this, the dens below a skull is not distinguished from C2.
_BODIES_BELOW_DENS = 4
#: Height of C2 above the disc below it, without the tip of its dens.
C2_HEIGHT_MM = 0.84 * C2_WITH_DENS_MM
#: Choice: logarithm of the fraction of cut-off masks that end with a piece below the lowest free
#: vertebra (the top of the sacrum, or a faint end of the vertebra). It was present in 5 of 44
#: training crops that end at this level.
_LOG_END_PIECE = float(np.log(0.1))
#: Choice: mean length of this piece. In those crops, it was 7 to 8 mm long.
_END_PIECE_MM = 8.0
#: Logarithm of the fraction of people whose lowest free vertebra is L4.
_LOG_SACRALISED = float(np.log(0.04))


@dataclass(frozen=True)
class NameCorrections:
    """The user's corrections to names.

    Attributes
    ----------
    manual_labels
        VerSe numbers of the names that the user set; keys are numbers of bodies, 0 at the top.
    has_anomalies
        Whether T13, L6 and a missing T12 are considered.
    before_recut
        Probability of the names before the user first split or merged vertebrae; None if the user
        did not. Names cannot become more probable than this, because a wrong cut could otherwise
        make wrong names look certain.
    """

    manual_labels: Mapping[int, int] = field(default_factory=dict)
    has_anomalies: bool = True
    before_recut: float | None = None


def name_column(
    column: Column,
    fitted: Fitted,
    corrections: NameCorrections,
    *,
    may_show_atlas: bool = False,
    is_last_vertebra: bool = False,
) -> ChainAnswer:
    """Return the names of a row of bodies.

    Parameters
    ----------
    may_show_atlas
        Whether the first segment may be C1 with the dens, separate from the body of C2.
    is_last_vertebra
        Whether the last segment is known to be a vertebra, and not a piece below the last vertebra.
    """
    evidence = end_evidence(column, fitted.chain)
    if may_show_atlas and len(column) > 1:
        if column.ends.is_cut_above:
            evidence[0, C1] = _LOG_DENS_APART
        elif column.ends.is_skull_above and len(column) > _BODIES_BELOW_DENS:
            evidence[0, C1] = -END_EVIDENCE
    for segment, label in corrections.manual_labels.items():
        if 0 <= segment < len(column):
            level = VERSE_ORDER.index(label)
            others = np.arange(LEVELS) != level
            evidence[segment, others] = IMPOSSIBLE
            evidence[segment, level] = 0.0
    is_last_vertebra = is_last_vertebra or len(column) - 1 in corrections.manual_labels
    last_piece = None if is_last_vertebra else last_piece_evidence(column)
    rows = possible_names(
        column, evidence, fitted, last_piece, has_anomalies=corrections.has_anomalies
    )
    return answer_from_rows(rows, len(column))


def without_last_piece(column: Column, answer: ChainAnswer) -> tuple[Column, ChainAnswer]:
    """Return the row and its names without a last piece that is not a vertebra."""
    if not answer.rows or answer.levels[-1] != REST:
        return column, answer
    return without_last(column), answer.part(slice(-1))


def last_piece_evidence(column: Column) -> Floats | None:
    """Return the log odds that the last segment is a piece below the lowest free vertebra.

    Shape (LEVELS,): one number for each level of the segment above it. None if the last segment is
    not partial.
    """
    if not column.is_partial[-1] or column.is_partial.all():
        return None
    heights = np.diff(column.edges)
    log_length_density = np.log(heights[-2] / _END_PIECE_MM) - heights[-1] / _END_PIECE_MM
    odds = np.full(LEVELS, IMPOSSIBLE)
    odds[[L5, L6]] = _LOG_END_PIECE + log_length_density
    odds[L4] = odds[L5] + _LOG_SACRALISED
    return odds


def possible_names(
    column: Column,
    evidence: Floats,
    fitted: Fitted,
    last_piece: Floats | None,
    *,
    has_anomalies: bool = True,
) -> tuple[Row, ...]:
    """Return the rows of names that a row of bodies can have, the most probable one first.

    Parameters
    ----------
    evidence
        float64, shape (segments, LEVELS): log evidence in addition to distances, shapes and ribs.
    last_piece
        From `last_piece_evidence`.
    has_anomalies
        Whether T13, L6 and a missing T12 are considered.
    """
    reliance = np.ones(len(column))
    if column.ends.is_cut_above:
        is_doubtful = is_cut_in_neck(column) and not column.is_partial.all()
        reliance[0] = 0.0 if is_doubtful else _RELIANCE_AT_CUT
    if column.ends.is_cut_below:
        reliance[-1] = _RELIANCE_AT_CUT

    def shape(levels: NDArray[np.int64]) -> Floats:
        return fitted.shape.row_log_likelihood(column.features, levels, reliance)

    return possible_rows(
        _centres(column),
        evidence,
        fitted.chain,
        has_anomalies=has_anomalies,
        row_evidence=shape,
        last_piece=last_piece,
    )


def end_evidence(column: Column, prior: ChainPrior) -> Floats:
    """Return the log evidence of both ends of a row: float64, shape (segments, LEVELS)."""
    evidence = np.zeros((len(column), LEVELS))
    has_no_centre, heights = np.isnan(_centres(column)[:, 0]), np.diff(column.edges).tolist()
    for number in {0, len(column) - 1}:
        if has_no_centre[number]:
            evidence[number] += cut_length_evidence(heights[number], prior)
    evidence[:, C1] = IMPOSSIBLE  # C1 surrounds the dens and is not a body in the row
    if column.ends.is_skull_above:
        evidence[0, np.arange(LEVELS) != C2] -= END_EVIDENCE
    if column.ends.is_sacrum_below:
        lowest = np.full(LEVELS, -END_EVIDENCE)
        lowest[L5], lowest[L6], lowest[L4] = 0.0, 0.0, _LOG_SACRALISED
        evidence[-1] += lowest
    return evidence


def _centres(column: Column) -> Floats:
    """Return the bodies' centres along the line, shape (segments, 1).

    NaN for partial bodies, and for the first one in a neck that the scan cuts off.
    """
    centres = (column.edges[:-1] + column.edges[1:]) / 2.0
    if column.ends.is_skull_above:  # without the tip of the dens
        centres[0] = column.edges[1] - C2_HEIGHT_MM / 2
    centres[column.is_partial] = np.nan
    if is_cut_in_neck(column):
        centres[0] = np.nan
    return centres[:, None]


def is_cut_in_neck(column: Column) -> bool:
    """Return whether the scan begins within a neck, where C2 without its dens looks like C3."""
    radius = column.discs.radius_mm[column.edges[0] : column.edges[1]]
    return column.ends.is_cut_above and float(np.median(radius)) < NECK_RADIUS_MM


def has_atlas(levels: NDArray[np.int64]) -> bool:
    """Return whether C1, which surrounds the dens, is above the first body.

    `levels` is int64, shape (bodies,).
    """
    return len(levels) > 0 and int(levels[0]) == C2
