"""Commands that select mouse tools."""

from __future__ import annotations

from functools import partial

from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.context import Context
from spineviewer.gui.viewing.view_area import ViewArea


def use_tool(tool: str, context: Context) -> None:
    """Assign the tool with this name to the left mouse button."""
    context[ViewArea].use_tool(tool)


def is_in_use(tool: str, context: Context) -> bool:
    """Return whether the tool with this name is assigned to the left mouse button."""
    return context[ViewArea].tool.name == tool


def tool_command(
    tool: str,
    text: str,
    key: str,
    icon: str,
    tip: str,
    *,
    menu: str,
    needs: tuple[Condition, ...] = (OPEN_SCAN,),
) -> Command:
    """Return the command `tool_NAME`, which assigns a tool to the left mouse button."""
    return Command(
        name=f"tool_{tool}",
        text=text,
        menu=menu,
        keys=(key,) if key else (),
        icon=icon,
        tip=tip,
        run=partial(use_tool, tool),
        is_checked=partial(is_in_use, tool),
        needs=needs,
    )
