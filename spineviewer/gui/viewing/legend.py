"""The legend of the colours, lines and hatching in the views."""

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
    QTransform,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from spineviewer.app.overlay import MapKind
from spineviewer.app.state import MaskStyle, SegmentationStage
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
from spineviewer.gui.viewing.scene import Scene
from spineviewer.wording import mark

#: Width and height of a symbol.
CHIP_SIZE_PX = _CHIP_PX, _CHIP_HEIGHT_PX = 22, 14
#: Gap between a symbol and its name.
_GAP_PX = 6
#: Gap after an entry with a name.
_ENTRY_GAP_PX = 16
#: Height of a row.
_ROW_PX = 17
#: VerSe numbers of the levels whose colours stand for all levels in the legend.
_EXAMPLE_LEVELS = (10, 14, 18, 22)


class Chip(Enum):
    """The symbol before the name of an entry."""

    MAP = "map"
    ATTENTION = ATTENTION_EDGE_COLOUR
    MASK = MASK_COLOUR
    MASK_FILL = "fill"
    SECOND = SECOND_MASK_COLOUR
    LEVELS = "levels"
    HATCHING = "hatching"


@dataclass(frozen=True)
class Entry:
    """An entry of the legend: symbol, name and explanation (both marked)."""

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
    mark("Bone outside this line is not part of the mask, unless you added it by hand."),
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


def legend_entries(scene: Scene, *, has_levels: bool = True) -> tuple[Entry, ...]:
    """Return the entries for everything drawn over the pictures of a scene.

    Without `has_levels`, the colours of the vertebrae are left out.
    """
    state, overlays = scene.state, scene.state.overlays
    if scene.fusion is None or overlays.is_all_hidden:
        return ()
    entries: list[Entry] = []
    is_projected = overlays.is_attention_projected and overlays.map_kind is MapKind.ATTENTION
    if overlays.is_map_shown:
        entries.append(Entry(Chip.MAP, overlays.map_kind.value, _MAPS[overlays.map_kind]))
        if not is_projected:
            entries.append(_THRESHOLD)
    if overlays.is_mask_shown and state.stage is not SegmentationStage.NONE:
        entries.append(_FILLED if overlays.mask_style is MaskStyle.TINT else _MASK)
    if scene.second is not None:
        entries.append(_SECOND)
    if has_levels and scene.shown_vertebrae is not None:
        entries.append(_LEVELS)
    if state.computed_fraction < 1:
        entries.append(_HATCHED)
    return tuple(entries)


def surface_legend(map_kind: MapKind | None, *, are_named: bool) -> tuple[Entry, ...]:
    """Return the entries for the surface: the levels if they are named, and the map or the mask."""
    other = _FILLED if map_kind is None else Entry(Chip.MAP, map_kind.value, _MAPS[map_kind])
    return (_LEVELS, other) if are_named else (other,)


def entries_plate(entries: tuple[Entry, ...], at: QPointF) -> QRectF:
    """Return the plate behind a column of entries; `at` is the middle left of the lowest one."""
    metrics = QFontMetrics(tabular_font(12, QFont.Weight.Normal))
    text_width = max((metrics.horizontalAdvance(tr(entry.name)) for entry in entries), default=0)
    width, height = _CHIP_PX + 2 * _GAP_PX + text_width, 18 * len(entries)
    return QRectF(at.x() - 4, at.y() - height + 9, width + 4, height)


def paint_entries(painter: QPainter, entries: tuple[Entry, ...], at: QPointF) -> None:
    """Paint a column of entries over a picture; `at` is the middle left of the lowest one.

    A dark plate behind them keeps them readable.
    """
    plate = entries_plate(entries, at)
    painter.fillRect(plate, QColor(0, 0, 0, 190 if entries else 0))
    for number, entry in enumerate(reversed(entries)):
        y = at.y() - number * 18
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chip = QRectF(at.x(), y - _CHIP_HEIGHT_PX / 2, _CHIP_PX, _CHIP_HEIGHT_PX)
        _paint_symbol(painter, entry.chip, chip)
        paint_shadowed(
            painter, QPointF(at.x() + _CHIP_PX + _GAP_PX, y + 4), tr(entry.name), DARK.quiet
        )


class LegendForm(Enum):
    """The number of rows of a legend, and whether it shows names beside the symbols."""

    ONE_ROW = 1, True
    TWO_ROWS = 2, True
    SYMBOLS = 1, False


class Legend(QWidget):
    """Shows entries in one or two rows, or only their symbols if there is no room for the names.

    Thread ownership: GUI thread.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[Entry, ...] = ()
        self._is_on = False
        self._form = LegendForm.ONE_ROW
        self.setFont(tabular_font(12, QFont.Weight.Normal))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_on(self, is_on: bool) -> None:
        """Set whether the legend is shown while it has entries."""
        self._is_on = is_on
        self.setVisible(is_on and bool(self.entries))

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        if entries != self.entries:
            self.entries = entries
            self.set_on(self._is_on)
            names = ", ".join(f"{tr(e.name)}: {tr(e.meaning)}" for e in entries)
            self.setAccessibleName(tr("Legend. {entries}", entries=names))
            self.updateGeometry()
            self.update()

    def fit(self, free_px: int, max_px: int) -> None:
        """Choose the form that fits; the tooltips contain the names in any case.

        Parameters
        ----------
        free_px
            The free width.
        max_px
            The width that may be used for names in two rows.
        """
        form = LegendForm.SYMBOLS
        if self._width(LegendForm.ONE_ROW) <= free_px:
            form = LegendForm.ONE_ROW
        elif self._width(LegendForm.TWO_ROWS) <= max_px:
            form = LegendForm.TWO_ROWS
        if form is not self._form:
            self._form = form
            self.updateGeometry()
            self.update()

    @property
    def min_width(self) -> int:
        """The width of the symbols alone, in pixels."""
        return self._width(LegendForm.SYMBOLS)

    def sizeHint(self) -> QSize:
        rows, _ = self._form.value
        return QSize(self._width(self._form), rows * _ROW_PX)

    def _width(self, form: LegendForm) -> int:
        boxes = self._boxes(form)
        return round(max(box.right() for _, box in boxes)) + 2 if boxes else 0

    def _boxes(self, form: LegendForm) -> list[tuple[Entry, QRectF]]:
        """Return each entry with its rectangle."""
        metrics, boxes, x = QFontMetrics(self.font()), list[tuple[Entry, QRectF]](), 0.0
        rows, has_names = form.value
        per_row = -(-len(self.entries) // rows)
        for number, entry in enumerate(self.entries):
            row = number // per_row
            x = 0.0 if number in (0, per_row) else x
            text_width = _GAP_PX + metrics.horizontalAdvance(tr(entry.name)) if has_names else 0
            boxes.append((entry, QRectF(x, row * _ROW_PX, _CHIP_PX + text_width, _ROW_PX)))
            x += _CHIP_PX + text_width + (_ENTRY_GAP_PX if has_names else _GAP_PX)
        return boxes

    def event(self, event: QEvent) -> bool:
        """Show the explanation of the entry under the pointer as a tooltip."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for entry, box in self._boxes(self._form):
                if box.contains(QPointF(event.pos())):
                    QToolTip.showText(event.globalPos(), f"{tr(entry.name)}: {tr(entry.meaning)}")
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _, has_names = self._form.value
        for entry, box in self._boxes(self._form):
            up_px = (_ROW_PX - _CHIP_HEIGHT_PX) / 2
            paint_chip(
                painter, entry.chip, QRectF(box.x(), box.y() + up_px, _CHIP_PX, _CHIP_HEIGHT_PX)
            )
            if has_names:
                painter.setPen(QColor(colours().quiet))
                text_box = box.adjusted(_CHIP_PX + _GAP_PX, 0, _ENTRY_GAP_PX, 0)
                left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(text_box, left, tr(entry.name))
        painter.end()


def paint_chip(painter: QPainter, chip: Chip, plate: QRectF) -> None:
    """Paint a symbol on a grey plate, because lines are drawn on grey in the pictures, too."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#3a3f47"))
    painter.drawRoundedRect(plate, 3, 3)
    _paint_symbol(painter, chip, plate)


def _paint_symbol(painter: QPainter, chip: Chip, plate: QRectF) -> None:
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
        width = inside.width() / len(_EXAMPLE_LEVELS)
        for number, label in enumerate(_EXAMPLE_LEVELS):
            left = inside.left() + number * width
            painter.fillRect(
                QRectF(left, inside.top(), width, inside.height()), level_colour(label)
            )
    elif chip is Chip.HATCHING:
        brush = QBrush(QColor("#9fb2c8"), Qt.BrushStyle.BDiagPattern)
        scale = painter.worldTransform().m11()  # Qt draws patterns in pixels
        brush.setTransform(QTransform.fromScale(scale, scale))
        painter.fillRect(inside, brush)
    else:
        painter.setPen(QPen(QColor(chip.value), 2))
        painter.drawLine(QLineF(inside.left(), middle, inside.right(), middle))
