"""The side panel: segmentation, extent of the mask, overlays and results."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.checklist import Checklist
from spineviewer.app.comparing import Comparison
from spineviewer.app.mask_facts import MaskFacts, is_incomplete
from spineviewer.app.settings import Settings
from spineviewer.gui.correcting.correct_box import CorrectBox
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.focus import leave_keys_to_views
from spineviewer.gui.kit.fold import Fold
from spineviewer.gui.kit.icons import set_icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_button, styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_L, GAP_M, colours, tabular_font
from spineviewer.gui.measuring.measurement_table import MeasurementTable
from spineviewer.gui.reviewing.comparison_box import ComparisonBox
from spineviewer.gui.reviewing.uncertain_region_box import UncertainRegionBox
from spineviewer.gui.segmenting.run_box import RunBox
from spineviewer.gui.segmenting.tuning_box import TuningBox
from spineviewer.gui.vertebrae.vertebra_box import VertebraBox
from spineviewer.gui.viewing.overlay_box import OverlayBox
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.measuring_tools.measurement import Measurement
from spineviewer.tuning import Tuning
from spineviewer.volume.volume import CtVolume
from spineviewer.wording import enumerated, formatted_number

PANEL_WIDTH, MAX_PANEL_WIDTH = 300, 720
#: Sections that start collapsed on a small screen to make room for the lists, unless the user has
#: folded or opened sections.
_RARE_SECTIONS = ("thresholds", "overlays")
#: A screen on which the window cannot be higher than this counts as small, such as 1366x768.
_SMALL_PX = 740


class SpinePanel(QFrame):
    """Shows the values of a scan and requests changes through signals.

    Thread ownership: GUI thread.

    Attributes
    ----------
    preferred_width
        Initial width in pixels; the user can drag the edge of the panel.
    """

    export_requested = Signal()
    table_requested = Signal()
    sr_requested = Signal()
    #: The user folded or opened a section: its name, and whether it is folded now.
    section_folded = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.preferred_width = PANEL_WIDTH
        self.setMinimumWidth(PANEL_WIDTH)
        self.setMaximumWidth(MAX_PANEL_WIDTH)
        self.setAccessibleName(tr("Spine panel"))
        self._measurements: tuple[Measurement, ...] = ()
        self._measured_scan: CtVolume | None = None
        self._compared: tuple[Comparison | None, CtVolume | None] = None, None
        self.run_box = RunBox()
        self.correct_box, self.uncertain_region_box = CorrectBox(), UncertainRegionBox()
        self.vertebra_box, self.comparison_box = VertebraBox(), ComparisonBox()
        self.tuning_box, self.overlay_box = TuningBox(), OverlayBox()
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(GAP_L + 2, 0, GAP_L + 2, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addWidget(self._make_volume())
        self.folds = self._make_folds()
        for fold in self.folds:
            fold.folded.connect(self.section_folded)
            layout.addWidget(fold)
        layout.addStretch(1)
        self._scroll = scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(body)
        outer = without_margins(QVBoxLayout(self), 0)
        header, footer = self._make_header(), self._make_footer()
        outer.addWidget(header)  # does not scroll
        outer.addWidget(scroll, 1)
        outer.addWidget(footer)
        self._align_with_scroll_area(header, footer)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        leave_keys_to_views(self)
        self.run_box.show_stage(None, 0.0, {})
        self.tuning_box.show_tuning(Tuning(), Tuning())
        self.update_enabled(is_open=False, is_segmented=False, is_mask_possible=False)
        self.show_volume(None, is_current=False, vertebrae=None)

    def sizeHint(self) -> QSize:
        return QSize(self.preferred_width, super().sizeHint().height())

    # building

    def _make_volume(self) -> QWidget:
        card = QFrame()
        card.setProperty("role", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(GAP_L, GAP_M, GAP_L, GAP_M)
        layout.setSpacing(2)
        self.volume_label = QLabel("–")
        self.volume_label.setFont(tabular_font(24, QFont.Weight.DemiBold))
        caption = styled_label("faint", tr("Volume of the mask"))
        self.volume_note = ElidedLabel("warn")
        layout.addWidget(caption)
        layout.addWidget(self.volume_label)
        # takes up space even if empty, so that sliders below do not move
        layout.addWidget(self.volume_note)
        return card

    def _make_header(self) -> QWidget:
        header = QWidget()
        layout = QVBoxLayout(header)
        layout.setContentsMargins(GAP_L + 2, GAP_L, GAP_L + 2, GAP_M)
        layout.addWidget(self.run_box)
        return header

    def _make_folds(self) -> tuple[Fold, ...]:
        self.correct_box.hide()
        uncertain_regions = self.uncertain_region_box
        return (
            Fold("correct", tr("Correct by hand"), self.correct_box),
            Fold(
                "uncertain_regions",
                tr("Uncertain regions"),
                uncertain_regions,
                uncertain_regions.close_button,
            ),
            Fold("vertebrae", tr("Vertebrae"), self.vertebra_box, self.vertebra_box.level),
            Fold("comparison", tr("Comparison"), self.comparison_box),
            Fold("thresholds", tr("Extent of the mask"), self.tuning_box),
            Fold("overlays", tr("Overlays"), self.overlay_box),
            self._make_measurements(),
        )

    def fold_sections(self, names: Collection[str]) -> None:
        """Fold these sections and open all others."""
        for fold in self.folds:
            fold.fold(fold.name in names)

    @property
    def folded_sections(self) -> list[str]:
        """Names of the folded sections."""
        return [fold.name for fold in self.folds if fold.is_folded]

    def _make_measurements(self) -> Fold:
        self.measurements = MeasurementTable()
        save = styled_button(
            "plain",
            tr("Table…"),
            tip=tr("All measurements as CSV"),
            name=tr("Save measurements as a table"),
        )
        save.clicked.connect(self.table_requested)
        self.sr_button = styled_button(
            "plain", tr("DICOM…"), name=tr("Save measurements as a structured report")
        )
        self.sr_button.clicked.connect(self.sr_requested)
        self.measurements.hide()
        return Fold("measurements", tr("Measurements"), self.measurements, save, self.sr_button)

    def _make_footer(self) -> QWidget:
        self.export_button = QPushButton(tr("Export…"))
        set_icon(self.export_button, "export")
        self.export_button.setToolTip(
            tr("Export the mask, the named vertebrae, maps or surfaces (Ctrl+E)")
        )
        self.export_button.clicked.connect(self.export_requested)
        footer = QWidget()
        layout = QVBoxLayout(footer)
        layout.setContentsMargins(GAP_L + 2, GAP_M, GAP_L + 2, GAP_L)
        layout.addWidget(self.export_button)
        return footer

    def _align_with_scroll_area(self, *widgets: QWidget) -> None:
        """Give widgets a margin as wide as the scroll bar of the sections between them."""
        bar = self._scroll.verticalScrollBar()

        def align(*_: int) -> None:
            bar_px = bar.sizeHint().width() if bar.maximum() else 0
            for widget in widgets:
                widget.setContentsMargins(0, 0, bar_px, 0)

        bar.rangeChanged.connect(align)
        align()

    # display

    def update_enabled(self, is_open: bool, is_segmented: bool, is_mask_possible: bool) -> None:
        """Enable only the controls that can be used."""
        self.tuning_box.setEnabled(is_open)
        self.overlay_box.setEnabled(is_segmented)
        self.export_button.setEnabled(is_segmented and is_mask_possible)

    def show_volume(
        self, facts: MaskFacts | None, is_current: bool, vertebrae: Vertebrae | None
    ) -> None:
        """Show the volume of the mask; it is fainter while it belongs to earlier thresholds."""
        self.volume_label.setText(
            tr(formatted_number(facts.volume_ml, ",.1f", "ml")) if facts is not None else "–"
        )
        style = "" if is_current or facts is None else f"color: {colours().quiet}"
        if style != self.volume_label.styleSheet():
            self.volume_label.setStyleSheet(style)
        has_note = facts is not None and is_incomplete(facts.is_cut_by_scan, vertebrae)
        self.volume_note.show_text(_cut_text(vertebrae) if has_note else "")

    def update_sr_button(self, scan: CtVolume | None) -> None:
        """Enable the button for a structured report; its tooltip explains why it is disabled."""
        is_possible = scan is not None and scan.source.slices is not None
        self.sr_button.setEnabled(is_possible)
        self.sr_button.setToolTip(
            tr("All measurements as a DICOM structured report (TID 1500)")
            if is_possible
            else tr(
                "A structured report can only be written for DICOM slices. This scan came from "
                "another format or a zip file, or was resampled. Save a table instead."
            )
        )

    def show_measurements(
        self, measurements: tuple[Measurement, ...], scan: CtVolume | None, chosen: int
    ) -> None:
        """List the measurements of a scan and select one (-1 for none)."""
        if scan is self._measured_scan and measurements == self._measurements:
            self.measurements.choose(chosen)
            return
        is_same_scan = scan is self._measured_scan
        has_new = is_same_scan and len(self._measurements) < len(measurements)
        self._measurements, self._measured_scan = measurements, scan
        if scan is not None:
            self.measurements.show_measurements(measurements, scan, chosen)
        self.measurements.setVisible(bool(measurements))
        if has_new:
            QTimer.singleShot(0, self, self._reveal_measurements)

    def show_comparison(self, comparison: Comparison | None, scan: CtVolume | None) -> None:
        """Show the comparison with a second mask; scroll to it if it is new."""
        self.comparison_box.show_comparison(comparison)
        (old, old_scan), self._compared = self._compared, (comparison, scan)
        if comparison is not None and old is None and scan is old_scan:
            QTimer.singleShot(0, self, partial(self.reveal, self.comparison_box))

    def show_checklist(self, checklist: Checklist | None, facts: MaskFacts | None) -> None:
        """Show the uncertain regions; scroll to them if a command has changed the current one."""
        box = self.uncertain_region_box
        old_row = box.list.currentRow()
        box.show_checklist(checklist, "" if facts is None else facts.content)
        has_changed = not box.isHidden() and box.list.currentRow() not in (-1, old_row)
        if has_changed and not box.list.underMouse():  # a clicked row must not move
            QTimer.singleShot(0, self, partial(self.reveal, box))

    def show_focused(self) -> None:
        """Scroll to the control that has the focus, if it belongs to a section."""
        focused = self.focusWidget()
        if focused is not None and focused.hasFocus() and self._scroll.isAncestorOf(focused):
            self._scroll.ensureWidgetVisible(focused)

    def reveal(self, widget: QWidget) -> QWidget:
        """Open the section of a widget, scroll to the widget, and return it."""
        for fold in self.folds:
            if fold.isAncestorOf(widget):
                fold.fold(False)
        # until the layout is updated, a section that was just shown has no position
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        self._scroll.ensureWidgetVisible(widget)
        return widget

    def _reveal_measurements(self) -> None:
        """Scroll to the list of measurements, which may be out of sight on a small screen."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        self._scroll.ensureWidgetVisible(self.measurements)


def sections_to_fold(settings: Settings, height_px: int) -> Collection[str]:
    """Return the sections to fold at the start; `height_px` is the window's maximum height."""
    is_chosen = settings.is_folding_chosen or bool(settings.folded)
    return settings.folded if is_chosen or height_px > _SMALL_PX else _RARE_SECTIONS


def _cut_text(vertebrae: Vertebrae | None) -> str:
    """Return a note on what the scan's edge cuts off: vertebrae if known, otherwise the mask."""
    names = [vertebra.name for vertebra in vertebrae or () if vertebra.is_incomplete]
    if not names:
        return tr("Incomplete at the edge of the scan")
    return tr("Cut off at the edge: {names}", names=tr(enumerated(names)))
