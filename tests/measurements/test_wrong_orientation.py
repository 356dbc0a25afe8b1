"""A scan whose stated orientation seems to be wrong: nothing is concluded from its levels."""

from dataclasses import replace

import numpy as np
import pytest
from spines import solid_spine, spine_of

from spineviewer.app.measurement_rows import table_rows
from spineviewer.labelling.misorientation import UPSIDE_DOWN
from spineviewer.labelling.name_corrections import with_manual_name
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.measurements.measure import measure
from spineviewer.measurements.results import MISORIENTED, Acquisition

UNENHANCED = Acquisition(kvp=120.0)
TRUNK = [*(f"T{number}" for number in range(5, 13)), "L1", "L2", "L3"]


@pytest.fixture(scope="module")
def upright():
    return solid_spine(TRUNK)


@pytest.fixture(scope="module")
def upside_down(upright):
    turned = [np.ascontiguousarray(values[::-1]) for values in (upright.numbers, upright.scan.hu)]
    return spine_of(*turned, (1.0, 1.0, 1.0))


@pytest.fixture(scope="module")
def labelling(upside_down):
    return label_vertebrae(upside_down.mask, upside_down.probability, upside_down.scan)


@pytest.fixture(scope="module")
def named_by_hand(labelling):
    found = with_manual_name(labelling, 6, 20)
    assert found.vertebrae.all[6].name == "L1"
    return found


@pytest.mark.parametrize("kind", ["labelling", "named_by_hand"])
def test_only_hu_are_measured_and_no_density_is_stated(request, upside_down, kind):
    vertebrae = request.getfixturevalue(kind).vertebrae
    assert vertebrae.naming.caution == UPSIDE_DOWN
    measured = measure(vertebrae, upside_down.scan, acquisition=UNENHANCED)
    assert any(vertebra.trabecular is not None for vertebra in measured)
    assert (measured.density.level, measured.density.hu, measured.density.scale) == ("", None, ())
    assert measured.density.reason == measured.why_only_hu == MISORIENTED
    assert measured.discs == measured.curves == measured.fractured == ()
    assert all(vertebra.genant is None for vertebra in measured)


def test_no_anomaly_is_concluded_from_the_names(labelling):
    assert labelling.vertebrae.naming.anomalies == ()
    assert not labelling.vertebrae.naming.has_levels


def test_its_hu_are_not_compared_with_those_of_another_scan(named_by_hand, upside_down, upright):
    before = label_vertebrae(upright.mask, upright.probability, upright.scan).vertebrae
    usual = measure(before, upright.scan, acquisition=UNENHANCED)
    wrong = measure(named_by_hand.vertebrae, upside_down.scan, acquisition=UNENHANCED)
    brighter = replace(upright.scan, hu=upright.scan.hu + np.int16(30))
    later = measure(before, brighter, acquisition=UNENHANCED)
    assert any(cell.change for row in table_rows(later, usual) for cell in row.cells)
    assert not any(cell.change for row in table_rows(wrong, usual) for cell in row.cells)
    assert not any(cell.change for row in table_rows(usual, wrong) for cell in row.cells)
