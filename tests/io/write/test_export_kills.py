"""Kills at a hundred random moments of an export leave either the old or the new file."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from spineviewer.io.write.export import write_mask
from spineviewer.io.write.whole_file import delete_leftovers
from spineviewer.volume.geometry import Geometry
from spineviewer.volume.orientation import AxisOrder
from spineviewer.volume.volume import ScanFormat, ScanSource, SpineMask

NAMES = ("mask.nii.gz", "mask.nii", "mask.nrrd", "mask.mha")
KILLS_EACH = 25
GEOMETRY = Geometry((60, 80, 100), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
ENDLESS = """
    import sys
    from pathlib import Path
    sys.path.insert(0, {here!r})
    import test_export_kills

    test_export_kills.write_for_ever(Path(sys.argv[1]))
"""


def write(which: int, path: Path) -> None:
    """Write one of two masks."""
    voxels = np.random.default_rng(which).random(GEOMETRY.shape_zyx) < 0.3
    source = ScanSource(Path("scan.nii"), ScanFormat.NRRD, GEOMETRY, AxisOrder())
    write_mask(SpineMask(voxels, GEOMETRY), source, path, {"which": which})


def write_for_ever(path: Path) -> None:
    """Write the two masks alternately to the same file."""
    for number in itertools.count():
        write(number % 2, path)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_completely_the_old_or_the_new_one(name: str, tmp_path: Path) -> None:
    whole = []
    for which in (0, 1):
        write(which, tmp_path / name)
        whole.append((tmp_path / name).read_bytes())
    random = np.random.default_rng(len(name))
    script = textwrap.dedent(ENDLESS.format(here=str(Path(__file__).parent)))
    litter = 0
    # until one has happened during a write, which takes a few milliseconds
    for kill in range(10 * KILLS_EACH):
        if kill >= KILLS_EACH and litter:
            break
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / name)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"0\n"
            time.sleep(float(random.uniform(0, 0.15)))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            writer.stdout.read()
        assert (tmp_path / name).read_bytes() in whole
        litter += delete_leftovers(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [name]
    assert litter > 0, "no kill fell into a write: the test tests nothing"
