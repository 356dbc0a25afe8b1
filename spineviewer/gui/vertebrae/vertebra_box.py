"""The list of vertebrae in the panel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.naming_check import basis_of_names
from spineviewer.gui.kit.focus import confine_delete_keys
from spineviewer.gui.kit.icons import level_icon
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_label, without_margins
from spineviewer.gui.kit.theme import GAP_M, colours
from spineviewer.gui.viewing.value_readout import position_text
from spineviewer.labelling.cut_parts import CutParts
from spineviewer.labelling.vertebrae import (
    ARCH_ALONE,
    CERTAIN,
    Vertebra,
    Vertebrae,
    neighbour_remark,
)
from spineviewer.volume.levels import VERSE_ORDER
from spineviewer.wording import enumerated, formatted_number, mark

_NAME, _PROBABILITY, _VOLUME, _NOTE = range(4)
_BY_HAND_TIP = mark(
    "You set this name, or it follows from a vertebra that you named, split or merged."
)
_CUT_NOTES = {
    CutParts.BODY: mark("partial"),
    CutParts.RIM: mark("rim cut off"),
    CutParts.ARCH: mark("arch cut off"),
    CutParts.TIP: mark("tip cut off"),
}
_ROW_PX, _HEADER_PX, _MIN_ROWS = 25, 34, 9


class LevelField(QLineEdit):
    """A field for the name of a level; Escape clears and leaves it."""

    escaped = Signal()

    def event(self, event: QEvent) -> bool:
        """Claim Escape, which is otherwise the shortcut of a command."""
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


class VertebraBox(QWidget):
    """Lists the vertebrae from head to foot; emits signals to go to one or to rename it.

    Thread ownership: GUI thread.
    """

    #: The `Vertebra` to go to.
    go_requested = Signal(object)
    #: The `Vertebra` to name.
    name_requested = Signal(object)
    #: The name of the level to go to.
    level_requested = Signal(str)
    #: The keyboard focus may return to the views.
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vertebrae: Vertebrae | None = None
        self._by_hand: frozenset[str] = frozenset()
        self._row_count = 0
        self._is_current = True
        self.hint = styled_label("faint", is_wrapped=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        # always two lines, so that the list does not move when the text changes
        self.hint.setMinimumHeight(2 * self.hint.fontMetrics().lineSpacing())
        self.level = LevelField()
        self.level.setPlaceholderText(tr("L1…"))
        self.level.setMaximumWidth(72)
        self.level.setToolTip(tr("Go to level: type a name such as L1, then press Enter (Ctrl+G)"))
        self.level.setAccessibleName(tr("Go to level"))
        self.level.returnPressed.connect(self._go_to_typed)
        self.level.escaped.connect(self.finished)
        self.list = QTreeWidget()
        self.list.setHeaderLabels([tr("Name"), tr("Probability"), tr("Volume"), ""])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(tr("Vertebrae"))
        self.list.setToolTip(tr("Vertebrae: click to go there, double-click to rename (F4)"))
        self.list.setStyleSheet(
            "QTreeWidget, QHeaderView { font-size: 12px; } QTreeWidget::item, "
            "QHeaderView::section { padding: 4px 1px; }"
        )
        self.list.setSizeAdjustPolicy(QTreeWidget.SizeAdjustPolicy.AdjustToContents)
        header = self.list.header()
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.list.itemClicked.connect(lambda item: self.go_requested.emit(self._vertebra_for(item)))
        self.list.itemActivated.connect(
            lambda item: self.go_requested.emit(self._vertebra_for(item))
        )
        confine_delete_keys(self.list)
        self.list.itemDoubleClicked.connect(
            lambda item: self.name_requested.emit(self._vertebra_for(item))
        )
        layout = without_margins(QVBoxLayout(self), GAP_M)
        layout.addWidget(self.hint)
        layout.addWidget(self.list)
        self.hide()

    def show_vertebrae(
        self,
        vertebrae: Vertebrae | None,
        is_naming: bool,
        at_crosshair: Vertebra | None,
        is_current: bool = True,
        by_hand: frozenset[str] = frozenset(),
    ) -> None:
        """Show the vertebrae, whether naming is in progress, and the one at the crosshair.

        The vertebrae are fainter while they belong to an earlier mask (not `is_current`). `by_hand`
        contains the names that depend on the user's corrections.
        """
        self.setVisible(vertebrae is not None or is_naming)
        if vertebrae is not self._vertebrae or by_hand != self._by_hand:
            self._by_hand = by_hand
            if not _are_of_same_scan(vertebrae, self._vertebrae):
                self._row_count = 0
            self._vertebrae = vertebrae
            self._fill()
            self._is_current = True
        if is_current != self._is_current:
            self._is_current = is_current
            self._set_colours()
        self.hint.setText(_hint(vertebrae, is_naming, is_current))
        self.level.setEnabled(bool(vertebrae))
        with QSignalBlocker(self.list):
            is_listed = vertebrae is not None and at_crosshair in vertebrae.all
            number = vertebrae.all.index(at_crosshair) if vertebrae and is_listed else -1
            self.list.setCurrentItem(self.list.topLevelItem(number) if number >= 0 else None)  # type: ignore[arg-type]

    def ask_for_level(self) -> None:
        """Let the user type the name of a level."""
        self.level.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.level.selectAll()

    def _go_to_typed(self) -> None:
        self.level_requested.emit(self.level.text())
        self.level.clear()
        self.finished.emit()

    def _vertebra_for(self, item: QTreeWidgetItem) -> Vertebra:
        assert self._vertebrae is not None
        return self._vertebrae.all[self.list.indexOfTopLevelItem(item)]

    def _set_colours(self) -> None:
        """Show the list fainter if it is not current."""
        brush = QBrush() if self._is_current else QBrush(QColor(colours().quiet))
        for number in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(number)
            assert item is not None
            for column in range(self.list.columnCount()):
                item.setForeground(column, brush)

    def _fill(self) -> None:
        self.list.clear()
        is_oriented = self._vertebrae is None or self._vertebrae.naming.is_orientation_known
        for vertebra in self._vertebrae or ():
            is_by_hand = vertebra.name in self._by_hand
            probability = tr("by hand") if is_by_hand else _probability(vertebra)
            item = QTreeWidgetItem(
                [
                    vertebra.name,
                    probability,
                    tr(formatted_number(vertebra.volume_ml, ".1f", "ml")),
                    _note(vertebra),
                ]
            )
            item.setIcon(_NAME, level_icon(vertebra.label))
            item.setToolTip(_NAME, _name_tip(vertebra, is_orientation_known=is_oriented))
            item.setToolTip(_NOTE, _note_tip(vertebra))
            if is_by_hand:
                item.setToolTip(_PROBABILITY, tr(_BY_HAND_TIP))
            item.setData(
                _NAME,
                Qt.ItemDataRole.AccessibleTextRole,
                f"{vertebra.name}, {probability}, {_note(vertebra)}",
            )
            for column in (_PROBABILITY, _VOLUME):
                item.setTextAlignment(
                    column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )
            self.list.addTopLevelItem(item)
        # the list never shrinks, so that the sliders below it do not move while they are dragged
        count = self._row_count = max(self._row_count, self.list.topLevelItemCount())
        self.list.setVisible(count > 0)
        self.list.setMinimumHeight(min(count, _MIN_ROWS) * _ROW_PX + _HEADER_PX)
        self.list.setMaximumHeight(count * _ROW_PX + _HEADER_PX)


def _are_of_same_scan(new: Vertebrae | None, old: Vertebrae | None) -> bool:
    return new is not None and old is not None and new.geometry == old.geometry


def _hint(vertebrae: Vertebrae | None, is_naming: bool, is_current: bool) -> str:
    """Return the text above the list: the state of naming, or what the names are based on."""
    if is_naming:
        return tr("Naming the vertebrae…")
    if vertebrae is None or not len(vertebrae):
        return tr("No vertebra was found in the mask.")
    if not is_current:
        return tr("Outdated: the names belong to an earlier mask.")
    naming = vertebrae.naming
    return ", ".join([tr(basis_of_names(naming)), *map(tr, naming.anomalies)])


def _probability(vertebra: Vertebra) -> str:
    sign = "" if vertebra.probability >= CERTAIN else " ?"
    return tr(formatted_number(100 * vertebra.probability, ".0f", "%")) + sign


def _name_tip(vertebra: Vertebra, *, is_orientation_known: bool) -> str:
    """Return where the vertebra is, and what a click does."""
    centre, wall = (
        position_text(point, is_orientation_known=is_orientation_known)
        for point in (vertebra.centre_in_view_lps_mm, vertebra.canal_side_lps_mm)
    )
    if not vertebra.is_body_in_view:
        lines = [tr("A point in the arch: {point} mm", point=centre)]
    elif vertebra.label == VERSE_ORDER[0]:  # C1 has no body
        lines = [tr("Centre: {point} mm", point=centre)]
    else:
        lines = [
            tr("Centre of the body: {point} mm", point=centre),
            tr("Middle of its posterior wall: {point} mm", point=wall),
        ]
    return "\n".join([*lines, tr("Click to go there, double-click to rename (F4)")])


def _note(vertebra: Vertebra) -> str:
    if vertebra.is_recovered:
        return tr("recovered")
    for part, note in _CUT_NOTES.items():  # the most important one
        if part in vertebra.cut:
            return tr(note)
    if vertebra.may_include:
        return tr("with {level}?", level=tr(enumerated(vertebra.may_include)))
    return ""


def _note_tip(vertebra: Vertebra) -> str:
    if vertebra.is_recovered:
        return tr(
            "Not in the mask: outlined using a lower bone-probability threshold. Check the outline."
        )
    if not vertebra.is_body_in_view:
        return tr(ARCH_ALONE)
    sentences = []
    if vertebra.cut:
        sentences.append(tr(vertebra.cut.sentence))
        sentences.append(tr("Its volume is incomplete."))
    if vertebra.may_include:
        sentences.append(tr(neighbour_remark(vertebra)))
    return "\n".join(sentences)
