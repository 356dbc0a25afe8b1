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
    try:
        with qtbot.waitSignal(requests.received):
            os.kill(os.getpid(), number)
    finally:
        requests.stop()
    assert signal.getsignal(number) is earlier


def test_the_window_ends_when_the_system_asks_it_to(tmp_path):
    folders = {name: str(tmp_path / name) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    process = subprocess.Popen(
        [sys.executable, "-m", "spineviewer"],
        env={**os.environ, **folders, "QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(6)  # in an earlier phase of the start, the command line handles the signal
    process.send_signal(signal.SIGTERM)
    try:
        _, errors = process.communicate(timeout=300)
    finally:
        process.kill()
    assert process.returncode == Cancelled.exit_code
    assert "Traceback" not in errors
