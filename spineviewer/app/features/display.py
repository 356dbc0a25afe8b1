"""The display of a scan: planes, grey scale and overlays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from spineviewer.app.job_runner import Jobs
from spineviewer.app.jobs import JobKind
from spineviewer.app.state import PRESETS, Overlays, Slab, dragged, window_presets
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.ruled import warm_up
from spineviewer.volume.volume import WindowLevel

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanCore


class SamplingLoops:
    """The compiled loops that sample rotated pictures, loaded at the first rotation."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._are_loaded = False

    def when_loaded(self, then: Callable[[], None]) -> None:
        """Call a function as soon as the loops are loaded; ignore other calls until then."""

        def on_loaded(_: object) -> None:
            self._are_loaded = True
            then()

        if self._are_loaded:
            then()
        elif not self._jobs.is_running(JobKind.LOAD_SAMPLING):
            self._jobs.start(JobKind.LOAD_SAMPLING, lambda _: warm_up(), on_end=on_loaded)


class Display:
    """Actions that change the pictures but not the results."""

    def __init__(self, scan: ScanCore, sampling: SamplingLoops) -> None:
        self._scan = scan
        self._sampling = sampling

    def move_to(self, index_zyx: tuple[float, float, float]) -> None:
        """Move the crosshair to a voxel."""
        self._scan.set_state(self._scan.state.moved_to(index_zyx))

    def scroll(self, plane: Plane, steps: int) -> None:
        """Move the crosshair perpendicular to a plane, by a number of slices."""
        self._scan.set_state(self._scan.state.scrolled(plane, steps))

    def set_window(self, window: WindowLevel, *, is_second: bool = False) -> None:
        """Set the grey scale of the views that show a plane a second time, or of all others."""
        state = self._scan.state
        self._scan.set_state(
            replace(state, second_window=window) if is_second else replace(state, window=window)
        )

    def separate_windows(self) -> None:
        """If both grey scales are the same, set the second one to soft tissue or bone."""
        state = self._scan.state
        if state.second_window == state.window:
            bone, soft_tissue = PRESETS[0].window, PRESETS[2].window
            other = bone if state.window == soft_tissue else soft_tissue
            self.set_window(other, is_second=True)

    def drag_window(self, width_px: float, level_px: float, *, is_second: bool = False) -> None:
        """Change the grey scale by a mouse drag."""
        state = self._scan.state
        window = state.second_window if is_second else state.window
        self.set_window(dragged(window, width_px, level_px), is_second=is_second)

    def use_preset(self, number: int, *, is_second: bool = False) -> None:
        """Use a grey-scale preset, counted from 1; numbers without a preset do nothing."""
        presets = window_presets(self._scan.volume)
        if number <= len(presets):
            self.set_window(presets[number - 1].window, is_second=is_second)

    def set_slab(self, slab: Slab) -> None:
        """Set how many slices are combined in one picture."""
        self._scan.set_state(replace(self._scan.state, slab=slab))

    def rotate(self, plane: Plane, degrees: float) -> None:
        """Rotate the other two planes about the crosshair, clockwise in the picture of `plane`."""

        def then() -> None:
            if self._scan.is_open:
                self._scan.set_state(self._scan.state.rotated(plane, degrees))

        self._sampling.when_loaded(then)

    def straighten(self) -> None:
        """Rotate all planes back to the orientation in which the scan was stored."""
        if not self._scan.state.rotation.is_straight:
            self._scan.set_state(self._scan.state.straightened())

    def rotate_to(self, rotation: Rotation, index_zyx: Triple | None = None) -> None:
        """Rotate the planes to these directions, about the crosshair or another point."""

        def then() -> None:
            if self._scan.is_open:
                state = self._scan.state
                self._scan.set_state(
                    replace(state, rotation=rotation).moved_to(index_zyx or state.point_zyx)
                )

        self._sampling.when_loaded(then)

    def set_overlays(self, overlays: Overlays) -> None:
        self._scan.set_state(replace(self._scan.state, overlays=overlays))
