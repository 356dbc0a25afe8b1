"""Unpacking of zip files into one folder, safe for untrusted files. Runs in the child process."""

from __future__ import annotations

import lzma
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

from spineviewer.errors import ImageReadError, reason_of
from spineviewer.io.dicom.series_search import LIBRARY_ERRORS

#: Choice: no study is larger.
MAX_BYTES = 32 * 2**30
MAX_ENTRIES = 100_000
CHUNK_BYTES = 2**20


def is_zip_file(path: Path) -> bool:
    """Return whether a file starts with the signature of a zip file."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def unpack(path: Path, folder: Path, on_progress: Callable[[int, int], None]) -> None:
    """Unpack the files of a zip file into one folder; hidden files are left out.

    Paths inside the zip file are ignored: a file's new name is a number and, for messages, the
    harmless part of its old name.

    Raises
    ------
    ImageReadError
        When the zip file is damaged, protected by a password, larger than it states, or too large.
    """
    try:
        with zipfile.ZipFile(path) as zip_file:
            entries = [
                entry
                for entry in zip_file.infolist()
                if not entry.is_dir() and not _is_hidden(entry.filename)
            ]
            _check_size(path, entries, folder)
            for number, entry in enumerate(entries):
                on_progress(number, len(entries))
                if entry.flag_bits & 1:
                    raise ImageReadError(
                        "{file} is password-protected. Unpack it and open the folder.",
                        file=path.name,
                    )
                with (
                    zip_file.open(entry) as packed,
                    (folder / f"{number:06d}-{_harmless_name(entry.filename)}").open("wb") as plain,
                ):
                    _copy(packed, plain, entry.file_size, path)
    except OSError as error:
        raise ImageReadError(
            "{file} cannot be unpacked: {reason}. Unpack it with another program and open the "
            "folder.",
            file=path.name,
            reason=reason_of(error),
        ) from error
    except (
        zipfile.BadZipFile,
        lzma.LZMAError,
        *LIBRARY_ERRORS,
    ) as error:  # undecodable names, unknown compression methods
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise ImageReadError(
            "{file} is a damaged zip file: {reason}. Copy it again from the source.",
            file=path.name,
            reason=reason,
        ) from error


def _check_size(path: Path, entries: list[zipfile.ZipInfo], folder: Path) -> None:
    declared = sum(entry.file_size for entry in entries)
    free = shutil.disk_usage(folder).free
    if len(entries) > MAX_ENTRIES or declared > MAX_BYTES:
        raise ImageReadError(
            "{file} contains {count} files with a total size of {declared_gb:.1f} GB, which is "
            "too much for one study. Unpack it and open one of its folders.",
            file=path.name,
            count=len(entries),
            declared_gb=declared / 1e9,
        )
    if declared > free:
        raise ImageReadError(
            "{file} needs {declared_gb:.1f} GB of temporary space, but only {free_gb:.1f} GB is "
            "free. Free some space and try again.",
            file=path.name,
            declared_gb=declared / 1e9,
            free_gb=free / 1e9,
        )


def _copy(packed: IO[bytes], plain: IO[bytes], declared: int, path: Path) -> None:
    written = 0
    while chunk := packed.read(CHUNK_BYTES):
        written += len(chunk)
        if written > declared:
            raise ImageReadError(
                "{file} is a damaged zip file: a file in it is larger than stated. Copy it again "
                "from the source.",
                file=path.name,
            )
        plain.write(chunk)


def _is_hidden(name: str) -> bool:
    return any(
        part.startswith((".", "__MACOSX")) and part != ".." for part in PurePosixPath(name).parts
    )


def _harmless_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", PurePosixPath(name.replace("\\", "/")).name)[-60:]
