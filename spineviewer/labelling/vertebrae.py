"""The result of the labelling stage: vertebrae, their names, and how certain the names are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import GeometryError
from spineviewer.labelling.cut_parts import CutParts
from spineviewer.volume.geometry import Box, Geometry, IndexTriple, Triple
from spineviewer.volume.levels import VERSE_ORDER
from spineviewer.wording import enumerated, worded

#: Below this probability, names are presented as uncertain. Choice: of 17 crops with a probability
#: of 0.9 to 0.95, two had wrong names; of 126 with more, none.
CERTAIN = 0.95
#: Choice: below this probability, the levels are presented as unknown.
LIKELY = 0.5
#: Choice: names in a scan of unknown orientation are at most this probable, because head and foot
#: may be exchanged.
UNORIENTED = 0.5
#: Choice: the same limit if the mask merges vertebrae, because they may be counted wrongly.
MERGED = 0.5
#: Choice: the limit if the names are unreliable (`Naming.caution`). About half of 24 scans with
#: slices of 6 to 12 mm were named correctly, and almost none of the scans turned upside
#: down.
UNRELIABLE = 0.2
#: Choice: the largest distance between slices along the spine at which discs are resolved; the
#: thinnest ones are 3 to 5 mm high.
_MAX_STEP_MM = 5.5
#: The reason given for a vertebra of which hardly more than part of the arch is in view.
ARCH_ALONE = worded(
    "Only part of the arch of this vertebra, and at most a rim of its body, is in view."
)
#: A point is at the level of a vertebra up to this far above or below it.
_DISC_MM = 5.0
#: A point has no level farther than this from the nearest centre of a body.
_LEVEL_REACH_MM = 90.0


def shows_discs(grid: Geometry) -> bool:
    """Return whether slices are close enough along the spine to separate vertebrae at discs.

    Otherwise two vertebrae may be outlined as one. Levels are then unknown, and lengths are not
    measured.
    """
    return grid.spacing_zyx_mm[0] <= _MAX_STEP_MM


class Convention(Enum):
    """The basis on which the vertebrae of a row are named."""

    SET_BY_HAND = "set by hand"
    HEAD = "counted from C2"
    RIBS = "by ribs"
    SACRUM = "from the sacrum"
    SPACING = "by size and spacing alone"


@dataclass(frozen=True)
class Plane:
    """A plane in the patient.

    Attributes
    ----------
    point_lps_mm
        A point on it, in the middle of the disc.
    normal_lps
        Unit normal, pointing towards the feet.
    """

    point_lps_mm: Triple
    normal_lps: Triple


@dataclass(frozen=True)
class BodyFrame:
    """Directions of one vertebral body: unit vectors (L, P, S) at right angles to each other.

    Attributes
    ----------
    down_lps
        Along the spine towards the feet.
    left_lps
        To the patient's left.
    back_lps
        From the body to the canal.
    """

    down_lps: Triple
    left_lps: Triple
    back_lps: Triple


@dataclass(frozen=True)
class Vertebra:
    """One vertebra.

    Attributes
    ----------
    name
        The level, such as 'L1'.
    label
        Its VerSe number, which is also its value in `Vertebrae.labels`.
    probability
        Calibrated probability that the name is right; 1 if the user set it. For a recovered
        vertebra, it is multiplied by the mean probability of its bone.
    cut
        The parts of it that the edge of the scan cuts.
    body_centre_lps_mm
        Centre of the body, halfway between the discs. If the body is not in view, where it should
        be: above the scan.
    frame
        Directions of the body.
    upper_disc, lower_disc
        Planes through the middle of the disc above and below; None if the mask or the scan ends
        there.
    body_radius_mm
        Radius of the largest circle that fits into the body at mid-height.
    height_mm
        Distance along the spine from the disc above (or the end of the mask) to the disc below:
        body and half of both discs.
    volume_ml
        Volume of its voxels.
    box
        The smallest box in `Vertebrae.labels` that contains its voxels.
    is_set_by_hand
        Whether the user set this name.
    is_recovered
        Whether the mask lacks this vertebra; it was then outlined with a lower threshold of bone
        probability.
    arch_lps_mm
        A point in the bone of its arch, if only part of the arch is in view, and of the anterior
        arch of C1, which has no body; otherwise None.
    may_include
        Names of the neighbours to which part of its voxels may belong.
    """

    name: str
    label: int
    probability: float
    cut: CutParts
    body_centre_lps_mm: Triple
    frame: BodyFrame
    upper_disc: Plane | None
    lower_disc: Plane | None
    body_radius_mm: float
    height_mm: float
    volume_ml: float
    box: Box
    is_set_by_hand: bool = False
    is_recovered: bool = False
    arch_lps_mm: Triple | None = None
    may_include: tuple[str, ...] = ()

    @property
    def is_incomplete(self) -> bool:
        """Whether the edge of the scan cuts any part of it; its volume is then incomplete."""
        return bool(self.cut)

    @property
    def is_partial(self) -> bool:
        """Whether the scan cuts off so much of its body that its heights are unknown."""
        return CutParts.BODY in self.cut

    @property
    def is_body_in_view(self) -> bool:
        """Whether its body is in view, and not only part of its arch; true for C1."""
        return self.arch_lps_mm is None or self.label == VERSE_ORDER[0]

    @property
    def centre_in_view_lps_mm(self) -> Triple:
        """The centre of the body, or a point in the arch if no body is in view."""
        return self.body_centre_lps_mm if self.arch_lps_mm is None else self.arch_lps_mm

    @property
    def canal_side_lps_mm(self) -> Triple:
        """Middle of the body's posterior wall, where it faces the canal."""
        wall = np.array(self.body_centre_lps_mm) + self.body_radius_mm * np.array(
            self.frame.back_lps
        )
        return _triple(wall)

    @property
    def endplate_frame(self) -> BodyFrame:
        """Directions of the body, with down normal to the planes of its discs if they are known."""
        discs = [
            np.array(disc.normal_lps)
            for disc in (self.upper_disc, self.lower_disc)
            if disc is not None
        ]
        down = np.mean(discs, axis=0) if discs else np.array(self.frame.down_lps)
        down /= np.linalg.norm(down)
        left = np.array(self.frame.left_lps)
        left -= (left @ down) * down
        left /= np.linalg.norm(left)
        back = np.array(self.frame.back_lps)
        back -= (back @ down) * down + (back @ left) * left
        return BodyFrame(_triple(down), _triple(left), _triple(back / np.linalg.norm(back)))

    @property
    def record(self) -> dict[str, Any]:
        """The vertebra as a dictionary with the field names of JSON results."""
        return {
            "name": self.name,
            "label": self.label,
            "probability": round(self.probability, 4),
            "is_partial": self.is_partial,
            "is_cut_at_edge": self.is_incomplete,
            "cut_parts": self.cut.names,
            "is_recovered": self.is_recovered,
            "is_body_in_view": self.is_body_in_view,
            "may_include": ", ".join(self.may_include),
            "body_centre_lps_mm": [round(v, 2) for v in self.body_centre_lps_mm],
            "canal_side_lps_mm": [round(v, 2) for v in self.canal_side_lps_mm],
            "volume_ml": round(self.volume_ml, 3),
        }


def neighbour_remark(vertebra: Vertebra) -> str:
    """Return a sentence if a vertebra may include part of its neighbours; otherwise ''."""
    if not vertebra.may_include:
        return ""
    return worded(
        "The mask of {level} may include part of {neighbours}.",
        level=vertebra.name,
        neighbours=enumerated(vertebra.may_include),
    )


@dataclass(frozen=True)
class UncertainBone:
    """A part of the mask that may belong to either of two neighbouring vertebrae.

    Attributes
    ----------
    index_zyx
        The voxel of the scan nearest to its centre.
    label, other_label
        VerSe numbers of the vertebra that it is in, and of the one that it may belong to. The other
        one may be out of view.
    """

    index_zyx: IndexTriple
    size_ml: float
    label: int
    other_label: int


@dataclass(frozen=True)
class Alternative:
    """Another row of names for the same bodies.

    Attributes
    ----------
    names
        Names from head to foot. C1 is included if C2 is.
    probability
        Calibrated probability that every one of these names is right.
    convention
        The basis of these names.
    anomalies
        As in `Naming`.
    """

    names: tuple[str, ...]
    probability: float
    convention: Convention
    anomalies: tuple[str, ...] = ()

    @property
    def record(self) -> dict[str, Any]:
        """A dictionary with the field names of JSON results."""
        return {
            "names": list(self.names),
            "probability": round(self.probability, 4),
            "convention": self.convention.value,
            "anomalies": list(self.anomalies),
        }


@dataclass(frozen=True)
class Unaided:
    """How certain the program itself is of names that the user set.

    Attributes
    ----------
    probability
        Calibrated probability that every one of the user's names is right, as the program
        estimates it without them.
    most_probable
        The names that the program would choose; they may be the same.
    """

    probability: float
    most_probable: Alternative

    @property
    def record(self) -> dict[str, Any]:
        """A dictionary with the field names of JSON results."""
        return {
            "probability": round(self.probability, 4),
            "most_probable": self.most_probable.record,
        }


@dataclass(frozen=True)
class Naming:
    """How certain the names of a whole row are.

    Attributes
    ----------
    convention
        The basis of the names.
    probability
        Calibrated probability that every name is right.
    shifted_up, shifted_down
        Probability that every vertebra is actually one level nearer to the head, or to the feet,
        than its name says.
    anomalies
        Such as 'L6', 'T13', 'no T12', 'L5 sacralised'.
    warnings
        Sentences for the user.
    alternatives
        Other rows of names, most probable first.
    mask_notes
        The warnings about the mask: vertebrae that it lacks, and bone that belongs to no vertebra.
    renamed
        The warning that vertebrae were renamed because the mask changed; empty if they were not.
    caution
        Why the names are unreliable, as a warning for the user: the scan's orientation seems to be
        wrong, or its slices are too thick. Empty if the names are reliable.
    is_orientation_known
        As in `ScanSource`. If false, it is unknown which side of a vertebra is front, back, left or
        right, and which end of the row is the upper one.
    is_recut
        Whether the user split or merged vertebrae; the count then depends on these changes.
    unaided
        How certain the program itself is, if the user set names; otherwise None.
    """

    convention: Convention
    probability: float
    shifted_up: float
    shifted_down: float
    anomalies: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    mask_notes: tuple[str, ...] = ()
    renamed: str = ""
    caution: str = ""
    is_orientation_known: bool = True
    is_recut: bool = False
    unaided: Unaided | None = None

    @property
    def has_levels(self) -> bool:
        """Whether anything may be concluded from the names, even if they are uncertain."""
        return self.is_orientation_known and not self.caution

    @property
    def is_certain(self) -> bool:
        """Whether the names can be used without a further check."""
        return self.probability >= CERTAIN

    @property
    def is_likely(self) -> bool:
        """Whether the names are more than a guess."""
        return self.probability >= LIKELY

    @property
    def are_levels_known(self) -> bool:
        """Whether the names are more than a guess, or were set by the user."""
        return self.is_likely or self.convention is Convention.SET_BY_HAND

    @property
    def record(self) -> dict[str, Any]:
        """A dictionary with the field names of JSON results."""
        return {
            "convention": self.convention.value,
            "probability": round(self.probability, 4),
            "shifted_up": round(self.shifted_up, 4),
            "shifted_down": round(self.shifted_down, 4),
            "anomalies": list(self.anomalies),
            "warnings": list(self.warnings),
            "alternatives": [alternative.record for alternative in self.alternatives],
            "unaided": None if self.unaided is None else self.unaided.record,
        }


@dataclass(frozen=True, eq=False)
class Vertebrae:
    """The vertebrae of one scan; iterates from head to foot. Compared by identity.

    Attributes
    ----------
    labels
        uint8, shape (z, y, x) of `geometry` (the scan's own grid, canonical order): VerSe numbers,
        0 outside vertebrae. Only recovered vertebrae have voxels outside the mask. Read-only by
        convention.
    all
        The vertebrae from head to foot; no level occurs twice.
    naming
        What the names are based on, and how certain they are.
    stray_ml
        Volume of the mask that belongs to no vertebra and is not in `labels`.
    uncertain
        Parts of the mask that may belong to a neighbouring vertebra.
    """

    labels: NDArray[np.uint8]
    geometry: Geometry
    all: tuple[Vertebra, ...]
    naming: Naming
    stray_ml: float = 0.0
    uncertain: tuple[UncertainBone, ...] = ()

    def __post_init__(self) -> None:
        if self.labels.shape != self.geometry.shape_zyx:
            raise GeometryError(
                "Labels of shape {shape} do not match a grid of shape {grid}. Use labels on the "
                "grid of the scan.",
                shape=self.labels.shape,
                grid=self.geometry.shape_zyx,
            )

    def __iter__(self) -> Iterator[Vertebra]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    @cached_property
    def names(self) -> Mapping[int, str]:
        """The name of each label."""
        return {vertebra.label: vertebra.name for vertebra in self.all}

    @cached_property
    def marked_names(self) -> Mapping[int, str]:
        """The name of each label as images show it: with a question mark if levels are unknown."""
        is_known = self.naming.are_levels_known
        return {label: name if is_known else f"{name}?" for label, name in self.names.items()}

    @cached_property
    def boxes(self) -> Mapping[int, Box]:
        """The smallest box of `labels` that contains each label's voxels."""
        return {vertebra.label: vertebra.box for vertebra in self.all}

    @cached_property
    def centres_zyx(self) -> Mapping[int, Triple]:
        """The centre of what is in view of each vertebra, as a fractional index, by its label."""
        indices = {
            vertebra.label: self.geometry.index_zyx(vertebra.centre_in_view_lps_mm)
            for vertebra in self.all
        }
        return {label: _triple(index) for label, index in indices.items()}

    def reach_mm(self, label: int, direction_lps: Triple) -> float:
        """Return how far the body of a label extends from its centre in a direction.

        The direction is a unit vector.
        """
        body = next(vertebra for vertebra in self.all if vertebra.label == label)
        along = sum(map(mul, direction_lps, body.frame.down_lps))
        return math.hypot(
            along * body.height_mm / 2, math.sqrt(max(1 - along**2, 0.0)) * body.body_radius_mm
        )

    @cached_property
    def bodies(self) -> tuple[Vertebra, ...]:
        """The vertebrae of which more than part of the arch is in view."""
        return tuple(vertebra for vertebra in self.all if vertebra.is_body_in_view)

    def named(self, name: str) -> Vertebra | None:
        """Return the vertebra with this name; None if it is not in view."""
        return next((vertebra for vertebra in self.all if vertebra.name == name), None)

    def vertebra_at(self, point_lps_mm: Triple) -> Vertebra | None:
        """Return the vertebra whose voxels contain a point; None if there is none."""
        index = np.rint(self.geometry.index_zyx(point_lps_mm)).astype(int)
        if (index < 0).any() or (index >= self.labels.shape).any():
            return None
        label = int(self.labels[tuple(index)])
        return next((vertebra for vertebra in self.all if vertebra.label == label), None)

    def nearest_to(self, point_lps_mm: Triple) -> Vertebra:
        """Return the vertebra whose body centre is nearest to a point; there must be one."""
        return min(
            self.all, key=lambda vertebra: math.dist(vertebra.body_centre_lps_mm, point_lps_mm)
        )

    def level_at(self, point_lps_mm: Triple, across_lps: Triple | None = None) -> Vertebra | None:
        """Return the vertebra that contains a point, otherwise the one at the height of the point.

        None above the first vertebra, below the last one, and far from the spine.

        Parameters
        ----------
        across_lps
            Unit normal of the slice that the user sees: height is then measured along it. Without
            it, height is measured along the spine.
        """
        if (holder := self.vertebra_at(point_lps_mm)) is not None or not self.all:
            return holder
        off = np.array(point_lps_mm) - self._centres
        directions = self._downs if across_lps is None else np.array(across_lps)
        height_off, away = np.abs((off * directions).sum(axis=1)), np.linalg.norm(off, axis=1)
        # Relative to the heights, because the centre of a cut-off body is closer to its neighbour.
        by_height = height_off / self._heights
        if across_lps is None:  # in front of a kyphosis, distant bodies are at the same height
            by_height[np.argsort(away)[2:]] = np.inf
        number = int(by_height.argmin())
        nearest = self.all[number]
        is_level = height_off[number] <= nearest.height_mm / 2 + _DISC_MM
        return nearest if is_level and away[number] <= _LEVEL_REACH_MM else None

    @cached_property
    def _centres(self) -> NDArray[np.float64]:
        """Centres of the bodies in LPS mm, shape (vertebrae, 3)."""
        return np.array([vertebra.body_centre_lps_mm for vertebra in self.all])

    @cached_property
    def _heights(self) -> NDArray[np.float64]:
        """Heights of the bodies with half of both discs in mm, shape (vertebrae,)."""
        return np.array([max(vertebra.height_mm, 1.0) for vertebra in self.all])

    @cached_property
    def _downs(self) -> NDArray[np.float64]:
        """Unit vectors along the spine towards the feet, shape (vertebrae, 3)."""
        return np.array([vertebra.frame.down_lps for vertebra in self.all])


def _triple(vector: NDArray[np.float64]) -> Triple:
    x, y, z = vector.tolist()
    return x, y, z
