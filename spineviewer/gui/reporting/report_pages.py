"""The report as one page of PDF, laid out by Qt's text engine."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSizeF, QUrl
from PySide6.QtGui import QFont, QImage, QPageLayout, QPageSize, QPdfWriter, QTextDocument

from spineviewer.app.report import Fact, ReportContent, ReportImage, sections
from spineviewer.gui.kit.language import tr

_DPI = 150
#: What a pixel of a page's style is measured in, whatever the writer's resolution.
_CSS_DPI = 96
_MARGIN_MM = 13.0
#: Type sizes in points that are tried, until the page holds everything.
_SIZES_PT = (8.5, 7.5, 6.5, 5.5)
#: Lines of one section on the page; the rest is in the table, and the page says so.
_MOST_LINES = 24


def pdf_of(content: ReportContent) -> bytes:
    """One page of A4.

    Thread ownership: any thread.
    """
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
    document.print_(writer)
    del writer
    return bytes(buffer.data().data())


def _document(content: ReportContent, page: QSizeF, writer: QPdfWriter) -> QTextDocument:
    """Return the page in the largest type that fits; pictures are reduced too if necessary."""
    for size_pt in _SIZES_PT:
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.documentLayout().setPaintDevice(writer)
        font = QFont("Inter")
        font.setPointSizeF(size_pt)
        document.setDefaultFont(font)
        picture_px = page.height() * (0.36 if size_pt == _SIZES_PT[0] else 0.28)
        document.setHtml(_page(content, page.width(), picture_px, document))
        document.setPageSize(page)
        if document.pageCount() <= 1:
            break
    return document


def _page(
    content: ReportContent, width_px: float, picture_px: float, document: QTextDocument
) -> str:
    left, right = _columns(sections(content.facts))
    warnings = "".join(
        f"<p style='color:#8a3b12; margin:2px 0'>{html.escape(w)}</p>" for w in content.warnings
    )
    return (
        f"<table width='100%'><tr><td><span style='font-size:16pt; "
        f"font-weight:600'>{html.escape(content.title)}</span></td>"
        f"<td align='right' style='color:#556677; "
        f"vertical-align:bottom'>{html.escape(content.made_at)}</td></tr></table><hr>"
        f"<p style='color:#8a3b12; margin:4px 0 8px 0'>{html.escape(content.note)}</p>{warnings}"
        f"{_pictures(content.pictures, width_px, picture_px, document)}"
        f"<table width='100%' cellspacing='0' cellpadding='0'><tr><td width='48%'>{left}</td><td "
        f"width='4%'></td>"
        f"<td width='48%'>{right}</td></tr></table>"
    )


def _pictures(
    pictures: Sequence[ReportImage], width_px: float, height_px: float, document: QTextDocument
) -> str:
    if not pictures:
        return ""
    gap_px = 16.0
    wide = sum(p.width_px / p.height_px for p in pictures)
    height = min(height_px, (width_px - 2 * gap_px * len(pictures)) / wide) * _CSS_DPI / _DPI
    cells = []
    for number, picture in enumerate(pictures):
        name = f"picture-{number}"
        document.addResource(
            QTextDocument.ResourceType.ImageResource.value, QUrl(name), QImage.fromData(picture.png)
        )
        size = f"width='{height * picture.width_px / picture.height_px:.0f}' height='{height:.0f}'"
        words = html.escape(picture.caption).replace(
            " mm", "&nbsp;mm"
        )  # a number and its unit stay on one line
        caption = f"<br><span style='color:#556677'>{words}</span>"
        cells.append(f"<td style='vertical-align:bottom'><img src='{name}' {size}>{caption}</td>")
    return f"<table cellspacing='8' cellpadding='0'><tr>{''.join(cells)}</tr></table>"


def _columns(found: Sequence[tuple[str, list[Fact]]]) -> tuple[str, str]:
    """Sections in two columns of about equal length."""
    total = sum(min(len(facts), _MOST_LINES) + 2 for _, facts in found)
    left, right, used = "", "", 0
    for name, facts in found:
        block = _block(name, facts)
        if used < total / 2:
            left += block
        else:
            right += block
        used += min(len(facts), _MOST_LINES) + 2
    return left, right


def _block(name: str, facts: Sequence[Fact]) -> str:
    rows = "".join(
        f"<tr><td style='color:#556677; padding:1px 8px 1px 0'>{html.escape(fact.name)}</td>"
        f"<td align='right' style='padding:1px 0'>{html.escape(fact.text)}</td></tr>"
        for fact in facts[:_MOST_LINES]
    )
    more = len(facts) - _MOST_LINES
    if more > 0:
        told = tr("and {number} more in the table (CSV)", number=more)
        rows += f"<tr><td colspan='2' style='color:#556677'>{html.escape(told)}</td></tr>"
    heading = f"<p style='font-weight:600; margin:8px 0 2px 0'>{html.escape(name)}</p>"
    return f"{heading}<table width='100%' cellspacing='0'>{rows}</table>"
