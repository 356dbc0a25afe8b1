"""The Help window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from spineviewer.gui.kit.language import language, tr
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_XL
from spineviewer.resources import assets_dir


@dataclass(frozen=True)
class Chapter:
    """A page of Help: Markdown whose first line is its title."""

    path: Path
    text: str

    @property
    def title(self) -> str:
        """The heading, for the list of chapters."""
        return self.text.partition("\n")[0].lstrip("# ")


def chapters(language: str) -> tuple[Chapter, ...]:
    """Return the chapters in a language, in order; in English if the language has none.

    The same files can be read on the web, so links to pictures are relative.

    Raises
    ------
    SpineViewerError
        When the program's own files are missing.
    """
    folder = assets_dir() / "help"
    pages = sorted((folder / language).glob("*.md")) or sorted((folder / "en").glob("*.md"))
    return tuple(Chapter(page, page.read_text(encoding="utf-8")) for page in pages)


class HelpSheet(QDialog):
    """The Help window: the list of chapters, and the text of the selected one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Help"))
        self.resize(840, 640)
        self.chapters = QListWidget()
        self.chapters.setAccessibleName(tr("Chapters"))
        self.chapters.setFixedWidth(170)
        self.text = QTextBrowser()
        self.text.setAccessibleName(tr("Text"))
        self.text.setOpenLinks(False)
        self._pages = chapters(language())
        for page in self._pages:
            item = QListWidgetItem(page.title)
            item.setSizeHint(QSize(0, 30))
            self.chapters.addItem(item)
        self.chapters.currentRowChanged.connect(self._show)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(GAP_L)
        row.addWidget(self.chapters)
        row.addWidget(self.text, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_XL, GAP_XL, GAP_XL, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addLayout(row, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.chapters.setCurrentRow(0)

    def _show(self, number: int) -> None:
        page = self._pages[number]
        self.text.setSearchPaths([str(page.path.parent)])
        self.text.setMarkdown(page.text)
        self.text.document().setDocumentMargin(GAP_L)
        self._space_paragraphs()

    def _space_paragraphs(self) -> None:
        """Add space between paragraphs, which Qt's Markdown import omits."""
        block = self.text.document().begin()
        while block.isValid():
            block_format = block.blockFormat()
            block_format.setBottomMargin(GAP_M)
            QTextCursor(block).setBlockFormat(block_format)
            block = block.next()
