from spineviewer.api import Cancelled as Cancelled
from spineviewer.api import Scan as Scan
from spineviewer.api import Segmentation as Segmentation
from spineviewer.api import Segmenter as Segmenter
from spineviewer.api import SpineViewerError as SpineViewerError
from spineviewer.api import Tuning as Tuning
from spineviewer.api import read as read
from spineviewer.api import segment as segment

__version__: str
__all__: list[str]
