"""Protection against damaged files that would make a reader allocate too much memory."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

from spineviewer.errors import ImageReadError

#: Only larger reads are checked.
SMALL_READ = 2**20
#: Choice: no deflated slice or multi-frame object unpacks to more.
MAX_INFLATED_BYTES = 2**28
CHUNK_BYTES = 2**20


def is_file_there(path: Path) -> bool:
    """Return whether a file exists at an untrusted path, which may contain invalid characters."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


class BoundedReader(io.BufferedReader):
    """A file opened for reading, whose reads allocate no more memory than the file has bytes."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb", buffering=0))
        self._length = path.stat().st_size

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > SMALL_READ:
            size = min(size, max(0, self._length - self.tell()))
        return super().read(size)


def check_unpacked_size(path: Path, begin: int) -> None:
    """Check how much a raw deflate stream unpacks to, without storing the result.

    Raises
    ------
    ImageReadError
        When it is damaged or unpacks to more than any CT slice.
    """
    total = 0
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    with path.open("rb") as stream:
        stream.seek(begin)
        while chunk := stream.read(CHUNK_BYTES):
            try:
                while chunk:
                    total += len(unpacker.decompress(chunk, CHUNK_BYTES))
                    chunk = unpacker.unconsumed_tail
                    if total > MAX_INFLATED_BYTES:
                        raise ImageReadError(
                            "{file} unpacks to more than {max_mb} MB, which is too large for a "
                            "CT slice. Choose another series.",
                            file=path.name,
                            max_mb=MAX_INFLATED_BYTES >> 20,
                        )
            except zlib.error as error:
                raise ImageReadError(
                    "{file} is damaged: its compressed data cannot be unpacked. Copy it again from "
                    "the source.",
                    file=path.name,
                ) from error
            if unpacker.eof:
                return
    raise ImageReadError(
        "{file} is truncated: its compressed data ends early. Copy it again from the source.",
        file=path.name,
    )
