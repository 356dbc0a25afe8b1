"""Which commands there is something to do for, and which switches are on."""

from __future__ import annotations

from spineviewer.app.state import MaskStyle, Overlays, SegmentationStage
from spineviewer.gui.desk import ReadingDesk


def possible_commands(desk: ReadingDesk, *, is_sr_possible: bool) -> dict[str, bool]:
    """For commands that depend on more than an open scan: whether they can be given now.

    Parameters
    ----------
    is_sr_possible
        Whether a DICOM report of this scan's measurements can be written.
    """
    reading, correction = desk.reading, desk.correction
    is_mask, is_correctable = desk.is_mask_possible, desk.is_correctable
    is_measured = reading is not None and bool(reading.measurements)
    return {
        "segment": reading is not None and reading.stage is not SegmentationStage.RUNNING,
        "compute_rest": desk.is_rest_to_compute,
        "straighten": reading is not None and not reading.turn.is_straight,
        "before": reading is not None and desk.tuning_before is not None,
        "worst": desk.comparison is not None,
        "fill_between": desk.is_between_possible,
        "undo": is_correctable and correction.can_undo,
        "redo": is_correctable and correction.can_redo,
        "discard": is_correctable and not correction.is_empty,
        "save_sr": is_measured and is_sr_possible,
        **dict.fromkeys(("delete_measurement", "name_measurement", "save_table"), is_measured),
        **dict.fromkeys(("compare", "export", "next_doubt", "previous_doubt"), is_mask),
        **dict.fromkeys(
            ("tool_brush", "tool_eraser", "tool_outline", "tool_cut_out", "brush_smaller", "brush_larger"), is_correctable
        ),
        **dict.fromkeys(
            ("tool_keep_piece", "tool_remove_piece", "grow", "shrink", "smooth", "fill_holes"), is_correctable and is_mask
        ),
    }


def switches(shown: Overlays) -> dict[str, bool]:
    """The commands that switch overlays, and whether each is on."""
    return {
        "heat": shown.is_heat_shown,
        "aggregate": shown.is_heat_aggregated,
        "mask": shown.is_mask_shown,
        "tint": shown.mask_style is MaskStyle.TINT,
        "crosshair_lines": shown.is_crosshair_shown,
    }
