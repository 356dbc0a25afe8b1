"""Help inside the program: what to do, step by step, and what the pictures mean."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from spineviewer.errors import SpineViewerError
from spineviewer.gui.language import tr
from spineviewer.gui.theme import GAP_L, GAP_XL
from spineviewer.resources import assets_dir
from spineviewer.wording import mark

CHAPTERS = (
    (
        mark("First steps"),
        mark("""
## First steps

1. **Open** a scan: *File > Open scan*, a DICOM folder, or drop it onto the window.
2. **Segment spine** (S). The heatmap comes first, then the mask, slab by slab. You can read on meanwhile.
3. **Shape the mask**: lower the *attention threshold* (,) until processes and ends are whole; raise it (.) when ribs or pelvis
   come in.
4. **Check** it: F3 goes through the doubtful places.
5. **Correct** what is left with brush (A), eraser (E) or an outline (Q).
6. **Export** (Ctrl+E) or write a **report** (Ctrl+R).

Everything can be found by a few letters: **Ctrl+Shift+P**.
"""),
    ),
    (
        mark("Reading a scan"),
        mark("""
## Reading

- Wheel or arrow keys: slice. Left button: the chosen tool, window and level at first. Middle: pan. Right: zoom.
- A click moves the crosshair; Shift and moving lets it follow the pointer.
- Digits 1 to 5: grey-scale windows. I: slab of several slices. F: one view large. Ctrl+1 to Ctrl+6: layouts.
- Ctrl+Tab: the next open scan. Each comes back as it was left.
- Patient's right is on the left of the screen. Where the file does not say, no letters are drawn.
"""),
    ),
    (
        mark("The maps"),
        mark("""
## The maps over the scan

- **Attention**: where the first network sees the spine. The yellow line is the threshold.
- **Bone probability**: how sure the second network is that a voxel is bone.
- **Disagreement**: bone of the second network where the first sees no spine. Ribs and pelvis glow, and so does what a threshold
  that is too high cuts off.
- **Doubtful regions**: where the second network is undecided, inside the spine.
- **Hatched**: not computed. It says nothing about bone.

Shift+J goes from map to map. Ctrl+T shows the mask of the thresholds before, and the same key goes back.
"""),
    ),
    (
        mark("Correcting"),
        mark("""
## Correcting

Corrections are a layer of their own: moving a slider loses none of them.

- **Brush and eraser** (A, E): a ball, or this slice only; [ and ] change the size; *Only from ... to ... HU* limits what is
  touched.
- **Outline and cut out** (Q, Shift+Q): draw round what to add or take in this slice.
- **Fill between** (U): carries what was drawn in two slices over to those between.
- **Remove a piece** (Shift+E), **keep only a piece**: click it.
- **Grow, shrink, smooth, fill holes**: the whole mask; the spinal canal stays open.
- Ctrl+Z and Ctrl+Y go through every step. Work is kept on the disk while you go on.
"""),
    ),
    (
        mark("Many scans"),
        mark("""
## Many scans

*File > Segment many scans* takes files, folders, or a text file with one scan a line. It runs in the background, writes a mask
for each scan and a table (CSV and JSON), and goes on where it was stopped. The same on the command line:
`spineviewer batch LIST`.
"""),
    ),
    (
        mark("Limits"),
        mark("""
## Limits

- For research. **Not a medical device**: do not base a diagnosis or treatment on it.
- Bone cement and metal are rare in what the networks learnt from; the first and last vertebra of a field of view may be
  incomplete.
- A mask that touches the edge of the scan has an incomplete volume; the program says so.
- Nothing leaves this computer: the program opens no network connection.
"""),
    ),
)


#: Of the computed scan, made by `assets/pictures.py --help-pictures`; without words, so that they serve every language.
_PICTURES = {"First steps": "segmented.jpg", "The maps": "maps.jpg", "Correcting": "correcting.jpg"}


def _pictures_folder() -> Path | None:
    try:
        folder = assets_dir() / "help"
    except SpineViewerError:
        return None
    return folder if folder.is_dir() else None


class HelpSheet(QDialog):
    """Chapters on the left, text on the right."""

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
        self._has_pictures = _pictures_folder() is not None
        if (folder := _pictures_folder()) is not None:
            self.text.setSearchPaths([str(folder)])
        for title, _ in CHAPTERS:
            chapter = QListWidgetItem(tr(title))
            chapter.setSizeHint(QSize(0, 30))
            self.chapters.addItem(chapter)
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
        title, text = CHAPTERS[number]
        picture = _PICTURES.get(title)
        self.text.setMarkdown(tr(text) + (f"\n![{tr(title)}]({picture})\n" if picture is not None and self._has_pictures else ""))
        self.text.document().setDocumentMargin(GAP_L)
