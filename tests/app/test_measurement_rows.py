"""The table of levels by quantities."""

from dataclasses import replace

import pytest
from spine_numbers import two_levels, vertebra

from spineviewer.app.landmarks import Kind, Source
from spineviewer.app.measurement_rows import (
    QUANTITIES,
    acquisition_texts,
    curve_rows,
    density_line,
    height_lines,
    landmark_text,
    tab_separated,
    table_rows,
    voltage_remark,
)
from spineviewer.measurements.results import NO_EXPECTED, CurveKind, Estimate, Genant
from spineviewer.wording import MINUS


def cell(row, name):
    return row.cells[[quantity.name for quantity in QUANTITIES].index(name)]


def test_reduced_heights_their_grade_and_a_slip_are_flagged_and_others_are_not():
    fractured, whole = table_rows(two_levels())
    flagged = [
        quantity.name
        for quantity, one in zip(QUANTITIES, fractured.cells, strict=True)
        if one.is_flagged
    ]
    assert flagged == ["anterior", "genant", "slip"]  # the middle has exactly 80% of 25 mm
    assert fractured.is_flagged
    assert not whole.is_flagged
    assert not any(one.is_flagged for one in whole.cells)


def test_a_value_has_its_uncertainty_and_the_value_expected_from_the_neighbours():
    fractured, _ = table_rows(two_levels())
    anterior = cell(fractured, "anterior")
    assert anterior.text == "15.0"
    assert anterior.tip == "15.0 mm ± 0.3 mm; expected 25.0 mm (from T10, L1)"
    assert cell(fractured, "genant").text == "2? wedge (39%)"  # 40% is within its uncertainty
    assert cell(fractured, "trabecular").tip == (
        "150.0 HU ± 5.0 HU; median 148 HU, SD 30 HU, 3.0 ml"
    )


def test_a_grade_has_its_loss_and_the_reason_for_its_question_mark():
    measured = two_levels()
    fractured = measured.named("T12")
    genant = replace(fractured.genant, reasons=("Grade 3 is also possible.",))
    changed = replace(measured, vertebrae=(replace(fractured, genant=genant),))
    (row,) = table_rows(changed)
    assert cell(row, "genant").tip == "Height loss 39.0% ± 3.0%. Grade 3 is also possible."


def test_a_missing_value_states_the_reason_and_has_no_points():
    cut = vertebra("L2", 21, (0.0, 0.0, -20.0), profiles=(), depth=None, trabecular=None,
                   ratios=None,
                   reason="This vertebra is cut off at the edge of the scan.")  # fmt: skip
    (row,) = table_rows(replace(two_levels(), vertebrae=(cut,), discs=(), curves=()))
    assert {one.text for one in row.cells} == {"–"}
    assert {one.tip for one in row.cells} == {"This vertebra is cut off at the edge of the scan."}
    assert {one.source for one in row.cells} == {None}


def test_each_value_has_its_points():
    fractured, _ = table_rows(two_levels())
    assert cell(fractured, "wedge").source == Source(Kind.HEIGHTS, "T12")
    assert cell(fractured, "slip").source == Source(Kind.SLIP, "T12")
    assert cell(fractured, "depth").source == Source(Kind.DEPTH, "T12")


def test_the_text_beside_the_points_names_the_level_and_the_value():
    measured = two_levels()
    assert landmark_text(measured, Source(Kind.HEIGHTS, "T12")) == "T12  15.0 mm  20.0 mm  26.0 mm"
    assert landmark_text(measured, Source(Kind.SLIP, "T12")) == "T12  4.0 mm"
    curve = Source(Kind.CURVE, "T12", CurveKind.THORACIC_KYPHOSIS)
    assert landmark_text(measured, curve).startswith("T12–L1  ")


def test_only_numbers_whose_points_were_moved_are_marked_as_set_by_hand():
    measured = two_levels()
    fractured = measured.named("T12")
    (profile,) = fractured.profiles
    moved = replace(profile, anterior=profile.anterior.moved(start=(0.0, -15.0, 60.0)))
    changed = replace(fractured, profiles=(moved,))
    row, other = table_rows(replace(measured, vertebrae=(changed, measured.named("L1"))))
    by_hand = {
        quantity.name
        for quantity, one in zip(QUANTITIES, row.cells, strict=True)
        if one.is_set_by_hand
    }
    assert by_hand == {"anterior", "genant", "wedge"}
    assert not any(one.is_set_by_hand for one in other.cells)


def test_an_earlier_scan_gives_the_change_at_each_level_that_both_show():
    now = two_levels()
    earlier = replace(now, vertebrae=(vertebra("T12", 19, (5.0, 5.0, 5.0)),), discs=(), curves=())
    fractured, whole = table_rows(now, earlier)
    assert cell(fractured, "anterior").change == pytest.approx(15.0 - 24.0)
    assert cell(fractured, "trabecular").change == 0.0
    assert cell(fractured, "slip").change is None
    assert {one.change for one in whole.cells} == {None}
    (curve,) = curve_rows(now, now)
    assert curve.cell.change == 0.0
    assert (cell(fractured, "anterior").change_text, curve.cell.change_text) == ("-9.0", "0.0°")


def test_a_change_since_a_value_that_was_set_by_hand_is_marked_and_says_so():
    now, earlier = two_levels(), two_levels()
    old = earlier.named("T12")
    profile = old.profile
    moved = replace(profile, anterior=profile.anterior.moved(start=(0.0, -15.0, 48.0)))
    by_hand = replace(
        earlier,
        vertebrae=(replace(old, profiles=(moved,)), earlier.named("L1")),
        curves=(replace(earlier.curves[0], is_set_by_hand=True),),
    )
    row, other = table_rows(now, by_hand)
    marked = [
        quantity.name
        for quantity, one in zip(QUANTITIES, row.cells, strict=True)
        if one.is_earlier_by_hand
    ]
    assert marked == ["anterior", "genant", "wedge"]
    assert cell(row, "anterior").change == pytest.approx(4.0)
    assert cell(row, "anterior").tip.endswith("The prior value was set by hand.")
    assert not cell(row, "anterior").is_set_by_hand
    assert not any(one.is_earlier_by_hand for one in other.cells)
    assert curve_rows(now, by_hand)[0].cell.is_earlier_by_hand
    lines = tab_separated(now, by_hand, str).splitlines()
    assert "Ant. of the prior scan, Genant of the prior scan" in lines[1]


def test_every_missing_value_has_a_reason():
    measured = two_levels()
    body = replace(
        measured.named("L1"),
        trabecular=None,
        why_no_hu="There is cement.",
        genant=None,
        ungraded="Not graded.",
    )
    no_ct = replace(measured.named("T12"), trabecular=None)
    upper, row = table_rows(replace(measured, vertebrae=(no_ct, body)))
    assert cell(upper, "trabecular").tip == "HU values cannot be measured without the CT scan."
    assert cell(row, "trabecular").tip == "There is cement."
    assert cell(row, "genant").tip == "Not graded."
    assert cell(row, "crush").tip == NO_EXPECTED
    assert cell(row, "canal").tip == "The mask shows no arch behind this vertebral body."
    assert cell(row, "disc").tip.startswith("The vertebra below is not in view")
    assert "There is cement." in row.notes
    assert all(one.tip for one in (*upper.cells, *row.cells) if one.value is None)


def test_the_change_of_a_height_loss_is_in_percent_and_between_the_values_that_are_shown():
    def with_loss(percent):
        genant = Genant(0, None, Estimate(percent, 3.0))
        return replace(
            two_levels(), vertebrae=(vertebra("L1", 20, (0.0, 2.0, 16.0), genant=genant),)
        )

    ((row,), (other,)) = (
        table_rows(with_loss(now), with_loss(before))
        for now, before in ((-0.4, -2.0), (12.0, -2.0))
    )
    shown = [(cell(one, "genant").text, cell(one, "genant").change_text) for one in (row, other)]
    assert shown == [("0 (0%)", "0%"), ("0 (12%)", "+12%")]


def test_the_change_of_a_fracture_is_the_difference_of_the_losses_in_percent():
    def with_loss(percent):
        genant = Genant(0, None, Estimate(percent, 3.0))
        return replace(
            two_levels(), vertebrae=(vertebra("L1", 20, (0.0, 2.0, 16.0), genant=genant),)
        )

    for before, after, change in ((-4.0, -1.0, 0.0), (-4.0, 2.6, 3.0), (6.4, 1.4, -5.0)):
        (row,) = table_rows(with_loss(after), with_loss(before))
        found = cell(row, "genant")
        assert (found.unit, round(found.change)) == ("%", change)


def test_hu_at_different_tube_voltages_are_not_compared():
    def at(kvp):
        measured = two_levels()
        return replace(measured, density=replace(measured.density, kvp=kvp))

    for here, there, is_compared in (
        (120.0, 120.0, True),
        (120.0, None, True),
        (100.0, 120.0, False),
    ):
        row, *_ = table_rows(at(here), at(there))
        assert cell(row, "anterior").change == 0.0
        assert (cell(row, "trabecular").change == 0.0) == is_compared
    assert voltage_remark(at(100.0), at(120.0)).endswith("100 and 120 kV.")


def test_the_clipboard_has_a_line_for_each_level_and_curve_and_a_column_for_each_number():
    lines = tab_separated(two_levels(), None, str).splitlines()
    assert len(lines) == 1 + 2 + 1 + 2
    head, fractured = (line.split("\t") for line in lines[:2])
    assert head[:3] == [
        "Vertebra",
        "Anterior height of the vertebral body (mm)",
        "Middle height of the vertebral body (mm)",
    ]
    assert fractured[:3] == ["T12", "15.0", "20.0"]
    assert len(head) == len(fractured) == 1 + len(QUANTITIES) + 2
    compared = tab_separated(two_levels(), two_levels(), str).splitlines()
    assert len(compared[0].split("\t")) == 1 + 2 * len(QUANTITIES) + 2
    assert compared[1].split("\t")[2] == "0.0"


def test_the_clipboard_has_hyphens_that_a_spreadsheet_reads_as_minus():
    measured = two_levels()
    (disc,) = measured.discs
    back = replace(disc, slip=replace(disc.slip, corner_lps_mm=(0.0, 20.0, 29.0)))
    assert back.slip.mm < 0
    text = tab_separated(replace(measured, discs=(back,)), None, lambda t: t.replace("-", MINUS))
    assert f"-{abs(back.slip.mm):.1f}" in text.splitlines()[1].split("\t")


def test_lines_along_the_spine_have_a_value_and_an_expectation_for_each_level():
    measured = two_levels()
    anterior, middle, posterior = height_lines(measured)
    assert anterior.values == (15.0, 24.0)
    assert middle.expected == (25.0, 25.0)
    assert posterior.values == (26.0, 26.0)
    denser = replace(measured, vertebrae=(
        *measured.vertebrae, vertebra("L2", 21, (0.0, 0.0, -20.0), trabecular=None)
    ))  # fmt: skip
    line = density_line(denser)
    assert line.values[:2] == (150.0, 150.0)
    assert line.values[2] != line.values[2]  # not measured
    assert line.expected[:2] == (150.0, 150.0)  # the median of the neighbours
    assert line.expected[2] != line.expected[2]  # nothing to compare it with


def test_values_of_a_cut_body_and_a_bridged_disc_are_flagged_and_say_why():
    measured = two_levels()
    fractured, whole = measured.vertebrae
    cut = replace(whole, is_rim_cut=True, body_ml=Estimate(44.5, 1.5))
    (disc,) = measured.discs
    changed = replace(measured, vertebrae=(fractured, cut), discs=(replace(disc, is_bridged=True),))
    first, second = table_rows(changed)
    names = [quantity.name for quantity in QUANTITIES]
    flagged = {name for name, one in zip(names, second.cells, strict=True) if one.is_flagged}
    assert {"anterior", "middle", "posterior", "body", "depth"} <= flagged
    assert not flagged & {"trabecular", "canal", "disc", "slip"}
    body = second.cells[names.index("body")]
    assert body.tip == "44.5 ml ± 1.5 ml; part of the body is cut off at the edge of the scan"
    assert second.is_flagged
    height = first.cells[names.index("disc")]
    assert height.is_flagged
    assert "bone bridges this disc" in height.tip
    assert not table_rows(measured)[0].cells[names.index("disc")].is_flagged


def test_a_vertebra_that_may_include_its_neighbour_is_flagged():
    measured = two_levels()
    fractured, whole = measured.vertebrae
    assert not table_rows(measured)[1].is_flagged
    doubtful = replace(whole, is_outline_uncertain=True)
    assert table_rows(replace(measured, vertebrae=(fractured, doubtful)))[1].is_flagged


def with_own_roi(measured, at_z):
    """Return measurements in which the user moved the ROI of the second vertebra."""
    fractured, whole = measured.vertebrae
    roi = replace(whole.trabecular.roi, centre_lps_mm=(0.0, 2.0, at_z))
    trabecular = replace(
        whole.trabecular, mean_hu=Estimate(70.6, 5.0), roi=roi, is_set_by_hand=True
    )
    plates = {
        "upper_plate_lps_mm": (0.0, 2.0, 29.0), "upper_plate_normal_lps": (0.0, 0.0, -1.0),
        "lower_plate_lps_mm": (0.0, 2.0, 3.0), "lower_plate_normal_lps": (0.0, 0.0, -1.0),
    }  # fmt: skip
    return replace(measured, vertebrae=(fractured, replace(whole, trabecular=trabecular, **plates)))


@pytest.mark.parametrize(("at_z", "is_beyond"), [(16.0, False), (23.0, True), (9.0, True)])
def test_hu_of_a_region_over_an_endplate_are_flagged(at_z, is_beyond):
    row = table_rows(with_own_roi(two_levels(), at_z))[1]  # radius along the spine: 7 mm
    assert cell(row, "trabecular").is_flagged is is_beyond
    assert ("reaches the border" in cell(row, "trabecular").tip) is is_beyond
    assert any("reaches the border" in note for note in row.notes) is is_beyond


def test_the_text_beside_landmarks_has_the_asterisk_of_the_table():
    source = Source(Kind.DENSITY, "L1")
    assert landmark_text(two_levels(), source) == "L1  150 HU"
    assert landmark_text(with_own_roi(two_levels(), 16.0), source) == "L1  71 HU*"


def test_a_change_is_the_difference_of_the_values_that_are_shown():
    before, after = with_own_roi(two_levels(), 16.0), two_levels()
    fractured, whole = after.vertebrae
    bone = replace(whole.trabecular, mean_hu=Estimate(82.4, 5.0))
    after = replace(after, vertebrae=(fractured, replace(whole, trabecular=bone)))
    shown = cell(table_rows(after, before)[1], "trabecular")
    assert (shown.text, shown.change_text) == ("82", "+11")  # 82 - 71
    assert shown.change == pytest.approx(11.8)


def test_contrast_medium_and_tube_voltage_are_stated_even_if_unknown():
    density = two_levels().density
    assert acquisition_texts(density) == ("Contrast medium: none", "Tube voltage: 120 kV")
    assert acquisition_texts(replace(density, kvp=None))[1] == "Tube voltage: unknown"
    assert "Contrast medium: none\nTube voltage: 120 kV\n" in tab_separated(two_levels(), None, str)
