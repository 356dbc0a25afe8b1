"""Test a built program: version, window, and the sample's mask compared with this checkout's.

    .venv/bin/python packaging/smoke.py dist/spineviewer/spineviewer

The exit code is 0 if the masks differ by rounding at most and a screenshot was saved.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import spineviewer as sv

SAMPLE = Path(__file__).resolve().parent.parent / "assets" / "sample" / "sub-phantom_ct.nii.gz"
#: Choice: rounding may move individual voxels on the surface.
MIN_DICE = 0.999


def main() -> int:
    program = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        version = run(folder, program, "--version").split()[-1]
        if version != sv.__version__:
            return failed(f"the program is version {version}, the checkout {sv.__version__}")
        mask = folder / "mask.nii.gz"
        record = run(folder, program, "segment", str(SAMPLE), "-o", str(mask), "--json")
        print("segmented:", json.loads(record)["seconds"])
        expected = sv.segment(SAMPLE).mask()
        found = sv.read(mask).hu > 0
        dice = 2 * np.sum(found & expected) / (np.sum(found) + np.sum(expected))
        print(f"Dice with this checkout's mask: {dice:.5f}")
        if not dice >= MIN_DICE:
            return failed("the masks differ")
        picture = folder / "window.png"
        run(folder, program, str(SAMPLE), "--screenshot", str(picture), "--quit")
        if not picture.stat().st_size > 10_000:
            return failed("no screenshot was saved")
    print("passed")
    return 0


def run(folder: Path, *command: str) -> str:
    """Return what a command prints, without access to this checkout's modules."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SPINEVIEWER_MODELS")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr}")
    return done.stdout


def failed(reason: str) -> int:
    print(f"failed: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
