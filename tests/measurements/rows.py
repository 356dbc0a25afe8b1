"""Measured vertebrae made from heights alone: a straight spine, front at -y, head at +z."""

from spineviewer.labelling.vertebrae import BodyFrame
from spineviewer.measurements.results import Caliper, Cut, Profile, Side, VertebraMeasurement
from spineviewer.volume.levels import level_number

FRAME = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def caliper(top: float, length_mm: float, back: float) -> Caliper:
    """A height that begins at z = top."""
    cut = Cut((0.0, 0.0, top), (1.0, 0.0, 0.0))
    return Caliper((0.0, back, top), (0.0, back, top - length_mm), cut, 0.3)


def profile(heights_mm, top: float = 0.0) -> Profile:
    """A profile of anterior, middle and posterior height."""
    places = (-14.0, 0.0, 14.0)
    return Profile(
        Side.MIDDLE,
        *(caliper(top, mm, back) for mm, back in zip(heights_mm, places, strict=True)),
    )


def vertebra(name: str, heights_mm, top: float = 0.0, **numbers) -> VertebraMeasurement:
    """A vertebra with a profile."""
    return VertebraMeasurement(
        name,
        level_number(name),
        False,
        (0.0, 0.0, top - 10.0),
        FRAME,
        profiles=(profile(heights_mm, top),),
        **numbers,
    )
