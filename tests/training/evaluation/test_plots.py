"""Plots show the given data."""

from pathlib import Path

import numpy as np
from matplotlib.patches import Rectangle
from PIL import Image

from spineviewer.training.evaluation import plots


def test_the_curve_contains_every_loss_and_score_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    lines = [
        '{"step": 50, "loss": 2.0}',
        '{"step": 50, "held_out_score": 0.5}',
        '{"step": 100, "loss": 0.2}',
        '{"step": 100, "held_out_score": 0.9}',
    ]
    log.write_text("\n".join([*lines, ""]))
    figure = plots.training_curve(log, tmp_path / "curve.png")
    (loss,), (score,) = (axes.lines for axes in figure.axes)
    assert loss.get_xydata().tolist() == [[50, 2.0], [100, 0.2]]
    assert score.get_xydata().tolist() == [[50, 0.5], [100, 0.9]]
    with Image.open(tmp_path / "curve.png") as picture:
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 10


def test_an_empty_log_gives_empty_axes(tmp_path: Path) -> None:
    figure = plots.training_curve(tmp_path / "log.jsonl", tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 1000
    assert all(len(axes.lines[0].get_xydata()) == 0 for axes in figure.axes)


def test_the_table_frames_the_best_cell_and_names_rows_and_columns() -> None:
    values = np.linspace(0.5, 0.6, 12).reshape(3, 4)
    values[1, 2] = 0.9
    figure = plots.dice_table(
        values, thresholds=(0.1, 0.2, 0.3, 0.4), sigmas_mm=(5, 10, 15), title="Dice"
    )
    (axes,) = figure.axes
    (frame,) = (patch for patch in axes.patches if isinstance(patch, Rectangle))
    assert frame.get_xy() == (1.5, 0.5)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["5", "10", "15"]
    assert "0.900" in {text.get_text() for text in axes.texts}


def test_calibration_is_drawn_against_the_diagonal() -> None:
    figure = plots.calibration([0.25, 0.75], [0.2, 0.9], [0.1, 0.9], [0.4, 0.0])
    left, right = figure.axes
    assert left.lines[0].get_xydata().tolist() == [[0, 0], [1, 1]]
    assert left.lines[1].get_xydata().tolist() == [[0.25, 0.2], [0.75, 0.9]]
    assert right.lines[0].get_xydata().tolist() == [[0.1, 0.4], [0.9, 0.0]]


def test_a_tissue_that_one_side_lacks_is_drawn_for_the_other() -> None:
    samples = {"fat": [np.full(10, -100, np.int16)]}
    figure = plots.tissue_histograms(samples, {})
    assert [len(axes.patches) for axes in figure.axes] == [0, 0, 0, 0, 0, 1]
