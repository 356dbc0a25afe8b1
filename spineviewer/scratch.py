"""Temporary folders that are deleted after their process has ended, even if it was killed.

The process locks a file in the folder, and the system releases the lock when the process ends for
any reason. Folders without a lock are deleted when the next one is created, and at program start.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: an open file cannot be deleted, which serves as a lock
    fcntl = None  # type: ignore[assignment]

HAS_LOCKS = fcntl is not None
#: Folder whose files the system stores in memory.
MEMORY_FOLDER = Path("/dev/shm")
PREFIX = "spineviewer-"
#: Name of the file in a folder that its process locks.
LOCK_FILE = "held"


class ScratchFolder:
    """A private folder that is deleted by `close` or after its process has ended.

    Parameters
    ----------
    place
        The parent folder; None for the system's temporary folder.
    """

    def __init__(self, place: Path | None = None) -> None:
        place = place or Path(tempfile.gettempdir())
        clear_abandoned(place)
        self._lock_file = new_locked_file(lambda: _new_lock_file(place))
        self.path = Path(self._lock_file.name).parent

    def close(self) -> None:
        """Delete the folder. Mapped files stay readable where the system allows it."""
        if HAS_LOCKS:
            shutil.rmtree(self.path, ignore_errors=True)
        self._lock_file.close()
        if not HAS_LOCKS:
            shutil.rmtree(self.path, ignore_errors=True)


def clear_abandoned(*places: Path) -> int:
    """Delete the folders that killed processes on this computer left behind.

    Without `places`, all possible parent folders are searched.

    Returns
    -------
    int
        The number of deleted folders.
    """
    cleared = 0
    for place in places or (Path(tempfile.gettempdir()), MEMORY_FOLDER):
        # skip folders that cannot be listed
        with contextlib.suppress(OSError):
            for file in list(place.glob(f"{PREFIX}{machine_id()}-*/{LOCK_FILE}")):
                cleared += delete_if_abandoned(file, _delete_parent_folder)
    return cleared


def new_locked_file(make: Callable[[], IO[bytes]]) -> IO[bytes]:
    """Return a new file that, while it is open, shows that its process is alive.

    See `delete_if_abandoned`. A file that was deleted between its creation and its locking is
    created again.
    """
    while True:
        stream = make()
        if fcntl is not None:
            # if nothing can be locked, nothing is deleted either
            with contextlib.suppress(OSError):
                fcntl.flock(stream, fcntl.LOCK_EX)
        if fcntl is None or os.fstat(stream.fileno()).st_nlink:
            return stream
        stream.close()


def delete_if_abandoned(file: Path, delete: Callable[[Path], object]) -> bool:
    """Call `delete` with a file of `new_locked_file` if no running process has locked it.

    Return whether it was called and succeeded.
    """
    try:
        if fcntl is None:
            delete(file)
            return True
        handle = os.open(file, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            delete(file)
        finally:
            os.close(handle)
    except OSError:
        return False
    return True


def machine_id() -> str:
    """Return an identifier of this computer for names of temporary files.

    Locks held by other computers may not be visible here, so files with their identifiers are left
    alone.
    """
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _new_lock_file(place: Path) -> IO[bytes]:
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{machine_id()}-", dir=place))
    return (folder / LOCK_FILE).open("xb")


def _delete_parent_folder(file: Path) -> None:
    if fcntl is None:
        file.unlink()  # fails as long as the file is open
    shutil.rmtree(file.parent)
