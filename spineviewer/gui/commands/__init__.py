"""What the commands do that need more than one verb of the desk: dialogs, several widgets, the window itself."""

from __future__ import annotations

from spineviewer.gui.commands.looking import LookingCommands
from spineviewer.gui.commands.opening import OpeningCommands
from spineviewer.gui.commands.window import WindowCommands
from spineviewer.gui.commands.working import WorkingCommands
from spineviewer.gui.commands.writing import WritingCommands


class Commands(OpeningCommands, WritingCommands, LookingCommands, WorkingCommands, WindowCommands):
    """The window's verbs; each base is one kind.

    Thread ownership: GUI thread.
    """
