"""All measuring tools. A new one is a class in this folder and an entry here."""

from __future__ import annotations

from spineviewer.measuring_tools.areas import Polygon, Region
from spineviewer.measuring_tools.lines import Angle, CobbAngle, Distance
from spineviewer.measuring_tools.listhesis import Listhesis
from spineviewer.measuring_tools.measurement import MeasuringTool
from spineviewer.measuring_tools.note import Note

#: In the order of menus and toolbars.
MEASURING_TOOLS: tuple[MeasuringTool, ...] = (
    Distance(),
    Angle(),
    CobbAngle(),
    Listhesis(),
    Region(),
    Polygon(),
    Note(),
)


def tool_named(name: str) -> MeasuringTool:
    """Return the tool with this name.

    Raises
    ------
    KeyError
        When there is none.
    """
    return {tool.name: tool for tool in MEASURING_TOOLS}[name]
