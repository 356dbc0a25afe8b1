"""The top of the panel: the button that starts the segmentation, its progress and its outcome."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.jobs import rounded_time
from spineviewer.app.state import SegmentationStage
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.icons import set_icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import has_known_fraction, progress_text
from spineviewer.gui.kit.styled import styled_button, styled_label
from spineviewer.gui.kit.theme import GAP_M, GAP_S, tabular_font
from spineviewer.progress import ProgressUpdate
from spineviewer.wording import mark

#: Number of lines reserved for the note below the button, sufficient in every language.
_NOTE_LINES = 3
#: Number of steps of the progress bar.
_STEPS = 1000


class RunBox(QWidget):
    """Starts and cancels the segmentation; its fixed height keeps everything below from moving.

    Thread ownership: GUI thread.
    """

    segment_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.segment_button = styled_button("primary", tr("Segment spine"), icon_name="segment")
        self.segment_button.setMinimumHeight(34)
        self.segment_button.setToolTip(tr("Run both networks on this scan (Ctrl+Enter)"))
        self.segment_button.clicked.connect(self.segment_requested)
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setToolTip(tr("Cancel; what has already been computed is kept"))
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.stage_label = ElidedLabel(lines=2)
        self.stage_label.setFont(tabular_font(13))
        self.progress_bar = QProgressBar()
        self.progress_bar.setRange(0, _STEPS)
        self.progress_bar.setTextVisible(False)
        self.progress_bar.setAccessibleName(tr("Segmentation progress"))
        self.time_left_label = styled_label("faint")
        self.time_left_label.setFont(tabular_font(12))
        self.run_note = ElidedLabel("faint", _NOTE_LINES)
        row = QHBoxLayout()
        row.setSpacing(GAP_M)
        row.addWidget(self.progress_bar, 1)
        row.addWidget(self.cancel_button)
        self._idle, self._running = QWidget(), QWidget()
        idle, running = QVBoxLayout(self._idle), QVBoxLayout(self._running)
        for layout in (idle, running):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(GAP_M)
        idle.addWidget(self.segment_button)
        idle.addWidget(self.run_note)
        running.setSpacing(GAP_S)
        running.addWidget(self.stage_label)
        running.addLayout(row)
        running.addWidget(self.time_left_label)
        running.addStretch(1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._idle)
        self._stack.addWidget(self._running)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_stage(
        self,
        stage: SegmentationStage | None,
        computed_fraction: float,
        run_record: Mapping[str, object],
    ) -> None:
        """Show the stage and outcome of a scan's segmentation.

        Parameters
        ----------
        stage
            None if no scan is open.
        computed_fraction
            Fraction of the scan that has been segmented, 0 to 1.
        """
        is_open = stage is not None
        stage = stage or SegmentationStage.NONE
        is_running = stage is SegmentationStage.RUNNING
        self._stack.setCurrentWidget(self._running if is_running else self._idle)
        self.segment_button.setEnabled(is_open)
        is_first = stage is SegmentationStage.NONE
        self.segment_button.setText(tr("Segment spine") if is_first else tr("Segment again"))
        if self.segment_button.property("kind") != ("primary" if is_first else ""):
            self.segment_button.setProperty("kind", "primary" if is_first else "")
            set_icon(self.segment_button, "segment", "on_accent" if is_first else "quiet")
            self.segment_button.style().unpolish(self.segment_button)
            self.segment_button.style().polish(self.segment_button)
        self.run_note.show_text(_run_note(stage, computed_fraction, run_record) if is_open else "")
        if stage is SegmentationStage.DONE and (runtime := _runtime_text(run_record)):
            self.run_note.setToolTip(f"{self.run_note.whole_text} ({runtime})")

    def show_progress(self, update: ProgressUpdate | None, is_stopping: bool) -> None:
        """Show the networks' progress (None before the first update), or that they are stopping."""
        self.cancel_button.setEnabled(not is_stopping)
        if is_stopping:
            self.stage_label.show_text(tr("Stopping…"))
            return
        if update is None:
            self.stage_label.show_text(tr("Starting…"))
            self.time_left_label.setText(tr("You can keep working."))
            self.progress_bar.setRange(0, _STEPS)
            self.progress_bar.setValue(0)
            return
        self.stage_label.show_text(progress_text(update))
        # without a known fraction, the bar only shows that something is happening
        self.progress_bar.setRange(0, _STEPS if has_known_fraction(update) else 0)
        self.progress_bar.setValue(round(update.fraction * _STEPS))
        self.time_left_label.setText(
            tr("{time} left", time=rounded_time(update.left_s))
            if update.left_s is not None
            else tr("You can keep working.")
        )


_HATCHED = mark("Hatched: not segmented, because attention is below the threshold.")


def _run_note(
    stage: SegmentationStage, computed_fraction: float, run_record: Mapping[str, object]
) -> str:
    if stage is SegmentationStage.NONE:
        introduction = tr(
            "Two networks find the spine and segment its bone. You can keep working while they run."
        )
        return f"{introduction} {tr(_unused_gpu())}".strip()
    if stage is SegmentationStage.STOPPED:
        return tr("Stopped early. Hatched areas were not segmented; they may contain bone.")
    if stage is SegmentationStage.DONE:
        hatching = tr(_HATCHED) if computed_fraction < 1 else ""
        return " ".join(filter(None, (_duration(run_record), hatching, tr(_unused_gpu()))))
    return ""


@cache
def _unused_gpu() -> str:
    """Return a note on a GPU that cannot be used without PyTorch; empty if there is none."""
    from spineviewer.inference.device import unused_gpu

    return unused_gpu()


def _duration(run_record: Mapping[str, object]) -> str:
    """Return how long the run took, as a sentence; empty if this is unknown."""
    seconds = run_record.get("seconds")
    if not isinstance(seconds, Mapping) or not seconds:
        return ""
    duration = f"{sum(float(s) for s in seconds.values()):.0f} s"
    return tr("Segmented in {time}.", time=duration)


def _runtime_text(run_record: Mapping[str, object]) -> str:
    """Return what the networks ran on, such as 'cpu, openvino, f32'."""
    names = ("device", "backend", "precision")
    return ", ".join(str(run_record[name]) for name in names if run_record.get(name))
