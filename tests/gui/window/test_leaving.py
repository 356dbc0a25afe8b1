"""Ctrl+Q ends the program, tested with real keys on an X server without a window manager."""

import shutil
import subprocess
import sys
import textwrap

import nibabel as nib
import numpy as np
import pytest
from virtual_screen import SERVER, screen_environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(170),
    pytest.mark.skipif(
        not all(map(shutil.which, (SERVER, "xdotool"))), reason="needs Xvfb and xdotool"
    ),
]

#: Starts the program, waits until one of its processes has computed for some seconds, presses keys
#: until it ends, and says how it ended and how much it computed in the second before the keys.
SESSION = """
    import psutil, subprocess, sys, time
    keys, computed_s, *arguments = sys.argv[1:]
    program = subprocess.Popen(
        [sys.executable, "-m", "spineviewer", *arguments], stderr=subprocess.DEVNULL
    )

    def windows():
        search = ["xdotool", "search", "--onlyvisible", "--pid", str(program.pid)]
        found = subprocess.run(search, capture_output=True, text=True)
        return len(found.stdout.split())

    def longest_s():
        children = psutil.Process(program.pid).children()
        return max((child.cpu_times().user for child in children), default=0.0)

    def wait_until(condition):
        patience = time.monotonic() + 90
        while not condition():
            assert time.monotonic() < patience
            time.sleep(0.2)

    def press(key):
        subprocess.run(["xdotool", "key", key], check=True)
        time.sleep(1.0)

    try:
        wait_until(lambda: windows() > 0)
        time.sleep(4.0)
        wait_until(lambda: longest_s() >= float(computed_s))
        before_s = longest_s()
        time.sleep(1.0)
        computed = longest_s() - before_s
        for key in keys.split(","):
            if program.poll() is None:
                press(key)
        program.wait(10)
        print("ended", program.returncode, computed, flush=True)
    except subprocess.TimeoutExpired:
        print("still there", flush=True)
    finally:
        program.kill()
"""


def leave(tmp_path, keys, *arguments, computed_s=0.0):
    """Press keys in the window; return how the program ended, and how much it computed before."""
    session = [sys.executable, "-c", textwrap.dedent(SESSION), keys, str(computed_s), *arguments]
    with screen_environment("1600x900") as environment:
        result = subprocess.run(
            session,
            env={**environment, "SPINEVIEWER_SETTINGS": str(tmp_path / "settings.json")},
            capture_output=True,
            text=True,
            timeout=160,
            check=False,
        ).stdout.strip()
    assert result.startswith("ended"), result
    _, code, computed = result.split()
    return int(code), float(computed)


def test_the_program_quits_from_a_start_page_without_a_click(tmp_path):
    assert leave(tmp_path, "ctrl+q")[0] == 0


def test_the_program_quits_after_a_sheet_was_open(tmp_path):
    assert leave(tmp_path, "F1,Escape,ctrl+q")[0] == 0


def test_the_program_quits_while_the_networks_run(repository, tmp_path):
    sample = nib.load(next((repository / "assets" / "sample").glob("*_ct.nii.gz")))
    hu = np.asarray(sample.dataobj)
    long = tmp_path / "long_ct.nii.gz"  # the networks need four times as long as for the sample
    nib.save(nib.Nifti1Image(np.tile(hu, (1, 1, 4)), sample.affine, sample.header), long)
    quit_without_saving = "ctrl+q,Tab,space"  # it asks once there is an attention map
    code, computed = leave(tmp_path, quit_without_saving, str(long), "--segment", computed_s=8.0)
    assert code == 0
    assert computed > 0.2


def test_the_program_quits_after_a_chooser_was_left(repository, tmp_path):
    sample = next((repository / "assets" / "sample").glob("*_ct.nii.gz"))
    assert leave(tmp_path, "ctrl+o,Escape,ctrl+q", str(sample))[0] == 0
