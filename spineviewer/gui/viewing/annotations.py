"""Annotations over a picture: text, patient directions, names and the scale bar."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from spineviewer.gui.kit.language import language, local_number, tr
from spineviewer.gui.kit.theme import ATTENTION_EDGE_COLOUR, DARK, tabular_font
from spineviewer.volume.volume import WindowLevel
from spineviewer.wording import formatted_number

_LINE_PX = 17
_LETTER_PX = 15
#: Baseline of the patient direction at the upper edge, if the corners leave room for it there.
_TOP_Y = 25.0
#: Margin for overhanging letters and their shadow.
_TEXT_MARGIN_PX = 2
#: Width of the grey-scale window's text in the lower left corner.
_WINDOW_PX = 112
#: Margins around a patient direction and around the scale bar.
_PLATE_PX, _BAR_MARGIN_PX = 4, 2
#: Offset of text from the pointer, so that the cursor does not cover it.
_POINTER_PX = 18
_PLAIN, _BOLD = QFont.Weight.Normal, QFont.Weight.DemiBold

#: A picture of text, and its upper left corner on a whole screen pixel.
PlacedPicture = tuple[QPointF, QPixmap]


@dataclass(frozen=True)
class Annotations:
    """The text over the picture of one view.

    Attributes
    ----------
    colour
        Colour of the mark before the view's name, and of the view's lines in the other views.
    left, right
        Lines of text in the upper corners; the first line is emphasised.
    window
        The grey-scale window, in the lower left corner. Comparisons ignore it, because no other
        text depends on it.
    letters
        Patient directions at the (left, right, top, bottom) edges; empty if unknown.
    """

    colour: str
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    window: str = field(default="", compare=False)
    letters: tuple[str, ...] = ()


#: The annotations of a picture without text.
NO_ANNOTATIONS = Annotations("")


def window_text(window: WindowLevel) -> str:
    """Return the width and level of a grey-scale window as text."""
    return f"W {local_number(window.width_hu, '.0f')}  L {local_number(window.level_hu, '.0f')}"


def paint_annotations(
    painter: QPainter, annotations: Annotations, hover_text: str, size_px: tuple[int, int]
) -> None:
    """Paint all text; `hover_text` describes the position under the pointer."""
    ratio = painter.device().devicePixelRatioF()
    painter.fillRect(QRectF(10, 12, 3, 13), QColor(annotations.colour))
    for corner, picture in placed_texts(annotations, size_px, ratio):
        painter.drawPixmap(corner, picture)
    if hover_text:
        painter.drawPixmap(*placed_hover_text(hover_text, size_px, ratio))


def placed_texts(
    annotations: Annotations, size_px: tuple[int, int], pixel_ratio: float
) -> tuple[PlacedPicture, ...]:
    """Return all text of a view except the description of the position under the pointer."""
    texts = _placed_lines(annotations, size_px, pixel_ratio)
    if not annotations.window or _is_small(size_px):
        return texts
    at = QPointF(10, size_px[1] - 12)
    return (_placed_text(at, annotations.window, DARK.quiet, pixel_ratio), *texts)


@lru_cache(32)
def _placed_lines(
    annotations: Annotations, size_px: tuple[int, int], pixel_ratio: float
) -> tuple[PlacedPicture, ...]:
    """Return all text except the grey-scale window, cached because it rarely changes."""
    fitting = _wrapped(_fitting(annotations, size_px), size_px[0])
    return (*_corner_texts(fitting, size_px, pixel_ratio), *_letters(fitting, size_px, pixel_ratio))


def placed_hover_text(text: str, size_px: tuple[int, int], pixel_ratio: float) -> PlacedPicture:
    """Return the description of the position under the pointer, above the grey-scale window.

    Text that extends to the middle is drawn above the patient direction there and above the scale
    bar. If text is wider than the view, only its first part is shown: the value in the picture.
    """
    width, height = size_px
    if _text_width(text, 12, _PLAIN) > width - 20:
        text = text.split(", ")[0]
    rows = 0 if _is_small(size_px) else 1
    is_long = 10 + _text_width(text, 12, _PLAIN) > width / 2 - 22
    up = max(rows, 1) * _LINE_PX + _BAR_MARGIN_PX + _PLATE_PX if is_long else rows * _LINE_PX
    return _placed_text(QPointF(10, height - 12 - up), text, DARK.text, pixel_ratio)


def _corner_texts(
    annotations: Annotations, size_px: tuple[int, int], pixel_ratio: float
) -> Iterator[PlacedPicture]:
    for at, text, colour, weight in _corner_rows(annotations, size_px[0]):
        yield _placed_text(at, text, colour, pixel_ratio, weight=weight)


def _corner_rows(
    annotations: Annotations, width: int
) -> Iterator[tuple[QPointF, str, str, QFont.Weight]]:
    """Yield each line in the upper corners: its left end, text, colour and weight."""
    for row, text in enumerate(annotations.left):
        colour, weight = (DARK.text, _BOLD) if row == 0 else (ATTENTION_EDGE_COLOUR, _PLAIN)
        yield QPointF(19, 23 + row * _LINE_PX), text, colour, weight
    for row, text in enumerate(annotations.right, _first_right_row(annotations, width)):
        at = QPointF(width - 10 - _text_width(text, 12, _PLAIN), 23 + row * _LINE_PX)
        yield at, text, DARK.text if text is annotations.right[0] else DARK.quiet, _PLAIN


def _is_small(size_px: tuple[int, int]) -> bool:
    """Return whether a view has too little room for all its text."""
    width, height = size_px
    return width <= 230 or height <= 150


def _fitting(annotations: Annotations, size_px: tuple[int, int]) -> Annotations:
    """Return the text that fits: in a small view, the right corner has at most the slice."""
    width, height = size_px
    if not _is_small(size_px):
        return annotations
    has_slice = width > 160 and height > 60
    return replace(annotations, right=annotations.right[:1] if has_slice else ())


def _wrapped(annotations: Annotations, width: int) -> Annotations:
    """Return the text, with the left corner's lines wrapped to the width of the view."""
    max_width, lines = width - 19 - 10, list[str]()
    for row, text in enumerate(annotations.left):
        weight, line = _BOLD if row == 0 else _PLAIN, ""
        for word in text.split(" "):
            longer = f"{line} {word}" if line else word
            if line and _text_width(longer, 12, weight) > max_width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return replace(annotations, left=tuple(lines))


def _left_widths(annotations: Annotations) -> list[float]:
    return [
        _text_width(text, 12, _BOLD if row == 0 else _PLAIN)
        for row, text in enumerate(annotations.left)
    ]


def _first_right_row(annotations: Annotations, width: int) -> int:
    """Return the row where the right corner's text begins, so that it does not overlap the left."""
    left_widths = _left_widths(annotations)
    right_widths = [_text_width(text, 12, _PLAIN) for text in annotations.right]

    def fits(first: int) -> bool:
        rows = zip(left_widths[first:], right_widths, strict=False)
        return all(19 + left + 12 + right + 10 <= width for left, right in rows)

    return next(first for first in range(len(left_widths) + 1) if fits(first))


def _first_free_row(annotations: Annotations, width: int) -> int:
    """Return the first row where the corners leave room for a patient direction."""
    max_width = width / 2 - 22
    left = [19 + text_width > max_width for text_width in _left_widths(annotations)]
    first = _first_right_row(annotations, width)
    right = [10 + _text_width(text, 12, _PLAIN) > max_width for text in annotations.right]
    occupied = {row for row, is_long in enumerate(left) if is_long}
    occupied |= {row for row, is_long in enumerate(right, first) if is_long}
    return next(row for row in range(len(occupied) + 1) if row not in occupied)


@lru_cache(8)
def _font(size_px: int, weight: QFont.Weight) -> QFont:
    return tabular_font(size_px, weight)


@lru_cache(512)
def _text_width(text: str, size_px: int, weight: QFont.Weight) -> float:
    """Return the width of text in pixels, cached because it rarely changes between paints."""
    return QFontMetricsF(_font(size_px, weight)).horizontalAdvance(text)


@lru_cache(32)
def text_boxes(annotations: Annotations, size_px: tuple[int, int]) -> tuple[QRectF, ...]:
    """Return the rectangles of all text in a view, which names must not cover."""
    width, height = size_px
    fitting = _wrapped(_fitting(annotations, size_px), width)
    boxes = [
        QRectF(at.x() - 3, at.y() - _LINE_PX + 4, _text_width(text, 12, weight) + 6, _LINE_PX)
        for at, text, _, weight in _corner_rows(fitting, width)
    ]
    boxes += [box.adjusted(-2, 0, 2, 0) for _, _, box in _letter_boxes(fitting, size_px)]
    if fitting.left and not _is_small(size_px):  # the grey-scale window
        boxes.append(QRectF(0, height - 8 - _LINE_PX, _WINDOW_PX, _LINE_PX + 8))
    return tuple(boxes)


def _letters(
    annotations: Annotations, size_px: tuple[int, int], pixel_ratio: float
) -> Iterator[PlacedPicture]:
    cap = _cap_height(_LETTER_PX, _BOLD)
    for text, text_width, box in _letter_boxes(annotations, size_px):
        yield _snapped(box.topLeft(), _letter_picture(text, text_width, cap, pixel_ratio))


def _letter_boxes(
    annotations: Annotations, size_px: tuple[int, int]
) -> Iterator[tuple[str, float, QRectF]]:
    """Yield each patient direction (left, right, top, bottom), its width, and its plate."""
    letters = annotations.letters
    if not letters:
        return
    width, height = size_px
    top_y = _TOP_Y + _first_free_row(annotations, width) * _LINE_PX
    cap = _cap_height(_LETTER_PX, _BOLD)
    left, right, top, bottom = ((text, _text_width(text, _LETTER_PX, _BOLD)) for text in letters)
    middle_y = height / 2 + cap / 2
    # the letters at the sides are below the text in the corners
    right_rows = len(annotations.right) + _first_right_row(annotations, width)
    last_row = right_rows - 1 if annotations.right else -1
    right_y = max(middle_y, 23.0 + last_row * _LINE_PX + cap + 2 * _PLATE_PX)
    left_y = max(middle_y, 23.0 + (len(annotations.left) - 1) * _LINE_PX + cap + 2 * _PLATE_PX)
    for (text, text_width), x, y in (
        (left, 10.0, left_y),
        (right, width - 10 - right[1], right_y),
        (top, (width - top[1]) / 2, top_y),
        (bottom, (width - bottom[1]) / 2, height - 12.0),
    ):
        corner = QPointF(x - _PLATE_PX, y - cap - _PLATE_PX)
        yield (
            text,
            text_width,
            QRectF(corner, QSizeF(text_width + 2 * _PLATE_PX, cap + 2 * _PLATE_PX)),
        )


def paint_message(painter: QPainter, text: str, size_px: tuple[int, int]) -> None:
    """Paint a message in the middle of the view."""
    painter.setFont(tabular_font(13))
    painter.setPen(QColor(DARK.quiet))
    width, height = size_px
    box = QRectF(16, 40, max(width - 32, 1), max(height - 80, 1))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)


def paint_scale_bar(
    painter: QPainter, mm_per_px: float, size_px: tuple[int, int], *, is_to_scale: bool
) -> None:
    """Paint a scale bar with a round length in the lower right corner.

    If the picture is not to scale in every direction, the label says that the bar is valid only
    horizontally: rows of a flattened ribbon are straight and at right angles to its curve.
    """
    ratio = painter.device().devicePixelRatioF()
    for corner, picture in _placed_bar(mm_per_px, size_px, ratio, language(), is_to_scale):
        painter.drawPixmap(corner, picture)


@lru_cache(32)
def _placed_bar(
    mm_per_px: float,
    size_px: tuple[int, int],
    pixel_ratio: float,
    _language: str,
    is_to_scale: bool,
) -> tuple[PlacedPicture, ...]:
    """Return a scale bar and its label, cached; the decimal separator depends on the language."""
    width, height = size_px
    length_mm, label = scale_bar(mm_per_px, min(120.0, width * 0.25))
    if not length_mm:
        return ()
    if not is_to_scale:
        label = tr("{length} across", length=label)
    length = length_mm / mm_per_px
    right, y = width - 12.0, height - 13.0
    corner = QPointF(right - length - _BAR_MARGIN_PX, y - 4 - _BAR_MARGIN_PX)
    bar = _bar_picture(round(length * pixel_ratio), pixel_ratio)
    label_px = _text_width(label, 11, _PLAIN)
    at = QPointF(right - max((length + label_px) / 2, label_px), y - 7)
    return _snapped(corner, bar), _placed_text(at, label, DARK.quiet, pixel_ratio, size_px=11)


def scale_bar(mm_per_px: float, max_px: float) -> tuple[float, str]:
    """Return the length in mm and the label of the longest bar of 1, 2 or 5 times 10^n mm.

    (0, '') if the scale is invalid.
    """
    if not math.isfinite(mm_per_px) or mm_per_px <= 0 or max_px <= 0:
        return 0.0, ""
    max_mm = mm_per_px * max_px
    power = 10.0 ** math.floor(math.log10(max_mm))
    length = next(step * power for step in (5.0, 2.0, 1.0) if step * power <= max_mm)
    return length, tr(
        formatted_number(length / 10, "g", "cm")
        if length >= 10
        else formatted_number(length, "g", "mm")
    )


def paint_shadowed(
    painter: QPainter,
    at: QPointF,
    text: str,
    colour: str,
    *,
    size_px: int = 12,
    weight: QFont.Weight = _PLAIN,
) -> None:
    """Paint text that is readable on any picture; `at` is the left end of its baseline."""
    ratio = painter.device().devicePixelRatioF()
    corner, picture = _placed_text(at, text, colour, ratio, size_px=size_px, weight=weight)
    painter.drawPixmap(corner, picture)


def paint_shadowed_centred(painter: QPainter, centre: QPointF, text: str, colour: str) -> None:
    """Paint a bold word, readable on any picture, centred on a point."""
    at = centre + QPointF(-_text_width(text, 12, _BOLD) / 2, _cap_height(12, _BOLD) / 2)
    paint_shadowed(painter, at, text, colour, weight=_BOLD)


def paint_beside_pointer(
    painter: QPainter, pointer: QPointF, text: str, size_px: tuple[int, int]
) -> None:
    """Paint text beside the pointer, within the view."""
    width, height = size_px
    text_px = _text_width(text, 12, _BOLD)
    x = min(pointer.x() + _POINTER_PX, width - text_px - 4)
    y = min(max(pointer.y() - _POINTER_PX / 2, _LINE_PX), height - 4)
    paint_shadowed(painter, QPointF(max(x, 4), y), text, DARK.text, weight=_BOLD)


def word_size(text: str) -> QSizeF:
    """Return the size of a bold word."""
    return QSizeF(_text_width(text, 12, _BOLD), _LINE_PX)


def _placed_text(
    at: QPointF,
    text: str,
    colour: str,
    pixel_ratio: float,
    *,
    size_px: int = 12,
    weight: QFont.Weight = _PLAIN,
) -> PlacedPicture:
    """Return a picture of text whose baseline starts at a point."""
    corner = QPointF(at.x() - _TEXT_MARGIN_PX, at.y() - _baseline_px(size_px, weight))
    return _snapped(corner, _text_picture(text, colour, size_px, weight, pixel_ratio))


def _snapped(corner: QPointF, picture: QPixmap) -> PlacedPicture:
    """Return a picture with its corner moved to the nearest whole screen pixel."""
    ratio = picture.devicePixelRatio()
    return QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio), picture


def _transparent_picture(width_px: float, height_px: float, pixel_ratio: float) -> QPixmap:
    picture = QPixmap(math.ceil(width_px * pixel_ratio), math.ceil(height_px * pixel_ratio))
    picture.setDevicePixelRatio(pixel_ratio)
    picture.fill(Qt.GlobalColor.transparent)
    return picture


@lru_cache(64)
def _letter_picture(text: str, text_width: float, cap: float, pixel_ratio: float) -> QPixmap:
    """Return a patient direction on a dark plate, because a crosshair line may be behind it."""
    size = QSizeF(text_width + 2 * _PLATE_PX, cap + 2 * _PLATE_PX)
    picture = _transparent_picture(size.width(), size.height(), pixel_ratio)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 120))
    painter.drawRoundedRect(QRectF(QPointF(0, 0), size), _PLATE_PX, _PLATE_PX)
    paint_shadowed(
        painter,
        QPointF(_PLATE_PX, cap + _PLATE_PX),
        text,
        "#ffd98a",
        size_px=_LETTER_PX,
        weight=_BOLD,
    )
    painter.end()
    return picture


@lru_cache(64)
def _bar_picture(length_device_px: int, pixel_ratio: float) -> QPixmap:
    """Return a scale bar with a tick at each end and a dark edge."""
    length = length_device_px / pixel_ratio
    picture = _transparent_picture(length + 2 * _BAR_MARGIN_PX, 4 + 2 * _BAR_MARGIN_PX, pixel_ratio)
    painter = QPainter(picture)
    left, right, y = _BAR_MARGIN_PX, _BAR_MARGIN_PX + length, _BAR_MARGIN_PX + 4.0
    lines = [QLineF(left, y, right, y), *(QLineF(x, y - 4, x, y) for x in (left, right))]
    for pen in (QPen(QColor(0, 0, 0, 190), 3), QPen(QColor(DARK.text), 1)):
        painter.setPen(pen)
        painter.drawLines(lines)
    painter.end()
    return picture


@lru_cache(1024)
def _text_picture(
    text: str, colour: str, size_px: int, weight: QFont.Weight, pixel_ratio: float
) -> QPixmap:
    """Return text with its shadow, cached because drawing letters is slow."""
    baseline = _baseline_px(size_px, weight)
    width = _text_width(text, size_px, weight) + 2 * _TEXT_MARGIN_PX + 1
    height = baseline + QFontMetricsF(_font(size_px, weight)).descent() + _TEXT_MARGIN_PX + 1
    picture = _transparent_picture(width, height, pixel_ratio)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(_font(size_px, weight))
    at = QPointF(_TEXT_MARGIN_PX, baseline)
    painter.setPen(QColor(0, 0, 0, 210))
    painter.drawText(at + QPointF(1, 1), text)
    painter.setPen(QColor(colour))
    painter.drawText(at, text)
    painter.end()
    return picture


@lru_cache(8)
def _cap_height(size_px: int, weight: QFont.Weight) -> float:
    return QFontMetricsF(_font(size_px, weight)).capHeight()


@lru_cache(16)
def _baseline_px(size_px: int, weight: QFont.Weight) -> int:
    """Return the distance from the upper edge of a picture of text to its baseline."""
    return math.ceil(QFontMetricsF(_font(size_px, weight)).ascent()) + _TEXT_MARGIN_PX
