"""Everything that the window can show, part by part, for tests that check all of it."""

from pathlib import Path
from types import SimpleNamespace

from archive_stand_in import NODE, StandInArchive
from fakes import FakeBackend, on_dicom_slices, spine_volume
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QSizePolicy

from spineviewer.app.archiving.retrievals import RequestedStudy
from spineviewer.app.services import SeriesLine, SeriesToChoose
from spineviewer.app.session import make_reference, make_session
from spineviewer.app.state import Overlays, SegmentationStage, first_state
from spineviewer.app.studies import FolderContents, Patient, SeriesInFolder, Study
from spineviewer.editing.correction import Correction
from spineviewer.gui.archive.archive_page import ArchivePage
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.opening.study_browser import StudyBrowser
from spineviewer.gui.reporting.anonymise_dialog import AnonymiseDialog
from spineviewer.io.series_listing import SeriesListing
from spineviewer.measuring_tools.areas import Region
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.measuring_tools.note import Note
from spineviewer.tuning import Tuning
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import ScanFormat
from spineviewer.wording import worded

#: Object names of labels that end in an ellipsis if space is short.
_CUT_ON_PURPOSE = QSizePolicy.Policy.Ignored
#: Names and words on the screen that the user entered.
OWN_WORDS = (
    "sub-01_ct.nii.gz",
    "sub-02_ct.nii.gz",
    "Head of the rib",
    "Spongy bone",
    "Thorax 1.0",
    "My thresholds",
    "Doe Jane",
    "Doe John",
    "CT spine",
    "The archive is closed.",
    "ward",
    "https://pacs.example.org/dicom-web",
    "SEG",
)


def every_part(qtbot, make_window, tmp_path, size=(1400, 800)):
    """Yield the name and the widget of each page, panel, sheet and dialog while it is shown."""
    scan, other = spine_volume(), spine_volume(path=Path("sub-02_ct.nii.gz"))
    window = make_window(FakeBackend([scan, other]), size=size)
    verbs = window.verbs
    session = make_session(
        first_state(scan, Tuning(), Overlays()),
        Correction(scan.geometry.shape_zyx),
        make_reference(scan, ""),
    )
    unfinished = SimpleNamespace(
        scan_path=tmp_path / "sub-01_ct.nii.gz", saved_at_s=1.7e9, session=session
    )
    window.start_page.unfinished.show_work((unfinished,))
    yield "start page", window
    verbs.show_scan(other)
    verbs.show_scan(scan)
    yield "scan opened", window
    verbs.segment()
    qtbot.waitUntil(
        lambda: verbs.state.stage is SegmentationStage.DONE and verbs.state.is_mask_current
    )
    for kind, text in ((Region(), "Spongy bone"), (Note(), "Head of the rib")):
        verbs.add_measurement(
            Measurement(kind, Plane.SAGITTAL, ((10.0, 20.0, 9.0), (30.0, 40.0, 9.0)), text)
        )
    verbs.save_tuning("My thresholds")
    verbs.find_regions()
    qtbot.waitUntil(lambda: verbs.checklist is not None)
    window.actions_by_name["tool_brush"].trigger()
    window.actions_by_name["side_by_side"].trigger()
    window.panel.comparison_box.show()
    qtbot.waitUntil(lambda: window.workspace.runner.is_idle)  # results move what is below them
    yield "segmented, measured, checked, corrected", window
    window.toolbar.open_window_control()
    yield "window control", window.toolbar.window_control
    window.toolbar.window_control.hide()
    window.guide.begin()
    while window.guide.tour is not None:
        yield f"tour {window.guide.tour.number}", window.guide.tour
        window.guide.tour.show_next()
    for name in ("export", "report", "help", "edit_keys", "palette", "shortcuts", "about"):
        window.actions_by_name[name].trigger()
        yield from _shown_dialog(window, name)
    window.dialogs.show(AnonymiseDialog(scan.source, "key", folder=tmp_path, parent=window))
    yield from _shown_dialog(window, "anonymise")
    lines = (
        SeriesLine("1", "Thorax 1.0", "CT", worded("spacing unknown"), (worded("The series"),), 3),
        SeriesLine(
            "2", worded("No description"), "CT", worded("spacing unknown"), (), 300, is_best=True
        ),
    )
    verbs.workspace.opening.series_found.emit(
        SeriesToChoose(Path("sub-01_ct.nii.gz"), lines, (worded("CT localiser"),))
    )
    yield from _shown_dialog(window, "series chooser")
    patients = (Patient("", (Study("", "", (SeriesInFolder(tmp_path, lines[1]),)),)),)
    listing = SeriesListing(tmp_path, ScanFormat.DICOM, (), (), ())
    contents = FolderContents(
        tmp_path, patients, (tmp_path / "sub-01_ct.nii.gz",), (worded("The series"),), listing
    )
    browser = StudyBrowser(contents, are_names_shown=False, parent=window)
    window.dialogs.show_beside(browser)
    yield from _shown_dialog(window, "study browser")
    yield from _archive(qtbot, window, tmp_path)
    window.actions_by_name["batch"].trigger()
    window.batch_page.add(tmp_path / "sub-01_ct.nii.gz")
    yield "batch", window.batch_page


def _archive(qtbot, window, tmp_path):
    """Yield the archive's page, settings and dialogs, with a simulated archive."""
    access, stand_in = window.workspace.archives, StandInArchive()
    for part in (access.directory, access.search, access.retrievals, access.sending):
        part._connect = stand_in
    window.actions_by_name["archive"].trigger()
    yield "archive page without an archive", window
    access.directory.save(NODE)
    qtbot.waitUntil(lambda: bool(access.directory.nodes))
    page = window.pages.page(ArchivePage)
    page.form.request_search()
    qtbot.waitUntil(lambda: access.search.found is not None)
    wanted = RequestedStudy(NODE, "1.2.1", "", "Doe Jane", "4711", "2024-03-15")
    stand_in.fault = "The archive is closed."
    access.retrievals.retrieve(wanted)
    qtbot.waitUntil(lambda: not access.retrievals.retrievals[0].is_open)
    yield "archive page", window
    window.actions_by_name["archive_settings"].trigger()
    dialog = next(d for d in window.findChildren(QDialog) if d.isVisible())
    for number in range(dialog.tabs.count() - 1):
        dialog.tabs.setCurrentIndex(number)
        yield f"archive settings {number}", dialog
    dialog.tabs.setCurrentIndex(dialog.tabs.count() - 1)
    yield from _shown_dialog(window, "archive settings, store")
    window.workspace.show_volume(on_dicom_slices(spine_volume(), tmp_path / "slices"))
    window.actions_by_name["send"].trigger()
    yield from _shown_dialog(window, "send results")


def _shown_dialog(window, name):
    dialog = next(d for d in window.findChildren(QDialog) if d.isVisible())
    yield name, dialog
    dialog.close()
    dialog.setParent(None)
    dialog.deleteLater()


def _needed_height(label):
    """Return the height of all lines of a wrapped text, in pixels."""
    if isinstance(label, ElidedLabel):  # its own height does not follow its text
        room = label.contentsRect().adjusted(0, 0, 0, 1000)
        flags = Qt.TextFlag.TextWordWrap
        return label.fontMetrics().boundingRect(room, flags, label.text()).height()
    return label.heightForWidth(label.width())


def cut_texts(root):
    """Return the buttons and labels in a part of the window that are too small for their text."""
    short = [
        repr(button.text())
        for button in root.findChildren(QAbstractButton)
        if button.isVisible()
        and not button.objectName().startswith("qt_")
        and button.sizeHint().width() > button.width() + 1
    ]
    for label in root.findChildren(QLabel):
        if label.isVisible() and label.wordWrap() and label.text():
            short += [f"height of {label.text()!r}"] * (_needed_height(label) > label.height())
        if (
            label.isVisible()
            and label.text()
            and not label.wordWrap()
            and label.sizePolicy().horizontalPolicy() != _CUT_ON_PURPOSE
        ):
            needed = (
                label.fontMetrics().horizontalAdvance(label.text())
                if "<" not in label.text()
                else 0
            )
            short += [repr(label.text())] * (needed > label.width() + 1)
    return short
