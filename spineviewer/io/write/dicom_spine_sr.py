"""The measurements of vertebrae, discs and curves as a DICOM structured report (TID 1500).

Each vertebra (TID 1411 if the report refers to a DICOM SEG, otherwise TID 1501), disc and curve is
one measurement group with its finding site; units are UCUM. Concepts without a standard code
(fracture grade, kyphosis and lordosis, ratios, slip) have a code of the private scheme `SCHEME`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from spineviewer.errors import ExportError
from spineviewer.io.dicom.identity import errors_without_identity
from spineviewer.io.write.dicom_child import write_object
from spineviewer.io.write.dicom_messages import MakeSpineSr, Points, SpineGroup, SpineValue
from spineviewer.io.write.dicom_seg import LEVEL_CODES
from spineviewer.io.write.dicom_sr import (
    ReferencedSlices,
    StructuredReport,
    add_comment,
    build_report,
    polylines,
    sr_obstacle,
)
from spineviewer.io.write.whole_file import check_target
from spineviewer.measurements.results import (
    Caliper,
    Curve,
    CurveKind,
    Disc,
    Estimate,
    Measurements,
    VertebraMeasurement,
)
from spineviewer.measuring_tools.quantities import (
    DEGREE,
    HOUNSFIELD,
    HU_STATISTICS,
    MILLIMETRE,
    PERCENT,
    Code,
)
from spineviewer.progress import Progress
from spineviewer.volume.volume import ScanSource
from spineviewer.wording import mark, worded

#: Designator of the private codes; each report states it and the scheme's name.
SCHEME = "99SPINEVIEWER"
_SCHEME_NAME = "Spineviewer private codes"


def _private_code(value: str, meaning: str) -> Code:
    return Code(value, SCHEME, meaning)


_VERTEBRA = Code("51282000", "SCT", "Vertebra")
_CANAL = Code("61853006", "SCT", "Spinal canal")
_ANTERIOR = Code("255549009", "SCT", "Anterior")
_CENTRAL = Code("26216008", "SCT", "Central")
_POSTERIOR = Code("255551008", "SCT", "Posterior")
_PARTS = (_ANTERIOR, _CENTRAL, _POSTERIOR)
_HEIGHT = Code("121207", "DCM", "Height")
_DEPTH = Code("131197000", "SCT", "Depth")
_WIDTH = Code("103355008", "SCT", "Width")
_VOLUME = Code("118565006", "SCT", "Volume")
_COBB = Code("285285000", "SCT", "Cobb angle")
_MEDIAN = Code("373099004", "SCT", "Median")
_EXPECTED_HEIGHT = _private_code("EXPECTED_HEIGHT", "Height expected from neighbouring vertebrae")
_HEIGHT_LOSS = _private_code("HEIGHT_LOSS", "Largest loss of vertebral height")
_WEDGE = _private_code("WEDGE", "Anterior to posterior vertebral height")
_BICONCAVITY = _private_code("BICONCAVITY", "Middle to posterior vertebral height")
_CRUSH = _private_code("CRUSH", "Posterior to expected vertebral height")
_SLIP = _private_code("SLIP", "Slip on the vertebra below")
_APEX_ROTATION = _private_code("APEX_ROTATION", "Axial rotation of the apical vertebra")
_GRADE = _private_code("GENANT_GRADE", "Genant grade of vertebral fracture")
_GRADES = tuple(_private_code(f"GENANT_{n}", f"Genant grade {n}") for n in range(4))
_SHAPE = _private_code("FRACTURE_SHAPE", "Shape of vertebral fracture")
_APEX = _private_code("APEX", "Apical vertebra")
_PARTIAL = (
    _private_code("COMPLETENESS", "Completeness in the scan"),
    Code("255609007", "SCT", "Partial"),
)
_CURVES = {
    CurveKind.COBB: _COBB,
    CurveKind.THORACIC_KYPHOSIS: _private_code("KYPHOSIS", "Thoracic kyphosis angle"),
    CurveKind.LUMBAR_LORDOSIS: _private_code("LUMBAR_LORDOSIS", "Lumbar lordosis angle"),
    CurveKind.CERVICAL_LORDOSIS: _private_code("CERV_LORDOSIS", "Cervical lordosis angle"),
}
_MILLILITRE = Code("cm3", "UCUM", "cubic centimeter")
_RATIO = Code("1", "UCUM", "no units")


def write_measurements_sr(
    measurements: Measurements,
    source: ScanSource,
    path: Path,
    *,
    segmentation: Path | None = None,
    may_overwrite: bool = False,
    progress: Progress | None = None,
) -> tuple[str, ...]:
    """Write the measurements of a scan as one report; return sentences about omissions.

    Parameters
    ----------
    segmentation
        DICOM SEG of the same study with one segment per vertebra, to which the groups refer.

    Raises
    ------
    ExportError
        When nothing was measured, the scan has no DICOM slices, they lack attributes that a report
        must contain, the segmentation belongs to another study, or the file cannot be written.
    Cancelled
        When `progress` raises it.
    """
    if obstacle := sr_obstacle(source):
        raise ExportError(obstacle)
    groups = tuple(_groups(measurements))
    if not groups:
        raise ExportError("There are no measurements to report. Measure something first.")
    check_target(path, may_overwrite)
    assert source.slices is not None
    request = MakeSpineSr(
        groups=groups,
        files=tuple(str(file) for file in source.slices.files),
        origins_lps_mm=source.slices.origins_lps_mm,
        normal_lps=source.grid.axes_lps[0],
        segmentation=None if segmentation is None else str(segmentation),
    )
    return write_object(path, request, worded("Writing the structured report"), progress)


def level_code(name: str) -> Code:
    """Return the SNOMED CT code of a vertebra; T13 and L6 have only the general code."""
    standard = LEVEL_CODES.get(name)
    return _VERTEBRA if standard is None else Code(*standard)


def _groups(measurements: Measurements) -> Iterator[SpineGroup]:
    yield from map(_vertebra_group, measurements.vertebrae)
    yield from map(_disc_group, measurements.discs)
    centres = {vertebra.name: vertebra.centre_lps_mm for vertebra in measurements}
    for curve in measurements.curves:
        yield _curve_group(curve, centres.get(curve.apex), str(measurements.posture))


def _vertebra_group(vertebra: VertebraMeasurement) -> SpineGroup:
    evaluations: list[tuple[Code, Code]] = []
    if vertebra.is_partial:
        evaluations.append(_PARTIAL)
    if (genant := vertebra.genant) is not None:
        evaluations.append((_GRADE, _GRADES[genant.grade]))
        if genant.shape is not None:
            name = genant.shape.name
            evaluations.append((_SHAPE, _private_code(f"SHAPE_{name}", genant.shape.value)))
    by_hand = ("Changed by hand",) if vertebra.is_set_by_hand else ()
    return SpineGroup(
        label=vertebra.name,
        sites=(level_code(vertebra.name),),
        centre_lps_mm=vertebra.centre_lps_mm,
        values=tuple(_vertebra_values(vertebra)),
        segment=vertebra.name,
        evaluations=tuple(evaluations),
        comments=(*map(str, vertebra.sentences), *by_hand),
    )


def _vertebra_values(vertebra: VertebraMeasurement) -> Iterator[SpineValue]:
    mm = MILLIMETRE.code
    if (profile := vertebra.profile) is not None:
        for part, caliper in zip(_PARTS, profile.heights, strict=True):
            yield _length(caliper, _HEIGHT, modifier=part)
    if (expected := vertebra.expected) is not None:
        heights = (expected.anterior_mm, expected.middle_mm, expected.posterior_mm)
        for part, estimate in zip(_PARTS, heights, strict=True):
            yield _number(estimate, mm, _EXPECTED_HEIGHT, modifier=part)
    if vertebra.depth is not None:
        yield _length(vertebra.depth, _DEPTH)
    if vertebra.width is not None:
        yield _length(vertebra.width, _WIDTH)
    if vertebra.canal is not None:
        yield _length(vertebra.canal, _DEPTH, site=_CANAL)
    if vertebra.body_ml is not None:
        yield _number(vertebra.body_ml, _MILLILITRE, _VOLUME)
    if (ratios := vertebra.ratios) is not None:
        yield _number(ratios.wedge, _RATIO, _WEDGE)
        yield _number(ratios.biconcavity, _RATIO, _BICONCAVITY)
        if ratios.crush is not None:
            yield _number(ratios.crush, _RATIO, _CRUSH)
    if vertebra.genant is not None:
        yield _number(vertebra.genant.stated_loss, PERCENT.code, _HEIGHT_LOSS)
    if (bone := vertebra.trabecular) is not None:
        unit, concept = HOUNSFIELD.code, HU_STATISTICS.mean.concept
        yield _number(bone.mean_hu, unit, concept, derivation=HU_STATISTICS.mean.derivation)
        yield SpineValue(bone.median_hu, unit, concept, derivation=_MEDIAN)
        yield SpineValue(bone.sd_hu, unit, concept, derivation=HU_STATISTICS.sd.derivation)


def _disc_group(disc: Disc) -> SpineGroup:
    slip = disc.slip
    line: Points = (slip.front_lps_mm, slip.back_lps_mm, slip.corner_lps_mm)
    values = [
        _length(caliper, _HEIGHT, modifier=part)
        for part, caliper in zip(_PARTS, disc.heights, strict=True)
    ]
    values += [
        SpineValue(slip.mm, MILLIMETRE.code, _SLIP, uncertainty=slip.uncertainty_mm, lines=(line,)),
        SpineValue(slip.percent, PERCENT.code, _SLIP),
    ]
    middle = np.mean([disc.middle.start_lps_mm, disc.middle.end_lps_mm], axis=0)
    x, y, z = (float(v) for v in middle)
    return SpineGroup(
        label=disc.name,
        sites=(_private_code(f"DISC_{disc.upper}_{disc.lower}", f"{disc.name} disc"),),
        centre_lps_mm=(x, y, z),
        values=tuple(values),
        comments=("Changed by hand",) if disc.is_set_by_hand else (),
    )


def _curve_group(
    curve: Curve, apex_lps_mm: tuple[float, float, float] | None, posture: str
) -> SpineGroup:
    lines: tuple[Points, ...] = tuple(
        (plate.start_lps_mm, plate.end_lps_mm) for plate in (curve.upper_plate, curve.lower_plate)
    )
    concept = _CURVES[curve.kind]
    values = [_number(curve.estimate, DEGREE.code, concept, lines=lines)]
    if curve.apex_rotation_deg is not None:
        site = level_code(curve.apex)
        values.append(_number(curve.apex_rotation_deg, DEGREE.code, _APEX_ROTATION, site=site))
    convexity = (f"Convex to the {curve.convexity}",) if curve.convexity else ()
    by_hand = ("Changed by hand",) if curve.is_set_by_hand else ()
    return SpineGroup(
        label=f"{concept.meaning} {curve.upper}-{curve.lower}",
        sites=(level_code(curve.upper), level_code(curve.lower)),
        centre_lps_mm=apex_lps_mm or curve.cut.point_lps_mm,
        values=tuple(values),
        evaluations=((_APEX, level_code(curve.apex)),) if curve.apex else (),
        comments=tuple(text for text in (posture, *convexity, *by_hand) if text),
    )


def _length(
    caliper: Caliper, concept: Code, *, site: Code | None = None, modifier: Code | None = None
) -> SpineValue:
    line: Points = (caliper.start_lps_mm, caliper.end_lps_mm)
    return _number(
        caliper.estimate, MILLIMETRE.code, concept, site=site, modifier=modifier, lines=(line,)
    )


def _number(estimate: Estimate, unit: Code, concept: Code, **attributes: Any) -> SpineValue:
    return SpineValue(estimate.value, unit, concept, uncertainty=estimate.uncertainty, **attributes)


# in the child process


def spine_sr_object(request: MakeSpineSr) -> StructuredReport:
    """Return the report that the parent requests, and sentences about what it leaves out.

    Raises
    ------
    ExportError
        When the source slices lack attributes that a report must contain, or the segmentation
        belongs to another study.
    """
    slices = ReferencedSlices(request)
    with errors_without_identity(
        mark(
            "A structured report cannot be created from these slices: {reason}. Save the table "
            "instead."
        ),
        slices.headers,
    ):
        segments = _Segments.read(request.segmentation)
        groups = [_group_item(group, slices, segments) for group in request.groups]
        segments.check_study(slices.headers[0])
        report, notes = build_report(
            groups,
            slices,
            [group.label for group in request.groups],
            title="Vertebral measurements (Spineviewer)",
            number=4,
            evidence=segments.objects,
        )
        _declare_scheme(report)
        return report, notes


class _Segments:
    """The segments of the DICOM SEG to which a report refers, if any."""

    def __init__(self, segmentation: Any | None) -> None:
        self._segmentation = segmentation
        self.objects = [] if segmentation is None else [segmentation]
        self._numbers = {
            str(segment.SegmentLabel): int(segment.SegmentNumber)
            for segmentation in self.objects
            for segment in segmentation.SegmentSequence
        }

    @classmethod
    def read(cls, path: str | None) -> _Segments:
        """Read a DICOM SEG without its voxels."""
        from pydicom import dcmread

        return cls(None if path is None else dcmread(path, stop_before_pixels=True))

    def check_study(self, image: Any) -> None:
        """Check that the segmentation belongs to the study of a slice's header."""
        for segmentation in self.objects:
            if segmentation.StudyInstanceUID != image.StudyInstanceUID:
                raise ExportError(
                    "The DICOM SEG that the report should refer to belongs to another study. "
                    "Choose one from this study."
                )

    def reference(self, label: str, image: Any) -> Any | None:
        """Return the reference to a segment; None if there is no such segment."""
        from highdicom import sr

        number = self._numbers.get(label)
        if number is None or self._segmentation is None:
            return None
        return sr.ReferencedSegment(
            sop_class_uid=str(self._segmentation.SOPClassUID),
            sop_instance_uid=str(self._segmentation.SOPInstanceUID),
            segment_number=number,
            source_series=sr.SourceSeriesForSegmentation(str(image.SeriesInstanceUID)),
        )


def _group_item(group: SpineGroup, slices: ReferencedSlices, segments: _Segments) -> Any:
    from highdicom import sr
    from highdicom.uid import UID
    from pydicom.sr.codedict import codes

    image = slices.nearest(np.array(group.centre_lps_mm))
    segment = segments.reference(group.segment, image)
    # The template of a volume (TID 1411) has no coordinates: the segment gives the position.
    frame_uid = image.FrameOfReferenceUID if segment is None else None
    sites = [sr.FindingSite(_concept(_disc_code(site))) for site in group.sites]
    shared: dict[str, Any] = {
        "tracking_identifier": sr.TrackingIdentifier(uid=UID(), identifier=group.label),
        "finding_sites": sites,
        "measurements": [_measurement(v, group, frame_uid) for v in group.values] or None,
        "qualitative_evaluations": [
            sr.QualitativeEvaluation(_concept(name), _concept(value))
            for name, value in group.evaluations
        ],
        "finding_category": codes.SCT.AnatomicalStructure,
    }
    group_item: Any
    if segment is not None:
        group_item = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
            **shared, referenced_segment=segment
        )
    else:
        group_item = sr.MeasurementsAndQualitativeEvaluations(
            **shared, source_images=[sr.SourceImageForMeasurementGroup.from_source_image(image)]
        )
    for text in group.comments:
        add_comment(group_item, text)
    return group_item


def _measurement(value: SpineValue, group: SpineGroup, frame_uid: str | None) -> Any:
    """Return a measured value as a content item.

    `frame_uid` is the frame of reference of its coordinates; without one they are left out.
    """
    from highdicom import sr

    sites = None
    if value.site is not None or value.modifier is not None:
        modifier = None if value.modifier is None else _concept(value.modifier)
        site = _disc_code(value.site or group.sites[0])
        sites = [sr.FindingSite(_concept(site), topographical_modifier=modifier)]
    properties = None
    if value.uncertainty:
        uncertainty = round(value.uncertainty, 3)
        properties = sr.MeasurementProperties(
            upper_measurement_uncertainty=uncertainty, lower_measurement_uncertainty=uncertainty
        )
        for item in properties:  # highdicom does not state the unit
            item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence = [_concept(value.unit)]
    lines = [] if frame_uid is None else polylines(value.lines, frame_uid)
    return sr.Measurement(
        name=_concept(value.concept),
        value=round(value.value, 3),
        unit=_concept(value.unit),
        derivation=None if value.derivation is None else _concept(value.derivation),
        finding_sites=sites,
        properties=properties,
        referenced_coordinates=lines or None,
    )


def _disc_code(code: Code) -> Code:
    """Return the SNOMED CT code for the private code of a disc; return other codes unchanged.

    pydicom lists discs by their vertebrae. Discs adjacent to T13 and L6 have no code.
    """
    from pydicom.sr.codedict import codes

    if not code.value.startswith("DISC_"):
        return code
    _, upper, lower = code.value.split("_")
    standard = getattr(codes.SCT, f"{upper}{lower}Disc", None)
    return (
        code
        if standard is None
        else Code(standard.value, standard.scheme_designator, standard.meaning)
    )


def _concept(code: Code) -> Any:
    from highdicom import sr

    return sr.CodedConcept(*astuple(code))


def _declare_scheme(report: Any) -> None:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodingSchemeDesignator, item.CodingSchemeName = SCHEME, _SCHEME_NAME
    report.CodingSchemeIdentificationSequence = [item]
