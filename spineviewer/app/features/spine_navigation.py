"""Navigation along the spine: to a vertebra or the next one; planes along endplates and discs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from spineviewer.app.notices import Notice, Severity
from spineviewer.labelling.vertebrae import Plane as DiscPlane
from spineviewer.labelling.vertebrae import Vertebra
from spineviewer.volume.geometry import Triple
from spineviewer.volume.levels import standard_name
from spineviewer.volume.rotation import Rotation
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.features.display import Display
    from spineviewer.app.features.named_vertebrae import VertebraNames
    from spineviewer.app.scan_core import ScanCore


class SpineNavigation:
    """Moves the crosshair and the planes to named vertebrae.

    Thread ownership: the same as the scan's.
    """

    def __init__(self, scan: ScanCore, display: Display, names: VertebraNames) -> None:
        self._scan = scan
        self._display = display
        self._names = names

    def go_to(self, vertebra: Vertebra) -> None:
        """Move the crosshair into a vertebral body, or into the arch if only that is in view."""
        z, y, x = self._scan.volume.geometry.index_zyx(vertebra.centre_in_view_lps_mm).tolist()
        self._display.move_to((z, y, x))

    def go_to_level(self, name: str) -> None:
        """Move the crosshair to the vertebra with this name, or report that it is missing."""
        level = standard_name(name)
        found = next(
            (vertebra for vertebra in self._names.vertebrae or () if vertebra.name == level), None
        )
        if found is not None:
            self.go_to(found)
        elif self._names.vertebrae:
            first, last = self._names.vertebrae.all[0].name, self._names.vertebrae.all[-1].name
            text = worded(
                "{name} is not in view: this scan shows {first} to {last}.",
                name=level,
                first=first,
                last=last,
            )
            self._scan.tell(Notice(Severity.INFO, text, "name"))

    def next(self, step: int = 1) -> None:
        """Move the crosshair to the next vertebra towards the feet, or the head if `step` < 0.

        If the crosshair is in no vertebra, it moves to the nearest one.
        """
        vertebrae = self._names.vertebrae
        if vertebrae is None or not len(vertebrae):
            return
        current = self._names.at_crosshair
        if current is None:
            self.go_to(vertebrae.nearest_to(self._names.crosshair_lps_mm))
            return
        number = vertebrae.all.index(current) + step
        self.go_to(vertebrae.all[min(max(number, 0), len(vertebrae) - 1)])

    def align_to_endplates(self) -> None:
        """Move the crosshair into its vertebra, and align the planes with the endplates."""
        vertebra = self._names.at_crosshair
        if vertebra is not None:
            axes = np.array(self._scan.volume.geometry.axes_lps)
            frame = vertebra.endplate_frame
            down, left, back = (
                axes @ np.array(direction)
                for direction in (frame.down_lps, frame.left_lps, frame.back_lps)
            )
            self.go_to(vertebra)
            self._display.rotate_to(_rotation(-down, back, left))

    def align_to_disc(self) -> None:
        """Rotate the axial plane about the crosshair to be parallel to the nearest disc."""
        found = _nearest_disc(self._names.vertebrae or (), self._names.crosshair_lps_mm)
        if found is None:
            text = worded("No disc was found between the vertebrae. Rotate the planes by hand.")
            self._scan.tell(Notice(Severity.INFO, text, "disc"))
            return
        disc, body = found
        axes = np.array(self._scan.volume.geometry.axes_lps)
        down, left = np.array(disc.normal_lps), np.array(body.frame.left_lps)
        left = left - (left @ down) * down
        left /= np.linalg.norm(left)
        back = np.array(body.frame.back_lps)
        back = back - (back @ down) * down - (back @ left) * left
        back /= np.linalg.norm(back)
        self._display.rotate_to(_rotation(-(axes @ down), axes @ back, axes @ left))


def _nearest_disc(
    vertebrae: Iterable[Vertebra], at_lps_mm: Triple
) -> tuple[DiscPlane, Vertebra] | None:
    """Return the disc nearest to a point, and a vertebra next to it; None if there is no disc."""
    discs = [
        (disc, vertebra)
        for vertebra in vertebrae
        for disc in (vertebra.upper_disc, vertebra.lower_disc)
        if disc is not None
    ]
    return min(discs, key=lambda pair: math.dist(pair[0].point_lps_mm, at_lps_mm), default=None)


def _rotation(*axes_zyx: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Rotation:
    up, back, left = ((float(z), float(y), float(x)) for z, y, x in axes_zyx)
    return Rotation((up, back, left))
