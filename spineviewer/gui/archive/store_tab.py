"""The local store of retrieved studies: limits, retrieval settings and contents."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.archiving.study_store import StudyStore
from spineviewer.app.settings_store import SettingsStore
from spineviewer.gui.kit.dialogs import confirm
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import plain_table, styled_label
from spineviewer.gui.kit.subscriptions import Subscriptions
from spineviewer.gui.kit.theme import GAP_L, GAP_M
from spineviewer.wording import formatted_number

_UID = Qt.ItemDataRole.UserRole
_MB_PER_GB = 1000


class StoreTab(QWidget):
    """Shows the store, sets its limits and deletes studies from it.

    Thread ownership: GUI thread.
    """

    def __init__(
        self,
        store: StudyStore,
        settings: SettingsStore,
        subscriptions: Subscriptions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._settings = settings
        self.folder = styled_label(
            "quiet", tr("Studies are stored in {folder}", folder=store.folder), is_wrapped=True
        )
        self.folder.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._make_limits()
        self.apply_button = QPushButton(tr("Apply"))
        self.apply_button.setEnabled(False)
        self.table = plain_table(
            [tr("Study"), tr("Series"), tr("Size"), tr("Received")], tr("Studies on this computer")
        )
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.summary = styled_label("quiet")
        self.delete_button = QPushButton(tr("Delete…"))
        self.delete_button.setToolTip(
            tr("Delete the selected studies, their thumbnails and your saved work on them")
        )
        self.delete_all_button = QPushButton(tr("Delete all…"))
        self._lay_out()
        for field in (self.gigabytes, self.days, self.at_once):
            field.valueChanged.connect(lambda: self.apply_button.setEnabled(True))
        self.apply_button.clicked.connect(self._apply)
        self.table.itemSelectionChanged.connect(self._update_enabled)
        self.delete_button.clicked.connect(lambda: self._delete(self._chosen))
        self.delete_all_button.clicked.connect(
            lambda: self._delete([study.uid for study in self._store.studies])
        )
        subscriptions.add(store.changed, self._show_studies)
        self._show_studies()
        store.list()

    def _make_limits(self) -> None:
        current = self._settings.current
        self.gigabytes = QSpinBox()
        self.gigabytes.setRange(0, 100_000)
        self.gigabytes.setSuffix(" GB")
        self.gigabytes.setSpecialValueText(tr("No limit"))
        self.gigabytes.setValue(-(-current.store_megabytes // _MB_PER_GB))
        self.gigabytes.setToolTip(tr("The oldest studies are deleted to make room for new ones"))
        self.days = QSpinBox()
        self.days.setRange(0, 36_500)
        self.days.setSpecialValueText(tr("Never"))
        self._show_unit_of_days(current.store_days)
        self.days.setValue(current.store_days)
        self.days.valueChanged.connect(self._show_unit_of_days)
        self.at_once = QSpinBox()
        self.at_once.setRange(1, 16)
        self.at_once.setValue(current.retrievals_at_once)
        self.at_once.setToolTip(tr("Number of studies to retrieve at the same time"))

    def _lay_out(self) -> None:
        limits = QGridLayout()
        limits.setHorizontalSpacing(GAP_M)
        fields = (
            (tr("Maximum size"), self.gigabytes),
            (tr("Delete after"), self.days),
            (tr("Simultaneous retrievals"), self.at_once),
        )
        for column, (name, field) in enumerate(fields):
            label = QLabel(name)
            label.setBuddy(field)
            field.setAccessibleName(name)
            field.setMinimumWidth(110)
            limits.addWidget(label, 0, column)
            limits.addWidget(field, 1, column)
        limits.addWidget(self.apply_button, 1, len(fields))
        limits.setColumnStretch(len(fields) + 1, 1)
        bottom = QHBoxLayout()
        bottom.setSpacing(GAP_M)
        bottom.addWidget(self.summary, 1)
        bottom.addWidget(self.delete_button)
        bottom.addWidget(self.delete_all_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_L, GAP_L, GAP_L, GAP_L)
        layout.setSpacing(GAP_L)
        layout.addWidget(self.folder)
        layout.addLayout(limits)
        layout.addWidget(self.table, 1)
        layout.addLayout(bottom)

    def _show_unit_of_days(self, count: int) -> None:
        self.days.setSuffix(tr(" day") if count == 1 else tr(" days"))

    @property
    def _chosen(self) -> list[str]:
        rows = {index.row() for index in self.table.selectedIndexes()}
        items = [self.table.item(row, 0) for row in sorted(rows)]
        return [str(item.data(_UID)) for item in items if item is not None]

    def _show_studies(self) -> None:
        studies = self._store.studies[::-1]  # newest first
        self.table.setRowCount(len(studies))
        for row, study in enumerate(studies):
            when = QDateTime.fromSecsSinceEpoch(int(study.arrived_s))
            texts = (
                tr(self._store.title(study.uid)),
                str(len(study.series_uids)),
                tr(formatted_number(study.size_bytes / 1e6, ".0f", "MB")),
                QLocale().toString(when, "yyyy-MM-dd HH:mm"),
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(study.uid if column == 0 else text)
                item.setData(_UID, study.uid)
                self.table.setItem(row, column, item)
        total_gb = sum(study.size_bytes for study in studies) / 1e9
        self.summary.setText(
            tr("%n stud(y|ies), {size_gb:.1f} GB", "", len(studies), size_gb=total_gb)
            if studies
            else tr("There are no studies on this computer.")
        )
        self._update_enabled()

    def _update_enabled(self) -> None:
        self.delete_button.setEnabled(bool(self._chosen))
        self.delete_all_button.setEnabled(bool(self._store.studies))

    def _apply(self) -> None:
        self._store.set_limits(
            megabytes=self.gigabytes.value() * _MB_PER_GB, days=self.days.value()
        )
        self._settings.update(retrievals_at_once=self.at_once.value())
        self.apply_button.setEnabled(False)

    def _delete(self, uids: list[str]) -> None:
        question = tr(
            "Delete %n stud(y|ies) from this computer, including thumbnails and "
            "your saved work? Archives will not be changed.",
            "",
            len(uids),
        )
        if confirm(self, tr("Delete studies"), question):
            self._store.delete(uids)
