"""The part of a session that only the views know: how they show a scan. Without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from msgspec import Meta

from spineviewer.volume.planes import Plane

#: Maximum number of views in a stored layout; no layout has as many.
MAX_MEMBERS = 16
#: Maximum position or distance in mm, larger than any scan or screen.
FARTHEST_MM = 1e5

T = TypeVar("T")
Name = Annotated[str, Meta(max_length=99)]
Millimetres = Annotated[float, Meta(ge=-FARTHEST_MM, le=FARTHEST_MM)]
Degrees = Annotated[float, Meta(ge=-1e5, le=1e5)]
ByView = Annotated[Mapping[str, T], Meta(max_length=MAX_MEMBERS)]


@dataclass(frozen=True)
class Zoom:
    """A zoomed or moved picture: its centre in mm, and the size of a screen pixel in mm."""

    right_mm: Millimetres
    down_mm: Millimetres
    mm_per_px: Annotated[float, Meta(ge=1e-3, le=FARTHEST_MM)]


@dataclass(frozen=True)
class Camera:
    """The viewpoint of the surface view."""

    azimuth_deg: Degrees
    elevation_deg: Degrees
    distance_mm: Annotated[float, Meta(ge=1.0, le=FARTHEST_MM)]
    centre_xyz_mm: tuple[Millimetres, Millimetres, Millimetres]
    is_fitted: bool


@dataclass(frozen=True)
class ViewState:
    """The layout and the views in it.

    Attributes
    ----------
    layout, active, maximised
        Names of the layout, the active view and the maximised view; empty if not set.
    zooms
        Zooms of the views that do not show their whole picture.
    depths_mm
        Offsets from the centre line, for the views along the spine.
    """

    layout: Name = ""
    active: Name = ""
    maximised: Name = ""
    zooms: ByView[Zoom] = field(default_factory=dict)
    depths_mm: ByView[Millimetres] = field(default_factory=dict)
    camera: Camera | None = None

    @property
    def planes(self) -> tuple[Plane, ...]:
        """The planes that the user sees: that of the maximised view, otherwise all."""
        name = self.maximised.removeprefix("second ").upper()
        return (Plane[name],) if name in Plane.__members__ else tuple(Plane)
