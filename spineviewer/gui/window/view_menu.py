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


def open_view_menu(
    context: Context, actions: Actions, parent: QWidget, screen_position: QPoint
) -> None:
    """Open the menu of the picture and the vertebra at a position on the screen."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAccessibleName(tr("Commands for this view"))
    vertebra = _vertebra_at(context, screen_position)
    if vertebra is not None:
        menu.addActions(actions_for(context, vertebra, menu))
        menu.addSeparator()
    fill_context_menu(menu, actions)
    menu.popup(screen_position)


def _vertebra_at(context: Context, screen_position: QPoint) -> Vertebra | None:
    front, index = context.workspace.front, context[ViewArea].index_at(screen_position)
    if front is None or index is None or front.parts.vertebrae is None:
        return None
    x, y, z = front.volume.geometry.point_lps_mm(index).tolist()
    return front.parts.vertebrae.level_at((x, y, z))
