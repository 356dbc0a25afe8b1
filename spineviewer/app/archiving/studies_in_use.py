"""The folder of retrieved studies, and a record of those that this instance has open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def store_folder() -> Path:
    """Return the folder of retrieved studies, in the user's own data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("spineviewer", appauthor=False)) / "studies"


def mark_studies_in_use(paths: Sequence[Path]) -> None:
    """Record which stored studies this instance has open, so that they are not deleted.

    Parameters
    ----------
    paths
        Absolute paths of all open scans.
    """
    folder = store_folder()
    if not folder.is_dir():
        return
    from spineviewer.archive.node import is_uid
    from spineviewer.archive.store import LocalStore

    below = (path.relative_to(folder) for path in paths if path.is_relative_to(folder))
    uids = {path.parts[0] for path in below if path.parts}
    LocalStore(folder).mark_in_use([uid for uid in uids if is_uid(uid)])
