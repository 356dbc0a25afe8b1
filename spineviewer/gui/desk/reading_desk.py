"""The desk put together."""

from __future__ import annotations

from spineviewer.gui.desk.measuring import Measuring
from spineviewer.gui.desk.queueing import Queueing
from spineviewer.gui.desk.reporting import Reporting
from spineviewer.gui.desk.shaping import Shaping
from spineviewer.gui.desk.switching import Switching


class ReadingDesk(
    Switching,
    Measuring,
    Reporting,
    Queueing,
    Shaping,
):
    """Holds the open reading and the jobs on it; each base is one kind of work.

    Thread ownership: GUI thread; work happens in jobs, whose answers arrive here.
    """
