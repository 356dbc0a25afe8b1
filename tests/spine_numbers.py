"""Measurements of upright bodies with round numbers, set by hand."""

from spineviewer.labelling.vertebrae import BodyFrame
from spineviewer.measurements.results import (
    Caliper,
    Contrast,
    Curve,
    CurveKind,
    Cut,
    Density,
    Disc,
    Estimate,
    ExpectedHeights,
    Genant,
    Measurements,
    PlateLine,
    Profile,
    Ratios,
    Roi,
    Shape,
    Side,
    Slip,
    Trabecular,
    VertebraMeasurement,
)
from spineviewer.volume.levels import LEVEL_NAMES, level_number

UPRIGHT = BodyFrame((0.0, 0.0, -1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
LEFT = (1.0, 0.0, 0.0)


def caliper(y_mm, top_mm, bottom_mm, x_mm=0.0):
    """A height in a sagittal picture."""
    cut = Cut((x_mm, y_mm, (top_mm + bottom_mm) / 2), LEFT)
    return Caliper((x_mm, y_mm, top_mm), (x_mm, y_mm, bottom_mm), cut, 0.3)


def vertebra(name, label, centre_mm, heights_mm=(24.0, 25.0, 26.0), **changes):
    """A body whose lower endplate is level; its heights are those at y = -15, 0 and 15 mm."""
    x, y, z = centre_mm
    bottom = z - 13.0
    middle = Profile(
        Side.MIDDLE,
        *(
            caliper(y + off, bottom + height, bottom, x)
            for off, height in zip((-15.0, 0.0, 15.0), heights_mm, strict=True)
        ),
    )
    depth_cut = Cut(centre_mm, LEFT)
    values = {
        "profiles": (middle,),
        "depth": Caliper((x, y - 16, z), (x, y + 16, z), depth_cut, 0.4),
        "trabecular": Trabecular(
            Estimate(150.0, 5.0), 148.0, 30.0, 3.0, Roi(centre_mm, (7.0, 10.0, 8.0), UPRIGHT)
        ),
        "ratios": Ratios(
            Estimate(heights_mm[0] / heights_mm[2], 0.02),
            Estimate(heights_mm[1] / heights_mm[2], 0.02),
            None,
        ),
    }
    return VertebraMeasurement(name, label, False, centre_mm, UPRIGHT, **{**values, **changes})


def two_levels():
    """Return T12 with its anterior height reduced by 40%, L1, their disc, and a kyphosis."""
    expected = ExpectedHeights(
        Estimate(25.0, 1.0), Estimate(25.0, 1.0), Estimate(26.0, 1.0), ("T10", "L1")
    )
    fractured = vertebra(
        "T12", 19, (0.0, 0.0, 50.0), (15.0, 20.0, 26.0),
        expected=expected, genant=Genant(2, Shape.WEDGE, Estimate(39.0, 3.0)),
    )  # fmt: skip
    whole = vertebra(
        "L1", 20, (0.0, 2.0, 16.0), genant=Genant(0, None, Estimate(3.0, 3.0)), expected=expected
    )
    disc = Disc(
        "T12", "L1",
        caliper(-10.0, 37.0, 28.0), caliper(0.0, 37.0, 29.0), caliper(10.0, 37.0, 30.0),
        Slip(
            (0.0, -14.0, 29.0), (0.0, 18.0, 29.0), (0.0, 14.0, 37.0), Cut((0, 0, 33.0), LEFT), 0.5
        ),
    )  # fmt: skip
    curve = Curve(
        CurveKind.THORACIC_KYPHOSIS, "T12", "L1",
        PlateLine((0.0, -15.0, 52.0), (0.0, 15.0, 63.0)),
        PlateLine((0.0, -13.0, 3.0), (0.0, 17.0, 3.0)),
        Cut((0.0, 0.0, 33.0), LEFT), 1.5,
    )  # fmt: skip
    density = Density(
        "L1", Estimate(150.0, 5.0), 120.0, Contrast.NONE, "Without contrast.", None, (), "No scale."
    )
    return Measurements((fractured, whole), (disc,), (curve,), density, "Supine.")


def growing_bodies(named_from, *, count=8, skipped=0, factor=1.0):
    """Return bodies that grow by 4% per level; the first one gets the name `named_from`.

    `skipped` bodies at the upper end are not in view, and all sizes are multiplied by `factor`.
    """
    first = LEVEL_NAMES.index(named_from)
    rows = []
    for number in range(count):
        size = factor * 1.04 ** (skipped + number)
        name, z = LEVEL_NAMES[first + number], -30.0 * number
        heights_mm = (18.0 * size, 17.0 * size, 19.0 * size)
        row = vertebra(
            name,
            level_number(name),
            (0.0, 0.0, z),
            heights_mm,
            depth=caliper(0.0, 22.0 * size, 0.0),
            width=caliper(0.0, 24.0 * size, 0.0),
            body_ml=Estimate(9.0 * size**3, 0.5),
        )
        rows.append(row)
    density = Density("", None, None, Contrast.UNKNOWN, "", None, (), "No level.")
    return Measurements(tuple(rows), (), (), density, "Supine.")
