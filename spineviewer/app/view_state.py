"""How the views show a scan, for a session: the part that only the views know. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, TypeVar

from msgspec import Meta

#: More members than any layout has.
MOST_MEMBERS = 16
#: Larger than any scan or screen, in mm.
FARTHEST_MM = 1e5

T = TypeVar("T")
Name = Annotated[str, Meta(max_length=99)]
Millimetres = Annotated[float, Meta(ge=-FARTHEST_MM, le=FARTHEST_MM)]
Degrees = Annotated[float, Meta(ge=-1e5, le=1e5)]
ByView = Annotated[Mapping[str, T], Meta(max_length=MOST_MEMBERS)]


@dataclass(frozen=True)
class Zoom:
    """A zoomed or moved picture: its middle in mm, and how many mm one screen pixel shows."""

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
        By the names that the views give them; empty if not set.
    zooms
        Of the views that do not show their whole picture.
    depths_mm
        Offset of the views along the spine from the line.
    """

    layout: Name = ""
    active: Name = ""
    maximised: Name = ""
    zooms: ByView[Zoom] = field(default_factory=dict)
    depths_mm: ByView[Millimetres] = field(default_factory=dict)
    camera: Camera | None = None


def stored_views(views: ViewState) -> dict[str, Any]:
    """Return the view state as JSON fields."""
    return asdict(views)
