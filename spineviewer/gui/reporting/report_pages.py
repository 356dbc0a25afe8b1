"""The report as a PDF, laid out by Qt's text engine: one page, or more if necessary."""

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
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)

from spineviewer.app.report import (
    Fact,
    LegendLine,
    ReportContent,
    ReportImage,
    ReportTable,
    sections,
    technical_line,
)
from spineviewer.gui.kit.language import tr

_DPI = 150
_MM_PER_INCH = 25.4
#: Resolution of CSS pixels, independent of the PDF's resolution.
_CSS_DPI = 96
_MARGIN_MM = 13.0
#: Height of the footer of a report with several pages, including the gap above it.
_FOOTER_MM = 7.0
_FOOTER_PT = 7.0
#: Font sizes in points, tried in order until everything fits on the page.
_SIZES_PT = (8.5, 7.5, 6.5, 5.5)
#: Minimum font size of the user's text, which may continue on another page.
_MIN_TEXT_PT = 7.5
#: Heights of pictures as fractions of the page height, tried in order.
_PICTURE_FRACTIONS = (0.36, 0.28, 0.2)
#: Width and height of a symbol of the legend, in CSS pixels.
_LEGEND_SYMBOL_PX = 14, 9
#: Maximum number of pictures in a row.
_MAX_IN_ROW = 3
#: Maximum number of lines in a section; for the rest, the page refers to the CSV table.
_MAX_LINES = 24
_QUIET = "#556677"
#: Font size of full-width tables relative to that of the other text.
_TABLE_FONT_SCALE = 0.88
#: Gap between two columns of a table, in digit widths.
_GAP_DIGITS = 1.6
#: Characters of consecutive glyphs in the character map of a PDF that Qt wrote.
_CHARACTERS = re.compile(rb"\[[^\]]*\]")
_FLAG = "; color:#b3261e; font-weight:600"


def report_pdf(content: ReportContent) -> bytes:
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
    page = writer.pageLayout().paintRectPixels(_DPI)
    document = _document(content, QSizeF(page.size()), writer)
    _paint(document, writer, content)
    del writer
    return _accessible(bytes(buffer.data().data()), content.language)


def _accessible(pdf: bytes, language: str) -> bytes:
    """Return the PDF with its language declared, and with ordinary spaces in its text.

    Qt maps spaces to tabs, and non-breaking spaces are not found in a search for ordinary ones.
    """
    from pypdf import PdfWriter  # imported only for a PDF
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


def _paint(document: QTextDocument, writer: QPdfWriter, content: ReportContent) -> None:
    """Paint each page without lines from adjacent pages.

    `QTextDocument.print_` also paints lines just outside a page. They are not visible, but would be
    copied and found with the text of the page.
    """
    page = QRectF(QPointF(0, 0), document.pageSize())
    painter = QPainter(writer)
    count = document.pageCount()
    for number in range(count):
        if number:
            writer.newPage()
        context = QAbstractTextDocumentLayout.PaintContext()
        black_on_white = QPalette()  # in the dark theme, the default text is white
        black_on_white.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
        context.palette = black_on_white
        context.clip = page.translated(0, number * page.height()).adjusted(0, 1, 0, -1)
        painter.save()
        painter.translate(0, -number * page.height())
        document.documentLayout().draw(painter, context)
        painter.restore()
        if count > 1:
            place = tr("page {number} of {count}", number=number + 1, count=count)
            _paint_footer(painter, page, content, place)
    painter.end()


def _paint_footer(painter: QPainter, page: QRectF, content: ReportContent, place: str) -> None:
    """Paint a footer that identifies the report, so that printed sheets are not mixed up."""
    font = _page_font()
    font.setPointSizeF(_FOOTER_PT)
    painter.setFont(font)
    painter.setPen(QColor(_QUIET))
    metrics = QFontMetricsF(font, painter.device())
    right = f"{content.made_at} · {place}"
    free_px = page.width() - metrics.horizontalAdvance(f"{right}    ")
    left = " · ".join(filter(None, (content.subject, content.title)))
    left = metrics.elidedText(left, Qt.TextElideMode.ElideRight, free_px)
    bottom = Qt.AlignmentFlag.AlignBottom
    painter.drawText(page, bottom | Qt.AlignmentFlag.AlignLeft, left)
    painter.drawText(page, bottom | Qt.AlignmentFlag.AlignRight, right)


def _document(content: ReportContent, page: QSizeF, writer: QPdfWriter) -> QTextDocument:
    """Return the report in the largest font that fits on one page; shrink pictures if necessary.

    The user's text is never smaller than `_MIN_TEXT_PT`, so the report may need several pages,
    each with a footer.
    """
    sizes = list(_sizes(content))
    for size_pt, fraction in sizes:
        document = _lay_out(content, page, writer, size_pt, fraction)
        if document.pageCount() <= 1:
            return document
    is_large = content.texts or len(content.pictures) > _MAX_IN_ROW
    size_pt, fraction = sizes[0 if is_large else -1]
    document = _lay_out(content, page, writer, size_pt, fraction)
    frame_format = document.rootFrame().frameFormat()
    frame_format.setBottomMargin(_FOOTER_MM * _DPI / _MM_PER_INCH)
    document.rootFrame().setFrameFormat(frame_format)
    _break_pages(document, page.height())
    _split_paragraphs(document, page.height())
    return document


def _sizes(content: ReportContent) -> Iterator[tuple[float, float]]:
    """Yield font sizes with picture heights (fractions of the page), in the order to try them."""
    for size_pt in _SIZES_PT:
        if content.texts and size_pt < _MIN_TEXT_PT:
            return
        for fraction in _PICTURE_FRACTIONS[: 1 if size_pt == _SIZES_PT[0] else None]:
            yield size_pt, fraction


def _lay_out(
    content: ReportContent, page: QSizeF, writer: QPdfWriter, size_pt: float, fraction: float
) -> QTextDocument:
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.documentLayout().setPaintDevice(writer)
    font = _page_font()
    font.setPointSizeF(size_pt)
    document.setDefaultFont(font)
    document.setHtml(_report_html(content, page.width(), page.height() * fraction, document))
    document.setPageSize(page)
    return document


def _break_pages(document: QTextDocument, page_px: float) -> None:
    """Set page breaks so that a heading is on the same page as what follows it.

    What follows is a paragraph, or the first row below the header of a table.

    Rows of pictures and the columns of facts are not split if they fit on one page. A break moves
    everything below it, so breaks are set from top to bottom.
    """
    elements = _elements(document)
    for element, next_element in pairwise((*elements, None)):
        if isinstance(element, QTextTable) and not element.format().headerRowCount():
            box = _box(document, element)
            is_split = _page_number(box.top(), page_px) != _page_number(box.bottom() - 1, page_px)
            if is_split and box.height() <= page_px - _footer_px(document):
                _break_before(element)
        elif (
            isinstance(element, QTextBlock)
            and element.blockFormat().headingLevel()
            and next_element
        ):
            first = next_element
            if isinstance(next_element, QTextTable):
                row = next_element.format().headerRowCount()
                first = next_element.cellAt(row, 0).firstCursorPosition().block()
            tops = (_box(document, each).top() for each in (element, first))
            if len({_page_number(top, page_px) for top in tops}) > 1:
                _break_before(element)


def _split_paragraphs(document: QTextDocument, page_px: float) -> None:
    """Split each paragraph that continues on another page into one paragraph per page.

    When Qt paints part of a paragraph, it also paints the line above that part.
    """
    block = document.begin()
    while block.isValid():
        layout = block.layout()
        top = _box(document, block).top() - layout.boundingRect().top()
        lines = [layout.lineAt(number) for number in range(layout.lineCount())]
        pages = [_page_number(top + line.y() + line.height() / 2, page_px) for line in lines]
        for line, (number, next_number) in zip(lines[1:], pairwise(pages), strict=True):
            if number != next_number:
                _split(block, line.textStart())
                break
        block = block.next()


def _split(block: QTextBlock, position: int) -> None:
    """Split a paragraph at a character, without a gap between the two parts."""
    cursor = QTextCursor(block)
    whole = block.blockFormat()
    upper, lower = QTextBlockFormat(whole), QTextBlockFormat(whole)
    upper.setBottomMargin(0)
    lower.setTopMargin(0)
    lower.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_Auto)
    cursor.setBlockFormat(upper)
    cursor.setPosition(block.position() + position)
    cursor.insertBlock(lower)


def _elements(document: QTextDocument) -> list[QTextBlock | QTextTable]:
    """Return the paragraphs and tables of a document that are not inside a table."""
    elements: list[QTextBlock | QTextTable] = []
    iterator = document.rootFrame().begin()
    while not iterator.atEnd():
        table = iterator.currentFrame()
        elements.append(table if isinstance(table, QTextTable) else iterator.currentBlock())
        iterator += 1
    return elements


def _footer_px(document: QTextDocument) -> float:
    return document.rootFrame().frameFormat().bottomMargin()


def _box(document: QTextDocument, element: QTextBlock | QTextTable) -> QRectF:
    layout = document.documentLayout()
    if isinstance(element, QTextTable):
        return layout.frameBoundingRect(element)
    return layout.blockBoundingRect(element)


def _page_number(y_px: float, page_px: float) -> int:
    return int(y_px // page_px)


def _break_before(element: QTextBlock | QTextTable) -> None:
    """Start a new page with a paragraph or table."""
    policy = QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore
    if isinstance(element, QTextTable):
        table_format = element.format()
        table_format.setPageBreakPolicy(policy)
        element.setFormat(table_format)
    else:
        block_format = element.blockFormat()
        block_format.setPageBreakPolicy(policy)
        QTextCursor(element).setBlockFormat(block_format)


def _page_font() -> QFont:
    """Return the font of the page, without glyphs that a PDF cannot map to characters.

    Contextual alternates draw "-", "(" and "±" beside digits as glyphs that correspond to no
    character, so copying would yield other characters, and searching would not find them.
    """
    font = QFont("Inter")
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def _report_html(
    content: ReportContent, width_px: float, picture_px: float, document: QTextDocument
) -> str:
    table_pt = _TABLE_FONT_SCALE * document.defaultFont().pointSizeF()
    left, right = _columns(sections((*content.measured.facts, *content.facts)))
    warnings = "".join(
        f"<p style='color:#8a3b12; margin:2px 0'>{html.escape(w)}</p>" for w in content.warnings
    )
    subject = (
        f"<p style='font-weight:600; margin:4px 0'>{html.escape(content.subject)}</p>"
        if content.subject
        else ""
    )
    texts = "".join(
        f"{_heading(heading)}<p style='margin:0 0 6px 0; white-space:pre-wrap'>"
        f"{html.escape(text)}</p>"
        for heading, text in content.texts
    )
    return (
        f"<table width='100%'><tr><td><span style='font-size:16pt; "
        f"font-weight:600'>{html.escape(content.title)}</span></td>"
        f"<td align='right' style='color:{_QUIET}; "
        f"vertical-align:bottom'>{html.escape(content.made_at)}</td></tr></table><hr>"
        f"{subject}{texts}"
        f"{_pictures(content.pictures, width_px, picture_px, document)}"
        f"{_legend(content.legend, document)}{warnings}"
        f"{''.join(_wide_table(table, table_pt) for table in content.measured.tables)}"
        f"<table width='100%' cellspacing='0' cellpadding='0'><tr><td width='48%'>{left}</td><td "
        f"width='4%'></td>"
        f"<td width='48%'>{right}</td></tr></table>"
        f"<hr><p style='color:{_QUIET}; font-size:6pt; margin:0'>"
        f"{html.escape(' '.join((*content.measured.notes, technical_line(content))))}</p>"
        f"<p style='color:#8a3b12; font-size:7pt; margin:3px 0 0 0'>{html.escape(content.note)}</p>"
    )


def _wide_table(table: ReportTable, size_pt: float) -> str:
    """Return a full-width table as HTML; flagged cells have a symbol and a colour."""
    header = "".join(
        f"<td align='{_side(number)}' width='{percent:.1f}%' "
        f"style='color:{_QUIET}; padding:1px 3px'>{html.escape(column.heading)}</td>"
        for number, (column, percent) in enumerate(
            zip(table.columns, _widths_percent(table), strict=True)
        )
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td align='{_side(number)}' style='padding:1px 3px{_FLAG * cell.is_flagged}'>"
            f"{_on_one_line(cell.marked)}</td>"
            for number, cell in enumerate(row)
        )
        + "</tr>"
        for row in table.rows
    )
    notes = " ".join(html.escape(note) for note in table.notes if note)
    return (
        f"{_heading(table.title)}"
        f"<table width='100%' cellspacing='0' style='font-size:{size_pt:.1f}pt'>"
        f"<thead><tr>{header}</tr></thead>{rows}</table>"
        f"<p style='color:{_QUIET}; margin:1px 0 6px 0'>{notes}</p>"
    )


def _widths_percent(table: ReportTable) -> list[float]:
    """Return column widths (percent) at which no cell and no word of a heading is broken."""
    font = _page_font()
    font.setWeight(QFont.Weight.DemiBold)
    metrics = QFontMetricsF(font)
    widths = [
        max(
            # "▲" is wider than measured, because it comes from another font
            metrics.horizontalAdvance(text.replace("▲", "MM"))
            for text in (*column.heading.split(), *(row[number].marked for row in table.rows))
        )
        + _GAP_DIGITS * metrics.horizontalAdvance("0")
        for number, column in enumerate(table.columns)
    ]
    return [100 * width / sum(widths) for width in widths]


def _on_one_line(text: str) -> str:
    """Return text as HTML that does not wrap."""
    return html.escape(text).replace(" ", "&nbsp;")


def _side(column: int) -> str:
    return "right" if column else "left"


def _pictures(
    pictures: Sequence[ReportImage], width_px: float, height_px: float, document: QTextDocument
) -> str:
    """Return rows of pictures as HTML; the pictures in a row have equal heights."""
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
    aspect = sum(picture.width_px / picture.height_px for picture in pictures)
    height = min(height_px, (width_px - 2 * gap_px * len(pictures)) / aspect) * _CSS_DPI / _DPI
    cells = []
    for number, picture in enumerate(pictures, start):
        name = f"picture-{number}"
        document.addResource(
            QTextDocument.ResourceType.ImageResource.value, QUrl(name), QImage.fromData(picture.png)
        )
        size = f"width='{height * picture.width_px / picture.height_px:.0f}' height='{height:.0f}'"
        # a number and its unit stay on one line
        caption = html.escape(picture.caption).replace(" mm", "&nbsp;mm")
        text = f"<br><span style='color:{_QUIET}'>{caption}</span>"
        cells.append(f"<td style='vertical-align:top'><img src='{name}' {size}>{text}</td>")
    return f"<table cellspacing='8' cellpadding='0'><tr>{''.join(cells)}</tr></table>"


def _legend(lines: Sequence[LegendLine], document: QTextDocument) -> str:
    """Return the legend of all pictures as HTML; a symbol and its name stay on one line."""
    entries = []
    for number, line in enumerate(lines):
        name = f"legend-{number}"
        document.addResource(
            QTextDocument.ResourceType.ImageResource.value, QUrl(name), QImage.fromData(line.symbol)
        )
        width, height = _LEGEND_SYMBOL_PX
        entries.append(
            f"<img src='{name}' width='{width}' height='{height}'>&nbsp;{_on_one_line(line.name)}"
        )
    text = "&nbsp; &nbsp; ".join(entries)
    return f"<p style='color:{_QUIET}; margin:2px 0'>{text}</p>" if entries else ""


def _columns(contents: Sequence[tuple[str, list[Fact]]]) -> tuple[str, str]:
    """Return the sections as HTML, split into two columns of about equal length."""
    total = sum(min(len(facts), _MAX_LINES) + 2 for _, facts in contents)
    left, right, line_count = "", "", 0
    for name, facts in contents:
        section = _section(name, facts)
        if line_count < total / 2:
            left += section
        else:
            right += section
        line_count += min(len(facts), _MAX_LINES) + 2
    return left, right


def _section(name: str, facts: Sequence[Fact]) -> str:
    rows = "".join(
        f"<tr><td style='color:{_QUIET}; padding:1px 8px 1px 0'>{html.escape(fact.name)}</td>"
        f"<td align='right' style='padding:1px 0'>{html.escape(fact.text)}</td></tr>"
        for fact in facts[:_MAX_LINES]
    )
    hidden_count = len(facts) - _MAX_LINES
    if hidden_count > 0:
        remark = tr("and {number} more in the table (CSV)", number=hidden_count)
        rows += f"<tr><td colspan='2' style='color:{_QUIET}'>{html.escape(remark)}</td></tr>"
    return f"{_heading(name)}<table width='100%' cellspacing='0'>{rows}</table>"


def _heading(name: str) -> str:
    style = "font-size:medium; font-weight:600; margin:8px 0 2px 0"
    return f"<h3 style='{style}'>{html.escape(name)}</h3>"
