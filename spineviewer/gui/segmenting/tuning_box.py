"""The numbers that shape the mask, and those that are kept by name."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from spineviewer.gui.kit.controls import ValueRow, section
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import GAP_M
from spineviewer.tuning import Tuning


class TuningBox(QWidget):
    """Shows a tuning and asks for others by signals.

    Thread ownership: GUI thread.
    """

    changed = Signal(object)
    defaults_asked = Signal()
    kept = Signal()
    named = Signal(str)
    dropped = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.threshold = ValueRow(
            tr("Attention threshold"),
            maximum=1.0,
            step=0.01,
            decimals=2,
            tip=tr(
                "Bone counts as spine where the smoothed attention map is above this value. "
                "Lower values include more; higher values cut off ribs and pelvis."
            ),
            has_heat_groove=True,
        )
        self.sigma = ValueRow(
            tr("Sigma"),
            maximum=30.0,
            step=0.5,
            decimals=1,
            unit="mm",
            tip=tr(
                "How much the attention map is smoothed. Larger values reach the processes; "
                "smaller values stay close to the spine."
            ),
        )
        self.bone = ValueRow(
            tr("Segmentation threshold"),
            maximum=1.0,
            step=0.01,
            decimals=2,
            tip=tr("Voxels with a bone probability above this value count as bone."),
        )
        self.defaults_button = QPushButton(tr("Defaults"))
        self.defaults_button.setAccessibleName(tr("Restore defaults"))
        self.defaults_button.setProperty("kind", "plain")
        self.defaults_button.setToolTip(tr("The default values of the networks (Ctrl+D)"))
        self.defaults_button.clicked.connect(self.defaults_asked)
        head = QHBoxLayout()
        head.addWidget(section(tr("Thresholds")), 1)
        head.addWidget(self._make_presets())
        head.addWidget(self.defaults_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M)
        layout.addLayout(head)
        for row in (self.threshold, self.sigma, self.bone):
            layout.addWidget(row)
            row.changed.connect(self._tell)

    def _make_presets(self) -> QPushButton:
        self.presets_button = QPushButton(tr("Presets"))
        self.presets_button.setProperty("kind", "plain")
        self.presets_button.setToolTip(tr("Saved thresholds"))
        self.presets_menu = QMenu(self)
        self.presets_button.setMenu(self.presets_menu)
        self._tunings: tuple[str, ...] | None = None
        self._leaves_out_islands = True
        self.show_tunings(())
        return self.presets_button

    def show_tunings(self, names: Iterable[str]) -> None:
        """List the thresholds that are kept by name."""
        known = tuple(names)
        if known == self._tunings:
            return
        self._tunings = known
        self.presets_menu.clear()
        for name in known:
            self.presets_menu.addAction(name).triggered.connect(
                lambda _=False, name=name: self.named.emit(name)
            )
        if known:
            self.presets_menu.addSeparator()
            forget = self.presets_menu.addMenu(tr("Delete preset"))
            for name in known:
                forget.addAction(name).triggered.connect(
                    lambda _=False, name=name: self.dropped.emit(name)
                )
        self.presets_menu.addAction(tr("Save preset…")).triggered.connect(
            lambda _=False: self.kept.emit()
        )

    def show_tuning(self, tuning: Tuning, defaults: Tuning) -> None:
        """Show a tuning and the model's defaults, without sending a signal."""
        for row, value, default in (
            (self.threshold, tuning.attention_threshold, defaults.attention_threshold),
            (self.sigma, tuning.sigma_mm, defaults.sigma_mm),
            (self.bone, tuning.segmentation_threshold, defaults.segmentation_threshold),
        ):
            row.set_value(value)
            row.set_default(default)
        self._leaves_out_islands = tuning.leaves_out_islands
        self.defaults_button.setEnabled(tuning != defaults)

    def _tell(self) -> None:
        self.changed.emit(
            Tuning(
                self.threshold.value, self.sigma.value, self.bone.value, self._leaves_out_islands
            )
        )
