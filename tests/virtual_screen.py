"""A virtual screen for tests that need a real X server."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

#: Program that draws into memory what it would draw on a screen.
SERVER = "Xvfb"


@contextmanager
def screen_environment(size: str, *options: str) -> Iterator[dict[str, str]]:
    """Run a virtual screen, for example 1600x900, and yield the environment of its programs.

    The server finds a free number itself, so that two tests that start at the same time get
    two screens. `xvfb-run -a` gives both of them the same one, and one test fails.
    """
    number, told = os.pipe()
    command = [SERVER, "-displayfd", str(told), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(
        [*command, *options], pass_fds=[told], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(told)
    try:
        with os.fdopen(number) as answer:
            display = answer.readline().strip()
        assert display, f"{SERVER} ended with code {server.wait()}"
        environment = {**os.environ, "QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{display}"}
        environment.pop("WAYLAND_DISPLAY", None)
        yield environment
    finally:
        server.terminate()
        server.wait()
