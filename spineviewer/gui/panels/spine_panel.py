"""The side panel: one button to segment, the numbers that shape the mask, what lies over the scan, and what comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.comparing import Comparison
from spineviewer.app.jobs import Report, spoken_time
from spineviewer.app.measuring import Measurement
from spineviewer.app.state import MapKind, MaskStyle, Overlays, Reading, SegmentationStage, Tuning
from spineviewer.gui.desk import MaskFacts
from spineviewer.gui.icons import give_icon
from spineviewer.gui.language import tr
from spineviewer.gui.panels.controls import OpacityRow, ValueRow
from spineviewer.gui.panels.correct_box import CorrectBox
from spineviewer.gui.panels.doubt_box import DoubtBox
from spineviewer.gui.panels.measurement_table import MeasurementTable
from spineviewer.gui.theme import GAP_L, GAP_M, GAP_S, SECOND_MASK_COLOUR, colours, tabular
from spineviewer.wording import figure, mark

PANEL_WIDTH = 300

#: The engine's stages as the reader sees them.
STAGE_NAMES = {
    "start": mark("Starting"),
    "load": mark("Loading the networks"),
    "diffusion": mark("Smoothing the scan"),
    "resample": mark("Resampling"),
    "attention": mark("Finding the spine"),
    "segmentation": mark("Segmenting"),
    "fusion": mark("Fusing"),
}


class SpinePanel(QFrame):
    """Shows a reading's numbers and asks for others by signals.

    Thread ownership: GUI thread.
    """

    segment_asked = Signal()
    cancel_asked = Signal()
    export_asked = Signal()
    defaults_asked = Signal()
    tuning_changed = Signal(object)
    tuning_kept = Signal()
    tuning_named = Signal(str)
    tuning_dropped = Signal(str)
    overlays_changed = Signal(object)
    measurement_chosen = Signal(int)
    measurement_named = Signal(int)
    table_asked = Signal()
    sr_asked = Signal()
    worst_asked = Signal()
    comparison_end_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setFixedWidth(PANEL_WIDTH)
        self.setAccessibleName(tr("Spine panel"))
        self._tuning = Tuning()
        self._overlays = Overlays()
        self._measurements: tuple[Measurement, ...] = ()
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(GAP_L + 2, GAP_L, GAP_L + 2, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addWidget(self._make_run())
        layout.addWidget(self._make_volume())
        layout.addWidget(self._make_brush())
        self.doubt_box = DoubtBox()
        layout.addWidget(self.doubt_box)
        layout.addWidget(self._make_comparison())
        layout.addWidget(self._make_tuning())
        layout.addWidget(_rule())
        layout.addWidget(self._make_overlays())
        layout.addWidget(self._make_measurements())
        layout.addStretch(1)
        self._scroll = scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        outer.addWidget(self._make_export())
        for button in (*self.findChildren(QPushButton), *self.findChildren(QCheckBox)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the arrow keys with the views
        self.show_reading(None, Tuning(), is_mask_possible=False)

    # building

    def _make_run(self) -> QWidget:
        self.segment_button = QPushButton(tr("Segment spine"))
        give_icon(self.segment_button, "segment", "on_accent")
        self.segment_button.setProperty("kind", "primary")
        self.segment_button.setMinimumHeight(34)
        self.segment_button.setToolTip(tr("Run both networks on this scan (Ctrl+Enter)"))
        self.segment_button.clicked.connect(self.segment_asked)
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setToolTip(tr("Stop; what is computed stays (Esc)"))
        self.cancel_button.clicked.connect(self.cancel_asked)
        self.stage_label = QLabel()
        self.stage_label.setFont(tabular(13))
        self.stage_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.progress_bar = QProgressBar()
        self.progress_bar.setRange(0, 1000)
        self.progress_bar.setTextVisible(False)
        self.progress_bar.setAccessibleName(tr("Progress of the segmentation"))
        self.left_label = QLabel()
        self.left_label.setProperty("role", "faint")
        self.left_label.setFont(tabular(12))
        self.run_note = QLabel()
        self.run_note.setProperty("role", "faint")
        self.run_note.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(GAP_M)
        row.addWidget(self.stage_label, 1)
        row.addWidget(self.cancel_button)
        self._running = QWidget()
        running = QVBoxLayout(self._running)
        running.setContentsMargins(0, 0, 0, 0)
        running.setSpacing(GAP_M)
        running.addLayout(row)
        running.addWidget(self.progress_bar)
        running.addWidget(self.left_label)
        box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M)
        layout.addWidget(self.segment_button)
        layout.addWidget(self._running)
        layout.addWidget(self.run_note)
        return box

    def _make_volume(self) -> QWidget:
        card = QFrame()
        card.setProperty("role", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(GAP_L, GAP_M, GAP_L, GAP_M)
        layout.setSpacing(2)
        self.volume_label = QLabel("–")
        self.volume_label.setFont(tabular(24, QFont.Weight.DemiBold))
        caption = QLabel(tr("Volume of the mask"))
        caption.setProperty("role", "faint")
        self.volume_note = QLabel()
        self.volume_note.setProperty("role", "warn")
        self.volume_note.setWordWrap(True)
        layout.addWidget(caption)
        layout.addWidget(self.volume_label)
        layout.addWidget(self.volume_note)
        return card

    def _make_comparison(self) -> QWidget:
        self.comparison_title = QLabel()
        self.comparison_title.setProperty("role", "faint")
        self.comparison_title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # long names are cut
        self.comparison_text = QLabel()
        self.comparison_text.setFont(tabular(13))
        worst, close = QPushButton(tr("Worst place")), QPushButton()
        worst.setToolTip(tr("Go to where the masks differ most (Y)"))
        worst.setProperty("kind", "plain")
        worst.clicked.connect(self.worst_asked)
        give_icon(close, "close")
        close.setProperty("kind", "plain")
        close.setToolTip(tr("End the comparison"))
        close.setAccessibleName(tr("End the comparison"))
        close.clicked.connect(self.comparison_end_asked)
        head = QHBoxLayout()
        head.addWidget(self.comparison_title, 1)
        head.addWidget(close)
        self.comparison_box = QFrame()
        self.comparison_box.setProperty("role", "card")
        layout = QVBoxLayout(self.comparison_box)
        layout.setContentsMargins(GAP_L, GAP_S, GAP_S, GAP_M)
        layout.setSpacing(2)
        head.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.comparison_text)
        layout.addWidget(worst, 0, Qt.AlignmentFlag.AlignRight)
        self.comparison_box.hide()
        return self.comparison_box

    def _make_tuning(self) -> QWidget:
        self.threshold = ValueRow(
            tr("Attention threshold"),
            maximum=1.0,
            step=0.01,
            decimals=2,
            tip=tr(
                "Bone is kept where the smoothed attention is above this. Lower keeps more, higher cuts away ribs and pelvis."
            ),
            has_heat_groove=True,
        )
        self.sigma = ValueRow(
            tr("Sigma"),
            maximum=30.0,
            step=0.5,
            decimals=1,
            unit="mm",
            tip=tr("How far the attention is smoothed. Larger reaches the processes, smaller hugs the spine."),
        )
        self.bone = ValueRow(
            tr("Segmentation threshold"),
            maximum=1.0,
            step=0.01,
            decimals=2,
            tip=tr("A voxel is bone where the segmentation network is surer than this."),
        )
        self.defaults_button = QPushButton(tr("Defaults"))
        self.defaults_button.setAccessibleName(tr("Restore defaults"))
        self.defaults_button.setProperty("kind", "plain")
        self.defaults_button.setToolTip(tr("The values that were tuned for the networks (Ctrl+D)"))
        self.defaults_button.clicked.connect(self.defaults_asked)
        head = QHBoxLayout()
        head.addWidget(_section(tr("Shape the mask")), 1)
        head.addWidget(self._make_presets())
        head.addWidget(self.defaults_button)
        self._tuning_box = QWidget()
        layout = QVBoxLayout(self._tuning_box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M)
        layout.addLayout(head)
        for row in (self.threshold, self.sigma, self.bone):
            layout.addWidget(row)
            row.changed.connect(self._tell_tuning)
        return self._tuning_box

    def _make_presets(self) -> QPushButton:
        self.presets_button = QPushButton(tr("Kept"))
        self.presets_button.setProperty("kind", "plain")
        self.presets_button.setToolTip(tr("Thresholds that are kept by name"))
        self.presets_menu = QMenu(self)
        self.presets_button.setMenu(self.presets_menu)
        self._tunings: tuple[str, ...] | None = None
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
            self.presets_menu.addAction(name).triggered.connect(lambda _=False, name=name: self.tuning_named.emit(name))
        if known:
            self.presets_menu.addSeparator()
            forget = self.presets_menu.addMenu(tr("Forget"))
            for name in known:
                forget.addAction(name).triggered.connect(lambda _=False, name=name: self.tuning_dropped.emit(name))
        self.presets_menu.addAction(tr("Keep these …")).triggered.connect(lambda _=False: self.tuning_kept.emit())

    def _make_overlays(self) -> QWidget:
        self.map_choice = QComboBox()
        self.map_choice.setAccessibleName(tr("Map over the scan"))
        self.map_choice.setToolTip(tr("Which map lies over the scan (Shift+J)"))
        for kind in MapKind:
            self.map_choice.addItem(tr(kind.value), kind)
        self.heat_check = QCheckBox(tr("Heatmap"))
        self.heat_check.setToolTip(tr("Show where the attention network sees the spine (H)"))
        self.aggregate_check = QCheckBox(tr("Over all slices"))
        self.aggregate_check.setToolTip(tr("Aggregate the attention in the direction of view (J)"))
        self.heat_opacity = OpacityRow(tr("Opacity of the heatmap"))
        self.mask_check = QCheckBox(tr("Mask"))
        self.mask_check.setToolTip(tr("Show the segmented spine (M)"))
        self.mask_opacity = OpacityRow(tr("Opacity of the tint"))
        self.contour_button, self.tint_button = QPushButton(tr("Contour")), QPushButton(tr("Tint"))
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
        heat = QHBoxLayout()
        heat.addWidget(self.heat_check, 1)
        heat.addWidget(self.aggregate_check)
        box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M)
        layout.addWidget(_section(tr("Overlays")))
        layout.addLayout(heat)
        layout.addWidget(self.map_choice)
        layout.addWidget(self.heat_opacity)
        layout.addSpacing(GAP_S)
        layout.addLayout(styles)
        layout.addWidget(self.mask_opacity)
        self.map_choice.activated.connect(
            lambda number: self._tell_overlays(map_kind=MapKind(self.map_choice.itemData(number)), is_heat_shown=True)
        )
        self.heat_check.toggled.connect(lambda on: self._tell_overlays(is_heat_shown=on))
        self.aggregate_check.toggled.connect(lambda on: self._tell_overlays(is_heat_aggregated=on))
        self.mask_check.toggled.connect(lambda on: self._tell_overlays(is_mask_shown=on))
        self.heat_opacity.changed.connect(lambda value: self._tell_overlays(heat_opacity=value))
        self.mask_opacity.changed.connect(lambda value: self._tell_overlays(mask_opacity=value))
        self.contour_button.clicked.connect(lambda: self._tell_overlays(mask_style=MaskStyle.CONTOUR))
        self.tint_button.clicked.connect(lambda: self._tell_overlays(mask_style=MaskStyle.TINT))
        self._overlay_box = box
        return box

    def _make_brush(self) -> QWidget:
        self.correct_box = CorrectBox()
        self.brush_box = QWidget()
        layout = QVBoxLayout(self.brush_box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M)
        layout.addWidget(_rule())
        layout.addWidget(self.correct_box)
        self.brush_box.hide()
        return self.brush_box

    def _make_measurements(self) -> QWidget:
        self.measurements = MeasurementTable()
        self.measurements.go_asked.connect(self.measurement_chosen)
        self.measurements.name_asked.connect(self.measurement_named)
        save = QPushButton(tr("Table …"))
        save.setProperty("kind", "plain")
        save.setToolTip(tr("All measurements as CSV"))
        save.setAccessibleName(tr("Save measurements as a table"))
        save.clicked.connect(self.table_asked)
        self.sr_button = QPushButton(tr("DICOM …"))
        self.sr_button.setProperty("kind", "plain")
        self.sr_button.setAccessibleName(tr("Save measurements as a DICOM report"))
        self.sr_button.clicked.connect(self.sr_asked)
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(_section(tr("Measurements")), 1)
        head.addWidget(save)
        head.addWidget(self.sr_button)
        self.measurement_box = QWidget()
        layout = QVBoxLayout(self.measurement_box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M)
        layout.addWidget(_rule())
        layout.addLayout(head)
        layout.addWidget(self.measurements)
        self.measurement_box.hide()
        return self.measurement_box

    def _make_export(self) -> QWidget:
        self.export_button = QPushButton(tr("Export …"))
        give_icon(self.export_button, "export")
        self.export_button.setToolTip(tr("Mask, heatmap or probability on the scan's own grid (Ctrl+E)"))
        self.export_button.clicked.connect(self.export_asked)
        foot = QWidget()
        layout = QVBoxLayout(foot)
        layout.addWidget(self.export_button)
        bar = self._scroll.verticalScrollBar()

        def align(*_: int) -> None:
            """With what scrolls above, beside its bar too."""
            layout.setContentsMargins(GAP_L + 2, GAP_M, GAP_L + 2 + (bar.sizeHint().width() if bar.maximum() else 0), GAP_L)

        bar.rangeChanged.connect(align)
        align()
        return foot

    # showing

    def show_reading(
        self, reading: Reading | None, defaults: Tuning, *, is_mask_possible: bool, facts: MaskFacts | None = None
    ) -> None:
        """Show the numbers of a reading; nothing is told back."""
        is_open = reading is not None
        self._tuning = reading.tuning if reading is not None else defaults
        self._overlays = reading.overlays if reading is not None else self._overlays
        for row, value, default in (
            (self.threshold, self._tuning.attention_threshold, defaults.attention_threshold),
            (self.sigma, self._tuning.sigma_mm, defaults.sigma_mm),
            (self.bone, self._tuning.segmentation_threshold, defaults.segmentation_threshold),
        ):
            row.set_value(value)
            row.set_default(default)
        self._show_overlays(self._overlays)
        is_segmented = reading is not None and reading.stage is not SegmentationStage.NONE
        self._tuning_box.setEnabled(is_open)
        self._overlay_box.setEnabled(is_segmented)
        self.defaults_button.setEnabled(is_open and self._tuning != defaults)
        self.export_button.setEnabled(is_segmented and is_mask_possible)
        self._show_stage(reading)
        self._show_volume(reading, facts)
        self._show_measurements(reading)

    def show_sr_obstacle(self, obstacle: str) -> None:
        """Whether a DICOM report of the measurements can be written, and if not, why."""
        self.sr_button.setEnabled(not obstacle)
        self.sr_button.setToolTip(tr(obstacle) or tr("All measurements as a DICOM structured report (TID 1500)"))

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show how the mask agrees with a second one."""
        self.comparison_box.setVisible(comparison is not None)
        if comparison is not None:
            room = max(self.comparison_title.width() - 22, 90)  # beside the dash
            metrics = self.comparison_title.fontMetrics()
            against = metrics.elidedText(tr("against {file}", file=comparison.path.name), Qt.TextElideMode.ElideMiddle, room)
            self.comparison_title.setText(f"<span style='color:{SECOND_MASK_COLOUR}'>━</span>  {against}")
            self.comparison_title.setToolTip(str(comparison.path))
            self.comparison_text.setText(_agreement(comparison))

    def show_report(self, report: Report) -> None:
        """Show where the networks are."""
        stage = tr(STAGE_NAMES.get(report.stage, report.stage))
        self.stage_label.setText(f"{stage} {report.fraction * 100:.0f} %")
        self.progress_bar.setValue(round(report.fraction * 1000))
        self.left_label.setText(
            tr("{time} left", time=spoken_time(report.left_s)) if report.left_s is not None else tr("You can read on meanwhile.")
        )

    def show_cancelling(self) -> None:
        """Say at once that the wish was heard."""
        self.stage_label.setText(tr("Stopping …"))
        self.cancel_button.setEnabled(False)

    def _show_measurements(self, reading: Reading | None) -> None:
        measurements = reading.measurements if reading is not None else ()
        if measurements == self._measurements:
            return
        is_more = len(self._measurements) < len(measurements)
        self._measurements = measurements
        if reading is not None:
            self.measurements.show_measurements(measurements, reading.scan.geometry, reading.scan.hu)
        self.measurement_box.setVisible(bool(measurements))
        if is_more:
            QTimer.singleShot(0, self, self._reveal_measurements)

    def revealed(self, part: QWidget) -> QWidget:
        """One of the panel's parts, scrolled to where it is seen."""
        self._scroll.ensureWidgetVisible(part)
        return part

    def _reveal_measurements(self) -> None:
        """On a low screen the list lies below what is seen of the panel."""
        self._scroll.ensureWidgetVisible(self.measurement_box)

    def _show_stage(self, reading: Reading | None) -> None:
        stage = reading.stage if reading is not None else SegmentationStage.NONE
        is_running = stage is SegmentationStage.RUNNING
        if is_running and self._running.isHidden():
            self.stage_label.setText(tr("Starting …"))
            self.left_label.setText(tr("You can read on meanwhile."))
            self.progress_bar.setValue(0)
            self.cancel_button.setEnabled(True)
        self._running.setVisible(is_running)
        self.segment_button.setVisible(not is_running)
        self.segment_button.setEnabled(reading is not None)
        is_first = stage is SegmentationStage.NONE
        self.segment_button.setText(tr("Segment spine") if is_first else tr("Segment again"))
        if self.segment_button.property("kind") != ("primary" if is_first else ""):
            self.segment_button.setProperty("kind", "primary" if is_first else "")
            give_icon(self.segment_button, "segment", "on_accent" if is_first else "quiet")
            self.segment_button.style().unpolish(self.segment_button)
            self.segment_button.style().polish(self.segment_button)
        self.run_note.setText(_run_note(reading, stage))
        self.run_note.setVisible(bool(self.run_note.text()))

    def _show_volume(self, reading: Reading | None, facts: MaskFacts | None) -> None:
        is_settled = reading is not None and reading.is_mask_current
        self.volume_label.setText(tr(figure(facts.volume_ml, ",.1f", "ml")) if facts is not None else "–")
        look = "" if is_settled or facts is None else f"color: {colours().quiet}"
        if look != self.volume_label.styleSheet():
            self.volume_label.setStyleSheet(look)
        is_cut = facts is not None and facts.is_cut_by_scan
        self.volume_note.setText(tr("Volume incomplete: the mask touches the edge of the scan.") if is_cut else "")
        self.volume_note.setVisible(is_cut)

    def _show_overlays(self, overlays: Overlays) -> None:
        for check, is_on in (
            (self.heat_check, overlays.is_heat_shown),
            (self.aggregate_check, overlays.is_heat_aggregated),
            (self.mask_check, overlays.is_mask_shown),
            (self.contour_button, overlays.mask_style is MaskStyle.CONTOUR),
            (self.tint_button, overlays.mask_style is MaskStyle.TINT),
        ):
            with QSignalBlocker(check):
                check.setChecked(is_on)
        with QSignalBlocker(self.map_choice):
            self.map_choice.setCurrentIndex(list(MapKind).index(overlays.map_kind))
        self.aggregate_check.setEnabled(overlays.map_kind is MapKind.ATTENTION)
        self.heat_opacity.set_value(overlays.heat_opacity)
        self.mask_opacity.set_value(overlays.mask_opacity)
        self.mask_opacity.setEnabled(overlays.mask_style is MaskStyle.TINT)

    # telling

    def _tell_tuning(self) -> None:
        self._tuning = Tuning(self.threshold.value, self.sigma.value, self.bone.value)
        self.tuning_changed.emit(self._tuning)

    def _tell_overlays(self, **changes: object) -> None:
        self._overlays = replace(self._overlays, **changes)  # type: ignore[arg-type]  # the names are those of the fields
        self.overlays_changed.emit(self._overlays)


_REST = mark("Hatched parts are not computed: no attention there is above the threshold. Lowering it computes them.")


def _run_note(reading: Reading | None, stage: SegmentationStage) -> str:
    if reading is None:
        return ""
    if stage is SegmentationStage.NONE:
        return tr("Two networks find the spine and its bone. You can read on while they run.")
    if stage is SegmentationStage.STOPPED:
        return tr("Stopped before the end. Hatched parts are not computed: they say nothing about bone.")
    if stage is SegmentationStage.DONE:
        return f"{_run_facts(reading.report)} {tr(_REST) if reading.computed_share < 1 else ''}".strip()
    return ""


def _run_facts(report: Mapping[str, object]) -> str:
    """How the run went, in one line: '34 s on cpu, openvino, f32'."""
    seconds = report.get("seconds")
    spent = f"{sum(float(s) for s in seconds.values()):.0f} s" if isinstance(seconds, Mapping) and seconds else ""
    means = ", ".join(str(report[name]) for name in ("device", "backend", "precision") if report.get(name))
    return tr("Segmented in {time} ({means}).", time=spent, means=means) if spent else ""


def _agreement(comparison: Comparison) -> str:
    """Dice, surface distances and difference of volumes, in two lines."""
    scores = comparison.scores
    distances = tr("no surfaces to compare")
    if scores.hd95_mm is not None and scores.assd_mm is not None:
        distances = f"HD95 {tr(figure(scores.hd95_mm, '.1f', 'mm'))}   ASSD {tr(figure(scores.assd_mm, '.2f', 'mm'))}"
    return tr(
        "Dice {dice:.3f}   volume {difference_ml:+.1f} ml\n{distances}",
        dice=scores.dice,
        difference_ml=scores.mask_ml - scores.reference_ml,
        distances=distances,
    )


def _section(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "section")
    return label


def _rule() -> QFrame:
    rule = QFrame()
    rule.setProperty("role", "rule")
    return rule
