from dataclasses import replace

import numpy as np
import pytest
from spines import THORACOLUMBAR, SolidSpine, solid_spine, spine_of

from spineviewer.labelling.name_corrections import (
    renamed,
    shifted,
    with_manual_name,
    with_new_mask,
)
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.labelling.priors import Calibration, load_fitted
from spineviewer.labelling.vertebrae import Convention
from spineviewer.volume.levels import level_number
from spineviewer.volume.volume import SpineMask


def test_much_bone_beside_the_spine_is_proposed_for_removal(spine: SolidSpine) -> None:
    voxels = spine.mask.voxels.copy()
    voxels[60:90, 40:60, :12] = True
    mask = SpineMask(voxels, spine.mask.geometry)
    naming = label_vertebrae(mask, spine.probability, spine.scan).vertebrae.naming
    assert naming.mask_notes[0].startswith("7 ml of the mask is not assigned to any vertebra")
    assert naming.mask_notes[0] in naming.warnings


def test_without_any_anchor_the_names_are_based_on_size_and_spacing() -> None:
    spine = solid_spine(["T5", "T6", "T7", "T8"], with_ribs=False, margin_mm=2)
    naming = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae.naming
    assert naming.convention is Convention.SPACING
    assert any("may be off by" in warning for warning in naming.warnings)


def test_uncertain_names_come_with_the_names_one_level_away() -> None:
    spine = solid_spine(["T5", "T6", "T7", "T8"], with_ribs=False, margin_mm=2)
    naming = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae.naming
    assert naming.probability < 0.9
    assert naming.alternatives
    assert all(len(other.names) == 4 for other in naming.alternatives)
    chances = [other.probability for other in naming.alternatives]
    assert chances == sorted(chances, reverse=True)
    assert naming.probability + sum(chances) <= 1 + 1e-6


def test_probable_names_also_come_with_the_next_most_probable_ones(spine: SolidSpine) -> None:
    naming = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae.naming
    assert naming.is_certain
    other = next(one for one in naming.alternatives if one.convention is naming.convention)
    assert len(other.names) == len(THORACOLUMBAR)
    assert list(other.names) != THORACOLUMBAR
    assert other.probability <= 1 - naming.probability + 1e-6


def test_an_alternative_that_the_user_accepts_is_as_probable_as_it_was_offered() -> None:
    spine = solid_spine(["T5", "T6", "T7", "T8"], with_ribs=False, margin_mm=2)
    labelling = label_vertebrae(spine.mask, spine.probability, spine.scan)
    offered = labelling.vertebrae.naming
    other = offered.alternatives[0]
    for alternative, probability in ((other, other.probability), (None, offered.probability)):
        names = alternative.names if alternative else [v.name for v in labelling.vertebrae]
        numbers = {k: level_number(name) for k, name in enumerate(names)}
        accepted = renamed(labelling, replace(labelling.corrections, manual_labels=numbers))
        naming = accepted.vertebrae.naming
        assert [v.name for v in accepted.vertebrae] == list(names)
        assert naming.probability == 1.0
        assert naming.unaided.probability == pytest.approx(probability, abs=1e-4)
        best = naming.unaided.most_probable
        assert list(best.names) == [vertebra.name for vertebra in labelling.vertebrae]
        assert best.probability == pytest.approx(offered.probability, abs=1e-4)
        assert naming.record["unaided"]["probability"] == round(probability, 4)
    assert offered.unaided is None


def test_levels_without_evidence_are_reported_as_unknown() -> None:
    lone = solid_spine(["L3"], margin_mm=2)
    naming = label_vertebrae(lone.mask, lone.probability, lone.scan).vertebrae.naming
    assert naming.probability < 0.5
    assert any("levels are unknown" in warning for warning in naming.warnings)


def test_no_other_names_are_more_probable_than_the_chosen_ones() -> None:
    spine = solid_spine(["T5", "T6", "T7", "T8"], with_ribs=False, margin_mm=2)
    modest = replace(load_fitted(), calibration=Calibration(1.0, -3.0))
    naming = label_vertebrae(
        spine.mask, spine.probability, spine.scan, fitted=modest
    ).vertebrae.naming
    assert naming.alternatives
    others = [other.probability for other in naming.alternatives]
    assert max(*others, naming.shifted_up, naming.shifted_down) <= naming.probability


def test_a_sacrum_that_contradicts_the_ribs_is_reported_with_its_names() -> None:
    # Six vertebrae without ribs above the sacrum: counted from it, the topmost is T7, not T8.
    names = ["T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "L6"]
    spine = solid_spine(names, with_sacrum=True)
    vertebrae = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae
    assert [vertebra.name for vertebra in vertebrae] == names
    assert vertebrae.naming.convention is Convention.RIBS
    by_convention = {other.convention: other for other in vertebrae.naming.alternatives}
    other = by_convention[Convention.SACRUM]
    assert other.names == ("T7", *names[:-1])
    assert "Counted from the sacrum, the vertebrae would be T7 to L5." in vertebrae.naming.warnings


def test_merged_vertebrae_are_reported_and_no_name_is_certain() -> None:
    names = ["C3", "C4", "C5", "C6", "C7", "T1", "T2", "T3", "T4"]
    apart = solid_spine(names)
    numbers = apart.numbers.copy()
    neck = np.flatnonzero(np.isin(numbers, range(3, 8)).any(axis=(1, 2)))
    body = (numbers == 5).any(axis=0)
    numbers[neck[0] : neck[-1] + 1][:, body] = 5  # one piece without discs
    merged = spine_of(numbers, apart.scan.hu, (1.0, 1.0, 1.0))
    for spine, is_merged in ((apart, False), (merged, True)):
        vertebrae = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae
        notes = [text for text in vertebrae.naming.mask_notes if "no disc space between" in text]
        assert bool(notes) == is_merged
        if is_merged:
            assert vertebrae.naming.probability <= 0.5
            assert all(one.probability <= 0.5 for one in vertebrae)


@pytest.mark.parametrize("names", [["L3"], ["T5", "T6"], ["C5", "C6", "C7"]])
def test_one_to_three_vertebrae_in_view_are_reported_as_possibly_shifted(names: list[str]) -> None:
    few = solid_spine(names, with_ribs=False, margin_mm=2)
    vertebrae = label_vertebrae(few.mask, few.probability, few.scan).vertebrae
    assert 1 <= len({vertebra.label for vertebra in vertebrae}) == len(vertebrae) <= len(names)
    assert vertebrae.naming.probability < 0.95
    assert any("may be off by" in warning for warning in vertebrae.naming.warnings)


def test_slices_too_thick_for_discs_are_reported(spine: SolidSpine) -> None:
    thick = spine_of(spine.numbers[::8], spine.scan.hu[::8], (8.0, 1.0, 1.0))
    naming = label_vertebrae(thick.mask, thick.probability, thick.scan).vertebrae.naming
    assert "8 mm apart, so adjacent vertebrae cannot be distinguished" in naming.caution
    assert naming.caution in naming.warnings
    assert naming.probability <= 0.2
    assert naming.alternatives == ()
    assert naming.convention is Convention.SPACING
    thin = label_vertebrae(spine.mask, spine.probability, spine.scan).vertebrae.naming
    assert not any("apart" in warning for warning in thin.warnings)


def test_names_in_a_scan_of_unknown_orientation_are_uncertain_unless_set_by_hand(
    spine: SolidSpine,
) -> None:
    source = replace(spine.scan.source, is_orientation_known=False)
    scan = replace(spine.scan, source=source)
    labelling = label_vertebrae(spine.mask, spine.probability, scan)
    vertebrae = labelling.vertebrae
    assert [vertebra.name for vertebra in vertebrae] == THORACOLUMBAR
    assert max(vertebra.probability for vertebra in vertebrae) == 0.5
    assert vertebrae.naming.probability == 0.5
    assert not vertebrae.naming.is_certain
    assert "from the wrong end" in vertebrae.naming.warnings[0]
    assert vertebrae.naming.alternatives == ()
    for corrected in (
        shifted(labelling, 1),
        with_new_mask(labelling, spine.mask, spine.probability, scan),
    ):
        assert not corrected.vertebrae.naming.is_orientation_known
    by_hand = with_manual_name(labelling, 4, 20).vertebrae
    assert by_hand.all[4].probability == 1.0
    assert by_hand.all[3].probability == 0.5
    assert not by_hand.naming.is_orientation_known
    assert "from the wrong end" not in " ".join(by_hand.naming.warnings)
