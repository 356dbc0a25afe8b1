"""Synthetic scans from a label map: exact masks, repeatable, the requested pathologies."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from spineviewer.errors import ImageReadError, UsageError
from spineviewer.io.images.loading import read_labels
from spineviewer.io.scan import read_scan
from spineviewer.progress import JobProgress
from spineviewer.training.fit.cases import Case
from spineviewer.training.synthetic.anatomy import (
    TOTALSEGMENTATOR_VERTEBRAE,
    Anatomy,
    LabelVolume,
    anatomy_of,
    verse_numbers,
)
from spineviewer.training.synthetic.ct_physics import Protocol, acquired, slice_operators
from spineviewer.training.synthetic.deformation import (
    NODE_MM,
    Curve,
    Deformation,
    Fracture,
    source_nodes,
)
from spineviewer.training.synthetic.foreign import place_in_scan
from spineviewer.training.synthetic.label_sources import LabelSource, prepared_sources
from spineviewer.training.synthetic.phantom import EXTENTS, PhantomSize
from spineviewer.training.synthetic.phantom_anatomy import Trunk, column, torso
from spineviewer.training.synthetic.realism import endplate_contrast_hu, tissue_samples
from spineviewer.training.synthetic.rendering import random_blocks, random_materials, rendered
from spineviewer.training.synthetic.synthesis import (
    Kind,
    SyntheticScan,
    draw_source,
    main,
    ranges_for,
    synthetic_scan,
    write_cases,
    write_pool,
)
from spineviewer.training.synthetic.tissues import Bone, SynthesisRanges, Tissue

SIZE = (88, 96, 88)


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    shape = EXTENTS[PhantomSize.SMALL].size_zyx_mm
    base = (-30.0, 58.0, shape[2] / 2)
    return torso(
        shape, column(20, 24, base), Trunk(150, -80, 71), np.random.default_rng(0), diaphragm_z=300
    )


@pytest.fixture(scope="module")
def source(anatomy: Anatomy) -> LabelSource:
    return LabelSource(anatomy)


def test_a_scan_has_int16_hu_and_a_binary_mask_of_one_shape(source: LabelSource) -> None:
    scan = synthetic_scan(source, np.random.default_rng(1), size_zyx=SIZE)
    assert scan.hu.dtype == np.int16 and scan.mask.dtype == np.uint8
    assert scan.hu.shape == scan.mask.shape
    assert set(np.unique(scan.mask)) == {0, 1}
    assert 0.02 < scan.mask.mean() < 0.5


def test_the_same_generator_state_gives_the_same_scan(source: LabelSource) -> None:
    one, two = (synthetic_scan(source, np.random.default_rng(5), size_zyx=SIZE) for _ in range(2))
    assert np.array_equal(one.hu, two.hu) and np.array_equal(one.bones, two.bones)


def test_the_mask_is_vertebrae_alone_and_never_sacrum(source: LabelSource) -> None:
    for seed in range(3):
        scan = synthetic_scan(source, np.random.default_rng(seed), size_zyx=SIZE)
        assert not ((scan.bones > 0) & (scan.bones < Bone.RIB) & (scan.mask == 0)).any()
        assert not scan.mask[scan.bones == Bone.SACRUM].any()


def test_without_deformation_the_mask_is_the_anatomy(anatomy: Anatomy) -> None:
    shape = anatomy.soft.shape
    middle = (shape[0] / 2, shape[1] / 2, shape[2] / 2)
    nodes = source_nodes(
        Deformation(middle), (shape[0], shape[1], shape[2]), np.random.default_rng(0)
    )
    rng = np.random.default_rng(0)
    _, bones = rendered(
        anatomy,
        nodes,
        (shape[0], shape[1], shape[2]),
        random_materials(rng, SynthesisRanges()),
        random_blocks(rng),
    )
    spine = anatomy.spine_depth.astype(int)
    decided = (spine != 0) & (spine != anatomy.bone_depth)  # not on a surface itself
    expected = (spine > 0) & (spine > anatomy.bone_depth)
    assert np.array_equal(((bones > 0) & (bones < 64))[decided], expected[decided])


def test_a_compressed_body_keeps_its_fraction_of_height_and_its_neighbours_their_place(
    anatomy: Anatomy,
) -> None:
    level = next(level for level in anatomy.levels if level.number == 22)
    nodes = source_nodes(
        Deformation(level.centre_zyx, fractures=(Fracture(level, 0.5, 0.5, 0.5),)),
        (120, 40, 40),
        np.random.default_rng(0),
    )
    axis = nodes[0, :, nodes.shape[2] // 2 - 1, nodes.shape[3] // 2 - 1]
    scan_z = np.arange(nodes.shape[1]) * NODE_MM
    top, bottom = (
        np.interp(level.centre_zyx[0] + sign * level.half_zyx[0], axis, scan_z) for sign in (1, -1)
    )
    # half of its height, which is twice `half`
    assert top - bottom == pytest.approx(level.half_zyx[0], abs=1.5)
    assert axis[0] == pytest.approx(level.centre_zyx[0] - 60, abs=0.1)  # far away, nothing moves
    assert np.all(np.diff(axis) > 0)  # and the mapping does not fold


def test_a_bent_spine_is_where_the_bend_puts_it(anatomy: Anatomy) -> None:
    middle = (52.0, 56.0, 52.0)
    nodes = source_nodes(
        Deformation(middle, lateral=Curve(12.0, 300.0, 0.0)),
        (104, 112, 104),
        np.random.default_rng(0),
    )
    for z in (30.0, 52.0, 75.0):
        place = place_in_scan(nodes, np.array([z, 56.0, 52.0]))
        assert place is not None
        assert place[2] - 52 == pytest.approx(
            12 * np.sin(2 * np.pi * (place[0] - 52) / 300), abs=1.0
        )


def test_slices_average_over_their_thickness_and_go_back_to_the_same_place() -> None:
    slices, back = slice_operators(60, 5.0, 5.0)
    assert slices.shape == (12, 60) and back.shape == (60, 12)
    ramp = np.arange(60, dtype=np.float32)
    returned = back @ (slices @ ramp)
    assert np.allclose(returned[3:-3], ramp[3:-3], atol=1e-4)
    peak = np.zeros(60, dtype=np.float32)
    peak[31] = 1000
    assert (slices @ peak).max() == pytest.approx(200)


def test_noise_has_the_requested_strength_and_padding_its_value() -> None:
    rng = np.random.default_rng(0)
    hu = np.zeros((8, 90, 90), dtype=np.float32)
    scan = acquired(hu, Protocol(noise_hu=20.0, padding_hu=-2000), rng)
    assert (scan[:, 0, 0] == -2000).all()
    assert 14 < scan[:, 30:60, 30:60].std() < 26


def test_negative_shading_is_cupping() -> None:
    hu = np.zeros((4, 41, 61), dtype=np.float32)
    protocol = Protocol(noise_hu=0.0, shading_hu=-40.0)
    scan = acquired(hu, protocol, np.random.default_rng(0))
    assert (scan[:, 20, 30] == -40).all()
    assert (scan[:, ::40, ::60] == 0).all()


def test_cement_and_metal_sets_contain_what_their_names_say(source: LabelSource) -> None:
    def brightest(kind: Kind) -> int:
        seeds = (np.random.default_rng(seed) for seed in range(2))
        return max(
            int(synthetic_scan(source, rng, kind=kind, size_zyx=SIZE).hu.max()) for rng in seeds
        )

    assert brightest(Kind.METAL) > 1900
    assert ranges_for(Kind.CEMENT, SynthesisRanges()).foreign.cement_probability == 1.0
    healthy = ranges_for(Kind.HEALTHY, SynthesisRanges())
    assert (
        healthy.foreign.metal_probability
        == healthy.foreign.cement_probability
        == healthy.shape.fracture_probability
        == 0.0
    )


def test_endplates_of_a_synthetic_scan_are_brighter_than_its_discs(source: LabelSource) -> None:
    contrasts = []
    for seed in range(8):
        scan = synthetic_scan(source, np.random.default_rng(seed), size_zyx=SIZE)
        hu, label = scan.hu.transpose(2, 0, 1), scan.mask.transpose(2, 0, 1)
        case = Case("case", hu, label, np.argwhere(label == 1).astype(np.int32))
        contrasts.append(endplate_contrast_hu(tissue_samples(case, np.random.default_rng(0))))
    known = [contrast for contrast in contrasts if contrast is not None]
    assert len(known) >= 7
    assert sum(contrast > 125 for contrast in known) >= 6


def test_discs_fill_the_gap_between_bodies(anatomy: Anatomy) -> None:
    upper, lower = (next(level for level in anatomy.levels if level.number == n) for n in (21, 22))
    middle = [round((a + b) / 2) for a, b in zip(upper.centre_zyx, lower.centre_zyx, strict=True)]
    assert anatomy.soft[middle[0], middle[1], middle[2]] == Tissue.DISC


def test_an_anatomy_is_saved_and_restored(anatomy: Anatomy, tmp_path: Path) -> None:
    anatomy.save(tmp_path / "kept")
    again = Anatomy.load(tmp_path / "kept")
    assert again.levels == anatomy.levels
    assert np.array_equal(again.spine_depth, anatomy.spine_depth)


def _blocks(
    spacing: tuple[float, float, float], numbers: dict[int, int], shift: int = 0
) -> LabelVolume:
    """Return bodies of 30 x 24 x 36 mm, stacked in a block of muscle."""
    shape = tuple(round(n / s) for n, s in zip((150, 90, 90), spacing, strict=True))
    labels = np.full(shape, 86, dtype=np.uint8)
    for row, value in enumerate(numbers):
        low = 12 + 38 * row, 40 + shift, 27 + shift
        box = tuple(
            slice(round(a / s), round((a + n) / s))
            for a, n, s in zip(low, (30, 24, 36), spacing, strict=True)
        )
        labels[box] = value
    return LabelVolume(labels, spacing, numbers, "blocks")


def test_a_label_map_of_any_spacing_becomes_1_mm_anatomy_of_the_same_volume() -> None:
    made = anatomy_of(_blocks((3.0, 1.5, 1.5), {29: 22, 30: 21}))
    assert made.soft.shape == (150, 90, 90)
    assert [level.number for level in made.levels] == [21, 22]
    assert int((made.spine_depth > 0).sum()) == pytest.approx(2 * 30 * 24 * 36, rel=0.06)
    assert made.levels[1].centre_zyx == pytest.approx((26.5, 51.5, 44.5), abs=2.0)


def test_a_graft_brings_its_vertebrae_and_shifts_the_torso_to_them() -> None:
    torso_map = _blocks((1.5, 1.5, 1.5), {29: 22, 30: 21, 31: 20})
    graft = _blocks((2.0, 2.0, 2.0), {22: 22, 21: 21})
    made = anatomy_of(torso_map, graft)
    assert [level.number for level in made.levels] == [20, 21, 22]
    assert made.name == "blocks+blocks"


def test_vertebra_names_become_verse_numbers() -> None:
    found = verse_numbers({"C1": 50, "T12": 32, "T13": 33, "L5": 27, "S1": 26})
    assert found == {50: 1, 32: 19, 33: 28, 27: 24}
    assert TOTALSEGMENTATOR_VERTEBRAE[27] == 24 and TOTALSEGMENTATOR_VERTEBRAE[50] == 1


def test_a_pool_is_written_completely_and_is_reproducible(
    source: LabelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "spineviewer.training.synthetic.synthesis.random_size", lambda _: (64, 80, 72)
    )
    (first,) = write_pool([source], tmp_path / "a", 1, seed=7)
    (second,) = write_pool([source], tmp_path / "b", 1, seed=7)
    assert first.name == "synthetic-mixed-000007.npz" and not list(first.parent.glob("*.part"))
    with np.load(first) as one, np.load(second) as two:
        assert np.array_equal(one["hu"], two["hu"]) and np.array_equal(one["mask"], two["mask"])


def test_the_command_reports_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPINEVIEWER_DATA", raising=False)
    with pytest.raises(UsageError, match="--data"):
        main(["--out", str(tmp_path)])
    with pytest.raises(ImageReadError, match="labelmaps"):
        main(["--out", str(tmp_path), "--data", str(tmp_path)])
    with pytest.raises(UsageError, match="Use 1 or more"):
        main(["--out", str(tmp_path), "--data", str(tmp_path), "--count", "0"])


def test_ranges_are_ordered() -> None:
    def pairs(values: dict[str, object]) -> list[tuple[str, object]]:
        return [
            p for k, v in values.items() for p in (pairs(v) if isinstance(v, dict) else [(k, v)])
        ]

    listed = pairs(asdict(SynthesisRanges()))
    assert len(listed) > 50
    for name, value in listed:
        if isinstance(value, tuple) and name != "padding_hu":
            assert value[0] < value[1], name


def test_thick_slices_are_smooth_across_their_thickness(source: LabelSource) -> None:
    ranges = SynthesisRanges()
    scanner = replace(
        ranges.scanner,
        slice_mm=(4.9, 5.0),
        thin_probability=0.0,
        sagittal_probability=0.0,
        increment_ratio=(0.99, 1.0),
    )
    thick = replace(ranges, scanner=scanner)
    scan: SyntheticScan = synthetic_scan(
        source, np.random.default_rng(2), thick, kind=Kind.HEALTHY, size_zyx=SIZE
    )
    across = np.abs(np.diff(scan.hu.astype(float), axis=0)).mean()
    within = np.abs(np.diff(scan.hu.astype(float), axis=1)).mean()
    assert across < 0.7 * within


def test_an_unknown_label_map_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nobody\. Available: .*ts-s0328\+verse009"):
        prepared_sources(tmp_path, tmp_path, JobProgress(), ["ts-s0327", "nobody"])


def test_prepared_sources_need_label_maps(tmp_path: Path) -> None:
    class Silent:
        def step(self, stage: str, fraction: float) -> None: ...

    with pytest.raises(ImageReadError):
        prepared_sources(tmp_path, tmp_path / "prepared", Silent())


def test_cases_to_evaluate_hold_the_scan_the_numbered_mask_and_all_bones(
    source: LabelSource, tmp_path: Path
) -> None:
    (case,) = write_cases([source], tmp_path, 1, seed=3, kind=Kind.HEALTHY)
    assert case.name == "healthy-000003"
    rng = np.random.default_rng(3)
    same = synthetic_scan(draw_source([source], rng), rng, kind=Kind.HEALTHY)
    mask, geometry, _ = read_labels(case / "mask.nii.gz")
    bones, _, _ = read_labels(case / "bones.nii.gz")
    assert geometry.spacing_zyx_mm == (1.0, 1.0, 1.0)
    assert np.array_equal(mask > 0, same.mask > 0)
    assert np.array_equal(mask[mask > 0], bones[mask > 0])
    assert set(np.unique(mask)) <= {0, *range(1, 29)}
    assert np.array_equal(bones, same.bones)
    assert np.array_equal(read_scan(case / "ct.nii.gz", progress=JobProgress()).hu, same.hu)
