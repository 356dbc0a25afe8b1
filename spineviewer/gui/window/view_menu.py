"""The context menu of the views."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from spineviewer.gui.kit.actions import Actions
from spineviewer.gui.kit.context import Context
from spineviewer.gui.kit.language import tr
from spineviewer.gui.vertebrae.commands import actions_for
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.gui.window.menus import fill_context_menu
from spineviewer.labelling.vertebrae import Vertebra


def open_view_menu(context: Context, actions: Actions, parent: QWidget, at: QPoint) -> None:
    """Open a menu for the picture, and the vertebra, at a point of the screen."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAccessibleName(tr("Commands for this picture"))
    vertebra = _vertebra_at(context, at)
    if vertebra is not None:
        menu.addActions(actions_for(context, vertebra, menu))
        menu.addSeparator()
    fill_context_menu(menu, actions)
    menu.popup(at)


def _vertebra_at(context: Context, at: QPoint) -> Vertebra | None:
    front, index = context.workspace.front, context[ViewArea].index_at(at)
    if front is None or index is None or front.parts.vertebrae is None:
        return None
    x, y, z = front.volume.geometry.point_lps_mm(index).tolist()
    return front.parts.vertebrae.level_at((x, y, z))
