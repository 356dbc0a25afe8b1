"""Measured values, each with the points where it was measured.

Values are properties computed from these points, so dragging a point changes the value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from spineviewer.labelling.vertebrae import BodyFrame
from spineviewer.volume.geometry import Triple
from spineviewer.wording import mark, worded

#: Why only HU are measured in a scan of unknown orientation.
UNORIENTED = worded(
    "The file does not state the orientation, so front, back, left and right are unknown. Only "
    "HU values were measured, not lengths, volumes, angles or fracture grades."
)
MISORIENTED = worded(
    "The orientation that the file states is probably wrong, so only HU values were measured, not "
    "lengths, volumes, angles or fracture grades."
)
#: Height losses in percent at which grades 1, 2 and 3 begin. Source: Genant 1993.
GRADE_LIMITS = (20.0, 25.0, 40.0)
#: The note on names that are only a guess.
UNKNOWN_LEVELS = worded("The levels of the vertebrae are unknown, so the names may be wrong.")
#: Why a vertebra has no expected heights.
NO_EXPECTED = worded("There are too few neighbouring vertebrae to estimate the expected height.")
#: Remark on HU that the user's ROI measures.
ROI_BEYOND = worded(
    "The ROI reaches the border of the vertebral body, so its HU may include cortical bone or disc."
)


class Side(Enum):
    """Where a sagittal profile is in the body."""

    LEFT = mark("left")
    MIDDLE = mark("middle")
    RIGHT = mark("right")


class Shape(Enum):
    """Type of a fracture according to the most reduced height. Source: Genant 1993."""

    WEDGE = mark("wedge")
    BICONCAVE = mark("biconcave")
    CRUSH = mark("crush")


class CurveKind(Enum):
    """Kinds of curves; the sagittal ones are measured between given levels."""

    COBB = "cobb"
    THORACIC_KYPHOSIS = "thoracic_kyphosis"
    LUMBAR_LORDOSIS = "lumbar_lordosis"
    CERVICAL_LORDOSIS = "cervical_lordosis"


class Contrast(Enum):
    """The phase of the contrast medium in the vessels."""

    NONE = mark("none")
    ARTERIAL = mark("arterial")
    VENOUS = mark("venous")
    GIVEN = mark("given, phase unknown")
    UNKNOWN = mark("unknown")


@dataclass(frozen=True)
class Estimate:
    """A value and its standard uncertainty, in the same unit.

    For lengths and volumes, about 70% of the differences between masks of one scan are within one
    uncertainty and about 90% within two. The uncertainty of HU accounts for the position of the
    ROI, and that of a height loss for differences between healthy bodies and their neighbours. Both
    are larger than the differences between masks.
    """

    value: float
    uncertainty: float


@dataclass(frozen=True)
class Cut:
    """The plane in which a value was measured: a point in it, and its unit normal (L, P, S)."""

    point_lps_mm: Triple
    normal_lps: Triple


@dataclass(frozen=True)
class Caliper:
    """A distance between two points.

    Attributes
    ----------
    start_lps_mm, end_lps_mm
        For a height, on the upper and the lower endplate. For a diameter, at the front and the
        back, or at the patient's right and left.
    cut
        The plane that contains both points.
    uncertainty_mm
        Standard uncertainty of the distance.
    is_set_by_hand
        Whether the user moved a point.
    """

    start_lps_mm: Triple
    end_lps_mm: Triple
    cut: Cut
    uncertainty_mm: float
    is_set_by_hand: bool = False

    @property
    def length_mm(self) -> float:
        """Distance between the points."""
        return math.dist(self.start_lps_mm, self.end_lps_mm)

    @property
    def estimate(self) -> Estimate:
        """The distance with its uncertainty."""
        return Estimate(self.length_mm, self.uncertainty_mm)

    def moved(self, *, start: Triple | None = None, end: Triple | None = None) -> Caliper:
        """Return the caliper with one or both points moved by the user."""
        return replace(
            self,
            start_lps_mm=start or self.start_lps_mm,
            end_lps_mm=end or self.end_lps_mm,
            is_set_by_hand=True,
        )


@dataclass(frozen=True)
class Profile:
    """Six points of a body in one sagittal plane.

    In this plane, the upper endplate passes through the three start points and the lower one
    through the three end points.

    Attributes
    ----------
    anterior, middle, posterior
        Heights; they start on the upper endplate. Anterior and posterior are at the rims,
        without osteophytes.
    """

    side: Side
    anterior: Caliper
    middle: Caliper
    posterior: Caliper

    @property
    def heights(self) -> tuple[Caliper, Caliper, Caliper]:
        """All three, from front to back."""
        return self.anterior, self.middle, self.posterior

    @property
    def is_set_by_hand(self) -> bool:
        """Whether the user moved one of its points."""
        return any(caliper.is_set_by_hand for caliper in self.heights)


@dataclass(frozen=True)
class Roi:
    """A region of interest (ROI): an ellipsoid in a body, or its parts above and below a gap.

    Attributes
    ----------
    radii_mm
        Radii along `frame.down_lps`, `frame.left_lps` and `frame.back_lps`.
    gap_mm
        Height of the gap, which is at mid-height around the basivertebral veins; 0 if there is
        none.
    """

    centre_lps_mm: Triple
    radii_mm: Triple
    frame: BodyFrame
    gap_mm: float = 0.0

    def reaches(self, point_lps_mm: Triple, outwards_lps: Triple) -> bool:
        """Return whether the ROI reaches a plane, given by a point and its unit normal."""
        axes = (self.frame.down_lps, self.frame.left_lps, self.frame.back_lps)
        reach_mm = np.linalg.norm(np.array(self.radii_mm) * (np.array(axes) @ outwards_lps))
        off_mm = np.subtract(point_lps_mm, self.centre_lps_mm) @ np.array(outwards_lps)
        return bool(reach_mm >= off_mm)


@dataclass(frozen=True)
class Trabecular:
    """HU of the trabecular bone of a body.

    Attributes
    ----------
    mean_hu
        Mean HU. Its uncertainty is the spread of the mean HU in different parts of the ROI.
    volume_ml
        Volume of the voxels that count: the ROI without gas, fat, cement and spots that are much
        denser or less dense than the rest.
    """

    mean_hu: Estimate
    median_hu: float
    sd_hu: float
    volume_ml: float
    roi: Roi
    is_set_by_hand: bool = False


@dataclass(frozen=True)
class ExpectedHeights:
    """Heights of a body that are expected from its neighbours.

    Attributes
    ----------
    neighbours
        Names of the vertebrae used, from the head down, without those with reduced height.
    """

    anterior_mm: Estimate
    middle_mm: Estimate
    posterior_mm: Estimate
    neighbours: tuple[str, ...]


@dataclass(frozen=True)
class Ratios:
    """Ratios of heights.

    Attributes
    ----------
    wedge
        Anterior height divided by posterior height.
    biconcavity
        Middle height divided by posterior height.
    crush
        Posterior height divided by the expected one; None without an expected height.
    """

    wedge: Estimate
    biconcavity: Estimate
    crush: Estimate | None


@dataclass(frozen=True)
class Genant:
    """Semi-quantitative grade of a fracture. Source: Genant 1993.

    Attributes
    ----------
    grade
        0 to 3 according to `loss_percent`: below 20, 20 to 25, 25 to 40, above 40%. If a vertebra
        at most two levels away is fractured, grade 1 begins at 15%. The grade is at least 1 if the
        body's own heights differ too much from each other.
    shape
        None at grade 0.
    loss_percent
        The largest loss of anterior, middle and posterior height compared with the expected
        heights. An anterior loss that does not extend to the middle counts only in part. If the
        body's own heights determined the grade: the larger of this loss and that of the deformity.
    needs_check
        Whether the body's own heights suggest a different grade from that of `loss_percent`.
    limits_percent
        Losses at which grades 1, 2 and 3 begin.
    reasons
        Sentences for the user that say why it has this grade, or why another one is possible.
    """

    grade: int
    shape: Shape | None
    loss_percent: Estimate
    needs_check: bool = False
    limits_percent: tuple[float, float, float] = GRADE_LIMITS
    reasons: tuple[str, ...] = ()

    @property
    def stated_loss(self) -> Estimate:
        """The loss as it is shown and written; a body that is too high has lost no height."""
        return replace(self.loss_percent, value=max(self.loss_percent.value, 0.0))

    @property
    def nearest_limit_percent(self) -> float:
        """The limit between two grades that is closest to the loss."""
        return min(self.limits_percent, key=lambda limit: abs(self.loss_percent.value - limit))

    @property
    def is_borderline(self) -> bool:
        """Whether another grade is nearly as probable."""
        off = abs(self.loss_percent.value - self.nearest_limit_percent)
        return self.needs_check or off < self.loss_percent.uncertainty


@dataclass(frozen=True)
class VertebraMeasurement:
    """The measurements of one vertebra; values that could not be measured are None or empty.

    Attributes
    ----------
    name, label
        Such as 'L1', and its VerSe number.
    reason
        Why the body was not measured completely, as a sentence for the user; '' if it was.
    profiles
        Profiles at the patient's left, in the middle and at the right. Tables contain the heights
        of the middle one; grades use all three.
    depth
        Anteroposterior diameter in the middle, from front to back.
    posterior_slope
        How far the posterior wall moves backwards per mm downwards, along `frame`.
    width
        Transverse diameter, from right to left.
    canal
        Anteroposterior diameter of the canal in the middle, from the body to the arch.
    body_ml
        Volume of the body, without arch and processes.
    upper_plate_lps_mm, lower_plate_lps_mm
        Middle of the endplates; None if not found. C2 has only the lower one.
    upper_plate_normal_lps, lower_plate_normal_lps
        Unit normals of the endplates, pointing towards the feet; None if not fitted.
    why_no_hu
        Why there is no `trabecular`; '' if there is, or if there is a `reason`.
    genant
        None if not graded; `ungraded` says why.
    notes
        Sentences for the user about how it was measured.
    remarks
        Sentences for the user about its heights; they are updated when the user moves a point.
    is_rim_cut
        Whether the edge of the scan cuts part of the body, so that its sizes may be wrong.
    is_outline_uncertain
        Whether its outline may include part of its neighbours.
    is_bridged_above, is_bridged_below
        Whether bone bridges the disc on this side, or the mask contains it.
    """

    name: str
    label: int
    is_partial: bool
    centre_lps_mm: Triple
    frame: BodyFrame
    reason: str = ""
    profiles: tuple[Profile, ...] = ()
    depth: Caliper | None = None
    posterior_slope: float = 0.0
    width: Caliper | None = None
    canal: Caliper | None = None
    body_ml: Estimate | None = None
    trabecular: Trabecular | None = None
    why_no_hu: str = ""
    upper_plate_lps_mm: Triple | None = None
    lower_plate_lps_mm: Triple | None = None
    upper_plate_normal_lps: Triple | None = None
    lower_plate_normal_lps: Triple | None = None
    expected: ExpectedHeights | None = None
    ratios: Ratios | None = None
    genant: Genant | None = None
    ungraded: str = ""
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    is_rim_cut: bool = False
    is_outline_uncertain: bool = False
    is_bridged_above: bool = False
    is_bridged_below: bool = False

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences for the user: reasons for missing values, remarks and notes."""
        roi = ROI_BEYOND if self.is_roi_beyond_body else ""
        texts = (self.reason, self.ungraded, *self.remarks, self.why_no_hu, roi, *self.notes)
        return tuple(text for text in texts if text)

    @property
    def profile(self) -> Profile | None:
        """The profile in the middle; None if the body was not measured."""
        return self.profile_at(Side.MIDDLE)

    def profile_at(self, side: Side) -> Profile | None:
        """Return the profile on one side; None if there is none."""
        return next((profile for profile in self.profiles if profile.side is side), None)

    @property
    def is_flagged(self) -> bool:
        """Whether the body is graded as fractured."""
        return self.genant is not None and self.genant.grade > 0

    @property
    def is_roi_beyond_body(self) -> bool:
        """Whether the user's ROI reaches an endplate or wall of the body, or beyond it."""
        if self.trabecular is None or not self.trabecular.is_set_by_hand:
            return False
        roi, borders = self.trabecular.roi, list[tuple[Triple, Triple]]()
        if self.upper_plate_lps_mm and self.upper_plate_normal_lps:
            borders.append((self.upper_plate_lps_mm, _opposite(self.upper_plate_normal_lps)))
        if self.lower_plate_lps_mm and self.lower_plate_normal_lps:
            borders.append((self.lower_plate_lps_mm, self.lower_plate_normal_lps))
        for caliper in filter(None, (self.depth, self.width)):
            along = np.subtract(caliper.end_lps_mm, caliper.start_lps_mm)
            x, y, z = (along / np.linalg.norm(along)).tolist()
            outwards = (x, y, z)
            borders += [(caliper.start_lps_mm, _opposite(outwards))]
            borders += [(caliper.end_lps_mm, outwards)]
        return any(roi.reaches(point, outwards) for point, outwards in borders)

    @property
    def is_set_by_hand(self) -> bool:
        """Whether the user changed any value."""
        calipers = (self.depth, self.width, self.canal)
        return (
            any(profile.is_set_by_hand for profile in self.profiles)
            or any(caliper is not None and caliper.is_set_by_hand for caliper in calipers)
            or (self.trabecular is not None and self.trabecular.is_set_by_hand)
        )


@dataclass(frozen=True)
class Slip:
    """How far a vertebra has slipped on the one below.

    Attributes
    ----------
    front_lps_mm, back_lps_mm
        Ends of the upper endplate of the lower vertebra.
    corner_lps_mm
        Posterior lower corner of the upper vertebra.
    """

    front_lps_mm: Triple
    back_lps_mm: Triple
    corner_lps_mm: Triple
    cut: Cut
    uncertainty_mm: float
    is_set_by_hand: bool = False

    @property
    def mm(self) -> float:
        """Slip along the endplate; forward is positive."""
        along = np.subtract(self.front_lps_mm, self.back_lps_mm)
        off = np.subtract(self.corner_lps_mm, self.back_lps_mm)
        return float(off @ along) / max(float(np.linalg.norm(along)), 1e-9)

    @property
    def percent(self) -> float:
        """Slip in percent of the endplate, with the sign of `mm`. Source: Meyerding 1932."""
        return 100 * self.mm / max(math.dist(self.front_lps_mm, self.back_lps_mm), 1e-9)


@dataclass(frozen=True)
class Disc:
    """The disc between two measured vertebrae, measured in the middle.

    Attributes
    ----------
    upper, lower
        Names of the vertebrae.
    anterior, middle, posterior
        Heights, from the upper vertebra's lower endplate to the lower vertebra's upper one.
    is_bridged
        Whether bone bridges it, or the mask contains it; its heights are then less certain.
    """

    upper: str
    lower: str
    anterior: Caliper
    middle: Caliper
    posterior: Caliper
    slip: Slip
    is_bridged: bool = False

    @property
    def name(self) -> str:
        """The disc's name, such as 'L4/L5'."""
        return f"{self.upper}/{self.lower}"

    @property
    def heights(self) -> tuple[Caliper, Caliper, Caliper]:
        """All three, from front to back."""
        return self.anterior, self.middle, self.posterior

    @property
    def is_set_by_hand(self) -> bool:
        """Whether the user changed any value."""
        return self.slip.is_set_by_hand or any(height.is_set_by_hand for height in self.heights)


@dataclass(frozen=True)
class PlateLine:
    """An endplate as a line in a plane: from front to back, or from the patient's right to left."""

    start_lps_mm: Triple
    end_lps_mm: Triple


@dataclass(frozen=True)
class Curve:
    """The angle between two endplates in a plane.

    Attributes
    ----------
    upper, lower
        Names of the end vertebrae.
    upper_plate, lower_plate
        Lines whose angle in `cut` is measured.
    cut
        Coronal for Cobb angles, otherwise sagittal.
    apex
        Vertebra farthest to the convex side of the line between the end vertebrae; '' if the
        endplates are parallel.
    apex_rotation_deg
        Axial rotation of the apex relative to the end vertebrae, positive to the patient's left;
        only for Cobb angles.
    """

    kind: CurveKind
    upper: str
    lower: str
    upper_plate: PlateLine
    lower_plate: PlateLine
    cut: Cut
    uncertainty_deg: float
    apex: str = ""
    apex_rotation_deg: Estimate | None = None
    is_set_by_hand: bool = False

    @property
    def degrees(self) -> float:
        """Angle between the lines in `cut`.

        Cobb angles are never negative. Kyphosis and lordosis are positive in the usual direction of
        the region, otherwise negative.
        """
        opening = self._opening_deg
        if self.kind is CurveKind.COBB:
            return abs(opening)
        return opening if self.kind is CurveKind.THORACIC_KYPHOSIS else -opening

    @property
    def convexity(self) -> str:
        """The side on which the lines diverge; '' if they are parallel.

        'left' or 'right' for Cobb angles, otherwise 'back' or 'front'. The positions of the bodies
        would be less reliable: in a slight curve, they deviate by only about a millimetre.
        """
        if self._opening_deg == 0:
            return ""
        sides = ("left", "right") if self.kind is CurveKind.COBB else ("back", "front")
        return sides[0] if self._opening_deg > 0 else sides[1]

    @property
    def _opening_deg(self) -> float:
        """Angle between the lines in `cut`, positive if they diverge to the left or to the back."""
        axis = 0 if self.kind is CurveKind.COBB else 1
        slopes = []
        for line in (self.upper_plate, self.lower_plate):
            along = np.subtract(line.end_lps_mm, line.start_lps_mm)
            run, rise = float(along[axis]), float(along[2])
            # Abs and copysign: the user may have swapped the ends of a line.
            slopes.append(math.atan2(math.copysign(1.0, run) * rise, abs(run)))
        return math.degrees(slopes[0] - slopes[1])

    @property
    def estimate(self) -> Estimate:
        """The angle with its uncertainty."""
        return Estimate(self.degrees, self.uncertainty_deg)


@dataclass(frozen=True)
class CutOff:
    """A published cutoff of trabecular HU: the value, its meaning and its source."""

    hu: float
    meaning: str
    source: str


@dataclass(frozen=True)
class Density:
    """The bone density of a scan, with its cutoffs and remarks.

    Attributes
    ----------
    level
        The vertebra that is used: L1, or T12 or L2 if L1 is fractured or was not measured; '' if
        none.
    hu
        Its mean trabecular HU; None if no level could be used.
    kvp
        Tube voltage in kV; None if it is not stated.
    contrast, contrast_basis
        Whether there is contrast medium, and a sentence that says how this was determined.
    aorta_hu
        Median HU of the aorta beside the spine; None if it was not found.
    scale
        Published cutoffs, shown as a scale beside `hu`; empty if no statement is possible.
    reason
        Why no statement is made; '' if `scale` is shown.
    """

    level: str
    hu: Estimate | None
    kvp: float | None
    contrast: Contrast
    contrast_basis: str
    aorta_hu: Estimate | None
    scale: tuple[CutOff, ...]
    reason: str


@dataclass(frozen=True)
class Acquisition:
    """How a scan was acquired, according to its file.

    Attributes
    ----------
    kvp
        Tube voltage in kV.
    contrast_agent
        Contrast agent that the header states; '' if it states none.
    is_dicom
        Whether the file is DICOM and could therefore state a contrast agent.
    position
        DICOM patient position, such as 'HFS'.
    kernel
        Reconstruction kernel.
    """

    kvp: float | None = None
    contrast_agent: str = ""
    is_dicom: bool = False
    position: str = ""
    kernel: str = ""


@dataclass(frozen=True)
class Measurements:
    """All measurements of one scan.

    Attributes
    ----------
    vertebrae
        Vertebrae from the head down, including those that were not measured.
    posture
        A sentence about the patient's position, on which angles depend.
    why_only_hu
        Why only HU values were measured; empty if everything was.
    are_levels_known
        Whether the names are more than a guess; otherwise, tables mark them with a question mark.
    """

    vertebrae: tuple[VertebraMeasurement, ...]
    discs: tuple[Disc, ...]
    curves: tuple[Curve, ...]
    density: Density
    posture: str
    notes: tuple[str, ...] = field(default=())
    why_only_hu: str = ""
    are_levels_known: bool = True

    def __iter__(self) -> Iterator[VertebraMeasurement]:
        return iter(self.vertebrae)

    def __len__(self) -> int:
        return len(self.vertebrae)

    def marked(self, name: str) -> str:
        """Return a name as tables and images show it: with a question mark if it is a guess."""
        return name if self.are_levels_known or not name else f"{name}?"

    def named(self, name: str) -> VertebraMeasurement | None:
        """Return the measurements of the vertebra with this name; None if it is not in view."""
        return next((vertebra for vertebra in self.vertebrae if vertebra.name == name), None)

    @property
    def fractured(self) -> tuple[VertebraMeasurement, ...]:
        """The vertebrae with a grade above 0, from the head down."""
        return tuple(vertebra for vertebra in self.vertebrae if vertebra.is_flagged)


def _opposite(direction: Triple) -> Triple:
    x, y, z = direction
    return -x, -y, -z
