"""Measurements of a scan, updated when the user moves a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from spineviewer.labelling.vertebrae import Vertebrae, neighbour_remark, shows_discs
from spineviewer.measurements import density
from spineviewer.measurements.bodies import measure_body, unmeasured, why_unmeasured
from spineviewer.measurements.curves import measure_curves, with_apex
from spineviewer.measurements.discs import measure_discs
from spineviewer.measurements.expected import usual_depth_mm
from spineviewer.measurements.fields import vertebra_field
from spineviewer.measurements.grading import graded
from spineviewer.measurements.results import (
    MISORIENTED,
    UNKNOWN_LEVELS,
    UNORIENTED,
    Acquisition,
    Curve,
    Disc,
    Measurements,
    VertebraMeasurement,
)
from spineviewer.progress import JobProgress, Progress
from spineviewer.threads import in_parallel
from spineviewer.volume.volume import CtVolume, ProbabilityMap
from spineviewer.wording import worded

STAGE = "measuring"
#: A body whose depth exceeds its neighbours' by this factor probably has ossified ligament in
#: front.
_DEEPER = 1.12
_POSTURES = {
    "S": worded("The patient was supine. Angles are smaller than in a standing patient."),
    "P": worded("The patient was prone. Angles differ from those in a standing patient."),
    "DR": worded(
        "The patient was in the right lateral decubitus position. Angles differ from "
        "those in a standing patient."
    ),
    "DL": worded(
        "The patient was in the left lateral decubitus position. Angles differ from "
        "those in a standing patient."
    ),
}
UNKNOWN_POSTURE = worded(
    "The file does not state the patient's position. CT is usually acquired with the "
    "patient supine; angles are then smaller than in a standing patient."
)


def measure(
    vertebrae: Vertebrae,
    scan: CtVolume | None,
    probability: ProbabilityMap | None = None,
    acquisition: Acquisition | None = None,
    *,
    progress: Progress | None = None,
) -> Measurements:
    """Return the measurements of all vertebrae of a scan.

    Parameters
    ----------
    scan
        The CT on the grid of `vertebrae`. Without it, HU are not measured, metal is not detected,
        and endplates are only as precise as the mask.
    probability
        Bone probability, which locates borders more precisely than the mask.
    acquisition
        What the file states about the acquisition; None if unknown.

    Raises
    ------
    Cancelled
        When `progress` raises it.
    """
    acquisition, progress = acquisition or Acquisition(), progress or JobProgress()

    def body(number: int, max_depth_mm: float = np.inf) -> VertebraMeasurement:
        vertebra = vertebrae.all[number]
        if reason := why_unmeasured(vertebra):
            measured = unmeasured(vertebra, reason)
        else:
            field = vertebra_field(vertebrae, vertebra, probability)
            measured = measure_body(vertebra, field, scan, max_depth_mm=max_depth_mm)
        remark = neighbour_remark(vertebra)
        notes = (*measured.notes, *filter(None, (remark,)))
        return replace(measured, notes=notes, is_outline_uncertain=bool(remark))

    rows = in_parallel(
        body, range(len(vertebrae)), on_done=lambda fraction: progress.step(STAGE, fraction)
    )
    for number, max_mm in depth_limits(rows).items():
        rows[number] = body(number, max_mm)
    if scan is not None:
        measured, ct = rows, scan
        rows = in_parallel(lambda number: _with_density(measured[number], ct), range(len(rows)))
    if why := _why_only_hu(vertebrae):
        measurements = _only_hu(rows, acquisition, why)
    else:
        rows = list(graded(rows))
        contrast = density.find_contrast(scan, rows, acquisition)
        statement = density.density_statement(
            rows, acquisition, contrast, are_levels_known=vertebrae.naming.are_levels_known
        )
        measurements = Measurements(
            tuple(rows),
            measure_discs(rows),
            measure_curves(rows),
            statement,
            _posture(acquisition),
        )
    return measurements if vertebrae.naming.are_levels_known else _of_unknown_levels(measurements)


def _why_only_hu(vertebrae: Vertebrae) -> str:
    """Return why only HU can be measured in a scan; empty if everything can."""
    naming = vertebrae.naming
    if not naming.is_orientation_known:
        return UNORIENTED
    if not shows_discs(vertebrae.geometry):
        return worded(
            "Slices are {step_mm:.0f} mm apart, so two vertebrae may be measured as one. Only "
            "HU values were measured, not lengths, volumes, angles or fracture grades.",
            step_mm=vertebrae.geometry.spacing_zyx_mm[0],
        )
    return "" if naming.has_levels else MISORIENTED


def _only_hu(
    rows: Sequence[VertebraMeasurement], acquisition: Acquisition, why: str
) -> Measurements:
    """Return only the measurements that hardly depend on directions and borders: HU of the bodies.

    Choice: lengths and volumes are also left out, because the arch is expected behind the body.
    With front and back exchanged, volumes differed by up to 19%, and HU by up to 8.
    """
    statement = density.density_statement(
        (), acquisition, density.find_contrast(None, (), acquisition)
    )
    return Measurements(
        tuple(row if row.reason else _with_hu_alone(row, why) for row in rows),
        (),
        (),
        replace(statement, reason=why),
        _posture(acquisition),
        (why,),
        why_only_hu=why,
    )


def _with_hu_alone(measured: VertebraMeasurement, why: str) -> VertebraMeasurement:
    return replace(
        _without_numbers(measured, ""),
        trabecular=measured.trabecular,
        why_no_hu=measured.why_no_hu,
        notes=(why,),  # other notes are about heights and angles
    )


def _of_unknown_levels(measurements: Measurements) -> Measurements:
    """Return the measurements, with notes for tables and files that the names are a guess."""
    rows = tuple(replace(row, notes=(*row.notes, UNKNOWN_LEVELS)) for row in measurements)
    notes = (UNKNOWN_LEVELS, *measurements.notes)
    return replace(measurements, vertebrae=rows, notes=notes, are_levels_known=False)


def depth_limits(rows: Sequence[VertebraMeasurement]) -> dict[int, float]:
    """Return the maximum depths in mm of bodies that are too deep compared with their neighbours.

    Keys are indices into `rows`. Ossified ligaments in front of a body look like bone of the body.
    Depths are compared relative to the normal depths of their levels. Choice: a body is too deep if
    it exceeds the 40% quantile of the bodies nearby by more than 12%; broad fractures exceed it by
    less. With greater excess, the maximum decreases, down to the quantile itself at 27%. A slightly
    different depth, or another name with another normal depth, therefore never moves the front wall
    abruptly.
    """
    ratios = [
        row.depth.length_mm / usual
        if row.depth is not None and (usual := usual_depth_mm(row.label)) is not None
        else None
        for row in rows
    ]
    limits = {}
    for number, ratio in enumerate(ratios):
        nearby = [r for r in ratios[max(number - 4, 0) : number + 5] if r is not None]
        if ratio is None or len(nearby) < 3:
            continue
        usual = usual_depth_mm(rows[number].label)
        typical = float(np.quantile(nearby, 0.4))
        excess = ratio / typical
        if usual is not None and excess > _DEEPER:
            limits[number] = typical * usual * max(1.8 * _DEEPER - 0.8 * excess, 1.0)
    return limits


def _with_density(measured: VertebraMeasurement, scan: CtVolume) -> VertebraMeasurement:
    if measured.profile is None:
        return measured
    if not scan.source.are_values_hu:
        return replace(measured, why_no_hu=density.NOT_HU)
    if density.has_metal(scan, measured):
        return _without_numbers(measured, density.METAL)
    return with_hu(measured, scan)


def _without_numbers(measured: VertebraMeasurement, reason: str) -> VertebraMeasurement:
    """Return a vertebra without measured values, with the reason why there are none."""
    return VertebraMeasurement(
        measured.name,
        measured.label,
        measured.is_partial,
        measured.centre_lps_mm,
        measured.frame,
        reason,
    )


def with_hu(vertebra: VertebraMeasurement, scan: CtVolume) -> VertebraMeasurement:
    """Return a measured vertebra with HU in its automatic ROI."""
    roi = density.default_roi(vertebra)
    if roi is not None and (why := density.why_unstable(scan.geometry, roi)):
        return replace(vertebra, trabecular=None, why_no_hu=why)
    roi = None if roi is None else density.with_gap(scan, roi)
    trabecular = None if roi is None else density.trabecular(scan, roi)
    why = density.why_no_hu(scan, roi) if trabecular is None else ""
    return replace(vertebra, trabecular=trabecular, why_no_hu=why)


def _posture(acquisition: Acquisition) -> str:
    """Return a sentence about the DICOM patient position; HFS means head first, supine."""
    return _POSTURES.get(acquisition.position.strip().upper()[2:], UNKNOWN_POSTURE)


def with_vertebra(measurements: Measurements, changed: VertebraMeasurement) -> Measurements:
    """Return measurements with one vertebra as the user changed it.

    Ratios, expected heights and grades of all vertebrae and the density statement are updated.
    Discs and curves have their own points, so they do not change.
    """
    rows = graded(_replaced(measurements.vertebrae, changed))
    old = measurements.density
    if measurements.why_only_hu:
        return replace(measurements, vertebrae=rows)
    acquisition = Acquisition(kvp=old.kvp)
    statement = density.density_statement(
        rows,
        acquisition,
        (old.contrast, old.contrast_basis, old.aorta_hu),
        are_levels_known=measurements.are_levels_known,
    )
    return replace(measurements, vertebrae=rows, density=statement)


def with_disc(measurements: Measurements, changed: Disc) -> Measurements:
    """Return measurements with one disc as the user changed it."""
    discs = [changed if disc.name == changed.name else disc for disc in measurements.discs]
    return replace(measurements, discs=tuple(discs))


def with_curve(measurements: Measurements, number: int, changed: Curve) -> Measurements:
    """Return measurements with one curve (by its index) as the user changed it.

    Its apex follows if the lines now diverge on the other side.
    """
    curves = list(measurements.curves)
    if changed.convexity != curves[number].convexity:
        changed = with_apex(changed, measurements.vertebrae)
    curves[number] = changed
    return replace(measurements, curves=tuple(curves))


def _replaced(
    rows: Sequence[VertebraMeasurement], changed: VertebraMeasurement
) -> tuple[VertebraMeasurement, ...]:
    return tuple(changed if row.label == changed.label else row for row in rows)
