"""Spineviewer from Python, with the same pipeline as the window and the command line, without Qt.

    import spineviewer as sv

    scan = sv.read("ct.nii.gz")
    result = sv.segment(scan)
    print(result.volume_ml)
    result.save(mask="spine.nii.gz")

Arrays are `[z, y, x]`; indices increase towards the patient's head, back and left.
`Scan.to_nibabel` and `Scan.to_sitk` convert such an array to an image on the grid of the scan's own
file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.compiled import choose_folder_for_compiled_code
from spineviewer.errors import Cancelled, SpineViewerError, UsageError
from spineviewer.tuning import Tuning
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.volume import CtVolume

if TYPE_CHECKING:
    from spineviewer.app import pipeline
    from spineviewer.app.fused_mask import FusedMask
    from spineviewer.app.overlay import FusionOverlay
    from spineviewer.labelling.vertebrae import Vertebrae
    from spineviewer.measurements.results import Measurements

__all__ = [
    "Cancelled",
    "Scan",
    "Segmentation",
    "Segmenter",
    "SpineViewerError",
    "Tuning",
    "read",
    "segment",
]

#: Callback that receives the stage and the completed fraction (0 to 1); returning False cancels.
OnProgress = Callable[[str, float], object]


@dataclass(frozen=True, eq=False)
class Scan:
    """A CT scan.

    Attributes
    ----------
    volume
        The scan as the rest of the program represents it.
    """

    volume: CtVolume

    def __repr__(self) -> str:
        """Return the file name, the shape of `hu` and the spacing."""
        shape = " x ".join(map(str, self.hu.shape))
        spacing = " x ".join(f"{mm:.3g}" for mm in self.spacing_mm)
        return f"<Scan {self.volume.source.path.name}: {shape} voxels of {spacing} mm (z, y, x)>"

    @property
    def hu(self) -> NDArray[np.int16]:
        """Hounsfield units, int16, shape (z, y, x). Do not change them."""
        return self.volume.hu

    @property
    def geometry(self) -> Geometry:
        """Positions of the voxels of `hu` in the patient, in LPS millimetres."""
        return self.volume.geometry

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between neighbouring voxels of `hu` along z, y and x in mm."""
        return self.geometry.spacing_zyx_mm

    @property
    def affine(self) -> NDArray[np.float64]:
        """NIfTI affine of the scan's own file, from (i, j, k, 1) to RAS in mm: float64, (4, 4)."""
        from spineviewer.io.write.encoding import source_affine

        return source_affine(self.volume.source)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about anything unusual in the file."""
        return self.volume.source.warnings

    @classmethod
    def from_array(cls, values: NDArray[Any], affine: NDArray[Any]) -> Scan:
        """Return a scan from an array of HU in NIfTI's convention.

        Parameters
        ----------
        values
            Any real dtype, shape (i, j, k).
        affine
            float, shape (4, 4): from (i, j, k, 1) to (right, anterior, superior, 1) in mm.

        Raises
        ------
        GeometryError
            When the shape or the affine does not describe a rectangular grid.
        """
        from spineviewer.io.in_memory import volume_from_array

        return cls(volume_from_array(values, affine))

    @classmethod
    def from_nibabel(cls, image: Any) -> Scan:
        """Return a scan from a nibabel image; raises the same errors as `from_array`."""
        from spineviewer.io.in_memory import volume_from_nibabel

        return cls(volume_from_nibabel(image))

    @classmethod
    def from_sitk(cls, image: Any) -> Scan:
        """Return a scan from a SimpleITK image; raises the same errors as `from_array`."""
        from spineviewer.io.in_memory import volume_from_sitk

        return cls(volume_from_sitk(image))

    def to_nibabel(self, values: NDArray[Any] | None = None) -> Any:
        """Return an array on the scan's grid (default: the scan) as a nibabel image.

        Parameters
        ----------
        values
            Shape of `hu`; booleans become uint8.

        Raises
        ------
        UsageError
            When the shape differs.
        """
        from spineviewer.io.in_memory import nibabel_image

        return nibabel_image(self._on_scan(values), self.volume.source)

    def to_sitk(self, values: NDArray[Any] | None = None) -> Any:
        """Return an array on the scan's grid (default: the scan) as a SimpleITK image.

        The image has the grid of the scan's own file, or the straightened grid if that grid was
        tilted. `values` has any dtype and the shape of the scan. Raises the same errors as
        `to_nibabel`.
        """
        from spineviewer.io.in_memory import sitk_image

        return sitk_image(self._on_scan(values), self.volume.source)

    def _on_scan(self, values: NDArray[Any] | None) -> NDArray[Any]:
        if values is None:
            return self.hu
        if values.shape != self.hu.shape:
            raise UsageError(
                f"The array has shape {values.shape}, but the scan has shape {self.hu.shape}. "
                "Pass an array on the grid of the scan."
            )
        return values


class Segmentation:
    """The networks' outputs for one scan, and the results derived from them.

    A mask with another tuning may need voxels that have not been computed yet; they are then
    computed.

    Thread ownership: one thread at a time, that of its segmenter.
    """

    def __init__(
        self, scan: Scan, segmenter: Segmenter, result: pipeline.SegmentationResult, tuning: Tuning
    ) -> None:
        self.scan = scan
        self.tuning = tuning
        self._segmenter = segmenter
        self._result = result
        self._fused: pipeline.FusedResult | None = None
        self._measurements: Measurements | None = None
        self._vertebrae: Vertebrae | None = None

    def __repr__(self) -> str:
        """Return the scan and the tuning; nothing is computed."""
        tuning = self.tuning
        return (
            f"<Segmentation of {self.scan!r}: threshold {tuning.attention_threshold:g}, "
            f"sigma {tuning.sigma_mm:g} mm, bone {tuning.segmentation_threshold:g}>"
        )

    @property
    def attention(self) -> NDArray[np.float32]:
        """The extended attention on the scan, smoothed with `tuning.sigma_mm`.

        float32, 0 to 1, shape of `scan.hu`. Paper: §2.1.
        """
        return self._current().fusion.extended.volume(self.tuning.sigma_mm)

    @property
    def probability(self) -> NDArray[np.float32]:
        """The bone probability on the scan: float32, 0 to 1, shape of `scan.hu`.

        Runs the segmentation network on the whole scan.
        """
        self._compute(None)
        return self._overlay().probability_volume()

    @property
    def measurements(self) -> Measurements:
        """Measurements of the named vertebrae of the mask at `tuning`; computed on first use.

        Iteration yields the vertebrae from head to foot; `measurements_record` has the same data.
        """
        if self._measurements is None:
            from spineviewer.app.measuring import measure_vertebrae

            self._measurements, _ = measure_vertebrae(
                self.vertebrae,
                self.scan.volume,
                self._result.probability,
                self._current().run_record,
            )
        return self._measurements

    @property
    def measurements_record(self) -> dict[str, Any]:
        """The measurements in the form of the JSON file of `spineviewer segment --measurements`."""
        from spineviewer.measurements.table import measurements_record

        return measurements_record(self.measurements)

    @property
    def volume_ml(self) -> float:
        """Volume of the mask at `tuning`."""
        return self._current().mask.volume_ml

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about limitations of the result."""
        return tuple(str(warning) for warning in self._current().run_record.warnings)

    @property
    def report(self) -> dict[str, Any]:
        """How the result was computed: device, precision, weights, and seconds by stage."""
        return self._current().run_record.fields

    def mask(
        self,
        *,
        threshold: float | None = None,
        sigma_mm: float | None = None,
        segmentation_threshold: float | None = None,
    ) -> NDArray[np.bool_]:
        """Return the mask: bool, shape of `scan.hu`. Omitted values are taken from `tuning`.

        Parameters
        ----------
        threshold
            Threshold of the smoothed extended attention, 0 to 1.
        sigma_mm
            Standard deviation of its smoothing, in mm.
        segmentation_threshold
            Threshold of the bone probability, 0 to 1.

        Raises
        ------
        UsageError
            When a number is outside its range.
        """
        return self._mask(
            _tuning(self.tuning, threshold, sigma_mm, segmentation_threshold)
        ).mask.voxels

    @property
    def vertebrae(self) -> Vertebrae:
        """The named vertebrae of the mask at `tuning`; computed on first use.

        Iteration yields them from head to foot, each with its name, probability, centre and volume.
        `labels` holds VerSe numbers (uint8, shape of `scan.hu`); `naming` states how certain the
        names are and which other names are possible.
        """
        return self.name_vertebrae() if self._vertebrae is None else self._vertebrae

    def name_vertebrae(
        self,
        names: Mapping[str, tuple[float, float, float]] | None = None,
        *,
        shift: int = 0,
        has_anomalies: bool = True,
    ) -> Vertebrae:
        """Return the vertebrae, named again with corrections that all later results use.

        Parameters
        ----------
        names
            Known names, such as 'L1', each with a point inside that vertebra, in LPS millimetres.
        shift
            Number of levels by which all names are shifted; with 1, L1 becomes L2.
        has_anomalies
            Whether T13, L6 and a missing T12 are considered.

        Raises
        ------
        UsageError
            When a name does not exist, no vertebra is near a point, or the names contradict each
            other.
        """
        from spineviewer.app.vertebra_naming import NameRequest, name_vertebrae
        from spineviewer.volume.levels import level_number

        label_points = [(level_number(name), point) for name, point in (names or {}).items()]
        current = self._current()
        named = name_vertebrae(
            current.mask.mask,
            self._result.probability,
            self.scan.volume,
            current.run_record,
            NameRequest(label_points, shift, has_anomalies),
        )
        self._vertebrae, self._measurements = named.labelling.vertebrae, None
        return self._vertebrae

    def save(
        self,
        *,
        mask: str | PathLike[str] | None = None,
        attention: str | PathLike[str] | None = None,
        probability: str | PathLike[str] | None = None,
        surface: str | PathLike[str] | None = None,
        vertebrae: str | PathLike[str] | None = None,
        vertebra_surfaces: str | PathLike[str] | None = None,
        labelmap: bool = False,
        measurements: str | PathLike[str] | None = None,
        overwrite: bool = False,
    ) -> tuple[Path, ...]:
        """Write results at `tuning` on the grid of the scan's own file and return the paths.

        Parameters
        ----------
        mask
            File that ends in .nii.gz, .nii, .nrrd, .mha, or (for a DICOM scan) .dcm (DICOM SEG).
        attention, probability
            File extensions as for `mask`, except .dcm.
        surface
            File that ends in .stl, .obj or .ply.
        vertebrae
            File of the vertebrae as VerSe numbers; extensions as for `mask`. A DICOM SEG has one
            segment for each vertebra.
        vertebra_surfaces
            One file for each vertebra, with its name added, such as `spine_L1.stl`; extensions as
            for `surface`.
        labelmap
            Whether the vertebrae's DICOM SEG is of type LABELMAP, which fewer programs can read;
            BINARY otherwise.
        measurements
            File that ends in .csv, .json, or (for a DICOM scan) .dcm (structured report).

        Raises
        ------
        ExportError
            When a file exists and `overwrite` is False, or when a file cannot be written.
        UsageError
            When no file is named, or `labelmap` is set and `vertebrae` is not a DICOM SEG.
        """
        from spineviewer.app.exporting import ExportKind, export, order_for_run
        from spineviewer.app.vertebra_files import require_dicom_seg
        from spineviewer.progress import JobProgress

        paths = {
            ExportKind.MASK: mask,
            ExportKind.ATTENTION: attention,
            ExportKind.PROBABILITY: probability,
            ExportKind.SURFACE: surface,
            ExportKind.VERTEBRAE: vertebrae,
            ExportKind.VERTEBRA_SURFACES: vertebra_surfaces,
            ExportKind.MEASUREMENTS: measurements,
        }
        targets = {kind: Path(path) for kind, path in paths.items() if path is not None}
        if not targets:
            raise UsageError("Specify a file to save to, for example save(mask='spine.nii.gz').")
        if labelmap:
            require_dicom_seg(targets.get(ExportKind.VERTEBRAE))
        if probability is not None:
            self._compute(None)
        order = order_for_run(
            replace(self._current(), fusion=self._overlay()),
            self.scan.volume.source,
            targets,
            may_overwrite=overwrite,
            vertebrae=self.vertebrae if vertebrae or vertebra_surfaces else None,
            measurements=self.measurements if measurements else None,
            as_label_map=labelmap,
        )
        return export(order, JobProgress())

    def _current(self) -> pipeline.FusedResult:
        from spineviewer.app.pipeline import fuse

        if self._fused is None:
            self._fused = fuse(self._result, self.tuning)
        return self._fused

    def _overlay(self) -> FusionOverlay:
        from spineviewer.app.overlay import FusionOverlay
        from spineviewer.fusion import Fusion

        return FusionOverlay(Fusion(self._result.attention, self._result.probability))

    def _mask(self, tuning: Tuning) -> FusedMask:
        from spineviewer.progress import JobProgress

        if tuning == self.tuning:
            return self._current().mask
        if not self._overlay().is_complete_for(tuning):
            self._compute(tuning)
        return self._overlay().mask(tuning, JobProgress())

    def _compute(self, tuning: Tuning | None) -> None:
        """Compute everything that a mask with a tuning needs (None: the whole scan)."""
        if not self._result.probability.is_computed.all():
            self._result = self._segmenter.extended(self.scan, self._result, tuning)


class Segmenter:
    """Loaded networks that can segment any number of scans.

    Thread ownership: one thread at a time.

    Parameters
    ----------
    device
        'auto', 'cpu', 'cuda', 'mps' or 'intel-gpu'.

    Raises
    ------
    ModelError, InferenceError, UsageError
        When the weights are missing or damaged, or the device is not available.
    """

    def __init__(self, device: str = "auto") -> None:
        choose_folder_for_compiled_code()
        from spineviewer.app.pipeline import Segmenter as Pipeline

        self._pipeline = Pipeline(device)
        self._last: pipeline.SegmentationResult | None = None

    @property
    def defaults(self) -> Tuning:
        """The model's own thresholds and smoothing."""
        return self._pipeline.configuration.defaults

    @property
    def device(self) -> str:
        """A sentence that describes the computing device."""
        return self._pipeline.message

    def segment(
        self,
        scan: Scan,
        *,
        threshold: float | None = None,
        sigma_mm: float | None = None,
        segmentation_threshold: float | None = None,
        plain_fusion: bool = False,
        progress: OnProgress | None = None,
    ) -> Segmentation:
        """Segment the spine.

        Parameters
        ----------
        threshold, sigma_mm, segmentation_threshold
            As in `Segmentation.mask`; None for the model's own values.
        plain_fusion
            Whether to keep islands of the mask even if the model's defaults leave them out.
        progress
            Called with the stage and its completed fraction at least every half second.

        Raises
        ------
        Cancelled
            When `progress` returns False.
        InferenceError
            When there is not enough memory.
        """
        tuning = _tuning(self.defaults, threshold, sigma_mm, segmentation_threshold)
        tuning = replace(tuning, leaves_out_islands=tuning.leaves_out_islands and not plain_fusion)
        self._last = self._pipeline.segment(
            scan.volume, needed_for=tuning, progress=_Reporter(progress)
        )
        return Segmentation(scan, self, self._last, tuning)

    def extended(
        self, scan: Scan, result: pipeline.SegmentationResult, tuning: Tuning | None
    ) -> pipeline.SegmentationResult:
        """Return a result that includes everything a mask with a tuning needs (None: every voxel).

        Choice: the networks' input is cached only for the last segmented scan; other scans are
        segmented again.
        """
        if result is self._last:
            self._last = self._pipeline.extend(result, needed_for=tuning)
        else:
            self._last = self._pipeline.segment(scan.volume, needed_for=tuning)
        return self._last


def read(
    path: str | PathLike[str], series: str | None = None, *, progress: OnProgress | None = None
) -> Scan:
    """Read a scan.

    Parameters
    ----------
    path
        NIfTI, NRRD or MetaImage file; DICOM file, folder or zip; or a series in an archive
        (`spineviewer segment --help`).
    series
        UID of the series to read if there are several.
    progress
        Called with the stage and its completed fraction.

    Raises
    ------
    SpineViewerError
        When the scan cannot be read. If there are several series, the message lists them.
    Cancelled
        When `progress` returns False.
    """
    from spineviewer.io.scan import read_scan

    if not isinstance(path, str | PathLike):
        raise UsageError(
            f"A scan is read from a path, not from {type(path).__name__}. sv.Scan.from_array, "
            "from_nibabel and from_sitk make a scan from data in memory."
        )
    reporter = _Reporter(progress)
    local_path = Path(path)
    if isinstance(path, str) and "://" in path:
        from spineviewer.app.archives import local_scan

        local_path = local_scan(path, reporter)
    return Scan(read_scan(local_path, series_uid=series, progress=reporter))


def segment(
    scan: Scan | str | PathLike[str],
    *,
    device: str = "auto",
    threshold: float | None = None,
    sigma_mm: float | None = None,
    segmentation_threshold: float | None = None,
    plain_fusion: bool = False,
    progress: OnProgress | None = None,
) -> Segmentation:
    """Read a scan if it is a path, load the networks and segment it.

    To segment several scans, create a `Segmenter` once.

    Parameters and errors are those of `read`, `Segmenter` and `Segmenter.segment`.
    """
    if not isinstance(scan, Scan):
        scan = read(scan, progress=progress)
    return Segmenter(device).segment(
        scan,
        threshold=threshold,
        sigma_mm=sigma_mm,
        segmentation_threshold=segmentation_threshold,
        plain_fusion=plain_fusion,
        progress=progress,
    )


class _Reporter:
    """A `Progress` that reports to a callback."""

    def __init__(self, callback: OnProgress | None) -> None:
        self._callback = callback

    def step(self, stage: str, fraction: float) -> None:
        if self._callback is not None and self._callback(str(stage), fraction) is False:
            raise Cancelled


def _tuning(
    defaults: Tuning,
    threshold: float | None,
    sigma_mm: float | None,
    segmentation_threshold: float | None,
) -> Tuning:
    for name, value in (
        ("threshold", threshold),
        ("sigma_mm", sigma_mm),
        ("segmentation_threshold", segmentation_threshold),
    ):
        if value is not None and not isinstance(value, Real):
            raise UsageError(f"{name} is {value!r}. Use a number.")
    return replace(
        defaults,
        attention_threshold=defaults.attention_threshold if threshold is None else threshold,
        sigma_mm=defaults.sigma_mm if sigma_mm is None else sigma_mm,
        segmentation_threshold=defaults.segmentation_threshold
        if segmentation_threshold is None
        else segmentation_threshold,
    )
