"""Between what the reader does and what is shown: the one open reading, its verbs, and the jobs they start."""

from spineviewer.gui.desk.correcting import MaskFacts
from spineviewer.gui.desk.notice import Level, Notice
from spineviewer.gui.desk.opening import summary_of
from spineviewer.gui.desk.reading_desk import ReadingDesk

__all__ = ["Level", "MaskFacts", "Notice", "ReadingDesk", "summary_of"]
