"""Both networks on whole scans: backends agree, tiles do not matter, a stop is quick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from spineviewer.errors import Cancelled, InferenceError, ModelError, UsageError
from spineviewer.inference import device
from spineviewer.inference.backends import openvino_backend as openvino_backend_module
from spineviewer.inference.backends import segmentation_graph
from spineviewer.inference.backends.backend import (
    BackendIdentity,
    BackendOutOfMemory,
    KeepGoing,
    SweepStep,
)
from spineviewer.inference.backends.openvino_backend import OpenVinoBackend, supports_bf16
from spineviewer.inference.backends.openvino_layers import Weights
from spineviewer.inference.backends.segmentation_graph import (
    Float32,
    PreparedNetwork,
    kernel_steps,
    whole_steps,
    with_equal_ranges,
)
from spineviewer.inference.backends.torch_backend import TorchBackend
from spineviewer.inference.localise import localise
from spineviewer.inference.ranges import activation_ranges, best_limit
from spineviewer.inference.segment import empty_probability, segment, slice_interest
from spineviewer.model import ModelConfiguration, PreprocessSettings, load_configuration
from spineviewer.networks.weights import load_attention_net, load_segmentation_net
from spineviewer.preprocess import WorkingVolume, scaled
from spineviewer.progress import JobProgress
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import PROBABILITY_SCALE, AttentionMap, ProbabilityMap

SETTINGS = PreprocessSettings()


@pytest.fixture(scope="module")
def configuration(tiny_models: Path) -> ModelConfiguration:
    return load_configuration(tiny_models)


@pytest.fixture(scope="module")
def openvino_backend(configuration: ModelConfiguration) -> OpenVinoBackend:
    return OpenVinoBackend(configuration)


@pytest.fixture(scope="module")
def torch_backend(configuration: ModelConfiguration) -> TorchBackend:
    return TorchBackend(configuration)


@pytest.fixture(params=["openvino", "torch"])
def backend(request: pytest.FixtureRequest) -> OpenVinoBackend | TorchBackend:
    found: OpenVinoBackend | TorchBackend = request.getfixturevalue(f"{request.param}_backend")
    return found


def working_volume(shape_zyx: tuple[int, int, int], seed: int = 0) -> WorkingVolume:
    random = np.random.default_rng(seed)
    grid = Geometry(shape_zyx, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    return WorkingVolume(random.integers(-400, 1400, shape_zyx, dtype=np.int16), grid, grid)


class Limited:
    """A backend with less memory, which counts its calls."""

    def __init__(
        self,
        inner: OpenVinoBackend | TorchBackend,
        max_voxels: int,
        *,
        fails_above: int | None = None,
        forgets: bool = False,
    ) -> None:
        self._inner = inner
        self.identity: BackendIdentity = inner.identity
        self.slices_at_once = inner.slices_at_once
        self.ready_size = None
        self.is_concurrent = inner.is_concurrent
        self.compile_seconds = 0.0
        self.bytes_per_voxel = 1
        self.memory_bytes = max_voxels
        self.shapes: list[tuple[int, ...]] = []
        self.sizes: list[int] = []
        self._forgets = forgets
        self._fails_above = fails_above

    def attention_logits(
        self, slices: NDArray[np.float32], keep_going: KeepGoing
    ) -> NDArray[np.float32]:
        return self._inner.attention_logits(slices, keep_going)

    def segmentation_logits(
        self, step: SweepStep, keep_going: KeepGoing
    ) -> tuple[NDArray[np.float32], Any]:
        size = len(step.valid_slices) * step.slices[0].size
        self.sizes.append(size)
        self.shapes.append(step.slices.shape)
        if self._fails_above is not None and size > self._fails_above:
            raise BackendOutOfMemory("pretended")
        if self._forgets:
            step = replace(step, carried=None)
        return self._inner.segmentation_logits(step, keep_going)


def run(
    working: WorkingVolume,
    backend: OpenVinoBackend | TorchBackend | Limited,
    *,
    wanted: NDArray[np.bool_] | None = None,
    known: ProbabilityMap | None = None,
    interest: NDArray[np.float64] | None = None,
    on_chunk: Callable[[ProbabilityMap], None] = lambda _: None,
    progress: JobProgress | None = None,
) -> ProbabilityMap:
    slices = working.geometry.shape_zyx[2]
    return segment(
        working,
        backend,
        known=known or empty_probability(working),
        wanted=np.ones(slices, np.bool_) if wanted is None else wanted,
        interest=np.ones(slices) if interest is None else interest,
        settings=SETTINGS,
        progress=progress or JobProgress(),
        on_chunk=on_chunk,
    )


def test_openvino_and_torch_return_the_same_logits(
    openvino_backend: OpenVinoBackend, torch_backend: TorchBackend
) -> None:
    random = np.random.default_rng(3)
    steps = [
        SweepStep(
            random.random((14, 48, 64), dtype=np.float32),
            np.ones(6, np.float32),
            np.ones(8, np.float32),
        )
        for _ in range(2)
    ]
    answers = []
    for backend in (openvino_backend, torch_backend):
        first, carried = backend.segmentation_logits(steps[0], lambda: None)
        second, _ = backend.segmentation_logits(replace(steps[1], carried=carried), lambda: None)
        answers.append(np.stack([first, second]))
    assert answers[0].shape == (2, 8, 48, 64)
    assert np.ptp(answers[1]) > 1
    assert np.abs(answers[0] - answers[1]).max() < 1e-3
    slices = random.random((2, 64, 48), dtype=np.float32)
    one, other = (
        b.attention_logits(slices, lambda: None) for b in (openvino_backend, torch_backend)
    )
    assert one.shape == (2, 4, 3) and np.ptp(other) > 0.1
    assert np.abs(one - other).max() < 1e-3


def test_the_attention_map_equals_the_networks_output_for_the_slice_in_280_pixels_of_air(
    backend: OpenVinoBackend | TorchBackend, configuration: ModelConfiguration
) -> None:
    working = working_volume((70, 50, 21))
    cells = localise(working, backend, settings=SETTINGS, progress=JobProgress()).cells
    assert cells.shape == (5, 4, 3)
    net = load_attention_net(configuration)
    for cell, index in enumerate((4, 12, 20)):
        in_air = np.zeros((1, 1, 80 + 560, 64 + 560), np.float32)
        in_air[0, 0, 280:350, 280:330] = scaled(working.hu[:, :, index], SETTINGS)
        with torch.inference_mode():
            expected = torch.sigmoid(net(torch.from_numpy(in_air)))[0, 0].numpy()
        assert np.abs(cells[:, :, cell] - expected).max() < 1e-5


def test_the_probability_equals_the_networks_output_for_the_whole_scan(
    backend: OpenVinoBackend | TorchBackend, configuration: ModelConfiguration
) -> None:
    working = working_volume((50, 37, 15))
    whole = np.zeros((1, 1, 16, 64, 48), np.float32)
    whole[0, 0, :15, :50, :37] = scaled(working.hu, SETTINGS).transpose(2, 0, 1)
    with torch.inference_mode():
        logits = load_segmentation_net(configuration)(torch.from_numpy(whole))
    expected = torch.sigmoid(logits)[0, 0, :15, :50, :37].numpy().transpose(1, 2, 0)
    found = run(working, backend)
    assert found.is_computed.all()
    assert np.abs(found.values / 65535 - expected).max() < 2e-5
    assert np.ptp(found.values) > 20000


@pytest.mark.parametrize(
    ("name", "max_voxels"),
    [
        ("openvino", 4 * 368 * 48),
        ("openvino", 10 * 368 * 48),
        ("openvino", 4 * 300 * 48),
        ("torch", 8 * 300 * 48),
    ],
)
def test_the_result_does_not_depend_on_the_size_of_chunks_and_tiles(
    name: str, max_voxels: int, request: pytest.FixtureRequest
) -> None:
    backend = request.getfixturevalue(f"{name}_backend")
    working = working_volume((360, 41, 21))
    whole = run(working, backend)
    cut = Limited(backend, max_voxels)
    found = run(working, cut)
    assert len(cut.sizes) > 2 and max(cut.sizes) <= max_voxels
    assert np.abs(found.values.astype(np.int32) - whole.values).max() <= 1  # steps of 1.5e-5


def test_a_sweep_that_ignores_the_previous_chunk_would_be_detected(
    openvino_backend: OpenVinoBackend,
) -> None:
    working = working_volume((64, 64, 40))
    whole = run(working, openvino_backend)
    cut = run(working, Limited(openvino_backend, 8 * 64 * 64, forgets=True))
    assert np.abs(cut.values.astype(np.int32) - whole.values).max() > 100


def test_a_smaller_reach_in_the_plane_would_be_detected(
    openvino_backend: OpenVinoBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = working_volume((360, 41, 9))
    whole = run(working, openvino_backend)
    monkeypatch.setattr("spineviewer.inference.grid.PLANE_HALO", 48)
    cut = Limited(openvino_backend, 4 * 240 * 48)
    found = run(working, cut)
    assert max(shape[1] for shape in cut.shapes) < 368
    assert np.abs(found.values.astype(np.int32) - whole.values).max() > 3


def test_only_wanted_slices_are_computed_and_others_can_follow(
    openvino_backend: OpenVinoBackend,
) -> None:
    working = working_volume((48, 48, 60))
    whole = run(working, openvino_backend)
    wanted = np.zeros(60, np.bool_)
    wanted[20:31] = True
    part = run(working, openvino_backend, wanted=wanted)
    assert np.array_equal(part.is_computed, wanted)
    assert not part.values[:, :, ~wanted].any()
    first = part.values[:, :, wanted].copy()
    assert np.abs(first.astype(np.int32) - whole.values[:, :, wanted]).max() <= 1
    rest = run(working, openvino_backend, known=part)
    assert rest.is_computed.all()
    assert np.array_equal(rest.values[:, :, wanted], first)
    assert np.abs(rest.values.astype(np.int32) - whole.values).max() <= 1


def test_interesting_slices_come_first_and_the_picture_fills_in(
    openvino_backend: OpenVinoBackend,
) -> None:
    working = working_volume((48, 48, 60))
    interest = np.zeros(60)
    interest[40:48] = 1.0
    seen: list[ProbabilityMap] = []
    run(working, Limited(openvino_backend, 12 * 48 * 48), interest=interest, on_chunk=seen.append)
    assert len(seen) > 4
    first = next(m for m in seen if m.is_computed[40:48].all())
    assert np.flatnonzero(first.is_computed).tolist() == list(range(40, 48))
    assert [int(m.is_computed.sum()) for m in seen] == sorted(
        {int(m.is_computed.sum()) for m in seen}
    )


def test_the_interest_follows_the_attention() -> None:
    grid = Geometry((32, 32, 40), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    cells = np.zeros((2, 2, 5), np.float32)
    cells[:, :, 3] = 0.5
    interest = slice_interest(AttentionMap(cells, grid), 40)
    assert interest.shape == (40,)
    assert 24 <= interest.argmax() <= 31


def test_too_little_memory_leads_to_smaller_blocks_and_then_to_a_clear_error(
    openvino_backend: OpenVinoBackend,
) -> None:
    working = working_volume((48, 48, 40))
    whole = run(working, openvino_backend)
    pretended = Limited(openvino_backend, 10**6, fails_above=10 * 48 * 48)
    found = run(working, pretended)
    assert pretended.sizes[0] > 10 * 48 * 48 >= pretended.sizes[-1]
    assert np.abs(found.values.astype(np.int32) - whole.values).max() <= 1
    with pytest.raises(InferenceError, match="48 x 48 mm"):
        run(working, Limited(openvino_backend, 10**6, fails_above=100))


def test_a_cancellation_takes_effect_in_the_middle_of_a_chunk(
    backend: OpenVinoBackend | TorchBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino_backend_module, "_TICK_MS", 1)
    finished: list[tuple[int, ...]] = []
    progress = JobProgress()

    class StoppedInside(Limited):
        def segmentation_logits(
            self, step: SweepStep, keep_going: KeepGoing
        ) -> tuple[NDArray[np.float32], Any]:
            progress.cancel()
            found = super().segmentation_logits(step, keep_going)
            finished.append(step.slices.shape)
            return found

    with pytest.raises(Cancelled):
        run(working_volume((160, 160, 200)), StoppedInside(backend, 10**9), progress=progress)
    assert not finished


def test_the_device_is_reported_and_never_replaced_silently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device, "_torch_gpus", lambda: ())
    chosen = device.choose_device("auto")
    assert chosen.device == "cpu" and "CPU" in chosen.message
    with pytest.raises(InferenceError, match="cuda"):
        device.choose_device("cuda")
    with pytest.raises(UsageError, match="abacus"):
        device.choose_device("abacus")
    monkeypatch.setattr(device, "_torch_gpus", lambda: ("mps", "cuda"))
    assert device.choose_device("auto").device == "cuda"
    assert device.choose_device("mps").device == "mps"
    monkeypatch.setattr(device, "_torch_gpus", lambda: ("mps",))
    assert device.choose_device("auto").device == "mps"


def test_the_fast_precision_is_used_only_if_model_and_processor_allow_it(
    configuration: ModelConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = replace(configuration, cpu_precision="bf16")
    chosen = device.DeviceChoice("cpu", "openvino", "f32", "")
    for is_there, model, expected in (
        (True, allowed, "bf16"),
        (False, allowed, "f32"),
        (True, configuration, "f32"),
    ):
        monkeypatch.setattr(
            openvino_backend_module, "supports_bf16", lambda is_there=is_there: is_there
        )
        assert device.load_backend(chosen, model).identity.precision == expected


def test_damaged_or_wrong_weights_are_a_model_error(
    configuration: ModelConfiguration, tmp_path: Path
) -> None:
    for weights in (configuration.attention, configuration.segmentation):
        (tmp_path / weights.file).write_bytes((configuration.folder / weights.file).read_bytes())
    copy = replace(configuration, folder=tmp_path)
    with pytest.raises(ModelError):
        OpenVinoBackend(replace(copy, segmentation=configuration.attention))
    content = bytearray((tmp_path / configuration.segmentation.file).read_bytes())
    content[-1] ^= 1
    (tmp_path / configuration.segmentation.file).write_bytes(content)
    for kind in (OpenVinoBackend, TorchBackend):
        with pytest.raises(ModelError, match="damaged or was replaced"):
            kind(copy)


def test_openvino_is_imported_without_its_telemetry() -> None:
    import subprocess
    import sys

    code = (
        "import sys; import spineviewer.inference.backends.quiet_openvino; "
        "print(sys.modules['openvino_telemetry'])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_without_ci()
    )
    assert found.stdout.strip() == "None"


def _without_ci() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if name != "CI"}


@pytest.fixture(scope="module")
def rounded(configuration: ModelConfiguration) -> ModelConfiguration:
    """The tiny model, with int8 enabled."""
    scans = [working_volume((48, 64, 20)), working_volume((32, 48, 24), seed=1)]
    ranges = activation_ranges(scans, configuration, settings=SETTINGS, progress=JobProgress())
    return replace(configuration, cpu_precision="int8", eight_bit_ranges=ranges)


def test_ranges_come_from_the_outputs_of_the_networks_layers(rounded: ModelConfiguration) -> None:
    net = load_segmentation_net(rounded).eval()
    reached: dict[str, NDArray[np.float32]] = {}

    def keep(name: str, out: torch.Tensor) -> None:
        highest = out[0].flatten(1).max(dim=1).values.clamp(min=0).numpy()
        reached[name] = np.maximum(reached.get(name, 0), highest)

    for name in rounded.eight_bit_ranges:
        net.get_submodule(name).register_forward_hook(lambda _, __, out, name=name: keep(name, out))
    for scan in (working_volume((48, 64, 20)), working_volume((32, 48, 24), seed=1)):
        values = scaled(scan.hu, SETTINGS).transpose(2, 0, 1)
        with torch.inference_mode():
            net(torch.from_numpy(np.ascontiguousarray(values))[None, None])
    assert set(rounded.eight_bit_ranges) == {
        *(f"down.{level}.convolutions.{number}" for level in range(4) for number in range(2)),
        "down.4.convolutions.0",
        *(f"up.{level}.convolutions.0" for level in range(4)),
    }
    for name, cuts in rounded.eight_bit_ranges.items():
        highest = reached[name] if name.startswith("up.") else reached[name].max(keepdims=True)
        assert len(cuts) == len(highest)
        assert (
            np.array(cuts) <= 1.001 * highest
        ).all()  # only some slices were sampled, and outliers are clipped
        assert max(cuts) > 0.3 * highest.max()


def test_a_range_ends_where_rounding_and_clipping_cost_least() -> None:
    even = np.linspace(0, 10, 2000, dtype=np.float32)
    assert best_limit(even) == pytest.approx(10, rel=0.06)
    outlier = np.append(even, np.float32(30))
    by_hand = min(np.geomspace(3, 30, 400), key=lambda cut: _lost_by_hand(outlier, cut))
    assert best_limit(outlier) == pytest.approx(by_hand, rel=0.06)
    assert best_limit(np.zeros(4, np.float32)) == 0


def _lost_by_hand(values: NDArray[np.float32], cut: float) -> float:
    steps = np.linspace(0, cut, 256)
    nearest = steps[np.abs(np.minimum(values, cut)[:, None] - steps).argmin(axis=1)]
    return float(((values - nearest) ** 2).sum())


def test_rounded_kernels_keep_their_sums_and_never_overflow() -> None:
    kernel = np.random.default_rng(2).normal(size=(8, 6, 1, 3, 3)).astype(np.float32)
    kernel[0, 1] = kernel[0, 0]  # neighbours that add up
    step = kernel_steps(kernel)
    whole = whole_steps(kernel, step)
    assert np.array_equal(whole, np.round(whole)) and np.abs(whole).max() <= 127
    assert np.abs(whole * step - kernel).max() <= 1.5 * step.max()
    sums = (whole * step - kernel).sum(axis=(2, 3, 4))
    assert (np.abs(sums) <= 0.51 * step[:, :, 0, 0, 0]).all()
    pairs = whole[:, ::2] + whole[:, 1::2]
    assert (255 * np.abs(pairs)).max() <= 32767


def test_kernels_are_prepared_once_for_all_slice_sizes(
    rounded: ModelConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = OpenVinoBackend(rounded, precision="int8")

    def again(*_: object) -> NoReturn:
        raise AssertionError("a kernel is prepared again")

    for name in ("whole_steps", "merged_kernel"):
        monkeypatch.setattr(segmentation_graph, name, again)
    for size in ((4, 32, 48), (4, 48, 64)):
        backend.make_ready(size)
        assert backend.ready_size == size


def test_evened_maps_give_the_same_output(
    configuration: ModelConfiguration, openvino_backend: OpenVinoBackend
) -> None:
    width = configuration.segmentation.width
    random = np.random.default_rng(4)
    cuts = {
        f"up.{level}.convolutions.0": tuple(random.uniform(0.1, 9, width * 2**level))
        for level in range(4)
    }

    class Evened(Float32):
        def weights(self, weights: Weights) -> Weights:
            return with_equal_ranges(weights, cuts)

    backend = OpenVinoBackend(configuration)
    backend._segmentation = PreparedNetwork(backend._segmentation.weights, Evened())
    working = working_volume((48, 32, 14))
    assert (
        np.abs(
            run(working, backend).values.astype(np.int32) - run(working, openvino_backend).values
        ).max()
        <= 1
    )


def test_eight_bits_stay_close_to_float32_for_all_chunks(
    openvino_backend: OpenVinoBackend, rounded: ModelConfiguration
) -> None:
    working = working_volume((48, 64, 20), seed=3)
    exact = run(working, openvino_backend).values.astype(np.int32)
    backend = OpenVinoBackend(rounded, precision="int8")
    assert backend.identity.precision == ("int8+bf16" if supports_bf16() else "int8")
    found = run(working, backend).values.astype(np.int32)
    assert np.abs(found - exact).mean() < 0.01 * PROBABILITY_SCALE
    half = PROBABILITY_SCALE // 2
    assert np.mean((found > half) != (exact > half)) < 0.015
    smaller = run(working, Limited(backend, 48 * 64 * 6)).values.astype(np.int32)
    assert np.abs(found - smaller).max() <= 1


def test_eight_bits_are_used_if_the_model_allows_them_and_its_ranges_are_known(
    configuration: ModelConfiguration, rounded: ModelConfiguration
) -> None:
    backend = device.load_backend(device.choose_device("cpu"), rounded)
    assert backend.identity.precision == ("int8+bf16" if supports_bf16() else "int8")
    assert "int8" in device.precision_note(backend, rounded)
    assert (
        device.load_backend(device.choose_device("cpu"), configuration).identity.precision == "f32"
    )
    with pytest.raises(ModelError, match="ranges"):
        replace(configuration, cpu_precision="int8")
    incomplete = {
        name: cuts
        for name, cuts in rounded.eight_bit_ranges.items()
        if name != "up.2.convolutions.0"
    }
    with pytest.raises(ModelError, match=r"up\.2"):
        OpenVinoBackend(replace(rounded, eight_bit_ranges=incomplete), precision="int8")
