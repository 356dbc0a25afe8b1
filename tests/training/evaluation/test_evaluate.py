import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from spineviewer.errors import GeometryError, ImageReadError, ModelError, UsageError
from spineviewer.training.evaluation.cohort import (
    CohortOptions,
    evaluate_cohort,
    find_cases,
    markdown,
    overall,
)
from spineviewer.training.evaluation.evaluate import evaluate_pair, main

AFFINE = np.diag([-0.7, -0.8, 2.0, 1.0])


def save(path: Path, array, affine=AFFINE):
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(array, affine), path)
    return path


@pytest.fixture
def labels():
    """Return labels of T12 and L1 in a grid whose three sizes differ."""
    array = np.zeros((21, 24, 19), np.uint8)
    array[5:15, 6:16, 2:8] = 20
    array[5:15, 6:16, 10:16] = 19
    return array


@pytest.fixture
def case(tmp_path, labels):
    save(tmp_path / "data/one/mask.nii.gz", labels)
    save(tmp_path / "data/one/ct.nii.gz", np.where(labels > 0, 400, -50).astype(np.int16))
    return tmp_path / "data/one"


def shifted(labels):
    return (np.roll(labels, 1, axis=0) > 0).astype(np.uint8)


def test_a_mask_against_itself_is_perfect(case, labels, tmp_path):
    mask = save(tmp_path / "found.nii.gz", (labels > 0).astype(np.uint8))
    result = evaluate_pair(mask, case / "mask.nii.gz")
    assert (result.scores.dice, result.scores.hd95_mm) == (1.0, 0.0)
    assert [v.label for v in result.vertebrae] == [19, 20]
    assert result.scores.mask_ml == pytest.approx(1200 * 0.7 * 0.8 * 2.0 / 1000)


def test_a_shift_by_one_voxel_is_measured_in_millimetres(case, labels, tmp_path):
    mask = save(tmp_path / "found.nii.gz", shifted(labels))
    scores = evaluate_pair(mask, case / "mask.nii.gz").scores
    assert scores.dice == pytest.approx(0.9)
    assert scores.hd95_mm == pytest.approx(0.7, abs=1e-5)


def test_a_mask_stored_in_another_voxel_order_is_compared_place_by_place(case, labels, tmp_path):
    image = nibabel.Nifti1Image((labels > 0).astype(np.uint8), AFFINE)
    turned = image.as_reoriented(nibabel.orientations.axcodes2ornt("SRP"))
    nibabel.save(turned, tmp_path / "turned.nii.gz")
    assert evaluate_pair(tmp_path / "turned.nii.gz", case / "mask.nii.gz").scores.dice == 1.0


def test_another_grid_of_the_same_shape_is_refused_with_numbers(case, labels, tmp_path):
    moved = AFFINE.copy()
    moved[2, 3] = 5.0
    mask = save(tmp_path / "found.nii.gz", labels, moved)
    with pytest.raises(GeometryError, match="origin"):
        evaluate_pair(mask, case / "mask.nii.gz")


def test_an_ignore_file_next_to_the_reference_is_used_and_reported(case, labels, tmp_path, capsys):
    mask = save(tmp_path / "found.nii.gz", np.where(labels == 20, 1, 0).astype(np.uint8))
    assert evaluate_pair(mask, case / "mask.nii.gz").scores.dice == pytest.approx(2 / 3)
    ignore = save(case / "ignore.nii.gz", (labels == 19).astype(np.uint8))
    assert evaluate_pair(mask, case / "mask.nii.gz").scores.dice == 1.0
    assert main(["--reference", str(case / "mask.nii.gz"), str(mask)]) == 0
    assert str(ignore) in capsys.readouterr().out


def test_a_named_ignore_file_takes_precedence_over_the_one_next_to_the_reference(
    case, labels, tmp_path
):
    save(case / "ignore.nii.gz", np.ones_like(labels))
    nothing = save(tmp_path / "nothing.nii.gz", np.zeros_like(labels))
    mask = save(tmp_path / "found.nii.gz", shifted(labels))
    assert evaluate_pair(mask, case / "mask.nii.gz", nothing).scores.dice == pytest.approx(0.9)


def test_the_json_of_a_pair_is_one_object_with_nulls_where_there_is_no_distance(
    case, labels, tmp_path, capsys
):
    mask = save(tmp_path / "empty.nii.gz", np.zeros_like(labels))
    assert main(["--reference", str(case / "mask.nii.gz"), str(mask), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["dice"], answer["hd95_mm"], answer["assd_mm"], answer["precision"]) == (
        0.0,
        None,
        None,
        None,
    )
    assert answer["vertebrae"]["L1"] == {"dice": 0.0, "recall": 0.0}


def test_a_missing_file_is_named(case, tmp_path):
    with pytest.raises(ImageReadError, match="nowhere"):
        evaluate_pair(tmp_path / "nowhere.nii.gz", case / "mask.nii.gz")


def test_a_mask_without_a_reference_is_refused():
    with pytest.raises(UsageError, match="--reference"):
        main(["mask.nii.gz"])


def test_an_unknown_option_is_reported_in_one_line():
    with pytest.raises(UsageError, match="--nonsense"):
        main(["--nonsense"])


def test_a_folder_of_given_masks_gives_tables_and_a_picture(case, labels, tmp_path, capsys):
    save(tmp_path / "data/two/mask.nii.gz", labels)
    save(tmp_path / "masks/one.nii.gz", (labels > 0).astype(np.uint8))
    save(tmp_path / "masks/two.nii.gz", shifted(labels))
    out = tmp_path / "out"
    code = main(
        [
            "--data",
            str(tmp_path / "data"),
            "--masks",
            str(tmp_path / "masks"),
            "--out",
            str(out),
            "--processes",
            "2",
        ]
    )
    content = json.loads((out / "evaluation.json").read_text())
    assert code == 0
    assert [record["dice"] for record in content["cases"]] == [1.0, pytest.approx(0.9)]
    assert content["overall"]["dice"] == pytest.approx(
        {"mean": 0.95, "sd": 0.05 * 2**0.5, "median": 0.95, "cases": 2}, abs=1e-9
    )
    table = (out / "evaluation.md").read_text()
    assert capsys.readouterr().out == table
    assert "| one | 1.000 |" in table
    assert "- two: T12 0.900, L1 0.900" in table
    picture = np.asarray(Image.open(out / "contact_sheet.png"))
    # The outline in the mask's colour is drawn only for the case with a scan.
    assert (picture == (255, 140, 0)).all(-1).any()


def test_a_case_without_its_mask_is_reported_and_the_others_continue(case, labels, tmp_path):
    save(tmp_path / "data/two/mask.nii.gz", labels)
    save(tmp_path / "masks/two.nii.gz", labels)
    options = CohortOptions(tmp_path / "data", tmp_path / "out", masks=tmp_path / "masks")
    said = []
    assert evaluate_cohort(options, say=said.append, is_json=False) == ImageReadError.exit_code
    table = (tmp_path / "out/evaluation.md").read_text()
    assert "Not evaluated:" in table
    assert "one.nii.gz" in table
    assert "| two | 1.000 |" in table


def test_without_given_masks_the_cases_are_segmented_by_the_program_itself(
    case, tmp_path, with_tiny_models, capsys
):
    out = tmp_path / "out"
    assert (
        main(
            [
                "--data",
                str(case),
                "--out",
                str(out),
                "--threshold",
                "0",
                "--segmentation-threshold",
                "0",
                "--json",
            ]
        )
        == 0
    )
    (record,) = json.loads(capsys.readouterr().out)["cases"]
    run = record["segmentation"]
    assert (run["attention_threshold"], run["segmentation_threshold"]) == (0.0, 0.0)
    assert record["seconds"] == run["seconds"]["total"] > 0
    # With both thresholds at zero, everything is marked.
    assert run["voxels"] == 21 * 24 * 19
    assert nibabel.load(out / "masks/one.nii.gz").get_fdata().sum() == 21 * 24 * 19
    assert record["recall"] == 1.0


def test_a_case_that_cannot_be_segmented_gives_the_programs_own_message(
    case, tmp_path, monkeypatch
):
    monkeypatch.setenv("SPINEVIEWER_MODELS", str(tmp_path / "no-models-here"))
    assert (
        evaluate_cohort(CohortOptions(case, tmp_path / "out"), say=lambda _: None, is_json=False)
        == ModelError.exit_code
    )
    assert "no-models-here" in (tmp_path / "out/evaluation.md").read_text()


def test_a_folder_without_cases_explains_what_a_case_is(tmp_path):
    with pytest.raises(UsageError, match=r"ct\.nii\.gz"):
        find_cases(tmp_path)


def test_a_single_case_folder_is_accepted(case):
    assert find_cases(case) == [case]


def test_a_case_without_a_value_is_left_out_of_its_mean():
    records = [
        {"case": "a", "dice": 0.5, "hd95_mm": None},
        {"case": "b", "dice": 1.0, "hd95_mm": 3.0},
    ]
    assert overall(records)["hd95_mm"] == {"mean": 3.0, "sd": 0.0, "median": 3.0, "cases": 1}
    table = markdown(records)
    assert "| Case | Dice | HD95 mm |" in table
    assert "| a | 0.500 |  |" in table


def test_wrongly_marked_ribs_are_counted_where_the_bones_are_known(case, labels, tmp_path, capsys):
    bones = labels.copy()
    bones[16:20] = 100
    bones[0:2] = 102
    save(case / "bones.nii.gz", bones)
    found = (labels > 0).astype(np.uint8)
    found[16] = 1
    result = evaluate_pair(save(tmp_path / "masks/one.nii.gz", found), case / "mask.nii.gz")
    assert result.marked_fraction == {"ribs": 0.25, "sacrum": 0.0}
    assert (
        main(
            [
                "--data",
                str(case),
                "--masks",
                str(tmp_path / "masks"),
                "--out",
                str(tmp_path / "out"),
            ]
        )
        == 0
    )
    assert "| Ribs marked | Sacrum marked |" in capsys.readouterr().out


@pytest.mark.realdata
def test_a_real_reference_against_itself_is_perfect_vertebra_by_vertebra(real_data):
    reference = real_data / "train/cptac-gbm-c3n01192/mask.nii.gz"
    result = evaluate_pair(reference, reference)
    assert result.scores.dice == 1.0
    assert [v.label for v in result.vertebrae] == [1, 2, 3]
