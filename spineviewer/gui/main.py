"""The start of the program: settings, services, workspace and window."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from psygnal import EmitLoopError
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from spineviewer.app.jobs import Failed, Stopped
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.services import LocalServices, Services
from spineviewer.app.settings import load_settings, settings_file
from spineviewer.app.workspace import Workspace
from spineviewer.errors import Cancelled, SpineViewerError, UsageError
from spineviewer.gui.kit.end_requests import EndRequests
from spineviewer.gui.kit.file_dialogs import delete_folder_history, keep_folders_private
from spineviewer.gui.kit.garbage import GarbageCollector
from spineviewer.gui.kit.language import tr, use_language
from spineviewer.gui.kit.theme import apply_theme, style_suspended
from spineviewer.gui.opening.opener import SEVERAL_TOPIC
from spineviewer.gui.window.handover import continue_from
from spineviewer.gui.window.interface_size import restart_at_fitting_size, use_interface_size
from spineviewer.gui.window.main_window import MainWindow
from spineviewer.gui.window.qt_workspace import qt_workspace
from spineviewer.resources import assets_dir

_log = logging.getLogger(__name__)
_USAGE = "spineviewer [SCAN ...] [--segment] [--screenshot FILE] [--quit]"
#: Delay between showing the start page and preparing the next pages.
_PREPARE_AFTER_MS = 400
#: Maximum time for writing unsaved work when the program ends.
_LONGEST_WRITE_S = 10.0
#: Python's thread switch interval: the window may wait this long for the interpreter lock each time
#: Qt calls Python. Choice: a tenth of Python's default.
_SWITCH_INTERVAL_S = 0.0005
_NO_PICTURE = "{} cannot be written. Choose a folder that exists and a name that ends in .png."
#: On Linux, one of these variables must name a display, or a Qt platform that needs none.
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


class WindowHost(QObject):
    """Keeps one window open on the workspace, and opens it again when the language changes.

    Thread ownership: GUI thread.
    """

    finished = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        use_language(workspace.settings.current.language)
        with style_suspended():
            self.window = self._new_window()

    def _new_window(self) -> MainWindow:
        window = MainWindow(self._workspace, sample_scan)
        window.finished.connect(self.finished)
        window.preferences.language_changed.connect(self._reopen)
        return window

    def _reopen(self) -> None:
        use_language(self._workspace.settings.current.language)
        old, self.window = self.window, self._new_window()
        self.window.restoreGeometry(old.saveGeometry())
        self.window.setWindowState(old.windowState())
        self.window.show()
        continue_from(old, self.window)
        self.window.activateWindow()
        old.retire()


class CommandLineTask(QObject):
    """A task from the command line: segment, save a screenshot, quit.

    The steps run one after the other, triggered by signals.
    """

    def __init__(self, window: MainWindow, options: argparse.Namespace) -> None:
        super().__init__(window)
        self._window = window
        self._options = options
        self.exit_code = 0
        workspace = window.workspace
        workspace.scan_opened.connect(self._on_scan_opened)
        window.opener.finished.connect(self._on_all_opened)
        workspace.noticed.connect(self._on_notice)
        workspace.changed.connect(self._on_changed)
        self._are_all_open = False
        self._is_waiting_for_mask = False
        self._is_done = False

    def begin(self) -> None:
        """Open the scans from the command line one after the other."""
        if self._options.scans:
            self._window.opener.open_paths([path.absolute() for path in self._options.scans])
        else:
            self._finish_soon()

    def _on_scan_opened(self, scan: OpenScan) -> None:
        if self._options.segment:
            scan.segmentation_ended.connect(self._on_segmentation_ended)
            scan.segmentation.segment()

    def _on_all_opened(self) -> None:
        self._are_all_open = True
        if not self._options.segment or self.exit_code:
            self._finish_soon()
        else:
            self._on_changed()

    def _on_segmentation_ended(self, outcome: object) -> None:
        if isinstance(outcome, (Failed, Stopped)):
            self._fail(outcome.error if isinstance(outcome, Failed) else Cancelled())
        else:
            self._is_waiting_for_mask = True
            self._on_changed()

    def _on_changed(self) -> None:
        is_waiting = self._is_waiting_for_mask and self._are_all_open
        if is_waiting and all(scan.state.is_mask_current for scan in self._window.workspace.scans):
            self._is_waiting_for_mask = False
            self._finish_soon()

    def _on_notice(self, notice: Notice) -> None:
        if (
            notice.severity is Severity.ERROR
            and notice.topic != SEVERAL_TOPIC
            and notice.error is not None
        ):
            print(notice.text, file=sys.stderr)  # noqa: T201 - the message for the command line
            self._set_exit_code(notice.error)
            if notice.topic != "open":
                self._finish_soon()

    def _fail(self, error: Exception) -> None:
        self._set_exit_code(error)
        self._finish_soon()

    def _set_exit_code(self, error: Exception) -> None:
        self.exit_code = error.exit_code if isinstance(error, (SpineViewerError, Cancelled)) else 1

    def _finish_soon(self) -> None:
        if not self._is_done:
            self._is_done = True
            # the screenshot needs final fonts, layout and painting
            QTimer.singleShot(150, self, self._finish)

    def _finish(self) -> None:
        if self._options.screenshot is not None and not self._window.grab().save(
            str(self._options.screenshot)
        ):
            print(_NO_PICTURE.format(self._options.screenshot), file=sys.stderr)  # noqa: T201 - as above
            self.exit_code = self.exit_code or 7
        if self._options.quit:
            self._window.close()


def run(argv: list[str], services: Services | None = None) -> int:
    """Open the window and run until it is closed.

    Parameters
    ----------
    argv
        ``[SCAN ...] [--segment] [--screenshot FILE] [--quit]``.
    services
        Those of the workspace, by default `LocalServices`.

    Returns
    -------
    int
        Exit code: that of a usage error or, with ``--quit``, of the error that ended the task;
        otherwise 0.
    """
    end_requests = EndRequests()
    try:
        return _run(argv, services, end_requests)
    finally:
        end_requests.stop()


def _run(argv: list[str], services: Services | None, end_requests: EndRequests) -> int:
    """Open the window and run until it is closed; return the exit code."""
    try:
        options = _parse(argv)
    except UsageError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no window yet
        return error.exit_code
    settings = load_settings(settings_file())
    is_size_set = use_interface_size(settings)
    app = application()
    if is_size_set:
        restart_at_fitting_size(settings)
    services = services or LocalServices()
    if options.scans:
        services.expect_scan()  # while the window is created
    workspace = qt_workspace(services, settings_file(), settings)
    host = WindowHost(workspace, app)
    host.finished.connect(app.quit)
    window = host.window
    task = CommandLineTask(window, options)
    _report_unexpected_errors(workspace)
    window.show()
    QTimer.singleShot(_PREPARE_AFTER_MS, window, window.prepare)
    # without a window manager, the new window would ignore keys until it is clicked
    window.activateWindow()
    QTimer.singleShot(0, task, task.begin)
    end_requests.received.connect(lambda: _end_without_asking(workspace))
    end_requests.listen()
    app.exec()
    sys.excepthook = sys.__excepthook__
    # a stuck thread must neither block the exit nor be destroyed while it runs
    if not workspace.runner.is_idle:
        workspace.runner.wait_for_writes(_LONGEST_WRITE_S)
        logging.shutdown()
        os._exit(task.exit_code)
    code = task.exit_code if options.quit else 0
    host.window.deleteLater()
    QCoreApplication.sendPostedEvents(host.window, QEvent.Type.DeferredDelete.value)
    delete_folder_history()
    host.deleteLater()
    return code


def _end_without_asking(workspace: Workspace) -> NoReturn:
    """Save work and end the program at once; the next start offers to restore the work."""
    for scan in workspace.scans:
        scan.autosave.save_now()
    workspace.runner.wait_for_writes(_LONGEST_WRITE_S)
    delete_folder_history()
    logging.shutdown()
    os._exit(Cancelled.exit_code)


def application() -> QApplication:
    """Return the styled application; create it if necessary."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    existing = QApplication.instance()
    if existing is None:  # windows share compiled shaders
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
        keep_folders_private()
    app = existing if isinstance(existing, QApplication) else QApplication(["spineviewer"])
    if app.findChild(GarbageCollector) is None:
        GarbageCollector(app)
    app.setApplicationName("Spineviewer")
    app.setApplicationDisplayName("Spineviewer")
    app.setQuitOnLastWindowClosed(False)
    try:
        assets: Path | None = assets_dir()
    except SpineViewerError:
        assets = None
    apply_theme(app, assets)
    return app


def sample_scan() -> Path | None:
    """Return the path of the program's sample scan; None if there is none."""
    try:
        return next(iter(sorted((assets_dir() / "sample").glob("*_ct.nii.gz"))), None)
    except SpineViewerError:
        return None


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="spineviewer", exit_on_error=False, add_help=False)
    parser.add_argument("scans", nargs="*", type=Path)
    parser.add_argument("--segment", action="store_true")
    parser.add_argument("--screenshot", type=Path)
    parser.add_argument("--quit", action="store_true")
    try:
        options, unknown = parser.parse_known_args(argv)
    except argparse.ArgumentError as error:
        raise UsageError(f"spineviewer: {error}") from error
    if unknown:
        raise UsageError(
            f"spineviewer: unknown option or argument: {' '.join(unknown)}. Usage: {_USAGE}"
        )
    if options.segment and not options.scans:
        raise UsageError(
            "spineviewer: --segment needs a scan. Specify one: spineviewer SCAN --segment."
        )
    if options.segment and len(options.scans) > 1:
        raise UsageError(
            "spineviewer: --segment takes one scan. For several, use: spineviewer batch"
        )
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _DISPLAYS):
        raise UsageError(
            "spineviewer: there is no display, so the window cannot be opened. Use "
            "'spineviewer segment', or set QT_QPA_PLATFORM=offscreen to save a screenshot."
        )
    return options


def _report_unexpected_errors(workspace: Workspace) -> None:
    """Show uncaught errors in a notice, and log them."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, EmitLoopError) and error.__cause__ is not None:
            # the text of an EmitLoopError contains values of variables, possibly the patient's name
            error = error.__cause__
            kind, trace = type(error), error.__traceback__
        _log.error("Unexpected %s", kind.__name__, exc_info=(kind, error, trace))
        text = tr(
            "Unexpected error: {kind}: {reason}. Your data was not changed. Please report this "
            "error.",
            kind=kind.__name__,
            reason=error,
        )
        workspace.tell(Notice(Severity.ERROR, text, "unexpected"))

    sys.excepthook = hook
