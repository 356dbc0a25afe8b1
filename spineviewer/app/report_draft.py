"""The draft of a scan's report: text and key images. Without Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from spineviewer.app.landmarks import PlacedSource
from spineviewer.app.state import Overlays, ScanState, Slab
from spineviewer.volume.geometry import Triple
from spineviewer.volume.rotation import Rotation
from spineviewer.volume.volume import WindowLevel

#: Choice: more than any report contains; a stored draft that exceeds a limit is damaged.
MAX_IMAGES, MAX_TEXT_LENGTH, MAX_DRAWING_BYTES = 60, 100_000, 4_000_000
_FARTHEST = 1e5

#: Left, top, width and height of part of a picture, in mm.
Part = tuple[float, float, float, float]


#: Names of vertebrae and the centres of their bodies, in LPS mm.
PlacedLevels = tuple[tuple[str, Triple], ...]


@dataclass(frozen=True)
class KeyImage:
    """A picture for the report, stored as drawing settings without voxels of the scan.

    Measurements, names and mask are drawn as they are when the report is written.

    Attributes
    ----------
    view
        Name of the view, which shows a plane or follows the spine.
    exact_crosshair_zyx
        The crosshair, as a fractional voxel index.
    part_mm
        The part of the picture that the view showed.
    depth_mm
        Offset from the centre line, for views along the spine.
    drawing
        For the surface, the whole picture as a PNG file, without voxels of the scan.
    value
        The measured value whose landmarks are shown; None for none.
    caption
        The user's caption; empty for an automatic one that describes the position.

    Raises
    ------
    ValueError
        When a value is out of range, as in a damaged file.
    """

    view: str
    exact_crosshair_zyx: Triple
    window: WindowLevel
    part_mm: Part
    rotation: Rotation = field(default_factory=Rotation)
    slab: Slab = field(default_factory=Slab)
    overlays: Overlays = field(default_factory=Overlays)
    depth_mm: float = 0.0
    caption: str = ""
    drawing: bytes = b""
    value: PlacedSource | None = None

    def __post_init__(self) -> None:
        numbers = (*self.exact_crosshair_zyx, *self.part_mm, self.depth_mm, self.window.level_hu)
        if not all(math.isfinite(n) and abs(n) < _FARTHEST for n in numbers):
            raise ValueError("the position of a key image is out of range")
        if not 1 <= self.window.width_hu <= _FARTHEST or min(self.part_mm[2:]) <= 0:
            raise ValueError("the window or size of a key image is out of range")
        if not self.rotation.is_right_angled:
            raise ValueError("the planes of a key image are not at right angles")
        if len(self.drawing) > MAX_DRAWING_BYTES:
            raise ValueError("the drawing of a key image is too large")
        if len(self.view) > 100 or len(self.caption) > MAX_TEXT_LENGTH:
            raise ValueError("the view name or caption of a key image is too long")

    def shown_on(self, state: ScanState) -> ScanState:
        """Return the scan's state with the settings of this picture."""
        return replace(
            state,
            rotation=self.rotation,
            window=self.window,
            slab=self.slab,
            overlays=self.overlays,
        ).moved_to(self.exact_crosshair_zyx)


@dataclass(frozen=True)
class ReportDraft:
    """The user's part of a report.

    Attributes
    ----------
    images
        The key images in the order in which the report shows them.
    renamed
        Levels that the user's text mentions and that have been renamed: name in the text, and
        current name.

    Raises
    ------
    ValueError
        When the draft exceeds the limits of a report, as in a damaged file.
    """

    findings: str = ""
    impression: str = ""
    images: tuple[KeyImage, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if (
            len(self.images) > MAX_IMAGES
            or max(len(self.findings), len(self.impression)) > MAX_TEXT_LENGTH
        ):
            raise ValueError("the report has too many images or too much text")

    @property
    def is_empty(self) -> bool:
        """Whether the draft contains neither text nor images."""
        return not (self.findings.strip() or self.impression.strip() or self.images)

    def has_same_content_as(self, other: ReportDraft) -> bool:
        """Return whether another draft has the same text and images."""
        contents = ((one.findings, one.impression, one.images) for one in (self, other))
        return next(contents) == next(contents)

    def with_image(self, image: KeyImage) -> ReportDraft:
        """Return the draft with an image added at the end."""
        return replace(self, images=(*self.images, image))

    def without_image(self, number: int) -> ReportDraft:
        """Return the draft without an image."""
        return replace(self, images=(*self.images[:number], *self.images[number + 1 :]))

    def with_image_moved(self, number: int, to: int) -> ReportDraft:
        """Return the draft with an image moved to another position in the order."""
        rest = [*self.images[:number], *self.images[number + 1 :]]
        rest.insert(min(max(to, 0), len(rest)), self.images[number])
        return replace(self, images=tuple(rest))

    def with_caption(self, number: int, caption: str) -> ReportDraft:
        """Return the draft with the caption of an image changed."""
        images = list(self.images)
        images[number] = replace(images[number], caption=caption.strip())
        return replace(self, images=tuple(images))
