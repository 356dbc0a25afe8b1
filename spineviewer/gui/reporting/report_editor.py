"""The editor of a report's findings, impression and key images."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import (
    QEvent,
    QKeyCombination,
    QObject,
    QSignalBlocker,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.level_mentions import outdated_levels
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.report import HEADINGS, ReportImage
from spineviewer.app.report_draft import KeyImage, ReportDraft
from spineviewer.app.settings_store import SettingsStore
from spineviewer.gui.kit.dialogs import ask_for_text
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.icons import untinted
from spineviewer.gui.kit.language import language, tr
from spineviewer.gui.kit.styled import styled_label
from spineviewer.gui.kit.theme import GAP_M, GAP_S

_ICON = QSize(96, 72)
#: Shortcut for Redo in a text field; on Linux, Qt itself supports only Ctrl+Shift+Z.
_REDO = QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_Y)
#: Delay before key images are redrawn after the last change to the mask or the measurements.
_REDRAW_MS = 400
#: Height of drawn key images: twice the icon height, for high-resolution screens.
_DRAWN_PX = 2 * _ICON.height()
#: Minimum width of the editor at which key images are beside the text.
_WIDE_PX = 640


class ReportEditor(QWidget):
    """Edits the text and key images of one scan's report; every change goes to the scan's draft.

    Thread ownership: GUI thread.

    Parameters
    ----------
    draw
        Returns a key image as it will appear in the report, with the given height in pixels.
    """

    #: Name of a template to delete.
    template_delete_requested = Signal(str)

    def __init__(
        self,
        scan: OpenScan,
        settings: SettingsStore,
        draw: Callable[[KeyImage, int], ReportImage],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._scan, self._settings, self._draw = scan, settings, draw
        self._shown: tuple[KeyImage, ...] = ()
        self.findings, self.impression = _text_field(HEADINGS[0]), _text_field(HEADINGS[1])
        for field in (self.findings, self.impression):
            field.textChanged.connect(self._write)
            field.installEventFilter(self)
        self.templates = QPushButton(tr("Templates"))
        self.templates.setToolTip(tr("Insert, save and delete your own templates in this language"))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.templates.setMenu(self._menu)
        self.copy = QPushButton(tr("Copy text"))
        self.copy.setToolTip(tr("Copy findings and impression as plain text for the RIS"))
        self.copy.clicked.connect(self._copy)
        self._by_key: dict[str, Callable[[], None]] = {
            "Del": self._remove,
            "Ctrl+Up": partial(self._move, -1),
            "Ctrl+Down": partial(self._move, 1),
        }
        self.images = self._make_image_list()
        self.up = _button(tr("Move up"), partial(self._move, -1))
        self.down = _button(tr("Move down"), partial(self._move, 1))
        self.remove = _button(tr("Remove"), self._remove)
        self._no_images = styled_label(
            "quiet", tr("Press K in a view to add its image with measurements."), is_wrapped=True
        )
        self.outdated = ElidedLabel("warn", lines=3)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self._redraw_images)
        self._lay_out()
        self.show_draft(scan.parts.draft)

    def _make_image_list(self) -> QListWidget:
        images = QListWidget()
        images.setAccessibleName(tr("Key images"))
        images.setToolTip(
            tr("Double-click to change the caption; drag or use Ctrl+Up and Ctrl+Down to reorder")
        )
        images.setIconSize(_ICON)
        images.setWordWrap(True)
        images.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        images.itemChanged.connect(self._on_caption)
        images.currentRowChanged.connect(self._update_controls)
        images.model().rowsMoved.connect(lambda: QTimer.singleShot(0, self, self._store_order))
        images.installEventFilter(self)
        return images

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.addWidget(_label(tr(HEADINGS[0]), self.findings), 1)
        heading.addWidget(self.templates)
        heading.addWidget(self.copy)
        texts = QVBoxLayout()
        texts.setSpacing(GAP_S)
        texts.addWidget(self.outdated)
        texts.addLayout(heading)
        texts.addWidget(self.findings, 3)
        texts.addWidget(_label(tr(HEADINGS[1]), self.impression))
        texts.addWidget(self.impression, 2)
        buttons = QHBoxLayout()
        for button in (self.up, self.down, self.remove):
            buttons.addWidget(button)
        pictures = QVBoxLayout()
        pictures.setSpacing(GAP_S)
        pictures.addWidget(_label(tr("Key images"), self.images))
        pictures.addWidget(self._no_images)
        pictures.addWidget(self.images, 1)
        pictures.addLayout(buttons)
        pictures.addStretch()
        self._row = row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(texts, 3)
        row.addLayout(pictures, 2)
        row.setSpacing(GAP_M)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the key images below the text if there is no room beside them."""
        super().resizeEvent(event)
        is_wide = self.width() >= _WIDE_PX
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        direction = across if is_wide else down
        if direction is not self._row.direction():
            self._row.setDirection(direction)
            self.updateGeometry()  # text above images needs more height

    def hasHeightForWidth(self) -> bool:
        """Return False, so that the text fields shrink before the dialog has to scroll."""
        return False

    # display

    def show_draft(self, draft: ReportDraft) -> None:
        """Show the draft without moving the cursor in the text that is being edited."""
        for field, text in (
            (self.findings, draft.findings),
            (self.impression, draft.impression),
        ):
            if field.toPlainText() != text:
                with QSignalBlocker(field):
                    field.setPlainText(text)
        outdated = outdated_levels(self._scan.parts)
        self.outdated.show_text(tr(outdated))
        self.outdated.setVisible(bool(outdated))
        if draft.images != self._shown:
            self._show_images(draft.images)
        self._update_controls()

    def _show_images(self, images: tuple[KeyImage, ...]) -> None:
        """Show the images; items are reused, because one may have sent the current signal."""
        row, self._shown = self.images.currentRow(), images
        with QSignalBlocker(self.images):
            while self.images.count() > len(images):
                self.images.takeItem(self.images.count() - 1)
            while self.images.count() < len(images):
                self.images.addItem(QListWidgetItem())
            for number, image in enumerate(images):
                picture, item = self._draw(image, _DRAWN_PX), self.images.item(number)
                item.setIcon(untinted(_pixmap(picture)))
                item.setText(picture.caption)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
                item.setData(Qt.ItemDataRole.UserRole, number)
            self.images.setCurrentRow(min(row, len(images) - 1))

    def redraw_soon(self) -> None:
        """Redraw the key images once the mask and the measurements have stopped changing."""
        if self._shown:
            self._redraw.start()

    def _redraw_images(self) -> None:
        if self._scan.is_open:
            self._show_images(self._shown)

    def _update_controls(self) -> None:
        row, count = self.images.currentRow(), self.images.count()
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < count - 1)
        self.remove.setEnabled(row >= 0)
        self._no_images.setVisible(not count)
        for widget in (self.images, self.up, self.down, self.remove):
            widget.setVisible(count > 0)
        self._row.setStretch(1, 2 if count else 0)  # without images, the text takes all the space

    # text

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """End an editing step when the focus moves away; handle keys in text and images."""
        if event.type() is QEvent.Type.FocusOut:
            self.end_writing()
        if isinstance(event, QKeyEvent) and isinstance(watched, QPlainTextEdit):
            if event.keyCombination() == _REDO and event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.keyCombination() == _REDO and event.type() is QEvent.Type.KeyPress:
                watched.redo()
                return True
        if isinstance(event, QKeyEvent) and watched is self.images:
            keys = QKeySequence(event.keyCombination())
            run = self._by_key.get(keys.toString(QKeySequence.SequenceFormat.PortableText))
            if run is not None and event.type() is QEvent.Type.ShortcutOverride:
                event.accept()  # the key must not also trigger a command of the window
                return True
            if run is not None and event.type() is QEvent.Type.KeyPress:
                run()
                return True
        return super().eventFilter(watched, event)

    def end_writing(self) -> None:
        """Store the edited text as one step in the scan's history."""
        if self._scan.is_open:
            self._scan.drafts.end_writing()

    def _write(self) -> None:
        self._scan.drafts.write(self.findings.toPlainText(), self.impression.toPlainText())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._scan.reports.as_text())

    # images

    def _move(self, step: int) -> None:
        row = self.images.currentRow()
        if 0 <= row + step < self.images.count() and row >= 0:
            self._scan.drafts.move_image(row, row + step)
            self.images.setCurrentRow(row + step)

    def _remove(self) -> None:
        row = self.images.currentRow()
        if row >= 0:
            self._scan.drafts.remove_image(row)

    def _store_order(self) -> None:
        """Store the new order of images after a drag."""
        order = [
            int(self.images.item(row).data(Qt.ItemDataRole.UserRole))
            for row in range(self.images.count())
        ]
        row = next((row for row, number in enumerate(order) if number != row), None)
        if row is None:
            return
        is_moved_up = order[row] != row + 1  # otherwise the image before it was moved down
        moved = order[row] if is_moved_up else row
        self._scan.drafts.move_image(moved, order.index(moved))

    def _on_caption(self, item: QListWidgetItem) -> None:
        number = self.images.row(item)
        if item.text().strip() != self._shown[number].caption:
            self._scan.drafts.set_caption(number, item.text())

    # templates

    def _fill_menu(self) -> None:
        self._menu.clear()
        templates = self._settings.templates(language())
        for name, texts in templates.items():
            self._menu.addAction(name, partial(self._insert, *texts))
        if templates:
            self._menu.addSeparator()
        self._menu.addAction(tr("Save as template…"), self._save_template)
        if templates:
            delete = self._menu.addMenu(tr("Delete template"))
            for name in templates:
                delete.addAction(name, partial(self.template_delete_requested.emit, name))

    def _insert(self, findings: str, impression: str) -> None:
        """Insert a template at the cursors of both fields."""
        for field, text in ((self.findings, findings), (self.impression, impression)):
            if text:
                field.insertPlainText(text)
        self.end_writing()

    def _save_template(self) -> None:
        name = ask_for_text(self, tr("Save as template…"), tr("Name"))
        if name is not None:
            findings, impression = self.findings.toPlainText(), self.impression.toPlainText()
            self._settings.save_template(language(), name, findings, impression)


def _text_field(heading: str) -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setAccessibleName(tr(heading))
    field.setTabChangesFocus(True)
    field.setMinimumHeight(60)
    return field


def _label(text: str, field: QWidget) -> QLabel:
    label = styled_label("section", text)
    label.setBuddy(field)
    return label


def _button(text: str, run: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.clicked.connect(lambda: run())
    return button


def _pixmap(picture: ReportImage) -> QPixmap:
    pixmap = QPixmap()
    pixmap.loadFromData(picture.png)
    return pixmap
