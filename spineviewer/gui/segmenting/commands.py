"""Commands that run the networks and adjust the thresholds and sigma of the mask."""

from __future__ import annotations

from spineviewer.app.state import SegmentationStage
from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.context import Context
from spineviewer.gui.segmenting.tuning_box import TuningBox
from spineviewer.wording import mark


def _is_idle(context: Context) -> bool:
    state = context.parts.state if context.parts is not None else None
    return state is None or state.stage is not SegmentationStage.RUNNING


def _has_islands(context: Context) -> bool:
    front = context.workspace.front
    return front is not None and front.segmentation.findings.has_islands


NOT_SEGMENTING = Condition(_is_idle, mark("segmentation is running"))
REST_TO_COMPUTE = Condition(
    lambda context: context.parts is not None and context.parts.has_rest_to_compute,
    mark("there is nothing left to segment"),
)
EARLIER_TUNING = Condition(
    lambda context: context.parts is not None and context.parts.earlier_tuning is not None,
    mark("the thresholds have not been changed yet"),
)
ISLANDS = Condition(_has_islands, mark("no part of the mask is far from the spine"))


COMMANDS = (
    Command(
        name="segment",
        text=mark("Segment the spine"),
        menu="Spine",
        keys=("Ctrl+Return", "S"),
        icon="segment",
        tip=mark("Run both networks on this scan"),
        run=lambda context: context.scan.segmentation.segment(),
        needs=(OPEN_SCAN, NOT_SEGMENTING),
    ),
    Command(
        name="compute_rest",
        text=mark("Segment the rest of the scan"),
        menu="Spine",
        keys=("Ctrl+Shift+Return",),
        tip=mark("Segment the parts that were skipped"),
        run=lambda context: context.scan.segmentation.compute_rest(),
        needs=(OPEN_SCAN, REST_TO_COMPUTE),
    ),
    Command(
        name="defaults",
        text=mark("Restore default thresholds"),
        menu="Spine",
        keys=("Ctrl+D",),
        icon="reset",
        tip=mark("Return to the default thresholds and sigma"),
        run=lambda context: context.scan.tuner.restore_defaults(),
    ),
    Command(
        name="far_pieces",
        text=mark("Include or leave out pieces far from the spine"),
        menu="Spine",
        keys=("Ctrl+I",),
        tip=mark("Shoulder joints, hips and other bone far from the spine"),
        run=lambda context: context.scan.tuner.toggle_islands(),
        needs=(OPEN_SCAN, ISLANDS),
    ),
    Command(
        name="next_far_piece",
        text=mark("Show the next piece far from the spine"),
        menu="Spine",
        keys=("Ctrl+Shift+I",),
        run=lambda context: context.scan.segmentation.findings.show_next_far_piece(),
        needs=(OPEN_SCAN, ISLANDS),
    ),
    Command(
        name="threshold_down",
        text=mark("Lower attention threshold"),
        menu="Spine",
        keys=(",",),
        run=lambda context: context[TuningBox].attention_threshold.nudge(-1),
    ),
    Command(
        name="threshold_up",
        text=mark("Raise attention threshold"),
        menu="Spine",
        keys=(".",),
        run=lambda context: context[TuningBox].attention_threshold.nudge(1),
    ),
    Command(
        name="sigma_down",
        text=mark("Less smoothing (sigma)"),
        menu="Spine",
        keys=(";",),
        run=lambda context: context[TuningBox].sigma.nudge(-1),
    ),
    Command(
        name="sigma_up",
        text=mark("More smoothing (sigma)"),
        menu="Spine",
        keys=("'",),
        run=lambda context: context[TuningBox].sigma.nudge(1),
    ),
    Command(
        name="previous_thresholds",
        text=mark("Previous thresholds"),
        menu="Spine",
        keys=("Ctrl+T",),
        tip=mark("Switch between the previous and the current thresholds"),
        run=lambda context: context.scan.tuner.swap(),
        needs=(OPEN_SCAN, EARLIER_TUNING),
    ),
)
