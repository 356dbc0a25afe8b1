"""Places where given weights make errors are found, cached and sampled."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from spineviewer.model import PreprocessSettings
from spineviewer.networks.segmentation_net import SegmentationNet, SegmentationNetConfig
from spineviewer.training.fit.augment import AugmentSettings, segmentation_block
from spineviewer.training.fit.cases import IGNORED, Case
from spineviewer.training.fit.mistakes import MARGIN_MM, SURFACE_MM, mistakes_of, with_mistakes


@pytest.fixture
def marks_everything() -> SegmentationNet:
    net = SegmentationNet(SegmentationNetConfig(width=2)).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
        net.head.bias.fill_(1.0)
    return net


@pytest.fixture
def case() -> Case:
    label = np.zeros((40, 90, 80), np.uint8)
    label[14:26, 40:60, 30:50] = 1
    label[14:26, 60:90, 30:50] = IGNORED
    hu = np.where(label == 1, 400, 0).astype(np.int16)
    return Case("one", hu, label, np.argwhere(label == 1).astype(np.int32))


def test_false_positives_near_the_spine_are_found_except_at_its_surface_and_in_ignored_voxels(
    case: Case, marks_everything: SegmentationNet
) -> None:
    places = mistakes_of(case, marks_everything, PreprocessSettings())
    assert len(places) == 4000
    assert (case.label[tuple(places.T)] == 0).all()
    assert places[:, 1].min() >= 40 - MARGIN_MM
    away = np.max([14 - places[:, 0], places[:, 0] - 25, 40 - places[:, 1], 30 - places[:, 2],
                   places[:, 2] - 49], axis=0)  # fmt: skip
    beside = places[:, 1] < 60
    assert away[beside].min() > SURFACE_MM / np.sqrt(3)


def test_missed_bone_is_found_and_kept_for_the_next_run(
    case: Case, marks_everything: SegmentationNet, tmp_path: Path
) -> None:
    with torch.no_grad():
        marks_everything.head.bias.fill_(-1.0)
    file = tmp_path / "one" / "mistakes.npy"
    found = with_mistakes(case, marks_everything, PreprocessSettings(), file)
    assert (case.label[tuple(found.mistakes.T)] == 1).all() and len(found.mistakes) > 500
    with torch.no_grad():
        marks_everything.head.bias.fill_(1.0)
    again = with_mistakes(case, marks_everything, PreprocessSettings(), file)
    assert np.array_equal(again.mistakes, found.mistakes)


def test_a_case_without_spine_has_no_mistakes(
    case: Case, marks_everything: SegmentationNet
) -> None:
    empty = replace(case, spine=np.empty((0, 3), np.int32))
    assert mistakes_of(empty, marks_everything, PreprocessSettings()).shape == (0, 3)


def test_blocks_are_taken_at_mistakes(case: Case) -> None:
    far = replace(case, mistakes=np.array([[38, 5, 75]], np.int32))
    settings = AugmentSettings(0, 0, 0, 0, 0, off_spine_fraction=0.0, mistake_fraction=1.0)
    size = (8, 24, 24)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        assert not segmentation_block(far, size, settings, PreprocessSettings(), rng).target.any()
        rng = np.random.default_rng(seed)
        assert segmentation_block(case, size, settings, PreprocessSettings(), rng).target.any()
