"""Shared code of the commands: terminal progress and segmentation options."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace

from spineviewer.command_parser import CommandParser
from spineviewer.tuning import Tuning

#: The devices of `inference.device`, repeated here so that --help does not import the networks.
DEVICES = ("auto", "cpu", "cuda", "mps", "intel-gpu")


def say(text: str) -> None:
    """Write a line to stderr; only results go to stdout."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class TerminalProgress:
    """One line on stderr: stage, percent, time left.

    If stderr is not a terminal, one line per stage is written.

    Choice: the time left is that of the current stage, shown after the stage has run for a second.
    """

    def __init__(self) -> None:
        self._stage = ""
        self._stage_start = 0.0
        self._last_draw = 0.0
        self._is_terminal = sys.stderr.isatty()
        self._is_line_open = False

    def step(self, stage: str, fraction: float) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._stage_start = stage, now
            if not self._is_terminal:
                say(stage)
        if not self._is_terminal or (now - self._last_draw < 0.1 and fraction < 1):
            return
        self._last_draw = now
        elapsed = now - self._stage_start
        left = (
            f"  about {elapsed * (1 - fraction) / fraction:.0f} s left"
            if elapsed > 1 and 0 < fraction < 1
            else ""
        )
        sys.stderr.write(f"\r\x1b[K{stage}  {100 * fraction:.0f}%{left}")
        sys.stderr.flush()
        self._is_line_open = True

    def note(self, text: str) -> None:
        """Write a message on a new line."""
        self.end()
        say(text)

    def end(self) -> None:
        """End the progress line."""
        if self._is_line_open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_line_open = False


def add_segmenting_options(parser: CommandParser) -> None:
    """Add the options for thresholds, islands and the device."""
    default = "(default: set by the model)"
    parser.add_argument(
        "--threshold", type=float, metavar="T", help=f"attention threshold, 0 to 1 {default}"
    )
    parser.add_argument(
        "--sigma-mm", type=float, metavar="S", help=f"smoothing of the attention map {default}"
    )
    parser.add_argument(
        "--segmentation-threshold",
        type=float,
        metavar="P",
        help=f"segmentation threshold, 0 to 1 {default}",
    )
    parser.add_flag(
        "--plain-fusion",
        "keep all pieces of the mask, including those far from the spine and small ones",
    )
    parser.add_argument(
        "--device",
        default="auto",
        choices=DEVICES,
        metavar="DEVICE",
        help=f"where to compute: {', '.join(DEVICES)}",
    )


def tuning_from(options: argparse.Namespace, defaults: Tuning) -> Tuning:
    """Return the tuning from the options and, where an option is not given, from the defaults.

    Raises
    ------
    UsageError
        When a value is out of range.
    """
    values = {
        "attention_threshold": options.threshold,
        "sigma_mm": options.sigma_mm,
        "segmentation_threshold": options.segmentation_threshold,
    }
    tuning = replace(defaults, **{name: n for name, n in values.items() if n is not None})
    return replace(tuning, leaves_out_islands=False) if options.plain_fusion else tuning
