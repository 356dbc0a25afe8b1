"""The available views, and how a layout arranges them in the window. Without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from spineviewer.volume.planes import Plane

#: Space between two views.
_GAP_PX = 2

#: A view's edges as fractions of the view area: left, top, right, bottom.
Bounds = tuple[float, float, float, float]


class SpineView(Enum):
    """Views that show the whole spine."""

    CORONAL = "curved coronal"
    SAGITTAL = "curved sagittal"
    SURFACE = "surface"


class Twin(Enum):
    """Views that show a plane again with the second grey-scale window."""

    SAGITTAL = "second sagittal"
    AXIAL = "second axial"

    @property
    def plane(self) -> Plane:
        """The plane that the view shows."""
        return Plane[self.name]


#: A view in a layout.
Member = Plane | SpineView | Twin


class Layout(Enum):
    """Arrangements of the views."""

    SAGITTAL = "sagittal"
    COLUMN = "column"
    ROW = "row"
    GRID = "grid"
    THREE = "three"
    SPINE = "spine"
    WINDOWS = "windows"


_BOUNDS: dict[Layout, dict[Member, Bounds]] = {
    Layout.SAGITTAL: {
        Plane.SAGITTAL: (0.0, 0.0, 0.54, 1.0),
        Plane.AXIAL: (0.54, 0.0, 1.0, 0.5),
        Plane.CORONAL: (0.54, 0.5, 1.0, 1.0),
    },
    Layout.COLUMN: {
        Plane.SAGITTAL: (0.0, 0.0, 0.7, 1.0),
        Plane.AXIAL: (0.7, 0.0, 1.0, 0.5),
        Plane.CORONAL: (0.7, 0.5, 1.0, 1.0),
    },
    Layout.ROW: {
        Plane.SAGITTAL: (0.0, 0.0, 1 / 3, 1.0),
        Plane.CORONAL: (1 / 3, 0.0, 2 / 3, 1.0),
        Plane.AXIAL: (2 / 3, 0.0, 1.0, 1.0),
    },
    Layout.GRID: {
        Plane.SAGITTAL: (0.0, 0.0, 0.5, 0.5),
        Plane.CORONAL: (0.5, 0.0, 1.0, 0.5),
        Plane.AXIAL: (0.0, 0.5, 0.5, 1.0),
        SpineView.SURFACE: (0.5, 0.5, 1.0, 1.0),
    },
    Layout.THREE: {
        Plane.SAGITTAL: (0.0, 0.0, 0.66, 1.0),
        Plane.AXIAL: (0.66, 0.0, 1.0, 1 / 3),
        Plane.CORONAL: (0.66, 1 / 3, 1.0, 2 / 3),
        SpineView.SURFACE: (0.66, 2 / 3, 1.0, 1.0),
    },
    Layout.SPINE: {
        SpineView.CORONAL: (0.0, 0.0, 0.32, 1.0),
        SpineView.SAGITTAL: (0.32, 0.0, 0.64, 1.0),
        Plane.AXIAL: (0.64, 0.0, 1.0, 0.5),
        SpineView.SURFACE: (0.64, 0.5, 1.0, 1.0),
    },
    Layout.WINDOWS: {
        Plane.SAGITTAL: (0.0, 0.0, 0.5, 0.56),
        Twin.SAGITTAL: (0.5, 0.0, 1.0, 0.56),
        Plane.AXIAL: (0.0, 0.56, 0.5, 1.0),
        Twin.AXIAL: (0.5, 0.56, 1.0, 1.0),
    },
}

_WHOLE: Bounds = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Arrangement:
    """The layout, the active view and the maximised one.

    Attributes
    ----------
    active
        The view that receives the arrow keys.
    maximised
        The only view that is shown; None if the layout is shown.
    """

    layout: Layout = Layout.SAGITTAL
    active: Member = Plane.SAGITTAL
    maximised: Member | None = None

    @property
    def members(self) -> tuple[Member, ...]:
        """The views of the layout."""
        return tuple(_BOUNDS[self.layout])

    @property
    def bounds(self) -> Mapping[Member, Bounds]:
        """The rectangle of each visible view."""
        return _BOUNDS[self.layout] if self.maximised is None else {self.maximised: _WHOLE}

    @property
    def has_twins(self) -> bool:
        """Whether the layout shows a plane in both grey-scale windows."""
        return any(isinstance(member, Twin) for member in self.members)

    @property
    def plane(self) -> Plane:
        """The active plane; for a curved view, its counterpart; for the surface, sagittal."""
        if isinstance(self.active, Plane):
            return self.active
        if isinstance(self.active, Twin):
            return self.active.plane
        return Plane.CORONAL if self.active is SpineView.CORONAL else Plane.SAGITTAL

    @property
    def next_member(self) -> Member:
        """The view after the active one."""
        members = self.members
        place = members.index(self.active) if self.active in members else -1
        return members[(place + 1) % len(members)]

    def with_active(self, member: Member) -> Arrangement:
        """Return the arrangement with this view active.

        If another view was maximised, this one is maximised instead. If the layout does not contain
        this view, the layout's first view is active.
        """
        if member not in self.members and member is not self.maximised:
            member = self.members[0]
        maximised = None if self.maximised is None else member
        return replace(self, active=member, maximised=maximised)

    def rectangles(self, width: int, height: int) -> dict[Member, tuple[int, int, int, int]]:
        """Return x, y, width and height of each visible view, in pixels."""
        found = {}
        for member, (left, top, right, bottom) in self.bounds.items():
            x = round(left * width) + (_GAP_PX if left > 0 else 0)
            y = round(top * height) + (_GAP_PX if top > 0 else 0)
            found[member] = x, y, round(right * width) - x, round(bottom * height) - y
        return found


def session_name(member: Member) -> str:
    """Return the name under which sessions store a view.

    No plane shares a name with another view.
    """
    return member.name.lower() if isinstance(member, Plane) else member.value
