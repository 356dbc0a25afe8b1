"""Commands that open, switch and close scans."""

from __future__ import annotations

from spineviewer.gui.kit.command import Command
from spineviewer.gui.kit.conditions import SEVERAL_SCANS
from spineviewer.gui.kit.context import Context
from spineviewer.gui.opening.closer import Closer
from spineviewer.gui.opening.opener import Opener
from spineviewer.wording import mark


def _toggle_recent_scans(context: Context) -> None:
    store = context.workspace.settings
    store.put(store.current.remembering(not store.current.is_recent_kept))


COMMANDS = (
    Command(
        name="open",
        text=mark("Open scan…"),
        menu="File",
        keys=("Ctrl+O",),
        icon="file",
        tip=mark("Open a NIfTI, NRRD, MetaImage or DICOM file"),
        run=lambda context: context[Opener].open_files(),
        needs=(),
    ),
    Command(
        name="open_folder",
        text=mark("Open DICOM folder…"),
        menu="File",
        keys=("Ctrl+Shift+O",),
        icon="open",
        tip=mark("Open a folder of DICOM slices"),
        run=lambda context: context[Opener].open_folder(),
        needs=(),
    ),
    Command(
        name="browse",
        text=mark("Scans in a folder…"),
        menu="File",
        keys=("Ctrl+Shift+F",),
        tip=mark("All scans in this folder and its subfolders"),
        run=lambda context: context[Opener].browse_folder(),
        needs=(),
    ),
    Command(
        name="open_sample",
        text=mark("Open the sample scan"),
        menu="File",
        tip=mark("A synthetic scan that comes with the program"),
        run=lambda context: context[Opener].open_sample(),
        needs=(),
    ),
    Command(
        name="remember",
        text=mark("Remember recent scans"),
        menu="File",
        tip=mark(
            "If this is off, scans and folders that you open are not listed, and the list is "
            "cleared"
        ),
        run=_toggle_recent_scans,
        is_checked=lambda context: context.workspace.settings.current.is_recent_kept,
        needs=(),
    ),
    Command(
        name="save_session",
        text=mark("Save session…"),
        menu="File",
        keys=("Ctrl+S",),
        tip=mark("Save settings, corrections and measurements to continue later"),
        run=lambda context: context[Opener].save_session(),
    ),
    Command(
        name="next_scan",
        text=mark("Next open scan"),
        menu="File",
        keys=("Ctrl+Tab",),
        run=lambda context: context.workspace.next_scan(),
        needs=(SEVERAL_SCANS,),
    ),
    Command(
        name="close_scan",
        text=mark("Close scan"),
        menu="File",
        keys=("Ctrl+W",),
        run=lambda context: context[Closer].close_front(),
    ),
)
