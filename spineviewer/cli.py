"""The command line: without a command it opens the window, otherwise it runs the command.

Progress goes to stderr and results to stdout. Every `SpineViewerError` is reported as one line on
stderr. Exit codes: 0 done, 1 unexpected error, 2 usage, 3 unreadable input, 4 geometry, 5 model,
6 inference, 7 export, 8 archive, 130 cancelled.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from spineviewer import __version__
from spineviewer.app.terminal import say
from spineviewer.child import run_if_child
from spineviewer.compiled import choose_folder_for_compiled_code
from spineviewer.errors import Cancelled, InferenceError, SpineViewerError, UsageError

#: By command: the module with `main(argv) -> int`, and a description.
COMMANDS = {
    "segment": ("spineviewer.app.segment_command", "segment a scan and write the mask"),
    "info": (
        "spineviewer.app.info_command",
        "show what a file or folder contains; without a path, which device is used",
    ),
    "batch": (
        "spineviewer.app.batch_command",
        "segment a list or a folder of scans; resumes where it stopped",
    ),
    "pacs": (
        "spineviewer.app.archive_command",
        "search an image archive; retrieve, send and receive studies",
    ),
    "anonymise": (
        "spineviewer.app.anonymise_command",
        "copy DICOM files without patient data",
    ),
    "prepare": (
        "spineviewer.app.warm_up",
        "prepare this computer after installation, so that the first scan is fast",
    ),
    "evaluate": (
        "spineviewer.training.evaluation.evaluate",
        "compare a mask with a reference, or evaluate a folder of cases",
    ),
    "fit-labelling": (
        "spineviewer.training.fit.fit_labelling",
        "fit the parameters for naming vertebrae",
    ),
    "tune": (
        "spineviewer.training.evaluation.tune",
        "find the best thresholds and sigma on labelled scans",
    ),
    "realism": ("spineviewer.training.synthetic.realism", "compare synthetic scans with real ones"),
    "study": (
        "spineviewer.training.evaluation.study",
        "measure robustness: thick slices, cropped fields of view",
    ),
    "train": ("spineviewer.training.fit.fitting", "train one of the two networks"),
    "synthesise": (
        "spineviewer.training.synthetic.synthesis",
        "make random CT scans from label maps, for training",
    ),
    "whole-field": (
        "spineviewer.training.synthetic.whole_field",
        "extend a cropped case to a full field of view",
    ),
    "implant": (
        "spineviewer.training.fit.implants",
        "put screws and rods into real cases, for training",
    ),
    "publish": ("spineviewer.training.fit.publish", "install trained weights in the models folder"),
    "precision": (
        "spineviewer.training.evaluation.precision",
        "compare masks from 8-bit and full precision",
    ),
    "phantom": (
        "spineviewer.training.synthetic.phantom",
        "make a synthetic scan with an exact mask",
    ),
    "bench": ("spineviewer.bench", "benchmark this computer; 'bench views' measures the window"),
}
#: If set, the traceback of an unexpected error is printed.
DEBUG_VARIABLE = "SPINEVIEWER_DEBUG"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code."""
    choose_folder_for_compiled_code()
    if run_if_child(sys.argv):
        return 0
    arguments = list(sys.argv[1:] if argv is None else argv)
    with suppress(ValueError):  # only possible in the main thread
        signal.signal(signal.SIGTERM, _interrupt)
    try:
        if argv is None and arguments[:1] == ["segment"]:
            # a collection would visit everything that was imported
            gc.disable()
            _end_process(_run(arguments))
        code = _run(arguments)
    except SpineViewerError as error:
        say(f"spineviewer: {error}")
        return error.exit_code
    except (Cancelled, KeyboardInterrupt):
        say("spineviewer: cancelled. Unfinished files were discarded.")
        return Cancelled.exit_code
    except BrokenPipeError:
        # so that the interpreter's flush at exit does not print an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError:
        say(
            "spineviewer: this computer has too little memory. Close other programs, or use a "
            "smaller scan."
        )
        return InferenceError.exit_code
    except Exception as error:  # noqa: BLE001  # the outermost frame: unexpected errors are reported in one line, too
        if os.environ.get(DEBUG_VARIABLE):
            traceback.print_exc()
        say(
            f"spineviewer: unexpected error ({type(error).__name__}: {error}). To see where it "
            f"occurred, set {DEBUG_VARIABLE}=1 and run the command again."
        )
        return 1
    return code


def _end_process(code: int) -> NoReturn:
    """Exit immediately. Choice: otherwise, Python takes 0.2 s to unload numba and OpenVINO."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(arguments: list[str]) -> int:
    command = arguments[0] if arguments else ""
    if command in {"-h", "--help"}:
        print(_overview())
        return 0
    if command == "--version":
        print(f"spineviewer {__version__}")
        return 0
    import logging  # not for --version and --help

    is_window = command not in COMMANDS
    module = "spineviewer.gui.main" if is_window else COMMANDS[command][0]
    if is_window:
        _end_at_once_on_signals()
    try:
        with _no_garbage_collection():
            run: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"'{command or 'the window'}' needs {error.name}, which is not installed. "
            "To train and tune, install: pip install 'spineviewer[train]'"
        ) from error
    logging.basicConfig(format="spineviewer: %(message)s")  # warnings, on stderr
    return int(run.run(arguments)) if is_window else int(run.main(arguments[1:]))


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Turn off garbage collection, and never search the objects created meanwhile.

    For imports: objects of modules are kept anyway.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def _overview() -> str:
    lines = [
        f"Spineviewer {__version__}. Research use only; not a medical device.",
        "",
        "  spineviewer [SCAN ...]         open the window, with scans (files or DICOM folders) if "
        "given",
        "  spineviewer SCAN --segment --screenshot FILE --quit",
        "                                 open, segment, save a screenshot of the window, quit",
        *(f"  spineviewer {name:<13} ...  {text}" for name, (_, text) in COMMANDS.items()),
        "",
        "spineviewer COMMAND --help explains the options. To open a file that has the same "
        "name as a command, write ./NAME.",
    ]
    return "\n".join(lines)


def _end_at_once_on_signals() -> None:
    """End the process on a signal, without cleaning up, until the window handles signals itself.

    There is nothing to clean up yet, and an exception raised during an import could be reported as
    an import error.
    """
    with suppress(ValueError):  # only possible in the main thread
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: os._exit(Cancelled.exit_code))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
