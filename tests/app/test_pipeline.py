"""The pipeline from scan to mask, in this process."""

from __future__ import annotations

import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spineviewer.app.mask_facts import CUT_BY_SCAN
from spineviewer.app.pipeline import NO_SPINE, SegmentationResult, Segmenter, fuse
from spineviewer.app.run_record import RunRecord
from spineviewer.errors import Cancelled, InferenceError, ModelError
from spineviewer.fusion import ExtendedAttention, attention_shape
from spineviewer.inference import device
from spineviewer.inference.backends.torch_backend import TorchBackend
from spineviewer.model import load_configuration
from spineviewer.progress import JobProgress
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import AttentionMap, CtVolume, ProbabilityMap
from spineviewer.volume.working_grid import working_geometry

pytestmark = pytest.mark.usefixtures("with_tiny_models")


class Recorder:
    def __init__(self) -> None:
        self.stages: list[str] = []
        self.fractions: list[float] = []

    def step(self, stage: str, fraction: float) -> None:
        if not self.stages or self.stages[-1] != stage:
            self.stages.append(stage)
            self.fractions.append(0.0)
        assert self.fractions[-1] - 1e-9 <= fraction <= 1
        self.fractions[-1] = fraction


def test_a_scan_is_segmented_on_its_own_grid_and_the_report_states_how(
    small_scan: CtVolume, tiny_models: Path
) -> None:
    progress = Recorder()
    attention: list[AttentionMap] = []
    chunks: list[ProbabilityMap] = []
    result = Segmenter().segment(
        small_scan, progress=progress, on_attention=attention.append, on_chunk=chunks.append
    )
    fused = fuse(result, Tuning(0.3, 4.0), progress)
    mask = fused.mask.mask
    assert mask.geometry == small_scan.geometry
    assert mask.voxels.any() and not mask.voxels.all()
    assert progress.stages == ["diffusion", "resample", "attention", "segmentation", "fusion"]
    assert attention[0] is result.attention and chunks[-1].is_computed.all()
    run_record = fused.run_record
    assert set(run_record.seconds) == {
        "diffusion",
        "resample",
        "load",
        "compile",
        "attention",
        "segmentation",
        "fusion",
    }
    assert (run_record.device, run_record.precision) == ("cpu", "f32")
    assert run_record.weights_hash == load_configuration(tiny_models).weights_hash
    assert run_record.peak_memory_bytes > 50e6
    stages = ["diffusion", "resample", "attention", "segmentation", "fusion"]
    assert list(run_record.peak_by_stage) == stages
    assert sorted(run_record.peak_by_stage.values()) == list(run_record.peak_by_stage.values())
    assert CUT_BY_SCAN in run_record.warnings and NO_SPINE not in run_record.warnings


def with_island(scan: CtVolume) -> tuple[AttentionMap, ProbabilityMap]:
    """Both networks' outputs: a column, and 4 x 4 x 4 working voxels 150 mm beside it."""
    working = working_geometry(scan.geometry)
    values = np.zeros(working.shape_zyx, np.uint16)
    values[:, 30:50, 20:40] = values[10:14, 30:34, 180:184] = 60000
    cells = np.full(attention_shape(scan.geometry), 0.5, np.float32)
    done = np.ones(working.shape_zyx[2], np.bool_)
    return AttentionMap(cells, scan.geometry), ProbabilityMap(values, done, working, scan.geometry)


def test_an_island_is_left_out_with_a_warning_and_kept_in_the_plain_fusion(
    small_scan: CtVolume,
) -> None:
    geometry = replace(small_scan.geometry, shape_zyx=(60, 80, 200), spacing_zyx_mm=(1.0, 1.0, 1.0))
    scan = replace(small_scan, hu=np.zeros((60, 80, 200), np.int16), geometry=geometry)
    result = SegmentationResult(
        *with_island(scan), RunRecord("cpu", "torch", "f32", "", "abc", "1")
    )
    clean = fuse(result, Tuning(0.1, 4.0, 0.5, leaves_out_islands=True))
    plain = fuse(result, Tuning(0.1, 4.0, 0.5))
    assert plain.mask.mask.voxel_count - clean.mask.mask.voxel_count == 64
    assert clean.mask.left_out_ml == pytest.approx(0.064) and plain.mask.left_out_ml == 0
    assert [w for w in clean.run_record.warnings if "1 piece (0.1 ml) far from the spine" in w]
    assert not [w for w in plain.run_record.warnings if "far from the spine" in w]


def test_skipping_what_the_mask_cannot_contain_does_not_change_the_mask(
    small_scan: CtVolume,
) -> None:
    segmenter = Segmenter()
    everything = segmenter.segment(small_scan)
    highest = ExtendedAttention(everything.attention).volume(4.0).max(axis=(0, 1))
    tuning = Tuning(float(np.median(highest)), 4.0)
    part = segmenter.segment(small_scan, needed_for=tuning)
    assert 0 < part.probability.is_computed.sum() < everything.probability.is_computed.sum()
    full_mask = fuse(everything, tuning).mask.mask
    part_mask = fuse(part, tuning).mask.mask
    assert full_mask.voxels.any()
    assert np.array_equal(part_mask.voxels, full_mask.voxels)
    rest = segmenter.extend(part)
    assert rest.probability.is_computed.all()
    assert (
        np.abs(rest.probability.values.astype(np.int32) - everything.probability.values).max() <= 1
    )


def test_a_scan_without_a_spine_gives_an_empty_mask_and_a_warning(small_scan: CtVolume) -> None:
    tuning = Tuning(1.0, 4.0)
    result = Segmenter().segment(small_scan, needed_for=tuning)
    fused = fuse(result, tuning)
    assert fused.mask.mask.is_empty
    assert NO_SPINE in fused.run_record.warnings
    assert not result.probability.is_computed.any()


def test_a_cancellation_passes_through(small_scan: CtVolume) -> None:
    progress = JobProgress()
    with pytest.raises(Cancelled):
        Segmenter().segment(small_scan, progress=progress, on_attention=lambda _: progress.cancel())


def test_a_missing_models_folder_is_a_model_error(
    small_scan: CtVolume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINEVIEWER_MODELS", str(tmp_path / "nothing"))
    with pytest.raises(ModelError, match="nothing"):
        Segmenter().segment(small_scan)


def test_weights_for_another_preprocessing_are_rejected(tiny_models: Path, tmp_path: Path) -> None:
    import json

    content = json.loads((tiny_models / "model.json").read_text())
    content["preprocessing"]["median_filter"] = 3
    (tmp_path / "model.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match="preprocessing"):
        Segmenter(configuration=load_configuration(tmp_path))


def test_running_both_networks_at_once_gives_the_same_result(
    small_scan: CtVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on CUDA, but with torch on the CPU: the attention network in a thread of its own."""
    monkeypatch.setattr(
        device, "_choose_cpu", lambda reason: device.DeviceChoice("cpu", "torch", "f32", reason)
    )
    one_by_one = Segmenter()
    at_once = Segmenter()
    monkeypatch.setattr(
        TorchBackend, "is_concurrent", property(lambda self: self is at_once.backend)
    )
    expected = one_by_one.segment(small_scan)
    attention: list[AttentionMap] = []
    chunks: list[ProbabilityMap] = []
    found = at_once.segment(small_scan, on_attention=attention.append, on_chunk=chunks.append)
    assert np.array_equal(found.attention.cells, expected.attention.cells)
    assert attention[0] is found.attention
    assert found.probability.is_computed.all()
    assert (
        np.abs(found.probability.values.astype(np.int32) - expected.probability.values).max() <= 1
    )


def test_a_stop_or_an_error_of_one_network_ends_the_other(
    small_scan: CtVolume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        device, "_choose_cpu", lambda reason: device.DeviceChoice("cpu", "torch", "f32", reason)
    )
    monkeypatch.setattr(TorchBackend, "is_concurrent", True)
    segmenter = Segmenter()

    class StopInSegmentation:
        def step(self, stage: str, fraction: float) -> None:
            if stage == "segmentation":
                raise Cancelled

    with pytest.raises(Cancelled):
        segmenter.segment(small_scan, progress=StopInSegmentation())

    def fails(*_: object) -> None:
        raise InferenceError("no attention")

    monkeypatch.setattr(segmenter.backend, "attention_logits", fails)
    with pytest.raises(InferenceError, match="no attention"):
        segmenter.segment(small_scan)


def test_the_report_explains_the_precision(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = replace(load_configuration(tiny_models), cpu_precision="bf16")
    monkeypatch.setattr(
        "spineviewer.inference.backends.openvino_backend.supports_bf16", lambda: False
    )
    segmenter = Segmenter(configuration=allowed)
    assert segmenter.backend.identity.precision == "f32"
    assert "does not support bf16" in segmenter.message
    assert "precision" not in Segmenter().message


def test_each_slice_size_is_compiled_once(small_scan: CtVolume) -> None:
    segmenter = Segmenter()
    assert "compile" in segmenter.segment(small_scan).run_record.seconds
    again = segmenter.segment(small_scan).run_record.seconds
    assert "compile" not in again and "load" in again and again["load"] == 0


def test_an_expected_scan_does_not_wait_for_compilation(small_scan: CtVolume) -> None:
    segmenter = Segmenter()
    segmenter.expect(small_scan.geometry)
    compiled_s = segmenter.backend.compile_seconds
    assert compiled_s > 0
    expected = segmenter.segment(small_scan)
    assert (
        "compile" not in expected.run_record.seconds
        and segmenter.backend.compile_seconds == compiled_s
    )
    assert np.array_equal(
        expected.probability.values, Segmenter().segment(small_scan).probability.values
    )


def test_a_released_segmenter_keeps_neither_the_networks_nor_the_scan(small_scan: CtVolume) -> None:
    segmenter = Segmenter()
    result = segmenter.segment(small_scan)
    networks = weakref.ref(segmenter.backend)
    segmenter.release()
    assert networks() is None
    assert result.probability.values.any()  # results are kept
