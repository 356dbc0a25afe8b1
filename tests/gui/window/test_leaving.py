"""Ctrl+Q ends the program, tested with real keys on an X server without a window manager."""

import os
import shutil
import subprocess
import sys
import textwrap

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(170),
    pytest.mark.skipif(
        not all(map(shutil.which, ("Xvfb", "xvfb-run", "xdotool"))), reason="needs Xvfb and xdotool"
    ),
]

#: Starts the program, prepares it, presses the keys, and prints how the program ended.
SESSION = """
    import os, subprocess, sys, time
    program = subprocess.Popen(
        [sys.executable, "-m", "spineviewer", *sys.argv[2:]], stderr=subprocess.DEVNULL
    )

    def windows():
        search = ["xdotool", "search", "--onlyvisible", "--pid", str(program.pid)]
        found = subprocess.run(search, capture_output=True, text=True)
        return len(found.stdout.split())

    def wait_until(condition):
        patience = time.monotonic() + 90
        while not condition():
            assert time.monotonic() < patience
            time.sleep(0.2)

    def press(keys):
        subprocess.run(["xdotool", "key", keys], check=True)
        time.sleep(1.0)

    try:
        wait_until(lambda: windows() > 0)
        time.sleep(4.0)
        for keys in sys.argv[1].split(",") if sys.argv[1] else []:
            press(keys)
        begun = time.monotonic()
        press("ctrl+q")
        program.wait(10)
        print("ended", program.returncode, flush=True)
    except subprocess.TimeoutExpired:
        print("still there", flush=True)
    finally:
        program.kill()
"""


def leave(tmp_path, keys, *arguments):
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "xcb",
        "SPINEVIEWER_SETTINGS": str(tmp_path / "settings.json"),
    }
    command = [
        "xvfb-run",
        "-a",
        "-s",
        "-screen 0 1600x900x24",
        sys.executable,
        "-c",
        textwrap.dedent(SESSION),
        keys,
        *arguments,
    ]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=160, check=False
    ).stdout.strip()


def test_from_the_start_page_that_nobody_has_clicked(tmp_path):
    assert leave(tmp_path, "") == "ended 0"


def test_after_a_sheet_was_open(tmp_path):
    assert leave(tmp_path, "F1,Escape") == "ended 0"


def test_while_the_networks_run(repository, tmp_path):
    sample = next((repository / "assets" / "sample").glob("*_ct.nii.gz"))
    assert leave(tmp_path, "", str(sample), "--segment") == "ended 0"


def test_after_a_chooser_was_left(repository, tmp_path):
    sample = next((repository / "assets" / "sample").glob("*_ct.nii.gz"))
    assert leave(tmp_path, "ctrl+o,Escape", str(sample)) == "ended 0"
