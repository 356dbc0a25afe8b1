"""What the scans need of the window's toolkit: small pictures, pages, and their language."""

from __future__ import annotations

import importlib

from spineviewer.app.comparing import Comparison
from spineviewer.app.overlay import FusionOverlay
from spineviewer.app.report import ReportContent, ReportImage
from spineviewer.app.state import ScanState
from spineviewer.editing.correction import Correction
from spineviewer.gui.kit.language import language, said
from spineviewer.gui.kit.thumbnail import thumbnail_of
from spineviewer.gui.reporting.report_image import report_image
from spineviewer.gui.reporting.report_pages import pdf_of
from spineviewer.gui.viewing.scene import Scene
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume

#: Height of the pictures in a report. Choice: sharp in print at a third of a page.
_PICTURE_PX = 620


class QtPresentation:
    """Pictures and pages made with Qt (`app.open_scan.Presentation`).

    Thread ownership: any thread.
    """

    def thumbnail(self, scan: CtVolume) -> str:
        return thumbnail_of(scan)

    def load_surface_drawing(self) -> None:
        importlib.import_module("spineviewer.gui.viewing.surface_scene")  # OpenGL

    def images(
        self,
        state: ScanState,
        fusion: FusionOverlay | None,
        correction: Correction,
        second: Comparison | None,
        vertebrae: Vertebrae | None,
    ) -> tuple[ReportImage, ...]:
        planes = (Plane.SAGITTAL, Plane.CORONAL, Plane.AXIAL)
        scene = Scene(state, fusion, correction, second, vertebrae)
        return tuple(report_image(plane, scene, _PICTURE_PX) for plane in planes)

    def in_own_language(self, content: ReportContent) -> ReportContent:
        return content.in_language(language(), said)

    def pdf(self, page: ReportContent) -> bytes:
        return pdf_of(page)
