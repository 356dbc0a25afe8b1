"""Damage determined by a seed, as from a bad disk, an interrupted transfer or an attacker."""

from __future__ import annotations

import copy
import gzip
import io
import json
import re
import zipfile
from typing import Any

import numpy as np
from corpus import Target

NUMBERS = (
    0,
    1,
    2,
    3,
    7,
    8,
    16,
    127,
    128,
    255,
    256,
    1023,
    32767,
    32768,
    65535,
    65536,
    10**6,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**40,
)
WORDS = (
    b"-1",
    b"0",
    b"1e308",
    b"nan",
    b"inf",
    b"-inf",
    b"999999999",
    b"4294967296",
    b"1e-320",
    b"",
    b"()",
    b"none",
    b"\xff\xfe",
)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 3, 40, 2**31, 2**63, 10**30, 0.5, 1e308, float("nan"),
    float("-inf"), "", "x", "\0", "../..",
    "1.2", "AAAA", "UEsDBA==", [], [1], [[1, 2, 3]], [0.5] * 40, {}, {"a": {}}, "\ud800",
    "é" * 5000,
)  # fmt: skip

#: Matches the JSON at the beginning of a file, if something follows it.
JSON_ENDS = {"json": b"\0", "json head": b"\n"}


def damaged_files(target: Target, seed: int) -> dict[str, bytes]:
    """Return the target's files, one of them damaged."""
    random = np.random.default_rng(seed)
    victim = target.victims[int(random.integers(len(target.victims)))]
    whole = target.files[victim]
    if target.packing == "gzip" and random.random() < 0.5:
        spoilt = gzip.compress(damaged(gzip.decompress(whole), random), 1)
    elif target.packing == "zip" and random.random() < 0.6:
        spoilt = _damaged_inside(whole, random)
    elif target.packing in JSON_ENDS and random.random() < 0.6:
        head, end, rest = whole.partition(JSON_ENDS[target.packing])
        spoilt = _with_other_values(head, random) + end + rest
    else:
        spoilt = damaged(whole, random)
    return {**target.files, victim: spoilt}


def damaged(whole: bytes, random: np.random.Generator) -> bytes:
    """Return the bytes with one to eight faults, most of them in the header."""
    data = bytearray(whole)
    for _ in range(1 + int(random.geometric(0.5)) % 8):
        if len(data) < 4:
            break
        _injure(data, random)
    return bytes(data)


def _injure(data: bytearray, random: np.random.Generator) -> None:
    reach = len(data) if random.random() < 0.35 else min(len(data), 700)
    place = int(random.integers(reach))
    length = int(random.integers(1, 9))
    match int(random.integers(9)):
        case 0:
            data[place] ^= 1 << int(random.integers(8))
        case 1:
            data[place : place + length] = random.bytes(length)
        case 2:
            data[place : place + length] = bytes([int(random.choice([0, 255, 127, 128]))]) * length
        case 3:  # a number of two, four or eight bytes, either order
            size = int(random.choice([2, 4, 8]))
            number = NUMBERS[int(random.integers(len(NUMBERS)))] % 2 ** (8 * size)
            data[place : place + size] = number.to_bytes(
                size, "little" if random.random() < 0.8 else "big"
            )
        case 4:
            del data[place : place + length * int(random.choice([1, 1, 16]))]
        case 5:  # a piece twice
            piece = data[place : place + length * int(random.choice([1, 8, 64]))]
            data[place:place] = piece
        case 6:  # a piece over another
            other = int(random.integers(len(data)))
            data[place : place + length * 4] = data[other : other + length * 4]
        case 7:  # a written number becomes another word
            found = list(re.finditer(rb"-?\d+(\.\d+)?", bytes(data[:4000])))
            if found:
                match = found[int(random.integers(len(found)))]
                data[match.start() : match.end()] = WORDS[int(random.integers(len(WORDS)))]
        case _:
            if random.random() < 0.4:
                del data[int(random.integers(len(data))) :]
            else:
                data[place] = (data[place] + int(random.choice([1, 255]))) % 256


def _with_other_values(whole: bytes, random: np.random.Generator) -> bytes:
    """Replace, remove or duplicate one to three values or keys of a JSON tree."""
    tree = json.loads(whole)
    for _ in range(1 + int(random.integers(3))):
        node: Any = tree
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = keys[int(random.integers(len(keys)))]
            if isinstance(node[key], dict | list) and random.random() < 0.8:
                node = node[key]
                continue
            if random.random() < 0.15:
                del node[key]
            elif isinstance(node[key], int | float) and random.random() < 0.4:
                node[key] = node[key] * float(random.choice([0.5, -1, 2, 1.0001]))
            else:
                node[key] = copy.deepcopy(VALUES[int(random.integers(len(VALUES)))])
            break
    return json.dumps(tree).encode()


def _damaged_inside(whole: bytes, random: np.random.Generator) -> bytes:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    victim = sorted(files)[int(random.integers(len(files)))]
    files[victim] = damaged(files[victim], random)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()
