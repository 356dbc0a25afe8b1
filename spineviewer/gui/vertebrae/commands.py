"""Commands for going from vertebra to vertebra and correcting names and borders."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from spineviewer.app.features.named_vertebrae import level_name_problem
from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.dialogs import Dialogs
from spineviewer.gui.kit.language import tr
from spineviewer.gui.vertebrae.vertebra_box import VertebraBox
from spineviewer.gui.viewing.tool_command import tool_command
from spineviewer.labelling.vertebrae import Vertebra
from spineviewer.wording import mark


def _has_vertebrae(context: Context) -> bool:
    return context.parts is not None and bool(context.parts.vertebrae)


def _is_at_vertebra(context: Context) -> bool:
    return _has_vertebrae(context) and context.scan.names.at_crosshair is not None


VERTEBRAE = Condition(_has_vertebrae, mark("needs named vertebrae: segment first"))
AT_VERTEBRA = Condition(_is_at_vertebra, mark("needs the crosshair on a vertebra"))
_NEEDS = (OPEN_SCAN, VERTEBRAE)


def _are_shown(context: Context) -> bool:
    return context.parts is not None and context.parts.state.overlays.are_vertebrae_shown


def _toggle(context: Context) -> None:
    overlays = context.scan.state.overlays
    context.scan.display.set_overlays(
        replace(overlays, are_vertebrae_shown=not overlays.are_vertebrae_shown)
    )


def _go_to_level(context: Context) -> None:
    context[VertebraBox].ask_for_level()


def name_vertebra(context: Context, vertebra: Vertebra | None = None) -> None:
    """Ask the user to rename `vertebra` or, if it is None, the vertebra at the crosshair."""
    names = context.scan.names
    vertebra = vertebra or names.at_crosshair
    if vertebra is None:
        return
    name = context[Dialogs].ask_for_text(
        tr("Name this vertebra"),
        tr("New name for {name}, such as T12 or L1", name=vertebra.name),
        lambda text: tr(level_name_problem(text)),
    )
    if name is not None:
        names.name(name, vertebra.centre_in_view_lps_mm)


def actions_for(context: Context, vertebra: Vertebra, parent: QObject) -> tuple[QAction, ...]:
    """Return the entries of the context menu for the vertebra under the pointer."""

    def align() -> None:
        x, y, z = vertebra.centre_in_view_lps_mm
        index = context.scan.volume.geometry.index_zyx((x, y, z)).tolist()
        context.scan.display.move_to((index[0], index[1], index[2]))
        context.scan.navigation.align_to_endplates()

    name = QAction(tr("Name {vertebra}…", vertebra=vertebra.name), parent)
    name.triggered.connect(lambda: name_vertebra(context, vertebra))
    align_planes = QAction(tr("Align planes with {vertebra}", vertebra=vertebra.name), parent)
    align_planes.triggered.connect(align)
    return name, align_planes


_tool = partial(tool_command, icon="", menu="Vertebrae", needs=_NEEDS)

COMMANDS = (
    _tool(
        "split_vertebra",
        mark("Split a vertebra"),
        "Shift+K",
        tip=mark("Click the gap between two vertebrae that were labelled as one"),
    ),
    _tool(
        "merge_vertebrae",
        mark("Merge two vertebrae"),
        "Shift+U",
        tip=mark("Click near the border between the two vertebrae"),
    ),
    _tool(
        "move_piece",
        mark("Move a piece to a neighbouring vertebra"),
        "Shift+P",
        tip=mark("Start in the vertebra that should get the piece, then drag over the piece"),
    ),
    Command(
        name="vertebrae",
        text=mark("Vertebrae"),
        menu="Overlays",
        keys=("Shift+M",),
        tip=mark("Show the vertebrae in colour, with their names"),
        run=_toggle,
        is_checked=_are_shown,
    ),
    Command(
        name="vertebra_down",
        text=mark("Next vertebra"),
        menu="Vertebrae",
        keys=("Shift+Down",),
        tip=mark("Go to the next vertebra towards the feet"),
        run=lambda context: context.scan.navigation.next(1),
        needs=_NEEDS,
        is_for_views=True,
    ),
    Command(
        name="vertebra_up",
        text=mark("Previous vertebra"),
        menu="Vertebrae",
        keys=("Shift+Up",),
        tip=mark("Go to the next vertebra towards the head"),
        run=lambda context: context.scan.navigation.next(-1),
        needs=_NEEDS,
        is_for_views=True,
    ),
    Command(
        name="go_to_level",
        text=mark("Go to level…"),
        menu="Vertebrae",
        keys=("Ctrl+G",),
        tip=mark("Type a level, such as L1, then press Enter"),
        run=_go_to_level,
        needs=_NEEDS,
    ),
    Command(
        name="align_to_vertebra",
        text=mark("Align planes with this vertebra"),
        menu="Vertebrae",
        keys=("Alt+R",),
        tip=mark("Align the planes with its endplates"),
        run=lambda context: context.scan.navigation.align_to_endplates(),
        needs=(*_NEEDS, AT_VERTEBRA),
    ),
    Command(
        name="align_to_disc",
        text=mark("Axial plane parallel to the disc"),
        menu="Vertebrae",
        keys=("Shift+A",),
        tip=mark(
            "Rotate the planes about the crosshair until the axial plane is parallel to the "
            "nearest disc"
        ),
        run=lambda context: context.scan.navigation.align_to_disc(),
        needs=_NEEDS,
    ),
    Command(
        name="name_vertebra",
        text=mark("Name this vertebra…"),
        menu="Vertebrae",
        keys=("F4",),
        tip=mark("Name the vertebra at the crosshair, and rename the others to match"),
        run=name_vertebra,
        needs=(*_NEEDS, AT_VERTEBRA),
    ),
    Command(
        name="names_up",
        text=mark("Shift all names up"),
        menu="Vertebrae",
        keys=("Alt+Up",),
        tip=mark("Rename each vertebra to the next higher level: L1 becomes T12"),
        run=lambda context: context.scan.names.shift(-1),
        needs=_NEEDS,
    ),
    Command(
        name="names_down",
        text=mark("Shift all names down"),
        menu="Vertebrae",
        keys=("Alt+Down",),
        tip=mark("Rename each vertebra to the next lower level: T12 becomes L1"),
        run=lambda context: context.scan.names.shift(1),
        needs=_NEEDS,
    ),
    Command(
        name="confirm_names",
        text=mark("Confirm all names"),
        menu="Vertebrae",
        tip=mark("Keep these names even if the mask changes"),
        run=lambda context: context.scan.names.confirm(),
        needs=_NEEDS,
    ),
)
