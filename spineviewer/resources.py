"""The program's own files: next to the package in a checkout, inside it if installed."""

from __future__ import annotations

import os
from pathlib import Path

from spineviewer.errors import ModelError

_PACKAGE = Path(__file__).resolve().parent


#: Environment variable that overrides the models folder.
MODELS_VARIABLE = "SPINEVIEWER_MODELS"


def models_dir() -> Path:
    """Return the folder with the weights and their configuration, or `$SPINEVIEWER_MODELS`.

    Raises
    ------
    ModelError
        When the program's own folder is missing.
    """
    chosen = os.environ.get(MODELS_VARIABLE)
    if chosen:
        return Path(chosen)
    return _find_folder("models")


def shipped_models_dir() -> Path:
    """Return the models folder that was installed with the program, ignoring `$SPINEVIEWER_MODELS`.

    Raises
    ------
    ModelError
        When the folder is missing.
    """
    return _find_folder("models")


def assets_dir() -> Path:
    """Return the folder with icons, fonts, Help and the sample scan."""
    return _find_folder("assets")


def _find_folder(name: str) -> Path:
    for folder in (_PACKAGE / "_bundled" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise ModelError(
        "The program's folder '{name}' is missing: the installation is incomplete. Install "
        "Spineviewer again.",
        name=name,
    )
