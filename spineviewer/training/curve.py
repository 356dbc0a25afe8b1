"""A run's log as a picture: the loss, and the score of the cases that were held out, over the steps."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image, ImageDraw

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 900, 420, 60, 40, 34
INK, GRID, LOSS_COLOUR, SCORE_COLOUR = (40, 44, 52), (222, 226, 232), (31, 119, 180), (214, 96, 20)


def draw_curve(log: Path, picture: Path) -> None:
    """Draw `log.jsonl` into a PNG; an empty log draws empty axes.

    Loss on the left scale (0 to its largest value), held-out score from 0 to 1 on the same height.
    """
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.is_file() else []
    losses = [(entry["step"], entry["loss"]) for entry in entries if "loss" in entry]
    scores = [(entry["step"], entry["held_out_score"]) for entry in entries if "held_out_score" in entry]
    last_step = max([step for step, _ in losses + scores], default=1)
    highest_loss = max([loss for _, loss in losses], default=1.0)
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    for tenth in range(0, 11, 2):
        y = _height(tenth / 10)
        draw.line([(LEFT, y), (WIDTH - LEFT, y)], GRID)
        draw.text((8, y - 6), f"{highest_loss * tenth / 10:.3g}", LOSS_COLOUR)
        draw.text((WIDTH - LEFT + 8, y - 6), f"{tenth / 10:.1f}", SCORE_COLOUR)
    for quarter in range(5):
        x = LEFT + (WIDTH - 2 * LEFT) * quarter / 4
        draw.text((x - 12, HEIGHT - BOTTOM + 8), f"{last_step * quarter // 4}", INK)
    draw.text((LEFT, 10), "loss (mean of 50 steps)", LOSS_COLOUR)
    draw.text((LEFT + 220, 10), "score of held-out cases", SCORE_COLOUR)
    _line(draw, [(step / last_step, loss / highest_loss) for step, loss in losses], LOSS_COLOUR)
    _line(draw, [(step / last_step, score) for step, score in scores], SCORE_COLOUR)
    image.save(picture)


def _line(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], colour: tuple[int, int, int]) -> None:
    pixels = [(LEFT + (WIDTH - 2 * LEFT) * x, _height(y)) for x, y in points]
    if len(pixels) > 1:
        draw.line(pixels, colour, width=2)
    for x, y in pixels if len(pixels) < 60 else []:
        draw.ellipse([x - 3, y - 3, x + 3, y + 3], colour)


def _height(fraction: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * fraction
