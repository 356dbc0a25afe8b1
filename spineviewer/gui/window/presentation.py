"""Pictures and pages that Qt creates for scans."""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import cache

from spineviewer.app.mask_shapes import find_centre_line
from spineviewer.app.report import ReportContent, ReportImage
from spineviewer.app.scan_core import ScanParts
from spineviewer.editing.correction import Correction
from spineviewer.gui.kit.language import language, translated
from spineviewer.gui.kit.thumbnail import make_thumbnail
from spineviewer.gui.reporting.picture_legend import with_legend
from spineviewer.gui.reporting.report_image import (
    is_along_spine,
    is_shown_by,
    key_picture,
    report_image,
    spine_pictures,
)
from spineviewer.gui.reporting.report_pages import report_pdf
from spineviewer.gui.viewing.scene import Scene
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.planes import Plane
from spineviewer.volume.volume import CtVolume

_PLANES = (Plane.SAGITTAL, Plane.CORONAL, Plane.AXIAL)
#: Height of pictures in a report. Choice: sharp when printed at a third of a page.
_PICTURE_PX = 620


class QtPresentation:
    """Creates pictures and pages with Qt (`app.open_scan.Presentation`).

    Thread ownership: any thread.
    """

    def thumbnail(self, scan: CtVolume) -> str:
        return make_thumbnail(scan)

    def load_surface_drawing(self) -> None:
        # nothing that uses Qt may be imported here: Qt crashes if two threads use one of its
        # types for the first time simultaneously
        importlib.import_module("OpenGL.GL")

    def images(
        self,
        parts: ScanParts,
        correction: Correction,
        *,
        shows_planes: bool,
        shows_spine: bool,
    ) -> tuple[ReportImage, ...]:
        scene = replace(Scene.from_parts(parts), correction=correction)
        get_line = cache(lambda: _line(parts, correction))
        key_pictures = (
            key_picture(
                image,
                scene,
                parts.spine_measurements,
                get_line() if is_along_spine(image) else None,
                _PICTURE_PX,
            )
            for image in parts.draft.images
        )
        planes = tuple(
            report_image(plane, scene, _PICTURE_PX)
            for plane in (_PLANES if shows_planes else ())
            if not any(is_shown_by(image, plane, parts.state) for image in parts.draft.images)
        )
        vertebrae = parts.vertebrae if shows_spine else None
        spine = (
            spine_pictures(scene, vertebrae, parts.spine_measurements, get_line, _PICTURE_PX)
            if vertebrae
            else ()
        )
        return tuple(dict.fromkeys((*spine, *key_pictures, *planes)))  # each picture only once

    def with_legend(self, picture: ReportImage) -> ReportImage:
        return with_legend(picture)

    def in_window_language(self, content: ReportContent) -> ReportContent:
        return content.in_language(language(), translated)

    def pdf(self, page: ReportContent) -> bytes:
        return report_pdf(page)


def _line(parts: ScanParts, correction: Correction) -> CentreLine | None:
    """Return the centre line, computing it if necessary; None if there is no mask."""
    fused = parts.state.fused
    if parts.line is not None or fused is None:
        return parts.line
    return find_centre_line(fused, correction)
