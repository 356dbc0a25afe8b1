"""Commands for vertebral measurements."""

from __future__ import annotations

from spineviewer.app.measurement_rows import is_set_by_hand
from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.context import Context
from spineviewer.gui.vertebrae.spine_measurer import SpineMeasurer
from spineviewer.wording import mark


def _is_measured(context: Context) -> bool:
    return context.parts is not None and context.parts.spine_measurements is not None


def _is_current(context: Context) -> bool:
    front = context.workspace.front
    return front is not None and not front.are_results_pending


def _is_graded(context: Context) -> bool:
    measured = None if context.parts is None else context.parts.spine_measurements
    return measured is not None and not measured.why_only_hu


def _is_moved(context: Context) -> bool:
    parts = context.parts
    if parts is None or parts.chosen_source is None or parts.spine_measurements is None:
        return False
    return is_set_by_hand(parts.spine_measurements, parts.chosen_source)


def _is_other_scan_named(context: Context) -> bool:
    scans = [scan for scan in context.workspace.scans if scan.parts.vertebrae]
    return len(scans) > 1 and context.workspace.front in scans


MEASURED = Condition(_is_measured, mark("needs measured vertebrae: segment first"))
GRADED = Condition(
    _is_graded, mark("needs fracture grades: only HU values were measured in this scan")
)
CURRENT = Condition(_is_current, mark("needs measurements of the current mask"))
MOVED = Condition(_is_moved, mark("needs a value that you changed"))
OTHER_SCAN_NAMED = Condition(
    _is_other_scan_named, mark("needs two open scans with named vertebrae")
)


def _is_sheet_shown(context: Context) -> bool:
    return not context[SpineMeasurer].sheet.isHidden()


COMMANDS = (
    Command(
        name="measurement_sheet",
        text=mark("Vertebral measurements"),
        menu="Vertebrae",
        keys=("Ctrl+M",),
        tip=mark("Heights, fracture grades, HU, discs and curves in a table below the views"),
        run=lambda context: context[SpineMeasurer].toggle_sheet(),
        is_checked=_is_sheet_shown,
    ),
    Command(
        name="next_fracture",
        text=mark("Next fractured vertebra"),
        menu="Vertebrae",
        keys=("F7",),
        tip=mark("Go to the next vertebra that is graded as fractured"),
        run=lambda context: context[SpineMeasurer].next_fractured(1),
        needs=(OPEN_SCAN, MEASURED, GRADED),
    ),
    Command(
        name="previous_fracture",
        text=mark("Previous fractured vertebra"),
        menu="Vertebrae",
        keys=("Shift+F7",),
        run=lambda context: context[SpineMeasurer].next_fractured(-1),
        needs=(OPEN_SCAN, MEASURED, GRADED),
    ),
    Command(
        name="copy_spine_measurements",
        text=mark("Copy vertebral measurements"),
        menu="Vertebrae",
        tip=mark("Copy the table for pasting into a spreadsheet"),
        run=lambda context: context[SpineMeasurer].sheet.copy(),
        needs=(OPEN_SCAN, MEASURED, CURRENT),
    ),
    Command(
        name="restore_value",
        text=mark("Restore the automatic value"),
        menu="Vertebrae",
        tip=mark("Move the landmarks of the selected value back to their automatic positions"),
        run=lambda context: context[SpineMeasurer].restore(),
        needs=(OPEN_SCAN, MEASURED, MOVED),
    ),
    Command(
        name="other_scan_same_vertebra",
        text=mark("Same vertebra in the other scan"),
        menu="Vertebrae",
        keys=("F8",),
        tip=mark("Switch to the other scan at this vertebra, and back"),
        run=lambda context: context[SpineMeasurer].go_to_other_scan(),
        needs=(OPEN_SCAN, OTHER_SCAN_NAMED),
    ),
)
