"""The command line names vertebrae of real scans; the expected names are in the references."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from itertools import permutations, product
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from scipy.ndimage import center_of_mass
from scipy.ndimage import label as components_of

from spineviewer.cli import main
from spineviewer.fusion import Fusion
from spineviewer.inference.device import choose_device, load_backend
from spineviewer.labelling.naming import label_vertebrae
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.model import load_configuration
from spineviewer.resources import models_dir
from spineviewer.training.evaluation.reference_case import (
    ReferenceCase,
    read_reference,
    run_networks,
)
from spineviewer.training.evaluation.study import cropped
from spineviewer.tuning import Tuning
from spineviewer.volume.levels import VERSE_ORDER, level_name
from spineviewer.volume.volume import PROBABILITY_SCALE, CtVolume, SpineMask

pytestmark = [pytest.mark.realdata, pytest.mark.slow, pytest.mark.timeout(300)]


def make_reference(case: Path) -> tuple[Any, dict[int, np.ndarray]]:
    """Return the reference image and the centres (LPS mm) of vertebrae that it does not cut."""
    image = nibabel.load(case / "mask.nii.gz")
    numbers = np.asarray(image.dataobj).astype(int)
    up = int(np.argmax(np.abs(image.affine[2, :3])))
    ends = np.take(numbers, [0, numbers.shape[up] - 1], axis=up)
    whole = set(np.unique(numbers).tolist()) & set(VERSE_ORDER) - set(np.unique(ends).tolist())
    centres = {
        label: (image.affine @ [*center_of_mass(numbers == label), 1.0])[:3] * [-1, -1, 1]
        for label in whole
    }
    return image, centres


def segmented(case: Path, folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    paths = ["-o", str(folder / "mask.nii.gz"), "--vertebrae", str(folder / "vert.nii.gz")]
    options = [*paths, "--json", "--overwrite", "--device", "cpu", *more]
    assert main(["segment", str(case / "ct.nii.gz"), *options]) == 0
    return json.loads(capsys.readouterr().out)


@cache
def fusion_of(folder: Path, rows: tuple[int, int] | None = None) -> tuple[ReferenceCase, Fusion]:
    """Return a case, or a range of its slices, with both networks' results."""
    configuration = load_configuration(models_dir())
    case = read_reference(folder)
    if rows is not None:
        case = cropped(case, slice(*rows))
    backend = load_backend(choose_device("cpu"), configuration)
    return case, run_networks(case.scan, backend, configuration.preprocessing)


def named(scan: CtVolume, fusion: Fusion, tuning: Tuning) -> Vertebrae:
    assert fusion.probability is not None
    return label_vertebrae(fusion.mask(tuning), fusion.probability, scan).vertebrae


def defaults() -> Tuning:
    return load_configuration(models_dir()).defaults


@pytest.mark.parametrize(
    ("name", "convention"),
    [
        ("cptac-gbm-c3n01192", "counted from C2"),
        ("lidc-0001", "by ribs"),
        ("verse008", "from the sacrum"),
        ("acrin-flt-breast-001-lower", "from the sacrum"),
    ],
)
def test_whole_vertebrae_have_the_names_of_the_reference(
    real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, convention: str
) -> None:
    case = real_data / "train" / name
    record = segmented(case, tmp_path, capsys)
    reference, centres = make_reference(case)
    written = nibabel.load(tmp_path / "vert.nii.gz")
    np.testing.assert_allclose(written.affine, reference.affine, atol=1e-4)
    labels, truth = (np.asarray(image.dataobj).astype(int) for image in (written, reference))
    for label, centre in centres.items():
        nearest = min(
            record["vertebrae"],
            key=lambda one: float(np.linalg.norm(np.array(one["body_centre_lps_mm"]) - centre)),
        )
        assert nearest["name"] == level_name(label)
        assert np.linalg.norm(np.array(nearest["body_centre_lps_mm"]) - centre) < 30
        both = np.count_nonzero((labels == label) & (truth == label))
        dice = 2 * both / (np.count_nonzero(labels == label) + np.count_nonzero(truth == label))
        assert dice > 0.75, level_name(label)
    names = [one["name"] for one in record["vertebrae"]]
    assert len(set(names)) == len(names)
    assert record["naming"]["convention"] == convention
    assert record["naming"]["probability"] > 0.8


def test_a_name_and_a_shift_on_the_command_line_move_all_names(
    real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = real_data / "train" / "verse008"
    plain = segmented(case, tmp_path, capsys)["vertebrae"]
    second = plain[1]
    place = ",".join(str(value) for value in second["body_centre_lps_mm"])
    below = level_name(VERSE_ORDER[VERSE_ORDER.index(second["label"]) + 1])
    named = segmented(case, tmp_path, capsys, "--name", f"{below}={place}")
    assert named["vertebrae"][1]["name"] == below
    assert named["naming"]["convention"] == "set by hand"
    assert named["naming"]["alternatives"] == []
    up = segmented(case, tmp_path, capsys, "--shift", "-1")["vertebrae"]
    usual = [label for label in VERSE_ORDER if level_name(label) != "T13"]
    wanted = [level_name(usual[usual.index(one["label"]) - 1]) for one in plain]
    assert [one["name"] for one in up] == wanted


def test_uncertain_names_come_with_alternatives_in_the_json(
    real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = segmented(real_data / "train" / "tptbox-l3-crop", tmp_path, capsys)
    naming = record["naming"]
    assert naming["probability"] < 0.9
    assert naming["convention"] == "by size and spacing alone"
    assert naming["alternatives"]
    for other in naming["alternatives"]:
        assert set(other) == {"names", "probability", "convention", "anomalies"}
        assert len(other["names"]) == len(record["vertebrae"])


def test_names_are_the_same_in_all_48_orientations_of_a_file(
    real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = nibabel.load(real_data / "train" / "tptbox-l3-crop" / "ct.nii.gz")
    found = set()
    for axes in permutations(range(3)):
        for flips in product((1, -1), repeat=3):
            turn = np.column_stack([axes, flips])
            image.as_reoriented(turn).to_filename(tmp_path / "ct.nii.gz")
            record = segmented(tmp_path, tmp_path, capsys)
            found.add(tuple(one["name"] for one in record["vertebrae"]))
    assert len(found) == 1
    assert len(found.pop()) == 3


@pytest.mark.parametrize("levels", ["T12", "L1", "L2"])
def test_a_crop_that_leaves_the_sacrum_in_view_changes_no_name(
    real_data: Path, levels: str
) -> None:
    folder = real_data / "train" / "acrin-flt-breast-001-lower"
    case, fusion = fusion_of(folder)
    whole = [vertebra.name for vertebra in named(case.scan, fusion, defaults())]
    label = next(number for number in VERSE_ORDER if level_name(number) == levels)
    top = int(np.flatnonzero((case.labels == label).any(axis=(1, 2)))[-1])
    part, cut = fusion_of(folder, (0, top))
    names = [vertebra.name for vertebra in named(part.scan, cut, defaults())]
    assert names[-4:] == whole[-4:]
    assert whole[-len(names) :] == names


@pytest.mark.parametrize("name", ["verse008", "acrin-flt-breast-001-lower", "cptac-gbm-c3n01192"])
def test_thresholds_and_sigma_change_no_name_of_a_vertebra_that_stays(
    real_data: Path, name: str
) -> None:
    case, fusion = fusion_of(real_data / "train" / name)
    start = defaults()
    wanted = named(case.scan, fusion, start)
    names = {v.name for v in wanted}
    for tuning in (
        replace(start, segmentation_threshold=0.35),
        replace(start, segmentation_threshold=0.65),
        replace(start, attention_threshold=start.attention_threshold / 2),
        replace(start, attention_threshold=2 * start.attention_threshold),
        replace(start, sigma_mm=start.sigma_mm / 2),
        replace(start, sigma_mm=1.5 * start.sigma_mm),
    ):
        vertebrae = named(case.scan, fusion, tuning)
        common = [v for v in vertebrae if v.name in names]
        assert len(common) >= len(names) - 2
        for vertebra in common:
            before, now = (found.labels == vertebra.label for found in (wanted, vertebrae))
            smaller = min(np.count_nonzero(before), np.count_nonzero(now))
            assert np.count_nonzero(before & now) > 0.6 * smaller, (tuning, vertebra.name)


def test_a_small_change_of_c1_or_c2_moves_no_border(real_data: Path) -> None:
    case, fusion = fusion_of(real_data / "train" / "cptac-gbm-c3n01192")
    mask = fusion.mask(defaults())
    wanted = named(case.scan, fusion, defaults())
    assert fusion.probability is not None
    masks = [fusion.mask(replace(defaults(), attention_threshold=0.01))]
    rng = np.random.default_rng(4)
    places = np.argwhere(np.isin(wanted.labels, (1, 2)))
    for number, (z, y, x) in enumerate(places[rng.integers(len(places), size=6)]):
        voxels = mask.voxels.copy()
        voxels[z - 1 : z + 2, y - 4 : y + 5, x - 4 : x + 5] = number % 2
        masks.append(SpineMask(voxels, mask.geometry))
    for changed in masks:
        found = label_vertebrae(changed, fusion.probability, case.scan).vertebrae
        both = (found.labels > 0) & (wanted.labels > 0)
        moved = np.count_nonzero(found.labels[both] != wanted.labels[both])
        # Parts of arches belong to one vertebra or the other as a whole.
        few = len(places) // 500
        assert moved <= max(np.count_nonzero(changed.voxels != mask.voxels), few)


def test_a_vertebra_that_the_mask_lacks_is_recovered_where_the_probability_is_low(
    real_data: Path,
) -> None:
    case, fusion = fusion_of(real_data / "train" / "verse008")
    whole, probability = named(case.scan, fusion, defaults()), fusion.probability
    assert probability is not None
    lost = whole.labels == 21  # L2
    nearest = [
        np.clip(((np.arange(n) + 0.5) / step).astype(int), 0, size - 1)
        for n, step, size in zip(
            probability.values.shape, case.scan.geometry.spacing_zyx_mm, lost.shape, strict=True
        )
    ]
    faint = np.where(lost[np.ix_(*nearest)], probability.values // 3, probability.values)
    mask = SpineMask(fusion.mask(defaults()).voxels & ~lost, case.scan.geometry)
    found = label_vertebrae(mask, replace(probability, values=faint), case.scan).vertebrae
    assert [v.name for v in found] == [v.name for v in whole]
    recovered = found.named("L2")
    assert recovered is not None
    assert recovered.is_recovered
    assert recovered.probability < 0.5
    again = found.labels == 21
    dice = 2 * np.count_nonzero(again & lost) / (np.count_nonzero(again) + np.count_nonzero(lost))
    assert dice > 0.85
    assert faint.max() <= PROBABILITY_SCALE


def test_slices_too_thick_for_discs_give_no_certain_or_duplicate_names(
    real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = segmented(real_data / "unlabelled" / "lungdx-a0002-8mm", tmp_path, capsys)
    names = [one["name"] for one in record["vertebrae"]]
    assert len(set(names)) == len(names)
    assert record["naming"]["probability"] <= 0.2
    assert record["naming"]["alternatives"] == []
    assert any("cannot be distinguished" in text for text in record["naming"]["warnings"])


@pytest.mark.parametrize(
    ("name", "axes", "said"),
    [
        ("verse008", (0,), "upside down"),
        ("verse008", (1,), "in front of the bodies"),
        ("verse008", (0, 1), "in front of the bodies"),
        ("totalsegmentator-example", (0,), "upside down"),
        ("cc0-lumbar-sagittal", (0,), "upside down"),
        ("verse005", (0,), "upside down"),
    ],
)
def test_a_wrong_orientation_is_reported_and_no_name_is_likely(
    real_data: Path, name: str, axes: tuple[int, ...], said: str
) -> None:
    case = read_reference(real_data / "train" / name)
    turned = replace(case.scan, hu=np.ascontiguousarray(np.flip(case.scan.hu, axes)))
    backend = load_backend(choose_device("cpu"), load_configuration(models_dir()))
    fusion = run_networks(turned, backend, load_configuration(models_dir()).preprocessing)
    naming = named(turned, fusion, defaults()).naming
    assert said in naming.caution
    assert naming.probability <= 0.2


@pytest.mark.parametrize("name", ["cc0-lumbar-sagittal", "lidc-0314", "cmb-crc-01068"])
def test_each_vertebra_is_one_piece_and_bone_without_a_name_is_counted(
    real_data: Path, name: str
) -> None:
    case, fusion = fusion_of(real_data / "train" / name)
    mask, vertebrae = fusion.mask(defaults()), named(case.scan, fusion, defaults())
    for vertebra in vertebrae:
        part = vertebrae.labels[vertebra.box] == vertebra.label
        assert components_of(part, np.ones((3, 3, 3)))[1] == 1, vertebra.name
    assert not (vertebrae.labels[~mask.voxels]).any()
    left = np.count_nonzero(mask.voxels & (vertebrae.labels == 0))
    assert vertebrae.stray_ml == pytest.approx(left * case.scan.geometry.voxel_volume_ml)
    assert vertebrae.stray_ml < 5
