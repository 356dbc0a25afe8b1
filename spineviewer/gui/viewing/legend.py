"""The legend of colours, lines and hatching in the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from spineviewer.app.state import MapKind, MaskStyle, ScanState, SegmentationStage
from spineviewer.gui.kit.colour import map_colours
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.theme import (
    ATTENTION_EDGE_COLOUR,
    DARK,
    MASK_COLOUR,
    SECOND_MASK_COLOUR,
    colours,
    level_colour,
    tabular_font,
)
from spineviewer.gui.viewing.annotations import paint_shadowed
from spineviewer.wording import mark

_CHIP_PX, _GAP_PX, _BETWEEN_PX, _ROW_PX = 22, 6, 16, 17
#: VerSe numbers of the levels whose colours represent all levels in the legend.
_SOME_LEVELS = (10, 14, 18, 22)


class Chip(Enum):
    """The symbol in front of the name of an entry."""

    MAP = "map"
    ATTENTION = ATTENTION_EDGE_COLOUR
    MASK = MASK_COLOUR
    MASK_FILL = "fill"
    SECOND = SECOND_MASK_COLOUR
    LEVELS = "levels"
    HATCHING = "hatching"


@dataclass(frozen=True)
class Entry:
    """An entry of the legend: symbol, name and explanation; both texts are translated later."""

    chip: Chip
    name: str
    meaning: str


_MAPS = {
    MapKind.ATTENTION: mark("Where the attention network sees the spine: bright means certain."),
    MapKind.PROBABILITY: mark(
        "How likely it is that a voxel is bone, according to the segmentation network."
    ),
    MapKind.DISAGREEMENT: mark("Bone where the attention network sees no spine."),
    MapKind.UNCERTAINTY: mark(
        "How uncertain the segmentation network is: bright means very uncertain."
    ),
}
_THRESHOLD = Entry(
    Chip.ATTENTION,
    mark("Attention threshold"),
    mark("Bone outside this line is not part of the mask."),
)
_MASK = Entry(Chip.MASK, mark("Mask"), mark("Outline of the segmented spine, corrections included"))
_FILLED = Entry(Chip.MASK_FILL, mark("Mask"), mark("The segmented spine, corrections included"))
_SECOND = Entry(Chip.SECOND, mark("Second mask"), mark("The mask from the file that you chose"))
_LEVELS = Entry(
    Chip.LEVELS, mark("Vertebrae"), mark("Each level has its own colour, the same in all scans.")
)
_HATCHED = Entry(
    Chip.HATCHING,
    mark("Not segmented"),
    mark(
        "Not segmented, so there may be bone here. Lower the attention threshold to segment "
        "this area."
    ),
)


def legend_of(
    state: ScanState, *, is_computed: bool, is_compared: bool, are_named: bool
) -> tuple[Entry, ...]:
    """Return the legend of everything drawn over the pictures of a scan."""
    shown = state.overlays
    if not is_computed or shown.is_all_hidden:
        return ()
    entries: list[Entry] = []
    is_projected = shown.is_attention_projected and shown.map_kind is MapKind.ATTENTION
    if shown.is_map_shown:
        entries.append(Entry(Chip.MAP, shown.map_kind.value, _MAPS[shown.map_kind]))
        if not is_projected:
            entries.append(_THRESHOLD)
    if shown.is_mask_shown and state.stage is not SegmentationStage.NONE:
        entries.append(_FILLED if shown.mask_style is MaskStyle.TINT else _MASK)
    if is_compared:
        entries.append(_SECOND)
    if are_named and shown.are_vertebrae_shown:
        entries.append(_LEVELS)
    if state.computed_share < 1:
        entries.append(_HATCHED)
    return tuple(entries)


def surface_legend(shown: MapKind | None, *, are_named: bool) -> tuple[Entry, ...]:
    """Return the legend of the surface's colours: levels if they are named, then a map."""
    rest = _FILLED if shown is None else Entry(Chip.MAP, shown.value, _MAPS[shown])
    return (_LEVELS, rest) if are_named else (rest,)


def paint_entries(painter: QPainter, entries: tuple[Entry, ...], at: QPointF) -> None:
    """Paint a column of entries over a picture; `at` is the centre of the lowest one.

    A plate covers what is drawn behind it.
    """
    metrics = QFontMetrics(tabular_font(12, QFont.Weight.Normal))
    words = max((metrics.horizontalAdvance(tr(entry.name)) for entry in entries), default=0)
    wide, high = _CHIP_PX + 2 * _GAP_PX + words, 18 * len(entries)
    plate = QRectF(at.x() - 4, at.y() - high + 9, wide + 4, high)
    painter.fillRect(plate, QColor(0, 0, 0, 190 if entries else 0))
    for number, entry in enumerate(reversed(entries)):
        y = at.y() - number * 18
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_chip(painter, entry.chip, QRectF(at.x(), y - 7, _CHIP_PX, 14))
        paint_shadowed(
            painter, QPointF(at.x() + _CHIP_PX + _GAP_PX, y + 4), tr(entry.name), DARK.quiet
        )


class Form(Enum):
    """How much room a legend takes: the number of rows, and whether the names are shown."""

    ONE_ROW = 1, True
    TWO_ROWS = 2, True
    SYMBOLS = 1, False


class Legend(QWidget):
    """Draws entries on one or two rows, or only their symbols if there is no room for the names.

    Thread ownership: GUI thread.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[Entry, ...] = ()
        self._is_wanted = False
        self._form = Form.ONE_ROW
        self.setFont(tabular_font(12, QFont.Weight.Normal))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def want(self, is_wanted: bool) -> None:
        """Set whether the legend is shown whenever it has entries."""
        self._is_wanted = is_wanted
        self.setVisible(is_wanted and bool(self.entries))

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        if entries != self.entries:
            self.entries = entries
            self.want(self._is_wanted)
            names = ", ".join(f"{tr(e.name)}: {tr(e.meaning)}" for e in entries)
            self.setAccessibleName(tr("Legend. {entries}", entries=names))
            self.updateGeometry()
            self.update()

    def fit(self, room_px: int, most_px: int) -> None:
        """Take the form that fits; the tooltips contain the names in each.

        Parameters
        ----------
        room_px
            Width that is free.
        most_px
            Width that becomes free if what is beside the legend is shortened.
        """
        form = Form.SYMBOLS
        if self._width(Form.ONE_ROW) <= room_px:
            form = Form.ONE_ROW
        elif self._width(Form.TWO_ROWS) <= most_px:
            form = Form.TWO_ROWS
        if form is not self._form:
            self._form = form
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        rows, _ = self._form.value
        return QSize(self._width(self._form), rows * _ROW_PX)

    def _width(self, form: Form) -> int:
        places = self._places(form)
        return round(max(place.right() for _, place in places)) + 2 if places else 0

    def _places(self, form: Form) -> list[tuple[Entry, QRectF]]:
        metrics, places, x = QFontMetrics(self.font()), list[tuple[Entry, QRectF]](), 0.0
        rows, is_named = form.value
        in_first = -(-len(self.entries) // rows)
        for number, entry in enumerate(self.entries):
            row = number // in_first
            x = 0.0 if number in (0, in_first) else x
            words = _GAP_PX + metrics.horizontalAdvance(tr(entry.name)) if is_named else 0
            places.append((entry, QRectF(x, row * _ROW_PX, _CHIP_PX + words, _ROW_PX)))
            x += _CHIP_PX + words + (_BETWEEN_PX if is_named else _GAP_PX)
        return places

    def event(self, event: QEvent) -> bool:
        """Show the explanation of the entry under the pointer as a tooltip."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = QPointF(event.pos())
            for entry, place in self._places(self._form):
                if place.contains(at):
                    QToolTip.showText(event.globalPos(), f"{tr(entry.name)}: {tr(entry.meaning)}")
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _, is_named = self._form.value
        for entry, place in self._places(self._form):
            plate = QRectF(place.x(), place.y() + (_ROW_PX - 14) / 2, _CHIP_PX, 14)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor("#3a3f47"))  # as in the pictures, lines are drawn on grey
            painter.drawRoundedRect(plate, 3, 3)
            _paint_chip(painter, entry.chip, plate)
            if is_named:
                painter.setPen(QColor(colours().quiet))
                words = place.adjusted(_CHIP_PX + _GAP_PX, 0, _BETWEEN_PX, 0)
                left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(words, left, tr(entry.name))
        painter.end()


def _paint_chip(painter: QPainter, chip: Chip, plate: QRectF) -> None:
    inside, middle = plate.adjusted(2, 2, -2, -2), plate.center().y()
    painter.setPen(Qt.PenStyle.NoPen)
    if chip is Chip.MAP:
        ramp = QLinearGradient(inside.topLeft(), inside.topRight())
        for k in range(0, 256, 51):
            red, green, blue = map_colours()[k]
            ramp.setColorAt(k / 255, QColor(int(red), int(green), int(blue)))
        painter.fillRect(inside, ramp)
    elif chip is Chip.MASK_FILL:
        painter.fillRect(inside, QColor(MASK_COLOUR))
    elif chip is Chip.LEVELS:
        width = inside.width() / len(_SOME_LEVELS)
        for number, label in enumerate(_SOME_LEVELS):
            left = inside.left() + number * width
            painter.fillRect(
                QRectF(left, inside.top(), width, inside.height()), level_colour(label)
            )
    elif chip is Chip.HATCHING:
        painter.fillRect(inside, QBrush(QColor("#9fb2c8"), Qt.BrushStyle.BDiagPattern))
    else:
        painter.setPen(QPen(QColor(chip.value), 2))
        painter.drawLine(QLineF(inside.left(), middle, inside.right(), middle))
