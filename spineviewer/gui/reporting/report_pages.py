"""The report as a PDF, laid out by Qt's text engine: one page, or more for long texts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from typing import cast

from PySide6.QtCore import (
    QBuffer,
    QEventLoop,
    QIODevice,
    QMarginsF,
    QPointF,
    QRectF,
    QSizeF,
    Qt,
    QUrl,
)
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QFontMetricsF,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)

from spineviewer.app.report import (
    Fact,
    ReportContent,
    ReportImage,
    ReportTable,
    sections,
    technical_line,
)
from spineviewer.gui.kit.language import tr

_DPI = 150
#: Resolution of CSS pixels, independent of the writer's resolution.
_CSS_DPI = 96
_MARGIN_MM = 13.0
#: Font sizes in points, tried in order until everything fits on the page.
_SIZES_PT = (8.5, 7.5, 6.5, 5.5)
#: Minimum font size of the user's text, which may continue on another page.
_MIN_WORDS_PT = 7.5
#: Heights of pictures as shares of the page height, tried in order.
_ROW_SHARES = (0.36, 0.28, 0.2)
#: Maximum number of pictures in a row.
_MAX_IN_ROW = 3
#: Maximum number of lines in a section; for the rest, the page refers to the table.
_MAX_LINES = 24
_QUIET = "#556677"
#: Font size of full-width tables relative to the rest of the page.
_TABLE_SHARE = 0.88
#: Gap between two columns of a table, in digit widths.
_GAP_DIGITS = 1.6
#: The characters of consecutive glyphs in a PDF's character map, as Qt writes it.
_CHARACTERS = re.compile(rb"\[[^\]]*\]")
_FLAG = "; color:#b3261e; font-weight:600"


def pdf_of(content: ReportContent) -> bytes:
    """Return a report as a PDF with A4 pages.

    Thread ownership: any thread.
    """
    QEventLoop()  # gives a Python thread the dispatcher that timers of Qt's text layout need
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setTitle(content.title)
    writer.setCreator("Spineviewer")
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            margins,
            QPageLayout.Unit.Millimeter,
        )
    )
    room = writer.pageLayout().paintRectPixels(_DPI)
    document = _document(content, QSizeF(room.size()), writer)
    _paint(document, writer)
    del writer
    return _readable(bytes(buffer.data().data()), content.language)


def _readable(pdf: bytes, language: str) -> bytes:
    """Return the PDF with its language declared, and with ordinary spaces in its text.

    Qt maps spaces to tabs, and non-breaking spaces are not found in a search for ordinary ones.
    """
    from pypdf import PdfWriter  # imported only when needed
    from pypdf.generic import DictionaryObject, NameObject, TextStringObject

    writer = PdfWriter(clone_from=BytesIO(pdf))
    writer.root_object[NameObject("/Lang")] = TextStringObject(language)
    for page in writer.pages:
        resources = cast(DictionaryObject, page["/Resources"])
        for font in resources.get("/Font", {}).values():
            characters = font.get_object()["/ToUnicode"].get_object()
            characters.set_data(_CHARACTERS.sub(_with_spaces, characters.get_data()))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _with_spaces(characters: re.Match[bytes]) -> bytes:
    return characters[0].replace(b"<0009>", b"<0020>").replace(b"<00A0>", b"<0020>")


def _paint(document: QTextDocument, writer: QPdfWriter) -> None:
    """Paint each page without the lines of its neighbours.

    `QTextDocument.print_` also paints lines that touch a page from outside. They are not visible,
    but are copied and found with the text of the page.
    """
    page = QRectF(QPointF(0, 0), document.pageSize())
    painter = QPainter(writer)
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        context = QAbstractTextDocumentLayout.PaintContext()
        black_on_white = QPalette()  # the window's own text may be white
        black_on_white.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
        context.palette = black_on_white
        context.clip = page.translated(0, number * page.height()).adjusted(0, 1, 0, -1)
        painter.save()
        painter.translate(0, -number * page.height())
        document.documentLayout().draw(painter, context)
        painter.restore()
    painter.end()


def _document(content: ReportContent, page: QSizeF, writer: QPdfWriter) -> QTextDocument:
    """Return the report in the largest font that fits on one page; shrink pictures if necessary.

    The user's text is never smaller than `_MIN_WORDS_PT`, so the report may need several pages.
    """
    for size_pt, share in _sizes(content):
        document = _laid_out(content, page, writer, size_pt, share)
        if document.pageCount() <= 1:
            return document
    if content.texts or len(content.pictures) > _MAX_IN_ROW:
        document = _laid_out(content, page, writer, _SIZES_PT[0], _ROW_SHARES[0])
    _break_pages(document, page.height())
    return document


def _sizes(content: ReportContent) -> Iterator[tuple[float, float]]:
    """Yield pairs of font size and picture height in the order in which to try them."""
    for size_pt in _SIZES_PT:
        if content.texts and size_pt < _MIN_WORDS_PT:
            return
        for share in _ROW_SHARES[: 1 if size_pt == _SIZES_PT[0] else None]:
            yield size_pt, share


def _laid_out(
    content: ReportContent, page: QSizeF, writer: QPdfWriter, size_pt: float, share: float
) -> QTextDocument:
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.documentLayout().setPaintDevice(writer)
    font = _page_font()
    font.setPointSizeF(size_pt)
    document.setDefaultFont(font)
    document.setHtml(_page(content, page.width(), page.height() * share, document))
    document.setPageSize(page)
    return document


def _break_pages(document: QTextDocument, page_px: float) -> None:
    """Break pages where a person would: never below a heading or the header of a table.

    Rows of pictures and the columns of facts are not split if they fit on one page. A break moves
    everything below it, so breaks are set from top to bottom.
    """
    parts = _parts(document)
    for part, follower in pairwise((*parts, None)):
        if isinstance(part, QTextTable) and not part.format().headerRowCount():
            box = _box(document, part)
            is_split = _page_at(box.top(), page_px) != _page_at(box.bottom() - 1, page_px)
            if is_split and box.height() <= page_px:
                _break_before(part)
        elif isinstance(part, QTextBlock) and part.blockFormat().headingLevel() and follower:
            first = follower
            if isinstance(follower, QTextTable):
                row = follower.format().headerRowCount()
                first = follower.cellAt(row, 0).firstCursorPosition().block()
            tops = (_box(document, each).top() for each in (part, first))
            if len({_page_at(top, page_px) for top in tops}) > 1:
                _break_before(part)


def _parts(document: QTextDocument) -> list[QTextBlock | QTextTable]:
    """Return the paragraphs and tables of a document that are not inside a table."""
    found: list[QTextBlock | QTextTable] = []
    place = document.rootFrame().begin()
    while not place.atEnd():
        table = place.currentFrame()
        found.append(table if isinstance(table, QTextTable) else place.currentBlock())
        place += 1
    return found


def _box(document: QTextDocument, part: QTextBlock | QTextTable) -> QRectF:
    layout = document.documentLayout()
    if isinstance(part, QTextTable):
        return layout.frameBoundingRect(part)
    return layout.blockBoundingRect(part)


def _page_at(y_px: float, page_px: float) -> int:
    return int(y_px // page_px)


def _break_before(part: QTextBlock | QTextTable) -> None:
    """Start a new page with a paragraph or table."""
    policy = QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore
    if isinstance(part, QTextTable):
        table_format = part.format()
        table_format.setPageBreakPolicy(policy)
        part.setFormat(table_format)
    else:
        block_format = part.blockFormat()
        block_format.setPageBreakPolicy(policy)
        QTextCursor(part).setBlockFormat(block_format)


def _page_font() -> QFont:
    """Return the font of the page, without glyphs that a PDF cannot map to characters.

    Contextual alternates draw "-", "(" and "±" beside figures as glyphs that have no character.
    When copied or searched for, they would be different characters.
    """
    font = QFont("Inter")
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def _page(
    content: ReportContent, width_px: float, picture_px: float, document: QTextDocument
) -> str:
    table_pt = _TABLE_SHARE * document.defaultFont().pointSizeF()
    left, right = _columns(sections((*content.measured.facts, *content.facts)))
    warnings = "".join(
        f"<p style='color:#8a3b12; margin:2px 0'>{html.escape(w)}</p>" for w in content.warnings
    )
    patient = (
        f"<p style='font-weight:600; margin:4px 0'>{html.escape(content.patient)}</p>"
        if content.patient
        else ""
    )
    words = "".join(
        f"{_heading(heading)}<p style='margin:0 0 6px 0; white-space:pre-wrap'>"
        f"{html.escape(text)}</p>"
        for heading, text in content.texts
    )
    return (
        f"<table width='100%'><tr><td><span style='font-size:16pt; "
        f"font-weight:600'>{html.escape(content.title)}</span></td>"
        f"<td align='right' style='color:{_QUIET}; "
        f"vertical-align:bottom'>{html.escape(content.made_at)}</td></tr></table><hr>"
        f"{patient}{words}"
        f"{_pictures(content.pictures, width_px, picture_px, document)}{warnings}"
        f"{''.join(_wide_table(table, table_pt) for table in content.measured.tables)}"
        f"<table width='100%' cellspacing='0' cellpadding='0'><tr><td width='48%'>{left}</td><td "
        f"width='4%'></td>"
        f"<td width='48%'>{right}</td></tr></table>"
        f"<hr><p style='color:{_QUIET}; font-size:6pt; margin:0'>"
        f"{html.escape(' '.join((*content.measured.notes, technical_line(content))))}</p>"
        f"<p style='color:#8a3b12; font-size:7pt; margin:3px 0 0 0'>{html.escape(content.note)}</p>"
    )


def _wide_table(table: ReportTable, size_pt: float) -> str:
    """Return a full-width table as HTML, with a sign and a colour for flagged cells."""
    wide = _widths(table)
    head = "".join(
        f"<td align='{_side(number)}' width='{share:.1f}%' "
        f"style='color:{_QUIET}; padding:1px 3px'>{html.escape(column.head)}</td>"
        for number, (column, share) in enumerate(zip(table.columns, wide, strict=True))
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td align='{_side(number)}' style='padding:1px 3px{_FLAG * cell.is_flagged}'>"
            f"{_unbroken(cell.marked)}</td>"
            for number, cell in enumerate(row)
        )
        + "</tr>"
        for row in table.rows
    )
    notes = " ".join(html.escape(note) for note in table.notes if note)
    return (
        f"{_heading(table.title)}"
        f"<table width='100%' cellspacing='0' style='font-size:{size_pt:.1f}pt'>"
        f"<thead><tr>{head}</tr></thead>{rows}</table>"
        f"<p style='color:{_QUIET}; margin:1px 0 6px 0'>{notes}</p>"
    )


def _widths(table: ReportTable) -> list[float]:
    """Return column widths in percent that avoid breaks in cells and in words of headings."""
    font = _page_font()
    font.setWeight(QFont.Weight.DemiBold)
    metrics = QFontMetricsF(font)
    needed = [
        max(
            metrics.horizontalAdvance(text.replace("▲", "MM"))  # that sign comes from another font
            for text in (*column.head.split(), *(row[number].marked for row in table.rows))
        )
        + _GAP_DIGITS * metrics.horizontalAdvance("0")
        for number, column in enumerate(table.columns)
    ]
    return [100 * width / sum(needed) for width in needed]


def _unbroken(text: str) -> str:
    """Return a text as HTML without line breaks."""
    return html.escape(text).replace(" ", "&nbsp;")


def _side(column: int) -> str:
    return "right" if column else "left"


def _pictures(
    pictures: Sequence[ReportImage], width_px: float, height_px: float, document: QTextDocument
) -> str:
    """Return rows of pictures with equal heights."""
    rows = []
    for start in range(0, len(pictures), _MAX_IN_ROW):
        row = pictures[start : start + _MAX_IN_ROW]
        rows.append(_row(row, start, width_px, height_px, document))
    return "".join(rows)


def _row(
    pictures: Sequence[ReportImage],
    start: int,
    width_px: float,
    height_px: float,
    document: QTextDocument,
) -> str:
    gap_px = 16.0
    wide = sum(p.width_px / p.height_px for p in pictures)
    height = min(height_px, (width_px - 2 * gap_px * len(pictures)) / wide) * _CSS_DPI / _DPI
    cells = []
    for number, picture in enumerate(pictures, start):
        name = f"picture-{number}"
        document.addResource(
            QTextDocument.ResourceType.ImageResource.value, QUrl(name), QImage.fromData(picture.png)
        )
        size = f"width='{height * picture.width_px / picture.height_px:.0f}' height='{height:.0f}'"
        # a number and its unit stay on one line
        words = html.escape(picture.caption).replace(" mm", "&nbsp;mm")
        caption = f"<br><span style='color:{_QUIET}'>{words}</span>"
        cells.append(f"<td style='vertical-align:top'><img src='{name}' {size}>{caption}</td>")
    return f"<table cellspacing='8' cellpadding='0'><tr>{''.join(cells)}</tr></table>"


def _columns(found: Sequence[tuple[str, list[Fact]]]) -> tuple[str, str]:
    """Return the sections split into two columns of about equal length."""
    total = sum(min(len(facts), _MAX_LINES) + 2 for _, facts in found)
    left, right, used = "", "", 0
    for name, facts in found:
        block = _block(name, facts)
        if used < total / 2:
            left += block
        else:
            right += block
        used += min(len(facts), _MAX_LINES) + 2
    return left, right


def _block(name: str, facts: Sequence[Fact]) -> str:
    rows = "".join(
        f"<tr><td style='color:{_QUIET}; padding:1px 8px 1px 0'>{html.escape(fact.name)}</td>"
        f"<td align='right' style='padding:1px 0'>{html.escape(fact.text)}</td></tr>"
        for fact in facts[:_MAX_LINES]
    )
    more = len(facts) - _MAX_LINES
    if more > 0:
        remark = tr("and {number} more in the table (CSV)", number=more)
        rows += f"<tr><td colspan='2' style='color:{_QUIET}'>{html.escape(remark)}</td></tr>"
    return f"{_heading(name)}<table width='100%' cellspacing='0'>{rows}</table>"


def _heading(name: str) -> str:
    style = "font-size:medium; font-weight:600; margin:8px 0 2px 0"
    return f"<h3 style='{style}'>{html.escape(name)}</h3>"
