"""Model configuration: matching weights, preparation of scans, and default thresholds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from spineviewer.errors import ModelError, UsageError, reason_of
from spineviewer.tuning import Tuning

CONFIGURATION_FILE = "model.json"
FORMAT = 1
Precision = Literal["f32", "bf16", "int8"]


@dataclass(frozen=True)
class PreprocessSettings:
    """How a scan is prepared for the networks.

    Attributes
    ----------
    diffusion_iterations, conductance_hu
        Parameters of the Perona-Malik diffusion on the scan's own grid. Choice: the conductance is
        a fixed number of HU. ITK scales it by the mean gradient of the whole image, so that
        cropping a scan changes every voxel.
    lowest_hu, highest_hu
        HU are clipped to this range and scaled to [0, 1]. Choice: air is 0, so that the networks'
        zero padding is air.
    metal_hu
        Voxels of the working grid above this value are metal, whose streaks are reduced
        (`volume.metal`); 0 leaves them in.
    """

    diffusion_iterations: int = 5
    conductance_hu: float = 60.0
    lowest_hu: int = -300
    highest_hu: int = 1300
    metal_hu: int = 2000


@dataclass(frozen=True)
class WeightsFile:
    """The weights of one network: file name, SHA-256, and width of the network."""

    file: str
    sha256: str
    width: int


@dataclass(frozen=True)
class ModelConfiguration:
    """Everything that must match for the two networks to work as trained.

    Attributes
    ----------
    cpu_precision
        Precision of the segmentation network on CPUs: 'f32', or a lower one whose Dice has been
        checked: 'bf16' (used on processors with native bf16) or 'int8' (used on all that support
        it).
    eight_bit_ranges
        Upper ends of the int8 ranges, by name of the map in the segmentation network: one per map
        or one per channel. They are measured when weights are published (`inference.ranges`).

    Raises
    ------
    ModelError
        When the precision is int8 and its ranges are missing.
    """

    folder: Path
    version: str
    preprocessing: PreprocessSettings
    attention: WeightsFile
    segmentation: WeightsFile
    defaults: Tuning
    cpu_precision: Precision = "f32"
    eight_bit_ranges: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.cpu_precision == "int8" and not self.eight_bit_ranges:
            raise ModelError(
                "The model's configuration specifies int8 but lacks the value ranges for "
                "it. Publish the weights again."
            )

    @property
    def weights_hash(self) -> str:
        """Short identifier of both weight files together, which results state."""
        return hashlib.sha256(
            (self.attention.sha256 + self.segmentation.sha256).encode()
        ).hexdigest()[:16]


def load_configuration(folder: Path) -> ModelConfiguration:
    """Return the configuration in the `model.json` of a models folder.

    Raises
    ------
    ModelError
        When the file is missing, damaged, or made for another version of the program.
    """
    path = folder / CONFIGURATION_FILE
    try:
        content = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        if content.get("format") != FORMAT:
            raise ModelError(
                "{file} has format version {found}, but this program reads version {wanted}. "
                "Install the version of Spineviewer that the weights belong to.",
                file=path,
                found=content.get("format"),
                wanted=FORMAT,
            )
        configuration = msgspec.convert({**content, "folder": folder}, ModelConfiguration)
    except FileNotFoundError as error:
        raise ModelError(
            "Weights are missing: {file} does not exist. Install Spineviewer again, or set "
            "SPINEVIEWER_MODELS.",
            file=path,
        ) from error
    except (OSError, ValueError, UsageError) as error:  # msgspec's errors are ValueErrors
        raise ModelError(
            "The model's configuration {file} cannot be read ({reason}). Install Spineviewer "
            "again.",
            file=path,
            reason=error,
        ) from error
    if unknown := content["preprocessing"].keys() - asdict(configuration.preprocessing).keys():
        raise ModelError(
            "The model was trained with preprocessing that this version of Spineviewer does not "
            "support ({reason}). Install the version that the model was made for.",
            reason=", ".join(sorted(unknown)),
        )
    return configuration


def save_configuration(configuration: ModelConfiguration) -> None:
    """Write `model.json` into the configuration's folder."""
    content = {"format": FORMAT, **asdict(configuration)}
    del content["folder"]
    path = configuration.folder / CONFIGURATION_FILE
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def checked_weights(configuration: ModelConfiguration, weights: WeightsFile) -> bytes:
    """Return the bytes of a weight file after checking its hash.

    Raises
    ------
    ModelError
        When the file is missing or is not the one that the configuration names.
    """
    path = configuration.folder / weights.file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            "The weights {file} cannot be read ({reason}). Install Spineviewer again.",
            file=path,
            reason=reason_of(error),
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != weights.sha256:
        raise ModelError(
            "The weights {file} are not the ones specified in {configuration} (SHA-256 {found}… "
            "instead of {wanted}…): the file is damaged or was replaced. Install Spineviewer "
            "again.",
            file=path,
            configuration=CONFIGURATION_FILE,
            found=found[:12],
            wanted=weights.sha256[:12],
        )
    return content
