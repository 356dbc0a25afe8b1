"""Commands for measuring."""

from __future__ import annotations

from spineviewer.gui.kit.command import OPEN_SCAN, Command, Condition
from spineviewer.gui.kit.conditions import DICOM_SLICES
from spineviewer.gui.measuring.measurer import Measurer
from spineviewer.gui.viewing.tool_command import tool_command
from spineviewer.measuring_tools.registry import MEASURING_TOOLS
from spineviewer.wording import mark

MEASURED = Condition(
    lambda context: context.parts is not None and bool(context.parts.state.measurements),
    mark("needs a measurement"),
)

COMMANDS = (
    *(
        tool_command(tool.name, tool.title, tool.key, tool.icon, tool.tip, menu="Measure")
        for tool in MEASURING_TOOLS
    ),
    Command(
        name="name_measurement",
        text=mark("Name measurement"),
        menu="Measure",
        keys=("F2",),
        run=lambda context: context[Measurer].name_selected(),
        needs=(OPEN_SCAN, MEASURED),
    ),
    Command(
        name="delete_measurement",
        text=mark("Delete measurement"),
        menu="Measure",
        keys=("Del", "Backspace"),
        icon="trash",
        run=lambda context: context[Measurer].delete_selected(),
        needs=(OPEN_SCAN, MEASURED),
    ),
    Command(
        name="save_sr",
        text=mark("Save measurements as a structured report…"),
        menu="Measure",
        tip=mark("A DICOM structured report (TID 1500)"),
        run=lambda context: context[Measurer].save_structured_report(),
        needs=(OPEN_SCAN, DICOM_SLICES, MEASURED),
    ),
    Command(
        name="save_table",
        text=mark("Save measurements…"),
        menu="Measure",
        icon="table",
        tip=mark("As a table (CSV)"),
        run=lambda context: context[Measurer].save_table(),
        needs=(OPEN_SCAN, MEASURED),
    ),
)
