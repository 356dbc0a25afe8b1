"""What the left mouse button can do in a view."""

from __future__ import annotations

from enum import Enum

from spineviewer.app.measuring import MeasureKind


class Tool(Enum):
    """What the left mouse button does."""

    WINDOW = "Window/level"
    CROSSHAIR = "Crosshair"
    PAN = "Pan"
    ZOOM = "Zoom"
    TURN = "Turn planes"
    BRUSH = "Brush"
    ERASER = "Eraser"
    OUTLINE = "Outline"
    CUT_OUT = "Cut out"
    KEEP_PIECE = "Keep piece"
    REMOVE_PIECE = "Remove piece"
    DISTANCE = "Distance"
    ANGLE = "Angle"
    COBB = "Cobb angle"
    REGION = "Region"
    POLYGON = "Polygon"
    NOTE = "Note"


PAINTING = (Tool.BRUSH, Tool.ERASER)
OUTLINING = (Tool.OUTLINE, Tool.CUT_OUT)
#: A press of these corrects the mask.
CORRECTING = (*PAINTING, *OUTLINING, Tool.KEEP_PIECE, Tool.REMOVE_PIECE)
MEASURING = {
    Tool.DISTANCE: MeasureKind.DISTANCE,
    Tool.ANGLE: MeasureKind.ANGLE,
    Tool.COBB: MeasureKind.COBB,
    Tool.REGION: MeasureKind.REGION,
    Tool.POLYGON: MeasureKind.POLYGON,
    Tool.NOTE: MeasureKind.NOTE,
}
