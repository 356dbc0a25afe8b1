"""A mouse tool as a command."""

from __future__ import annotations

from functools import partial

from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.context import Context
from spineviewer.gui.views.tools import Tool
from spineviewer.gui.views.view_area import ViewArea


def use_tool(tool: Tool, context: Context) -> None:
    """Give the left mouse button to a tool."""
    context[ViewArea].set_tool(tool)


def is_in_use(tool: Tool, context: Context) -> bool:
    """Return whether the left mouse button belongs to a tool."""
    return context[ViewArea].tool is tool


def tool_command(
    name: str,
    tool: Tool,
    text: str,
    key: str,
    icon: str,
    tip: str,
    *,
    menu: str,
    needs: tuple[Condition, ...] = (OPEN_SCAN,),
) -> Command:
    """Return the command that gives the left mouse button to a tool."""
    return Command(
        name=name,
        text=text,
        menu=menu,
        keys=(key,) if key else (),
        icon=icon,
        tip=tip,
        run=partial(use_tool, tool),
        is_checked=partial(is_in_use, tool),
        needs=needs,
    )
