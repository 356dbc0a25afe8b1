"""The fitted parameters, from the file that `spineviewer fit-labelling` writes."""

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
from spineviewer.labelling.features import RIB
from spineviewer.resources import models_dir, shipped_models_dir
from spineviewer.volume.levels import LEVEL_NAMES

Floats = NDArray[np.float64]

FILE, FORMAT = "labelling.json", 2
#: Patient offsets over which evidence is summed, in units of the offsets' spread, and the
#: logarithms of the offsets' weights. The weights sum to 1.
_OFFSETS = np.linspace(-2.4, 2.4, 7)
_LOG_OFFSET_WEIGHT = -0.5 * _OFFSETS**2 - np.log(np.exp(-0.5 * _OFFSETS**2).sum())
#: Choice: largest log evidence of one feature of one body against a level, before weighting,
#: because a measurement may be wrong. The second limit is for ribs: they define the levels, so
#: contradicting them is as unlikely as an extra or missing rib, about one in 400 people.
_MAX_AGAINST, _MAX_RIB_AGAINST = 4.0, 6.0
#: Choice: fraction of patients whose vertebral shapes say little about the levels, for example
#: because of large osteophytes or bridged discs. Without it, names in crops of a validation case
#: were wrong with a stated probability of 0.98.
_ODD_SHAPES_FRACTION = 0.1
#: Choice: fraction of scans that hardly show ribs.
_ODD_RIBS_FRACTION = 0.02
#: Choice: weight of the evidence of shapes or ribs in these cases.
_ODD_WEIGHT = 0.3


@dataclass(frozen=True, eq=False)
class ShapeModel:
    """The usual features of each level, modelled as independent with heavy-tailed distributions.

    Within one patient, each feature is offset by the same amount in all vertebrae: if the processes
    are wide at T5, they are also wide at T6. The evidence is summed over all offsets, so that the
    same evidence is not counted once for each body.

    Attributes
    ----------
    names
        Names of the features (`features.FEATURES`).
    mean, sd
        Shape (features, LEVELS): mean and standard deviation over all bodies of a level.
    patient_sd, body_sd
        Shape (features,), in units of `sd`: spread of the patients' offsets, and of the bodies of a
        patient around the patient's offset.
    weight
        Shape (features,): weight of each feature, because features are not in fact independent.
    """

    names: tuple[str, ...]
    mean: Floats
    sd: Floats
    patient_sd: Floats
    body_sd: Floats
    weight: Floats

    def row_log_likelihood(
        self, values: Floats, levels: NDArray[np.int64], reliance: Floats
    ) -> Floats:
        """Return the log likelihood of a scan's features for several candidate sequences of levels.

        float64, shape (rows,); each row is one candidate. It is the sum of two terms, for shape
        features and for ribs, each relative to its best row and each allowing for patients in whom
        it is uninformative. The parameters are those of `row_evidence`: float64, shapes (bodies,
        features) and (bodies,), and int64, shape (rows, bodies).
        """
        evidence, is_rib = self._feature_evidence(values, levels, reliance), self._is_rib
        shapes, ribs = (evidence[:, part].sum(axis=1) for part in (~is_rib, is_rib))
        return _weakened(shapes, _ODD_SHAPES_FRACTION) + _weakened(ribs, _ODD_RIBS_FRACTION)

    def row_evidence(self, values: Floats, levels: NDArray[np.int64], reliance: Floats) -> Floats:
        """Return the log density of a scan's features for several candidate sequences of levels.

        A NaN carries no evidence. C1, which has no body, always counts as being one standard
        deviation off.

        Parameters
        ----------
        values
            float64, shape (bodies, features).
        levels
            int64, shape (rows, bodies): one candidate in each row; the result is float64, shape
            (rows,).
        reliance
            float64, shape (bodies,): how much each body counts, from 0 to 1.
        """
        return np.asarray(self._feature_evidence(values, levels, reliance).sum(axis=1))

    @property
    def _is_rib(self) -> NDArray[np.bool_]:
        return np.array([name == RIB for name in self.names])

    def _feature_evidence(
        self, values: Floats, levels: NDArray[np.int64], reliance: Floats
    ) -> Floats:
        """Return the weighted log density of each feature: float64, shape (rows, features)."""
        sd = self.sd.T[levels]
        is_known = np.isfinite(values)[None]
        deviation = np.where(is_known, (values[None] - self.mean.T[levels]) / sd, 0.0)
        deviation = np.where(levels[:, :, None] == 0, 1.0, deviation)[..., None]
        deviation = (deviation - self.patient_sd[:, None] * _OFFSETS) / self.body_sd[:, None]
        max_against = np.where(self._is_rib, _MAX_RIB_AGAINST, _MAX_AGAINST)[:, None]
        score = np.maximum(-2.5 * np.log1p(deviation**2 / 4.0), -max_against)
        score -= np.log(sd)[..., None]
        score = np.where(is_known[..., None], score, 0.0) * reliance[None, :, None, None]
        by_feature = np.logaddexp.reduce(score.sum(axis=1) + _LOG_OFFSET_WEIGHT, axis=2)
        return np.asarray(by_feature * self.weight)


def _weakened(evidence: Floats, odd_fraction: float) -> Floats:
    """Return log evidence relative to the best row, less decisive where it may be uninformative.

    In a fraction of the patients, it counts less. float64, shape (rows,), like `evidence`.
    """
    usual = evidence - evidence.max(initial=-np.inf)
    return np.asarray(
        np.logaddexp(np.log(1 - odd_fraction) + usual, np.log(odd_fraction) + _ODD_WEIGHT * usual)
    )


@dataclass(frozen=True)
class Calibration:
    """Converts the chain's probability to the fraction of correct names; linear in log odds."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, probability: Floats | float) -> Floats:
        """Return the calibrated probability."""
        p = np.clip(np.asarray(probability, dtype=np.float64), 1e-6, 1 - 1e-6)
        return np.asarray(1 / (1 + np.exp(-(self.slope * np.log(p / (1 - p)) + self.offset))))


@dataclass(frozen=True, eq=False)
class Fitted:
    """All fitted parameters of the labelling stage.

    Attributes
    ----------
    border_shift
        Shape (LEVELS, back, left): how far below the disc's plane the border under a level runs, in
        units of `pitch_mm` (`partition.CutSurface`).
    region, point_calibration, pedicle_log_size, pedicle_spread
        For points from a detector: weights of its region probabilities; the calibration; and the
        usual logarithms of the pedicle sizes and the spread of these logarithms, shape (LEVELS, 2).
    """

    chain: ChainPrior
    shape: ShapeModel
    border_shift: Floats
    calibration: Calibration
    region: Floats
    point_calibration: Calibration
    pedicle_log_size: Floats
    pedicle_spread: Floats


def fitted_from_record(record: Mapping[str, Any]) -> Fitted:
    """Return the parameters from a file's content.

    Raises
    ------
    ModelError
        When something is missing or has the wrong shape.
    """
    try:
        if record["format"] != FORMAT or tuple(record["levels"]) != LEVEL_NAMES:
            raise ValueError("they are from another version")
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
            *(
                np.array([shape[kind][name] for name in names], dtype=np.float64)
                for kind in ("patient_sd", "body_sd", "weight")
            ),
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
            np.array(record["points"]["pedicle_middle"], dtype=np.float64),
            np.array(record["points"]["pedicle_spread"], dtype=np.float64),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            "The labelling parameters in {file} cannot be used ({reason}). Install "
            "Spineviewer again.",
            file=FILE,
            reason=error,
        ) from error


def load_fitted(folder: Path | None = None) -> Fitted:
    """Return the parameters in a models folder, or the built-in ones if it has none; cached.

    Choice: users may have folders with their own network weights. The parameters hardly depend on
    these.

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
            "The labelling parameters in {file} cannot be read ({reason}). Install "
            "Spineviewer again.",
            file=path,
            reason=error,
        ) from error
    return fitted_from_record(record)
