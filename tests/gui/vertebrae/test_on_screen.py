"""Names and measurements with the mouse and the keyboard of an X server."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from virtual_screen import SERVER, screen_environment

PICTURES = "SPINEVIEWER_PICTURES"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(
    shutil.which("xdotool") is None or shutil.which(SERVER) is None,
    reason="needs Xvfb and xdotool",
)
def test_names_and_a_number_are_corrected_by_mouse_and_keys(tmp_path):
    tests = Path(__file__).parents[2]
    paths = [str(tests / "gui"), str(tests), os.environ.get("PYTHONPATH", "")]
    pictures = os.environ.get(PICTURES)
    hand = [sys.executable, str(Path(__file__).with_name("on_screen.py")), str(tmp_path)]
    with screen_environment("1366x768") as environment:
        run = subprocess.run(
            [*hand, *([pictures] if pictures else [])],
            env={**environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            capture_output=True,
            text=True,
            timeout=500,
        )
    assert run.stdout, run.stderr
    told = json.loads(run.stdout.splitlines()[-1])
    assert "error" not in told, told["error"]
    assert told["dragged_mm"] > told["automatic_mm"] + 2
