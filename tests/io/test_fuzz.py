"""Damaged files of every format end in a volume or in an error of the program's own, in time, whatever was damaged.

`make fuzz` runs this for a minute, or for FUZZ_SECONDS; the seed of a failure is in its message.
"""

import os
import time

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from spineviewer.errors import SpineViewerError
from spineviewer.io.scan import read_scan
from spineviewer.volume.volume import CtVolume

SECONDS = float(os.environ.get("FUZZ_SECONDS", "12"))
NAMES = ("ct.nii", "ct.nii.gz", "ct.nrrd", "ct.mha")
#: Nothing that small may take longer, child process included.
LONGEST_S = 60.0


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    hu = np.arange(7 * 9 * 11, dtype=np.int16).reshape(7, 9, 11)
    for name in NAMES[:2]:
        nibabel.save(nibabel.Nifti1Image(hu, np.diag([1.0, 2.0, 3.0, 1.0])), folder / name)
    for name in NAMES[2:]:
        sitk.WriteImage(sitk.GetImageFromArray(hu), folder / name, useCompression=True)
    return {name: (folder / name).read_bytes() for name in NAMES}


def damaged(content: bytes, random: np.random.Generator) -> bytes:
    """Some bytes changed, most of them in the header; or cut off, or with a piece repeated."""
    spoilt = bytearray(content)
    for _ in range(int(random.integers(1, 12))):
        reach = len(spoilt) if random.random() < 0.3 else min(len(spoilt), 400)
        spoilt[int(random.integers(reach))] = int(random.choice([0, 0x7F, 0xFF, int(random.integers(256))]))
    kind = random.random()
    if kind < 0.2:
        return bytes(spoilt[: int(random.integers(len(spoilt)))])
    if kind < 0.3:
        start, length = int(random.integers(len(spoilt))), int(random.integers(1, 200))
        return bytes(spoilt[:start] + spoilt[start : start + length] + spoilt[start:])
    return bytes(spoilt)


def outcome(path) -> str:
    """What a person would be told; any other exception fails the test."""
    try:
        volume = read_scan(path)
    except SpineViewerError as error:
        return str(error)
    assert isinstance(volume, CtVolume)
    assert volume.hu.shape == volume.geometry.shape_zyx
    return "opened"


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", NAMES)
def test_fuzz_damaged_files_give_a_volume_or_a_plain_error(name, whole_files, tmp_path):
    path = tmp_path / name
    ends = time.monotonic() + SECONDS / len(NAMES)
    seed = int(os.environ.get("FUZZ_SEED", "0"))
    while time.monotonic() < ends:
        seed += 1
        path.write_bytes(damaged(whole_files[name], np.random.default_rng(seed)))
        started = time.monotonic()
        told = outcome(path)
        assert told.strip(), f"seed {seed}: an error without a message"
        assert "Traceback" not in told, f"seed {seed}"
        assert time.monotonic() - started < LONGEST_S, f"seed {seed}"
