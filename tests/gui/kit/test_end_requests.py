"""The operating system asks the program to end."""

import os
import signal
import subprocess
import sys
import time

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
@pytest.mark.parametrize("after_s", [0.6, 1.2, 2.0, 6.0])
def test_the_window_ends_when_the_system_asks_it_to(tmp_path, number, after_s):
    folders = {name: str(tmp_path / name) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    process = subprocess.Popen(
        [sys.executable, "-m", "spineviewer"],
        env={**os.environ, **folders, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(after_s)  # Python is running; the program is being imported, built or idle
    process.send_signal(number)
    try:
        _, errors = process.communicate(timeout=300)
    finally:
        process.kill()
    assert process.returncode == Cancelled.exit_code
    assert not any(word in errors for word in ("Traceback", "Unexpected", "Interrupt"))
