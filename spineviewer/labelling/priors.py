"""Everything that was fitted to data, from the one file that `spineviewer fit-labelling` makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.errors import ModelError
from spineviewer.labelling.chain import LEVELS, ChainPrior
from spineviewer.resources import models_dir, shipped_models_dir
from spineviewer.volume.levels import LEVEL_NAMES
from spineviewer.wording import worded

Floats = NDArray[np.float64]

FILE, FORMAT = "labelling.json", 1


@dataclass(frozen=True, eq=False)
class ShapeModel:
    """The usual features of each level, as independent numbers with heavy tails.

    Attributes
    ----------
    names
        Of the numbers (`features.FEATURES`).
    mean, sd
        Shape (numbers, LEVELS).
    weight
        Shape (numbers,): weight of each number, because they are not independent.
    """

    names: tuple[str, ...]
    mean: Floats
    sd: Floats
    weight: Floats

    def log_likelihood(self, values: Floats) -> Floats:
        """Return the log likelihood of features at each level; a NaN carries no evidence.

        `values` is float64, shape (n, numbers); the result is float64, shape (n, LEVELS).
        """
        off = (values[:, :, None] - self.mean[None]) / self.sd[None]
        score = -2.5 * np.log1p(off**2 / 4.0) - np.log(self.sd)[None]
        score = np.where(np.isfinite(values)[:, :, None], score, 0.0)
        return np.asarray((self.weight[None, :, None] * score).sum(axis=1))


@dataclass(frozen=True)
class Calibration:
    """From the chain's probability to the share of names that are right: linear in log odds."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, probability: Floats | float) -> Floats:
        """Return the calibrated probability."""
        p = np.clip(np.asarray(probability, dtype=np.float64), 1e-6, 1 - 1e-6)
        return np.asarray(1 / (1 + np.exp(-(self.slope * np.log(p / (1 - p)) + self.offset))))


@dataclass(frozen=True, eq=False)
class Fitted:
    """All fitted numbers of the labelling stage.

    Attributes
    ----------
    border_shift
        Shape (LEVELS, back, left): how far below the disc's plane the border under a level runs, in
        pitches (`partition.CutSurface`).
    region, point_calibration
        For points of a detector: weights of its region probabilities, and the calibration.
    """

    chain: ChainPrior
    shape: ShapeModel
    border_shift: Floats
    calibration: Calibration
    region: Floats
    point_calibration: Calibration


def fitted_from_record(record: Mapping[str, Any]) -> Fitted:
    """Make the numbers from a file's content.

    Raises
    ------
    ModelError
        When something is missing or of a wrong shape.
    """
    try:
        if record["format"] != FORMAT or tuple(record["levels"]) != LEVEL_NAMES:
            raise ValueError("it is of another version")
        chain = dict(record["chain"])
        shape = record["shape"]
        names = tuple(shape["names"])
        model = ShapeModel(
            names,
            np.array([shape["mean"][name] for name in names], dtype=np.float64).reshape(
                len(names), LEVELS
            ),
            np.array([shape["sd"][name] for name in names], dtype=np.float64).reshape(
                len(names), LEVELS
            ),
            np.array([shape["weight"][name] for name in names], dtype=np.float64),
        )
        groups = {
            name: np.array(values, dtype=np.float64)
            for name, values in record["border_shift"]["groups"].items()
        }
        border_shift = np.stack([groups[name] for name in record["border_shift"]["of_level"]])
        return Fitted(
            ChainPrior(np.array(chain.pop("gap_mm"), dtype=np.float64), **chain),
            model,
            border_shift,
            Calibration(**record["calibration"]),
            np.array(record["points"]["region"], dtype=np.float64),
            Calibration(**record["points"]["calibration"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            worded(
                "The labelling parameters in {file} cannot be used ({reason}). Install "
                "Spineviewer again.",
                file=FILE,
                reason=error,
            )
        ) from error


def load_fitted(folder: Path | None = None) -> Fitted:
    """Return the numbers of a models folder, read once; those of the program if it has none.

    Choice: the numbers hardly depend on the networks' weights, for which users have folders of
    their own.

    Raises
    ------
    ModelError
        When the file is missing or damaged.
    """
    chosen = folder or models_dir()
    return _loaded(chosen if (chosen / FILE).is_file() else shipped_models_dir())


@cache
def _loaded(folder: Path) -> Fitted:
    path = folder / FILE
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            worded(
                "The labelling parameters in {file} cannot be read ({reason}). Install "
                "Spineviewer again.",
                file=path,
                reason=error,
            )
        ) from error
    return fitted_from_record(record)
