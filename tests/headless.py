"""A workspace without a window, with jobs in real threads, and with delays that tests end."""

import queue
import time
from pathlib import Path

from fakes import FakeBackend

from spineviewer.app.job_runner import JobRunner
from spineviewer.app.jobs import JobKind
from spineviewer.app.report import ReportImage
from spineviewer.app.settings import Settings
from spineviewer.app.state import SegmentationStage
from spineviewer.app.workspace import Workspace

PATIENCE_S = 60.0


class Loop:
    """The event loop of a test: `until` runs what workers post, in the test's own thread."""

    def __init__(self):
        self._calls = queue.SimpleQueue()
        self.runner = JobRunner(self._calls.put)

    def until(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("it did not come true")
            try:
                self._calls.get(timeout=0.02)()
            except queue.Empty:
                continue

    def rest(self):
        """Wait until no job is running."""
        self.until(lambda: self.runner.is_idle)


class HandDelay:
    """A delay that ends when a test calls `end`, or immediately."""

    def __init__(self, wait_ms, call):
        self.wait_ms, self._call, self.is_waiting = wait_ms, call, False

    def start(self):
        self.is_waiting = True

    def stop(self):
        self.is_waiting = False

    def end(self):
        if self.is_waiting:
            self.is_waiting = False
            self._call()


class Delays:
    """Makes delays, and ends all that are waiting."""

    def __init__(self):
        self.made = []

    def __call__(self, wait_ms, call):
        self.made.append(HandDelay(wait_ms, call))
        return self.made[-1]

    def end_all(self):
        """End every delay, as if enough time had passed."""
        for delay in self.made:
            delay.end()


class PlainPresentation:
    """Makes pictures and pages without a toolkit."""

    def thumbnail(self, scan):
        return "picture"

    def load_surface_drawing(self):
        pass

    def images(self, parts, correction, *, shows_planes, shows_spine):
        names = ["vertebrae"] * shows_spine
        names += [image.view for image in parts.draft.images] + ["sagittal"] * shows_planes
        return tuple(ReportImage(name, b"png", 10, 10) for name in names)

    def with_legend(self, picture):
        return picture

    def in_window_language(self, content):
        return content

    def pdf(self, page):
        return b"%PDF-1.4\n"


class Headless:
    """A workspace, the loop in which its callbacks arrive, and its delays."""

    def __init__(self, folder, services=None, settings=None):
        self.loop, self.delays = Loop(), Delays()
        self.services = services or FakeBackend()
        presentation, self.path = PlainPresentation(), Path(folder) / "settings.json"
        self.workspace = Workspace(
            self.services,
            self.loop.runner,
            self.delays,
            presentation,
            settings or Settings(),
            self.path,
        )

    def open(self, volume):
        return self.workspace.show_volume(volume)

    def segmented(self, volume):
        """Open a scan, and segment it until its mask is ready."""
        scan = self.open(volume)
        scan.segmentation.segment()
        self.loop.until(
            lambda: scan.state.stage is SegmentationStage.DONE and scan.state.is_mask_current
        )
        return scan

    def name(self, scan):
        """Wait until the names of the vertebrae are up to date."""
        self.delays.end_all()
        self.loop.until(lambda: scan.names.are_current and not scan.jobs.is_running(JobKind.RENAME))

    def follow(self, scan):
        """Wait until names and measurements are up to date."""
        self.name(scan)
        self.delays.end_all()
        self.loop.until(lambda: scan.spine.are_current)
        self.loop.rest()

    def measured(self, volume):
        """Open a scan, and segment it until its vertebrae are named and measured."""
        scan = self.segmented(volume)
        self.follow(scan)
        return scan

    def settle(self, scan):
        """End a slider's pause, and wait until the mask is up to date."""
        self.delays.end_all()
        self.loop.until(lambda: scan.state.is_mask_current)

    def texts(self):
        return [notice.text for notice in self.workspace.notices]

    def end(self):
        self.workspace.shut_down()
        self.loop.rest()
