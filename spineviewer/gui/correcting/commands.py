"""Commands for correcting the mask by hand."""

from __future__ import annotations

from functools import partial

from spineviewer.editing.whole_mask import EditKind
from spineviewer.gui.correcting.correct_box import CorrectBox
from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.conditions import CORRECTABLE_MASK, MASK
from spineviewer.gui.kit.context import Context
from spineviewer.gui.viewing.tool_command import tool_command
from spineviewer.wording import mark

WHOLE_MASK = (OPEN_SCAN, CORRECTABLE_MASK, MASK)
TWO_EDITED_SLICES = Condition(
    lambda context: context.parts is not None and context.scan.edits.can_interpolate,
    mark("needs two slices that you have edited"),
)
CORRECTED = Condition(
    lambda context: context.parts is not None and not context.parts.correction.is_empty,
    mark("no corrections"),
)


def _edit(kind: EditKind, context: Context) -> None:
    context.scan.edits.edit_whole_mask(kind)


def _nudge_brush(steps: int, context: Context) -> None:
    context[CorrectBox].radius.nudge(steps)


_tool = partial(tool_command, menu="Correct", needs=(OPEN_SCAN, CORRECTABLE_MASK))
_piece_tool = partial(tool_command, menu="Correct", needs=WHOLE_MASK)

COMMANDS = (
    _tool("brush", mark("Brush"), "A", "brush", mark("Add to the mask by hand")),
    _tool("eraser", mark("Eraser"), "E", "eraser", mark("Erase from the mask by hand")),
    _tool(
        "lasso",
        mark("Lasso"),
        "Q",
        "lasso",
        mark("Draw around what you want to add in this slice"),
    ),
    _tool(
        "cut_out",
        mark("Erase with the lasso"),
        "Shift+Q",
        "",
        mark("Draw around what you want to erase in this slice"),
    ),
    _piece_tool(
        "keep_piece",
        mark("Keep one piece"),
        "",
        "",
        mark("Click the piece that is the spine"),
    ),
    _piece_tool(
        "remove_piece",
        mark("Remove a piece"),
        "Shift+E",
        "piece",
        mark("Click a piece that is not part of the spine"),
    ),
    Command(
        name="brush_smaller",
        text=mark("Smaller brush"),
        menu="Correct",
        keys=("[",),
        run=partial(_nudge_brush, -1),
        needs=(OPEN_SCAN, CORRECTABLE_MASK),
    ),
    Command(
        name="brush_larger",
        text=mark("Larger brush"),
        menu="Correct",
        keys=("]",),
        run=partial(_nudge_brush, 1),
        needs=(OPEN_SCAN, CORRECTABLE_MASK),
    ),
    Command(
        name="grow",
        text=mark("Grow"),
        menu="Correct",
        keys=("Shift+G",),
        tip=mark(
            "Grow by one voxel (at least 1 mm), only into voxels with values in the range that "
            "you set"
        ),
        run=partial(_edit, EditKind.GROW),
        needs=WHOLE_MASK,
    ),
    Command(
        name="shrink",
        text=mark("Shrink"),
        menu="Correct",
        keys=("Shift+H",),
        tip=mark("Shrink by one voxel (at least 1 mm)"),
        run=partial(_edit, EditKind.SHRINK),
        needs=WHOLE_MASK,
    ),
    Command(
        name="smooth",
        text=mark("Smooth"),
        menu="Correct",
        tip=mark("Round off edges and remove specks"),
        run=partial(_edit, EditKind.SMOOTH),
        needs=WHOLE_MASK,
    ),
    Command(
        name="fill_holes",
        text=mark("Fill holes"),
        menu="Correct",
        tip=mark("Fill cavities and small holes; the spinal canal stays open"),
        run=partial(_edit, EditKind.FILL),
        needs=WHOLE_MASK,
    ),
    Command(
        name="fill_between",
        text=mark("Interpolate between slices"),
        menu="Correct",
        keys=("U",),
        tip=mark("Fill the slices between the last two that you edited"),
        run=partial(_edit, EditKind.BETWEEN),
        needs=(OPEN_SCAN, CORRECTABLE_MASK, TWO_EDITED_SLICES),
    ),
    Command(
        name="discard",
        text=mark("Discard all corrections"),
        menu="Correct",
        tip=mark("Return to the mask without corrections; can be undone"),
        run=lambda context: context.scan.corrections.discard(),
        needs=(OPEN_SCAN, CORRECTABLE_MASK, CORRECTED),
    ),
)
