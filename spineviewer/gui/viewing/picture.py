"""The picture of one view: composed when it is stale, here or ahead of time in another thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future

from PySide6.QtCore import QRectF

from spineviewer.gui.viewing.composer import Composer, Frame
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.screen_picture import ScreenPicture
from spineviewer.volume.cuts import CurvedCut, Cut, PlaneCut, RotatedCut


class Picture:
    """What a view shows of a scene, and how much of it is stale.

    Thread ownership: GUI thread; only composing ahead runs in another.

    Attributes
    ----------
    stale_mm
        The part of the picture that is stale, where not all of it is.
    """

    def __init__(self) -> None:
        self.composer = Composer()
        self.screen = ScreenPicture()
        self.is_stale = False
        self.stale_mm: QRectF | None = None
        self._ahead: Future[Frame] | None = None

    def clear(self) -> None:
        """Release everything, so that a closed scan's memory is free."""
        self.composer.clear()
        self.screen.set_frame(None)

    def make_stale(self, part_mm: QRectF | None = None) -> None:
        """All of the picture, or a part of it, must be composed again."""
        if part_mm is None:
            self.stale_mm = None
        elif not self.is_stale:
            self.stale_mm = part_mm
        elif self.stale_mm is not None:
            self.stale_mm = self.stale_mm.united(part_mm)
        self.is_stale = True
        self._ahead = None

    @property
    def is_made_ahead(self) -> bool:
        """Whether a stale picture needs only to be fetched."""
        return self._ahead is not None and self._ahead.done()

    @property
    def is_begun_ahead(self) -> bool:
        """Whether another thread has been asked for it."""
        return self._ahead is not None

    def compose_ahead(self, pool: Executor, scene: Scene, cut: Cut, pixel_mm: float) -> None:
        """Have the picture composed by a pool. Until the pool is done, nothing may change."""
        self._ahead = pool.submit(self._maker(scene, cut, pixel_mm))

    def compose(self, scene: Scene, cut: Cut | None, pixel_mm: float) -> None:
        """Compose what is stale, or fetch it, and hand it to the screen."""
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
        """Return what composes the picture, in any thread, but in one at a time."""
        assert isinstance(cut, (PlaneCut, RotatedCut, CurvedCut))
        return lambda: self.composer.frame(scene, cut, screen_pixel_mm=pixel_mm)
