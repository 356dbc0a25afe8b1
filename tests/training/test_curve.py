"""The picture of a run."""

from pathlib import Path

import numpy as np
from PIL import Image

from spineviewer.training.curve import LOSS_COLOUR, SCORE_COLOUR, draw_curve


def test_loss_and_score_are_drawn_and_a_falling_loss_falls(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    lines = ['{"step": 50, "loss": 2.0}', '{"step": 50, "held_out_score": 0.5}', '{"step": 100, "loss": 0.2}']
    log.write_text("\n".join([*lines, '{"step": 100, "held_out_score": 0.9}', ""]))
    draw_curve(log, tmp_path / "curve.png")
    with Image.open(tmp_path / "curve.png") as picture:
        pixels = np.asarray(picture)
    inside = pixels[40:-45, 64:-64]
    rows, columns = np.nonzero((inside == LOSS_COLOUR).all(axis=-1))
    assert rows[columns.argmin()] < rows[columns.argmax()]
    assert (inside == SCORE_COLOUR).all(axis=-1).sum() > 10


def test_an_empty_log_draws_axes(tmp_path: Path) -> None:
    draw_curve(tmp_path / "log.jsonl", tmp_path / "curve.png")
    with Image.open(tmp_path / "curve.png") as picture:
        assert picture.size == (900, 420)
