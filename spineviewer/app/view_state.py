"""How the views show a scan, for a session: the part that only the views know. No Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: More members than any layout has.
MOST_MEMBERS = 16
#: Larger than any scan or screen, in mm.
FARTHEST_MM = 1e5


@dataclass(frozen=True)
class Zoom:
    """An enlarged or moved picture: its middle in mm of the picture, and how many mm a pixel of the screen shows."""

    right_mm: float
    down_mm: float
    mm_per_px: float


@dataclass(frozen=True)
class Camera:
    """The viewpoint of the surface view."""

    azimuth_deg: float
    elevation_deg: float
    distance_mm: float
    centre_xyz_mm: tuple[float, float, float]
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

    layout: str = ""
    active: str = ""
    maximised: str = ""
    zooms: Mapping[str, Zoom] = field(default_factory=dict)
    depths_mm: Mapping[str, float] = field(default_factory=dict)
    camera: Camera | None = None


def stored_views(views: ViewState) -> dict[str, Any]:
    """Return the view state as JSON fields."""
    return asdict(views)


def views_from(stored: object) -> ViewState:
    """Return the view state from JSON fields; files of earlier versions have none.

    Raises
    ------
    ValueError, TypeError, LookupError, AttributeError
        When it is damaged.
    """
    if stored is None:
        return ViewState()
    if not isinstance(stored, dict):
        raise TypeError("no views")
    names = [stored[key] for key in ("layout", "active", "maximised")]
    if not all(isinstance(name, str) and len(name) < 100 for name in names):
        raise TypeError("no name of a view")
    zooms, depths, camera = stored["zooms"], stored["depths_mm"], stored["camera"]
    if len(zooms) > MOST_MEMBERS or len(depths) > MOST_MEMBERS:
        raise ValueError("too many views")
    return ViewState(
        layout=names[0],
        active=names[1],
        maximised=names[2],
        zooms={str(name): _zoom(zoom) for name, zoom in zooms.items()},
        depths_mm={str(name): _millimetres(depth) for name, depth in depths.items()},
        camera=None if camera is None else _camera(camera),
    )


def _zoom(stored: Any) -> Zoom:
    zoom = Zoom(*(_millimetres(stored[key]) for key in ("right_mm", "down_mm", "mm_per_px")))
    if zoom.mm_per_px < 1e-3:
        raise ValueError("enlarged beyond all measure")
    return zoom


def _camera(stored: Any) -> Camera:
    x, y, z = (_millimetres(value) for value in stored["centre_xyz_mm"])
    camera = Camera(
        _millimetres(stored["azimuth_deg"]),
        _millimetres(stored["elevation_deg"]),
        _millimetres(stored["distance_mm"]),
        (x, y, z),
        stored["is_fitted"] is True,
    )
    if camera.distance_mm < 1:
        raise ValueError("within the surface")
    return camera


def _millimetres(value: object) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or abs(value) > FARTHEST_MM
    ):
        raise ValueError("nowhere")
    return float(value)
