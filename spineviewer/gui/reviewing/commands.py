"""Commands for going through uncertain regions and comparing the mask with another one."""

from __future__ import annotations

from pathlib import Path

from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.conditions import MASK
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.file_dialogs import FileDialogs, scan_filter
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.scan_names import dialog_title
from spineviewer.wording import mark

COMPARED = Condition(
    lambda context: context.parts is not None and context.parts.comparison is not None,
    mark("needs a comparison"),
)


def _compare(context: Context) -> None:
    scan = context.scan
    title = dialog_title(tr("Compare with a mask"), context.workspace, scan)
    chosen = context[FileDialogs].ask_for_file(title, str(scan.exports.folder), scan_filter())
    if chosen:
        scan.comparison.compare_with(Path(chosen))


COMMANDS = (
    Command(
        name="next_uncertain_region",
        text=mark("Next uncertain region"),
        menu="Spine",
        keys=("F3",),
        icon="warn",
        tip=mark(
            "Tick the current region and go to the next: a detached piece, an uncertain "
            "surface, bone whose level is uncertain, bone cut off at the edge of the scan, or "
            "metal or cement"
        ),
        run=lambda context: context.scan.uncertain_regions.next(1),
        needs=(OPEN_SCAN, MASK),
        is_repeatable=False,  # each tick is deliberate
    ),
    Command(
        name="previous_uncertain_region",
        text=mark("Previous uncertain region"),
        menu="Spine",
        keys=("Shift+F3",),
        run=lambda context: context.scan.uncertain_regions.next(-1),
        needs=(OPEN_SCAN, MASK),
    ),
    Command(
        name="compare",
        text=mark("Compare with a mask…"),
        menu="Spine",
        icon="compare",
        tip=mark("A reference or an earlier export on the same voxel grid"),
        run=_compare,
        needs=(OPEN_SCAN, MASK),
    ),
    Command(
        name="largest_difference",
        text=mark("Largest difference between the masks"),
        menu="Spine",
        keys=("Y",),
        run=lambda context: context.scan.comparison.go_to_largest_difference(),
        needs=(OPEN_SCAN, COMPARED),
    ),
)
