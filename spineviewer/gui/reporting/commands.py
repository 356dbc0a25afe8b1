"""Commands for exports, reports, screenshots and anonymised copies.

Dialogs are imported only when they are opened, so the window starts sooner.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage

from spineviewer.app.exporting import results_stem
from spineviewer.app.features.reports import ReportOrder
from spineviewer.app.measurement_report import find_follow_up
from spineviewer.app.naming_check import names_to_check
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.report import ReportImage
from spineviewer.app.report_draft import KeyImage, ReportDraft
from spineviewer.app.scan_titles import describe_patient
from spineviewer.app.settings_store import SettingsStore
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.command import OPEN_SCAN, Command
from spineviewer.gui.kit.conditions import DICOM_SLICES, MASK
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.deleted_notice import offer_to_restore
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.gui.kit.file_dialogs import FileDialogs
from spineviewer.gui.kit.language import language, tr
from spineviewer.gui.kit.scan_names import dialog_title, scan_title
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.gui.reporting.key_image import make_key_image
from spineviewer.gui.reporting.picture_file import captioned, save_picture
from spineviewer.gui.reporting.report_image import key_picture
from spineviewer.gui.viewing.other_scan_view import OtherScanView
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.wording import mark

if TYPE_CHECKING:
    from spineviewer.gui.reporting.export_dialog import ExportDialog
    from spineviewer.gui.reporting.report_dialog import ReportDialog


def export(context: Context) -> None:
    """Ask what to export and where, and write it."""
    from spineviewer.gui.reporting.export_dialog import ExportDialog

    parts, settings = context.parts, context.workspace.settings.current
    if parts is not None and parts.is_mask_possible:
        scan, window = context.scan, context[Dialogs].window
        dialog = ExportDialog(
            parts.state,
            settings.export_format,
            are_vertebrae_named=context.scan.names.are_current,
            names_note=tr(names_to_check(parts.vertebrae)) if parts.vertebrae else "",
            folder=scan.exports.folder,
            parent=window,
        )
        dialog.scan_heading.show_scan(context.workspace, scan)
        dialog.accepted.connect(partial(_export, scan, context.workspace.settings, dialog))
        context[Dialogs].show(dialog)


def _export(scan: OpenScan, settings: SettingsStore, dialog: ExportDialog) -> None:
    settings.update(export_format=dialog.extension)
    scan.exports.remember_folder(dialog.chosen_folder)
    scan.exports.export(
        dialog.targets(),
        may_overwrite=dialog.overwrite.isChecked(),
        as_label_map=dialog.as_label_map,
    )


def _report(context: Context) -> None:
    dialog = _open_dialog(context)
    if dialog is None:
        _open_report(context)
    else:
        dialog.activateWindow()


def show_changed_report(context: Context, before: ReportDraft) -> None:
    """Open the report if its content has changed, so that the user notices.

    The views keep the keys.
    """
    has_changed = not context.scan.parts.draft.has_same_content_as(before)
    if has_changed and _open_dialog(context) is None:
        _open_report(context, takes_keys=False)


def _open_dialog(context: Context) -> ReportDialog | None:
    """Return the open report dialog of the active scan; None if there is none."""
    from spineviewer.gui.reporting.report_dialog import ReportDialog

    dialogs = context[Dialogs].window.findChildren(ReportDialog)
    return next((dialog for dialog in dialogs if dialog.scan is context.scan), None)


def _open_report(context: Context, *, takes_keys: bool = True) -> None:
    from spineviewer.gui.reporting.report_dialog import ReportDialog

    scan, workspace, window = context.scan, context.workspace, context[Dialogs].window
    dialog = ReportDialog(scan, workspace.settings, partial(_draw, scan), window)

    def follow_scan() -> None:
        """Hide and show the dialog together with its scan."""
        if scan in workspace.scans:
            dialog.scan_heading.show_scan(workspace, scan)
            dialog.setVisible(scan is workspace.front)

    def on_closed(closed: OpenScan) -> None:
        if closed is scan:
            dialog.reject()  # closing a hidden dialog would not emit `finished`

    subscriptions = Subscriptions()
    subscriptions.add(workspace.scan_closed, on_closed)
    subscriptions.add(workspace.scans_changed, follow_scan)
    subscriptions.add(workspace.settings.changed, follow_scan)
    dialog.finished.connect(lambda: subscriptions.end())
    dialog.accepted.connect(partial(_write_report, context, dialog))
    dialog.scan_heading.show_scan(workspace, scan)
    dialog.editor.template_delete_requested.connect(partial(_delete_template, workspace))
    context[Dialogs].show_beside(dialog, "report", takes_keys=takes_keys)
    # when the user returns to the scan, the focus must not move to the dialog
    dialog.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


def _delete_template(workspace: Workspace, name: str) -> None:
    """Delete a template of the current language; a notice offers to restore it."""
    settings, code = workspace.settings, language()
    texts = settings.templates(code)[name]
    settings.delete_template(code, name)
    restore = partial(settings.save_template, code, name, *texts)
    offer_to_restore(workspace, tr("The template {name} was deleted.", name=name), restore)


def _write_report(context: Context, dialog: ReportDialog) -> None:
    shows_patient, targets = dialog.shows_patient.isChecked(), dialog.targets()
    shows_file_name, settings = dialog.shows_file_name.isChecked(), context.workspace.settings
    dialog.scan.exports.remember_folder(dialog.chosen_folder)
    settings.update(
        is_patient_in_reports=shows_patient, report_formats=[kind.value for kind in targets]
    )
    if not dialog.is_patient_known:
        settings.update(is_file_named_in_reports=shows_file_name)
    order = ReportOrder(
        targets=targets,
        may_overwrite=dialog.overwrite.isChecked(),
        title=dialog.title.text().strip(),
        shows_file_name=shows_file_name,
        shows_patient=shows_patient,
        shows_planes=dialog.shows_planes.isChecked(),
        with_measurements=dialog.has_measurements.isChecked(),
        earlier=find_follow_up(dialog.scan, context.workspace.scans),
    )
    dialog.scan.reports.write(order)


def _draw(scan: OpenScan, image: KeyImage, height_px: int) -> ReportImage:
    """Return a key image drawn as the report will show it."""
    parts = scan.parts
    return key_picture(
        image, Scene.from_parts(parts), parts.spine_measurements, parts.line, height_px
    )


def _add_key_image(context: Context) -> None:
    if context[OtherScanView].is_focused:
        text = tr(
            "Key images are added to the report of the scan on the left. To add this image to the "
            "report of its own scan, click that scan's tab first."
        )
        context.workspace.tell(Notice(Severity.INFO, text, "key image"))
        return
    image = make_key_image(context[ViewArea], context.scan.parts)
    if image is None:
        text = tr("This view has no image for the report yet. Choose another view.")
        context.workspace.tell(Notice(Severity.INFO, text, "key image"))
    else:
        scan = context.scan
        title = scan_title(context.workspace, scan) if context.workspace.others else ""
        scan.drafts.add_image(image, title)


def _picture(context: Context) -> QImage:
    """Return a screenshot of the views, with the patient below it if the settings say so."""
    picture = context[ViewArea].picture()
    is_patient_shown = context.workspace.settings.current.is_patient_in_pictures
    caption = describe_patient(context.scan.volume.source) if is_patient_shown else ""
    return captioned(picture, tr(caption)) if caption else picture


def _toggle_patient(context: Context) -> None:
    settings = context.workspace.settings
    settings.update(is_patient_in_pictures=not settings.current.is_patient_in_pictures)


def _save_picture(context: Context) -> None:
    picture, scan = _picture(context), context.scan  # before a dialog covers the views
    stem = results_stem(scan.volume.source)
    proposed = str(scan.exports.folder / f"{stem}_screenshot.png")
    title = dialog_title(tr("Save screenshot"), context.workspace, scan)
    chosen = context[FileDialogs].ask_for_target(title, proposed, "PNG (*.png)")
    if chosen:
        scan.exports.remember_folder(Path(chosen).parent)
        path = Path(chosen if chosen.lower().endswith(".png") else f"{chosen}.png")
        is_confirmed = str(path) == chosen  # the dialog has asked whether to replace this file
        save_picture(scan, picture, path, may_overwrite=is_confirmed)


def _copy_picture(context: Context) -> None:
    QGuiApplication.clipboard().setImage(_picture(context))
    context.workspace.tell(
        Notice(Severity.INFO, tr("The screenshot was copied to the clipboard."), "picture")
    )


def _anonymise(context: Context) -> None:
    from spineviewer.gui.reporting.anonymise_dialog import AnonymiseDialog

    scan, key = context.scan, context.workspace.settings.anonymising_key
    dialog = AnonymiseDialog(
        scan.volume.source, key, folder=scan.exports.folder, parent=context[Dialogs].window
    )

    def write() -> None:
        scan.exports.remember_folder(dialog.chosen_folder)
        scan.copies.write(dialog.target, dialog.profile, with_results=dialog.results.isChecked())

    dialog.accepted.connect(write)
    dialog.scan_heading.show_scan(context.workspace, scan)
    context[Dialogs].show(dialog)


COMMANDS = (
    Command(
        name="export",
        text=mark("Export…"),
        menu="File",
        keys=("Ctrl+E",),
        icon="export",
        tip=mark("Export the mask, the named vertebrae, maps or surfaces"),
        run=export,
        needs=(OPEN_SCAN, MASK),
    ),
    Command(
        name="report",
        text=mark("Report…"),
        menu="File",
        keys=("Ctrl+R",),
        icon="report",
        tip=mark(
            "Write findings and impression, and choose key images; saved as PDF, HTML, CSV or JSON"
        ),
        run=_report,
    ),
    Command(
        name="anonymise",
        text=mark("Anonymise…"),
        menu="File",
        tip=mark("Copy this DICOM series and its results without patient data"),
        run=_anonymise,
        needs=(OPEN_SCAN, DICOM_SLICES),
    ),
    Command(
        name="key_image",
        text=mark("Add key image to report"),
        menu="File",
        keys=("K",),
        tip=mark("Add the image in the active view, with its measurements, to the report"),
        run=_add_key_image,
        is_for_views=True,
    ),
    Command(
        name="picture",
        text=mark("Save screenshot…"),
        menu="File",
        keys=("Ctrl+Shift+S",),
        tip=mark("Save the views as a PNG image"),
        run=_save_picture,
    ),
    Command(
        name="copy_picture",
        text=mark("Copy screenshot"),
        menu="File",
        keys=("Ctrl+Shift+C",),
        tip=mark("Copy the views to the clipboard"),
        run=_copy_picture,
    ),
    Command(
        name="patient_in_pictures",
        text=mark("Show patient and study on screenshots"),
        menu="File",
        tip=mark("Write patient and study below saved and copied screenshots; off by default"),
        run=_toggle_patient,
        is_checked=lambda context: context.workspace.settings.current.is_patient_in_pictures,
        needs=(),
    ),
)
