"""Where retrieved studies are, and which of them this program has open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def store_folder() -> Path:
    """Return where retrieved studies are, in the user's own data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("spineviewer", appauthor=False)) / "studies"


def hold_studies(paths: Sequence[Path]) -> None:
    """Note which studies of the local store this program has open, so that they are spared.

    Parameters
    ----------
    paths
        Of all scans that are open, absolute.
    """
    folder = store_folder()
    if not folder.is_dir():
        return
    from spineviewer.archive.node import is_uid
    from spineviewer.archive.store import LocalStore

    below = (path.relative_to(folder) for path in paths if path.is_relative_to(folder))
    uids = {path.parts[0] for path in below if path.parts}
    LocalStore(folder).hold([uid for uid in uids if is_uid(uid)])
