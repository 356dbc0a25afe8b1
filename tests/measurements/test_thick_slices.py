"""In slices so thick that two vertebrae may look like one, only HU are measured."""

import pytest
from spines import solid_spine, spine_of

from spineviewer.app.measurement_rows import QUANTITIES, curve_rows, table_rows
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.measurements.measure import measure


def measured_at(step):
    """Return the measurements of a spine of which every n-th slice of 1 mm is kept."""
    return found_at(step)[1]


def found_at(step):
    """Return the vertebrae and the measurements of such a spine."""
    spine = solid_spine(["T11", "T12", "L1", "L2", "L3"])
    thick = spine_of(spine.numbers[::step].copy(), spine.scan.hu[::step].copy(), (step, 1.0, 1.0))
    vertebrae = label_vertebrae(thick.mask, thick.probability, thick.scan).vertebrae
    return vertebrae, measure(vertebrae, thick.scan)


@pytest.mark.parametrize("step", [6, 7, 10])
def test_thick_slices_give_only_hu_with_a_reason_in_the_table(step):
    measured = measured_at(step)
    assert len(measured) > 0
    for row in table_rows(measured):
        for quantity, cell in zip(QUANTITIES, row.cells, strict=True):
            if quantity.name != "trabecular":
                assert cell.value is None
                assert f"Slices are {step} mm apart" in cell.tip or "cut off" in cell.tip
    assert any(vertebra.trabecular is not None for vertebra in measured)
    assert measured.discs == measured.curves == measured.fractured == curve_rows(measured) == ()
    assert "mm apart" in measured.density.reason


@pytest.mark.parametrize("step", [5, 6])
def test_lengths_are_measured_exactly_where_vertebrae_can_be_counted(step):
    vertebrae, measured = found_at(step)
    assert bool(vertebrae.naming.caution) == bool(measured.why_only_hu) == (step == 6)


def test_slices_of_five_millimetres_are_measured_in_full():
    measured = measured_at(5)
    assert measured.why_only_hu == ""
    assert any(vertebra.genant is not None for vertebra in measured)
