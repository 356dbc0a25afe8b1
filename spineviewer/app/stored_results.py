"""Network results of one scan as bytes, so that a session reopens without computing them again.

A header of one JSON line identifies the scan and the weights; both are checked before anything is
used. The values are stored without loss, as they are in memory: the attention of all cells, and the
probability of all computed columns.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.worker import true_runs
from spineviewer.errors import DAMAGE, ImageReadError
from spineviewer.volume.volume import AttentionMap, CtVolume, ProbabilityMap

FORMAT, VERSION = "spineviewer results", 1
#: Choice: larger results are not stored but computed again; a whole body takes a third of this.
MAX_BYTES = 128 * 2**20
#: Maximum size of the header: a few hundred bytes, plus the sentences of the run record.
MAX_HEADER_BYTES = 2**16
SECTION_BYTES = 2**18
#: Outside bone, probabilities are nearly 0: the fastest level halves the size, and higher levels
#: hardly reduce it further.
COMPRESSION_LEVEL = 1


@dataclass(frozen=True, eq=False)
class Results:
    """The networks' results, ready to be displayed; `run_record` states how they were computed."""

    attention: AttentionMap
    probability: ProbabilityMap | None
    run_record: Mapping[str, object]


def pack_results(
    fusion: FusionOverlay, run_record: Mapping[str, object], fingerprint: str
) -> bytes:
    """Return both maps of a fusion as bytes.

    Parameters
    ----------
    fingerprint
        Fingerprint of the scan (`session.scan_fingerprint`).

    Returns
    -------
    bytes
        Empty if the maps would take more than `MAX_BYTES`.
    """
    from isal import isal_zlib

    cells = np.ascontiguousarray(fusion.attention.cells, np.float32)
    packer = isal_zlib.compressobj(COMPRESSION_LEVEL)
    parts = [packer.compress(cells.tobytes())]
    runs: list[tuple[int, int]] = []
    if fusion.probability is not None:
        is_computed = fusion.probability.is_computed
        runs = true_runs(is_computed)
        for plane in fusion.probability.values:  # by plane: one long copy would block the window
            values = plane[:, is_computed]
            parts.append(
                packer.compress(
                    (values >> 8).astype(np.uint8).tobytes() + values.astype(np.uint8).tobytes()
                )
            )
    packed = b"".join([*parts, packer.flush()])
    head = {
        "format": FORMAT,
        "version": VERSION,
        "fingerprint": fingerprint,
        "cells": cells.shape,
        "is_segmented": fusion.probability is not None,
        "computed": runs,
        "sha256": hashlib.sha256(packed).hexdigest(),
        "report": dict(run_record),
    }
    whole = json.dumps(head, default=str).encode() + b"\n" + packed
    return whole if len(whole) <= MAX_BYTES else b""


def unpack_results(
    content: bytes | memoryview, scan: CtVolume, fingerprint: str, weights: str
) -> Results | None:
    """Return the results from the bytes of `pack_results`.

    Returns None if they belong to another scan or to other weights.

    Raises
    ------
    ImageReadError
        When the content is damaged.
    """
    from isal import isal_zlib

    from spineviewer.fusion import attention_shape
    from spineviewer.volume.working_grid import working_geometry

    deflate_error: Any = isal_zlib.error
    try:
        end = bytes(content[:MAX_HEADER_BYTES]).index(b"\n")
        packed = memoryview(content)[end + 1 :]
        head = json.loads(bytes(content[:end]))
        if head["format"] != FORMAT or head["version"] != VERSION:
            raise ValueError("unknown format or version")
        run_record = head["report"]
        if head["fingerprint"] != fingerprint or str(run_record.get("weights", "")) != weights:
            return None
        if hashlib.sha256(packed).hexdigest() != head["sha256"]:
            raise ValueError("the checksum does not match")
        # sizes come from the scan, because the content is untrusted
        shape, working = attention_shape(scan.geometry), working_geometry(scan.geometry)
        is_computed = _flags(head["computed"], working.shape_zyx[2])
        cell_bytes = 4 * math.prod(shape)
        rows = (*working.shape_zyx[:2], int(is_computed.sum()))
        whole = cell_bytes + (2 * math.prod(rows) if head["is_segmented"] is True else 0)
        unpacked = _unpack(packed, whole)
        cells = np.frombuffer(unpacked, np.float32, count=math.prod(shape)).reshape(shape)
        if not (np.isfinite(cells).all() and cells.min() >= 0 and cells.max() <= 1):
            raise ValueError("attention is not between 0 and 1")
        attention = AttentionMap(cells, scan.geometry)
        if head["is_segmented"] is not True:
            return Results(attention, None, run_record)
        halves = unpacked[cell_bytes:].reshape(rows[0], 2, *rows[1:])
        values = np.zeros(working.shape_zyx, np.uint16)
        for plane, (high, low) in zip(values, halves, strict=True):
            offset = 0
            # in slices, because copying the columns one by one would block the window
            for start, stop in true_runs(is_computed):
                columns = np.s_[:, offset : offset + stop - start]
                plane[:, start:stop] = high[columns].astype(np.uint16) << 8 | low[columns]
                offset += stop - start
        return Results(
            attention, ProbabilityMap(values, is_computed, working, scan.geometry), run_record
        )
    except (*DAMAGE, deflate_error) as error:
        raise ImageReadError(
            "The cached network results are damaged ({kind}) and cannot be used. Segment the scan "
            "again.",
            kind=type(error).__name__,
        ) from error


def _unpack(packed: memoryview, expected: int) -> NDArray[np.uint8]:
    """Unpack bytes; return uint8, shape (expected,).

    Small sections keep the window responsive; no more than `expected` bytes are unpacked.
    """
    from isal import isal_zlib

    unpacker = isal_zlib.decompressobj()
    whole, filled = np.empty(expected, np.uint8), 0
    for offset in range(0, len(packed), SECTION_BYTES):
        rest: bytes | memoryview = packed[offset : offset + SECTION_BYTES]
        while rest:
            section = unpacker.decompress(rest, SECTION_BYTES)
            if filled + len(section) > expected:
                raise ValueError("too many bytes")
            whole[filled : filled + len(section)] = np.frombuffer(section, np.uint8)
            filled += len(section)
            rest = unpacker.unconsumed_tail
    if filled != expected:
        raise ValueError("too few bytes")
    return whole


def _flags(runs: object, count: int) -> NDArray[np.bool_]:
    if not isinstance(runs, list) or len(runs) > count:
        raise TypeError("not a list of runs")
    flags = np.zeros(count, np.bool_)
    for start, stop in runs:
        if type(start) is not int or type(stop) is not int or not 0 <= start < stop <= count:
            raise ValueError("a run is outside the scan")
        flags[start:stop] = True
    return flags
