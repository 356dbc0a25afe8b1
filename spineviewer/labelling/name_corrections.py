"""The user's corrections to vertebrae: their names and their voxels.

Every function takes a labelling and returns a new one, so that steps can be undone. Cuts are
recomputed only if the mask has changed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import UsageError
from spineviewer.labelling.borders import SegmentAbove, above_first_body, cut_surfaces
from spineviewer.labelling.chain import (
    C2,
    REST,
    ChainAnswer,
    answer_from_rows,
    neighbour_level,
)
from spineviewer.labelling.column import FINDING, Column, changed_column, split_column
from spineviewer.labelling.naming import (
    Labelling,
    Partition,
    label_vertebrae,
    labelled,
    partition_of,
    stray_ml,
)
from spineviewer.labelling.priors import Fitted, load_fitted
from spineviewer.labelling.row_names import (
    NameCorrections,
    has_atlas,
    name_column,
    without_last_piece,
)
from spineviewer.progress import JobProgress, Progress
from spineviewer.volume.geometry import Triple
from spineviewer.volume.levels import LEVEL_NAMES, VERSE_ORDER, level_name
from spineviewer.volume.volume import CtVolume, ProbabilityMap, SpineMask
from spineviewer.wording import worded

#: Smallest distance between a cut and the ends of the vertebra.
_MIN_CUT_MM = 4.0
#: Choice: cuts and names are kept if less than this fraction of the vertebrae's voxels has changed.
_SMALL_CHANGE = 0.05
#: Choice: after a change to the mask, the previous names are kept if they are at least this
#: probable.
_MIN_KEPT = 0.1
#: Choice: after such a change, a body is the same one if its centre moved by less than this.
_SAME_BODY_MM = 10.0
#: A point outside all vertebrae belongs to the one whose body centre is nearest, up to this far.
_REACH_MM = 40.0


def segment_at(labelling: Labelling, point_lps_mm: Triple) -> int:
    """Return the number of the vertebra that contains a point, otherwise of the nearest body.

    The topmost body has number 0; C1 has the number of C2. An arch above the topmost body has
    number -1.

    Raises
    ------
    UsageError
        When there is no vertebra nearby.
    """
    vertebrae = labelling.vertebrae
    holder = vertebrae.vertebra_at(point_lps_mm)
    if holder is not None:
        return _number_of(labelling, holder.label)
    if vertebrae.bodies:
        centres = np.array([vertebra.body_centre_lps_mm for vertebra in vertebrae.bodies])
        distances = np.linalg.norm(centres - np.array(point_lps_mm), axis=1)
        if float(distances.min()) <= _REACH_MM:
            return _number_of(labelling, vertebrae.bodies[int(distances.argmin())].label)
    where = ", ".join(f"{value:.0f}" for value in point_lps_mm)
    raise UsageError(
        worded(
            "There is no vertebra near the point ({point} mm). Choose a point in a vertebra.",
            point=where,
        )
    )


def move_target_at(labelling: Labelling, point_lps_mm: Triple) -> int:
    """Return the number of the vertebra at a point, as `segment_at` does, but -1 for C1.

    C1 is named together with C2, but has voxels of its own.

    Raises
    ------
    UsageError
        When there is no vertebra nearby.
    """
    number = segment_at(labelling, point_lps_mm)
    holder = labelling.vertebrae.vertebra_at(point_lps_mm)
    return -1 if holder is not None and holder.label == VERSE_ORDER[0] else number


def _number_of(labelling: Labelling, label: int) -> int:
    assert labelling.answer is not None
    if label == VERSE_ORDER[0]:
        return 0  # C1 is named together with C2
    labels = [VERSE_ORDER[level] for level in labelling.answer.levels.tolist()]
    return labels.index(label) if label in labels else -1


def with_manual_name(
    labelling: Labelling, segment: int, label: int, fitted: Fitted | None = None
) -> Labelling:
    """Return the labelling with one vertebra's name set and the others recomputed.

    Raises
    ------
    UsageError
        When the names set by hand contradict each other, or leave no names for the vertebrae above
        or below.
    """
    names = {**labelling.corrections.manual_labels, segment: label}
    return renamed(labelling, replace(labelling.corrections, manual_labels=names), fitted)


def shifted(labelling: Labelling, by: int, fitted: Fitted | None = None) -> Labelling:
    """Return the labelling with every vertebra named `by` levels lower (negative: higher).

    Raises
    ------
    UsageError
        When there are no vertebrae, or when a name would be past the end of the spine.
    """
    answer, column = labelling.answer, labelling.column
    if answer is None or column is None:
        raise UsageError(
            worded(
                "There are no vertebrae whose names can be shifted. Check that the mask shows "
                "the spine."
            )
        )
    if by == 0:
        return labelling
    # All names are set, because otherwise the new row might skip T12 to fit.
    middle = len(column) // 2
    anchor = neighbour_level(int(answer.levels[middle]), by)
    names: dict[int, int] = {}
    for number in range(len(column)):
        level = None if anchor is None else neighbour_level(anchor, number - middle)
        if level is None or level < C2:
            raise _shift_error()
        names[number] = VERSE_ORDER[level]
    try:
        return renamed(labelling, replace(labelling.corrections, manual_labels=names), fitted)
    except UsageError as error:  # a shift to L6, although anomalies are not considered
        raise _shift_error() from error


def _shift_error() -> UsageError:
    return UsageError(
        worded(
            "The names cannot be shifted: they would run past the end of the spine. Shift them "
            "the other way, or name one vertebra."
        )
    )


def renamed(
    labelling: Labelling, corrections: NameCorrections, fitted: Fitted | None = None
) -> Labelling:
    """Return the labelling with names recomputed for other corrections, and the same voxels.

    Raises
    ------
    UsageError
        When no row of names agrees with the corrections.
    """
    if labelling.column is None:
        raise UsageError(
            worded("There are no vertebrae to name. Check that the mask shows the spine.")
        )
    fitted = fitted or load_fitted()
    answer = _name_all(labelling.column, fitted, corrections)
    return _rebuilt(labelling, labelling.column, labelling.segments, corrections, answer, fitted)


def split(labelling: Labelling, point_lps_mm: Triple, fitted: Fitted | None = None) -> Labelling:
    """Return the labelling with the vertebra at a point cut in two there.

    Only its own voxels are reassigned, so manual changes elsewhere are kept. If the manual names
    above and below contradict each other after the split, those of one side are discarded.

    Raises
    ------
    UsageError
        When there is no vertebra, or the point is too close to its end.
    """
    column, fitted = _column_of(labelling), fitted or load_fitted()
    station = round(_station_at(labelling, point_lps_mm))
    number = int(np.searchsorted(column.edges, station)) - 1
    if (
        not 0 <= number < len(column)
        or min(station - column.edges[number], column.edges[number + 1] - station) < _MIN_CUT_MM
    ):
        raise UsageError(
            worded(
                "Choose a point in the gap between two vertebrae that were labelled as one, not "
                "near the upper or lower end of their label."
            )
        )
    split_row = split_column(column, number, station)
    manual_labels = {
        n + (n > number): label
        for n, label in labelling.corrections.manual_labels.items()
        if n != number
    }
    return _redistributed(
        labelling, split_row, [number], [number, number + 1], manual_labels, fitted
    )


def merge(labelling: Labelling, number: int, fitted: Fitted | None = None) -> Labelling:
    """Return the labelling with a vertebra and the next one down merged.

    If the manual names above and below contradict each other after the merge, those of one side are
    discarded.

    Raises
    ------
    UsageError
        When there is no such vertebra, or none below it.
    """
    column, fitted = _column_of(labelling), fitted or load_fitted()
    if not 0 <= number < len(column) - 1:
        raise UsageError(worded("Choose a vertebra that has another one below it."))
    features = np.delete(column.features, number, axis=0)
    features[number] = np.nan
    is_partial = np.delete(column.is_partial, number)
    is_partial[number] = bool(column.is_partial[number] or column.is_partial[number + 1])
    recovered = np.delete(column.recovered, number)
    recovered[number] = column.recovered[number : number + 2].mean()  # NaN if one was in the mask
    merged_row = replace(
        column,
        edges=np.delete(column.edges, number + 1),
        is_partial=is_partial,
        features=features,
        recovered=recovered,
    )
    merged = (number, number + 1)
    manual_labels = {
        n - (n > number): label
        for n, label in labelling.corrections.manual_labels.items()
        if n not in merged
    }
    return _redistributed(labelling, merged_row, list(merged), [number], manual_labels, fitted)


def move(
    labelling: Labelling, voxels: NDArray[np.bool_], number: int, fitted: Fitted | None = None
) -> Labelling:
    """Return the labelling with voxels, for example a process, moved to another vertebra.

    Parameters
    ----------
    voxels
        bool, shape of the labels; voxels outside all vertebrae are not changed.
    number
        Number of the body to which they are moved; -1 for the vertebra above the first body: C1, or
        a vertebra of which only the arch is in view.

    Raises
    ------
    UsageError
        When there is no such vertebra.
    """
    column, fitted = _column_of(labelling), fitted or load_fitted()
    if not -labelling.above.count <= number < len(column):
        raise UsageError(
            worded("There is no vertebra with this number. Choose one of the named vertebrae.")
        )
    segments = labelling.segments.copy()
    segments[voxels & (segments > 0)] = number + 1 + labelling.above.count
    assert labelling.answer is not None
    return _rebuilt(labelling, column, segments, labelling.corrections, labelling.answer, fitted)


def with_new_mask(
    labelling: Labelling,
    mask: SpineMask,
    probability: ProbabilityMap,
    scan: CtVolume | None,
    fitted: Fitted | None = None,
    *,
    progress: Progress | None = None,
) -> Labelling:
    """Return the labelling for another mask of the same scan, after an edit or with other tuning.

    If little changed, the line, the cuts and the names are kept and only the changed voxels are
    assigned to vertebrae. Otherwise everything is recomputed. Bodies that are still there keep
    their names, unless the new mask clearly contradicts them; `Naming.renamed` then describes the
    change. Manual names are assigned to the bodies at the same positions. Missing vertebrae are
    recovered only if some were recovered in `labelling`, so that an edit can erase a vertebra.

    Raises
    ------
    Cancelled
        When `progress` raises it.
    """
    fitted, progress = fitted or load_fitted(), progress or JobProgress()
    column, answer = labelling.column, labelling.answer
    if column is None or answer is None or len(column) == 0:
        return label_vertebrae(
            mask,
            probability,
            scan,
            corrections=labelling.corrections,
            fitted=fitted,
            progress=progress,
        )
    progress.step(FINDING, 0.0)
    before, with_recovered = labelling.segments > 0, _with_recovered_bone(labelling, mask)
    changed = int(np.count_nonzero(before != with_recovered.voxels))
    is_small = changed <= _SMALL_CHANGE * max(int(np.count_nonzero(before)), 1)
    column_now = changed_column(column, with_recovered, probability) if is_small else None
    if column_now is not None:
        cuts = cut_surfaces(column_now, answer.levels, fitted)
        partition = partition_of(with_recovered, column_now, cuts)
        # After a shift, there may be a C1 that its name no longer shows.
        shift = labelling.above.count - above_first_body(column_now, answer.levels).count
        partition = partition.shifted(shift)
        segments = partition.segments
        segments = np.where(before & with_recovered.voxels, labelling.segments, segments)
        before_change = replace(labelling, uncertain=partition.uncertain)
        updated = _rebuilt(
            before_change, column_now, segments, labelling.corrections, answer, fitted
        )
        outside_ml = stray_ml(mask, segments)
        return replace(updated, vertebrae=replace(updated.vertebrae, stray_ml=outside_ml))
    unnamed = NameCorrections(has_anomalies=labelling.corrections.has_anomalies)
    recovers = any(vertebra.is_recovered for vertebra in labelling.vertebrae)
    fresh = label_vertebrae(
        mask,
        probability,
        scan,
        corrections=unnamed,
        fitted=fitted,
        progress=progress,
        recovers=recovers,
    )
    fresh = _with_previous_names(labelling, fresh, fitted)
    for label in labelling.corrections.manual_labels.values():
        centre = next((v.body_centre_lps_mm for v in labelling.vertebrae if v.label == label), None)
        if centre is None or fresh.column is None:
            continue
        with suppress(UsageError):  # the body is gone, or the name contradicts the new row
            fresh = with_manual_name(fresh, segment_at(fresh, centre), label, fitted)
    return fresh


def _with_previous_names(before: Labelling, fresh: Labelling, fitted: Fitted) -> Labelling:
    """Return the labelling with the names that its bodies had before a change to the mask.

    If those names are too improbable now, the new names are kept and a warning about the change is
    added.
    """
    column, answer = fresh.column, fresh.answer
    if column is None or answer is None:
        return fresh
    previous = _previous_levels(before, column)
    if all(answer.levels[number] == level for number, level in previous.items()):
        return fresh
    row = next(
        (
            row
            for row in answer.rows
            if all(row.levels[number] == level for number, level in previous.items())
        ),
        None,
    )
    if row is not None and row.probability >= _MIN_KEPT:
        others = [other for other in answer.rows if other is not row]
        chosen = answer_from_rows((row, *others), len(column))
        return _rebuilt(fresh, column, fresh.segments, fresh.corrections, chosen, fitted)
    first, last = min(previous), max(previous)
    return _with_renaming_note(
        fresh,
        worded(
            "Because the mask has changed, the vertebrae that were named {old_first} to {old_last} "
            "are now named {first} to {last}. Check the names.",
            old_first=LEVEL_NAMES[previous[first]],
            old_last=LEVEL_NAMES[previous[last]],
            first=LEVEL_NAMES[int(answer.levels[first])],
            last=LEVEL_NAMES[int(answer.levels[last])],
        ),
    )


def _previous_levels(before: Labelling, column: Column) -> dict[int, int]:
    """Return the previous levels of those bodies of a row that were already there, by number."""
    old, answer = before.column, before.answer
    assert old is not None
    assert answer is not None
    distances = np.linalg.norm(_centres(old)[:, None] - _centres(column), axis=2)
    return {
        number: int(answer.levels[nearest])
        for number, nearest in enumerate(distances.argmin(axis=0).tolist())
        if distances[nearest, number] < _SAME_BODY_MM and int(distances[nearest].argmin()) == number
    }


def _centres(column: Column) -> NDArray[np.float64]:
    """Return the bodies' centres on the line in mm, float64, shape (bodies, 3)."""
    middles = np.rint((column.edges[:-1] + column.edges[1:]) / 2).astype(np.int64)
    places = column.axis.line.points_mm
    return np.asarray(places[middles.clip(0, len(places) - 1)])


def _with_renaming_note(labelling: Labelling, renamed: str) -> Labelling:
    """Return the labelling with a warning about names that changed with the mask."""
    vertebrae = labelling.vertebrae
    naming = replace(
        vertebrae.naming, renamed=renamed, warnings=(renamed, *vertebrae.naming.warnings)
    )
    return replace(labelling, vertebrae=replace(vertebrae, naming=naming))


def _with_recovered_bone(labelling: Labelling, mask: SpineMask) -> SpineMask:
    """Return the mask with the voxels of the vertebrae that were recovered from the probability."""
    labels = [vertebra.label for vertebra in labelling.vertebrae if vertebra.is_recovered]
    if not labels:
        return mask
    return SpineMask(mask.voxels | np.isin(labelling.vertebrae.labels, labels), mask.geometry)


def _column_of(labelling: Labelling) -> Column:
    if labelling.column is None or labelling.answer is None:
        raise UsageError(
            worded("There are no vertebrae to correct. Check that the mask shows the spine.")
        )
    return labelling.column


def _station_at(labelling: Labelling, point_lps_mm: Triple) -> float:
    """Return the position of a point along the line, as a fractional station."""
    grid = labelling.vertebrae.geometry
    place = (grid.index_zyx(point_lps_mm) + 0.5) * np.array(grid.spacing_zyx_mm)
    return _column_of(labelling).axis.line.along_left_back_mm(place)[0]


def _redistributed(
    labelling: Labelling,
    column: Column,
    old: list[int],
    new: list[int],
    manual_labels: dict[int, int],
    fitted: Fitted,
) -> Labelling:
    """Return the labelling with the voxels of the old bodies distributed among the new ones."""
    probability = labelling.corrections.before_recut
    if probability is None:
        probability = labelling.vertebrae.naming.probability
    recut = replace(labelling.corrections, manual_labels=manual_labels, before_recut=probability)
    corrections, answer = _name_after_cut(column, fitted, recut, new)
    grid, before = labelling.vertebrae.geometry, labelling.segments
    shift, offset = len(new) - len(old), labelling.above.count
    numbers = np.arange(256)
    numbers[numbers > offset + old[-1] + 1] += shift
    segments = numbers.astype(np.uint8)[before]
    affected = np.isin(before, [number + 1 + offset for number in old])
    cuts = cut_surfaces(column, answer.levels, fitted)
    recomputed = partition_of(SpineMask(affected, grid), column, cuts).segments
    bodies = recomputed.astype(np.int64) - above_first_body(column, answer.levels).count
    bodies = np.clip(bodies, new[0] + 1, new[-1] + 1) + offset
    segments[affected] = bodies[affected].astype(np.uint8)
    old_segments = {number + 1 + offset for number in old}
    uncertain = tuple(
        replace(part, segment=int(numbers[part.segment]), other=int(numbers[part.other]))
        for part in labelling.uncertain
        if not {part.segment, part.other} & old_segments
    )
    labelling = replace(labelling, uncertain=uncertain)
    return _rebuilt(labelling, column, segments, corrections, answer, fitted)


def _name_after_cut(
    column: Column, fitted: Fitted, corrections: NameCorrections, new: list[int]
) -> tuple[NameCorrections, ChainAnswer]:
    """Return the corrections that still apply after a split or merge, and the resulting names.

    With one vertebra more or fewer, the manual names above and below the change may contradict each
    other. Then only those of one side remain: the side whose names are more probable.

    Raises
    ------
    UsageError
        When no row of names agrees with the corrections.
    """
    try:
        return corrections, _name_all(column, fitted, corrections)
    except UsageError:
        free = _name_all(column, fitted, replace(corrections, manual_labels={}))
        probability = {row.levels: row.probability for row in free.rows}
        candidates = []
        for numbers in (range(new[0]), range(new[-1] + 1, len(column))):
            names = {n: label for n, label in corrections.manual_labels.items() if n in numbers}
            one_side = replace(corrections, manual_labels=names)
            with suppress(UsageError):
                candidates.append((one_side, _name_all(column, fitted, one_side)))
        return max(
            (pair for pair in candidates if pair[0].manual_labels),
            key=lambda pair: probability.get(tuple(pair[1].levels.tolist()), 0.0),
            default=(replace(corrections, manual_labels={}), free),
        )


def _name_all(column: Column, fitted: Fitted, corrections: NameCorrections) -> ChainAnswer:
    """Return the names of a row of bodies, all of which are vertebrae.

    Exception: if the user has named all bodies but the last, the last may be a piece below them.

    Raises
    ------
    UsageError
        When no row of names agrees with the corrections.
    """
    is_last_left_out = corrections.manual_labels.keys() == set(range(len(column) - 1))
    answer = name_column(column, fitted, corrections, is_last_vertebra=not is_last_left_out)
    if answer.rows:
        return answer
    raise UsageError(
        worded(
            "The names were not changed. With {names}, the vertebrae would not be consecutive. "
            "Choose another name; names run from {first} to {last}.",
            names=", ".join(map(level_name, corrections.manual_labels.values())) or "-",
            first=LEVEL_NAMES[0],
            last=LEVEL_NAMES[-1],
        )
    )


def _rebuilt(
    labelling: Labelling,
    column: Column,
    segments: NDArray[np.uint8],
    corrections: NameCorrections,
    answer: ChainAnswer,
    fitted: Fitted,
) -> Labelling:
    grid, above = labelling.vertebrae.geometry, labelling.above
    outside_ml, uncertain = labelling.vertebrae.stray_ml, labelling.uncertain
    if answer.levels[-1] == REST:
        column, answer = without_last_piece(column, answer)
        is_rest = segments > len(column) + above.count
        outside_ml += int(np.count_nonzero(is_rest)) * grid.voxel_volume_ml
        segments = np.where(is_rest, np.uint8(0), segments)
    if has_atlas(answer.levels) and above is SegmentAbove.NOTHING:  # separate C1 from C2, now known
        voxels = segments == 1
        cuts = cut_surfaces(column, answer.levels, fitted)
        separated = partition_of(SpineMask(voxels, grid), column, cuts).segments
        shifted_parts = Partition(segments, uncertain).shifted(1)
        segments, uncertain = shifted_parts.segments, shifted_parts.uncertain
        segments[voxels & (separated == 1)] = 1
        above = SegmentAbove.ATLAS_BY_NAME
    rebuilt = labelled(
        column,
        segments,
        answer,
        grid,
        corrections,
        fitted,
        above=above,
        stray_ml=outside_ml,
        uncertain=uncertain,
    )
    renamed = labelling.vertebrae.naming.renamed
    if renamed and not corrections.manual_labels:
        return _with_renaming_note(rebuilt, renamed)
    return rebuilt
