"""The scene that the views draw: state and results of a scan."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.state import ScanState
from spineviewer.editing.correction import Correction
from spineviewer.labelling.vertebrae import Vertebra
from spineviewer.volume.geometry import Box, Triple
from spineviewer.volume.planes import Plane

if TYPE_CHECKING:
    from spineviewer.app.overlay import FusionOverlay
    from spineviewer.app.scan_core import ScanParts


class SecondMask(Hashable, Protocol):
    """The second mask of a comparison, on the scan's grid; compared by identity."""

    @property
    def voxels(self) -> NDArray[np.bool_]:
        """The mask: bool, shape (z, y, x)."""


class VertebraLabels(Hashable, Protocol):
    """Named vertebrae on the scan's grid; compared by identity."""

    @property
    def labels(self) -> NDArray[np.uint8]:
        """The label map: uint8, shape (z, y, x); 0 is background."""

    @property
    def marked_names(self) -> Mapping[int, str]:
        """The name of each label, such as 'L1', or 'L1?' if the levels are unknown."""

    @property
    def boxes(self) -> Mapping[int, Box]:
        """The smallest box of `labels` that contains each label's voxels."""

    @property
    def centres_zyx(self) -> Mapping[int, Triple]:
        """The centre of what is in view of each vertebra, as a fractional index, by its label."""

    def reach_mm(self, label: int, direction_lps: Triple) -> float:
        """Return how far a body extends from its centre in the direction of a unit vector."""

    def level_at(self, point_lps_mm: Triple, across_lps: Triple | None = None) -> Vertebra | None:
        """Return the vertebra at the level of a point; None if there is none."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that the views of a scan show.

    Thread ownership: immutable, except for `correction`, which only the GUI thread changes.

    Attributes
    ----------
    correction
        Corrections to the mask.
    second
        The second mask of a comparison.
    """

    state: ScanState
    fusion: FusionOverlay | None = None
    correction: Correction | None = None
    second: SecondMask | None = None
    vertebrae: VertebraLabels | None = None

    @classmethod
    def from_parts(cls, parts: ScanParts) -> Scene:
        return cls(parts.state, parts.fusion, parts.correction, parts.comparison, parts.vertebrae)

    def seen_in(self, plane: Plane, *, is_second: bool = False) -> Scene:
        """Return the scene as a view of a plane shows it (`ScanState.seen_in`)."""
        state = self.state.seen_in(plane, is_second=is_second)
        return self if state is self.state else replace(self, state=state)

    @property
    def shown_vertebrae(self) -> VertebraLabels | None:
        """The vertebrae if they are shown; otherwise None."""
        overlays = self.state.overlays
        is_shown = overlays.are_vertebrae_shown and not overlays.is_all_hidden
        return self.vertebrae if is_shown else None

    @cached_property
    def level(self) -> str:
        """The vertebra at the crosshair; at a disc, both, such as "T12/L1"; empty if unknown.

        At a disc, the vertebra that is nearest along the spine may differ from the one that is
        nearest along the normal of the axial plane. Both are then named, so that all views agree.
        """
        if self.vertebrae is None:
            return ""
        x, y, z = self.state.scan.geometry.point_lps_mm(self.state.point_zyx).tolist()
        in_plane = self.vertebrae.level_at((x, y, z), self.state.axial_normal_lps)
        along_spine = self.vertebrae.level_at((x, y, z))
        names = self.vertebrae.marked_names
        if in_plane is None or along_spine is None:
            vertebra = in_plane or along_spine
            return "" if vertebra is None else names[vertebra.label]
        labels = list(names)  # from head to foot
        upper, lower = sorted(labels.index(found.label) for found in (in_plane, along_spine))
        if lower == upper + 1:
            return f"{names[labels[upper]]}/{names[labels[lower]]}"
        return names[in_plane.label]

    # comparisons with the scene that a view showed before; None if it showed none

    def shows_same_scan_as(self, old: Scene | None) -> bool:
        return old is not None and old.state.scan is self.state.scan

    def is_rotated_from(self, old: Scene | None) -> bool:
        """Return whether the planes have been rotated."""
        return old is not None and old.state.rotation != self.state.rotation

    def differs_only_in_crosshair(self, old: Scene | None) -> bool:
        """Return whether the scenes are equal apart from the position of the crosshair."""
        return self._has_same_results(old) and self.state.differs_only_in_crosshair(old.state)

    def is_retuned_from(self, old: Scene | None) -> bool:
        """Return whether the scenes are equal apart from the tuning."""
        return self._has_same_results(old) and self.state == replace(
            old.state, tuning=self.state.tuning
        )

    def box_painted_since(self, old: Scene | None) -> Box | None:
        """Return a box with all voxels that strokes have changed; None if anything else differs."""
        correction, revision = self.correction, self.state.correction_revision
        if correction is None or not self._has_same_results(old):
            return None
        old_revision = old.state.correction_revision
        is_only_painted = revision != old_revision and self.state == replace(
            old.state, correction_revision=revision
        )
        return correction.painted_since(old_revision) if is_only_painted else None

    def _has_same_results(self, old: Scene | None) -> TypeGuard[Scene]:
        return old is not None and all(
            getattr(self, name) is getattr(old, name) for name in _RESULTS
        )


_RESULTS = tuple(field.name for field in fields(Scene) if field.name != "state")
