"""The export dialog, which asks for results, format, folder and file names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QWidget

from spineviewer.app.exporting import ExportKind, files_for, results_stem
from spineviewer.app.state import ScanState, SegmentationStage
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.reporting.writing_dialog import Row, WritingDialog
from spineviewer.io.formats import Content, extensions, is_dicom_seg, writable
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import ScanSource
from spineviewer.wording import mark

_NAMES = {
    ExportKind.MASK: (mark("Mask"), mark("1 in the spine, 0 elsewhere")),
    ExportKind.ATTENTION: (mark("Attention map"), mark("smoothed with the current sigma, 0 to 1")),
    ExportKind.PROBABILITY: (
        mark("Bone probability"),
        mark("the bone probability from the segmentation network, 0 to 1"),
    ),
    ExportKind.SURFACE: (
        mark("Surface"),
        mark("triangle mesh of the mask in patient coordinates (mm): .stl, .obj or .ply"),
    ),
    ExportKind.UNCERTAINTY: (
        mark("Uncertainty"),
        mark("uncertainty of the segmentation network within the spine, 0 to 1"),
    ),
    ExportKind.VERTEBRAE: (
        mark("Named vertebrae"),
        mark("one label number per level (VerSe numbering), with names and colours"),
    ),
    ExportKind.VERTEBRA_SURFACES: (
        mark("Surface of each vertebra"),
        mark("one triangle mesh per vertebra, with the vertebra's name added to the file name"),
    ),
}
_SURFACES = (ExportKind.SURFACE, ExportKind.VERTEBRA_SURFACES)
_VERTEBRA_KINDS = (ExportKind.VERTEBRAE, ExportKind.VERTEBRA_SURFACES)
_REST_FIRST = mark("The rest of the scan will be segmented first")
_WAIT_FOR_REST = mark(
    "Part of the scan has not been segmented yet. Wait until segmentation has finished."
)


class ExportDialog(WritingDialog):
    """Asks for the results to export; other code writes them."""

    def __init__(
        self,
        state: ScanState,
        extension: str,
        *,
        are_vertebrae_named: bool = False,
        names_note: str = "",
        folder: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            tr("Export"),
            folder=folder or state.scan.source.path.absolute().parent,
            choice=tr("Folder to export to"),
            verb=tr("Export"),
            parent=parent,
        )
        self.setMinimumWidth(600)
        self._stem = results_stem(state.scan.source)
        self.checks: dict[ExportKind, QCheckBox] = {}
        self.names: dict[ExportKind, QLineEdit] = {}
        rows = [self._make_row(kind) for kind in _NAMES]
        self.format = self._make_formats(state.scan.source, extension)
        self.label_map = QCheckBox(tr("Vertebrae as LABELMAP"))
        self.label_map.setToolTip(
            tr(
                "DICOM SEG with one number per voxel instead of one binary segment per vertebra: "
                "a smaller file that fewer programs can read"
            )
        )
        self.names_note = styled_label("warn", names_note, is_wrapped=True)
        size = self.names_note.sizePolicy()
        size.setRetainSizeWhenHidden(bool(names_note))  # so that the dialog keeps its size
        self.names_note.setSizePolicy(size)
        self._disable_unavailable(state, are_vertebrae_named=are_vertebrae_named)
        self._propose_names()
        self._lay_out(
            tr("Export on the scan's own grid"),
            _tuning_text(state.tuning),
            [*rows, (QLabel(tr("Format")), self.format), (QLabel(), self.label_map)],
            note=self.names_note,
        )
        for kind in _VERTEBRA_KINDS:
            self.checks[kind].toggled.connect(self._show_names_note)
        self._show_names_note()
        self.format.currentIndexChanged.connect(self._propose_names)
        self.names[ExportKind.VERTEBRAE].textChanged.connect(self._show_label_map)
        self.checks[ExportKind.VERTEBRAE].toggled.connect(self._show_label_map)
        self._show_label_map()

    def _make_formats(self, source: ScanSource, extension: str) -> QComboBox:
        """Return the list of mask formats; those unsuitable for this scan are disabled."""
        formats = QComboBox()
        formats.setAccessibleName(tr("File format"))
        model = formats.model()
        assert isinstance(model, QStandardItemModel)
        for row, file_format in enumerate(writable(Content.MASK)):
            formats.addItem(tr(file_format.name), file_format.extensions[0])
            if obstacle := file_format.obstacle(source):
                model.item(row).setEnabled(False)
                formats.setItemData(row, tr(obstacle), Qt.ItemDataRole.ToolTipRole)
                extension = "" if extension == file_format.extensions[0] else extension
        formats.setCurrentIndex(max(0, formats.findData(extension)))
        return formats

    def _disable_unavailable(self, state: ScanState, *, are_vertebrae_named: bool) -> None:
        """Disable unavailable results; tooltips say why, or what is computed first."""
        if state.computed_fraction < 1:
            probability = self.checks[ExportKind.PROBABILITY]
            probability.setEnabled(state.stage is not SegmentationStage.RUNNING)
            probability.setToolTip(tr(_REST_FIRST if probability.isEnabled() else _WAIT_FOR_REST))
        if not are_vertebrae_named:
            for kind in _VERTEBRA_KINDS:
                self.checks[kind].setEnabled(False)
                self.checks[kind].setToolTip(
                    tr("The vertebrae have not been named yet. Wait a moment.")
                )

    def _make_row(self, kind: ExportKind) -> Row:
        name, tip = (tr(text) for text in _NAMES[kind])
        check, field = QCheckBox(name), QLineEdit()
        check.setChecked(kind is ExportKind.MASK)
        check.setToolTip(tip)
        field.setAccessibleName(tr("File name: {result}", result=name))
        field.setEnabled(check.isChecked())
        check.toggled.connect(field.setEnabled)
        check.toggled.connect(self._check)
        field.textChanged.connect(self._check)
        self.checks[kind], self.names[kind] = check, field
        return check, field

    @property
    def extension(self) -> str:
        """The file extension of the chosen format."""
        return str(self.format.currentData())

    @property
    def as_label_map(self) -> bool:
        """Whether the DICOM SEG of the vertebrae is written with type LABELMAP."""
        return self.label_map.isEnabled() and self.label_map.isChecked()

    def _show_label_map(self) -> None:
        path = self.targets().get(ExportKind.VERTEBRAE)
        self.label_map.setEnabled(path is not None and is_dicom_seg(path))

    def _show_names_note(self) -> None:
        are_names_written = any(self.checks[kind].isChecked() for kind in _VERTEBRA_KINDS)
        self.names_note.setVisible(are_names_written and bool(self.names_note.text()))

    def targets(self) -> dict[ExportKind, Path]:
        """Return the file for each chosen result."""
        return {
            kind: self.chosen_folder / self.names[kind].text().strip()
            for kind, check in self.checks.items()
            if check.isChecked()
        }

    def _all_files(self) -> Iterable[Path]:
        targets = self.targets()
        return [file for kind, path in targets.items() for file in files_for(kind, path)]

    def _propose_names(self) -> None:
        for kind, field in self.names.items():
            allowed = _allowed_extensions(kind)
            extension = self.extension if self.extension in allowed else allowed[0]
            field.setText(f"{self._stem}_{kind.value}{extension}")

    def _problem(self) -> str:
        targets = self.targets()
        if not targets:
            return tr("Choose at least one item to export.")
        if wrong := [
            kind
            for kind, path in targets.items()
            if not path.name.lower().endswith(_allowed_extensions(kind))
        ]:
            return tr(
                "{result} has an unknown extension. Choose one of these: {endings}.",
                result=tr(_NAMES[wrong[0]][0]),
                endings=", ".join(_allowed_extensions(wrong[0])),
            )
        return (
            tr("Two of the files would have the same name. Change one of the names.")
            if len({path.name for path in targets.values()}) < len(targets)
            else ""
        )


def _allowed_extensions(kind: ExportKind) -> tuple[str, ...]:
    """Return the allowed file extensions for a kind of result."""
    contents = {
        ExportKind.MASK: Content.MASK,
        **dict.fromkeys(_SURFACES, Content.SURFACE),
        ExportKind.VERTEBRAE: Content.LABELS,
    }
    return extensions(writable(contents.get(kind, Content.MAP)))


def _tuning_text(tuning: Tuning) -> str:
    return tr(
        "Attention threshold {attention_threshold:.2f}, sigma {sigma_mm:.1f} mm, "
        "segmentation threshold {segmentation_threshold:.2f}: the values in the panel. "
        "They are recorded in the files.",
        attention_threshold=tuning.attention_threshold,
        sigma_mm=tuning.sigma_mm,
        segmentation_threshold=tuning.segmentation_threshold,
    )
