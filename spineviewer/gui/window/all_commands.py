"""All commands of the window, collected from the folders that declare them."""

from __future__ import annotations

from spineviewer.gui.archive import commands as archive
from spineviewer.gui.batch import commands as batch
from spineviewer.gui.correcting import commands as correcting
from spineviewer.gui.kit.command import CommandTable
from spineviewer.gui.measuring import commands as measuring
from spineviewer.gui.opening import commands as opening
from spineviewer.gui.reporting import commands as reporting
from spineviewer.gui.reviewing import commands as reviewing
from spineviewer.gui.segmenting import commands as segmenting
from spineviewer.gui.vertebrae import commands as vertebrae
from spineviewer.gui.vertebrae import measurement_commands
from spineviewer.gui.viewing import commands as viewing
from spineviewer.gui.window import commands as window

COMMANDS = CommandTable(
    command
    for subject in (
        opening,
        archive,
        reporting,
        batch,
        segmenting,
        reviewing,
        viewing,
        measuring,
        correcting,
        vertebrae,
        measurement_commands,
        window,
    )
    for command in subject.COMMANDS
)
