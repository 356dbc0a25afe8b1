"""The quantities of a measurement, with their names, units and DICOM codes."""

from __future__ import annotations

from dataclasses import dataclass

from spineviewer.wording import formatted_number, mark


@dataclass(frozen=True)
class Code:
    """A DICOM coded concept."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class Unit:
    """A unit: its symbol, the number of decimals, and its UCUM code."""

    text: str
    decimals: int
    code: Code


MILLIMETRE = Unit("mm", 1, Code("mm", "UCUM", "millimeter"))
SQUARE_MILLIMETRE = Unit("mm²", 1, Code("mm2", "UCUM", "square millimeter"))
DEGREE = Unit("°", 1, Code("deg", "UCUM", "degree"))
HOUNSFIELD = Unit("HU", 0, Code("[hnsf'U]", "UCUM", "Hounsfield unit"))
NO_UNIT = Unit("", 0, Code("1", "UCUM", "no units"))
PERCENT = Unit("%", 0, Code("%", "UCUM", "percent"))


@dataclass(frozen=True)
class QuantityKind:
    """The meaning of a value: its name (marked for translation), unit and DICOM concept.

    The concept may have a derivation, such as the mean.
    """

    name: str
    unit: Unit
    concept: Code
    derivation: Code | None = None


LENGTH = QuantityKind(mark("length"), MILLIMETRE, Code("410668003", "SCT", "Length"))
ANGLE = QuantityKind(mark("angle"), DEGREE, Code("1483009", "SCT", "Angle"))
COBB_ANGLE = QuantityKind(mark("angle"), DEGREE, Code("285285000", "SCT", "Cobb angle"))
AREA = QuantityKind(mark("area"), SQUARE_MILLIMETRE, Code("42798000", "SCT", "Area"))


@dataclass(frozen=True)
class Statistics:
    """The kinds of quantities that summarise the values of many voxels."""

    mean: QuantityKind
    sd: QuantityKind
    minimum: QuantityKind
    maximum: QuantityKind

    @classmethod
    def of(cls, unit: Unit, concept: Code) -> Statistics:
        """Return the statistics of values that have this unit and concept."""
        return cls(
            QuantityKind(mark("mean"), unit, concept, Code("373098007", "SCT", "Mean")),
            QuantityKind(mark("SD"), unit, concept, Code("386136009", "SCT", "Standard Deviation")),
            QuantityKind(mark("min"), unit, concept, Code("255605001", "SCT", "Minimum")),
            QuantityKind(mark("max"), unit, concept, Code("56851009", "SCT", "Maximum")),
        )


HU_STATISTICS = Statistics.of(HOUNSFIELD, Code("112031", "DCM", "Attenuation Coefficient"))
#: For scans whose values are not Hounsfield units. DICOM has no concept for them.
VALUE_STATISTICS = Statistics.of(NO_UNIT, Code("value", "99SPINEVIEWER", "Value in the image"))


@dataclass(frozen=True)
class Quantity:
    """One value of a measurement."""

    kind: QuantityKind
    value: float

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def unit(self) -> str:
        return self.kind.unit.text

    @property
    def text(self) -> str:
        """The value with its unit."""
        return formatted_number(self.value, f".{self.kind.unit.decimals}f", self.unit)
