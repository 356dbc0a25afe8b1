"""Small files, written in the background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from spineviewer.app.jobs import Failed, JobKind, Outcome
from spineviewer.gui.desk import Level, Notice, ReadingDesk
from spineviewer.gui.language import tr


def write_small_file(desk: ReadingDesk, path: Path, write: Callable[[], None], topic: str) -> None:
    """Run `write` in the background and tell whether the file was saved, as a notice of a topic."""

    def tell(outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            desk.noticed.emit(Notice(Level.BAD, outcome.message, topic))
        else:
            text = tr("Saved {file} to {folder}", file=path.name, folder=path.parent)
            desk.noticed.emit(Notice(Level.INFO, text, topic, paths=(path,)))

    desk.runner.write(JobKind.SMALL_FILE, write, on_end=tell)
