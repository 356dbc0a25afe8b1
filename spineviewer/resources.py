"""Where the program's own files lie: in a checkout beside the package, in an installed program inside it."""

from __future__ import annotations

import os
from pathlib import Path

from spineviewer.errors import ModelError

_PACKAGE = Path(__file__).resolve().parent


def models_dir() -> Path:
    """Folder with weights and their configuration; `$SPINEVIEWER_MODELS` overrides it.

    Raises
    ------
    ModelError
        When there is none.
    """
    chosen = os.environ.get("SPINEVIEWER_MODELS")
    if chosen:
        return Path(chosen)
    return _found("models")


def assets_dir() -> Path:
    """Folder with icons and the sample scan."""
    return _found("assets")


def _found(name: str) -> Path:
    for folder in (_PACKAGE / "_bundled" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise ModelError(f"The program's folder '{name}' is missing: the installation is incomplete. Install Spineviewer again.")
