"""The rows of the benchmark table, each with its data, the other method and the target."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from spineviewer.bench import patches
from spineviewer.bench.benchmark import Benchmark, Outcome, Trial
from spineviewer.bench.convolution_limit import convolution_limit, segmentation_work
from spineviewer.bench.itk_diffusion import ItkDiffusion, diffused_as_itk
from spineviewer.bench.read_series import SeriesTrial
from spineviewer.bench.scans import DATA_VARIABLE, BenchScan, phantom, real
from spineviewer.bench.waits import StartTrial, StopTrial
from spineviewer.bench.whole_runs import BatchTrial, CommandTrial, MemoryTrial
from spineviewer.fusion import ExtendedAttention, Fusion, attention_shape
from spineviewer.inference.backends.openvino_backend import OpenVinoBackend
from spineviewer.inference.device import choose_device, load_backend
from spineviewer.inference.grid import seen_slices
from spineviewer.inference.localise import localise
from spineviewer.inference.ranges import activation_ranges
from spineviewer.inference.segment import empty_probability, segment, slice_interest
from spineviewer.io.write.export import write_mask
from spineviewer.model import (
    ModelConfiguration,
    PreprocessSettings,
    WeightsFile,
    load_configuration,
)
from spineviewer.networks.segmentation_net import SegmentationNet, SegmentationNetConfig
from spineviewer.networks.weights import load_attention_net, load_segmentation_net, save_weights
from spineviewer.preprocess import WorkingVolume
from spineviewer.progress import JobProgress
from spineviewer.resources import models_dir
from spineviewer.threads import compute_threads
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.resample import resample_to_working
from spineviewer.volume.volume import AttentionMap, ProbabilityMap, ScanFormat, ScanSource
from spineviewer.volume.working_grid import WORKING_SPACING_MM, working_geometry

QUIET = JobProgress()
#: A torso of 600 slices (z), 512 rows (y) and 512 columns (x) at 0.8 x 0.8 x 1 mm.
LARGE_SCAN = Geometry((600, 512, 512), (1.0, 0.8, 0.8), (0.0, 0.0, 0.0))
#: Largest difference in HU at which two scans count as equal after anisotropic diffusion.
_SAME_HU = 0.05
#: Smallest accepted correlation of two scans that were resampled in the same way, one of them
#: slightly smoothed.
_MIN_CORRELATION = 0.85
#: Working grid (z, y, x) of the comparison with the machine's peak; its contents do not affect the
#: time.
NET_SCAN = (336, 304, 96)


def attention_fp32(scan: BenchScan) -> Benchmark:
    """Return the benchmark of running the attention network once per slice, not on patches."""
    working = scan.working
    rows, columns, slices = working.geometry.shape_zyx
    backend = OpenVinoBackend(_model())
    net = load_attention_net(_model())
    seen = len(seen_slices(slices))
    count = patches.attention_patches((seen, rows, columns), timed=1)
    in_air = np.zeros((720, 720), np.float32)
    return Benchmark(
        name="attention-fp32" + scan.suffix,
        against="160x160 patches padded to 720x720, 50% overlap, PyTorch fp32",
        target=100,
        how=f"whole localisation step on {scan.size}, {seen} slices; {count.needed} patches, one "
        "timed",
        ours=lambda: localise(working, backend, settings=PreprocessSettings(), progress=QUIET),
        theirs=lambda: patches.run_attention(net, in_air, count.timed),
        theirs_scale=count.scale,
    )


def segmentation_fp32(scan: BenchScan) -> Benchmark:
    """Return the benchmark of segmenting all voxels in float32 without overlapping patches."""
    return _segmentation("segmentation-fp32", _model(), scan, target=20)


def segmentation_fp32_wide(scan: BenchScan) -> Benchmark:
    """Return the benchmark `segmentation_fp32` for a random network of width 32."""
    return _segmentation("segmentation-fp32-width-32", random_model(32), scan, target=14, runs=1)


def segmentation_fastest(scan: BenchScan) -> Benchmark:
    """Return the benchmark `segmentation_fp32` at the fastest precision that the model allows."""
    return _segmentation("segmentation-fastest", _model(), scan, target=35, is_fastest=True)


def segmentation_fastest_wide(scan: BenchScan) -> Benchmark:
    """Return the benchmark `segmentation_fastest` for a random network of width 32."""
    return _segmentation(
        "segmentation-fastest-width-32", random_model(32), scan, target=18, is_fastest=True, runs=1
    )


def _segmentation(
    name: str,
    model: ModelConfiguration,
    scan: BenchScan,
    *,
    target: float,
    is_fastest: bool = False,
    runs: int = 3,
) -> Benchmark:
    working = scan.working
    rows, columns, slices = working.geometry.shape_zyx
    allowed = replace(model, cpu_precision=_model().cpu_precision if is_fastest else "f32")
    backend = load_backend(choose_device("cpu"), allowed)
    assert isinstance(backend, OpenVinoBackend)
    net = load_segmentation_net(model)
    count = patches.segmentation_patches((slices, rows, columns), timed=2)
    precision = backend.identity.precision
    return Benchmark(
        name=name + scan.suffix,
        against="192x192x12 patches, 50% overlap, PyTorch fp32, same weights",
        target=target,
        how=f"{scan.size}, width {model.segmentation.width}, OpenVINO {precision}; {count.needed} "
        f"patches, {count.timed} timed",
        ours=lambda: _every_voxel(working, backend),
        theirs=lambda: patches.run_segmentation(net, count.timed),
        theirs_scale=count.scale,
        runs=runs,
    )


def segmentation_default(scan: BenchScan) -> Benchmark:
    """Return the benchmark of the default segmentation against patches of the whole scan.

    By default, only the slices that the default mask can reach are computed, at the fastest
    precision that the model allows.
    """
    working, model = scan.working, _model()
    backend = load_backend(choose_device("cpu"), model)
    assert isinstance(backend, OpenVinoBackend)
    attention = localise(working, backend, settings=PreprocessSettings(), progress=QUIET)
    wanted = ExtendedAttention(attention).needed_slices(model.defaults)
    net = load_segmentation_net(model)
    rows, columns, slices = working.geometry.shape_zyx
    count = patches.segmentation_patches((slices, rows, columns), timed=2)
    return Benchmark(
        name="segmentation-default" + scan.suffix,
        against="192x192x12 patches of the whole scan, 50% overlap, PyTorch fp32, same weights",
        target=35,
        how=f"{scan.size}, OpenVINO {backend.identity.precision}, the {int(wanted.sum())} of "
        f"{slices} slices that the default mask can reach; {count.needed} patches, "
        f"{count.timed} timed",
        ours=lambda: _segmented(working, backend, attention, wanted),
        theirs=lambda: patches.run_segmentation(net, count.timed),
        theirs_scale=count.scale,
    )


@dataclass(frozen=True)
class NotRun:
    """A row that cannot run because something is missing."""

    name: str
    reason: str

    def outcome(self) -> Outcome:
        return Outcome(self.name, "–", [], [], 0.0, 0.0, False, f"skipped: {self.reason}")


def _on(
    find: Callable[[], BenchScan | None], name: str, make: Callable[[BenchScan], Trial]
) -> Trial:
    scan = find()
    return make(scan) if scan else NotRun(name, f"no real scan here ({DATA_VARIABLE})")


def spine_first() -> Benchmark:
    """Return the benchmark of computing only what the default mask can contain."""
    working = _noise((160, 304, 400))
    backend = OpenVinoBackend(_model())
    scan = working.scan
    attention = _tube_attention(scan)
    defaults = _model().defaults
    settings = Tuning(defaults.attention_threshold, defaults.sigma_mm)
    wanted = ExtendedAttention(attention).needed_slices(settings)
    everything = np.ones_like(wanted)

    def part(columns: NDArray[np.bool_]) -> ProbabilityMap:
        return _segmented(working, backend, attention, columns)

    def check() -> str:
        full, needed = (
            Fusion(attention, part(columns)).mask(settings).voxels
            for columns in (everything, wanted)
        )
        return (
            ""
            if np.array_equal(full, needed)
            else f"{np.count_nonzero(full != needed)} mask voxels differ"
        )

    return Benchmark(
        name="spine-first",
        against="every voxel",
        target=1.8,
        how=f"160 x 304 x 400 mm, a spine 70 mm wide in the middle: {int(wanted.sum())} of 400 "
        f"slices; masks compared",
        ours=lambda: part(wanted),
        theirs=lambda: part(everything),
        check=check,
        runs=1,
    )


def peak_fraction() -> Benchmark:
    """Return the benchmark of the segmentation step against this machine's fastest convolution.

    The ratio is that of the speeds: 1 if every multiply-add runs as fast as in that convolution.
    """
    working = _noise(NET_SCAN)
    backend = OpenVinoBackend(_model())
    limit, limit_work = convolution_limit()
    work = segmentation_work(_model().segmentation.width) * float(np.prod(NET_SCAN))
    return Benchmark(
        name="peak-fraction",
        against="this machine's fastest convolution (3x3, 64 to 64 channels, OpenVINO fp32)",
        target=0.70,
        how="fraction of that speed that the whole segmentation step reaches, per useful "
        "multiply-add; 1 is the limit",
        ours=lambda: _every_voxel(working, backend),
        theirs=limit,
        theirs_scale=work / limit_work,
    )


def _stop(name: str, precision: str) -> Trial:
    if precision == "int8" and not _model().eight_bit_ranges:
        return NotRun(name, "the weights were published without int8 ranges")
    return StopTrial(name, phantom().working, OpenVinoBackend(_model(), precision=precision))


def slider_planes() -> Benchmark:
    """Return the benchmark of showing a new sigma in three planes, against smoothing the volume."""
    fusion, volume, sigmas = _slider()

    steps = 20

    def planes() -> None:
        for _ in range(steps):
            settings = Tuning(0.3, next(sigmas))
            for axis, index in ((0, 300), (1, 256), (2, 256)):
                fusion.mask_plane(axis, index, settings)

    return Benchmark(
        name="slider-planes",
        against="scipy gaussian_filter on the up-sampled volume, threshold",
        target=2000,
        how="three planes of 512x512x600 with a new sigma each time, mean of 20 steps; "
        "slider-mask compares the voxels",
        ours=planes,
        ours_scale=1 / steps,
        theirs=lambda: _scipy_smoothed(volume, 8.0) > 0.3,
        runs=3,
    )


def slider_mask() -> Benchmark:
    """Return the benchmark of the whole mask for a new sigma, against smoothing the volume."""
    fusion, volume, sigmas = _slider()

    def check() -> str:
        smooth = _scipy_smoothed(volume, 8.0)
        bone = fusion.probability_volume()
        expected = (smooth > 0.3) & (bone > 0.5)
        certain = (np.abs(smooth - 0.3) > 1e-6) & (np.abs(bone - 0.5) > 1e-6)
        found = fusion.mask(Tuning(0.3, 8.0)).voxels
        wrong = int(np.count_nonzero(found[certain] != expected[certain]))
        return f"{wrong} mask voxels differ" if wrong else ""

    return Benchmark(
        name="slider-mask",
        against="scipy gaussian_filter on the up-sampled volume, threshold",
        target=150,
        how="whole mask of 512x512x600 with a new sigma each time; masks compared",
        ours=lambda: fusion.mask(Tuning(0.3, next(sigmas))),
        theirs=lambda: _scipy_smoothed(volume, 8.0) > 0.3,
        check=check,
        runs=3,
    )


def diffusion(scan: BenchScan | None = None) -> Benchmark:
    """Return the benchmark of five iterations of anisotropic diffusion against SimpleITK."""
    grid = (
        scan.volume.geometry
        if scan
        else Geometry((100, 512, 512), (1.0, 0.8, 0.8), (0.0, 0.0, 0.0))
    )
    hu = scan.volume.hu if scan else _noise_hu(grid.shape_zyx)
    parameters = ItkDiffusion()
    values = hu.astype(np.float32)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(grid.spacing_zyx_mm[::-1])

    def with_ours() -> NDArray[np.float32]:
        return diffused_as_itk(values, grid, parameters, threads=compute_threads())

    def with_theirs() -> Any:
        return sitk.GradientAnisotropicDiffusion(
            image,
            timeStep=parameters.time_step,
            conductanceParameter=parameters.conductance,
            numberOfIterations=parameters.iterations,
        )

    def check() -> str:
        largest_hu = float(np.abs(with_ours() - sitk.GetArrayFromImage(with_theirs())).max())
        return "" if largest_hu < _SAME_HU else f"up to {largest_hu:.2f} HU apart"

    return Benchmark(
        name="diffusion" + (scan.suffix if scan else ""),
        against="SimpleITK GradientAnisotropicDiffusion, 5 iterations",
        target=20,
        how=f"{_size(grid)}, ITK's own formula on both sides, float32 in and out, compared to "
        f"within {_SAME_HU} HU",
        ours=with_ours,
        theirs=with_theirs,
        check=check,
        runs=1,
    )


def resample(scan: BenchScan | None = None) -> Benchmark:
    """Return the benchmark of resampling a scan to 1 mm against SimpleITK."""
    grid = (
        scan.volume.geometry
        if scan
        else Geometry((300, 512, 512), (1.0, 0.8, 0.8), (0.0, 0.0, 0.0))
    )
    hu = scan.volume.hu if scan else _noise_hu(grid.shape_zyx)
    image = sitk.GetImageFromArray(hu)
    image.SetSpacing(grid.spacing_zyx_mm[::-1])
    arguments: Any = (
        working_geometry(grid).shape_zyx[::-1],
        sitk.Transform(),
        sitk.sitkLinear,
        # from the first voxel's centre
        [0.5 * (WORKING_SPACING_MM - spacing) for spacing in grid.spacing_zyx_mm[::-1]],
        [WORKING_SPACING_MM] * 3,
    )

    def ours() -> NDArray[np.int16]:
        return resample_to_working(hu, grid, threads=compute_threads(), progress=QUIET)

    def theirs() -> sitk.Image:
        return sitk.Resample(image, *arguments)

    def check() -> str:
        correlation = np.corrcoef(
            ours().ravel()[::101], sitk.GetArrayFromImage(theirs()).ravel()[::101]
        )[0, 1]
        return (
            ""
            if correlation > _MIN_CORRELATION
            else f"the results are not alike: correlation {correlation:.2f}"
        )

    return Benchmark(
        name="resample" + (scan.suffix if scan else ""),
        against="SimpleITK linear, same grid",
        target=5,
        how=f"{_size(grid)} to 1 mm; ours also averages where the grid becomes coarser",
        ours=ours,
        theirs=theirs,
        check=check,
        runs=9,  # each takes less than a second
    )


def write_mask_row() -> Benchmark:
    """Return the benchmark of writing a compressed mask of a torso against SimpleITK."""
    fusion, _, _ = _slider()
    mask = fusion.mask(Tuning(0.3, 8.0))
    source = ScanSource(Path("scan"), ScanFormat.MEMORY, LARGE_SCAN, AxisOrder())
    folder = Path(tempfile.gettempdir())
    image = sitk.GetImageFromArray(mask.voxels.astype(np.uint8))

    def with_ours() -> None:
        with _scratch(folder / "spineviewer-bench-ours.nii.gz") as path:
            write_mask(mask, source, path, {})

    def with_theirs() -> None:
        with _scratch(folder / "spineviewer-bench-theirs.nii.gz") as path:
            sitk.WriteImage(image, str(path), useCompression=True)

    return Benchmark(
        name="write-mask",
        against="SimpleITK",
        target=5,
        how=f"512x512x600 .nii.gz, ours synced to disk; SimpleITK {sitk.Version.VersionString()}",
        ours=with_ours,
        theirs=with_theirs,
    )


#: Benchmarks that run on the phantom.
_ON_THE_PHANTOM: dict[str, Callable[[BenchScan], Benchmark]] = {
    "attention-fp32": attention_fp32,
    "segmentation-fp32": segmentation_fp32,
    "segmentation-fp32-width-32": segmentation_fp32_wide,
    "segmentation-fastest": segmentation_fastest,
    "segmentation-fastest-width-32": segmentation_fastest_wide,
    "segmentation-default": segmentation_default,
}
#: Benchmarks that run on a real scan, if there is one.
_ON_A_REAL_SCAN: dict[str, Callable[[BenchScan], Trial]] = {
    "attention-fp32": attention_fp32,
    "segmentation-fp32": segmentation_fp32,
    "segmentation-fastest": segmentation_fastest,
    "segmentation-default": segmentation_default,
    "diffusion": diffusion,
    "resample": resample,
    "segment-command": lambda scan: CommandTrial("segment-command-real", scan=scan.path),
}
#: The rows of the table, in order.
ROWS: dict[str, Callable[[], Trial]] = {
    **{name: partial(_on, phantom, name, make) for name, make in _ON_THE_PHANTOM.items()},
    "spine-first": spine_first,
    "slider-planes": slider_planes,
    "slider-mask": slider_mask,
    "diffusion": diffusion,
    "resample": resample,
    "write-mask": write_mask_row,
    "read-series": SeriesTrial,
    "peak-fraction": peak_fraction,
    "warm-start": StartTrial,
    "stop-fp32": partial(_stop, "stop-fp32", "f32"),
    "stop-int8": partial(_stop, "stop-int8", "int8"),
    "segment-command": CommandTrial,
    "batch": BatchTrial,
    "memory-command-600": lambda: MemoryTrial("memory-command-600", 3.5, 600, is_window=False),
    "memory-command-1500": lambda: MemoryTrial("memory-command-1500", 6.0, 1500, is_window=False),
    "memory-window-1500": lambda: MemoryTrial("memory-window-1500", 8.0, 1500, is_window=True),
    **{
        f"{name}-real": partial(_on, real, f"{name}-real", make)
        for name, make in _ON_A_REAL_SCAN.items()
    },
}


@cache
def _model() -> ModelConfiguration:
    return load_configuration(models_dir())


@cache
def random_model(width: int) -> ModelConfiguration:
    """Return the shipped attention network with a segmentation network of another width.

    The new network has random weights and is in a temporary folder.
    """
    shipped = _model()
    folder = Path(tempfile.mkdtemp(prefix="spineviewer-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copy(shipped.folder / shipped.attention.file, folder)
    path = folder / "segmentation.safetensors"
    save_weights(SegmentationNet(SegmentationNetConfig(width=width)).state_dict(), path)
    weights = WeightsFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), width)
    model = replace(shipped, folder=folder, segmentation=weights, cpu_precision="f32")
    ranges = activation_ranges(
        [_noise((128, 128, 16))], model, settings=PreprocessSettings(), progress=QUIET
    )
    return replace(model, eight_bit_ranges=ranges)


def _size(scan: Geometry) -> str:
    nz, ny, nx = scan.shape_zyx
    spacing = " x ".join(f"{step:.3g}" for step in reversed(scan.spacing_zyx_mm))
    return f"{nx}x{ny}x{nz} at {spacing} mm"


def _noise_hu(shape_zyx: tuple[int, int, int]) -> NDArray[np.int16]:
    return np.random.default_rng(0).integers(-400, 1400, shape_zyx, dtype=np.int16)


def _noise(shape_zyx: tuple[int, int, int]) -> WorkingVolume:
    grid = Geometry(shape_zyx, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    return WorkingVolume(_noise_hu(shape_zyx), grid, grid)


def _tube(shape_zyx: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Return a bent column of bodies with the size and position of a spine: bool, (z, y, x)."""
    z, y, x = np.ogrid[: shape_zyx[0], : shape_zyx[1], : shape_zyx[2]]
    centre_y = shape_zyx[1] / 2 + 30 * np.sin(z / 100)
    inside = ((y - centre_y) / 35) ** 2 + ((x - shape_zyx[2] / 2) / 30) ** 2 < 1
    return np.asarray(inside & ((z // 10) % 4 != 0))


def _tube_attention(scan: Geometry) -> AttentionMap:
    """Return an attention map with a column in the middle that fades over 30 to 40 mm."""
    nz, ny, nx = attention_shape(scan)
    y, x = np.ogrid[:ny, :nx]
    distance = np.hypot((y - ny / 2 + 0.5) * 16 / 45, (x - nx / 2 + 0.5) * 8 / 35)
    plane = np.clip(1.6 - distance, 0, 0.9).astype(np.float32)
    wave = 0.8 + 0.2 * np.sin(np.arange(nz, dtype=np.float32))
    return AttentionMap(np.ascontiguousarray(wave[:, None, None] * plane), scan)


def _every_voxel(working: WorkingVolume, backend: OpenVinoBackend) -> ProbabilityMap:
    attention = AttentionMap(np.ones(attention_shape(working.scan), np.float32), working.scan)
    return _segmented(working, backend, attention, np.ones(working.geometry.shape_zyx[2], np.bool_))


def _segmented(
    working: WorkingVolume,
    backend: OpenVinoBackend,
    attention: AttentionMap,
    wanted: NDArray[np.bool_],
) -> ProbabilityMap:
    return segment(
        working,
        backend,
        known=empty_probability(working),
        wanted=wanted,
        interest=slice_interest(attention, len(wanted)),
        settings=PreprocessSettings(),
        progress=QUIET,
        on_chunk=lambda _: None,
    )


@cache
def _slider() -> tuple[Fusion, NDArray[np.float32], Iterator[float]]:
    """Return a fusion of a torso, its attention map up-sampled for scipy, and different sigmas."""
    attention = _tube_attention(LARGE_SCAN)
    working = working_geometry(LARGE_SCAN)
    values = np.where(_tube(working.shape_zyx), np.uint16(50000), np.uint16(0))
    done = np.ones(working.shape_zyx[2], np.bool_)
    fusion = Fusion(attention, ProbabilityMap(values, done, working, LARGE_SCAN))
    fusion.mask(Tuning(0.3, 5.0))
    return fusion, _upsampled(attention), iter(8.0 + 0.001 * np.arange(1, 100_000))


def _upsampled(attention: AttentionMap) -> NDArray[np.float32]:
    scan = attention.scan
    axes = [
        ((np.arange(n) + 0.5) * spacing / cell - 0.5).astype(np.float32)
        for n, spacing, cell in zip(scan.shape_zyx, scan.spacing_zyx_mm, (16, 16, 8), strict=True)
    ]
    out = np.empty(scan.shape_zyx, np.float32)
    for z, position in enumerate(axes[0]):
        points = np.meshgrid(position, axes[1], axes[2], indexing="ij")
        out[z] = map_coordinates(attention.cells, points, order=1, mode="nearest")[0]
    return out


def _scipy_smoothed(volume: NDArray[np.float32], sigma_mm: float) -> NDArray[np.float32]:
    sigma = [sigma_mm / spacing for spacing in LARGE_SCAN.spacing_zyx_mm]
    return np.asarray(gaussian_filter(volume, sigma, mode="nearest", truncate=4.0))


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def prepare() -> None:
    """Make the other methods use the same number of threads as the program."""
    torch.set_num_threads(compute_threads())
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(compute_threads())


def with_runs(trial: Trial, runs: int | None) -> Trial:
    """Return the trial with another number of runs, if it can be chosen for this trial."""
    return (
        replace(trial, runs=runs)
        if runs is not None and isinstance(trial, Benchmark | SeriesTrial | BatchTrial)
        else trial
    )
