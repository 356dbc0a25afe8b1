"""Plots for training: curves, tables of Dice, calibration and histograms.

matplotlib comes with the `train` extra; no other part of the program needs it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

LOSS_COLOUR = REAL_COLOUR = "#1f77b4"
SCORE_COLOUR = SYNTHETIC_COLOUR = "#d66014"
BEST_COLOUR = "#c8003c"
#: HU shown for each tissue.
_SPANS_HU = {"fat": (-200, -20), "muscle": (-100, 200), "discs": (-100, 400)}
_BONE_SPAN_HU = (-200, 1400)


def training_curve(log: Path, picture: Path) -> Figure:
    """Plot the `log.jsonl` of a run, save the picture and return the figure.

    The left axis shows the loss, the right one the score of the held-out cases. An empty or
    missing log gives empty axes.
    """
    lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
    entries = [json.loads(line) for line in lines]
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    left = figure.subplots()
    left.set(xlabel="step", ylim=(0, None))
    left.set_ylabel("loss (mean of 50 steps)", color=LOSS_COLOUR)
    left.plot(*_columns(entries, "loss"), color=LOSS_COLOUR)
    right = left.twinx()
    right.set(ylim=(0, 1))
    right.set_ylabel("score of held-out cases", color=SCORE_COLOUR)
    right.plot(*_columns(entries, "held_out_score"), color=SCORE_COLOUR, marker=".")
    figure.savefig(picture)
    return figure


def _columns(entries: Sequence[Mapping[str, float]], name: str) -> tuple[list[float], list[float]]:
    known = [entry for entry in entries if name in entry]
    return [entry["step"] for entry in known], [entry[name] for entry in known]


def dice_table(
    values: NDArray[np.float64],
    *,
    thresholds: Sequence[float],
    sigmas_mm: Sequence[float],
    title: str,
) -> Figure:
    """Return a plot of the mean Dice as coloured cells, with a frame around the best one.

    Parameters
    ----------
    values
        float64, shape (sigmas, thresholds).
    """
    rows, columns = values.shape
    figure = Figure(figsize=(2 + 0.55 * columns, 1.6 + 0.36 * rows), layout="constrained")
    axes = figure.subplots()
    axes.imshow(values, cmap="cividis", vmin=float(np.quantile(values, 0.25)), aspect="auto")
    axes.set(title=title, xlabel="attention threshold", ylabel="sigma, mm")
    axes.set_xticks(range(columns), [f"{t:g}" for t in thresholds])
    axes.set_yticks(range(rows), [f"{s:g}" for s in sigmas_mm])
    middle = (float(np.quantile(values, 0.25)) + float(values.max())) / 2
    for row, column in np.ndindex(rows, columns):
        ink = "black" if values[row, column] > middle else "white"
        text = f"{values[row, column]:.3f}"
        axes.text(column, row, text, ha="center", va="center", color=ink, size=8)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    frame = Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=BEST_COLOUR, lw=3)
    axes.add_patch(frame)
    return figure


def calibration(
    probability: Sequence[float],
    true_fraction: Sequence[float],
    confidence: Sequence[float],
    error_rate: Sequence[float],
) -> Figure:
    """Return plots of the fraction of spine by probability and of the error rate by confidence."""
    figure = Figure(figsize=(8.6, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [0, 1], color="0.8")
    left.plot(probability, true_fraction, color=REAL_COLOUR, marker=".")
    left.set(xlabel="probability", ylabel="fraction of spine", xlim=(0, 1), ylim=(0, 1))
    right.plot(confidence, error_rate, color=REAL_COLOUR, marker=".")
    right.set(xlabel="confidence", ylabel="error rate", xlim=(0, 1), ylim=(0, None))
    return figure


def tissue_histograms(
    real: Mapping[str, Sequence[NDArray[np.int16]]],
    synthetic: Mapping[str, Sequence[NDArray[np.int16]]],
) -> Figure:
    """Return histograms of six tissues, with real and synthetic scans in the same axes.

    Parameters
    ----------
    real, synthetic
        HU samples (int16, 1-D, one array per case) by tissue (`realism.tissue_samples`).
    """
    figure = Figure(figsize=(13, 7.2), layout="constrained")
    tissues = ("cortex", "marrow", "endplates", "discs", "muscle", "fat")
    for axes, tissue in zip(figure.subplots(2, 3).ravel(), tissues, strict=True):
        _histogram(axes, tissue, real.get(tissue, ()), REAL_COLOUR, "real")
        _histogram(axes, tissue, synthetic.get(tissue, ()), SYNTHETIC_COLOUR, "synthetic")
        axes.set(xlabel=f"{tissue}, HU", yticks=[])
        if axes.lines or axes.patches:
            axes.legend()
    return figure


def _histogram(
    axes: Axes, tissue: str, samples: Sequence[NDArray[np.int16]], colour: str, label: str
) -> None:
    if samples:
        span = _SPANS_HU.get(tissue, _BONE_SPAN_HU)
        values = np.concatenate(list(samples))
        axes.hist(
            values, bins=80, range=span, density=True, histtype="step", color=colour, label=label
        )
