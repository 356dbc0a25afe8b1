"""The thresholds and sigma of the mask, with their presets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from spineviewer.gui.kit.controls import ValueRow
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_button, without_margins
from spineviewer.gui.kit.theme import GAP_M, GAP_S
from spineviewer.tuning import Extent, Tuning
from spineviewer.wording import formatted_number, mark

_EXTENTS = {
    Extent.TIGHT: (
        mark("Tight"),
        mark("Stays close to the vertebrae: no ribs; long vertebral processes may be cut off"),
    ),
    Extent.NORMAL: (mark("Normal"), mark("The default thresholds and sigma (Ctrl+D)")),
    Extent.WIDE: (
        mark("Wide"),
        mark(
            "Includes the whole of the vertebral processes, and possibly parts of ribs and pelvis"
        ),
    ),
}


class TuningBox(QWidget):
    """Shows a tuning; emits signals to request changes.

    Thread ownership: GUI thread.
    """

    #: A `Tuning` chosen by one click.
    changed = Signal(object)
    #: A `Tuning` set gradually by a slider, field or key.
    adjusted = Signal(object)
    #: Emitted when the user grabs a slider (True) or releases it (False).
    held = Signal(bool)
    defaults_requested = Signal()
    save_requested = Signal()
    #: Name of a preset to apply.
    preset_chosen = Signal(str)
    #: Name of a preset to delete.
    delete_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attention_threshold = ValueRow(
            tr("Attention threshold"),
            maximum=1.0,
            step=0.01,
            decimals=2,
            tip=tr(
                "Bone counts as spine where the smoothed attention map is above this value. "
                "Lower values include more; higher values cut off ribs and pelvis."
            ),
            has_colour_groove=True,
        )
        self.sigma = ValueRow(
            tr("Smoothing (sigma)"),
            maximum=30.0,
            step=0.5,
            decimals=1,
            unit="mm",
            tip=tr(
                "How much the attention map is smoothed. Larger values include the vertebral "
                "processes completely; smaller values keep the mask close to the vertebral bodies."
            ),
        )
        self.segmentation_threshold = ValueRow(
            tr("Segmentation threshold"),
            maximum=1.0,
            step=0.01,
            decimals=2,
            tip=tr("Voxels with a bone probability above this value count as bone."),
        )
        self.defaults_button = styled_button(
            "plain",
            tr("Defaults"),
            tip=tr("The default thresholds and sigma (Ctrl+D)"),
            name=tr("Restore defaults"),
        )
        self.defaults_button.clicked.connect(self.defaults_requested)
        self._make_presets()
        layout = without_margins(QVBoxLayout(self), GAP_M)
        layout.addLayout(self._make_extents())
        layout.addWidget(self.numbers_button)
        layout.addWidget(self.numbers)
        rows = without_margins(QVBoxLayout(self.numbers), GAP_M)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.presets_button)
        buttons.addWidget(self.defaults_button)
        rows.addLayout(buttons)
        for row in (self.attention_threshold, self.sigma, self.segmentation_threshold):
            rows.addWidget(row)
            row.changed.connect(self._emit_adjusted)
            row.held.connect(self.held)
        self.show_numbers(False)

    def _make_extents(self) -> QHBoxLayout:
        self._defaults = Tuning()
        self.extent_buttons: dict[Extent, QPushButton] = {}
        row = QHBoxLayout()
        row.setSpacing(GAP_S)
        for extent, (name, tip) in _EXTENTS.items():
            button = styled_button("segment", tr(name), tip=tr(tip))
            button.setCheckable(True)
            button.clicked.connect(partial(self._use_extent, extent))
            row.addWidget(button, 1)
            self.extent_buttons[extent] = button
        self.numbers = QWidget()
        self.numbers_button = styled_button("plain")
        self.numbers_button.setCheckable(True)
        self.numbers_button.setStyleSheet("text-align: left")
        self.numbers_button.clicked.connect(self.show_numbers)
        return row

    def show_numbers(self, is_shown: bool) -> None:
        """Show the three values with their sliders, or only the values."""
        self.numbers_button.setChecked(is_shown)
        self.numbers.setVisible(is_shown)
        self._update_numbers_button()

    def _update_numbers_button(self) -> None:
        arrow = "▾" if self.numbers.isVisibleTo(self) else "▸"
        attention, segmentation = (
            tr(formatted_number(row.value, ".2f"))
            for row in (self.attention_threshold, self.segmentation_threshold)
        )
        sigma = tr(formatted_number(self.sigma.value, ".1f", "mm"))
        values = f"{attention} · {sigma} · {segmentation}"
        text = tr("Values: {values}", values=values)
        self.numbers_button.setText(f"{arrow}  {text}")
        self.numbers_button.setAccessibleName(text)
        self.numbers_button.setToolTip(
            tr(
                "Attention threshold {attention}, smoothing {sigma}, segmentation threshold "
                "{segmentation}. Click to set them by hand.",
                attention=attention,
                sigma=sigma,
                segmentation=segmentation,
            )
        )

    def _use_extent(self, extent: Extent) -> None:
        tuning = extent.tuning(self._defaults)
        self.changed.emit(replace(tuning, leaves_out_islands=self._leaves_out_islands))
        # if the tuning is the same as before, the click must not uncheck the button
        self.show_tuning(tuning, self._defaults)

    def _make_presets(self) -> None:
        self.presets_button = styled_button("plain", tr("Presets"), tip=tr("Saved thresholds"))
        self.presets_menu = QMenu(self)
        self.presets_button.setMenu(self.presets_menu)
        self._presets: tuple[str, ...] | None = None
        self._leaves_out_islands = True
        self.show_presets(())

    def show_presets(self, names: Iterable[str]) -> None:
        """List the presets in the menu."""
        presets = tuple(names)
        if presets == self._presets:
            return
        self._presets = presets
        self.presets_menu.clear()
        for name in presets:
            self.presets_menu.addAction(name).triggered.connect(
                lambda _=False, name=name: self.preset_chosen.emit(name)
            )
        if presets:
            self.presets_menu.addSeparator()
            delete = self.presets_menu.addMenu(tr("Delete preset"))
            for name in presets:
                delete.addAction(name).triggered.connect(
                    lambda _=False, name=name: self.delete_requested.emit(name)
                )
        self.presets_menu.addAction(tr("Save preset…")).triggered.connect(
            lambda _=False: self.save_requested.emit()
        )

    def show_tuning(self, tuning: Tuning, defaults: Tuning) -> None:
        """Show a tuning and the networks' defaults, without emitting a signal."""
        for row, value, default in (
            (self.attention_threshold, tuning.attention_threshold, defaults.attention_threshold),
            (self.sigma, tuning.sigma_mm, defaults.sigma_mm),
            (
                self.segmentation_threshold,
                tuning.segmentation_threshold,
                defaults.segmentation_threshold,
            ),
        ):
            row.set_value(value)
            row.set_default(default)
        self._defaults, current = defaults, Extent.of(tuning, defaults)
        for extent, button in self.extent_buttons.items():
            button.setChecked(extent is current)
        self._update_numbers_button()
        self._leaves_out_islands = tuning.leaves_out_islands
        self.defaults_button.setEnabled(tuning != defaults)

    def _emit_adjusted(self) -> None:
        self.adjusted.emit(
            Tuning(
                self.attention_threshold.value,
                self.sigma.value,
                self.segmentation_threshold.value,
                self._leaves_out_islands,
            )
        )
