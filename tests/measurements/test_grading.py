"""Ratios, expected heights and grades from heights."""

from dataclasses import replace

import pytest
from rows import caliper, profile, vertebra

from spineviewer.measurements.expected import norm_mm, usual_depth_mm
from spineviewer.measurements.grading import grade, graded, ratios
from spineviewer.measurements.results import Estimate, ExpectedHeights, Shape, Side
from spineviewer.volume.levels import level_number

NAMES = ("T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4")


def healthy(scale=1.0):
    return {name: tuple(scale * mm for mm in norm_mm(level_number(name))) for name in NAMES}


def rows_of(heights):
    return [vertebra(name, mm) for name, mm in heights.items()]


def reduced(heights, name, anterior=1.0, middle=1.0, posterior=1.0):
    """Return the heights, with those of one vertebra multiplied."""
    factors = (anterior, middle, posterior)
    lower = tuple(mm * factor for mm, factor in zip(heights[name], factors, strict=True))
    return {**heights, name: lower}


def expecting(mm):
    usual = Estimate(mm, 0.0)
    return ExpectedHeights(usual, usual, usual, ("L1",))


def test_ratios_relate_to_the_posterior_and_the_expected_height():
    found = ratios(profile((18.0, 20.0, 24.0)), expecting(25.0))
    assert found.wedge.value == pytest.approx(0.75)
    assert found.biconcavity.value == pytest.approx(20 / 24)
    assert found.crush.value == pytest.approx(0.96)


@pytest.mark.parametrize(
    ("loss", "number"), [(0, 0), (19, 0), (21, 1), (24, 1), (26, 2), (39, 2), (41, 3), (60, 3)]
)
def test_grades_follow_the_published_limits(loss, number):
    heights = (25.0 * (1 - loss / 100), 25.0 * (1 - loss / 200), 25.0)
    assert grade([profile(heights)], expecting(25.0)).grade == number


@pytest.mark.parametrize(
    ("heights", "shape"),
    [
        ((15.0, 19.0, 24.0), Shape.WEDGE),
        ((22.0, 15.0, 24.0), Shape.BICONCAVE),
        ((15.0, 15.0, 17.0), Shape.CRUSH),
        ((24.0, 24.0, 24.5), None),
    ],
)
def test_the_type_is_that_of_the_most_reduced_height(heights, shape):
    assert grade([profile(heights)], expecting(25.0)).shape is shape


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.2])
def test_a_healthy_spine_of_any_size_is_not_flagged(scale):
    assert [v.name for v in graded(rows_of(healthy(scale))) if v.is_flagged] == []


@pytest.mark.parametrize("name", ["T9", "T12", "L1", "L3"])
def test_the_loss_of_one_fracture_is_found(name):
    found = graded(rows_of(reduced(healthy(), name, anterior=0.7, middle=0.85)))
    by_name = {v.name: v for v in found}
    assert by_name[name].genant.loss_percent.value == pytest.approx(30, abs=2)
    assert by_name[name].genant.shape is Shape.WEDGE
    assert [v.name for v in found if v.is_flagged] == [name]


def test_adjacent_fractures_do_not_hide_each_other():
    heights = healthy()
    for name in ("T12", "L1"):
        heights = reduced(heights, name, 0.55, 0.6, 0.65)
    found = {v.name: v for v in graded(rows_of(heights))}
    assert found["T12"].genant.loss_percent.value == pytest.approx(45, abs=3)
    assert found["L1"].genant.loss_percent.value == pytest.approx(45, abs=3)
    assert {v.name for v in found.values() if v.is_flagged} == {"T12", "L1"}


def test_lowest_lumbar_and_cervical_bodies_are_not_graded_but_measured():
    rows = [vertebra(n, norm_mm(level_number(n))) for n in ("C5", "C6", "C7", "T1", "L4", "L5")]
    found = {v.name: v for v in graded(rows)}
    assert found["L5"].genant is None
    assert "L5" in found["L5"].ungraded
    assert found["C5"].genant is None
    assert found["C5"].ratios is not None


def test_a_dragged_point_changes_heights_ratios_and_grade():
    rows = list(graded(rows_of(healthy())))
    place = [v.name for v in rows].index("L1")
    before = rows[place]
    anterior = before.profile.anterior
    x, y, z = anterior.start_lps_mm
    lowered = anterior.moved(start=(x, y, z - 0.3 * anterior.length_mm))
    middle = replace(before.profile, anterior=lowered)
    rows[place] = replace(before, profiles=(middle,))
    after = graded(rows)[place]
    assert after.is_set_by_hand
    assert after.ratios.wedge.value == pytest.approx(0.7 * before.ratios.wedge.value)
    assert after.genant.grade == 2


def at_sides(heights_mm, *sides):
    return [replace(profile(heights_mm), side=side) for side in sides]


def test_a_loss_at_one_place_of_three_is_not_a_fracture():
    flat, node = (25.0, 25.0, 25.0), (25.0, 16.0, 25.0)
    profiles = [profile(node), *at_sides(flat, Side.LEFT, Side.RIGHT)]
    assert grade(profiles, expecting(25.0)).grade == 0
    profiles = [profile(node), *at_sides(node, Side.LEFT), *at_sides(flat, Side.RIGHT)]
    assert grade(profiles, expecting(25.0)).grade == 2


def test_a_loss_just_below_grade_1_is_mentioned_and_a_small_one_is_not():
    heights = reduced(healthy(), "L1", 0.83, 0.83, 0.83)
    found = graded(rows_of(reduced(heights, "T9", anterior=0.9)))
    by_name = {v.name: v for v in found}
    assert by_name["L1"].genant.grade == 0
    assert by_name["L1"].genant.loss_percent.value == pytest.approx(17, abs=1)
    assert "just below grade 1" in by_name["L1"].remarks[0]
    assert by_name["T9"].remarks == ()


@pytest.mark.parametrize(
    ("factor", "grade_number", "reason"),
    [
        (0.77, 1, "is close to 25%, so grade 2 is also possible."),
        (0.74, 2, "is close to 25%, so grade 1 is also possible."),
        (0.62, 2, "is close to 40%, so grade 3 is also possible."),
    ],
)
def test_a_question_mark_has_the_number_and_the_other_grade(factor, grade_number, reason):
    found = {v.name: v for v in graded(rows_of(reduced(healthy(), "L1", *(factor,) * 3)))}
    genant = found["L1"].genant
    assert (genant.grade, genant.is_borderline) == (grade_number, True)
    (sentence,) = genant.reasons
    assert sentence.startswith(f"The height loss of {genant.loss_percent.value:.0f}% ± ")
    assert sentence.endswith(reason)
    assert sentence in found["L1"].sentences


def test_every_question_mark_has_a_reason():
    heights = healthy()
    for name, *factors in (
        ("T8", 1.0, 0.9, 1.0),
        ("T10", 0.83, 0.83, 0.83),
        ("T12", 0.6, 0.6, 0.6),
        ("L1", 0.9, 0.86, 0.9),
        ("L4", 0.85, 0.97, 1.0),
    ):
        heights = reduced(heights, name, *factors)
    unsure = [v for v in graded(rows_of(heights)) if v.genant.is_borderline]
    assert len(unsure) >= 3
    assert all(v.genant.reasons for v in unsure)


def test_near_a_fracture_a_loss_close_to_15_percent_is_uncertain():
    heights = reduced(reduced(healthy(), "T11", 0.6, 0.7, 0.9), "L1", 0.86, 0.86, 0.86)
    found = {v.name: v for v in graded(rows_of(heights))}
    assert found["L1"].genant.limits_percent == (15.0, 25.0, 40.0)
    assert found["L1"].genant.is_borderline


def test_a_low_anterior_rim_alone_is_not_a_wedge():
    assert grade([profile((18.0, 25.0, 25.0))], expecting(25.0)).grade == 0
    assert grade([profile((18.0, 22.5, 25.0))], expecting(25.0)).grade == 2


def test_a_loss_just_below_grade_1_is_graded_beside_a_fracture():
    heights = reduced(healthy(), "L1", 0.83, 0.83, 0.83)
    fractured = reduced(heights, "T11", 0.6, 0.7, 0.9)
    found = {v.name: v for v in graded(rows_of(fractured))}
    assert found["L1"].genant.grade == 1
    assert "because T11 is fractured" in found["L1"].remarks[0]
    assert {v.name for v in found.values() if v.is_flagged} == {"T11", "L1"}


def test_a_loss_just_below_grade_1_is_not_graded_far_from_a_fracture():
    heights = reduced(healthy(), "L2", 0.83, 0.83, 0.83)
    found = {v.name: v for v in graded(rows_of(reduced(heights, "T9", 0.6, 0.7, 0.9)))}
    assert found["L2"].genant.grade == 0
    assert "Check for a fracture" in found["L2"].remarks[0]


def test_a_row_in_which_every_body_is_crushed_is_not_normal():
    low = {name: tuple(0.55 * mm for mm in heights) for name, heights in healthy().items()}
    found = graded([with_usual_depth(name, mm) for name, mm in low.items()])
    assert all(v.genant.grade >= 2 for v in found)
    # A patient whose bodies are a little lower than usual is not ill.
    small = {name: tuple(0.88 * mm for mm in heights) for name, heights in healthy().items()}
    assert not any(
        v.is_flagged for v in graded([with_usual_depth(n, mm) for n, mm in small.items()])
    )


@pytest.mark.parametrize(
    ("factors", "shape"), [((1.0, 0.85, 1.0), Shape.BICONCAVE), ((0.8, 0.9, 1.0), Shape.WEDGE)]
)
def test_bodies_that_are_all_deformed_in_the_same_way_do_not_hide_each_other(factors, shape):
    deformed = healthy()
    for name in NAMES:
        deformed = reduced(deformed, name, *factors)
    for part in (NAMES, NAMES[:2], NAMES[-3:]):
        found = graded(rows_of({name: deformed[name] for name in part}))
        assert {v.genant.shape for v in found} == {shape}
        assert all(v.genant.is_borderline for v in found if v.genant.loss_percent.value < 20)
        assert all("lower than usual for" in v.remarks[0] for v in found)
        assert all("graded because of this" in v.remarks[1] for v in found)


def test_deformed_bodies_do_not_lower_what_is_expected_of_their_neighbours():
    heights = healthy()
    for name in ("L1", "L2", "L3"):
        heights = reduced(heights, name, middle=0.85)
    found = {v.name: v for v in graded(rows_of(heights))}
    assert found["L2"].expected.middle_mm.value == pytest.approx(healthy()["L2"][1], rel=0.04)


def test_an_unusual_shape_alone_is_marked_but_not_graded():
    found = {v.name: v for v in graded(rows_of(reduced(healthy(), "L1", middle=0.9)))}
    assert found["L1"].genant.grade == 0
    assert found["L1"].genant.is_borderline
    assert "The middle height is 10% lower than usual" in found["L1"].remarks[0]
    assert found["L1"].remarks[1] == "Check for a fracture."
    assert [v.name for v in found.values() if v.remarks] == ["L1"]


@pytest.mark.parametrize(
    ("factors", "number"), [((0.6, 0.6, 0.6), 0), ((0.8, 0.6, 1.0), 1), ((1.0, 0.6, 1.0), 1)]
)
def test_an_unusual_shape_near_a_fracture_is_graded_only_if_the_fracture_has_it_too(
    factors, number
):
    heights = reduced(reduced(healthy(), "T12", *factors), "L1", middle=0.9)
    found = {v.name: v for v in graded(rows_of(heights))}
    assert found["T12"].genant.grade > 0
    assert found["L1"].genant.grade == number
    assert found["L1"].genant.is_borderline


@pytest.mark.parametrize(("factor", "number"), [(0.78, 1), (0.7, 2), (0.55, 3)])
def test_one_wedged_vertebra_alone_is_graded_by_its_own_heights(factor, number):
    (alone,) = graded(rows_of({"L1": reduced(healthy(), "L1", anterior=factor)["L1"]}))
    assert alone.genant.grade == number
    assert alone.genant.shape is Shape.WEDGE
    assert alone.genant.loss_percent.value == pytest.approx(100 * (1 - factor), abs=2)


def test_only_corrected_profiles_show_a_deformity():
    flat, low = healthy()["L1"], reduced(healthy(), "L1", middle=0.7)["L1"]
    row = replace(vertebra("L1", low), profiles=(profile(low), *at_sides(flat, Side.LEFT)))
    assert graded([row])[0].genant.grade > 0
    side = row.profiles[1]
    x, y, z = side.middle.start_lps_mm
    corrected = replace(side, middle=side.middle.moved(start=(x, y, z + 0.01)))
    assert graded([replace(row, profiles=(row.profiles[0], corrected))])[0].genant is None


def with_usual_depth(name, heights_mm):
    return vertebra(name, heights_mm, depth=caliper(0.0, usual_depth_mm(level_number(name)), -14.0))


def test_two_vertebrae_are_graded_with_the_help_of_their_depths():
    whole = norm_mm(level_number("L2"))
    low = tuple(mm * share for mm, share in zip(healthy()["L1"], (0.6, 0.7, 0.9), strict=True))
    found = graded([with_usual_depth("L1", low), with_usual_depth("L2", whole)])
    assert [v.genant.grade for v in found] == [3, 0]
    assert found[0].genant.loss_percent.value == pytest.approx(40, abs=3)


def test_one_vertebra_alone_is_not_graded():
    (alone,) = graded([with_usual_depth("L1", healthy()["L1"])])
    assert alone.genant is None
    assert "too few neighbouring" in alone.ungraded


def test_a_low_l5_is_not_graded_but_mentioned():
    names = ("T12", "L1", "L2", "L3", "L4", "L5")
    whole = {name: norm_mm(level_number(name)) for name in names}
    assert graded(rows_of(whole))[-1].remarks == ()
    low = graded(rows_of(reduced(whole, "L5", 0.7, 0.7, 0.7)))[-1]
    assert low.genant is None
    assert "The height of L5 is 30% less" in low.remarks[0]
    assert low.remarks[0] in low.sentences


def with_sides(left_mm, right_mm, name="L1"):
    row = vertebra(name, (25.0, 25.0, 25.0))
    left, right = at_sides((left_mm,) * 3, Side.LEFT), at_sides((right_mm,) * 3, Side.RIGHT)
    return replace(row, profiles=(*left, *row.profiles, *right))


@pytest.mark.parametrize(
    ("left_mm", "right_mm", "text"),
    [
        (20.0, 25.0, "left side of the vertebral body is 5.0 mm"),
        (25.0, 22.0, "right side of the vertebral body is 3.0 mm"),
        (24.0, 25.0, ""),
    ],
)
def test_a_body_that_is_shorter_on_one_side_is_mentioned(left_mm, right_mm, text):
    found = graded([with_sides(left_mm, right_mm)])[0]
    assert text in " ".join(found.remarks)
    assert bool(found.remarks) == bool(text)


def test_remarks_follow_a_correction():
    rows = [with_sides(20.0, 25.0)]
    assert graded(graded(rows))[0].remarks == graded(rows)[0].remarks
    corrected = replace(graded(rows)[0], profiles=with_sides(25.0, 25.0).profiles)
    assert graded([corrected])[0].remarks == ()
