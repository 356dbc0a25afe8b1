"""One plane as a picture for a report: what the view shows, cut to the spine, at a size of its own."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

from spineviewer.app.report import ReportImage
from spineviewer.app.state import ScanState
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.names import PLANE_NAMES
from spineviewer.gui.kit.theme import PLANE_COLOURS
from spineviewer.gui.measuring.painting import paint_measurement, paint_words
from spineviewer.gui.viewing.annotations import Annotations, paint_annotations, paint_scale_bar
from spineviewer.gui.viewing.composer import Composer, Frame
from spineviewer.gui.viewing.frame_painter import paint_frame
from spineviewer.gui.viewing.scene import Scene
from spineviewer.measuring_tools.measurement import summary
from spineviewer.volume.cuts import PlaneCut
from spineviewer.volume.planes import Plane

#: What is left around the mask, so that the eye is led to the spine and still knows where it is.
_MARGIN_MM = 45.0


def report_image(plane: Plane, scene: Scene, height_px: int) -> ReportImage:
    """Return the slice of `plane` under the crosshair with overlays, measurements and scale bar.

    Thread ownership: any thread; all arguments are frozen or snapshots.
    """
    reading = scene.reading
    cut = PlaneCut(plane, reading.scan.geometry, reading.cursor_zyx[plane.value])
    frame = Composer().frame(scene, cut)
    part = _part_mm(plane, reading)
    scale = height_px / part.height()
    width_px = max(120, round(part.width() * scale))
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    _paint_frame(painter, frame, plane, reading, part, scale)
    _paint_measurements(painter, plane, reading, part, scale, width_px)
    paint_annotations(painter, _words(plane, reading), "", (width_px, height_px))
    paint_scale_bar(painter, 1 / scale, (width_px, height_px))
    painter.end()
    position = reading.slice_position_mm(plane)
    caption = tr(
        "{plane}, slice {number} of {count}, {position_mm:.1f} mm",
        plane=tr(PLANE_NAMES[plane]),
        number=cut.slice_index + 1,
        count=reading.scan.geometry.shape_zyx[plane.value],
        position_mm=position,
    )
    return ReportImage(caption, png_of(image), width_px, height_px)


def png_of(image: QImage) -> bytes:
    """Return a PNG file with the image and its texts."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def _part_mm(plane: Plane, reading: ScanState) -> QRectF:
    """Return the part of the plane around the mask, in mm of its picture.

    Without a mask the whole.
    """
    height, width = plane.rows_columns_mm(reading.scan.geometry)
    whole = QRectF(0, 0, width, height)
    fused = reading.fused
    if fused is None or fused.volume_ml <= 0:
        return whole
    low = [float(side.start) for side in fused.box]
    high = [float(side.stop - 1) for side in fused.box]
    corners = [
        plane.screen_mm_from_index(reading.scan.geometry, (at[0], at[1], at[2]))
        for at in (low, high)
    ]
    box = QRectF(QPointF(*corners[0]), QPointF(*corners[1])).normalized()
    return box.adjusted(-_MARGIN_MM, -_MARGIN_MM, _MARGIN_MM, _MARGIN_MM).intersected(whole)


def _paint_frame(
    painter: QPainter, frame: Frame, plane: Plane, reading: ScanState, part: QRectF, scale: float
) -> None:
    height, width = plane.rows_columns_mm(reading.scan.geometry)
    painter.save()
    painter.setRenderHints(
        QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing
    )
    painter.scale(scale, scale)
    painter.translate(-part.topLeft())
    paint_frame(painter, frame, QRectF(0, 0, width, height))
    painter.restore()


def _paint_measurements(
    painter: QPainter, plane: Plane, reading: ScanState, part: QRectF, scale: float, width_px: int
) -> None:
    geometry, cut = reading.scan.geometry, reading.cursor_zyx[plane.value]
    if reading.overlays.is_all_hidden:
        return
    placed = []
    for number, measurement in enumerate(reading.measurements, start=1):
        if measurement.lies_in(PlaneCut(plane, geometry, cut)):
            at = [plane.screen_mm_from_index(geometry, point) for point in measurement.points_zyx]
            places = [(QPointF(right, down) - part.topLeft()) * scale for right, down in at]
            placed.append((number, measurement, places))
            paint_measurement(painter, measurement.tool, places)
    taken: list[QRectF] = []
    for number, measurement, places in placed:
        text = f"{number}  {tr(summary(measurement, geometry, reading.scan.hu))}"
        paint_words(painter, measurement.tool, places, text, width_px, taken=taken)


def _words(plane: Plane, reading: ScanState) -> Annotations:
    known = reading.scan.source.is_orientation_known
    return Annotations(
        colour=PLANE_COLOURS[plane.name],
        left=(tr(PLANE_NAMES[plane]),),
        letters=plane.edge_letters(reading.scan.geometry) if known else (),
    )
