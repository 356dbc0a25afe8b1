"""The operating system asks the program to end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spineviewer.errors import Cancelled
from spineviewer.gui.kit.end_requests import EndRequests


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_arrives_in_the_idle_event_loop(qtbot, number):
    earlier = signal.getsignal(number)
    requests = EndRequests()
    requests.listen()
    try:
        with qtbot.waitSignal(requests.received):
            os.kill(os.getpid(), number)
    finally:
        requests.stop()
    assert signal.getsignal(number) is earlier


def test_a_request_during_the_start_waits_for_the_event_loop(qtbot):
    requests = EndRequests()
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        with qtbot.waitSignal(requests.received):
            requests.listen()
    finally:
        requests.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("after_s", [0.0, 0.5, 1.5, 6.0])
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's process files")
def test_the_window_ends_when_the_system_asks_it_to(tmp_path, number, after_s):
    folders = {name: str(tmp_path / name) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    process = subprocess.Popen(
        [sys.executable, "-m", "spineviewer"],
        env={**os.environ, **folders, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not _catches_sigterm(process.pid):  # until then, Python itself is starting
        time.sleep(0.01)
    time.sleep(after_s)  # the window is being imported, built or idle
    process.send_signal(number)
    try:
        _, errors = process.communicate(timeout=300)
    finally:
        process.kill()
    assert process.returncode == Cancelled.exit_code
    assert not any(word in errors for word in ("Traceback", "Unexpected", "Interrupt"))


def _catches_sigterm(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(line.split()[1] for line in lines if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)
