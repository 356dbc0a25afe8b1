"""Commands for segmenting many scans."""

from __future__ import annotations

from spineviewer.gui.batch.batch_page import BatchPage
from spineviewer.gui.kit.command import Command
from spineviewer.gui.kit.pages import Pages
from spineviewer.wording import mark

COMMANDS = (
    Command(
        name="batch",
        text=mark("Segment many scans…"),
        menu="File",
        keys=("Ctrl+Shift+B",),
        icon="layers",
        tip=mark("Segment a list of scans in the background"),
        run=lambda context: context[Pages].show_page(BatchPage),
        needs=(),
    ),
)
