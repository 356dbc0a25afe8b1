"""Pictures for a report, drawn in the same way as in the views, with annotations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from spineviewer.app.landmarks import find_landmarks
from spineviewer.app.measurement_rows import landmark_text
from spineviewer.app.report import ReportImage
from spineviewer.app.report_draft import KeyImage
from spineviewer.app.state import ScanState, Slab
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.png import png_bytes
from spineviewer.gui.measuring.landmark_painting import PixelAt, landmarks_in, paint_landmarks
from spineviewer.gui.measuring.painting import (
    PlacedMeasurement,
    detailed_text,
    measurements_in,
    paint_measurements,
)
from spineviewer.gui.reporting.picture_legend import picture_legend
from spineviewer.gui.viewing.annotations import (
    Annotations,
    paint_annotations,
    paint_scale_bar,
    paint_shadowed,
)
from spineviewer.gui.viewing.composer import Composer
from spineviewer.gui.viewing.curve_source import CurveSource
from spineviewer.gui.viewing.frame_painter import paint_frame
from spineviewer.gui.viewing.layouts import SpineView
from spineviewer.gui.viewing.placed_name import name_box
from spineviewer.gui.viewing.scene import Scene
from spineviewer.gui.viewing.slice_source import SliceSource
from spineviewer.gui.viewing.source import CutSource
from spineviewer.labelling.vertebrae import Vertebrae
from spineviewer.measurements.results import Measurements
from spineviewer.volume.centre_line import CentreLine
from spineviewer.volume.cuts import CurvedCut, PlaneCut, RotatedCut
from spineviewer.volume.geometry import Triple
from spineviewer.volume.planes import Plane

#: Margin around the mask that shows the surroundings of the spine.
_MARGIN_MM = 45.0
#: Minimum width of a picture.
_MIN_WIDTH_PX = 120
#: Maximum width of a picture divided by its height, so that other pictures fit beside it.
_MAX_ASPECT = 2.0
#: If a vertebral body is farther than this from the sagittal slice, the curved view is added.
_MAX_OFFSET_MM = 12.0
_FLAG_COLOUR = "#ff9d8a"
_CURVED = {SpineView.CORONAL.value: Plane.CORONAL, SpineView.SAGITTAL.value: Plane.SAGITTAL}
_PLANES = {plane.name.lower(): plane for plane in Plane}

_Cut = PlaneCut | RotatedCut | CurvedCut


def report_image(plane: Plane, scene: Scene, height_px: int) -> ReportImage:
    """Return a picture of the slice at the crosshair, with overlays, measurements and scale bar.

    Thread ownership: any thread; all arguments are frozen or snapshots.
    """
    state = scene.state
    cut = PlaneCut(plane, state.scan.geometry, state.crosshair_zyx[plane.value])
    straight = replace(scene, state=state.straightened()).seen_in(plane)
    return _picture(straight, SliceSource(plane), cut, _part_mm(plane, state), height_px)


def is_shown_by(image: KeyImage, plane: Plane, state: ScanState) -> bool:
    """Return whether a key image shows everything that `report_image` of this plane would show."""
    shown = image.shown_on(state)
    # 0.5 mm tolerance, because a view shows whole screen pixels
    part = QRectF(*image.part_mm).adjusted(-0.5, -0.5, 0.5, 0.5)
    return (
        image.view == plane.name.lower()
        and image.rotation.is_straight
        and shown.crosshair_zyx[plane.value] == state.crosshair_zyx[plane.value]
        and (shown.window, shown.overlays) == (state.window, state.overlays)
        and shown.slab == state.slab.shown_in(plane)
        and part.contains(_part_mm(plane, state))
    )


def spine_pictures(
    scene: Scene,
    vertebrae: Vertebrae,
    measured: Measurements | None,
    get_line: Callable[[], CentreLine | None],
    height_px: int,
) -> tuple[ReportImage, ...]:
    """Return the sagittal slice through the middle of the bodies, with names and fracture grades.

    If the spine leaves the slice, the curved sagittal view is added.

    Thread ownership: any thread; all arguments are frozen or snapshots.

    Parameters
    ----------
    get_line
        Returns the centre line of the spine; called only if necessary.
    """
    state, geometry = scene.state.straightened(), scene.state.scan.geometry
    sides = np.array([centre[2] for centre in vertebrae.centres_zyx.values()])
    x = float(np.median(sides))
    shown = replace(
        state.overlays, is_map_shown=False, is_mask_shown=False, is_all_hidden=False,
        are_vertebrae_shown=True,
    )  # fmt: skip
    z, y, _ = state.point_zyx
    state = replace(state, overlays=shown, slab=Slab(), measurements=()).moved_to((z, y, x))
    cut = PlaneCut(Plane.SAGITTAL, geometry, state.crosshair_zyx[2])
    flags = {
        vertebra.centre_lps_mm: vertebra.genant.grade
        for vertebra in (measured.fractured if measured is not None else ())
        if vertebra.genant is not None
    }

    def paint_flags(painter: QPainter, px_at: PixelAt) -> None:
        for centre_lps_mm, grade in flags.items():
            at = px_at(tuple(geometry.index_zyx(centre_lps_mm).tolist()))
            paint_shadowed(painter, at + QPointF(22, 4), f"▲ {grade}", _FLAG_COLOUR)

    scene = replace(scene, state=state, second=None)
    part = _part_mm(Plane.SAGITTAL, state)
    straight = _picture(scene, SliceSource(Plane.SAGITTAL), cut, part, height_px, paint_flags)
    offset_mm = float(np.abs(sides - x).max()) * geometry.spacing_zyx_mm[2]
    line = get_line() if offset_mm > _MAX_OFFSET_MM else None
    if line is None:
        return (straight,)
    curved = CurvedCut(line, Plane.SAGITTAL, geometry, 0.0)
    source, part = CurveSource(Plane.SAGITTAL), QRectF(0, 0, *curved.size_mm)
    return straight, _picture(scene, source, curved, part, height_px, paint_flags)


def key_picture(
    image: KeyImage,
    scene: Scene,
    measured: Measurements | None,
    line: CentreLine | None,
    height_px: int,
) -> ReportImage:
    """Return the picture of a key image, drawn from the current mask, names and measurements.

    Thread ownership: any thread; all arguments are frozen or snapshots.
    """
    if image.view == SpineView.SURFACE.value:
        return _surface_picture(image, height_px)
    shown = replace(scene, state=image.shown_on(scene.state))
    source: CutSource
    cut: _Cut
    if image.view in _PLANES:
        source = SliceSource(_PLANES[image.view])
        cut = shown.state.cut(source.plane)
    elif image.view in _CURVED and line is not None:
        source = CurveSource(_CURVED[image.view])
        cut = CurvedCut(line, source.plane, shown.state.scan.geometry, image.depth_mm)
    else:
        return _missing(image, height_px)

    part = QRectF(*image.part_mm)
    if image.value is None or isinstance(cut, CurvedCut):
        picture = _picture(shown, source, cut, part, height_px)
        return replace(picture, caption=image.caption or picture.caption)
    value = None if measured is None else image.value.source_in(measured)
    landmarks = None if measured is None or value is None else find_landmarks(measured, value)
    if landmarks is not None:
        landmarks = landmarks_in(landmarks, cut, source.plane, shown.state)
    if measured is None or value is None or landmarks is None:
        picture = _picture(shown, source, cut, part, height_px)
        note = tr("{caption}; the value is no longer measured here", caption=picture.caption)
        return replace(picture, caption=image.caption or note)
    text = tr(landmark_text(measured, value))

    def paint_value(painter: QPainter, px_at: PixelAt) -> None:
        size_px = painter.viewport().width(), painter.viewport().height()
        paint_landmarks(painter, landmarks, text, cut, source.plane, shown.state, px_at, size_px)

    picture = _picture(shown, source, cut, part, height_px, paint_value)
    return replace(picture, caption=image.caption or picture.caption)


def is_along_spine(image: KeyImage) -> bool:
    """Return whether a key image is a curved view, which needs the centre line."""
    return image.view in _CURVED


def _picture(
    scene: Scene,
    source: CutSource,
    cut: _Cut,
    part: QRectF,
    height_px: int,
    paint_over: Callable[[QPainter, PixelAt], None] | None = None,
) -> ReportImage:
    """Return the picture of part of a cut, with everything that a view draws except the crosshair.

    `part` is in mm from the cut's upper left corner.
    """
    width_mm, height_mm = cut.size_mm
    whole_mm = QRectF(0, 0, width_mm, height_mm)
    part = whole_mm if part.intersected(whole_mm).isEmpty() else part.intersected(whole_mm)
    height_px = min(height_px, round(height_px * _MAX_ASPECT * part.height() / part.width()))
    scale = height_px / part.height()
    width_px = max(_MIN_WIDTH_PX, round(part.width() * scale))
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    size_px = width_px, height_px

    def px_at(point_mm: QPointF) -> QPointF:
        return (point_mm - part.topLeft()) * scale

    def px_at_index(index: Triple) -> QPointF:
        return px_at(QPointF(*cut.on_screen_mm(index)))

    painter = QPainter(image)
    annotations = source.annotations(scene, cut, "")
    frame = Composer().frame(scene, cut, screen_pixel_mm=1 / scale)
    cut_mm = QSizeF(width_mm, height_mm)
    painter.save()
    painter.setRenderHints(
        QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing
    )
    painter.scale(scale, scale)
    painter.translate(-part.topLeft())
    paint_frame(painter, frame, QRectF(QPointF(0, 0), frame.size_mm or cut_mm), annotations)
    painter.restore()
    placed = [
        PlacedMeasurement(number, measurement, tuple(map(px_at_index, measurement.points_zyx)))
        for number, measurement in measurements_in(cut, scene.state)
    ]
    names = [name_box(px_at(at), text, size_px, annotations) for at, text in frame.names(cut_mm)]
    paint_measurements(
        painter, placed, scene.state, size_px, 1 / scale, names=names, get_details=detailed_text
    )
    if paint_over is not None:
        paint_over(painter, px_at_index)
    paint_annotations(painter, annotations, "", size_px)
    paint_scale_bar(painter, 1 / scale, size_px, is_to_scale=cut.is_to_scale)
    painter.end()
    caption, legend = _caption(annotations, cut), picture_legend(scene)
    return ReportImage(caption, png_bytes(image), width_px, height_px, legend)


def _caption(annotations: Annotations, cut: _Cut) -> str:
    """Return the caption of a picture: view, position with side, and level."""
    place = list(annotations.right)
    if isinstance(cut, PlaneCut):
        del place[2]  # the slice spacing
    return ", ".join((*annotations.left[:1], *place))


def _surface_picture(image: KeyImage, height_px: int) -> ReportImage:
    """Return the picture of a key image of the surface, which is stored as the user saw it."""
    stored = QImage.fromData(image.drawing)
    if stored.isNull():
        return _missing(image, height_px)
    smooth = Qt.TransformationMode.SmoothTransformation
    picture = stored.scaledToHeight(min(height_px, stored.height()), smooth)
    caption = image.caption or tr("Surface")
    return ReportImage(caption, png_bytes(picture), picture.width(), picture.height())


def _missing(image: KeyImage, height_px: int) -> ReportImage:
    """Return a picture that explains why a key image along the spine cannot be drawn."""
    text = tr("This key image shows a curved view along the spine. Segment the scan to see it.")
    picture = QImage(height_px, height_px // 2, QImage.Format.Format_RGB32)
    picture.fill(QColor("#000000"))
    painter = QPainter(picture)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(QRectF(picture.rect()).adjusted(20, 0, -20, 0), 0x1084, text)
    painter.end()
    return ReportImage(image.caption or text, png_bytes(picture), picture.width(), picture.height())


def _part_mm(plane: Plane, state: ScanState) -> QRectF:
    """Return the part of the plane around the mask, in mm from the picture's upper left corner.

    If there is no mask, return the whole plane.
    """
    height, width = plane.rows_columns_mm(state.scan.geometry)
    whole = QRectF(0, 0, width, height)
    fused = state.fused
    if fused is None or fused.volume_ml <= 0:
        return whole
    low = [float(side.start) for side in fused.box]
    high = [float(side.stop - 1) for side in fused.box]
    corners = [
        plane.screen_mm_from_index(state.scan.geometry, (corner[0], corner[1], corner[2]))
        for corner in (low, high)
    ]
    box = QRectF(QPointF(*corners[0]), QPointF(*corners[1])).normalized()
    return box.adjusted(-_MARGIN_MM, -_MARGIN_MM, _MARGIN_MM, _MARGIN_MM).intersected(whole)
