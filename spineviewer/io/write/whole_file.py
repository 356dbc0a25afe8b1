"""Files that are written completely or not at all.

Every file is written to a temporary file in the same folder, synced, and renamed to its target. A
full disk, a disconnected drive or a killed process leaves the previous file unchanged. Temporary
files of killed processes are deleted at the next write into that folder.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from spineviewer.errors import ExportError, reason_of
from spineviewer.scratch import HAS_LOCKS, delete_if_abandoned, machine_id, new_locked_file

#: Beginning and end of the name of an incomplete file.
UNFINISHED, UNFINISHED_EXTENSION = ".spineviewer-", ".part"
#: Without locks, a file younger than this may still be in use.
MIN_AGE_S = 60.0


def check_target(path: Path, overwrite: bool, needed_bytes: int = 0) -> None:
    """Check whether a file can be written, before its content is computed.

    Raises
    ------
    ExportError
        When the folder is missing, read-only or full, or the file exists and `overwrite` is False.
    """
    folder = path.parent
    if not folder.is_dir():
        raise ExportError(
            "{file} cannot be written: the folder {folder} does not exist. Create it or choose "
            "another folder.",
            file=path,
            folder=folder,
        )
    if path.is_dir():
        raise ExportError(
            "{file} cannot be written: it is a folder. Choose another name.", file=path
        )
    if path.exists() and not overwrite:
        raise ExportError(
            "{file} already exists. Choose another name or allow overwriting (--overwrite).",
            file=path,
        )
    if not os.access(folder, os.W_OK):
        raise ExportError(
            "{file} cannot be written: the folder {folder} is read-only. Choose another folder.",
            file=path,
            folder=folder,
        )
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise ExportError(
            "{file} needs {needed_mb:.0f} MB, but only {free_mb:.0f} MB is free on that disk. Free "
            "some space and try again.",
            file=path,
            needed_mb=needed_bytes / 1e6,
            free_mb=free / 1e6,
        )


def write_atomically(
    path: Path, write: Callable[[IO[bytes]], object], *, is_private: bool = False
) -> None:
    """Fill a temporary file next to `path` with `write`, then sync it and rename it to `path`.

    Parameters
    ----------
    is_private
        Whether only the file's owner can read it, regardless of the system's default.

    Raises
    ------
    ExportError
        When the file cannot be written; `path` is then unchanged, and no temporary file remains.
        Also when the file was written but its folder cannot be synced; `path` then has the new
        content.
    """
    temporary: Path | None = None
    try:
        delete_leftovers(path.parent)
        with _temporary_in(path.parent) as stream:
            temporary = Path(stream.name)
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
            if not is_private:
                _set_permissions(temporary, path)
            if HAS_LOCKS:  # rename while it is locked, so that it is not deleted as a leftover
                temporary.replace(path)
        if not HAS_LOCKS:
            temporary.replace(path)
        temporary = None
    except OSError as error:
        raise ExportError(
            "{file} cannot be written: {reason}. Existing files were not changed. Check "
            "permissions and free space, or choose another folder.",
            file=path,
            reason=reason_of(error),
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    _sync_folder(path)


def write_bytes(path: Path, content: bytes, *, is_private: bool = False) -> None:
    """Write `content` to a file, completely or not at all; errors as for `write_atomically`."""
    write_atomically(path, lambda stream: stream.write(content), is_private=is_private)


def delete_leftovers(folder: Path) -> int:
    """Delete unfinished files of this computer's killed processes; return their number.

    A process locks its file as long as it is alive, so only orphaned files are deleted. Where locks
    are not available, files younger than `MIN_AGE_S` are left. Files of other computers, whose
    locks may not be visible here, are not touched.
    """
    deleted = 0
    with contextlib.suppress(OSError):  # the folder may not be readable
        for path in list(folder.glob(f"{_own_prefix()}*{UNFINISHED_EXTENSION}")):
            deleted += _delete_if_unused(path)
    return deleted


def _delete_if_unused(path: Path) -> bool:
    if not HAS_LOCKS:
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime <= MIN_AGE_S:
                return False
    return delete_if_abandoned(path, Path.unlink)


def _temporary_in(folder: Path) -> IO[bytes]:
    """Return a new file with a lock on it."""
    return new_locked_file(
        lambda: tempfile.NamedTemporaryFile(
            prefix=_own_prefix(), suffix=UNFINISHED_EXTENSION, dir=folder, delete=False
        )
    )


def _own_prefix() -> str:
    return f"{UNFINISHED}{machine_id()}-"


def _set_permissions(temporary: Path, target: Path) -> None:
    """Replace owner-only permissions with those of the target, or with the default ones."""
    if os.name != "posix":
        return
    mask = os.umask(0)
    os.umask(mask)
    temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~mask)


def _sync_folder(file: Path) -> None:
    """Sync the folder of a written file, so that its name survives a power failure."""
    if os.name != "posix":
        return
    try:
        handle = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.ENOTSUP}:  # not supported by some network drives
            return
        raise ExportError(
            "{file} was written, but the drive did not confirm it: {reason}. Check the drive, and "
            "write the file again.",
            file=file,
            reason=reason_of(error),
        ) from error
