"""The panel's section for overlays: maps and mask, with their opacity."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.overlay import MapKind
from spineviewer.app.state import MaskStyle, Overlays
from spineviewer.gui.kit.controls import OpacityRow
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import without_margins
from spineviewer.gui.kit.theme import GAP_M, GAP_S


class OverlayBox(QWidget):
    """Shows the overlays; emits a signal to request changes.

    Thread ownership: GUI thread.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlays = Overlays()
        self.map_choice = QComboBox()
        self.map_choice.setSizeAdjustPolicy(  # the longest name must not widen the panel
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.map_choice.setMinimumContentsLength(16)
        self.map_choice.setAccessibleName(tr("Overlay"))
        self.map_choice.setToolTip(tr("Choose the map shown over the scan (Shift+J)"))
        for kind in MapKind:
            self.map_choice.addItem(tr(kind.value), kind)
        self.map_check = QCheckBox(tr("Map"))
        self.map_check.setToolTip(tr("Show the selected map over the scan (H)"))
        self.projection_check = QCheckBox(tr("All slices"))
        self.projection_check.setToolTip(
            tr("Project the attention map through all slices, along the viewing direction (J)")
        )
        self.map_opacity = OpacityRow(tr("Opacity of the overlay"))
        self.mask_check = QCheckBox(tr("Mask"))
        self.mask_check.setToolTip(tr("Show the segmented spine (M)"))
        self.mask_opacity = OpacityRow(tr("Opacity of the mask fill"))
        self.contour_button, self.tint_button = QPushButton(tr("Outline")), QPushButton(tr("Fill"))
        self._styles = QButtonGroup(self)
        styles = QHBoxLayout()
        styles.setSpacing(GAP_S)
        styles.addWidget(self.mask_check, 1)
        for button, tip in (
            (self.contour_button, tr("Draw the outline of the mask (T)")),
            (self.tint_button, tr("Fill the mask with colour (T)")),
        ):
            button.setCheckable(True)
            button.setProperty("kind", "segment")
            button.setToolTip(tip)
            self._styles.addButton(button)
            styles.addWidget(button)
        maps = QHBoxLayout()
        maps.addWidget(self.map_check, 1)
        maps.addWidget(self.projection_check)
        layout = without_margins(QVBoxLayout(self), GAP_M)
        layout.addLayout(maps)
        layout.addWidget(self.map_choice)
        layout.addWidget(self.map_opacity)
        layout.addSpacing(GAP_S)
        layout.addLayout(styles)
        layout.addWidget(self.mask_opacity)
        self._connect_controls()

    def _connect_controls(self) -> None:
        self.map_choice.activated.connect(
            lambda number: self._emit_changed(
                map_kind=MapKind(self.map_choice.itemData(number)), is_map_shown=True
            )
        )
        self.map_check.toggled.connect(lambda on: self._emit_changed(is_map_shown=on))
        self.projection_check.toggled.connect(
            lambda on: self._emit_changed(is_attention_projected=on)
        )
        self.mask_check.toggled.connect(lambda on: self._emit_changed(is_mask_shown=on))
        self.map_opacity.changed.connect(lambda value: self._emit_changed(map_opacity=value))
        self.mask_opacity.changed.connect(lambda value: self._emit_changed(mask_opacity=value))
        self.contour_button.clicked.connect(
            lambda: self._emit_changed(mask_style=MaskStyle.CONTOUR)
        )
        self.tint_button.clicked.connect(lambda: self._emit_changed(mask_style=MaskStyle.TINT))

    def show_overlays(self, overlays: Overlays) -> None:
        """Show the current overlays, without emitting a signal."""
        self._overlays = overlays
        for check, is_on in (
            (self.map_check, overlays.is_map_shown),
            (self.projection_check, overlays.is_attention_projected),
            (self.mask_check, overlays.is_mask_shown),
            (self.contour_button, overlays.mask_style is MaskStyle.CONTOUR),
            (self.tint_button, overlays.mask_style is MaskStyle.TINT),
        ):
            with QSignalBlocker(check):
                check.setChecked(is_on)
        with QSignalBlocker(self.map_choice):
            self.map_choice.setCurrentIndex(list(MapKind).index(overlays.map_kind))
        self.projection_check.setEnabled(overlays.map_kind is MapKind.ATTENTION)
        self.map_opacity.set_value(overlays.map_opacity)
        self.mask_opacity.set_value(overlays.mask_opacity)
        self.mask_opacity.setEnabled(overlays.mask_style is MaskStyle.TINT)

    def _emit_changed(self, **changes: object) -> None:
        self._overlays = replace(self._overlays, **changes)  # type: ignore[arg-type]  # keywords are field names
        self.changed.emit(self._overlays)
