"""Comparison of two scans of a patient: prior scans, and corresponding points at the vertebrae."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.measurement_rows import voltage_remark
from spineviewer.app.naming_check import names_to_check
from spineviewer.app.scan_titles import are_different_patients
from spineviewer.labelling.vertebrae import Vertebra, Vertebrae
from spineviewer.measurements.same_levels import shifted_names
from spineviewer.volume.geometry import Geometry, Triple
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.volume import ScanIdentity
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanCore
    from spineviewer.app.state import ScanState

Floats = NDArray[np.float64]
Scan = TypeVar("Scan", bound="ScanCore")


@dataclass(frozen=True, eq=False)
class CorrespondingPoint:
    """The point in a second scan that corresponds to a point in the first.

    Attributes
    ----------
    level
        Name of the nearest vertebra.
    rotation
        float64, shape (3, 3): rotates directions (L, P, S) in the first scan into those in the
        second.
    """

    level: str
    point_lps_mm: Triple
    rotation: Floats


def corresponding_point(
    here: Vertebrae, there: Vertebrae, point_lps_mm: Triple
) -> CorrespondingPoint | None:
    """Return the corresponding point in another scan; None if the scans share no vertebra.

    Scans in which no name is reliable are not compared. Between two vertebral bodies, the point is
    interpolated so that it does not jump.
    """
    shared = [
        (vertebra, other) for vertebra in here if (other := there.named(vertebra.name)) is not None
    ]
    if not shared or not (here.naming.has_levels and there.naming.has_levels):
        return None
    point = np.array(point_lps_mm)
    centres = np.array([vertebra.body_centre_lps_mm for vertebra, _ in shared])
    nearest = int(np.linalg.norm(centres - point, axis=1).argmin())
    mapped = _map_point(*shared[nearest], point)
    for neighbour in (nearest - 1, nearest + 1):
        if 0 <= neighbour < len(shared):
            towards = centres[neighbour] - centres[nearest]
            fraction = float((point - centres[nearest]) @ towards / (towards @ towards))
            if fraction > 0:
                mapped = (1 - fraction) * mapped + fraction * _map_point(*shared[neighbour], point)
                break
    x, y, z = mapped.tolist()
    vertebra, other = shared[nearest]
    return CorrespondingPoint(vertebra.name, (x, y, z), _axes(other).T @ _axes(vertebra))


def state_at_point(state: ScanState, here: ScanState, point: CorrespondingPoint) -> ScanState:
    """Return the state of another scan at the corresponding point, with matching planes."""
    grid = state.scan.geometry
    z, y, x = grid.index_zyx(point.point_lps_mm).tolist()
    rotation = _rotated(here.rotation, here.scan.geometry, point.rotation, grid)
    # The state is rotated first: a rotated crosshair keeps its position within the voxel.
    return replace(state, rotation=rotation).moved_to((z, y, x))


def _rotated(planes: Rotation, here: Geometry, rotation: Floats, there: Geometry) -> Rotation:
    """Return the planes of one scan, rotated and expressed in the axes of another."""
    lps = np.array(planes.axes) @ np.array(here.axes_lps)  # rows: the planes' normals
    up, back, left = ((axis @ np.array(there.axes_lps).T).tolist() for axis in lps @ rotation.T)
    return Rotation(
        ((up[0], up[1], up[2]), (back[0], back[1], back[2]), (left[0], left[1], left[2]))
    )


def _axes(vertebra: Vertebra) -> Floats:
    """Return a body's down, left and back directions as rows: float64, shape (3, 3)."""
    frame = vertebra.endplate_frame
    return np.array([frame.down_lps, frame.left_lps, frame.back_lps])


def _map_point(vertebra: Vertebra, other: Vertebra, point: Floats) -> Floats:
    """Return the point at another body that corresponds to a point near a body, scaled by height.

    Points are float64, shape (3,).
    """
    offset = _axes(vertebra) @ (point - np.array(vertebra.body_centre_lps_mm))
    offset[0] *= other.height_mm / max(vertebra.height_mm, 1.0)
    return np.asarray(np.array(other.body_centre_lps_mm) + _axes(other).T @ offset)


def find_earlier_scan(scan: ScanCore, scans: Sequence[Scan]) -> Scan | None:
    """Return the open scan with which a scan is compared; None if there is none.

    By default, it is the patient's most recent prior scan. Scans of unknown orientation are not
    compared.
    """
    chosen = scan.parts.earlier
    others = [
        other for other in scans if other is not scan and not comparison_obstacle(scan, other)
    ]
    if chosen is not None:
        matching = (other for other in others if other.parts.reference.fingerprint == chosen)
        return next(matching, None)
    identity = scan.volume.source.identity
    priors = [
        other
        for other in others
        if identity.patient_id
        and other.volume.source.identity.patient_id == identity.patient_id
        and "" < other.volume.source.identity.study_date < identity.study_date
    ]
    return max(priors, key=lambda prior: prior.volume.source.identity.study_date, default=None)


def comparison_obstacle(scan: ScanCore, other: ScanCore) -> str:
    """Return why the levels of two scans cannot be compared; '' if they can."""
    if not scan.volume.source.is_orientation_known:
        return worded("The orientation of the active scan is unknown.")
    if not other.volume.source.is_orientation_known:
        return worded("The orientation of this scan is unknown.")
    identity, other_identity = scan.volume.source.identity, other.volume.source.identity
    if are_different_patients(identity, other_identity):
        return worded("This scan is of a different patient.")
    if _names_patient(identity) and not _names_patient(other_identity):
        return worded(
            "This scan may be of a different patient: its file does not identify the patient."
        )
    if _names_patient(other_identity) and not _names_patient(identity):
        return worded(
            "The active scan may be of a different patient: its file does not identify the patient."
        )
    if identity.study_date and other_identity.study_date > identity.study_date:
        return worded("This scan is newer. Switch to it to see what has changed.")
    return ""


def notes_on_changes(scan: ScanCore, earlier: ScanCore) -> tuple[str, ...]:
    """Return sentences that qualify the changes since another scan."""
    identities = [one.volume.source.identity for one in (scan, earlier)]
    notes: list[str] = []
    if not any(map(_names_patient, identities)):
        notes.append(
            worded(
                "The files do not identify the patient. Make sure that both scans are of the "
                "same person."
            )
        )
    if not all(identity.study_date for identity in identities):
        notes.append(worded("It is unknown which scan is newer: a study date is missing."))
    here, there = scan.parts.spine_measurements, earlier.parts.spine_measurements
    if here is not None and there is not None:
        if None in (here.density.kvp, there.density.kvp):
            notes.append(
                worded("HU values may not be comparable, because a tube voltage is unknown.")
            )
        elif voltages := voltage_remark(here, there):
            notes.append(voltages)
    if shifted := note_on_shifted_names(scan, earlier):
        notes.insert(0, shifted)
    both = (scan.parts.vertebrae, earlier.parts.vertebrae)
    if any(vertebrae is not None and names_to_check(vertebrae) for vertebrae in both):
        notes.append(worded("The changes are valid only if the uncertain names are correct."))
    return tuple(notes)


def note_on_shifted_names(scan: ScanCore, earlier: ScanCore) -> str:
    """Return a warning if two scans probably give the same vertebra different names; '' if not."""
    here, there = scan.parts.spine_measurements, earlier.parts.spine_measurements
    matching = None if here is None or there is None else shifted_names(here, there)
    if matching is None:
        return ""
    return worded(
        "The vertebrae may be named differently in the two scans: their sizes agree better if "
        "{here} in this scan is {there} in the other. Until the names agree, the changes shown "
        "are between different vertebrae. Check the names in both.",
        here=matching.here,
        there=matching.there,
    )


def _names_patient(identity: ScanIdentity) -> bool:
    return bool(identity.patient_name or identity.patient_id)


def compare_with(scan: ScanCore, earlier: ScanCore | None) -> None:
    """Compare the measurements of a scan with those of another one; None ends the comparison."""
    fingerprint = "" if earlier is None else earlier.parts.reference.fingerprint
    scan.set(replace(scan.parts, earlier=fingerprint))


def state_at_same_vertebra(scan: ScanCore, other: ScanCore) -> ScanState | None:
    """Return the state of another scan at the same vertebra, with matching planes.

    None if the scans have no vertebra in common.
    """
    here, there = scan.parts.vertebrae, other.parts.vertebrae
    if here is None or there is None:
        return None
    x, y, z = scan.volume.geometry.point_lps_mm(scan.state.point_zyx).tolist()
    point = corresponding_point(here, there, (x, y, z))
    return None if point is None else state_at_point(other.state, scan.state, point)
