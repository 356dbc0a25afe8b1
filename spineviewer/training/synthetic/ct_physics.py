"""Effects of a scanner on an ideal image on a 1 mm grid: blur, slices, noise, streaks, padding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse

from spineviewer.training.synthetic.tissues import ScannerRanges, happens, uniform


@dataclass(frozen=True)
class Protocol:
    """How a scan is acquired and reconstructed.

    Attributes
    ----------
    slice_axis
        Axis perpendicular to the slices: 0 axial (the scanner's own), 2 sagittal (reformatted).
    slice_mm, increment_mm
        Thickness of slices, and distance between their centres.
    edge_enhancement
        How much the reconstruction kernel sharpens edges (0 soft, 1.5 bone kernel).
    noise_correlation_mm
        Grain size of the noise within a slice.
    photon_starvation
        Strength of the horizontal streaks along rays that bone and tissue attenuate strongly.
    shading_hu
        Added in the middle of a slice, decreasing to 0 at its edges. Negative values are cupping,
        which uncorrected beam hardening causes.
    calibration_hu
        Added everywhere.
    padding_hu
        Value outside a round field of view; None if the field of view is the whole slice.
    """

    slice_axis: int = 0
    slice_mm: float = 1.0
    increment_mm: float = 1.0
    psf_sigma_mm: float = 0.5
    edge_enhancement: float = 0.0
    noise_hu: float = 12.0
    noise_correlation_mm: float = 0.6
    photon_starvation: float = 0.0
    shading_hu: float = 0.0
    calibration_hu: float = 0.0
    padding_hu: int | None = None
    highest_hu: int = 3071


def random_protocol(rng: np.random.Generator, ranges: ScannerRanges) -> Protocol:
    """Return the protocol of a random scanner."""
    thickness = (
        uniform(rng, (ranges.slice_mm[0], 1.25))
        if happens(rng, ranges.thin_probability)
        else uniform(rng, ranges.slice_mm)
    )
    sharp = happens(rng, ranges.sharp_probability)
    noisy = happens(rng, ranges.high_noise_probability)
    coarse = happens(rng, ranges.coarse_probability)
    return Protocol(
        slice_axis=2 if happens(rng, ranges.sagittal_probability) else 0,
        slice_mm=thickness,
        increment_mm=thickness * uniform(rng, ranges.increment_ratio),
        psf_sigma_mm=uniform(rng, ranges.coarse_psf_sigma_mm if coarse else ranges.psf_sigma_mm),
        edge_enhancement=uniform(rng, ranges.edge_enhancement) if sharp else 0.0,
        noise_hu=uniform(rng, ranges.high_noise_hu if noisy else ranges.noise_hu)
        * (1.4 if sharp else 1.0),
        noise_correlation_mm=uniform(rng, ranges.noise_correlation_mm) * (0.6 if sharp else 1.0),
        photon_starvation=uniform(rng, (0.2, 1.2))
        if happens(rng, ranges.photon_starvation_probability)
        else 0.0,
        shading_hu=uniform(rng, ranges.shading_hu),
        calibration_hu=uniform(rng, ranges.calibration_hu),
        padding_hu=int(rng.choice(ranges.padding_hu))
        if happens(rng, ranges.round_field_probability)
        else None,
        highest_hu=int(uniform(rng, (4000, 12000)))
        if happens(rng, ranges.extended_range_probability)
        else ranges.highest_hu,
    )


def acquired(
    hu: NDArray[np.float32], protocol: Protocol, rng: np.random.Generator
) -> NDArray[np.int16]:
    """Return the scan acquired from the ideal image `hu`.

    Parameters
    ----------
    hu
        float32, shape (z, y, x), 1 mm; not changed.

    Returns
    -------
    int16, same shape and grid: the slices of the scan, interpolated back to the 1 mm grid.
    """
    axis = protocol.slice_axis
    scan = np.ascontiguousarray(np.moveaxis(hu, axis, 0))
    scan = ndimage.gaussian_filter(
        scan, (0, protocol.psf_sigma_mm, protocol.psf_sigma_mm), output=np.float32, truncate=3
    )
    if protocol.edge_enhancement > 0:
        scan += protocol.edge_enhancement * (
            scan - ndimage.gaussian_filter(scan, (0, 1.1, 1.1), truncate=3)
        )
    slices, back = slice_operators(scan.shape[0], protocol.slice_mm, protocol.increment_mm)
    taken = (slices @ scan.reshape(scan.shape[0], -1)).reshape(slices.shape[0], *scan.shape[1:])
    if protocol.noise_hu > 0:
        taken += _noise(rng, taken, protocol)
    if protocol.shading_hu:
        taken += protocol.shading_hu * _dome(taken.shape[1:])
    taken += protocol.calibration_hu
    scan = (back @ taken.reshape(taken.shape[0], -1)).reshape(scan.shape)
    whole: NDArray[np.int16] = np.clip(
        np.rint(np.moveaxis(scan, 0, axis)), -1024, protocol.highest_hu
    ).astype(np.int16)
    if protocol.padding_hu is not None:
        whole[:, _outside_field(whole.shape[1:])] = protocol.padding_hu
    return whole


def slice_operators(
    count: int, slice_mm: float, increment_mm: float
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return the matrices from 1 mm planes to slices (averages over their thickness), and back.

    Returns
    -------
    (slices, count) and (count, slices), float32; rows sum to 1.
    """
    slices = max(1, round(count / increment_mm))
    centres = (np.arange(slices) + 0.5) * increment_mm
    edges = np.arange(count + 1.0)
    low, high = centres - slice_mm / 2, centres + slice_mm / 2
    overlap = np.minimum(high[:, None], edges[None, 1:]) - np.maximum(
        low[:, None], edges[None, :-1]
    )
    weights = np.clip(overlap, 0, None)
    if slice_mm < 1.0:  # thinner than the planes: interpolate linearly between them
        weights = np.clip(1 - np.abs(centres[:, None] - (edges[None, :-1] + 0.5)), 0, None)
    empty = weights.sum(axis=1) == 0
    weights[empty, -1] = 1
    weights /= weights.sum(axis=1, keepdims=True)
    place = np.clip((edges[:-1] + 0.5) / increment_mm - 0.5, 0, slices - 1)
    if increment_mm >= 1:
        back = np.clip(1 - np.abs(place[:, None] - np.arange(slices)[None]), 0, None)
    else:
        back = np.clip(1 - np.abs(place[:, None] - np.arange(slices)[None]) * increment_mm, 0, None)
    back /= back.sum(axis=1, keepdims=True)
    return sparse.csr_array(weights.astype(np.float32)), sparse.csr_array(back.astype(np.float32))


def _noise(
    rng: np.random.Generator, taken: NDArray[np.float32], protocol: Protocol
) -> NDArray[np.float32]:
    """Return grainy noise, stronger in thick body parts, with streaks if photons are too few."""
    noise = rng.standard_normal(taken.shape, dtype=np.float32)
    grain = protocol.noise_correlation_mm
    noise = ndimage.gaussian_filter(noise, (0, grain, grain), output=np.float32, truncate=3)
    # Filtered back projection has little noise at low frequencies.
    noise -= 0.7 * ndimage.uniform_filter(noise, (0, 7, 7))
    middle = noise[noise.shape[0] // 2]
    noise *= protocol.noise_hu / max(float(middle.std()), 1e-6)
    # Attenuation of horizontal rays, (slices, rows).
    load = np.clip(taken + 1000, 0, 2500).sum(axis=2) / 1000
    load = ndimage.gaussian_filter1d(load, 3.0, axis=1)
    relative = load / max(float(np.percentile(load, 90)), 1.0)
    noise *= (0.55 + 0.45 * relative)[:, :, None]
    if protocol.photon_starvation > 0:
        streaks = rng.standard_normal(taken.shape, dtype=np.float32)
        streaks = ndimage.uniform_filter1d(streaks, 61, axis=2)
        streaks *= 7.8 * protocol.noise_hu * protocol.photon_starvation
        noise += streaks * (np.clip(relative, 0, 1.4) ** 4)[:, :, None]
    return noise


def _dome(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return 1 in the middle of a slice, decreasing to 0 at its edges: float32, shape `shape`."""
    y, x = np.meshgrid(*(np.linspace(-1, 1, n, dtype=np.float32) for n in shape), indexing="ij")
    return 1 - np.clip(x * x + y * y, 0, 1)


def _outside_field(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the pixels outside a circle whose diameter is the slice's longer dimension."""
    y, x = np.meshgrid(*(np.arange(n) - (n - 1) / 2 for n in shape), indexing="ij")
    outside: NDArray[np.bool_] = np.hypot(y, x) > max(shape) / 2
    return outside
