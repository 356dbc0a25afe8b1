"""What to write, where, and under which names."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.exporting import ExportKind, results_stem
from spineviewer.app.state import Reading, SegmentationStage
from spineviewer.gui.icons import give_icon
from spineviewer.gui.language import tr
from spineviewer.gui.theme import GAP_L, GAP_M, GAP_XL
from spineviewer.io.dicom_seg import seg_obstacle
from spineviewer.io.export import SEG_ENDING
from spineviewer.io.surface import SURFACE_ENDINGS
from spineviewer.wording import mark

ENDINGS = {
    ".nii.gz": mark("NIfTI, compressed (.nii.gz)"),
    ".nii": mark("NIfTI (.nii)"),
    ".nrrd": mark("NRRD (.nrrd)"),
    ".mha": mark("MetaImage (.mha)"),
    SEG_ENDING: mark("DICOM SEG, the mask on the source slices (.dcm)"),
}
_NAMES = {
    ExportKind.MASK: (mark("Mask"), mark("1 in the spine, 0 elsewhere")),
    ExportKind.HEATMAP: (mark("Attention heatmap"), mark("smoothed with the sigma shown, 0 to 1")),
    ExportKind.PROBABILITY: (mark("Bone probability"), mark("the segmentation network's answer, 0 to 1")),
    ExportKind.DOUBT: (mark("Uncertainty"), mark("how undecided the segmentation network is where the spine is, 0 to 1")),
    ExportKind.SURFACE: (mark("Surface"), mark("triangles round the mask in the patient's millimetres: .stl, .obj or .ply")),
}
_REST_FIRST = mark("The rest of the scan is computed first")
_WAIT_FOR_REST = mark("A part of the scan is not computed yet: wait until the networks have come to rest.")


class ExportDialog(QDialog):
    """Asks for the files to write. It writes nothing itself."""

    def __init__(self, reading: Reading, ending: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export"))
        self.setMinimumWidth(600)
        source = reading.scan.source.path.absolute()
        self._stem = results_stem(reading.scan.source)
        heading = QLabel(tr("Export onto the scan's own grid"))
        heading.setProperty("role", "heading")
        tuning = reading.tuning
        facts = QLabel(
            tr(
                "Attention threshold {attention_threshold:.2f}, sigma {sigma_mm:.1f} mm, segmentation threshold "
                "{segmentation_threshold:.2f}: as the panel shows, and written into the files.",
                attention_threshold=tuning.attention_threshold,
                sigma_mm=tuning.sigma_mm,
                segmentation_threshold=tuning.segmentation_threshold,
            )
        )
        facts.setProperty("role", "quiet")
        facts.setWordWrap(True)
        self.format = QComboBox()
        self.format.setAccessibleName(tr("File format"))
        for key, name in ENDINGS.items():
            self.format.addItem(tr(name), key)
        if obstacle := seg_obstacle(reading.scan.source):
            self._forbid(SEG_ENDING, tr(obstacle))
            ending = ending if ending != SEG_ENDING else ""
        self.format.setCurrentIndex(max(0, self.format.findData(ending)))
        self.folder = QLineEdit(str(source.parent))
        self.folder.setAccessibleName(tr("Folder"))
        browse = QPushButton(tr("Choose …"))
        browse.clicked.connect(self._browse)
        place = QHBoxLayout()
        place.setSpacing(GAP_M)
        place.addWidget(self.folder, 1)
        place.addWidget(browse)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP_L)
        grid.setVerticalSpacing(GAP_M)
        self.checks: dict[ExportKind, QCheckBox] = {}
        self.names: dict[ExportKind, QLineEdit] = {}
        for row, kind in enumerate(ExportKind):
            name, tip = (tr(text) for text in _NAMES[kind])
            check = QCheckBox(name)
            check.setChecked(kind is ExportKind.MASK)
            check.setToolTip(tip)
            field = QLineEdit()
            field.setAccessibleName(tr("File name: {result}", result=name))
            field.setEnabled(check.isChecked())
            check.toggled.connect(field.setEnabled)
            check.toggled.connect(self._check)
            field.textChanged.connect(self._check)
            grid.addWidget(check, row, 0)
            grid.addWidget(field, row, 1)
            self.checks[kind], self.names[kind] = check, field
        if reading.computed_share < 1:
            whole = self.checks[ExportKind.PROBABILITY]
            whole.setEnabled(reading.stage is not SegmentationStage.RUNNING)
            whole.setToolTip(tr(_REST_FIRST if whole.isEnabled() else _WAIT_FOR_REST))
        grid.addWidget(QLabel(tr("Format")), len(ExportKind), 0)
        grid.addWidget(self.format, len(ExportKind), 1)
        grid.addWidget(QLabel(tr("Folder")), len(ExportKind) + 1, 0)
        grid.addLayout(place, len(ExportKind) + 1, 1)
        grid.setColumnStretch(1, 1)
        self.overwrite = QCheckBox(tr("Replace files that exist"))
        self.message = QLabel()
        self.message.setProperty("role", "warn")
        self.message.setWordWrap(True)
        self.message.setMinimumHeight(34)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = buttons.addButton(tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.export_button.setProperty("kind", "primary")
        give_icon(self.export_button, "export", "on_accent")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_XL)
        layout.setSpacing(GAP_L)
        layout.addWidget(heading)
        layout.addWidget(facts)
        layout.addLayout(grid)
        layout.addWidget(self.overwrite)
        layout.addWidget(self.message)
        layout.addWidget(buttons)
        self.format.currentIndexChanged.connect(self._rename)
        self.folder.textChanged.connect(self._check)
        self.overwrite.toggled.connect(self._check)
        self._rename()
        self.export_button.setDefault(True)

    @property
    def ending(self) -> str:
        """The chosen format."""
        return str(self.format.currentData())

    def targets(self) -> dict[ExportKind, Path]:
        """The files asked for."""
        folder = Path(self.folder.text()).expanduser()
        return {kind: folder / self.names[kind].text().strip() for kind, check in self.checks.items() if check.isChecked()}

    def _forbid(self, ending: str, reason: str) -> None:
        """Show a format that cannot be chosen here, and why."""
        row, model = self.format.findData(ending), self.format.model()
        assert isinstance(model, QStandardItemModel)
        model.item(row).setEnabled(False)
        self.format.setItemData(row, reason, Qt.ItemDataRole.ToolTipRole)

    def _rename(self) -> None:
        for kind, field in self.names.items():
            ending = SURFACE_ENDINGS[0] if kind is ExportKind.SURFACE else self.ending
            field.setText(f"{self._stem}_{kind.value}{ending}")
        self._check()

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder to export to"), self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    def _check(self) -> None:
        targets = self.targets()
        problem = ""
        existing = [path.name for path in targets.values() if path.is_file()]
        if not targets:
            problem = tr("Choose at least one thing to export.")
        elif not Path(self.folder.text()).expanduser().is_dir():
            problem = tr("This folder does not exist.")
        elif wrong := [kind for kind, path in targets.items() if not path.name.lower().endswith(_endings_of(kind))]:
            problem = tr(
                "{result}: the name must end in one of {endings}.",
                result=tr(_NAMES[wrong[0]][0]),
                endings=", ".join(_endings_of(wrong[0])),
            )
        elif len({path.name for path in targets.values()}) < len(targets):
            problem = tr("Two files have the same name.")
        elif existing and not self.overwrite.isChecked():
            problem = tr("{files} exists already. Tick 'Replace files that exist' or change the name.", files=", ".join(existing))
        self.message.setText(problem)
        self.export_button.setEnabled(not problem)


def _endings_of(kind: ExportKind) -> tuple[str, ...]:
    """What names of one kind of result may end in; a DICOM SEG holds a mask alone."""
    if kind is ExportKind.SURFACE:
        return SURFACE_ENDINGS
    return tuple(ENDINGS) if kind is ExportKind.MASK else tuple(ending for ending in ENDINGS if ending != SEG_ENDING)
