"""The whole task with mouse and keyboard on an X server, with the real networks and a phantom."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from virtual_screen import SERVER, screen_environment

from spineviewer.io.scan import read_scan
from spineviewer.training.synthetic.phantom import PhantomSize, make_phantom, write_phantom

MAX_ACTIONS = 40
PICTURES = "SPINEVIEWER_PICTURES"


@pytest.fixture
def study(tmp_path):
    """A phantom as a DICOM folder, and its vertebrae."""
    spec = importlib.util.spec_from_file_location(
        "dicom_phantom", Path(__file__).parents[2] / "io" / "conftest.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    made, reference = write_phantom(
        make_phantom(1, size=PhantomSize.MEDIUM), tmp_path / "phantom", {}
    )
    scan = read_scan(made)
    grid = scan.geometry
    folder = tmp_path / "work" / "study"
    module.Scanner(folder, spacing_mm=grid.spacing_zyx_mm, origin_lps_mm=grid.origin_lps_mm).write(
        scan.hu
    )
    return folder, reference


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(
    shutil.which("xdotool") is None or shutil.which(SERVER) is None,
    reason="needs Xvfb and xdotool",
)
def test_the_whole_task_by_mouse_and_keys_takes_at_most_forty_of_them(study, tmp_path):
    folder, reference = study
    pictures = os.environ.get(PICTURES)
    hand = [
        sys.executable,
        Path(__file__).parents[1] / "by_hand.py",
        folder,
        reference,
        folder.parent,
    ]
    with screen_environment("1600x900") as environment:
        run = subprocess.run(
            [*map(str, hand), *([pictures] if pictures else [])],
            env=environment,
            capture_output=True,
            text=True,
            timeout=1500,
        )
    assert run.stdout, run.stderr
    told = json.loads(run.stdout.splitlines()[-1])
    for task, (wall_ms, free_ms, own_ms, where) in told["gaps"].items():
        print(f"{wall_ms:8.1f} {free_ms:8.1f} {own_ms:8.1f} ms  {task}  {'; '.join(where[:2])}")  # noqa: T201
    print(f"{told['actions']} clicks and keys, Dice {told.get('dice')}")  # noqa: T201
    assert "error" not in told, told["error"]
    assert told["actions"] <= MAX_ACTIONS
    assert told["measurements"] == 3
    assert told["is_corrected"]
    assert told["dice"] > 0.5
    assert told["arches"][0] < told["arches"][1] >= 0.98
    assert told["stump"][1] < 0.5 * told["stump"][0]
    written = {path.name.split("_")[-1] for path in folder.parent.iterdir() if path.is_file()}
    assert {"msk.nii.gz", "msk.dcm", "report.pdf", "report.html"} <= written
