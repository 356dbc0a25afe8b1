"""Annotations over a picture: names, values, letters and the scale bar."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from spineviewer.gui.kit.language import language, local_number, tr
from spineviewer.gui.kit.theme import ATTENTION_EDGE_COLOUR, DARK, tabular_font
from spineviewer.volume.volume import WindowLevel
from spineviewer.wording import figure

_LINE_PX = 17
_LETTER_PX = 15
#: Margin for overhanging letters and their shadow.
_TEXT_EDGE_PX = 2
#: Space for up to three letters on their plate.
_LETTERS_PX = 44
#: Space for the grey scale in the lower left corner.
_WINDOW_PX = 112
#: Margins around a letter and around the scale bar.
_PLATE_PX, _BAR_EDGE_PX = 4, 2
#: A name that is moved farther than this from its body has a line to it.
_LEADER_PX = 12
_PLAIN, _BOLD = QFont.Weight.Normal, QFont.Weight.DemiBold

#: Upper left corner, on a whole screen pixel, and the picture of a text.
Placed = tuple[QPointF, QPixmap]


@dataclass(frozen=True)
class Annotations:
    """The texts of one view.

    Attributes
    ----------
    colour
        Colour of the mark before the name, and of this view's lines in the other views.
    left, right
        Text lines in the upper corners; the first line is emphasised.
    window
        The grey scale, in the lower left corner.
    letters
        Patient directions at the (left, right, top, bottom) edges; empty if unknown.
    """

    colour: str
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    window: str = ""
    letters: tuple[str, ...] = ()


def window_text(window: WindowLevel) -> str:
    """Return the grey-scale window as text."""
    return f"W {local_number(window.width_hu, '.0f')}  L {local_number(window.level_hu, '.0f')}"


def paint_annotations(
    painter: QPainter, words: Annotations, hover_text: str, size_px: tuple[int, int]
) -> None:
    """Paint all texts; `hover_text` describes the position under the pointer."""
    ratio = painter.device().devicePixelRatioF()
    painter.fillRect(QRectF(10, 12, 3, 13), QColor(words.colour))
    for corner, picture in placed_words(words, size_px, ratio):
        painter.drawPixmap(corner, picture)
    if hover_text:
        painter.drawPixmap(*placed_hover_text(hover_text, size_px, ratio))


@lru_cache(32)
def placed_words(
    words: Annotations, size_px: tuple[int, int], pixel_ratio: float
) -> tuple[Placed, ...]:
    """Return all texts of a view, cached because they rarely change between paints."""
    words = _wrapped(_fitting(words, size_px), size_px[0])
    return (*_placed_texts(words, size_px, pixel_ratio), *_letters(words, size_px, pixel_ratio))


def placed_hover_text(text: str, size_px: tuple[int, int], pixel_ratio: float) -> Placed:
    """Return the description of the position under the pointer, above the grey scale.

    A text that reaches the middle is above the letter there and the scale bar. If it is wider than
    the view, only its first part is shown: the value in the picture.
    """
    width, height = size_px
    if _advance(text, 12, _PLAIN) > width - 20:
        text = text.split(", ")[0]
    rows = 0 if _is_small(size_px) else 1
    is_long = 10 + _advance(text, 12, _PLAIN) > width / 2 - 22
    up = max(rows, 1) * _LINE_PX + _BAR_EDGE_PX + _PLATE_PX if is_long else rows * _LINE_PX
    return _placed_text(QPointF(10, height - 12 - up), text, DARK.text, pixel_ratio)


def _placed_texts(
    words: Annotations, size_px: tuple[int, int], pixel_ratio: float
) -> Iterator[Placed]:
    width, height = size_px
    for row, text in enumerate(words.left):
        colour, weight = (DARK.text, _BOLD) if row == 0 else (ATTENTION_EDGE_COLOUR, _PLAIN)
        at = QPointF(19, 23 + row * _LINE_PX)
        yield _placed_text(at, text, colour, pixel_ratio, weight=weight)
    for row, text in enumerate(words.right, _first_right_row(words, width)):
        at = QPointF(width - 10 - _advance(text, 12, _PLAIN), 23 + row * _LINE_PX)
        colour = DARK.text if text is words.right[0] else DARK.quiet
        yield _placed_text(at, text, colour, pixel_ratio)
    if words.window:
        yield _placed_text(QPointF(10, height - 12), words.window, DARK.quiet, pixel_ratio)


def _is_small(size_px: tuple[int, int]) -> bool:
    """Return whether a view has too little room for all its texts."""
    width, height = size_px
    return width <= 230 or height <= 150


def _fitting(words: Annotations, size_px: tuple[int, int]) -> Annotations:
    """Return the texts for which a view has room; a small one keeps its name and the slice."""
    width, height = size_px
    if not _is_small(size_px):
        return words
    has_line = width > 160 and height > 60
    return replace(words, right=words.right[:1] if has_line else (), window="")


def _wrapped(words: Annotations, width: int) -> Annotations:
    """Return the texts with those in the left corner broken into lines as wide as the view."""
    room, lines = width - 19 - 10, list[str]()
    for row, text in enumerate(words.left):
        weight, line = _BOLD if row == 0 else _PLAIN, ""
        for word in text.split(" "):
            longer = f"{line} {word}" if line else word
            if line and _advance(longer, 12, weight) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return replace(words, left=tuple(lines))


def _left_widths(words: Annotations) -> list[float]:
    return [
        _advance(text, 12, _BOLD if row == 0 else _PLAIN) for row, text in enumerate(words.left)
    ]


def _first_right_row(words: Annotations, width: int) -> int:
    """Return the first row in the right corner that does not overlap the left corner's rows."""
    left = _left_widths(words)
    right = [_advance(text, 12, _PLAIN) for text in words.right]

    def is_free(first: int) -> bool:
        beside = zip(left[first:], right, strict=False)
        return all(19 + one + 12 + other + 10 <= width for one, other in beside)

    return next(first for first in range(len(left) + 1) if is_free(first))


def _first_free_row(words: Annotations, width: int) -> int:
    """Return the first row in which the corners leave room for a letter in the middle."""
    beside = width / 2 - 22
    left = [19 + wide > beside for wide in _left_widths(words)]
    first = _first_right_row(words, width)
    right = [10 + _advance(text, 12, _PLAIN) > beside for text in words.right]
    taken = {row for row, is_long in enumerate(left) if is_long}
    taken |= {row for row, is_long in enumerate(right, first) if is_long}
    return next(row for row in range(len(taken) + 1) if row not in taken)


@lru_cache(8)
def _font(size_px: int, weight: QFont.Weight) -> QFont:
    return tabular_font(size_px, weight)


@lru_cache(512)
def _advance(text: str, size_px: int, weight: QFont.Weight) -> float:
    """Return the width of a text, cached because texts rarely change between paints."""
    return QFontMetricsF(_font(size_px, weight)).horizontalAdvance(text)


def _letters(words: Annotations, size_px: tuple[int, int], pixel_ratio: float) -> Iterator[Placed]:
    letters = words.letters
    if not letters:
        return
    width, height = size_px
    top_y = 25.0 + _first_free_row(words, width) * _LINE_PX
    cap = _cap_height(_LETTER_PX, _BOLD)
    left, right, top, bottom = ((text, _advance(text, _LETTER_PX, _BOLD)) for text in letters)
    middle_y = height / 2 + cap / 2
    lines = len(words.right) + _first_right_row(words, width) if words.right else 0
    right_y = max(middle_y, 23.0 + (lines - 1) * _LINE_PX + cap + 2 * _PLATE_PX)
    left_y = max(middle_y, 23.0 + (len(words.left) - 1) * _LINE_PX + cap + 2 * _PLATE_PX)
    for (text, wide), x, y in (
        (left, 10.0, left_y),
        (right, width - 10 - right[1], right_y),
        (top, (width - top[1]) / 2, top_y),
        (bottom, (width - bottom[1]) / 2, height - 12.0),
    ):
        picture = _letter_picture(text, wide, cap, pixel_ratio)
        yield _sharp(QPointF(x - _PLATE_PX, y - cap - _PLATE_PX), picture)


def paint_message(painter: QPainter, text: str, size_px: tuple[int, int]) -> None:
    """Paint a message in the middle of the view."""
    painter.setFont(tabular_font(13))
    painter.setPen(QColor(DARK.quiet))
    width, height = size_px
    room = QRectF(16, 40, max(width - 32, 1), max(height - 80, 1))
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)


def paint_scale_bar(painter: QPainter, mm_per_px: float, size_px: tuple[int, int]) -> None:
    """Paint a bar with a round length in the lower right corner."""
    ratio = painter.device().devicePixelRatioF()
    for corner, picture in _placed_bar(mm_per_px, size_px, ratio, language()):
        painter.drawPixmap(corner, picture)


@lru_cache(32)
def _placed_bar(
    mm_per_px: float, size_px: tuple[int, int], pixel_ratio: float, _language: str
) -> tuple[Placed, ...]:
    """Return a scale bar and its label; the decimal separator depends on the language."""
    width, height = size_px
    length_mm, label = scale_bar(mm_per_px, min(120.0, width * 0.25))
    if not length_mm:
        return ()
    length = length_mm / mm_per_px
    right, y = width - 12.0, height - 13.0
    corner = QPointF(right - length - _BAR_EDGE_PX, y - 4 - _BAR_EDGE_PX)
    bar = _bar_picture(round(length * pixel_ratio), pixel_ratio)
    at = QPointF(right - (length + _advance(label, 11, _PLAIN)) / 2, y - 7)
    return _sharp(corner, bar), _placed_text(at, label, DARK.quiet, pixel_ratio, size_px=11)


def scale_bar(mm_per_px: float, longest_px: float) -> tuple[float, str]:
    """Return length in mm and label of the longest round bar (1, 2, 5 times 10^n), or (0, '')."""
    if not math.isfinite(mm_per_px) or mm_per_px <= 0 or longest_px <= 0:
        return 0.0, ""
    room_mm = mm_per_px * longest_px
    power = 10.0 ** math.floor(math.log10(room_mm))
    length = next(step * power for step in (5.0, 2.0, 1.0) if step * power <= room_mm)
    return length, tr(figure(length / 10, "g", "cm") if length >= 10 else figure(length, "g", "mm"))


def paint_shadowed(
    painter: QPainter,
    at: QPointF,
    text: str,
    colour: str,
    *,
    size_px: int = 12,
    weight: QFont.Weight = _PLAIN,
) -> None:
    """Paint a text that is readable on any picture; `at` is the left end of its baseline."""
    ratio = painter.device().devicePixelRatioF()
    corner, picture = _placed_text(at, text, colour, ratio, size_px=size_px, weight=weight)
    painter.drawPixmap(corner, picture)


def paint_shadowed_about(painter: QPainter, middle: QPointF, text: str, colour: str) -> None:
    """Paint a bold word, readable on any picture, centred on a point."""
    at = middle + QPointF(-_advance(text, 12, _BOLD) / 2, _cap_height(12, _BOLD) / 2)
    paint_shadowed(painter, at, text, colour, weight=_BOLD)


def paint_name(
    painter: QPainter, at: QPointF, text: str, colour: str, size_px: tuple[float, float]
) -> None:
    """Paint a name at a point, or beside a patient direction, with a line to the point."""
    moved = beside_letters(at, text, size_px)
    way = QLineF(moved, at)
    if way.length() > _LEADER_PX:
        start = way.pointAt(_advance(text, 12, _BOLD) / 2 / way.length())
        for pen in (QPen(QColor(0, 0, 0, 170), 3), QPen(QColor(colour), 1)):
            painter.setPen(pen)
            painter.drawLine(start, at)
    paint_shadowed_about(painter, moved, text, colour)


def name_box(at: QPointF, text: str, size_px: tuple[float, float]) -> QRectF:
    """Return the rectangle of a name that `paint_name` paints."""
    middle, wide = beside_letters(at, text, size_px), _advance(text, 12, _BOLD)
    return QRectF(middle.x() - wide / 2, middle.y() - _LINE_PX / 2, wide, _LINE_PX)


def beside_letters(middle: QPointF, text: str, size_px: tuple[float, float]) -> QPointF:
    """Return the centre of a bold word, moved so that it covers no patient direction.

    The word moves sideways at the upper and lower letters, because names are stacked vertically,
    and inwards at the others. In the lower left corner it moves beside the grey scale. A word that
    covers neither, or is outside the view, is not moved.
    """
    (width, height), (x, y) = size_px, (middle.x(), middle.y())
    wide, high = _advance(text, 12, _BOLD) / 2, _LINE_PX / 2
    apart = wide + _LETTERS_PX / 2
    reach = 12 + _LETTER_PX + _PLATE_PX + high  # from an edge to the middle of a word next to it
    is_at_end = 0 <= y < reach or height - reach < y <= height
    if is_at_end and abs(x - width / 2) < apart:
        return QPointF(width / 2 + (apart if x >= width / 2 else -apart), y)
    if abs(y - height / 2) < high + _LETTER_PX and 0 <= x <= width:
        inside = 10 + _LETTERS_PX + wide
        return QPointF(min(max(x, inside), width - inside), y)
    is_at_window = height - 12 - _LINE_PX - high < y <= height and 0 <= x < _WINDOW_PX + wide
    if is_at_window and not _is_small((round(width), round(height))):
        return QPointF(_WINDOW_PX + wide, y)
    return middle


def _placed_text(
    at: QPointF,
    text: str,
    colour: str,
    pixel_ratio: float,
    *,
    size_px: int = 12,
    weight: QFont.Weight = _PLAIN,
) -> Placed:
    """Return a text whose baseline starts at a point."""
    corner = QPointF(at.x() - _TEXT_EDGE_PX, at.y() - _base_px(size_px, weight))
    return _sharp(corner, _text_picture(text, colour, size_px, weight, pixel_ratio))


def _sharp(corner: QPointF, picture: QPixmap) -> Placed:
    """Place a picture on whole screen pixels, as close as possible to a corner."""
    ratio = picture.devicePixelRatio()
    return QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio), picture


def _clear_picture(width_px: float, height_px: float, pixel_ratio: float) -> QPixmap:
    picture = QPixmap(math.ceil(width_px * pixel_ratio), math.ceil(height_px * pixel_ratio))
    picture.setDevicePixelRatio(pixel_ratio)
    picture.fill(Qt.GlobalColor.transparent)
    return picture


@lru_cache(64)
def _letter_picture(text: str, wide: float, cap: float, pixel_ratio: float) -> QPixmap:
    """Return a patient direction on a plate, because a crosshair line may run behind it."""
    size = QSizeF(wide + 2 * _PLATE_PX, cap + 2 * _PLATE_PX)
    picture = _clear_picture(size.width(), size.height(), pixel_ratio)
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
    """Return a scale bar with its ends and a dark edge."""
    length = length_device_px / pixel_ratio
    picture = _clear_picture(length + 2 * _BAR_EDGE_PX, 4 + 2 * _BAR_EDGE_PX, pixel_ratio)
    painter = QPainter(picture)
    left, right, y = _BAR_EDGE_PX, _BAR_EDGE_PX + length, _BAR_EDGE_PX + 4.0
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
    """Return a text with its shadow, cached because drawing letters is slow."""
    base = _base_px(size_px, weight)
    width = _advance(text, size_px, weight) + 2 * _TEXT_EDGE_PX + 1
    height = base + QFontMetricsF(_font(size_px, weight)).descent() + _TEXT_EDGE_PX + 1
    picture = _clear_picture(width, height, pixel_ratio)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(_font(size_px, weight))
    at = QPointF(_TEXT_EDGE_PX, base)
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
def _base_px(size_px: int, weight: QFont.Weight) -> int:
    """Return the distance from the upper edge of a text's picture to its baseline."""
    return math.ceil(QFontMetricsF(_font(size_px, weight)).ascent()) + _TEXT_EDGE_PX
