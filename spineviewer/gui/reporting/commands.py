"""Commands that write results to files of the user's choice."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QImage

from spineviewer.app.notices import Level, Notice
from spineviewer.app.whose import patient_words
from spineviewer.gui.kit.command import OPEN_SCAN, Command
from spineviewer.gui.kit.conditions import MASK
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.gui.kit.files import FileAsker
from spineviewer.gui.kit.language import tr
from spineviewer.gui.reporting.export_dialog import ExportDialog
from spineviewer.gui.reporting.picture_file import captioned, save_picture
from spineviewer.gui.reporting.report_dialog import ReportDialog
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.wording import mark


def export(context: Context) -> None:
    """Ask what to write where, and write it."""
    parts, settings = context.parts, context.workspace.settings.current
    if parts is not None and parts.is_mask_possible:
        window = context[Dialogs].window
        dialog = ExportDialog(
            parts.state,
            settings.export_format,
            are_vertebrae_named=context.scan.names.are_current,
            parent=window,
        )
        dialog.accepted.connect(partial(_export, context, dialog))
        context[Dialogs].show(dialog)


def _export(context: Context, dialog: ExportDialog) -> None:
    context.workspace.settings.update(export_format=dialog.ending)
    context.scan.exports.export(dialog.targets(), may_overwrite=dialog.overwrite.isChecked())


def _report(context: Context) -> None:
    if context.parts is not None:
        dialog = ReportDialog(context.parts.state, context[Dialogs].window)
        dialog.accepted.connect(partial(_write_report, context, dialog))
        context[Dialogs].show(dialog)


def _write_report(context: Context, dialog: ReportDialog) -> None:
    context.scan.reports.write(
        dialog.targets(),
        title=dialog.title.text().strip(),
        names_file=dialog.names_file.isChecked(),
        may_overwrite=dialog.overwrite.isChecked(),
    )


def _picture(context: Context) -> QImage:
    """Return the views as they are now, with patient and study below if the user wants that."""
    picture = context[ViewArea].grab().toImage()
    is_named = context.workspace.settings.current.is_patient_in_pictures
    words = patient_words(context.scan.volume.source) if is_named else ""
    return captioned(picture, tr(words)) if words else picture


def _toggle_patient(context: Context) -> None:
    settings = context.workspace.settings
    settings.update(is_patient_in_pictures=not settings.current.is_patient_in_pictures)


def _save_picture(context: Context) -> None:
    picture = _picture(context)  # now, before a dialog covers it
    chosen = context[FileAsker].file_to_save(tr("Save picture"), "spineviewer.png", "PNG (*.png)")
    if chosen:
        path = Path(chosen if chosen.lower().endswith(".png") else f"{chosen}.png")
        is_agreed = str(path) == chosen  # the dialog has asked whether to replace it
        scan = context.workspace.front
        if scan is not None:
            save_picture(scan, picture, path, may_overwrite=is_agreed)


def _copy_picture(context: Context) -> None:
    QGuiApplication.clipboard().setImage(_picture(context))
    context.workspace.tell(Notice(Level.INFO, tr("The picture is on the clipboard."), "picture"))


COMMANDS = (
    Command(
        name="export",
        text=mark("Export…"),
        menu="File",
        keys=("Ctrl+E",),
        icon="export",
        tip=mark("Export mask, attention map or bone probability on the scan's own grid"),
        run=export,
        needs=(OPEN_SCAN, MASK),
    ),
    Command(
        name="report",
        text=mark("Report…"),
        menu="File",
        keys=("Ctrl+R",),
        icon="report",
        tip=mark("One page about this scan: PDF, HTML, CSV, JSON"),
        run=_report,
    ),
    Command(
        name="picture",
        text=mark("Save picture…"),
        menu="File",
        keys=("Ctrl+Shift+S",),
        tip=mark("Save the views as PNG, without the scan's name"),
        run=_save_picture,
    ),
    Command(
        name="copy_picture",
        text=mark("Copy picture"),
        menu="File",
        keys=("Ctrl+Shift+C",),
        tip=mark("Copy the views to the clipboard"),
        run=_copy_picture,
    ),
    Command(
        name="patient_in_pictures",
        text=mark("Patient and study in pictures"),
        menu="File",
        tip=mark("Write whose scan it is below saved and copied pictures; off by default"),
        run=_toggle_patient,
        is_checked=lambda context: context.workspace.settings.current.is_patient_in_pictures,
        needs=(),
    ),
)
