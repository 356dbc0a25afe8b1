"""Commands for archives."""

from __future__ import annotations

from spineviewer.app.jobs import JobKind
from spineviewer.gui.archive.loader import ArchiveLoader
from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.conditions import DICOM_SLICES
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.wording import mark

ARCHIVE = Condition(
    lambda context: bool(context.workspace.settings.current.archives),
    mark("needs an archive: add one in the archive settings"),
)
PATIENT = Condition(
    lambda context: (
        context.parts is not None and bool(context.parts.state.scan.source.identity.patient_id)
    ),
    mark("needs a scan with a patient ID"),
)


def _show_settings(context: Context) -> None:
    from spineviewer.gui.archive.settings_dialog import ArchiveSettingsDialog

    context[ArchiveLoader].listen()
    workspace, window = context.workspace, context[Dialogs].window
    context[Dialogs].show(ArchiveSettingsDialog(workspace.archives, workspace.settings, window))


def _send(context: Context) -> None:
    from spineviewer.gui.archive.send_dialog import SendDialog

    dialog = SendDialog(context.workspace.archives, context.scan, context[Dialogs].window)
    dialog.scan_heading.show_scan(context.workspace, context.scan)
    context[Dialogs].show(dialog)


def _find_priors(context: Context) -> None:
    context[ArchiveLoader].show_page().find_priors(context.scan.volume.source.identity.patient_id)


def _toggle_receiver(context: Context) -> None:
    context[ArchiveLoader].listen()
    receiver = context.workspace.archives.receiver
    if receiver.is_on:
        receiver.stop()
    else:
        receiver.start()


COMMANDS = (
    Command(
        name="archive",
        text=mark("Open from archive…"),
        menu="File",
        keys=("Ctrl+Shift+A",),
        tip=mark("Search an archive (PACS) and retrieve studies"),
        run=lambda context: context[ArchiveLoader].show_page(),
        needs=(),
    ),
    Command(
        name="prior_studies",
        text=mark("Prior CT studies…"),
        menu="File",
        tip=mark("Find CT studies of this patient in the archive"),
        run=_find_priors,
        needs=(OPEN_SCAN, PATIENT, ARCHIVE),
    ),
    Command(
        name="send",
        text=mark("Send results to archive…"),
        menu="File",
        keys=("Ctrl+Shift+E",),
        tip=mark("Send mask, measurements, report and images as new series in the study"),
        run=_send,
        needs=(OPEN_SCAN, DICOM_SLICES, ARCHIVE),
    ),
    Command(
        name="receiver",
        text=mark("Receive studies"),
        menu="File",
        tip=mark("Let other computers send studies to Spineviewer"),
        run=_toggle_receiver,
        is_checked=lambda context: context.workspace.runner.is_running(JobKind.RECEIVE),
        needs=(),
    ),
    Command(
        name="archive_settings",
        text=mark("Archive settings…"),
        menu="File",
        tip=mark("Archives, the receiver, and the studies on this computer"),
        run=_show_settings,
        needs=(),
    ),
)
