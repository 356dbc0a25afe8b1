"""The picture of one view, composed when it is painted or ahead of time in another thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future

from PySide6.QtCore import QRectF

from spineviewer.gui.viewing.composer import Composer, Frame
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.screen_picture import ScreenPicture
from spineviewer.volume.cuts import CurvedCut, Cut, PlaneCut, RotatedCut


class Picture:
    """The picture of a scene in a view, and the part of it that is stale.

    Thread ownership: GUI thread; only composing ahead runs in another thread.

    Attributes
    ----------
    stale_mm
        The stale part of the picture; None if all or none of it is stale.
    """

    def __init__(self) -> None:
        self.composer = Composer()
        self.screen = ScreenPicture()
        self.is_stale = False
        self.stale_mm: QRectF | None = None
        self._ahead: Future[Frame] | None = None

    def clear(self) -> None:
        """Release all data, so that the memory of a closed scan is freed."""
        self.composer.clear()
        self.screen.set_frame(None)

    def make_stale(self, part_mm: QRectF | None = None) -> None:
        """Mark the picture, or part of it, as stale."""
        if part_mm is None:
            self.stale_mm = None
        elif not self.is_stale:
            self.stale_mm = part_mm
        elif self.stale_mm is not None:
            self.stale_mm = self.stale_mm.united(part_mm)
        self.is_stale = True
        self._ahead = None

    @property
    def is_composed_ahead(self) -> bool:
        """Whether the new picture has been composed ahead."""
        return self._ahead is not None and self._ahead.done()

    @property
    def is_wanted(self) -> bool:
        """Whether a new picture is needed that no thread has begun to compose."""
        return self.is_stale and self._ahead is None

    def compose_ahead(
        self, pool: Executor, scene: Scene, cut: Cut, pixel_mm: float
    ) -> Future[Frame]:
        """Start composing the picture in a thread pool; `scene` must not change meanwhile."""
        self._ahead = pool.submit(self._maker(scene, cut, pixel_mm))
        return self._ahead

    def compose(self, scene: Scene, cut: Cut | None, pixel_mm: float) -> None:
        """Compose the picture, or fetch the one composed ahead, and pass it to `screen`."""
        ahead, self._ahead = self._ahead, None
        part_mm, self.stale_mm = self.stale_mm, None
        self.is_stale = False
        if cut is None:
            self.screen.set_frame(None)
            return
        frame = (
            self._maker(scene, cut, pixel_mm)()
            if ahead is None or ahead.cancel()
            else ahead.result()
        )
        self.screen.set_frame(frame, part_mm=part_mm)

    def _maker(self, scene: Scene, cut: Cut, pixel_mm: float) -> Callable[[], Frame]:
        """Return a function that composes the picture; only one thread at a time may call it."""
        assert isinstance(cut, (PlaneCut, RotatedCut, CurvedCut))
        return lambda: self.composer.frame(scene, cut, screen_pixel_mm=pixel_mm)
