"""Two scans side by side: the other one follows the crosshair of the active scan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.follow_up import CorrespondingPoint, corresponding_point, state_at_point
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.scan_titles import are_different_patients, is_patient_unknown
from spineviewer.app.state import ScanState
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane
from spineviewer.wording import worded


class SideBySide:
    """A scan beside the active one.

    It shows the same vertebra, or stays at a fixed offset in the patient; the user changes the
    offset by scrolling one of the scans alone.

    Attributes
    ----------
    state
        How the other scan is shown: with the grey scale and overlays of the active scan.
    is_vertebra_shared
        Whether a point of the other scan corresponds to the active scan's crosshair, because both
        scans contain a vertebra of the same name.
    note
        Says which vertebra is shown instead if the other scan does not contain the one at the
        crosshair; empty otherwise.
    """

    def __init__(self, other: OpenScan, front: ScanState) -> None:
        self.other, self.state = other, other.state
        self.is_vertebra_shared, self.note = False, ""
        self._front, self._vertebrae = front, other.parts.vertebrae
        self._store_offset()

    def is_pair_of(self, other: OpenScan, front: ScanState) -> bool:
        """Return whether these two scans are side by side."""
        return other is self.other and front.scan is self._front.scan

    @property
    def is_other_patient(self) -> bool:
        """Whether the two scans are of different patients, according to their files."""
        return are_different_patients(
            self.other.volume.source.identity, self._front.scan.source.identity
        )

    @property
    def is_patient_unknown(self) -> bool:
        """Whether the files do not say if the two scans are of the same patient."""
        return is_patient_unknown(
            self.other.volume.source.identity, self._front.scan.source.identity
        )

    def follow(
        self,
        front: ScanState,
        vertebrae: Vertebrae | None,
        *,
        is_locked: bool,
        is_matched_by_vertebra: bool,
    ) -> None:
        """Follow the active scan.

        Parameters
        ----------
        vertebrae
            Vertebrae of the active scan; None if they are not named.
        is_locked
            Whether the other scan keeps its offset where no vertebra is matched.
        is_matched_by_vertebra
            Whether the other scan shows the corresponding point if the scans share a vertebra.
        """
        self._front, self._vertebrae = front, vertebrae
        # at the same place, but with the present results
        state = replace(self.other.state, rotation=self.state.rotation)
        state = state.moved_to(self.state.point_zyx)
        counterpart = _counterpart(vertebrae, self.other.parts.vertebrae, _crosshair_mm(front))
        self.is_vertebra_shared = counterpart is not None
        match = counterpart if is_matched_by_vertebra else None
        self.note = self._note_on_missing_level(match) if is_matched_by_vertebra else ""
        if match is not None:
            state = state_at_point(state, front, match)
        elif is_locked:
            target_mm = _crosshair_mm(front) + self._offset_mm
            state = state.moved_to(_index(state, target_mm))
        self.state = replace(state, window=front.window, overlays=front.overlays, slab=front.slab)
        # so that the scan does not jump when the next point has no match, or when it is locked
        if match is not None or not is_locked:
            self._store_offset()

    def _note_on_missing_level(self, match: CorrespondingPoint | None) -> str:
        """Return a sentence if the vertebra at the active crosshair is not in the other scan."""
        here, there, front = self._vertebrae, self.other.parts.vertebrae, self._front
        if not here or not there or not (here.naming.has_levels and there.naming.has_levels):
            return ""
        x, y, z = _crosshair_mm(front).tolist()
        vertebra = here.level_at((x, y, z), front.axial_normal_lps)
        if vertebra is None or there.named(vertebra.name) is not None:
            return ""
        level = here.marked_names[vertebra.label]
        nearest = None if match is None else there.named(match.level)
        if nearest is None:
            return worded("{level} is not in this scan", level=level)
        return worded(
            "{level} is not in this scan; nearest: {nearest}",
            level=level,
            nearest=there.marked_names[nearest.label],
        )

    def scroll(self, plane: Plane, steps: int) -> None:
        """Scroll the other scan alone, which changes the offset."""
        self.state, self.note = self.state.scrolled(plane, steps), ""
        self._store_offset()

    def move_to(self, index_zyx: Triple) -> None:
        """Move the crosshair of the other scan alone, which changes the offset."""
        self.state, self.note = self.state.moved_to(index_zyx), ""
        self._store_offset()

    def index_in_front(
        self, index_zyx: Triple, *, is_locked: bool, is_matched_by_vertebra: bool
    ) -> Triple | None:
        """Return the fractional index in the active scan that corresponds to one in the other.

        The parameters are those of `follow`; None if nothing there corresponds to it.
        """
        point_mm, counterpart = self.state.scan.geometry.point_lps_mm(index_zyx), None
        if is_matched_by_vertebra:
            counterpart = _counterpart(self.other.parts.vertebrae, self._vertebrae, point_mm)
        if counterpart is not None:
            return _index(self._front, counterpart.point_lps_mm)
        return _index(self._front, point_mm - self._offset_mm) if is_locked else None

    def _store_offset(self) -> None:
        self._offset_mm = _crosshair_mm(self.state) - _crosshair_mm(self._front)


def _counterpart(
    here: Vertebrae | None, there: Vertebrae | None, point_lps_mm: NDArray[np.float64]
) -> CorrespondingPoint | None:
    x, y, z = point_lps_mm.tolist()
    return None if here is None or there is None else corresponding_point(here, there, (x, y, z))


def _crosshair_mm(state: ScanState) -> NDArray[np.float64]:
    """Return the position of the crosshair in LPS mm: float64, shape (3,)."""
    return state.scan.geometry.point_lps_mm(state.point_zyx)


def _index(state: ScanState, point_lps_mm: NDArray[np.float64] | Triple) -> Triple:
    z, y, x = state.scan.geometry.index_zyx(point_lps_mm).tolist()
    return z, y, x
