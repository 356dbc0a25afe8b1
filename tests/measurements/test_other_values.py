"""A scan whose values are not Hounsfield units: lengths are measured, HU are not."""

from dataclasses import replace

from spines import solid_spine

from spineviewer.labelling.naming import label_vertebrae
from spineviewer.measurements.density import NOT_HU
from spineviewer.measurements.measure import measure


def test_no_hu_are_measured_in_a_scan_of_other_values():
    spine = solid_spine(["T12", "L1", "L2"])
    scan = replace(spine.scan, source=replace(spine.scan.source, are_values_hu=False))
    vertebrae = label_vertebrae(spine.mask, spine.probability, scan).vertebrae
    measured = measure(vertebrae, scan)
    assert any(vertebra.profile is not None for vertebra in measured.vertebrae)
    assert all(vertebra.trabecular is None for vertebra in measured.vertebrae)
    assert NOT_HU in {vertebra.why_no_hu for vertebra in measured.vertebrae}
    density = measured.density
    assert (density.hu, density.aorta_hu, density.reason) == (None, None, NOT_HU)
