"""Shared by all commands: progress on a terminal, and one-line messages about wrong arguments."""

from __future__ import annotations

import argparse
import sys
import time
from typing import NoReturn

from spineviewer.errors import UsageError


def say(text: str) -> None:
    """Write a line to stderr: results alone go to stdout."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class TerminalProgress:
    """One line on stderr: stage, per cent, time left.

    Where stderr is no terminal, one line per stage.

    Choice: the time left is that of the stage, once it has run for a second.
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
        sys.stderr.write(f"\r\x1b[K{stage}  {100 * fraction:.0f} %{left}")
        sys.stderr.flush()
        self._is_line_open = True

    def note(self, text: str) -> None:
        """Write a line of its own."""
        self.end()
        say(text)

    def end(self) -> None:
        """Leave the progress line."""
        if self._is_line_open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_line_open = False


class CommandParser(argparse.ArgumentParser):
    """Argument parser that reports errors in one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")
