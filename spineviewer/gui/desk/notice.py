"""What the desk tells the reader in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Level(Enum):
    """How loudly a notice speaks."""

    INFO = "info"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Notice:
    """A sentence above the views. `topic` replaces an older notice of the same topic; a lasting one cannot be dismissed."""

    level: Level
    text: str
    topic: str
    is_lasting: bool = False
    paths: tuple[Path, ...] = ()
