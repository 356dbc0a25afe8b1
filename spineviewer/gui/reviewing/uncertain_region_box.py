"""The panel's list of uncertain regions."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.checklist import CheckedRegion, Checklist
from spineviewer.app.region_search import UncertainRegion
from spineviewer.gui.kit.elided_label import ElidedLabel
from spineviewer.gui.kit.focus import confine_delete_keys
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_button, styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_M

#: Number of rows visible without scrolling. It never changes, so that the sliders below do not move
#: while they are dragged.
_ROWS, _ROW_PX = 6, 28


class UncertainRegionBox(QWidget):
    """The checklist of uncertain regions; a click on one requests that the views show it.

    Thread ownership: GUI thread.
    """

    #: Number of the region to show.
    chosen = Signal(int)
    #: The user ticked or unticked a region: its number, and whether it was seen.
    ticked = Signal(int, bool)
    end_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._checklist: Checklist | None = None
        self.hint = styled_label("faint")
        self.close_button = styled_button("plain", tr("Close"))
        self.close_button.clicked.connect(self.end_requested)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Uncertain regions"))
        self.list.setStyleSheet("QListWidget { font-size: 12px; }")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # the size is at the end
        self.list.setToolTip(
            tr(
                "Click a region to go there, and tick it once you have seen it; F3 ticks it "
                "and goes to the next"
            )
        )
        self.list.itemClicked.connect(lambda item: self.chosen.emit(self.list.row(item)))
        self.list.itemActivated.connect(lambda item: self.chosen.emit(self.list.row(item)))
        self.list.itemChanged.connect(self._on_changed)
        confine_delete_keys(self.list)
        self.list.setFixedHeight(_ROWS * _ROW_PX + 6)
        self.signature = ElidedLabel("good", lines=2)  # always takes up its space
        layout = without_margins(QVBoxLayout(self), GAP_M)
        layout.addWidget(self.hint)
        layout.addWidget(self.list)
        layout.addWidget(self.signature)
        self.hide()

    def show_checklist(self, checklist: Checklist | None, mask_content: str = "") -> None:
        """Show the list, its ticks and the current region; `mask_content` identifies the mask."""
        self.setVisible(checklist is not None and checklist.is_shown)
        if checklist is not None:
            self._show_signature(checklist, mask_content)
        if checklist is None or checklist == self._checklist:
            self._checklist = checklist
            return
        regions = checklist.regions
        with QSignalBlocker(self.list):
            if self._checklist is None or self._checklist.regions != regions:
                self.list.clear()
                for region in regions:
                    self.list.addItem(_item(region))
            self.list.setCurrentRow(checklist.current)
        self._checklist = checklist
        self.hint.setText(_counts(checklist))

    def _show_signature(self, checklist: Checklist, mask_content: str) -> None:
        """Show who saw all regions, and whether the mask has changed since."""
        text, role = _signature(checklist), "good"
        if text and checklist.is_outdated(mask_content):
            text, role = tr("{signature}. The mask has changed since.", signature=text), "warn"
        self.signature.show_text(text)
        if self.signature.property("role") != role:
            self.signature.setProperty("role", role)
            self.signature.style().polish(self.signature)

    def _on_changed(self, item: QListWidgetItem) -> None:
        self.ticked.emit(self.list.row(item), item.checkState() is Qt.CheckState.Checked)


def _item(region: CheckedRegion) -> QListWidgetItem:
    place = region.uncertain_region
    text = f"{_kind_text(place)}   {tr(place.size)}"
    item, font = QListWidgetItem(text), QFont()
    font.setStrikeOut(region.is_gone)
    item.setFont(font)
    whole = tr("{region}, no longer uncertain", region=text) if region.is_gone else text
    item.setToolTip(whole)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, whole)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Checked if region.is_seen else Qt.CheckState.Unchecked)
    return item


def _counts(checklist: Checklist) -> str:
    """Return how many regions were seen, and how many are no longer uncertain."""
    gone = sum(region.is_gone for region in checklist.regions)
    count = len(checklist.regions) - gone
    parts = [tr("{seen} of %n seen", "", count, seen=checklist.seen_count)] if count else []
    if gone:
        parts.append(tr("%n no longer uncertain", "", gone))
    return ", ".join(parts) or tr("nothing found")


def _kind_text(place: UncertainRegion) -> str:
    """Return why a region is listed or, if its level is uncertain, which levels it may be."""
    if not place.levels:
        return tr(place.kind.value)
    first, second = place.levels
    return tr("Level: {first} or {second}?", first=first, second=second)


def _signature(checklist: Checklist) -> str:
    """Return who ticked the last region and when; empty until all have been seen."""
    if not checklist.is_done or not checklist.seen_at:
        return ""
    when = QLocale().toString(
        QDateTime.fromString(checklist.seen_at, Qt.DateFormat.ISODate), tr("d MMM yyyy, HH:mm")
    )
    if not checklist.seen_by:
        return tr("All seen, {when}", when=when)
    return tr("All seen; last ticked by {name}, {when}", name=checklist.seen_by, when=when)
